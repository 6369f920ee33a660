"""Simulation of a port hour by hour: first come first served, planned, planned with just-in-time requests.

* **fcfs**: ships come at service speed; whoever has been here longest takes the free berth that serves her fastest.
* **plan**: the same speeds; every few hours the berths are planned anew for all ships in sight, by what is known then.
* **jit**: a plan, and every ship within the notice horizon is asked to arrive shortly before her start.

The planner knows the expected handling times and an estimate of each arrival whose error shrinks with the time to go;
it never sees the true arrival of a ship on her way, nor how long she will really take.

A slowed ship keeps her notional place: her start is a promise, and a plan that breaks it pays for every hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sisterport.berths.burn import Floats
from sisterport.berths.problem import FORBIDDEN, Problem, build
from sisterport.berths.search import Found, search
from sisterport.berths.world import SEEN_H, World
from sisterport.errors import MethodError, choose
from sisterport.reference import value

POLICIES = ("fcfs", "plan", "jit")
MOVES = 4_000
"""Moves of the search in each replan."""
REPLAN_H, BUFFER, PROMISE, ANCHOR = 1, 0.75, 3.0, 2.0
"""Hours between two plans; standard deviations of the estimate before her planned start that a ship is asked for; cost
of an hour past a promise, and of an hour at anchor that slow steaming cannot save (an hour of turnaround costs one)."""
_AT_SEA, _HERE, _ALONGSIDE, _GONE = 0, 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Who decides and how early ships are told.

    Parameters
    ----------
    kind
        ``fcfs``, ``plan`` or ``jit``.
    notice_h
        Notice horizon of ``jit`` [h].
    buffer
        How early before her planned start a ship is asked for, in standard deviations of her estimated arrival: the
        nearer she is, the closer to the start.
    """

    kind: str
    notice_h: float = 0.0
    buffer: float = BUFFER

    def __post_init__(self) -> None:
        choose("policy", self.kind, POLICIES)
        if (self.kind == "jit") != (self.notice_h > 0):
            raise MethodError("a notice horizon above 0 belongs to the policy 'jit', and to no other")

    @property
    def name(self) -> str:
        """Name in tables."""
        return f"jit {self.notice_h:g} h" if self.kind == "jit" else self.kind


class Run(NamedTuple):
    """What became of each ship; times in hours, fuel in tonnes over the last `SEEN_H` hours of approach and the wait.

    Attributes
    ----------
    start_h, end_h, berth
        At the berth.
    here_h
        Arrival in fact.
    slowed
        Asked for a lower speed at least once.
    main_t, sea_t, anchor_t
        Fuel of the main engine, of auxiliary engines and boilers at sea, and of these at anchor.
    idle_h
        Hours that her berth lay free for her although she would have been here at service speed.
    late_h
        Start after the one that was promised first.
    plans
        Plans made.
    """

    start_h: Floats
    end_h: Floats
    berth: NDArray[np.int64]
    here_h: Floats
    slowed: NDArray[np.bool_]
    main_t: Floats
    sea_t: Floats
    anchor_t: Floats
    idle_h: Floats
    late_h: Floats
    plans: int


@dataclass(slots=True, kw_only=True)
class _State:
    """Where everything is at one hour."""

    world: World
    policy: Policy
    seed: int
    moves: int
    slowest: Floats
    togo: Floats
    where: NDArray[np.int64]
    here: Floats
    start: Floats
    end: Floats
    berth: NDArray[np.int64]
    occupant: NDArray[np.int64]
    cleared: Floats
    planned_berth: NDArray[np.int64]
    planned_start: Floats
    promised: Floats
    slowed: NDArray[np.bool_]
    fuel: Floats
    idle: Floats
    plans: int = 0
    clock: int = field(default=0)

    def estimate(self) -> Floats:
        """Return the hours to go at service speed as they are estimated now; 0 for ships that are here."""
        step = np.clip(np.ceil(self.togo), 0, SEEN_H).astype(np.int64)
        guess = np.maximum(self.togo + self.world.error_h[np.arange(step.size), step], 0.0)
        return np.where(self.where == _AT_SEA, guess, 0.0)

    def coming(self) -> NDArray[np.bool_]:
        """Return ships in sight: within `SEEN_H` hours of their arrival, not yet alongside."""
        return (self.where <= _HERE) & (self.world.arrival_h - self.clock <= SEEN_H)

    def clear(self) -> NDArray[np.int64]:
        """Return the hours from now until each berth is expected to be free."""
        ships = np.maximum(self.occupant, 0)
        expected = np.ceil(self.start[ships] + self.world.handling_h[ships, np.arange(self.occupant.size)] - self.clock)
        return np.where(self.occupant >= 0, np.maximum(expected, 1), 0).astype(np.int64)


