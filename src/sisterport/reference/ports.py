"""Ports and their codes: every locode passes `resolve_locode` on entry."""

from functools import cache

import polars as pl

from sisterport.errors import ReferenceDataError, did_you_mean
from sisterport.reference.store import load


@cache
def ports() -> pl.DataFrame:
    """Return the ports table: locode, name, country, lat_deg, lon_deg, source, status.

    Positions come from the World Port Index, names and codes from UN/LOCODE; ports of the World Port Index without
    a code have an empty locode.
    """
    return load("ports")


@cache
def _aliases() -> dict[str, str]:
    table = load("port_aliases").filter(pl.col("same_place") == "yes")
    return dict(table.select("alias", "canonical_locode").iter_rows())


@cache
def _known() -> frozenset[str]:
    return frozenset(ports()["locode"].drop_nulls()) | frozenset(_aliases().values())


def resolve_locode(code: str) -> str:
    """Return the canonical UN/LOCODE of a port code.

    Parameters
    ----------
    code
        A UN/LOCODE or a known alias, in any case, with or without a blank: ``"cn shg"``.

    Raises
    ------
    ReferenceDataError
        If the code is no port of the table.

    Examples
    --------
    >>> resolve_locode("CN SHG")
    'CNSGH'
    """
    clean = code.replace(" ", "").upper()
    canonical = _aliases().get(clean, clean)
    if canonical not in _known():
        raise ReferenceDataError(f"unknown port code '{code}'{did_you_mean(clean, sorted(_known()))}")
    return canonical


def country_of(locode: str) -> str:
    """Return the ISO 3166-1 alpha-2 country of a UN/LOCODE.

    Examples
    --------
    >>> country_of("USNYC")
    'US'
    """
    return locode[:2].upper()
