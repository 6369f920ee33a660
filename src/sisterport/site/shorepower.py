"""The pages of shore power, each one file of HTML: who fits where, coverage, savings, what to build first."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sisterport.shorepower.grades import PRE_SCREEN
from sisterport.site import shorepower_coverage, shorepower_match, shorepower_savings, shorepower_upgrades
from sisterport.site.parts import write_collection, write_page
from sisterport.site.shorepower_map import verdict_features

if TYPE_CHECKING:
    from sisterport.shorepower.saving_explained import SavingExplanation
    from sisterport.shorepower.upgrades import Upgraded

_written = partial(write_page, template="shorepower.html", reserve=PRE_SCREEN)


def match_page(
    path: str | Path,
    *,
    verdicts: Any,
    inlets: Any,
    outlets: Any,
    missing: Any = None,
    on: date,
    title: str,
    notes: Sequence[str] = (),
    ships: Any = None,
    areas: Mapping[str, Any] | None = None,
) -> Path:
    """Write the page of verdicts: ship classes by berths, a map, and the facts to obtain.

    Parameters
    ----------
    path
        File to write; it is replaced at once, when the page is whole.
    verdicts
        Frame of the table ``verdicts``.
    inlets, outlets
        Registers that were matched: they tell class and name of ships, port, terminal and place of berths.
    missing
        Frame of `missing_facts`; None: the page says that facts were not ranked.
    on
        Day of the verdicts.
    title
        Head of the page.
    notes
        What else a reader should know; one that begins with "Synthetic", "Assumed", "Invented" or "Made up" stands in
        a coloured band above the page.
    ships
        Frame with ``ship_id`` (or ``imo``, ``mmsi``) and ``ship_class``: ships that are not in `inlets`.
    areas
        GeoJSON feature collection of the table ``areas``: where berths lie that have no position in `outlets`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SchemaError
        Frames that do not fit their tables.

    Examples
    --------
    >>> import tempfile
    >>> from sisterport.tables import empty
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = match_page(f"{folder}/match.html", verdicts=empty("verdicts"), inlets=empty("inlets"),
    ...                       outlets=empty("outlets"), on=date(2026, 11, 1), title="Nobody yet")
    ...     "No pair of ship and berth was matched" in page.read_text("utf-8")
    True
    """
    page = shorepower_match.page(
        verdicts=verdicts, inlets=inlets, outlets=outlets, missing=missing, on=on, ships=ships, areas=areas
    )
    return _written(path, page, title=title, notes=notes)


def match_geojson(path: str | Path, *, verdicts: Any, outlets: Any, areas: Mapping[str, Any] | None = None) -> Path:
    """Write the berths as GeoJSON points with the number of pairs of each grade.

    Parameters
    ----------
    path
        File to write.
    verdicts, outlets, areas
        As in `match_page`.

    Returns
    -------
    Path
        The file. A berth of unknown position stands at its port, and says so; one without either has no geometry.
    """
    return write_collection(path, verdict_features(verdicts, outlets, areas=areas))


def coverage_page(
    path: str | Path,
    *,
    coverage: Any,
    stays: Any,
    title: str,
    notes: Sequence[str] = (),
    verdicts: Any = None,
) -> Path:
    """Write the page of coverage: what could connect, could after a fix, and did.

    Parameters
    ----------
    path
        File to write.
    coverage
        Frame of `sisterport.shorepower.coverage.coverage`.
    stays
        Frame of the table ``stays`` that it was made of.
    title, notes
        As in `match_page`.
    verdicts
        Frame of the table ``verdicts``: names the checks that stand in the way and the fixes.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> from sisterport.shorepower.coverage import coverage
    >>> from sisterport.tables import empty
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = coverage_page(f"{folder}/c.html", coverage=coverage(empty("stays")), stays=empty("stays"),
    ...                          title="Nobody yet")
    ...     "There is no stay" in page.read_text("utf-8")
    True
    """
    return _written(
        path, shorepower_coverage.page(coverage=coverage, stays=stays, verdicts=verdicts), title=title, notes=notes
    )


def savings_page(
    path: str | Path,
    *,
    savings: Any,
    explanation: "SavingExplanation | None" = None,
    economics: Any = None,
    title: str,
    notes: Sequence[str] = (),
) -> Path:
    """Write the page of savings: at the quay and net of the grid, what it costs, and where each figure comes from.

    Parameters
    ----------
    path
        File to write.
    savings
        Frame of the table ``savings``.
    explanation
        Of `explain_savings`.
    economics
        Frame of `sisterport.shorepower.economics.economics`.
    title, notes
        As in `match_page`.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> from sisterport.tables import empty
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = savings_page(f"{folder}/s.html", savings=empty("savings"), title="Nobody yet")
    ...     "There is no stay" in page.read_text("utf-8")
    True
    """
    return _written(
        path,
        shorepower_savings.page(savings=savings, explanation=explanation, economics=economics),
        title=title,
        notes=notes,
    )


def upgrades_page(
    path: str | Path,
    *,
    results: "Upgraded | Sequence[Upgraded]",
    frontier: "Sequence[Upgraded] | None" = None,
    title: str,
    notes: Sequence[str] = (),
    cooperation: Any = None,
    price_year: int | None = None,
    survival: Sequence[str] = (),
    agreements: Any = None,
    economics: Any = None,
) -> Path:
    """Write the page of upgrades: what to build first, the frontier with its proven bound, what each port gains.

    Parameters
    ----------
    path
        File to write.
    results
        Plan or plans of `upgrades` that are shown in full.
    frontier
        Plans of the same problem at many budgets: the curves; None: those of `results`.
    title, notes
        As in `match_page`.
    cooperation
        Frame with ``locode``, ``alone`` and ``together``: what each port gains in the unit of the objective if it plans
        for itself and if all plan together; further columns ``budget_alone_musd``, ``name`` are shown if there.
    price_year
        Year of the prices; None: the page says that it is not known.
    survival
        Sentences: whether the plan stays the same at low and at high cost.
    agreements
        Frame with ``budget_musd, agreement_id, ports, builds, cost_musd, in_plan, value, value_without,
        value_if_made, dearer_musd``: agreements that could be made, and what they save beside separate choices.
    economics
        Frame of `sisterport.shorepower.economics.three_costs` with ``budget_musd``.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> from sisterport.shorepower.example import frames
    >>> from sisterport.shorepower.upgrades import upgrades
    >>> plan = upgrades(*frames(), budget_musd=6.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = upgrades_page(f"{folder}/u.html", results=plan, title="Two ports")
    ...     "inlet:ferry1" in page.read_text("utf-8")
    True
    """
    page = shorepower_upgrades.page(
        results=results,
        frontier=frontier,
        cooperation=cooperation,
        price_year=price_year,
        survival=survival,
        agreements=agreements,
        economics=economics,
    )
    return _written(path, page, title=title, notes=notes)
