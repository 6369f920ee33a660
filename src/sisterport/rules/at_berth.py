"""California's At Berth regulation of 2020, 17 CCR 93130 and following: every visit for itself.

The rule of 2007 counted a fleet's yearly share; this one asks of each visit whether the auxiliary engines were
controlled in time. Exempt visits and incident events are outcomes of their own, never "controlled".
"""

import math
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from sisterport.errors import InputError, SchemaError, choose
from sisterport.reference import load
from sisterport.rules.clauses import worst
from sisterport.rules.rows import (
    Row,
    first_day,
    refuse_before,
    refuse_unknown_types,
    rows,
    rule,
    rule_type_expr,
    type_status_expr,
    worst_expr,
)
from sisterport.tables import check

RULE = "carb_at_berth"
CLAUSE = "17 CCR 93130.7"
OUTCOMES = ("controlled", "uncontrolled", "exempt", "incident", "remediation", "not_yet", "not_covered", "unknown")
STRATEGIES = ("shore_power", "carb_approved")
INCIDENTS = {"terminal": "terminal", "vessel": "fleet"}
"""Kinds of incident events and whose visits they are counted from."""

_LOW = "low_activity_terminal"
_OUTSIDE = "outside"


def controlled(*, berth_h: float, connect_after_h: float | None, disconnect_before_pilot_h: float | None) -> bool:
    """Say whether a visit was controlled in time.

    Parameters
    ----------
    berth_h
        Time at berth [h].
    connect_after_h
        Time from arrival (Ready to Work) to the start of control [h]; None if there was none.
    disconnect_before_pilot_h
        Time from the end of control to departure (Pilot on Board) [h]; None if there was none.

    Raises
    ------
    InputError
        If a time is negative, or the two do not fit into the stay.

    References
    ----------
    17 CCR 93130.7: control from two hours after arrival at the latest until one hour before departure at the earliest
    (hours secondary).

    Examples
    --------
    >>> controlled(berth_h=30, connect_after_h=2.0, disconnect_before_pilot_h=1.0)
    True
    >>> controlled(berth_h=30, connect_after_h=2.5, disconnect_before_pilot_h=0.5)
    False
    """
    gaps = [gap for gap in (connect_after_h, disconnect_before_pilot_h) if gap is not None]
    if berth_h < 0 or any(gap < 0 for gap in gaps) or sum(gaps) > berth_h:
        raise InputError(f"control times {gaps} h do not fit into a stay of {berth_h} h")
    if connect_after_h is None or disconnect_before_pilot_h is None:
        return False
    starts, ends = _limits()
    return connect_after_h <= starts.number and disconnect_before_pilot_h <= ends.number


def _limits() -> tuple[Row, Row]:
    return rule(RULE, "control_starts_within"), rule(RULE, "control_ends_not_before")


def california_ports() -> list[str]:
    """Return the UN/LOCODEs of California's ports.

    Examples
    --------
    >>> "USOAK" in california_ports(), "USSEA" in california_ports()
    (True, False)
    """
    return load("special_ports").filter(kind="california")["code"].to_list()


def visits(frame: Any) -> pl.DataFrame:
    """Return the outcome of every visit.

    Parameters
    ----------
    frame
        Any Arrow-speaking frame of the table ``carb_visits``.

    Returns
    -------
    polars.DataFrame
        Table ``carb_outcomes``, one row for each visit, in their order. An exemption goes before an incident event,
        that before the remediation fund, that before the times of control.

    Raises
    ------
    ReferenceDataError
        If visits are earlier than the regulation.
    InputError, SchemaError
        Unknown ship types, strategies, exemptions or incidents; times that do not fit.

    References
    ----------
    17 CCR 93130.7 Table 1, 93130.8, 93130.11, 93130.15.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> visits(pl.DataFrame({"ship_class": ["container", "vehicle"], "locode": ["USLAX", "USOAK"], "berth_h": [30, 20],
    ...     "arrival_utc": [datetime(2024, 3, 1, tzinfo=UTC)] * 2, "connect_after_h": [1.5, None],
    ...     "disconnect_before_pilot_h": [0.5, None]})).select("outcome", "reason").rows()
    [('controlled', 'controlled in time'), ('not_yet', 'roro: from 2025-01-01')]
    """
    given = check(frame, "carb_visits")
    refuse_unknown_types(given["ship_class"], RULE)
    refuse_before(given["arrival_utc"].dt.date(), first_day(RULE, "control_every_visit"))
    _refuse_words(given)
    placed = _regulated(given)
    starts, ends = _limits()
    timed = placed.with_columns(
        late_h=(pl.col("connect_after_h") - starts.number).clip(lower_bound=0),
        early_h=(pl.col("disconnect_before_pilot_h") - ends.number).clip(lower_bound=0),
        uncontrolled_h=pl.when(_no_control())
        .then("berth_h")
        .otherwise(pl.col("connect_after_h") + pl.col("disconnect_before_pilot_h")),
    )
    done = timed.with_columns(outcome=_outcome(), clause=pl.lit(CLAUSE)).with_columns(
        reason=_reason(), status=_status([starts.status, ends.status])
    )
    return check(done, "carb_outcomes")


