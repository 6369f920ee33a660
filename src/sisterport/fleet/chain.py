"""A field is known from the first step that has a value; the source says which step that was."""

from collections.abc import Sequence

import polars as pl

from sisterport.tables import schema

SOURCE_WORDS = (
    "register",
    "register dimensions",
    "regression",
    "AIS type",
    "broadcast dimensions",
    "largest broadcast draught",
    "beam",
    "class average",
    "class average over all sizes",
    "default",
    "unknown",
)
"""First words of every ``*_source`` of ships, best first; ``(unverified)`` and a detail may follow."""

Step = tuple[pl.Expr, str | pl.Expr]


def first_known(name: str, steps: Sequence[Step], *, unknown: str = "unknown") -> list[pl.Expr]:
    """Return the expressions of a field and of its source: the first step whose value is not null.

    Parameters
    ----------
    name
        Field; the source goes to ``<name>_source``.
    steps
        Value and label of each step, best first.
    unknown
        Label if no step has a value.

    Examples
    --------
    >>> frame = pl.DataFrame({"a": [1, None, None], "b": [5, 6, None]})
    >>> steps = [(pl.col("a"), "register"), (pl.col("b"), "default")]
    >>> frame.select(first_known("x", steps))["x_source"].to_list()
    ['register', 'default', 'unknown']
    """
    source: pl.Expr = pl.lit(unknown)
    for value, label in reversed(steps):
        text = pl.lit(label) if isinstance(label, str) else label
        source = pl.when(value.is_not_null()).then(text).otherwise(source)
    return [pl.coalesce([value for value, _ in steps]).alias(name), source.alias(f"{name}_source")]


def plausible(value: pl.Expr, column: str) -> pl.Expr:
    """Return an estimate, or null where it is outside the limits of its column in the table of ships."""
    limits = schema("ships")[column]
    low, high = limits.minimum, limits.maximum
    inside = value.is_not_null()
    if low is not None:
        inside &= value >= low
    if high is not None:
        inside &= value <= high
    return pl.when(inside).then(value)


def source_word(source: str | pl.Expr) -> pl.Expr:
    """Return the first words of a source: one of `SOURCE_WORDS`, with ``(unverified)`` kept.

    Examples
    --------
    >>> sources = ["register: service speed / 0.94", "class average (GHG3, unverified): x"]
    >>> pl.DataFrame({"s": sources}).select(source_word("s"))["s"].to_list()
    ['register', 'class average (unverified)']
    """
    text = pl.col(source) if isinstance(source, str) else source
    word = text.str.extract(r"^([^:(]*[^:( ])")
    return pl.when(text.str.contains("unverified")).then(word + pl.lit(" (unverified)")).otherwise(word)
