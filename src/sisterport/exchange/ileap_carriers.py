"""Energy carriers of a corridor, from a scenario or a run, and in the words of iLEAP 1.0.0."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from sisterport.corridor import Scenario
from sisterport.corridor.fuel_factors import factors
from sisterport.errors import InputError
from sisterport.exchange.decimals import decimal_text
from sisterport.fuels import properties
from sisterport.reference import load
from sisterport.tables import check
from sisterport.units import G_PER_KG, G_PER_T, MJ_PER_GJ

_STEP = Decimal("0.000001")
"""Shares are written to a millionth."""


def scenario_carriers(scenario: Scenario) -> pl.DataFrame:
    """Return the fuel that the ships of a scenario burn today as a frame of the table ``energy_carriers``.

    Examples
    --------
    >>> from sisterport.corridor import example
    >>> scenario_carriers(example("shanghai-los-angeles")).select("fuel", "energy_share").rows()
    [('vlsfo', 1.0)]
    """
    burnt = scenario.fuel(scenario.ships.burns)
    own = factors(burnt, methane_engine=scenario.ships.methane_engine, gwp=scenario.gwp)
    row = {
        "service": None,
        "fuel": burnt.fuel,
        "fuel_class": burnt.fuel_class,
        "energy_share": 1.0,
        "co2e_wtw_g_per_mj": own.wtw_g_per_mj,
        "co2e_ttw_g_per_mj": own.ttw_g_per_mj,
    }
    return check(pl.DataFrame([row], schema_overrides={"service": pl.String}), "energy_carriers")


def run_carriers(segments: Any, emissions: Any) -> pl.DataFrame:
    """Return the fuels that each ship of a run burnt as a frame of the table ``energy_carriers``.

    Ships burn what the inventory takes for them: all fuels of a run are fossil. Rows whose fuel or emissions are not
    known are not in it.

    Parameters
    ----------
    segments, emissions
        Frames of those tables.
    """
    ships = check(segments, "segments").select("segment_id", "mmsi")
    known = check(emissions, "emissions").drop_nulls(["fuel", "fuel_t", "co2e_wtw_t", "co2e_ttw_t"])
    energy = {fuel: properties(fuel, scheme="fueleu").lhv_mj_per_kg for fuel in known["fuel"].unique()}
    per_t = pl.col("fuel").replace_strict(energy, return_dtype=pl.Float64)
    summed = (
        known.join(ships, on="segment_id", maintain_order="left")
        .group_by("mmsi", "fuel", maintain_order=True)
        .agg((pl.col("fuel_t") * per_t).sum().alias("gj"), pl.col("co2e_wtw_t", "co2e_ttw_t").sum())
        .filter(pl.col("gj") > 0)
    )
    per_mj = G_PER_T / (pl.col("gj") * MJ_PER_GJ)
    return check(
        summed.select(
            pl.format("mmsi:{}", "mmsi").alias("service"),
            "fuel",
            pl.lit("fossil").alias("fuel_class"),
            (pl.col("gj") / pl.col("gj").sum().over("mmsi")).alias("energy_share"),
            (pl.col("co2e_wtw_t") * per_mj).alias("co2e_wtw_g_per_mj"),
            (pl.col("co2e_ttw_t") * per_mj).alias("co2e_ttw_g_per_mj"),
        ).sort("service", "fuel"),
        "energy_carriers",
    )


def carriers_of(rows: pl.DataFrame, carriers: pl.DataFrame) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the energy carriers of some rows of a baseline as iLEAP has them, and remarks on near words.

    Parameters
    ----------
    rows
        Of the table ``corridor_baseline``, with the energy known.
    carriers
        Table ``energy_carriers``.

    Raises
    ------
    InputError
        If a service has no carriers, or a fuel has no word.
    """
    of_all = carriers.filter(pl.col("service").is_null())
    of_one = carriers.filter(pl.col("service").is_not_null())
    named = rows.join(of_one, on="service", maintain_order="left")
    rest = rows.join(of_one, on="service", how="anti", maintain_order="left").join(of_all.drop("service"), how="cross")
    missing = set(rows["service"]) - set(named["service"]) - set(rest["service"])
    if missing:
        raise InputError(f"no energy carriers of service {', '.join(sorted(missing))}")
    gj = pl.col("energy_gj_per_year") * pl.col("energy_share")
    summed = (
        pl.concat([named, rest], how="diagonal")
        .group_by("fuel", "fuel_class", maintain_order=True)
        .agg(
            gj.sum().alias("gj"),
            *((gj * pl.col(name)).sum().alias(name) for name in ("co2e_wtw_g_per_mj", "co2e_ttw_g_per_mj")),
        )
        .filter(pl.col("gj") > 0)
        .sort("gj", "fuel", descending=[True, False])
    )
    shares = _shares(summed["gj"].to_list())
    found, remarks = [], []
    for row, share in zip(summed.iter_rows(named=True), shares, strict=True):
        if share:
            word = _word(row["fuel"], row["fuel_class"])
            remarks += [f"{row['fuel']} sent as {word['energy_carrier']}"] if word["exact"] == "no" else []
            found.append(_carrier(row, word, share))
    return found, remarks


def _carrier(row: Mapping[str, Any], word: Mapping[str, Any], share: Decimal) -> dict[str, Any]:
    feedstock = {"feedstocks": [{"feedstock": word["feedstock"]}]} if word["feedstock"] else {}
    return {
        "energyCarrier": word["energy_carrier"],
        "relativeShare": decimal_text(share),
        **feedstock,
        "energyConsumption": decimal_text(row["gj"] * MJ_PER_GJ),
        "energyConsumptionUnit": "MJ",
        **{
            f"emissionFactor{scope.upper()}": decimal_text(row[f"co2e_{scope}_g_per_mj"] / row["gj"] / G_PER_KG)
            for scope in ("wtw", "ttw")
        },
    }


def _shares(amounts: list[float]) -> list[Decimal]:
    """Return shares to a millionth that sum to 1: the first, which is the largest, takes what is left."""
    total = sum(amounts)
    rest = [Decimal(amount / total).quantize(_STEP) for amount in amounts[1:]]
    return [1 - sum(rest, Decimal(0)), *rest] if amounts else []


def _word(fuel: str, fuel_class: str) -> dict[str, Any]:
    rows = load("ileap_carriers").filter(fuel=fuel, fuel_class=fuel_class).rows(named=True)
    if not rows:
        raise InputError(f"iLEAP 1.0.0 has no word near to {fuel} ({fuel_class})")
    return rows[0]
