"""Energy and feed to make fuels."""

import polars as pl

from sisterport.errors import InputError, ReferenceDataError
from sisterport.fuels.names import fuel_code
from sisterport.reference import load
from sisterport.units import HOURS_PER_YEAR


def production_energy_kwh_per_kg(fuel: str) -> float:
    """Return the electricity to make a fuel from electrolytic hydrogen [kWh/kg of fuel].

    Parameters
    ----------
    fuel
        ``methanol`` (hydrogen and synthesis, CO2 capture not included), ``ammonia`` (synthesis and air separation
        included) or ``liquid_hydrogen`` (electrolysis and liquefaction).

    Raises
    ------
    ReferenceDataError
        For other fuels.

    References
    ----------
    MIT_NavigaTE_inputs ``technology_info.json`` (table ``production_demand``), secondary. Its hydrogen demand of
    ammonia, 0.3556 kg/kg, is twice the stoichiometric 0.1776 and is marked as a defect there; it is never used.

    Examples
    --------
    >>> [round(production_energy_kwh_per_kg(f), 1) for f in ("methanol", "ammonia", "liquid_hydrogen")]
    [11.0, 10.1, 59.0]
    """
    code = fuel_code(fuel)
    if code == "methanol":
        return _demand("MeOH", "h2_demand") * _demand("H2_LTE", "elect_demand") + _demand("MeOH", "elect_demand")
    if code == "ammonia":
        return _demand("NH3", "elect_demand")
    if code == "liquid_hydrogen":
        return _demand("H2_LTE", "elect_demand") + _demand("H2_liq", "elect_demand")
    raise ReferenceDataError(f"no production energy of '{code}' (table production_demand)")


def renewable_power_mw(fuel: str, mass_t_per_year: float, *, capacity_factor: float) -> float:
    """Return the power of wind or solar plants that makes a yearly mass of fuel [MW].

    Parameters
    ----------
    fuel
        As in `production_energy_kwh_per_kg`.
    mass_t_per_year
        Mass [t/yr].
    capacity_factor
        Mean over rated power of the plants [-].

    Raises
    ------
    InputError
        If the capacity factor is not in (0, 1].

    Examples
    --------
    A million tonnes of e-methanol from offshore wind:

    >>> round(renewable_power_mw("methanol", 1e6, capacity_factor=0.45), -1)
    2790.0
    """
    if not 0.0 < capacity_factor <= 1.0:
        raise InputError(f"capacity factor {capacity_factor:g} is not above 0 and up to 1")
    mwh = production_energy_kwh_per_kg(fuel) * mass_t_per_year  # kWh/kg = MWh/t
    return mwh / HOURS_PER_YEAR / capacity_factor


def demand_table() -> pl.DataFrame:
    """Return the table ``production_demand`` without the rows that are marked as defects.

    Examples
    --------
    >>> demand_table().filter(process="NH3", item="h2_demand").height
    0
    """
    return load("production_demand").filter(usable="yes")


def _demand(process: str, item: str) -> float:
    return float(demand_table().filter(process=process, item=item)["value"].item())
