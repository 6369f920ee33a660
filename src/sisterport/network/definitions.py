"""The sixteen indicators as defined, and the ports of a corridor: what a record may name."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import polars as pl

from sisterport.errors import ReferenceDataError, did_you_mean
from sisterport.reference import load, resolve_locode


@cache
def indicator_table() -> dict[str, dict[str, Any]]:
    """Return the definitions by id."""
    return {row["indicator_id"]: row for row in load("indicators").iter_rows(named=True)}


def definition(indicator: str) -> dict[str, Any]:
    """Return the definition of an indicator.

    Raises
    ------
    ReferenceDataError
        If there is none.

    Examples
    --------
    >>> definition("I11")["indicator"], definition("I11")["definition_version"]
    ('waiting at anchor before berth', 1)
    """
    if indicator not in indicator_table():
        raise ReferenceDataError(f"no indicator '{indicator}'; there are I1 to I16: `sisterport network indicators`")
    return indicator_table()[indicator]


@cache
def quantities(indicator: str) -> dict[str, dict[str, Any]]:
    """Return the quantities of an indicator by name, the first one first: unit, which way is better, adds up or not.

    Examples
    --------
    >>> [(name, row["unit"], row["adds_up"]) for name, row in quantities("I9").items()]
    [('energy_mwh', 'MWh', 'yes'), ('avoided_co2e_t', 't', 'yes')]
    """
    rows = load("indicator_quantities").filter(pl.col("indicator_id") == indicator)
    return {row["quantity"]: row | {"unit": row["unit"] or ""} for row in rows.iter_rows(named=True)}


def known_ports(codes: Iterable[str]) -> list[str]:
    """Return canonical UN/LOCODEs, each once."""
    return sorted({resolve_locode(code) for code in codes})


def corridor_ports(corridor: str) -> list[str]:
    """Return the ports of a corridor, as far as they are known by name.

    Raises
    ------
    ReferenceDataError
        If there is no such corridor.

    Examples
    --------
    >>> corridor_ports("K01")
    ['USLAX', 'USLGB', 'CNSGH']
    """
    table = load("green_corridors")["corridor_id"].to_list()
    if corridor not in table:
        hint = did_you_mean(corridor, table)
        raise ReferenceDataError(f"no corridor '{corridor}'{hint}: `sisterport network corridors` lists them")
    rows = load("green_corridor_ports").filter(pl.col("corridor_id") == corridor).sort("position")
    return rows["locode"].drop_nulls().to_list()
