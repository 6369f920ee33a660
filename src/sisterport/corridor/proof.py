"""The bound that the prices of a certificate prove, added up in dense arrays without the optimiser's code.

Weak duality: every plan costs at least sum(price of a row x its limit) + sum over decisions of the least of (cost less
what the rows pay for it) x (amount between its limits). Each block below is one decision of `problem`, with the rows it
stands in read off the maths.
"""
# ruff: noqa: N806 (sizes carry the letters of the maths)

import base64
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from sisterport.corridor.problem import OIL, Account, Problem

_KILO = 1e3


def unpacked(packed: Mapping[str, Any]) -> Any:
    """Return an array of the certificate."""
    raw = zlib.decompress(base64.b64decode(packed["data"]))
    return np.frombuffer(raw, "<f8").astype(float).reshape(packed["shape"])


def bound(p: Problem, record: Mapping[str, Any]) -> float:
    """Return the bound [MUSD, or kt for emissions] of a certificate for a problem.

    Raises
    ------
    KeyError, ValueError
        If the certificate is not one of this problem.
    """
    y = {name: unpacked(text) for name, text in record["prices"].items()}
    if any(not np.isfinite(values).all() for values in y.values()):
        raise ValueError("some prices are not finite, so they prove nothing")
    return _Bound(p, y, record["objective"], record["budget_musd"]).total()


