"""Inventory: energy, fuel and emissions of ships from segments, by published methods."""

from sisterport.inventory.emissions import emissions, shore_account
from sisterport.inventory.methods import METHODS, Method, method
from sisterport.inventory.quality import input_quality
from sisterport.inventory.summaries import summarise
from sisterport.inventory.zones import zone_rules

__all__ = [
    "METHODS",
    "Method",
    "emissions",
    "input_quality",
    "method",
    "shore_account",
    "summarise",
    "zone_rules",
]
