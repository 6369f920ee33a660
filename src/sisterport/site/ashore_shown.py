"""How the section on shore power is shown: sentences, one chart, tables; what is assumed says so."""

from typing import Any

import polars as pl

from sisterport.shorepower.grades import PRE_SCREEN
from sisterport.shorepower.profiles import profile
from sisterport.site import charts
from sisterport.site.activity import known_sum
from sisterport.site.ashore import ASSUMED_HZ, ASSUMED_PROFILE, Ashore, computed, stays_seen
from sisterport.site.digits import MISSING, counted, number, percent, with_unit
from sisterport.site.scene import Figure, Scene, figure, worded
from sisterport.site.shorepower_places import port_name
from sisterport.site.shorepower_words import GRADE_COLOURS, UNDECIDED, asked, verdict
from sisterport.site.tabulate import Column, Table, tabulate
from sisterport.site.words import ship_class

MOST_SHIPS = 40
MOST_FACTS = 12
_STANDS = {
    "At berth, undecided": GRADE_COLOURS[UNDECIDED],
    "At berth, decided or not matched": charts.BLUE,
    "At anchor, not at a berth": "#e9c98f",
}


def section(scene: Scene) -> dict[str, Any]:
    """Return what the section shows; ``ships`` is zero where no ocean-going ship was at berth or at anchor."""
    rows = stays_seen(scene)
    if rows.is_empty():
        return {"ships": 0}
    found = computed(rows, scene.period.start_utc.date())
    return {
        "ships": rows["ship_id"].n_unique(),
        "lead": _lead(found),
        "pre_screen": PRE_SCREEN,
        "register": _register(found),
        "candidates": _candidates(found),
        "figure": _figure(scene, found),
        "table": _ships(found),
        "facts": _facts(found),
        "whom": _whom(found),
        "assumption": _assumption(found),
        "graded": _graded(found),
        "saved": _saved(found),
    }


def _sum(values: pl.Series) -> float | None:
    return float(values.sum()) if values.count() else None


def _lead(found: Ashore) -> str:
    rows = found.stays
    ships = rows["ship_id"].n_unique()
    berth, anchor = rows.filter(place="berth"), rows.filter(place="anchorage")
    verb = "was" if ships == 1 else "were"
    text = f"{counted(ships, 'ocean-going ship')} {verb} at berth or at anchor, "
    text += f"with {counted(berth.height, 'stay')} at berth"
    text += f" and {number(anchor.height)} at anchor. "
    energy = _sum(berth["aux_mwh"])
    unknown = berth["aux_mwh"].null_count()
    if not berth.height:
        return f"{text}No stay was at a berth, so none could have been plugged in."
    if energy is None:
        text += (
            "The energy of the auxiliary engines at berth is not estimated: class or size of the ships is not known. "
        )
    else:
        text += f"Auxiliary engines made {with_unit(energy, 'MWh')} at berth in the time seen"
        text += f"; {counted(unknown, 'stay')} not estimated. " if unknown else ". "
    open_ = int((found.today["best"] != found.today["worst"]).sum())
    if not found.today.height:
        return f"{text}At which berth they lay is not known, so nothing could be matched."
    if open_ == found.today.height:
        return f"{text}Whether any of them could have been plugged in cannot be decided: the facts below are missing."
    return f"{text}{number(open_)} of {counted(found.today.height, 'verdict')} cannot be decided: facts are missing."


def _register(found: Ashore) -> str:
    port = " and ".join(port_name(code) for code in found.stays["locode"].unique(maintain_order=True))
    if found.outlets.is_empty():
        return (
            f"The register of candidates (public sources, to be confirmed by the ports) has no outlet for {port}. That "
            "is no proof that there is none: whether these berths have outlets is unknown."
        )
    working = found.outlets.filter(state="operational")["outlet_id"].n_unique()
    every = found.outlets["outlet_id"].n_unique()
    return (
        f"The register of candidates (public sources, to be confirmed by the port) has {counted(every, 'outlet')} for "
        f"{port}, {number(working)} of them operational. It does not say at which of the drawn berths they are, so "
        "outlets of the single berths are unknown."
    )


