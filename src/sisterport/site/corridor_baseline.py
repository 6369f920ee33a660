"""The page of a corridor's baseline: what its ships need and emit in a year, by leg and port, boundary printed."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from sisterport.corridor.baseline import totals
from sisterport.corridor.boundary import MEANING
from sisterport.corridor.scenario import Scenario
from sisterport.site import charts
from sisterport.site.corridor_map import flow_map
from sisterport.site.corridor_parts import boundary_words, passport
from sisterport.site.corridor_words import BASES, ends_of, place_name
from sisterport.site.digits import percent, with_unit
from sisterport.site.parts import Content, Number, Section, amount, picture
from sisterport.site.tabulate import Column, tabulate

TABLE = "The numbers are in the table below."
MOST = 24
"""Places that the picture draws: beyond them nobody reads it."""
KINDS = {"leg": "Legs", "berth": "Stays in port"}
KIND_COLOURS = {"Legs": charts.NAVY, "Stays in port": charts.AMBER}
_AMOUNTS = [
    Column(key="trips_per_year", label="Trips", unit="1/year", most=0),
    Column(key="distance_nm_per_year", label="Distance", unit="1000 nm", factor=1e-3),
    Column(key="energy_gj_per_year", label="Energy", unit="TJ", factor=1e-3),
    Column(key="fuel_t_per_year", label="Fuel", unit="kt", factor=1e-3),
    Column(key="co2e_ttw_t_per_year", label="CO₂e TtW", unit="kt", factor=1e-3),
    Column(key="co2e_wtw_t_per_year", label="CO₂e WtW", unit="kt", factor=1e-3),
    Column(key="wtw_g_per_teu_nm", label="WtW", unit="g/TEU nm"),
]


def page(
    rows: pl.DataFrame,
    *,
    scenario: Scenario,
    others: Mapping[str, pl.DataFrame],
    left_out: pl.DataFrame | None = None,
) -> Content:
    """Return the page.

    Parameters
    ----------
    rows
        Table ``corridor_baseline`` with one boundary.
    scenario
        The scenario.
    others
        Baselines within the other boundaries that can be told, by boundary.
    left_out
        Of AIS: what is on no leg or stay of the boundary.
    """
    whole = totals(rows).row(0, named=True)
    boundary, basis = whole["boundary"], whole["basis"]
    return Content(
        kind=f"Baseline of the corridor {scenario.name}",
        lead=(
            f"In a year the ships between {ends_of(scenario)} emit {_kt(whole['co2e_wtw_t_per_year'])} of CO₂e from "
            f"well to wake, {_kt(whole['co2e_ttw_t_per_year'])} of it from their funnels. {boundary_words(boundary)} "
            f"Told {BASES[basis]}."
        ),
        numbers=[
            Number("Well to wake", _kt(whole["co2e_wtw_t_per_year"]), f"CO₂e a year; boundary {boundary}."),
            Number("Tank to wake", _kt(whole["co2e_ttw_t_per_year"]), f"CO₂e a year; boundary {boundary}."),
            Number("Energy", _tj(whole["energy_gj_per_year"]), f"Of fuel, a year; boundary {boundary}."),
            Number("Fuel", amount(whole["fuel_t_per_year"], "t"), f"A year; boundary {boundary}."),
            Number(
                "Of transport",
                with_unit(whole["wtw_g_per_teu_nm"], "g"),
                "CO₂e per TEU and nautical mile, well to wake.",
            ),
        ],
        reserve=_reserve(scenario, basis, whole),
        sections=[
            _boundaries(rows, others),
            _places(rows, scenario),
            _services(rows, scenario, basis),
            *([_unplaced(left_out)] if left_out is not None else []),
            passport(scenario),
        ],
    )


def _reserve(scenario: Scenario, basis: str, whole: Mapping[str, Any]) -> list[str]:
    if basis == "services":
        fuel = scenario.ships.burns
        return [
            (
                "Energy comes from timetables, sea routes, speed curves of ship classes and a margin of "
                f"{percent(scenario.ships.sea_margin)} for weather; all ships burn {fuel}. Shore power of today is not "
                "taken off."
            )
        ]
    hours, bridged, dark = (whole[f"hours{part}_per_year"] for part in ("", "_bridged", "_unknown"))
    return [
        (
            f"In {percent(bridged / hours if hours else None)} of the hours AIS did not see the ship: speed there is "
            f"distance over time. {percent(dark / hours if hours else None)} of the hours have no estimate and are not "
            "in the totals."
        )
    ]


def _boundaries(rows: pl.DataFrame, others: Mapping[str, pl.DataFrame]) -> Section:
    every = pl.concat([totals(rows), *(totals(other) for other in others.values())])
    order = list(MEANING)
    words = every.with_columns(
        words=pl.col("boundary").replace_strict(MEANING),
        rank=pl.col("boundary").replace_strict(order, range(len(order))),
    ).sort("rank")
    columns = [
        Column(key="boundary", label="Boundary", kind="text"),
        Column(key="words", label="What counts", kind="text"),
        *_AMOUNTS[2:],
    ]
    missing = [name for name in order if name not in every["boundary"].to_list()]
    notes = [f"Not known within {' and '.join(missing)}: what it needs is not in the data."] if missing else []
    return Section(
        key="boundary",
        title="What counts as the corridor",
        words=["The same ships give very different totals: two numbers are comparable only within the same boundary."],
        parts=[tabulate(words, columns, caption="Totals of a year by boundary", notes=notes)],
    )


def _places(rows: pl.DataFrame, scenario: Scenario) -> Section:
    by_place = totals(rows, by=["kind", "place"]).sort("co2e_wtw_t_per_year", descending=True, nulls_last=True)
    shown = by_place.with_columns(
        name=pl.col("place").map_elements(place_name, return_dtype=pl.String), what=pl.col("kind").replace(KINDS)
    )
    legs = by_place.filter(pl.col("kind") == "leg").drop_nulls("co2e_wtw_t_per_year")
    flows = {tuple(row["place"].split("-", 1)): row["co2e_wtw_t_per_year"] / 1e3 for row in legs.to_dicts()}
    drawn = shown.head(MOST).with_columns(pl.col("co2e_wtw_t_per_year") / 1e3)
    left = shown.height - drawn.height
    bars = charts.bars(
        drawn, category="name", series="what", value="co2e_wtw_t_per_year", colours=KIND_COLOURS,
        title="kt CO₂e a year, well to wake",
    )  # fmt: skip
    chart_map = flow_map(
        flows, name="baseline-map", title="Where the emissions of the legs arise", says=TABLE, unit="kt CO₂e a year",
        closed=scenario.closed,
    )  # fmt: skip
    columns = [Column(key="name", label="Leg or port", kind="text"), Column(key="what", label="What", kind="text")]
    total = {
        key: shown[key].sum()
        for key in ("energy_gj_per_year", "fuel_t_per_year", "co2e_ttw_t_per_year", "co2e_wtw_t_per_year")
    }
    boundary = rows["boundary"][0]
    return Section(
        key="places",
        title="By leg and port",
        words=[boundary_words(boundary)],
        parts=[
            chart_map,
            picture("baseline-places", "Emissions of a year by leg and port", bars, says=TABLE),
            tabulate(
                shown, [*columns, *_AMOUNTS], caption=f"A year by leg and port, boundary {boundary}",
                total={"name": "Sum"} | total,
                notes=[f"The picture leaves out {left} places with the least emissions."] if left > 0 else (),
            ),
        ],
    )  # fmt: skip


def _services(rows: pl.DataFrame, scenario: Scenario, basis: str) -> Section:
    by_service = totals(rows, by=["service"])
    known = {service.id: service for service in scenario.services}
    names = {key: f"{service.name}: {' - '.join(service.ports)}" for key, service in known.items()}
    shown = by_service.with_columns(
        name=pl.col("service").replace(names),
        ships=pl.col("service").replace_strict(
            {k: s.ships for k, s in known.items()}, default=None, return_dtype=pl.Int64
        ),
    )
    columns = [
        Column(key="name", label="Service" if basis == "services" else "Ship", kind="text"),
        *([Column(key="ships", label="Ships", kind="count")] if basis == "services" else []),
        *_AMOUNTS[1:],
    ]
    title = "By service" if basis == "services" else "By ship"
    return Section(
        key="services",
        title=title,
        parts=[
            tabulate(shown, columns, caption=f"A year {title[0].lower()}{title[1:]}, boundary {rows['boundary'][0]}")
        ],
    )


def _unplaced(left_out: pl.DataFrame) -> Section:
    columns = [
        Column(key="reason", label="Why", kind="text"),
        Column(key="segments", label="Segments", kind="count"),
        Column(key="hours", label="Ship hours", unit="h", most=1),
        Column(key="fuel_t", label="Fuel", unit="t"),
    ]
    return Section(
        key="left-out",
        title="What is not in it",
        parts=[tabulate(left_out, columns, caption="Of the inventory, in the time that was seen, not in the baseline")],
    )


def _kt(tonnes: float | None) -> str:
    return with_unit(None if tonnes is None else tonnes / 1e3, "kt")


def _tj(gj: float | None) -> str:
    return with_unit(None if gj is None else gj / 1e3, "TJ")
