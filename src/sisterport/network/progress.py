"""Promise beside value: how far each commitment is, what is missing, and what is capable beside what is used."""

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import polars as pl

from sisterport.network.definitions import definition, quantities
from sisterport.network.periods import Period, read_period
from sisterport.tables import check, empty

NO_BASELINE = "no baseline published"


class Latest(NamedTuple):
    """The value that counts: of quantities that add up the sum of the months of a year."""

    value: float
    period: str
    coverage: float
    end: datetime
    values: int


def progress(commitments: Any, values: Any, *, on: date | None = None, drafts: bool = False) -> pl.DataFrame:
    """Return how far commitments are.

    Parameters
    ----------
    commitments, values
        Frames of the tables ``commitments`` and ``indicator_values``.
    on
        Day that it is told for; None is today. Values of periods that end later do not count.
    drafts
        Show commitments that are not published too.

    Returns
    -------
    polars.DataFrame
        Table ``commitment_progress``. Only published values count, of the same indicator, quantity, mode, corridor,
        ports and version of the definition. ``status``: done where the target is met; late where its day is over;
        planned where nothing was published; without a baseline nobody can say whether it is on track, so it is
        undetermined; else on_track or behind by the straight line from the baseline's end to the target.

    Raises
    ------
    SchemaError
        Frames that do not fit.

    Examples
    --------
    >>> progress(empty("commitments"), empty("indicator_values")).height
    0
    """
    day = on or datetime.now(UTC).date()
    wanted = check(commitments, "commitments").filter(
        pl.col("state") == "published" if not drafts else pl.col("state") != "superseded"
    )
    table = check(values, "indicator_values").filter(
        (pl.col("state") == "published") & (pl.col("end_utc").dt.date() <= pl.lit(day).dt.offset_by("1d"))
    )
    rows = [_row(promise, table, day) for promise in wanted.iter_rows(named=True)]
    return check(pl.DataFrame(rows, schema=empty("commitment_progress").schema), "commitment_progress")


def _row(promise: dict[str, Any], table: pl.DataFrame, day: date) -> dict[str, Any]:
    own = _of(table, promise, promise["indicator"], promise["mode"]).filter(quantity=promise["quantity"])
    same = own.filter(definition_version=promise["definition_version"])
    unit = quantities(promise["indicator"]).get(promise["quantity"], {})
    latest = _latest(same, adds_up=unit.get("adds_up") == "yes", due=promise["due"])
    other = definition(promise["indicator"])["beside"]
    beside = {}
    if other:
        mode = "used" if promise["mode"] == "capable" else "capable"
        found = _latest(_first(_of(table, promise, other, mode), other), adds_up=False, due=promise["due"])
        beside = {"beside_indicator": other, "beside_mode": mode}
        if found is not None:
            beside |= {"beside_value": found.value, "beside_period": found.period}
    gap = None if latest is None else _gap(promise, latest.value)
    kept = (
        "seq",
        "owner",
        "indicator",
        "quantity",
        "unit",
        "mode",
        "direction",
        "target",
        "due",
        "baseline",
        "evidence",
    )
    return {
        **{name: promise[name] for name in kept},
        "baseline_finding": NO_BASELINE if promise["baseline"] is None else None,
        "value": None if latest is None else latest.value,
        "period": None if latest is None else latest.period,
        "coverage": None if latest is None else latest.coverage,
        "gap": gap,
        "status": _status(promise, latest, gap, day),
        **{name: beside.get(name) for name in ("beside_indicator", "beside_mode", "beside_value", "beside_period")},
        "values": 0 if latest is None else latest.values,
        "not_comparable": own.height - same.height,
    }


def _of(table: pl.DataFrame, promise: dict[str, Any], indicator: str, mode: str) -> pl.DataFrame:
    """Return the values of an indicator of the same corridor and ports."""
    same = (
        (pl.col("indicator") == indicator)
        & (pl.col("mode") == mode)
        & pl.col("corridor").eq_missing(pl.lit(promise["corridor"], pl.String))
        & (pl.col("ports") == promise["ports"])
    )
    return table.filter(same)


def _first(rows: pl.DataFrame, indicator: str) -> pl.DataFrame:
    return rows.filter(pl.col("quantity") == next(iter(quantities(indicator))))


def _latest(rows: pl.DataFrame, *, adds_up: bool, due: date) -> Latest | None:
    """Return the value of the latest period; of what adds up the sum of the periods within the year of the target."""
    if adds_up:
        rows = rows.filter((pl.col("begin_utc").dt.year() == due.year) & (pl.col("end_utc").dt.year() - due.year <= 1))
    ordered = rows.sort("end_utc", "seq")
    if ordered.is_empty():
        return None
    last = ordered.row(-1, named=True)
    if not adds_up:
        period = Period(last["begin_utc"], last["end_utc"])
        return Latest(last["value"], str(period), last["coverage"], last["end_utc"], ordered.height)
    apart = _apart(ordered)
    whole = Period(apart[0]["begin_utc"], apart[-1]["end_utc"])
    name = f"{whole} ({len(apart)} parts)" if len(apart) > 1 else str(whole)
    return Latest(
        sum(row["value"] for row in apart), name, min(row["coverage"] for row in apart), whole.end, len(apart)
    )


def _apart(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Return periods that do not overlap, the longest first: a year is not added to its months."""
    length = pl.col("end_utc") - pl.col("begin_utc")
    kept: list[dict[str, Any]] = []
    for row in rows.sort(length, "seq", descending=True).iter_rows(named=True):
        if all(row["end_utc"] <= other["begin_utc"] or row["begin_utc"] >= other["end_utc"] for other in kept):
            kept.append(row)
    return sorted(kept, key=lambda row: row["begin_utc"])


def _gap(promise: dict[str, Any], value: float) -> float:
    target = float(promise["target"])
    return max(target - value if promise["direction"] == "at_least" else value - target, 0.0)


def _status(promise: dict[str, Any], latest: Latest | None, gap: float | None, day: date) -> str:
    if gap == 0.0 and latest is not None and not _still_adds_up(promise, latest):
        return "done"
    if day > promise["due"]:
        return "late"
    if latest is None:
        return "planned"
    if promise["baseline"] is None:
        return "undetermined"
    start, due = read_period(promise["baseline_period"]).end, _midnight(promise["due"])
    part = (latest.end - start) / (due - start) if due > start else 1.0
    expected = promise["baseline"] + (promise["target"] - promise["baseline"]) * min(max(part, 0.0), 1.0)
    ahead = latest.value >= expected if promise["direction"] == "at_least" else latest.value <= expected
    return "on_track" if ahead else "behind"


def _still_adds_up(promise: dict[str, Any], latest: Latest) -> bool:
    """Return whether a sum that has to stay below its target may still grow."""
    unit = quantities(promise["indicator"])[promise["quantity"]]
    grows = promise["direction"] == "at_most" and unit["adds_up"] == "yes"
    return grows and latest.end < _midnight(date(promise["due"].year + 1, 1, 1))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