def simulate(world: World, policy: Policy, *, seed: int = 0, moves: int = MOVES) -> Run:
    """Return what becomes of the ships of a world under a policy.

    Parameters
    ----------
    world
        From `sisterport.berths.world.world`.
    policy
        Who decides.
    seed
        Of the search.
    moves
        Moves of the search in each replan.

    Examples
    --------
    >>> from sisterport.berths.world import synthetic_port, world
    >>> few = world(synthetic_port(), seed=1, calls=12, utilisation=0.9)
    >>> first = simulate(few, Policy(kind="fcfs"))
    >>> bool((first.start_h >= first.here_h - 1e-9).all()), first.plans
    (True, 0)
    """
    state = _begin(world, policy, seed, moves)
    while (state.where != _GONE).any():
        _release(state)
        if policy.kind == "fcfs":
            _first_come(state)
        else:
            if state.clock % REPLAN_H == 0 and state.coming().any():
                _plan(state)
            _by_plan(state)
        _sail(state)
        state.clock += 1
    late = np.where(state.slowed & np.isfinite(state.promised), state.start - state.promised, 0.0)
    return Run(
        start_h=state.start,
        end_h=state.end,
        berth=state.berth,
        here_h=state.here,
        slowed=state.slowed,
        main_t=state.fuel[:, 0],
        sea_t=state.fuel[:, 1],
        anchor_t=np.maximum(state.start - state.here, 0.0) * world.burn.anchor,
        idle_h=state.idle,
        late_h=np.maximum(late, 0.0),
        plans=state.plans,
    )


def _begin(world: World, policy: Policy, seed: int, moves: int) -> _State:
    count, berths = world.handling_h.shape
    slowest = np.maximum(value("jit_slowest_share"), world.burn.economical_kn() / world.service_kn)

    def never() -> Floats:
        return np.full(count, np.inf)

    return _State(
        world=world,
        policy=policy,
        seed=seed,
        moves=moves,
        slowest=np.minimum(slowest, 1.0),
        togo=np.full(count, float(SEEN_H)),
        where=np.full(count, _AT_SEA),
        here=never(),
        start=never(),
        end=never(),
        berth=np.full(count, -1),
        occupant=np.full(berths, -1),
        cleared=np.zeros(berths),
        planned_berth=np.full(count, -1),
        planned_start=never(),
        promised=never(),
        slowed=np.zeros(count, dtype=np.bool_),
        fuel=np.zeros((count, 2)),
        idle=np.zeros(count),
    )


def _release(state: _State) -> None:
    for b, ship in enumerate(state.occupant):
        if ship >= 0 and state.end[ship] <= state.clock:
            state.where[ship], state.occupant[b], state.cleared[b] = _GONE, -1, state.end[ship]


def _berth(state: _State, ship: int, b: int) -> None:
    """Start a ship: within the last hour, when she came or the berth became free; now, if both were so before."""
    begin = max(state.here[ship], state.cleared[b])
    state.start[ship] = begin if begin > state.clock - 1 else state.clock
    state.end[ship] = state.start[ship] + state.world.handling_h[ship, b] * state.world.stretch[ship]
    state.where[ship], state.berth[ship], state.occupant[b] = _ALONGSIDE, b, ship


def _first_come(state: _State) -> None:
    """Give free berths to waiting ships in order of arrival, each the one that serves her fastest."""
    waiting = np.flatnonzero(state.where == _HERE)
    for ship in waiting[np.argsort(state.here[waiting], kind="stable")]:
        hours = state.world.handling_h[ship]
        free = np.flatnonzero((state.occupant < 0) & (hours > 0))
        if free.size:  # of equally fast ones the one that became free first
            _berth(state, int(ship), int(free[np.lexsort((state.cleared[free], hours[free]))[0]]))


def _plan(state: _State) -> None:
    """Plan all ships in sight anew."""
    ships = np.flatnonzero(state.coming())
    problem = _problem(state, ships)
    found = search(problem, moves=state.moves, seed=state.seed + state.plans, begin=_last_plan(state, ships))
    state.plans += 1
    if not found.complete:  # never with a horizon for all of them one after the other; keep the last plan
        return
    state.planned_berth[ships] = found.berth
    state.planned_start[ships] = state.clock + found.start


def _last_plan(state: _State, ships: NDArray[np.int64]) -> Found:
    """Return what was planned before for these ships; a new one where she is served fastest."""
    handling = state.world.handling_h[ships]
    fastest = np.where(handling > 0, handling, np.iinfo(np.int64).max).argmin(axis=1)
    known = state.planned_berth[ships] >= 0
    start = np.where(known, state.planned_start[ships], state.clock + state.estimate()[ships])
    berth = np.where(known, state.planned_berth[ships], fastest)
    return Found(berth=berth, start=start.astype(np.int64), value=0, complete=False)