def _candidates(found: Ashore) -> Table | None:
    """Return the outlets that the register has for the port."""
    if found.outlets.is_empty():
        return None
    rows = found.outlets.with_columns(pl.coalesce("terminal", "berth_id").alias("terminal"))
    return tabulate(
        rows,
        [
            Column(key="terminal", label="Where", kind="text"),
            Column(key="state", label="State", kind="text"),
            Column(key="outlets_n", label="Outlets", kind="count"),
            Column(key="voltage_kv", label="Voltage", unit="kV", most=1),
            Column(key="frequency_hz", label="Frequency", unit="Hz", most=0),
            Column(key="power_mva", label="Power", unit="MVA", most=1),
            Column(key="status", label="Status", kind="text"),
        ],
        caption=f"Outlets of the port in the register of candidates; {MISSING} is not known",
    )


def _words(verdicts: pl.DataFrame, name: str) -> pl.Series:
    texts = [verdict(best, worst) for best, worst in verdicts.select("best", "worst").iter_rows()]
    return pl.Series(name, texts, dtype=pl.String)


def _judged(found: Ashore) -> pl.DataFrame:
    """Return the stays with both verdicts in words."""
    judged = found.pairs.select("stay_id", _words(found.today, "today"), _words(found.assumed, "assumed"))
    none = pl.when(pl.col("place") == "anchorage").then(pl.lit("no berth")).otherwise(pl.lit("berth not known"))
    return found.stays.join(judged, on="stay_id", how="left", maintain_order="left").with_columns(
        pl.coalesce("today", none).alias("today"), pl.col("assumed").fill_null("\u2013").alias("assumed")
    )


def _ships(found: Ashore) -> Table:
    at_anchor = pl.col("place") == "anchorage"
    rows = _judged(found).sort(at_anchor, "aux_mwh", "ship", descending=[False, True, False], nulls_last=True)
    shown = rows.head(MOST_SHIPS).with_columns(
        whole=pl.col("start_seen") & pl.col("end_seen"),
        **worded("ship_class"),
    )
    left = rows.height - shown.height
    same = bool((_words(found.assumed, "verdict") == _words(found.today, "verdict")).all())
    columns = [
        Column(key="ship", label="Ship", kind="text"),
        Column(key="ship_class", label="Class", kind="text"),
        Column(key="where", label="Where", kind="text"),
        Column(key="hours", label="Seen", unit="h", most=1),
        Column(key="whole", label="whole stay", kind="flag"),
        Column(key="aux_mwh", label="Auxiliary energy", unit="MWh"),
        Column(key="today", label="Verdict", kind="text"),
        *([] if same else [Column(key="assumed", label="with assumed outlets", kind="text")]),
    ]
    total = {"ship": "All", "hours": rows["hours"].sum(), "aux_mwh": _sum(rows["aux_mwh"])}
    recorded = rows["connected_mwh"].count()
    return tabulate(
        shown,
        columns,
        caption="Ocean-going ships at berth and at anchor, and whether they could have been plugged in",
        total={key: value for key, value in total.items() if value is not None},
        notes=[
            "The energy is that of the hours seen; where “whole stay” is no, the stay is longer.",
            f"{counted(left, 'stay')} with less energy not shown; the total includes them." if left else "",
            f"{counted(recorded, 'stay')} took energy from shore by record."
            if recorded
            else "No record of a connection was given: what did connect is not known.",
        ],
    )


