"""IMO Net-Zero Framework, draft MARPOL Annex VI chapter 5 of MEPC 83: targets, tiers, remedial and surplus units.

It was **not adopted** (the extraordinary session adjourned on 17 October 2025), so nothing is due unless the caller
says ``enabled=True``; ``start_year`` and ``schedule`` say how a later adoption is taken. Targets of 2036 to 2039 and
prices after 2030 are not set: they are refused, never extrapolated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import polars as pl

from sisterport.errors import InputError, MethodError, ReferenceDataError, choose
from sisterport.rules.clauses import clause
from sisterport.rules.netzero_targets import Targets, refuse_years, target_rows, targets, zero_or_near_zero
from sisterport.tables import check
from sisterport.units import G_PER_T

__all__ = [
    "CLAUSE",
    "SCHEDULES",
    "Balance",
    "Targets",
    "attained_gfi",
    "balances",
    "compliance",
    "surplus",
    "targets",
    "tier1",
    "tier2",
    "zero_or_near_zero",
]

CLAUSE = "draft MARPOL Annex VI chapter 5 (MEPC 83), not adopted"
SCHEDULES = ("calendar", "shifted")
"""Targets of the calendar year as drafted, nothing due before the start; or the whole schedule moved with the start."""

Number = TypeVar("Number", float, pl.Expr)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What one ship owes or earns in one year; the names are those of the table ``nzf_balances``."""

    year: int
    gfi_g_per_mj: float
    energy_mj: float
    applies: bool
    reason: str
    targets_year: int | None
    base_g_per_mj: float | None
    direct_g_per_mj: float | None
    tier1_t: float
    tier2_t: float
    surplus_t: float
    tier1_usd_per_t: float | None
    tier2_usd_per_t: float | None
    price_source: str
    cost_usd: float
    clause: str
    status: str


def attained_gfi(*, energy_mj: Sequence[float], wtw_g_per_mj: Sequence[float]) -> float:
    """Return the attained intensity of a ship: its energy sources weighted by their energy [g/MJ].

    Parameters
    ----------
    energy_mj
        Energy by source, zero-emission sources included [MJ].
    wtw_g_per_mj
        Well-to-wake CO2e of each [g/MJ].

    Raises
    ------
    InputError
        If the lists differ in length, energy is negative, or there is none.

    Examples
    --------
    >>> attained_gfi(energy_mj=[3.0, 1.0], wtw_g_per_mj=[90.0, 10.0])
    70.0
    """
    if len(energy_mj) != len(wtw_g_per_mj) or min(energy_mj, default=0) < 0 or sum(energy_mj) <= 0:
        raise InputError("needed: as many intensities as energies, no negative energy, and some energy")
    return sum(e * w for e, w in zip(energy_mj, wtw_g_per_mj, strict=True)) / sum(energy_mj)


def balances(
    frame: Any,
    *,
    enabled: bool = False,
    start_year: int | None = None,
    schedule: str = "calendar",
    tier1_usd_per_t: float | None = None,
    tier2_usd_per_t: float | None = None,
) -> pl.DataFrame:
    """Return tiers, surplus and cost of every ship and year of a frame.

    Parameters
    ----------
    frame
        Any Arrow-speaking frame of the table ``nzf_ships``: year, attained intensity [g/MJ], energy [MJ].
    enabled
        Take the framework as adopted. It was not, so by default nothing is due.
    start_year
        First year in which something is due; by default that of the draft, 2028.
    schedule
        ``calendar``: targets and prices stay with their years; ``shifted``: the whole schedule, prices included,
        moves with the start.
    tier1_usd_per_t, tier2_usd_per_t
        Own prices of remedial units [USD/t]; both or none. Needed after 2030, for which no price is set.

    Returns
    -------
    polars.DataFrame
        Table ``nzf_balances``, one row for each row given, in their order.

    Raises
    ------
    ReferenceDataError
        If a year from the start on has no target, or one with a deficit no price and none is given.
    MethodError
        If only one price is given, or the schedule is unknown.

    References
    ----------
    Draft MARPOL Annex VI chapter 5; facts of MEPC 83: tier 1 between the targets, tier 2 above the base target.

    Examples
    --------
    >>> ships = pl.DataFrame({"year": [2028, 2028], "gfi_g_per_mj": [95.5, 70.0], "energy_mj": [1e9, 1e9]})
    >>> balances(ships, enabled=True).select(pl.col("cost_usd", "surplus_t").round(0)).rows()
    [(3467060.0, 0.0), (0.0, 7439.0)]
    """
    choose("schedule", schedule, SCHEDULES)
    if (tier1_usd_per_t is None) != (tier2_usd_per_t is None):
        raise MethodError("give the prices of both tiers, or none")
    ships = check(frame, "nzf_ships").with_row_index("row")
    drafted = int(clause("imo_nzf_rules", "start_year").value)
    start = drafted if start_year is None else start_year
    shift = start - drafted if schedule == "shifted" else 0
    placed = ships.with_columns(
        applies=_applies(start, enabled=enabled),
        reason=_reason(start, enabled=enabled),
        targets_year=pl.when(_applies(start, enabled=enabled)).then(pl.col("year") - shift),
    )
    years = placed["targets_year"].drop_nulls().unique().to_list()
    refuse_years(years, direct=True)
    own = None if tier1_usd_per_t is None or tier2_usd_per_t is None else (tier1_usd_per_t, tier2_usd_per_t)
    owed = _with_units(placed.join(target_rows(), on="targets_year", how="left"))
    return check(_costed(owed, own).sort("row"), "nzf_balances")


def _applies(start: int, *, enabled: bool) -> pl.Expr:
    below = pl.col("gt") < clause("imo_nzf_rules", "gt_threshold").value
    return pl.lit(enabled) & (pl.col("year") >= start) & below.fill_null(value=False).not_()