def _problem(state: _State, ships: NDArray[np.int64]) -> Problem:
    """Return the berthing problem as it is known now: sum of departures, and every hour past a promise."""
    handling = state.world.handling_h[ships]
    earliest = np.ceil(state.estimate()[ships]).astype(np.int64)
    clear = state.clear()
    berths = handling.shape[1]
    horizon = int(earliest.max() + clear.max() + 2 * handling.max(axis=1).sum() // berths + handling.max() + 1)
    base = build(
        handling=handling,
        earliest=earliest,
        latest=np.full(ships.size, horizon),
        opens=clear,
        closes=np.full(berths, horizon),
        reference=np.zeros(ships.size, dtype=np.int64),
    )
    starts = np.arange(base.horizon)[None, :]
    promised = state.promised[ships, None] - state.clock
    unwelcome = PROMISE * np.maximum(starts - promised, 0.0)
    if state.policy.kind == "jit":
        unwelcome = unwelcome + ANCHOR * np.maximum(starts - _slowest_arrival(state, ships)[:, None], 0.0)
    added = base.cost + np.round(unwelcome).astype(np.int64)[:, None, :]
    cost = np.where(base.cost == FORBIDDEN, FORBIDDEN, added).astype(np.int32)
    return Problem(ships=base.ships, berths=base.berths, handling=base.handling, cost=cost)


def _slowest_arrival(state: _State, ships: NDArray[np.int64]) -> Floats:
    """Return the hours from now until each ship arrives if she is told to go slow as soon as she may be told."""
    togo = state.estimate()[ships]
    told = np.minimum(togo, state.policy.notice_h)
    return np.asarray(togo - told + told / state.slowest[ships])


def _by_plan(state: _State) -> None:
    """Start the next planned ship of each free berth if she is here; the berth stays free for her if she is not."""
    for b in np.flatnonzero(state.occupant < 0):
        queue = np.flatnonzero((state.planned_berth == b) & (state.where <= _HERE) & np.isfinite(state.planned_start))
        if not queue.size:
            continue
        head = int(queue[state.planned_start[queue].argmin()])
        if state.where[head] == _HERE:
            _berth(state, head, int(b))
        elif state.slowed[head] and state.world.arrival_h[head] <= state.clock:
            state.idle[head] += 1.0


def _sail(state: _State) -> None:
    """Move the ships at sea on by an hour, at service speed or slower, and burn their fuel."""
    at_sea = np.flatnonzero((state.where == _AT_SEA) & (state.world.arrival_h - state.clock < SEEN_H + 1))
    if not at_sea.size:
        return
    appear = np.maximum(state.world.arrival_h[at_sea] - SEEN_H - state.clock, 0.0)
    ratio = _advised(state, at_sea)
    hours = np.minimum(1.0 - np.minimum(appear, 1.0), state.togo[at_sea] / ratio)
    main, other = state.world.burn.take(at_sea).at(state.world.service_kn[at_sea] * ratio)
    state.fuel[at_sea] += np.stack([main * hours, other * hours], axis=1)
    state.togo[at_sea] -= ratio * hours
    arrived = at_sea[state.togo[at_sea] <= 1e-9]
    state.here[arrived] = state.clock + (np.minimum(appear, 1.0) + hours)[state.togo[at_sea] <= 1e-9]
    state.where[arrived] = _HERE


def _advised(state: _State, ships: NDArray[np.int64]) -> Floats:
    """Return speed over service speed; the first request to slow down makes the planned start a promise."""
    full = np.ones(ships.size)
    if state.policy.kind != "jit":
        return full
    togo = state.estimate()[ships]
    sigma = np.interp(togo, np.arange(SEEN_H + 1.0), state.world.sigma_h)
    target = state.planned_start[ships] - state.policy.buffer * sigma - state.clock
    told = np.isfinite(target) & (togo <= state.policy.notice_h)
    wanted = np.where(told & (target > 0), togo / np.where(target > 0, target, 1.0), 1.0)
    ratio = np.where(told, np.clip(wanted, state.slowest[ships], 1.0), 1.0)
    slower = ships[ratio < 1.0]
    fresh = slower[~state.slowed[slower]]
    state.promised[fresh] = state.planned_start[fresh]
    state.slowed[slower] = True
    return ratio


def standard_policies(notices_h: Sequence[float] = (12.0, 24.0, 48.0, 72.0), *, buffer: float = BUFFER
                      ) -> tuple[Policy, ...]:  # fmt: skip
    """Return first come first served, plan, and plan with requests at each notice horizon."""
    asked = (Policy(kind="jit", notice_h=hours, buffer=buffer) for hours in notices_h)
    return (Policy(kind="fcfs"), Policy(kind="plan"), *asked)
