"""The rest of the page of a plan: several futures, what changes it most, proposals, and the proof."""

import re
from typing import TYPE_CHECKING

import polars as pl

from sisterport.site import corridor_charts as drawn
from sisterport.site.digits import counted, percent, with_unit
from sisterport.site.parts import Section, picture
from sisterport.site.tabulate import Column, tabulate

if TYPE_CHECKING:
    from sisterport.site.corridor_plan import Shown

TABLE = "The numbers are in the table below."
_NOTHING_T = 0.1
"""Less is what solvers round."""
_NUMBER = re.compile(r"\d[\d,.]*")


def several(shown: "Shown") -> Section | None:
    """Return the section on futures: regret, and decisions that are the same in all; None without futures."""
    found = shown.futures
    if found is None:
        return None
    wide = found.regret.pivot("future", index="decided_for", values="regret_musd")
    worst = pl.max_horizontal(*found.names)
    columns = [
        Column(key="decided_for", label="First decisions made for", kind="text"),
        *(Column(key=name, label=name, unit="MUSD") for name in found.names),
        Column(key="worst", label="Worst", unit="MUSD"),
    ]
    every = len(found.names)
    decided = shown.tables["first_decisions"]
    alike = set(found.names) - set(found.regret["decided_for"])
    same = decided.filter(pl.col("futures_n") == every)
    some = decided.filter(pl.col("futures_n") < every)
    last = shown.scenario.first_year + found.first_years - 1
    decisions = [
        Column(key="decision", label="Decision", kind="text"),
        Column(key="times", label="How many", kind="count"),
        Column(key="futures_n", label=f"In how many of {every} futures", kind="count"),
    ]
    slack = max(plan.value - plan.bound for plan in found.alone)
    notes = [f"Less than {with_unit(slack, 'MUSD', 2)} may be chance: so much of the plans beside is not proven."]
    if alike:
        notes.append(f"First decisions made for {' and '.join(sorted(alike))} are those of another row.")
    if found.regret["regret_musd"].null_count():
        notes.append("A dash: with these first decisions no plan holds every requirement of that future.")
    chance = ", ".join(f"{name} {percent(share)}" for name, share in zip(found.names, found.probability, strict=True))
    return Section(
        key="futures",
        title="Several futures",
        words=[
            (f"Nobody knows which future comes: {chance}. Decisions up to {last} have to be made before it is known. "
             f"Those made for \u201c{found.chosen}\u201d are the best in the mean: "
             f"{with_unit(found.expected_musd, 'MUSD')} are expected, and it is proven that no first decisions can be "
             f"better by more than {max(100 * found.gap, 0.01):.2f}\u202f%."),
            f"{counted(same.height, 'decision')} made for every future; {some.height} for some.",
        ],
        parts=[
            tabulate(
                wide.with_columns(worst=worst), columns,
                caption="Regret: what first decisions cost in a future beyond those made for it",
                notes=notes,
            ),
            tabulate(
                decided.group_by("decision", "futures_n", maintain_order=True).len("times"), decisions,
                caption=f"Decisions up to {last}", empty="Nothing has to be decided.",
            ),
        ],
    )  # fmt: skip


def changes(shown: "Shown") -> Section | None:
    """Return the section on what changes the plan most; None where it was not asked."""
    if "changes" not in shown.tables:
        return None
    rows = shown.tables["changes"]
    moved = rows.filter("possible").with_columns(value=pl.max_horizontal("fuel_moved_share", "ships_moved_share"))
    columns = [
        Column(key="change", label="If", kind="text"),
        Column(key="more_musd", label="Cost changes by", unit="MUSD"),
        Column(key="more_t", label="CO₂e changes by", unit="kt", factor=1e-3, most=0),
        Column(key="fuel_moved_share", label="Energy of another fuel", kind="share"),
        Column(key="ships_moved_share", label="Ships of another family", kind="share"),
    ]
    never = rows.filter(~pl.col("possible"))["change"].to_list()
    return Section(
        key="changes",
        title="What changes the plan most",
        words=[
            ("One thing is changed and everything planned again. The bar is the larger of two: the part of the "
             "energy that is then of another fuel, and the part of the ship-years that is of another family of "
             "ships."),
            *([f"No plan holds everything with: {'; '.join(never)}."] if never else []),
        ],
        parts=[
            picture(
                "plan-changes", "Part of the plan that is another one if one thing changes",
                drawn.single_bars(moved.select("value", name="change"), title="of energy or ship-years", share=True),
                says=TABLE,
            ),
            tabulate(rows, columns, caption="Changes, the one that moves most first",
                     notes=["A dash: no plan holds everything."] if never else ()),
        ],
    )  # fmt: skip


