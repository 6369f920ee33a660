"""Rows of an inventory added up as far as their errors and groups are the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport import tables
from sisterport.errors import InputError, MethodError
from sisterport.fuels import gwp_pair
from sisterport.inventory import spreads
from sisterport.inventory.quality import input_quality
from sisterport.inventory.summaries import joined_rows
from sisterport.reference import value
from sisterport.units import G_PER_KG, G_PER_T, SECONDS_PER_HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Term(NamedTuple):
    """A part of an amount that has one factor: its value in each row, and which errors act on it."""

    value: pl.Expr
    factor: str | None = None
    consumption: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Rows of an inventory added up as far as their errors and groups are the same, in a fixed order.

    Attributes
    ----------
    group, activity, factor
        Numbers of each cell's group, kind of activity and kind of factor; sorted by all three.
    values
        Of each amount: its terms with their sums.
    activities, factors
        Kinds of activity and of factors (`spreads.ACTIVITY`, `spreads.FACTOR`).
    """

    group: Ints
    activity: Ints
    factor: Ints
    values: dict[str, list[tuple[Term, Floats]]]
    activities: pl.DataFrame
    factors: pl.DataFrame

    def part(self, rows: slice) -> "Cells":
        """Return some of the cells."""
        values = {name: [(term, sums[rows]) for term, sums in parts] for name, parts in self.values.items()}
        return replace(
            self, group=self.group[rows], activity=self.activity[rows], factor=self.factor[rows], values=values
        )


def terms_of(gwp: str) -> dict[str, list[Term]]:
    """Return of each amount its parts [in the amount's unit]."""
    gwp_ch4, gwp_n2o = gwp_pair(gwp)
    co2 = Term(pl.col("co2_t"), "co2", consumption=True)
    others = [
        Term(pl.col("ch4_kg") * (gwp_ch4 * G_PER_KG / G_PER_T), "ch4"),
        Term(pl.col("n2o_kg") * (gwp_n2o * G_PER_KG / G_PER_T), "n2o"),
    ]
    upstream = Term(pl.col("co2e_wtw_t") - pl.col("co2e_ttw_t"), "wtt", consumption=True)
    return {
        "energy_kwh": [Term(pl.col("energy_kwh"))],
        "fuel_t": [Term(pl.col("fuel_t"), consumption=True)],
        "co2_t": [co2],
        "ch4_kg": [Term(pl.col("ch4_kg"), "ch4")],
        "n2o_kg": [Term(pl.col("n2o_kg"), "n2o")],
        "co2e_ttw_t": [co2, *others],
        "co2e_wtw_t": [co2, *others, upstream],
        "nox_kg": [Term(pl.col("nox_kg"), "nox")],
        "sox_kg": [Term(pl.col("sox_kg"), "sox", consumption=True)],
        "pm10_kg": [Term(pl.col("pm10_kg"), "pm")],
        "pm25_kg": [Term(pl.col("pm25_kg"), "pm")],
        "bc_kg": [Term(pl.col("bc_kg"), "bc")],
        "co_kg": [Term(pl.col("co_kg"), "co")],
        "nmvoc_kg": [Term(pl.col("nmvoc_kg"), "nmvoc")],
    }


def rows_with_kinds(
    emissions: Any, segments: Any, ships: Any, by: Sequence[str], areas: Any, amounts: Sequence[str], gwp: str
) -> pl.DataFrame:
    """Return the emission rows with their keys, amounts and what their errors depend on, in a fixed order."""
    terms = terms_of(gwp)
    roots = {root for name in amounts for term in terms[name] for root in term.value.meta.root_names()}
    every = tables.check(emissions, "emissions")
    narrow = every.select("segment_id", "system", "fuel", *sorted(roots | set(amounts)))
    if "co2e_ttw_t" in narrow.columns:
        _same_warming(narrow, gwp)
    needed = ("mmsi", "engine_type", "nox_tier", "mode", "date")
    rows = joined_rows(narrow, segments, ships, list(dict.fromkeys([*by, *needed])), areas)
    gap = (pl.col("gap_max_h") * SECONDS_PER_HOUR).round().cast(pl.Int64).alias("gap_s")
    holes = tables.check(segments, "segments").select("segment_id", gap)
    known = tables.to_polars(input_quality(segments, ships)).select("segment_id", "speed", "draught")
    joined: pl.DataFrame = rows.join(
        holes.join(known, on="segment_id", how="left", maintain_order="left"),
        on="segment_id",
        how="left",
        maintain_order="left",
    )
    main = pl.col("system") == "main"
    only = {
        "mode": ~main,
        "date": main & (pl.col("speed") != "bridged"),
        "gap_s": main & (pl.col("speed") == "bridged"),
        "speed": main,
        "draught": main,
    }
    of_system = [pl.when(rule).then(name).alias(f"of {name}") for name, rule in only.items()]
    columns = dict.fromkeys([*narrow.columns, *_columns_of(by), "mmsi", "engine_type", "nox_tier"])
    return joined.select(*columns, *of_system).sort("segment_id", "system", "fuel", nulls_last=True)


