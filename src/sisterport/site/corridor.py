"""The pages of a corridor, each one file of HTML: its baseline, the reach of fuels, a plan, two plans side by side."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import polars as pl

from sisterport.corridor.scenario import Scenario
from sisterport.site import corridor_baseline, corridor_compare, corridor_plan, corridor_reach
from sisterport.site.corridor_parts import NO_PROMISE, notes_on
from sisterport.site.parts import write_page

_written = partial(write_page, template="corridor.html", reserve=NO_PROMISE)


def baseline_page(
    path: str | Path,
    *,
    rows: pl.DataFrame,
    scenario: Scenario,
    others: Mapping[str, pl.DataFrame] | None = None,
    left_out: pl.DataFrame | None = None,
    notes: Sequence[str] = (),
) -> Path:
    """Write the page of a baseline: totals with the boundary printed, by leg, port and service.

    Parameters
    ----------
    path
        File to write; it is replaced at once, when the page is whole.
    rows
        Table ``corridor_baseline``, within one boundary.
    scenario
        The scenario.
    others
        The same within other boundaries.
    left_out
        Of a baseline from AIS: what is not in it.
    notes
        What else a reader should know; one that begins with "Assumed" or "Made up" stands in a coloured band above.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> from sisterport.corridor.baseline import baseline
    >>> from sisterport.corridor.examples import example
    >>> scenario = example("shanghai-hamburg")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = baseline_page(f"{folder}/b.html", rows=baseline(scenario), scenario=scenario)
    ...     "Boundary “string”" in page.read_text("utf-8")
    True
    """
    content = corridor_baseline.page(rows, scenario=scenario, others=others or {}, left_out=left_out)
    return _written(path, content, title="What the corridor emits today", notes=[*notes_on(scenario), *notes])


def reach_page(
    path: str | Path, *, reach: pl.DataFrame, served: pl.DataFrame, scenario: Scenario, notes: Sequence[str] = ()
) -> Path:
    """Write the page of reach.

    Parameters
    ----------
    path
        File to write.
    reach, served
        Of `sisterport.corridor.reach`, with the same options.
    scenario, notes
        As in `baseline_page`.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> from sisterport.corridor.examples import example
    >>> from sisterport.corridor.reach import reach, served
    >>> scenario = example("shanghai-hamburg")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = reach_page(f"{folder}/r.html", reach=reach(scenario), served=served(scenario), scenario=scenario)
    ...     "Share of voyages that can be sailed" in page.read_text("utf-8")
    True
    """
    content = corridor_reach.page(reach, served, scenario=scenario)
    return _written(path, content, title="How far each fuel gets", notes=[*notes_on(scenario), *notes])


def plan_page(path: str | Path, *, shown: corridor_plan.Shown, notes: Sequence[str] = ()) -> Path:
    """Write the page of a plan.

    Parameters
    ----------
    path
        File to write.
    shown
        The plan, today's way and the answers.
    notes
        As in `baseline_page`.

    Returns
    -------
    Path
        The file.
    """
    return _written(
        path, corridor_plan.page(shown), title="A plan for the corridor", notes=[*notes_on(shown.scenario), *notes]
    )


def compare_page(
    path: str | Path,
    *,
    left: corridor_compare.Side,
    right: corridor_compare.Side,
    tables: Mapping[str, pl.DataFrame],
    proven: tuple[float, float] | None = None,
    notes: Sequence[str] = (),
) -> Path:
    """Write the page of two plans side by side.

    Parameters
    ----------
    path
        File to write.
    left, right
        The plans.
    tables
        Frames of `sisterport.project.corridor_compare.compare_files`.
    proven
        Between what the best plans of both can differ, where that is proven.
    notes
        As in `baseline_page`.

    Returns
    -------
    Path
        The file.
    """
    said = dict.fromkeys([*notes_on(left.scenario), *notes_on(right.scenario), *notes])
    return _written(
        path, corridor_compare.page(left, right, tables, proven), title="Two plans side by side", notes=list(said)
    )
