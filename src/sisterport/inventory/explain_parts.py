"""The products behind a figure: every segment, system and term, worked out again from factors with passports."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import MethodError
from sisterport.inventory import ghg4
from sisterport.inventory.activity import SYSTEMS, activity
from sisterport.inventory.emissions import WTT_CONVERTERS
from sisterport.inventory.epa_passports import epa_terms, fuel_burnt
from sisterport.inventory.passports import Factor, Term, ghg4_pilot_terms, ghg4_terms, warming, well_to_tank
from sisterport.units import G_PER_KG, G_PER_T, ROUNDING, TINY

UNITS = {name: c.unit for name, c in tables.schema("emissions").items() if c.unit in {"kWh", "t", "kg"}}
"""Amounts that can be explained, and their units."""

_SCALES = {"kWh": 1.0, "t": G_PER_T, "kg": G_PER_KG}
Terms = Callable[[Mapping[str, Any], str, str], list[Term]]


def part_rows(
    step: ModuleType, base: pl.DataFrame, amount: str, *, gwp: str, options: Mapping[str, Any]
) -> tuple[pl.DataFrame, dict[int, Term]]:
    """Return the products of an amount, and the terms with their factors.

    Parameters
    ----------
    step, base
        From `sisterport.inventory.emissions.prepared`.
    amount
        Column of the emissions table.
    gwp
        Set of warming potentials.
    options
        From `sisterport.inventory.emissions.formula_options`.

    Returns
    -------
    DataFrame, dict
        ``segment_id, system, fuel, term, pollutant, off, weighted_kwh`` [kWh], ``shore_kwh`` [kWh],
        ``coefficient`` [g/kWh] and ``product`` in the unit of the amount, null where a factor or the energy is
        not known; terms by the number in ``term``.
    """
    cases = base.select(step.CASE).unique(maintain_order=True).with_row_index("case")
    keyed = base.join(cases, on=step.CASE, how="left", nulls_equal=True, maintain_order="left")
    terms, rows = _all_terms(cases, amount, ghg=step is ghg4, gwp=gwp, options=options)
    schema = {"case": pl.UInt32, "system": pl.String, "fuel": pl.String, "term": pl.Int64, "pollutant": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    coefficients = pl.DataFrame(
        {
            "term": list(terms),
            "coefficient": [term.coefficient for term in terms.values()],
            "weights": ["+".join(term.weights) for term in terms.values()],
        },
        schema={"term": pl.Int64, "coefficient": pl.Float64, "weights": pl.String},
    )
    energies = activity(keyed).join(frame, on=["case", "system"], how="inner", maintain_order="left")
    full = energies.join(coefficients, on="term", how="left", maintain_order="left")
    weighted = pl.coalesce(
        pl.lit(None, pl.Float64),
        *(
            pl.when(pl.col("weights") == "+".join(weights)).then(pl.sum_horizontal(weights, ignore_nulls=False))
            for weights in dict.fromkeys(term.weights for term in terms.values())
        ),
    )
    never = step is not ghg4 and amount == "bc_kg"  # then even an engine that is off has no value
    off = (pl.col("lf") == 0.0) & (pl.col("weights") != "shore_kwh") & pl.lit(not never)
    scaled = pl.col("weighted_kwh") * pl.col("coefficient") / _SCALES[UNITS[amount]]
    known = pl.col("weighted_kwh").is_not_null() & pl.col("lf").is_not_null()
    whole = pl.col("product").null_count().over("segment_id", "system", "fuel") == 0
    products = full.with_columns(weighted_kwh=weighted, off=off).select(
        "segment_id",
        "system",
        "fuel",
        "term",
        "pollutant",
        "off",
        "weighted_kwh",
        "shore_kwh",
        "coefficient",
        pl.when(pl.col("off")).then(0.0).when(known).then(scaled).alias("product"),
    )
    return products.with_columns(pl.when(whole).then("product").alias("product")), terms


def prove(parts: pl.DataFrame, rows: pl.DataFrame, amount: str) -> None:
    """Raise unless the products add up to the emissions, row by row.

    Raises
    ------
    MethodError
        The emissions were made by another method or with other options.
    """
    key = ["segment_id", "system", "fuel"]
    summed = parts.group_by(key, maintain_order=True).agg(
        pl.when(pl.col("product").null_count() == 0).then(pl.col("product").sum()).alias("summed"),
        pl.lit(value=True).alias("there"),
    )
    both = rows.select(*key, amount).join(summed, on=key, how="left", nulls_equal=True, maintain_order="left")
    ours, given = pl.col("summed"), pl.col(amount)
    nothing = pl.col("there").is_null() & (given.fill_null(0.0) == 0.0)  # pilot oil has no such pollutant
    same = (ours - given).abs() <= ROUNDING * given.abs() + TINY
    wrong = both.filter(~(nothing | same.fill_null(value=False) | (ours.is_null() & given.is_null())))
    if wrong.height:
        row = wrong.row(0, named=True)
        raise MethodError(
            f"{wrong.height} of {both.height} emission rows were not made by this method with these options, first: "
            f"segment {row['segment_id']}, {row['system']}, {row['fuel']}: {amount} is {row[amount]}, "
            f"the factors give {row['summed']}"
        )


def _all_terms(
    cases: pl.DataFrame, amount: str, *, ghg: bool, gwp: str, options: Mapping[str, Any]
) -> tuple[dict[int, Term], list[tuple[Any, ...]]]:
    """Return the terms by number, and the rows ``case, system, fuel, term, pollutant``."""
    terms: dict[int, Term] = {}
    rows: list[tuple[Any, ...]] = []

    def main_terms(case: Mapping[str, Any], system: str, pollutant: str) -> list[Term]:
        return (ghg4_terms if ghg else epa_terms)(case, system, pollutant, **options)

    for case in cases.iter_rows(named=True):
        for system in SYSTEMS:
            burnt = case["fuel_burnt"] if ghg else fuel_burnt(case, system)
            kinds: list[tuple[str | None, Terms]] = [(burnt, main_terms)]
            if ghg:
                kinds.append(("distillate", ghg4_pilot_terms))
            for fuel, source in kinds:
                for pollutant, term in _terms_of(amount, case, system, fuel, source, gwp):
                    number = len(terms)
                    terms[number] = term
                    rows.append((case["case"], system, fuel, number, pollutant))
    return terms, rows


def _terms_of(
    amount: str, case: Mapping[str, Any], system: str, fuel: str | None, source: Terms, gwp: str
) -> list[tuple[str, Term]]:
    """Return (pollutant, term) of an amount of one case, system and fuel."""
    if amount in {"shore_kwh", "energy_kwh"}:
        weight = "lf" if amount == "energy_kwh" else amount
        own = source is not ghg4_pilot_terms
        return [(amount.removesuffix("_kwh"), Term(name=amount.removesuffix("_kwh"), weights=(weight,)))] if own else []
    stem = amount.removesuffix("_t").removesuffix("_kg")
    if not stem.startswith("co2e"):
        return [(stem, term) for term in source(case, system, stem)]
    extra: dict[str, tuple[Factor, ...]] = {
        "co2": (),
        "ch4": (warming("ch4", gwp),),
        "n2o": (warming("n2o", gwp),),
    }
    if stem == "co2e_wtw":
        extra["fuel"] = (well_to_tank(str(fuel), WTT_CONVERTERS.get(str(fuel), "all_ice")),)
    names = {"fuel": "making of the fuel", "co2": "CO2", "ch4": "CH4 as CO2e", "n2o": "N2O as CO2e"}
    return [
        (pollutant, term.times(_name(names[pollutant], term), *more))
        for pollutant, more in extra.items()
        for term in source(case, system, pollutant)
    ]


def _name(name: str, term: Term) -> str:
    return f"{name} of pilot oil" if "pilot" in term.name else name
