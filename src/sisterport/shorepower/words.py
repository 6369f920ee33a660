"""The words that columns of the registers take, and how loosely they may be spelt."""

import re
from functools import cache

import polars as pl

from sisterport.errors import did_you_mean
from sisterport.reference import load

UNKNOWN = ("unknown", "n/a", "?")
"""Words that say nothing: read as null."""

_OTHER = "other:"
_CLOSED, _ANY = "yes", "no"


def words(column: str, table: str = "outlets") -> dict[str, str]:
    """Return the words of a column and their meaning; empty where the column takes any text.

    Parameters
    ----------
    column
        Column of the table, e.g. ``"state"``.
    table
        ``"outlets"`` or ``"inlets"``.

    Examples
    --------
    >>> list(words("side", "outlets")), list(words("side", "inlets"))
    (['port', 'starboard', 'either'], ['port', 'starboard', 'both'])
    """
    return dict(_rows(column, table).select("word", "meaning").iter_rows())


def spelt(column: str, table: str, word: str) -> tuple[str, str | None]:
    """Return a word as the vocabulary spells it, and what is wrong with it or None.

    Case, blanks, hyphens and underscores do not matter. A plug configuration that is not in the vocabulary is
    written ``other: <name>``; columns for "a plant's own word" take any text that is not a slip of the pen.

    Examples
    --------
    >>> spelt("state", "outlets", "Under construction")
    ('under_construction', None)
    >>> spelt("state", "outlets", "operatinal")
    ('operatinal', "unknown 'operatinal' (did you mean 'operational'?)")
    >>> spelt("connector", "inlets", "other: AMPMobile")
    ('other: AMPMobile', None)
    """
    known = _known(column, table)
    if _plain(word) in known:
        return known[_plain(word)], None
    kind = _rows(column, table)["closed"][0]
    hint = did_you_mean(word, list(known.values()))
    if kind == _CLOSED:
        return word, f"unknown '{word}'{hint or _choices(known)}"
    if kind == _ANY:
        return word, f"unknown '{word}'{hint}" if hint else None
    if word.casefold().startswith(_OTHER) and word[len(_OTHER) :].strip():
        return f"{_OTHER} {word[len(_OTHER) :].strip()}", None
    return word, f"unknown '{word}'{hint or _choices(known)}; any further name as '{_OTHER} <name>'"


@cache
def _rows(column: str, table: str) -> pl.DataFrame:
    of_column = load("shorepower_words").filter(pl.col("column") == column)
    return of_column.filter(pl.col("tables").str.split("|").list.contains(table))


@cache
def _known(column: str, table: str) -> dict[str, str]:
    return {_plain(word): word for word in words(column, table)}


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", "", word).casefold()


def _choices(known: dict[str, str]) -> str:
    return f"; choose from {', '.join(known.values())}"
