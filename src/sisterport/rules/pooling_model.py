"""The cheapest legal pools as a mixed-integer program, solved by HiGHS.

For ship i and year t, with the adjusted balance A = CB + bank - debt = A+ - A- (A- > 0 only if s = 1):

* final balance: f+ - f- = A + a + in - out, banked f+ (only if z = 0), penalised f- (only if z = 1), f- <= A-;
* borrowing: a <= min(2 % of limit x energy, A-), only if w = 1; not in a row, not in a pool; debt 1.1 a next year;
* pool: in, out only if p = 1; the sum of `in` is the sum of `out`; the sum of A over the pool is above 0: q = p A;
* penalty: rate x (f- + step x the sum of e_j), e_j = f- if the j years before all had a penalty, else 0.

One pool a year is enough: two valid pools merged are a valid pool.
"""

from dataclasses import dataclass

import numpy as np

from sisterport.rules.pooling_fleet import Decisions, Fleet, Floats
from sisterport.rules.pooling_program import Program, run


@dataclass(frozen=True, slots=True)
class _Cell:
    """Columns of one ship in one year."""

    deficit: int
    penalised: int
    pooled: int
    borrows: int
    plus: int
    minus: int
    banked: int
    short: int
    borrowed: int
    taken: int
    given: int
    share: int


def solve(fleet: Fleet, *, outside: Floats, gap: float) -> Decisions:
    """Return the decisions of a cheapest legal plan.

    Parameters
    ----------
    fleet
        The fleet.
    outside
        Surplus that others bring into the pool of each year [t].
    gap
        Relative gap to the proven bound at which the search stops.

    Raises
    ------
    MethodError
        There is no legal plan, or the solver gives up.
    """
    unit = max(fleet.unit, float(outside.max(initial=0)))
    rates = fleet.rate[fleet.alive & np.isfinite(fleet.rate)]
    money = unit * float(rates.max(initial=1.0))
    program, cells, extra = _build(fleet, outside / unit, unit=unit, money=money)
    values, _, bound = run(program, gap=gap)
    flags = np.flatnonzero(program.whole)
    fixed = {int(column): float(round(values[column])) for column in flags}
    values, reduced, _ = run(program, gap=gap, fixed=fixed)
    shape = fleet.balance.shape
    out = {name: np.zeros(shape) for name in ("pooled", "borrows", "borrowed", "received")}
    for (ship, year), cell in cells.items():
        out["pooled"][ship, year] = fixed[cell.pooled]
        out["borrows"][ship, year] = fixed[cell.borrows]
        out["borrowed"][ship, year] = values[cell.borrowed] * unit
        out["received"][ship, year] = (values[cell.taken] - values[cell.given]) * unit
    return Decisions(
        pooled=out["pooled"] > 0,
        borrows=out["borrows"] > 0,
        borrowed=out["borrowed"],
        received=out["received"],
        marginal=np.array([max(0.0, -reduced[column]) for column in extra]) * money / unit,
        bound_eur=max(0.0, bound) * money,
    )


def _bounds(fleet: Fleet, outside: Floats, unit: float) -> tuple[Floats, Floats, Floats]:
    """Return the lowest and highest adjusted balance of each cell, and the surplus that can be anywhere by year.

    A little more than can be there, so that the worth of one more tonne does not end at a bound.
    """
    balance, most = fleet.balance / unit, fleet.most_borrowed / unit
    gained = np.maximum(balance, 0)
    gained[:, 0] += fleet.bank / unit  # ships that begin later are no tighter for it
    surplus = np.cumsum(gained.sum(axis=0) + outside) + fleet.least_total / unit
    own = np.cumsum(gained, axis=1)
    pools = np.array([row.any() for row in fleet.may_pool]).reshape(-1, 1)
    before = np.where(pools, surplus[None, :], own)
    low, high = balance.copy(), balance.copy()
    starts = dict(_first_cells(fleet))
    for year in range(balance.shape[1]):
        if year:
            high[:, year] += before[:, year - 1]
            low[:, year] -= fleet.aggravation * np.minimum(most[:, year - 1], np.maximum(-low[:, year - 1], 0))
        for ship in (ship for ship, first in starts.items() if first == year):
            start = balance[ship, year] + (fleet.bank[ship] - fleet.debt[ship]) / unit
            low[ship, year] = high[ship, year] = start
    return low, np.maximum(high, low), surplus


def _first_cells(fleet: Fleet) -> list[tuple[int, int]]:
    return [(ship, int(np.argmax(row))) for ship, row in enumerate(fleet.alive) if row.any()]


def _build(
    fleet: Fleet, outside: Floats, *, unit: float, money: float
) -> tuple[Program, dict[tuple[int, int], _Cell], list[int]]:
    program = Program()
    low, high, surplus = _bounds(fleet, outside, unit)
    rate = np.where(np.isfinite(fleet.rate), fleet.rate, 0) * unit / money
    firm = np.isfinite(fleet.rate)
    cells: dict[tuple[int, int], _Cell] = {}
    for index in np.flatnonzero(fleet.alive).tolist():
        at = divmod(index, len(fleet.years))
        below, above = float(low[at]), float(high[at])
        cell = _columns(program, fleet, at, below=below, above=above, surplus=float(surplus[at[1]]), unit=unit)
        cells[at] = cell
        if not firm[at]:
            program.high[cell.short] = 0.0
        program.cost[cell.short] = float(rate[at])
        _ship_rows(program, fleet, cells, at, below=below, above=above, surplus=float(surplus[at[1]]), unit=unit)
        _run_rows(program, fleet, cells, at, rate=float(rate[at]), most=max(0.0, -below))
    extra = [_pool_rows(program, fleet, cells, year, float(outside[year]), unit) for year in range(len(fleet.years))]
    return program, cells, extra


