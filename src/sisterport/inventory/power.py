"""Auxiliary and boiler power of the Fourth IMO GHG Study by class, size bin and mode."""

from functools import cache

import polars as pl

from sisterport.errors import choose
from sisterport.reference import load, value

TABLE_MODES = {"berth": "berth", "anchor": "anchorage", "manoeuvre": "manoeuvring", "cruise": "cruise"}
"""Modes of the table and what they are called here."""


@cache
def power_table() -> pl.DataFrame:
    """Return auxiliary and boiler power [kW], one row per class, bin and mode.

    Examples
    --------
    >>> row = {"ship_class": "container", "size_bin": 5, "mode": "berth"}
    >>> power_table().join(pl.DataFrame([row]), on=list(row), how="semi", maintain_order="left").row(0)[3:]
    (1100.0, 590.0)
    """
    return (
        load("aux_boiler_power_ghg4")
        .with_columns(pl.col("mode").replace_strict(TABLE_MODES), pl.col("power_kw").cast(pl.Float64))
        .pivot(on="system", index=["ship_class", "size_bin", "mode"], values="power_kw")
        .rename({"auxiliary_engine": "aux_kw", "boiler": "boiler_kw"})
        .select("ship_class", "size_bin", "mode", "aux_kw", "boiler_kw")
    )


def auxiliary_and_boiler_power(ships: pl.DataFrame) -> pl.DataFrame:
    """Return auxiliary and boiler power of ships in a mode.

    Parameters
    ----------
    ships
        Frame with ``ship_class``, ``size_bin``, ``mode`` (berth, anchorage, manoeuvring, cruise) and
        ``power_kw`` (installed main engine power [kW]; null: unknown).

    Returns
    -------
    DataFrame
        ``aux_kw`` and ``boiler_kw`` [kW] in the order of `ships`; null where class or bin are unknown.

    Raises
    ------
    MethodError
        If a mode has another name.

    References
    ----------
    Fourth IMO GHG Study 2020, Table 17; main power up to 150 kW: both zero; up to 500 kW: auxiliary power is
    5 % of it.

    Examples
    --------
    >>> rows = pl.DataFrame({"ship_class": ["service_tug"] * 3, "size_bin": [1] * 3, "mode": ["berth"] * 3,
    ...                      "power_kw": [150.0, 400.0, 501.0]})
    >>> auxiliary_and_boiler_power(rows)["aux_kw"].to_list()
    [0.0, 20.0, 100.0]
    """
    for mode in ships["mode"].unique():
        choose("mode", mode, list(TABLE_MODES.values()))
    found = ships.select("ship_class", "size_bin", "mode", "power_kw").join(
        power_table(), on=["ship_class", "size_bin", "mode"], how="left", maintain_order="left"
    )
    main = pl.col("power_kw")
    known = pl.col("aux_kw").is_not_null()
    small = known & (main <= value("ghg4_small_power_kw"))
    medium = known & (main <= value("ghg4_medium_power_kw"))
    return found.select(
        pl.when(small).then(0.0).when(medium).then(value("ghg4_aux_share") * main).otherwise("aux_kw").alias("aux_kw"),
        pl.when(small).then(0.0).otherwise("boiler_kw").alias("boiler_kw"),
    )


def main_power_decides() -> pl.Expr:
    """Return whether the main power is unknown in a class of one bin (tugs, yachts, service craft ...).

    Such a class holds launches beside ships; only the main power tells whether there are auxiliary engines at all.
    """
    return pl.col("power_kw").is_null() & pl.col("ship_class").is_in(_classes_of_one_bin())


@cache
def _classes_of_one_bin() -> list[str]:
    bins = power_table().group_by("ship_class", maintain_order=True).agg(pl.col("size_bin").n_unique())
    return bins.filter(pl.col("size_bin") == 1)["ship_class"].to_list()
