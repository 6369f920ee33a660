"""Berth plans by files: the registers that `sisterport shorepower match` kept, judged for the calls of a plan."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.berths.ashore import join_verdicts, stays_planned
from sisterport.project.ashore_read import if_there
from sisterport.project.berths_read import Coming
from sisterport.project.steps import frame, manifest_of
from sisterport.shorepower.match import match_prepared
from sisterport.shorepower.prepare import prepare
from sisterport.tables import empty

MATCH = "sisterport shorepower match {} --inlets ... --outlets ..."


def verdicts_in(folder: Path | None) -> Path | None:
    """Return the file with the verdicts of a folder."""
    return None if folder is None else folder / "verdicts.parquet"


def with_shore_power(
    coming: Coming, berths: pl.DataFrame, pairs: pl.DataFrame | None, folder: Path | None
) -> tuple[Coming, pl.DataFrame, pl.DataFrame | None, list[str]]:
    """Return calls, berths, pairs and notes with verdicts by a folder's registers; as they were where none is given.

    Raises
    ------
    InputError
        If there are no verdicts in the folder, saying which command makes them.
    """
    if folder is None:
        return coming, berths, pairs, []
    frame(folder, "verdicts", MATCH)
    known: dict[str, Any] = {name: frame(folder, name, MATCH) for name in ("outlets", "inlets")}
    verdicts = _verdicts(coming, berths, pairs, folder, known)
    made = join_verdicts(coming.calls, berths, who=coming.who, pairs=pairs, verdicts=verdicts, **known)
    return replace(coming, calls=made.calls), made.berths, made.pairs, made.notes


def _verdicts(
    coming: Coming, berths: pl.DataFrame, pairs: pl.DataFrame | None, folder: Path, known: dict[str, Any]
) -> pl.DataFrame:
    """Return the verdicts of the folder's registers on the calls of a plan: for its hours, on its first day."""
    if coming.calls.is_empty():
        return empty("verdicts")
    said = manifest_of(folder, "match").get("options", {})
    registers = prepare(
        known["inlets"],
        known["outlets"],
        on=coming.calls["eta_utc"].dt.date().sort()[0],
        ships=if_there(folder, "matched_ships"),
        assessments=if_there(folder, "assessments"),
        demand=said.get("demand", "largest"),
    )
    stays = stays_planned(coming.calls, berths, who=coming.who, pairs=pairs).filter(
        pl.col("ship_id").is_in(registers.ships.implode()) & pl.col("berth_id").is_in(registers.berths.implode())
    )
    return match_prepared(registers, pairs=stays)
