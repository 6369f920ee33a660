"""Unit conversions by definition, and rounding. What was measured or agreed lives in `sisterport.reference`."""

KM_PER_NM = 1.852
"""Kilometres per nautical mile, by definition."""

M_S_PER_KN = 1852.0 / 3600.0
"""Metres per second per knot, by definition."""

SECONDS_PER_HOUR = 3600.0
SECONDS_PER_DAY = 86_400
MS_PER_HOUR = 3_600_000
HOURS_PER_DAY = 24.0
DAYS_PER_YEAR = 365.0
HOURS_PER_YEAR = 8760.0
"""Hours in a year of 365 days."""

G_PER_T = 1e6
G_PER_KG = 1e3
KG_PER_T = 1e3
KWH_PER_MJ = 1.0 / 3.6
KWH_PER_MWH = 1e3
MJ_PER_GJ = 1e3
KVA_PER_MVA = 1e3
USD_PER_MUSD = 1_000_000
PER_CENT = 0.01
ROOT_3 = 3.0**0.5
"""Apparent power of three phases, over voltage between two of them and current."""

ROUNDING = 1e-9
"""Relative difference up to which two results of the same sums count as equal: no tolerance of a measurement."""

TINY = 1e-12
"""Least divisor where nothing is divided by nothing, and absolute rounding of numbers near zero."""
