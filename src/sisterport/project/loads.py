"""Which load law made the load of the main engines, in words: for the report, the manifest and explanations."""

from collections.abc import Iterator

import polars as pl

from sisterport.engines import Corrections, LoadLaw

SOURCES = {
    "holtrop": "Holtrop & Mennen 1982, Holtrop 1984",
    "kristensen": "Kristensen & Lützen 2013 via USEPA ShipPowerModel 0.2",
}
"""Documents behind the resistance models."""

_MODES_UNDER_WAY = ("manoeuvring", "cruise")


def laws_used(segments: pl.DataFrame, ships: pl.DataFrame, corrections: Corrections) -> pl.DataFrame:
    """Return the ships under way whose main engine is estimated, with the law of each and its energy.

    Returns
    -------
    DataFrame
        The columns of `sisterport.engines.load_basis`, and ``energy_kwh`` of the main engine [kWh]. Ships of unknown
        power or reference speed are not in it: no law makes a load of them.
    """
    known = ships.filter(pl.col("power_kw").is_not_null() & pl.col("v_ref_kn").is_not_null())
    load_h = (
        segments.filter(pl.col("mode").is_in(_MODES_UNDER_WAY))
        .group_by("mmsi", maintain_order=True)
        .agg(pl.sum("lf_h"))
    )
    rows = corrections.of(known).basis.join(known.select("mmsi", "power_kw"), on="mmsi", maintain_order="left")
    rows = rows.join(load_h, on="mmsi", how="inner", maintain_order="left")
    return rows.with_columns(energy_kwh=pl.col("lf_h") * pl.col("power_kw")).drop("lf_h", "power_kw")


def law_words(laws: pl.DataFrame) -> str:
    """Return how many ships go by which law, why some do not go by the one asked for, and the shares of the energy.

    Examples
    --------
    >>> laws = pl.DataFrame({"load_law": ["holtrop", "ghg4", "ghg4"], "reason": [None, "no beam", "no length"],
    ...                      "outside": ["Cp", None, None], "energy_kwh": [3.0, 1.0, 0.0]})
    >>> law_words(laws)
    'holtrop: 1 ship, 75 % of the energy; ghg4: 2 ships, 25 % of the energy (1: no beam; 1: no length)'
    """
    return "; ".join(_each_law(laws)) or "no ship under way"


def _each_law(laws: pl.DataFrame) -> Iterator[str]:
    total = float(laws["energy_kwh"].sum())
    for (name,), rows in laws.sort("reason", nulls_last=False).group_by("load_law", maintain_order=True):
        count = f"{rows.height} ship{'s' if rows.height != 1 else ''}"
        share = f", {100 * float(rows['energy_kwh'].sum()) / total:.0f} % of the energy" if total else ""
        counted = rows.drop_nulls("reason").group_by("reason").len().sort("len", "reason", descending=[True, False])
        reasons = "; ".join(f"{n}: {reason}" for reason, n in counted.iter_rows())
        yield f"{name}: {count}{share}{f' ({reasons})' if reasons else ''}"


def law_remark(laws: pl.DataFrame, law: LoadLaw) -> list[str]:
    """Return what a resistance model was good for, in sentences; nothing of a cubic law."""
    if law.model is None:
        return []
    said = [f"load law '{law.name}', main engines of ships under way: {law_words(laws)}"]
    outside = laws.filter((pl.col("load_law") == law.name) & (pl.col("outside") != ""))
    if outside.height:
        bounds = sorted({bound for names in outside["outside"] for bound in names.split(", ")})
        said.append(
            f"{outside.height} of {laws.filter(load_law=law.name).height} hulls under the load law '{law.name}' lie "
            f"outside a published bound of their form ({', '.join(bounds)})"
        )
    return said


def law_formula(law: LoadLaw, name: str) -> str:
    """Return the load factor by a law in words; `name` is that of the law or of the cubic one behind it."""
    low, high, off = (f"{100 * number:g} %" for number in (law.lf_min, law.lf_max, law.lf_off))
    limits = f"at most {high}, off below {off}" if law.lf_off else f"{low} to {high}"
    margin = "weather and fouling" if law.cubic == "ghg4" else "sea margin"
    if name == law.model:
        calm = f"calm-water power by {SOURCES[name]} over installed power"
    else:
        calm = ("(t / t_ref)^(2/3) " if law.draught_exponent else "") + "(v / v_ref)^3"
    return f"load factor by the load law {name} = {calm} x {margin}, {limits}"
