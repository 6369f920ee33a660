"""What drives a ship: power, reference speed, engine type, keel year and NOx tier, fuel."""

from functools import cache

import polars as pl

from sisterport.engines import nox_tier
from sisterport.fleet.chain import Step, first_known, plausible
from sisterport.fleet.fitted import fitted_power, fitted_speed
from sisterport.fleet.formulas import power_from_dwt
from sisterport.reference import load, value

_MIXED = ("yacht", "service_other", "miscellaneous_fishing")
"""Classes of one size bin that hold launches and sailing boats beside ships: only the latter are like the average."""

_SHORT = {"US EPA, Port Emissions Inventory Guidance": "EPA C.3", "IMO GHG3 2014 Table 14": "GHG3 Table 14"}


def with_averages(ships: pl.DataFrame) -> pl.DataFrame:
    """Add the class averages of the bin (avg_*) and, only where the bin is unknown, over all sizes (all_*).

    In mixed classes only ships of a known length from ``small_craft_average_from_m`` on are taken for the average: a
    police launch would get the engine of a research ship. Over all sizes, only ocean-going ships are: the mean of all
    ferries says nothing of a harbour ferry.
    """
    table = _averages()
    means = ["power_kw", "v_max_kn", "v_design_kn", "draught_m"]
    by_bin = table.rename({c: f"avg_{c}" for c in means})
    overall = table.group_by("ship_class", maintain_order=True).agg(pl.col(means).mean().name.prefix("all_"))
    long = pl.col("length_m") >= value("small_craft_average_from_m")
    applies = ~pl.col("ship_class").is_in(_MIXED) | long
    ships = ships.with_columns(average_of=pl.when(applies).then("ship_class"))
    ships = ships.join(
        by_bin,
        left_on=["average_of", "size_bin"],
        right_on=["ship_class", "size_bin"],
        how="left",
        maintain_order="left",
    )
    ships = ships.join(overall, left_on="average_of", right_on="ship_class", how="left", maintain_order="left")
    no_bin = pl.col("size_bin").is_null() & (pl.col("group") == "ocean_going")
    return ships.with_columns(pl.when(no_bin).then(f"all_{c}").alias(f"all_{c}") for c in means).drop("average_of")


@cache
def _averages() -> pl.DataFrame:
    """Return the table of class averages with both speeds: maximum, and design (service) = 0.94 of it."""
    ratio = value("service_over_max_speed")
    v, design = pl.col("v_ref_kn"), pl.col("v_ref_meaning") == "design speed"
    short: pl.Expr = pl.col("source")
    for start, name in _SHORT.items():
        short = pl.when(pl.col("source").str.starts_with(start)).then(pl.lit(name)).otherwise(short)
    flag = pl.when(pl.col("status") == "unverified").then(pl.lit(", unverified")).otherwise(pl.lit(""))
    return load("ship_class_averages").select(
        "ship_class",
        "size_bin",
        pl.col("power_kw", "draught_m").cast(pl.Float64),
        v_max_kn=pl.when(design).then(v * (1 / ratio)).otherwise(v),
        v_design_kn=pl.when(design).then(v).otherwise(v * ratio),
        avg_speed=pl.when(design).then(pl.lit(f": design speed / {ratio:g}")).otherwise(pl.lit(": maximum speed")),
        avg_short=pl.lit(" (") + short + flag + pl.lit(")"),
    )