def _columns(
    program: Program,
    fleet: Fleet,
    at: tuple[int, int],
    *,
    below: float,
    above: float,
    surplus: float,
    unit: float,
) -> _Cell:
    can_fall = float(below < 0)
    most = min(float(fleet.most_borrowed[at]) / unit, max(0.0, -below))
    can_pool = float(fleet.may_pool[at])
    moved = surplus * can_pool
    return _Cell(
        deficit=program.flag(most=can_fall),
        penalised=program.flag(most=can_fall),
        pooled=program.flag(most=can_pool),
        borrows=program.flag(most=float(most > 0)),
        plus=program.column(0.0, max(0.0, above)),
        minus=program.column(0.0, max(0.0, -below)),
        banked=program.column(0.0, max(0.0, above) + moved),
        short=program.column(0.0, max(0.0, -below)),
        borrowed=program.moving(most),
        taken=program.moving(moved),
        given=program.column(0.0, moved),
        share=program.column(min(0.0, below) * can_pool, max(0.0, above) * can_pool),
    )


def _ship_rows(
    program: Program,
    fleet: Fleet,
    cells: dict[tuple[int, int], _Cell],
    at: tuple[int, int],
    *,
    below: float,
    above: float,
    surplus: float,
    unit: float,
) -> None:
    """Add what holds for one ship in one year; see the module's text."""
    ship, year = at
    cell, before = cells[at], cells.get((ship, year - 1))
    start = float(fleet.balance[at]) / unit
    carried: list[tuple[int, float]] = []
    if before is None:
        start += (float(fleet.bank[ship]) - float(fleet.debt[ship])) / unit
        if fleet.borrowed[ship]:
            program.high[cell.borrows] = 0.0
    else:
        carried = [(before.banked, -1.0), (before.borrowed, fleet.aggravation)]
        program.row([(before.borrows, 1.0), (cell.borrows, 1.0)], high=1.0)
    adjusted = [(cell.plus, 1.0), (cell.minus, -1.0)]
    program.row([*adjusted, *carried], low=start, high=start)
    program.row([(cell.plus, 1.0), (cell.deficit, max(0.0, above))], high=max(0.0, above))
    program.row([(cell.minus, 1.0), (cell.deficit, min(0.0, below))], high=0.0)
    final = [(cell.banked, 1.0), (cell.short, -1.0)]
    moves = [(cell.borrowed, -1.0), (cell.taken, -1.0), (cell.given, 1.0)]
    program.row([*final, (cell.plus, -1.0), (cell.minus, 1.0), *moves], low=0.0, high=0.0)
    most_banked = program.high[cell.banked]
    program.row([(cell.banked, 1.0), (cell.penalised, most_banked)], high=most_banked)
    program.row([(cell.short, 1.0), (cell.penalised, min(0.0, below))], high=0.0)
    program.row([(cell.short, 1.0), (cell.minus, -1.0)], high=0.0)
    program.row([(cell.penalised, 1.0), (cell.deficit, -1.0)], high=0.0)
    program.row([(cell.borrowed, 1.0), (cell.minus, -1.0)], high=0.0)
    program.row([(cell.borrowed, 1.0), (cell.borrows, -program.high[cell.borrowed])], high=0.0)
    program.row([(cell.pooled, 1.0), (cell.borrows, 1.0)], high=1.0)
    if fleet.may_pool[at]:
        program.row([(cell.taken, 1.0), (cell.pooled, -surplus)], high=0.0)
        program.row([(cell.given, 1.0), (cell.pooled, -surplus)], high=0.0)
        share = (cell.share, 1.0)
        program.row([share, (cell.pooled, -above)], high=0.0)
        program.row([share, (cell.pooled, -below)], low=0.0)
        rest = [share, (cell.plus, -1.0), (cell.minus, 1.0)]
        program.row([*rest, (cell.pooled, -below)], high=-below)
        program.row([*rest, (cell.pooled, -above)], low=-above)


def _run_rows(
    program: Program,
    fleet: Fleet,
    cells: dict[tuple[int, int], _Cell],
    at: tuple[int, int],
    *,
    rate: float,
    most: float,
) -> None:
    """Add the part of the penalty that grows with the years in a row."""
    ship, year = at
    if most == 0:
        return
    earlier: list[tuple[int, float]] = []
    weights = []
    while (before := cells.get((ship, year - len(earlier) - 1))) is not None:
        earlier.append((before.penalised, -most))
        weights.append((1.0, list(earlier)))
    if fleet.penalties[ship] > 0:
        weights.append((float(fleet.penalties[ship]), list(earlier)))
    for weight, needed in weights:
        repeated = program.column(0.0, most, cost=rate * fleet.step * weight)
        program.row([(repeated, 1.0), (cells[at].short, -1.0), *needed], low=-most * len(needed))


def _pool_rows(
    program: Program, fleet: Fleet, cells: dict[tuple[int, int], _Cell], year: int, outside: float, unit: float
) -> int:
    """Add what holds for the pool of a year; return the column of surplus from outside."""
    members = [cell for (_, at), cell in cells.items() if at == year]
    extra = program.column(outside, outside)
    least = fleet.least_total / unit
    there = program.flag()
    for cell in members:
        program.row([(cell.pooled, 1.0), (there, -1.0)], high=0.0)
    program.row([*((cell.share, 1.0) for cell in members), (extra, 1.0), (there, -least)], low=0.0)
    taken = [(cell.taken, 1.0) for cell in members]
    given = [(cell.given, -1.0) for cell in members]
    program.row([*taken, *given, (extra, -1.0)], high=0.0)
    program.row([*taken, *given], low=0.0)
    return extra
