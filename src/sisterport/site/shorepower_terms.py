"""Parts of the page of savings: what they cost, what they rest on, and where a figure comes from."""

from typing import TYPE_CHECKING

import polars as pl

from sisterport.site.digits import counted, significant
from sisterport.site.parts import Section
from sisterport.site.shorepower_places import port_name
from sisterport.site.tabulate import Column, tabulate
from sisterport.site.words import ship_class

if TYPE_CHECKING:
    from sisterport.shorepower.saving_explained import SavingExplanation

MOST_PARTS = 20


def economics(table: pl.DataFrame) -> Section:
    """Return what savings cost; `table` is a frame of `sisterport.shorepower.economics.economics`."""
    words = {"locode": "Port", "terminal": "Terminal", "berth_id": "Berth", "ship_class": "Ship class", "all": ""}
    words |= {"costs": "Costs"}
    keys = [k for k in words if k in table.columns]
    levels = {"low": "low", "mid": "middle", "high": "high"}
    years = table["price_year"].drop_nulls().unique().sort().to_list()
    shown = table
    if "locode" in keys:
        shown = shown.with_columns(pl.col("locode").map_elements(port_name, return_dtype=pl.String))
    if "ship_class" in keys:
        shown = shown.with_columns(pl.col("ship_class").map_elements(ship_class, return_dtype=pl.String))
    if "costs" in keys:
        shown = shown.with_columns(pl.col("costs").replace(levels))
    columns = [
        *([Column(key="budget_musd", label="Budget", unit="MUSD")] if "budget_musd" in table.columns else []),
        *(Column(key=k, label=words[k], kind="text") for k in keys),
        Column(key="energy_mwh", label="To ships", unit="MWh/year"),
        Column(key="co2_net_t", label="CO₂ net", unit="t/year"),
        Column(key="utilisation", label="Use of outlets", kind="share"),
        Column(key="capex_usd", label="Investment", unit="MUSD", factor=1e-6),
        Column(key="electricity_usd", label="Electricity", unit="kUSD/year", factor=1e-3),
        Column(key="fuel_usd", label="Fuel not bought", unit="kUSD/year", factor=1e-3),
        Column(key="cost_usd_per_kwh", label="Cost", unit="USD/kWh", most=3),
        Column(key="abatement_usd_per_t", label="Abatement", unit="USD/t CO₂"),
        Column(key="break_even_t_per_mwh", label="Break-even grid", unit="t/MWh", most=3),
        Column(key="note", label="What is missing", kind="text"),
    ]
    year = ", ".join(str(y) for y in years)
    crf = table["crf"].drop_nulls().unique().to_list() if "crf" in table.columns else []
    note = f"Yearly share of the investment (annuity): {significant(crf[0])}." if len(crf) == 1 else ""
    return Section(
        key="cost",
        title="What it costs",
        words=[
            f"All money in USD of {year}. " if year else "The price year is not known. ",
            (
                "The cost per kWh is that of electricity on board: annuity, operation and tariff. The cost of "
                "abatement is net of the fuel that is not bought, per tonne net of the grid."
            ),
        ],
        parts=[
            tabulate(
                shown.select(c for c in shown.columns if c in {k.key for k in columns}),
                [c for c in columns if c.key in keys or shown[c.key].count()],
                caption=f"Cost of savings, scaled to a year, prices of {year}" if year else "Cost of savings",
                notes=[note],
            )
        ],
    )


def terms(rows: pl.DataFrame) -> Section:
    """Return each different term of grid and outlets, with where it comes from."""
    used = rows.filter(pl.col("energy_mwh") > 0)
    names = {
        "ef_grid_t_per_mwh": ("CO₂e of the grid", "t/MWh"),
        "t_connect_h": ("Time to connect", "h"),
        "t_disconnect_h": ("Time to disconnect", "h"),
        "loss_share": ("Loss from meter to outlet", ""),
        "converter_efficiency": ("Efficiency of the converter", ""),
        "tariff_usd_per_kwh": ("Tariff", "USD/kWh"),
    }
    source = {name: f"{name}_source" for name in names} | {"ef_grid_t_per_mwh": "ef_grid_source"}
    parts = [
        used.group_by(value=pl.col(name), source=pl.col(source[name]))
        .agg(pl.len().cast(pl.Int64).alias("stays"), pl.col("energy_mwh").sum())
        .with_columns(term=pl.lit(word), unit=pl.lit(unit))
        .drop_nulls("value")
        .sort("energy_mwh", "value", "source", descending=[True, False, False])
        .head(MOST_PARTS)
        for name, (word, unit) in names.items()
    ]
    table = pl.concat(parts).with_columns(
        shown=pl.struct("value", "unit").map_elements(
            lambda row: f"{row['value']:.4g} {row['unit']}".strip(), return_dtype=pl.String
        )
    )
    columns = [
        Column(key="term", label="Term", kind="text"),
        Column(key="shown", label="Value", kind="text"),
        Column(key="source", label="From", kind="text"),
        Column(key="stays", label="Stays", kind="count"),
        Column(key="energy_mwh", label="Energy", unit="MWh"),
    ]
    return Section(
        key="terms",
        title="What the savings rest on",
        parts=[
            tabulate(
                table,
                columns,
                caption="Terms of grid and outlets, and how much energy rests on each",
                empty="Nothing is counted.",
            )
        ],
    )


def explained(said: "SavingExplanation") -> Section:
    """Return where a figure comes from."""
    where = ", ".join(f"{key} = {value}" for key, value in said.where.items()) or "all stays"
    value = "no value" if said.value is None else f"{significant(said.value)} {said.unit}"
    parts = said.rows.head(MOST_PARTS).with_columns(
        pl.col("ship_class").fill_null("unknown").map_elements(ship_class, return_dtype=pl.String)
    )
    left = said.rows.height - parts.height
    shown = [
        Column(key="ship_class", label="Ship class", kind="text"),
        Column(key="ef_grid_source", label="Grid factor", kind="text"),
        Column(key="stays", label="Stays", kind="count"),
        Column(key="energy_mwh", label="To ships", unit="MWh"),
        Column(key="gross", label="At the quay", unit=said.unit),
        Column(key="grid", label="less: grid", unit=said.unit),
        Column(key="value", label="Value", unit=said.unit),
    ]
    factors = [
        Column(key="name", label="Factor", kind="text"),
        Column(key="value", label="Value", most=4),
        Column(key="unit", label="Unit", kind="text"),
        Column(key="status", label="Status", kind="text"),
        Column(key="source", label="Source", kind="text"),
        Column(key="energy_mwh", label="Energy that rests on it", unit="MWh"),
    ]
    values = said.factors.with_columns(pl.col("value").map_elements(lambda v: f"{v:.4g}", return_dtype=pl.String))
    return Section(
        key="explained",
        title="Where a figure comes from",
        words=[f"{said.amount} for {where}: {value}. {said.note}".rstrip()],
        points=said.formula,
        parts=[
            tabulate(
                parts,
                shown,
                caption=f"The parts that add up to {said.amount}",
                total={"ship_class": "All", "value": said.value} if said.value is not None else None,
                notes=[f"{counted(left, 'smaller part')} not shown; the total holds them." if left else ""],
            ),
            tabulate(
                values,
                [c if c.key != "value" else Column(key="value", label="Value", kind="text") for c in factors],
                caption="Factors, with source and status",
            ),
        ],
    )
