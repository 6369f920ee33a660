"""Fleet: the ship register, missing particulars, and how each value is known."""

from sisterport.fleet.chain import SOURCE_WORDS, source_word
from sisterport.fleet.classes import ais_class, ais_group, class_bins, ship_classes, size_bin, size_unit
from sisterport.fleet.formulas import dwt_from_dimensions, gt_from_dwt, power_from_dwt, teu_from_dwt
from sisterport.fleet.identity import imo_check, mmsi_is_ship
from sisterport.fleet.joining import citations
from sisterport.fleet.particulars import particulars, particulars_summary
from sisterport.fleet.register import read_register, register_cells

__all__ = [
    "SOURCE_WORDS",
    "ais_class",
    "ais_group",
    "citations",
    "class_bins",
    "dwt_from_dimensions",
    "gt_from_dwt",
    "imo_check",
    "mmsi_is_ship",
    "particulars",
    "particulars_summary",
    "power_from_dwt",
    "read_register",
    "register_cells",
    "ship_classes",
    "size_bin",
    "size_unit",
    "source_word",
    "teu_from_dwt",
]
