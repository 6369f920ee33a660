"""One service with two ships, two ports and three years: small enough to look at every decision there is."""
# ruff: noqa: N806 (sizes carry the letters of the maths)

from itertools import product

import highspy
import numpy as np

from sisterport.corridor.problem import Account, Pledge, Problem, check


def tiny(seed: int, *, hard_duty: bool = False, pledge: bool = True) -> Problem:
    """Draw a problem: oil and methanol, three fuels, two speeds, supply, openings, shore power, two rules."""
    rng = np.random.default_rng(seed)
    Y, P, V, F, C = 3, 2, 2, 3, 3
    sea = rng.uniform(5, 40, (C, 1, 1)) * np.array([1.0, 0.7]) * np.array([1.0, 1.05])[:, None]
    price = np.array([12.0, 30.0, 38.0])[:, None, None] * rng.uniform(0.7, 1.3, (F, P, 1)) * np.ones(Y)
    price[1, int(rng.integers(P))] = np.inf
    year = np.arange(Y)
    new = rng.uniform(20, 40) * np.array([1.0, 1.1])[None, :, None] * np.ones((1, V, Y))
    new[:, :, 0] = np.inf
    convert = np.full((2, V, Y), np.inf)
    convert[:, 1, 1:] = rng.uniform(2, 12)
    g = np.array([92.0, 20.0, 6.0])[:, None] * np.ones(Y)
    shore_g = rng.uniform(0, 90, (P, 1)) * np.ones(Y)
    one = np.zeros(1, np.int64)
    energy = float(sea[:, 0, 0].sum() * 10)
    return check(
        Problem(
            years=(2026, 2027, 2028), services=("loop",), ports=("East", "West"), families=("oil", "methanol"),
            fuels=("VLSFO", "bio-methanol", "e-methanol"), variants=("oil", "methanol"), discount=0.9**year,
            call_service=np.zeros(C, np.int64), call_port=np.array([0, 1, 1]),
            days=np.array([[55.0, 70.0]]), sea_tj=sea, berth_tj=rng.uniform(0.5, 4, (C, 1)) * np.ones((C, V)),
            ship_days=350.0,
            sailings_min=np.array([10.0]), teu=np.array([[100.0, 92.0]]),
            demand_teu=rng.uniform(850, 1000) * (1 + 0.02 * year)[None], variant_family=np.array([0, 1]),
            tank_tj=np.array([[1000.0, rng.uniform(8, 60)]]), pilot=np.array([0.0, 0.05]),
            group_service=np.array([0, 0]), group_variant=np.array([0, 0]), group_ships=np.array([1, 1]),
            group_end=np.array([int(rng.integers(1, 3)), 9]), convert_musd=convert, new_musd=new, new_max=np.array([1]),
            life=np.array([20, 20]), own_musd=np.full((1, V, Y), 2.0),
            charter_musd=np.full((1, V, Y), rng.uniform(0, 2)),
            fuel_family=np.array([0, 1, 1]), price_usd_gj=price,
            supply_region=np.array([[-1, -1], [0, 0], [1, 2]]), supply_tj=rng.uniform(20, 400, (3, Y)),
            open_musd=rng.uniform(0.5, 4, (P, 2, 1)) * np.ones(Y), open_run_musd=rng.uniform(0.05, 0.3, (P, 2)),
            open_first=np.array([[-1, int(rng.integers(-1, 2))], [-1, 1]]),
            shore_musd=rng.uniform(0.2, 1.5, (P, 1)) * np.ones(Y), shore_run_musd=np.array([0.05, 0.1]),
            shore_first=np.array([0, 3]), connect=np.array([0.8, 0.5, 0.0]), shore_usd_gj=np.full((P, Y), 25.0),
            shore_per_fuel=0.48, duty=np.where(year >= 1, 0.6, 0.0) * np.array([1.0, 0.0, 0.0])[:, None],
            duty_usd_gj=np.full((C, Y), np.inf if hard_duty else 60.0), fuel_t_tj=g, shore_t_tj=shore_g,
            accounts=(
                Account(name="cut", fuel=g, shore=shore_g, limit=energy * 92 * np.array([[1.0, 0.8, 0.5]]),
                        price_usd=np.full(Y, float(rng.choice([150.0, 400.0]))), pool=one),
                Account(name="carbon", fuel=np.array([[75.0], [0.0], [0.0]]) * np.ones(Y), shore=np.zeros((P, Y)),
                        limit=np.zeros((1, Y)), price_usd=np.array([np.nan, 90.0, 120.0]), pool=one,
                        scope=np.array([0.5, 0.0, 1.0])),
            ),
            pledges=(Pledge(name="one methanol ship", services=np.array([True]), variants=np.array([False, True]),
                            from_year=2, ships=1),) if pledge else (),
        )
    )  # fmt: skip


