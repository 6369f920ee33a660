"""Compliance from an EU-MRV publication alone: allowances, FuelEU as a range, CII where a register gives the size."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import InputError
from sisterport.fleet import ship_id
from sisterport.rules.mrv_accounts import PARTS
from sisterport.rules.mrv_mix import OIL, Mixes, fuel_mixes
from sisterport.rules.mrv_rows import count, ets_rows, fueleu_rows, size_rows

_NEEDED = ("row", "imo", "period", "ship_type", "fuel_t", "co2_t", *PARTS, "hours_at_sea", "kg_per_nm")
_NO_SHIP = "no IMO number"


@dataclass(frozen=True, slots=True, kw_only=True)
class MrvCompliance:
    """What the reports of an EU-MRV publication come to.

    Attributes
    ----------
    compliance : polars.DataFrame
        Table ``compliance``; ``source_row`` begins with the report's row in the sheet, as a ship may have several.
    counts : polars.DataFrame
        regulation, outcome, reports: for how many reports there is a result, and why not for the others.
    mixes : polars.DataFrame
        row, mix, fuel, mass_t: the mixes that FuelEU's ranges rest on.
    """

    compliance: pl.DataFrame
    counts: pl.DataFrame
    mixes: pl.DataFrame


def from_mrv(
    reports: Any,
    *,
    year: int | None = None,
    register: Any = None,
    lng: str = "if_needed",
    oil: tuple[str, ...] = OIL,
    gwp: str = "AR5",
    unmeasured: str = "zero",
    allowance_eur: float | None = None,
    lng_line: str = "as_printed",
) -> MrvCompliance:
    """Return allowances, FuelEU range and CII of every report of an EU-MRV publication.

    Parameters
    ----------
    reports
        Frame ``reports`` of `sisterport.fleet.read_mrv`.
    year
        Year whose law counts, as if the ships had sailed the same then; None takes each report's own. A year before a
        law is counted and left out.
    register
        Frame with imo, and dwt_t and gt as far as known (table ``register``). The publication has neither: without
        them there is no CII, and tonnage is taken as covered, since the publication holds ships above 5,000 GT.
    lng, oil
        As in `mrv_mix.fuel_mixes`.
    gwp, unmeasured, lng_line
        As in `RuleOptions`.
    allowance_eur
        Price of an allowance [EUR/t]; None takes the flagged default.

    Returns
    -------
    MrvCompliance
        Nothing is dropped: each report is counted once for each regulation.

    Raises
    ------
    InputError
        Columns that are missing.

    Notes
    -----
    Attained CII is that of the reported voyages, which are those to, from and between ports of the EEA, not of the
    whole year. Distance is fuel over fuel per mile; a mean speed outside the constants ``mrv_speed_*`` has none.

    References
    ----------
    Regulation (EU) 2015/757 Art 21; Directive 2003/87/EC Art 3ga, 3gb; Regulation (EU) 2023/1805.

    Examples
    --------
    >>> row = {"row": 4, "imo": 9074729, "period": 2024, "ship_type": "Container ship", "fuel_t": 100.0, "co2_t": 311.4}
    >>> row |= {"co2_between_t": 111.4, "co2_departed_t": 100.0, "co2_arrived_t": 90.0, "co2_berth_t": 10.0}
    >>> found = from_mrv(pl.DataFrame([row | {"hours_at_sea": 100.0, "kg_per_nm": 80.0}]), year=2025)
    >>> found.compliance.filter(quantity="allowances")["value"].round(3).item()
    151.48
    >>> found.counts.filter(regulation="cii").rows()
    [('cii', 'not computable: DWT missing', 1)]
    """
    rows = _checked(reports, year, register)
    named = rows.filter(pl.col("imo").is_not_null())
    mixes = fuel_mixes(named, lng=lng, oil=oil)
    laws = {"gwp": gwp, "unmeasured": unmeasured}
    parts, counts = [], [_lost(rows)]
    for law_year in named["law_year"].unique().sort():
        own = named.filter(pl.col("law_year") == law_year)
        of_own = Mixes(mixes.mixes.join(own, on="row", how="semi"), mixes.reasons.join(own, on="row", how="semi"))
        for found, counted in (
            fueleu_rows(own, of_own, law_year, laws),
            ets_rows(own, of_own, law_year, unmeasured, allowance_eur),
            size_rows(own, law_year, lng_line),
        ):
            parts.append(found)
            counts.append(counted)
    whole = pl.concat(parts, how="diagonal_relaxed") if parts else tables.empty("compliance")
    summed = pl.concat(counts).group_by("regulation", "outcome").agg(pl.col("reports").sum())
    return MrvCompliance(
        compliance=tables.check(whole, "compliance").sort("ship_id", "year", "regulation", maintain_order=True),
        counts=summed.sort("regulation", "reports", "outcome", descending=[False, True, False]),
        mixes=mixes.mixes,
    )


def _checked(reports: Any, year: int | None, register: Any) -> pl.DataFrame:
    given = tables.to_polars(reports)
    missing = [name for name in _NEEDED if name not in given.columns]
    if missing:
        raise InputError(f"reports without {', '.join(missing)}: they are what sisterport.fleet.read_mrv returns")
    law_year = pl.col("period") if year is None else pl.lit(year)
    several = pl.struct("imo", "period").is_duplicated() & pl.col("imo").is_not_null()
    rows = given.drop("gt", "dwt_t", "mmsi", strict=False).with_columns(
        mmsi=pl.lit(None, pl.Int64),
        law_year=law_year.cast(pl.Int64),
        several=pl.when(several).then(pl.lit("the ship has several reports of this period, each told by itself")),
    )
    if rows["law_year"].null_count():
        raise InputError(f"{rows['law_year'].null_count()} reports have no period: give year")
    if "name" not in rows.columns:
        rows = rows.with_columns(name=pl.lit(None, pl.String))
    sizes = _sizes(register)
    return rows.join(sizes, on="imo", how="left", maintain_order="left").with_columns(ship_id())


def _sizes(register: Any) -> pl.DataFrame:
    if register is None:
        return pl.DataFrame(schema={"imo": pl.Int64, "gt": pl.Float64, "dwt_t": pl.Float64})
    known = tables.check(register, "register").select("imo", "gt", "dwt_t").drop_nulls("imo")
    return known.group_by("imo", maintain_order=True).agg(pl.col("gt", "dwt_t").drop_nulls().first())


def _lost(rows: pl.DataFrame) -> pl.DataFrame:
    """Count the reports that name no ship."""
    bare = rows.filter(pl.col("imo").is_null())
    outcomes = pl.Series("outcome", [_NO_SHIP] * bare.height, pl.String)
    return pl.concat([count(name, outcomes) for name in ("fueleu", "ets", "cii")])
