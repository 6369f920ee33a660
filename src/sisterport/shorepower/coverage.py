"""Coverage: what share of stays, berth hours and energy could connect, could after a fix, and did connect."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from sisterport.errors import MethodError, SchemaError, choose
from sisterport.fleet import ship_id
from sisterport.reference import load, resolve_locode
from sisterport.shorepower.connected import with_records
from sisterport.shorepower.grades import BERTH_SIDE, BOTH_SIDES, IMPOSSIBLE, PARTIAL, SHIP_SIDE
from sisterport.tables import check

CLASSES = (
    "could",
    "partial",
    "after_ship_fix",
    "after_berth_fix",
    "after_both",
    "not_possible",
    "undecided",
    "no_verdict",
    "berth_unknown",
    "at_anchor",
)
"""What a stay is by its verdict; every stay is exactly one of them."""

KEYS = ("locode", "terminal", "berth_id", "ship_class", "month", "year", "pair", "coalition")
"""What coverage can be put together by; in ``pair`` and ``coalition`` one stay can count in several groups."""

_BY_GRADE = {
    PARTIAL: "partial",
    SHIP_SIDE: "after_ship_fix",
    BERTH_SIDE: "after_berth_fix",
    BOTH_SIDES: "after_both",
    IMPOSSIBLE: "not_possible",
}
_MEASURES = ("stays", "hours", "energy")


def coverage(
    stays: Any,
    verdicts: Any = None,
    *,
    connections: Any = None,
    by: Sequence[str] = ("locode",),
    partial: bool = False,
    coalitions: Mapping[str, Sequence[str]] | None = None,
) -> pl.DataFrame:
    """Return coverage by groups, side by side with the coverage of the data.

    Parameters
    ----------
    stays
        Frame of the table ``stays``.
    verdicts
        Frame of the table ``verdicts``; None where nothing was matched yet.
    connections
        Frame of the table ``connections``: what did connect. Without it the record that the stays carry counts.
    by
        Keys from `KEYS`; none gives one row. ``pair`` are the stays at two ports of ships that stay at both.
    partial
        Count partial power (grade 2) as could connect.
    coalitions
        Name and port codes of each coalition, for the key ``coalition``.

    Returns
    -------
    DataFrame
        The keys; ``stays, hours, energy_mwh``: all of the group, with the energy that is known (made on board or taken
        by record); ``<class>_stays, <class>_hours, <class>_energy`` for each of `CLASSES` and for ``after_fix`` (3 to
        5 together): shares, which add up to one over the classes; ``did_stays, did_hours, did_energy``: shares that
        connected by record, null where no record comes from any port of the group; and the data:
        ``data_berth, data_ship, data_class, data_decided, data_energy, data_records``: shares of stays with a known
        berth, IMO number, class, decided verdict, energy, and a port that keeps records; ``did_metered``: share of
        the connected stays whose energy was metered.

    Raises
    ------
    MethodError
        Unknown key, or ``coalition`` without coalitions.
    SchemaError
        Frames that do not fit.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> two = pl.DataFrame({"stay_id": ["a", "b"], "imo": [9074729, 9321483], "locode": ["USLAX"] * 2,
    ...     "berth_id": ["b1", None], "start_utc": [datetime(2024, 5, 1, tzinfo=UTC)] * 2,
    ...     "end_utc": [datetime(2024, 5, 2, tzinfo=UTC)] * 2, "hours": [24.0, 8.0], "aux_mwh": [30.0, None]})
    >>> plug = pl.DataFrame({"ship_id": ["imo:9074729"], "berth_id": ["b1"], "grade": [0], "best": [0], "worst": [0],
    ...     "checks_true": [8191], "checks_false": [0], "checks_unknown": [0]})
    >>> found = coverage(two, plug)
    >>> found.select("could_stays", "could_hours", "berth_unknown_stays", "data_berth", "did_stays").row(0)
    (0.5, 0.75, 0.5, 0.5, None)
    """
    for key in by:
        choose("key", key, KEYS)
    judged = classified(stays, verdicts, partial=partial)
    judged = with_records(judged, connections)
    judged = judged.with_columns(
        pl.col("start_utc").dt.truncate("1mo").dt.date().alias("month"),
        pl.col("start_utc").dt.year().cast(pl.Int64).alias("year"),
        pl.lit("all").alias("all"),
    )
    if "pair" in by:
        judged = _pairs(judged)
    if "coalition" in by:
        judged = _coalitions(judged, coalitions)
    keys = list(by) or ["all"]
    return judged.group_by(keys, maintain_order=True).agg(_shares()).sort(keys, nulls_last=True)


def classified(stays: Any, verdicts: Any = None, *, partial: bool = False) -> pl.DataFrame:
    """Return stays with their verdict and the class that it puts them in.

    Parameters
    ----------
    stays, verdicts, partial
        As in `coverage`. Of several verdicts on one ship and berth (outlets of one berth) the best counts; a better
        one that is still possible leaves the pair undecided.

    Returns
    -------
    DataFrame
        The stays with ``energy_mwh`` (made on board or taken by record), ``ship_id``, ``grade, best, worst,
        checks_false, checks_unknown`` and ``class``.

    Raises
    ------
    SchemaError
        Frames that do not fit, or a stay that occurs twice.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> classified(empty("stays")).height
    0
    """
    rows = check(stays, "stays")
    if rows["stay_id"].is_duplicated().any():
        twice = rows.filter(pl.col("stay_id").is_duplicated())["stay_id"]
        raise SchemaError("stays", [f"stay_id '{name}' stands more than once" for name in twice.unique().sort()])
    lost = rows.filter(pl.col("imo").is_null() & pl.col("mmsi").is_null()).height
    if lost:
        raise SchemaError("stays", [f"{lost} stays with neither imo nor mmsi"])
    rows = rows.with_columns(
        pl.when(pl.col("aux_mwh").is_not_null() | pl.col("connected_mwh").is_not_null())
        .then(pl.col("aux_mwh").fill_null(0.0) + pl.col("connected_mwh").fill_null(0.0))
        .alias("energy_mwh"),
        ship_id(),
    )
    rows = _with_verdicts(rows, verdicts)
    grade = pl.col("grade")
    could = (grade <= 1) | ((grade == 2) & pl.lit(partial))
    stand = (
        pl.when(pl.col("place").eq_missing(pl.lit("anchorage")))
        .then(pl.lit("at_anchor"))
        .when(pl.col("berth_id").is_null())
        .then(pl.lit("berth_unknown"))
        .when(pl.col("best").is_null())
        .then(pl.lit("no_verdict"))
        .when(grade.is_null())
        .then(pl.lit("undecided"))
        .when(could)
        .then(pl.lit("could"))
        .otherwise(grade.replace_strict(_BY_GRADE, default=None, return_dtype=pl.String))
    )
    return rows.with_columns(stand.alias("class"))


def _with_verdicts(rows: pl.DataFrame, verdicts: Any) -> pl.DataFrame:
    """Join the verdict of ship and berth, by the ship's IMO number, else by its MMSI."""
    names = ("grade", "best", "worst", "checks_false", "checks_unknown")
    if verdicts is None:
        return rows.with_columns(pl.lit(None, pl.Int64).alias(name) for name in names)
    table = check(verdicts, "verdicts")
    found = (
        table.sort("best", "worst", maintain_order=True)
        .group_by("ship_id", "berth_id", maintain_order=True)
        .agg(
            pl.col("best").min(),
            pl.col("worst").min(),
            pl.col("checks_false", "checks_unknown").first(),
        )
        .with_columns(grade=pl.when(pl.col("best") == pl.col("worst")).then("best"))
        .select("ship_id", "berth_id", *names)
    )
    by_mmsi = pl.when(pl.col("mmsi").is_not_null()).then(pl.format("mmsi:{}", "mmsi")).alias("other_id")
    joined = rows.join(found, on=["ship_id", "berth_id"], how="left", maintain_order="left")
    other = found.rename({name: f"{name} too" for name in names})
    joined = joined.with_columns(by_mmsi).join(
        other, left_on=["other_id", "berth_id"], right_on=["ship_id", "berth_id"], how="left", maintain_order="left"
    )
    by_imo = pl.col("best").is_not_null()
    chosen = [pl.when(by_imo).then(name).otherwise(f"{name} too").alias(name) for name in names]
    return joined.with_columns(chosen).drop("other_id", *(f"{name} too" for name in names))


