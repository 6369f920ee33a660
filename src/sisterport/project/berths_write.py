"""What a plan is written as: tables, a certificate, a manifest, a page and a picture; and DCSA events."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from sisterport.berths.certificate import write as write_certificate
from sisterport.exchange.dcsa_calls_write import call_events, plan_times, request_times
from sisterport.project.berths_ask import Asking
from sisterport.project.steps import step
from sisterport.site import berths as pages
from sisterport.tables import write_text

if TYPE_CHECKING:
    from sisterport.project.berths import Made

STEP = "plan"
"""Name of the manifest, of the table of stays, of page and picture."""
CERTIFICATE = "certificate.json"


def write_plan(
    folder: Path,
    made: "Made",
    *,
    calls: pl.DataFrame,
    times: pl.DataFrame | None,
    given: Sequence[Path | None],
    options: Mapping[str, Any],
    asking: Asking | None = None,
    previous: pl.DataFrame | None = None,
    dcsa: Path | None = None,
) -> None:
    """Write a plan whole or not at all, and the names of its files into `made`.

    Parameters
    ----------
    folder, made
        Where to, and what.
    calls
        The calls as they were given; the plan may know more of them.
    times
        What was said before, for events that answer it.
    given, options
        Files and options of the manifest.
    asking
        Ships on their way.
    previous
        Stays of the plan before.
    dcsa
        File for the plan as events.
    """
    frames = made.plan.desk.frames
    options = {**options, "asked_ahead_h": asking and asking.notice_h, "asked_early_h": asking and asking.buffer_h}
    body = None if dcsa is None else events(made, times=times)  # faults before anything is written
    seen: dict[str, Any] = {"now": options.get("now_utc"), "freeze_h": float(options.get("freeze_h") or 0.0)}
    with step(folder, STEP) as to:
        to.write(
            plan=made.plan.stays,
            reasons=made.reasons,
            calls=calls,
            planned_calls=frames.calls,
            berths=frames.berths,
            who=made.who,
            said=times,
            previous=previous,
            changes=made.changes,
            left_out=made.left_out,
            requests=made.requested.requests if made.requested else None,
            speeds=made.requested.profile if made.requested else None,
            **{name: _some(getattr(frames, name)) for name in ("pairs", "approaches", "closures", "tides")},
        )
        told = {**result(made), "hindrance": made.plan.hindrance}
        write_certificate(made.plan.certificate, to.place / CERTIFICATE)
        (to.place / "result.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        pages.plan_page(
            to.place / f"{STEP}.html",
            plan=made.plan,
            reasons=made.reasons,
            who=made.who,
            requests=made.requested.requests if made.requested else None,
            changes=made.changes,
            left_out=made.left_out,
            **seen,
            title="Berth plan",
            notes=made.notes,
        )
        (to.place / f"{STEP}.svg").write_text(pages.wall_chart(made.plan, who=made.who, **seen), encoding="utf-8")
        kept = {name: asdict(part) if name == "weights" else part for name, part in options.items()}
        to.close(given=[*given, *(asking.files if asking else ())], read=(), options=kept)
    made.files.extend(to.files)
    if dcsa is not None:
        write_text(dcsa, json.dumps(body, indent=1, ensure_ascii=False) + "\n")


def result(made: "Made") -> dict[str, Any]:
    """Return what was reached, in numbers."""
    plan, stays = made.plan, made.plan.stays
    return {
        "status": plan.status,
        "value": plan.value,
        "bound": plan.bound,
        "gap": plan.gap,
        "seconds": round(plan.seconds, 3),
        "calls": stays.height,
        "waiting_h": float(stays["waiting_h"].sum()),
        "turnaround_h": float(stays["turnaround_h"].sum()),
        "late_h": float(stays["late_h"].sum()),
        "plugged": int(stays["plugged"].sum()),
        "moved": stays.filter((pl.col("moved_h") > 0) | pl.col("other_berth").fill_null(value=False)).height,
    }


def events(made: "Made", *, times: pl.DataFrame | None, updated: datetime | None = None) -> dict[str, Any]:
    """Return plan and requests as DCSA Port Call events.

    Parameters
    ----------
    made
        The plan.
    times
        Table ``call_times``: what was said before and is answered.
    updated
        When it is said; now if not given.

    Raises
    ------
    SisterportError
        For calls without IMO number and MMSI.
    """
    moment = updated or datetime.now(UTC).replace(microsecond=0)
    said = [plan_times(made.plan.stays, made.who, updated=moment, times=times)]
    if made.requested is not None:
        slowed = made.requested.requests
        said.append(request_times(slowed, made.who, updated=moment, times=times))
    return call_events(pl.concat(said))


def _some(frame: pl.DataFrame) -> pl.DataFrame | None:
    """Return a frame with rows."""
    return frame if frame.height else None