def _figure(scene: Scene, found: Ashore) -> Figure | None:
    """Return the energy of each class by what can be said of it."""
    rows = _judged(found)
    open_ = pl.col("today").str.starts_with("undecided")
    state = (
        pl.when(pl.col("place") == "anchorage")
        .then(pl.lit("At anchor, not at a berth"))
        .when(open_)
        .then(pl.lit("At berth, undecided"))
        .otherwise(pl.lit("At berth, decided or not matched"))
    )
    sums = (
        rows.with_columns(state.alias("stands"), **worded("ship_class"))
        .group_by("ship_class", "stands", maintain_order=True)
        .agg(pl.col("aux_mwh").sum())
        .filter(pl.col("aux_mwh") > 0)
    )
    if sums["ship_class"].n_unique() < 2:
        return None
    order = (
        sums.group_by("ship_class").agg(pl.col("aux_mwh").sum()).sort("aux_mwh", "ship_class", descending=[True, False])
    )
    spec = charts.bars(
        sums,
        category="ship_class",
        series="stands",
        value="aux_mwh",
        colours=_STANDS,
        title="MWh of auxiliary engines in the hours seen",
        order=order["ship_class"].to_list(),
    )
    return figure(scene, "ashore", "Auxiliary energy at berth and at anchor by ship type", spec)


def _facts(found: Ashore) -> Table:
    rows = found.facts.with_columns(
        question=pl.Series(
            [asked(*pair) for pair in found.facts.select("side", "column").iter_rows()], dtype=pl.String
        ),
        of=pl.col("side").replace({"ship": "ships", "berth": "berths", "pair": "ships at berths"}),
    )
    kept = rows.head(MOST_FACTS)
    left = rows.height - kept.height
    return tabulate(
        kept,
        [
            Column(key="question", label="Question", kind="text"),
            Column(key="things", label="Asked of", kind="count"),
            Column(key="of", label="", kind="text"),
            Column(key="stays", label="Stays", kind="count"),
            Column(key="energy_mwh", label="Energy that waits for it", unit="MWh"),
        ],
        caption="Facts to obtain, those that most energy waits for first",
        notes=[
            (
                "Several facts are needed for one verdict, so the rows do not add up. Of facts worth the same, those "
                "come first without which the others do not matter."
            ),
            f"{counted(left, 'more fact')} not shown." if left else "",
        ],
        empty="No fact is missing.",
    )


def _whom(found: Ashore) -> Table:
    """Return whom to ask about berths: by terminal."""
    open_ = found.today["best"] != found.today["worst"]
    waiting = found.pairs.filter(open_).select("stay_id")
    rows = (
        found.stays.join(waiting, on="stay_id", how="semi", maintain_order="left")
        .group_by(place="owner", maintain_order=True)
        .agg(
            berths=pl.col("berth_id").n_unique().cast(pl.Int64),
            ships=pl.col("ship_id").n_unique().cast(pl.Int64),
            aux_mwh=known_sum("aux_mwh"),
        )
        .sort("aux_mwh", "place", descending=[True, False], nulls_last=True)
    )
    return tabulate(
        rows,
        [
            Column(key="place", label="Terminal or berth", kind="text"),
            Column(key="berths", label="Berths", kind="count"),
            Column(key="ships", label="Ships", kind="count"),
            Column(key="aux_mwh", label="Energy that waits", unit="MWh"),
        ],
        caption="Whom to ask about outlets first",
    )


def _assumption(found: Ashore) -> str:
    known = profile(ASSUMED_PROFILE)
    berths = found.pairs["berth_id"].n_unique()
    return (
        f"Assumed outlets: each of the {counted(berths, 'berth')} has one outlet of the profile {ASSUMED_PROFILE} "
        f"({known['standard']}, annex {known['annex']}; {known['nominal_kv'][0]:g}\u202fkV, {ASSUMED_HZ:g}\u202fHz, "
        f"{known['max_mva']:g}\u202fMVA; status of these numbers: {known['status']}). Nobody has said so."
    )


