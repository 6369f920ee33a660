"""The inventory by the EPA method on segments: factors of each case, pollutants from energies and factors."""

from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.errors import ReferenceDataError
from sisterport.fuels import wtw
from sisterport.inventory.activity import SYSTEMS
from sisterport.inventory.epa import ALWAYS_TIER_0
from sisterport.inventory.epa_factors import (
    auxiliary_emission_factor,
    boiler_emission_factor,
    main_emission_factor,
)
from sisterport.inventory.epa_parts import (
    LOCATIONS,
    POLLUTANTS,
    TIERS,
    baseline_bsfc,
    engine_types,
    fuel_mix,
    parts,
)
from sisterport.inventory.factors import fuel_sulphur
from sisterport.inventory.operation import global_limit_from, in_eca, tier3_counts, tier_in_operation
from sisterport.inventory.sizes import bin_rows
from sisterport.reference import load, value
from sisterport.units import PER_CENT

CASE = ["engine", "tier", "location", "global_sulphur_pct", "residual_name", "slip_engine"]
"""What the factors of a segment depend on."""

ENGINES = {
    "SSD": "SSD",
    "MSD": "MSD",
    "HSD": "MSD",  # the EPA's order: above 500 rpm MSD
    "ST": "ST",
    "GT": "GT",
    "LPDF_4S": "LNG",
    "LPDF_2S": "LNG",
    "HPDF": "LNG",
    "LBSI": "LNG",
}
"""Our engine types and those of the EPA."""

SHIP_TYPES = {
    "bulk_carrier": ("bulk.carrier", "bulk.carrier"),
    "chemical_tanker": ("chemical.tanker", "tanker"),
    "container": ("container.ship", "container.ship"),
    "general_cargo": ("general.cargo", "general.cargo"),
    "liquefied_gas_tanker": ("liquified.gas.tanker", "tanker"),
    "oil_tanker": ("oil.tanker", "tanker"),
    "other_liquids_tanker": ("other.tanker", "tanker"),
    "ferry_pax_only": ("ferry.pax", None),
    "cruise": ("cruise", "cruise"),
    "ferry_ropax": ("ferry.ro.pax", None),
    "refrigerated_bulk": ("reefer", "reefer"),
    "ro_ro": ("ro.ro", "ro.ro"),
    "vehicle": ("vehicle.carrier", "vehicle.carrier"),
    "yacht": ("yacht", None),
    "service_tug": ("service.tug", "service.tug"),
    "miscellaneous_fishing": ("miscellaneous.fishing", "miscellaneous"),
    "offshore": ("offshore", "miscellaneous"),
    "service_other": ("service.other", "miscellaneous"),
    "miscellaneous_other": ("miscellaneous.other", "miscellaneous"),
}
"""Our ship classes and the types of the two load tables; none: its sizes are in a unit not known here."""

TABLE_MODES = {
    "berth": "berth_kw",
    "anchorage": "anchorage_kw",
    "manoeuvring": "maneuvering_kw",
    "cruise": "transit_kw",
}
"""Our modes and the columns of the load tables."""

_UNITS = {"Deadweight": "dwt_t", "TEU": "teu", "Gross_Tonnage": "gt"}


def auxiliary_and_boiler_load(ships: pl.DataFrame, *, table: str) -> pl.DataFrame:
    """Return auxiliary and boiler power of ships in a mode from an EPA table.

    Parameters
    ----------
    ships
        Frame with ``ship_class, mode, dwt_t, teu, gt``.
    table
        ``ghg3`` or ``starcrest2016``.

    Returns
    -------
    DataFrame
        ``aux_kw`` and ``boiler_kw`` [kW]; null where the class or the size is unknown.

    References
    ----------
    USEPA Marine Emissions Tools beta 0.2, IMOGHG3 and Starcrest2016 load tables.

    Examples
    --------
    >>> rows = pl.DataFrame({"ship_class": ["container", "unknown_cargo"], "mode": ["berth"] * 2,
    ...                      "dwt_t": [None] * 2, "teu": [5100.0, None], "gt": [None] * 2})
    >>> auxiliary_and_boiler_load(rows, table="ghg3").rows()
    [(970.0, 450.0), (None, None)]
    """
    rows = load_table_rows(ships, table=table)
    mode = ships["mode"].replace_strict({n: i for i, n in enumerate(TABLE_MODES)}, return_dtype=pl.Int64).to_numpy()
    both: dict[str, pl.Series] = {}
    for name, system in (("aux_kw", "aux"), ("boiler_kw", "boiler")):
        power = load(f"epa_load_{table}_{system}").select(list(TABLE_MODES.values())).to_numpy().astype(np.float64)
        both[name] = pl.Series(np.where(rows >= 0, power[np.maximum(rows, 0), mode], np.nan)).fill_nan(None)
    return pl.DataFrame(both)


