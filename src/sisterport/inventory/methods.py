"""The inventory methods by name: what each is fit for, its choices and its references."""

from dataclasses import dataclass

from sisterport.engines.laws import RESISTANCE
from sisterport.errors import choose


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What a method is, without its numbers: those are in the reference tables.

    Attributes
    ----------
    name, title, fitness : str
        Name in options, name in reports, and the ships that it was made for.
    load_laws : tuple of str
        Load laws of `sisterport.engines` that go with it, the usual one first.
    aux_tables : tuple of str
        Tables of auxiliary and boiler power, the usual one first.
    notes : tuple of str
        What it does where its sources leave a choice or a gap.
    references : tuple of str
        Documents behind the tables.
    """

    name: str
    title: str
    fitness: str
    load_laws: tuple[str, ...]
    aux_tables: tuple[str, ...]
    notes: tuple[str, ...]
    references: tuple[str, ...]


METHODS = {
    "ghg4": Method(
        name="ghg4",
        title="Fourth IMO GHG Study (2020)",
        fitness="Ocean-going ships; harbour craft with the auxiliary loads of the study's service classes",
        load_laws=("ghg4", *RESISTANCE),
        aux_tables=("ghg4", "ghg3", "starcrest2016"),
        notes=(
            "VLSFO takes the engine factors of residual fuel at its own sulphur and carbon.",
            "A year without a sulphur value takes the nearest year of the table.",
            "A build period or NOx tier without a row takes the nearest one that has a row.",
            "An unknown build year counts as after 2000, an unknown NOx tier as nox_tier_unknown.",
            "Low-load factors act on the main engine only, and not on methane slip of gas engines.",
            "Scrubbed ships emit SOx as fuel at the limit of the place; particles follow the fuel burnt.",
        ),
        references=(
            "Fourth IMO GHG Study 2020, Tables 17, 19, 21, 44, 55, 56, 59, 60 through three transcriptions",
            "ICCT SAVE v2025.03.1 documentation",
        ),
    ),
    "epa": Method(
        name="epa",
        title="US EPA Marine Emissions Tools beta 0.2",
        fitness="Category 3 ocean-going ships; harbour craft: no (it has no high-speed main engines)",
        load_laws=("epa_propeller", "epa_admiralty", *RESISTANCE),
        aux_tables=("ghg3", "starcrest2016", "ghg4"),
        notes=(
            "Fuel follows the place and the engine, not what the ship is known to burn, nor a scrubber.",
            "High-speed main engines count as medium-speed, as the EPA's own 500 rpm cut does.",
            "Tier III counts inside NOx control areas only; the EPA tool takes a tier as given.",
            "CH4 and N2O are no part of the EPA tables: they come from FuelEU Annex II per fuel burnt.",
            "Vehicle carriers take their own auxiliary rows, not those of ro-ro ships.",
        ),
        references=(
            "USEPA Marine Emissions Tools beta 0.2 (ShipEF 0.2, ShipPowerModel 0.2), 2022",
            "US EPA, Port Emissions Inventory Guidance, EPA-420-B-22-011, 2022",
        ),
    ),
}


def method(name: str) -> Method:
    """Return an inventory method by name.

    Parameters
    ----------
    name
        ``ghg4`` or ``epa``.

    Raises
    ------
    MethodError
        If there is no such method.

    Examples
    --------
    >>> method("epa").aux_tables[0]
    'ghg3'
    """
    return METHODS[choose("method", name, list(METHODS))]
