"""The section on emissions by mode, ship type, place and day, each group of ships for itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from sisterport.site import activity as act
from sisterport.site import charts
from sisterport.site.digits import percent
from sisterport.site.scene import BAND, EMITTED, INVENTORY, Figure, Scene, figure, low, worded
from sisterport.site.tabulate import Column, tabulate
from sisterport.site.words import GROUPS, MODES, SYSTEMS, ship_class

ESTIMATED_GROUPS = ("ocean_going", "harbour_craft")
WORTH_SAYING = 0.005
"""Known biases below this share of a sum are not mentioned."""
NAMED_KINDS = ("terminal", "berth", "anchorage", "river")
"""Places that the chart of places shows; the table shows the rest of the port and the sea as well."""


def emitted(scene: Scene) -> list[dict[str, Any]]:
    """Return the breakdowns of each group: by mode, class, place and day."""
    blocks = []
    for group in ESTIMATED_GROUPS:
        total = act.whole(scene.found, group)
        block: dict[str, Any] = {"group": group, "title": GROUPS[group], "ships": total["ships"], "parts": []}
        if total["ships"]:
            notes = _notes(scene, group, total)
            block["parts"] = [
                _by(scene, group, "mode", "mode", total, notes, stack="system"),
                _by(scene, group, "ship_class", "ship type", total, (), stack="mode"),
                _by(scene, group, "place", "terminal and anchorage", total, (), stack="mode", first=14),
                _by_day(scene, group, total),
            ]
        blocks.append(block)
    return blocks


def _notes(scene: Scene, group: str, total: Mapping[str, Any]) -> list[str]:
    notes = []
    bias = scene.bias("co2e_ttw_t", group)
    if bias is not None and abs(bias) >= WORTH_SAYING:
        way = "high" if bias > 0 else "low"
        notes.append(f"By what is known of how such ships' particulars err, CO₂e is {percent(abs(bias))} too {way}.")
    if total["hours_open"]:
        share = percent(total["hours_open"] / total["hours"])
        which = _which(act.open_systems(scene.found, group))
        notes.append(f"{share} of the ship hours are not wholly estimated and missing from the sums{which}.")
    labels = {c.key: c.label for c in EMITTED}
    notes += [
        f"{labels[name]}: no factor for {percent(share)} of the energy; that part is missing from the sums."
        for name, share in act.unpriced(scene.found, group).items()
    ]
    return notes


def _which(shares: Mapping[str, float]) -> str:
    words = [f"{text.lower()} in {percent(shares[name])} of them" for name, text in SYSTEMS.items() if name in shares]
    return f" ({', '.join(words)})" if words else ""


def _by(
    scene: Scene,
    group: str,
    key: str,
    words: str,
    total: Mapping[str, Any],
    notes: Sequence[str],
    *,
    stack: str,
    first: int | None = None,
) -> dict[str, Any]:
    rows = act.tally(scene.found, [key], group=group)
    if key == "mode":
        rows = rows.sort(pl.col("mode").replace_strict({m: i for i, m in enumerate(MODES)}, default=9))
    else:
        rows = rows.sort("co2e_ttw_t", "hours", key, descending=[True, True, False], nulls_last=True)
    kept = rows if first is None else rows.head(first)
    names = kept[key].to_list()
    kept = scene.banded(kept, key, group)
    rest = rows.height - kept.height
    if rest:
        kept = pl.concat([kept, _rest(scene.found, group, key, names, rest)], how="diagonal_relaxed")
    if key != "place":
        kept = kept.with_columns(**worded(key))
    title = f"{GROUPS[group]}, by {words}"
    table = tabulate(
        kept,
        [Column(key=key, label=words.capitalize(), kind="text"), *INVENTORY],
        caption=title,
        total={key: "Total", **_totals(scene, group, total)},
        notes=notes,
    )
    return {"table": table, "figure": _stacked(scene, group, key, names, stack, _title(group, key, words))}


def _totals(scene: Scene, group: str, total: Mapping[str, Any]) -> dict[str, Any]:
    """Return the last row of a table."""
    sums = {c.key: total[c.key] for c in INVENTORY if c.key in total}
    band = scene.band("co2e_ttw_t", group)
    return sums | ({BAND.key: band} if band else {})


def _rest(found: act.Activity, group: str, key: str, shown: list[str], count: int) -> pl.DataFrame:
    """Return the rows that do not fit the page as one, so that the column still adds up."""
    other = act.Activity(
        segments=found.segments.filter(~pl.col(key).is_in(shown)),
        emissions=found.emissions.filter(~pl.col(key).is_in(shown)),
        hours_outside=0.0,
    )
    return pl.DataFrame([act.whole(other, group)]).with_columns(pl.lit(f"{count} more").alias(key))


def _title(group: str, key: str, words: str) -> str:
    return f"CO₂e by {words}, {low(group)}" + (" (terminals, berths, anchorages, rivers)" if key == "place" else "")


def _stacked(scene: Scene, group: str, key: str, names: list[str], stack: str, caption: str) -> Figure | None:
    rows = scene.found.emissions.filter(pl.col("group") == group, pl.col(key).is_in(names))
    if key == "place":
        rows = rows.filter(pl.col("place_kind").is_in(NAMED_KINDS))
        inside = set(rows["place"])
        names = [name for name in names if name in inside][:12]
        rows = rows.filter(pl.col("place").is_in(names))
    sums = rows.group_by(key, stack, maintain_order=True).agg(act.known_sum("co2e_ttw_t")).drop_nulls("co2e_ttw_t")
    sums = sums.filter(pl.col("co2e_ttw_t") > 0)
    if sums[key].n_unique() < 2:  # one bar says less than the table
        return None
    order = [n for n in names if n in set(sums[key])]
    sums = sums.with_columns(**worded(stack, *([key] if key != "place" else [])))
    if key != "place":
        order = [MODES[n] if key == "mode" else ship_class(n) for n in order]
    colours = charts.SYSTEM_COLOURS if stack == "system" else charts.MODE_COLOURS
    spec = charts.bars(
        sums,
        category=key,
        series=stack,
        value="co2e_ttw_t",
        colours=colours,
        title="t CO₂e, tank to wake",
        order=order,
    )
    return figure(scene, f"{group}-{key}", caption, spec)


def _by_day(scene: Scene, group: str, total: Mapping[str, Any]) -> dict[str, Any]:
    rows = act.tally(scene.found, ["date"], group=group).sort("date")
    if rows.height < 2:
        return {"table": None, "figure": None}
    table = tabulate(
        scene.banded(rows, "date", group).with_columns(date=pl.col("date").dt.strftime("%a\u00a0%-d\u00a0%b")),
        [Column(key="date", label="Day (UTC)", kind="text"), *INVENTORY],
        caption=f"{GROUPS[group]}, by day",
        total={"date": "Total", **_totals(scene, group, total)},
    )
    sums = (
        scene.found.emissions.filter(pl.col("group") == group)
        .group_by("date", "mode", maintain_order=True)
        .agg(act.known_sum("co2e_ttw_t"))
        .drop_nulls("co2e_ttw_t")
        .with_columns(**worded("mode"))
    )
    chart = None
    if sums.height:
        spec = charts.columns_by_day(
            sums, series="mode", value="co2e_ttw_t", colours=charts.MODE_COLOURS, title="t CO₂e, tank to wake"
        )
        chart = figure(scene, f"{group}-day", f"CO₂e by day, {low(group)}", spec)
    return {"table": table, "figure": chart}


def unknown(scene: Scene) -> dict[str, Any]:
    """Return what is known of the ships whose type is not known."""
    total, all_ = act.whole(scene.found, "unknown"), act.whole(scene.found)
    return {
        "ships": total["ships"],
        "hours": total["hours"],
        "share_ships": total["ships"] / all_["ships"] if all_["ships"] else None,
        "share_hours": total["hours"] / all_["hours"] if all_["hours"] else None,
        "co2e_ttw_t": total["co2e_ttw_t"],
    }
