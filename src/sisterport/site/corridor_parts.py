"""What the pages of a corridor share: where its figures come from, what is guessed, and what a corridor is not."""

from collections.abc import Sequence

import polars as pl

from sisterport.corridor.boundary import MEANING
from sisterport.corridor.scenario import Scenario
from sisterport.reference import used
from sisterport.site.page import reference_tables
from sisterport.site.parts import Section
from sisterport.site.tabulate import Column, Table, tabulate

NO_PROMISE = (
    "This is a calculation from a scenario, not a forecast and not a promise of any port or carrier: it is worth as "
    "much as what the scenario holds."
)
REPRESENTATIVE = (
    "Assumed: the services are representative. No public list of the corridor's services, ships and cargo exists; "
    "whoever has one puts it into the scenario."
)


def notes_on(scenario: Scenario) -> list[str]:
    """Return what a reader of any page of the scenario has to know first."""
    found = [REPRESENTATIVE] if scenario.representative else []
    return [*found, *([scenario.note] if scenario.note else [])]


def boundary_words(boundary: str) -> str:
    """Return the boundary of a total in words, as it stands under it.

    Examples
    --------
    >>> boundary_words("cargo")
    'Boundary “cargo”: of the string, the share of the TEU nm that goes between the ends.'
    """
    return f"Boundary \u201c{boundary}\u201d: {MEANING[boundary]}."


def passport(scenario: Scenario) -> Section:
    """Return the section on where figures come from, and on what in the scenario is a guess."""
    guesses = guess_table(scenario)
    count = len(scenario.guesses)
    words = [
        ("The scenario names a source or marks a guess for what it states; factors come from the reference tables "
         "below."),
        f"{count} values of the scenario are guesses. Replace them with your own: each is named in the list "
        "\u201cguess\u201d "
        "of its table in the file." if count else "The scenario marks no value as a guess.",
    ]  # fmt: skip
    return Section(
        key="sources",
        title="Where the figures come from, and what is guessed",
        words=words,
        parts=[*([guesses] if count else []), source_table(scenario), reference_tables(used())],
    )


def guess_table(scenario: Scenario) -> Table:
    """Return the values that the scenario marks as guesses, by table of the file."""
    return _by_place(
        scenario.guesses, "What is guessed", "Keys of the file", "Guessed values, as the scenario marks them"
    )


def source_table(scenario: Scenario) -> Table:
    """Return the sources that the scenario names."""
    return _by_place(scenario.sources, "Table of the file", "Source", "Sources that the scenario names")


def _by_place(rows: Sequence[tuple[str, str]], left: str, right: str, caption: str) -> Table:
    frame = pl.DataFrame(rows, schema={"place": pl.String, "text": pl.String}, orient="row")
    joined = frame.group_by("place", maintain_order=True).agg(pl.col("text").str.join(", "))
    columns = [Column(key="place", label=left, kind="text"), Column(key="text", label=right, kind="text")]
    return tabulate(joined, columns, caption=caption)
