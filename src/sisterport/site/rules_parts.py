"""What the pages of the rules are made of, beside the parts of `sisterport.site.parts`."""

import polars as pl

from sisterport.site.digits import with_unit
from sisterport.site.parts import Section
from sisterport.site.tabulate import Column, tabulate

NO_ADVICE = "This is arithmetic from the text of the laws, not legal advice; a verifier decides what is reported."
LONG_IN = 10
"""A larger unit is taken from this many of it on."""
_STATUSES = (
    "Checked: compared with the text of the law. Secondary: from a text about it. Unverified: from memory or from one "
    "source that could not be compared."
)
LAWS = {
    "fueleu": "FuelEU Maritime",
    "ets": "EU ETS",
    "cii": "IMO CII",
    "nzf": "IMO Net-Zero Framework",
}


def short(value: float | None, unit: str) -> str:
    r"""Return a key figure with its unit, in a larger unit where it would not fit its box.

    Examples
    --------
    >>> short(753_617.0, "EUR"), short(1.4055e9, "EUR"), short(-1_640_235.0, "t")
    ('754\u202fkEUR', '1\u202f410\u202fMEUR', '\u22121\u202f640\u202fkt')
    """
    for larger, factor in (("M", 1e6), ("k", 1e3)):
        if value is not None and abs(value) >= LONG_IN * factor:
            return with_unit(value / factor, f"{larger}{unit}")
    return with_unit(value, unit)


def passport(rows: pl.DataFrame) -> Section:
    """Return the section on where figures come from: columns ``law, clause, status, source_row``."""
    columns = [
        Column(key="law", label="Rule", kind="text"),
        Column(key="clause", label="Clause", kind="text"),
        Column(key="status", label="Status", kind="text"),
        Column(key="source_row", label="Rows of reference tables", kind="text"),
    ]
    return Section(
        key="sources",
        title="Where the figures come from",
        words=[_STATUSES],
        parts=[tabulate(rows, columns, caption="Clauses, status of the numbers, and their rows")],
    )
