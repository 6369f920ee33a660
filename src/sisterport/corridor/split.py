"""Each service as a programme of its own, at the prices of what services share.

Supply, pooled accounts and openings couple the services. At the prices of a relaxation their rows can be left out
(Lagrangian relaxation), and a service gets openings of its own at the share of their cost that its rows pay there
(variable splitting). What cannot be bought off, ships that an agreement asks for and hard targets, is not priced: the
part has to bring what the others lack.
"""

from dataclasses import dataclass

import numpy as np

from sisterport.corridor.highs import Linear, proven
from sisterport.corridor.problem import Flags, Floats, Ints
from sisterport.corridor.program import NONE, Program

_NOBODY, _LINK = -3, -2


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One service: its columns and openings (numbers in the whole programme), and its programme."""

    columns: Ints
    lp: Linear


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Who owns each column and row of a programme."""

    owner: Ints
    is_site: Flags
    of_row: Ints
    hard: Flags


def sites(m: Program) -> Ints:
    """[J, Y] column of each opening, `NONE` where there is none."""
    o, e = m.blocks["o"], m.blocks["e"]
    return np.concatenate([o.reshape(-1, o.shape[-1]), e]).astype(np.int64)


def chained(m: Program, lp: Linear, duals: Floats) -> Floats:
    """Return prices with the best ones for "what is open stays open".

    What an opening earns less than it costs in one year it may earn in later ones: the lack is carried on. The prices
    of HiGHS' interior points were seen to be off in these rows by a factor of a million after its postsolve.
    """
    columns, y = sites(m), proven(lp, duals)[1]
    years = columns.shape[1] - 1
    rows = np.concatenate([m.row_blocks["once"].reshape(-1, years), m.row_blocks["shore once"]])
    y[rows[rows != NONE]] = 0.0
    left = np.append(lp.cost - lp.back(y), 0.0)  # the last for `NONE`
    lack = np.zeros(columns.shape[0])
    for year in range(years):
        tied = rows[:, year] != NONE
        lack = np.where(tied, np.minimum(lack + left[columns[:, year]], 0.0), 0.0)
        y[rows[tied, year]] = -lack[tied]
    return y


def split(m: Program, lp: Linear) -> Split:
    """Return the owners: a service owns a row if all columns in it are its own or openings."""
    chains = sites(m)
    is_site = np.zeros(lp.cost.size, bool)
    is_site[chains[chains != NONE]] = True
    owner, owned = m.owner, ~is_site[lp.column]
    low, high = np.full(lp.row_low.size, np.iinfo(np.int64).max), np.full(lp.row_low.size, _NOBODY)
    np.minimum.at(low, lp.row[owned], owner[lp.column[owned]])
    np.maximum.at(high, lp.row[owned], owner[lp.column[owned]])
    of_row = np.where(high == _NOBODY, _NOBODY, np.where((low == high) & (low >= 0), low, _LINK))
    named = np.zeros(of_row.size, bool)
    for name, rows in m.row_blocks.items():
        if name.startswith(("pledge", "account")):
            named[rows[rows != NONE]] = True
    hard = named & (of_row == _LINK) & (low != NONE)  # no column of nobody in it: nothing can be paid instead
    return Split(owner=owner, is_site=is_site, of_row=of_row, hard=hard)


def part(sp: Split, lp: Linear, duals: Floats, x: Floats, s: int) -> Part:
    """Return the programme of service `s` at prices; `x` is what the others do."""
    own, rows = sp.owner == s, sp.of_row == s
    link = np.where((sp.of_row == _LINK) & ~sp.hard, duals, 0.0)
    pays = lp.back(np.where(rows, duals, 0.0))
    cost = np.where(sp.is_site, pays, lp.cost - lp.back(link))
    others = lp.times(np.where(own, 0.0, x))
    touched = own.copy()
    touched[lp.column[rows[lp.row]]] = True
    chain = (sp.of_row == _NOBODY) & (np.bincount(lp.row, ~touched[lp.column], rows.size) == 0)
    kept = rows | chain | sp.hard
    entry = kept[lp.row] & touched[lp.column]
    at_row, at_column = np.cumsum(kept) - 1, np.cumsum(touched) - 1
    count = np.bincount(at_row[lp.row[entry]], minlength=int(kept.sum()))
    rest = np.where(sp.hard, others, 0.0)
    return Part(
        columns=np.nonzero(touched)[0],
        lp=Linear(
            cost=cost[touched],
            low=lp.low[touched],
            high=lp.high[touched],
            row_low=(lp.row_low - rest)[kept],
            row_high=(lp.row_high - rest)[kept],
            start=np.r_[0, np.cumsum(count)],
            column=at_column[lp.column[entry]],
            value=lp.value[entry],
        ),
    )


def rest(sp: Split, lp: Linear, duals: Floats) -> tuple[float, Floats]:
    """Return what nobody's columns and the limits of shared rows cost, and what is left of the cost of each column."""
    link = np.where((sp.of_row == _LINK) & ~sp.hard, duals, 0.0)
    at = np.where(link > 0, lp.row_low, lp.row_high)
    total = float(np.multiply(link, at, out=np.zeros_like(link), where=link != 0).sum())
    left = lp.cost - lp.back(link)
    shared = (sp.owner == NONE) & ~sp.is_site
    return total + float(np.minimum(left * lp.low, left * lp.high)[shared].sum()), left
