"""What the page of a simulation says: policies side by side with intervals, beside the published savings."""

from typing import Any

import polars as pl

from sisterport.berths.study import Study
from sisterport.site.charts import AMBER, LETTER_PX, NAVY, WIDTH, Spec
from sisterport.site.digits import MINUS, counted, percent, significant, with_unit
from sisterport.site.parts import Content, Number, Section, picture
from sisterport.site.tabulate import Column, tabulate

MEASURES = {
    "anchor_h": ("At anchor per call", "h"),
    "turnaround_h": ("Turnaround per call, from arrival at service speed", "h"),
    "waiting_h": ("Notional waiting per call (virtual arrival)", "h"),
    "main_t": ("Fuel of main engines on approach, per call", "t"),
    "fuel_t": ("All fuel of approach and anchorage, per call", "t"),
    "co2e_t": ("CO₂e of it, tank to wake", "t"),
    "idle_h": ("Berth kept free for a slowed ship, per call", "h"),
    "berth_idle_h": ("All time between two ships at a berth, per call", "h"),
    "slowed_share": ("Share of ships that arrived later than at service speed", ""),
    "slowed_delay_h": ("Start of slowed ships after that under the plan at full speed", "h"),
    "others_delay_h": ("Start of the others after that", "h"),
    "late_h": ("Start of slowed ships after the first promise", "h"),
    "utilisation": ("Berths occupied", ""),
}
"""Measures in words."""
SHOWN = ("anchor_h", "turnaround_h", "fuel_t", "berth_idle_h")
"""Measures with a picture."""
_PUBLISHED, _HERE = "published", "simulated"
_ROW_H = 24.0


def page(study: Study) -> Content:
    """Return what the page says; see `sisterport.site.berths.simulation_page`."""
    summary = study.summary
    pictures = [picture(f"{name}-chart", MEASURES[name][0], _intervals(_of(summary, name), MEASURES[name][1]))
                for name in SHOWN]  # fmt: skip
    seeds = study.runs["seed"].n_unique()
    sections = [
        Section(key="policies", title="Policies side by side", parts=pictures),
        _published(summary),
        _who_pays(summary),
        _all(summary),
        Section(key="stated", title="What it rests on", parts=[_stated(study.stated)]),
    ]
    return Content(
        kind="Simulation",
        lead=f"First come first served, a plan, and a plan with just-in-time requests, on the same ships: "
        f"{counted(seeds, 'seed')}. Dots are means over the seeds, lines their 95\u202f% confidence intervals.",
        numbers=_numbers(summary),
        sections=[section for section in sections if section is not None],
        reserve=[
            "The planner sees estimates of arrivals whose error shrinks with the time to go.",
            "It never sees how long a ship will really take.",
            "An interval says how well the mean is known, not how far ships differ.",
        ],
    )


def _of(summary: pl.DataFrame, measure: str) -> pl.DataFrame:
    return summary.filter(pl.col("measure") == measure).drop_nulls("mean")


def signed(share: float | None) -> str:
    r"""Return a change in percent with its sign.

    Examples
    --------
    >>> signed(-0.1416), signed(0.02)
    ('\u221214\u202f%', '+2.0\u202f%')
    """
    if share is None:
        return percent(None)
    return f"{MINUS if share < 0 else '+' if share > 0 else ''}{percent(abs(share))}"


def _numbers(summary: pl.DataFrame) -> list[Number]:
    found = []
    policies = summary["policy"].unique(maintain_order=True).to_list()
    first = _of(summary, "anchor_h").filter(pl.col("policy") == policies[0])
    if first.height:
        found.append(Number("First come", with_unit(first["mean"][0], "h"), "at anchor per call"))
    for policy in policies[1:5]:
        row = _of(summary, "anchor_h").filter(pl.col("policy") == policy)
        fuel = _of(summary, "fuel_t").filter(pl.col("policy") == policy)
        if row.height and fuel.height:
            note = f"at anchor; fuel {signed(fuel['change'][0])}"
            found.append(Number(_worded(policy), signed(row["change"][0]), note))
    return found


