"""The sections in figures of the page of a check: the fleet, the ships, outcomes, sources."""

from typing import TYPE_CHECKING, Any

import polars as pl

from sisterport.site.digits import MISSING, counted, with_unit
from sisterport.site.parts import Section
from sisterport.site.rules_parts import LAWS, passport
from sisterport.site.tabulate import Column, tabulate

if TYPE_CHECKING:
    from sisterport.rules.fleet import FleetAccount

MOST_ROWS = 200
"""Ships in the table."""


def fleet(account: "FleetAccount", changes: pl.DataFrame | None) -> Section | None:
    """Return the section on the costs of the fleet and what would change them."""
    if account.costs.is_empty():
        return None
    named = account.costs.with_columns(pl.col("regulation").replace(LAWS))
    columns = [
        Column(key="regulation", label="Rule", kind="text"),
        Column(key="year", label="Year", kind="text"),
        Column(key="ships", label="Ships", kind="count"),
        Column(key="co2e_t", label="CO₂e that counts", unit="t"),
        Column(key="cost_eur", label="Cost", unit="EUR"),
        Column(key="alone_eur", label="each ship alone", unit="EUR"),
        Column(key="eur_per_t", label="Cost of a tonne", unit="EUR/t"),
        Column(key="marginal_eur_per_t", label="of one more", unit="EUR/t"),
    ]
    parts: list[Any] = [
        tabulate(named, columns, caption="What compliance costs the fleet, FuelEU pooled as cheap as may be")
    ]
    words = ["Pools, banking and borrowing as they cost least."]
    if account.plan is not None:
        bound = with_unit(account.plan.bound_eur, "EUR")
        words.append(
            f"No legal plan for FuelEU costs less than {bound} ({account.plan.method}, {account.plan.clause})."
        )
    if changes is not None and changes.height:
        told = [
            Column(key="change", label="A hundredth of", kind="text"),
            Column(key="energy_gj", label="Energy that changes", unit="GJ"),
            Column(key="saving_eur", label="Saves", unit="EUR"),
            Column(key="saving_eur_per_gj", label="per energy", unit="EUR/GJ"),
            Column(key="fueleu_eur", label="FuelEU", unit="EUR"),
            Column(key="ets_eur", label="ETS", unit="EUR"),
            Column(key="nzf_eur", label="Net-Zero", unit="EUR"),
        ]
        parts.append(tabulate(changes, told, caption="What would save most, for the first hundredth of it"))
        words.append("The saving per energy is what the change may cost more than what it replaces.")
    return Section(key="fleet", title="The fleet", words=words, parts=parts)


def table(wide: pl.DataFrame) -> Section:
    """Return the section with one row for each ship."""
    kept = wide.head(MOST_ROWS)
    left = wide.height - kept.height
    columns = [
        Column(key="label", label="Ship", kind="text"),
        Column(key="imo", label="IMO", kind="text"),
        Column(key="year", label="Year", kind="text"),
        Column(key="fueleu_balance_t", label="FuelEU balance", unit="t"),
        Column(key="fueleu_balance_t_low", label="least", unit="t"),
        Column(key="fueleu_balance_t_high", label="most", unit="t"),
        Column(key="fueleu_eur", label="Penalty", unit="EUR"),
        Column(key="ets_allowances_t", label="ETS allowances", unit="t"),
        Column(key="ets_eur", label="ETS cost", unit="EUR"),
        Column(key="rating", label="CII", kind="text"),
    ]
    if wide["nzf_eur"].drop_nulls().len():
        columns.append(Column(key="nzf_eur", label="Net-Zero", unit="EUR"))
    return Section(
        key="ships",
        title="The ships",
        parts=[
            tabulate(
                kept,
                columns,
                caption="Ships, those with the highest cost first",
                notes=[f"{counted(left, 'ship')} with lower cost not shown: see compliance.csv." if left else ""],
            )
        ],
    )


def told(outcomes: pl.DataFrame) -> Section:
    """Return the section that says for how many ships there is an account, and why not for the others."""
    columns = [
        Column(key="law", label="Rule", kind="text"),
        Column(key="year", label="Year", kind="text"),
        Column(key="outcome", label="Outcome", kind="text"),
        Column(key="ships", label="Ships or reports", kind="count"),
    ]
    named = outcomes.with_columns(law=pl.col("regulation").replace(LAWS))
    return Section(
        key="outcomes",
        title="For how many there is an account",
        parts=[tabulate(named, columns, caption="Nothing is dropped: every ship has one outcome under each rule")],
    )


def sources(rows: pl.DataFrame) -> Section:
    """Return the section on clauses, statuses and tables."""
    names = pl.col("source_row").str.replace(r"^EU-MRV row \d+(; )?", "").str.extract_all(r"\w+: ")
    cited = (
        rows.filter(pl.col("clause").is_not_null())
        .with_columns(law=pl.col("regulation").replace(LAWS), tables=names)
        .group_by("law", "clause", "status", maintain_order=True)
        .agg(
            pl.col("tables")
            .explode()
            .drop_nulls()
            .str.strip_suffix(": ")
            .unique()
            .sort()
            .str.join(", ")
            .alias("source_row")
        )
    )
    return passport(cited.with_columns(pl.col("status").fill_null(MISSING)).sort("law", "clause", "status"))
