"""The sections on single ships: those that emit most, those at berth, and their port calls."""

from typing import Any

import polars as pl

from sisterport.site import activity as act
from sisterport.site.digits import counted
from sisterport.site.scene import HOURS, OPEN, SHIPS, Scene, low, worded
from sisterport.site.tabulate import Column, Table, tabulate
from sisterport.site.words import GROUPS, KNOWN, known_how


def leaders(scene: Scene) -> list[Table]:
    """Return the ships that emit most, by group."""
    tables = []
    for group, first in (("ocean_going", 20), ("harbour_craft", 12)):
        rows = act.leaders(scene.found, scene.period.ships, group=group, first=first)
        total = act.whole(scene.found, group)["co2e_ttw_t"] or 1.0
        shown = rows.with_row_index("rank", 1).with_columns(
            **worded("ship_class"),
            name=_named(),
            size=_size(),
            share=pl.col("co2e_ttw_t") / total,
            power=_how("power_kw_source"),
            speed=_how("v_ref_kn_source"),
        )
        columns = [
            Column(key="rank", label="", kind="count"),
            Column(key="name", label="Ship", kind="text"),
            Column(key="ship_class", label="Class", kind="text"),
            Column(key="size", label="Size", kind="text"),
            HOURS,
            Column(key="co2e_ttw_t", label="CO₂e TtW", unit="t"),
            Column(key="share", label="of its group", kind="share"),
            Column(key="nox_kg", label="NOₓ", unit="kg"),
            Column(key="power", label="Power known from", kind="text"),
            Column(key="speed", label="Speed known from", kind="text"),
        ]
        tables.append(
            tabulate(
                shown,
                columns,
                caption=f"{GROUPS[group]} that emit most",
                empty=f"No {low(group)} with an estimate in this period.",
            )
        )
    return tables


def _named() -> pl.Expr:
    return pl.coalesce(pl.col("name"), pl.format("MMSI {}", pl.col("mmsi")))


def _size() -> pl.Expr:
    units = {"dwt_t": "t dwt", "teu": "TEU", "gt": "GT", "cargo_m3": "m³"}
    amount = pl.col("size").round(0).cast(pl.Int64).map_elements(_grouped, return_dtype=pl.String)
    return pl.format("{}\u202f{}", amount, pl.col("size_unit").replace(units))


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")


def _how(column: str) -> pl.Expr:
    words = pl.col(column).map_elements(known_how, return_dtype=pl.String, skip_nulls=False)
    return words.replace(KNOWN).str.to_lowercase().str.replace("ais", "AIS")


def berth(scene: Scene) -> list[Table]:
    """Return what ships at berth burn in auxiliary engines, by terminal: the case for shore power."""
    tables = []
    for group, first in (("ocean_going", None), ("harbour_craft", 12)):
        rows = act.at_berth(scene.found, group=group)
        sums = rows.select(*(act.known_sum(c) for c in rows.columns if rows[c].dtype.is_numeric() and c != "mean_kw"))
        total: dict[str, Any] = sums.row(0, named=True) if rows.height else {}
        if total:
            total["place"] = "All berths"
            total["ships"] = _ships_at_berth(scene.found, group)
            total["mean_kw"] = (
                total["energy_kwh"] / total["hours_known"] if total["energy_kwh"] and total["hours_known"] else None
            )
        if not rows["shore_kwh"].sum():
            rows = rows.drop("shore_kwh")
        kept = rows if first is None else rows.head(first)
        left = rows.height - kept.height
        tables.append(
            tabulate(
                kept,
                [
                    Column(key="place", label="Terminal or berth", kind="text"),
                    SHIPS,
                    HOURS,
                    OPEN,
                    Column(key="energy_kwh", label="Auxiliary energy", unit="MWh", factor=1e-3),
                    Column(key="shore_kwh", label="already from shore", unit="MWh", factor=1e-3),
                    Column(key="mean_kw", label="Mean per ship", unit="kW"),
                    Column(key="co2e_ttw_t", label="CO₂e TtW", unit="t"),
                    Column(key="nox_kg", label="NOₓ", unit="kg"),
                    Column(key="pm25_kg", label="PM₂.₅", unit="kg"),
                    Column(key="boiler_co2e_ttw_t", label="Boilers stay: CO₂e", unit="t"),
                ],
                caption=f"{GROUPS[group]} at berth with auxiliary engines running",
                total=total,
                notes=[
                    f"{counted(left, 'place')} with less energy not shown; the total includes them." if left else "",
                    "No connection to shore power was reported." if "shore_kwh" not in rows.columns else "",
                ],
                empty=f"No {low(group)} were at berth in this period.",
            )
        )
    return tables


