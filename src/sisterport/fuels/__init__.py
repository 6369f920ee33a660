"""Fuels: pathways and well-to-wake factors."""

from sisterport.fuels.wtw import WellToWake, gwp_pair, tank_to_wake, wtw

__all__ = ["WellToWake", "gwp_pair", "tank_to_wake", "wtw"]
