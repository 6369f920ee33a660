"""Are the ships plausible: identity, dimensions, years, tier, power, draught."""

import polars as pl

from sisterport.engines import nox_tier
from sisterport.fleet import imo_check, mmsi_is_ship
from sisterport.inventory.checks.registry import ERROR, WARN, Finding, Given, between, check, found, law, limit
from sisterport.reference import load
from sisterport.units import PER_CENT

_REGISTER = "correct the register"
_SHIP = "MMSI {mmsi}"


@check(ERROR, "correct the IMO number in the register, or leave it out")
def imo_check_digit(given: Given) -> Finding | None:
    """Find IMO numbers with a wrong check digit."""
    rows = given.ships.filter(~imo_check())
    return found(rows, "ships have an impossible IMO number", f"{_SHIP}: IMO {{imo}}", law("IMO A.1117(30)"))


@check(WARN, "find out which is right; the ship may have changed its flag, or its number be used by another")
def imo_under_two_mmsi(given: Given) -> Finding | None:
    """Find IMO numbers that stand under two MMSI."""
    rows = given.ships.drop_nulls("imo").filter(pl.col("imo").is_duplicated()).sort("imo", "mmsi")
    return found(rows, "ships share their IMO number with another MMSI", f"{_SHIP}: IMO {{imo}}")


@check(WARN, "leave stations, buoys and aircraft out of the positions")
def mmsi_of_a_ship(given: Given) -> Finding | None:
    """Find MMSI that belong to no ship station."""
    rows = given.ships.filter(~mmsi_is_ship())
    return found(rows, "MMSI are not those of ships", _SHIP)


@check(WARN, "correct length and beam in the register")
def length_over_beam(given: Given) -> Finding | None:
    """Find ships whose length over beam is not that of a ship."""
    believed = between("length_over_beam_min", "length_over_beam_max")
    rows = given.ships.with_columns(ratio=pl.col("length_m") / pl.col("beam_m")).filter(
        ~pl.col("ratio").is_between(believed.low or 0.0, believed.high or 0.0)
    )
    return found(rows, "ships have an odd length over beam", f"{_SHIP}: {{length_m:g}} m by {{beam_m:g}} m", believed)


@check(ERROR, _REGISTER)
def keel_after_build(given: Given) -> Finding | None:
    """Find ships whose keel was laid after they were built."""
    rows = given.ships.filter(pl.col("keel_year") > pl.col("build_year"))
    return found(
        rows, "ships were built before their keel was laid", f"{_SHIP}: keel {{keel_year}}, built {{build_year}}"
    )


@check(WARN, _REGISTER)
def built_later(given: Given) -> Finding | None:
    """Find ships that were seen before they were built."""
    if given.segments.is_empty():
        return None
    last = given.segments.group_by("mmsi", maintain_order=True).agg(seen=pl.col("date").dt.year().min())
    rows = given.ships.join(last, on="mmsi", how="inner", maintain_order="left").filter(
        pl.col("build_year") > pl.col("seen")
    )
    return found(rows, "ships were seen before they were built", f"{_SHIP}: built {{build_year}}, seen {{seen}}")


@check(WARN, "correct keel_year or nox_tier in the register; a ship may be better than its year asks, rarely worse")
def tier_against_keel(given: Given) -> Finding | None:
    """Find ships whose NOx tier is not that of their keel year."""
    known = given.ships.drop_nulls(["nox_tier", "keel_year"])
    tiers = pl.Series("asked", [nox_tier(year) for year in known["keel_year"]], dtype=pl.Int64)
    rows = known.with_columns(tiers).filter(pl.col("nox_tier") != pl.col("asked"))
    return found(
        rows,
        "ships have another NOx tier than their keel year asks",
        f"{_SHIP}: tier {{nox_tier}}, keel {{keel_year}}",
        law("MARPOL Annex VI reg. 13"),
    )


@check(WARN, "correct power_kw in the register: kW, all main engines together; or the class or size")
def power_against_class(given: Given) -> Finding | None:
    """Find powers in the register that are far from the mean of class and size."""
    mean = load("ship_class_averages").select("ship_class", "size_bin", mean_kw=pl.col("power_kw").cast(pl.Float64))
    believed = limit("power_over_class")
    rows = (
        given.ships.filter(pl.col("power_kw_source").str.starts_with("register"))
        .join(mean, on=["ship_class", "size_bin"], how="inner", maintain_order="left")
        .filter(~(pl.col("power_kw") / pl.col("mean_kw")).is_between(believed.low or 0.0, believed.high or 0.0))
    )
    return found(
        rows,
        "ships have a power far from the mean of their class",
        f"{_SHIP}: {{power_kw:,.0f}} kW, mean {{mean_kw:,.0f}} kW",
        believed,
    )


@check(
    WARN, "give draught_ref_m (summer load line) in the register; the ratio is clipped meanwhile", needs=("draughts",)
)
def draught_ratio(given: Given) -> Finding | None:
    """Find ships that reported draughts far from their reference draught."""
    if given.draughts is None:
        return None
    believed = between("draught_ratio_min", "draught_ratio_max")
    low, high = believed.low or 0.0, believed.high or 0.0
    rows = given.ships.join(given.draughts, on="mmsi", how="inner", maintain_order="left").filter(
        (pl.col("draught_min_m") < low * pl.col("draught_ref_m"))
        | (pl.col("draught_max_m") > high * pl.col("draught_ref_m"))
    )
    return found(
        rows,
        "ships reported a draught that does not fit their reference draught",
        f"{_SHIP}: {{draught_min_m:g}} to {{draught_max_m:g}} m, reference {{draught_ref_m:g}} m",
        believed,
    )


@check(WARN, "name these ships in a register ([register] in the project file)")
def unknown_ships(given: Given) -> Finding | None:
    """Find out whether a large part of the time is that of ships without a class."""
    hours = given.with_ship("ship_class").with_columns(
        unknown=pl.col("ship_class").fill_null("unknown").str.starts_with("unknown")
    )
    total = float(hours["hours"].sum())
    rows = hours.filter("unknown").group_by("mmsi", maintain_order=True).agg(pl.col("hours").sum())
    rows = rows.sort("hours", "mmsi", descending=[True, False])
    share = float(rows["hours"].sum()) / total if total else 0.0
    most = limit("unknown_share")
    if share <= (most.high or 0.0):
        return None
    return found(
        rows,
        f"ships without class make up {share / PER_CENT:.0f} % of the ship hours",
        f"{_SHIP}: {{hours:,.1f}} h",
        most,
    )
