"""Factor look-ups of the Fourth IMO GHG Study: each table as a frame to join, gaps filled by stated rules."""

from functools import cache

import polars as pl

from sisterport.engines import tier_starts
from sisterport.errors import choose
from sisterport.reference import load, value

BUILD_PERIODS = ("before_1984", "1984_2000", "after_2000")
RECIPROCATING = ("SSD", "MSD", "HSD")
_SYSTEM_COLUMNS = ["engine_type", "fuel", "system"]
_ENERGY_POLLUTANTS = {"CH4": "ch4", "N2O": "n2o", "CO": "co", "NMVOC": "nmvoc", "BC": "bc"}


def build_period(build_year: pl.Expr) -> pl.Expr:
    """Return the build period of an engine from the year of build; unknown counts as after 2000.

    Examples
    --------
    >>> frame = pl.DataFrame({"year": [1983, 1984, 2000, 2001, None]})
    >>> frame.select(build_period(pl.col("year")))["engine_build"].to_list()
    ['before_1984', '1984_2000', '1984_2000', 'after_2000', 'after_2000']
    """
    first, second, third = BUILD_PERIODS  # the years are in the names of the table's rows
    begins, ends = (int(year) for year in second.split("_"))
    period = pl.when(build_year < begins).then(pl.lit(first)).when(build_year <= ends).then(pl.lit(second))
    return period.otherwise(pl.lit(third)).alias("engine_build")


def nox_limit(tier: int, rpm: float) -> float:
    """Return the NOx limit of a diesel engine [g/kWh].

    Parameters
    ----------
    tier
        1, 2 or 3.
    rpm
        Rated speed [1/min].

    Raises
    ------
    MethodError
        If there is no such tier.

    References
    ----------
    MARPOL Annex VI regulation 13.

    Examples
    --------
    >>> nox_limit(2, 100.0), round(nox_limit(2, 500.0), 2), nox_limit(2, 2000.0)
    (14.4, 10.54, 7.7)
    """
    choose("NOx tier", str(tier), [str(limited) for limited in _limited_tiers()])
    if rpm < value("nox_rpm_low"):
        return value(f"nox_tier{tier}_low")
    if rpm >= value("nox_rpm_high"):
        return value(f"nox_tier{tier}_high")
    return float(value(f"nox_tier{tier}_a") * rpm ** -value(f"nox_tier{tier}_b"))


def _limited_tiers() -> range:
    """Return the tiers that have a limit."""
    return range(1, 1 + len(tier_starts()))


def _with_vlsfo(table: pl.DataFrame) -> pl.DataFrame:
    """Add rows of VLSFO: those of residual fuel, as the second transcription has them (``residual_ls``)."""
    as_residual = table.filter(pl.col("fuel") == "residual").with_columns(fuel=pl.lit("vlsfo"))
    return pl.concat([table, as_residual])


def _fill_nearest(table: pl.DataFrame, key: str, steps: pl.DataFrame) -> pl.DataFrame:
    """Give each engine, fuel and system all `steps` of `key`: its row, else that of the nearest step."""
    wanted = table.select(_SYSTEM_COLUMNS).unique().join(steps, how="cross")
    order = {step: index for index, step in enumerate(steps[key])}
    pairs = wanted.join(table, on=_SYSTEM_COLUMNS, how="inner", suffix="_given", maintain_order="left")
    distance = pl.col(key).replace_strict(order, return_dtype=pl.Int64) - pl.col(f"{key}_given").replace_strict(
        order, return_dtype=pl.Int64
    )
    nearest = (
        pairs.with_columns(away=distance.abs())
        .sort("away", f"{key}_given")
        .unique([*_SYSTEM_COLUMNS, key], keep="first")
    )
    return nearest.with_columns(exact=pl.col("away") == 0).drop("away", f"{key}_given")


@cache
def baseline_consumption() -> pl.DataFrame:
    """Return baseline specific fuel consumption by engine type, fuel, system and build period.

    Returns
    -------
    DataFrame
        ``engine_type, fuel, system, engine_build, sfc_g_per_kwh`` [g/kWh], ``load_curve`` (the load curve of
        `sisterport.engines.sfc_curve` applies), ``exact`` (false: the nearest build period of the table),
        ``source``, ``status``. The system ``main_pilot`` is the pilot oil of dual-fuel main engines.

    References
    ----------
    Fourth IMO GHG Study 2020, Table 19.

    Examples
    --------
    >>> key = {"engine_type": "MSD", "fuel": "vlsfo", "system": "main", "engine_build": "after_2000"}
    >>> baseline_consumption().filter(**key)["sfc_g_per_kwh"].to_list()
    [185.0]
    """
    table = load("sfc_baseline").select(
        *_SYSTEM_COLUMNS,
        "engine_build",
        pl.col("sfc_g_per_kwh").cast(pl.Float64),
        (pl.col("load_curve_applies") == "yes").alias("load_curve"),
        "source",
        "status",
    )
    return _fill_nearest(_with_vlsfo(table), "engine_build", pl.DataFrame({"engine_build": BUILD_PERIODS}))


