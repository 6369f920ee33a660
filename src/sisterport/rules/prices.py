"""Prices that turn allowances and remedial units into money: given by the user, or a flagged default."""

from dataclasses import dataclass

import polars as pl

from sisterport.errors import InputError, ReferenceDataError
from sisterport.reference import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A price or an exchange rate.

    Attributes
    ----------
    value : float
        The number.
    unit : str
        EUR/t or USD/EUR.
    year : int or None
        Year that it is of; None if it was given.
    source, status, note : str
        Where it is from, how far that was checked (empty if given), what to keep in mind.
    """

    value: float
    unit: str
    year: int | None
    source: str
    status: str
    note: str


def allowance_price(year: int, given: float | None = None) -> Rate:
    """Return the price of an allowance of the EU ETS [EUR/t].

    Parameters
    ----------
    year
        Year of the emissions.
    given
        Price of the user; without it the table ``allowance_prices``: that of the year, else of the last one before it
        that is known, which the note says.

    Raises
    ------
    InputError
        A price below 0.
    ReferenceDataError
        No price is known up to the year.

    Examples
    --------
    >>> allowance_price(2026).value, allowance_price(2026).note
    (64.76, 'default: mean of the auctions of 2024, no price of 2026 is known here')
    >>> allowance_price(2026, 80.0).source
    'given'
    """
    if given is not None:
        return _given(given, "EUR/t", "price of an allowance")
    rows = load("allowance_prices").select("year", "kind", "source", "status", value="price_eur")
    return _latest(rows, year, "EUR/t", none="allowance_prices has no row", option="allowance_eur", what="price")


def usd_per_eur(year: int, given: float | None = None) -> Rate:
    """Return the exchange rate [USD/EUR].

    Parameters
    ----------
    year, given
        As in `allowance_price`; the table is ``exchange_rates``, yearly means.

    Raises
    ------
    InputError
        A rate that is not above 0.
    ReferenceDataError
        No rate is known up to the year.

    Examples
    --------
    >>> usd_per_eur(2024).value, usd_per_eur(2030).note
    (1.082, 'default: mean of 2025, no rate of 2030 is known here')
    """
    if given is not None:
        if given == 0:
            raise InputError("exchange rate 0 is not above 0")
        return _given(given, "USD/EUR", "exchange rate")
    rows = load("exchange_rates").filter(pl.col("currency") == "EUR")
    rates = rows.select("year", "source", "status", kind=pl.lit("mean"), value="rate")
    return _latest(rates, year, "USD/EUR", none="exchange_rates has no row of EUR", option="usd_per_eur", what="rate")


def _latest(rows: pl.DataFrame, year: int, unit: str, *, none: str, option: str, what: str) -> Rate:
    """Return the value of a year, else the last one before it, which the note says."""
    known = rows.filter(pl.col("year") <= year).sort("year")
    if known.is_empty():
        raise ReferenceDataError(f"{none} up to {year}: give {option}")
    row = known.row(-1, named=True)
    other = "" if row["year"] == year else f", no {what} of {year} is known here"
    return Rate(
        value=float(row["value"]),
        unit=unit,
        year=row["year"],
        source=row["source"],
        status=row["status"],
        note=f"default: {row['kind']} of {row['year']}{other}",
    )


def _given(value: float, unit: str, what: str) -> Rate:
    if not value >= 0:
        raise InputError(f"{what} {value} is below 0")
    return Rate(value=float(value), unit=unit, year=None, source="given", status="", note="given")
