"""What the rows of a register mean on a day: whether there is an inlet, an outlet in service, and at what frequency."""

from datetime import date

import polars as pl

from sisterport.reference import value
from sisterport.shorepower.kleene import FALSE, TRUE, UNKNOWN

OF_THE_INLET = (
    *("kind", "profile", "voltage_kv", "pair", "transformer_kv", "transformer_mva", "connector", "plugs_n"),
    *("plug_current_a", "pilots_n", "neutral", "cable_on_board", "cable_length_m", "side", "inlet_from_stern_m"),
    *("height_min_m", "height_max_m", "comms_level", "standard_edition", "certificate"),
)
"""Columns that tell of the inlet; the others tell of the ship, whether it has an inlet or not."""
_TELLING = ("frequency_hz", *(name for name in OF_THE_INLET if name not in {"transformer_kv", "transformer_mva"}))
OF_THE_OUTLET = (
    *("kind", "profile", "voltage_kv", "pair", "power_mva", "power_mva_high", "plant_id", "plant_power_mva"),
    *("simultaneity", "connector", "sockets_n", "socket_current_a", "pilots_n", "neutral", "neutral_resistor_ohm"),
    *("cable_provider", "side", "position_from_m", "position_to_m", "reach_m", "height_min_m", "height_max_m"),
    *("short_circuit_ka", "comms_level", "standard_edition"),
)
"""Columns that tell of the outlet; the others tell of the berth and its grid."""


def marked_inlets(rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``present``, ``short_circuit`` (three-valued), ``free`` (known to have no inlet) and ``hz`` of the ship."""
    described = pl.any_horizontal(pl.col(_TELLING).is_not_null())
    has = pl.col("has_inlet").fill_null(pl.when(described).then(statement=True))
    own, bus = pl.col("frequency_hz"), pl.col("bus_frequency_hz")
    hertz = pl.when(has.fill_null(value=True)).then(pl.coalesce(own, bus)).otherwise(pl.coalesce(bus, own))
    return rows.with_columns(
        answer(has).alias("present"), (answer(has) == FALSE).cast(pl.Int8).alias("free"), hertz.alias("hz"), _circuit()
    )


def marked_outlets(rows: pl.DataFrame, on: date) -> pl.DataFrame:
    """Add ``present``, ``short_circuit`` (three-valued), ``free`` (known to have no outlet) and ``hz``."""
    absent = (pl.col("state") == "none").fill_null(value=False)
    circuit = pl.when(absent).then(pl.lit(TRUE, pl.Int8)).otherwise(_circuit()).alias("short_circuit")
    return rows.with_columns(
        in_service(on).alias("present"), absent.cast(pl.Int8).alias("free"), pl.col("frequency_hz").alias("hz"), circuit
    )


def in_service(on: date) -> pl.Expr:
    """Return whether an outlet is in service on a day, in three-valued logic.

    Only ``operational`` counts, from ``since`` to ``until``. Without ``since`` it counts from the day of the source
    (``seen_on``), and before it is not known. A retired outlet is not in service, but before its last day it may have
    been. What is planned stays planned, whatever its date.

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.DataFrame({
    ...     "state": ["operational", "operational", "planned", "operational"],
    ...     "since": [date(2024, 1, 1), date(2028, 1, 1), date(2020, 1, 1), None],
    ...     "until": [None, None, None, None],
    ...     "seen_on": [None, None, None, date(2027, 1, 1)],
    ... }, schema_overrides={"until": pl.Date})
    >>> rows.select(in_service(date(2026, 11, 1)).alias("is"))["is"].to_list()
    [2, 0, 0, 1]
    """
    state, day = pl.col("state"), pl.lit(on)
    over = (pl.col("until") < day).fill_null(value=False)
    not_yet = (pl.col("since") > day).fill_null(value=False)
    perhaps_not_yet = (pl.col("since").is_null() & (pl.col("seen_on") > day)).fill_null(value=False)
    perhaps_still = (pl.col("until") >= day).fill_null(value=False)
    return (
        pl.when(state.is_null())
        .then(UNKNOWN)
        .when((state == "retired") & perhaps_still & ~not_yet)
        .then(UNKNOWN)
        .when((state != "operational") | over | not_yet)
        .then(FALSE)
        .when(perhaps_not_yet)
        .then(UNKNOWN)
        .otherwise(TRUE)
        .cast(pl.Int8)
    )


def _circuit() -> pl.Expr:
    """Return whether the short-circuit level is within the limit of the standard."""
    within = pl.col("short_circuit_ka") <= value("shore_short_circuit_max_ka")
    return answer(within).alias("short_circuit")


def answer(question: pl.Expr) -> pl.Expr:
    """Return yes and no in three-valued logic."""
    return pl.when(question).then(TRUE).when(~question).then(FALSE).otherwise(UNKNOWN).cast(pl.Int8)