def _columns_of(by: Sequence[str]) -> list[str]:
    return [column for key in by for column in (("cell_lat", "cell_lon") if key == "cell" else (key,))]


def _same_warming(rows: pl.DataFrame, gwp: str) -> None:
    parts = pl.sum_horizontal(term.value for term in terms_of(gwp)["co2e_ttw_t"])
    known = rows.drop_nulls("co2e_ttw_t")
    off = known.filter((parts - pl.col("co2e_ttw_t")).abs() > value("same_warming_tolerance") * pl.col("co2e_ttw_t"))
    if off.height:
        raise MethodError(f"{off.height} emission rows were not made with the warming potentials {gwp}: pass gwp=...")


def cells_of(rows: pl.DataFrame, groups: pl.DataFrame, ships: Any, amounts: Sequence[str], gwp: str) -> Cells:
    """Add rows up by group and kinds; sums are taken in the order of the rows, whatever the number of threads."""
    own = ("mmsi", "ship_class", "power_how", "speed_how")
    of = {name: f"of {name}" if f"of {name}" in rows.columns else name for name in spreads.ACTIVITY}
    kinds, activity = _numbered(rows.select(pl.col(of[name]).alias(name) for name in of if name not in own[1:]))
    activities = kinds.join(_ships(ships).select(own), on="mmsi", how="left", maintain_order="left").with_columns(
        pl.col(name).fill_null("unknown") for name in own[1:]
    )
    factors, factor = _numbered(rows.select(spreads.FACTOR))
    if groups.columns:
        numbered = groups.with_row_index("group #")
        group = rows.join(numbered, on=groups.columns, how="left", nulls_equal=True, maintain_order="left")["group #"]
    else:
        group = pl.zeros(rows.height, pl.UInt32, eager=True).alias("group #")
    keys = pl.DataFrame([group, factor.alias("factor"), activity.alias("activity")])
    cells, cell = _numbered(keys)
    number, count = cell.to_numpy(), cells.height
    terms = terms_of(gwp)
    values = {
        name: [(term, _sums(rows.select(_if_known(term, name)).to_series(), number, count)) for term in terms[name]]
        for name in amounts
    }
    as_int = {name: cells[name].cast(pl.Int64).to_numpy() for name in cells.columns}
    return Cells(
        group=as_int["group #"],
        activity=as_int["activity"],
        factor=as_int["factor"],
        values=values,
        activities=activities,
        factors=factors,
    )


def _ships(ships: Any) -> pl.DataFrame:
    """Return class and sources of each ship."""
    fleet = tables.check(ships, "ships")
    if fleet["mmsi"].is_duplicated().any():
        raise InputError(f"mmsi {fleet.filter(pl.col('mmsi').is_duplicated())['mmsi'][0]} stands more than once")
    return fleet.with_columns(power_how=pl.col("power_kw_source"), speed_how=pl.col("v_ref_kn_source"))


def _numbered(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Return the different rows, sorted, and the number of each row among them."""
    kinds = frame.unique().sort(frame.columns, nulls_last=True)
    numbered = kinds.with_row_index("row #")
    joined = frame.join(numbered, on=frame.columns, how="left", nulls_equal=True, maintain_order="left")
    return kinds, joined["row #"]


def _if_known(term: Term, name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null()).then(term.value).fill_null(0.0)


def _sums(values: pl.Series, number: NDArray[Any], count: int) -> Floats:
    return np.bincount(number, weights=values.to_numpy(), minlength=count).astype(np.float64)
