"""Norway's World Heritage fjords: no direct CO2 or CH4 from passenger ships, small from 2026, all from 2032."""

import unicodedata
from datetime import date
from typing import Any

import polars as pl

from sisterport.rules.rows import (
    Row,
    first_day,
    refuse_before,
    refuse_unknown_types,
    rule,
    rule_type_expr,
    type_status_expr,
    worst_expr,
)
from sisterport.tables import check

RULE = "norway_fjords"
_ZERO = "zero_direct_co2_ch4"
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})


def is_world_heritage(fjord: str) -> bool:
    """Say whether a fjord is one of the five of the rule, in any common spelling.

    References
    ----------
    Government of Norway, id3097475.

    Examples
    --------
    >>> is_world_heritage("Geirangerfjorden"), is_world_heritage("Nærøyfjord"), is_world_heritage("Hardangerfjord")
    (True, True, False)
    """
    return _plain(fjord) in {_plain(name) for name in rule(RULE, "fjords").words}


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return text.strip().removesuffix("en")


def size_limit() -> Row:
    """Return the row with the tonnage between the two dates.

    Examples
    --------
    >>> size_limit().number
    10000.0
    """
    return rule(RULE, "gt_limit", applies_to="passenger")


def zero_required(*, gt: float | None, on: date) -> bool | None:
    """Say whether a passenger ship may emit no direct CO2 and CH4 in the fjords on a day.

    Parameters
    ----------
    gt
        Gross tonnage; None is not known.
    on
        The day.

    Raises
    ------
    ReferenceDataError
        If the day is before the rule.

    Examples
    --------
    >>> from datetime import date
    >>> zero_required(gt=9999, on=date(2026, 1, 1)), zero_required(gt=10000, on=date(2031, 12, 31))
    (True, False)
    """
    frame = pl.DataFrame({"ship_class": ["passenger"], "gt": [gt], "time_utc": [on], "fjord": ["Geirangerfjord"]})
    answer = passages(frame.with_columns(pl.col("time_utc").cast(pl.Datetime("ms", "UTC"))))["zero_required"].item()
    return None if answer is None else bool(answer)


def passages(frame: Any) -> pl.DataFrame:
    """Return for every passage or stay in a fjord what is required and whether it was kept.

    Parameters
    ----------
    frame
        Any Arrow-speaking frame of the table ``fjord_passages``: the fjord's name and the direct emissions there.

    Returns
    -------
    polars.DataFrame
        Table ``fjord_duties``, one row for each passage, in their order.

    Raises
    ------
    ReferenceDataError
        If passages are before the rule.
    InputError, SchemaError
        Unknown ship types, wrong columns or values.

    References
    ----------
    Government of Norway, id3097475; Lloyd's Register, class news 03-26. Pilot fuel, and biogas kept apart from fossil
    gas until bunkering, are allowed; shore power must be used where it is available and compatible.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> frame = pl.DataFrame({"ship_class": ["cruise"] * 2, "gt": [9000.0, 90000.0], "fjord": ["Aurlandsfjord"] * 2,
    ...     "time_utc": [datetime(2026, 7, 1, tzinfo=UTC)] * 2, "co2_t": [3.0, 30.0], "ch4_t": [0.0, 0.0]})
    >>> passages(frame).select("zero_required", "compliant").rows()
    [(True, False), (False, True)]
    """
    given = check(frame, "fjord_passages")
    refuse_unknown_types(given["ship_class"], RULE)
    refuse_before(given["time_utc"].dt.date(), first_day(RULE, _ZERO))
    placed = given.with_columns(
        category=rule_type_expr("ship_class", RULE),
        inside=pl.Series([is_world_heritage(name) for name in given["fjord"]], dtype=pl.Boolean),
    )
    return check(_judged(placed), "fjord_duties")


def _judged(placed: pl.DataFrame) -> pl.DataFrame:
    below, above = (rule(RULE, _ZERO, applies_to=name) for name in ("passenger_below", "passenger_from"))
    day, limit = pl.col("time_utc").dt.date(), size_limit().number
    passenger = pl.col("category") == "passenger"
    # from the later day on every size is in, known or not
    in_size = (day >= above.valid_from) | (pl.col("gt") < limit)
    required = pl.col("inside") & passenger & in_size
    excess = {gas: _excess(gas) for gas in ("co2", "ch4")}
    known_small = pl.col("gt") < limit
    due = placed.with_columns(
        zero_required=required,
        must_connect=pl.col("inside") & passenger & pl.col("shore_available"),
        row=pl.when(known_small.fill_null(value=False)).then(pl.lit(below.name)).otherwise(pl.lit(above.name)),
        clause=pl.lit(below.source),
        status=worst_expr(pl.lit(below.status), pl.lit(above.status), type_status_expr("ship_class", RULE)),
    )
    return due.with_columns(
        compliant=~pl.col("zero_required") | ((excess["co2"] <= 0) & (excess["ch4"] <= 0)),
        connected=pl.when("must_connect").then("shore_used"),
        excess_co2_t=pl.when("zero_required").then(excess["co2"]),
        excess_ch4_t=pl.when("zero_required").then(excess["ch4"]),
        reason=_reason(above),
    )


def _excess(gas: str) -> pl.Expr:
    return (pl.col(f"{gas}_t") - pl.col(f"allowed_{gas}_t").fill_null(0)).clip(lower_bound=0)


def _reason(above: Row) -> pl.Expr:
    return (
        pl.when(~pl.col("inside"))
        .then(pl.lit("not a World Heritage fjord"))
        .when(pl.col("category") == "other")
        .then(pl.lit("not a passenger ship"))
        .when(~pl.col("zero_required"))
        .then(pl.lit(f"{size_limit().number:,.0f} GT or more: from {above.valid_from}"))
        .when(pl.col("category").is_null())
        .then(pl.lit("not known: ship type"))
        .when(pl.col("zero_required").is_null())
        .then(pl.lit("not known: GT"))
        .otherwise(pl.lit("no direct CO2 and CH4 allowed"))
    )
