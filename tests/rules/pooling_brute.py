"""Every legal plan of a small fleet, one by one: whole units, every pool, every allocation, every year."""

from collections.abc import Iterator
from functools import cache
from itertools import product

UNIT_T = 0.001
"""One unit of the grid; it is also the smallest total that the optimiser takes for a pool above zero."""

LOAN = 10
"""Borrowing goes in steps that the factor 1.1 keeps on the grid."""


def allocations(before: list[int], total: int) -> Iterator[tuple[int, ...]]:
    """All ways to share out a total so that no deficit grows and no surplus turns into one."""
    lowest = [min(balance, 0) for balance in before]
    if len(before) == 1:
        if total >= lowest[0]:
            yield (total,)
        return
    for own in range(lowest[0], total - sum(lowest[1:]) + 1):
        for rest in allocations(before[1:], total - own):
            yield (own, *rest)


def cheapest(balance: list[list[int]], rate: list[list[float]], *, most_borrowed: int = 0) -> float:
    """Return the lowest sum of penalties over all plans [EUR]; rates are EUR/t at the first penalty."""
    ships, years = len(balance), len(balance[0])

    @cache
    def from_year(year: int, bank: tuple[int, ...], run: tuple[int, ...], lent: tuple[int, ...]) -> float:
        if year == years:
            return 0.0
        adjusted = [balance[i][year] + bank[i] - 11 * lent[i] // 10 for i in range(ships)]
        best = float("inf")
        for inside in product((False, True), repeat=ships):
            members = [i for i in range(ships) if inside[i]]
            total = sum(adjusted[i] for i in members)
            if members and total <= 0:
                continue
            loans = [_loans(adjusted[i], lent[i], most_borrowed, last=year == years - 1) for i in range(ships)]
            outside = [i for i in range(ships) if not inside[i]]
            shares = allocations([adjusted[i] for i in members], total) if members else iter([()])
            for share in shares:
                for loan in product(*(loans[i] for i in outside)):
                    final, now_lent = list(adjusted), [0] * ships
                    for i, left in zip(members, share, strict=True):
                        final[i] = left
                    for i, amount in zip(outside, loan, strict=True):
                        final[i] += amount
                        now_lent[i] = amount
                    now_run = tuple(run[i] + 1 if final[i] < 0 else 0 for i in range(ships))
                    cost = sum(
                        -final[i] * UNIT_T * rate[i][year] * (1 + (now_run[i] - 1) / 10)
                        for i in range(ships)
                        if final[i] < 0
                    )
                    if cost < best:
                        banked = tuple(max(left, 0) for left in final)
                        best = min(best, cost + from_year(year + 1, banked, now_run, tuple(now_lent)))
        return best

    nothing = (0,) * ships
    return from_year(0, nothing, nothing, nothing)


def _loans(adjusted: int, lent: int, most: int, *, last: bool) -> list[int]:
    if last or lent or adjusted >= 0:
        return [0]
    return [0, *range(LOAN, min(most, -adjusted) + 1, LOAN)]


def cheapest_alone(balance: list[float], rate: list[float], most: list[float]) -> float:
    """Return the lowest sum of penalties of one ship that may borrow any amount [EUR].

    The cost is piecewise linear in every loan, so a best loan lies where something turns: nothing, the most, the whole
    deficit, or what lets the balances of the years up to a later one, less the debt, end at exactly zero.
    """
    years = len(balance)

    def from_year(year: int, bank: float, run: int, lent: float) -> float:
        if year == years:
            return 0.0
        adjusted = balance[year] + bank - 1.1 * lent
        loans = {0.0}
        if year < years - 1 and lent == 0 and adjusted < 0:
            highest = min(most[year], -adjusted)
            turns = [sum(balance[year + 1 : later]) / 1.1 for later in range(year + 2, years + 1)]
            loans |= {highest, *(turn for turn in turns if 0 < turn < highest)}
        best = float("inf")
        for loan in loans:
            final = adjusted + loan
            short = -final if final < -1e-12 else 0.0
            now = run + 1 if short else 0
            cost = short * rate[year] * (1 + (now - 1) / 10) if short else 0.0
            best = min(best, cost + from_year(year + 1, max(final, 0.0), now, loan))
        return best

    return from_year(0, 0.0, 0, 0.0)
