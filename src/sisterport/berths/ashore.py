"""Verdicts of shore power and the outlets that they rest on, joined into the calls, berths and pairs of a plan."""

from typing import Any, NamedTuple

import polars as pl

from sisterport.fleet import ship_id
from sisterport.reference import value
from sisterport.tables import check, empty

_PEAKS = ("peak_mw", "peak_cargo_mw", "peak_reefers_mw", "peak_passengers_mw")
_READY = 1
"""Grades up to this can plug in, perhaps after paperwork."""


def stays_planned(calls: Any, berths: Any, *, who: Any, pairs: Any = None) -> pl.DataFrame:
    """Return ``ship_id, berth_id, stay_h`` of every call at every berth where its handling time is known.

    A ship that calls twice has the shorter stay.

    Parameters
    ----------
    calls, berths, who, pairs
        As in `join_verdicts`.
    """
    coming, places = check(calls, "berth_calls"), check(berths, "berths")
    ways = empty("berth_pairs") if pairs is None else check(pairs, "berth_pairs")
    rows = coming.select("call_id", "handling_h").join(places.select("berth_id"), how="cross")
    known = rows.join(ways.select("call_id", "berth_id", own="handling_h"), on=["call_id", "berth_id"], how="left")
    hours = known.select("call_id", "berth_id", stay_h=pl.coalesce("own", "handling_h")).filter(pl.col("stay_h") > 0)
    of_ships = ships_of(coming, who).join(hours, on="call_id")
    return of_ships.group_by("ship_id", "berth_id").agg(pl.col("stay_h").min()).sort("ship_id", "berth_id")


class Joined(NamedTuple):
    """Calls, berths and pairs with what is known of shore power, and what a reader has to know of it."""

    calls: pl.DataFrame
    berths: pl.DataFrame
    pairs: pl.DataFrame
    notes: list[str]


def join_verdicts(
    calls: Any, berths: Any, *, who: Any, verdicts: Any, outlets: Any, inlets: Any, pairs: Any = None
) -> Joined:
    """Return calls, berths and pairs of a plan with the verdicts on ships and outlets.

    A pair with a verdict plugs in if its grade is 0 or 1; an undecided one does not. A pair without a verdict goes by
    the power of the outlet, as without this function. What the frames say themselves stays as it is.

    Parameters
    ----------
    calls, berths, pairs
        Frames of the tables ``berth_calls``, ``berths`` and ``berth_pairs``.
    who
        Whose calls they are: ``call_id``, ``imo``, ``mmsi``.
    verdicts, outlets, inlets
        Frames of these tables, as `sisterport.shorepower` makes and reads them.

    Notes
    -----
    A berth gets the power of its strongest outlet that a verdict of grade 0 or 1 rests on, and that outlet's plant;
    MVA become MW with the constant ``shore_power_factor_low``. A call that can plug in somewhere may do so
    (``shore_power``), and draws the highest peak that her inlets state.

    Examples
    --------
    >>> from datetime import datetime
    >>> calls = pl.DataFrame({"call_id": ["Ada"], "eta_utc": [datetime(2026, 1, 1)], "handling_h": [4.0]})
    >>> verdicts = pl.DataFrame({"ship_id": ["imo:9074729"], "berth_id": ["east"], "outlet_id": ["o1"], "grade": [0],
    ...     "best": [0], "worst": [0], "checks_true": [8191], "checks_false": [0], "checks_unknown": [0]})
    >>> outlets = pl.DataFrame([{"outlet_id": "o1", "berth_id": "east", "locode": "DEHAM", "state": "operational",
    ...     "power_mva": 5.0, "source": "port", "status": "checked"}])
    >>> inlets = pl.DataFrame([{"inlet_id": "i", "imo": 9074729, "peak_mw": 2.5, "source": "ship",
    ...     "status": "checked"}])
    >>> made = join_verdicts(calls, pl.DataFrame({"berth_id": ["east"]}), verdicts=verdicts, outlets=outlets,
    ...     inlets=inlets, who=pl.DataFrame({"call_id": ["Ada"], "imo": [9074729], "mmsi": [None]}))
    >>> made.calls.select("shore_power", "shore_power_mw").row(0), made.berths["shore_power_mw"].to_list()
    (('may', 2.5), [4.0])
    """
    coming, places = check(calls, "berth_calls"), check(berths, "berths")
    ways = empty("berth_pairs") if pairs is None else check(pairs, "berth_pairs")
    judged = _judged(coming, places, who, check(verdicts, "verdicts"))
    equipped, powerless = _equipped(places, judged, check(outlets, "outlets"))
    named = set(equipped.drop_nulls("shore_power_mw")["berth_id"])
    able = judged.filter(pl.col("plug") & pl.col("berth_id").is_in(sorted(named)))
    asking, silent = _asking(coming, able, _peaks(ships_of(coming, who), check(inlets, "inlets")))
    both = ways.join(judged.select("call_id", "berth_id", said="plug"), on=["call_id", "berth_id"], how="full",
                     coalesce=True, maintain_order="left_right")  # fmt: skip
    joined = both.with_columns(plug=pl.coalesce("plug", "said")).drop("said")
    undecided = judged["grade"].null_count()
    can, unknown = int(judged["plug"].sum()), coming.height * places.height - judged.height
    said = (
        f"Shore power: {can} pairs of call and berth can plug in, {judged.height - can - undecided} cannot, "
        f"{undecided} are undecided and planned without; {unknown} have no verdict and go by the power of the outlet."
    )
    notes = [said]
    notes += [f"Outlets of unknown power, not planned on: {', '.join(powerless)}."] * bool(powerless)
    notes += [f"Could plug in, but her demand is not known: {', '.join(silent)}."] * bool(silent)
    return Joined(asking, equipped, check(joined, "berth_pairs"), notes)


