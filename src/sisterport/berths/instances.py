"""Published berth problems as plain records; `parsers` reads them from their files.

Nothing is filled in that the files do not say: the length of the tidal quay, and the penalty and the stretching of the
latest finish of the instances with several ports, have to be given by whoever solves them (`published`, `multiport`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrete:
    """Berths as slots; all times in the file's own unit.

    Parameters
    ----------
    name
        Name of the instance.
    arrival
        Arrival of each ship.
    handling
        Handling time of each ship at each berth; 0 = this ship cannot use this berth.
    opens, closes
        Opening and closing of each berth.
    latest
        Latest departure of each ship.
    spare
        Numbers after the last one that means something (weights of one, or padding): counted, not used.
    """

    name: str
    arrival: Ints
    handling: Ints
    opens: Ints
    closes: Ints
    latest: Ints
    spare: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidal:
    """One quay; ships leave inside a window of high water; times [h], lengths in quay units.

    Parameters
    ----------
    name
        Name of the instance.
    window_begin, window_end
        First and last hour of each window of high water.
    processing
        Handling time of each ship [h].
    length
        Length of each ship, in the unit of the quay (which the file does not tell).
    arrival
        Arrival of each ship [h].
    """

    name: str
    window_begin: Ints
    window_end: Ints
    processing: Ints
    length: Floats
    arrival: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Quays:
    """Several quays end to end.

    Parameters
    ----------
    name
        Name of the instance.
    quay_m
        Length of each quay [m].
    preferred
        Number of each ship's preferred quay, from 0.
    length_m
        Length of each ship [m].
    processing_h, arrival_h, requested_h
        Handling time, arrival and requested departure [h].
    wanted_m
        Wanted place of each ship [m], counted over all quays end to end.
    """

    name: str
    quay_m: Floats
    preferred: Ints
    length_m: Floats
    processing_h: Floats
    arrival_h: Floats
    requested_h: Floats
    wanted_m: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One ship at one port: times [h], place [m]; `latest_h` as in the file, not stretched."""

    port: int
    wanted_m: float
    earliest_h: float
    wanted_finish_h: float
    latest_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiPortShip:
    """One ship of the multi-port format: type (from 0), length [m] and its visits in order of sailing."""

    kind: int
    length_m: float
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiPortQuay:
    """One port of the multi-port format.

    Parameters
    ----------
    quay_m
        Length [m].
    minimum_handling_h
        Shortest handling time of each ship type [h].
    taken
        Ships of others: start [h], place [m], handling [h], length [m]; one row each.
    """

    quay_m: float
    minimum_handling_h: tuple[float, ...]
    taken: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiPort:
    """Several ports with a choice of speed.

    Parameters
    ----------
    name
        Name of the instance.
    segment_m
        Length of a quay segment [m].
    beta
        Rise of the handling time per metre from the wanted place [1/m].
    ships, ports
        Who calls, and where.
    distance_nm
        Distances between ports [nm].
    idle_usd_h, handling_usd_h, delay_usd_h, fuel_usd_t
        Prices [USD/h], [USD/t].
    sail_h_nm
        Sailing time of each speed [h/nm].
    fuel_t_nm
        Fuel of each ship type at each speed [t/nm].
    """

    name: str
    segment_m: float
    beta: float
    ships: tuple[MultiPortShip, ...]
    ports: tuple[MultiPortQuay, ...]
    distance_nm: Floats
    idle_usd_h: float
    handling_usd_h: float
    delay_usd_h: float
    fuel_usd_t: float
    sail_h_nm: Floats
    fuel_t_nm: Floats


Instance = Discrete | Tidal | Quays | MultiPort
