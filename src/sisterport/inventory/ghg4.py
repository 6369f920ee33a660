"""The inventory by the Fourth IMO GHG Study: factors of each case, pollutants from energies and factors."""

import polars as pl

from sisterport.errors import choose
from sisterport.inventory.activity import SYSTEMS
from sisterport.inventory.factors import (
    BUILD_PERIODS,
    RECIPROCATING,
    baseline_consumption,
    black_carbon_curves,
    build_period,
    carbon_factors,
    energy_factors,
    fixed_pm10,
    nox_factors,
    pm10_formula,
    sulphur_by_year,
)
from sisterport.inventory.operation import fuel_burnt, in_eca, sulphur_limit, tier3_counts, tier_in_operation
from sisterport.reference import value

CASE = ["engine_type", "fuel_burnt", "engine_build", "tier", "scrubber", "sulphur_limit", "year"]
"""What the factors of a segment depend on."""

LNG_AUX_CH4 = ("engine", "otto")
"""Choices of the methane of auxiliary engines of LNG ships."""
RESIDUAL = pl.col("fuel").is_in(["residual", "vlsfo"])


def case_columns(base: pl.DataFrame, *, tier3_everywhere: bool = False) -> pl.DataFrame:
    """Return `base` with the columns of `CASE`.

    Parameters
    ----------
    base
        Frame with ``engine_type, fuel, scrubber, build_year, keel_year, nox_tier, year, sulphur_pct_max,
        nox_tier3_from``.
    tier3_everywhere
        Take Tier III engines as Tier III outside NOx control areas too.

    Examples
    --------
    >>> row = {"engine_type": "SSD", "fuel": "residual", "scrubber": False, "build_year": 2005,
    ...        "keel_year": 2004, "nox_tier": 1, "year": 2020, "sulphur_pct_max": 0.1, "nox_tier3_from": None}
    >>> rows = pl.DataFrame([row], schema_overrides={"nox_tier3_from": pl.Date})
    >>> case_columns(rows).select(CASE[:4]).row(0)
    ('SSD', 'distillate', 'after_2000', 1)
    """
    counts = pl.lit(value=True).alias("tier3_counts") if tier3_everywhere else tier3_counts()
    return (
        base.with_columns(pl.col("scrubber").fill_null(value=False))
        .with_columns(in_eca(), counts, build_period(pl.col("build_year")), sulphur_limit())
        .with_columns(fuel_burnt(), tier_in_operation())
    )


def factors(cases: pl.DataFrame) -> pl.DataFrame:
    """Return the factors of each case and system.

    Parameters
    ----------
    cases
        Frame with ``case`` and the columns of `CASE`.

    Returns
    -------
    DataFrame
        One row per case and system: ``fuel``, ``sfc`` [g/kWh], ``load_curve``, ``cf_co2, sox_per_fuel,
        bc_g_per_g`` [g/g], ``bc_curve``, ``nox, nox_low, pm10, ch4, n2o, co, nmvoc, bc`` [g/kWh],
        ``pilot_g_per_kwh``. Null: the study has no value for such an engine and fuel.

    Examples
    --------
    >>> case = {"case": 0, "engine_type": "SSD", "fuel_burnt": "distillate", "engine_build": "after_2000",
    ...         "tier": 3, "scrubber": False, "sulphur_limit": 0.001, "year": 2020}
    >>> factors(pl.DataFrame([case])).filter(system="main").select("sfc", "nox", "nox_low").row(0)
    (165.0, 3.4, 14.4)
    """
    keyed = cases.rename({"fuel_burnt": "fuel"}).join(pl.DataFrame({"system": SYSTEMS}), how="cross")
    engine = ["engine_type", "fuel", "system"]
    tier2 = pl.col("nox_tier").clip(upper_bound=2).cast(pl.Int64)
    consumption = baseline_consumption().select(
        *engine, "engine_build", pl.col("sfc_g_per_kwh").alias("sfc"), "load_curve"
    )
    nox = nox_factors().select(*engine, pl.col("nox_tier"), pl.col("nox_g_per_kwh").alias("nox"))
    sulphur = sulphur_by_year(cases["year"])
    found = (
        keyed.rename({"tier": "nox_tier"})
        .with_columns(tier2.alias("low_tier"))
        .join(consumption, on=[*engine, "engine_build"], how="left", maintain_order="left")
        .join(nox, on=[*engine, "nox_tier"], how="left", maintain_order="left")
        .join(
            nox.rename({"nox": "nox_low", "nox_tier": "low_tier"}),
            on=[*engine, "low_tier"],
            how="left",
            maintain_order="left",
        )
        .join(energy_factors(), on=engine, how="left", maintain_order="left")
        .join(black_carbon_curves().with_columns(system=pl.lit("main")), on=engine, how="left", maintain_order="left")
        .join(fixed_pm10(), on=[*engine, "engine_build"], how="left", maintain_order="left")
        .join(carbon_factors(), on="fuel", how="left", maintain_order="left")
        .join(sulphur, on=["fuel", "year"], how="left", maintain_order="left")
        .join(_pilot(), on=["engine_type", "fuel", "system"], how="left", maintain_order="left")
        .join(_residual_twin(), on=["engine_type", "system"], how="left", maintain_order="left")
    )
    return found.with_columns(_sox_per_fuel().alias("sox_per_fuel"), _pm10().alias("pm10"))


