"""Fleet: the ship register, missing particulars, and how each value is known."""

from sisterport.fleet.chain import SOURCE_WORDS, source_word
from sisterport.fleet.classes import ais_class, ais_group, class_bins, ship_classes, size_bin, size_unit
from sisterport.fleet.digitraffic import VesselDetails, read_vessel_details
from sisterport.fleet.fitted import fitted_value, gt_from_deadweight
from sisterport.fleet.formulas import dwt_from_dimensions, dwt_from_teu, gt_from_dwt, power_from_dwt, teu_from_dwt
from sisterport.fleet.identity import imo_check, mmsi_is_ship, ship_id
from sisterport.fleet.joining import citations
from sisterport.fleet.mrv import MrvReports, read_mrv
from sisterport.fleet.mrv_clean import Cleaned, clean_mrv, is_fit_half
from sisterport.fleet.particulars import particulars, particulars_summary
from sisterport.fleet.register import read_register, register_cells

__all__ = [
    "SOURCE_WORDS",
    "Cleaned",
    "MrvReports",
    "VesselDetails",
    "ais_class",
    "ais_group",
    "citations",
    "class_bins",
    "clean_mrv",
    "dwt_from_dimensions",
    "dwt_from_teu",
    "fitted_value",
    "gt_from_deadweight",
    "gt_from_dwt",
    "imo_check",
    "is_fit_half",
    "mmsi_is_ship",
    "particulars",
    "particulars_summary",
    "power_from_dwt",
    "read_mrv",
    "read_register",
    "read_vessel_details",
    "register_cells",
    "ship_classes",
    "ship_id",
    "size_bin",
    "size_unit",
    "source_word",
    "teu_from_dwt",
]
