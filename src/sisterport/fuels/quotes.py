"""Prices that somebody quotes: the user's, and the few that ship with the package, flagged."""

from functools import cache
from typing import Any

import polars as pl

from sisterport.errors import InputError, ReferenceDataError, SchemaError
from sisterport.fuels.names import fuel_code
from sisterport.fuels.properties import properties
from sisterport.reference import load
from sisterport.tables import check
from sisterport.units import KG_PER_T, MJ_PER_GJ

UNITS = ("USD/GJ", "USD/t")


@cache
def gj_per_t(code: str) -> float:
    """Return the energy of a tonne of fuel [GJ/t]: GREET's, or FuelEU's where GREET has none (HVO, MGO).

    Examples
    --------
    >>> gj_per_t("methanol")
    20.1
    """
    try:
        lhv = properties(code, scheme="greet").lhv_mj_per_kg
    except ReferenceDataError:
        lhv = properties(code, scheme="fueleu").lhv_mj_per_kg
    return lhv * KG_PER_T / MJ_PER_GJ


def read_quotes(frame: Any) -> pl.DataFrame:
    """Return a frame of table ``fuel_quotes`` with fuels as codes and the price per energy.

    Raises
    ------
    SchemaError
        If the frame does not fit the table; lists every row with an unknown fuel or unit.

    Examples
    --------
    >>> own = {"fuel": ["HVO"], "year": [2026], "price": [1500.0], "unit": ["USD/GJ"], "kind": ["contract"]}
    >>> read_quotes(pl.DataFrame(own | {"source": ["offer"], "status": ["secondary"]}))["fuel"].to_list()
    ['hvo']
    """
    data = check(frame, "fuel_quotes")
    faults, codes, per_gj = [], [], []
    for i, (word, amount, unit) in enumerate(data.select("fuel", "price", "unit").iter_rows()):
        try:
            code = fuel_code(word)
            per_gj.append(_per_gj(code, amount, unit))
            codes.append(code)
        except (InputError, ReferenceDataError) as error:
            faults.append(f"row {i}: {error}")
    if faults:
        raise SchemaError("fuel_quotes", faults)
    return data.with_columns(pl.Series("fuel", codes, pl.String), pl.Series("usd_per_gj", per_gj, pl.Float64))


def _per_gj(code: str, amount: float, unit: str) -> float:
    if unit == "USD/GJ":
        return amount
    if unit == "USD/t":
        return amount / gj_per_t(code)
    raise InputError(f"unit '{unit}': choose from {', '.join(UNITS)}")


@cache
def shipped_quotes() -> pl.DataFrame:
    """Return the quotes of table ``fuel_prices``: scenario values (unverified) and single market days.

    Examples
    --------
    >>> shipped_quotes().filter(kind="scenario")["status"].unique().to_list()
    ['unverified']
    """
    table = load("fuel_prices").with_columns(pathway_type=pl.lit(None, pl.String))
    notes = table.select("note").with_columns(pl.col("note").fill_null(""))
    return read_quotes(table).with_columns(notes["note"])


def best_quote(
    table: pl.DataFrame, code: str, year: int, where: str | None, pathway_type: str | None
) -> dict[str, Any] | None:
    """Return the best fitting quote as a dict, or None.

    A quote for the country goes before one for everywhere, one for the pathway before one for any, then the nearest
    year, an earlier one before a later one.

    Examples
    --------
    >>> best_quote(shipped_quotes(), "vlsfo", 2026, None, None)["usd_per_gj"]
    14.0
    """
    rows = table.filter(
        (pl.col("fuel") == code)
        & (pl.col("region").is_null() | (pl.col("region") == (where or "")))
        & (pl.col("pathway_type").is_null() | (pl.col("pathway_type") == (pathway_type or "")))
    )
    if rows.is_empty():
        return None
    order = rows.with_row_index("nr").sort(
        pl.col("region").is_null(),
        pl.col("pathway_type").is_null(),
        (pl.col("year") - year).abs(),
        pl.col("year") > year,
        "nr",
    )
    return order.row(0, named=True)
