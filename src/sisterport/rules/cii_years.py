"""IMO CII over the years: when a plan of corrective actions is due, and the bands of a ship for a picture."""

from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.reference import load, value
from sisterport.rules.cii import ratings
from sisterport.tables.frames import to_polars

PLAN_CLAUSE = "MARPOL Annex VI reg. 26.3.2 and 28.8"
_TIMES = (("a_below", "d1"), ("b_below", "d2"), ("c_below", "d3"), ("d_below", "d4"))


def corrective_plan(rated: Any) -> pl.DataFrame:
    """Say for each ship and year whether a plan of corrective actions is due in the SEEMP.

    Parameters
    ----------
    rated
        Frame with year, rating and ship_id or imo, as `sisterport.rules.cii.ratings` gives it, several years together.

    Returns
    -------
    polars.DataFrame
        The frame with ``plan_due`` (true, false, or null where a year before has no rating here and could decide),
        ``plan_reason`` and ``plan_clause``. Years before the first rating year never count.

    Raises
    ------
    InputError
        If columns are missing, a row has no ship, or a ship has two rows for a year.

    References
    ----------
    MARPOL Annex VI reg. 26.3.2 and 28.8: rated D for three consecutive years, or rated E.

    Examples
    --------
    >>> years = pl.DataFrame({"imo": [1, 1, 1], "year": [2023, 2024, 2025], "rating": ["D", "D", "D"]})
    >>> corrective_plan(years)["plan_due"].to_list()
    [False, False, True]
    """
    frame = to_polars(rated)
    keyed = _keyed(frame)
    letters = keyed.select("ship", "year", "rating")
    span, first = int(value("cii_d_years")), int(value("cii_first_rating_year"))
    before = []
    for back in range(1, span):
        name = f"rating_{back}_before"
        earlier = letters.select("ship", pl.col("year") + back, pl.col("rating").alias(name))
        keyed = keyed.join(earlier, on=["ship", "year"], how="left", maintain_order="left")
        before.append(pl.when(pl.col("year") - back < first).then(pl.lit(value=False)).otherwise(pl.col(name) == "D"))
    # Polars joins nulls by the logic of three values: one 'no' decides, else one 'unknown' leaves it open
    due = (pl.col("rating") == "E") | pl.all_horizontal(pl.col("rating") == "D", *before)
    return keyed.with_columns(plan_due=due).select(
        *frame.columns,
        "plan_due",
        _plan_reason(span).alias("plan_reason"),
        pl.lit(PLAN_CLAUSE).alias("plan_clause"),
    )


def _keyed(frame: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in ("year", "rating") if name not in frame.columns]
    keys = [name for name in ("ship_id", "imo") if name in frame.columns]
    if missing or not keys:
        raise InputError(f"needed: year, rating and ship_id or imo; missing: {', '.join(missing) or 'ship_id or imo'}")
    keyed = frame.with_columns(ship=pl.coalesce(pl.col(keys).cast(pl.String)))
    if keyed["ship"].null_count():
        raise InputError(f"{keyed['ship'].null_count()} rows have no ship_id and no imo")
    twice = keyed.group_by("ship", "year").len().filter(pl.col("len") > 1).sort("ship", "year")
    if twice.height:
        ship, year, _ = twice.row(0)
        raise InputError(f"{twice.height} ship-years have more than one row, first: ship {ship} in {year}")
    return keyed


def _plan_reason(span: int) -> pl.Expr:
    return (
        pl.when(pl.col("rating").is_null())
        .then(pl.lit("not rated"))
        .when(pl.col("rating") == "E")
        .then(pl.lit("rated E"))
        .when(pl.col("plan_due"))
        .then(pl.lit(f"rated D for {span} years"))
        .when(pl.col("plan_due").is_null())
        .then(pl.lit("rated D; the years before have no rating here"))
        .otherwise(pl.lit("not due"))
    )


def bands(
    *, ship_type: str, dwt_t: float | None = None, gt: float | None = None, lng_line: str = "as_printed"
) -> pl.DataFrame:
    """Return the bands of the ratings of a ship over all years with a reduction factor.

    Parameters
    ----------
    ship_type, dwt_t, gt, lng_line
        As in `sisterport.rules.cii.rate`.

    Returns
    -------
    polars.DataFrame
        year, required, a_below, b_below, c_below, d_below [g/(t nm) or g/(GT nm)]: highest attained value of each
        rating; above d_below is E.

    Raises
    ------
    InputError
        If the ship has no reference line or its size is missing.

    Examples
    --------
    >>> bands(ship_type="tanker", dwt_t=300000).filter(year=2026).select(pl.col("c_below").round(4)).item()
    2.2998
    """
    years = load("cii_reduction_factors").select(pl.col("year").cast(pl.Int64))
    ship = {"ship_type": ship_type, "dwt_t": dwt_t, "gt": gt, "co2_t": 0.0, "distance_nm": 1.0}
    typed = {"ship_type": pl.String}
    frame = years.with_columns(
        pl.lit(item, dtype=typed.get(name, pl.Float64())).alias(name) for name, item in ship.items()
    )
    rated = ratings(frame, lng_line=lng_line)
    if rated["reason"].null_count() < rated.height:
        raise InputError(f"CII bands of '{ship_type}': {rated['reason'].drop_nulls()[0]}")
    return rated.select(
        "year", "required", *((pl.col("required") * pl.col(bound)).alias(name) for name, bound in _TIMES)
    )
