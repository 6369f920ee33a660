"""FuelEU Maritime Articles 20 and 21: banking, borrowing, and when a pool is valid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sisterport.errors import InputError
from sisterport.rules.clauses import clause, row_of, worst
from sisterport.rules.fueleu import limit

_TABLE = "fueleu_rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowing:
    """The advance compliance surplus that a ship can borrow.

    Attributes
    ----------
    year : int
        Reporting period that it is added to.
    most_g : float
        Most that can be borrowed [g].
    debt_g : float
        What the next reporting period loses if all of it is borrowed [g].
    aggravation : float
        Debt over what was borrowed [-].
    clause, status, row : str
        Where the law says so, how far that was checked, rows that were used.
    """

    year: int
    most_g: float
    debt_g: float
    aggravation: float
    clause: str
    status: str
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Whether a pool is valid.

    Attributes
    ----------
    total : float
        Sum of the adjusted balances of its ships, in their unit.
    valid : bool
        Whether Article 21(4) is kept.
    faults : list of str
        What is against it.
    clause, status : str
        Where the law says so, and how far that was checked.
    """

    total: float
    valid: bool
    faults: list[str]
    clause: str
    status: str


def borrowing(energy_mj: float, *, year: int, borrowed_before: bool = False, pooled: bool = False) -> Borrowing:
    """Return the most that a ship can borrow from the next reporting period.

    Parameters
    ----------
    energy_mj
        Energy in scope [MJ].
    year
        Reporting period.
    borrowed_before
        Whether it borrowed in the period before: then nothing.
    pooled
        Whether it is in a pool in this period: then nothing.

    Raises
    ------
    ReferenceDataError
        A year before the law.

    References
    ----------
    Regulation (EU) 2023/1805 Art 20(3)-(5): 2 % of limit x energy, not in two consecutive periods; 1.1 times as much is
    deducted in the next. A ship borrows no more than its deficit.

    Examples
    --------
    >>> found = borrowing(40e6, year=2030)
    >>> round(found.most_g), round(found.debt_g)
    (68552320, 75407552)
    """
    if not energy_mj >= 0:
        raise InputError(f"energy {energy_mj} MJ is below 0")
    share, more = clause(_TABLE, "borrow_limit"), clause(_TABLE, "borrow_aggravation")
    of_year = limit(year)
    most = 0.0 if borrowed_before or pooled else share.value * of_year.value * energy_mj
    return Borrowing(
        year=year,
        most_g=most,
        debt_g=most * more.value,
        aggravation=more.value,
        clause=f"{share.clause}; {more.clause}",
        status=worst([share.status, more.status, of_year.status]),
        row=f"{share.row}; {more.row}; {of_year.row}",
    )


def adjusted_balance(balance: float, *, banked_before: float = 0.0, borrowed_before: float = 0.0) -> float:
    """Return the balance of a ship before borrowing and pooling, in the unit of what is given.

    Parameters
    ----------
    balance
        Balance of the reporting period.
    banked_before
        Surplus banked in the period before; it has no expiry.
    borrowed_before
        What was borrowed in the period before.

    References
    ----------
    Regulation (EU) 2023/1805 Art 20(1), (5).

    Examples
    --------
    >>> adjusted_balance(-5.0, banked_before=8.0), round(adjusted_balance(5.0, borrowed_before=10.0), 6)
    (3.0, -6.0)
    """
    if not (banked_before >= 0 and borrowed_before >= 0):
        raise InputError("what was banked or borrowed must not be below 0")
    return balance + banked_before - clause(_TABLE, "borrow_aggravation").value * borrowed_before


def pool(
    before: Mapping[str, float] | Sequence[float],
    after: Mapping[str, float] | Sequence[float] | None = None,
    *,
    tolerance: float = 0.0,
) -> Pool:
    """Say whether ships may pool, and whether an allocation of the total among them is valid.

    Parameters
    ----------
    before
        Adjusted balances of the ships, all in one unit, by name or in order.
    after
        Balances after pooling, of the same ships; without it, whether there is any valid allocation.
    tolerance
        Rounding that is forgiven, in the unit of the balances.

    References
    ----------
    Regulation (EU) 2023/1805 Art 21(4): the total is positive; no ship with a deficit leaves with a larger one; no ship
    with a surplus leaves with a deficit. The total is shared out, not more.

    Examples
    --------
    >>> pool([-2.0e9, 1.4e9]).valid
    False
    >>> pool({"a": -2.0, "b": 3.0}, {"a": -2.5, "b": 3.5}).faults
    ['a leaves with a larger deficit: -2.5 after -2']
    """
    start = _named(before)
    rule = row_of(_TABLE, "pool_total")
    total = sum(start.values())
    faults = [] if total > 0 else [f"the total {total:g} is not above 0"]
    if after is not None:
        end = _named(after)
        if set(end) != set(start):
            raise InputError(f"ships before and after pooling differ: {sorted(set(start) ^ set(end))}")
        faults += [fault for ship in start for fault in _ship_faults(ship, start[ship], end[ship], tolerance)]
        shared = sum(end.values())
        if shared > total + tolerance * len(start):
            faults.append(f"more is shared out, {shared:g}, than the total {total:g}")
    return Pool(total=total, valid=not faults, faults=faults, clause=rule["source"], status=rule["status"])


def _named(balances: Mapping[str, float] | Sequence[float]) -> dict[str, float]:
    if isinstance(balances, Mapping):
        return dict(balances)
    return {f"ship {number}": balance for number, balance in enumerate(balances, 1)}


def _ship_faults(ship: str, before: float, after: float, tolerance: float) -> list[str]:
    if before < 0 and after < before - tolerance:
        return [f"{ship} leaves with a larger deficit: {after:g} after {before:g}"]
    if before >= 0 and after < -tolerance:
        return [f"{ship} had no deficit and leaves with one: {after:g} after {before:g}"]
    return []
