"""The derivation of one figure: formula, parts that add up to it, factors with sources, and what it rests on."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from sisterport.errors import choose, did_you_mean
from sisterport.inventory.emissions import formula_options, prepared
from sisterport.inventory.explain_parts import UNITS, part_rows, prove
from sisterport.inventory.explain_rows import factor_rows, formula, grouped, missing, with_inputs
from sisterport.inventory.methods import method as method_named
from sisterport.inventory.rests import leading_ships, narrowing, rests_on
from sisterport.inventory.summaries import KEYS, joined_rows, known_sum
from sisterport.tables import check

WHERE = tuple(key for key in KEYS if key != "cell")
"""Keys that a cell can be chosen by."""

_CONSUMPTION = {"ghg4": ("fuel", "co2", "sox"), "epa": ("fuel", "co2", "sox", "ch4", "n2o")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where a figure comes from.

    Attributes
    ----------
    amount, unit, where, method
        What is explained.
    value : float or None
        As a summary prints it: the sum of what is known; None where nothing is.
    formula : tuple of str
        In words.
    rows : polars.DataFrame
        The parts that add up to the value: ship class and size, engine, fuel, system, mode, zone, tier and term;
        ``ships``, ``hours``; ``load_hours`` [h] (main engine: full-load hours weighed by the curves of the term),
        ``power_kw`` [kW], ``shore_kwh`` [kWh], ``coefficient`` (product of the factors) and ``product`` =
        (load_hours x power_kw - shore_kwh) x coefficient, in the unit of the amount.
    factors : polars.DataFrame
        The factors of each row: ``row``, ``name``, ``value``, ``unit``, ``role`` (power, factor, part of a computed
        factor, or curve in the load hours), ``formula``, ``source``, ``status``, ``table``.
    rests_on : polars.DataFrame
        ``input, grade, share_value, share_hours``.
    narrow : polars.DataFrame
        ``input, grade, share_value, sd_of_value, mend``, the widest first.
    leading_ships : polars.DataFrame
        The ships whose better particulars would help most.
    ships, hours, hours_not_estimated
        As in a summary.
    missing : polars.DataFrame
        Why parts are not estimated: ``reason, system, ships, hours``.
    note : str
        What else there is to say, such as that the cell is empty.
    """

    amount: str
    unit: str
    where: dict[str, Any]
    method: str
    value: float | None
    formula: tuple[str, ...]
    rows: pl.DataFrame
    factors: pl.DataFrame
    rests_on: pl.DataFrame
    narrow: pl.DataFrame
    leading_ships: pl.DataFrame
    ships: int
    hours: float
    hours_not_estimated: float
    missing: pl.DataFrame
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists, dicts, numbers and texts."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        frames = {name: part.to_dicts() for name, part in plain.items() if isinstance(part, pl.DataFrame)}
        where = {key: _plain(part) for key, part in self.where.items()}
        return plain | frames | {"where": where, "formula": list(self.formula)}

    def to_json(self) -> str:
        """Return everything as JSON."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False)


def explain(
    emissions: Any,
    segments: Any,
    ships: Any,
    *,
    where: Mapping[str, Any],
    amount: str = "co2e_ttw_t",
    method: str = "ghg4",
    year: int | None = None,
    gwp: str = "AR5",
    shore_power: Any = None,
    aux_table: str | None = None,
    zones: Any = None,
    load_based_bsfc: bool = False,
    slip_low_load: bool = False,
    lng_aux_ch4: str = "engine",
    long_stay: str = "none",
    tier3_everywhere: bool = False,
    areas: Any = None,
) -> Explanation:
    """Return where a figure of an inventory comes from.

    Every product is worked out again from the reference tables and compared with the emissions given.

    Parameters
    ----------
    emissions, segments, ships
        Frames of those tables.
    where
        The cell: keys of `sisterport.summarise` (but ``cell``) and their values, None for "no value"; empty: the total.
    amount
        Column of the emissions table.
    method, year, gwp, shore_power, aux_table, zones, load_based_bsfc, slip_low_load, lng_aux_ch4, long_stay,
    tier3_everywhere
        As in `sisterport.emissions`; they have to be those that the emissions were made with.
    areas
        Frame of the table ``areas``, for the key ``terminal``.

    Returns
    -------
    Explanation

    Raises
    ------
    MethodError
        Unknown amount or key, or emissions that were made by another method or with other options.
    SchemaError
        Frames that do not fit.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> said = explain(empty("emissions"), empty("segments"), empty("ships"), where={"mode": "berth"})
    >>> said.value, said.note
    (None, 'the cell is empty: no segment has mode = berth')
    """
    check_choice(where, amount)
    every = joined_rows(emissions, segments, ships, list(where), areas)
    typed = {key: _typed(given, every.schema[key]) for key, given in where.items()}
    rows = every.filter(*(pl.col(key).eq_missing(pl.lit(given, every.schema[key])) for key, given in typed.items()))
    cut, fleet = check(segments, "segments"), check(ships, "ships")
    cut = cut.filter(pl.col("mmsi").is_in(rows["mmsi"].unique().implode()))  # shore power is shared out ship by ship
    step, base = prepared(
        cut,
        fleet,
        method=method,
        year=year,
        shore_power=shore_power,
        aux_table=aux_table,
        zones=zones,
        load_based_bsfc=load_based_bsfc,
        slip_low_load=slip_low_load,
        lng_aux_ch4=lng_aux_ch4,
        long_stay=long_stay,
        tier3_everywhere=tier3_everywhere,
    )
    base = base.join(rows.select("segment_id").unique(), on="segment_id", how="semi", maintain_order="left")
    options = formula_options(method, slip_low_load, lng_aux_ch4, load_based_bsfc)
    parts, terms = part_rows(step, base, amount, gwp=gwp, options=options)
    chosen = ["segment_id", "system", "fuel"]
    parts = parts.join(rows.select(chosen).unique(), on=chosen, how="semi", nulls_equal=True, maintain_order="left")
    prove(parts, rows, amount)
    table = aux_table or method_named(method).aux_tables[0]
    wide, powers = with_inputs(parts, base, cut, fleet, table=table)
    summed = grouped(wide, terms)
    value = rows.select(known_sum(amount).alias("value"))["value"][0]
    times = rows.unique("segment_id")
    lacking = pl.col("energy_kwh").is_null() | pl.col("fuel_t").is_null()
    return Explanation(
        amount=amount,
        unit=UNITS[amount],
        where=typed,
        method=method,
        value=value,
        formula=formula(amount, summed),
        rows=summed.drop("term"),
        factors=factor_rows(summed, terms, powers),
        rests_on=rests_on(wide),
        narrow=narrowing(wide, consumption=_CONSUMPTION[method]),
        leading_ships=leading_ships(wide),
        ships=times["mmsi"].n_unique(),
        hours=float(times["hours"].sum()),
        hours_not_estimated=float(rows.filter(lacking).unique("segment_id")["hours"].sum()),
        missing=missing(wide, terms),
        note=_note(every, typed) if rows.is_empty() else "",
    )


def check_choice(where: Iterable[str], amount: str) -> None:
    """Raise unless the keys and the amount can be explained.

    Raises
    ------
    MethodError
        Naming the nearest key or amount.

    Examples
    --------
    >>> check_choice({"mode": "berth"}, "co2e_ttw")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    sisterport.errors.MethodError: unknown amount 'co2e_ttw' (did you mean 'co2e_ttw_t'?); choose from ...
    """
    choose("amount", amount, list(UNITS))
    for key in where:
        choose("key", key, WHERE)


def _plain(given: Any) -> Any:
    return given.isoformat() if hasattr(given, "isoformat") else given


def _typed(given: Any, dtype: pl.DataType) -> Any:
    """Return the value of a key in the type of its column; text comes from a command line."""
    if not isinstance(given, str) or dtype == pl.String:
        return given
    found = pl.Series([given]).str.to_date(strict=False) if dtype == pl.Date else None
    if dtype == pl.Boolean:
        return {"true": True, "false": False}.get(given.lower())
    if found is None:
        found = pl.Series([given]).cast(dtype, strict=False)
    return found[0] if found[0] is not None else given


def _note(every: pl.DataFrame, where: Mapping[str, Any]) -> str:
    """Say that a cell is empty, and which value was perhaps meant."""
    said = " and ".join(f"{key} = {_plain(given)}" for key, given in where.items()) or "any value"
    for key, given in where.items():
        there = [str(_plain(v)) for v in every[key].unique().drop_nulls().to_list()]
        if str(_plain(given)) not in there and there:
            return f"the cell is empty: no segment has {said}{did_you_mean(str(given), there)}"
    return f"the cell is empty: no segment has {said}"
