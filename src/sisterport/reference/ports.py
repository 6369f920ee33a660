"""Ports and their codes: every locode passes `resolve_locode` on entry."""

import re
import unicodedata
from functools import cache

import polars as pl

from sisterport.errors import ReferenceDataError, did_you_mean
from sisterport.reference.store import load

_NEVER = ("no", "misuse")
"""Aliases that are another place. All others stand for the seaport, as the context here is always a ship:
trade codes that are an airport in UN/LOCODE, areas of a port, merged codes, the city of a port."""


@cache
def ports() -> pl.DataFrame:
    """Return the ports table.

    Columns: locode, name, country, lat_deg, lon_deg, wpi_number, harbor_size, source, status.
    Positions come from the World Port Index; ports of it that could not be matched surely to a UN/LOCODE
    have no locode, container ports that are not in it have the position of their town or none.

    Examples
    --------
    >>> ports().filter(pl.col("locode") == "DEHAM")["name"].item()
    'Hamburg'
    """
    return load("ports")


@cache
def _aliases() -> dict[str, str]:
    table = load("port_aliases").filter(~pl.col("same_place").is_in(_NEVER))
    return {_clean(alias): locode for alias, locode in table.select("alias", "canonical_locode").iter_rows()}


@cache
def _never() -> dict[str, str]:
    table = load("port_aliases").filter(pl.col("same_place").is_in(_NEVER))
    rows = table.select("alias", "meaning_in_un_locode", "note").iter_rows()
    return {_clean(alias): f"{meaning}; {note}" for alias, meaning, note in rows}


@cache
def _known() -> frozenset[str]:
    return frozenset(ports()["locode"].drop_nulls()) | frozenset(_aliases().values())


@cache
def _seaports() -> frozenset[str]:
    """Return every seaport of UN/LOCODE, also those whose position is not known here."""
    rows = load("seaport_codes").select("country", "codes").iter_rows()
    return frozenset(country + end for country, ends in rows for end in ends.split())


def _clean(code: str) -> str:
    """Return a code or name in capitals without accents, blanks and punctuation."""
    return re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKD", code).upper())


def resolve_locode(code: str) -> str:
    """Return the canonical UN/LOCODE of a port code.

    Parameters
    ----------
    code
        A UN/LOCODE or a known alias, in any case, with or without a blank: ``"cn shg"``. ``CNSHA``, an
        airport in UN/LOCODE, is taken as carriers use it: for the seaport of Shanghai.

    Raises
    ------
    ReferenceDataError
        If the code is no seaport of UN/LOCODE and no alias of one.

    Examples
    --------
    >>> resolve_locode("CN SHG"), resolve_locode("cnsha"), resolve_locode("New York / New Jersey")
    ('CNSGH', 'CNSGH', 'USNYC')
    """
    clean = _clean(code)
    canonical = _aliases().get(clean, clean)
    if clean not in _never() and (canonical in _known() or canonical in _seaports()):
        return canonical
    if clean in _never():
        raise ReferenceDataError(f"port code '{code}' is no seaport here: {_never()[clean]}")
    raise ReferenceDataError(f"unknown port code '{code}'{did_you_mean(clean, sorted(_known()))}")


def country_of(locode: str) -> str:
    """Return the ISO 3166-1 alpha-2 country of a UN/LOCODE.

    Examples
    --------
    >>> country_of("USNYC")
    'US'
    """
    return locode[:2].upper()
