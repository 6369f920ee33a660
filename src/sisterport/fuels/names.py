"""What people call fuels, and the codes used here."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from sisterport.errors import InputError, did_you_mean
from sisterport.reference import load


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFuel:
    """A fuel as a word named it.

    Attributes
    ----------
    fuel : str
        Code of the table ``fuels``.
    fuel_class : str
        ``fossil``, ``bio`` or ``rfnbo`` if the word says so (``e-methanol``), else empty. A word like "green" says
        nothing: that is for a certificate to show (`sisterport.fuels.green`).
    note : str
        What is odd about the word.
    """

    fuel: str
    fuel_class: str
    note: str


def _clean(word: str) -> str:
    """Return a word in small letters without blanks and punctuation."""
    return re.sub(r"[\W_]", "", word.casefold())


@cache
def _words() -> dict[str, dict[str, Any]]:
    words = {_clean(row["word"]): row for row in load("fuel_words").iter_rows(named=True)}
    codes = {_clean(code): {"word": code, "fuel": code, "fuel_class": None, "note": None} for code in fuel_codes()}
    return words | codes


@cache
def fuel_codes() -> tuple[str, ...]:
    """Return the codes of all fuels.

    Examples
    --------
    >>> fuel_codes()[:3]
    ('residual', 'vlsfo', 'ulsfo')
    """
    return tuple(load("fuels")["fuel"])


@cache
def fuel_row(fuel: str) -> dict[str, Any]:
    """Return the row of table ``fuels`` for a code or word."""
    code = named_fuel(fuel).fuel
    return load("fuels").row(fuel_codes().index(code), named=True)


@cache
def named_fuel(word: str) -> NamedFuel:
    """Return the fuel that `word` names.

    Parameters
    ----------
    word
        A code (``distillate``) or what people write (``MGO``, ``LSMGO``, ``bio-LNG``), in any case and punctuation.

    Raises
    ------
    InputError
        If the word is no fuel, or not a single one ("B24" is a blend); with the nearest word.

    Examples
    --------
    >>> named_fuel("MGO").fuel, named_fuel("e-Methanol").fuel_class, named_fuel("green methanol").fuel_class
    ('distillate', 'rfnbo', '')
    """
    row = _words().get(_clean(word))
    if row is None:
        known = {_clean(shown): shown for shown in (r["word"] for r in _words().values())}
        near = did_you_mean(_clean(word), list(known))
        for plain, shown in known.items():
            near = near.replace(f"'{plain}'", f"'{shown}'")
        raise InputError(f"unknown fuel '{word}'{near}")
    if not row["fuel"]:
        raise InputError(f"'{word}' is {row['note']}")
    return NamedFuel(fuel=row["fuel"], fuel_class=row["fuel_class"] or "", note=row["note"] or "")


def fuel_code(word: str) -> str:
    """Return the code of the fuel that `word` names; see `named_fuel`.

    Examples
    --------
    >>> fuel_code("HFO"), fuel_code("LNG"), fuel_code("NH3")
    ('residual', 'lng', 'ammonia')
    """
    return named_fuel(word).fuel
