"""Compliance by files: a run, voyages or an EU-MRV publication in; accounts, tables, a manifest and a page out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import InputError, did_you_mean
from sisterport.project.compliance_options import Choices, choices, switches
from sisterport.project.compliance_read import Given, kind_of, read
from sisterport.project.steps import step
from sisterport.project.together import together
from sisterport.reference import value
from sisterport.rules.compliance import compliance
from sisterport.rules.fleet import FleetAccount, fleet_account, fleet_changes
from sisterport.rules.from_mrv import from_mrv
from sisterport.site import rules as pages
from sisterport.site.rules_sums import outcomes
from sisterport.units import HOURS_PER_YEAR

STEP = "rules"
"""Name of the manifest and of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found.

    Attributes
    ----------
    kind : str
        What was checked: ``run``, ``voyages`` or ``mrv``.
    compliance : polars.DataFrame
        Table ``compliance``.
    outcomes : polars.DataFrame
        regulation, year, outcome, ships (reports): for how many there is a result, and why not for the others.
    account, changes
        Costs of the fleet with the cheapest legal pools, and what would change them; None for a publication.
    notes : list of str
        What a reader has to know first.
    files : list of str
        Files that were written.
    """

    kind: str
    compliance: pl.DataFrame
    outcomes: pl.DataFrame
    account: FleetAccount | None = None
    changes: pl.DataFrame | None = None
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def check_files(
    source: Path,
    *,
    year: int | None = None,
    kind: str | None = None,
    register: Path | None = None,
    bunkers: Path | None = None,
    extras: Path | None = None,
    given: Mapping[str, Any] | None = None,
    switch: Sequence[str] = (),
    pool: bool = True,
    borrow: bool = True,
    weigh: bool = True,
    to: Path | None = None,
) -> Checked:
    """Return what the regulations make of ships, and write it if asked to.

    Parameters
    ----------
    source
        Folder of a run, voyages with fuel (CSV or Parquet), or an EU-MRV publication (Excel or CSV).
    year
        Year whose law counts, see `sisterport.project.compliance_read.of_year`; None: each row's own.
    kind
        ``run``, ``voyages`` or ``mrv``; None: told from the source.
    register, bunkers, extras
        Further files, see `sisterport.project.compliance_read.read`.
    given
        Choices of method by name, see `sisterport.project.compliance_options.choices`.
    switch
        Fuels whose use is weighed, see `sisterport.project.compliance_options.switches`.
    pool, borrow
        Whether the fleet's ships may pool and borrow.
    weigh
        Weigh what would change the costs most.
    to
        Folder to write into; None writes nothing.

    Raises
    ------
    SisterportError
        Every fault of files and choices at once.
    """
    kind = kind_of(source, kind)
    asked = together(choices=lambda: choices(given or {}, kind=kind), switches=lambda: switches(switch))
    chosen: Choices = asked["choices"]
    if switch and not weigh:
        raise InputError("a switch of fuel (--switch) is one of the changes: leave out --no-changes")
    if kind == "mrv" and switch:
        raise InputError("a switch of fuel (--switch) does not go with an EU-MRV publication: its fuels are not known")
    data = read(source, kind=kind, year=year, choices=chosen, register=register, bunkers=bunkers, extras=extras)
    mixes = None
    if kind == "mrv":
        found = from_mrv(data.rows, year=year, register=data.register, **chosen.given)
        result = Checked(kind=kind, compliance=found.compliance, outcomes=_counted(found.counts, found.compliance))
        result.notes.extend([*data.notes, *_of_publication(data)])
        mixes = found.mixes
    else:
        result = _of_movements(data, chosen, kind, asked["switches"] if weigh else None, pool=pool, borrow=borrow)
    if to is not None:
        files = [source, register, bunkers, extras]
        options = {"source": kind, "year": year, "switch": list(switch), "pool": pool, "borrow": borrow}
        _write(to, result, data, mixes, given=files, options={**options, **chosen.given})
    return result


def _of_movements(
    data: Given, chosen: Choices, kind: str, asked: Sequence[Any] | None, *, pool: bool, borrow: bool
) -> Checked:
    rows, options, extras = data.rows, chosen.options, data.extras
    found = compliance(rows, options=options, extras=extras)
    plans: dict[str, Any] = {"options": options, "extras": extras, "pool": pool, "borrow": borrow}
    account = fleet_account(rows, **plans)
    some = account.costs.height > 0 and account.total_eur > 0
    changes = fleet_changes(rows, switches=asked, **plans) if some and asked is not None else None
    return Checked(
        kind=kind,
        compliance=found,
        outcomes=outcomes(found),
        account=account,
        changes=changes,
        notes=[*data.notes, *_short(rows)],
    )


def _short(rows: pl.DataFrame) -> list[str]:
    """Say so where the data hold less than a year of every ship: a rating of a week is none of a year."""
    longest = rows.group_by("ship_id", "year").agg(pl.col("hours").sum())["hours"].max()
    if not isinstance(longest, float) or longest >= value("whole_year_share") * HOURS_PER_YEAR:
        return []
    held = f"{longest:,.0f} of the {HOURS_PER_YEAR:,.0f} hours of a year"
    return [f"The data hold at most {held} of any ship: accounts are of that time, and a rating is of a whole year."]


def _counted(counts: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Return the outcomes of reports, with the year if there is but one."""
    years = found["year"].unique()
    year = years[0] if years.len() == 1 else None
    return counts.filter(pl.col("reports") > 0).select(
        "regulation", pl.lit(year, pl.Int64).alias("year"), "outcome", pl.col("reports").alias("ships")
    )


