"""What a corridor's services emit today: energy, fuel and emissions by leg and port, from timetables and sea routes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from sisterport.corridor.boundary import MEANING, NOTHING, calls_at_both, end_of, is_direct, named
from sisterport.corridor.fuel_factors import factors
from sisterport.corridor.itinerary import Timetable, timetable
from sisterport.corridor.scenario import Scenario, Service
from sisterport.corridor.vessels import Work, berth_work, fuel_energy_gj, leg_work
from sisterport.errors import MethodError, choose
from sisterport.inventory.summaries import known_sum
from sisterport.tables import check
from sisterport.units import G_PER_KG, KG_PER_T

_AMOUNTS = (
    "distance_nm_per_year",
    "hours_per_year",
    "hours_bridged_per_year",
    "hours_unknown_per_year",
    "energy_gj_per_year",
    "fuel_t_per_year",
    "co2e_ttw_t_per_year",
    "co2e_wtw_t_per_year",
    "teu_nm_per_year",
)
KEYS = ("service", "kind", "place", "from_locode", "to_locode", "end")
"""What totals can be made by."""


def baseline(scenario: Scenario, *, boundary: str | None = None, year: int | None = None) -> pl.DataFrame:
    """Return what the services of a scenario need and emit in a year on the fuel that ships burn today.

    Where cargo grows, a later year has the departures of the first and those more that its cargo needs, by the ships
    and at the speed of today.

    Parameters
    ----------
    scenario
        From `read_scenario`.
    boundary
        ``direct``, ``string`` or ``cargo``; None takes the scenario's.
    year
        Year of the horizon; None takes the first.

    Returns
    -------
    polars.DataFrame
        Table ``corridor_baseline``: one row for each leg and each stay of each service that counts. Electricity at
        berth is made on board: shore power of today is not taken off.

    Raises
    ------
    MethodError
        An unknown boundary, ``cargo`` without the services' share of corridor cargo, nothing within the boundary, or a
        year outside the horizon.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> string = baseline(example("shanghai-los-angeles"))
    >>> direct = baseline(example("shanghai-los-angeles"), boundary="direct")
    >>> direct["place"].unique().sort().to_list()
    ['CNSGH-USLAX', 'CNSGH-USLGB', 'USLAX-CNSGH']
    >>> direct["energy_gj_per_year"].sum() < string["energy_gj_per_year"].sum()
    True
    """
    limit = named(boundary or scenario.boundary)
    if year is not None and year not in scenario.years:
        raise MethodError(f"{year} is outside the horizon, {scenario.first_year} to {scenario.last_year}")
    after = 0 if year is None else year - scenario.first_year
    rows = [row for service in scenario.services for row in _rows(scenario, service, limit, after)]
    if not rows:
        raise MethodError(NOTHING.format(boundary=limit, meaning=MEANING[limit]))
    return check(pl.DataFrame(rows, infer_schema_length=None), "corridor_baseline")


def _rows(scenario: Scenario, service: Service, limit: str, after: int) -> list[dict[str, Any]]:
    if not calls_at_both(service.ports, scenario.ends):
        return []
    share = _share(service, limit)
    plan = timetable(service, closed=scenario.closed)
    held = service.capacity_teu * plan.departures_per_year
    more = max(1.0, service.teu_after(after) / held)
    plan = replace(plan, departures_per_year=plan.departures_per_year * more)
    teu = service.capacity_teu * service.utilisation * service.teu_after(after) / service.teu_per_year / more
    legs = []
    works = leg_work(service.vessel_class, plan, scenario.ships)
    for number, work in enumerate(works):
        start, goal = service.ports[number], service.ports[(number + 1) % len(service.ports)]
        if limit == "direct" and not is_direct(start, goal, scenario.ends):
            continue
        nm, hours = plan.distance_nm[number], plan.sea_h[number] + plan.buffer_h / len(works)
        row = {"kind": "leg", "place": f"{start}-{goal}", "from_locode": start, "to_locode": goal, "end": None}
        legs.append(
            {"boundary": limit} | row | _amounts(scenario, service, plan, work, share, nm=nm, hours=hours, teu=teu)
        )
    if limit == "direct":
        return legs
    stays = []
    for port, hours, work in zip(service.ports, plan.berth_h, berth_work(service.vessel_class, plan), strict=True):
        row = {"kind": "berth", "place": port, "from_locode": port, "to_locode": None}
        stays.append(
            {"boundary": limit, "end": end_of(port, scenario.ends)}
            | row
            | _amounts(scenario, service, plan, work, share, nm=0.0, hours=hours, teu=teu)
        )
    return [*legs, *stays]


def _share(service: Service, limit: str) -> float:
    if limit != "cargo":
        return 1.0
    if service.cargo_share is None:
        raise MethodError(f"the boundary 'cargo' needs corridor_cargo_share of service '{service.id}'")
    return service.cargo_share


def _amounts(
    scenario: Scenario, service: Service, plan: Timetable, work: Work, share: float,
    *, nm: float, hours: float, teu: float,
) -> dict[str, Any]:  # fmt: skip
    """Return the yearly amounts of one leg or stay."""
    burnt = scenario.fuel(scenario.ships.burns)
    own = factors(burnt, methane_engine=scenario.ships.methane_engine, gwp=scenario.gwp)
    trips = plan.departures_per_year * share
    energy = fuel_energy_gj(work, burnt.family) * trips
    return {
        "basis": "services",
        "service": service.id,
        "share": share,
        "trips_per_year": trips,
        "distance_nm_per_year": nm * trips,
        "hours_per_year": hours * trips,
        "hours_bridged_per_year": 0.0,
        "hours_unknown_per_year": 0.0,
        "energy_gj_per_year": energy,
        "fuel_t_per_year": energy / own.lcv_mj_per_kg,  # GJ/t is MJ/kg
        "co2e_ttw_t_per_year": tonnes(energy, own.ttw_g_per_mj),
        "co2e_wtw_t_per_year": tonnes(energy, own.wtw_g_per_mj),
        "teu_nm_per_year": teu * nm * trips,
    }


def tonnes(energy_gj: float, g_per_mj: float) -> float:
    """Return emissions [t] of an energy [GJ] at an intensity [g/MJ].

    Examples
    --------
    >>> tonnes(1000.0, 92.0)
    92.0
    """
    return energy_gj * g_per_mj / G_PER_KG  # GJ g/MJ = kg


def totals(rows: Any, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Return the totals of a baseline, with its boundary on every row.

    Parameters
    ----------
    rows
        Table ``corridor_baseline``.
    by
        Keys from `KEYS`; none gives one row.

    Returns
    -------
    polars.DataFrame
        boundary, basis, the keys, the yearly amounts (trips only by ``place``), and per transport work
        ``energy_mj_per_teu_nm``, ``ttw_g_per_teu_nm``, ``wtw_g_per_teu_nm``: of the rows whose TEU nm are known, stays
        in port included, null where there is no transport work.

    Raises
    ------
    MethodError
        An unknown key.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> totals(baseline(example("shanghai-hamburg")), by=["kind"]).select("boundary", "kind").rows()
    [('string', 'berth'), ('string', 'leg')]
    """
    for key in by:
        choose("key", key, KEYS)
    data = check(rows, "corridor_baseline")
    known = pl.col("teu_nm_per_year").is_not_null()
    work = pl.col("teu_nm_per_year").sum()

    def per_work(column: str, factor: float) -> pl.Expr:
        return pl.when(work > 0).then(pl.col(column).filter(known).sum() / work * factor)

    return (
        data.group_by("boundary", "basis", *by, maintain_order=True)
        .agg(
            *([pl.col("trips_per_year").sum()] if "place" in by else []),
            *(known_sum(column).alias(column) for column in _AMOUNTS),
            per_work("energy_gj_per_year", G_PER_KG).alias("energy_mj_per_teu_nm"),
            per_work("co2e_ttw_t_per_year", G_PER_KG * KG_PER_T).alias("ttw_g_per_teu_nm"),
            per_work("co2e_wtw_t_per_year", G_PER_KG * KG_PER_T).alias("wtw_g_per_teu_nm"),
        )
        .sort("boundary", "basis", *by, nulls_last=True)
    )
