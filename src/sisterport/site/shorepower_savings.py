"""The page of savings: at the quay, net of the grid, what they cost, and where each figure comes from."""

from typing import TYPE_CHECKING, Any

import polars as pl

from sisterport.site import charts, shorepower_terms
from sisterport.site import shorepower_charts as drawn
from sisterport.site.digits import MISSING, counted, number, percent, with_unit
from sisterport.site.parts import Content, Number, Section, amount, picture
from sisterport.site.shorepower_places import port_name
from sisterport.site.tabulate import Column, tabulate
from sisterport.site.words import ship_class
from sisterport.tables import check, to_polars

if TYPE_CHECKING:
    from sisterport.shorepower.saving_explained import SavingExplanation

KIND = "Shore power: savings"
MOST_BARS = 16
_SUMS = ("energy_mwh", "grid_mwh", "fuel_t", "co2_gross_t", "co2_net_t", "co2e_gross_t", "co2e_net_t")
_LOCAL = ("nox", "sox", "pm10", "bc")
_SERIES = {
    "CO₂ not emitted at the quay": charts.SKY,
    "less: CO₂e of the grid": "#a8641d",
    "Saved, net of the grid": charts.NAVY,
}


def page(*, savings: Any, explanation: "SavingExplanation | None", economics: Any) -> Content:
    """Return what the page says."""
    rows = check(savings, "savings")
    if rows.is_empty():
        return Content(kind=KIND, lead="There is no stay, so nothing is saved.")
    sections = [_by_port(rows), _local(rows), _by_class(rows), _not_counted(rows)]
    if economics is not None:
        sections.insert(2, shorepower_terms.economics(to_polars(economics)))
    sections.append(shorepower_terms.terms(rows))
    if explanation is not None:
        sections.append(shorepower_terms.explained(explanation))
    defaults = _defaults(rows)
    return Content(
        kind=KIND,
        lead=_lead(rows),
        numbers=_numbers(rows),
        reserve=[
            (
                "Figures say what stays would save if they were connected, unless the note says that they are by "
                "record. They do not say that a ship can be plugged in."
            ),
            "Boilers stay on board: their heat does not come from the plug.",
            "A dirty grid can turn the net saving negative; local air at the quay gains all the same.",
            *([] if economics is not None else ["No cost was worked out for this page, so it has no price year."]),
            *([f"These terms rest on a default: {', '.join(defaults)}."] if defaults else []),
        ],
        sections=sections,
    )


def _known(name: str) -> pl.Expr:
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)


