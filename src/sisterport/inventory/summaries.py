"""Sums of an inventory by any keys, with what could not be estimated beside them."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import MethodError, choose
from sisterport.inventory.quality import GRADES, input_quality

_ROW_KEYS = ("system", "fuel")
_SEGMENT_KEYS = (
    "mode",
    "mode_basis",
    "area_id",
    "locode",
    "date",
    "month",
    "year",
    "zone_id",
    "quality",
    "in_domain",
    "mmsi",
    "segment_id",
    "terminal",
    "cell",
)
_SHIP_KEYS = ("ship_class", "group", "size_bin", "name", "imo", "engine_type", "nox_tier")
_AMOUNTS = [name for name, column in tables.schema("emissions").items() if column.unit in {"kWh", "t", "kg"}]

KEYS = (*_ROW_KEYS, *_SEGMENT_KEYS, *_SHIP_KEYS)
"""What a summary can be made by."""


def summarise(emissions: Any, segments: Any, ships: Any, *, by: Sequence[str] = ("mode",), areas: Any = None) -> Any:
    """Return sums of an inventory by keys.

    Parameters
    ----------
    emissions, segments, ships
        Frames of those tables; every emission row needs its segment.
    by
        Keys from `KEYS`; none gives the total. ``cell`` stands for ``cell_lat, cell_lon``.
    areas
        Frame of the table ``areas``, for the key ``terminal``: the terminal that an area is or lies in.

    Returns
    -------
    frame, one row per group, sorted by the keys
        ``ships`` (different ones); ``hours`` and ``distance_nm`` of the segments in the group, each once;
        ``hours_not_estimated``: hours of segments with a row whose energy or fuel is null; the sums of all
        amounts of the emissions table: null where the group has no value at all, else the sum of what is
        known; ``energy_share_register, ..._unverified, ..._regression, ..._class_average, ..._unknown``: shares of
        by the grade of the ship's particulars (see `input_quality`). By ``system`` or ``fuel`` the hours of
        groups overlap.

    Raises
    ------
    MethodError
        Unknown key, a key twice, or ``terminal`` without areas.
    SchemaError
        Frames that do not fit.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> summarise(empty("emissions"), empty("segments"), empty("ships"), by=["mode"]).columns[:4]
    ['mode', 'ships', 'hours', 'distance_nm']
    """
    caller = tables.Caller(emissions)
    by = [by] if isinstance(by, str) else by
    for key in by:
        choose("key", key, KEYS)
    if len(set(by)) != len(by):
        raise MethodError(f"a key stands twice in {list(by)}")
    keys = [column for key in by for column in (("cell_lat", "cell_lon") if key == "cell" else (key,))]
    rows = joined_rows(emissions, segments, ships, by, areas)
    of_rows = [name for name in keys if name in _ROW_KEYS]
    amounts = rows.group_by(keys or [pl.lit(0).alias("_all")], maintain_order=True).agg(
        *(known_sum(name).alias(name) for name in _AMOUNTS), *_shares()
    )
    per_segment = rows.group_by("segment_id", *of_rows, maintain_order=True).agg(
        *(pl.col(name).first() for name in {*keys, "mmsi", "hours", "distance_nm"} - {*of_rows, "segment_id"}),
        (pl.col("energy_kwh").is_null() | pl.col("fuel_t").is_null()).any().alias("missing"),
    )
    times = per_segment.group_by(keys or [pl.lit(0).alias("_all")], maintain_order=True).agg(
        pl.col("mmsi").n_unique().cast(pl.Int64).alias("ships"),
        pl.col("hours").sum(),
        pl.col("distance_nm").sum(),
        pl.col("hours").filter(pl.col("missing")).sum().alias("hours_not_estimated"),
    )
    on = keys or ["_all"]
    joined = times.join(amounts, on=on, how="left", nulls_equal=True, maintain_order="left").sort(on, nulls_last=True)
    return caller.back(joined if keys else joined.drop("_all"))


def known_sum(name: str) -> pl.Expr:
    """Return the sum of what is known; null where nothing is, or only that engines were off."""
    known = pl.col(name).sum()
    nothing = (pl.col(name).count() == 0) | ((pl.col(name).null_count() > 0) & (known == 0))
    return pl.when(~nothing).then(known)


def _shares() -> list[pl.Expr]:
    energy = pl.col("energy_kwh")
    total = energy.sum()
    return [
        pl.when(total > 0)
        .then(energy.filter(pl.col("particulars") == name).sum() / total)
        .alias(f"energy_share_{name}")
        for name in GRADES
    ]


def joined_rows(emissions: Any, segments: Any, ships: Any, by: Sequence[str], areas: Any) -> pl.DataFrame:
    """Return the emission rows with everything that a key or a sum needs."""
    rows = tables.check(emissions, "emissions")
    parts = tables.check(segments, "segments").with_columns(
        pl.col("date").dt.truncate("1mo").alias("month"),
        pl.col("date").dt.year().cast(pl.Int64).alias("year"),
    )
    lost = rows.join(parts, on="segment_id", how="anti", maintain_order="left")
    if lost.height:
        raise MethodError(f"{lost.height} emission rows have no segment, first: segment_id {lost['segment_id'][0]}")
    if "terminal" in by:
        parts = parts.join(_terminals(areas), on="area_id", how="left", maintain_order="left")
    fleet = tables.check(ships, "ships").select("mmsi", *_SHIP_KEYS)
    particulars = tables.to_polars(input_quality(segments, ships)).select("segment_id", "particulars")
    known = parts.join(fleet, on="mmsi", how="left", maintain_order="left").join(
        particulars, on="segment_id", how="left", maintain_order="left"
    )
    wanted = [key for key in by if key not in _ROW_KEYS and key != "cell"]
    cells = ["cell_lat", "cell_lon"] if "cell" in by else []
    columns = list(dict.fromkeys(["segment_id", "mmsi", "hours", "distance_nm", "particulars", *wanted, *cells]))
    return rows.join(known.select(columns), on="segment_id", how="left", maintain_order="left")


def _terminals(areas: Any) -> pl.DataFrame:
    """Return ``area_id, terminal``: an area that is a terminal, or the nearest one above it."""
    if areas is None:
        raise MethodError("the key 'terminal' needs the areas: summarise(..., areas=frame)")
    table = tables.check(areas, "areas")
    parent = dict(table.select("area_id", "parent").iter_rows())
    kind = dict(table.select("area_id", "kind").iter_rows())

    def terminal(area: str | None) -> str | None:
        seen: set[str] = set()
        while area is not None and kind.get(area) != "terminal" and area not in seen:
            seen.add(area)
            area = parent.get(area)
        return area if kind.get(area or "") == "terminal" else None

    return pl.DataFrame(
        {"area_id": list(parent), "terminal": [terminal(area) for area in parent]},
        schema={"area_id": pl.String, "terminal": pl.String},
    )