def with_power(ships: pl.DataFrame) -> pl.DataFrame:
    """Add power_kw: register, fitted regression, published regression, class average, over all sizes, unknown."""
    ratio = value("service_over_max_speed")
    v_register = pl.coalesce("reg_v_service_kn", pl.col("reg_v_max_kn") * ratio)
    dwt = pl.when(pl.col("size_unit") == "dwt_t").then("size")
    regression = power_from_dwt(pl.col("ship_class"), dwt, pl.coalesce(v_register, "avg_v_design_kn"))
    dwt_how = (
        pl.when(pl.col("size_source").str.contains("dimensions"))
        .then(pl.lit("dimensions"))
        .otherwise(pl.lit("register"))
    )
    fitted, fitted_how = fitted_power()
    v_how = pl.when(v_register.is_not_null()).then(pl.lit("register")).otherwise(pl.lit("class average"))
    steps: list[Step] = [
        (pl.col("reg_power_kw"), pl.col("how_power_kw")),
        (plausible(fitted, "power_kw"), fitted_how),
        (
            plausible(regression, "power_kw"),
            pl.lit("regression (Cepowski 2019): dwt ") + dwt_how + pl.lit(", speed ") + v_how,
        ),
        (pl.col("avg_power_kw"), pl.lit("class average") + pl.col("avg_short")),
        (pl.col("all_power_kw"), "class average over all sizes"),
    ]
    v_max = pl.coalesce("reg_v_max_kn", pl.col("reg_v_service_kn") * (1 / ratio))
    return ships.with_columns(v_max_known=v_max).with_columns(first_known("power_kw", steps))


def with_speed(ships: pl.DataFrame) -> pl.DataFrame:
    """Add v_ref_kn, the maximum speed: register, its service speed / 0.94, fitted, class average, unknown."""
    ratio = value("service_over_max_speed")
    fitted, fitted_how = fitted_speed()
    steps: list[Step] = [
        (pl.col("reg_v_max_kn"), pl.col("how_v_max_kn")),
        (
            plausible(pl.col("reg_v_service_kn") * (1 / ratio), "v_ref_kn"),
            pl.col("how_v_service_kn") + pl.lit(f": service speed / {ratio:g}"),
        ),
        (plausible(fitted, "v_ref_kn"), fitted_how),
        (pl.col("avg_v_max_kn"), pl.lit("class average") + pl.col("avg_short") + pl.col("avg_speed")),
        (pl.col("all_v_max_kn"), "class average over all sizes: maximum speed"),
    ]
    return ships.with_columns(first_known("v_ref_kn", steps))


def with_engine(ships: pl.DataFrame) -> pl.DataFrame:
    """Add engine_type: register, else the usual type of the class and size, marked ``default``."""
    table = load("class_defaults").select("ship_class", "size_bin", usual="engine_type", usual_short="short")
    ships = ships.join(table, on=["ship_class", "size_bin"], how="left", nulls_equal=True, maintain_order="left")
    steps: list[Step] = [
        (pl.col("reg_engine_type"), pl.col("how_engine_type")),
        (pl.col("usual"), _bracketed("usual_short")),
    ]
    return ships.with_columns(first_known("engine_type", steps)).drop("usual", "usual_short")


def with_keel(ships: pl.DataFrame) -> pl.DataFrame:
    """Add build_year, keel_year (register, else build year - 1) and nox_tier (flagged if assumed)."""
    assumed = int(value("nox_tier_unknown"))
    steps: list[Step] = [
        (pl.col("reg_keel_year"), pl.col("how_keel_year")),
        (
            plausible(pl.col("reg_build_year") - 1, "keel_year"),
            pl.col("how_build_year") + pl.lit(": build year - 1"),
        ),
    ]
    ships = ships.with_columns(
        first_known("keel_year", steps, unknown=f"unknown: NOx Tier {assumed} assumed"),
        build_year="reg_build_year",
    )
    tier = pl.col("keel_year").map_elements(nox_tier, return_dtype=pl.Int64)
    return ships.with_columns(nox_tier=tier.fill_null(assumed))


def with_fuel(ships: pl.DataFrame) -> pl.DataFrame:
    """Add fuel (register, else ``default`` by engine type and group) and scrubber (none known: false)."""
    table = load("fuel_defaults").select("engine_type", "group", usual="fuel", usual_short="short")
    ships = ships.join(table, on=["engine_type", "group"], how="left", maintain_order="left")
    steps: list[Step] = [
        (pl.col("reg_fuel"), pl.col("how_fuel")),
        (pl.col("usual"), _bracketed("usual_short")),
    ]
    return ships.with_columns(first_known("fuel", steps), scrubber=pl.col("reg_scrubber").fill_null(value=False)).drop(
        "usual", "usual_short"
    )


def _bracketed(column: str) -> pl.Expr:
    return pl.lit("default (") + pl.col(column) + pl.lit(")")
