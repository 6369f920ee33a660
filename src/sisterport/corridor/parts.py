"""A higher bound than the relaxation's: the least that each service can cost by itself, with whole ships and openings.

All that services share is paid at the prices of the relaxation (Lagrangian relaxation). Openings are split: each
service has its own and pays the share of their cost that its rows pay in the relaxation (variable splitting). The least
costs of all services and of what is left add up to a bound; HiGHS finds them, so it is its word.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from sisterport.corridor.highs import Linear, Solver
from sisterport.corridor.problem import Floats, Ints
from sisterport.corridor.program import NONE, Program
from sisterport.corridor.split import Split, part, rest, sites

_AT_ONCE = 2


def parts_bound(m: Program, sp: Split, lp: Linear, prices: Floats, *, gap: float, seconds: float) -> float:
    """Return the bound.

    Parameters
    ----------
    m, sp, lp
        The whole programme, and who owns what in it.
    prices
        Of each row, of the right sign (`highs.proven`).
    gap
        Relative gap at which the search for one service stops: what is left open is lost to the bound.
    seconds
        Time limit of one service.
    """
    priced = Split(owner=sp.owner, is_site=sp.is_site, of_row=sp.of_row, hard=np.zeros_like(sp.hard))
    nobody = np.zeros(lp.cost.size)
    total, left = rest(priced, lp, prices)

    def least(s: int) -> tuple[float, Ints, Floats]:
        small = part(priced, lp, prices, nobody, s)
        solver = Solver(small.lp, mip_rel_gap=gap, time_limit=seconds)
        solver.whole(m.whole[small.columns])
        return solver.solve().bound, small.columns, small.lp.cost

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for bound, columns, cost in pool.map(least, range(int(sp.owner.max()) + 1)):
            total += bound
            mine = sp.is_site[columns]
            left[columns[mine]] -= cost[mine]
    return total + sum(_opening(lp, left, chain[chain != NONE]) for chain in sites(m))


def _opening(lp: Linear, left: Floats, chain: Ints) -> float:
    """Return the least of what is left of the cost of an opening: it is made in the best year, or never."""
    from_year = np.append(np.cumsum(left[chain][::-1])[::-1], 0.0)
    forced = np.nonzero(lp.low[chain] > 0)[0]
    return float(from_year[: forced[0] + 1 if forced.size else None].min())