def load_table_rows(ships: pl.DataFrame, *, table: str) -> NDArray[np.int64]:
    """Return for each ship its row of the load tables, -1 where class or size are unknown.

    Parameters
    ----------
    ships
        Frame with ``ship_class, dwt_t, teu, gt``.
    table
        ``ghg3`` or ``starcrest2016``.
    """
    column = 0 if table == "ghg3" else 1
    kinds = ships["ship_class"].replace_strict(
        {name: types[column] for name, types in SHIP_TYPES.items()}, default=None, return_dtype=pl.String
    )
    bins = load(f"epa_load_{table}_aux")
    unit = kinds.replace_strict(
        dict(bins.select("ship_type", "size_unit").unique().iter_rows()), default=None, return_dtype=pl.String
    )
    size = ships.select(
        pl.coalesce(pl.when(unit == name).then(pl.col(col).cast(pl.Float64)) for name, col in _UNITS.items())
    ).to_series()
    return bin_rows(bins, "ship_type", kinds, size)


def case_columns(base: pl.DataFrame, *, tier3_everywhere: bool = False) -> pl.DataFrame:
    """Return `base` with the columns of `CASE`; arguments as in `sisterport.inventory.ghg4`."""
    counts = pl.lit(value=True).alias("tier3_counts") if tier3_everywhere else tier3_counts()
    engine = pl.col("engine_type").replace_strict(ENGINES, default=None, return_dtype=pl.String)
    methanol = pl.col("fuel").fill_null("") == "methanol"
    years = {year: _world_sulphur_pct(year) for year in base["year"].unique()}
    return (
        base.with_columns(in_eca(), counts)
        .with_columns(tier_in_operation())
        .with_columns(
            pl.when(~methanol).then(engine).alias("engine"),
            pl.when(engine.is_in(ALWAYS_TIER_0)).then(0).otherwise("tier").cast(pl.Int64).alias("tier"),
            pl.when(pl.col("in_eca")).then(pl.lit("ECA")).otherwise(pl.lit("OutsideECA")).alias("location"),
            # the 1.0 % step of control areas until 2014 caps residual fuel too
            pl.min_horizontal(pl.col("year").replace_strict(years, return_dtype=pl.Float64), "sulphur_pct_max").alias(
                "global_sulphur_pct"
            ),
            pl.when(pl.col("year") >= global_limit_from())
            .then(pl.lit("vlsfo"))
            .otherwise(pl.lit("residual"))
            .alias("residual_name"),
            pl.when(engine == "LNG").then("engine_type").alias("slip_engine"),
        )
    )


def _world_sulphur_pct(year: int) -> float:
    """Return sulphur of residual fuel outside [percent]: the limit since 2020, the mean content before."""
    if year >= global_limit_from():
        return value("global_sulphur") / PER_CENT
    return float(fuel_sulphur(year).filter(pl.col("fuel") == "residual")["sulphur"][0]) / PER_CENT


def factors(cases: pl.DataFrame) -> pl.DataFrame:
    """Return the factors of each case and system.

    Parameters
    ----------
    cases
        Frame with ``case`` and the columns of `CASE`.

    Returns
    -------
    DataFrame
        ``case, system, fuel, bsfc`` and the factors of each pollutant [g/kWh], ``nox_low``, ``pm10_sulphate``
        (the part that follows consumption), ``ch4_per_fuel, n2o_per_fuel`` [g/g]. An unknown main engine has
        no factors; its auxiliary engines are medium-speed all the same, its boilers boilers.
    """
    known = cases.filter(pl.col("engine").is_not_null())
    frames = [_of_system(system, known if system == "main" else cases) for system in SYSTEMS]
    unknown = cases.filter(pl.col("engine").is_null()).select("case", pl.lit("main").alias("system"))
    return pl.concat([*frames, unknown], how="diagonal_relaxed")


