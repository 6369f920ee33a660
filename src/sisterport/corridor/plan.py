"""A plan as frames: ships, sailings, fuel, shore power, openings, rules and money, in the names of the scenario."""
# ruff: noqa: N806 (sizes carry the letters of the maths)

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from sisterport import tables
from sisterport.corridor.plan_frames import SHORE_POWER, Plan
from sisterport.corridor.problem import OIL, Floats, Problem
from sisterport.corridor.solve import Solved

_LEAST = 1e-7  # less is the solver's dust: TJ, sailings, ship-years
_KILO = 1e3


def plan(solved: Solved) -> Plan:
    """Return what was found as frames.

    Parameters
    ----------
    solved
        The answer of `solve`.

    Examples
    --------
    >>> from sisterport.corridor.build import problem_of
    >>> from sisterport.corridor.examples import example
    >>> from sisterport.corridor.solve import solve
    >>> solved = solve(problem_of(example("shanghai-hamburg")), gap=0.01)
    >>> made = plan(solved)
    >>> abs(made.cost_musd - solved.cost_musd) < 1e-6 * solved.cost_musd
    True
    """
    p, v = solved.problem, solved.program.values(solved.x)
    names = {
        "s": p.services, "v": p.variants, "y": p.years, "f": p.fuels, "p": p.ports, "t": p.families,
        "k": range(1, p.days.shape[1] + 1), "g": range(len(p.group_service)),
    }  # fmt: skip
    made = dict(zip("xnrioe", (np.rint(v[b]) if b in "xnroe" else v[b] for b in "xnrioe"), strict=True))
    accounts = _accounts(p, v)
    return Plan(
        ships=_ships(p, made),
        conversions=_long(made["r"], "gvy", names, "ships_n", "corridor_conversions", p),
        sailings=_long(v["w"], "svky", names, "sailings_n", "corridor_sailings", p),
        fuel=_long(v["q"], "cfy", names, "energy_tj", "corridor_fuel", p),
        tanks=_long(v["b"], "cvy", names, "energy_tj", "corridor_tanks", p),
        shore=_long(v["h"], "cvy", names, "energy_tj", "corridor_shore", p),
        openings=_openings(p, made),
        counted=_counted(p, v, names),
        accounts=accounts,
        costs=_costs(p, v, made, accounts),
    )


_COLUMNS = {"s": "service", "v": "variant", "y": "year", "f": "fuel", "k": "speed_option", "g": "group"}


def _long(
    values: Floats, axes: str, names: Mapping[str, Any], measure: str, table: str, p: Problem, **same: Any
) -> pl.DataFrame:
    """Return one row for each value that is not zero; a call becomes service, place in the rotation and port."""
    at = np.nonzero(np.abs(values) > _LEAST)
    columns: dict[str, Any] = {}
    for axis, index in zip(axes, at, strict=True):
        if axis == "c":
            columns |= _call(p, index)
        else:
            columns[_COLUMNS[axis]] = np.array(names[axis])[index]
    found = pl.DataFrame(columns | {measure: values[at]}).with_columns(
        **{k: pl.lit(value) for k, value in same.items()}
    )
    if axes[0] == "g":
        found = found.with_columns(
            service=pl.Series([p.services[p.group_service[g]] for g in at[0]], dtype=pl.String),
            from_variant=pl.Series([p.variants[p.group_variant[g]] for g in at[0]], dtype=pl.String),
        )
    return tables.check(found, table)


def _call(p: Problem, index: Any) -> dict[str, Any]:
    first = np.searchsorted(p.call_service, p.call_service)
    return {
        "service": np.array(p.services)[p.call_service[index]],
        "call": (np.arange(p.call_service.size) - first + 1)[index],
        "port": np.array(p.ports)[p.call_port[index]],
    }


def _ships(p: Problem, made: Mapping[str, Floats]) -> pl.DataFrame:
    S, V, Y = (p.sizes()[i] for i in "SVY")
    converted = np.zeros((S, V, Y))
    np.add.at(converted, p.group_service, made["r"])
    there = (made["x"] > 0) | (made["n"] > 0) | (converted > 0)
    s, v, y = np.nonzero(there)
    frame = pl.DataFrame(
        {
            "service": np.array(p.services)[s],
            "variant": np.array(p.variants)[v],
            "year": np.array(p.years)[y],
            "ships_n": made["x"][there].astype(int),
            "built_n": made["n"][there].astype(int),
            "converted_n": converted[there].astype(int),
            "chartered_out_years": made["i"][there],
        }
    )
    return tables.check(frame, "corridor_ships")


def _openings(p: Problem, made: Mapping[str, Floats]) -> pl.DataFrame:
    rows = []
    for i, port in enumerate(p.ports):
        for t, family in enumerate(p.families):
            rows.append((port, family, made["o"][i, t], p.open_first[i, t] if t != OIL else 0))
        rows.append((port, SHORE_POWER, made["e"][i], p.shore_first[i]))
    found = [
        (port, what, p.years[int(np.argmax(is_open > 0))], bool(first < 0))
        for port, what, is_open, first in rows
        if is_open.any()
    ]
    schema = {"port": pl.String, "opened": pl.String, "year": pl.Int64, "open_before": pl.Boolean}
    return tables.check(pl.DataFrame(found, schema=schema, orient="row"), "corridor_openings")


