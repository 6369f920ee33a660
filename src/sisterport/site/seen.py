"""The section on what was seen, and how well."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from sisterport.reference import constant, load
from sisterport.site import activity as act
from sisterport.site import charts
from sisterport.site.digits import percent, plain
from sisterport.site.scene import HOURS, SHIPS, Figure, Scene, figure, worded
from sisterport.site.tabulate import Column, Table, tabulate
from sisterport.site.words import FIELDS, GROUPS, KNOWN, TREATMENTS

if TYPE_CHECKING:
    from sisterport.site.report import Period

TIME_CHART_FROM_H = 12.0
"""A shorter period gets no chart over time."""


def seen(scene: Scene) -> dict[str, Any]:
    """Return what was seen and how well."""
    period, found = scene.period, scene.found
    return {
        "fleet": _fleet(found),
        "over_time": _over_time(scene),
        "quality": _quality(scene),
        "holes": _holes(period),
        "cleaning": tabulate(
            period.cleaning.with_columns(
                pl.col("reason").str.replace_all("_", " "),
                pl.col("meaning").map_elements(_resolved, return_dtype=pl.String),
            ),
            [
                Column(key="reason", label="Reason", kind="text"),
                Column(key="rows", label="Rows", kind="count"),
                Column(key="ships", label="Ships", kind="count"),
                Column(key="action", label="What was done", kind="text"),
                Column(key="meaning", label="Meaning", kind="text"),
            ],
            caption="Faults found in the position reports",
            empty="No fault was found in the position reports.",
        ),
        "known": _known(scene),
        "checks": _checks(period),
        "checks_made": period.checks_made,
        "hours_outside": found.hours_outside,
        "derived": _share(found.segments["hours_derived"], found.segments["hours"]),
        "no_draught": _share(found.segments["hours_no_draught"], found.segments["hours"]),
        "energy_quality": _energy_quality(found),
    }


def _checks(period: "Period") -> Table | None:
    """Return the findings; None where no checks were made."""
    if period.checks is None:
        return None
    levels = {"error": "error", "warn": "warning"}
    return tabulate(
        period.checks.with_columns(pl.col("severity").replace(levels)),
        [
            Column(key="what", label="Found", kind="text"),
            Column(key="count", label="How many", kind="count"),
            Column(key="severity", label="Level", kind="text"),
            Column(key="where", label="First", kind="text"),
            Column(key="limit", label="Limit", kind="text"),
            Column(key="limit_status", label="Status of the limit", kind="text"),
            Column(key="mend", label="How to mend", kind="text"),
        ],
        caption="What the checks found",
    )


def _resolved(text: str) -> str:
    """Return a text with the names of constants replaced by their values."""

    def value(name: re.Match[str]) -> str:
        known = load("constants").filter(id=name[0])
        if known.is_empty():
            return name[0]
        found = constant(name[0])
        return plain(found.value) if found.unit in {"", "-"} else f"{plain(found.value)}\u202f{found.unit}"

    return re.sub(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b", value, text)


def _share(part: pl.Series, total: pl.Series) -> float | None:
    hours = float(total.sum())
    return float(part.sum()) / hours if hours else None


def _fleet(found: act.Activity) -> Table:
    rows = act.tally(found, ["group", "ship_class"])
    total = act.whole(found)
    hours = total["hours"] or 1.0
    shown = (
        rows.with_columns(rank=pl.col("group").replace_strict({g: i for i, g in enumerate(GROUPS)}, default=9))
        .sort("rank", "hours", "ship_class", descending=[False, True, False])
        .with_columns(
            group=pl.when(pl.col("group").is_first_distinct())
            .then(pl.col("group").replace(GROUPS))
            .otherwise(pl.lit("")),
            share=pl.col("hours") / hours,
            share_open=pl.when(pl.col("hours") > 0).then(pl.col("hours_open") / pl.col("hours")),
            **worded("ship_class"),
        )
    )
    return tabulate(
        shown,
        [
            Column(key="group", label="Group", kind="text"),
            Column(key="ship_class", label="Class", kind="text"),
            SHIPS,
            Column(key="positions", label="Position reports", kind="count"),
            HOURS,
            Column(key="share", label="Share of hours", kind="share"),
            Column(key="share_open", label="of them not estimated", kind="share"),
        ],
        caption="Ships seen inside the domain",
        total={"group": "All", "share": 1.0, "share_open": total["hours_open"] / hours}
        | {k: total[k] for k in ("ships", "positions", "hours")},
        empty="No ship was seen inside the domain.",
    )


def _over_time(scene: Scene) -> Figure | None:
    if scene.hours < TIME_CHART_FROM_H or scene.found.segments.is_empty():
        return None
    rows = act.seen_over_time(
        scene.found.segments, scene.period.start_utc, scene.period.end_utc, timedelta(hours=1)
    ).with_columns(**worded("group"))
    spec = charts.lines_over_time(
        rows, series="group", value="ships", colours=charts.GROUP_COLOURS, title="ships seen per hour"
    )
    return figure(scene, "seen", "Ships seen inside the domain in each hour (UTC)", spec)


def _quality(scene: Scene) -> Figure | None:
    rows = act.quality_hours(scene.found, scene.period.holes, scene.period.ships)
    if rows.is_empty() or not rows["hours"].sum():
        return None
    shares = rows.with_columns(
        share=pl.col("hours") / pl.col("hours").sum().over("group"), **worded("group", "quality")
    )
    spec = charts.bars(
        shares,
        category="group",
        series="quality",
        value="share",
        colours=charts.QUALITY_COLOURS,
        title="share of ship hours",
        order=[g for g in GROUPS.values() if g in set(shares["group"])],
        share=True,
    )
    return figure(scene, "quality", "Ship hours by how well the ship was seen", spec)


def _holes(period: "Period") -> Table:
    rows = (
        period.holes.group_by("treatment", maintain_order=True)
        .agg(
            holes=pl.len().cast(pl.Int64),
            ships=pl.col("mmsi").n_unique().cast(pl.Int64),
            hours=pl.col("hours").sum(),
            longest=pl.col("hours").max(),
            distance_nm=pl.col("distance_nm").sum(),
        )
        .sort("treatment")
        .with_columns(pl.col("treatment").replace(TREATMENTS))
    )
    return tabulate(
        rows,
        [
            Column(key="treatment", label="Treatment", kind="text"),
            Column(key="holes", label="Holes", kind="count"),
            SHIPS,
            Column(key="hours", label="Hours", unit="h", most=1),
            Column(key="longest", label="Longest", unit="h", most=1),
            Column(key="distance_nm", label="Distance", unit="nm"),
        ],
        caption="Holes in the tracks after which the ship was somewhere else",
        empty="No ship moved while it was not seen.",
    )


def _known(scene: Scene) -> list[Figure]:
    made = []
    for name, frame, caption in (
        ("known", act.how_known(scene.period.particulars), "Share of ships"),
        (
            "known-energy",
            act.energy_by_knowledge(scene.found, scene.period.ships),
            "Share of the estimated energy: what the result rests on",
        ),
    ):
        rows = frame.with_columns(
            pl.col("field").str.strip_suffix("_source").replace(FIELDS), pl.col("kind").replace(KNOWN)
        )
        if rows.is_empty():
            continue
        present = set(rows["field"])
        order = [f for f in FIELDS.values() if f in present] + sorted(present - set(FIELDS.values()))
        spec = charts.bars(
            rows,
            category="field",
            series="kind",
            value="share",
            colours=charts.KNOWN_COLOURS,
            title="",
            order=order,
            share=True,
        )
        made.append(figure(scene, name, caption, spec))
    return made


def _energy_quality(found: act.Activity) -> str:
    """Return in words on which kind of track the estimated energy rests."""
    rows = found.emissions.group_by("quality", maintain_order=True).agg(pl.col("energy_kwh").sum())
    total = rows["energy_kwh"].sum()
    if not total:
        return ""
    energy = dict(rows.iter_rows())
    words = {
        "seen": "hours in which the ship was seen",
        "stayed": "holes in which it stayed in place",
        "shifted": "holes after which it was found nearby",
        "bridged": "bridged holes",
    }
    parts = [f"{percent(energy[key] / total)} in {text}" for key, text in words.items() if energy.get(key)]
    return ", ".join(parts)
