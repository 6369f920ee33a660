"""What one ship burnt, from words on a command line: fuels as people write them, certificates, all faults at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import polars as pl

from sisterport.errors import InputError, ReferenceDataError, SisterportError, did_you_mean
from sisterport.reference import load
from sisterport.rules.fueleu_fuels import annex2, factors, fuel_energy
from sisterport.rules.movement_fuels import FuelChoices, annex_fuel

SHIP = "ship"
"""Name of the one ship."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burnt:
    """What a ship burnt.

    Attributes
    ----------
    rows : polars.DataFrame
        fuel (of Annex II), mass_t, certified_e_g_per_mj, food_or_feed.
    notes : list of str
        What was assumed of the fuels.
    """

    rows: pl.DataFrame
    notes: list[str]

    def fuel(self, **more: Any) -> pl.DataFrame:
        """Return the rows of a table of fuel, with more columns of one value each."""
        return self.rows.with_columns(pl.lit(SHIP).alias("ship_id"), **{k: pl.lit(v) for k, v in more.items()})


@dataclass(slots=True)
class _Words:
    """Reads words and remembers what is wrong with them and what was assumed."""

    engine: str
    fuels: FuelChoices
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def named(self, word: str) -> str:
        """Return the fuel of Annex II; empty where there is none."""
        try:
            name, how = _annex(word, self.engine, self.fuels)
        except SisterportError as error:
            if str(error) not in self.faults:
                self.faults.append(str(error))
            return ""
        said = f"{how[:1].upper()}{how[1:]}."
        if how.startswith("assumed") and said not in self.notes:
            self.notes.append(said)
        return name

    def pairs(self, words: Sequence[str], wanted: str) -> list[tuple[str, float | None]]:
        """Return fuels and numbers of words ``FUEL=NUMBER``, known fuels only; a number that is none is None."""
        found = []
        for word in words:
            name, sign, number = (part.strip() for part in word.partition("="))
            value = _number(number) if name and sign else None
            if value is None:
                self.faults.append(f"wanted {wanted}, got '{word}'")
            fuel = self.named(name) if name and sign else ""
            if fuel:
                found.append((fuel, value))
        return found


def burnt(
    words: Sequence[str],
    *,
    engine: str = "",
    certified: Sequence[str] = (),
    crops: Sequence[str] = (),
    fuels: FuelChoices | None = None,
) -> Burnt:
    """Return what a ship burnt, from words ``FUEL=TONNES``.

    Parameters
    ----------
    words
        Fuels of Annex II (``LNG_otto_ms``) or as people write them (``MGO``), with their mass [t].
    engine
        Engine that burns LNG.
    certified
        Words ``FUEL=E``: certified intensity E of a biofuel or RFNBO [g/MJ].
    crops
        Fuels made from food or feed crops.
    fuels
        What is taken for low sulphur fuel oil.

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> burnt(["MGO=10", "VLSFO=20"]).rows.select("fuel", "mass_t").rows()
    [('MDO', 10.0), ('HFO', 20.0)]
    """
    read = _Words(engine, fuels or FuelChoices())
    masses: dict[str, float] = {}
    for name, mass in read.pairs(words, "FUEL=TONNES"):
        if mass is not None and mass < 0:
            read.faults.append(f"{name}: a mass of {mass:g} t is below 0")
        masses[name] = masses.get(name, 0.0) + (mass or 0.0)
    proven = dict(read.pairs(certified, "--certified FUEL=E"))
    food = {read.named(fuel) for fuel in crops}
    classes = dict(annex2().select("fuel_id", "fuel_class").iter_rows())
    read.faults += [
        f"{name} is fossil and takes no certificate" for name in sorted(proven) if classes[name] == "fossil"
    ]
    stray = sorted({name for name in {*proven, *food} if name} - set(masses))
    read.faults += [f"a certificate or crop of '{name}', of which nothing is burnt" for name in stray]
    if not words:
        read.faults.append("no fuel: give FUEL=TONNES, e.g. HFO=12000")
    if read.faults:
        raise InputError("\n".join(read.faults))
    rows = [
        {"fuel": name, "mass_t": mass, "certified_e_g_per_mj": proven.get(name), "food_or_feed": name in food}
        for name, mass in masses.items()
    ]
    kinds = {"mass_t": pl.Float64, "certified_e_g_per_mj": pl.Float64}
    return Burnt(rows=pl.DataFrame(rows, schema_overrides=kinds), notes=read.notes)


def _number(text: str) -> float | None:
    """Return a finite number; None where a text is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _annex(word: str, engine: str, chosen: FuelChoices) -> tuple[str, str]:
    """Return the fuel of Annex II that a word stands for, and how it is known."""
    known = annex2()["fuel_id"].to_list()
    own = {name.lower(): name for name in known}
    if word.lower() in own:
        return own[word.lower()], "given"
    try:
        return annex_fuel(word, None, engine or None, None, choices=chosen)
    except ReferenceDataError as error:
        needs = "" if engine or "in engine" not in str(error) else " (or say the engine: --engine LPDF_2S)"
        raise InputError(f"{error}{needs}") from None
    except InputError as error:
        near = did_you_mean(word, known)
        raise InputError(f"{error}" + (near if "did you mean" not in str(error) else "")) from None


def co2_t(fuel: Burnt) -> float:
    """Return the CO2 of fuel, mass times carbon factor whatever its origin [t].

    Examples
    --------
    >>> co2_t(burnt(["HFO=1000"]))
    3114.0
    """
    carbon = factors().select("fuel", "cf_co2_g_per_g")
    joined = fuel.rows.join(carbon, on="fuel", how="left")
    return float((joined["mass_t"] * joined["cf_co2_g_per_g"]).sum())


def intensity(fuel: Burnt, *, gwp: str = "AR5", unmeasured: str = "zero") -> tuple[float, float]:
    """Return the well-to-wake intensity of fuel [g/MJ] and its energy [MJ], with the factors of FuelEU.

    Examples
    --------
    >>> round(intensity(burnt(["HFO=1000"]))[0], 3)
    91.601
    """
    year = int(load("fueleu_limits")["year_from"].sort()[0])  # factors do not change with the year
    rows = fuel_energy(fuel.fuel(year=year, scope_share=1.0), gwp=gwp, unmeasured=unmeasured)
    energy = float(rows["energy_mj"].sum())
    if energy <= 0:
        raise InputError("no energy: give some fuel")
    return max(0.0, float(rows["emissions_g"].sum())) / energy, energy