class _Bound:
    """Prices by row, and the sum that grows row by row and decision by decision."""

    def __init__(self, p: Problem, y: dict[str, Any], objective: str, budget: float | None) -> None:
        self.p, self.y, self.sum = p, y, 0.0
        self.n = p.sizes()
        self.money = 1.0 if objective == "cost" else 0.0  # what a MUSD counts in the objective
        self.tonne = 0.0 if objective == "cost" else 1.0 / _KILO
        if budget is not None:
            paid = self.at_most("budget", (1,), budget)
            self.money -= float(paid[0])
        self.rise = p.sailings_max[p.call_service]  # [C, V, Y]

    def at_most(self, name: str, shape: Any, limit: Any) -> Any:
        """Prices of rows "... <= limit": none above zero; the limits are added at once."""
        price = np.minimum(self._price(name, shape), 0.0)
        price = np.where(np.isfinite(limit), price, 0.0)
        self.sum += float((price * np.where(np.isfinite(limit), limit, 0.0)).sum())
        return price

    def at_least(self, name: str, shape: Any, limit: Any) -> Any:
        """Prices of rows "... >= limit": none below zero."""
        price = np.maximum(self._price(name, shape), 0.0)
        self.sum += float((price * limit).sum())
        return price

    def equal(self, name: str, shape: Any, limit: Any = 0.0) -> Any:
        """Prices of rows "... = limit": of any sign."""
        price = self._price(name, shape)
        self.sum += float((price * limit).sum())
        return price

    def _price(self, name: str, shape: Any) -> Any:
        price = self.y[name]
        if price.shape != tuple(shape):
            raise ValueError(f"prices of '{name}' have shape {price.shape}, needed {tuple(shape)}")
        return price

    def decide(self, cost: Any, paid: Any, high: Any, low: Any = 0.0, *, where: Any = True) -> None:
        """Add the least that a decision can cost, given what the rows pay for a unit of it."""
        left = np.where(where, cost - paid, 0.0)
        self.sum += float(np.minimum(left * low, left * high).sum())

    def total(self) -> float:
        p, n = self.p, self.n
        S, V, Y, C, K = n["S"], n["V"], n["Y"], n["C"], n["K"]
        cs = p.call_service
        self.w = np.zeros((S, V, K, Y))  # what the rows pay for a sailing
        self.h = np.zeros((C, V, Y))
        self.q = np.zeros((C, n["F"], Y))
        self.b = np.zeros((C, V, Y))
        self._ships()
        self._tanks()
        energy = self.equal("energy", (S, Y))
        self.q += energy[cs][:, None]
        self.h += energy[cs][:, None]
        self._needs(-energy[cs][:, None], p.energy_tj)
        self._places()
        self._supply()
        self._rules()
        self._amounts()
        return self.sum

    def _needs(self, price: Any, per_sailing: Any) -> None:
        """Pay sailings for what they need at each call: price [C, 1 or V, Y] times amount [C, V, K]."""
        np.add.at(self.w, self.p.call_service, price[:, :, None, :] * per_sailing[..., None])

    def _ships(self) -> None:
        p, (S, V, Y, G) = self.p, (self.n[i] for i in "SVYG")
        change = np.zeros((S, V, Y))
        for g in range(G):
            s, v, end = p.group_service[g], p.group_variant[g], p.group_end[g]
            change[s, v, 0] += p.group_ships[g]
            if end < Y:
                change[s, v, end] -= p.group_ships[g]
        fleet = self.equal("fleet", (S, V, Y), change)
        group = self.at_most("group", (G,), p.group_ships)
        yard = self.at_most("yard", (S, Y), np.where(p.new_max > 0, p.new_max, np.inf)[:, None] * np.ones(Y))
        time = self.at_most("time", (S, V, Y), np.zeros((S, V, Y)))
        sailings = self.at_least("sailings", (S, Y), p.sailings_min[:, None])
        enough = self.at_most("enough", (S, Y), np.ones((S, Y)))
        cargo = self.at_least("cargo", (S, Y), p.demand_teu / _KILO)
        pledged = np.zeros((S, V, Y))
        for k, pledge in enumerate(p.pledges):
            held = np.arange(Y) >= pledge.from_year
            price = self.at_least(f"pledge {k}", (Y,), np.where(held, pledge.ships, 0.0)) * held
            pledged += price * (pledge.services[:, None] & pledge.variants)[:, :, None]

        d, money = p.discount, self.money
        most = np.array([p.group_ships[p.group_service == s].sum() for s in range(S)])[:, None]
        most = most + p.new_max[:, None] * np.arange(1, Y + 1)
        leaves = np.concatenate([fleet[:, :, 1:], np.zeros((S, V, 1))], axis=2)
        self.decide(money * d * p.own_musd, fleet - leaves - time + pledged, most[:, None, :])
        self.decide(-money * d * (p.own_musd + p.charter_musd), time, most[:, None, :])
        ended = np.zeros((S, V, Y))
        for v in range(V):
            life = int(p.life[v])
            ended[:, v, : max(Y - life, 0)] = fleet[:, v, life:]
        there = np.isfinite(p.new_musd) & (p.new_max > 0)[:, None, None]
        price = money * d * np.where(there, p.new_musd, 0.0)
        self.decide(price, -fleet + ended + yard[:, None], p.new_max[:, None, None], where=there)
        for g in range(G):
            s, v, end = p.group_service[g], p.group_variant[g], int(p.group_end[g])
            moved = fleet[s, v] - fleet[s] + group[g]
            if end < Y:
                moved = moved + (fleet[s, :, end] - fleet[s, v, end])[:, None]
            there = np.isfinite(p.convert_musd[g]) & (np.arange(Y) < end)
            price = money * d * np.where(there, p.convert_musd[g], 0.0)
            self.decide(price, moved, p.group_ships[g], where=there)
        self.w += time[:, :, None] * p.days[:, None, :, None] / p.ship_days
        self.w += (sailings[:, None] + enough[:, None] / p.sailings_max + cargo[:, None] * p.teu[..., None] / _KILO)[
            :, :, None
        ]

    def _tanks(self) -> None:
        p, (V, Y) = self.p, (self.n[i] for i in "VY")
        keep = (1 - p.pilot)[:, None]
        for name in self.y:
            kind, *numbers = name.split()
            if kind not in {"tank", "pilot"}:
                continue
            ring = np.nonzero(p.call_service == int(numbers[0]))[0]
            first, length = (int(k) for k in numbers[1:]) if kind == "tank" else (0, ring.size)
            stretch = [ring[(first + k) % ring.size] for k in range(length)]
            way = stretch[:-1] if kind == "tank" else stretch
            price = self.at_most(name, (V, Y), np.zeros((V, Y))) * (p.variant_family != OIL)[:, None]
            self.b[stretch] += price
            self.h[way] += keep * price
            s = int(numbers[0])
            room = np.zeros((V, p.days.shape[1]))
            for c in way:
                room += keep * p.energy_tj[c]
            if kind == "tank":
                room += p.tank_tj[s][:, None]
            self.w[s] -= price[:, None] * room[:, :, None]
        bunker = self.equal("bunker", (self.n["C"], self.n["T"], Y))
        bunker[:, OIL] = 0.0
        self.b += bunker[:, p.variant_family]
        self.q -= bunker[:, p.fuel_family]

    def _opens(self, first: Any, once: Any, run: Any, paid: Any, kept: Any) -> None:
        """Decide on openings [.., Y]: `kept` are the prices of "what is open stays open"."""
        Y, d = self.n["Y"], self.p.discount
        there = ((np.arange(Y) >= first[..., None]) & np.isfinite(once)) | (first[..., None] < 0)
        began = np.broadcast_to(first[..., None] < 0, there.shape)
        now = d * np.where(there, once, 0.0)
        cost = now - np.concatenate([now[..., 1:], np.zeros_like(now[..., :1])], axis=-1) + d * run[..., None]
        kept = np.where(there[..., :-1], kept, 0.0)
        zero = np.zeros((*kept.shape[:-1], 1))
        chain = np.concatenate([zero, kept], axis=-1) - np.concatenate([kept, zero], axis=-1)
        self.decide(self.money * np.where(began, 0.0, cost), chain + paid, 1.0, began.astype(float), where=there)

    def _places(self) -> None:
        p, (C, V, P, T, Y) = self.p, (self.n[i] for i in "CVPTY")
        port, none = p.call_port, np.zeros
        kept = self.at_least("once", (P, T, Y - 1), none((P, T, Y - 1)))
        open_ = self.at_most("open", (C, T, Y), none((C, T, Y)))
        open_ = np.where((p.open_first < 0)[port][:, :, None], 0.0, open_)
        open_[:, OIL] = 0.0
        self.b += open_[:, p.variant_family] / (p.tank_most[:, :, None] * p.sailings_max)[p.call_service]
        paid = none((P, T, Y))
        np.add.at(paid, port, -open_)
        self.o_paid, self.o_kept = paid, kept

        plug = self.at_most("plug", (C, V, Y), none((C, V, Y)))
        self.h += plug
        self._needs(-plug, (p.connect[:, None] * p.berth_tj)[:, :, None])
        shore = self.at_most("shore", (C, Y), none((C, Y)))
        shore = np.where((p.shore_first < 0)[port][:, None] | (p.connect <= 0)[:, None], 0.0, shore)
        most = p.connect[:, None, None] * p.berth_tj[:, :, None] * self.rise
        self.h += np.divide(shore[:, None], most, out=np.zeros_like(most), where=most > 0)
        paid = none((P, Y))
        np.add.at(paid, port, -shore)
        kept = self.at_least("shore once", (P, Y - 1), none((P, Y - 1)))
        self._opens(p.shore_first, p.shore_musd, p.shore_run_musd, paid, kept)

        duty = self.at_least("duty", (C, Y), none((C, Y))) * (p.duty > 0)
        self.h += duty[:, None]
        self._needs(-(duty * p.duty)[:, None], p.berth_tj[:, :, None])
        price = np.where(np.isfinite(p.duty_usd_gj), p.duty_usd_gj, 0.0)
        most = p.duty * (p.berth_tj[:, :, None] * self.rise).max(axis=1)
        there = (p.duty > 0) & np.isfinite(p.duty_usd_gj)
        self.decide(self.money * p.discount * price / _KILO, duty, most, where=there)

    def _supply(self) -> None:
        p, (F, P, T, Y, R) = self.p, (self.n[i] for i in "FPTYR")
        supply = self.at_most("supply", (R, Y), p.supply_tj)
        if R:
            limited = p.supply_region >= 0  # [F, P]
            by_port = np.where(limited[:, :, None], supply[p.supply_region], 0.0)
            self.q += by_port[:, p.call_port].transpose(1, 0, 2)
        paid = self.o_paid
        if "port supply" in self.y:
            amount = p.supply_most
            can = ((np.arange(Y) >= p.open_first[:, :, None]) & np.isfinite(p.open_musd)) | (p.open_first < 0)[
                :, :, None
            ]
            can = can[:, p.fuel_family].transpose(1, 0, 2) & (p.fuel_family != OIL)[:, None, None]
            can &= np.isfinite(amount) & (amount > 0)
            price = np.where(can, self.at_most("port supply", (F, P, Y), np.zeros((F, P, Y))), 0.0)
            self.q += price[:, p.call_port].transpose(1, 0, 2)
            every: Any = (slice(None), p.fuel_family)
            np.add.at(paid, every, -(price * np.where(can, amount, 0.0)).transpose(1, 0, 2))
        green = np.arange(T) != OIL
        first = np.where(green, p.open_first, Y)
        self._opens(
            first[:, green], p.open_musd[:, green], p.open_run_musd[:, green], paid[:, green], self.o_kept[:, green]
        )

    def _rules(self) -> None:
        p, (S, F, Y) = self.p, (self.n[i] for i in "SFY")
        counted = [np.zeros((S, F, Y)) for _ in p.scopes]
        for number, a in enumerate(p.accounts):
            price = self._account(number, a)  # [S, Y]
            by_fuel = price[:, None] * a.fuel / _KILO
            if a.scope is None:
                self.q += by_fuel[p.call_service]
            else:
                counted[[np.array_equal(a.scope, k) for k in p.scopes].index(True)] += by_fuel
            electric = a.shore[p.call_port] * p.shore_per_fuel / _KILO
            self.h += (price[p.call_service] * electric)[:, None]
        held = (p.tank_most[:, :, None] * p.sailings_max)[p.call_service]
        for number, scope in enumerate(p.scopes):
            touched = np.array([scope[p.call_service == s].sum() > 0 for s in range(S)])
            inside = self.equal(f"scope {number}", (S, Y)) * touched[:, None]
            bought = self.at_most(f"bought {number}", (S, F, Y), np.zeros((S, F, Y))) * touched[:, None, None]
            self.q -= bought[p.call_service]
            self.h += (inside[p.call_service] * scope[:, None])[:, None]
            self._needs(-(inside[p.call_service] * scope[:, None])[:, None], p.energy_tj)
            most = np.zeros((S, F, Y))
            np.add.at(most, p.call_service, self._most(held)[:, p.fuel_family])
            self.decide(0.0, counted[number] + bought + inside[:, None], most, where=touched[:, None, None])

    def _most(self, held: Any) -> Any:
        """[C, T, Y] the most energy of a family at a call."""
        p = self.p
        return np.stack([held[:, p.variant_family == t].max(axis=1) for t in range(self.n["T"])], axis=1)

    def _account(self, number: int, a: Account) -> Any:
        """Return what each service pays for a kt that an account counts."""
        p, force = self.p, ~np.isnan(a.price_usd)
        price = self.at_most(f"account {number}", a.limit.shape, np.where(force, a.limit / _KILO, np.inf))
        payable = force & np.isfinite(a.price_usd)
        cost = self.money * p.discount * np.where(payable, a.price_usd, 0.0) / _KILO
        # no price is above what missing costs, so what is missed never pays: it may be as much as it likes
        price = np.where(payable, np.maximum(price, -cost), price)
        self.sum += float(
            ((price - np.minimum(self.y[f"account {number}"], 0.0)) * np.where(payable, a.limit / _KILO, 0.0)).sum()
        )
        return np.where((a.pool >= 0)[:, None], price[a.pool], 0.0)

    def _amounts(self) -> None:
        p, (K,) = self.p, (self.n[i] for i in "K")
        port, d, money, tonne = p.call_port, p.discount, self.money, self.tonne
        self.decide(
            0.0, self.w, np.broadcast_to(p.sailings_max[:, :, None], (*p.sailings_max.shape[:2], K, self.n["Y"]))
        )
        held = (p.tank_most[:, :, None] * p.sailings_max)[p.call_service]
        opens = np.where(p.fuel_family[:, None] == OIL, -1, p.open_first[:, p.fuel_family].T)
        sold = np.isfinite(p.price_usd_gj) & (p.supply_most > 0) & (np.arange(self.n["Y"]) >= opens[:, :, None])
        sold = sold[:, port].transpose(1, 0, 2)  # [C, F, Y]
        in_tank = np.stack(
            [sold[:, p.fuel_family == p.variant_family[v]].any(axis=1) for v in range(self.n["V"])], axis=1
        ) & (p.variant_family != OIL)[:, None]  # fmt: skip
        self.decide(0.0, self.b, held, where=in_tank)
        price = np.where(sold, p.price_usd_gj[:, port].transpose(1, 0, 2), 0.0)
        cost = money * d * price / _KILO + tonne * p.fuel_t_tj
        self.decide(cost, self.q, self._most(held)[:, p.fuel_family], where=sold)
        electric = money * d * p.shore_usd_gj / _KILO + tonne * p.shore_t_tj
        most = (p.connect[:, None] * p.berth_tj)[:, :, None] * self.rise
        self.decide((electric * p.shore_per_fuel)[port][:, None], self.h, most, where=(p.connect > 0)[:, None, None])
