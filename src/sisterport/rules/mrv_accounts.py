"""What an EU-MRV report says of a ship under FuelEU and the ETS: weighed CO2, and ranges over its possible fuels."""

import polars as pl

from sisterport.reference import value
from sisterport.rules.clauses import clause
from sisterport.rules.ets import allowances, gases
from sisterport.rules.fueleu_balance import balances
from sisterport.rules.mrv_mix import Mixes
from sisterport.rules.scope import REGULATIONS

PARTS = {
    "co2_between_t": "scope_intra",
    "co2_departed_t": "scope_extra",
    "co2_arrived_t": "scope_extra",
    "co2_berth_t": "scope_berth",
}
"""Columns of a report and the share that both laws count them with."""


def weighed(reports: pl.DataFrame, regulation: str) -> pl.DataFrame:
    """Return reports with the CO2 that a regulation counts, and how far the parts are from the total.

    Parameters
    ----------
    reports
        Reports as `sisterport.fleet.read_mrv` returns them.
    regulation
        ``fueleu`` or ``ets``.

    Returns
    -------
    polars.DataFrame
        The rows and ``parts_t`` (their sum), ``scope_t`` (each with its share), ``share`` (scope_t over parts_t),
        ``low_t``, ``high_t``: if the parts do not make the total (constant ``mrv_parts_tolerance``), the parts scaled
        down to it, or what is missing counted in full; ``parts_note``.

    References
    ----------
    Directive 2003/87/EC Art 3ga, Regulation (EU) 2023/1805 Art 2(1): voyages between ports of the EEA and stays in
    full, to or from third countries by half.

    Examples
    --------
    >>> row = {"co2_between_t": 10.0, "co2_departed_t": 20.0, "co2_arrived_t": 40.0, "co2_berth_t": 5.0, "co2_t": 75.0}
    >>> weighed(pl.DataFrame([row]), "ets").select("scope_t", "low_t", "high_t").row(0)
    (45.0, 45.0, 45.0)
    """
    shares = {column: clause(REGULATIONS[regulation], item).value for column, item in PARTS.items()}
    parts = pl.sum_horizontal(pl.col(name) for name in PARTS)
    scope = pl.sum_horizontal(pl.col(name) * share for name, share in shares.items())
    off = (pl.col("co2_t") - pl.col("parts_t")).abs() > value("mrv_parts_tolerance") * pl.col("co2_t")
    missing = (pl.col("co2_t") - pl.col("parts_t")).clip(lower_bound=0)
    scale = (pl.col("co2_t") / pl.col("parts_t")).clip(upper_bound=1)
    return (
        reports.with_columns(parts_t=parts, scope_t=scope)
        .with_columns(
            share=pl.when(pl.col("parts_t") > 0).then(pl.col("scope_t") / pl.col("parts_t")),
            low_t=pl.when(off).then(pl.col("scope_t") * scale).otherwise("scope_t"),
            high_t=pl.when(off).then(pl.col("scope_t") + missing).otherwise("scope_t"),
            parts_note=pl.when(off).then(
                pl.format(
                    "CO2 of voyages and stays is {} t, the total {} t",
                    pl.col("parts_t").round(1),
                    pl.col("co2_t").round(1),
                )
            ),
        )
        .with_columns(pl.col("low_t").fill_nan(0))
    )


def mrv_fueleu(
    reports: pl.DataFrame, mixes: Mixes, *, year: int, gwp: str = "AR5", unmeasured: str = "zero"
) -> pl.DataFrame:
    """Return the FuelEU balance of reports as a range over their mixes.

    Parameters
    ----------
    reports
        As in `weighed`.
    mixes
        Of `mrv_mix.fuel_mixes`, for these reports.
    year, gwp, unmeasured
        Year whose limit counts; as in `sisterport.rules.fueleu_balance.balances`.

    Returns
    -------
    polars.DataFrame
        row, and for energy_mj, intensity_g_per_mj, balance_t and penalty_eur the middle of the range, ``*_low`` and
        ``*_high``; limit_g_per_mj, ``mixes`` (number), clause, status, rows.

    Examples
    --------
    >>> from sisterport.rules.mrv_mix import fuel_mixes
    >>> row = {"row": 4, "fuel_t": 100.0, "co2_t": 311.4, "co2_between_t": 311.4, "co2_departed_t": 0.0}
    >>> report = pl.DataFrame([row | {"co2_arrived_t": 0.0, "co2_berth_t": 0.0}])
    >>> mrv_fueleu(report, fuel_mixes(report), year=2025).select(pl.col("balance_t", "balance_t_high").round(2)).row(0)
    (-9.17, -9.17)
    """
    shares = weighed(reports, "fueleu").select("row", scope_share=pl.col("share").fill_null(0).clip(0, 1))
    fuel = (
        mixes.mixes.join(shares, on="row", how="inner")
        .filter(pl.col("mass_t") > 0)
        .with_columns(ship_id=pl.format("{}/{}", "row", "mix"), year=pl.lit(year, pl.Int64))
    )
    each = balances(fuel, gwp=gwp, unmeasured=unmeasured).with_columns(
        pl.col("ship_id").str.split("/").list.first().cast(pl.Int64).alias("row")
    )
    columns = ("energy_mj", "intensity_g_per_mj", "balance_t", "penalty_eur")
    ends = [
        expr
        for name in columns
        for expr in (
            ((pl.col(name).min() + pl.col(name).max()) / 2).alias(name),
            pl.col(name).min().alias(f"{name}_low"),
            pl.col(name).max().alias(f"{name}_high"),
        )
    ]
    return each.group_by("row", maintain_order=True).agg(
        *ends,
        pl.col("limit_g_per_mj").first(),
        pl.len().alias("mixes"),
        pl.col("clause", "status").first(),
        pl.col("rows").str.split("; ").explode().unique().sort().str.join("; ").alias("rows"),
    )


