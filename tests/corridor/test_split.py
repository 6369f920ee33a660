"""Prices of "what is open stays open": the best there are, whatever HiGHS gave."""

import numpy as np
import pytest

from sisterport.corridor.highs import proven, relax
from sisterport.corridor.model import model
from sisterport.corridor.solve import linear
from sisterport.corridor.split import chained

from .tiny import tiny


@pytest.mark.parametrize("seed", range(6))
def test_spoilt_prices_of_openings_prove_the_whole_bound_again(seed):
    m = model(tiny(seed))
    lp = linear(m)
    answer = relax(lp)
    rows = np.concatenate([m.row_blocks[name].ravel() for name in ("once", "shore once")])
    spoilt = answer.duals.copy()
    spoilt[rows[rows >= 0]] = np.random.default_rng(seed).uniform(0, 1e6, (rows >= 0).sum())
    assert proven(lp, spoilt)[0] < answer.value - 1e3
    bound, prices = proven(lp, chained(m, lp, spoilt))
    assert bound == pytest.approx(answer.value, rel=1e-5)
    assert bound <= answer.value * (1 + 1e-9)
    assert (prices[rows[rows >= 0]] >= 0).all()


@pytest.mark.parametrize("seed", range(6))
def test_no_prices_of_openings_are_better(seed):
    m = model(tiny(seed))
    lp, rng = linear(m), np.random.default_rng(seed)
    duals = relax(lp).duals + rng.normal(0, 0.05, lp.row_low.size)
    best, _ = proven(lp, chained(m, lp, duals))
    rows = np.concatenate([m.row_blocks[name].ravel() for name in ("once", "shore once")])
    for _ in range(50):
        other = duals.copy()
        other[rows[rows >= 0]] = rng.exponential(rng.choice([0.01, 0.1, 1.0]), (rows >= 0).sum())
        assert proven(lp, other)[0] <= best + 1e-9 * abs(best)
