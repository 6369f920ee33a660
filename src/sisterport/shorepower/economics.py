"""What a saving costs: per kWh on board and per tonne net of the grid, and how well the outlets are used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from sisterport.errors import MethodError, SchemaError, choose
from sisterport.fleet import ship_id
from sisterport.shorepower import saving_formulas as law
from sisterport.tables import check, to_polars
from sisterport.units import HOURS_PER_YEAR, KWH_PER_MWH

KEYS = ("locode", "terminal", "berth_id", "ship_class")
"""What savings can be put together by."""

_SUMS = ("energy_mwh", "grid_mwh", "fuel_t", "co2_gross_t", "co2_net_t", "connected_h")


def economics(
    savings: Any,
    *,
    by: Sequence[str] = ("locode",),
    period_h: float,
    price_year: int,
    capex_usd: float | None = None,
    opex_usd: float = 0.0,
    interest: float,
    years: float,
    fuel_usd_per_t: float | None = None,
    avoided_usd: float = 0.0,
    investments: Any = None,
    outlets_n: float | None = None,
    availability_share: float = 1.0,
) -> pl.DataFrame:
    """Return the cost of savings, scaled to a year.

    Parameters
    ----------
    savings
        Frame of the table ``savings``.
    by
        Keys from `KEYS`; none gives one row.
    period_h
        Hours that the stays were collected over: everything is scaled by 8760 / period.
    price_year
        Year whose prices all the money is in; it is only named in the answer.
    capex_usd, opex_usd, avoided_usd
        Of each group: investment [USD], operation in a year [USD/year] and what is not paid for allowances and
        penalties in a year [USD/year].
    interest, years
        Per year, and life of the investment.
    fuel_usd_per_t
        Price of the fuel that is not burnt [USD/t].
    investments
        Frame with the keys, ``capex_usd`` and, if known, ``opex_usd, outlets_n, availability_share``: where groups
        differ.
    outlets_n, availability_share
        Outlets of each group and the share of the year in which they can be used: for the utilisation.

    Returns
    -------
    DataFrame
        The keys, ``stays``, ``stays_counted``, sums in a year [per year], ``utilisation``, ``crf``, ``capex_usd``,
        ``opex_usd``, ``electricity_usd``, ``fuel_usd``, ``cost_usd_per_kwh``, ``abatement_usd_per_t``,
        ``break_even_t_per_mwh``, ``price_year`` and ``note``. A cost is null where a price is missing or nothing is
        saved, and the note says which.

    Raises
    ------
    MethodError
        Unknown key, or a period that is not positive.
    SchemaError
        Frames that do not fit.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> economics(empty("savings"), period_h=8760, price_year=2024, interest=0.06, years=20).height
    0
    """
    if period_h <= 0:
        raise MethodError(f"period_h = {period_h:g} is no period")
    for key in by:
        choose("key", key, KEYS)
    rows = check(savings, "savings").with_columns(pl.lit("all").alias("all"))
    scale = HOURS_PER_YEAR / period_h
    keys = list(by) or ["all"]
    energy = pl.col("energy_mwh")
    groups = rows.group_by(keys, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("stays"),
        (energy > 0).sum().cast(pl.Int64).alias("stays_counted"),
        *(pl.when(pl.col(name).count() > 0).then(pl.col(name).sum() * scale).alias(name) for name in _SUMS),
        (pl.col("grid_mwh") * pl.col("tariff_usd_per_kwh")).sum().mul(scale * KWH_PER_MWH).alias("electricity_usd"),
        (pl.col("tariff_usd_per_kwh").is_null() & (energy > 0)).any().alias("no tariff"),
        (pl.col("fuel_t").is_null() & (energy > 0)).any().alias("no fuel"),
        (pl.col("co2_net_t").is_null() & (energy > 0)).any().alias("no grid"),
        (pl.col("break_even_t_per_mwh") * energy).sum().truediv(energy.sum()).alias("break_even_t_per_mwh"),
    )
    money = {
        "capex_usd": capex_usd,
        "opex_usd": opex_usd,
        "outlets_n": outlets_n,
        "availability_share": availability_share,
    }
    priced = _with_money(groups, money, list(by), investments)
    crf = law.capital_recovery_factor(interest=interest, years=years)
    costs = [
        _costs(row, crf=crf, fuel_usd_per_t=fuel_usd_per_t, avoided_usd=avoided_usd)
        for row in priced.iter_rows(named=True)
    ]
    schema = {
        "crf": pl.Float64,
        "fuel_usd": pl.Float64,
        "utilisation": pl.Float64,
        "cost_usd_per_kwh": pl.Float64,
        "abatement_usd_per_t": pl.Float64,
        "note": pl.String,
    }
    joined = pl.concat([priced, pl.DataFrame(costs, schema=schema)], how="horizontal")
    return joined.select(
        *keys,
        "stays",
        "stays_counted",
        *_SUMS,
        "outlets_n",
        "utilisation",
        "crf",
        "capex_usd",
        "opex_usd",
        "electricity_usd",
        "fuel_usd",
        "cost_usd_per_kwh",
        "abatement_usd_per_t",
        pl.col("break_even_t_per_mwh").fill_nan(None),
        pl.lit(price_year, pl.Int64).alias("price_year"),
        "note",
    ).sort(keys, nulls_last=True)


LEVELS = ("low", "mid", "high")
"""Costs of the same investment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finance:
    """What turns an investment into a cost: all money in the prices of one year.

    Attributes
    ----------
    interest, years
        Per year, and life of the investment.
    opex_share
        Operation and maintenance in a year, as a share of the investment.
    fuel_usd_per_t
        Price of the fuel that is not burnt [USD/t]; None: the cost per tonne is not worked out.
    avoided_usd
        What is not paid for allowances and penalties in a year [USD/year].
    """

    interest: float
    years: float
    opex_share: float = 0.0
    fuel_usd_per_t: float | None = None
    avoided_usd: float = 0.0


