"""Engines: load law, specific consumption and low-load functions, scalar, jitted and cited."""

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
from sisterport.engines.laws import LoadLaw, load_law, nox_tier

__all__ = [
    "BC_EXPONENTS",
    "STATISTICS",
    "LoadLaw",
    "draught_factor",
    "load_coefficients",
    "load_factor",
    "load_functions",
    "load_law",
    "low_load_factor",
    "low_load_so2",
    "nox_tier",
    "sfc_curve",
]