def _pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """Repeat each stay for every other port at which its ship stays too."""
    calls = rows.select("ship_id", "locode").unique(maintain_order=True)
    both = calls.join(calls, on="ship_id", suffix="_other").filter(pl.col("locode") != pl.col("locode_other"))
    low, high = pl.min_horizontal("locode", "locode_other"), pl.max_horizontal("locode", "locode_other")
    named = both.select("ship_id", "locode", pl.format("{}-{}", low, high).alias("pair"))
    return rows.join(named, on=["ship_id", "locode"], how="inner", maintain_order="left")


def _coalitions(rows: pl.DataFrame, coalitions: Mapping[str, Sequence[str]] | None) -> pl.DataFrame:
    if not coalitions:
        raise MethodError("the key 'coalition' needs coalitions={'name': ['USLAX', 'CNSGH']}")
    members = [(name, resolve_locode(code)) for name, codes in coalitions.items() for code in codes]
    table = pl.DataFrame(members, schema={"coalition": pl.String, "locode": pl.String}, orient="row").unique()
    return rows.join(table, on="locode", how="inner", maintain_order="left")


def _shares() -> list[pl.Expr]:
    """Return the columns of one group."""
    amounts = {"stays": pl.lit(1.0), "hours": pl.col("hours"), "energy": pl.col("energy_mwh").fill_null(0.0)}
    groups = {name: pl.col("class") == name for name in CLASSES}
    groups["after_fix"] = pl.col("class").is_in(["after_ship_fix", "after_berth_fix", "after_both"])
    shares = [
        _share((amounts[measure] * is_in.cast(pl.Float64)).sum(), _total(measure)).alias(f"{name}_{measure}")
        for name, is_in in groups.items()
        for measure in _MEASURES
    ]
    told = pl.col("has_records").any()
    timed = pl.col("did_h").count() > 0
    did = [
        pl.when(told).then(pl.col("did").sum() / pl.len()).alias("did_stays"),
        pl.when(told & (timed | ~pl.col("did").any()))
        .then(_share(pl.col("did_h").sum(), _total("hours")))
        .alias("did_hours"),
        pl.when(told).then(_share(pl.col("did_mwh").sum(), _total("energy"))).alias("did_energy"),
        _share(pl.col("metered").fill_null(value=False).sum(), pl.col("did").sum()).alias("did_metered"),
    ]
    data = {
        "data_berth": pl.col("berth_id").is_not_null(),
        "data_ship": pl.col("imo").is_not_null(),
        "data_class": pl.col("ship_class").is_not_null() & ~pl.col("ship_class").str.starts_with("unknown"),
        "data_decided": pl.col("grade").is_not_null(),
        "data_energy": pl.col("energy_mwh").is_not_null(),
        "data_records": pl.col("has_records"),
    }
    return [
        pl.len().cast(pl.Int64).alias("stays"),
        pl.col("hours").sum(),
        pl.col("energy_mwh").sum(),
        *shares,
        *did,
        *(known.fill_null(value=False).mean().alias(name) for name, known in data.items()),
    ]


