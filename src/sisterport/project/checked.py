"""Hold the results of a period against every check."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.inventory.checks import check_inventory, made
from sisterport.voyages import AreaSet

_DM_PER_M = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What the position reports say beside where: their time, and the draughts of each ship."""

    first_utc: datetime
    last_utc: datetime
    draughts: pl.DataFrame


def reported(chunks: Iterable[pl.DataFrame]) -> Reported:
    """Return time and draughts of fixes; frames hold whole ships.

    Raises
    ------
    InputError
        If there is no fix.
    """
    first: list[int] = []
    last: list[int] = []
    draughts = [pl.DataFrame(schema={"mmsi": pl.Int64, "draught_min_m": pl.Float64, "draught_max_m": pl.Float64})]
    for fixes in chunks:
        if fixes.is_empty():
            continue
        first.append(int(fixes["t_s"].min()))  # type: ignore[arg-type]
        last.append(int(fixes["t_s"].max()))  # type: ignore[arg-type]
        known = fixes.filter(pl.col("draught_dm") > 0).group_by(pl.col("mmsi").cast(pl.Int64), maintain_order=True)
        draughts.append(
            known.agg(
                draught_min_m=pl.col("draught_dm").min() / _DM_PER_M,
                draught_max_m=pl.col("draught_dm").max() / _DM_PER_M,
            )
        )
    if not first:
        raise InputError("no positions: nothing to account for")
    return Reported(
        first_utc=datetime.fromtimestamp(min(first), UTC),
        last_utc=datetime.fromtimestamp(max(last), UTC),
        draughts=pl.concat(draughts),
    )


def check_period(
    segments: pl.DataFrame,
    emissions: pl.DataFrame,
    ships: pl.DataFrame,
    calls: pl.DataFrame,
    stops: pl.DataFrame,
    *,
    areas: AreaSet,
    seen: Reported,
    shore: pl.DataFrame | None,
    cells: pl.DataFrame,
) -> tuple[pl.DataFrame, int]:
    """Return the findings of a period, and how many checks were made."""
    span = (seen.first_utc, seen.last_utc)
    optional: dict[str, Any] = {
        "areas": areas.frame,
        "positions_span": span,
        "draughts": seen.draughts,
        "shore": shore,
        "cells": cells,
    }
    return check_inventory(segments, emissions, ships, calls, stops, **optional), made(**optional)


def counted(findings: pl.DataFrame, made_: int) -> str:
    """Return the number of findings in words.

    Examples
    --------
    >>> counted(pl.DataFrame({"severity": ["warn", "error", "warn"]}), 37)
    '37 checks made: 1 error, 2 warnings'
    >>> counted(pl.DataFrame({"severity": []}, schema={"severity": pl.String}), 37)
    '37 checks made: nothing found'
    """
    counts = {name: findings.filter(pl.col("severity") == name).height for name in ("error", "warn")}
    words = {"error": ("error", "errors"), "warn": ("warning", "warnings")}
    said = [f"{n} {words[name][n != 1]}" for name, n in counts.items() if n]
    return f"{made_} checks made: {', '.join(said) or 'nothing found'}"
