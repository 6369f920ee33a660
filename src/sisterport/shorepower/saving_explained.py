"""Where a saving comes from: formula, parts that add up to it, and each factor with value, source and status."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from sisterport.errors import MethodError, choose
from sisterport.reference import constant, load
from sisterport.shorepower.savings import AMOUNTS, TERMS
from sisterport.tables import check
from sisterport.units import KG_PER_T, ROUNDING

EXPLAINED = ("energy_mwh", "grid_mwh", "fuel_t", *(f"{a}_{k}_t" for a in AMOUNTS for k in ("gross", "net")))
"""Amounts of the table ``savings`` that can be explained."""

_WHERE = ("stay_id", "locode", "terminal", "berth_id", "ship_class", "imo", "mmsi", "name", "ef_grid_source")
_TERMS = [name for name in TERMS if name not in {"ef_grid_t_per_mwh", "tariff_usd_per_kwh"}]
_UNITS = {"t_connect_h": "h", "t_disconnect_h": "h", "loss_share": "-", "converter_efficiency": "-"}
_FACTORS = {
    "name": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "source": pl.String,
    "status": pl.String,
    "stays": pl.Int64,
    "energy_mwh": pl.Float64,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingExplanation:
    """Where a saving comes from.

    Attributes
    ----------
    amount, unit, where
        What is explained.
    value : float or None
        Sum over the stays; None where none has a value.
    formula : tuple of str
        In words.
    rows : polars.DataFrame
        The parts that add up to the value, by ship class and grid factor: ``ship_class, ef_grid_source, stays,
        energy_mwh, grid_mwh, gross, grid, value``: value = gross - grid.
    factors : polars.DataFrame
        ``name, value, unit, source, status, stays, energy_mwh``: each different factor, and how much rests on it.
    not_counted : polars.DataFrame
        ``reason, stays, hours``.
    note : str
        What else there is to say.
    """

    amount: str
    unit: str
    where: dict[str, Any]
    value: float | None
    formula: tuple[str, ...]
    rows: pl.DataFrame
    factors: pl.DataFrame
    not_counted: pl.DataFrame
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists, dicts, numbers and texts."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        frames = {name: part.to_dicts() for name, part in plain.items() if isinstance(part, pl.DataFrame)}
        return plain | frames | {"formula": list(self.formula)}

    def to_json(self) -> str:
        """Return everything as JSON."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False)


def explain_savings(
    savings: Any, *, where: Mapping[str, Any] | None = None, amount: str = "co2_net_t"
) -> SavingExplanation:
    """Return where a saving comes from; it is worked out again from the factors and compared.

    Parameters
    ----------
    savings
        Frame of the table ``savings``.
    where
        Columns and values that choose the stays; None for all.
    amount
        Column from `EXPLAINED`.

    Raises
    ------
    MethodError
        Unknown amount or column, or a frame whose figures do not follow from its factors.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> said = explain_savings(empty("savings"))
    >>> said.value, said.note
    (None, 'no stay')
    """
    choose("amount", amount, list(EXPLAINED))
    chosen = dict(where or {})
    for key in chosen:
        choose("key", key, list(_WHERE))
    every = check(savings, "savings")
    rows = every.filter(*(pl.col(key).eq_missing(pl.lit(value, every.schema[key])) for key, value in chosen.items()))
    parts = _parts(rows, amount)
    _prove(parts, amount)
    counted = parts.drop_nulls("value")
    lost = rows.with_columns(pl.coalesce("reason", pl.lit("a factor is not known")).alias("reason"))
    lost = lost.join(counted.filter(pl.col("energy_mwh") > 0), on="stay_id", how="anti", maintain_order="left")
    return SavingExplanation(
        amount=amount,
        unit="MWh" if amount.endswith("_mwh") else "t",
        where=chosen,
        value=None if counted.is_empty() else float(counted["value"].sum()),
        formula=_formula(amount),
        rows=_grouped(counted),
        factors=_factors(rows.join(counted, on="stay_id", how="semi", maintain_order="left"), amount),
        not_counted=lost.group_by("reason")
        .agg(pl.len().cast(pl.Int64).alias("stays"), pl.col("hours").sum())
        .sort("hours", "reason", descending=[True, False]),
        note=_note(rows, counted, amount),
    )


def _split(amount: str) -> tuple[str, str]:
    """Return the pollutant of an amount and its kind: gross or net; other amounts are gross."""
    name, _, kind = amount.removesuffix("_t").rpartition("_")
    return (name, kind) if kind in {"gross", "net"} else (amount, "gross")


def _grid_factor(name: str) -> pl.Expr:
    return pl.col("ef_grid_t_per_mwh") if name in {"co2", "co2e"} else pl.col(f"grid_{name}_g_per_kwh") / KG_PER_T


def _parts(rows: pl.DataFrame, amount: str) -> pl.DataFrame:
    """Return the value of each stay as gross less grid, worked out from its factors."""
    name, kind = _split(amount)
    gross = pl.col(f"{name}_gross_t") if name in AMOUNTS else pl.col(amount)
    taken = pl.col("energy_mwh") / (pl.col("converter_efficiency") * (1.0 - pl.col("loss_share")))
    gross = taken if amount == "grid_mwh" else gross
    grid = taken * _grid_factor(name) if kind == "net" else pl.lit(0.0)
    return rows.select(
        "stay_id",
        "ship_class",
        "ef_grid_source",
        "energy_mwh",
        "grid_mwh",
        gross.alias("gross"),
        pl.when(gross.is_not_null()).then(grid).alias("grid"),
        (gross - grid).alias("value"),
        pl.col(amount).alias("given"),
    )


