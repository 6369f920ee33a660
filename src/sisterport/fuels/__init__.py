"""Fuels: what they are, what they emit from well to wake, what they cost, who delivers them and what is green.

Nothing here is green by its name: `label_green` holds certified intensities against a named threshold.
"""

from sisterport.fuels.blends import blend, pilot_share_min, with_pilot
from sisterport.fuels.bunker_checks import certificate_use
from sisterport.fuels.bunkers import bunker_intensity, read_bunkers, summarise_bunkers
from sisterport.fuels.certified import certified_wtw, least_favourable_fossil
from sisterport.fuels.compare import compare, usd_per_t_avoided
from sisterport.fuels.equipment import (
    cargo_loss,
    conversion_cost_usd,
    converter_value,
    newbuild_premium,
    propulsion_power_mw,
)
from sisterport.fuels.green import Threshold, is_green, label_green, threshold
from sisterport.fuels.names import NamedFuel, fuel_code, fuel_codes, named_fuel
from sisterport.fuels.pathways import pathway_summary, pathways, region_code, tank_to_wake_greet
from sisterport.fuels.prices import Price, price
from sisterport.fuels.production import demand_table, production_energy_kwh_per_kg, renewable_power_mw
from sisterport.fuels.properties import FuelProperties, lcv_range, properties, properties_table, tank_volume_m3
from sisterport.fuels.quotes import read_quotes, shipped_quotes
from sisterport.fuels.supply import fuel_supply, read_supply, supply_geojson
from sisterport.fuels.wtw import WellToWake, gwp_pair, tank_to_wake, wtw

__all__ = [
    "FuelProperties",
    "NamedFuel",
    "Price",
    "Threshold",
    "WellToWake",
    "blend",
    "bunker_intensity",
    "cargo_loss",
    "certificate_use",
    "certified_wtw",
    "compare",
    "conversion_cost_usd",
    "converter_value",
    "demand_table",
    "fuel_code",
    "fuel_codes",
    "fuel_supply",
    "gwp_pair",
    "is_green",
    "label_green",
    "lcv_range",
    "least_favourable_fossil",
    "named_fuel",
    "newbuild_premium",
    "pathway_summary",
    "pathways",
    "pilot_share_min",
    "price",
    "production_energy_kwh_per_kg",
    "properties",
    "properties_table",
    "propulsion_power_mw",
    "read_bunkers",
    "read_quotes",
    "read_supply",
    "region_code",
    "renewable_power_mw",
    "shipped_quotes",
    "summarise_bunkers",
    "supply_geojson",
    "tank_to_wake",
    "tank_to_wake_greet",
    "tank_volume_m3",
    "threshold",
    "usd_per_t_avoided",
    "with_pilot",
    "wtw",
]
