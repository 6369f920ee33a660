"""The legs that reach asks about: of the services of a scenario, or of ships that AIS saw."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl

from sisterport.corridor.boundary import Ends, calls_at_both, end_of
from sisterport.corridor.itinerary import timetable
from sisterport.corridor.scenario import Scenario
from sisterport.corridor.vessels import classes, fuel_energy_gj, leg_work
from sisterport.reference import load
from sisterport.tables import check
from sisterport.units import DAYS_PER_YEAR


def legs_of_services(scenario: Scenario) -> pl.DataFrame:
    """Return the legs of the services that call at both ends, with today's ships.

    Returns
    -------
    polars.DataFrame
        Table ``reach_legs``.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> legs_of_services(example("shanghai-los-angeles")).filter(ship="tp-1").select("from_locode", "voyage").rows()
    [('CNNBO', 1), ('CNSGH', 0), ('USLAX', 1), ('USOAK', 1)]
    """
    rows: list[dict[str, Any]] = []
    for service in scenario.services:
        if not calls_at_both(service.ports, scenario.ends):
            continue
        plan = timetable(service, closed=scenario.closed)
        onward = (*service.ports[1:], service.ports[0])
        voyages = voyages_of_ring(service.ports, scenario.ends)
        works = leg_work(service.vessel_class, plan, scenario.ships)
        for number, work in enumerate(works):
            rows.append(
                {
                    "ship": service.id,
                    "from_locode": service.ports[number],
                    "to_locode": onward[number],
                    "voyage": voyages[number],
                    "trips_per_year": plan.departures_per_year,
                    "distance_nm": plan.distance_nm[number],
                    "hours": plan.sea_h[number],
                    "energy_gj": fuel_energy_gj(work, "oil"),
                    "tank_m3": float(classes()[service.vessel_class]["main_tank_m3"]),
                    "teu": service.capacity_teu,
                    "tank_source": "class",
                }
            )
    return check(pl.DataFrame(rows, infer_schema_length=None), "reach_legs")


def voyages_of_ring(ports: Sequence[str], ends: Ends) -> list[int | None]:
    """Return for each leg of a rotation the voyage from end to end that it is part of.

    A voyage is what lies between a call at one end and the next call at the other end.

    Examples
    --------
    >>> voyages_of_ring(["CNSGH", "KRPUS", "USLAX", "USLGB"], (["CNSGH"], ["USLAX", "USLGB"]))
    [0, 0, None, 1]
    """
    start = next(i for i, port in enumerate(ports) if end_of(port, ends))
    turned = [*ports[start:], *ports[:start], ports[start]]
    found = _voyages(turned, ends)
    return found[len(ports) - start :] + found[: len(ports) - start]


def _voyages(calls: Sequence[str | None], ends: Ends) -> list[int | None]:
    """Return the voyage of each leg between calls that follow one another."""
    found: list[int | None] = [None] * (len(calls) - 1)
    begun, number = None, 0
    for place, port in enumerate(calls):
        here = end_of(port, ends)
        if here is None:
            continue
        if begun is not None and end_of(calls[begun], ends) != here:
            found[begun:place] = [number] * (place - begun)
            number += 1
        begun = place
    return found


def legs_of_ships(legs: Any, energy: Any, ships: Any, *, ends: Ends, days: float) -> pl.DataFrame:
    """Return the legs of ships that AIS saw.

    Parameters
    ----------
    legs
        Frame of the table ``legs``; those without a port at one of their ends are left out.
    energy
        Frame with ``part_id`` (the leg's id) and ``energy_gj``, of `sisterport.corridor.baseline_ais.leg_energy`.
    ships
        Frame of the table ``ships``: its capacity tells the tanks, between the classes of ``vessel_classes``.
    ends
        Ports of the two ends.
    days
        Days that the legs stand for.

    Returns
    -------
    polars.DataFrame
        Table ``reach_legs``.
    """
    known = check(legs, "legs").drop_nulls(["from_locode", "to_locode"]).sort("mmsi", "departure_utc")
    joined = known.join(energy, left_on="leg_id", right_on="part_id", how="left", maintain_order="left").join(
        check(ships, "ships").select("mmsi", "teu"), on="mmsi", how="left", maintain_order="left"
    )
    voyages = [v for _, track in joined.group_by("mmsi", maintain_order=True) for v in _voyages_of_track(track, ends)]
    return check(
        joined.select(
            ship=pl.format("mmsi:{}", "mmsi"),
            from_locode="from_locode",
            to_locode="to_locode",
            voyage=pl.Series(voyages, dtype=pl.Int64),
            trips_per_year=pl.lit(DAYS_PER_YEAR / days),
            distance_nm="distance_nm",
            hours="hours",
            energy_gj="energy_gj",
            tank_m3=tank_of(joined["teu"]),
            teu="teu",
            tank_source=pl.lit("interpolated between classes by capacity"),
        ),
        "reach_legs",
    )


def _voyages_of_track(track: pl.DataFrame, ends: Ends) -> Iterable[int | None]:
    """Return the voyages of one ship's legs; where one leg does not begin where the last ended, a new count begins."""
    found: list[int | None] = []
    calls: list[str | None] = []
    for start, goal in track.select("from_locode", "to_locode").iter_rows():
        if calls and calls[-1] != start:
            found += _after(_voyages(calls, ends), found)
            calls = []
        calls = [*(calls or [start]), goal]
    return found + _after(_voyages(calls, ends), found)


def _after(numbers: list[int | None], earlier: list[int | None]) -> list[int | None]:
    """Return numbers that go on after earlier ones."""
    first = max((n for n in earlier if n is not None), default=-1) + 1
    return [None if n is None else n + first for n in numbers]


def tank_of(teu: pl.Series) -> pl.Series:
    """Return the tank volume of container ships by capacity, on the line between the classes of the table [m3].

    Examples
    --------
    >>> tank_of(pl.Series([8000.0, 11500.0, None])).to_list()
    [9000.0, 12000.0, None]
    """
    rows = (
        load("vessel_classes")
        .filter(pl.col("capacity_unit") == "teu")
        .unique("nominal_capacity")
        .sort("nominal_capacity")
    )
    at = teu.cast(pl.Float64).fill_null(np.nan).to_numpy()
    volume = np.interp(at, rows["nominal_capacity"].to_numpy(), rows["main_tank_m3"].to_numpy())
    return pl.Series(volume, dtype=pl.Float64).fill_nan(None)
