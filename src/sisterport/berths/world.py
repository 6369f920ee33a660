"""A port to simulate and the random streams of its ships: arrivals, handling, and estimates that grow better.

All policies of a seed see the same ships, the same true arrivals, the same handling times and the same errors of the
estimates; so what differs is the policy.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.berths.burn import Burn, Floats, burn, burn_rates
from sisterport.berths.happened import happened
from sisterport.berths.sampled import eta_sigma
from sisterport.errors import InputError
from sisterport.fleet import particulars
from sisterport.reference import value
from sisterport.tables import check

SEEN_H = 72
"""Hours before arrival from which on a ship is seen coming, and over which fuel is counted."""
FEWEST_CALLS = 30
"""Calls seen from begin to end that a port needs before it is simulated from its own records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port to simulate.

    Parameters
    ----------
    name, source
        What it is, and where its numbers come from.
    share
        Share of each kind of ship in the calls.
    handling_h
        Kinds x berths [h]; 0 where a kind cannot go.
    spread
        Handling of a call over that of its kind is drawn evenly from this range.
    preference
        Growth of handling per berth away from the call's own best berth [-].
    service_kn
        Service speed of each kind.
    burn
        Fuel of each kind.
    """

    name: str
    source: str
    share: Floats
    handling_h: Floats
    spread: tuple[float, float]
    preference: float
    service_kn: Floats
    burn: Burn

    @property
    def berths(self) -> int:
        """Number of berths."""
        return int(self.handling_h.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The ships of one seed, all times in hours.

    Parameters
    ----------
    arrival_h
        Arrival at service speed.
    handling_h
        Ships x berths, expected, whole hours; 0 where a ship cannot go.
    stretch
        Actual over expected handling.
    error_h
        Ships x hours to go: error of the estimate when there are so many hours to go at service speed.
    sigma_h
        Standard deviation of that error by hours to go, as the planner knows it.
    service_kn, burn
        Of each ship.
    """

    arrival_h: Floats
    handling_h: NDArray[np.int64]
    stretch: Floats
    error_h: Floats
    sigma_h: Floats
    service_kn: Floats
    burn: Burn


class Calibrated(NamedTuple):
    """A port made from records, or the reason why there is none.

    Attributes
    ----------
    port
        None where there are too few calls.
    calls
        Calls that were used.
    reason
        In words: what was used, or what is missing.
    """

    port: Port | None
    calls: int
    reason: str


_KINDS = pl.DataFrame(
    {
        "teu": [1500.0, 6000.0, 14000.0],
        "share": [0.45, 0.35, 0.20],
        "handling_h": [14.0, 22.0, 34.0],
        "first_berths": [8, 8, 5],
    }
)
"""Synthetic: feeders, panamax and large container ships; the large ones go to the first five of eight berths only."""
_SLOW_HALF, _PREFERENCE, _SPREAD = 1.25, 0.04, (0.8, 1.25)
"""Synthetic: the second half of the berths is that much slower; handling grows by that per berth of distance."""


