"""What the page on what happened says: waiting, turnaround, occupancy, idle time, with how much of it is known."""

from typing import Any

import polars as pl

from sisterport.berths.happened import Happened, anchorage_waiting
from sisterport.site.charts import AMBER, NAVY, SKY, bars
from sisterport.site.digits import counted, moment, percent, with_unit
from sisterport.site.parts import Content, Number, Section, picture
from sisterport.site.tabulate import Column, Table, tabulate
from sisterport.site.words import ship_class

MEASURES = {
    "waiting": "Waiting at anchor",
    "turnaround": "Turnaround",
    "at_berth": "At berth",
    "shifts": "Shifts",
    "occupancy": "Berth occupancy",
    "idle": "Idle between ships",
}
"""Measures in the order of the page."""
MEANINGS = (
    "Waiting at anchor: before the first berth, from anchor dropped to anchor up; 0 for a call that did not anchor.",
    "Turnaround: from the first to the last time in port. Shifts: moves to another berth.",
    "Occupancy: hours with a ship at the berth over the hours that were looked at.",
    "Idle: from the departure of one ship to the arrival of another at the same berth.",
    "Only what was seen counts: what had begun before the data or was on at their end is counted as left out.",
)
MOST_BARS = 24
"""Rows of a picture at most."""
NOWHERE = "no known terminal"
_MEDIAN, _REST = "median", "up to the 90th percentile"
_TIMES = (
    Column(key="what", label="Measure", kind="text"),
    Column(key="unit", label="Unit", kind="text"),
    Column(key="n", label="Counted", kind="count"),
    Column(key="left_out", label="Left out", kind="count"),
    Column(key="mean", label="Mean", most=2),
    Column(key="median", label="Median", most=2),
    Column(key="p90", label="90th percentile", most=2),
    Column(key="total", label="Total", most=1),
    Column(key="hole_share", label="Not seen", kind="share"),
)
_SHOWN = ("n", "left_out", "mean", "median", "p90", "total")
_GROUP = Column(key="group", label="", kind="text")
_WIDE = (
    Column(key="waiting_n", label="Waiting: calls", kind="count"),
    Column(key="waiting_left_out", label="left out", kind="count"),
    Column(key="waiting_mean", label="mean", unit="h", most=2),
    Column(key="waiting_p90", label="p90", unit="h", most=1),
    Column(key="turnaround_n", label="Turnaround: calls", kind="count"),
    Column(key="turnaround_median", label="median", unit="h", most=1),
    Column(key="turnaround_p90", label="p90", unit="h", most=1),
    Column(key="at_berth_n", label="At berth: calls", kind="count"),
    Column(key="at_berth_median", label="median", unit="h", most=1),
    Column(key="shifts_total", label="Shifts", kind="count"),
    Column(key="occupancy_total", label="Occupied", kind="share"),
    Column(key="idle_n", label="Idle: gaps", kind="count"),
    Column(key="idle_median", label="median", unit="h", most=1),
)
"""Measures side by side; the rest is in the tables beside the page."""


def page(found: Happened, *, watch: pl.DataFrame) -> Content:
    """Return what the page says; see `sisterport.site.berths.report_page`."""
    whole = found.summary(by=())
    sections = [
        Section(key="all", title="All calls", words=MEANINGS, parts=[_table(whole, "All calls together")]),
        _by(found, "terminal", "Terminals"),
        _by(found, "ship_class", "Ship classes"),
        _by(found, "month", "Months"),
        _berths(found),
    ]
    return Content(
        kind="Berths",
        lead=_lead(found, watch),
        numbers=_numbers(found, whole),
        sections=[section for section in sections if section is not None],
        reserve=["Berths are the areas that the data name; a stop elsewhere has no berth and no occupancy.",
                 "Not seen: the part of the stopped time in which a ship sent nothing, and was taken to have stayed."],
    )  # fmt: skip


def _lead(found: Happened, watch: pl.DataFrame) -> str:
    if found.calls.is_empty():
        return "There is no call."
    berthed = found.calls["first_berth_utc"].count()
    spans = [f"{moment(begin)} to {moment(end)}" for begin, end in watch.select("begin_utc", "end_utc").iter_rows()]
    looked = f" between {' and '.join(spans)} (UTC)" if 0 < len(spans) <= 3 else ""
    return f"{counted(found.calls.height, 'call')}{looked}, {berthed:,} of them with a stop at berth."


def _numbers(found: Happened, whole: pl.DataFrame) -> list[Number]:
    of = {row["measure"]: row for row in whole.iter_rows(named=True)}
    numbers = []
    for name, value in (("waiting", "mean"), ("turnaround", "median"), ("at_berth", "median"), ("idle", "median")):
        row = of.get(name)
        if row is not None:
            note = f"{value} of {counted(row['n'], 'gap' if name == 'idle' else 'call')}; {row['left_out']:,} left out"
            numbers.append(Number(MEASURES[name], with_unit(row[value], "h"), note))
    row = of.get("occupancy")
    if row is not None:
        berths = found.occupancy["berth_id"].drop_nulls().n_unique()
        numbers.append(Number("Occupancy", percent(row["total"]), f"of {counted(berths, 'berth')} with a ship in it"))
    return numbers


