"""The page of two plans side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from sisterport.corridor.answers_frames import Told
from sisterport.corridor.scenario import Scenario
from sisterport.site import corridor_charts as drawn
from sisterport.site.charts import AMBER, NAVY
from sisterport.site.corridor_words import fuel_colours
from sisterport.site.digits import MISSING, number, percent, significant, with_unit
from sisterport.site.parts import Content, Number, Section, picture
from sisterport.site.rules_charts import PLOT, form, years
from sisterport.site.tabulate import Column, tabulate

TABLE = "The numbers are in the table below."
WORDS = {
    "cost_musd": "Cost over all years, present value",
    "today_cost_musd": "Cost of today's way",
    "more_musd": "More than today's way",
    "emissions_t": "Emissions over all years, well to wake",
    "avoided_t": "Avoided beside today's way",
    "usd_per_t": "A tonne avoided, levelised",
    "usd_per_teu": "A TEU carried costs more, levelised",
    "co2e_wtw_t_last_year": "Emissions of the last year",
    "green_share_last_year": "Green energy in the last year",
    "ships_ordered": "Ships ordered",
    "ships_ordered_new_fuel": "Of them for new fuels",
    "openings": "Openings in ports",
    "gap": "Proven gap",
}
"""Compared numbers in words."""
_COUNTS = ("ships_ordered", "ships_ordered_new_fuel", "openings")
_SHARES = ("green_share_last_year", "gap")
_MOST_KEYS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two plans."""

    name: str
    scenario: Scenario
    told: Told
    summary: Mapping[str, Any]


def page(
    left: Side, right: Side, tables: Mapping[str, pl.DataFrame], proven: tuple[float, float] | None = None
) -> Content:
    """Return the page.

    Parameters
    ----------
    left, right
        The plans.
    tables
        Of `sisterport.project.corridor_compare.compare_files`: figures, years, fuel, orders, payers, scenarios.
    proven
        Between what the best plans of both can differ.
    """
    figures = {row["figure"]: row for row in tables["figures"].iter_rows(named=True)}
    less = f"Difference: {right.name} less {left.name}."
    cost, air = figures["cost_musd"], figures["emissions_t"]
    return Content(
        kind=f"{left.scenario.name}: two plans",
        lead=(
            f"\u201c{right.name}\u201d {_word(cost['difference'], 'costs', 'MUSD')} and "
            f"{_word(air['difference'] / 1e3, 'emits', 'kt CO₂e')} than \u201c{left.name}\u201d over all years. The "
            f"scenarios differ in {tables['scenarios'].height} values."
        ),
        numbers=[
            Number(WORDS[key].split(",")[0], _shown(key, figures[key]["difference"]), less)
            for key in ("cost_musd", "emissions_t", "usd_per_t", "ships_ordered")
        ],
        reserve=[proven_words(proven, right.summary["objective"])],
        sections=[part(left, right, tables) for part in (_figures, _years, _ships, _payers, _scenarios)],
    )


def proven_words(proven: tuple[float, float] | None, objective: str) -> str:
    """Say between what the best plans of both sides differ, whatever plans nobody has found yet.

    Examples
    --------
    >>> proven_words((3.0, 12.0), "cost").replace("\u202f", " ")
    'The best plans of both can differ by 3.00 to 12.0 MUSD: which of them is less is proven.'
    """
    if proven is None:
        return "The plans have different aims or budgets: what differs is not only the scenarios."
    unit, scale = ("MUSD", 1.0) if objective == "cost" else ("kt", 1e-3)
    low, high = (significant(value * scale) for value in proven)
    if proven[0] <= 0 <= proven[1]:
        which = "which is dearer is not proven" if objective == "cost" else "which emits less is not proven"
    else:
        which = "which of them is less is proven"
    return f"The best plans of both can differ by {low} to {high}\u202f{unit}: {which}."


def _word(difference: float, verb: str, unit: str) -> str:
    if abs(difference) < 1e-6:
        return f"{verb} the same"
    return f"{verb} {with_unit(abs(difference), unit)} {'more' if difference > 0 else 'less'}"


def _shown(key: str, value: float | None) -> str:
    if value is None:
        return MISSING
    if key in _SHARES:
        return percent(value) if key != "gap" else f"{100 * value:.2f}\u202f%"
    if key in _COUNTS:
        return number(value)
    large = 1e-3 if key in {"emissions_t", "avoided_t", "co2e_wtw_t_last_year"} else 1.0
    unit = {
        "cost_musd": "MUSD",
        "today_cost_musd": "MUSD",
        "more_musd": "MUSD",
        "usd_per_t": "USD",
        "usd_per_teu": "USD",
    }
    text = significant(value * large)
    return f"{text}\u202fkt" if large != 1.0 else f"{text}\u202f{unit[key]}" if key in unit else text


def _figures(left: Side, right: Side, tables: Mapping[str, pl.DataFrame]) -> Section:
    rows = [
        (WORDS[row["figure"]], *(_shown(row["figure"], row[side]) for side in ("left", "right", "difference")))
        for row in tables["figures"].iter_rows(named=True)
    ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("figure", "left", "right", "difference"), pl.String), orient="row")
    columns = [
        Column(key="figure", label="", kind="text"),
        *_sides(left, right, "{}", kind="text"),
        Column(key="difference", label="Difference", kind="text"),
    ]
    return Section(
        key="figures", title="The plans in numbers", parts=[tabulate(frame, columns, caption="Side by side")]
    )