def _ships_at_berth(found: act.Activity, group: str) -> int:
    return found.segments.filter(pl.col("group") == group, pl.col("mode") == "berth")["mmsi"].n_unique()


def calls(scene: Scene, first: int = 40) -> dict[str, Any]:
    """Return the port calls: counts by group, and the list of the ocean-going ships' calls."""
    period = scene.period
    ship = period.ships.select("mmsi", "name", "group", "ship_class")
    stops = period.stops.group_by("call_id", maintain_order=True).agg(stops=pl.len().cast(pl.Int64))
    rows = (
        period.calls.join(ship, on="mmsi", how="left", maintain_order="left")
        .join(stops, on="call_id", how="left", maintain_order="left")
        .with_columns(pl.col("group").fill_null("unknown"), pl.col("stops").fill_null(0), name=_named())
    )
    by_group = (
        rows.group_by("group", maintain_order=True)
        .agg(
            calls=pl.len().cast(pl.Int64),
            ships=pl.col("mmsi").n_unique().cast(pl.Int64),
            arrivals=pl.col("arrival_seen").sum().cast(pl.Int64),
            departures=pl.col("departure_seen").sum().cast(pl.Int64),
            stops=pl.col("stops").sum(),
            shifts=pl.col("shifts").sum(),
            hours=pl.col("hours").sum(),
            hours_hole=pl.col("hours_hole").sum(),
        )
        .sort(pl.col("group").replace_strict({g: i for i, g in enumerate(GROUPS)}, default=9))
        .with_columns(**worded("group"))
    )
    counts = tabulate(
        by_group,
        [
            Column(key="group", label="Group", kind="text"),
            Column(key="calls", label="Calls", kind="count"),
            SHIPS,
            Column(key="arrivals", label="Arrival seen", kind="count"),
            Column(key="departures", label="Departure seen", kind="count"),
            Column(key="stops", label="Stops", kind="count"),
            Column(key="shifts", label="Shifts", kind="count"),
            Column(key="hours", label="Hours in port", unit="h", most=1),
            Column(key="hours_hole", label="in holes", unit="h", most=1),
        ],
        caption="Port calls by group",
        empty="No port call was found in this period.",
    )
    listed = rows.filter(pl.col("group") == "ocean_going").sort("arrival_utc", "mmsi")
    left = max(0, listed.height - first)
    table = tabulate(
        listed.head(first),
        [
            Column(key="name", label="Ship", kind="text"),
            Column(key="arrival_utc", label="Arrival (UTC)", kind="time"),
            Column(key="arrival_seen", label="seen", kind="flag"),
            Column(key="departure_utc", label="Departure (UTC)", kind="time"),
            Column(key="departure_seen", label="seen", kind="flag"),
            Column(key="hours", label="In port", unit="h", most=1),
            Column(key="hours_berth", label="at berth", unit="h", most=1),
            Column(key="hours_anchorage", label="at anchor", unit="h", most=1),
            Column(key="hours_hole", label="in holes", unit="h", most=1),
            Column(key="stops", label="Stops", kind="count"),
            Column(key="shifts", label="Shifts", kind="count"),
        ],
        caption="Port calls of ocean-going ships",
        notes=[f"{counted(left, 'more call')} not shown." if left else ""],
        empty="No port call of an ocean-going ship was found in this period.",
    )
    return {"counts": counts, "list": table}
