"""The load laws, and the NOx tier of a keel year."""

from dataclasses import dataclass
from functools import cache

from sisterport.errors import MethodError, choose
from sisterport.reference.store import value

CUBIC = ("ghg4", "epa_propeller", "epa_admiralty")
"""Laws of the third power of the speed."""
RESISTANCE = ("holtrop", "kristensen")
"""Laws by a resistance model (`sisterport.engines.propulsion_power`), for ships whose hull is known well enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLaw:
    """Constants of a load law that are the same for all ships.

    The factor that differs from ship to ship (weather, fouling, margin) is a column of the ships. A law by a resistance
    model has factor, caps and floor of the law `cubic`, which holds as it is for ships without a hull.
    """

    name: str
    cubic: str
    draught_exponent: float
    lf_min: float
    lf_max: float
    lf_off: float

    @property
    def model(self) -> str | None:
        """Name of the resistance model; None of a cubic law."""
        return self.name if self.name in RESISTANCE else None


def load_law(name: str, *, cubic: str | None = None) -> LoadLaw:
    """Return a load law.

    Parameters
    ----------
    name
        ``ghg4`` (admiralty with weather and fouling, engine off below 7 %), ``epa_propeller`` (cubic with 15 % margin,
        floor 2 %), ``epa_admiralty`` (the same with draught), ``holtrop`` or ``kristensen`` (power in calm water by
        that model, with the factors and limits of the law `cubic`; see `sisterport.engines.corrections`).
    cubic
        For a resistance model: the law of its factors and limits, and of ships whose hull is not known; by default
        ``ghg4``.

    Raises
    ------
    MethodError
        If there is no such law, or a cubic law is told to go by another one.

    References
    ----------
    Fourth IMO GHG Study (2020), eq. 8; USEPA Marine Emissions Tools beta 0.2, calcPropPwr and calcAdmPwr.

    Examples
    --------
    >>> load_law("epa_propeller").lf_min
    0.02
    >>> law = load_law("holtrop")
    >>> law.model, law.cubic, law.lf_off
    ('holtrop', 'ghg4', 0.07)
    """
    choose("load law", name, [*CUBIC, *RESISTANCE])
    if cubic is None:
        cubic = CUBIC[0] if name in RESISTANCE else name
    choose("cubic load law", cubic, CUBIC)
    if name not in (cubic, *RESISTANCE):
        raise MethodError(f"the load law '{name}' is cubic itself; only {' and '.join(RESISTANCE)} go by another law")
    if cubic == "ghg4":
        return LoadLaw(
            name=name,
            cubic=cubic,
            draught_exponent=value("draught_exponent"),
            lf_min=0.0,
            lf_max=value("ghg4_lf_max"),
            lf_off=value("ghg4_lf_off"),
        )
    return LoadLaw(
        name=name,
        cubic=cubic,
        draught_exponent=value("draught_exponent") if cubic == "epa_admiralty" else 0.0,
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
    return sum(keel_year >= start for start in tier_starts())


@cache
def tier_starts() -> tuple[int, ...]:
    """Return the first keel years of the NOx tiers, Tier I first: ``nox_tier_dates`` of the table ``equations``.

    Examples
    --------
    >>> tier_starts()
    (2000, 2011, 2016)
    """
    return tuple(int(value(f"nox_tier{tier}_from_year")) for tier in (1, 2, 3))
