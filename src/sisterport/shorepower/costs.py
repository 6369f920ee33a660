"""What each fix costs, in one currency and price year; and whether a choice survives low and high cost."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from sisterport.errors import ReferenceDataError, SchemaError, did_you_mean
from sisterport.reference import load
from sisterport.tables import to_polars

LEVELS = ("cost_low", "cost_mid", "cost_high")
"""Columns of `fix_costs` with amounts, in whole units of the currency."""

_STATUS = ("checked", "secondary", "unverified")
_OVERRIDE = ("fix_id", *LEVELS, "currency", "price_year", "source", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A factor between two kinds of money and where it comes from; `status` is the weakest of its parts."""

    factor: float
    source: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """Whether a choice stays the same at low and high cost.

    Attributes
    ----------
    at_low, at_high
        The choice at that cost is the same.
    always
        Chosen at mid, low and high cost.
    sometimes
        Chosen at one or two of the three.
    """

    at_low: bool
    at_high: bool
    always: tuple[Any, ...]
    sometimes: tuple[Any, ...]

    @property
    def survives(self) -> bool:
        """Same at both."""
        return self.at_low and self.at_high

    def __str__(self) -> str:
        """Return one sentence for a report."""
        if self.survives:
            return "the choice is the same at low and high cost"
        where = " and ".join(name for name, same in (("low", self.at_low), ("high", self.at_high)) if not same)
        return f"the choice changes at {where} cost: {len(self.always)} always, {len(self.sometimes)} only sometimes"


def survives(chosen: Iterable[Hashable], *, low: Iterable[Hashable], high: Iterable[Hashable]) -> Survival:
    """Return whether a chosen set stays the same at low and at high cost.

    Parameters
    ----------
    chosen, low, high
        What was chosen at mid, low and high cost: ids, or pairs of id and units.

    Examples
    --------
    >>> print(survives(["a", "b"], low=["b", "a"], high=["a"]))
    the choice changes at high cost: 1 always, 1 only sometimes
    """
    mid, cheap, dear = set(chosen), set(low), set(high)
    always = mid & cheap & dear
    return Survival(
        at_low=cheap == mid,
        at_high=dear == mid,
        always=tuple(sorted(always, key=str)),
        sometimes=tuple(sorted((mid | cheap | dear) - always, key=str)),
    )


def price_years() -> list[int]:
    """Return the years that money can be brought to; the last one is the default of `fix_costs`.

    Examples
    --------
    >>> price_years()[-1]
    2024
    """
    return load("price_index").filter(status="checked")["year"].sort().to_list()


def conversion(*, currency: str, price_year: int, to_currency: str, to_year: int) -> Conversion:
    """Return the factor that brings an amount to another currency and price year.

    The amount is exchanged into US dollars at the average rate of its own year, moved to the other year by the
    price index of the US dollar, and exchanged into the other currency at the average rate of that year.

    Parameters
    ----------
    currency, price_year
        Of the amount: an ISO 4217 code, and the year whose prices it is in.
    to_currency, to_year
        That are wanted.

    Raises
    ------
    ReferenceDataError
        If a rate or an index is not in the reference tables.

    References
    ----------
    Tables ``exchange_rates`` (Federal Reserve, release G.5A) and ``price_index`` (US Bureau of Labor
    Statistics, CPI-U). Construction prices can move otherwise than consumer prices.

    Examples
    --------
    >>> found = conversion(currency="EUR", price_year=2019, to_currency="USD", to_year=2019)
    >>> found.factor, found.status
    (1.1194, 'checked')
    """
    given, wanted = _usd_per_unit(currency, price_year), _usd_per_unit(to_currency, to_year)
    indices = [_index(to_year), _index(price_year)] if price_year != to_year else []
    moved = indices[0].factor / indices[1].factor if indices else 1.0
    used = [part for part in (given, wanted, *indices) if part.source]
    return Conversion(
        factor=given.factor * moved / wanted.factor,
        source="; ".join(dict.fromkeys(part.source for part in used)) or "no conversion",
        status=max((part.status for part in used), key=_STATUS.index, default="checked"),
    )


def _usd_per_unit(currency: str, year: int) -> Conversion:
    if currency == "USD":
        return Conversion(factor=1.0, source="", status="checked")
    table = load("exchange_rates")
    rows = table.filter(currency=currency, year=year).rows(named=True)
    if not rows:
        there = table.filter(currency=currency)["year"].to_list()
        known = ["USD", *table["currency"].unique().sort()]
        hint = f"; there is {', '.join(map(str, there))}" if there else did_you_mean(currency, known)
        raise ReferenceDataError(f"no exchange rate of {currency} in {year}{hint}")
    row = rows[0]
    factor = row["rate"] if row["quoted"] == "usd_per_unit" else 1.0 / row["rate"]
    return Conversion(factor=factor, source=row["source"], status=row["status"])


def _index(year: int) -> Conversion:
    table = load("price_index")
    rows = table.filter(year=year).rows(named=True)
    if not rows:
        years = table["year"].sort().to_list()
        raise ReferenceDataError(f"no price index of {year}; there is {years[0]} to {years[-1]}")
    return Conversion(factor=rows[0]["index_usd"], source=rows[0]["source"], status=rows[0]["status"])


