"""Two plans of a corridor side by side: of two folders, or of two scenarios that are planned for it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.corridor.answers import fuel_by_port, years
from sisterport.corridor.answers_costs import payers, who_pays
from sisterport.corridor.answers_frames import Told
from sisterport.errors import InputError
from sisterport.project.corridor_plan import SCENARIO, Report, plan_files, silent
from sisterport.project.corridor_verify import other_keys, read_plan
from sisterport.project.steps import step
from sisterport.project.together import together
from sisterport.site import corridor as pages
from sisterport.site.corridor_compare import Side
from sisterport.site.corridor_parts import notes_on

FIGURES = {
    "cost_musd": "MUSD",
    "today_cost_musd": "MUSD",
    "more_musd": "MUSD",
    "emissions_t": "t",
    "avoided_t": "t",
    "usd_per_t": "USD/t",
    "usd_per_teu": "USD/TEU",
    "co2e_wtw_t_last_year": "t",
    "green_share_last_year": "",
    "ships_ordered": "ships",
    "ships_ordered_new_fuel": "ships",
    "openings": "openings",
    "gap": "",
}
"""Numbers of a plan that are compared, with their units."""


def compare_files(
    left: Path, right: Path, *, to: Path | None = None, report: Report = silent, **limits: Any
) -> dict[str, Any]:
    """Return two plans side by side, and write them if asked to.

    Parameters
    ----------
    left, right
        Each a folder of a plan, or a scenario, which is planned for it.
    to
        Folder to write into; None writes nothing.
    report
        Told how far planning is.
    limits
        ``gap`` and ``time_limit_s`` of plans that are made.

    Returns
    -------
    dict
        ``figures``, ``years``, ``fuel``, ``orders``, ``payers`` (frames with a column for each side; a null where a
        year is not in the horizon of a side), ``scenarios`` (what the files hold differently), ``proven`` (between what
        the best plans of both can differ; None where they have different aims), ``names``, ``notes``, ``files``.

    Raises
    ------
    SisterportError
        Every fault of both at once.
    """
    names = _names(left, right)
    sides = together(
        left=lambda: _side(left, names[0], report, limits), right=lambda: _side(right, names[1], report, limits)
    )
    one, other = sides["left"], sides["right"]
    files = [place / SCENARIO if place.is_dir() else place for place in (left, right)]
    found: dict[str, Any] = {
        "figures": _figures(one, other),
        "years": _beside(_years(one), _years(other), ["year"]),
        "fuel": _filled(_beside(_fuel(one), _fuel(other), ["year", "fuel"]), one, other),
        "orders": _filled(_beside(_orders(one.told), _orders(other.told), ["year", "family"]), one, other),
        "payers": _filled(_beside(_payers(one), _payers(other), ["payer"]), one, other),
        "scenarios": other_keys(*files),
    }
    proven = proven_difference(one.summary, other.summary)
    notes = list(dict.fromkeys([*notes_on(one.scenario), *notes_on(other.scenario)]))
    if to is not None:
        with step(to, "compare") as made:
            made.write(**{f"compare_{name}": rows for name, rows in found.items()})
            pages.compare_page(made.place / "compare.html", left=one, right=other, tables=found, proven=proven)
            made.close(given=files, read=(), options={"names": list(names)})
        return {**found, "proven": proven, "names": names, "notes": notes, "files": made.files}
    return {**found, "proven": proven, "names": names, "notes": notes, "files": []}


def proven_difference(left: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return between what the best plans of two problems differ, right less left: no best plan is below its bound.

    None where one is the cheapest and the other that of least emissions, or their budgets are not the same.

    Examples
    --------
    >>> one, other = ({"objective": "cost", "value": v, "bound": b} for v, b in ((100.0, 99.0), (110.0, 109.5)))
    >>> proven_difference(one, other)
    (9.5, 11.0)
    """
    if any(left.get(key) != right.get(key) for key in ("objective", "budget_musd")):
        return None
    return right["bound"] - left["value"], right["value"] - left["bound"]


def _names(left: Path, right: Path) -> tuple[str, str]:
    """Return short names of two places: their own, or with what is above them where those are the same."""
    one, other = left.resolve(), right.resolve()
    if one == other:
        raise InputError(f"{left} and {right} are the same")
    if one.stem != other.stem:
        return one.stem, other.stem
    return f"{one.parent.name}/{one.stem}", f"{other.parent.name}/{other.stem}"


def _side(place: Path, name: str, report: Report, limits: dict[str, Any]) -> Side:
    if place.is_dir():
        made = read_plan(place)
        if made.scenario is None:
            raise InputError(f"{place / SCENARIO} cannot be read: {made.unread}")
        return Side(name=name, scenario=made.scenario, told=made.told, summary=made.summary)
    told_by = lambda what, *now: report(f"{name}: {what}", *now)  # noqa: E731 - a name for what is handed on
    planned = plan_files(place, curve=False, several=False, weigh=False, report=told_by, **limits)
    return Side(name=name, scenario=planned.scenario, told=planned.told, summary=planned.summary)


def _figures(one: Side, other: Side) -> pl.DataFrame:
    rows = []
    for key, unit in FIGURES.items():
        left, right = one.summary.get(key), other.summary.get(key)
        more = None if left is None or right is None else float(right) - float(left)
        rows.append((key, unit, left, right, more))
    schema = {"figure": pl.String, "unit": pl.String} | dict.fromkeys(("left", "right", "difference"), pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row", strict=False)


def _beside(one: pl.DataFrame, other: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return two frames side by side: each column but the keys once as ``_left``, once as ``_right``."""
    left, right = (
        frame.rename({name: f"{name}_{side}" for name in frame.columns if name not in keys})
        for frame, side in ((one, "left"), (other, "right"))
    )
    return left.join(right, on=keys, how="full", coalesce=True).sort(keys)


def _filled(rows: pl.DataFrame, one: Side, other: Side) -> pl.DataFrame:
    """Return the rows with zeros where a side has nothing in a year of its horizon: nothing is not unknown."""
    for name, side in (("left", one), ("right", other)):
        own = [column for column in rows.columns if column.endswith(f"_{name}")]
        inside = pl.col("year").is_in(list(side.scenario.years)) if "year" in rows.columns else pl.lit(value=True)
        rows = rows.with_columns(pl.when(inside).then(pl.col(own).fill_null(0)).otherwise(pl.col(own)))
    return rows


def _years(side: Side) -> pl.DataFrame:
    return years(side.told, side.scenario).select(
        "year", "co2e_wtw_t", "cost_musd", "green_share", "ships", "ships_new_fuel"
    )


def _fuel(side: Side) -> pl.DataFrame:
    rows = fuel_by_port(side.told, side.scenario)
    return (
        rows.group_by("year", "fuel", maintain_order=True).agg(pl.col("energy_tj", "mass_t").sum()).sort("year", "fuel")
    )


def _orders(plan: Told) -> pl.DataFrame:
    return plan.orders.group_by("year", "family", maintain_order=True).agg(pl.col("ships").sum()).sort("year", "family")


def _payers(side: Side) -> pl.DataFrame:
    return payers(who_pays(side.told.costs, side.scenario)).select("payer", "present_musd")
