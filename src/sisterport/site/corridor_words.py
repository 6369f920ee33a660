"""Fuels, families and costs of a corridor in words and colours: the same on every page."""

from collections.abc import Iterable, Mapping, Sequence

from sisterport.corridor.scenario import Fuel, Scenario
from sisterport.reference import ports

_SHADES: Mapping[tuple[str, bool], Sequence[str]] = {
    ("oil", False): ("#9aa4ad", "#c3cad0", "#77828c"),
    ("oil", True): ("#dd9a32", "#f0c987", "#a8641d"),
    ("methane", False): ("#cdbfa6", "#b5a27f"),
    ("methane", True): ("#8fae8b", "#5d8a63"),
    ("methanol", False): ("#d9d2e6",),
    ("methanol", True): ("#a9cde3", "#3f86bd", "#6ba3c8"),
    ("ammonia", False): ("#c9c3d6",),
    ("ammonia", True): ("#12385f", "#2f5c8a"),
    ("hydrogen", False): ("#d8c4cf",),
    ("hydrogen", True): ("#7d4f7a", "#a77ba3"),
}
"""Colours of a family, of fossil fuels and of others: what is fossil is grey or sand."""
_OTHER = "#d5d9dd"
SHORE = "Shore power"
SHORE_COLOUR = "#f0c420"
FAMILIES = {"oil": "Oil", "methane": "Methane", "methanol": "Methanol", "ammonia": "Ammonia", "hydrogen": "Hydrogen"}
FAMILY_COLOURS = {
    "oil": "#9aa4ad",
    "methane": "#cdbfa6",
    "methanol": "#3f86bd",
    "ammonia": "#12385f",
    "hydrogen": "#7d4f7a",
}
_PORT_WORDS = ("Pt", "Gang", "Ko")
"""Words of the World Port Index that say "port" and that nobody says."""
BASES = {"services": "from the services and sea routes", "ais": "from ships that AIS saw"}
WAYS = {
    "tanks_today": "Tanks of today",
    "cargo_space": "With cargo space",
    "extra_call": "With one more call",
    "either": "With either",
}


def fuel_colours(fuels: Iterable[Fuel]) -> dict[str, str]:
    """Return a colour for each fuel of a scenario: fossil ones first, in the order of their families.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> list(fuel_colours(example("shanghai-los-angeles").fuels))
    ['vlsfo', 'lng', 'e-diesel', 'bio-methanol', 'e-methanol', 'e-ammonia']
    """
    families = list(FAMILIES)
    ordered = sorted(fuels, key=lambda fuel: (fuel.fuel_class != "fossil", families.index(fuel.family)))
    found: dict[str, str] = {}
    taken: dict[tuple[str, bool], int] = {}
    for fuel in ordered:
        key = (fuel.family, fuel.fuel_class != "fossil")
        shades = _SHADES.get(key, (_OTHER,))
        number = taken.get(key, 0)
        taken[key] = number + 1
        found[fuel.id] = shades[number % len(shades)]
    return found


def port_name(locode: str) -> str:
    """Return the name of a port, or its code where the table of ports has none.

    Examples
    --------
    >>> port_name("CNSGH"), port_name("JPYOK"), port_name("XXXXX")
    ('Shanghai', 'Yokohama', 'XXXXX')
    """
    rows = ports().filter(locode=locode)
    if rows.is_empty():
        return locode
    first, *more = str(rows["name"][0]).split(" (")[0].split("/")[0].split()
    return " ".join([first, *(word for word in more if word not in _PORT_WORDS)])


def place_name(place: str) -> str:
    r"""Return a port or a leg between two ports in words.

    Examples
    --------
    >>> place_name("CNSGH-USLAX")
    'Shanghai \u2013 Los Angeles'
    """
    return " \u2013 ".join(port_name(code) for code in place.split("-"))


def ends_of(scenario: Scenario) -> str:
    """Return the two ends of a corridor in words.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> ends_of(example("shanghai-hamburg"))
    'Shanghai and Hamburg'
    """
    return " and ".join("/".join(port_name(code) for code in end) for end in scenario.ends)
