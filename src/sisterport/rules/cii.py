"""IMO CII, MARPOL Annex VI regulation 28: attained, required and rated operational carbon intensity, to 2030.

Correction factors and voyage adjustments of the guidelines G5 (MEPC.355(78)) are not covered: every result says so.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from sisterport.errors import InputError, choose
from sisterport.reference import load, value
from sisterport.rules.cii_formulas import (
    BOUNDS,
    attained,
    rating_expr,
    reduction_pct,
    reference_line,
    refuse_years,
    required,
)
from sisterport.rules.rows import plain_expr, refuse_unknown_types, rule_type_expr
from sisterport.tables import check
from sisterport.units import PER_CENT

CLAUSE = "MARPOL Annex VI reg. 28; MEPC.352(78) G1, MEPC.353(78) G2, MEPC.338(76) and MEPC.400(83) G3, MEPC.354(78) G4"
NOT_COVERED = "G5 (MEPC.355(78)): correction factors and voyage adjustments"
LNG_LINES = ("as_printed", "one_value")
"""The LNG carrier line below 65,000 DWT: 14779E10 as printed (default), or 14479E10 as in the class above."""

__all__ = [
    "CLAUSE",
    "LNG_LINES",
    "NOT_COVERED",
    "CiiRating",
    "attained",
    "rate",
    "rating_expr",
    "ratings",
    "reasons",
    "reduction_pct",
    "reference_line",
    "required",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CiiRating:
    """Carbon intensity of one ship and year, with its passport.

    Attributes
    ----------
    year : int
        Calendar year.
    cii_type, capacity_unit : str
        Ship type of MEPC.353(78); dwt or gt.
    capacity, reference_capacity : float
        Actual capacity, and the one in the reference line [t or GT].
    attained, reference, required : float
        Carbon intensities [g/(t nm) or g/(GT nm)].
    z_pct, ratio : float
        Reduction factor [%], attained over required [-].
    rating : str
        A to E.
    d1, d2, d3, d4 : float
        Boundaries of the ratings over the required value [-].
    scope, reference_row, status, clause, not_covered : str
        Whether the rule applies, what was used, and what is left out.
    """

    year: int
    cii_type: str
    capacity_unit: str
    capacity: float
    reference_capacity: float
    attained: float
    reference: float
    required: float
    z_pct: float
    ratio: float
    rating: str
    d1: float
    d2: float
    d3: float
    d4: float
    scope: str
    reference_row: str
    status: str
    clause: str
    not_covered: str


def ratings(frame: Any, *, lng_line: str = "as_printed") -> pl.DataFrame:
    """Return the CII of every ship and year of a frame, or the reason why there is none.

    Parameters
    ----------
    frame
        Any Arrow-speaking frame of the table ``cii_ships``: year, CO2 [t], distance [nm], ship type or class,
        deadweight [t] and gross tonnage as far as known.
    lng_line
        Reading of the LNG carrier line below 65,000 DWT, where the resolution prints 14779E10 and 14479E10 for
        the class above: ``as_printed`` (default) or ``one_value`` (14479E10 for both).

    Returns
    -------
    polars.DataFrame
        Table ``cii_ratings``, one row for each row given, in their order. ``reason`` says why a row has no rating;
        `reasons` counts them.

    Raises
    ------
    ReferenceDataError
        If a year has no reduction factor.
    InputError, SchemaError
        Unknown ship types, wrong columns or values.

    References
    ----------
    MARPOL Annex VI reg. 28; guidelines G1 to G4. G5 is not covered.

    Examples
    --------
    >>> ships = pl.DataFrame({"imo": [9074729, 9241061], "ship_type": ["Container ship", "Oil tanker"],
    ...     "dwt_t": [165000.0, None], "co2_t": [63020.0, 51381.0], "distance_nm": [95000.0, 75000.0],
    ...     "year": [2030, 2026]})
    >>> ratings(ships).select("imo", "rating", "reason").rows()
    [(9074729, 'B', None), (9241061, None, 'not computable: DWT missing')]
    """
    choose("LNG carrier line", lng_line, LNG_LINES)
    ships = check(frame, "cii_ships").with_row_index("row")
    refuse_years(ships["year"].unique().to_list())
    for column in ("ship_type", "ship_class"):
        refuse_unknown_types(ships[column], "imo_cii")
    lined = _with_lines(_typed(ships), lng_line)
    computed = _computed(lined).sort("row")
    return check(computed, "cii_ratings")


def _typed(ships: pl.DataFrame) -> pl.DataFrame:
    """Add the ship type of the reference lines, and what is known against it."""
    table = load("rule_ship_types").filter(pl.col("regulation") == "imo_cii")
    doubts = dict(table.filter(pl.col("rule_type").is_null()).select("name", "note").iter_rows())
    by_type, by_class = (rule_type_expr(column, "imo_cii") for column in ("ship_type", "ship_class"))
    named = pl.coalesce(plain_expr("ship_type"), plain_expr("ship_class"))
    units = dict(load("cii_reference_lines").select("ship_type", "capacity_unit").iter_rows())
    return ships.with_columns(
        cii_type=pl.coalesce(by_type, by_class),
        cii_type_source=pl.when(by_type.is_not_null())
        .then(pl.lit("ship_type"))
        .when(by_class.is_not_null())
        .then(pl.lit("ship_class"))
        .otherwise(pl.lit("unknown")),
        doubt=named.replace_strict(doubts, default="ship type unknown", return_dtype=pl.String),
    ).with_columns(capacity_unit=pl.col("cii_type").replace_strict(units, default=None, return_dtype=pl.String))


def _with_lines(ships: pl.DataFrame, lng_line: str) -> pl.DataFrame:
    """Join the row of the reference lines that holds the ship's capacity."""
    lines = load("cii_reference_lines").filter(pl.col("variant").is_null() | (pl.col("variant") == lng_line))
    lines = lines.select(
        pl.col("ship_type").alias("cii_type"),
        pl.col("row_id").alias("reference_row"),
        pl.col("capacity_min").fill_null(0),
        "capacity_below",
        "capacity_fixed_in_reference",
        "a",
        "c",
        *BOUNDS,
        "status",
    )
    actual = pl.when(pl.col("capacity_unit") == "gt").then("gt").otherwise("dwt_t")
    sized = ships.with_columns(capacity=pl.when(actual > 0).then(actual))
    holding = (
        sized.select("row", "cii_type", "capacity")
        .join(lines, on="cii_type")
        .filter(
            pl.col("capacity") >= pl.col("capacity_min"),
            pl.col("capacity_below").is_null() | (pl.col("capacity") < pl.col("capacity_below")),
        )
        .drop("cii_type", "capacity")
    )
    return sized.join(holding, on="row", how="left")