def _prove(parts: pl.DataFrame, amount: str) -> None:
    scale = parts.select(pl.max_horizontal(pl.col("gross").abs().max(), pl.col("grid").abs().max())).item() or 0.0
    off = parts.filter(
        (pl.col("value").is_null() != pl.col("given").is_null())
        | ((pl.col("value") - pl.col("given")).abs() > ROUNDING * max(scale, ROUNDING))
    )
    if off.height:
        raise MethodError(
            f"{amount} of {off.height} stays does not follow from its factors, first: {off['stay_id'][0]}"
        )


def _grouped(parts: pl.DataFrame) -> pl.DataFrame:
    return (
        parts.group_by("ship_class", "ef_grid_source", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("stays"),
            pl.col("energy_mwh", "grid_mwh", "gross", "grid", "value").sum(),
        )
        .sort("value", "ship_class", descending=[True, False], nulls_last=True)
    )


def _formula(amount: str) -> tuple[str, ...]:
    name, kind = _split(amount)
    energy = "energy_mwh = mean auxiliary power x (time at berth - time to connect - time to disconnect)"
    grid = "grid_mwh = energy_mwh / (converter efficiency x (1 - loss))"
    if amount == "energy_mwh":
        return (energy, "what is connected already by record is taken off")
    if amount == "grid_mwh":
        return (grid, energy)
    gross = f"energy_mwh x {name.removesuffix('_t')} per MWh of the auxiliary engines"
    if kind == "net":
        return (f"{amount} = {gross} - grid_mwh x factor of the grid", grid, energy, "boilers stay on board")
    return (f"{amount} = {gross}", energy, "boilers stay on board")


def _factors(rows: pl.DataFrame, amount: str) -> pl.DataFrame:
    """Return each different factor with its passport and what rests on it."""
    name, kind = _split(amount)
    used = rows.filter(pl.col("energy_mwh") > 0)
    found = [_of_term(used, term) for term in _TERMS if amount != "energy_mwh" or term.startswith("t_")]
    if name in AMOUNTS or amount == "fuel_t":
        column = "fuel_t" if amount == "fuel_t" else f"{name}_gross_t"
        unit = f"t {name.removesuffix('_t')} per MWh"
        rate = (pl.col(column).sum() / pl.col("energy_mwh").sum()).alias("value")
        found.append(
            used.group_by("ship_class", "fuel_source", maintain_order=True)
            .agg(rate, pl.len().cast(pl.Int64).alias("stays"), pl.col("energy_mwh").sum())
            .select(
                pl.format("auxiliary engines, {}", pl.col("ship_class").fill_null("class unknown")).alias("name"),
                "value",
                pl.lit(unit).alias("unit"),
                pl.col("fuel_source").alias("source"),
                pl.lit("see the inventory's explain").alias("status"),
                "stays",
                "energy_mwh",
            )
        )
    if kind == "net":
        found.append(_of_grid(used, name))
    return pl.concat([part.select(pl.col(c).cast(t) for c, t in _FACTORS.items()) for part in found])


def _of_term(used: pl.DataFrame, term: str) -> pl.DataFrame:
    default = TERMS[term][0]
    passport = constant(default) if default else None
    source = pl.col(f"{term}_source")
    by_default = source.str.starts_with("default")
    return (
        used.group_by(term, f"{term}_source", maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("stays"), pl.col("energy_mwh").sum())
        .select(
            pl.lit(term).alias("name"),
            pl.col(term).alias("value"),
            pl.lit(_UNITS[term]).alias("unit"),
            pl.when(by_default).then(pl.lit(passport.source if passport else "")).otherwise(source).alias("source"),
            pl.when(by_default)
            .then(pl.lit(passport.status if passport else ""))
            .otherwise(pl.lit("given"))
            .alias("status"),
            "stays",
            "energy_mwh",
        )
    )


def _of_grid(used: pl.DataFrame, name: str) -> pl.DataFrame:
    carbon = name in {"co2", "co2e"}
    origin = dict(load("grid_co2_by_country").select("country_code", "source").iter_rows())
    grouped = (
        used.with_columns((_grid_factor(name)).alias("value"))
        .group_by("value", "ef_grid_source", "ef_grid_status", maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("stays"), pl.col("energy_mwh").sum())
    )
    country = pl.col("ef_grid_source").str.extract(r"country ([A-Z]{2})")
    full = pl.concat_str(
        "ef_grid_source", country.replace_strict(origin, default=None, return_dtype=pl.String), separator=": "
    )
    return grouped.select(
        pl.lit(f"grid, {'CO2e' if carbon else name}").alias("name"),
        "value",
        pl.lit("t/MWh").alias("unit"),
        (pl.coalesce(full, "ef_grid_source") if carbon else pl.lit("given by the caller")).alias("source"),
        (pl.col("ef_grid_status") if carbon else pl.lit("given")).alias("status"),
        "stays",
        "energy_mwh",
    )


def _note(rows: pl.DataFrame, counted: pl.DataFrame, amount: str) -> str:
    if rows.is_empty():
        return "no stay"
    name, kind = _split(amount)
    if counted.is_empty() and kind == "net" and name not in {"co2", "co2e"}:
        return f"no factor of the grid's {name} is given, so only the gain at the quay is known ({name}_gross_t)"
    if counted.is_empty():
        return "no stay has a value"
    if name == "co2" and kind == "net":
        return "CO2 at the quay less CO2e of the grid's electricity, which counts its whole life cycle"
    return ""