def _of_publication(data: Given) -> list[str]:
    notes = [
        "An EU-MRV publication does not tell the fuels: balances are ranges over all mixes that give the reported CO2.",
        "Voyages to, from and between ports of the EEA only; Norway and Iceland count as members there.",
    ]
    return notes if data.register is not None else [*notes, "No register was given: there is no CII without a size."]


def _write(
    to: Path,
    result: Checked,
    data: Given,
    mixes: pl.DataFrame | None,
    *,
    given: Sequence[Path | None],
    options: Mapping[str, Any],
) -> None:
    account = result.account
    plan = None if account is None or account.plan is None else account.plan
    with step(to, STEP) as made:
        made.write(compliance=result.compliance, outcomes=result.outcomes, mixes=mixes, changes=result.changes)
        if account is not None:
            made.write(movements=data.rows, costs=account.costs)
        if plan is not None:
            made.write(pooling_plan=plan.plan, pooling_ships=plan.ships)
        pages.check_page(
            made.place / f"{STEP}.html",
            compliance=result.compliance,
            outcomes=result.outcomes,
            account=account,
            changes=result.changes,
            title="What the rules ask of these ships",
            notes=result.notes,
        )
        made.close(given=given, read=(), options=options)
    result.files.extend(made.files)


def of_ship(rows: pl.DataFrame, asked: str) -> pl.DataFrame:
    """Return the rows of one ship, by its id, IMO number or name.

    Raises
    ------
    InputError
        If there is no such ship, or more than one of that name.
    """
    named = pl.col("name").fill_null("").str.to_lowercase() == asked.lower()
    number = pl.col("imo").cast(pl.String).fill_null("") == asked
    found = rows.filter((pl.col("ship_id") == asked) | number | named)
    ids = found["ship_id"].unique().sort().to_list()
    if len(ids) > 1:
        raise InputError(f"{len(ids)} ships are called '{asked}': {', '.join(ids)}")
    if not ids:
        known = rows["name"].drop_nulls().unique().sort().to_list()
        raise InputError(f"no ship '{asked}'{did_you_mean(asked, known)}: give imo:<number>, a number or a name")
    return found
