"""Put the views of all periods into the templates."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sisterport.reference import used, value
from sisterport.site import activity as act
from sisterport.site import ashore, ashore_shown, chartmap, digits, emitted, seen, ships, summary
from sisterport.site import worked as worked_example
from sisterport.site.scene import Scene
from sisterport.site.tabulate import Column, Table, tabulate

if TYPE_CHECKING:
    from sisterport.inventory import Explanation
    from sisterport.site.report import Period, Provenance

FILTERS = ("counted", "duration", "moment", "number", "percent", "plain", "significant", "with_unit")


@cache
def environment() -> Environment:
    """Return the templates: everything is escaped, an unknown name is an error."""
    found = Environment(
        loader=PackageLoader("sisterport.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {name: getattr(digits, name) for name in FILTERS}
    return found


def render(
    *,
    title: str,
    periods: Sequence["Period"],
    provenance: "Provenance",
    other_sources: pl.DataFrame | None,
    worked: tuple[str, "Explanation"] | None,
    made_utc: datetime | None,
) -> str:
    """Return the text of the report."""
    parts = [part(f"p{i}", period) for i, period in enumerate(periods, 1)]
    style = files("sisterport.site").joinpath("templates", "style.css").read_text(encoding="utf-8")
    return (
        environment()
        .get_template("report.html")
        .render(
            title=title,
            parts=parts,
            banded=any(period.bands for period in periods),
            synthetic=any(period.synthetic for period in periods),
            made=made_utc,
            style=Markup(style),  # noqa: S704 - our own file
            methods=methods(periods),
            tables=reference_tables(with_ashore(provenance.tables, parts)),
            inputs=input_files(provenance.inputs),
            versions=provenance.versions,
            worked=worked_example.worked(*worked) if worked else None,
            others=other_table(other_sources),
            value=value,
        )
    )


def part(key: str, period: "Period") -> dict[str, Any]:
    """Return everything that the part of one period shows."""
    found = act.activity(period.segments, period.emissions, period.ships, period.areas)
    scene = Scene(key=key, period=period, found=found)
    return {
        "key": key,
        "fitness": _fitness(period.method),
        "hole_h": float(period.method.get("hole_h") or value("hole_h")),
        "period": period,
        "hours": scene.hours,
        "headline": summary.headline(scene),
        "figures": summary.key_figures(scene),
        "seen": seen.seen(scene),
        "maps": maps(scene),
        "emitted": emitted.emitted(scene),
        "unknown": emitted.unknown(scene),
        "leaders": ships.leaders(scene),
        "berth": ships.berth(scene),
        "ashore": ashore_shown.section(scene),
        "calls": ships.calls(scene),
    }


def _fitness(method: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return name and fitness of a method, if it says what it is fit for."""
    fitness = str(method.get("fitness") or "").rstrip(".")
    return (str(method.get("title") or method.get("name")), fitness) if fitness else None


def maps(scene: Scene) -> list[chartmap.Drawing]:
    """Return the map of the domain, and one of its core if most emissions fall on a small part of it."""
    period = scene.period
    whole = chartmap.extent_of(period.domain).grown(0.02)
    views = [("map", f"Emissions in {period.domain_name}", whole)]
    core = chartmap.core(period.cells)
    if core is not None and _surface(core) < 0.5 * _surface(whole):
        views.append(("core", "The part of the domain where four fifths of the emissions fall", core))
    ranked = act.tally(scene.found, ["place", "place_kind"]).filter(
        pl.col("place_kind").is_in(["terminal", "anchorage", "berth"])
    )
    order = ["co2e_ttw_t", "hours", "place"]
    named = ranked.sort(order, descending=[True, True, False], nulls_last=True)["place"].to_list()
    return [
        chartmap.draw(
            name=f"{scene.key}-{name}",
            title=title,
            extent=extent,
            domain=period.domain,
            areas=period.areas,
            cells=period.cells,
            density=period.density,
            named=named[:14],
        )
        for name, title, extent in views
    ]