def _no_control() -> pl.Expr:
    return pl.col("connect_after_h").is_null() | pl.col("disconnect_before_pilot_h").is_null()


def _refuse_words(given: pl.DataFrame) -> None:
    """Refuse words that the rule does not have, and times that do not fit, all at once."""
    allowed = {
        "strategy": list(STRATEGIES),
        "exempt": [*rule(RULE, "exempt").words, _LOW],
        "incident": list(INCIDENTS),
        "remediation": rule(RULE, "remediation").words,
    }
    faults = [
        f"{column} '{word}': choose from {', '.join(words)}"
        for column, words in allowed.items()
        for word in given[column].drop_nulls().unique().sort()
        if word not in words
    ]
    gaps = given.select(
        pl.sum_horizontal("connect_after_h", "disconnect_before_pilot_h") > pl.col("berth_h")
    ).to_series()
    if gaps.any():
        faults.append(
            f"{gaps.sum()} visits are shorter than their times without control, first: row {gaps.arg_true()[0]}"
        )
    if faults:
        raise SchemaError("carb_visits", faults)


def _regulated(given: pl.DataFrame) -> pl.DataFrame:
    """Add the vessel type of Table 1, the first day of its duty, and the row that says so."""
    san_pedro = rule(RULE, "ports", applies_to="tanker_la_lb").words
    inside = pl.col("locode").is_in(california_ports())
    category = pl.when(inside).then(rule_type_expr("ship_class", RULE)).otherwise(pl.lit(_OUTSIDE))
    tanker = pl.when(pl.col("locode").is_in(san_pedro)).then(pl.lit("tanker_la_lb")).otherwise(pl.lit("tanker_other"))
    duties = {row.applies_to: row for row in rows(RULE) if row.parameter == "control_every_visit"}
    table = pl.DataFrame(
        {
            "duty": list(duties),
            "duty_from": [row.valid_from for row in duties.values()],
            "duty_status": [row.status for row in duties.values()],
            "row": [row.name for row in duties.values()],
        }
    )
    return (
        given.with_columns(category=category)
        .with_columns(duty=pl.when(pl.col("category") == "tanker").then(tanker).otherwise("category"))
        .join(table, on="duty", how="left", maintain_order="left")
        .with_columns(
            row=pl.when(pl.col("category") == _OUTSIDE)
            .then(pl.lit("special_ports: california"))
            .otherwise(pl.col("row").fill_null("rule_ship_types"))
        )
    )


def _outcome() -> pl.Expr:
    starts, ends = _limits()
    in_time = (pl.col("connect_after_h") <= starts.number) & (pl.col("disconnect_before_pilot_h") <= ends.number)
    return (
        pl.when(pl.col("category").is_null())
        .then(pl.lit("unknown"))
        .when(pl.col("category").is_in(["not_covered", _OUTSIDE]))
        .then(pl.lit("not_covered"))
        .when(pl.col("arrival_utc").dt.date() < pl.col("duty_from"))
        .then(pl.lit("not_yet"))
        .when(pl.col("exempt").is_not_null())
        .then(pl.lit("exempt"))
        .when(pl.col("incident").is_not_null())
        .then(pl.lit("incident"))
        .when(pl.col("remediation").is_not_null())
        .then(pl.lit("remediation"))
        .when(in_time.fill_null(value=False))
        .then(pl.lit("controlled"))
        .otherwise(pl.lit("uncontrolled"))
    )


