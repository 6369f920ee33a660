"""The part of the page of a plan on what a little more or less of each requirement is worth."""

from typing import TYPE_CHECKING

import polars as pl

from sisterport.site.corridor_words import port_name
from sisterport.site.digits import with_unit
from sisterport.site.parts import Section
from sisterport.site.tabulate import Column, Table, tabulate

if TYPE_CHECKING:
    from sisterport.site.corridor_plan import Shown

_STEP = 5
_KILO = 1e3
_WORDS = {
    "target": "The last tonne of the {name}",
    "share": "The last GJ on green fuel for \u201c{name}\u201d",
    "supply": "A tonne more of {name} in {port}",
    "cargo": "The last TEU of {name}",
    "frequency": "The last sailing of {name}",
    "duty": "The last GJ from shore in {port}",
    "budget": "The last USD of the budget (present value)",
}
"""How each kind of price is told."""


def marginal(shown: "Shown") -> Section | None:
    """Return the section on marginal prices; None where the plan has none that bind."""
    rows = shown.tables["marginal"]
    if rows.is_empty():
        return None
    cost = shown.summary["objective"] == "cost"
    promises = rows.filter(pl.col("kind").is_in(["target", "share", "supply", "budget"]))
    base = rows.filter(~pl.col("kind").is_in(["target", "share", "supply", "budget"]))
    return Section(
        key="marginal",
        title="What a little more or less is worth",
        words=[
            ("The saving if a requirement asked for one unit less, or if one unit more were supplied, beyond the price "
             "of the fuel itself: so much may be paid for it. Ships and openings stay as planned, so these prices are "
             "right for small changes; \u201cWhat changes the plan most\u201d plans anew."),
            *([words] if (words := _most_wanted(promises)) and cost else []),
        ],
        parts=[
            _table(promises, shown, "Targets, promises and supply, in money of the year"
                   if cost else "Targets, promises, supply and budget, in tonnes of CO\u2082e",
                   empty="No target, promise or supply binds: each is met by more than it asks."),
            _table(base, shown, "What services and laws ask: frequency, cargo, shore power (the dearest service)",
                   empty="Nothing binds."),
        ],
    )  # fmt: skip


def _most_wanted(rows: pl.DataFrame) -> str:
    """Say which supply is worth most, per kt."""
    supply = rows.filter(kind="supply").sort("value", descending=True)
    if supply.is_empty():
        return "No supply of fuel binds: more of it in the ports that have it would save nothing."
    row = supply.row(0, named=True)
    much = with_unit(row["value"] * _KILO, "USD", 2)
    return f"Scarcest is {row['name']} in {port_name(row['port'])}: 1 kt more in {row['year']} saves {much}."


def _table(rows: pl.DataFrame, shown: "Shown", caption: str, *, empty: str) -> Table:
    """Return prices by requirement and year: every fifth, with the first in which it binds if that is another."""
    years = shown.scenario.years
    every = [year for year in years if year % _STEP == 0 or year == years[-1]]
    named = rows.with_columns(
        what=pl.struct("kind", "name", "port").map_elements(_told, return_dtype=pl.String),
        order=pl.col("kind").replace_strict(dict(zip(_WORDS, range(len(_WORDS)), strict=True))),
        year=pl.col("year").cast(pl.String),
        unit=pl.col("unit").str.replace(" of fuel", "").str.replace("CO2e", "CO\u2082e"),
        value=pl.col("value").round_sig_figs(3),
    ).sort("order", maintain_order=True)
    bound = named.group_by("what", "unit", maintain_order=True).agg(
        binds=pl.col("year").n_unique(), most=pl.col("value").max()
    )
    wide = named.filter(pl.col("year").is_in([str(year) for year in every]))
    shown_rows = bound.join(
        wide.pivot("year", index=["what", "unit"], values="value", aggregate_function="max"),
        on=["what", "unit"], how="left", maintain_order="left",
    )  # fmt: skip
    columns = [
        Column(key="what", label="What", kind="text"),
        Column(key="unit", label="Unit", kind="text"),
        *(Column(key=str(year), label=str(year)) for year in every if str(year) in shown_rows.columns),
        Column(key="most", label="Most"),
        Column(key="binds", label="Binds", unit="years", kind="count"),
    ]
    notes = ["A dash: it does not bind in that year. Most: of all years. Every year is in the table marginal."]
    return tabulate(shown_rows, columns, caption=caption, notes=notes, empty=empty)


def _told(row: dict[str, str | None]) -> str:
    return _WORDS[str(row["kind"])].format(name=row["name"], port=port_name(row["port"] or ""))