def _surface(extent: chartmap.Extent) -> float:
    return (extent.east - extent.west) * (extent.north - extent.south)


def methods(periods: Sequence["Period"]) -> list[dict[str, Any]]:
    """Return the choices of the method, once for periods that share them."""
    found: list[dict[str, Any]] = []
    for period in periods:
        own = _method(period)
        same = next((m for m in found if (m["choices"], m["options"]) == (own["choices"], own["options"])), None)
        if same:
            same["names"].append(period.name)
        else:
            found.append(own)
    return found


def _method(period: "Period") -> dict[str, Any]:
    labels = {
        "title": "Method",
        "name": "Method code",
        "fitness": "Made for",
        "law": "Load law",
        "mode_rules": "Mode rules",
        "gwp": "Warming potentials",
        "year": "Year of factors",
    }
    choices = [(words, str(period.method[key])) for key, words in labels.items() if period.method.get(key)]
    rows = [{k: str(v) for k, v in row.items()} for row in _options(period.method.get("options"))]
    frame = pl.DataFrame(rows, schema={"option": pl.String, "value": pl.String, "reference": pl.String})
    columns = [Column(key=k, label=k.capitalize(), kind="text") for k in frame.columns]
    options = tabulate(frame, columns, caption="Options of the method")
    lists = {key: list(period.method.get(key) or ()) for key in ("notes", "references")}
    return {"names": [period.name], "choices": choices, "options": options, **lists}


def _options(given: Any) -> list[Mapping[str, Any]]:
    """Take rows of option, value, reference; or a plain mapping of values, or of (value, reference)."""
    if not isinstance(given, Mapping):
        return list(given or [])
    pairs = ((k, v if isinstance(v, tuple | list) and len(v) == 2 else (v, "")) for k, v in given.items())
    return [{"option": k, "value": v, "reference": reference} for k, (v, reference) in pairs]


def with_ashore(tables: pl.DataFrame, parts: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return the reference tables with those that the sections on shore power read."""
    if not any(part["ashore"]["ships"] for part in parts):
        return tables
    more = used().filter(pl.col("name").is_in(ashore.TABLES)).join(tables, on="name", how="anti")
    return pl.concat([tables, more.cast({c: tables.schema[c] for c in tables.columns})], how="vertical").sort("name")


def reference_tables(frame: pl.DataFrame) -> Table:
    """Return the list of reference tables with the status of their rows."""
    columns = [
        Column(key="name", label="Table", kind="text"),
        Column(key="title", label="What it holds", kind="text"),
        Column(key="source", label="Source", kind="text"),
        *(Column(key=k, label=k.capitalize(), kind="count") for k in ("checked", "secondary", "unverified")),
    ]
    return tabulate(frame, columns, caption="Reference tables used, and the number of rows by status")


def input_files(frame: pl.DataFrame) -> Table:
    """Return the list of input files with their hashes."""
    columns = [
        Column(key="file", label="File", kind="text"),
        Column(key="bytes", label="Size", unit="kB", factor=1e-3, kind="count"),
        Column(key="sha256", label="SHA-256", kind="digest"),
    ]
    return tabulate(frame, columns, caption="Input files")


def other_table(frame: pl.DataFrame | None) -> Table | None:
    """Return the other sources of the port, if any are given."""
    if frame is None or frame.is_empty():
        return None
    columns = [
        Column(key="source", label="Source", kind="text"),
        Column(key="year", label="Year", kind="text"),
        Column(key="co2e_t", label="CO₂e", unit="t"),
        Column(key="nox_t", label="NOₓ", unit="t"),
        Column(key="pm25_t", label="PM₂.₅", unit="t"),
        Column(key="reference", label="Reference", kind="text"),
    ]
    words = pl.col("source").str.replace_all("_", " ").str.to_titlecase()
    return tabulate(
        frame.with_columns(words), columns, caption="Other sources of the port, as given; not added to ships"
    )