def _sides(left: Side, right: Side, key: str, **more: Any) -> list[Column]:
    """Return the columns of both sides; ``{}`` in the key stands for the side."""
    return [
        Column(key=key.format(side), label=name, **more) for side, name in (("left", left.name), ("right", right.name))
    ]


def _years(left: Side, right: Side, tables: Mapping[str, pl.DataFrame]) -> Section:
    rows = tables["years"]
    lines = pl.concat(
        [
            rows.select("year", series=pl.lit(name), value=pl.col(f"co2e_wtw_t_{side}") / 1e3)
            for side, name in (("left", left.name), ("right", right.name))
        ]
    ).drop_nulls("value")
    fuels = {fuel.id: fuel for side in (left, right) for fuel in side.scenario.fuels}
    colours = fuel_colours(fuels.values())
    burnt = pl.concat([_fuel(side).with_columns(side=pl.lit(side.name)) for side in (left, right)])
    most = float(burnt.group_by("year", "side", maintain_order=True).agg(pl.col("value").sum())["value"].max() or 0.0)  # type: ignore[arg-type]
    pictures = [
        picture(
            f"compare-fuels-{key}", f"Fuel burnt by year: {side.name}",
            _scaled(drawn.stacked(_fuel(side), title="PJ", colours=colours, height=150), most), says=TABLE,
        )
        for key, side in (("left", left), ("right", right))
    ]  # fmt: skip
    columns = [
        Column(key="year", label="Year", kind="text"),
        *(
            Column(key=f"{key}_{side}", label=f"{label}: {name}", unit=unit, factor=factor, kind=kind)
            for key, label, unit, factor, kind in (
                ("co2e_wtw_t", "CO₂e", "kt", 1e-3, "number"),
                ("cost_musd", "Cost", "MUSD", 1.0, "number"),
                ("green_share", "Green", "", 1.0, "share"),
            )
            for side, name in (("left", left.name), ("right", right.name))
        ),
    ]
    return Section(
        key="years",
        title="Over the years",
        parts=[
            picture(
                "compare-emissions",
                "Emissions by year, well to wake",
                _lines(lines, [left.name, right.name]),
                says=TABLE,
            ),
            *pictures,
            tabulate(rows, columns, caption="The years side by side"),
        ],
    )


def _fuel(side: Side) -> pl.DataFrame:
    rows = side.told.fuel.group_by("year", "fuel", maintain_order=True).agg(pl.col("energy_tj").sum())
    return rows.select("year", series="fuel", value=pl.col("energy_tj") / 1e3)


def _scaled(spec: dict[str, Any], most: float) -> dict[str, Any]:
    """Return a chart with the axis of both."""
    spec["encoding"]["y"]["scale"] = {"domain": [0, most], "nice": True}
    return spec


def _lines(rows: pl.DataFrame, names: list[str]) -> dict[str, Any]:
    return {
        "width": PLOT,
        "height": 190,
        "data": {"values": rows.to_dicts()},
        "mark": {"type": "line", "strokeWidth": 2.4, "point": {"size": 22, "filled": True}},
        "encoding": {
            "x": years(rows),
            "y": {
                "field": "value",
                "type": "quantitative",
                "axis": {"title": "kt CO₂e", "tickCount": 5, "format": form(rows["value"])},
                "scale": {"zero": True},
            },
            "color": {
                "field": "series",
                "type": "nominal",
                "scale": {"domain": names, "range": [NAVY, AMBER]},
                "legend": {"symbolType": "stroke", "symbolStrokeWidth": 2.5},
            },
        },
    }


def _ships(left: Side, right: Side, tables: Mapping[str, pl.DataFrame]) -> Section:
    columns = [
        Column(key="year", label="Year", kind="text"),
        Column(key="family", label="For", kind="text"),
        *_sides(left, right, "ships_{}", kind="count"),
    ]
    opened = [
        f"{side.name}: {row['year']} {row['port']} opens {row['opened']}"
        for side in (left, right)
        for row in side.told.openings.iter_rows(named=True)
    ]
    return Section(
        key="ships",
        title="Ships and ports",
        parts=[
            tabulate(tables["orders"], columns, caption="Ships ordered by year and family", empty="No ship is ordered.")
        ],
        points=opened or ["Neither plan opens anything in a port."],
    )


def _payers(left: Side, right: Side, tables: Mapping[str, pl.DataFrame]) -> Section:
    columns = [Column(key="payer", label="Who", kind="text"), *_sides(left, right, "present_musd_{}", unit="MUSD")]
    return Section(
        key="payers",
        title="Who pays",
        parts=[tabulate(tables["payers"], columns, caption="What each pays over all years, present value")],
    )


def _scenarios(left: Side, right: Side, tables: Mapping[str, pl.DataFrame]) -> Section:
    rows = tables["scenarios"]
    columns = [Column(key="place", label="Value", kind="text"), *_sides(left, right, "{}", kind="text")]
    over = rows.height - _MOST_KEYS
    return Section(
        key="scenarios",
        title="What the scenarios hold differently",
        parts=[
            tabulate(
                rows.head(_MOST_KEYS), columns, caption="Values of the two files; a dash: not in the file",
                empty="The two files hold the same.",
                notes=[f"{over} more are in the table compare_scenarios."] if over > 0 else (),
            )
        ],
    )  # fmt: skip