def _reason() -> pl.Expr:
    words = {
        "unknown": pl.lit("ship type not known to the rule"),
        "not_covered": pl.when(pl.col("category") == _OUTSIDE)
        .then(pl.lit("port outside California"))
        .otherwise(pl.lit("ship type without a duty to control")),
        "not_yet": pl.col("category") + ": from " + pl.col("duty_from").dt.to_string(),
        "exempt": pl.col("exempt"),
        "incident": pl.col("incident") + " incident event",
        "remediation": pl.lit("remediation fund: ") + pl.col("remediation"),
        "controlled": pl.lit("controlled in time"),
    }
    reason = pl.when(pl.lit(value=False)).then(pl.lit(""))
    for outcome, word in words.items():
        reason = reason.when(pl.col("outcome") == outcome).then(word)  # type: ignore[assignment]
    late = pl.when(pl.col("late_h") > 0).then(pl.lit("control began too late"))
    early = pl.when(pl.col("early_h") > 0).then(pl.lit("control ended too early"))
    return (
        reason.when(_no_control())
        .then(pl.lit("no control"))
        .otherwise(pl.concat_str(late, early, separator="; ", ignore_nulls=True))
    )


def _status(of_times: list[str]) -> pl.Expr:
    timed = pl.when(pl.col("outcome").is_in(["controlled", "uncontrolled"])).then(pl.lit(worst(of_times)))
    of_type = pl.when(pl.col("category") != _OUTSIDE).then(type_status_expr("ship_class", RULE))
    return worst_expr(of_type, pl.col("duty_status"), timed).fill_null("checked")


def terminal_exempt(visits_by_year: Sequence[int]) -> bool:
    """Say whether a terminal has too few visits of a vessel type to be regulated for it.

    Parameters
    ----------
    visits_by_year
        Visits in two consecutive years.

    Raises
    ------
    InputError
        If there are not two numbers, or one is negative.

    References
    ----------
    17 CCR 93130 and following, as told by Gard and ABS: below 20 visits in two consecutive years.

    Examples
    --------
    >>> terminal_exempt([19, 12]), terminal_exempt([19, 20])
    (True, False)
    """
    if len(visits_by_year) != 2 or min(visits_by_year) < 0:
        raise InputError(f"give the visits of two consecutive years, not {list(visits_by_year)}")
    return max(visits_by_year) < rule(RULE, "low_activity_threshold", applies_to="terminal").number


def incident_events(*, last_year_visits: int, year: int, kind: str) -> int:
    """Return the incident events that a terminal or a fleet is granted for a year.

    Parameters
    ----------
    last_year_visits
        Visits in the year before, without those under an innovative concept.
    year
        Calendar year.
    kind
        ``terminal`` or ``vessel`` (granted to the fleet).

    Raises
    ------
    ReferenceDataError
        If the year has no row.

    References
    ----------
    17 CCR 93130.11(a): a share of last year's visits (secondary and unverified), rounded to the nearest whole number.

    Examples
    --------
    >>> incident_events(last_year_visits=90, year=2024, kind="terminal")
    14
    """
    choose("incident event", kind, list(INCIDENTS))
    if last_year_visits < 0:
        raise InputError(f"last_year_visits is {last_year_visits}")
    share = rule(RULE, "incident_share", applies_to=INCIDENTS[kind], on=date(year, 1, 1))
    return math.floor(Fraction(share.value) * last_year_visits + Fraction(1, 2))


def strategy_approved(*, nox_g_per_kwh: float, pm25_g_per_kwh: float, rog_g_per_kwh: float) -> bool:
    """Say whether a strategy other than shore power is below the rates that CARB can approve it for.

    Parameters
    ----------
    nox_g_per_kwh, pm25_g_per_kwh, rog_g_per_kwh
        Rates on auxiliary engines [g/kWh].

    References
    ----------
    17 CCR 93130.5(d)(1): NOx below 2.8, PM2.5 below 0.03, reactive organic gases below 0.1; greenhouse gases and
    boilers of tankers are not checked here.

    Examples
    --------
    >>> strategy_approved(nox_g_per_kwh=2.0, pm25_g_per_kwh=0.02, rog_g_per_kwh=0.05)
    True
    """
    rates = {"nox_below": nox_g_per_kwh, "pm25_below": pm25_g_per_kwh, "rog_below": rog_g_per_kwh}
    return all(rate < rule(RULE, name, applies_to="alternative_control").number for name, rate in rates.items())