@cache
def nox_factors() -> pl.DataFrame:
    """Return NOx factors by engine type, fuel, system and ``nox_tier``.

    Returns
    -------
    DataFrame
        ``nox_g_per_kwh``, ``formula_id`` (of a limit that is computed), ``source``, ``status``, ``exact``.

    References
    ----------
    Fourth IMO GHG Study 2020 through ICCT SAVE v2025.03.1; main engines of medium speed take the limit of
    MARPOL Annex VI regulation 13 at the constant ``nox_rpm_msd``.

    Examples
    --------
    >>> key = {"engine_type": "SSD", "fuel": "residual", "system": "main"}
    >>> nox_factors().filter(**key).sort("nox_tier")["nox_g_per_kwh"].to_list()
    [18.1, 17.0, 14.4, 3.4]
    """
    table = load("emission_factors_energy").filter(pl.col("pollutant") == "NOx")
    limits = {f"nox_tier{tier}_rpm": nox_limit(tier, value("nox_rpm_msd")) for tier in _limited_tiers()}
    by_formula = pl.col("formula_id").replace_strict(limits, default=None, return_dtype=pl.Float64)
    given = table.select(
        *_SYSTEM_COLUMNS,
        pl.col("nox_tier").cast(pl.Int64),
        pl.coalesce(pl.col("ef_value").cast(pl.Float64), by_formula).alias("nox_g_per_kwh"),
        "formula_id",
        "source",
        "status",
    )
    return _fill_nearest(
        _with_vlsfo(given),
        "nox_tier",
        pl.DataFrame({"nox_tier": [0, *_limited_tiers()]}, schema={"nox_tier": pl.Int64}),
    )


@cache
def energy_factors() -> pl.DataFrame:
    """Return CH4, N2O, CO, NMVOC and black carbon by engine type, fuel and system [g/kWh].

    Returns
    -------
    DataFrame
        ``engine_type, fuel, system, ch4, n2o, co, nmvoc, bc``; ``bc`` is null where `black_carbon_curves`
        holds.

    References
    ----------
    Fourth IMO GHG Study 2020, Tables 55, 56, 59, 60 and others through ICCT SAVE v2025.03.1.

    Examples
    --------
    >>> key = {"engine_type": "LPDF_4S", "fuel": "lng", "system": "main"}
    >>> energy_factors().filter(**key)["ch4"].to_list()
    [5.5]
    """
    wide = energy_rows().pivot(on="pollutant", index=_SYSTEM_COLUMNS, values="g_per_kwh")
    return wide.select(*_SYSTEM_COLUMNS, *_ENERGY_POLLUTANTS.values())


@cache
def energy_rows() -> pl.DataFrame:
    """Return the rows of `energy_factors` one by one, with ``pollutant, g_per_kwh, source, status``.

    Examples
    --------
    >>> key = {"pollutant": "ch4", "engine_type": "LPDF_4S", "fuel": "lng", "system": "main"}
    >>> energy_rows().filter(**key)["status"].to_list()
    ['checked']
    """
    table = load("emission_factors_energy").filter(pl.col("pollutant").is_in(list(_ENERGY_POLLUTANTS)))
    return _with_vlsfo(
        table.select(
            *_SYSTEM_COLUMNS,
            pl.col("pollutant").replace(_ENERGY_POLLUTANTS),
            pl.col("ef_value").cast(pl.Float64).alias("g_per_kwh"),
            "source",
            "status",
        )
    )


@cache
def black_carbon_curves() -> pl.DataFrame:
    """Return black carbon per fuel at full load of main engines: ``engine_type, fuel, bc_g_per_g, bc_curve``.

    Returns
    -------
    DataFrame
        ``bc_curve`` names the exponent, ``residual`` or ``distillate``: which of the load sums to use.

    References
    ----------
    Fourth IMO GHG Study 2020, eq. 18 to 21 (g per g fuel).

    Examples
    --------
    >>> black_carbon_curves().filter(engine_type="HSD", fuel="vlsfo").row(0)[2:]
    (0.00025, 'residual')
    """
    rows = [
        (engine, fuel, value(f"bc_{'ssd' if engine == 'SSD' else 'msd'}_{fuel}_a"), fuel)
        for engine in RECIPROCATING
        for fuel in ("residual", "distillate")
    ]
    return _with_vlsfo(pl.DataFrame(rows, schema=["engine_type", "fuel", "bc_g_per_g", "bc_curve"], orient="row"))


