"""A plan held against the registers: hours of outlets and power of plants, added up without the optimiser's frames."""

from collections import defaultdict
from datetime import date
from typing import Any

from sisterport.reference import value
from sisterport.shorepower.within import AGAIN, MORE, OUTLET, drawing, in_use
from sisterport.tables import check, to_polars
from sisterport.units import HOURS_PER_YEAR


def overloads(
    connected: Any, units: Any, links: Any, verdicts: Any, *, outlets: Any, inlets: Any, on: date
) -> list[str]:
    """Return where a plan connects more hours than the outlets give, or draws more power than a plant gives.

    Parameters
    ----------
    connected, units
        What plans connect and build: frames with ``budget_musd, from_year`` and the columns of `Upgraded`.
    links, verdicts
        Frames of the tables ``upgrade_links`` and ``verdicts``.
    outlets, inlets, on
        Registers, and the day on which outlets have to be in service.

    Returns
    -------
    list of str
        One sentence for each berth and plant that is overloaded in a plan. Berths without outlets in the registers
        and plants of unknown power have no limit.
    """
    rows = drawing(*(check(f, name) for f, name in (
        (links, "upgrade_links"), (verdicts, "verdicts"), (outlets, "outlets"), (inlets, "inlets"))))  # fmt: skip
    link = {row["link_id"]: row for row in rows.iter_rows(named=True)}
    serving = list(in_use(outlets, on).iter_rows(named=True))
    built = list(to_polars(units).iter_rows(named=True))
    used: dict[tuple[Any, ...], float] = defaultdict(float)
    for row in to_polars(connected).iter_rows(named=True):
        plan, at = (row["budget_musd"], row["from_year"]), link[row["link_id"]]
        hours = row["share"] * (at["hours_h"] or 0.0)
        used[*plan, "h", at["berth_id"]] += hours
        if at["plant_id"] is not None:
            used[*plan, "MVA", at["plant_id"]] += row["share"] * at["peak_mva"] * at["simultaneity"]
    faults = []
    for (budget, year, unit, place), amount in sorted(used.items(), key=str):
        mine = [u for u in built if u["budget_musd"] == budget and (year is None or u["from_year"] <= year)]
        given = _hours(place, serving, mine) if unit == "h" else _power(place, serving, mine)
        if given is not None and amount > given + value("certificate_tolerance") * max(1.0, given):
            when = f"{budget:g} MUSD" if year is None else f"{year}"
            faults.append(f"{when}: {amount:,.6g} {unit} used at '{place}', the registers give {given:,.6g}")
    return faults


def _hours(berth: str, serving: list[dict[str, Any]], built: list[dict[str, Any]]) -> float | None:
    """Return the hours in a year that the outlets of a berth give; None where no outlet is known."""
    here = [row for row in serving if row["berth_id"] == berth]
    count = sum(row["n"] for row in here)
    given = sum(row["n"] * row["hours_h"] for row in here)
    new = [row for row in built if row["fix"] == OUTLET and row["owner"] == berth]
    if not here and not new:
        return None
    each = {True: given / count if count else 0.0, False: HOURS_PER_YEAR}
    return float(given + sum(row["units"] * each[row["upgrade_id"].startswith(MORE)] for row in new))


def _power(plant: str, serving: list[dict[str, Any]], built: list[dict[str, Any]]) -> float | None:
    """Return the power of a plant [MVA]; None where it is not known."""
    known = [row["plant_mva"] for row in serving if row["plant"] == plant and row["plant_mva"] is not None]
    if not known:
        return None
    again = sum(row["units"] for row in built if row["upgrade_id"] == f"{AGAIN}{plant}")
    return float(known[0] * (1 + again))
