"""Check a pooling plan row by row against Articles 20, 21 and 23, without the code that made it."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import InputError
from sisterport.reference import value
from sisterport.rules.flexibility import adjusted_balance, borrowing, pool
from sisterport.rules.fueleu import penalty_rate
from sisterport.units import G_PER_T

_Row = dict[str, Any]


def audit(fleet: Any, plan: Any, *, outside_t: Mapping[int, float] | None = None) -> list[str]:
    """Return everything in a plan that is not legal or not summed right; an empty list is a clean plan.

    Parameters
    ----------
    fleet
        Frame of the table ``pooling_fleet``.
    plan
        Frame of the table ``pooling_plan``.
    outside_t
        Surplus that others brought into the pool of a year [t].

    Raises
    ------
    InputError
        The plan has other ships or years than the fleet.

    References
    ----------
    Regulation (EU) 2023/1805 Art 20, 21, 23(2), Annex IV part B.

    Examples
    --------
    >>> from sisterport.rules.pooling import cheapest_pools
    >>> ships = pl.DataFrame({"ship_id": ["imo:1", "imo:3"], "year": [2025] * 2, "balance_t": [-100.0, 110.0],
    ...                       "energy_mj": [5e7] * 2, "intensity_g_per_mj": [91.6, 87.0]})
    >>> plan = cheapest_pools(ships).plan
    >>> audit(ships, plan)
    []
    >>> audit(ships, plan.with_columns(received_t=pl.lit(0.0)))[0]
    'imo:1 2025: final_t is 0, but adjusted, borrowed and received make -100'
    """
    given = tables.check(fleet, "pooling_fleet").sort("ship_id", "year")
    told = tables.check(plan, "pooling_plan").sort("ship_id", "year")
    keys = ["ship_id", "year"]
    if not given.select(keys).equals(told.select(keys)):
        raise InputError("the plan and the fleet have different ships or years")
    largest = max(1, *given["balance_t"].abs()) if given.height else 1
    slack = value("pooling_tolerance") * largest * (1 + given["year"].n_unique())
    faults: list[str] = []
    before: _Row = {}
    for row in given.join(told.drop("balance_t"), on=keys).sort(keys).iter_rows(named=True):
        first = before.get("ship_id") != row["ship_id"]
        faults += [
            f"{row['ship_id']} {row['year']}: {fault}" for fault in _ship_faults(row, {} if first else before, slack)
        ]
        before = row
    for (year,), rows in told.group_by("year", maintain_order=True):
        faults += [f"pool of {year}: {fault}" for fault in _pool_faults(rows, (outside_t or {}).get(year, 0), slack)]
    return faults


def _ship_faults(row: _Row, before: _Row, slack: float) -> Iterator[str]:
    bank = before["banked_t"] if before else row["opening_bank_t"] or 0
    lent = before["borrowed_t"] if before else row["opening_borrowed_t"] or 0
    run = before["penalty_n"] if before else row["opening_penalties"] or 0
    adjusted = adjusted_balance(row["balance_t"], banked_before=bank, borrowed_before=lent)
    final = adjusted + row["borrowed_t"] + row["received_t"]
    short = max(0.0, -row["final_t"])
    n = run + 1 if short > 0 else 0
    if n and not row["intensity_g_per_mj"]:
        yield "has a deficit and no intensity to tell its penalty"
        return
    due = short * penalty_rate(row["intensity_g_per_mj"], n).value if n else 0.0
    for name, right, words in (
        ("carried_t", bank, "what was banked before is"),
        ("adjusted_t", adjusted, "balance, bank and debt make"),
        ("final_t", final, "adjusted, borrowed and received make"),
        ("banked_t", max(0.0, row["final_t"]), "the final surplus is"),
        ("penalty_n", n, "the years in a row are"),
    ):
        if abs(row[name] - right) > slack:
            yield f"{name} is {row[name]:g}, but {words} {right:g}"
    if abs(row["penalty_eur"] - due) > slack * max(1.0, due):
        yield f"penalty_eur is {row['penalty_eur']:g}, but {due:g} is due"
    if row["received_t"] != 0 and not row["pooled"]:
        yield "receives or gives without being in the pool"
    yield from _borrowing_faults(row, adjusted, borrowed_before=lent > 0, slack=slack)


def _borrowing_faults(row: _Row, adjusted: float, *, borrowed_before: bool, slack: float) -> Iterator[str]:
    if row["borrowed_t"] == 0:
        return
    most = borrowing(row["energy_mj"], year=row["year"]).most_g / G_PER_T
    if row["borrowed_t"] > most + slack:
        yield f"borrows {row['borrowed_t']:g} t, more than {most:g} t"
    if row["borrowed_t"] > max(0.0, -adjusted) + slack:
        yield f"borrows {row['borrowed_t']:g} t, more than its deficit"
    if borrowed_before:
        yield "borrows in two years in a row"
    if row["pooled"]:
        yield "borrows in a year in which it is in a pool"


def _pool_faults(rows: pl.DataFrame, outside: float, slack: float) -> list[str]:
    members = rows.filter("pooled")
    if members.is_empty():
        return []
    before = dict(members.select("ship_id", "adjusted_t").iter_rows()) | {"outside": outside}
    after = dict(members.select("ship_id", "final_t").iter_rows()) | {"outside": 0.0}
    return pool(before, after, tolerance=slack).faults