class _Rows:
    """A linear programme written term by term."""

    def __init__(self):
        self.h = highspy.Highs()
        self.h.setOptionValue("output_flag", False)
        self.count = 0

    def var(self, cost=0.0, high=highspy.kHighsInf):
        self.h.addCol(cost, 0.0, high, 0, [], [])
        self.count += 1
        return self.count - 1

    def row(self, low, terms, high):
        total = {}
        for column, factor in terms:
            total[column] = total.get(column, 0.0) + factor
        self.h.addRow(low, high, len(total), list(total), list(total.values()))

    def least(self):
        self.h.run()
        done = self.h.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return self.h.getInfo().objective_function_value if done else np.inf


def year_cost(p, y, ships, opened, shore):
    """Least cost [MUSD of that year] of one year with given ships, open bunker ports, ports with shore power.

    The tanks are kept leg by leg: arrive with m, bunker b, burn u at berth and on the leg, arrive at the next call.
    """
    lp, inf = _Rows(), highspy.kHighsInf
    V, F, K, C = range(2), range(3), range(2), range(3)
    w = {(v, k): lp.var() for v in V for k in K}
    i = {v: lp.var(-(p.own_musd[0, v, y] + p.charter_musd[0, v, y])) for v in V}
    h = {(c, v): lp.var(p.shore_usd_gj[p.call_port[c], y] * p.shore_per_fuel / 1e3) for c in C for v in V}
    q = {}
    for c, f in product(C, F):
        port = p.call_port[c]
        price = p.price_usd_gj[f, port, y]
        if np.isfinite(price) and (f == 0 or opened[port]):
            q[c, f] = lp.var(price / 1e3)
    b, u, m = ({c: lp.var() for c in C} for _ in range(3))
    need = lambda c, v: [(w[v, k], p.sea_tj[c, v, k] + p.berth_tj[c, v]) for k in K]  # noqa: E731
    minus = lambda terms: [(column, -factor) for column, factor in terms]  # noqa: E731
    for v in V:
        lp.row(-inf, [(w[v, k], p.days[0, k] / p.ship_days) for k in K] + [(i[v], 1.0)], ships[v])
    lp.row(p.sailings_min[0], [(w[v, k], 1.0) for v in V for k in K], inf)
    lp.row(p.demand_teu[0, y], [(w[v, k], p.teu[0, v]) for v in V for k in K], inf)
    for c in C:
        after = (c + 1) % 3
        lp.row(0.0, [(m[after], 1.0), (m[c], -1.0), (b[c], -1.0), (u[c], 1.0)], 0.0)
        lp.row(-inf, [(m[c], 1.0), (b[c], 1.0), *((w[1, k], -p.tank_tj[0, 1]) for k in K)], 0.0)
        lp.row(-inf, [(u[c], 1.0), (h[c, 1], 0.95), *((col, -0.95 * x) for col, x in need(c, 1))], 0.0)
        lp.row(0.0, [(b[c], 1.0), *((q[c, f], -1.0) for f in (1, 2) if (c, f) in q)], 0.0)
        for v in V:
            plug = p.connect[c] * p.berth_tj[c, v] * shore[p.call_port[c]]
            lp.row(-inf, [(h[c, v], 1.0), *((w[v, k], -plug) for k in K)], 0.0)
        if p.duty[c, y] > 0:
            hard = np.isinf(p.duty_usd_gj[c, y])
            d = lp.var(0.0 if hard else p.duty_usd_gj[c, y] / 1e3, 0.0 if hard else inf)
            due = [(w[v, k], -p.duty[c, y] * p.berth_tj[c, v]) for v in V for k in K]
            lp.row(0.0, [(h[c, v], 1.0) for v in V] + [(d, 1.0), *due], inf)
    total = [(col, 1.0) for col in q.values()] + [(col, 1.0) for col in h.values()]
    lp.row(0.0, total + minus([t for c in C for v in V for t in need(c, v)]), 0.0)
    lp.row(-inf, [(q[c, 1], 1.0) for c in C if (c, 1) in q], p.supply_tj[0, y])
    for port in range(2):
        lp.row(-inf, [(q[c, 2], 1.0) for c in C if (c, 2) in q and p.call_port[c] == port], p.supply_tj[1 + port, y])
    for a in p.accounts:
        if np.isnan(a.price_usd[y]):
            continue
        hard = np.isinf(a.price_usd[y])
        z = lp.var(0.0 if hard else a.price_usd[y] / 1e6, 0.0 if hard else inf)
        electric = [(h[c, v], a.shore[p.call_port[c], y] * p.shore_per_fuel) for c in C for v in V]
        if a.scope is None:
            counted = [(col, a.fuel[f, y]) for (c, f), col in q.items()]
        else:
            part = {f: lp.var() for f in F}
            inside = [(col, a.scope[c] * x) for c in C for v in V for col, x in need(c, v)]
            inside += [(h[c, v], -a.scope[c]) for c in C for v in V]
            lp.row(0.0, [(col, 1.0) for col in part.values()] + minus(inside), 0.0)
            for f in F:
                lp.row(-inf, [(part[f], 1.0)] + [(q[c, f], -1.0) for c in C if (c, f) in q], 0.0)
            counted = [(part[f], a.fuel[f, y]) for f in F]
        lp.row(-inf, counted + electric + [(z, -1.0)], a.limit[0, y])
    return lp.least() + sum(p.own_musd[0, v, y] * ships[v] for v in V)


