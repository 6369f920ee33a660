"""How each input shape of the golden cases of FuelEU Maritime and the EU ETS is computed."""

from collections.abc import Callable
from typing import Any

import polars as pl

from sisterport.rules import ets, flexibility, fueleu, fueleu_ops
from sisterport.rules.fueleu_balance import ShipBalance, ship_balance
from sisterport.rules.fueleu_fuels import factors
from sisterport.rules.scope import scope_share

Case = dict[str, Any]

FIRST_YEAR = {"fueleu": 2025, "ops": 2030, "subtarget": 2034}
"""Where a shape has no year, the rule does not change with it: the first year of the rule."""

CERTIFIED = {"eMeOH": "e_methanol"}
"""Certified fuels of the cases, which bring their own values, and the fuels of Annex II that they are."""


def _limit(given: Case) -> Case:
    return {"limit_g_per_MJ": fueleu.limit(given["year"]).value}


def _factor(given: Case) -> Case:
    row = factors(gwp=given["gwp"]).filter(fuel=given["fuel"])
    return {"ghgie_g_per_MJ": row["wtw_g_per_mj"].item()}


def _of_fuel(given: Case) -> ShipBalance:
    mass_t, certified = {}, {}
    for name, mass_g in given["fuel_g"].items():
        fuel = CERTIFIED.get(name, name)
        mass_t[fuel] = mass_g / 1e6
        if name in CERTIFIED:
            certified[fuel] = {
                "lcv_mj_per_kg": given[f"{name}_lcv"] * 1e3,
                "certified_wtw_g_per_mj": given[f"{name}_wtw"],
            }
    return ship_balance(
        mass_t,
        year=given["year"],
        scope_share=given.get("scope", 1.0),
        shore_mj=given.get("ops_MJ", 0.0),
        penalties_before=given.get("n", 1) - 1,
        certified=certified,
        gwp=given["gwp"],
    )


def _balance(given: Case) -> Case:
    found = _of_fuel(given)
    return {
        "ghgie": found.intensity_g_per_mj,
        "cb_g": found.balance_t * 1e6,
        "energy_MJ": found.energy_mj,
        "penalty_eur": found.penalty_eur,
    }


def _pool(given: Case) -> Case:
    found = flexibility.pool(given["cb"])
    return {"pool_total": found.total, "valid": found.valid}


def _borrow(given: Case) -> Case:
    found = flexibility.borrowing(given["energy_MJ"], year=given["year"])
    return {"max_acs_g": found.most_g, "aggravated_next_year_g": found.debt_g}


def _ops(given: Case) -> Case:
    return {"penalty_eur": fueleu_ops.penalty(given["kW"], given["hours"], year=FIRST_YEAR["ops"]).value}


def _scope(given: Case) -> Case:
    shares = [scope_share(start, end, FIRST_YEAR["fueleu"], "fueleu").share for start, end, _ in given["legs"]]
    return {"energy_in_scope_GJ": sum(share * leg[2] for share, leg in zip(shares, given["legs"], strict=True))}


def _wind(given: Case) -> Case:
    return {"f_wind": fueleu.wind_factor(given["pwind_over_pprop"]).value}


def _subtarget(given: Case) -> Case:
    return {"subtarget_2034": fueleu.rfnbo_subtarget(FIRST_YEAR["subtarget"], share_2031=given["share_2031"]).value}


def _ets_leg(given: Case) -> Case:
    fuels = [
        {"ship_id": "ship", "year": given["year"], "kind": given["leg"], "fuel": name, "mass_t": float(mass)}
        for name, mass in given["fuel_t"].items()
    ]
    return {"allowances": ets.allowances(ets.gases(pl.DataFrame(fuels)))["allowances"].sum()}


def _ets_legs(given: Case) -> Case:
    year = given["year"]
    fuels = [
        {
            "ship_id": "ship",
            "year": year,
            "scope_share": scope_share(start, end, year, "ets").share,
            "fuel": name,
            "mass_t": float(mass),
        }
        for start, end, name, mass in given["legs"]
    ]
    row = ets.by_ship(ets.gases(pl.DataFrame(fuels)), allowance_eur=given["eua"]).row(0, named=True)
    return {"allowances": row["allowances"], "cost_eur": row["cost_eur"]}


_FUEL = {"fuel_g", "gwp", "year"}
_SHAPES: dict[str, list[tuple[set[str], Callable[[Case], Case]]]] = {
    "FuelEU": [
        ({"year"}, _limit),
        ({"fuel", "gwp"}, _factor),
        (_FUEL, _balance),
        (_FUEL | {"n"}, _balance),
        (_FUEL | {"ops_MJ"}, _balance),
        (_FUEL | {"scope"}, _balance),
        (_FUEL | {"eMeOH_lcv", "eMeOH_wtw"}, _balance),
        ({"cb"}, _pool),
        ({"energy_MJ", "year"}, _borrow),
        ({"hours", "kW"}, _ops),
        ({"legs"}, _scope),
        ({"pwind_over_pprop"}, _wind),
        ({"share_2031"}, _subtarget),
    ],
    "EU ETS": [({"fuel_t", "leg", "year"}, _ets_leg), ({"eua", "legs", "year"}, _ets_legs)],
}

SHAPES: dict[tuple[str, frozenset[str]], Callable[[Case], Case]] = {
    (regulation, frozenset(keys)): function for regulation, shapes in _SHAPES.items() for keys, function in shapes
}
