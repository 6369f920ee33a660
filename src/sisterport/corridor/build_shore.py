"""Shore power of a scenario: which share of the energy at berth it can give, what it costs, what the law asks."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.corridor.itinerary import timetable
from sisterport.corridor.scenario import PortFacts, RuleChoices, Scenario, Service
from sisterport.corridor.vessels import berth_work, efficiency, fuel_energy_gj
from sisterport.errors import ReferenceDataError
from sisterport.reference import country_of, load
from sisterport.rules.at_berth import california_ports
from sisterport.rules.clauses import clause
from sisterport.rules.prices import usd_per_eur
from sisterport.rules.rows import rule
from sisterport.rules.scope import country_row
from sisterport.shorepower.coverage import coverage
from sisterport.tables import read_file
from sisterport.units import G_PER_KG, KWH_PER_MJ, MJ_PER_GJ

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_KWH_PER_GJ = KWH_PER_MJ * MJ_PER_GJ
_SHIP_CLASS = "container"
MATCH_FRAMES = ("stays", "verdicts")
"""Files of a match that shares at berth are taken from."""


def shore_shares(scenario: Scenario) -> pl.DataFrame:
    """Return the share of the electricity at berth that can come from shore, by port.

    A share of the file goes first; otherwise the match of ships and berths in ``[shore_power] folder`` tells it, by the
    energy of container ships: what could connect as it is, and where the plan has to open shore power also what could
    after a fix of the berth. What is undecided there counts as not.

    Returns
    -------
    polars.DataFrame
        locode, share, undecided (share of the energy whose verdict is open), source.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> shore_shares(example("shanghai-los-angeles")).row(0)
    ('CNSGH', 0.8, 0.0, 'file')
    """
    matched = {} if scenario.shore_folder is None else _matched(scenario.shore_folder)
    rows = []
    for port in scenario.ports:
        if port.shore_share is not None:
            rows.append((port.locode, port.shore_share, 0.0, "file"))
        elif port.locode in matched:
            now, after, undecided = matched[port.locode]
            opened = port.shore_from is not None
            rows.append((port.locode, now if opened else now + after, undecided, f"match in {scenario.shore_folder}"))
        else:
            rows.append((port.locode, 0.0, 0.0, "none: nothing is known of the port"))
    return pl.DataFrame(rows, schema=["locode", "share", "undecided", "source"], orient="row")


def _matched(folder: Path) -> dict[str, tuple[float, float, float]]:
    stays, verdicts = (read_file(folder / f"{name}.parquet") for name in MATCH_FRAMES)
    found = coverage(stays, verdicts, by=("locode", "ship_class")).filter(ship_class=_SHIP_CLASS)
    columns = ("could_energy", "after_berth_fix_energy", "undecided_energy")
    return {row["locode"]: tuple(row[c] or 0.0 for c in columns) for row in found.to_dicts()}  # type: ignore[misc]


def electric_share(scenario: Scenario, service: Service) -> float:
    """Return the share of the fuel energy at berth that makes electricity; the rest makes heat and stays on board.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> scenario = example("shanghai-los-angeles")
    >>> round(electric_share(scenario, scenario.services[0]), 3)
    0.599
    """
    work = max(
        berth_work(service.vessel_class, timetable(service, closed=scenario.closed)), key=lambda w: w.electric_mwh
    )
    whole = fuel_energy_gj(work, "oil")
    heat = work.heat_mwh / efficiency("boiler", "oil") / KWH_PER_MJ
    return 1.0 - heat / whole if whole else 0.0


def connectable(scenario: Scenario) -> Floats:
    """Return the share of the energy of each call that can come from shore once the port is open [C]."""
    share = dict(shore_shares(scenario).select("locode", "share").iter_rows())
    return np.array([share[port] * electric_share(scenario, s) for s in scenario.services for port in s.ports])


def shore_openings(scenario: Scenario) -> tuple[Floats, Ints]:
    """Return the cost of opening shore power by port and year [MUSD] and the first year possible, as for bunkering."""
    never = len(scenario.years)
    cost, first = np.zeros((len(scenario.ports), never)), np.full(len(scenario.ports), never, np.int64)
    for p, port in enumerate(scenario.ports):
        if port.shore_from is not None:
            index = port.shore_from - scenario.first_year
            first[p] = -1 if index <= 0 else min(index, never)
        elif port.shore_musd is not None:
            cost[p], first[p] = port.shore_musd, 0
    return cost, first


def electricity(scenario: Scenario) -> tuple[Floats, Floats]:
    """Return price [USD/GJ] and emissions [t/TJ] of shore electricity by port and year; zero where there is none."""
    count = len(scenario.years)
    cost = [(port.electricity_usd_per_kwh or 0.0) * _KWH_PER_GJ for port in scenario.ports]
    rate = [grid_g_per_kwh(port) * KWH_PER_MJ for port in scenario.ports]  # g/MJ is t/TJ
    return np.repeat(np.array(cost)[:, None], count, 1), np.repeat(np.array(rate)[:, None], count, 1)


def grid_g_per_kwh(port: PortFacts) -> float:
    """Return the emissions of a port's electricity [g/kWh]: the file's, else its country's; zero without shore power.

    Raises
    ------
    ReferenceDataError
        If neither is known.
    """
    if port.grid_g_per_kwh is not None or (port.shore_from is None and port.shore_musd is None):
        return port.grid_g_per_kwh or 0.0
    rows = load("grid_co2_by_country").filter(country_code=country_of(port.locode))
    if rows.is_empty():
        raise ReferenceDataError(f"no grid emissions of {country_of(port.locode)} are known: give grid_g_per_kwh")
    return float(rows["ef_grid_t_per_mwh"].item() * G_PER_KG)  # t/MWh is kg/kWh


def duties(scenario: Scenario) -> tuple[Floats, Floats]:
    """Return the share of the energy at berth that the law wants from shore [C, Y], and the price of what is missed.

    California (At Berth): from two hours after arrival to one hour before departure, of every visit. China: the whole
    stay where the berth has shore power and the stay is longer than the limit. European Union, from 2030: all stays
    under FuelEU, at its penalty per kWh; under AFIR alone the required share of calls, which may not be missed. No duty
    is above what can connect: the rest is for the alternatives of the law, which a plan does not hold.
    """
    can = connectable(scenario)
    calls = [(s, port, s.berth_h[i]) for s in scenario.services for i, port in enumerate(s.ports)]
    wanted, price = np.zeros((len(calls), len(scenario.years))), np.full((len(calls), len(scenario.years)), np.inf)
    for c, (service, code, hours) in enumerate(calls):
        port, electric = scenario.port(code), electric_share(scenario, service)
        for y, year in enumerate(scenario.years):
            share, missed = _duty(scenario.rules, port, hours, year)
            wanted[c, y] = min(share * electric, can[c])
            price[c, y] = missed
    return wanted, price


def _duty(choices: RuleChoices, port: PortFacts, hours: float, year: int) -> tuple[float, float]:
    """Return the share of the electricity that is wanted, and the price of what is missed [USD/GJ of fuel]."""
    if port.shore_from is None and port.shore_musd is None:
        return 0.0, np.inf
    country = country_of(port.locode)
    if choices.at_berth and port.locode in california_ports():
        edges = [rule("carb_at_berth", name).number for name in ("control_starts_within", "control_ends_not_before")]
        return (max(0.0, 1.0 - sum(edges) / hours) if hours else 0.0), np.inf
    if choices.china and country == "CN":
        limit = rule("china_measures", "must_connect_if_berth_longer_than", applies_to="coastal").number
        there = port.shore_from is not None and port.shore_from <= year
        return (1.0 if there and hours > limit else 0.0), np.inf
    if (choices.fueleu or choices.afir) and country_row(country, year)["eu"] == "yes":
        return _european(choices, year)
    return 0.0, np.inf


def _european(choices: RuleChoices, year: int) -> tuple[float, float]:
    share = rule("afir", "required_share")
    if share.valid_from is not None and date(year, 12, 31) < date(share.valid_from.year + 1, 1, 1):
        return 0.0, np.inf  # from the end of 2029: the first whole year is 2030
    if not choices.fueleu:
        return share.number, np.inf
    eur = clause("fueleu_rules", "ops_penalty", year).value * usd_per_eur(year, choices.usd_per_eur).value
    return 1.0, eur * _KWH_PER_GJ * efficiency("auxiliary_engine", "oil")
