"""Engines: load laws, resistance models, specific consumption and low-load functions, cited."""

from sisterport.engines.corrections import Corrections, load_basis, load_corrections
from sisterport.engines.functions import (
    BC_EXPONENTS,
    STATISTICS,
    draught_factor,
    load_coefficients,
    load_factor,
    load_functions,
    low_load_factor,
    low_load_so2,
    sfc_curve,
)
from sisterport.engines.hulls import hull_particulars
from sisterport.engines.laws import LoadLaw, load_law, nox_tier, tier_starts
from sisterport.engines.resistance import propulsion_power, speed_power_table

__all__ = [
    "BC_EXPONENTS",
    "STATISTICS",
    "Corrections",
    "LoadLaw",
    "draught_factor",
    "hull_particulars",
    "load_basis",
    "load_coefficients",
    "load_corrections",
    "load_factor",
    "load_functions",
    "load_law",
    "low_load_factor",
    "low_load_so2",
    "nox_tier",
    "propulsion_power",
    "sfc_curve",
    "speed_power_table",
    "tier_starts",
]
