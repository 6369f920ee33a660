"""EU ETS for shipping, Directive 2003/87/EC as amended by (EU) 2023/959: allowances of legs, ships and years.

Tank to wake; shore electricity costs the ship nothing. Outermost regions and islands have exceptions that are not
covered here.
"""

from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import InputError, ReferenceDataError, SchemaError, choose, did_you_mean
from sisterport.fuels.wtw import gwp_pair
from sisterport.rules.clauses import STATUSES, Clause, clause, row_of, words
from sisterport.rules.fueleu_fuels import factors, refuse_unknown

KINDS = ("intra", "extra", "berth", "none")
"""Kinds of a leg: between two ports in the European Economic Area, to or from one outside, at berth inside, none."""

_TABLE = "eu_ets_maritime"
_CLAUSE = "Directive 2003/87/EC Art 3ga, 3gb, 12, Annex I"


def applies(gt: float, *, year: int, offshore: bool = False) -> bool:
    """Say whether a ship of this size owes allowances.

    Parameters
    ----------
    gt
        Gross tonnage.
    year
        Year of the emissions.
    offshore
        Whether it is an offshore ship.

    Raises
    ------
    ReferenceDataError
        A year before the law.

    References
    ----------
    Directive 2003/87/EC Annex I: from 5,000 GT; offshore ships from 2027 (secondary).

    Examples
    --------
    >>> applies(5000, year=2026), applies(5000, year=2026, offshore=True), applies(5000, year=2027, offshore=True)
    (True, False, True)
    """
    floor = clause(_TABLE, "gt_threshold", year)
    if offshore:
        try:
            floor = clause(_TABLE, "offshore_gt_threshold", year)
        except ReferenceDataError:
            return False
    return gt >= floor.value


def phase_in(year: int) -> Clause:
    """Return the share of the emissions of a year for which allowances are due.

    References
    ----------
    Directive 2003/87/EC Art 3gb: 40, 70, 100 % for 2024, 2025, 2026 on.

    Examples
    --------
    >>> [phase_in(year).value for year in (2024, 2025, 2026, 2040)]
    [0.4, 0.7, 1.0, 1.0]
    """
    return clause(_TABLE, "phase_in", year)


def leg_share(kind: str) -> Clause:
    """Return the share of the emissions of a leg that counts; `scope` tells it from the ports at its ends.

    Parameters
    ----------
    kind
        One of `KINDS`.

    References
    ----------
    Directive 2003/87/EC Art 3ga: per leg, not per round trip; a berth by its own port.

    Examples
    --------
    >>> leg_share("extra").value
    0.5
    """
    return clause(_TABLE, f"scope_{choose('kind of leg', kind, KINDS)}")


def excess_penalty() -> Clause:
    """Return the penalty per tonne that was not surrendered, before indexing [EUR/t]; unverified.

    Examples
    --------
    >>> excess_penalty().status
    'unverified'
    """
    return clause(_TABLE, "excess_penalty")


