"""Unit conversions by definition. Everything that was measured or agreed lives in `sisterport.reference`."""

KM_PER_NM = 1.852
"""Kilometres per nautical mile, by definition."""

M_S_PER_KN = 1852.0 / 3600.0
"""Metres per second per knot, by definition."""

SECONDS_PER_HOUR = 3600.0
SECONDS_PER_DAY = 86_400
G_PER_T = 1e6
G_PER_KG = 1e3
KWH_PER_MJ = 1.0 / 3.6
KG_PER_T = 1e3
PER_CENT = 0.01
DAYS_PER_YEAR = 365.0
HOURS_PER_YEAR = 8760.0
"""Hours in a year of 365 days."""
MJ_PER_GJ = 1e3
