"""The pages of the berths, each one file of HTML: a plan, what happened, and what policies would do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import polars as pl

from sisterport.berths import Plan
from sisterport.berths.happened import Happened
from sisterport.berths.study import Study
from sisterport.site import berths_plan, berths_report, berths_simulation, charts
from sisterport.site.berths_gantt import gantt, span
from sisterport.site.digits import moment
from sisterport.site.parts import write_page

NO_ORDER = "A plan is a proposal from the data that were given; pilots, tugs, gangs and the harbour master decide."
WALL_W = 1500.0
"""Width of the picture for the wall at least [px]; it is a drawing of lines, and can be printed at any size."""
NO_PORT = "A simulation compares policies in one model of a port; no real port has to behave like it."
NO_MORE = "These are the hours that were seen; what nobody saw is left out, and counted."
_written = partial(write_page, template="berths.html", reserve=NO_ORDER)


def plan_page(
    path: str | Path,
    *,
    plan: Plan,
    reasons: pl.DataFrame,
    title: str,
    who: pl.DataFrame | None = None,
    requests: pl.DataFrame | None = None,
    changes: pl.DataFrame | None = None,
    left_out: pl.DataFrame | None = None,
    now: datetime | None = None,
    freeze_h: float = 0.0,
    notes: Sequence[str] = (),
) -> Path:
    r"""Write the page of a plan: berths over time, ships with their reasons, requests for arrival, changes, the proof.

    Parameters
    ----------
    path
        File to write; it is replaced at once, when the page is whole.
    plan, reasons
        Of `sisterport.berths.plan.plan` (or `replan`) and `sisterport.berths.explain.explain`.
    title
        Head of the page.
    who
        Frame of the table ``announced_calls``: names of ships.
    requests
        Frame of the table ``arrival_requests``.
    changes
        ``call_id, change, was_berth_id, berth_id, was_start_utc, start_utc, later_h``: against the plan before.
    left_out
        ``call_id, reason``: calls that could not be planned.
    now, freeze_h
        Of a replan.
    notes
        What else a reader should know; one that begins with "Made up", "Assumed" or "Synthetic" stands in a coloured
        band above.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> from sisterport.berths import explain, plan
    >>> calls = pl.DataFrame({"call_id": ["Ada"], "handling_h": [4.0], "eta_utc": [datetime(2026, 1, 1, 6)]})
    >>> made = plan(calls, pl.DataFrame({"berth_id": ["east"]}))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = plan_page(f"{folder}/p.html", plan=made, reasons=explain(made), title="One ship")
    ...     "1 call at 1 berth" in page.read_text("utf-8").replace("\u202f", " ")
    True
    """
    content = berths_plan.page(
        plan=plan,
        reasons=reasons,
        names=names_of(who),
        requests=requests,
        changes=changes,
        left_out=left_out,
        now=now,
        freeze_h=freeze_h,
    )
    return _written(path, content, title=title, notes=notes)


def wall_chart(
    plan: Plan, *, who: pl.DataFrame | None = None, now: datetime | None = None, freeze_h: float = 0.0
) -> str:
    """Return the picture of a plan as SVG for print; parameters as in `plan_page`.

    Examples
    --------
    >>> from sisterport.berths import plan
    >>> calls = pl.DataFrame({"call_id": ["Ada"], "handling_h": [4.0], "eta_utc": [datetime(2026, 1, 1, 6)]})
    >>> wall_chart(plan(calls, pl.DataFrame({"berth_id": ["east"]})))[:35]
    '<svg xmlns="http://www.w3.org/2000/'
    """
    spec = gantt(plan, names=names_of(who), now=now, freeze_h=freeze_h, least=WALL_W)
    first, last = span(plan, now)
    made = f"as it stands at {moment(now)}" if now is not None else "times in UTC"
    spec["title"] = {
        "text": f"Berth plan, {moment(first)} to {moment(last)}, {made}",
        "anchor": "start",
        "fontSize": 15,
    }
    text = charts.svg(spec, name="plan", title="Who berths where and when (UTC)")
    return text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) + "\n"


def report_page(
    path: str | Path, *, happened: Happened, watch: pl.DataFrame, title: str, notes: Sequence[str] = ()
) -> Path:
    """Write the page of what happened: waiting, turnaround, occupancy and idle time, with their coverage.

    Parameters
    ----------
    path
        File to write.
    happened
        Of `sisterport.berths.happened.happened`.
    watch
        ``begin_utc, end_utc``: when somebody looked.
    title, notes
        As in `plan_page`.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> from sisterport.berths.happened import happened
    >>> from sisterport.tables import empty
    >>> nothing = happened(empty("visits"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = report_page(f"{folder}/h.html", happened=nothing, watch=nothing.idle.select("begin_utc", "end_utc"),
    ...                        title="Nobody yet")
    ...     "There is no call" in page.read_text("utf-8")
    True
    """
    content = berths_report.page(happened, watch=watch)
    return write_page(path, content, template="berths.html", reserve=NO_MORE, title=title, notes=notes)


def simulation_page(path: str | Path, *, study: Study, title: str, notes: Sequence[str] = ()) -> Path:
    """Write the page of a simulation: policies with confidence intervals, fuel beside published savings, who pays.

    Parameters
    ----------
    path
        File to write.
    study
        Of `sisterport.berths.study.study`.
    title, notes
        As in `plan_page`.

    Returns
    -------
    Path
        The file.
    """
    content = berths_simulation.page(study)
    return write_page(path, content, template="berths.html", reserve=NO_PORT, title=title, notes=notes)


def names_of(who: pl.DataFrame | None) -> Mapping[str, str]:
    """Return the names of ships by call."""
    if who is None:
        return {}
    return dict(who.drop_nulls("name").select("call_id", "name").iter_rows())