def gases(fuel: Any, *, unmeasured: str = "zero") -> pl.DataFrame:
    """Return the gases that fuel gives off on its legs.

    Parameters
    ----------
    fuel
        Frame of the table ``ets_fuel``.
    unmeasured
        What CH4 and N2O that the law leaves to be measured are taken for, ``zero`` or ``oil``
        (see `fueleu_fuels.factors`).

    Returns
    -------
    polars.DataFrame
        Table ``ets_emissions``, one row per row given. CO2 of ``zero_rated`` rows is 0; CH4 and N2O still count.

    Raises
    ------
    SchemaError
        Listing every fault; a fossil fuel cannot be zero-rated.

    References
    ----------
    Regulation (EU) 2015/757 Annex I: burnt share (1 - slip) of the mass, slip as CH4.

    Examples
    --------
    >>> rows = pl.DataFrame({"ship_id": ["imo:1"], "year": [2026], "kind": ["intra"], "fuel": ["LNG_otto_ms"],
    ...                      "mass_t": [1000.0]})
    >>> gases(rows).select(pl.col("co2_t", "ch4_t").round(6)).row(0)
    (2664.75, 31.0)
    """
    rows = tables.check(fuel, "ets_fuel")
    refuse_unknown(rows["fuel"], "ets_fuel")
    given = factors(unmeasured=unmeasured)
    joined = rows.join(given, on="fuel", how="left", maintain_order="left")
    zero = pl.col("zero_rated").fill_null(value=False)
    fossil = joined.filter(zero & (pl.col("fuel_class") == "fossil"))["fuel"].unique().sort()
    if len(fossil):
        raise SchemaError("ets_fuel", [f"'{name}' is fossil and cannot be zero-rated" for name in fossil])
    rated = clause(_TABLE, "zero_rated_co2_factor")
    slip = pl.col("slip_fraction")
    burnt = pl.col("mass_t") * (1 - slip)
    co2 = burnt * pl.col("cf_co2_g_per_g")
    weaker = zero & (pl.col("status") == STATUSES[0])
    return tables.check(
        joined.with_columns(
            pl.when(zero).then(co2 * rated.value).otherwise(co2).alias("co2_t"),
            (burnt * pl.col("cf_ch4_g_per_g") + pl.col("mass_t") * slip).alias("ch4_t"),
            (burnt * pl.col("cf_n2o_g_per_g")).alias("n2o_t"),
            pl.when(weaker).then(pl.lit(rated.status)).otherwise(pl.col("status")).alias("input_status"),
        ),
        "ets_emissions",
    )


def allowances(emissions: Any) -> pl.DataFrame:
    """Return the allowances due for legs.

    Parameters
    ----------
    emissions
        Frame of the table ``ets_emissions``, from `gases` or an inventory.

    Returns
    -------
    polars.DataFrame
        The rows and ``co2e_t`` (what counts of the gases in that year), ``scope_share``, ``phase_in``, ``allowances``
        [t]; ``ch4_n2o``: ``not_yet`` before 2026, ``counted``, or ``unknown`` where a gas is null and left out;
        ``clause``, ``status``.

    Raises
    ------
    SchemaError, ReferenceDataError
        Listing every fault; a year before the law names the row.

    References
    ----------
    Directive 2003/87/EC Art 3ga, 3gb: phase x scope x (CO2 + CH4 and N2O from 2026 on), warming potentials AR5.

    Examples
    --------
    >>> rows = pl.DataFrame({"ship_id": ["imo:1"], "year": [2024], "kind": ["extra"], "co2_t": [3114.0]})
    >>> allowances(rows)["allowances"].round(6).item()
    622.8
    """
    rows = tables.check(emissions, "ets_emissions")
    _refuse_words(rows)
    shares = pl.DataFrame({"kind": KINDS, "_of_kind": [leg_share(kind).value for kind in KINDS]})
    joined = rows.join(shares, on="kind", how="left", maintain_order="left").join(
        _years(rows["year"]), on="year", how="left", maintain_order="left"
    )
    more = pl.col("ch4_t").fill_null(0) * pl.col("gwp_ch4") + pl.col("n2o_t").fill_null(0) * pl.col("gwp_n2o")
    unknown = pl.any_horizontal(pl.col("ch4_t", "n2o_t").is_null())
    ice = pl.col("ice_class").fill_null(value=False) & (pl.col("ice_reduction") > 0)
    rank = pl.col("input_status").fill_null(STATUSES[0]).replace_strict(STATUSES, range(len(STATUSES)))
    return (
        joined.with_columns(
            pl.coalesce("scope_share", "_of_kind").alias("scope_share"),
            (pl.col("co2_t") + pl.col("counted") * more).alias("co2e_t"),
        )
        .with_columns(
            (
                pl.col("co2e_t")
                * pl.col("scope_share")
                * pl.col("phase_in")
                * pl.when(ice).then(1 - pl.col("ice_reduction")).otherwise(1)
            ).alias("allowances"),
            pl.when(pl.col("counted") == 0)
            .then(pl.lit("not_yet"))
            .when(unknown)
            .then(pl.lit("unknown"))
            .otherwise(pl.lit("counted"))
            .alias("ch4_n2o"),
            pl.lit(_CLAUSE).alias("clause"),
            pl.max_horizontal(rank, pl.when(ice).then(pl.col("ice_rank")).otherwise(0))
            .replace_strict(range(len(STATUSES)), STATUSES, return_dtype=pl.String)
            .alias("status"),
        )
        .drop("counted", "ice_reduction", "ice_rank", "gwp_ch4", "gwp_n2o", "input_status", "_of_kind")
    )