def _reason(start: int, *, enabled: bool) -> pl.Expr:
    if not enabled:
        return pl.lit("not adopted: not applied (enabled=False)")
    limit = clause("imo_nzf_rules", "gt_threshold").value
    return (
        pl.when(pl.col("year") < start)
        .then(pl.lit(f"before the start year {start}"))
        .when(pl.col("gt") < limit)
        .then(pl.lit(f"below {limit:,.0f} GT"))
        .when(pl.col("gt").is_null())
        .then(pl.lit("scenario: taken as adopted; GT unknown, taken as in scope"))
        .otherwise(pl.lit("scenario: taken as adopted"))
    )


def _prices(years: list[int], own: tuple[float, float] | None) -> pl.DataFrame:
    """Return the prices of the years of the schedule in which somebody owes something."""
    try:
        rows = [
            (year, *(own or tuple(clause("imo_nzf_rules", f"tier{n}_price", year).value for n in (1, 2))))
            for year in years
        ]
    except ReferenceDataError as error:
        raise ReferenceDataError(f"{error}: give tier1_usd_per_t and tier2_usd_per_t") from None
    names = {"targets_year": pl.Int64, "tier1_usd_per_t": pl.Float64, "tier2_usd_per_t": pl.Float64}
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(
        price_source=pl.lit("given" if own else "table imo_nzf_rules")
    )


def tier1(*, gfi: Number, base: Number, direct: Number, energy_mj: Number) -> Number:
    """Return the deficit of tier 1 [t]: between the direct compliance and the base target.

    Parameters
    ----------
    gfi, base, direct
        Attained intensity and targets [g/MJ], numbers or Polars expressions.
    energy_mj
        Energy of the year [MJ].

    Examples
    --------
    >>> round(tier1(gfi=95.5, base=89.568, direct=77.439, energy_mj=1e9), 3)
    12129.0
    """
    return _positive(_lower(gfi, base) - direct) * energy_mj / G_PER_T


def tier2(*, gfi: Number, base: Number, energy_mj: Number) -> Number:
    """Return the deficit of tier 2 [t]: above the base target.

    Examples
    --------
    >>> round(tier2(gfi=95.5, base=89.568, energy_mj=1e9), 3)
    5932.0
    """
    return _positive(gfi - base) * energy_mj / G_PER_T


def surplus(*, gfi: Number, direct: Number, energy_mj: Number) -> Number:
    """Return the surplus units [t]: below the direct compliance target.

    Examples
    --------
    >>> round(surplus(gfi=70.0, direct=77.439, energy_mj=1e9), 3)
    7439.0
    """
    return _positive(direct - gfi) * energy_mj / G_PER_T


def _positive(x: Number) -> Number:
    return x.clip(lower_bound=0) if isinstance(x, pl.Expr) else max(0.0, x)


def _lower(x: Number, y: Number) -> Number:
    return pl.min_horizontal(x, y) if isinstance(x, pl.Expr) else min(x, y)


def _with_units(placed: pl.DataFrame) -> pl.DataFrame:
    gfi, base, direct, energy = (pl.col(n) for n in ("gfi_g_per_mj", "base_g_per_mj", "direct_g_per_mj", "energy_mj"))
    # where nothing applies nothing is due: the reason says why
    return placed.with_columns(
        tier1_t=pl.when("applies").then(tier1(gfi=gfi, base=base, direct=direct, energy_mj=energy)).otherwise(0.0),
        tier2_t=pl.when("applies").then(tier2(gfi=gfi, base=base, energy_mj=energy)).otherwise(0.0),
        surplus_t=pl.when("applies").then(surplus(gfi=gfi, direct=direct, energy_mj=energy)).otherwise(0.0),
        status=pl.col("status").fill_null("not applied"),
        clause=pl.lit(CLAUSE),
    )


def _costed(owed: pl.DataFrame, own: tuple[float, float] | None) -> pl.DataFrame:
    owing = pl.col("tier1_t") + pl.col("tier2_t") > 0
    years = owed.filter(owing)["targets_year"].unique().sort().to_list()
    priced = owed.join(_prices(years, own), on="targets_year", how="left")
    cost = pl.col("tier1_t") * pl.col("tier1_usd_per_t") + pl.col("tier2_t") * pl.col("tier2_usd_per_t")
    return priced.with_columns(
        cost_usd=pl.when(owing).then(cost).otherwise(0.0), price_source=pl.col("price_source").fill_null("none")
    )


def compliance(
    *,
    gfi_g_per_mj: float,
    energy_mj: float,
    year: int,
    gt: float | None = None,
    enabled: bool = False,
    start_year: int | None = None,
    schedule: str = "calendar",
    tier1_usd_per_t: float | None = None,
    tier2_usd_per_t: float | None = None,
) -> Balance:
    """Return tiers, surplus and cost of one ship and year; parameters as in `balances`.

    Examples
    --------
    >>> compliance(gfi_g_per_mj=95.5, energy_mj=1e9, year=2028).reason
    'not adopted: not applied (enabled=False)'
    >>> round(compliance(gfi_g_per_mj=95.5, energy_mj=1e9, year=2028, enabled=True).cost_usd)
    3467060
    """
    ship = {"year": [year], "gt": [gt], "gfi_g_per_mj": [gfi_g_per_mj], "energy_mj": [energy_mj]}
    row = balances(
        pl.DataFrame(ship),
        enabled=enabled,
        start_year=start_year,
        schedule=schedule,
        tier1_usd_per_t=tier1_usd_per_t,
        tier2_usd_per_t=tier2_usd_per_t,
    ).row(0, named=True)
    return Balance(**{name: row[name] for name in Balance.__dataclass_fields__})
