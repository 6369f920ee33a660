"""FuelEU Maritime Article 6: who must take electricity from shore at berth, exceptions, penalty."""

import math
from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import InputError, ReferenceDataError, SchemaError, did_you_mean
from sisterport.reference import load
from sisterport.rules.clauses import STATUSES, Clause, clause, words

OUTCOMES = ("not_covered", "short_stay", "connected", "excepted", "open", "cap_exceeded", "not_compliant")
"""What a call comes to; the last two are penalised, ``open`` is a duty of which the connection is not known."""

_TABLE = "fueleu_rules"
_CLAUSE = "Regulation (EU) 2023/1805 Art 6, 23(5)"
_BY_VERDICT = "incompatible"
"""The exception of which a plug verdict is evidence: the shore installation alone does not fit."""


def penalty(demand_kw: float, hours: float, *, year: int) -> Clause:
    """Return the penalty of a call that should have been connected [EUR]; unverified.

    Parameters
    ----------
    demand_kw
        Established total electrical demand of the ship at berth [kW].
    hours
        Time at berth without shore power [h], rounded up to whole hours.
    year
        Reporting period.

    Raises
    ------
    ReferenceDataError
        A year before the duty.

    References
    ----------
    Regulation (EU) 2023/1805 Art 23(5).

    Examples
    --------
    >>> penalty(4000.0, 13.2, year=2030).value
    84000.0
    """
    if not (demand_kw >= 0 and hours >= 0):
        raise InputError("demand and hours must not be below 0")
    rate = clause(_TABLE, "ops_penalty", year)
    return Clause(
        value=rate.value * demand_kw * math.ceil(hours),
        unit="EUR",
        clause=rate.clause,
        status=rate.status,
        row=rate.row,
    )


def berth_calls(calls: Any) -> pl.DataFrame:
    """Return the duty, its outcome and the penalty of calls at berth.

    Parameters
    ----------
    calls
        Frame of the table ``fueleu_berth_calls``. The plug verdict is a plain column: a certified ship whose berth
        alone does not fit (grade 4) is excepted as ``incompatible``; at a quay without shore power the exception is
        ``no_free_point``. An exception claimed goes first.

    Returns
    -------
    polars.DataFrame
        The rows and ``must_connect``; ``outcome``, one of `OUTCOMES`; ``exception_used`` and ``exception_source``
        (``claimed``, ``quay``, ``verdict``); ``penalty_eur``, null where it is due and the demand is not known;
        ``clause``, ``status``.

    Raises
    ------
    SchemaError
        Listing every fault.

    References
    ----------
    Regulation (EU) 2023/1805 Art 6: container and passenger ships above 5,000 GT; from 2030 in ports covered by
    Regulation (EU) 2023/1804 Art 9, from 2035 at every equipped quay; stays under 2 h are exempt. From 2035
    exceptions are capped per ship and year (unverified).

    Examples
    --------
    >>> call = pl.DataFrame({"ship_id": ["imo:1"], "year": [2030], "ship_class": ["container"], "gt": [90_000.0],
    ...     "hours": [13.2], "afir_port": [True], "quay_equipped": [True], "connected": [False],
    ...     "demand_kw": [4000.0], "verdict": [0]})
    >>> berth_calls(call).select("outcome", "penalty_eur").row(0)
    ('not_compliant', 84000.0)
    """
    rows = tables.check(calls, "fueleu_berth_calls").with_row_index("_row")
    _refuse_exceptions(rows)
    duties = rows.join(_years(rows["year"]), on="year", how="left", maintain_order="left").with_columns(_duty())
    ranked = _with_cap(duties.with_columns(_exceptions()).join(_capped(), on="exception_used", how="left"))
    return (
        ranked.with_columns(_outcome())
        .with_columns(_penalty(), pl.lit(_CLAUSE).alias("clause"), _status())
        .sort("_row")
        .select(*tables.schema("fueleu_berth_calls"), *_ADDED)
    )


_ADDED = (
    "must_connect", "outcome", "exception_used", "exception_source", "penalty_eur", "clause", "status",
)  # fmt: skip


def _refuse_exceptions(rows: pl.DataFrame) -> None:
    known = load("fueleu_ops_exceptions")["exception"].to_list()
    faults = [
        f"unknown exception '{word}'{did_you_mean(word, known)}; choose from {', '.join(known)}"
        for word in rows["exception"].drop_nulls().unique().sort()
        if word not in known
    ]
    if faults:
        raise SchemaError("fueleu_berth_calls", faults)


def _maybe(item: str, year: int) -> float | None:
    """Return the number of a row that may not be in force in a year."""
    try:
        return clause(_TABLE, item, year).value
    except ReferenceDataError:
        return None


