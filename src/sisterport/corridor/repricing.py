"""The second pass of a penalty that depends on the intensity it punishes (FuelEU Annex IV)."""

from dataclasses import replace

import numpy as np

from sisterport.corridor.plan import counted_t
from sisterport.corridor.problem import Floats, Problem
from sisterport.corridor.solve import Solved
from sisterport.errors import choose


def repriced(solved: Solved, name: str, *, limit_g_mj: Floats) -> Problem:
    """Return the problem with the price of a missed gram at the intensity of a plan instead of at the limit.

    The penalty of a gram is proportional to 1 / I with the attained intensity I. The first pass takes I = limit, which
    is never above I where something is missed and so prices too dear; one more pass with the price times limit / I is
    near enough.

    Parameters
    ----------
    solved
        A plan of the first pass.
    name
        The account with the penalty.
    limit_g_mj
        [Y] its limit, which is the intensity that the price was made with [g/MJ].

    Raises
    ------
    MethodError
        If there is no such account.
    """
    p, v = solved.problem, solved.program.values(solved.x)
    names = [a.name for a in p.accounts]
    number = names.index(choose("account", name, names))
    account = p.accounts[number]
    if account.scope is None:
        used = v["q"][account.pool[p.call_service] >= 0].sum(axis=(0, 1))
    else:
        scope = next(k for k, s in enumerate(p.scopes) if np.array_equal(s, account.scope))
        used = v[f"a {scope}"][account.pool >= 0].sum(axis=(0, 1))
    missed = np.maximum(counted_t(p, v, number) - account.limit, 0.0).sum(axis=0)
    intensity = limit_g_mj + np.divide(missed, used, out=np.zeros_like(missed), where=used > 0)
    cheaper = replace(account, price_usd=account.price_usd * limit_g_mj / intensity)
    return replace(p, accounts=(*p.accounts[:number], cheaper, *p.accounts[number + 1 :]))