def three_costs(
    savings: Any,
    *,
    capex_usd: Mapping[str, float],
    finance: Finance,
    period_h: float,
    price_year: int,
    shares: Any = None,
) -> pl.DataFrame:
    """Return the cost per kWh and per tonne of all savings together, at low, middle and high investment.

    Parameters
    ----------
    savings
        Frame of the table ``savings``.
    capex_usd
        Investment [USD] at each of `LEVELS`.
    finance, period_h, price_year
        Interest, life and prices; hours that the stays were collected over; year of the prices.
    shares
        Frame ``ship_id, berth_id, share``: which share of the stays of a ship at a berth counts; other stays do not.
        None: all count.

    Returns
    -------
    DataFrame
        As of `economics`, one row per level in the column ``costs``.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from sisterport.shorepower.savings import savings
    >>> saved = savings(pl.DataFrame({"stay_id": ["a"], "imo": [9074729], "locode": ["NOOSL"], "hours": [24.0],
    ...     "start_utc": [datetime(2024, 5, 1, tzinfo=UTC)], "end_utc": [datetime(2024, 5, 2, tzinfo=UTC)],
    ...     "aux_mwh": [24.0], "aux_fuel_t": [5.2], "aux_co2_t": [16.7]}), tariff_usd_per_kwh=0.1)
    >>> capex, bank = {"low": 1e6, "mid": 2e6, "high": 4e6}, Finance(interest=0.06, years=20, fuel_usd_per_t=700.0)
    >>> found = three_costs(saved, capex_usd=capex, finance=bank, period_h=73, price_year=2024)
    >>> found.select("costs", pl.col("cost_usd_per_kwh", "abatement_usd_per_t").round(2)).rows()
    [('low', 0.14, -16.41), ('mid', 0.17, 32.35), ('high', 0.24, 129.87)]
    """
    rows = check(savings, "savings")
    if shares is not None:
        part = to_polars(shares).select("ship_id", "berth_id", "share")
        keyed = rows.with_columns(ship_id()).join(part, on=["ship_id", "berth_id"], maintain_order="left")
        rows = check(keyed.with_columns(pl.col(name) * pl.col("share") for name in _SUMS), "savings")
    found = [
        economics(
            rows,
            by=(),
            period_h=period_h,
            price_year=price_year,
            capex_usd=capex_usd[level],
            opex_usd=capex_usd[level] * finance.opex_share,
            interest=finance.interest,
            years=finance.years,
            fuel_usd_per_t=finance.fuel_usd_per_t,
            avoided_usd=finance.avoided_usd,
        ).with_columns(costs=pl.lit(level))
        for level in LEVELS
    ]
    return pl.concat(found).select("costs", pl.exclude("costs", "all"))


def _with_money(groups: pl.DataFrame, money: dict[str, float | None], by: list[str], investments: Any) -> pl.DataFrame:
    """Add what each group costs: its own row of `investments`, else what holds for all."""
    general = [pl.lit(number, pl.Float64).alias(name) for name, number in money.items()]
    if investments is None:
        return groups.with_columns(general)
    own = to_polars(investments)
    faults = [f"column '{name}' missing" for name in (*by, "capex_usd") if name not in own.columns]
    if not faults and own.select(by).is_duplicated().any():
        faults.append(f"a group of {', '.join(by)} stands more than once")
    if faults:
        raise SchemaError("investments", faults)
    given = [name for name in money if name in own.columns]
    joined = groups.join(own.select(*by, *given), on=by, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(
        pl.coalesce(pl.col(name).cast(pl.Float64), literal) if name in given else literal
        for name, literal in zip(money, general, strict=True)
    )


def _costs(
    row: dict[str, Any], *, crf: float, fuel_usd_per_t: float | None, avoided_usd: float
) -> dict[str, float | str | None]:
    """Return the costs of one group and what they lack."""
    energy, net = row["energy_mwh"] or 0.0, row["co2_net_t"]
    lacking = {
        "no energy": energy <= 0,
        "no investment given": row["capex_usd"] is None,
        "no tariff for some stays": row["no tariff"],
    }
    notes = [text for text, lacks in lacking.items() if lacks]
    annual = crf * (row["capex_usd"] or 0.0) + row["opex_usd"]
    fuel_usd = None if fuel_usd_per_t is None or row["fuel_t"] is None else row["fuel_t"] * fuel_usd_per_t
    per_kwh = per_t = None
    if not notes:
        kwh = energy * KWH_PER_MWH
        per_kwh = (annual + row["electricity_usd"]) / kwh
        lacking = {
            "no price of fuel": fuel_usd is None,
            "fuel unknown for some stays": row["no fuel"],
            "grid or CO2 unknown for some stays": row["no grid"],
            "no saving net of the grid: a cost per tonne is not defined": net is not None and net <= 0,
        }
        notes = [text for text, lacks in lacking.items() if lacks]
        if not notes and fuel_usd is not None and net is not None:
            per_t = law.abatement_usd_per_t(
                net,
                annual_usd=annual,
                electricity_usd=row["electricity_usd"],
                fuel_usd=fuel_usd,
                avoided_usd=avoided_usd,
            )
    hours = HOURS_PER_YEAR * (row["outlets_n"] or 0.0) * row["availability_share"]
    used = None if row["connected_h"] is None else law.utilisation(row["connected_h"], available_hours=hours)
    return {
        "crf": crf,
        "fuel_usd": fuel_usd,
        "utilisation": used,
        "cost_usd_per_kwh": per_kwh,
        "abatement_usd_per_t": per_t,
        "note": "; ".join(notes) or None,
    }
