"""Which ships FuelEU Maritime and the EU ETS cover in a year, by size and by what they carry."""

import polars as pl

from sisterport.errors import ReferenceDataError
from sisterport.rules.clauses import STATUSES, clause
from sisterport.rules.movement_scope import in_force
from sisterport.rules.rows import rule_type_expr, type_status_expr
from sisterport.rules.scope import REGULATIONS

_TYPES = "eu_mrv"
NOT_IN_FORCE = "not in force in that year"


def covered(ships: pl.DataFrame) -> pl.DataFrame:
    """Return whether each regulation applies to ships in their years.

    Parameters
    ----------
    ships
        ship_id, year, ship_class, gt: one row for each ship and year.

    Returns
    -------
    polars.DataFrame
        ship_id, year, regulation, applies, reason, clause, status, source_row. A ship whose tonnage or class is not
        known is taken as covered, and the reason says so.

    References
    ----------
    Regulation (EU) 2023/1805 Art 2(1): above 5,000 GT, cargo or passengers, no offshore ships; Directive 2003/87/EC
    Annex I: from 5,000 GT on, offshore ships from 2027 (secondary).

    Examples
    --------
    >>> ships = pl.DataFrame({"ship_id": ["a", "b"], "year": [2026] * 2, "ship_class": ["container"] * 2,
    ...                       "gt": [5000.0, None]})
    >>> covered(ships).filter(regulation="fueleu").select("applies", "reason").rows()
    [(False, 'not above 5,000 GT'), (True, 'GT unknown, taken as covered')]
    """
    years = ships["year"].unique().sort().to_list()
    parts = [
        _of_year(ships.filter(pl.col("year") == year), regulation, year) for regulation in REGULATIONS for year in years
    ]
    if not parts:
        words = ("regulation", "reason", "clause", "status", "source_row")
        return ships.select("ship_id", "year", *(pl.lit("").alias(name) for name in words), applies=pl.lit(value=False))
    return pl.concat(parts).sort("ship_id", "year", "regulation")


def _of_year(ships: pl.DataFrame, regulation: str, year: int) -> pl.DataFrame:
    table = REGULATIONS[regulation]
    keys = [pl.col("ship_id"), pl.col("year"), pl.lit(regulation).alias("regulation")]
    if not in_force(regulation, year):
        return ships.select(
            *keys,
            applies=pl.lit(value=False),
            reason=pl.lit(NOT_IN_FORCE),
            clause=pl.lit(table),
            status=pl.lit(STATUSES[0]),
            source_row=pl.lit(f"{table}: gt_threshold"),
        )
    floor = clause(table, "gt_threshold", year)
    above = regulation == "fueleu"
    small = (pl.col("gt") <= floor.value) if above else (pl.col("gt") < floor.value)
    words = f"not above {floor.value:,.0f} GT" if above else f"below {floor.value:,.0f} GT"
    kind = rule_type_expr("ship_class", _TYPES)
    reason = (
        pl.when(kind == "not_covered")
        .then(pl.lit("carries neither cargo nor passengers"))
        .when((kind == "offshore") & pl.lit(not _offshore(regulation, year)))
        .then(pl.lit("offshore ship"))
        .when(small)
        .then(pl.lit(words))
    )
    doubts = pl.concat_str(
        pl.when(pl.col("gt").is_null()).then(pl.lit("GT unknown, taken as covered")),
        pl.when(kind.is_null()).then(pl.lit("ship class unknown, taken as covered")),
        separator="; ",
        ignore_nulls=True,
    )
    return ships.select(
        *keys,
        applies=reason.is_null(),
        reason=pl.coalesce(reason, doubts),
        clause=pl.lit(floor.clause),
        status=pl.coalesce(type_status_expr("ship_class", _TYPES), pl.lit(STATUSES[0])),
        source_row=pl.lit(floor.row),
    )


def _offshore(regulation: str, year: int) -> bool:
    """Say whether a regulation covers offshore ships in a year."""
    if regulation != "ets":
        return False
    try:
        clause(REGULATIONS[regulation], "offshore_gt_threshold", year)
    except ReferenceDataError:
        return False
    return True
