"""What the page of a berth plan says: the picture, the ships with their reasons, requests, changes, the proof."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from sisterport.berths import Plan
from sisterport.site import charts
from sisterport.site.berths_gantt import gantt
from sisterport.site.digits import counted, moment, percent, with_unit
from sisterport.site.parts import Content, Number, Section, picture
from sisterport.site.tabulate import Column, Table, tabulate

STATUSES = {
    "optimal": "No plan on the same steps of time is better: that is proven.",
    "gap": "As good as was asked for; the bound says how much another plan could save at most.",
    "time": "The time limit came first; the bound says how much another plan could save at most.",
}
_CHANGES = {"moved": "moved", "new": "new", "gone": "gone (has left, or is cancelled)"}
_SHIPS = (
    Column(key="name", label="Ship", kind="text"),
    Column(key="berth_id", label="Berth", kind="text"),
    Column(key="eta_utc", label="ETA", kind="time"),
    Column(key="start_utc", label="Start", kind="time"),
    Column(key="end_utc", label="Departure", kind="time"),
    Column(key="waiting_h", label="At anchor", unit="h", most=1),
    Column(key="late_h", label="Late", unit="h", most=1),
    Column(key="moved_h", label="Off promise", unit="h", most=1),
    Column(key="power", label="Shore power", kind="text"),
    Column(key="fuel_t", label="Fuel", unit="t", most=1),
)
_REASONS = (
    Column(key="name", label="Ship", kind="text"),
    Column(key="berth_id", label="Berth", kind="text"),
    Column(key="why_here", label="Why here", kind="text"),
    Column(key="why_then", label="Why then", kind="text"),
    Column(key="next_berth_id", label="Next best", kind="text"),
    Column(key="next_start_utc", label="Start there", kind="time"),
    Column(key="next_cost", label="Costs more", kind="number", most=1),
)
_REQUESTS = (
    Column(key="name", label="Ship", kind="text"),
    Column(key="notice_utc", label="Ask at", kind="time"),
    Column(key="full_speed_utc", label="At service speed", kind="time"),
    Column(key="requested_utc", label="Requested", kind="time"),
    Column(key="arrival_utc", label="She makes", kind="time"),
    Column(key="service_kn", label="Service", unit="kn", most=1),
    Column(key="speed_kn", label="Advised", unit="kn", most=1),
    Column(key="anchor_before_h", label="Anchor before", unit="h", most=1),
    Column(key="anchor_after_h", label="Anchor after", unit="h", most=1),
    Column(key="saved_t", label="Fuel saved", unit="t", most=2),
    Column(key="saved_co2e_t", label="CO₂e saved", unit="t", most=2),
)
_MOVES = (
    Column(key="name", label="Ship", kind="text"),
    Column(key="said", label="What", kind="text"),
    Column(key="was_berth_id", label="Was at", kind="text"),
    Column(key="berth_id", label="Is at", kind="text"),
    Column(key="was_start_utc", label="Started", kind="time"),
    Column(key="start_utc", label="Starts", kind="time"),
    Column(key="later_h", label="Later", unit="h", most=1),
)


def page(
    *,
    plan: Plan,
    reasons: pl.DataFrame,
    names: Mapping[str, str],
    requests: pl.DataFrame | None,
    changes: pl.DataFrame | None,
    left_out: pl.DataFrame | None,
    now: datetime | None,
    freeze_h: float,
) -> Content:
    """Return what the page says; see `sisterport.site.berths.plan_page`."""
    sections = [
        _picture(plan, names, now, freeze_h),
        _changed(changes, names),
        _ships(plan, names),
        _requests(requests, names),
        _power(plan),
        _why(reasons, names),
        _left_out(left_out),
        _proof(plan),
    ]
    return Content(
        kind="Berth plan" if changes is None else "Berth plan, made anew",
        lead=_lead(plan, now),
        numbers=_numbers(plan, requests),
        sections=[section for section in sections if section is not None],
        reserve=[
            "Waiting at anchor counts from the latest arrival that a ship can be asked for.",
            "All times are UTC.",
        ],
    )


def _lead(plan: Plan, now: datetime | None) -> str:
    stays = plan.stays
    if stays.is_empty():
        return "There is no call to plan."
    berths = counted(len(plan.desk.problem.berths), "berth")
    first, last = min(stays["start_utc"]), max(stays["end_utc"])
    when = f"from {moment(first)} to {moment(last)}"
    made = f", as it stands at {moment(now)}" if now is not None else ""
    return f"{counted(stays.height, 'call')} at {berths}, {when}{made}. {STATUSES[plan.status]}"


def _numbers(plan: Plan, requests: pl.DataFrame | None) -> list[Number]:
    stays = plan.stays
    waits = stays.filter(pl.col("waiting_h") >= plan.desk.clock.hours).height  # less is the rounding to steps
    late = stays.filter(pl.col("late_h") > 0).height
    plugged = stays.filter("plugged")
    hours = float((plugged["end_utc"] - plugged["start_utc"]).dt.total_minutes().sum()) / 60
    found = [
        Number(
            "At anchor", with_unit(float(stays["waiting_h"].sum()), "h"), f"{counted(waits, 'ship')} of {stays.height}"
        ),
        Number("Late", with_unit(float(stays["late_h"].sum()), "h"), f"{counted(late, 'ship')}"),
        Number("Shore power", with_unit(hours, "h"), counted(plugged.height, "ship")),
        Number("Gap", percent(plan.gap), "that another plan could save at most"),
    ]
    moved = stays.drop_nulls("moved_h")
    if moved.height:
        off = moved.filter((pl.col("moved_h") > 0) | pl.col("other_berth").fill_null(value=False)).height
        found.append(Number("Moved", f"{off}", f"of {counted(moved.height, 'promise')}"))
    if requests is not None and requests.height:
        saved = with_unit(float(requests["saved_t"].sum()), "t")
        found.append(Number("Fuel saved", saved, "if ships arrive as requested"))
    return found


def _picture(plan: Plan, names: Mapping[str, str], now: datetime | None, freeze_h: float) -> Section | None:
    if plan.stays.is_empty():
        return None
    says = "; ".join(
        f"{row['berth_id']}: {names.get(row['call_id'], row['call_id'])} {row['start_utc']:%d %b %H:%M} to "
        f"{row['end_utc']:%d %b %H:%M}"
        for row in plan.stays.sort("berth_id", "start_utc").iter_rows(named=True)
    )
    spec = gantt(plan, names=names, now=now, freeze_h=freeze_h)
    words = ["A bar is a stay. The thin line above it runs from ETA to start, in the row of the berth waited for."]
    if plan.desk.frames.tides.height:
        words.append("High water is marked at berths where deep ships come and go with the tide only.")
    if now is not None:
        words.append(f"The dashed line is {moment(now)}.")
    caption = "Who berths where and when (UTC)"
    return Section(
        key="picture", title="The plan", words=words, parts=[picture("gantt-chart", caption, spec, says=says)]
    )


def _named(rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    shown = [names.get(call, call) for call in rows["call_id"]]
    return rows.with_columns(pl.Series("name", shown, dtype=pl.String))


def _ships(plan: Plan, names: Mapping[str, str]) -> Section | None:
    if plan.stays.is_empty():
        return None
    need = plan.desk.calls.select("call_id", "shore_power")
    power = pl.when("plugged").then(pl.lit("yes")).when(pl.col("shore_power") == "may").then(pl.lit("could, does not"))
    rows = plan.stays.join(need, on="call_id", how="left", maintain_order="left").with_columns(
        power=power.otherwise(pl.lit("no"))
    )
    rows = _named(rows, names).sort("start_utc", "berth_id")
    drop = [name for name in ("moved_h", "fuel_t") if rows[name].null_count() == rows.height]
    total = {"name": "All", "waiting_h": rows["waiting_h"].sum(), "late_h": rows["late_h"].sum()}
    table = tabulate(rows.drop(drop), _SHIPS, caption="Stays in order of their start (UTC)", total=total)
    return Section(key="ships", title="Ships", parts=[table])


def _requests(requests: pl.DataFrame | None, names: Mapping[str, str]) -> Section | None:
    if requests is None:
        return None
    rows = _named(requests, names).sort("notice_utc")
    total = {"name": "All"} | {
        name: rows[name].sum() for name in ("anchor_before_h", "anchor_after_h", "saved_t", "saved_co2e_t")
    }
    words = [
        "A ship that is asked in time steams slower instead of waiting at anchor.",
        "Fuel is that of main and auxiliary engines and boilers, from now until her start at the berth.",
        "She keeps her place: her arrival at service speed counts in the queue (virtual arrival).",
    ]
    table = tabulate(rows, _REQUESTS, caption="Arrival to ask each ship for, at the pilot place (UTC)", total=total,
                     empty="No ship on her way has a call in this plan.")  # fmt: skip
    return Section(key="requests", title="Requests for arrival", words=words, parts=[table])


def _why(reasons: pl.DataFrame, names: Mapping[str, str]) -> Section | None:
    if reasons.is_empty():
        return None
    note = "Costs more: what the whole plan would cost more with her there, as far as a short search finds."
    table = tabulate(_named(reasons, names).sort("start_utc"), _REASONS, caption="Reasons for each ship", notes=[note])
    return Section(key="why", title="Why here and why then", parts=[table])


def _changed(changes: pl.DataFrame | None, names: Mapping[str, str]) -> Section | None:
    if changes is None:
        return None
    rows = _named(changes, names).with_columns(said=pl.col("change").replace(_CHANGES))
    table = tabulate(rows, _MOVES, caption="Against the plan before (UTC)", empty="Nothing changed.")
    return Section(key="changes", title="What changed", parts=[table])


def _left_out(left_out: pl.DataFrame | None) -> Section | None:
    if left_out is None or left_out.is_empty():
        return None
    counts = left_out.group_by("reason").len("calls").sort("calls", descending=True)
    columns = [Column(key="reason", label="Why", kind="text"), Column(key="calls", label="Calls", kind="count")]
    table = tabulate(counts, columns, caption="Calls that were read and are not in the plan")
    return Section(key="left-out", title="Not planned", parts=[table])


def _power(plan: Plan) -> Section | None:
    """Return what each plant with a limit gives over time."""
    berths = plan.desk.frames.berths.drop_nulls("plant_power_mw").filter(pl.col("shore_power_mw") > 0)
    plugged = plan.stays.filter("plugged")
    if berths.is_empty() or plugged.is_empty():
        return None
    plant = berths.select("berth_id", "plant_power_mw", plant=pl.coalesce("plant_id", "berth_id"))
    drawn = plugged.join(plant, on="berth_id").join(plan.desk.calls.select("call_id", "shore_power_mw"), on="call_id")
    if drawn.is_empty():
        return None
    steps = pl.concat([
        drawn.select("plant", time="start_utc", mw="shore_power_mw"),
        drawn.select("plant", time="end_utc", mw=-pl.col("shore_power_mw")),
    ]).group_by("plant", "time").agg(pl.col("mw").sum()).sort("plant", "time")  # fmt: skip
    lines = steps.with_columns(mw=pl.col("mw").cum_sum().over("plant").round(6))
    limits = dict(plant.group_by("plant").agg(pl.col("plant_power_mw").min()).sort("plant").iter_rows())
    most = dict(lines.group_by("plant").agg(pl.col("mw").max()).iter_rows())
    words = [f"{name}: {most.get(name, 0.0):g} MW at most, of {limit:g} MW." for name, limit in limits.items()]
    tones = (charts.NAVY, charts.AMBER, charts.BLUE, charts.SKY)
    parts: list[Any] = []
    if len(limits) <= len(tones):
        colours = dict(zip(limits, tones, strict=False))
        spec = charts.lines_over_time(lines, series="plant", value="mw", colours=colours, title="MW")
        parts.append(picture("power-chart", "Shore power drawn from each plant", spec))
    return Section(key="power", title="Shore power", words=words, parts=parts)


def _proof(plan: Plan) -> Section:
    weights = plan.desk.weights
    counted_in = {name: getattr(weights, name) for name in weights.__slots__ if getattr(weights, name)}
    rows: Sequence[tuple[str, str]] = [
        ("Cost of the plan", f"{plan.value:,.2f}"),
        ("No plan costs less than", f"{plan.bound:,.2f}"),
        ("Gap", percent(plan.gap)),
        ("Step of time", f"{plan.desk.step.total_seconds() / 60:g} min"),
        ("Weights", ", ".join(f"{name.replace('_', ' ')} {weight:g}" for name, weight in counted_in.items())),
        ("Time taken", f"{plan.seconds:.1f} s"),
    ]
    columns = [Column(key="what", label="", kind="text"), Column(key="value", label="", kind="text")]
    frame = pl.DataFrame(rows, schema=["what", "value"], orient="row")
    table: Table = tabulate(frame, columns, caption="Cost, bound and what was counted")
    words = [
        STATUSES[plan.status],
        "The certificate beside this page holds the plan and the prices that prove the bound.",
        "sisterport berths verify computes both again, without the optimiser.",
    ]
    return Section(key="proof", title="How good this plan is", words=words, parts=[table])
