"""Bands of a run: beside the sums of its tables, and by what the report breaks down."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from sisterport.inventory import bands, summarise
from sisterport.inventory.uncertainty import AMOUNTS
from sisterport.project.config import MethodConfig
from sisterport.site import Period
from sisterport.site.activity import STOPPED_NOWHERE, places

DRAWS = MethodConfig().draws
"""Draws where a project asks for none and a reader does."""

_REPORT = {
    "group": ["group"],
    "mode": ["group", "mode"],
    "ship_class": ["group", "ship_class"],
    "place": ["group", "area_id"],
    "date": ["group", "date"],
    "system": ["group", "mode", "system"],
}
_ENDS = ("low", "high", "bias")


def banded_summary(period: Period, *, by: Sequence[str], areas: pl.DataFrame, method: MethodConfig) -> pl.DataFrame:
    """Return `sisterport.inventory.summarise` of a period with the bands of some amounts, if the project has any."""
    frames = (period.emissions, period.segments, period.ships)
    plain: pl.DataFrame = summarise(*frames, by=by, areas=areas)
    if not method.draws:
        return plain
    drawn = bands(*frames, by=by, areas=areas, draws=method.draws, seed=method.seed, gwp=method.gwp)
    ends = drawn.select(f"{name}_{end}" for name in AMOUNTS for end in _ENDS)
    return plain.hstack(ends)  # both have the same groups in the same order


def report_bands(
    emissions: pl.DataFrame,
    segments: pl.DataFrame,
    ships: pl.DataFrame,
    areas: Mapping[str, Any],
    method: MethodConfig,
) -> dict[str, pl.DataFrame]:
    """Return the bands that the report shows; nothing if the project asks for no draws."""
    if not method.draws:
        return {}
    options: dict[str, Any] = {"draws": method.draws, "seed": method.seed, "gwp": method.gwp}
    amounts = ("energy_kwh", "co2e_ttw_t", "nox_kg")
    placed = _by_place(segments, areas)
    found = {
        key: bands(emissions, placed if key == "place" else segments, ships, by=by, amounts=amounts, **options)
        for key, by in _REPORT.items()
    }
    found["place"] = found["place"].rename({"area_id": "place"})
    found["system"] = found["system"].filter(mode="berth").drop("mode")
    return found


def _by_place(segments: pl.DataFrame, areas: Mapping[str, Any]) -> pl.DataFrame:
    """Return segments that carry the name of the place that the report shows instead of their area."""
    named = segments.join(places(areas).select("area_id", "place"), on="area_id", how="left", maintain_order="left")
    return named.with_columns(area_id=pl.col("place").fill_null(STOPPED_NOWHERE)).drop("place")


def ends_of(found: Mapping[str, pl.DataFrame], group: str) -> dict[str, float | None]:
    """Return the ends of the bands of a group of ships."""
    if "group" not in found:
        return {}
    rows = found["group"].filter(group=group)
    names = [f"{name}_{end}" for name in ("co2e_ttw_t", "nox_kg") for end in _ENDS]
    return dict(rows.select(names).row(0, named=True)) if rows.height else dict.fromkeys(names)
