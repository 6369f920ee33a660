"""The yearly accounts of ships under each regulation, from their movements: what was burnt, weighed by its share.

Where a port is not known the share is a range. FuelEU is then reckoned four times (the least, the most, what is worst
and what is best for each leg's balance); the ends are those of the four, exact as long as no rewarded fuel is burnt.
"""

import polars as pl

from sisterport.reference import load
from sisterport.rules.cii import ratings
from sisterport.rules.ets import allowances, gases
from sisterport.rules.fueleu import limit
from sisterport.rules.fueleu_balance import balances
from sisterport.rules.fueleu_fuels import factors, fuel_energy
from sisterport.rules.netzero import balances as nzf_balances
from sisterport.rules.rule_options import RuleOptions
from sisterport.units import HOURS_PER_YEAR

KEYS = ["ship_id", "year"]
FUELEU = ("energy_mj", "intensity_g_per_mj", "balance_t", "penalty_eur", "rfnbo_share", "shore_mj")
ETS = ("co2e_t", "allowances")

_FUEL = ["fuel", "lcv_mj_per_kg", "certified_e_g_per_mj", "food_or_feed"]


def _burnt(rows: pl.DataFrame, share: pl.Expr) -> pl.DataFrame:
    """Return the fuel of each ship and year, summed up by kind of fuel and share."""
    return (
        rows.filter(pl.col("fuel").is_not_null() & (pl.col("mass_t") > 0))
        .with_columns(scope_share=share)
        .filter(pl.col("scope_share").is_not_null())
        .group_by(*KEYS, *_FUEL, "scope_share", maintain_order=True)
        .agg(pl.col("mass_t").sum())
    )