def proposals(shown: "Shown") -> Section:
    """Return the section with the proposals: one row for each thing promised, its amounts by the year they are due."""
    said = [(row["by"], row["indicator"], row["mode"], *_in_parts(row["by"], row["text"]))
            for row in shown.tables["proposals"].iter_rows(named=True)]  # fmt: skip
    keys = ["by", "what", "indicator", "mode"]
    rows = pl.DataFrame(said, schema=["by", "indicator", "mode", "amount", "what", "due"], orient="row")
    dues = sorted(set(rows["due"].to_list())) if rows.height else []
    wide = rows.pivot("due", index=keys, values="amount", aggregate_function="first") if rows.height else rows
    columns = [
        Column(key="by", label="By", kind="text"),
        Column(key="what", label="Proposal", kind="text"),
        *(Column(key=due, label=f"End of {due}", kind="text") for due in dues),
        Column(key="mode", label="Counts what is", kind="text"),
        Column(key="indicator", label="Indicator", kind="text"),
    ]
    return Section(
        key="proposals",
        title="Proposals that follow from it",
        words=[
            ("What ports and carriers would promise each other if they followed the plan, in the terms of the "
             "network's indicators, rounded to the safe side. Nobody has promised any of it. Whoever does: sisterport "
             "network commit.")
        ],
        parts=[
            tabulate(wide, columns, caption="Proposals by port, carrier and corridor", empty="No proposal follows.",
                     notes=["An ellipsis stands for the number under the year in which it is due."]),
        ],
    )  # fmt: skip


def _in_parts(by: str, text: str) -> tuple[str, str, str]:
    """Return the number of a proposal, its words without it, and the year in which it is due.

    Examples
    --------
    >>> _in_parts("Shanghai", "Shanghai: 1,600 kt of e-methanol bunkered a year by 2030")
    ('1,600', '\u2026 kt of e-methanol bunkered a year', '2030')
    """
    words, _, due = text.removeprefix(f"{by}: ").removeprefix("Corridor: ").rpartition(" by ")
    number = _NUMBER.search(words)
    amount = number[0] if number else ""
    return amount, words.replace(amount, "\u2026", 1).replace("ship that", "ships that"), due


def proof(shown: "Shown") -> Section:
    """Return the section on the proof."""
    s = shown.summary
    unit, scale = ("MUSD", 1.0) if s["objective"] == "cost" else ("kt", 1e-3)
    shown_n = 2 if s["tightest_bound_by"] == "prices" else 3
    rows = pl.DataFrame(
        {
            "what": [
                "This plan",
                "No plan is better than",
                f"No plan is better than, by the word of {s['tightest_bound_by']}",
            ][:shown_n],
            "value": [s["value"] * scale, s["bound"] * scale, s["tightest_bound"] * scale][:shown_n],
        }
    )
    columns = [Column(key="what", label="", kind="text"), Column(key="value", label="Value", unit=unit, most=2)]
    off = (pl.col("counted_t") - pl.col("limit_t")).abs()
    accounts = shown.accounts.group_by("account", maintain_order=True).agg(
        years=pl.len(), missed=pl.col("missed_t").filter(pl.col("missed_t") > _NOTHING_T).sum(),
        cost=pl.col("cost_musd").sum(),
        tight=(off <= 1e-6 * pl.col("counted_t").abs() + _NOTHING_T).sum(),
    )  # fmt: skip
    told = [
        Column(key="account", label="Rule or target", kind="text"),
        Column(key="years", label="Years in force", kind="count"),
        Column(key="tight", label="Just met in", unit="years", kind="count"),
        Column(key="missed", label="Above it", unit="kt", factor=1e-3),
        Column(key="cost", label="Paid for it", unit="MUSD"),
    ]
    return Section(
        key="proof",
        title="How good the plan is, and how to check it",
        words=[
            (
                "The certificate holds a price for every requirement. From them anyone can add up a bound that no plan "
                "can pass. \u201csisterport corridor verify FOLDER\u201d does so without the optimiser, and checks the "
                "plan constraint by constraint: ships by their age, cargo, frequency, tanks leg by leg, supply, rules "
                "and money."
            ),
        ],
        parts=[
            tabulate(rows, columns, caption=f"Value and bound: a gap of {max(100 * s['gap'], 0.01):.2f}\u202f%"),
            tabulate(
                accounts, told, caption="Rules and targets in the plan", empty="No rule and no target is in force."
            ),
        ],
    )