def ships_of(calls: pl.DataFrame, who: Any) -> pl.DataFrame:
    """Return ``call_id, ship_id``: each call under the IMO number and under the MMSI of its ship."""
    kinds = {"imo": pl.Int64, "mmsi": pl.Int64}
    known = pl.DataFrame(who)
    whose = known.select(
        "call_id",
        *((pl.col(c) if c in known.columns else pl.lit(None)).cast(kind).alias(c) for c, kind in kinds.items()),
    ).join(calls.select("call_id"), on="call_id", how="semi")
    nobody = pl.lit(None, pl.Int64)
    ways = [whose.select("call_id", ship_id()), whose.select("call_id", ship_id(imo=nobody))]
    return pl.concat(ways).drop_nulls().unique(maintain_order=True)


def _judged(calls: pl.DataFrame, berths: pl.DataFrame, who: Any, verdicts: pl.DataFrame) -> pl.DataFrame:
    """Return the verdicts on calls at the plan's berths, with ``plug``."""
    return (
        ships_of(calls, who)
        .join(verdicts, on="ship_id", how="inner", maintain_order="left")
        .join(berths.select("berth_id"), on="berth_id", how="semi", maintain_order="left")
        .unique(["call_id", "berth_id"], keep="first", maintain_order=True)
        .with_columns(plug=(pl.col("grade") <= _READY).fill_null(value=False))
    )


def _equipped(berths: pl.DataFrame, judged: pl.DataFrame, outlets: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Return berths with outlets where they tell of none, and the outlets whose power is not known."""
    used = judged.filter("plug").select("outlet_id", "berth_id").drop_nulls().unique()
    factor = value("shore_power_factor_low")
    rows = outlets.join(used, on=["outlet_id", "berth_id"], how="semi").sort(
        "power_mva", descending=True, nulls_last=True
    )
    best = rows.drop_nulls("power_mva").unique("berth_id", keep="first", maintain_order=True)
    found = best.select(
        "berth_id",
        _mw=pl.col("power_mva") * factor,
        _plant="plant_id",
        _limit=pl.col("plant_power_mva") * factor,
    )
    bare = pl.col("shore_power_mw").is_null()
    equipped = berths.join(found, on="berth_id", how="left", maintain_order="left").with_columns(
        shore_power_mw=pl.coalesce("shore_power_mw", "_mw"),
        plant_id=pl.when(bare).then(pl.coalesce("plant_id", "_plant")).otherwise("plant_id"),
        plant_power_mw=pl.when(bare).then(pl.coalesce("plant_power_mw", "_limit")).otherwise("plant_power_mw"),
    )
    powerless = rows.filter(pl.col("power_mva").is_null())["outlet_id"].unique(maintain_order=True).to_list()
    return check(equipped.drop("_mw", "_plant", "_limit"), "berths"), powerless


def _peaks(ids: pl.DataFrame, inlets: pl.DataFrame) -> pl.DataFrame:
    """Return ``call_id, peak_mw``: the highest peak that the inlets of each call's ship state."""
    stated = inlets.with_columns(ship_id(), peak=pl.max_horizontal(*_PEAKS)).drop_nulls(["ship_id", "peak"])
    return ids.join(stated, on="ship_id").group_by("call_id").agg(pl.col("peak").max())


def _asking(calls: pl.DataFrame, able: pl.DataFrame, peaks: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Return calls that may plug in where they can and say nothing else, and those whose demand is not known."""
    can = pl.col("call_id").is_in(able["call_id"].unique(maintain_order=True).to_list())
    rows = calls.join(peaks, on="call_id", how="left", maintain_order="left")
    draws = pl.coalesce("shore_power_mw", "peak")
    silent = rows.filter(can & pl.col("shore_power").is_null() & draws.is_null())["call_id"].to_list()
    asks = can & draws.is_not_null()
    known = rows.with_columns(
        shore_power=pl.when(asks).then(pl.col("shore_power").fill_null("may")).otherwise("shore_power"),
        shore_power_mw=draws,
    )
    return check(known.drop("peak"), "berth_calls"), silent
