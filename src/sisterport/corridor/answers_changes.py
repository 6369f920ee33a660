"""What changes a plan most: the same scenario with one thing another way, planned again and set beside the plan."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import polars as pl

from sisterport.corridor.answers_frames import Told
from sisterport.corridor.build import AS_STATED
from sisterport.corridor.scenario import Future, Scenario, Targets

PRICES = 0.2
"""Part by which prices go up and down."""
AMOUNTS = 0.1
"""Part by which supply and cargo go up and down."""
POINTS = 0.05
"""Part of today's emissions by which the cut is tightened and loosened."""

Planner = Callable[[Scenario, str | None], Told | None]
"""Plans a scenario in a future; None where no plan holds everything."""


def variations(scenario: Scenario) -> Iterator[tuple[str, Scenario, str | None]]:
    """Yield the changes that are tried: words, the changed scenario, and its future (None: its own values).

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> [words for words, _, _ in variations(example("shanghai-los-angeles"))][:3]
    ['green fuels 20 % dearer', 'green fuels 20 % cheaper', 'fossil fuels 20 % dearer']
    """
    up, down = 1.0 + PRICES, 1.0 - PRICES
    more, less = 1.0 + AMOUNTS, 1.0 - AMOUNTS
    futures: list[tuple[str, dict[str, Any]]] = [
        (f"green fuels {PRICES:.0%} dearer", {"green_price": up}),
        (f"green fuels {PRICES:.0%} cheaper", {"green_price": down}),
        (f"fossil fuels {PRICES:.0%} dearer", {"fossil_price": up}),
        (f"fossil fuels {PRICES:.0%} cheaper", {"fossil_price": down}),
        (f"{AMOUNTS:.0%} more supply of fuels", {"supply": more}),
        (f"{AMOUNTS:.0%} less supply of fuels", {"supply": less}),
        (f"{AMOUNTS:.0%} more cargo", {"demand": more}),
        (f"{AMOUNTS:.0%} less cargo", {"demand": less}),
    ]
    for words, factors in futures:
        named = _spaced(words)
        yield named, replace(scenario, futures=(replace(AS_STATED, name=named, **factors),)), named
    if any(scenario.targets.cut.values()):
        for words, points in (
            (f"a cut {100 * POINTS:g} points deeper", POINTS),
            (f"a cut {100 * POINTS:g} points less deep", -POINTS),
        ):
            yield words, replace(scenario, targets=_cut(scenario.targets, points)), None
    for agreement in scenario.agreements:
        others = tuple(other for other in scenario.agreements if other is not agreement)
        yield f"without \u201c{agreement.name}\u201d", replace(scenario, agreements=others), None
    if any(len(service.ships_options) > 1 for service in scenario.services):
        services = tuple(replace(service, ships_options=(service.ships,)) for service in scenario.services)
        yield "no service may sail at another speed", replace(scenario, services=services), None
    for future in scenario.futures:
        if not _as_stated(future):
            yield f"the future \u201c{future.name}\u201d", scenario, future.name


def _spaced(words: str) -> str:
    return words.replace("%", " %")


def _cut(targets: Targets, points: float) -> Targets:
    return replace(targets, cut={year: min(1.0, max(0.0, cut + points)) for year, cut in targets.cut.items()})


def _as_stated(future: Future) -> bool:
    return replace(future, name=AS_STATED.name, weight=AS_STATED.weight) == AS_STATED


def changes(plan: Told, scenario: Scenario, *, planner: Planner) -> pl.DataFrame:
    """Return what each change does to a plan, the one that moves most first.

    Parameters
    ----------
    plan
        The plan of the scenario.
    scenario
        The scenario.
    planner
        Plans a changed scenario.

    Returns
    -------
    polars.DataFrame
        change, possible (whether a plan holds everything), more_musd (present value), more_t (well to wake, all years),
        fuel_moved_share (energy that is of another fuel, of all), ships_moved_share (ship-years of another family).
    """
    rows = []
    for words, changed, future in variations(scenario):
        other = planner(changed, future)
        row: dict[str, float | str | bool | None] = {"change": words, "possible": other is not None}
        if other is not None:
            row |= {
                "more_musd": other.cost_musd - plan.cost_musd,
                "more_t": other.emissions_t - plan.emissions_t,
                "fuel_moved_share": moved(plan.fuel, other.fuel, "fuel", "energy_tj"),
                "ships_moved_share": moved(plan.ships, other.ships, "family", "ships"),
            }
        rows.append(row)
    schema = {"change": pl.String, "possible": pl.Boolean, "more_musd": pl.Float64, "more_t": pl.Float64,
              "fuel_moved_share": pl.Float64, "ships_moved_share": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").sort(
        pl.max_horizontal("fuel_moved_share", "ships_moved_share"), "change", descending=[True, False], nulls_last=False
    )


def moved(before: pl.DataFrame, after: pl.DataFrame, key: str, amount: str) -> float:
    """Return the share of an amount that is under another key in another plan, year by year, whatever their totals.

    Examples
    --------
    >>> before = pl.DataFrame({"year": [2030, 2030], "fuel": ["oil", "methanol"], "energy_tj": [3.0, 1.0]})
    >>> after = pl.DataFrame({"year": [2030, 2030], "fuel": ["oil", "methanol"], "energy_tj": [2.0, 2.0]})
    >>> moved(before, after, "fuel", "energy_tj")
    0.25
    """

    def shares(frame: pl.DataFrame) -> pl.DataFrame:
        summed = frame.group_by("year", key, maintain_order=True).agg(pl.col(amount).sum())
        return summed.with_columns(share=pl.col(amount) / pl.col(amount).sum().over("year")).select(
            "year", key, "share"
        )

    both = shares(before).join(shares(after), on=["year", key], how="full", coalesce=True, suffix="_after")
    both = both.with_columns(pl.col("share", "share_after").fill_null(0.0))
    weight = before.group_by("year", maintain_order=True).agg(weight=pl.col(amount).sum() / before[amount].sum())
    gained = (pl.col("share_after") - pl.col("share")).clip(lower_bound=0.0)
    by_year = both.group_by("year", maintain_order=True).agg(gained.sum().alias("moved")).join(weight, on="year")
    return float((by_year["moved"] * by_year["weight"]).sum())