def _years(years: pl.Series) -> pl.DataFrame:
    """Return what the law says of each year; nulls where a rule is not in force."""
    items = {
        "in_afir": "ops_afir_ports",
        "in_extended": "ops_extended_ports",
        "in_equipped": "ops_equipped_quays",
        "gt_above": "ops_gt_threshold",
        "short_h": "ops_short_stay_h",
        "cap_share": "ops_exception_cap_share",
        "cap_calls": "ops_exception_cap_calls",
        "rate": "ops_penalty",
    }
    found = [{"year": year, **{name: _maybe(item, year) for name, item in items.items()}} for year in years.unique()]
    return pl.DataFrame(found, schema={"year": pl.Int64, **dict.fromkeys(items, pl.Float64)})


def _classes() -> list[str]:
    first = int(load(_TABLE).filter(item="ops_ship_classes")["valid_from"].item())
    return words(_TABLE, "ops_ship_classes", first)


def _duty() -> list[pl.Expr]:
    port = (
        (pl.col("in_afir").is_not_null() & pl.col("afir_port"))
        | (pl.col("in_extended").is_not_null() & pl.col("extended_port").fill_null(value=False))
        | (pl.col("in_equipped").is_not_null() & pl.col("quay_equipped"))
    )
    ship = pl.col("ship_class").is_in(_classes()) & (pl.col("gt") > pl.col("gt_above")).fill_null(value=False)
    short = pl.col("hours") < pl.col("short_h")
    return [(port & ship).alias("_covered"), (port & ship & ~short).alias("must_connect")]


def _verdict_grade() -> int:
    """Return the grade of the table ``verdicts`` by which the shore installation alone does not fit."""
    return int(load("fueleu_ops_exceptions").filter(exception=_BY_VERDICT)["verdict_grade"].item())


def _exceptions() -> list[pl.Expr]:
    """Return which exception a call that is not connected has, and how that is known."""
    asked = pl.col("must_connect") & ~pl.col("connected").fill_null(value=False)
    claimed = asked & pl.col("exception").is_not_null()
    quay = asked & ~pl.col("quay_equipped")
    verdict = asked & pl.col("ship_certified").fill_null(value=False) & (pl.col("verdict") == _verdict_grade())
    return [
        pl.when(claimed)
        .then(pl.col("exception"))
        .when(quay)
        .then(pl.lit("no_free_point"))
        .when(verdict.fill_null(value=False))
        .then(pl.lit(_BY_VERDICT))
        .alias("exception_used"),
        pl.when(claimed)
        .then(pl.lit("claimed"))
        .when(quay)
        .then(pl.lit("quay"))
        .when(verdict.fill_null(value=False))
        .then(pl.lit("verdict"))
        .alias("exception_source"),
    ]


def _capped() -> pl.DataFrame:
    return load("fueleu_ops_exceptions").select(
        pl.col("exception").alias("exception_used"),
        (pl.col("capped") == "yes").alias("_capped"),
        pl.col("status").alias("_exception_status"),
    )


def _with_cap(rows: pl.DataFrame) -> pl.DataFrame:
    """Say which exceptions lie beyond the cap of their ship and year, in the order of the calls."""
    keys = ["ship_id", "year"]
    allowed = pl.min_horizontal((pl.col("cap_share") * pl.col("must_connect").sum().over(keys)).ceil(), "cap_calls")
    counted = pl.col("_capped").fill_null(value=False)
    return rows.sort("ship_id", "year", "start_utc", "_row", nulls_last=True).with_columns(
        (counted & (counted.cum_sum().over(keys) > allowed).fill_null(value=False)).alias("_beyond")
    )


def _outcome() -> pl.Expr:
    excepted = pl.col("exception_used").is_not_null()
    return (
        pl.when(~pl.col("_covered"))
        .then(pl.lit("not_covered"))
        .when(~pl.col("must_connect"))
        .then(pl.lit("short_stay"))
        .when(pl.col("connected").fill_null(value=False))
        .then(pl.lit("connected"))
        .when(pl.col("_beyond"))
        .then(pl.lit("cap_exceeded"))
        .when(excepted)
        .then(pl.lit("excepted"))
        .when(pl.col("connected").is_null())
        .then(pl.lit("open"))
        .otherwise(pl.lit("not_compliant"))
        .alias("outcome")
    )


def _penalty() -> pl.Expr:
    due = pl.col("outcome").is_in(["cap_exceeded", "not_compliant"])
    amount = pl.col("rate") * pl.col("demand_kw") * pl.col("hours").ceil()
    return pl.when(due).then(amount).otherwise(0).alias("penalty_eur")


def _status() -> pl.Expr:
    due = pl.col("outcome").is_in(["cap_exceeded", "not_compliant"])
    first = int(load(_TABLE).filter(item="ops_penalty")["valid_from"].item())
    return (
        pl.when(due)
        .then(pl.lit(clause(_TABLE, "ops_penalty", first).status))
        .when(pl.col("outcome") == "excepted")
        .then(pl.col("_exception_status"))
        .otherwise(pl.lit(STATUSES[0]))
        .alias("status")
    )
