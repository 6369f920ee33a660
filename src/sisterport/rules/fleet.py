"""What compliance costs a fleet: the cheapest legal pools over the years, allowances, and what would change it most.

The Net-Zero Framework enters only if the options take it as adopted. Costs are those of the rules alone: what fuel or
electricity costs is not in them, so the saving of a switch is what the new fuel may cost more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import MethodError
from sisterport.rules.accounts import KEYS, ets_account, fueleu_account, nzf_account
from sisterport.rules.coverage import covered
from sisterport.rules.fleet_changes import Switch, electricity_at_berth, less_energy, shore_power, switch_fuel
from sisterport.rules.movement_scope import in_force, in_scope
from sisterport.rules.pooling import PoolingPlan, cheapest_pools
from sisterport.rules.prices import allowance_price, usd_per_eur
from sisterport.rules.rule_options import RuleOptions
from sisterport.units import G_PER_T, MJ_PER_GJ, PER_CENT

__all__ = ["FleetAccount", "Switch", "fleet_account", "fleet_changes"]

_OPENING = ("opening_bank_t", "opening_borrowed_t", "opening_penalties")
_COSTS = ["regulation", "year", "ships", "co2e_t", "cost_eur", "alone_eur", "eur_per_t", "marginal_eur_per_t"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetAccount:
    """What compliance costs a fleet.

    Attributes
    ----------
    costs : polars.DataFrame
        regulation, year, ships; ``co2e_t``: emissions that the regulation counts, by its own boundary and shares;
        ``cost_eur``; ``alone_eur``: without pools, each ship at its cheapest; ``eur_per_t``: cost over co2e_t;
        ``marginal_eur_per_t``: what one tonne of balance more would save in FuelEU's plan, price times phase for the
        ETS. FuelEU's ``alone_eur`` of a year is that of the plan's ships without flexibility.
    plan : PoolingPlan or None
        FuelEU's plan; None if no ship is covered in any year.
    total_eur : float
        Sum of the costs.
    """

    costs: pl.DataFrame
    plan: PoolingPlan | None
    total_eur: float


def fleet_account(
    movements: Any,
    *,
    options: RuleOptions | None = None,
    extras: Any = None,
    openings: Any = None,
    pool: bool = True,
    borrow: bool = True,
) -> FleetAccount:
    """Return the costs of a fleet under each regulation and year, FuelEU by the cheapest legal plan.

    Parameters
    ----------
    movements
        Frame of the table ``movements``: all ships and years.
    options, extras
        As in `sisterport.rules.compliance.compliance`. ``penalties_before`` in the extras is for ships alone and not
        used here: give ``opening_penalties``.
    openings
        Frame with ship_id and opening_bank_t, opening_borrowed_t, opening_penalties (table ``pooling_fleet``) before
        each ship's first year.
    pool, borrow
        As in `sisterport.rules.pooling.cheapest_pools`.

    Raises
    ------
    SchemaError, InputError, ReferenceDataError, MethodError
        As `compliance` and `cheapest_pools`.

    Examples
    --------
    >>> from sisterport.rules.voyages import read_movements
    >>> row = {"voyage_id": "1", "imo": 9074729, "from_locode": "DEHAM", "to_locode": "NLRTM", "fuel": "HFO"}
    >>> row |= {"departure_utc": "2026-01-01T00:00:00", "arrival_utc": "2026-01-25T00:00:00", "mass_t": 1000.0}
    >>> found = fleet_account(read_movements(pl.DataFrame([row | {"gt": 9e4, "ship_class": "container"}])))
    >>> found.costs.select("regulation", pl.col("cost_eur").round(0)).rows()
    [('ets', 204842.0), ('fueleu', 58606.0)]
    """
    chosen = options or RuleOptions()
    rows = in_scope(
        movements,
        efta=chosen.efta,
        transhipment=chosen.transhipment,
        outermost_derogation=chosen.outermost_derogation,
    )
    more = tables.check(tables.empty("fueleu_ships") if extras is None else extras, "fueleu_ships")
    ships = rows.group_by(KEYS, maintain_order=True).agg(pl.col("ship_class", "gt").drop_nulls().first())
    applies = covered(ships).filter("applies")
    own = {
        name: rows.join(applies.filter(pl.col("regulation") == name), on=KEYS, how="semi", maintain_order="left")
        for name in ("fueleu", "ets")
    }
    fueleu, plan = _fueleu(own["fueleu"], more, chosen, openings, pool=pool, borrow=borrow)
    costs = pl.concat([_ets(own["ets"], chosen), fueleu, _nzf(rows, chosen)]).sort("regulation", "year")
    return FleetAccount(costs=costs, plan=plan, total_eur=float(costs["cost_eur"].sum()))


def _summed(frame: pl.DataFrame) -> pl.DataFrame:
    rate = pl.when(pl.col("co2e_t") > 0).then(pl.col("cost_eur") / pl.col("co2e_t"))
    types = {"regulation": pl.String, "year": pl.Int64, "ships": pl.Int64}
    return frame.with_columns(eur_per_t=rate).select(pl.col(name).cast(types.get(name, pl.Float64)) for name in _COSTS)


def _ets(rows: pl.DataFrame, options: RuleOptions) -> pl.DataFrame:
    account = ets_account(rows, options)
    years = account["year"].unique().sort().to_list()
    price = {year: allowance_price(year, options.allowance_eur).value for year in years}
    euros = pl.col("year").replace_strict(price, default=None, return_dtype=pl.Float64)
    per_year = account.group_by("year").agg(
        pl.len().alias("ships"),
        pl.col("co2e_t").sum(),
        (pl.col("allowances") * euros).sum().alias("cost_eur"),
        pl.col("allowances").sum(),
    )
    marginal = pl.when(pl.col("co2e_t") > 0).then(pl.col("cost_eur") / pl.col("co2e_t"))
    return _summed(
        per_year.with_columns(regulation=pl.lit("ets"), alone_eur=pl.col("cost_eur"), marginal_eur_per_t=marginal)
    )


def _fueleu(
    rows: pl.DataFrame,
    extras: pl.DataFrame,
    options: RuleOptions,
    openings: Any,
    *,
    pool: bool,
    borrow: bool,
) -> tuple[pl.DataFrame, PoolingPlan | None]:
    account = fueleu_account(rows, extras.with_columns(penalties_before=pl.lit(None, pl.Int64)), options)
    blank = pl.DataFrame(schema=dict.fromkeys(_COSTS, pl.Float64))
    if account.is_empty():
        return _summed(blank), None
    plan = cheapest_pools(_pooling_rows(account, openings), pool=pool, borrow=borrow)
    per_year = account.group_by("year").agg(
        pl.len().alias("ships"), pl.col("emissions_t").sum().alias("co2e_t"), pl.col("penalty_eur").sum()
    )
    planned = plan.years.select("year", pl.col("penalty_eur").alias("cost_eur"), pl.col("marginal_eur_per_t"))
    joined = per_year.rename({"penalty_eur": "alone_eur"}).join(planned, on="year", how="left")
    return _summed(joined.with_columns(regulation=pl.lit("fueleu"))), plan


def _pooling_rows(account: pl.DataFrame, openings: Any) -> pl.DataFrame:
    """Return the table ``pooling_fleet``: years out of scope between two of a ship stand with nothing in them."""
    spans = account.group_by("ship_id", maintain_order=True).agg(
        pl.int_range(pl.col("year").min(), pl.col("year").max() + 1).alias("year")
    )
    whole = spans.explode("year").join(
        account.select(*KEYS, "balance_t", "energy_mj", "intensity_g_per_mj"), on=KEYS, how="left"
    )
    rows = whole.with_columns(pl.col("balance_t", "energy_mj").fill_null(0))
    if openings is None:
        return rows
    given = tables.to_polars(openings)
    names = [name for name in _OPENING if name in given.columns]
    stray = sorted(set(given["ship_id"]) - set(rows["ship_id"]))
    if stray:
        raise MethodError(f"openings of ships that the movements do not have: {', '.join(stray)}")
    first = pl.col("year") == pl.col("year").min().over("ship_id")
    return rows.join(given.select("ship_id", *names), on="ship_id", how="left").with_columns(
        pl.when(first).then(name).alias(name) for name in names
    )


def _nzf(rows: pl.DataFrame, options: RuleOptions) -> pl.DataFrame:
    blank = _summed(pl.DataFrame(schema=dict.fromkeys(_COSTS, pl.Float64)))
    years = [year for year in rows["year"].unique() if in_force("fueleu", year)]
    mine = rows.filter(pl.col("year").is_in(years))
    if not options.nzf or mine.is_empty():
        return blank
    account = nzf_account(mine, options).filter("applies")
    rates = {year: usd_per_eur(year, options.usd_per_eur).value for year in account["year"].unique()}
    euros = pl.col("cost_usd") / pl.col("year").replace_strict(rates, default=None, return_dtype=pl.Float64)
    per_year = account.group_by("year").agg(
        pl.len().alias("ships"),
        (pl.col("gfi_g_per_mj") * pl.col("energy_mj") / G_PER_T).sum().alias("co2e_t"),
        euros.sum().alias("cost_eur"),
    )
    return _summed(
        per_year.with_columns(
            regulation=pl.lit("nzf"), alone_eur=pl.col("cost_eur"), marginal_eur_per_t=pl.lit(None, pl.Float64)
        )
    )


def fleet_changes(
    movements: Any,
    *,
    switches: Sequence[Switch] = (),
    share: float = PER_CENT,
    options: RuleOptions | None = None,
    extras: Any = None,
    openings: Any = None,
    pool: bool = True,
    borrow: bool = True,
) -> pl.DataFrame:
    """Return what small changes would save in compliance costs, the largest saving first.

    Every change is written on the movements and everything reckoned anew, pools included; so a saving can be none
    where a pool has surplus to spare, and is no more than a difference at this fleet and this share.

    Parameters
    ----------
    movements, options, extras, openings, pool, borrow
        As in `fleet_account`.
    switches
        Fuels to switch to.
    share
        How much changes: of all energy, or of the electricity made at berth [-].

    Returns
    -------
    polars.DataFrame
        ``change``; ``energy_gj``: fuel energy that changes; ``cost_eur`` after it; ``saving_eur``;
        ``saving_eur_per_gj``: of that energy, which is what the switch may cost more; by regulation ``fueleu_eur``,
        ``ets_eur``, ``nzf_eur`` of the saving. Electricity from shore is counted by the fuel that it replaces.

    Examples
    --------
    >>> from sisterport.rules.voyages import read_movements
    >>> row = {"voyage_id": "1", "imo": 9074729, "from_locode": "DEHAM", "to_locode": "NLRTM", "fuel": "HFO"}
    >>> row |= {"departure_utc": "2026-01-01T00:00:00", "arrival_utc": "2026-01-25T00:00:00", "mass_t": 1000.0}
    >>> legs = read_movements(pl.DataFrame([row | {"gt": 9e4, "ship_class": "container"}]))
    >>> found = fleet_changes(legs, switches=[Switch(fuel="bio_hvo", certified_e_g_per_mj=15.0)])
    >>> found["change"].to_list()
    ['switch to bio_hvo', 'less energy', 'shore power at berth']
    """
    rows = tables.check(movements, "movements")

    def account(frame: pl.DataFrame) -> FleetAccount:
        return fleet_account(frame, options=options, extras=extras, openings=openings, pool=pool, borrow=borrow)

    before = account(rows)
    burnt = float(rows["energy_mj"].sum()) / MJ_PER_GJ * share
    at_berth = float(rows.filter(electricity_at_berth() > 0)["energy_mj"].sum()) / MJ_PER_GJ * share
    changes: list[tuple[str, Callable[[pl.DataFrame], pl.DataFrame], float]] = [
        ("less energy", partial(less_energy, share=share), burnt),
        ("shore power at berth", partial(shore_power, share=share), at_berth),
    ]
    for to in switches:
        other = float(rows.filter(pl.col("fuel") != to.fuel)["energy_mj"].sum()) / MJ_PER_GJ * share
        changes.append((f"switch to {to.fuel}", partial(switch_fuel, share=share, to=to), other))
    found = [_saved(name, energy, before, account(change(rows))) for name, change, energy in changes]
    return pl.DataFrame(found, infer_schema_length=None).sort("saving_eur", descending=True, maintain_order=True)


def _saved(name: str, energy_gj: float, before: FleetAccount, after: FleetAccount) -> dict[str, Any]:
    def of(account: FleetAccount, regulation: str) -> float:
        return float(account.costs.filter(pl.col("regulation") == regulation)["cost_eur"].sum())

    saving = before.total_eur - after.total_eur
    return {
        "change": name,
        "energy_gj": energy_gj,
        "cost_eur": after.total_eur,
        "saving_eur": saving,
        "saving_eur_per_gj": saving / energy_gj if energy_gj > 0 else None,
        **{f"{law}_eur": of(before, law) - of(after, law) for law in ("fueleu", "ets", "nzf")},
    }