def _graded(found: Ashore) -> Table:
    """Return the verdicts with assumed outlets by ship class."""
    classes = found.stays.select("stay_id", "ship_class", "aux_mwh")
    rows = found.pairs.with_columns(
        _words(found.assumed, "verdict"), _words(found.bare, "bare"), found.assumed["prior_share"]
    )
    counts = (
        rows.join(classes, on="stay_id", how="left", maintain_order="left")
        .with_columns(**worded("ship_class"))
        .group_by("ship_class", "verdict", "bare", maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("stays"), known_sum("aux_mwh"), pl.col("prior_share").mean())
        .sort("aux_mwh", "ship_class", descending=[True, False], nulls_last=True)
    )
    return tabulate(
        counts,
        [
            Column(key="ship_class", label="Ship class", kind="text"),
            Column(key="stays", label="Stays at berth", kind="count"),
            Column(key="aux_mwh", label="Auxiliary energy", unit="MWh"),
            Column(key="verdict", label="With assumed outlets", kind="text"),
            Column(key="bare", label="and if the ship has no inlet", kind="text"),
            Column(key="prior_share", label=f"of the class: {ASSUMED_HZ:g}\u202fHz", kind="share"),
        ],
        caption="What if: verdicts with assumed outlets",
        notes=[
            (
                "An outlet alone decides nothing as long as nothing is known of the ship. The last column is a share "
                "of ships of the class and length (secondary source): a hint, never a verdict."
            )
        ],
        empty="No stay at a known berth.",
    )


def _saved(found: Ashore) -> Table:
    """Return what would be saved if every stay at berth were connected."""
    names = ("energy_mwh", "grid_mwh", "fuel_t", "co2_gross_t", "co2_net_t", "nox_gross_t", "pm10_gross_t")
    rows = found.saved
    sums = (
        rows.group_by("ship_class", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("stays"),
            *(known_sum(name) for name in names),
        )
        .sort("energy_mwh", "ship_class", descending=[True, False], nulls_last=True)
        .with_columns(pl.col("ship_class").fill_null("unknown").map_elements(ship_class, return_dtype=pl.String))
    )
    used = rows.filter(pl.col("energy_mwh") > 0)
    total = {name: _sum(rows[name]) for name in names}
    lost = rows.drop_nulls("reason").group_by("reason", maintain_order=True).len().sort("reason")
    grid = ", ".join(used["ef_grid_source"].drop_nulls().unique().sort())
    terms = used.select(pl.col("converter_efficiency", "loss_share").mean()).row(0) if used.height else (None, None)
    cut = (~(found.stays["start_seen"] & found.stays["end_seen"])).any()
    return tabulate(
        sums,
        [
            Column(key="ship_class", label="Ship class", kind="text"),
            Column(key="stays", label="Stays", kind="count"),
            Column(key="energy_mwh", label="To ships", unit="MWh"),
            Column(key="grid_mwh", label="From the grid", unit="MWh"),
            Column(key="fuel_t", label="Fuel not burnt", unit="t"),
            Column(key="co2_gross_t", label="CO₂ at the quay", unit="t"),
            Column(key="co2_net_t", label="CO₂ net of grid", unit="t"),
            Column(key="nox_gross_t", label="NOₓ at the quay", unit="kg", factor=1e3),
            Column(key="pm10_gross_t", label="PM₁₀ at the quay", unit="kg", factor=1e3),
        ],
        caption="What if: savings if every stay at berth were connected to an assumed outlet (nobody measured this)",
        total={"ship_class": "All", "stays": rows.height, **{k: v for k, v in total.items() if v is not None}},
        notes=[
            f"Grid: {grid}; converter {percent(terms[0])} and loss {percent(terms[1])} by default (unverified)."
            if used.height
            else "",
            "Where begin or end of a stay was not seen, no time to connect or disconnect is taken off there."
            if cut
            else "",
            *(f"{counted(count, 'stay')} not counted: {reason}." for reason, count in lost.iter_rows()),
        ],
        empty="No stay at a berth.",
    )
