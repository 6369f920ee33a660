"""What a corridor plan decides and must hold, as arrays: the formulation that `model` writes down row by row.

Indices: service `s`, variant `v` (a fuel family with a tank size), speed option `k`, call `c` (a place in the rotation
of one service; the leg that leaves it carries the same index), port `p`, fuel `f`, family `t` (0 is oil), group of
ships of one age `g`, year `y`. Energy in TJ, money in MUSD, emissions in t; 1 g/MJ is 1 t/TJ, 1 USD/GJ is 1 kUSD/TJ.

Decisions::

    n[s,v,y]  r[g,v,y]          ships newly built, ships of a group converted to v            whole numbers
    o[p,t,y]  e[p,y]            bunkering of a family, shore power: open or not               0 or 1
    x[s,v,y]  i[s,v,y]          ships there are; ship-years chartered out                     follow, >= 0
    w[s,v,k,y]                  sailings (round trips) a year with speed option k             >= 0
    b[c,v,y]                    energy of the own family bunkered at c
    h[c,v,y]                    energy at berth that comes from shore instead of fuel
    q[c,f,y]                    energy of fuel f bunkered at c
    a[s,f,y]                    energy of fuel f counted in an account that covers only some legs
    z[.,y]  d[c,y]              what an account, a duty misses: paid or forbidden

With W[s,v,y] = sum_k w[s,v,k,y] and E[c,v,y] = sum_k (sea[c,v,k] + berth[c,v]) w[s,v,k,y], the sailings of a variant
and the energy that it needs at c and on the leg that leaves c (the calls of a rotation are a ring)::

    fleet     x[s,v,y] = x[s,v,y-1] + n[s,v,y] - n[s,v,y-life] + conversions to v - conversions from v - ended
    group     sum_vy r[g,v,y] <= ships[g];   a converted ship ends when it would have ended
    yard      sum_v n[s,v,y] <= new_max[s]
    time      sum_k days[s,k] w[s,v,k,y] <= ship_days (x[s,v,y] - i[s,v,y])
    sailings  sum_v W[s,v,y] >= sailings_min[s];   sum_v W[s,v,y] / sailings_max[s,v,y] <= 1
    cargo     sum_v teu[s,v] W[s,v,y] >= demand_teu[s,y]
    tank      sum_{c in i..j} b[c,v,y] <= tank[s,v] W[s,v,y] + (1 - pilot[v]) sum_{c in i..j-1} (E - h)[c,v,y]
              for every stretch i..j of consecutive calls, up to once around: what is bunkered is burnt or in the tanks
    pilot     sum_c b[c,v,y] <= (1 - pilot[v]) sum_c (E - h)[c,v,y]      the whole ring: the rest is burnt as oil
    bunker    sum_{v in t} b[c,v,y] = sum_{f in t} q[c,f,y]                                    t > 0
    energy    sum_{c in s, f} q[c,f,y] + sum_{c in s, v} h[c,v,y] = sum_{c in s, v} E[c,v,y]
    open      sum_{v in t} b[c,v,y] / most[c,v,y] <= o[p,t,y];   o[p,t,y] >= o[p,t,y-1]
    plug      h[c,v,y] <= connect[c] berth[c,v] W[s,v,y]
    shore     sum_v h[c,v,y] / most[c,v,y] <= e[p,y];   e[p,y] >= e[p,y-1]
    duty      sum_v h[c,v,y] + d[c,y] >= duty[c,y] sum_v berth[c,v] W[s,v,y]
    supply    sum of q[c,f,y] over the calls of a region <= supply[.,y];   at one port <= supply[.,y] o[p,t,y]
    account   sum_fs fuel[f,y] a[s,f,y] + sum_p shore[p,y] electricity[p,y] <= limit[.,y] + z[.,y]
    scope     a[s,f,y] <= sum_c q[c,f,y];   sum_f a[s,f,y] = sum_c scope[c] sum_v (E - h)[c,v,y]
    pledge    sum of x over the services and variants named >= ships, from a year on

Sailings of several speed options stand for one speed between them: days and energy are taken on the chord of a convex
curve, so energy is never too low, and all ships of a variant in a service sail alike; annual sums over equal trips
are then exact for the tank of each trip. The rows "tank" say neither more nor less than a content of the tanks leg by
leg (a flow around a ring that can leave it on each leg exists if and only if every stretch has room: Gale 1957), with a
third of the columns. Oil tanks hold a round trip (checked): oil needs no such rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sisterport.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

OIL = 0
"""Index of the oil family: every ship can burn it, every port has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One rule or target that counts fuels: carbon price, intensity with penalty, tier of a framework, cut by year.

    It holds for each pool of services and each year: sum of coefficients times energy <= limit + missed, and what is
    missed costs its price. A price of infinity forbids it; NaN says that the rule is not in force in that year.
    A plain carbon price has limit 0. A share of fuels is an account too: coefficient share - 1 for fuels that count
    and share for those that do not, limit 0.
    """

    name: str
    fuel: Floats
    """[F, Y] what a TJ of fuel counts [t/TJ]."""
    shore: Floats
    """[P, Y] what a TJ of shore electricity counts [t/TJ]."""
    limit: Floats
    """[pools, Y] what is free [t]."""
    price_usd: Floats
    """[Y] price of what is missed [USD/t]; inf: not allowed; nan: not in force."""
    pool: Ints
    """[S] pool of each service, from 0; -1: the rule does not hold for it."""
    scope: Floats | None = None
    """[C] share of the energy of a call and its leg that counts; None: all of it. What was bunkered may be counted on
    any leg in scope, as bunker notes allow."""
    baseline_t: float | None = None
    """What the limits are a cut of, for those who have to read how much can be cut [t]; None: they are no cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge:
    """Ships that an agreement asks for."""

    name: str
    services: Flags
    """[S]"""
    variants: Flags
    """[V]"""
    from_year: int
    """Index of the first year."""
    ships: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A corridor as arrays; money of each year as it is paid then, discounted by `discount`."""

    years: tuple[int, ...]
    services: tuple[str, ...]
    ports: tuple[str, ...]
    families: tuple[str, ...]
    """The first is oil."""
    fuels: tuple[str, ...]
    variants: tuple[str, ...]
    """The name of each, e.g. "methanol, large tank"; at least one of family 0."""
    discount: Floats
    """[Y] present value of a dollar of that year."""

    # rotations: the calls of a service stand together, in the order of its rotation
    call_service: Ints
    """[C]"""
    call_port: Ints
    """[C]"""

    # sailing
    days: Floats
    """[S, K] days of a round trip with each speed option, rising."""
    sea_tj: Floats
    """[C, V, K] fuel energy of the leg that leaves the call, one sailing [TJ]."""
    berth_tj: Floats
    """[C, V] fuel energy at berth, one call [TJ]."""
    ship_days: float
    """Days of a year in which a ship can sail."""
    sailings_min: Floats
    """[S] the stated frequency [1/year]."""
    teu: Floats
    """[S, V] cargo that one sailing can carry, after what the tanks take."""
    demand_teu: Floats
    """[S, Y]"""

    # variants
    variant_family: Ints
    """[V]"""
    tank_tj: Floats
    """[S, V] what the tanks of the variant's own family hold [TJ]."""
    pilot: Floats
    """[V] least share of oil in what is burnt (0 for oil variants)."""

    # ships there are: one group = ships of one service, variant and age
    group_service: Ints
    """[G]"""
    group_variant: Ints
    """[G]"""
    group_ships: Ints
    """[G]"""
    group_end: Ints
    """[G] index of the first year without them; the number of years or more: they stay."""
    convert_musd: Floats
    """[G, V, Y] conversion of a ship of the group, less its value after the last year; inf where impossible."""

    # ships there may be
    new_musd: Floats
    """[S, V, Y] a new ship, less its value after the last year; inf where it cannot be had (yet)."""
    new_max: Ints
    """[S] ships of a service that can be delivered in one year."""
    life: Ints
    """[V] years that a new ship sails."""
    own_musd: Floats
    """[S, V, Y] crew, upkeep, insurance of a ship that sails, per ship-year."""
    charter_musd: Floats
    """[S, V, Y] income from a ship chartered out, per ship-year (net of everything)."""

    # fuels
    fuel_family: Ints
    """[F]"""
    price_usd_gj: Floats
    """[F, P, Y] delivered on board; inf where it is not sold."""
    supply_region: Ints
    """[F, P] row of `supply_tj` that limits the fuel in the port; -1: no limit."""
    supply_tj: Floats
    """[regions, Y]"""

    # bunker ports and shore power
    open_musd: Floats
    """[P, T, Y] to open bunkering of a family (t > 0)."""
    open_run_musd: Floats
    """[P, T] to keep it open, per year."""
    open_first: Ints
    """[P, T] index of the first year possible; -1: open from the start, at no cost; number of years: never."""
    shore_musd: Floats
    """[P, Y] to open shore power on the corridor's berths."""
    shore_run_musd: Floats
    """[P]"""
    shore_first: Ints
    """[P] as `open_first`."""
    connect: Floats
    """[C] share of the energy at berth that can come from shore (match of ships and berths)."""
    shore_usd_gj: Floats
    """[P, Y] electricity [USD/GJ of electricity]."""
    shore_per_fuel: float
    """Electricity per fuel energy that it replaces (the efficiency of auxiliary engines)."""
    duty: Floats
    """[C, Y] share of the energy at berth that the law wants from shore; at most `connect` if it is to be met."""
    duty_usd_gj: Floats
    """[C, Y] price of what is missed [USD/GJ of fuel energy]; inf: not allowed."""

    # what counts
    fuel_t_tj: Floats
    """[F, Y] well-to-wake CO2e of a fuel [t/TJ]: what "emissions" of the plan are."""
    shore_t_tj: Floats
    """[P, Y] CO2e of shore electricity [t/TJ of electricity]."""
    accounts: tuple[Account, ...] = ()
    pledges: tuple[Pledge, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    """What the scenario file calls a requirement: keys ``account:<name>``, ``pledge:<name>``, ``demand:<service>``,
    ``frequency:<service>``, ``supply:<fuel>``, ``duty:<port>``, ``open:<port>:<family>``, ``shore:<port>``,
    ``new:<service>``, ``budget``."""

    @property
    def calls_of(self) -> list[Ints]:
        """Calls of each service, in the order of its rotation."""
        return [np.nonzero(self.call_service == s)[0] for s in range(len(self.services))]

    @property
    def sailings_max(self) -> Floats:
        """[S, V, Y] sailings that carry everything with one variant alone: more make no sense."""
        return np.maximum(self.sailings_min[:, None, None], self.demand_teu[:, None, :] / self.teu[:, :, None])

    @property
    def tank_most(self) -> Floats:
        """[S, V] what a ship takes at one call at most [TJ]: its tank, or what it burns in a round trip."""
        trip = np.stack([self.energy_tj[calls].sum(axis=0).max(axis=1) for calls in self.calls_of])
        return np.minimum(self.tank_tj, trip * (1 - self.pilot))

    @property
    def supply_most(self) -> Floats:
        """[F, P, Y] what limits a fuel in a port [TJ]; inf where nothing does."""
        none = np.full((1, len(self.years)), np.inf)
        most: Floats = np.concatenate([self.supply_tj, none])[self.supply_region]  # region -1 is the last row
        return most

    @property
    def energy_tj(self) -> Floats:
        """[C, V, K] energy of a call and the leg that leaves it, one sailing [TJ]."""
        return self.sea_tj + self.berth_tj[:, :, None]

    @property
    def scopes(self) -> list[Floats]:
        """The different scopes of the accounts that do not cover every leg."""
        different: list[Floats] = []
        for account in self.accounts:
            if account.scope is not None and not any(np.array_equal(account.scope, s) for s in different):
                different.append(account.scope)
        return different

    def sizes(self) -> dict[str, int]:
        """Return the length of each index."""
        return {
            "S": len(self.services), "P": len(self.ports), "T": len(self.families), "F": len(self.fuels),
            "V": len(self.variants), "Y": len(self.years), "C": self.call_service.size, "K": self.days.shape[1],
            "G": self.group_service.size, "R": self.supply_tj.shape[0],
        }  # fmt: skip


_SHAPES = {
    "discount": "Y", "call_service": "C", "call_port": "C", "days": "SK", "sea_tj": "CVK", "berth_tj": "CV",
    "sailings_min": "S", "teu": "SV", "demand_teu": "SY", "variant_family": "V",
    "tank_tj": "SV", "pilot": "V", "group_service": "G", "group_variant": "G", "group_ships": "G", "group_end": "G",
    "convert_musd": "GVY", "new_musd": "SVY", "new_max": "S", "life": "V", "own_musd": "SVY", "charter_musd": "SVY",
    "fuel_family": "F", "price_usd_gj": "FPY", "supply_region": "FP", "supply_tj": "RY", "open_musd": "PTY",
    "open_run_musd": "PT", "open_first": "PT", "shore_musd": "PY", "shore_run_musd": "P", "shore_first": "P",
    "connect": "C", "shore_usd_gj": "PY", "duty": "CY", "duty_usd_gj": "CY", "fuel_t_tj": "FY", "shore_t_tj": "PY",
}  # fmt: skip


def check(p: Problem) -> Problem:
    """Return the problem if its arrays fit together.

    Raises
    ------
    InputError
        Naming everything that does not fit: shapes, values that are not numbers, oil tanks that do not hold a round
        trip, a service without calls.
    """
    faults = [*_shape_faults(p)]
    if not faults:
        faults = _value_faults(p)
    if faults:
        raise InputError("the corridor problem does not fit together: " + "; ".join(faults))
    return p


def _shape_faults(p: Problem) -> list[str]:
    n = p.sizes()
    wanted: list[tuple[str, Any, tuple[int, ...]]] = [
        (name, getattr(p, name), tuple(n[axis] for axis in axes)) for name, axes in _SHAPES.items()
    ]
    for a in p.accounts:
        pools = int(a.pool.max(initial=-1)) + 1
        wanted += [
            (f"account '{a.name}' fuel", a.fuel, (n["F"], n["Y"])),
            (f"account '{a.name}' shore", a.shore, (n["P"], n["Y"])),
            (f"account '{a.name}' limit", a.limit, (pools, n["Y"])),
            (f"account '{a.name}' price_usd", a.price_usd, (n["Y"],)),
            (f"account '{a.name}' pool", a.pool, (n["S"],)),
        ]
        if a.scope is not None:
            wanted.append((f"account '{a.name}' scope", a.scope, (n["C"],)))
    return [f"{name} has shape {array.shape}, needed {shape}" for name, array, shape in wanted if array.shape != shape]


_MAY_BE_INFINITE = {"price_usd_gj", "new_musd", "convert_musd", "duty_usd_gj", "supply_tj", "open_musd", "shore_musd"}


def _value_faults(p: Problem) -> list[str]:
    faults = []
    for name in _SHAPES:
        values = getattr(p, name)
        if np.isnan(values).any() or (name not in _MAY_BE_INFINITE and not np.isfinite(values).all()):
            faults.append(f"{name} has values that are not numbers")
        if (values < 0).any() and name not in {
            "supply_region",
            "open_first",
            "shore_first",
            "charter_musd",
            "shore_t_tj",
            "fuel_t_tj",
        }:
            faults.append(f"{name} has values below zero")
    if (np.diff(p.call_service) < 0).any() or np.unique(p.call_service).size != len(p.services):
        faults.append("the calls of a service must stand together, and every service needs calls")
    if not (p.variant_family == OIL).any() or not (p.fuel_family == OIL).any():
        faults.append("there must be an oil variant and an oil fuel")
    if np.isinf(p.price_usd_gj[p.fuel_family == OIL]).all(axis=0).any():
        faults.append("some port sells no oil fuel in some year")
    need = np.stack([p.energy_tj[calls].sum(axis=0).max(axis=1) for calls in p.calls_of])
    oil = p.variant_family == OIL
    for s, v in zip(*np.nonzero((need > p.tank_tj) & oil), strict=True):
        faults.append(
            f"service '{p.services[s]}': the oil tank of '{p.variants[v]}' ({p.tank_tj[s, v]:.4g} TJ) does not hold "
            f"a round trip ({need[s, v]:.4g} TJ)"
        )
    return faults