def fix_costs(*, price_year: int | None = None, currency: str = "USD", override: Any = None) -> pl.DataFrame:
    """Return what each fix costs, in one currency and price year.

    Parameters
    ----------
    price_year
        Year whose prices are wanted; by default the last one of `price_years`.
    currency
        ISO 4217 code.
    override
        Frame with ``fix_id``, ``cost_mid``, ``currency``, ``price_year`` and, if known, ``cost_low``, ``cost_high``,
        ``source``, ``status``: own prices, which replace those of the reference table. Without low and high they are
        taken as exact.

    Returns
    -------
    DataFrame
        Table ``fix_costs``: ``fix_id, check_no, check_id, side, title, cost_low, cost_mid, cost_high`` [whole units of
        the currency], ``currency``, ``price_year``, ``per``, ``source``, ``status``, and ``stated_currency``,
        ``stated_year``, ``conversion_source``, ``conversion_status``: how the money was converted.

    Raises
    ------
    SchemaError
        If `override` has faults, listing all of them.
    ReferenceDataError
        If the money cannot be converted.

    Examples
    --------
    >>> fix_costs(price_year=2015).filter(fix_id="inlet_retrofit").select("cost_low", "cost_high", "status").row(0)
    (300000.0, 2000000.0, 'secondary')
    """
    year = price_years()[-1] if price_year is None else price_year
    table = load("fix_costs").with_columns(pl.col(LEVELS).cast(pl.Float64), pl.col("price_year").cast(pl.Int64))
    if override is not None:
        own = _checked_override(to_polars(override), table["fix_id"].to_list())
        table = table.update(own, on="fix_id", how="left", include_nulls=False)
    kinds = table.select("currency", "price_year").unique(maintain_order=True)
    found = [
        conversion(currency=code, price_year=stated, to_currency=currency, to_year=year)
        for code, stated in kinds.iter_rows()
    ]
    factors = kinds.with_columns(
        factor=pl.Series([one.factor for one in found], dtype=pl.Float64),
        conversion_source=pl.Series([one.source for one in found], dtype=pl.String),
        conversion_status=pl.Series([one.status for one in found], dtype=pl.String),
    )
    joined = table.join(factors, on=["currency", "price_year"], how="left", maintain_order="left")
    return joined.select(
        "fix_id",
        "check_no",
        "check_id",
        "side",
        "title",
        *(pl.col(level) * pl.col("factor") for level in LEVELS),
        pl.lit(currency).alias("currency"),
        pl.lit(year, pl.Int64).alias("price_year"),
        "per",
        "source",
        "status",
        pl.col("currency").alias("stated_currency"),
        pl.col("price_year").alias("stated_year"),
        "conversion_source",
        "conversion_status",
    )


def _checked_override(own: pl.DataFrame, known: list[str]) -> pl.DataFrame:
    """Return own prices with all columns, or raise with every fault."""
    needed = ("fix_id", "cost_mid", "currency", "price_year")
    faults = [f"column '{name}' missing" for name in needed if name not in own.columns]
    faults += [
        f"unknown column '{name}'{did_you_mean(name, _OVERRIDE)}" for name in own.columns if name not in _OVERRIDE
    ]
    if faults:
        raise SchemaError("own costs of fixes", faults)
    try:
        rows = own.with_columns(
            pl.col([level for level in LEVELS if level in own.columns]).cast(pl.Float64),
            pl.col("price_year").cast(pl.Int64),
        )
    except pl.exceptions.PolarsError as error:
        raise SchemaError("own costs of fixes", [str(error).splitlines()[0]]) from None
    middle = pl.col("cost_mid")
    rows = rows.with_columns(
        *(_or(rows, level, middle) for level in LEVELS),
        _or(rows, "source", pl.lit("given by the caller")),
        _or(rows, "status", pl.lit("unverified")),
    ).select(_OVERRIDE)
    for number, row in enumerate(rows.iter_rows(named=True)):
        where = f"row {number} ({row['fix_id']})"
        if row["fix_id"] not in known:
            faults.append(f"{where}: no such fix{did_you_mean(str(row['fix_id']), known)}")
        faults += [f"{where}: no {name}" for name in needed[1:] if row[name] is None]
        amounts = [row[level] for level in LEVELS if row[level] is not None]
        if min(amounts, default=0.0) < 0:
            faults.append(f"{where}: a negative cost")
        if amounts != sorted(amounts):
            faults.append(f"{where}: low, mid and high are not in order ({', '.join(f'{a:g}' for a in amounts)})")
        if row["status"] not in _STATUS:
            faults.append(f"{where}: unknown status '{row['status']}'{did_you_mean(str(row['status']), _STATUS)}")
    twice = rows.filter(pl.col("fix_id").is_duplicated())["fix_id"].unique().sort().to_list()
    faults += [f"fix '{fix}' stands more than once" for fix in twice]
    if faults:
        raise SchemaError("own costs of fixes", faults)
    return rows


def _or(rows: pl.DataFrame, name: str, otherwise: pl.Expr) -> pl.Expr:
    return (pl.coalesce(name, otherwise) if name in rows.columns else otherwise).alias(name)
