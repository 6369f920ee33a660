"""The checks of a verdict by name; their numbers are those of the reference table ``shorepower_checks``."""

from sisterport.reference import load

CHECKS = load("shorepower_checks").height
(
    KIND,
    INLET,
    OUTLET,
    VOLTAGE,
    FREQUENCY,
    POWER,
    PLUGS,
    CABLE,
    REACH,
    PROTECTION,
    ZONE,
    TIME,
    DOCUMENTS,
) = range(1, 1 + CHECKS)