def _counted(p: Problem, v: Mapping[str, Floats], names: Mapping[str, Any]) -> pl.DataFrame:
    """Return the fuel counted in each scope that does not cover every leg."""
    frames = [tables.empty("corridor_counted")]
    frames += [
        _long(v[f"a {number}"], "sfy", names, "energy_tj", "corridor_counted", p, scope=number)
        for number in range(len(p.scopes))
    ]
    return pl.concat(frames)


def counted_t(p: Problem, v: Mapping[str, Floats], number: int) -> Floats:
    """[pools, Y] what an account counts [t]."""
    a = p.accounts[number]
    scope = next((k for k, s in enumerate(p.scopes) if a.scope is not None and np.array_equal(s, a.scope)), None)
    burnt = np.zeros((len(p.services), len(p.fuels), len(p.years)))
    np.add.at(burnt, p.call_service, v["q"])
    used = burnt if scope is None else v[f"a {scope}"]
    of_service = (a.fuel * used).sum(axis=1)
    np.add.at(of_service, p.call_service, v["h"].sum(axis=1) * p.shore_per_fuel * a.shore[p.call_port])
    total = np.zeros(a.limit.shape)
    np.add.at(total, a.pool[a.pool >= 0], of_service[a.pool >= 0])
    return total


def _accounts(p: Problem, v: Mapping[str, Floats]) -> pl.DataFrame:
    frames = [tables.empty("corridor_accounts")]
    for number, a in enumerate(p.accounts):
        counted = counted_t(p, v, number)
        force = ~np.isnan(a.price_usd)
        pool, year = np.nonzero(np.broadcast_to(force, counted.shape))
        missed = np.maximum(counted - a.limit, 0.0)[pool, year]
        price = np.where(np.isfinite(a.price_usd), a.price_usd, 0.0)[year]
        members = [
            ", ".join(np.array(p.services)[a.pool == k]) if a.limit.shape[0] > 1 else "all"
            for k in range(a.limit.shape[0])
        ]
        frames.append(
            tables.check(
                pl.DataFrame(
                    {
                        "account": [a.name] * year.size,
                        "services": np.array(members)[pool],
                        "year": np.array(p.years)[year],
                        "counted_t": counted[pool, year],
                        "limit_t": a.limit[pool, year],
                        "missed_t": missed,
                        "price_usd_t": price,
                        "cost_musd": missed * price / _KILO**2,
                    }
                ),
                "corridor_accounts",
            )
        )
    return pl.concat(frames)


def _costs(p: Problem, v: Mapping[str, Floats], made: Mapping[str, Floats], accounts: pl.DataFrame) -> pl.DataFrame:
    """Return what is paid in each year by item [MUSD], as paid then and as present value."""
    finite = {name: np.where(np.isfinite(a), a, 0.0) for name, a in (
        ("new", p.new_musd), ("convert", p.convert_musd), ("open", p.open_musd), ("shore", p.shore_musd),
        ("price", p.price_usd_gj), ("duty", p.duty_usd_gj))}  # fmt: skip
    first = {b: np.diff(made[b], axis=-1, prepend=0.0) for b in "oe"}
    before = (p.open_first < 0)[:, :, None], (p.shore_first < 0)[:, None]
    opened = first["o"] * finite["open"] + made["o"] * p.open_run_musd[..., None]
    plugged = first["e"] * finite["shore"] + made["e"] * p.shore_run_musd[:, None]
    port = p.call_port
    items = {
        "new ships": (made["n"] * finite["new"]).sum(axis=(0, 1)),
        "conversions": (made["r"] * finite["convert"]).sum(axis=(0, 1)),
        "ships": (p.own_musd * (made["x"] - v["i"])).sum(axis=(0, 1)),
        "charter income": -(p.charter_musd * v["i"]).sum(axis=(0, 1)),
        "fuel": (v["q"] * finite["price"][:, port].transpose(1, 0, 2)).sum(axis=(0, 1)) / _KILO,
        "shore electricity": (v["h"].sum(axis=1) * p.shore_per_fuel * p.shore_usd_gj[port]).sum(axis=0) / _KILO,
        "bunker ports": np.where(before[0], 0.0, opened).sum(axis=(0, 1)),
        "shore power": np.where(before[1], 0.0, plugged).sum(axis=0),
        "duties at berth": (v["d"] * finite["duty"]).sum(axis=0) / _KILO,
    }  # fmt: skip
    by_rule = accounts.group_by("year", item="account", maintain_order=True).agg(musd=pl.col("cost_musd").sum())
    frame = pl.concat(
        [
            pl.DataFrame({"year": p.years, "item": [item] * len(p.years), "musd": paid}).cast({"year": pl.Int64})
            for item, paid in items.items()
        ]
        + [by_rule.select("year", "item", "musd")]
    )
    discount = pl.DataFrame({"year": p.years, "discount": p.discount}).cast({"year": pl.Int64})
    with_present = frame.join(discount, on="year", how="left", maintain_order="left").with_columns(
        present_musd=pl.col("musd") * pl.col("discount")
    )
    return tables.check(with_present.filter(pl.col("musd") != 0), "corridor_costs")
