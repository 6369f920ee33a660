"""The part of the page of verdicts on missing facts: what to ask first, and whom."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from sisterport.site import charts
from sisterport.site.digits import counted
from sisterport.site.parts import Section, picture
from sisterport.site.scene import Figure
from sisterport.site.shorepower_places import Places
from sisterport.site.shorepower_words import asked
from sisterport.site.tabulate import Column, tabulate
from sisterport.tables import to_polars

MOST_FACTS = 25


def section(missing: Any, fleet: pl.DataFrame, where: Places) -> Section:
    """Return the section.

    Parameters
    ----------
    missing
        Frame of `missing_facts`, or None.
    fleet
        ``ship_id, name`` of ships.
    where
        Places of berths.
    """
    title = "What to ask first"
    if missing is None:
        return Section(key="facts", title=title, words=["Missing facts were not ranked for this page."])
    rows = to_polars(missing)
    if rows.is_empty():
        return Section(key="facts", title=title, words=["No single fact would narrow any verdict."])
    named = facts_named(rows, fleet, where)
    kinds = (
        named.group_by("question", "of", maintain_order=True)
        .agg(
            things=pl.len().cast(pl.Int64),
            energy_mwh=pl.col("energy_mwh").sum(),
            energy_decided_mwh=pl.col("energy_decided_mwh").sum(),
        )
        .sort("energy_mwh", "energy_decided_mwh", "question", descending=[True, True, False])
    )
    kept = named.head(MOST_FACTS)
    left = named.height - kept.height
    energy = [
        Column(key="energy_mwh", label="would narrow", unit="MWh"),
        Column(key="energy_decided_mwh", label="can decide", unit="MWh"),
    ]
    return Section(
        key="facts",
        title=title,
        words=[
            (
                "A missing fact is worth the energy at berth of all pairs whose range of grades would shrink if it "
                "were known. Facts overlap: several are needed for one pair, so the rows do not add up."
            )
        ],
        parts=[
            _facts_chart(kinds),
            tabulate(
                kinds,
                [
                    Column(key="question", label="Question", kind="text"),
                    Column(key="of", label="Of", kind="text"),
                    Column(key="things", label="How many", kind="count"),
                    *energy,
                ],
                caption="Missing facts by kind",
            ),
            tabulate(
                kept,
                [
                    Column(key="question", label="Question", kind="text"),
                    Column(key="whom", label="Whom it is about", kind="text"),
                    Column(key="pairs", label="Pairs", kind="count"),
                    *energy,
                ],
                caption="Missing facts one by one, those worth most first",
                notes=[f"{counted(left, 'fact')} worth less not shown." if left else ""],
            ),
        ],
    )


def facts_named(rows: pl.DataFrame, fleet: pl.DataFrame, where: Places) -> pl.DataFrame:
    """Return missing facts with the question and whom it is about in words."""
    ships = dict(fleet.drop_nulls("name").select("ship_id", "name").iter_rows())
    berths = dict(where.frame.select("berth_id", "berth_name").iter_rows())

    def whom(row: Mapping[str, Any]) -> str:
        ship = ships.get(row["ship_id"], row["ship_id"])
        return " at ".join(part for part in (ship, berths.get(row["berth_id"], row["berth_id"])) if part)

    listed = rows.to_dicts()
    return rows.with_columns(
        pl.Series("question", [asked(row["side"], row["column"]) for row in listed], dtype=pl.String),
        pl.Series("whom", [whom(row) for row in listed], dtype=pl.String),
        pl.col("side").replace({"pair": "ship at berth"}).alias("of"),
    )


def _facts_chart(kinds: pl.DataFrame) -> Figure | None:
    top = kinds.filter(pl.col("energy_mwh") > 0).head(12).with_columns(asked=_asked())
    if top.is_empty():
        return None
    rest = pl.col("energy_mwh") - pl.col("energy_decided_mwh")
    long = pl.concat(
        [
            top.select("asked", value="energy_decided_mwh", series=pl.lit("can decide")),
            top.select("asked", value=rest, series=pl.lit("would narrow")),
        ]
    )
    chart = charts.bars(
        long,
        category="asked",
        series="series",
        value="value",
        colours={"can decide": charts.NAVY, "would narrow": charts.SKY},
        title="MWh at berth",
        order=top["asked"].to_list(),
    )
    return picture(
        "facts-chart",
        "Energy that a missing fact would decide or narrow",
        chart,
        says=f"First: {top['question'][0]} The numbers are in the table below.",
    )


def _asked() -> pl.Expr:
    """Return a question with the side that can answer it."""
    sides = {"ship": "ship", "berth": "berth", "ship at berth": "pair"}
    return pl.format("{} ({})", "question", pl.col("of").replace(sides))
