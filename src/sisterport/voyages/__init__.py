"""Voyages: areas, the row kernel, calls, legs, sea routes, bridging."""

from sisterport.voyages.areas import AreaSet, port_discs, read_areas
from sisterport.voyages.calls import Calls, calls
from sisterport.voyages.modes import ModeRules, mode_rules
from sisterport.voyages.raster import Zones, build_zones, unverified_zone_ids
from sisterport.voyages.searoute import Route, sea_distances, sea_route
from sisterport.voyages.segments import Segmented, segments

__all__ = [
    "AreaSet",
    "Calls",
    "ModeRules",
    "Route",
    "Segmented",
    "Zones",
    "build_zones",
    "calls",
    "mode_rules",
    "port_discs",
    "read_areas",
    "sea_distances",
    "sea_route",
    "segments",
    "unverified_zone_ids",
]
