"""The frames of an explanation: parts put together to few rows, their factors, and what is missing."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from sisterport import tables
from sisterport.fleet import size_bin
from sisterport.inventory.energy_passports import curve_factors, long_stay_share, power_factor
from sisterport.inventory.passports import MISSING, Factor, Term
from sisterport.inventory.quality import input_quality
from sisterport.inventory.rests import input_columns
from sisterport.units import ROUNDING

_KIND = ["ship_class", "size_bin", "dwt_t", "teu", "gt", "power_kw", "mode", "system"]
"""What auxiliary and boiler power depend on."""

_KIND_KEYS = ["ship_class", "size_bin", "engine_type", "fuel", "system", "mode", "zone_id", "tier"]
_KEYS = [*_KIND_KEYS, "power_from", "term"]
_FACTOR_COLUMNS = {
    "row": pl.Int64,
    "name": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "role": pl.String,
    "formula": pl.String,
    "source": pl.String,
    "status": pl.String,
    "table": pl.String,
}
_SHIP = "the ships' own"


def with_inputs(
    parts: pl.DataFrame, base: pl.DataFrame, segments: pl.DataFrame, fleet: pl.DataFrame, *, table: str
) -> tuple[pl.DataFrame, dict[str, Factor]]:
    """Join the parts with segment, ship, power and the grades of their inputs.

    Parameters
    ----------
    parts
        From `sisterport.inventory.explain_parts.part_rows`.
    base, segments, fleet
        The prepared segments, and the frames of segments and ships.
    table
        Table of auxiliary and boiler power.

    Returns
    -------
    DataFrame, dict
        The parts with ``power_from`` (what names the power), ``system_kw`` [kW], ``drawn_kwh`` [kWh]; the powers by
        that name.
    """
    quality = tables.to_polars(input_quality(segments, fleet)).select("segment_id", "speed", "draught", "engine_age")
    own = base.with_columns(pl.coalesce("size_bin", size_bin()).alias("size_bin"))
    columns = ["segment_id", "mmsi", "zone_id", "hours", "aux_kw", "boiler_kw", "engine_type", "tier", "v_ref_kn"]
    joined = (
        parts.join(own.select(*columns, *_KIND[:-1]), on="segment_id", how="left", maintain_order="left")
        .join(
            fleet.select("mmsi", "name", *(c for c in fleet.columns if c.endswith("_source"))),
            on="mmsi",
            how="left",
            maintain_order="left",
        )
        .join(quality, on="segment_id", how="left", maintain_order="left")
    )
    kinds = joined.filter(pl.col("system") != "main").select(_KIND).unique(maintain_order=True)
    found = [power_factor(kind, kind["system"], table=table) for kind in kinds.iter_rows(named=True)]
    labels = [factor.table or factor.formula for factor in found]
    named = kinds.with_columns(pl.Series("power_from", labels, dtype=pl.String))
    system = pl.col("system")
    power = pl.when(system == "main").then("power_kw").when(system == "boiler").then("boiler_kw").otherwise("aux_kw")
    from_shore = pl.when(pl.col("pollutant") == "shore").then(0.0).otherwise("shore_kwh")
    wide = joined.join(named, on=_KIND, how="left", nulls_equal=True, maintain_order="left").with_columns(
        pl.col("power_from").fill_null(_SHIP),
        power.alias("system_kw"),
        from_shore.alias("shore_kwh"),
        (pl.col("weighted_kwh") + from_shore).alias("drawn_kwh"),
        (~pl.col("off")).fill_null(value=True).alias("active"),
        *input_columns(),
    )
    return wide, dict(zip(labels, found, strict=True))


def grouped(wide: pl.DataFrame, terms: Mapping[int, Term]) -> pl.DataFrame:
    """Return the parts that add up to a figure, the largest first; see `sisterport.inventory.explain.Explanation`."""
    names = pl.DataFrame(
        {
            "term": list(terms),
            "what": [term.name for term in terms.values()],
            "weights": ["+".join(term.weights) for term in terms.values()],
        },
        schema={"term": pl.Int64, "what": pl.String, "weights": pl.String},
    )
    counted = wide.filter(pl.col("active") & pl.col("product").is_not_null() & (pl.col("drawn_kwh") != 0))
    total = pl.col("product").sum()
    summed = counted.group_by(_KEYS, maintain_order=True).agg(
        pl.col("mmsi").n_unique().cast(pl.Int64).alias("ships"),
        pl.col("hours").sum(),
        (pl.col("drawn_kwh") / pl.col("system_kw")).sum().alias("load_hours"),
        pl.col("drawn_kwh").sum(),
        pl.col("shore_kwh").sum(),
        pl.col("coefficient").first(),
        pl.col("product").sum(),
    )
    return (
        summed.join(names, on="term", how="left", maintain_order="left")
        .with_columns(
            (pl.col("drawn_kwh") / pl.col("load_hours")).alias("power_kw"),
            (pl.col("product") / total).fill_nan(None).alias("share"),
        )
        .sort("product", "term", descending=[True, False], maintain_order=True)
        .with_row_index("row")
        .select(
            pl.col("row").cast(pl.Int64),
            "what",
            *_KIND_KEYS,
            "power_from",
            "ships",
            "hours",
            "weights",
            "load_hours",
            "power_kw",
            "shore_kwh",
            "coefficient",
            "product",
            "share",
            "term",
        )
    )


def factor_rows(rows: pl.DataFrame, terms: Mapping[int, Term], powers: Mapping[str, Factor]) -> pl.DataFrame:
    """Return the factors of each row, with source and status."""
    found: list[tuple[Any, ...]] = []
    for row in rows.iter_rows(named=True):
        term, number = terms[row["term"]], row["row"]
        if row["system"] == "main":
            found += [_line(number, factor, "curve") for factor in curve_factors(term.weights, row["engine_type"])]
        else:
            power = powers[row["power_from"]]  # by a table, or a share of each ship's main power: then their mean
            found += _lines(number, power, "power", value=None if power.table else row["power_kw"])
            share = row["power_kw"] / power.value if power.table and power.value else 1.0
            if abs(share - 1.0) > ROUNDING:
                found += _lines(number, long_stay_share(share, row["ship_class"]), "power")
        for factor in term.factors:
            found += _lines(number, factor, "factor")
    return pl.DataFrame(found, schema=_FACTOR_COLUMNS, orient="row")


def _lines(row: int, factor: Factor, role: str, *, value: float | None = None) -> list[tuple[Any, ...]]:
    """Return a factor and, below it, the parts that it is computed from."""
    own = [_line(row, factor, role, value=value)]
    return own + [line for part in factor.parts for line in _lines(row, part, "part")]


def _line(row: int, factor: Factor, role: str, *, value: float | None = None) -> tuple[Any, ...]:
    given = factor.value if value is None else value
    return row, factor.name, given, factor.unit, role, factor.formula, factor.source, factor.status, factor.table


def missing(wide: pl.DataFrame, terms: Mapping[int, Term]) -> pl.DataFrame:
    """Return why parts are not estimated: ``reason, system, ships, hours``, the longest first."""
    lacking = {
        number: ", ".join(f"no {factor.name} ({factor.table})" for factor in term.factors if factor.status == MISSING)
        for number, term in terms.items()
    }
    names = pl.DataFrame(
        {"term": list(lacking), "lacking": list(lacking.values())}, schema={"term": pl.Int64, "lacking": pl.String}
    )
    main = pl.col("system") == "main"
    energy = pl.when(main).then(pl.lit("main power or reference speed not known"))
    rows = wide.filter(pl.col("product").is_null()).join(names, on="term", how="left", maintain_order="left")
    reason = (
        pl.when(pl.col("weighted_kwh").is_null())
        .then(energy.otherwise(pl.lit("class or size not known, or main power of small craft")))
        .when(pl.col("lacking") != "")
        .then("lacking")
    )
    said = rows.with_columns(reason.alias("reason")).drop_nulls("reason").unique(["segment_id", "system", "reason"])
    return (
        said.group_by("reason", "system", maintain_order=True)
        .agg(pl.col("mmsi").n_unique().cast(pl.Int64).alias("ships"), pl.col("hours").sum())
        .sort("hours", "reason", "system", descending=[True, False, False])
    )


_WEIGHTS = {
    "lf": "load factor",
    "lf_sfc": "load factor x consumption curve",
    "lf_sfc_high": "load factor x (consumption curve - 1) from 20 % load",
    "lf_nox": "load factor x low-load factor from 25 % load",
    "lf_nox_low": "load factor x low-load factor below 25 % load",
    "lf_pm": "load factor x low-load factor of PM",
    "lf_hc": "load factor x low-load factor of HC",
    "lf_co": "load factor x low-load factor of CO",
    "lf_co2": "load factor x low-load factor of CO2",
    "lf_so2": "load factor x low-load factor of SO2",
    "lf_bc_residual": "load factor x consumption curve x load factor^-b",
    "lf_bc_distillate": "load factor x consumption curve x load factor^-b",
}


def formula(amount: str, rows: pl.DataFrame) -> tuple[str, ...]:
    """Return the formula of a figure in words."""
    if amount == "shore_kwh":
        return ("auxiliary demand while connected to shore [kWh]",)
    per = {"energy_kwh": ""}.get(amount, " / 1,000,000 g/t" if amount.endswith("_t") else " / 1,000 g/kg")
    lines = [
        f"{amount} = sum over ships and systems of (load hours x power - from shore) x factors{per}",
        "load hours of auxiliary engines and boilers = hours; their power = table by class, size and mode",
    ]
    main = rows.filter(system="main").select("what", "weights").unique(maintain_order=True)
    for what, weights in main.iter_rows():
        said = " + ".join(_WEIGHTS.get(weight, weight) for weight in weights.split("+"))
        lines.append(f"load hours of the main engine, {what} = sum over time of {said}")
    return tuple(lines)
