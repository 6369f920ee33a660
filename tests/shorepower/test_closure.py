"""The minimum cut finds the best set at a price, and its flow proves it."""

from itertools import product

import numpy as np
import pytest

from sisterport.errors import MethodError
from sisterport.shorepower.blocks import blocks
from sisterport.shorepower.closure import closure
from sisterport.shorepower.example import frames
from sisterport.shorepower.frontier import corner
from sisterport.shorepower.phases import one_phase, problem
from sisterport.shorepower.prices import read
from sisterport.shorepower.problem import network
from sisterport.shorepower.repair import Plans

from . import upgrade_cases as cases


def made(seed, budget=5.0):
    return problem(network(*cases.network(seed, alternatives=False, hours=False)), one_phase(budget))


def worth(p, price, x):
    """Worth of a set in USD, by its definition."""
    total = -float(p.cost @ x)
    for e in range(p.gain.size):
        needs = range(p.need_ptr[e], p.need_ptr[e + 1])
        if p.gain[e] > 0 and all(x[p.option[k]] for k in needs):
            total += price * p.gain[e]
    return total


@pytest.mark.parametrize("seed", range(60))
def test_no_set_is_worth_more_than_the_cut(seed):
    p = made(seed)
    for price in (1e3, 2e4, 1e5, 1e6):
        cut = closure(p, price)
        best = max(worth(p, price, np.array(x)) for x in product((0, 1), repeat=p.cost.size))
        assert worth(p, price, cut.smallest) == pytest.approx(best, abs=0.1)
        assert worth(p, price, cut.largest) == pytest.approx(best, abs=0.1)
        assert (cut.smallest <= cut.largest).all()


@pytest.mark.parametrize("seed", range(30))
def test_the_flow_shares_each_cost_and_no_more(seed):
    p = made(seed)
    shares = closure(p, 3e4).share_usd
    assert (shares >= 0).all()
    assert (np.bincount(p.option, shares, p.cost.size) <= p.cost + 1e-6).all()


@pytest.mark.parametrize("seed", range(40))
def test_the_corner_is_the_lowest_bound_of_any_price(seed):
    p = made(seed)
    plans = Plans(p)
    bound = read(p, blocks(p, enumerate_at_most=0), corner(p, plans).prices).bound
    budget = float(p.limits.rhs[0])
    sets = [np.array(x) for x in product((0, 1), repeat=p.cost.size)]
    lines = np.array([(plans.value(x), float(p.cost @ x)) for x in sets])
    # the concave hull of (cost, gain) at the budget: best mean of two sets
    below, above = lines[lines[:, 1] <= budget], lines[lines[:, 1] > budget]
    hull = below[:, 0].max()
    for gain, cost in above:
        part = (budget - below[:, 1]) / (cost - below[:, 1])
        hull = max(hull, float((below[:, 0] + part * (gain - below[:, 0])).max()))
    assert bound == pytest.approx(hull, rel=1e-6, abs=1e-3)


def test_alternative_fixes_are_refused():
    p = problem(network(*frames()), one_phase(5.0))
    with pytest.raises(MethodError, match="one fix per need"):
        closure(p, 1e3)
