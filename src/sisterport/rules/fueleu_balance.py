"""FuelEU Maritime: intensity, compliance balance and penalty of ships and years, from their fuel."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import ReferenceDataError, SchemaError
from sisterport.reference import load
from sisterport.rules.clauses import STATUSES, clause
from sisterport.rules.fueleu import limit, penalty_rate
from sisterport.rules.fueleu_fuels import fuel_energy
from sisterport.units import G_PER_T

_CLAUSE = "Regulation (EU) 2023/1805 Art 4 and 23(2), Annexes I and IV"
_KEYS = ["ship_id", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipBalance:
    """One row of the table ``fueleu_balances``: a ship in a reporting period; see there for each field."""

    ship_id: str
    year: int
    energy_mj: float
    rewarded_mj: float
    emissions_t: float
    f_wind: float
    intensity_g_per_mj: float | None
    limit_g_per_mj: float
    balance_t: float
    penalty_n: int
    penalty_eur: float
    rfnbo_share: float
    least_favourable_mj: float
    shore_mj: float
    gwp: str
    unmeasured: str
    clause: str
    status: str
    rows: str


def balances(fuel: Any, ships: Any = None, *, gwp: str = "AR5", unmeasured: str = "zero") -> pl.DataFrame:
    """Return intensity, compliance balance and penalty of every ship and year.

    Parameters
    ----------
    fuel
        Frame of the table ``fueleu_fuel``.
    ships
        Frame of the table ``fueleu_ships``: wind propulsion, shore electricity, ice, penalties before. Without it
        there is none of these.
    gwp, unmeasured
        As in `fueleu_fuels.factors`.

    Returns
    -------
    polars.DataFrame
        Table ``fueleu_balances``, sorted by ship and year. With emissions N, energy E, rewarded energy D and limit L:
        intensity f_wind N / D, balance (L - intensity) E, which is (L D - f_wind N) E / D.

    Raises
    ------
    SchemaError, ReferenceDataError
        Listing every fault; a year before the law names the first row.

    References
    ----------
    Regulation (EU) 2023/1805 Annex I equations (1) and (2), Annex IV parts A and B, Art 4(2), 5(1), 23(2).

    Examples
    --------
    >>> oil = pl.DataFrame({"ship_id": ["imo:1"], "year": [2025], "fuel": ["HFO"], "mass_t": [1000.0],
    ...                     "scope_share": [1.0]})
    >>> balances(oil).select(pl.col("balance_t", "penalty_eur").round(2)).row(0)
    (-91.71, 58605.83)
    """
    rows = fuel_energy(fuel, gwp=gwp, unmeasured=unmeasured)
    extras = _extras(ships)
    per_ship = rows.group_by(_KEYS).agg(
        pl.col("energy_mj", "rewarded_mj", "emissions_g", "rfnbo_mj").sum(),
        pl.col("energy_mj").filter(pl.col("factor_source") == "least_favourable").sum().alias("least_favourable_mj"),
        _rank("factor_status").max().alias("rank"),
        pl.col("factor_row").unique().sort().str.join("; ").alias("rows"),
    )
    joined = per_ship.join(extras, on=_KEYS, how="full", coalesce=True).with_columns(
        pl.col("rows").fill_null(""), pl.col("f_wind").fill_null(1), pl.exclude(*_KEYS, "rows", "f_wind").fill_null(0)
    )
    _refuse_ice(joined)
    joined = joined.join(_limits(joined["year"]), on="year", how="left")
    return tables.check(
        _with_balance(_with_energy(joined))
        .with_columns(
            gwp=pl.lit(gwp),
            unmeasured=pl.lit(unmeasured),
            clause=pl.lit(_CLAUSE),
            status=pl.max_horizontal("rank", "rank_wind", "rank_shore").replace_strict(
                range(len(STATUSES)), STATUSES, return_dtype=pl.String
            ),
        )
        .sort(_KEYS),
        "fueleu_balances",
    )


def _rank(column: str) -> pl.Expr:
    return pl.col(column).replace_strict(STATUSES, range(len(STATUSES)), return_dtype=pl.Int64)


def _extras(ships: Any) -> pl.DataFrame:
    """Return the table ``fueleu_ships`` with the reward factor of wind and the ranks of statuses."""
    frame = tables.check(tables.empty("fueleu_ships") if ships is None else ships, "fueleu_ships")
    twice = frame.filter(pl.struct(_KEYS).is_duplicated())
    if twice.height:
        raise SchemaError("fueleu_ships", [f"{twice.height} rows stand twice, first: {twice.row(0)[:2]}"])
    wind = load("fueleu_wind").select(
        pl.col("ratio_from").cast(pl.Float64), "f_wind", _rank("status").alias("rank_wind")
    )
    shore = clause("fueleu_rules", "shore_electricity_wtt")
    return (
        frame.with_columns(pl.col("wind_ratio").fill_null(0).alias("ratio_from"))
        .sort("ratio_from")
        .join_asof(wind.sort("ratio_from"), on="ratio_from")
        .with_columns(
            pl.when(pl.col("wind_ratio").is_null()).then(0).otherwise(pl.col("rank_wind")).alias("rank_wind"),
            pl.when(pl.col("shore_mj") > 0).then(STATUSES.index(shore.status)).otherwise(0).alias("rank_shore"),
            (pl.col("shore_mj") * shore.value).alias("shore_g"),
        )
        .drop("ratio_from", "wind_ratio")
    )


def _refuse_ice(rows: pl.DataFrame) -> None:
    over = rows.filter(pl.col("ice_mj") > pl.col("energy_mj"))
    if over.height:
        raise SchemaError(
            "fueleu_ships",
            [f"{over.height} rows leave out more energy for ice than the fuel has, first: {over.row(0)[:2]}"],
        )


def _limits(years: pl.Series) -> pl.DataFrame:
    """Return the limit of each year; refuse those without a row, all at once."""
    found, faults = [], []
    for year in years.unique().sort():
        try:
            of_year = limit(year)
        except ReferenceDataError as error:
            faults.append(str(error))
        else:
            found.append({"year": year, "limit_g_per_mj": of_year.value, "limit_row": of_year.row})
    if faults:
        raise ReferenceDataError("; ".join(faults))
    schema = {"year": pl.Int64, "limit_g_per_mj": pl.Float64, "limit_row": pl.String}
    return pl.DataFrame(found, schema=schema)


def _with_energy(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave out energy for ice from all fuels alike, then add shore electricity."""
    kept = pl.when(pl.col("energy_mj") > 0).then(1 - pl.col("ice_mj") / pl.col("energy_mj")).otherwise(1)
    fuels = pl.col("energy_mj", "rewarded_mj", "emissions_g", "rfnbo_mj", "least_favourable_mj") * kept
    return rows.with_columns(fuels).with_columns(
        pl.col("energy_mj", "rewarded_mj") + pl.col("shore_mj"), pl.col("emissions_g") + pl.col("shore_g")
    )