def _pilot() -> pl.DataFrame:
    """Return the pilot oil of dual-fuel main engines [g/kWh]; every build period has the same."""
    rows = baseline_consumption().filter(
        (pl.col("system") == "main_pilot") & (pl.col("engine_build") == BUILD_PERIODS[-1])
    )
    return rows.select(
        "engine_type",
        "fuel",
        pl.lit("main").alias("system"),
        pl.col("sfc_g_per_kwh").alias("pilot_g_per_kwh"),
    )


def _residual_twin() -> pl.DataFrame:
    """Return residual-fuel consumption of today's engines: methanol's PM is a share of that fuel's."""
    rows = baseline_consumption().filter((pl.col("fuel") == "residual") & (pl.col("engine_build") == BUILD_PERIODS[-1]))
    return rows.select("engine_type", "system", pl.col("sfc_g_per_kwh").alias("sfc_residual"))


def _content() -> pl.Expr:
    """Return the sulphur of the fuel burnt: its content, at most the limit; behind a scrubber its content."""
    content = pl.col("sulphur")
    return pl.when(pl.col("scrubber") & RESIDUAL).then(content).otherwise(pl.min_horizontal(content, "sulphur_limit"))


def _sox_per_fuel() -> pl.Expr:
    """Return SOx per fuel [g/g]; a scrubber brings it down to the limit of the place."""
    return value("so2_from_sulphur") * pl.min_horizontal("sulphur", "sulphur_limit")


def _pm10() -> pl.Expr:
    reciprocating = pl.col("engine_type").is_in(RECIPROCATING)
    residual = pm10_formula("residual", pl.col("sfc"), _content())
    distillate = pm10_formula("distillate", pl.col("sfc"), _content())
    twin = pm10_formula("residual", pl.col("sfc_residual"), pl.lit(value("global_sulphur")))
    return (
        pl.when(pl.col("pm10_g_per_kwh").is_not_null())
        .then("pm10_g_per_kwh")
        .when(reciprocating & RESIDUAL)
        .then(residual)
        .when(reciprocating & (pl.col("fuel") == "distillate"))
        .then(distillate)
        .when(reciprocating & (pl.col("fuel") == "methanol"))
        .then(value("pm_methanol_of_residual") * twin)
    )


OTTO = {"engine_type": "LPDF_4S", "fuel": "lng"}
"""Engine and fuel whose methane the option ``lng_aux_ch4 = "otto"`` takes."""


