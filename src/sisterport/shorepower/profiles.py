"""Connection profiles, what they carry and who takes them; passports of single values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import polars as pl

from sisterport.errors import InputError, ReferenceDataError, did_you_mean
from sisterport.fleet.classes import ship_classes
from sisterport.reference import load, value
from sisterport.units import KVA_PER_MVA, ROOT_3

Quantity = TypeVar("Quantity", float, pl.Expr)

ANY = "any"
"""Ship class of a profile that is not made for any one class."""
HZ_50, HZ_60 = value("shore_hz_low"), value("shore_hz_high")
"""Frequencies of ships and grids [Hz]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    """A value and where it comes from.

    Attributes
    ----------
    value
        The value; None is unknown, and then nothing else is said.
    source, status, confidence, seen_on
        Of the value itself where it has its own, else of its row.
    own
        Whether the source is the value's own.
    """

    value: Any
    source: str | None
    status: str | None
    confidence: str | None
    seen_on: date | None
    own: bool


def current_limit_mva(voltage_kv: Quantity, current_a: Quantity, plugs_n: Quantity) -> Quantity:
    """Return the apparent power that plugs carry: sqrt(3) V I n [MVA].

    Parameters
    ----------
    voltage_kv
        Line voltage [kV].
    current_a
        Rated current of one plug [A].
    plugs_n
        Plugs that are used at once [-]. Numbers or Polars expressions.

    Examples
    --------
    >>> round(current_limit_mva(6.6, 350, 2), 3)
    8.002
    """
    return ROOT_3 * voltage_kv * current_a * plugs_n / KVA_PER_MVA


def direct_limit_mw(voltage_kv: Quantity, current_a: Quantity, plugs_n: Quantity) -> Quantity:
    """Return the power that direct-current plugs carry: V I n [MW].

    Parameters
    ----------
    voltage_kv, current_a, plugs_n
        As in `current_limit_mva`.

    Examples
    --------
    >>> direct_limit_mw(1.25, 3000, 1)
    3.75
    """
    return voltage_kv * current_a * plugs_n / KVA_PER_MVA


def profiles() -> pl.DataFrame:
    """Return the connection profiles; ``nominal_kv``, ``frequency_hz`` and ``ship_classes`` are lists.

    Examples
    --------
    >>> profiles().filter(profile_id="HVSC-CONTAINER").select("nominal_kv", "frequency_hz", "max_mva").row(0)
    ([6.6], [60.0, 50.0], 7.5)
    """
    listed = pl.col("nominal_kv", "frequency_hz").cast(pl.String).str.split("|").cast(pl.List(pl.Float64))
    return load("connector_profiles").with_columns(listed, pl.col("ship_classes").str.split("|"))


def profile(profile_id: str) -> dict[str, Any]:
    """Return one connection profile as a row of `profiles`.

    Raises
    ------
    ReferenceDataError
        If there is none of this name.

    Examples
    --------
    >>> profile("HVSC-CRUISE")["cable_management_side"]
    'shore'
    """
    rows = profiles().filter(pl.col("profile_id") == profile_id)
    if rows.is_empty():
        known = profiles()["profile_id"].to_list()
        raise ReferenceDataError(f"no connection profile '{profile_id}'{did_you_mean(profile_id, known)}")
    return rows.row(0, named=True)


def profiles_of_class(ship_class: str) -> tuple[str, ...]:
    """Return the profiles that ships of a class take, by their identifiers; those of its own class first.

    Parameters
    ----------
    ship_class
        Class of the Fourth IMO GHG Study. Not every ship of a class takes them: a class of candidates.

    Raises
    ------
    ReferenceDataError
        If there is no such class.

    Examples
    --------
    >>> profiles_of_class("container")
    ('HVSC-CONTAINER', 'LVSC-GEN', 'LVSC-CN-250')
    >>> profiles_of_class("bulk_carrier")
    ('LVSC-GEN', 'LVSC-CN-250')
    """
    if ship_class not in ship_classes():
        raise ReferenceDataError(f"no ship class '{ship_class}'{did_you_mean(ship_class, ship_classes())}")
    rows = profiles().select("profile_id", "ship_classes").rows()
    own = [name for name, classes in rows if ship_class in classes]
    return (*own, *(name for name, classes in rows if ANY in classes))


def passport(row: Mapping[str, Any], attribute: str) -> Passport:
    """Return a value of an outlet or inlet with where it comes from.

    Parameters
    ----------
    row
        Row of the register as a mapping (``frame.row(0, named=True)``).
    attribute
        Column, e.g. ``"frequency_hz"``.

    Returns
    -------
    Passport
        With a source of its own a value does not inherit the status of the row, which is about another document:
        unless its own status is given, it is unverified.

    Raises
    ------
    InputError
        If the row has no such column.

    Examples
    --------
    >>> row = {"frequency_hz": 60.0, "frequency_hz_source": "inferred (grid)", "source": "port", "status": "checked"}
    >>> passport(row, "frequency_hz").status
    'unverified'
    >>> passport({"power_mva": 4.5, "source": "port", "status": "checked"}, "power_mva").source
    'port'
    """
    if attribute not in row:
        raise InputError(f"no column '{attribute}' in the register{did_you_mean(attribute, list(row))}")
    if row[attribute] is None:
        return Passport(value=None, source=None, status=None, confidence=None, seen_on=None, own=False)
    source = row.get(f"{attribute}_source")
    given = {part: row.get(f"{attribute}_{part}") for part in ("status", "confidence", "seen_on")}
    if source is None:
        inherited = {part: row.get(part) if cell is None else cell for part, cell in given.items()}
        return Passport(value=row[attribute], source=row.get("source"), own=False, **inherited)
    given["status"] = given["status"] or "unverified"
    return Passport(value=row[attribute], source=source, own=True, **given)
