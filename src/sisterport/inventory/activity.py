"""Energy by segment and system, and the load-weighted energies that fuel and pollutants are linear in."""

import polars as pl

from sisterport.engines import STATISTICS

SYSTEMS = ("main", "auxiliary_engine", "boiler")
ENGINE_OFF = ("berth", "anchorage")
"""Modes in which the main engine is off."""

WEIGHTED = tuple(name.removesuffix("_h") for name in STATISTICS)
"""Energies of the activity frame, all [kWh]: ``lf`` is the plain one, the others are weighted."""

_EXCESS = {"lf_sfc_high", "lf_nox_low"}


def main_power() -> pl.Expr:
    """Return the power that the load sums refer to [kW]; null where power or reference speed are unknown.

    Where the engine is off by the mode, nothing needs to be known of it.

    Examples
    --------
    >>> rows = pl.DataFrame({"mode": ["cruise", "cruise", "berth"], "power_kw": [900.0, 900.0, None],
    ...                      "v_ref_kn": [12.0, None, None]})
    >>> rows.select(main_power())["power_kw"].to_list()
    [900.0, None, 0.0]
    """
    off = pl.col("mode").is_in(ENGINE_OFF)
    known = pl.col("power_kw").is_not_null() & pl.col("v_ref_kn").is_not_null()
    return pl.when(off).then(pl.col("power_kw").fill_null(0.0)).when(known).then("power_kw").alias("power_kw")


def activity(base: pl.DataFrame) -> pl.DataFrame:
    """Return the energies of the three systems of each segment.

    Parameters
    ----------
    base
        Segments joined with ``power_kw, v_ref_kn`` of their ship, ``aux_kw, boiler_kw`` [kW] of their mode,
        ``shore_kwh`` [kWh] taken from shore and ``case`` (key of the factors).

    Returns
    -------
    DataFrame
        One row per segment and system: ``segment_id, case, system, shore_kwh`` and the energies `WEIGHTED`
        [kWh]. Only the main engine has load weights; for the others every energy is the plain one. Null: not
        known.

    Examples
    --------
    >>> zeros = {name: 0.0 for name in STATISTICS}
    >>> row = {"segment_id": 0, "case": 0, "mode": "cruise", "hours": 2.0, "power_kw": 1000.0,
    ...        "v_ref_kn": 12.0,
    ...        "aux_kw": 50.0, "boiler_kw": None, "shore_kwh": 0.0} | zeros | {"lf_h": 0.5, "lf_sfc_h": 0.6}
    >>> rows = pl.DataFrame([row], schema_overrides={"boiler_kw": pl.Float64})
    >>> activity(rows).select("system", "lf", "lf_sfc").rows()
    [('main', 500.0, 600.0), ('auxiliary_engine', 100.0, 100.0), ('boiler', None, None)]
    """
    key = ["segment_id", "case"]
    power = main_power()
    main = base.select(
        *key,
        pl.lit("main").alias("system"),
        pl.lit(0.0).alias("shore_kwh"),
        *(pl.col(f"{name}_h").mul(power).alias(name) for name in WEIGHTED),
    )
    shore = pl.col("shore_kwh")
    others = [
        base.select(*key, pl.lit("auxiliary_engine").alias("system"), shore, *_plain(pl.col("aux_kw"), shore)),
        base.select(
            *key,
            pl.lit("boiler").alias("system"),
            pl.lit(0.0).alias("shore_kwh"),
            *_plain(pl.col("boiler_kw")),
        ),
    ]
    return pl.concat([main, *others])


def _plain(power_kw: pl.Expr, shore_kwh: pl.Expr | None = None) -> list[pl.Expr]:
    """Return the same energy under every name; excess over the load curve and low-load parts are zero."""
    energy = power_kw * pl.col("hours")
    if shore_kwh is not None:
        energy = pl.max_horizontal(energy - shore_kwh, pl.when(energy.is_not_null()).then(0.0))
    nothing = pl.when(energy.is_not_null()).then(0.0)
    return [(nothing if name in _EXCESS else energy).alias(name) for name in WEIGHTED]
