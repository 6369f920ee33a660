"""Which load law a method uses, and the NOx tier of a keel year."""

from dataclasses import dataclass

from sisterport.errors import choose
from sisterport.reference.store import value


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLaw:
    """Constants of a cubic load law that are the same for all ships.

    The factor that differs from ship to ship (weather, fouling, margin) is a column of the ships.
    """

    name: str
    draught_exponent: float
    lf_min: float
    lf_max: float
    lf_off: float


def load_law(name: str) -> LoadLaw:
    """Return the load law of a method.

    Parameters
    ----------
    name
        ``ghg4`` (admiralty with weather and fouling, engine off below 7 %), ``epa_propeller`` (cubic with 15 % margin,
        floor 2 %) or ``epa_admiralty`` (the same with draught).

    Raises
    ------
    MethodError
        If there is no such law.

    References
    ----------
    Fourth IMO GHG Study (2020), eq. 8; USEPA Marine Emissions Tools beta 0.2, calcPropPwr and calcAdmPwr.

    Examples
    --------
    >>> load_law("epa_propeller").lf_min
    0.02
    """
    choose("load law", name, ["ghg4", "epa_propeller", "epa_admiralty"])
    if name == "ghg4":
        return LoadLaw(
            name=name,
            draught_exponent=value("draught_exponent"),
            lf_min=0.0,
            lf_max=value("ghg4_lf_max"),
            lf_off=value("ghg4_lf_off"),
        )
    return LoadLaw(
        name=name,
        draught_exponent=value("draught_exponent") if name == "epa_admiralty" else 0.0,
        lf_min=value("epa_lf_min"),
        lf_max=value("epa_lf_max"),
        lf_off=0.0,
    )


def nox_tier(keel_year: int) -> int:
    """Return the NOx tier of a keel year (MARPOL Annex VI reg. 13); Tier III counts only inside a NOx control area.

    Examples
    --------
    >>> [nox_tier(year) for year in (1999, 2000, 2011, 2016)]
    [0, 1, 2, 3]
    """
    return sum(keel_year >= start for start in _TIER_STARTS)


_TIER_STARTS = (2000, 2011, 2016)  # dates of the law: see nox_tier_dates in the table equations