def pollutants(*, slip_low_load: bool = False, lng_aux_ch4: str = "engine") -> dict[str, pl.Expr]:
    """Return fuel and pollutants of the activity frame joined with `factors`, all [g].

    Parameters
    ----------
    slip_low_load
        Apply the low-load curve of hydrocarbons to the methane slip of gas engines too; the curve comes from
        oil engines.
    lng_aux_ch4
        Methane of the auxiliary engines of LNG ships: ``engine``, as of the ship's main engine, or ``otto``, as of
        four-stroke Otto engines, which they mostly are.
    """
    choose("methane of LNG auxiliaries", lng_aux_ch4, LNG_AUX_CH4)
    ch4 = pl.col("ch4")
    if lng_aux_ch4 == "otto":
        otto = energy_factors().filter(**OTTO, system="auxiliary_engine")["ch4"].item()
        of_aux = (pl.col("system") == "auxiliary_engine") & (pl.col("fuel") == "lng")
        ch4 = pl.when(of_aux).then(otto).otherwise(ch4)
    fuel = pl.col("sfc") * pl.when(pl.col("load_curve")).then("lf_sfc").otherwise("lf")
    curve = pl.col("bc_curve")
    bc_energy = pl.when(curve == "residual").then("lf_bc_residual").when(curve == "distillate").then("lf_bc_distillate")
    gas = pl.lit(value=False) if slip_low_load else (pl.col("fuel") == "lng")
    pm10 = pl.col("pm10") * pl.col("lf_pm")
    return {
        "fuel": fuel,
        "co2": fuel * pl.col("cf_co2"),
        "ch4": ch4 * pl.when(gas).then("lf").otherwise("lf_hc"),
        "n2o": pl.col("n2o") * (pl.col("lf_nox") + pl.col("lf_nox_low")),
        "nox": pl.col("nox") * pl.col("lf_nox") + pl.col("nox_low") * pl.col("lf_nox_low"),
        "sox": fuel * pl.col("sox_per_fuel"),
        "pm10": pm10,
        "pm25": value("pm25_of_pm10") * pm10,
        "bc": pl.when(curve.is_not_null())
        .then(pl.col("sfc") * pl.col("bc_g_per_g") * bc_energy)
        .otherwise(pl.col("bc") * pl.col("lf")),
        "co": pl.col("co") * pl.col("lf_co"),
        "nmvoc": pl.col("nmvoc") * pl.col("lf_hc"),
    }


def pilot_rows(joined: pl.DataFrame) -> pl.DataFrame:
    """Return the pilot oil of dual-fuel main engines as rows of their own.

    Their energy is zero: it is counted with the gas. Pilot oil brings CO2 and SOx; the other factors of the
    engine include it.
    """
    rows = joined.filter(pl.col("pilot_g_per_kwh").is_not_null() & pl.col("lf").is_not_null())
    if rows.is_empty():
        return rows
    fuel = pl.col("pilot_g_per_kwh") * pl.col("lf")
    oil = pl.DataFrame({"fuel": ["distillate"]}).join(carbon_factors(), on="fuel", maintain_order="left")["cf_co2"][0]
    sulphur = sulphur_by_year(rows["year"]).filter(pl.col("fuel") == "distillate")
    with_sulphur = rows.join(
        sulphur.select("year", pilot_sulphur="sulphur"), on="year", how="left", maintain_order="left"
    )
    sox = fuel * value("so2_from_sulphur") * pl.min_horizontal("pilot_sulphur", "sulphur_limit")
    zero = {name: pl.lit(0.0) for name in pollutants()}
    grams = zero | {"fuel": fuel, "co2": fuel * oil, "sox": sox}
    return with_sulphur.select(
        "segment_id",
        "system",
        pl.lit("distillate").alias("fuel"),
        pl.lit(0.0).alias("energy_kwh"),
        pl.lit(0.0).alias("shore_kwh"),
        *(expression.alias(f"{name}_g") for name, expression in grams.items()),
    )