def _of_all(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Keep ships and years in which nothing counted."""
    return rows.select(KEYS).unique(maintain_order=True).join(found, on=KEYS, how="left", maintain_order="left")


def fueleu_account(rows: pl.DataFrame, extras: pl.DataFrame, options: RuleOptions) -> pl.DataFrame:
    """Return FuelEU balances of ships and years, with the ends of their ranges.

    Parameters
    ----------
    rows
        Movements in scope (`movement_scope.in_scope`) of the ships and years that are covered.
    extras
        Table ``fueleu_ships``: wind, ice, penalties before, electricity from shore on top of that in the movements.
    options
        Choices of method.

    Returns
    -------
    polars.DataFrame
        Table ``fueleu_balances`` and ``*_low``, ``*_high`` of the columns `FUELEU`.

    Examples
    --------
    >>> from sisterport.rules.movement_scope import in_scope
    >>> from sisterport.tables import empty
    >>> blank = in_scope(empty("movements"))
    >>> fueleu_account(blank, empty("fueleu_ships"), RuleOptions()).height
    0
    """
    low, high = pl.col("fueleu_low"), pl.col("fueleu_high")
    ends = {"low": low, "high": high}
    found = {name: _fueleu(rows, share, extras, options) for name, share in ends.items()}
    if rows.filter(low < high).height:
        deficit = pl.col("_deficit")
        judged = _with_deficit(rows, options)
        found["worst"] = _fueleu(judged, pl.when(deficit).then(high).otherwise(low), extras, options)
        found["best"] = _fueleu(judged, pl.when(deficit).then(low).otherwise(high), extras, options)
    return _with_ends(found[options.unknown_ports], list(found.values()), FUELEU)


def _with_deficit(rows: pl.DataFrame, options: RuleOptions) -> pl.DataFrame:
    """Say whether each row's fuel lies above the limit of its year."""
    fuel = rows.select("ship_id", "year", *_FUEL, "mass_t", scope_share=pl.lit(1.0)).filter(
        pl.col("fuel").is_not_null() & pl.col("mass_t").is_not_null()
    )
    limits = {year: limit(year).value for year in fuel["year"].unique()}
    # one row for each kind of fuel as it was given: fuel_energy keeps the order but fills in calorific values
    given = fuel.unique(["year", *_FUEL], maintain_order=True)
    told = fuel_energy(given, gwp=options.gwp, unmeasured=options.unmeasured)
    marked = given.select("year", *_FUEL).with_columns(
        _deficit=told["wtw_g_per_mj"] > told["year"].replace_strict(limits, default=None, return_dtype=pl.Float64)
    )
    return rows.join(marked, on=["year", *_FUEL], how="left", nulls_equal=True, maintain_order="left").with_columns(
        pl.col("_deficit").fill_null(value=True)
    )


def _fueleu(rows: pl.DataFrame, share: pl.Expr, extras: pl.DataFrame, options: RuleOptions) -> pl.DataFrame:
    shore = rows.group_by(KEYS).agg((pl.col("shore_mj").fill_null(0) * share.fill_null(0)).sum())
    metered = pl.col("shore_mj").fill_null(0) + pl.col("shore_given").fill_null(0)
    given = extras.rename({"shore_mj": "shore_given"})
    ships = shore.join(given, on=KEYS, how="left").with_columns(shore_mj=metered).drop("shore_given")
    found = balances(_burnt(rows, share), ships, gwp=options.gwp, unmeasured=options.unmeasured)
    return _of_all(rows, found).sort(KEYS)


def _with_ends(value: pl.DataFrame, cases: list[pl.DataFrame], names: tuple[str, ...]) -> pl.DataFrame:
    """Add the least and the most of each column over all cases, which have the same rows."""
    ends = []
    for name in names:
        each = pl.DataFrame([case[name].alias(f"case_{i}") for i, case in enumerate(cases)])
        ends += [
            each.select(pl.min_horizontal(pl.all())).to_series().alias(f"{name}_low"),
            each.select(pl.max_horizontal(pl.all())).to_series().alias(f"{name}_high"),
        ]
    return value.with_columns(ends)


def ets_account(rows: pl.DataFrame, options: RuleOptions) -> pl.DataFrame:
    """Return allowances of ships and years, with the ends of their ranges.

    Parameters
    ----------
    rows
        Movements in scope of the ships and years that are covered.
    options
        Choices of method.

    Returns
    -------
    polars.DataFrame
        ship_id, year, ``co2e_t`` (what counts, weighed by the share), ``allowances`` [t], ``*_low``, ``*_high``,
        ``clause``, ``status``. Biofuels and RFNBO with a certificate count no CO2 (RFNBO only above the saving that
        makes them eligible).

    Examples
    --------
    >>> from sisterport.rules.movement_scope import in_scope
    >>> from sisterport.tables import empty
    >>> ets_account(in_scope(empty("movements")), RuleOptions()).height
    0
    """
    cases = [_ets(rows, pl.col(f"ets_{end}"), options) for end in ("low", "high")]
    return _with_ends(cases[options.unknown_ports == "high"], cases, ETS)


def _ets(rows: pl.DataFrame, share: pl.Expr, options: RuleOptions) -> pl.DataFrame:
    burnt = _burnt(rows, share)
    fuel = burnt.with_columns(zero_rated=_zero_rated(burnt, options))
    due = (
        allowances(gases(fuel, unmeasured=options.unmeasured))
        .group_by(KEYS)
        .agg(
            (pl.col("co2e_t") * pl.col("scope_share")).sum(),
            pl.col("allowances").sum(),
            pl.col("clause").first(),
            pl.col("status").unique().sort(descending=True).first(),
        )
    )
    return _of_all(rows, due).with_columns(pl.col(ETS).fill_null(0)).sort(KEYS)


def _zero_rated(burnt: pl.DataFrame, options: RuleOptions) -> pl.Series:
    """Say which fuel counts no CO2: certified, and no RFNBO that saves too little."""
    classes = burnt.join(
        factors(unmeasured=options.unmeasured).select("fuel", "fuel_class"),
        on="fuel",
        how="left",
        maintain_order="left",
    )
    certified = burnt["certified_e_g_per_mj"].is_not_null()
    if not certified.any():
        return certified
    # eligibility does not change with the year: any year of FuelEU tells it
    weak = fuel_energy(
        burnt.with_columns(year=pl.lit(load("fueleu_limits")["year_from"].sort()[0], pl.Int64)),
        gwp=options.gwp,
        unmeasured=options.unmeasured,
    )
    return certified & ((classes["fuel_class"] == "bio") | (weak["factor_source"] != "least_favourable"))


def cii_account(rows: pl.DataFrame, options: RuleOptions) -> pl.DataFrame:
    """Return the table ``cii_ratings`` of ships and years, all voyages counted; years need a reduction factor.

    CO2 is mass times the carbon factor, whatever the fuel's origin: guidelines for biofuels are not covered.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> cii_account(empty("movements"), RuleOptions()).height
    0
    """
    carbon = factors().select("fuel", "cf_co2_g_per_g")
    ship = ("imo", "name", "ship_class", "dwt_t", "gt")
    sums = (
        rows.join(carbon, on="fuel", how="left", maintain_order="left")
        .group_by(KEYS, maintain_order=True)
        .agg(
            pl.col(ship).drop_nulls().first(),
            (pl.col("mass_t") * pl.col("cf_co2_g_per_g")).sum().alias("co2_t"),
            pl.when(pl.col("distance_nm").is_null().any().not_()).then(pl.col("distance_nm").sum()),
            pl.col("hours").sum(),
        )
        .sort(KEYS)
    )
    enough = pl.lit(sums["hours"] >= options.cii_least_share * HOURS_PER_YEAR)
    short = pl.lit(f"not rated: the data hold less than {options.cii_least_share:.0%} of a year")
    return ratings(sums, lng_line=options.lng_line).with_columns(  # one row for each, in their order
        reason=pl.coalesce("reason", pl.when(~enough).then(short)), rating=pl.when(enough).then("rating")
    )


def nzf_account(rows: pl.DataFrame, options: RuleOptions) -> pl.DataFrame:
    """Return the table ``nzf_balances`` of ships and years, all voyages counted.

    The intensity is well to wake with the factors of FuelEU: the IMO's own guidelines hold too few defaults. Nothing is
    due unless the options take the framework as adopted.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> nzf_account(empty("movements"), RuleOptions()).height
    0
    """
    fuel = fuel_energy(_burnt(rows, pl.lit(1.0)), gwp=options.gwp, unmeasured=options.unmeasured)
    shore = rows.group_by(KEYS).agg(pl.col("gt").drop_nulls().first(), pl.col("shore_mj").fill_null(0).sum())
    sums = (
        fuel.group_by(KEYS)
        .agg(pl.col("energy_mj", "emissions_g").sum())
        .join(shore, on=KEYS, how="left")
        .with_columns(energy_mj=pl.col("energy_mj") + pl.col("shore_mj"))
        .with_columns(gfi_g_per_mj=(pl.col("emissions_g") / pl.col("energy_mj")).clip(lower_bound=0))
    )
    return nzf_balances(
        sums.sort(KEYS),
        enabled=options.nzf,
        start_year=options.nzf_start_year,
        schedule=options.nzf_schedule,
        tier1_usd_per_t=options.nzf_tier1_usd_per_t,
        tier2_usd_per_t=options.nzf_tier2_usd_per_t,
    )
