"""The arithmetic of shore-power savings: one formula per function, on numbers, arrays or Polars expressions alike."""

from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.units import G_PER_T

Numbers = Any
"""A number, a NumPy array or a Polars expression: all that knows plus, minus, times and over."""

_S_TO_SO2 = 2.0
"""Mass of SO2 over mass of sulphur: 64/32."""


def connected_h(stay_h: Numbers, *, t_connect_h: Numbers, t_disconnect_h: Numbers) -> Numbers:
    """Return the time on shore power: the stay less the times to connect and disconnect [h]; never below zero.

    Examples
    --------
    >>> connected_h(24.0, t_connect_h=1.0, t_disconnect_h=0.5), connected_h(1.0, t_connect_h=1.0, t_disconnect_h=0.5)
    (22.5, 0.0)
    """
    left = stay_h - t_connect_h - t_disconnect_h
    if isinstance(left, pl.Expr):
        return left.clip(lower_bound=0.0)
    return (abs(left) + left) / 2.0


def fuel_saved_t(energy_kwh: Numbers, *, sfoc_g_per_kwh: Numbers) -> Numbers:
    """Return the fuel that is not burnt [t]: energy to the ship x specific consumption.

    Examples
    --------
    >>> round(fuel_saved_t(410_210.0, sfoc_g_per_kwh=250.0), 2)  # Shanghai 2017
    102.55
    """
    return energy_kwh * sfoc_g_per_kwh / G_PER_T


def co2_gross_t(fuel_t: Numbers, *, cf_t_per_t: Numbers) -> Numbers:
    """Return the CO2 of the fuel that is not burnt [t]; `cf_t_per_t` is the fuel's carbon factor.

    Examples
    --------
    >>> round(co2_gross_t(434.0, cf_t_per_t=3.206), 3)
    1391.404
    """
    return fuel_t * cf_t_per_t


def sox_t(fuel_t: Numbers, *, sulphur_share: Numbers) -> Numbers:
    """Return the SO2 of the fuel that is not burnt [t]: twice the mass of its sulphur.

    Examples
    --------
    >>> round(sox_t(102.55, sulphur_share=0.015), 2)
    3.08
    """
    return fuel_t * sulphur_share * _S_TO_SO2


def pollutant_t(energy_kwh: Numbers, *, ef_g_per_kwh: Numbers) -> Numbers:
    """Return the mass of a pollutant [t] from energy and an emission factor [g/kWh].

    Examples
    --------
    >>> round(pollutant_t(410_210.0, ef_g_per_kwh=9.68), 2)
    3.97
    """
    return energy_kwh * ef_g_per_kwh / G_PER_T


def grid_energy(energy: Numbers, *, converter_efficiency: Numbers, loss_share: Numbers) -> Numbers:
    """Return the energy taken from the grid, in the unit of `energy`: more than the ship gets.

    Parameters
    ----------
    energy
        To the ship.
    converter_efficiency
        Of the frequency converter; 1 where there is none.
    loss_share
        Lost between the grid's meter and the outlet.

    Examples
    --------
    >>> round(grid_energy(2.0e6, converter_efficiency=1.0, loss_share=0.04), 1)
    2083333.3
    """
    return energy / (converter_efficiency * (1.0 - loss_share))


def net_t(gross_t: Numbers, grid_mwh: Numbers, *, ef_grid_t_per_mwh: Numbers) -> Numbers:
    """Return what is saved after the grid's own emissions [t]; negative where the grid is the dirtier one.

    Examples
    --------
    >>> round(net_t(1391.404, 2083.3333, ef_grid_t_per_mwh=0.560), 1)
    224.7
    """
    return gross_t - grid_mwh * ef_grid_t_per_mwh


def break_even_grid_t_per_mwh(
    gross_t: Numbers, energy_mwh: Numbers, *, converter_efficiency: Numbers, loss_share: Numbers
) -> Numbers:
    """Return the grid factor at which nothing is saved [t/MWh].

    Examples
    --------
    >>> round(break_even_grid_t_per_mwh(0.695702, 1.0, converter_efficiency=1.0, loss_share=0.06), 3)
    0.654
    """
    return gross_t / energy_mwh * (converter_efficiency * (1.0 - loss_share))


def capital_recovery_factor(*, interest: float, years: float) -> float:
    """Return the share of an investment to be paid back each year.

    Parameters
    ----------
    interest
        Per year; zero gives ``1 / years``.
    years
        Life of the investment.

    Raises
    ------
    InputError
        If the interest is negative or the life is not positive.

    Examples
    --------
    >>> round(capital_recovery_factor(interest=0.06, years=20), 9)
    0.087184557
    """
    if years <= 0 or interest < 0:
        raise InputError(f"a life of {years:g} years at an interest of {interest:g} per year has no annuity")
    if interest == 0:
        return 1.0 / years
    return float(interest / (1.0 - (1.0 + interest) ** -years))


def cost_usd_per_kwh(
    energy_kwh: float,
    *,
    annual_usd: float,
    tariff_usd_per_kwh: float,
    converter_efficiency: float = 1.0,
    loss_share: float = 0.0,
) -> float | None:
    """Return what a kilowatt hour on board costs [USD/kWh]: capital and operation over the energy, plus the tariff.

    Parameters
    ----------
    energy_kwh
        To ships, in a year. None is returned for none.
    annual_usd
        Annuity and operation of a year.
    tariff_usd_per_kwh
        At the grid's meter.
    converter_efficiency, loss_share
        As in `grid_energy`.

    Examples
    --------
    >>> annual = capital_recovery_factor(interest=0.06, years=20) * 6.0e6 + 120_000
    >>> cost_usd_per_kwh(3.0e6, annual_usd=annual, tariff_usd_per_kwh=0.14, converter_efficiency=0.96, loss_share=0.03)
    ... # doctest: +ELLIPSIS
    0.36471275...
    """
    if energy_kwh <= 0:
        return None
    tariff = grid_energy(tariff_usd_per_kwh, converter_efficiency=converter_efficiency, loss_share=loss_share)
    return float(annual_usd / energy_kwh + tariff)


def abatement_usd_per_t(
    net_co2_t: float, *, annual_usd: float, electricity_usd: float, fuel_usd: float, avoided_usd: float = 0.0
) -> float | None:
    """Return the cost of a tonne saved [USD/t]; None where nothing is saved, for then it is not defined.

    Parameters
    ----------
    net_co2_t
        Saved in a year, net of the grid.
    annual_usd
        Annuity and operation of a year.
    electricity_usd, fuel_usd
        Paid for electricity, and not paid for fuel.
    avoided_usd
        Allowances, penalties and the like that are not paid.

    Examples
    --------
    >>> abatement_usd_per_t(-98.3, annual_usd=1.0e5, electricity_usd=1.0e5, fuel_usd=1.0e5) is None
    True
    """
    if net_co2_t <= 0:
        return None
    return (annual_usd + electricity_usd - fuel_usd - avoided_usd) / net_co2_t


def utilisation(connected_hours: float, *, available_hours: float) -> float | None:
    """Return the share of the hours in which an outlet could be used that it was; None for none.

    Examples
    --------
    >>> utilisation(2190.0, available_hours=8760.0)
    0.25
    """
    return connected_hours / available_hours if available_hours > 0 else None