def _sums(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    local = [f"{p}_{kind}_t" for p in _LOCAL for kind in ("gross", "net")]
    return rows.group_by(by, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("stays"),
        (pl.col("energy_mwh") > 0).sum().cast(pl.Int64).alias("counted"),
        *(_known(name) for name in (*_SUMS, *local)),
    )


def _total(rows: pl.DataFrame) -> dict[str, Any]:
    return _sums(rows.with_columns(all=pl.lit(1)), ["all"]).row(0, named=True)


def _lead(rows: pl.DataFrame) -> str:
    total = _total(rows)
    head = f"{counted(rows.height, 'stay')}, of which {number(total['counted'])} could take energy from shore"
    if total["co2_net_t"] is None:
        return f"{head}; the saving net of the grid is not known."
    way = "saves" if total["co2_net_t"] >= 0 else "costs"
    return (
        f"{head}: {with_unit(total['energy_mwh'], 'MWh')}. At the quay {with_unit(total['co2_gross_t'], 't')} of CO₂ "
        f"are not emitted; net of the grid's electricity that {way} {with_unit(abs(total['co2_net_t']), 't')}."
    )


def _numbers(rows: pl.DataFrame) -> list[Number]:
    total = _total(rows)
    net = total["co2_net_t"]
    share = percent(net / total["co2_gross_t"]) if net is not None and net >= 0 and total["co2_gross_t"] else MISSING
    return [
        Number("Energy to ships", amount(total["energy_mwh"], "MWh"), "Stay less connecting and disconnecting."),
        Number("Energy from the grid", amount(total["grid_mwh"], "MWh"), "With converter and line loss."),
        Number("CO₂ at the quay", amount(total["co2_gross_t"], "t"), "Not emitted by auxiliary engines."),
        Number(
            "CO₂ net of the grid",
            amount(net, "t"),
            f"{share} of that at the quay." if share != MISSING else "After the grid's CO₂e.",
        ),
        Number("NOₓ at the quay", amount(total["nox_gross_t"], "t"), "Local air; not net of power stations."),
    ]


def _by_port(rows: pl.DataFrame) -> Section:
    sums = _sums(rows, ["locode"]).sort("co2_gross_t", "locode", descending=[True, False], nulls_last=True)
    named = sums.with_columns(port=pl.col("locode").map_elements(port_name, return_dtype=pl.String))
    bars = named.head(MOST_BARS).drop_nulls("co2_gross_t")
    columns = [
        Column(key="port", label="Port", kind="text"),
        Column(key="stays", label="Stays", kind="count"),
        Column(key="counted", label="counted", kind="count"),
        Column(key="energy_mwh", label="To ships", unit="MWh"),
        Column(key="grid_mwh", label="From the grid", unit="MWh"),
        Column(key="fuel_t", label="Fuel not burnt", unit="t"),
        Column(key="co2_gross_t", label="CO₂ at the quay", unit="t"),
        Column(key="co2_net_t", label="CO₂ net of grid", unit="t"),
        Column(key="co2e_net_t", label="CO₂e net of grid", unit="t"),
    ]
    parts: list[Any] = []
    if bars.height:
        values = {
            "CO₂ not emitted at the quay": pl.col("co2_gross_t"),
            "less: CO₂e of the grid": pl.col("co2_net_t") - pl.col("co2_gross_t"),
            "Saved, net of the grid": pl.col("co2_net_t"),
        }
        order = {word: i for i, word in enumerate(values)}
        long = pl.concat([bars.select("port", series=pl.lit(word), value=value) for word, value in values.items()])
        kept = bars["port"].to_list()
        long = long.sort(
            pl.col("port").replace_strict({p: i for i, p in enumerate(kept)}), pl.col("series").replace_strict(order)
        )
        parts.append(
            picture(
                "savings-chart",
                "CO₂ by port: at the quay, of the grid, and what is left",
                drawn.pairs_of_bars(long, category="port", series=_SERIES, title="t CO₂"),
                says="The numbers are in the table below.",
            )
        )
    total = _total(rows)
    parts.append(tabulate(named, columns, caption="Savings by port", total={"port": "All", **_shown(total, columns)}))
    return Section(key="ports", title="By port", parts=parts)


def _shown(total: dict[str, Any], columns: list[Column]) -> dict[str, Any]:
    return {c.key: total[c.key] for c in columns if c.key in total}


def _local(rows: pl.DataFrame) -> Section:
    sums = _sums(rows, ["locode"]).sort("nox_gross_t", "locode", descending=[True, False], nulls_last=True)
    named = sums.with_columns(port=pl.col("locode").map_elements(port_name, return_dtype=pl.String))
    labels = {"nox": "NOₓ", "sox": "SOₓ", "pm10": "PM₁₀", "bc": "BC"}
    columns = [Column(key="port", label="Port", kind="text")]
    for name, word in labels.items():
        columns.append(Column(key=f"{name}_gross_t", label=f"{word} at the quay", unit="kg", factor=1e3))
        if sums[f"{name}_net_t"].count():
            columns.append(Column(key=f"{name}_net_t", label=f"{word} net of grid", unit="kg", factor=1e3))
    lacking = [word for name, word in labels.items() if not sums[f"{name}_net_t"].count()]
    note = (
        f"Net of the grid not known for {', '.join(lacking)}: no such factor of the grid was given." if lacking else ""
    )
    total = _total(rows)
    return Section(
        key="air",
        title="Local air",
        words=["What people near the quay breathe less of: masses emitted, not concentrations."],
        parts=[
            tabulate(
                named,
                columns,
                caption="Pollutants not emitted, by port",
                total={"port": "All", **_shown(total, columns)},
                notes=[note],
            )
        ],
    )


def _by_class(rows: pl.DataFrame) -> Section:
    sums = _sums(rows, ["ship_class"]).sort("energy_mwh", "ship_class", descending=[True, False], nulls_last=True)
    named = sums.with_columns(
        pl.col("ship_class").fill_null("unknown").map_elements(ship_class, return_dtype=pl.String)
    )
    columns = [
        Column(key="ship_class", label="Ship class", kind="text"),
        Column(key="stays", label="Stays", kind="count"),
        Column(key="counted", label="counted", kind="count"),
        Column(key="energy_mwh", label="To ships", unit="MWh"),
        Column(key="co2_gross_t", label="CO₂ at the quay", unit="t"),
        Column(key="co2_net_t", label="CO₂ net of grid", unit="t"),
        Column(key="nox_gross_t", label="NOₓ at the quay", unit="t"),
    ]
    return Section(
        key="classes", title="By ship class", parts=[tabulate(named, columns, caption="Savings by ship class")]
    )


def _not_counted(rows: pl.DataFrame) -> Section:
    lost = (
        rows.drop_nulls("reason")
        .group_by("reason", maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("stays"), pl.col("hours").sum())
        .sort("hours", "reason", descending=[True, False])
    )
    columns = [
        Column(key="reason", label="Reason", kind="text"),
        Column(key="stays", label="Stays", kind="count"),
        Column(key="hours", label="Time", unit="h", most=1),
    ]
    return Section(
        key="lost",
        title="What is not counted",
        parts=[
            tabulate(lost, columns, caption="Stays that save nothing here, and why", empty="Every stay is counted.")
        ],
    )


def _defaults(rows: pl.DataFrame) -> list[str]:
    names = {
        "t_connect_h": "time to connect",
        "t_disconnect_h": "time to disconnect",
        "loss_share": "loss",
        "converter_efficiency": "converter",
    }
    return [word for name, word in names.items() if rows[f"{name}_source"].str.starts_with("default").any()]