def _worded(policy: str) -> str:
    """Return a policy in words."""
    words = {"fcfs": "First come first served", "plan": "Plan"}
    return words.get(policy, f"{policy.removeprefix('jit ')} notice")


def _intervals(rows: pl.DataFrame, unit: str) -> Spec:
    """Return means with their intervals, a row per policy."""
    names = [_worded(policy) for policy in rows["policy"]]
    room = 14 + LETTER_PX * max(map(len, names), default=0)
    values = [
        {"p": name, "m": row["mean"], "a": row["low"] if row["low"] is not None else row["mean"],
         "b": row["high"] if row["high"] is not None else row["mean"]}
        for name, row in zip(names, rows.iter_rows(named=True), strict=True)
    ]  # fmt: skip
    y = {"field": "p", "type": "nominal", "sort": names, "axis": {"title": None, "minExtent": room, "grid": True}}
    x = {"type": "quantitative", "scale": {"zero": True}, "axis": {"title": unit, "tickCount": 6, "domain": False}}
    return {
        "data": {"values": values},
        "width": WIDTH - room - 16,
        "height": {"step": _ROW_H},
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 3, "color": "#9dbdd8"},
             "encoding": {"y": y, "x": {**x, "field": "a"}, "x2": {"field": "b"}}},
            {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1, "color": NAVY},
             "encoding": {"y": y, "x": {**x, "field": "m"}}},
        ],
    }  # fmt: skip


def _published(summary: pl.DataFrame) -> Section | None:
    """Return the section of fuel savings beside the published ones."""
    rows = _of(summary, "fuel_t").filter(pl.col("change").is_not_null()).slice(1)
    main = _of(summary, "main_t").select("policy", main="change", main_low="change_low", main_high="change_high")
    both = rows.join(main, on="policy", how="left", maintain_order="left")
    if both.is_empty():
        return None
    shown = both.with_columns(
        pl.Series("name", [_worded(policy) for policy in both["policy"]]),
        *(pl.Series(key, [signed(v) for v in both[key]]) for key in ("change", "main", "published")),
        *(
            pl.Series(f"{key}_band", [
                f"{signed(a)} to {signed(b)}" if a is not None and b is not None else percent(None)
                for a, b in both.select(f"{low}_low", f"{low}_high").iter_rows()
            ])
            for key, low in (("change", "change"), ("main", "main"))
        ),
    )  # fmt: skip
    columns = [
        Column(key="name", label="Policy", kind="text"),
        Column(key="main", label="Main engine", kind="text"),
        Column(key="main_band", label="95\u202f% interval", kind="text"),
        Column(key="change", label="All fuel", kind="text"),
        Column(key="change_band", label="95\u202f% interval", kind="text"),
        Column(key="published", label="Published", kind="text"),
    ]
    words = [
        "Published: fuel per container voyage, speed optimised over the last 12 h, the last 24 h or the whole voyage.",
        "Its source is the Low Carbon GIA of IMO GreenVoyage2050, voyages of 2019.",
        "Here fuel is that of the last 72 h before arrival and of the wait at anchor, not of the voyage.",
    ]
    caption = "Fuel against first come first served at service speed"
    parts: list[Any] = [picture("fuel-chart", caption, _beside(both)), tabulate(shown, columns, caption=caption)]
    return Section(key="published", title="Fuel, beside what was published", words=words, parts=parts)