def brute(p):
    """Return the least cost over every combination of new ships, conversions and openings."""
    known = {}

    def year(y, ships, opened, shore):
        key = (y, ships, opened, shore)
        if key not in known:
            known[key] = year_cost(p, y, ships, opened, shore)
        return known[key]

    best = np.inf
    starts = [
        [-1] if first < 0 else [*range(first, 3), 3]
        for first in (p.open_first[0, 1], p.open_first[1, 1], p.shore_first[0])
    ]
    for b1, b2 in product([None, 0, 1], [None, 0, 1]):
        for c0, c1 in product([None, 1, 2], [None, 1, 2]):
            if c0 is not None and c0 >= p.group_end[0]:
                continue
            for o0, o1, e0 in product(*starts):
                total = 0.0
                for y in range(3):
                    ships = [0, 0]
                    for end, made in ((p.group_end[0], c0), (p.group_end[1], c1)):
                        if y < end:
                            ships[1 if made is not None and y >= made else 0] += 1
                    for when, v in ((1, b1), (2, b2)):
                        if v is not None and y >= when:
                            ships[v] += 1
                    if y >= 2 and p.pledges and ships[1] < 1:
                        total = np.inf
                        break
                    paid = year(y, tuple(ships), (y >= o0, y >= o1), (y >= e0, False))
                    for when, v in ((1, b1), (2, b2)):
                        if v is not None and y == when:
                            paid += p.new_musd[0, v, y]
                    for g, made in ((0, c0), (1, c1)):
                        if made == y:
                            paid += p.convert_musd[g, 1, y]
                    for port, start in ((0, o0), (1, o1)):
                        if start >= 0:
                            paid += p.open_musd[port, 1, y] * (y == start) + p.open_run_musd[port, 1] * (y >= start)
                    paid += p.shore_musd[0, y] * (y == e0) + p.shore_run_musd[0] * (y >= e0)
                    total += p.discount[y] * paid
                best = min(best, total)
    return best
