"""China's Measures for Shore Power of Ports and Ships: who must connect (Art 11).

Ministry of Transport Order 45 of 2019, in force 2020-02-01, amended by Order 31 of 2021. The revision with duties to
build and fines is a draft and not applied. The older rule of the control areas is the option ``regime="eca"``.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from sisterport.errors import SchemaError, choose
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

KINDS = ("coastal", "inland")
REGIMES = {"measures": "china_measures", "eca": "china_eca"}
"""The Measures (default), or the control-area rule of 2018 (secondary)."""

_LIMIT = "must_connect_if_berth_longer_than"
_TYPES = "china_measures"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionDuty:
    """Whether a ship must connect.

    Attributes
    ----------
    must_connect : bool or None
        None where something that decides is not known.
    encouraged : bool
        The stay is shorter than the limit and the ship could connect.
    reason, clause, status, row : str
        Why, and by which row.
    """

    must_connect: bool | None
    encouraged: bool
    reason: str
    clause: str
    status: str
    row: str


def stays(frame: Any, *, regime: str = "measures") -> pl.DataFrame:
    """Return for every stay whether the ship must use shore power.

    Parameters
    ----------
    frame
        Any Arrow-speaking frame of the table ``china_stays``.
    regime
        ``measures`` (default) or ``eca``, the control-area rule of 2018, which knows one limit for all ports.

    Returns
    -------
    polars.DataFrame
        Table ``china_duties``, one row for each stay, in their order.

    Raises
    ------
    ReferenceDataError
        If stays are earlier than the rule.
    InputError, SchemaError
        Unknown ship types, wrong columns or values.

    References
    ----------
    Measures, Art 11: ships with receiving equipment, except liquid cargo ships, longer than 3 h at a coastal or 2 h at
    an inland berth that can supply them, unless an effective alternative is used; not on temporary failure, bad
    weather, accident.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> frame = pl.DataFrame({"ship_class": ["container"], "start_utc": [datetime(2024, 5, 1, tzinfo=UTC)],
    ...     "stay_h": [20.0], "port_kind": ["coastal"], "has_receiving_equipment": [True], "berth_supplies": [True]})
    >>> stays(frame)["must_connect"].item()
    True
    """
    choose("regime", regime, list(REGIMES))
    given = check(frame, "china_stays")
    refuse_unknown_types(given["ship_class"], _TYPES)
    strange = given.filter(~pl.col("port_kind").is_in(KINDS))
    if strange.height:
        raise SchemaError("china_stays", [f"port_kind '{word}'" for word in strange["port_kind"].unique().sort()])
    rule_id = REGIMES[regime]
    refuse_before(given["start_utc"].dt.date(), first_day(rule_id, _LIMIT))
    judged = _judged(given.with_columns(category=rule_type_expr("ship_class", _TYPES)), rule_id)
    return check(judged, "china_duties")


def _limits(rule_id: str) -> dict[str, Row]:
    """Return the row of the limit by kind of port; the control-area rule has one for all."""
    if rule_id == "china_measures":
        return {kind: rule(rule_id, _LIMIT, applies_to=kind) for kind in KINDS}
    return dict.fromkeys(KINDS, rule(rule_id, _LIMIT))


def _judged(stays_: pl.DataFrame, rule_id: str) -> pl.DataFrame:
    rows = _limits(rule_id)
    shortest, longest = sorted(row.number for row in rows.values())
    by_kind = pl.col("port_kind").replace_strict({kind: row.number for kind, row in rows.items()}, default=None)
    # three values of truth: a stay above both limits is long, one below both is short, whatever the port
    long_stay = (
        pl.when(by_kind.is_not_null())
        .then(pl.col("stay_h") > by_kind)
        .when(pl.col("stay_h") > longest)
        .then(pl.lit(value=True))
        .when(pl.col("stay_h") <= shortest)
        .then(pl.lit(value=False))
    )
    could = pl.col("has_receiving_equipment") & pl.col("berth_supplies") & (pl.col("category") != "liquid_cargo")
    free = pl.col("alternative").fill_null(value=False) | pl.col("excused").fill_null(value=False)
    start = pl.col("start_utc").dt.date()
    cruise_from = rule("china_eca", _LIMIT, applies_to="cruise").valid_from
    early_cruise = (
        ((pl.col("category") == "cruise") & (start < cruise_from)) if rule_id == "china_eca" else pl.lit(value=False)
    )
    names = {kind: row.name for kind, row in rows.items()}
    any_row = next(iter(rows.values()))
    return stays_.with_columns(
        long_stay=long_stay, free=free, early_cruise=early_cruise.fill_null(value=False)
    ).with_columns(
        must_connect=could & pl.col("long_stay") & ~pl.col("free") & ~pl.col("early_cruise"),
        encouraged=(could & ~pl.col("long_stay")).fill_null(value=False),
        reason=_reason(),
        clause=pl.lit(any_row.source),
        status=worst_expr(pl.lit(any_row.status), type_status_expr("ship_class", _TYPES)),
        row=pl.col("port_kind").replace_strict(names, default=any_row.name, return_dtype=pl.String),
    )


def _reason() -> pl.Expr:
    """Return the first thing that decides, in the order of the article."""
    return (
        pl.when(pl.col("category") == "liquid_cargo")
        .then(pl.lit("liquid cargo ship"))
        .when(~pl.col("has_receiving_equipment"))
        .then(pl.lit("no receiving equipment"))
        .when(~pl.col("berth_supplies"))
        .then(pl.lit("berth cannot supply the ship"))
        .when(~pl.col("long_stay"))
        .then(pl.lit("stay not longer than the limit"))
        .when(pl.col("alternative"))
        .then(pl.lit("effective alternative measure"))
        .when(pl.col("excused"))
        .then(pl.lit("temporary failure, bad weather or accident"))
        .when("early_cruise")
        .then(pl.lit("cruise ships: rule not yet in force"))
        .when(pl.col("category").is_null())
        .then(pl.lit("not known: ship type"))
        .when(pl.col("has_receiving_equipment").is_null())
        .then(pl.lit("not known: receiving equipment"))
        .when(pl.col("berth_supplies").is_null())
        .then(pl.lit("not known: whether the berth can supply the ship"))
        .when(pl.col("long_stay").is_null())
        .then(pl.lit("not known: coastal or inland port"))
        .otherwise(pl.lit("must connect"))
    )


def duty(
    *,
    on: date,
    stay_h: float,
    port_kind: str | None,
    ship_class: str | None,
    has_receiving_equipment: bool | None,
    berth_supplies: bool | None,
    alternative: bool = False,
    excused: bool = False,
    regime: str = "measures",
) -> ConnectionDuty:
    """Say whether one ship must use shore power in one stay; see `stays`.

    Parameters
    ----------
    on
        Day on which the stay begins.
    stay_h
        Time at berth [h].
    port_kind
        ``coastal`` or ``inland``; None is not known.
    ship_class
        Ship class, ``liquid_cargo`` or ``other``; None is not known.
    has_receiving_equipment, berth_supplies
        The ship has an inlet; the berth can supply it. None is not known.
    alternative, excused
        An effective alternative is used; temporary failure, bad weather or accident.
    regime
        See `stays`.

    Examples
    --------
    >>> from datetime import date
    >>> duty(on=date(2024, 5, 1), stay_h=2.5, port_kind="coastal", ship_class="container",
    ...     has_receiving_equipment=True, berth_supplies=True).reason
    'stay not longer than the limit'
    """
    frame = pl.DataFrame(
        {
            "start_utc": [on],
            "stay_h": [stay_h],
            "port_kind": [port_kind],
            "ship_class": [ship_class],
            "has_receiving_equipment": [has_receiving_equipment],
            "berth_supplies": [berth_supplies],
            "alternative": [alternative],
            "excused": [excused],
        }
    )
    row = stays(frame.with_columns(pl.col("start_utc").cast(pl.Datetime("ms", "UTC"))), regime=regime).row(
        0, named=True
    )
    return ConnectionDuty(**{name: row[name] for name in ConnectionDuty.__dataclass_fields__})