def _total(measure: str) -> pl.Expr:
    sums = {"hours": pl.col("hours").sum(), "energy": pl.col("energy_mwh").sum()}
    return sums.get(measure, pl.len().cast(pl.Float64))


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)


def fixes_named(stays: Any, verdicts: Any) -> pl.DataFrame:
    """Return which checks stand in the way of the stays that can connect after a fix, and what mends them.

    Parameters
    ----------
    stays, verdicts
        As in `coverage`.

    Returns
    -------
    DataFrame
        ``check_no, check_id, ship_fixes, berth_fixes, stays, hours, energy_mwh``, the most energy first. A stay with
        several failing checks counts in each.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> fixes_named(empty("stays"), empty("verdicts")).height
    0
    """
    rows = classified(stays, verdicts)
    fixable = rows.filter(pl.col("class").is_in(["partial", "after_ship_fix", "after_berth_fix", "after_both"]))
    fixes = load("fix_costs")
    names = fixes.group_by("check_no", "check_id", maintain_order=True).agg(
        pl.col("fix_id").filter(pl.col("side") == side).str.join("|").alias(f"{side}_fixes")
        for side in ("ship", "berth")
    )
    per_check = [
        fixable.filter(pl.col("checks_false") // 2 ** (number - 1) % 2 == 1).select(
            pl.lit(number, pl.Int64).alias("check_no"),
            pl.len().cast(pl.Int64).alias("stays"),
            pl.col("hours").sum(),
            pl.col("energy_mwh").sum(),
        )
        for number in names["check_no"]
    ]
    counted = pl.concat(per_check).filter(pl.col("stays") > 0)
    return (
        counted.join(names, on="check_no", how="left", maintain_order="left")
        .select("check_no", "check_id", "ship_fixes", "berth_fixes", "stays", "hours", "energy_mwh")
        .sort("energy_mwh", "check_no", descending=[True, False])
    )
