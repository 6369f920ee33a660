"""What a scenario of a corridor is: plain types; `scenario_read` fills them from a TOML file and checks the whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BOUNDARIES = ("direct", "string", "cargo")
"""What counts as the corridor: legs from end to end, whole strings that call at both ends, or their corridor cargo."""

YearSteps = Mapping[int, float]
"""Values by the year from which each holds, until the next one; before the first there is nothing."""


def at_year(steps: YearSteps, year: int, default: float = 0.0) -> float:
    """Return the value of steps in a year.

    Examples
    --------
    >>> at_year({2027: 5.0, 2030: 9.0}, 2029), at_year({2027: 5.0}, 2026)
    (5.0, 0.0)
    """
    begun = [start for start in steps if start <= year]
    return steps[max(begun)] if begun else default


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipFacts:
    """What holds for all ships of the scenario.

    Attributes
    ----------
    burns : str
        Fuel of today's ships (an id of the scenario).
    sea_margin : float
        Power over that of the speed curve for waves, wind and fouling [-].
    tank_reserve : float
        Share of every tank that a plan may not count on [-].
    life_years : int
        Age at which a ship is replaced.
    methane_engine : str
        Engine type of LNG ships, which decides the methane slip.
    boiloff : str
        ``kept`` (reliquefied or burnt) or ``lost`` on the way.
    ship_musd, charter_out_usd_per_day : float or None, float
        Price of a new ship on oil (None: that of the class), and what a ship earns that its service does not need.
    ships_from : mapping
        Fuel family and the first year in which ships for it sail; families that are not named: from the second year.
    new_ships_per_year : int
        Most ships of a service that are delivered in one year; 0: no limit.
    """

    burns: str
    sea_margin: float
    tank_reserve: float
    life_years: int
    methane_engine: str
    boiloff: str
    ship_musd: float | None
    charter_out_usd_per_day: float
    ships_from: Mapping[str, int]
    new_ships_per_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A string: ports in rotation, called at by equal ships at a fixed frequency.

    Attributes
    ----------
    id, name, carrier : str
        Its names and who owns the ships.
    ports : tuple of str
        Ports in order; from the last the ship returns to the first.
    days_between : float
        Days from one departure to the next.
    ships, ships_options : int, tuple of int
        Ships of today, and numbers that a plan may choose from: fewer ships sail faster.
    vessel_class : str
        Class of table ``vessel_classes``.
    capacity_teu : float
        Slots of a ship.
    build_years : tuple of int
        One per ship of today.
    berth_h : tuple of float
        Hours at berth at each port.
    buffer_h : float
        Hours of a round trip that are neither at berth nor at service speed: pilotage, waiting.
    utilisation : float
        Cargo over slots, mean of the round trip [-].
    teu_per_year, teu_growth : float
        What the fullest leg has to carry in the first year, and its growth per year [-]; the frequency stays.
    cargo_share : float or None
        Share of its TEU nm that goes between the ends of the corridor, for the boundary ``cargo``.
    imo : tuple of int
        Ships of the register, where it names them.
    capacity_source : str
        How capacity and build years are known.
    """

    id: str
    name: str
    carrier: str
    ports: tuple[str, ...]
    days_between: float
    ships: int
    ships_options: tuple[int, ...]
    vessel_class: str
    capacity_teu: float
    build_years: tuple[int, ...]
    berth_h: tuple[float, ...]
    buffer_h: float
    utilisation: float
    teu_per_year: float
    teu_growth: float
    cargo_share: float | None
    imo: tuple[int, ...]
    capacity_source: str

    def teu_after(self, years: int) -> float:
        """Return what the fullest leg has to carry so many years after the first [TEU/year].

        Examples
        --------
        >>> from sisterport.corridor.examples import example
        >>> example("shanghai-los-angeles").services[0].teu_after(10)
        690000.0
        """
        return self.teu_per_year * (1.0 + self.teu_growth) ** years


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuel:
    """A fuel as ships of the corridor could buy it.

    Attributes
    ----------
    id : str
        Its name in the scenario.
    fuel, family, fuel_class : str
        Code and family of table ``fuels``; ``fossil``, ``bio`` or ``rfnbo``.
    pathway_type : str
        Pathway of the cost model; empty where `usd_per_gj` is given.
    usd_per_gj : float or None
        Price in `price_year` [USD/GJ], delivered.
    price_year, price_growth : int, float
        Year of the price, and its growth per year.
    certified_wtw_g_per_mj, certificate : float or None, str
        Certified intensity [g/MJ] and the certificate, or who is to give it.
    crop : bool
        Made from food or feed crops.
    everywhere : bool
        Sold without limit in every port; otherwise only where the scenario supplies it.
    """

    id: str
    fuel: str
    family: str
    fuel_class: str
    pathway_type: str
    usd_per_gj: float | None
    price_year: int
    price_growth: float
    certified_wtw_g_per_mj: float | None
    certificate: str
    crop: bool
    everywhere: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Fuel that comes to a port: how much from which year, made where, at what extra cost."""

    fuel: str
    port: str
    t_per_year: YearSteps
    made_in: str
    delivery_usd_per_t: float | None
    handling_usd_per_t: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PortFacts:
    """What a port offers and what opening something there costs.

    Attributes
    ----------
    locode, owner : str
        The port, and who pays for what is built there.
    bunkers_from : mapping
        Fuel family and the year from which the port bunkers it without a decision of the plan.
    bunker_musd : mapping
        Fuel family and the cost of opening its bunkering [MUSD]; families that are not named cannot be opened.
    shore_share : float or None
        Share of the energy at berth that can come from shore once it is open [-]; None: from the match of the register.
    shore_from : int or None
        Year from which it is open without a decision of the plan.
    shore_musd : float or None
        Cost of opening it [MUSD]; None: it cannot be opened.
    electricity_usd_per_kwh, grid_g_per_kwh : float or None
        Price and emissions of the electricity; None: not sold, and the country's grid.
    """

    locode: str
    owner: str
    bunkers_from: Mapping[str, int]
    bunker_musd: Mapping[str, float]
    shore_share: float | None
    shore_from: int | None
    shore_musd: float | None
    electricity_usd_per_kwh: float | None
    grid_g_per_kwh: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChoices:
    """Regulations that are taken as in force, and the prices that they need.

    ``netzero_unset`` says what years without a target of the draft ask for: ``hold`` (as the last year that has both)
    or ``nothing``; empty where the framework is off. ``carbon_usd_per_t`` is a price of the scenario's own on
    well-to-wake emissions everywhere, beside the rules.
    """

    fueleu: bool
    ets: bool
    netzero: bool
    netzero_start: int | None
    netzero_tier1_usd_per_t: float | None
    netzero_tier2_usd_per_t: float | None
    netzero_unset: str
    at_berth: bool
    china: bool
    afir: bool
    allowance_eur: YearSteps
    usd_per_eur: float | None
    carbon_usd_per_t: YearSteps


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Cut of the emissions against the baseline by year, hard or at a price [USD/t]."""

    cut: YearSteps
    measure: str
    kind: str
    usd_per_t: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A promise: from `year` on at least so many ships, or such a share of the energy, on green fuel."""

    name: str
    year: int
    ships: int
    energy_share: float
    service: str
    threshold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Future:
    """One way that prices, supply and rules may go; factors are applied to the scenario's own values."""

    name: str
    weight: float
    green_price: float
    fossil_price: float
    carbon_price: float
    supply: float
    demand: float
    netzero: bool | None
    netzero_start: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Money that the scenario moves: `share` of the cost `item` of one owner is paid by another."""

    item: str
    owner: str
    payer: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario, checked.

    Attributes
    ----------
    path : Path
        The file.
    id, name, note : str
        Names, and what a reader should know.
    ends : tuple of two tuples of str
        Ports of the two ends of the corridor.
    boundary : str
        One of `BOUNDARIES`.
    representative : bool
        The services stand for those that exist; they are no list of them.
    first_year, last_year : int
        Horizon, both included.
    discount_rate : float
        Per year [-].
    usd_year : int
        Year of the money.
    threshold : str
        Threshold below which a certified intensity is called green.
    gwp : str
        Set of warming potentials.
    closed : tuple of str
        Passages that ships do not take.
    budget_musd : float or None
        Most that a plan may cost beyond one without targets and promises, over the horizon, discounted.
    extra_calls, cargo_pct : tuple of str, float
        Ports and per cent of the cargo space that reach tries.
    shore_folder : Path or None
        Folder of ``sisterport shorepower match`` that shares at berth are taken from.
    named : tuple of Path
        Other files that the scenario reads: a register of ships, the match of shore power.
    guesses : tuple of (str, str)
        Where in the file a value is marked as a guess: table and key.
    sources : tuple of (str, str)
        Table and the source that it names.
    """

    path: Path
    id: str
    name: str
    note: str
    ends: tuple[tuple[str, ...], tuple[str, ...]]
    boundary: str
    representative: bool
    first_year: int
    last_year: int
    discount_rate: float
    usd_year: int
    threshold: str
    gwp: str
    closed: tuple[str, ...]
    budget_musd: float | None
    ships: ShipFacts
    services: tuple[Service, ...]
    fuels: tuple[Fuel, ...]
    supply: tuple[Supply, ...]
    ports: tuple[PortFacts, ...]
    rules: RuleChoices
    targets: Targets
    agreements: tuple[Agreement, ...]
    futures: tuple[Future, ...]
    transfers: tuple[Transfer, ...]
    extra_calls: tuple[str, ...]
    cargo_pct: float
    shore_folder: Path | None
    named: tuple[Path, ...]
    guesses: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]

    @property
    def years(self) -> range:
        """Years of the horizon."""
        return range(self.first_year, self.last_year + 1)

    def port(self, locode: str) -> PortFacts:
        """Return what is known of a port."""
        return next(port for port in self.ports if port.locode == locode)

    def fuel(self, name: str) -> Fuel:
        """Return a fuel by its id."""
        return next(fuel for fuel in self.fuels if fuel.id == name)