def mrv_ets(reports: pl.DataFrame, mixes: Mixes, *, year: int, unmeasured: str = "zero") -> pl.DataFrame:
    """Return the allowances of reports, from their CO2 by voyages and stays.

    Parameters
    ----------
    reports, mixes, unmeasured
        As in `mrv_fueleu`.
    year
        Year whose phase counts. Where CH4 and N2O count and the reports have only CO2, they come as a range over the
        mixes; the least is CO2 alone where a report has no mix.

    Returns
    -------
    polars.DataFrame
        row, scope_t (CO2 that counts), ``allowances`` (the middle of the range), ``*_low``, ``*_high``, clause, status.

    Examples
    --------
    >>> from sisterport.rules.mrv_mix import fuel_mixes
    >>> row = {"row": 4, "fuel_t": 100.0, "co2_t": 311.4, "co2_between_t": 0.0, "co2_departed_t": 311.4}
    >>> report = pl.DataFrame([row | {"co2_arrived_t": 0.0, "co2_berth_t": 0.0}])
    >>> mrv_ets(report, fuel_mixes(report), year=2024)["allowances"].round(3).item()
    62.28
    """
    rows = weighed(reports, "ets")
    co2 = {name: _due(rows, name, year) for name in ("scope_t", "low_t", "high_t")}
    due = co2["scope_t"].select("row", "clause", "status", "ch4_n2o", allowances="allowances")
    due = due.with_columns(allowances_low=co2["low_t"]["allowances"], allowances_high=co2["high_t"]["allowances"])
    joined = rows.select("row", "scope_t").with_columns(due.drop("row"))
    if due.filter(pl.col("ch4_n2o") == "unknown").is_empty():
        return joined.drop("ch4_n2o")
    # relative to the CO2 that is reported: slip and gases of the fuels of each mix
    extra = _more_than_co2(rows, mixes, year, unmeasured)
    factored = joined.join(extra, on="row", how="left", maintain_order="left")
    least, most = pl.col("least").fill_null(1), pl.col("most").fill_null(pl.col("most").max())
    return factored.with_columns(
        allowances=pl.col("allowances") * (least + most) / 2,
        allowances_low=pl.col("allowances_low") * least,
        allowances_high=pl.col("allowances_high") * most,
    ).drop("least", "most", "ch4_n2o")


def _due(rows: pl.DataFrame, column: str, year: int) -> pl.DataFrame:
    """Return allowances for CO2 that was weighed already, in the order of the rows."""
    frame = rows.select(
        "row",
        ship_id=pl.col("row").cast(pl.String),
        year=pl.lit(year, pl.Int64),
        scope_share=pl.lit(1.0),
        co2_t=pl.col(column),
    )
    return allowances(frame.drop("row")).with_columns(frame["row"])


def _more_than_co2(reported: pl.DataFrame, mixes: Mixes, year: int, unmeasured: str) -> pl.DataFrame:
    """Return the least and most CO2 equivalent over reported CO2 of each report: its mixes with slip, CH4 and N2O."""
    fuel = mixes.mixes.filter(pl.col("mass_t") > 0).with_columns(
        ship_id=pl.format("{}/{}", "row", "mix"), year=pl.lit(year, pl.Int64), scope_share=pl.lit(1.0)
    )
    given_off = allowances(gases(fuel, unmeasured=unmeasured)).with_columns(fuel.select("row", "mix"))
    per_mix = given_off.group_by("row", "mix").agg(pl.col("co2e_t").sum())
    return (
        per_mix.join(reported.select("row", "co2_t"), on="row", how="inner")
        .with_columns(ratio=pl.col("co2e_t") / pl.col("co2_t"))
        .group_by("row")
        .agg(least=pl.col("ratio").min(), most=pl.col("ratio").max())
    )
