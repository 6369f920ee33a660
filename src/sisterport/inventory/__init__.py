"""Inventory: energy, fuel and emissions of ships from segments, by published methods."""

from sisterport.inventory.checks import check_inventory
from sisterport.inventory.emissions import emissions, shore_account
from sisterport.inventory.explain import Explanation, explain
from sisterport.inventory.methods import METHODS, Method, method
from sisterport.inventory.quality import input_quality
from sisterport.inventory.summaries import summarise
from sisterport.inventory.uncertainty import bands
from sisterport.inventory.zones import zone_rules

__all__ = [
    "METHODS",
    "Explanation",
    "Method",
    "bands",
    "check_inventory",
    "emissions",
    "explain",
    "input_quality",
    "method",
    "shore_account",
    "summarise",
    "zone_rules",
]
