"""Voyages: areas, the row kernel, calls, legs, sea routes, bridging."""

from importlib import import_module
from typing import Any

_HOME = {
    "AreaSet": "areas",
    "ModeRules": "modes",
    "Zones": "raster",
    "build_zones": "raster",
    "calls": "calls",
    "mode_rules": "modes",
    "port_discs": "areas",
    "read_areas": "areas",
    "sea_route": "searoute",
    "segments": "segments",
}
__all__ = sorted(_HOME)  # noqa: PLE0605 - plain strings from the map above


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: numba and shapely are slow to load."""
    if name not in _HOME:
        raise AttributeError(f"module 'sisterport.voyages' has no attribute '{name}'")
    return getattr(import_module(f"sisterport.voyages.{_HOME[name]}"), name)