def _of_system(system: str, cases: pl.DataFrame) -> pl.DataFrame:
    """Return the factors of one system."""
    table = {"main": "main", "auxiliary_engine": "aux", "boiler": "boiler"}[system]
    gas = (pl.col("engine") == "LNG").fill_null(value=False)
    engine = {
        "main": pl.col("engine"),
        "auxiliary_engine": pl.when(gas).then(pl.lit("LNG")).otherwise(pl.lit("MSD")),
        "boiler": pl.lit("Boiler"),
    }[system]
    rows = cases.with_columns(engine.alias("engine"))
    place = rows["location"]
    tiers = np.array(TIERS)
    number = rows["tier"].to_numpy()
    sulphur: dict[str, Any] = {"global_sulphur_pct": rows["global_sulphur_pct"].to_numpy()}

    def ef(pollutant: str, tier: Any) -> Any:
        if table == "boiler":
            return boiler_emission_factor(place, pollutant, **sulphur)
        call = main_emission_factor if table == "main" else auxiliary_emission_factor
        return call(rows["engine"], tiers[tier], place, pollutant, **sulphur)

    out = rows.select("case", pl.lit(system).alias("system"))
    columns = {p: ef(p, number) for p in POLLUTANTS}
    columns["nox_low"] = ef("nox", np.minimum(number, 2)) if system == "main" else columns["nox"]
    index = (
        _position(rows["engine"], engine_types(table)),
        number if table != "boiler" else np.zeros_like(number),
        _position(place, LOCATIONS),
    )
    of_pm = parts(table, "pm10")
    columns["pm10_sulphate"] = columns["pm10"] - of_pm.const[index]
    columns["bsfc"] = baseline_bsfc(table)[index[0], index[2]]
    fuels = _fuel_names(table)[index[0], index[2]]
    named = out.with_columns(
        *(pl.Series(name, np.asarray(values, dtype=np.float64)) for name, values in columns.items()),
        pl.Series("fuel", fuels.astype(str)),
        rows["residual_name"],
        rows["slip_engine"],
    )
    fuel = (
        pl.when(pl.col("fuel") == "RM/HFO")
        .then("residual_name")
        .otherwise(pl.col("fuel").replace({"MGO/MDO": "distillate", "LNG": "lng"}))
    )
    return (
        named.with_columns(fuel.alias("fuel"))
        .join(_per_fuel(), on=["fuel", "slip_engine"], how="left", nulls_equal=True, maintain_order="left")
        .drop("residual_name", "slip_engine")
    )


def _position(words: pl.Series, vocabulary: tuple[str, ...]) -> Any:
    return words.replace_strict({word: i for i, word in enumerate(vocabulary)}, return_dtype=pl.Int64).to_numpy()


@cache
def _fuel_names(table: str) -> Any:
    """Return the one fuel of each engine type and location; a mixture could not be one row."""
    mix = fuel_mix(table)
    shares = np.stack(list(mix.values()))
    if not np.isin(shares, (0.0, 1.0)).all():
        raise ReferenceDataError(f"epa_fuel_mix_{table} has mixtures: one row per fuel is not built for them")
    return np.array(list(mix))[shares.argmax(axis=0)]


@cache
def _per_fuel() -> pl.DataFrame:
    """Return CH4 and N2O per fuel of FuelEU Annex II, slip included [g/g]."""
    gas_engines = [ours for ours, theirs in ENGINES.items() if theirs == "LNG"]
    oils = [
        (fuel, engine, "all_ice") for fuel in ("residual", "vlsfo", "distillate") for engine in (None, *gas_engines)
    ]
    rows = []
    for fuel, engine, converter in [*oils, *(("lng", engine, engine) for engine in gas_engines)]:
        of = wtw(fuel, converter)
        burnt = 1.0 - of.slip_fraction
        rows.append((fuel, engine, burnt * of.cf_ch4 + of.slip_fraction, burnt * of.cf_n2o))
    return pl.DataFrame(rows, schema=["fuel", "slip_engine", "ch4_per_fuel", "n2o_per_fuel"], orient="row")


def pollutants(*, load_based_bsfc: bool = False) -> dict[str, pl.Expr]:
    """Return fuel and pollutants of the activity joined with `factors`, all [g]; black carbon: none.

    Parameters
    ----------
    load_based_bsfc
        Apply the consumption load curve where the load is 0.2 or more; below, the low-load factors of CO2 and
        SO2 hold. The two never act together.
    """
    extra = pl.col("lf_sfc_high") if load_based_bsfc else pl.lit(0.0)
    burning = pl.col("lf_co2") + extra
    pm10 = pl.col("pm10") * pl.col("lf_pm") + pl.col("pm10_sulphate") * extra
    fuel = pl.col("bsfc") * burning
    return {
        "fuel": fuel,
        "co2": pl.col("co2") * burning,
        "ch4": fuel * pl.col("ch4_per_fuel"),
        "n2o": fuel * pl.col("n2o_per_fuel"),
        "nox": pl.col("nox") * pl.col("lf_nox") + pl.col("nox_low") * pl.col("lf_nox_low"),
        "sox": pl.col("so2") * (pl.col("lf_so2") + extra),
        "pm10": pm10,
        "pm25": value("pm25_of_pm10") * pm10,
        "co": pl.col("co") * pl.col("lf_co"),
        "nmvoc": pl.col("hc") * pl.col("lf_hc"),
    }
