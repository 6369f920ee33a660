"""What a fuel of a scenario counts: energy per mass, tank to wake and well to wake, by default or by certificate."""

from functools import cache

from sisterport.corridor.scenario import Fuel, Scenario
from sisterport.errors import MethodError
from sisterport.fuels import WellToWake, certified_wtw, is_green, wtw

_ENGINE = "SSD"
"""Large container ships have slow two-stroke engines; those for methane are for the scenario to say."""


def engine_of(fuel: Fuel, methane_engine: str) -> str:
    """Return the engine type that burns a fuel."""
    return methane_engine if fuel.family == "methane" else _ENGINE


@cache
def factors(fuel: Fuel, *, methane_engine: str, gwp: str, below_criteria: str = "as_certified") -> WellToWake:
    """Return the well-to-wake factors of a fuel.

    Parameters
    ----------
    fuel
        Fuel of a scenario.
    methane_engine
        Engine type of LNG ships.
    gwp
        Set of warming potentials.
    below_criteria
        What a certified fuel that misses the law's criteria counts as: ``as_certified`` (what it emits) or ``fossil``
        (what FuelEU takes it for).

    Notes
    -----
    CH4 and N2O that Annex II leaves to be measured are taken as in its table for default factors and as zero for
    certified fuels, whose certificate is to hold them.

    References
    ----------
    Regulation (EU) 2023/1805 Annexes I and II.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> scenario = example("shanghai-los-angeles")
    >>> [round(factors(scenario.fuel(name), methane_engine="HPDF", gwp="AR5").wtw_g_per_mj, 1)
    ...  for name in ("vlsfo", "lng", "e-methanol")]
    [92.6, 76.1, 18.4]
    """
    engine = engine_of(fuel, methane_engine)
    if fuel.certified_wtw_g_per_mj is None:
        return wtw(fuel.fuel, engine, gwp=gwp, fuel_class=fuel.fuel_class)
    return certified_wtw(
        fuel.fuel,
        engine,
        e_g_per_mj=fuel.certified_wtw_g_per_mj,
        certificate_id=fuel.certificate,
        fuel_class=fuel.fuel_class,
        gwp=gwp,
        crop=fuel.crop,
        below_criteria=below_criteria,
    )


def green(fuel: Fuel, scenario: Scenario, *, year: int, threshold: str | None = None) -> tuple[bool, str]:
    """Return whether a fuel is green in a year, and why: by its certified intensity, never by its name.

    Parameters
    ----------
    fuel
        Fuel of the scenario.
    scenario
        Its threshold counts unless `threshold` is given.
    year
        Year of the threshold. The Net-Zero Framework's has no value before 2028: nothing is green by it then.
    threshold
        Name of a threshold.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> scenario = example("shanghai-los-angeles")
    >>> green(scenario.fuel("bio-methanol"), scenario, year=2030)
    (True, 'certified 27 g/MJ, threshold red_70 28.2 g/MJ')
    >>> green(scenario.fuel("bio-methanol"), scenario, year=2030, threshold="nzf_zero")
    (False, 'certified 27 g/MJ, threshold nzf_zero 19 g/MJ')
    """
    own = factors(fuel, methane_engine=scenario.ships.methane_engine, gwp=scenario.gwp)
    certified = None if fuel.certified_wtw_g_per_mj is None else round(own.wtw_g_per_mj, 9)
    name = threshold or scenario.threshold
    try:
        return is_green(certified, certificate_id=fuel.certificate or None, threshold_name=name, year=year)
    except MethodError as error:
        return False, str(error)