def _computed(lined: pl.DataFrame) -> pl.DataFrame:
    factors = load("cii_reduction_factors").select(pl.col("year").cast(pl.Int64), pl.col("z_pct").cast(pl.Float64))
    frame = lined.join(factors, on="year", how="left").with_columns(
        reason=_reason(),
        scope=_scope(),
        reference_capacity=pl.coalesce("capacity_fixed_in_reference", "capacity").cast(pl.Float64),
    )
    frame = frame.with_columns(
        attained=attained(co2_t=pl.col("co2_t"), distance_nm=pl.col("distance_nm"), capacity=pl.col("capacity")),
        reference=reference_line(a=pl.col("a"), c=pl.col("c"), capacity=pl.col("reference_capacity")),
    )
    frame = frame.with_columns(required=required(reference=pl.col("reference"), z=pl.col("z_pct") * PER_CENT))
    numbers = ["attained", "reference", "required"]
    frame = frame.with_columns(pl.when(pl.col("reason").is_null()).then(name).alias(name) for name in numbers)
    frame = frame.with_columns(ratio=pl.col("attained") / pl.col("required"))
    return frame.with_columns(
        rating=rating_expr(pl.col("ratio")), clause=pl.lit(CLAUSE), not_covered=pl.lit(NOT_COVERED)
    )


def _reason() -> pl.Expr:
    """Return why a row has no rating; the first that applies."""
    no = "not computable: "
    threshold = value("cii_gt_threshold")
    return (
        pl.when(pl.col("cii_type").is_null())
        .then(pl.lit(no) + pl.col("doubt"))
        .when(pl.col("gt") < threshold)
        .then(pl.lit(f"not in scope: below {threshold:,.0f} GT"))
        .when(pl.col("capacity").is_null())
        .then(pl.lit(no) + pl.col("capacity_unit").str.to_uppercase() + " missing")
        .when(pl.col("distance_nm").is_null() | (pl.col("distance_nm") <= 0))
        .then(pl.lit(no + "distance missing"))
        .when(pl.col("co2_t").is_null())
        .then(pl.lit(no + "CO2 missing"))
    )


def _scope() -> pl.Expr:
    return (
        pl.when(pl.col("gt") < value("cii_gt_threshold"))
        .then(pl.lit("not in scope"))
        .when(pl.col("year") < value("cii_first_rating_year"))
        .then(pl.lit("before the first rating year"))
        .when(pl.col("gt").is_null())
        .then(pl.lit("GT unknown, taken as in scope"))
        .otherwise(pl.lit("in scope"))
    )


def rate(
    *,
    ship_type: str,
    co2_t: float,
    distance_nm: float,
    year: int,
    dwt_t: float | None = None,
    gt: float | None = None,
    lng_line: str = "as_printed",
) -> CiiRating:
    """Return the CII of one ship and year.

    Parameters
    ----------
    ship_type
        Ship type of MEPC.353(78) (``bulk_carrier``), of EU-MRV (``Ro-pax ship``) or a ship class.
    co2_t, distance_nm
        CO2 [t] and distance [nm] of the year.
    year
        Calendar year.
    dwt_t, gt
        Deadweight [t] and gross tonnage: the one that the ship type counts by is needed.
    lng_line
        See `ratings`.

    Raises
    ------
    InputError
        If there is no rating; the message says why.
    ReferenceDataError
        If the year has no reduction factor.

    Examples
    --------
    >>> rate(ship_type="tanker", dwt_t=300000, co2_t=51381, distance_nm=75000, year=2026).rating
    'C'
    """
    row = ratings(
        pl.DataFrame(
            {
                "ship_type": [ship_type],
                "dwt_t": [dwt_t],
                "gt": [gt],
                "co2_t": [co2_t],
                "distance_nm": [distance_nm],
                "year": [year],
            }
        ),
        lng_line=lng_line,
    ).row(0, named=True)
    if row["reason"]:
        raise InputError(f"CII of '{ship_type}' in {year}: {row['reason']}")
    return CiiRating(**{name: row[name] for name in CiiRating.__dataclass_fields__})


def reasons(rated: pl.DataFrame) -> pl.DataFrame:
    """Return how many rows have a rating, and how many have none for which reason.

    Examples
    --------
    >>> reasons(pl.DataFrame({"rating": ["A", None], "reason": [None, "not computable: DWT missing"]})).rows()
    [('not computable: DWT missing', 1), ('rated', 1)]
    """
    return (
        rated.select(pl.col("reason").fill_null("rated"))
        .group_by("reason")
        .agg(rows=pl.len())
        .sort("rows", "reason", descending=[True, False])
    )
