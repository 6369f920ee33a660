"""IMO Net-Zero Framework: surplus units pay deficits of tier 2, of the same or another ship, and can be banked."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.rules.clauses import clause, worst
from sisterport.tables import check
from sisterport.tables.frames import to_polars

_NEEDED = ("ship_id", "year", "tier1_t", "tier2_t", "surplus_t", "tier1_usd_per_t", "tier2_usd_per_t", "status")


@dataclass(slots=True)
class _Lot:
    """Surplus units or deficit of one ship and year: its row, and what is left."""

    row: int
    left: float


def settle(balances: Any, *, transfer: bool = True, life_years: int | None = None) -> pl.DataFrame:
    """Pay deficits of tier 2 with surplus units, the oldest units first, year after year.

    Every unit is used once and never pays tier 1. Units that end first go first; among those of one year, a ship's
    own. Where the price of tier 2 is the same in all years, no other use of the units costs less.

    Parameters
    ----------
    balances
        Frame of `sisterport.rules.netzero.balances` with ship_id, several ships and years together.
    transfer
        Units may pay the deficit of another ship (each is transferred once).
    life_years
        Years after the one that earned it in which a unit can be used; by default that of the table
        ``imo_nzf_rules`` (two, secondary).

    Returns
    -------
    polars.DataFrame
        Table ``nzf_settled``, one row for each row given, in their order.

    Raises
    ------
    InputError
        If columns or ships are missing, a ship has two rows for a year, or the life is negative.

    References
    ----------
    Draft MARPOL Annex VI chapter 5 as told by Sidley (April 2025), Gorrissen Federspiel (2025-04-16) and BIMCO
    (2025-04-14).

    Examples
    --------
    >>> from sisterport.rules.netzero import balances
    >>> fleet = pl.DataFrame({"ship_id": ["clean", "dirty"], "year": [2028, 2029],
    ...     "gfi_g_per_mj": [76.439, 93.0], "energy_mj": [1e9, 1e9]})
    >>> settle(balances(fleet, enabled=True)).select(pl.col("tier2_by_surplus_t", "surplus_left_t").round(3)).rows()
    [(0.0, 0.0), (1000.0, 0.0)]
    """
    frame = _checked(to_polars(balances))
    rule = clause("imo_nzf_rules", "surplus_unit_life")
    life = int(rule.value) if life_years is None else life_years
    if life < 0:
        raise InputError(f"life_years is {life}: give 0 or more")
    used, paid, expired, left = _matched(frame, life, transfer=transfer)
    given = rule.status if life_years is None else "given"
    done = frame.with_columns(
        tier2_by_surplus_t=pl.Series(paid),
        surplus_used_t=pl.Series(used),
        surplus_expired_t=pl.Series(expired),
        surplus_left_t=pl.Series(left),
        life_years=pl.lit(life),
        status=pl.col("status").map_elements(lambda status: _status(status, given), return_dtype=pl.String),
    ).with_columns(tier2_remedial_t=(pl.col("tier2_t") - pl.col("tier2_by_surplus_t")).clip(lower_bound=0))
    return check(done.with_columns(cost_usd=_cost()), "nzf_settled")


def _status(status: str, life: str) -> str:
    return status if "given" in life or status == "not applied" else worst([status, life])


def _cost() -> pl.Expr:
    price1, price2 = (pl.col(f"tier{n}_usd_per_t").fill_null(0) for n in (1, 2))
    return pl.col("tier1_t") * price1 + pl.col("tier2_remedial_t") * price2


def _checked(frame: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in _NEEDED if name not in frame.columns]
    if missing:
        raise InputError(f"surplus units need the columns of nzf_balances; missing: {', '.join(missing)}")
    if frame["ship_id"].null_count():
        raise InputError(f"surplus units need ship_id: {frame['ship_id'].null_count()} rows have none")
    twice = frame.filter(frame.select("ship_id", "year").is_duplicated())
    if twice.height:
        raise InputError(f"ship {twice['ship_id'][0]} has more than one row for {twice['year'][0]}")
    return frame


def _matched(
    frame: pl.DataFrame, life: int, *, transfer: bool
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Return by row: units used, deficit paid, units expired, units left.

    Deficits are taken year by year, each from the units that end first: with one price this pays as much of the
    deficits as any use of the units could.
    """
    rows = list(frame.select("ship_id", "year", "tier2_t", "surplus_t").iter_rows())
    lots: dict[int, dict[str, _Lot]] = defaultdict(dict)
    debts: dict[int, dict[str, _Lot]] = defaultdict(dict)
    for number, (ship, year, deficit, surplus) in enumerate(rows):
        lots[year][ship] = _Lot(number, surplus)
        debts[year][ship] = _Lot(number, deficit)
    last = max(debts, default=0)
    for year in sorted(debts):
        for earned in sorted(lots):
            if earned <= year <= earned + life:
                _pay(lots[earned], debts[year], transfer=transfer)
    used, paid = [0.0] * len(rows), [0.0] * len(rows)
    expired, left = [0.0] * len(rows), [0.0] * len(rows)
    for earned, by_ship in lots.items():
        for lot in by_ship.values():
            used[lot.row] = rows[lot.row][-1] - lot.left
            (left if earned + life > last else expired)[lot.row] = lot.left
    for by_ship in debts.values():
        for debt in by_ship.values():
            paid[debt.row] = rows[debt.row][2] - debt.left
    return used, paid, expired, left


def _pay(lots: dict[str, _Lot], debts: dict[str, _Lot], *, transfer: bool) -> None:
    """Pay the deficits of a year with the units of a year: each ship its own, then each other's."""
    for ship, debt in debts.items():
        if ship in lots:
            _move(lots[ship], debt)
    if not transfer:
        return
    open_lots = [lot for lot in lots.values() if lot.left > 0]
    for debt in debts.values():
        while debt.left > 0 and open_lots:
            _move(open_lots[-1], debt)
            if open_lots[-1].left <= 0:
                open_lots.pop()


def _move(lot: _Lot, debt: _Lot) -> None:
    amount = min(lot.left, debt.left)
    lot.left -= amount
    debt.left -= amount
