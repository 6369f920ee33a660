"""A string as a timetable: distances of its legs, the speed that so many ships need, hours at sea and at berth."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from sisterport.corridor.scenario import Service
from sisterport.reference import load
from sisterport.units import DAYS_PER_YEAR, HOURS_PER_DAY
from sisterport.voyages import sea_distances


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """One service with a number of ships.

    Attributes
    ----------
    service : str
        Its id.
    ships : int
        Ships in the rotation.
    round_trip_days : float
        Ships times days between departures.
    distance_nm : tuple of float
        Of each leg, the first from the first port to the second, the last back to the first [nm].
    speed_kn : float
        What is needed to keep the timetable; not positive where no time is left to sail.
    sea_h : tuple of float
        Hours of each leg at that speed.
    berth_h : tuple of float
        Hours at berth at each port.
    buffer_h : float
        Hours of a round trip in approaches and waiting.
    departures_per_year : float
        Of the service, from each port.
    """

    service: str
    ships: int
    round_trip_days: float
    distance_nm: tuple[float, ...]
    speed_kn: float
    sea_h: tuple[float, ...]
    berth_h: tuple[float, ...]
    buffer_h: float
    departures_per_year: float

    @property
    def trips_per_ship(self) -> float:
        """Round trips that each ship makes in a year."""
        return self.departures_per_year / self.ships


@cache
def leg_distances(ports: tuple[str, ...], closed: tuple[str, ...]) -> tuple[float, ...]:
    """Return the sea distances round a rotation [nm], by Sisterport's own sea-route solver.

    Parameters
    ----------
    ports
        Port codes in order; the last leg goes back to the first.
    closed
        Passages that may not be used.

    Raises
    ------
    MethodError, ReferenceDataError
        As `sisterport.voyages.sea_distances`.

    Examples
    --------
    >>> there, back = leg_distances(("CNSGH", "USLAX"), ("northwest",))
    >>> there == back, round(there, -2)
    (True, 5700.0)
    """
    onward = (*ports[1:], ports[0])
    return tuple(float(d) for d in sea_distances(ports, onward, closed=closed, paired=True))


def timetable(service: Service, *, ships: int | None = None, closed: tuple[str, ...] = ("northwest",)) -> Timetable:
    """Return the timetable of a service with a number of ships.

    The frequency is given, so every ship more adds the days between two departures to the round trip: the speed
    follows, ``distance / (ships x days x 24 h - hours at berth - buffer)``.

    Parameters
    ----------
    service
        The string.
    ships
        Ships in the rotation; None takes those of today.
    closed
        Passages that may not be used.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> string = example("shanghai-los-angeles").services[0]
    >>> now, slower = timetable(string), timetable(string, ships=string.ships + 1)
    >>> now.speed_kn > slower.speed_kn, slower.round_trip_days - now.round_trip_days == string.days_between
    (True, True)
    """
    count = service.ships if ships is None else ships
    distance = np.array(leg_distances(service.ports, closed))
    days = count * service.days_between
    at_sea = days * HOURS_PER_DAY - sum(service.berth_h) - service.buffer_h
    speed = float(distance.sum() / at_sea) if at_sea > 0 else 0.0
    return Timetable(
        service=service.id,
        ships=count,
        round_trip_days=days,
        distance_nm=tuple(distance.tolist()),
        speed_kn=speed,
        sea_h=tuple((distance / speed).tolist()) if speed else (0.0,) * len(distance),
        berth_h=service.berth_h,
        buffer_h=service.buffer_h,
        departures_per_year=DAYS_PER_YEAR / service.days_between,
    )


def speed_range_kn() -> tuple[float, float]:
    """Return the slowest and the fastest speed that the power curves of ``speed_power_container`` hold [kn].

    Examples
    --------
    >>> speed_range_kn()
    (5.5, 22.5)
    """
    speeds = load("speed_power_container")["speed_kn"]
    return float(speeds[0]), float(speeds[-1])