@cache
def fixed_pm10() -> pl.DataFrame:
    """Return PM10 factors that are a table value, by engine type, fuel, system and build [g/kWh].

    Examples
    --------
    >>> key = {"engine_type": "ST", "fuel": "residual", "system": "main", "engine_build": "after_2000"}
    >>> fixed_pm10().filter(**key)["pm10_g_per_kwh"].to_list()
    [0.93]
    """
    return pm10_rows().drop("source", "status")


@cache
def pm10_rows() -> pl.DataFrame:
    """Return the rows of `fixed_pm10` with their ``source, status``."""
    table = load("emission_factors_energy").filter((pl.col("pollutant") == "PM10") & pl.col("ef_value").is_not_null())
    given = table.select(
        *_SYSTEM_COLUMNS,
        "engine_build",
        pl.col("ef_value").cast(pl.Float64).alias("pm10_g_per_kwh"),
        "source",
        "status",
    )
    return _fill_nearest(_with_vlsfo(given), "engine_build", pl.DataFrame({"engine_build": BUILD_PERIODS}))


def pm10_formula(fuel: str, sfc_g_per_kwh: pl.Expr, sulphur: pl.Expr) -> pl.Expr:
    """Return PM10 of a reciprocating engine or its boiler by the sulphur formula [g/kWh].

    Parameters
    ----------
    fuel
        ``residual`` (VLSFO too) or ``distillate``.
    sfc_g_per_kwh
        Baseline consumption, without load curve [g/kWh].
    sulphur
        Fuel sulphur [mass fraction].

    References
    ----------
    ICCT SAVE v2025.03.1 eq. 11 and 12: base + SFC_base x 7 x 0.02247 x (S - S_base).

    Examples
    --------
    >>> pl.select(pm10_formula("residual", pl.lit(175.0), pl.lit(0.0246))).item()
    1.35
    """
    choose("fuel of the PM formula", fuel, ["residual", "distillate"])
    per_sulphur = sfc_g_per_kwh * value("pm_per_sulphur")
    return value(f"pm_{fuel}_base") + per_sulphur * (sulphur - value(f"pm_{fuel}_s"))


@cache
def fuel_sulphur(year: int) -> pl.DataFrame:
    """Return ``fuel, sulphur`` [mass fraction] in a year and ``sulphur_year``, the year of the table.

    A year outside the table takes its nearest year. Methanol takes the constant ``methanol_sulphur``.

    References
    ----------
    ICCT SAVE v2025.03.1, Table 13.

    Examples
    --------
    >>> fuel_sulphur(2030).filter(fuel="vlsfo").row(0)
    ('vlsfo', 0.005, 2023)
    """
    table = load("sulphur_content").filter(pl.col("fuel") != "methanol")
    nearest = table.with_columns(away=(pl.col("year") - year).abs()).sort("away", "year").unique("fuel", keep="first")
    methanol = pl.DataFrame({"fuel": ["methanol"], "sulphur": [value("methanol_sulphur")], "sulphur_year": [year]})
    given = nearest.select(
        "fuel", pl.col("sulphur_mass_fraction").alias("sulphur"), pl.col("year").alias("sulphur_year")
    )
    return pl.concat([given, methanol]).sort("fuel")


def sulphur_by_year(years: pl.Series) -> pl.DataFrame:
    """Return ``fuel, year, sulphur`` [mass fraction] for the years that occur; see `fuel_sulphur`.

    Examples
    --------
    >>> sulphur_by_year(pl.Series([2020, 2020])).filter(fuel="distillate").row(0)
    ('distillate', 2020, 0.0007)
    """
    none = pl.DataFrame(schema={"fuel": pl.String, "year": pl.Int64, "sulphur": pl.Float64})
    of_years = [
        fuel_sulphur(year).select("fuel", pl.lit(year, pl.Int64).alias("year"), "sulphur")
        for year in years.unique().sort()
    ]
    return pl.concat([none, *of_years])


@cache
def carbon_factors() -> pl.DataFrame:
    """Return CO2 per fuel of the inventory scheme: ``fuel, cf_co2`` [g/g].

    Examples
    --------
    >>> carbon_factors().filter(fuel="distillate")["cf_co2"].to_list()
    [3.206]
    """
    table = load("fuel_cf_lcv").filter(pl.col("scheme") == "inventory")
    return table.select("fuel", pl.col("cf_gco2_per_gfuel").cast(pl.Float64).alias("cf_co2"))
