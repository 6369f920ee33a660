"""The fleet of a pooling problem as arrays of ships by years."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport import tables
from sisterport.errors import SchemaError
from sisterport.reference import value
from sisterport.rules.clauses import clause
from sisterport.rules.flexibility import borrowing
from sisterport.rules.fueleu import penalty_rate
from sisterport.units import G_PER_T

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_OPENING = ("opening_bank_t", "opening_borrowed_t", "opening_penalties")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Ships by years; cells outside a ship's life hold zeros.

    Attributes
    ----------
    ships, years : list
        Names of rows and columns.
    alive, may_pool : array of bool
        Whether the ship has a row in the year; whether it may be pooled.
    balance, most_borrowed : array of float
        Compliance balance [t], and the most that can be borrowed: nothing in a ship's last year, as the debt would fall
        outside the plan [t].
    rate : array of float
        Penalty per tonne of deficit at n = 1; infinite without an intensity [EUR/t].
    bank, debt, penalties : array of float
        At the start of the ship's first year: banked surplus [t], what is deducted for borrowing [t], years with a
        penalty in a row.
    borrowed : array of bool
        Whether the ship borrowed in the year before its first.
    aggravation, step, least_total : float
        Debt over what was borrowed; growth of the penalty per further year; smallest total of a pool: the constant
        ``pool_total_min``, or the share ``pooling_total_share`` of the largest balance where that is more [t].
    """

    ships: list[str]
    years: list[int]
    alive: Flags
    may_pool: Flags
    balance: Floats
    most_borrowed: Floats
    rate: Floats
    bank: Floats
    debt: Floats
    penalties: Floats
    borrowed: Flags
    aggravation: float
    step: float
    least_total: float

    @property
    def unit(self) -> float:
        """Largest amount that a ship starts a year with: amounts are rounded relative to it [t]."""
        largest = (self.least_total, *(np.abs(a).max(initial=0) for a in (self.balance, self.bank, self.debt)))
        return float(max(largest))

    def only(self, ship: int) -> "Fleet":
        """Return one ship on its own, which cannot pool."""
        own = slice(ship, ship + 1)
        return Fleet(
            ships=self.ships[own],
            years=self.years,
            alive=self.alive[own],
            may_pool=np.zeros_like(self.may_pool[own]),
            balance=self.balance[own],
            most_borrowed=self.most_borrowed[own],
            rate=self.rate[own],
            bank=self.bank[own],
            debt=self.debt[own],
            penalties=self.penalties[own],
            borrowed=self.borrowed[own],
            aggravation=self.aggravation,
            step=self.step,
            least_total=self.least_total,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What the program decides, ships by years, and what it proves.

    Attributes
    ----------
    pooled, borrows : array of bool
        Whether a ship is in the pool; whether it borrows.
    borrowed, received : array of float
        Surplus borrowed; surplus received from the pool, below zero if given [t].
    marginal : array of float
        What one more tonne of surplus in the pool of a year would save if nothing but amounts changed [EUR/t].
    bound_eur : float
        No legal plan costs less [EUR].
    """

    pooled: Flags
    borrows: Flags
    borrowed: Floats
    received: Floats
    marginal: Floats
    bound_eur: float


def fleet_arrays(fleet: Any, *, borrow: bool, pool: bool) -> Fleet:
    """Return a frame of the table ``pooling_fleet`` as arrays.

    Raises
    ------
    SchemaError
        Listing every fault: rows that stand twice, years of a ship that do not follow on each other, a deficit
        without an intensity.
    ReferenceDataError
        A year before the law.
    """
    rows = tables.check(fleet, "pooling_fleet").sort("ship_id", "year")
    _refuse(rows)
    ships = rows["ship_id"].unique().sort().to_list()
    years = list(range(rows["year"].min(), rows["year"].max() + 1)) if rows.height else []  # type: ignore[arg-type,operator]
    at_ship = (rows["ship_id"].rank("dense").cast(pl.Int64) - 1).to_numpy()
    at_year = (rows["year"] - (years[0] if years else 0)).to_numpy()

    def spread(values: Any) -> Any:
        values = np.asarray(values)
        out = np.zeros((len(ships), len(years)), dtype=values.dtype)
        out[at_ship, at_year] = values
        return out

    last = rows["year"] == rows.select(pl.col("year").max().over("ship_id")).to_series()
    per_mj = {y: borrowing(1, year=y).most_g / G_PER_T for y in years}
    most = rows["energy_mj"].to_numpy() * rows["year"].replace_strict(per_mj, return_dtype=pl.Float64).to_numpy()
    intensity = rows["intensity_g_per_mj"].fill_null(0).to_numpy()
    rate = np.where(intensity > 0, penalty_rate(1).value / np.where(intensity > 0, intensity, 1), np.inf)
    first = rows.group_by("ship_id", maintain_order=True).first().select(pl.col(*_OPENING).fill_null(0))
    aggravation = clause("fueleu_rules", "borrow_aggravation").value
    lent = first["opening_borrowed_t"].to_numpy()
    return Fleet(
        ships=ships,
        years=years,
        alive=spread(np.ones(rows.height, dtype=bool)),
        may_pool=spread(rows["may_pool"].fill_null(value=True).to_numpy() & pool),
        balance=spread(rows["balance_t"].to_numpy()),
        most_borrowed=spread(np.where(last.to_numpy() | (not borrow), 0, most)),
        rate=spread(rate),
        bank=first["opening_bank_t"].to_numpy(),
        debt=lent * aggravation,
        penalties=first["opening_penalties"].cast(pl.Float64).to_numpy(),
        borrowed=lent > 0,
        aggravation=aggravation,
        step=clause("fueleu_rules", "consecutive_increment").value,
        least_total=max(
            clause("fueleu_rules", "pool_total_min").value,
            value("pooling_total_share") * float(rows["balance_t"].abs().max() or 0),  # type: ignore[arg-type]
        ),
    )


def _refuse(rows: pl.DataFrame) -> None:
    faults = []
    twice = rows.filter(pl.struct("ship_id", "year").is_duplicated())
    if twice.height:
        faults.append(f"{twice.height} rows stand twice, first: {twice.row(0)[:2]}")
    gaps = rows.filter(pl.col("year").diff().over("ship_id") > 1)
    if gaps.height:
        faults.append(
            f"the years of a ship must follow on each other: {gaps.height} ships have a gap, first: {gaps.row(0)[:2]}; "
            "give a year out of scope a balance and energy of 0"
        )
    bare = rows.filter((pl.col("balance_t") < 0) & (pl.col("intensity_g_per_mj").fill_null(0) <= 0))
    if bare.height:
        faults.append(f"{bare.height} deficits have no intensity, first: {bare.row(0)[:2]}")
    late = rows.filter(
        pl.any_horizontal(pl.col(*_OPENING).fill_null(0) > 0) & (pl.col("year") > pl.col("year").min().over("ship_id"))
    )
    if late.height:
        faults.append(f"{late.height} openings stand in a later year than a ship's first, first: {late.row(0)[:2]}")
    if faults:
        raise SchemaError("pooling_fleet", faults)