def _table(rows: pl.DataFrame, caption: str) -> Table:
    order = {name: i for i, name in enumerate(MEASURES)}
    shown = rows.with_columns(_order=pl.col("measure").replace_strict(order)).sort("_order", maintain_order=True)
    return tabulate(
        shown.with_columns(what=pl.col("measure").replace(MEASURES)),
        _TIMES,
        caption=caption,
        empty="Nothing was seen from begin to end.",
    )


def _by(found: Happened, key: str, title: str) -> Section | None:
    """Return the section of one kind of group: a picture of waiting and turnaround, and a table of each measure."""
    rows = found.summary(by=(key,))
    if key == "ship_class":  # occupancy is of berths
        rows = rows.filter(pl.col("measure") != "occupancy")
    if rows[key].drop_nulls().n_unique() < 1:
        return None
    named = rows.with_columns(group=_group(rows, key))
    parts: list[Any] = []
    for name in ("waiting", "turnaround"):
        part = named.filter(pl.col("measure") == name, pl.col("n") > 0)
        if part.height > 1 and (part["p90"] > 0).any():
            parts.append(_spread(part, f"{key}-{name}-chart", f"{MEASURES[name]} by {title.lower()}"))
    wide = _side_by_side(named)
    silent = named["group"].n_unique() - wide.height
    note = f"{silent} more of which nothing was seen from begin to end." if silent else ""
    parts.append(tabulate(wide, [_GROUP, *_WIDE], caption=f"{title} side by side", notes=[note]))
    return Section(key=key.replace("_", "-"), title=title, parts=parts)


def _side_by_side(named: pl.DataFrame) -> pl.DataFrame:
    """Return one row per group of which anything was seen, with the measures beside each other."""
    seen = named.filter((pl.col("n") > 0).any().over("group"))
    wide = seen.select("group").unique(maintain_order=True)
    for measure in MEASURES:
        part = seen.filter(pl.col("measure") == measure)
        kept = part.select("group", *(pl.col(name).alias(f"{measure}_{name}") for name in _SHOWN))
        wide = wide.join(kept, on="group", how="left", maintain_order="left")
    order = ["at_berth_n", "idle_n", "group"]
    return wide.sort(order, descending=[True, True, False], nulls_last=True)


def _group(rows: pl.DataFrame, key: str) -> pl.Series:
    if key == "ship_class":
        return pl.Series("group", [ship_class(name) if name else "unknown" for name in rows[key]])
    return rows[key].fill_null(NOWHERE if key == "terminal" else "unknown").alias("group")


def _spread(rows: pl.DataFrame, name: str, caption: str) -> Any:
    """Return a picture of median and 90th percentile."""
    top = rows.sort("n", "group", descending=[True, False]).head(MOST_BARS)
    long = pl.concat([
        top.select("group", s=pl.lit(_MEDIAN), v="median"),
        top.select("group", s=pl.lit(_REST), v=pl.col("p90") - pl.col("median")),
    ])  # fmt: skip
    colours = {_MEDIAN: NAVY, _REST: SKY}
    spec = bars(long, category="group", series="s", value="v", colours=colours, title="h", order=top["group"].to_list())
    return picture(name, caption, spec)


def _berths(found: Happened) -> Section | None:
    """Return how long each berth was occupied, and how long it lay idle between ships."""
    known = found.occupancy.drop_nulls("berth_id")
    if known.is_empty():
        return None
    held = known.group_by("berth_id", "terminal").agg(
        pl.col("stays", "hours_occupied", "hours_watched", "hours_hole").sum()
    )
    gaps = found.idle.group_by("berth_id").agg(gaps=pl.len(), idle=pl.col("hours").median())
    rows = held.join(gaps, on="berth_id", how="left").with_columns(
        share=pl.col("hours_occupied") / pl.col("hours_watched")
    )
    rows = rows.sort("share", "berth_id", descending=[True, False])
    top = rows.head(MOST_BARS)
    long = top.select("berth_id", s=pl.lit("occupied"), v="share")
    spec = bars(long, category="berth_id", series="s", value="v", colours={"occupied": AMBER}, title="", share=True)
    columns = [
        Column(key="berth_id", label="Berth", kind="text"),
        Column(key="terminal", label="Terminal", kind="text"),
        Column(key="stays", label="Stays", kind="count"),
        Column(key="share", label="Occupied", kind="share"),
        Column(key="hours_occupied", label="Occupied", unit="h", most=1),
        Column(key="hours_watched", label="Looked at", unit="h", most=1),
        Column(key="hours_hole", label="Not seen", unit="h", most=1),
        Column(key="gaps", label="Gaps", kind="count"),
        Column(key="idle", label="Idle, median", unit="h", most=1),
    ]
    caption = "Berths by occupancy" if rows.height <= MOST_BARS else f"The {MOST_BARS} most occupied berths"
    parts = [picture("berths-chart", caption, spec), tabulate(rows, columns, caption="All berths with a ship in them")]
    return Section(key="berths", title="Berths", parts=parts)


def indicator(calls: pl.DataFrame) -> str:
    """Return the indicator of anchorage waiting in a sentence.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> indicator(empty("port_calls"))
    'No call was seen from its arrival to its berth.'
    """
    row = anchorage_waiting(calls).row(0, named=True)
    if not row["calls"]:
        return "No call was seen from its arrival to its berth."
    return (
        f"{row['calls']:,} calls seen from arrival to berth waited {row['mean_h']:.2f} h at anchor in the mean, "
        f"{row['waited']:,} of them at all; {row['left_out']:,} calls are left out."
    )