def synthetic_port(*, year: int = 2026) -> Port:
    """Return a synthetic container port of eight berths; ships burn what the inventory says of class and size.

    Parameters
    ----------
    year
        Year of rules and fuels.

    Examples
    --------
    >>> port = synthetic_port()
    >>> port.berths, port.handling_h[2].tolist()
    (8, [34.0, 34.0, 34.0, 34.0, 42.5, 0.0, 0.0, 0.0])
    """
    count = _KINDS.height
    mmsi = list(range(1, count + 1))
    statics = pl.DataFrame({"mmsi": mmsi, "ais_type": [70] * count, "identities": 1, "positions": 1})
    register = pl.DataFrame({"mmsi": mmsi, "ship_class": ["container"] * count, "teu": _KINDS["teu"]})
    ships = particulars(statics, register)
    berths = int(_KINDS["first_berths"].max())  # type: ignore[arg-type]
    slow = np.where(np.arange(berths) < berths // 2, 1.0, _SLOW_HALF)
    goes = np.arange(berths) < _KINDS["first_berths"].to_numpy()[:, None]
    return Port(
        name="synthetic container port",
        source="synthetic: eight berths, three sizes of container ships",
        share=_KINDS["share"].to_numpy(),
        handling_h=np.where(goes, _KINDS["handling_h"].to_numpy()[:, None] * slow, 0.0),
        spread=_SPREAD,
        preference=_PREFERENCE,
        service_kn=ships["v_ref_kn"].to_numpy() * value("service_over_max_speed"),
        burn=burn(burn_rates(ships, year=year), mmsi),
    )


def calibrate(
    visits: Any, ships: Any, *, terminal: str | None = None, year: int = 2026, fewest: int = FEWEST_CALLS
) -> Calibrated:
    """Return a port with the calls, berths and ships of real visits, if enough calls were seen whole.

    Each simulated call is one of the real ones: its ship and its hours at berth, drawn with replacement. Every ship may
    go to every berth.

    Parameters
    ----------
    visits
        Frame of the table ``visits``.
    ships
        Frame of the table ``ships``.
    terminal
        Only calls whose first berth is there.
    year
        Year of rules and fuels.
    fewest
        Calls needed.

    Returns
    -------
    Calibrated
        The port is None, and the reason says why, where fewer calls were seen whole or the inventory knows too few of
        their ships.
    """
    calls = happened(check(visits, "visits")).calls
    fleet = check(ships, "ships")
    here = calls if terminal is None else calls.filter(terminal=terminal)
    berths = here["berth_id"].drop_nulls().n_unique()
    whole = here.filter(pl.col("berth_h") >= 1.0, pl.col("berth_id").is_not_null(), pl.col("shifts") == 0)
    rates = burn_rates(fleet.filter(pl.col("mmsi").is_in(whole["mmsi"].drop_nulls().to_list())), year=year)
    lacking = rates.filter(pl.col("fuel_t_per_h").is_null())["mmsi"].unique().to_list()
    known = whole.filter(pl.col("mmsi").is_in(rates["mmsi"].unique().to_list()), ~pl.col("mmsi").is_in(lacking))
    where = f" at {terminal}" if terminal else ""
    seen = f"{here.height} calls{where}, {whole.height} of an hour or more at one berth seen whole, {known.height} of "
    seen += "ships that the inventory knows"
    if known.height < fewest:
        return Calibrated(None, known.height, f"{seen}; {fewest} needed")
    numbers = known["mmsi"].to_list()
    speeds = dict(fleet.select("mmsi", "v_ref_kn").iter_rows())
    port = Port(
        name=f"port of {known.height} real calls{where}",
        source=f"calibrated: {seen}; {berths} berths",
        share=np.full(known.height, 1.0 / known.height),
        handling_h=np.repeat(known["berth_h"].to_numpy()[:, None], berths, axis=1),
        spread=(1.0, 1.0),
        preference=0.0,
        service_kn=np.array([speeds[number] for number in numbers]) * value("service_over_max_speed"),
        burn=burn(rates, numbers),
    )
    return Calibrated(port, known.height, port.source)


def world(port: Port, *, seed: int, calls: int, utilisation: float, eta_times: float = 1.0) -> World:
    """Return the ships of one seed.

    Parameters
    ----------
    port
        The port.
    seed
        Random seed; the error of estimates scales with `eta_times`, everything else stays as it is.
    calls
        Number of ships.
    utilisation
        Work over what the berths could do between the first and the last arrival [-].
    eta_times
        The usual error of estimates times this.

    Raises
    ------
    InputError
        If there are no calls or the utilisation is not above 0.

    Notes
    -----
    The error of an estimate is a sum of independent revisions (a martingale of forecasts): with k hours to go its
    standard deviation is that of `sisterport.berths.sampled.eta_sigma`, and every new estimate corrects the one before.
    """
    if calls < 1 or not utilisation > 0:
        raise InputError(f"{calls} calls at a utilisation of {utilisation:g}: both have to be above 0")
    rng = np.random.default_rng(seed)
    kind = rng.choice(port.share.size, calls, p=port.share / port.share.sum())
    best = rng.integers(0, port.berths, calls)
    away = np.abs(best[:, None] - np.arange(port.berths)[None, :])
    hours = port.handling_h[kind] * rng.uniform(*port.spread, calls)[:, None] * (1.0 + port.preference * away)
    handling = np.where(hours > 0, np.maximum(np.round(hours), 1), 0).astype(np.int64)
    work = float((handling.sum(axis=1) / (handling > 0).sum(axis=1)).sum())
    arrival = np.sort(rng.uniform(0.0, work / (port.berths * utilisation), calls)) + SEEN_H
    spread = value("handling_error_sigma")
    stretch = np.exp(rng.normal(-0.5 * spread**2, spread, calls))
    sigma = eta_sigma(np.arange(SEEN_H + 1.0), times=eta_times)
    revisions = np.sqrt(np.diff(sigma**2, prepend=0.0)) * rng.standard_normal((calls, SEEN_H + 1))
    return World(
        arrival_h=arrival,
        handling_h=handling,
        stretch=stretch,
        error_h=revisions.cumsum(axis=1),
        sigma_h=sigma,
        service_kn=port.service_kn[kind],
        burn=port.burn.take(kind),
    )