def _with_balance(rows: pl.DataFrame) -> pl.DataFrame:
    some = pl.col("rewarded_mj") > 0
    intensity = pl.when(some).then(pl.col("f_wind") * pl.col("emissions_g") / pl.col("rewarded_mj"))
    balance = (pl.col("limit_g_per_mj") - pl.col("intensity_g_per_mj")) * pl.col("energy_mj") / G_PER_T
    step = clause("fueleu_rules", "consecutive_increment").value
    rate = penalty_rate(1).value / pl.col("intensity_g_per_mj") * (1 + pl.col("penalties_before") * step)
    return (
        rows.with_columns(intensity.alias("intensity_g_per_mj"))
        .with_columns(pl.when(some).then(balance).otherwise(0).alias("balance_t"))
        .with_columns(
            pl.when(pl.col("balance_t") < 0).then(-pl.col("balance_t") * rate).otherwise(0).alias("penalty_eur"),
            (pl.col("penalties_before") + 1).alias("penalty_n"),
            (pl.col("emissions_g") / G_PER_T).alias("emissions_t"),
            pl.when(pl.col("energy_mj") > 0)
            .then(pl.col("rfnbo_mj") / pl.col("energy_mj"))
            .otherwise(0)
            .alias("rfnbo_share"),
            pl.concat_str(["limit_row", pl.col("rows").replace("", None)], separator="; ", ignore_nulls=True).alias(
                "rows"
            ),
        )
    )


def ship_balance(
    mass_t: Mapping[str, float],
    *,
    year: int,
    scope_share: float = 1.0,
    shore_mj: float = 0.0,
    wind_ratio: float | None = None,
    penalties_before: int = 0,
    certified: Mapping[str, Mapping[str, Any]] | None = None,
    gwp: str = "AR5",
    unmeasured: str = "zero",
) -> ShipBalance:
    """Return the balance of one ship in one reporting period.

    Parameters
    ----------
    mass_t
        Mass of each fuel [t].
    year
        Reporting period.
    scope_share
        Share of every mass that counts [-].
    shore_mj
        Shore electricity [MJ].
    wind_ratio
        Wind-assisted over propulsion power [-].
    penalties_before
        Consecutive reporting periods with a penalty right before this one.
    certified
        For a biofuel or RFNBO the columns of its certificate in the table ``fueleu_fuel``:
        ``{"e_methanol": {"certified_e_g_per_mj": 8.0}}``.
    gwp, unmeasured
        As in `balances`.

    Raises
    ------
    SchemaError, ReferenceDataError
        As `balances`.

    Examples
    --------
    The benchmark of 12,000 t heavy fuel oil and 1,400 t diesel oil, published as about EUR 750,000:

    >>> round(ship_balance({"HFO": 12_000.0, "MDO": 1_400.0}, year=2025).penalty_eur, -4)
    750000.0
    """
    own = certified or {}
    stray = sorted(set(own) - set(mass_t))
    if stray:
        raise SchemaError("certified", [f"a certificate of '{name}', of which there is no mass" for name in stray])
    fuel = pl.DataFrame(
        [
            {"ship_id": "ship", "year": year, "fuel": name, "mass_t": mass, "scope_share": scope_share}
            | dict(own.get(name, {}))
            for name, mass in mass_t.items()
        ],
        infer_schema_length=None,
    )
    ships = pl.DataFrame(
        [
            {
                "ship_id": "ship",
                "year": year,
                "shore_mj": shore_mj,
                "wind_ratio": wind_ratio,
                "penalties_before": penalties_before,
            }
        ],
        schema_overrides={"wind_ratio": pl.Float64},
    )
    empty = tables.empty("fueleu_fuel")
    row = balances(fuel if mass_t else empty, ships, gwp=gwp, unmeasured=unmeasured).row(0, named=True)
    return ShipBalance(**{field.name: row[field.name] for field in fields(ShipBalance)})
