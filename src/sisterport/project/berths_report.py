"""What happened at berth and at anchor, by files: a run or a port's own records in; tables, events and a page out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from sisterport.berths.happened import Happened, anchorage_waiting, happened
from sisterport.berths.visits import Watched, read_records, read_run_visits
from sisterport.errors import choose
from sisterport.exchange.dcsa_calls_write import call_events, visit_times
from sisterport.project.manifest import NAME
from sisterport.project.steps import step
from sisterport.site import berths as pages
from sisterport.tables import write_text

STEP = "berth_report"
"""Name of manifest and page."""
BY = ("terminal", "ship_class", "month")
"""Usual groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What happened.

    Attributes
    ----------
    happened : Happened
        Calls, occupancy and idle time.
    groups : polars.DataFrame
        Table ``port_times`` by the groups that were asked for.
    whole : polars.DataFrame
        The same of everything together.
    waiting : polars.DataFrame
        The indicator of anchorage waiting by terminal.
    watched : Watched
        Visits, and when somebody looked.
    files : list of str
        Files that were written.
    """

    happened: Happened
    groups: pl.DataFrame
    whole: pl.DataFrame
    waiting: pl.DataFrame
    watched: Watched
    files: list[str] = field(default_factory=list)


def report_files(
    source: Path,
    *,
    by: Sequence[str] = BY,
    terminal: str | None = None,
    to: Path | None = None,
    dcsa: Path | None = None,
    updated: datetime | None = None,
) -> Reported:
    """Return what happened in a run or in a port's own records, and write it if asked to.

    Parameters
    ----------
    source
        Folder of a run, or a list of calls (table ``call_records``).
    by
        Groups: locode, terminal, ship_class, month.
    terminal
        Only stops at this terminal, and the anchoring of the calls that went there.
    to
        Folder to write into; None writes nothing.
    dcsa
        File for what happened as DCSA Port Call events, for information only.
    updated
        When that is said; now if not given.

    Raises
    ------
    SisterportError
        If the source is wrong; every fault of it.
    """
    watched = read_run_visits(source) if source.is_dir() else read_records(source)
    if terminal is not None:
        watched = _of_terminal(watched, terminal)
    found = happened(watched)
    made = Reported(
        happened=found,
        groups=found.summary(by=by),
        whole=found.summary(by=()),
        waiting=anchorage_waiting(found.calls, by=("terminal",)),
        watched=watched,
    )
    moment = updated or datetime.now(UTC).replace(microsecond=0)
    body = None if dcsa is None else call_events(visit_times(watched.visits, updated=moment))
    if to is not None:
        _write(to, made, source=source, by=by, terminal=terminal)
    if dcsa is not None:
        write_text(dcsa, json.dumps(body, indent=1, ensure_ascii=False) + "\n")
    return made


def _of_terminal(watched: Watched, terminal: str) -> Watched:
    """Return the visits of calls that berthed at a terminal.

    Raises
    ------
    MethodError
        If there is no such terminal.
    """
    rows = watched.visits
    choose("terminal", terminal, rows["terminal"].drop_nulls().unique().sort().to_list())
    calls = rows.filter(terminal=terminal)["call_id"].unique().to_list()
    kept = rows.filter(pl.col("call_id").is_in(calls), (pl.col("place") != "berth") | (pl.col("terminal") == terminal))
    return Watched(kept, watched.watch)


def _write(to: Path, made: Reported, *, source: Path, by: Sequence[str], terminal: str | None) -> None:
    found = made.happened
    with step(to, STEP) as place:
        place.write(
            port_times=made.groups,
            port_calls=found.calls,
            occupancy=found.occupancy,
            idle=found.idle,
            anchorage_waiting=made.waiting,
        )
        pages.report_page(
            place.place / f"{STEP}.html",
            happened=found,
            watch=made.watched.watch,
            title="Berths: what happened" if terminal is None else f"{terminal}: what happened",
        )
        file = source / NAME if source.is_dir() else source
        place.close(
            given=[file if file.is_file() else None],
            read=(),
            options={"by": list(by), "terminal": terminal, "source": str(source.name)},
        )
    made.files.extend(place.files)
