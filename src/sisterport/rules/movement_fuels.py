"""The fuels of Annex II that movements burn: from a fuel's word or code, the system and the engine."""

from dataclasses import dataclass

import polars as pl

from sisterport.errors import InputError, MethodError, ReferenceDataError, choose
from sisterport.fuels.names import named_fuel
from sisterport.rules.fueleu_fuels import factors, fuel_id
from sisterport.units import KG_PER_T

GRADES = ("HFO", "LFO", "MDO")
"""Fuels of Annex II that a low sulphur fuel oil may be by its grade."""
LNG_ENGINES = ("LPDF_4S", "LPDF_2S", "HPDF", "LBSI")
"""Engines that Annex II has a slip for."""

_LOW_SULPHUR = ("vlsfo", "ulsfo")
_METHANE = "lng"


@dataclass(frozen=True, slots=True, kw_only=True)
class FuelChoices:
    """What is taken where Annex II needs more than is known.

    Attributes
    ----------
    low_sulphur : str
        Grade of fuel oil up to 0.50 or 0.10 % sulphur, one of `GRADES`: the delivery note decides. RMG and RMK, the
        usual grades, are HFO.
    lng_auxiliary : str
        Engine in which auxiliary engines of a ship with another gas engine burn LNG, one of `LNG_ENGINES`.
    lng_other : str
        Engine whose slip stands for boilers, steam and gas turbines, for which Annex II has no row: the lowest, as
        they burn nearly all of it.
    """

    low_sulphur: str = "HFO"
    lng_auxiliary: str = "LPDF_4S"
    lng_other: str = "HPDF"

    def __post_init__(self) -> None:
        choose("grade of low sulphur fuel oil", self.low_sulphur, GRADES)
        choose("engine of auxiliary engines on LNG", self.lng_auxiliary, LNG_ENGINES)
        choose("engine for boilers and turbines on LNG", self.lng_other, LNG_ENGINES)


def annex_fuel(
    fuel: str, system: str | None, engine_type: str | None, fuel_class: str | None, *, choices: FuelChoices
) -> tuple[str, str]:
    """Return the fuel of Annex II, and how it is known.

    Parameters
    ----------
    fuel
        Code or word.
    system
        ``main``, ``auxiliary_engine``, ``boiler`` or None.
    engine_type
        Engine of that system if it is known, else of the ship.
    fuel_class
        ``fossil``, ``bio``, ``rfnbo`` or None: from the word.
    choices
        What is taken where this does not tell.

    Raises
    ------
    InputError, ReferenceDataError
        No such fuel, or none in Annex II.

    Examples
    --------
    >>> annex_fuel("distillate", "main", "MSD", None, choices=FuelChoices())
    ('MDO', 'given')
    >>> annex_fuel("lng", "boiler", "LPDF_2S", None, choices=FuelChoices())
    ('LNG_diesel_ss', 'assumed: slip as in HPDF, Annex II has no boilers or turbines')
    """
    named = named_fuel(fuel)
    if named.fuel in _LOW_SULPHUR:
        return choices.low_sulphur, f"assumed: low sulphur fuel oil as {choices.low_sulphur}"
    engine, source = _engine(named.fuel, system, engine_type, choices)
    return fuel_id(fuel, engine, fuel_class=fuel_class or ""), source


def _engine(code: str, system: str | None, engine_type: str | None, choices: FuelChoices) -> tuple[str, str]:
    if code != _METHANE:
        return engine_type or "", "given"
    if system == "boiler" or engine_type in {"ST", "GT"}:
        return choices.lng_other, f"assumed: slip as in {choices.lng_other}, Annex II has no boilers or turbines"
    if system == "auxiliary_engine" and engine_type != choices.lng_auxiliary:
        return choices.lng_auxiliary, f"assumed: auxiliary engines as {choices.lng_auxiliary}"
    return engine_type or "", "given"


def with_annex_fuels(frame: pl.DataFrame, *, choices: FuelChoices | None = None) -> pl.DataFrame:
    """Replace a frame's fuels by those of Annex II, all faults at once, and work out the energy.

    Parameters
    ----------
    frame
        With fuel, fuel_class, system, engine_type, mass_t and lcv_mj_per_kg.
    choices
        What is taken where Annex II needs more than is known.

    Returns
    -------
    polars.DataFrame
        The frame with fuel, fuel_source and energy_mj [MJ].

    Raises
    ------
    InputError
        Naming every fuel that Annex II does not have.

    Examples
    --------
    >>> rows = {"fuel": ["residual"], "fuel_class": [None], "system": ["main"], "engine_type": ["SSD"]}
    >>> rows |= {"mass_t": [10.0], "lcv_mj_per_kg": [None]}
    >>> with_annex_fuels(pl.DataFrame(rows)).select("fuel", "energy_mj").row(0)
    ('HFO', 405000.0)
    """
    keys = ["fuel", "system", "engine_type", "fuel_class"]
    texts = frame.with_columns(pl.col(keys).cast(pl.String))
    unique = texts.select(keys).unique(maintain_order=True)
    found: list[tuple[str | None, str]] = []
    faults: list[str] = []
    for fuel, system, engine, fuel_class in unique.iter_rows():
        if fuel is None:
            found.append((None, "nothing known or nothing burnt"))
            continue
        try:
            found.append(annex_fuel(fuel, system, engine, fuel_class, choices=choices or FuelChoices()))
        except (InputError, ReferenceDataError, MethodError) as error:
            faults.append(str(error))
            found.append((None, ""))
    if faults:
        raise InputError("; ".join(dict.fromkeys(faults)))
    ids = unique.with_columns(
        pl.Series("_id", [name for name, _ in found], pl.String),
        pl.Series("fuel_source", [source for _, source in found], pl.String),
    )
    lcv = factors().select(pl.col("fuel").alias("_id"), pl.col("lcv_mj_per_kg").alias("_lcv"))
    return (
        texts.join(ids, on=keys, how="left", nulls_equal=True, maintain_order="left")
        .join(lcv, on="_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("_id").alias("fuel"),
            energy_mj=pl.col("mass_t") * KG_PER_T * pl.coalesce(pl.col("lcv_mj_per_kg").cast(pl.Float64), "_lcv"),
        )
        .drop("_id", "_lcv")
    )
