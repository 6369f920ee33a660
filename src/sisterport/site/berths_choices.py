"""Pages on choices beside a plan: what late requests cost and save, and several ports with the speeds between them."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from sisterport.berths.front import Front
from sisterport.berths.rotation import Rotation
from sisterport.site.digits import counted, percent, significant, with_unit
from sisterport.site.parts import Content, Number, Section, write_page
from sisterport.site.tabulate import Column, Table, tabulate

NO_PROMISE = "Delays are drawn at random from stated errors; a real week is one draw of its own."
NO_ORDER = "A plan is a proposal from the data that were given; each port and each master decides."
_BUFFERS = (
    "Hours before her start that a ship is asked for. They cost least in the mean and in the worst tenth of the "
    "delays: hours at anchor, with hours of idle berths and fuel as they were weighed."
)
_CHOICE = (
    Column(key="plan", label="Plan", kind="text"),
    Column(key="notice_h", label="Notice", unit="h", most=1),
    Column(key="buffer_h", label="Buffer", unit="h", most=1),
    Column(key="anchor_h", label="At anchor", unit="h", most=1),
    Column(key="anchor_cvar_h", label="worst tenth", unit="h", most=1),
    Column(key="fuel_t", label="Fuel", unit="t", most=2),
    Column(key="fuel_cvar_t", label="worst tenth", unit="t", most=2),
    Column(key="idle_h", label="Berth idle", unit="h", most=1),
    Column(key="idle_cvar_h", label="worst tenth", unit="h", most=1),
)
_BUFFER = (
    Column(key="call_id", label="Call", kind="text"),
    Column(key="buffer_h", label="Buffer", unit="h", most=1),
)
_STAY = (
    Column(key="call_id", label="Call", kind="text"),
    Column(key="mmsi", label="MMSI", kind="text"),
    Column(key="locode", label="Port", kind="text"),
    Column(key="berth_id", label="Berth", kind="text"),
    Column(key="start_utc", label="Start", kind="time"),
    Column(key="end_utc", label="End", kind="time"),
)
_LEG = (
    Column(key="call_id", label="To call", kind="text"),
    Column(key="from_locode", label="From", kind="text"),
    Column(key="to_locode", label="To", kind="text"),
    Column(key="departure_utc", label="Departure", kind="time"),
    Column(key="start_utc", label="Start", kind="time"),
    Column(key="distance_nm", label="Distance", unit="nm", most=0),
    Column(key="speed_kn", label="Speed", unit="kn", most=1),
    Column(key="anchor_h", label="At anchor", unit="h", most=1),
    Column(key="fuel_t", label="Fuel", unit="t", most=2),
    Column(key="fuel_full_speed_t", label="at full speed", unit="t", most=2),
)


def front_page(path: Path, *, found: Front, buffers: pl.DataFrame, title: str, notes: Sequence[str] = ()) -> Path:
    """Write the page of trade-offs: the Pareto front, all choices, and the buffer of each ship.

    Parameters
    ----------
    path
        File to write.
    found, buffers
        Of `sisterport.berths.front.front` and `sisterport.berths.front.choose_buffers`.
    title, notes
        As in `sisterport.site.berths.plan_page`.
    """
    rows = found.choices
    best = rows.filter("efficient").sort("anchor_h", "fuel_t")
    first = buffers.row(0, named=True)
    cost, bare, tail, bare_tail = (
        significant(first[name]) for name in ("cost", "cost_without", "cvar", "cvar_without")
    )
    content = Content(
        kind="Trade-offs",
        lead=f"{counted(rows.height, 'choice')} of plan, notice and buffer under the same sampled delays: "
        f"{best.height} of them no other beats in hours at anchor, fuel and idle berths together.",
        numbers=[
            Number("Cost with these buffers", cost, f"{bare} without"),
            Number("Worst tenth", tail, f"{bare_tail} without"),
            Number("Hypervolume", percent(found.hypervolume), "of the box from best to worst"),
        ],
        sections=[
            Section(key="front", title="Choices that no other beats", parts=[_choices(best, "Pareto front")]),
            Section(
                key="buffers",
                title="Buffer of each ship",
                words=[_BUFFERS],
                parts=[tabulate(buffers, _BUFFER, caption="Buffers")],
            ),
            Section(key="all", title="All choices", parts=[_choices(rows, "All choices")]),
        ],
        reserve=["The order at each berth is kept, whatever the delays."],
    )
    return write_page(path, content, template="berths.html", reserve=NO_PROMISE, title=title, notes=notes)


def _choices(rows: pl.DataFrame, caption: str) -> Table:
    return tabulate(rows, _CHOICE, caption=caption)


def rotation_page(path: Path, *, plan: Rotation, title: str, notes: Sequence[str] = ()) -> Path:
    """Write the page of several ports: stays and legs.

    Parameters
    ----------
    path
        File to write.
    plan
        Of `sisterport.berths.rotation.plan_rotation`.
    title, notes
        As in `sisterport.site.berths.plan_page`.
    """
    burnt, full = (float(plan.legs[name].sum()) for name in ("fuel_t", "fuel_full_speed_t"))
    ports = plan.stays["locode"].n_unique()
    as_text = pl.col("mmsi").cast(pl.String)
    content = Content(
        kind="Rotation",
        lead=f"{counted(plan.stays.height, 'call')} at {counted(ports, 'port')}, planned together.",
        numbers=[
            Number("Cost", significant(plan.value, 4), f"none costs less than {significant(plan.bound, 4)}"),
            Number("Gap", percent(plan.gap), "could be saved at most"),
            Number("Fuel of the legs", with_unit(burnt, "t"), f"{with_unit(full, 't')} at full speed"),
        ],
        sections=[
            Section(
                key="stays", title="Berths", parts=[tabulate(plan.stays.with_columns(as_text), _STAY, caption="Stays")]
            ),
            Section(key="legs", title="Speeds", parts=[tabulate(plan.legs, _LEG, caption="Legs")]),
        ],
        reserve=[
            "It was bettered port by port until nothing was gained; there may be a better one, by the gap at most."
        ],
    )
    return write_page(path, content, template="berths.html", reserve=NO_ORDER, title=title, notes=notes)
