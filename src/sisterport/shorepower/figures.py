"""A case worked through from plain inputs: every figure of one outlet and year that they are enough for."""

from collections.abc import Mapping

from sisterport.errors import MethodError, did_you_mean
from sisterport.shorepower.saving_formulas import (
    abatement_usd_per_t,
    break_even_grid_t_per_mwh,
    capital_recovery_factor,
    co2_gross_t,
    connected_h,
    cost_usd_per_kwh,
    fuel_saved_t,
    grid_energy,
    net_t,
    pollutant_t,
    sox_t,
    utilisation,
)
from sisterport.units import KG_PER_T, KWH_PER_MWH

_INPUTS = (
    "energy_kwh",
    "stay_h",
    "mean_power_kw",
    "t_connect_h",
    "t_disconnect_h",
    "sfoc_g_per_kwh",
    "cf_t_per_t",
    "sulphur_share",
    "nox_g_per_kwh",
    "pm_g_per_kwh",
    "bc_g_per_kwh",
    "converter_efficiency",
    "grid_loss",
    "grid_co2_kg_per_kwh",
    "grid_nox_g_per_kwh",
    "grid_pm_g_per_kwh",
    "capex_usd",
    "opex_usd",
    "interest",
    "years",
    "tariff_usd_per_kwh",
    "fuel_usd_per_t",
    "avoided_usd",
    "available_h",
)


def figures(inputs: Mapping[str, float]) -> dict[str, float]:
    """Return every figure that can be worked out from plain inputs, for one outlet and year.

    Parameters
    ----------
    inputs
        Any of: ``energy_kwh`` (or ``stay_h``, ``mean_power_kw``, ``t_connect_h``, ``t_disconnect_h``),
        ``sfoc_g_per_kwh``, ``cf_t_per_t``, ``sulphur_share``, ``nox_g_per_kwh``, ``pm_g_per_kwh``, ``bc_g_per_kwh``,
        ``converter_efficiency`` (1 if absent), ``grid_loss`` (0 if absent), ``grid_co2_kg_per_kwh``,
        ``grid_nox_g_per_kwh``, ``grid_pm_g_per_kwh``, ``capex_usd``, ``opex_usd``, ``interest``, ``years``,
        ``tariff_usd_per_kwh``, ``fuel_usd_per_t``, ``avoided_usd``, ``available_h``.

    Returns
    -------
    dict
        ``energy_kwh, grid_energy_kwh, fuel_saved_t, co2_gross_t, co2_net_t, break_even_grid_kg_per_kwh, sox_t, nox_t,
        nox_net_t, pm_t, pm_net_t, bc_t, crf, cost_usd_per_kwh, abatement_usd_per_t, connected_h, utilisation``: those
        that the inputs are enough for. No abatement cost where nothing is saved.

    Raises
    ------
    MethodError
        For an unknown input.

    Examples
    --------
    >>> found = figures({"energy_kwh": 1.0e6, "sfoc_g_per_kwh": 217.0, "cf_t_per_t": 3.206, "grid_co2_kg_per_kwh": 0.3})
    >>> round(found["co2_gross_t"], 3), round(found["co2_net_t"], 3)
    (695.702, 395.702)
    """
    for name in inputs:
        if name not in _INPUTS:
            raise MethodError(f"unknown input '{name}'{did_you_mean(name, _INPUTS)}; there are {', '.join(_INPUTS)}")
    found = _energy(inputs)
    if "energy_kwh" in found:
        found |= _avoided(found, inputs)
    if {"interest", "years"} <= inputs.keys():
        found["crf"] = capital_recovery_factor(interest=inputs["interest"], years=inputs["years"])
    return found | _money(found, inputs)


def _energy(given: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    if "stay_h" in given:
        times = {name: given.get(name, 0.0) for name in ("t_connect_h", "t_disconnect_h")}
        found["connected_h"] = connected_h(given["stay_h"], **times)
        used = utilisation(found["connected_h"], available_hours=given.get("available_h", 0.0))
        found |= {} if used is None else {"utilisation": used}
    if "energy_kwh" in given:
        found["energy_kwh"] = given["energy_kwh"]
    elif {"stay_h", "mean_power_kw"} <= given.keys():
        found["energy_kwh"] = given["mean_power_kw"] * found["connected_h"]
    if "energy_kwh" in found:
        found["grid_energy_kwh"] = grid_energy(found["energy_kwh"], **_losses(given))
    return found


def _losses(given: Mapping[str, float]) -> dict[str, float]:
    return {
        "converter_efficiency": given.get("converter_efficiency", 1.0),
        "loss_share": given.get("grid_loss", 0.0),
    }


def _avoided(found: Mapping[str, float], given: Mapping[str, float]) -> dict[str, float]:
    energy, grid_mwh = found["energy_kwh"], found["grid_energy_kwh"] / KWH_PER_MWH
    new: dict[str, float] = {}
    if "sfoc_g_per_kwh" in given:
        new["fuel_saved_t"] = fuel_saved_t(energy, sfoc_g_per_kwh=given["sfoc_g_per_kwh"])
        if "sulphur_share" in given:
            new["sox_t"] = sox_t(new["fuel_saved_t"], sulphur_share=given["sulphur_share"])
        if "cf_t_per_t" in given:
            gross = co2_gross_t(new["fuel_saved_t"], cf_t_per_t=given["cf_t_per_t"])
            new["co2_gross_t"] = gross
            if energy > 0:
                new["break_even_grid_kg_per_kwh"] = break_even_grid_t_per_mwh(
                    gross, energy / KWH_PER_MWH, **_losses(given)
                )
            if "grid_co2_kg_per_kwh" in given:
                new["co2_net_t"] = net_t(gross, grid_mwh, ef_grid_t_per_mwh=given["grid_co2_kg_per_kwh"])
    for name in ("nox", "pm", "bc"):
        if f"{name}_g_per_kwh" in given:
            new[f"{name}_t"] = pollutant_t(energy, ef_g_per_kwh=given[f"{name}_g_per_kwh"])
            if f"grid_{name}_g_per_kwh" in given:
                factor = given[f"grid_{name}_g_per_kwh"] / KG_PER_T  # g/kWh are kg/MWh
                new[f"{name}_net_t"] = net_t(new[f"{name}_t"], grid_mwh, ef_grid_t_per_mwh=factor)
    return new


def _money(found: Mapping[str, float], given: Mapping[str, float]) -> dict[str, float]:
    if "energy_kwh" not in found or "tariff_usd_per_kwh" not in given or ("capex_usd" in given and "crf" not in found):
        return {}
    annual = found.get("crf", 0.0) * given.get("capex_usd", 0.0) + given.get("opex_usd", 0.0)
    tariff = given["tariff_usd_per_kwh"]
    per_kwh = cost_usd_per_kwh(found["energy_kwh"], annual_usd=annual, tariff_usd_per_kwh=tariff, **_losses(given))
    new = {} if per_kwh is None else {"cost_usd_per_kwh": per_kwh}
    if "co2_net_t" in found and "fuel_usd_per_t" in given:
        per_t = abatement_usd_per_t(
            found["co2_net_t"],
            annual_usd=annual,
            electricity_usd=found["grid_energy_kwh"] * tariff,
            fuel_usd=found["fuel_saved_t"] * given["fuel_usd_per_t"],
            avoided_usd=given.get("avoided_usd", 0.0),
        )
        if per_t is not None:
            new["abatement_usd_per_t"] = per_t
    return new
