"""The pages of the rules, each one file of HTML: a check of ships, and one ship under each regulation."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from sisterport.errors import choose
from sisterport.site import rules_check, rules_others, rules_single
from sisterport.site.parts import write_page
from sisterport.site.rules_parts import NO_ADVICE

if TYPE_CHECKING:
    from sisterport.rules.fleet import FleetAccount

LAWS = {
    "fueleu": rules_single.fueleu,
    "ets": rules_single.ets,
    "cii": rules_single.cii,
    "netzero": rules_single.netzero,
}
"""Regulations that have a page of one ship."""
_written = partial(write_page, template="rules.html", reserve=NO_ADVICE)


def check_page(
    path: str | Path,
    *,
    compliance: Any,
    outcomes: pl.DataFrame,
    title: str,
    account: "FleetAccount | None" = None,
    changes: pl.DataFrame | None = None,
    notes: Sequence[str] = (),
) -> Path:
    """Write the page of a check: a picture for each regulation, the fleet, the ships, and why accounts are missing.

    Parameters
    ----------
    path
        File to write; it is replaced at once, when the page is whole.
    compliance
        Frame of the table ``compliance``.
    outcomes
        regulation, year, outcome, ships: of `sisterport.site.rules_sums.outcomes`.
    title
        Head of the page.
    account, changes
        Of `sisterport.rules.fleet.fleet_account` and `sisterport.rules.fleet.fleet_changes`.
    notes
        What else a reader should know; one that begins with "Assumed" or "Made up" stands in a coloured band above.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> from sisterport.site.rules_sums import outcomes
    >>> from sisterport.tables import empty
    >>> none = empty("compliance")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = check_page(f"{folder}/r.html", compliance=none, outcomes=outcomes(none), title="Nobody yet")
    ...     "There is no ship" in page.read_text("utf-8")
    True
    """
    content = rules_check.page(compliance=compliance, outcomes=outcomes, account=account, changes=changes)
    return _written(path, content, title=title, notes=notes)


def ship_page(
    path: str | Path,
    law: str,
    *,
    found: Mapping[str, Any],
    years: pl.DataFrame,
    title: str,
    notes: Sequence[str] = (),
) -> Path:
    """Write the page of one ship under one regulation.

    Parameters
    ----------
    path
        File to write.
    law
        One of `LAWS`.
    found, years
        The year that was asked for, and all years: of `sisterport.project.compliance_single`.
    title, notes
        As in `check_page`.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> from dataclasses import asdict
    >>> from sisterport.rules.fueleu_balance import balances
    >>> oil = {"ship_id": ["s"] * 2, "year": [2025, 2030], "fuel": ["HFO"] * 2, "mass_t": [9.0] * 2}
    >>> years = balances(pl.DataFrame(oil).with_columns(scope_share=1.0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = ship_page(f"{folder}/f.html", "fueleu", found=years.row(0, named=True), years=years, title="A ship")
    ...     "Intensity against the limit over the years" in page.read_text("utf-8")
    True
    """
    content = LAWS[choose("regulation", law, list(LAWS))](found, years)
    return _written(path, content, title=title, notes=notes)


def at_berth_page(path: str | Path, *, outcomes: Any, title: str, notes: Sequence[str] = ()) -> Path:
    """Write the page of visits to California's ports.

    Parameters
    ----------
    path
        File to write.
    outcomes
        Frame of the table ``carb_outcomes``.
    title, notes
        As in `check_page`.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> from sisterport.tables import empty
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = at_berth_page(f"{folder}/b.html", outcomes=empty("carb_outcomes"), title="Nobody yet")
    ...     "There is no visit" in page.read_text("utf-8")
    True
    """
    return _written(path, rules_others.at_berth(outcomes), title=title, notes=notes)


def fuels_page(
    path: str | Path, *, table: pl.DataFrame, threshold: Mapping[str, Any], title: str, notes: Sequence[str] = ()
) -> Path:
    """Write the page of fuels side by side.

    Parameters
    ----------
    path
        File to write.
    table
        Frame of `sisterport.fuels.compare`.
    threshold
        ``name`` and ``value`` [g/MJ] of the threshold that is drawn.
    title, notes
        As in `check_page`.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> from sisterport.fuels import compare
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table, red = compare("China", fuels=["methanol"]), {"name": "red_70", "value": 28.2}
    ...     page = fuels_page(f"{folder}/f.html", table=table, threshold=red, title="Methanol")
    ...     "none is certified" in page.read_text("utf-8")
    True
    """
    return _written(path, rules_others.fuels(table, threshold=threshold), title=title, notes=notes)
