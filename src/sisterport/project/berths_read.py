"""What a berth plan is made from, read from files: calls from a list, a run or DCSA events; berths; ships coming."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from sisterport.berths import Weights
from sisterport.berths.sources import Planned, calls_announced, calls_that_happened, read_planned_calls
from sisterport.berths.visits import read_run_visits
from sisterport.errors import InputError, did_you_mean
from sisterport.exchange.dcsa_calls import read_dcsa_calls
from sisterport.fleet import particulars
from sisterport.tables import check, read_file

WHO = ("call_id_field", "imo", "mmsi", "name", "locode", "terminal")
"""Who a call is of, where the files tell it."""
OPTIONAL = ("pairs", "approaches", "closures", "tides")
"""Frames that a plan may do without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Calls to be planned.

    Attributes
    ----------
    calls
        Frame of the table ``berth_calls``.
    who
        Frame of the table ``announced_calls``: of each call at least the columns of `WHO`.
    times
        Frame of the table ``call_times``: what was said before; None where nobody said anything.
    berths
        Berths where these ships went; None where that is not known.
    left_out
        ``call_id, reason``: calls that cannot be planned.
    notes
        What a reader should know of them.
    """

    calls: pl.DataFrame
    who: pl.DataFrame
    times: pl.DataFrame | None = None
    berths: pl.DataFrame | None = None
    left_out: pl.DataFrame | None = None
    notes: list[str] = field(default_factory=list)


def read_calls(
    source: Path, *, moves_per_h: float | None = None, fixed_h: float = 0.0, handling_h: float | None = None
) -> Coming:
    """Return the calls in a list (CSV or Parquet), in DCSA events (.json) or in the folder of a run.

    Parameters
    ----------
    source
        Where they are.
    moves_per_h, fixed_h, handling_h
        How long announced calls take, see `sisterport.berths.sources.calls_announced`.

    Raises
    ------
    SisterportError
        If the file is wrong; every fault of it.
    """
    if source.is_dir():
        return _of_run(source)
    if source.suffix.lower() == ".json":
        return _of_events(source, moves_per_h=moves_per_h, fixed_h=fixed_h, handling_h=handling_h)
    raw = read_file(source)
    calls = read_planned_calls(raw)
    return Coming(calls=calls, who=_who(raw, "unknown"), notes=made_up(raw, "calls"))


def made_up(raw: pl.DataFrame, what: str) -> list[str]:
    """Return a note where rows say in a column ``source`` that they are made up.

    Examples
    --------
    >>> made_up(pl.DataFrame({"source": ["made up", "port office"]}), "calls")
    ['Made up: 1 of 2 rows of the calls, by their own source.']
    """
    said = (
        raw["source"].cast(pl.String).str.to_lowercase() if "source" in raw.columns else pl.Series([], dtype=pl.String)
    )
    count = int(said.str.starts_with("made up").sum() or 0)
    return [f"Made up: {count} of {raw.height} rows of the {what}, by their own source."] if count else []


def _of_run(folder: Path) -> Coming:
    visits = read_run_visits(folder).visits
    there = [*folder.glob("ships.parquet"), *folder.glob("*/ships.parquet")]
    ships = pl.concat([read_file(path) for path in sorted(there)]).unique("mmsi", keep="last", maintain_order=True)
    found = calls_that_happened(visits, ships=ships)
    ports = visits.select("call_id", "locode", "terminal").unique("call_id", keep="last", maintain_order=True)
    named = found.ships.join(ports, on="call_id", how="left", maintain_order="left")
    berths = check(found.ships.select("berth_id").drop_nulls().unique().sort("berth_id"), "berths")
    said = "Calls that happened, planned again as if their arrivals and their hours at berth had been known."
    return Coming(calls=found.calls, who=_who(named, "actual"), berths=berths, left_out=found.left_out, notes=[said])


def _who(rows: pl.DataFrame, state: str) -> pl.DataFrame:
    known = rows.select("call_id", *(name for name in WHO if name in rows.columns))
    return check(known.with_columns(state=pl.lit(state)), "announced_calls")


def _of_events(source: Path, **known: float | None) -> Coming:
    read = read_dcsa_calls(source)
    found: Planned = calls_announced(read.calls, **known)  # type: ignore[arg-type]
    counts = ", ".join(f"{number} {outcome}" for outcome, number in read.counts.iter_rows())
    refused = read.feedback.filter(pl.col("outcome") == "refused")
    notes = [f"Of the DCSA events: {counts}."]
    notes += [f"Refused, event {row['event']}: {row['message']}" for row in refused.iter_rows(named=True)]
    return Coming(calls=found.calls, who=read.calls, times=read.times, left_out=found.left_out, notes=notes)


def read_ships(source: Path) -> pl.DataFrame:
    """Return ships (table ``ships``): of a run, or from a register with mmsi, class and size.

    Raises
    ------
    SisterportError
        If there are none, or the file is wrong.
    """
    if source.is_dir():
        there = sorted([*source.glob("ships.parquet"), *source.glob("*/ships.parquet")])
        if not there:
            raise InputError(f"no ships.parquet in {source}, nor in a folder below")
        return check(pl.concat([read_file(path) for path in there]), "ships").unique("mmsi", maintain_order=True)
    raw = read_file(source)
    if "power_kw_source" in raw.columns:
        return check(raw, "ships")
    register = check(raw, "register")
    numbers = register.drop_nulls("mmsi").select("mmsi").unique(maintain_order=True)
    statics = numbers.with_columns(identities=pl.lit(1), positions=pl.lit(0))
    known: pl.DataFrame = particulars(check(statics, "statics"), register)
    return known


def read_optional(name: str, path: Path | None) -> pl.DataFrame | None:
    """Return one of the frames of `OPTIONAL`; None where it is not given."""
    return None if path is None else check(read_file(path), f"berth_{name}")


def weights_of(given: Sequence[str]) -> Weights:
    """Return weights from ``name=number``.

    Raises
    ------
    InputError
        For words that are no weight and values that are no number from 0 on; all at once.

    Examples
    --------
    >>> weights_of(["waiting=1", "lateness=2"])
    Weights(waiting=1.0, turnaround=1.0, lateness=2.0, moved=0.0, other_berth=0.0, fuel=0.0, co2e=0.0, nox=0.0)
    """
    names = [part.name for part in fields(Weights)]
    found: dict[str, float] = {}
    faults = []
    for text in given:
        name, _, number = (part.strip() for part in text.partition("="))
        value = _number(number)
        if name not in names:
            faults.append(f"--weight {text}: no weight '{name}'{did_you_mean(name, names)}: {', '.join(names)}")
        elif value is None:
            faults.append(f"--weight {text}: give {name}=NUMBER, from 0 on")
        else:
            found[name] = value
    if faults:
        raise InputError("\n".join(faults))
    return Weights(**found)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def in_utc(time: datetime | None) -> datetime | None:
    """Return a time with its zone: UTC where none is said."""
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time