def _refuse_words(rows: pl.DataFrame) -> None:
    faults = [
        f"unknown kind of leg '{kind}'{did_you_mean(kind, KINDS)}; choose from {', '.join(KINDS)}"
        for kind in rows["kind"].drop_nulls().unique().sort()
        if kind not in KINDS
    ]
    bare = rows.filter(pl.col("kind").is_null() & pl.col("scope_share").is_null()).height
    if bare:
        faults.append(f"{bare} rows have neither kind nor scope_share")
    statuses = rows["input_status"].drop_nulls().unique().sort()
    faults += [f"unknown input_status '{word}'" for word in statuses if word not in STATUSES]
    if faults:
        raise SchemaError("ets_emissions", faults)


def _years(years: pl.Series) -> pl.DataFrame:
    """Return what the law says of each year; refuse years without a row, all at once."""
    found, faults = [], []
    for year in years.unique().sort():
        try:
            phase, counted = phase_in(year), clause(_TABLE, "ch4_n2o_counted", year)
        except ReferenceDataError as error:
            faults.append(str(error))
            continue
        gwp_ch4, gwp_n2o = gwp_pair(words(_TABLE, "gwp_set", year)[0])
        reduction, rank = _ice(year)
        found.append((year, phase.value, counted.value, gwp_ch4, gwp_n2o, reduction, rank))
    if faults:
        raise ReferenceDataError("; ".join(faults))
    names = ("phase_in", "counted", "gwp_ch4", "gwp_n2o", "ice_reduction")
    schema = {"year": pl.Int64, **dict.fromkeys(names, pl.Float64), "ice_rank": pl.Int64}
    return pl.DataFrame(found, schema=schema, orient="row")


def _ice(year: int) -> tuple[float, int]:
    """Return the reduction for ice class and the rank of its status; none after its last year."""
    try:
        row = row_of(_TABLE, "ice_class_reduction", year)
    except ReferenceDataError:
        return 0.0, 0
    return float(row["value"]), STATUSES.index(row["status"])


def by_ship(emissions: Any, *, allowance_eur: float) -> pl.DataFrame:
    """Return the allowances and their cost of every ship and year.

    Parameters
    ----------
    emissions
        As in `allowances`.
    allowance_eur
        Price of an allowance [EUR/t].

    Returns
    -------
    polars.DataFrame
        ship_id, year, co2e_t, allowances [t], cost_eur, ``unknown_rows``: rows whose CH4 or N2O should count and is
        not known; clause, status. Surrender is due in the next year (``surrender_deadline``).

    Examples
    --------
    >>> rows = pl.DataFrame({"ship_id": ["imo:1"], "year": [2024], "kind": ["extra"], "co2_t": [3114.0]})
    >>> by_ship(rows, allowance_eur=70.0)["cost_eur"].round(2).item()
    43596.0
    """
    if not allowance_eur >= 0:
        raise InputError(f"price of an allowance {allowance_eur} is below 0")
    rank = pl.col("status").replace_strict(STATUSES, range(len(STATUSES)), return_dtype=pl.Int64)
    return (
        allowances(emissions)
        .group_by("ship_id", "year")
        .agg(
            pl.col("co2e_t", "allowances").sum(),
            (pl.col("allowances").sum() * allowance_eur).alias("cost_eur"),
            (pl.col("ch4_n2o") == "unknown").sum().cast(pl.Int64).alias("unknown_rows"),
            pl.col("clause").first(),
            rank.max().replace_strict(range(len(STATUSES)), STATUSES, return_dtype=pl.String).alias("status"),
        )
        .sort("ship_id", "year")
    )