def _beside(rows: pl.DataFrame) -> Spec:
    """Return changes of all fuel with intervals, and the published ones beside them."""
    names = [_worded(policy) for policy in rows["policy"]]
    room = 14 + LETTER_PX * max(map(len, names), default=0)
    values = [
        {"p": name, "k": kind, "v": value, "a": low, "b": high}
        for name, row in zip(names, rows.iter_rows(named=True), strict=True)
        for kind, value, low, high in (
            (_HERE, row["change"], row["change_low"], row["change_high"]),
            (_PUBLISHED, row["published"], None, None),
        )
        if value is not None
    ]
    y = {"field": "p", "type": "nominal", "sort": names, "axis": {"title": None, "minExtent": room, "grid": True}}
    axis = {"title": "change of fuel", "format": "+.0%", "tickCount": 6, "domain": False}
    x = {"type": "quantitative", "axis": axis, "scale": {"zero": True}}
    present = [kind for kind in (_HERE, _PUBLISHED) if any(value["k"] == kind for value in values)]
    colour = {
        "field": "k",
        "type": "nominal",
        "scale": {"domain": present, "range": [{_HERE: NAVY, _PUBLISHED: AMBER}[kind] for kind in present]},
        "legend": {"symbolType": "circle"},
    }
    shape = {"field": "k", "type": "nominal", "legend": None,
             "scale": {"domain": [_HERE, _PUBLISHED], "range": ["circle", "diamond"]}}  # fmt: skip
    return {
        "data": {"values": values},
        "width": WIDTH - room - 16,
        "height": {"step": _ROW_H},
        "layer": [
            {"transform": [{"filter": "isValid(datum.a)"}],
             "mark": {"type": "rule", "strokeWidth": 3, "color": "#9dbdd8"},
             "encoding": {"y": y, "x": {**x, "field": "a"}, "x2": {"field": "b"}}},
            {"mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
             "encoding": {"y": y, "x": {**x, "field": "v"}, "color": colour, "shape": shape}},
        ],
    }  # fmt: skip


def _who_pays(summary: pl.DataFrame) -> Section:
    """Return who pays for slow steaming: berths that are kept free, ships that start later."""
    names = ("idle_h", "berth_idle_h", "slowed_delay_h", "others_delay_h", "late_h")
    words = [
        "A slowed ship cannot use a berth that becomes free early: it is kept free for her, and that is counted.",
        "Starts are compared with those under the same plan at full speed.",
        "A slowed ship keeps her place: her start is a promise, and each hour past it counts against a plan.",
    ]
    return Section(key="pays", title="Who pays", words=words, parts=[_wide(summary, names, "Hours per call")])


def _wide(summary: pl.DataFrame, names: tuple[str, ...], caption: str) -> Any:
    rows = pl.DataFrame({"policy": summary["policy"].unique(maintain_order=True)})
    for name in names:
        part = _of(summary, name).select("policy", pl.col("mean").alias(name))
        rows = rows.join(part, on="policy", how="left", maintain_order="left")
    shown = rows.with_columns(pl.Series("name", [_worded(policy) for policy in rows["policy"]]))
    columns = [Column(key="name", label="Policy", kind="text")]
    columns += [
        Column(key=name, label=MEASURES[name][0].removesuffix(", per call"), unit=MEASURES[name][1], most=2)
        for name in names
    ]
    return tabulate(shown, columns, caption=caption)


def _all(summary: pl.DataFrame) -> Section:
    rows = []
    for measure, (words, unit) in MEASURES.items():
        for row in _of(summary, measure).iter_rows(named=True):
            band = percent(None) if row["low"] is None else f"{significant(row['low'])} to {significant(row['high'])}"
            mean = f"{significant(row['mean'])}\u202f{unit}".rstrip()
            rows.append((words, _worded(row["policy"]), mean, band, signed(row["change"]), row["runs"]))
    columns = [
        Column(key="what", label="Measure", kind="text"),
        Column(key="name", label="Policy", kind="text"),
        Column(key="mean", label="Mean", kind="text"),
        Column(key="band", label="95\u202f% interval", kind="text"),
        Column(key="change", label="Against the first", kind="text"),
        Column(key="runs", label="Seeds", kind="count"),
    ]
    frame = pl.DataFrame(rows, schema=[column.key for column in columns], orient="row")
    return Section(key="all", title="All measures", parts=[tabulate(frame, columns, caption="Means over seeds")])


def _stated(stated: pl.DataFrame) -> Any:
    columns = [
        Column(key="what", label="What", kind="text"),
        Column(key="value", label="Value", kind="text"),
        Column(key="source", label="Source", kind="text"),
    ]
    return tabulate(stated, columns, caption="Choices and numbers, with their sources")
