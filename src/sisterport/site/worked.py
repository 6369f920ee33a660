"""One figure of the report worked out: its parts, and their factors with source and status."""

from typing import Any

import polars as pl

from sisterport.inventory import Explanation
from sisterport.site import words
from sisterport.site.tabulate import Column, tabulate

_PARTS = 5


def worked(period: str, said: Explanation) -> dict[str, Any]:
    """Return what the template shows of an explanation.

    Parameters
    ----------
    period
        Name of the period that the figure belongs to.
    said
        From `sisterport.explain`.
    """
    shown = said.rows.head(_PARTS)
    rest = said.rows.height - shown.height
    parts = shown.with_columns(
        pl.col("system").replace(words.SYSTEMS),
        pl.format("{}{}", pl.col("ship_class").map_elements(words.ship_class, return_dtype=pl.String), _size()).alias(
            "ship"
        ),
    )
    columns = [
        Column(key="what", label="What", kind="text"),
        Column(key="ship", label="Class and size bin", kind="text"),
        Column(key="system", label="System", kind="text"),
        Column(key="fuel", label="Fuel", kind="text"),
        Column(key="load_hours", label="Load hours", unit="h"),
        Column(key="power_kw", label="Power", unit="kW"),
        Column(key="coefficient", label="Factors", unit="g/kWh"),
        Column(key="product", label="CO₂e", unit="t"),
    ]
    left = said.rows.tail(rest)["product"].sum() if rest else 0.0
    notes = [f"and {rest} smaller parts of {left:.3g} t together"] if rest else []
    table = tabulate(
        parts,
        columns,
        caption="Load hours times power times factors: the largest parts",
        total={"product": said.value},
        notes=notes,
    )
    mode = words.MODES.get(str(said.where.get("mode")), "").lower()
    return {
        "period": period,
        "cell": ", ".join(filter(None, [words.ship_class(str(said.where.get("ship_class"))).lower(), mode])),
        "value": said.value,
        "formula": said.formula[1:],
        "table": table,
        "factors": _factors(said, shown),
        "narrow": [(row["input"].replace("_", " "), row["sd_of_value"], row["mend"]) for row in _widest(said)],
    }


def _size() -> pl.Expr:
    return pl.when(pl.col("size_bin").is_not_null()).then(pl.format(" {}", "size_bin")).otherwise(pl.lit(""))


def _factors(said: Explanation, shown: pl.DataFrame) -> list[dict[str, Any]]:
    """Return each factor of the shown parts once; the curves in the load hours are left to the command."""
    rows = said.factors.join(shown.select("row"), on="row", how="semi", maintain_order="left")
    return rows.filter(pl.col("role") != "curve").drop("row").unique(maintain_order=True).to_dicts()


def _widest(said: Explanation) -> list[dict[str, Any]]:
    return said.narrow.head(3).to_dicts()
