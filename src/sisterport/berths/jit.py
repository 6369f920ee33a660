"""Just in time: the arrival to ask each ship for, the speed that makes it, and the fuel that it saves.

A ship that keeps service speed arrives at t0 + D/v0 and waits at anchor until her berth is free. Told early enough, she
steams slower instead: main-engine fuel per mile falls with about the square of the speed, auxiliary engines and boilers
run longer at sea and shorter at anchor. All of it is counted.

Virtual arrival: the ship keeps the notional arrival that she had when she was asked, for the queue and for laytime.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.berths.burn import Burn, Floats, burn
from sisterport.errors import InputError, SchemaError
from sisterport.reference import value
from sisterport.tables import check, to_polars
from sisterport.units import ROUNDING

_HOUR = timedelta(hours=1)
_INSTANT_H = timedelta(seconds=1) / _HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach:
    """Ships on their way, all times in hours from now.

    Parameters
    ----------
    notice_h
        When each ship can be asked.
    free_h
        Arrival at service speed.
    slowest_h
        Arrival at the lowest speed from notice on.
    left_nm
        Miles to go at notice.
    service_kn
        Service speed.
    burn
        Fuel per hour.
    """

    notice_h: Floats
    free_h: Floats
    slowest_h: Floats
    left_nm: Floats
    service_kn: Floats
    burn: Burn

    def take(self, ships: NDArray[np.int64]) -> "Approach":
        """Return the ships at these places, in that order."""
        return Approach(
            notice_h=self.notice_h[ships],
            free_h=self.free_h[ships],
            slowest_h=self.slowest_h[ships],
            left_nm=self.left_nm[ships],
            service_kn=self.service_kn[ships],
            burn=self.burn.take(ships),
        )

    def speed(self, arrival_h: Floats) -> Floats:
        """Return the speed from notice on that makes an arrival [kn]; service speed where nothing is left to sail.

        `arrival_h` has one row per ship, and may have more axes.
        """
        shape = (-1,) + (1,) * (np.ndim(arrival_h) - 1)
        hours = np.asarray(arrival_h) - self.notice_h.reshape(shape)
        miles, service = self.left_nm.reshape(shape), self.service_kn.reshape(shape)
        speed: Floats = np.where((miles > 0) & (hours > 0), miles / np.where(hours > 0, hours, 1.0), service)
        return speed

    def fuel(self, arrival_h: Floats, start_h: Floats) -> tuple[Floats, Floats]:
        """Return fuel from now until the start at the berth, of main engine and of the rest [t]."""
        shape = (-1,) + (1,) * (np.ndim(arrival_h) - 1)
        before = self.notice_h.reshape(shape)
        sailing = np.maximum(np.asarray(arrival_h) - before, 0.0)
        waiting = np.maximum(np.asarray(start_h) - arrival_h, 0.0)
        main, other = self.burn.at(self.speed(arrival_h))
        full_main, full_other = self.burn.at(self.service_kn)
        main_t = full_main.reshape(shape) * before + main * sailing
        other_t = full_other.reshape(shape) * before + other * sailing + self.burn.anchor.reshape(shape) * waiting
        return main_t, other_t


def approach(approaches: Any, rates: Any, *, notice_h: float, slowest_share: float | None = None) -> Approach:
    """Return ships on their way as arrays.

    Parameters
    ----------
    approaches
        Frame of the table ``approaches``.
    rates
        Frame of the table ``burn_rates`` of these ships.
    notice_h
        Notice horizon: a ship is asked when she is this long from arrival at service speed [h].
    slowest_share
        Lowest speed over service speed where a ship does not say it herself; the reference value if not given. No ship
        is asked to go slower than the speed below which each mile costs more than waiting at anchor.

    Raises
    ------
    SchemaError
        If a frame does not fit its table or a ship's lowest speed is above her service speed.
    InputError
        If the inventory has no estimate of the fuel of a ship; every such ship is named.
    """
    rows = check(approaches, "approaches")
    wrong = rows.filter(pl.col("slowest_kn") > pl.col("service_kn"))
    if wrong.height:
        raise SchemaError("approaches", [f"call {call}: slowest_kn above service_kn" for call in wrong["call_id"]])
    if notice_h < 0:
        raise InputError(f"a notice horizon of {notice_h:g} h: it cannot be below 0")
    of_ships = burn(rates, rows["mmsi"])
    share = value("jit_slowest_share") if slowest_share is None else slowest_share
    service = rows["service_kn"].to_numpy()
    slowest = rows["slowest_kn"].fill_null(rows["service_kn"] * share).to_numpy()
    slowest = np.minimum(np.maximum(slowest, of_ships.economical_kn()), service)
    free = rows["distance_nm"].to_numpy() / service
    notice = np.maximum(free - notice_h, 0.0)
    notice = np.where(free - notice < _INSTANT_H, free, notice)  # she is there before she could slow down
    left = service * (free - notice)
    return Approach(
        notice_h=notice,
        free_h=free,
        slowest_h=notice + left / slowest,
        left_nm=left,
        service_kn=service,
        burn=of_ships,
    )


def beyond_reference(approaches: Any, rates: Any) -> list[str]:
    """Return the calls whose service speed is above the reference speed up to which their fuel is known.

    Above it `sisterport.berths.burn.Burn.at` gives the fuel per hour at the reference speed, which is too little.

    Parameters
    ----------
    approaches, rates
        As in `approach`.
    """
    rows = check(approaches, "approaches")
    known = burn(rates, rows["mmsi"]).speed_kn
    return rows.filter(pl.Series(rows["service_kn"].to_numpy() > known.max(axis=1, initial=0.0) + ROUNDING))[
        "call_id"
    ].to_list()


def request_arrivals(
    stays: Any,
    approaches: Any,
    rates: Any,
    *,
    now: datetime,
    notice_h: float,
    buffer_h: Any = 0.0,
    slowest_share: float | None = None,
) -> pl.DataFrame:
    """Return the arrival to ask each ship for, with speed, waiting and fuel before and after.

    Parameters
    ----------
    stays
        Stays of a plan: ``call_id, berth_id, start_utc``, as in `sisterport.berths.plan.Plan.stays`.
    approaches, rates, notice_h, slowest_share
        As in `approach`. Calls that are not in `approaches` (in port already) get no request.
    now
        Time of the positions in `approaches` (with a time zone).
    buffer_h
        Hours before the planned start to arrive at: one number, or a mapping by ``call_id``.

    Returns
    -------
    DataFrame
        Table ``arrival_requests``, in the order of `approaches`.

    Raises
    ------
    InputError, SchemaError
        As in `approach`; if a call on its way is not in the plan.

    Examples
    --------
    >>> from datetime import UTC
    >>> from sisterport.berths.burn import burn_rates
    >>> from sisterport.fleet import particulars
    >>> statics = pl.DataFrame({"mmsi": [1], "ais_type": [70], "identities": 1, "positions": 1})
    >>> ship = particulars(statics, pl.DataFrame({"mmsi": [1], "ship_class": ["container"], "teu": [6000.0]}))
    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> stay = pl.DataFrame({"call_id": ["A"], "berth_id": ["east"], "start_utc": [now + timedelta(hours=21)]})
    >>> way = pl.DataFrame({"call_id": ["A"], "mmsi": [1], "distance_nm": [240.0], "service_kn": [16.0]})
    >>> asked = request_arrivals(stay, way, burn_rates(ship, year=2026), now=now, notice_h=24)
    >>> asked.select(pl.col("speed_kn", "anchor_before_h", "anchor_after_h").round(2)).row(0)
    (11.43, 6.0, 0.0)
    """
    if now.tzinfo is None:
        raise InputError("now needs a time zone")
    ways = check(approaches, "approaches")
    planned = ways.join(to_polars(stays).select("call_id", "berth_id", "start_utc"), on="call_id", how="left",
                        maintain_order="left")  # fmt: skip
    lost = planned.filter(pl.col("start_utc").is_null())["call_id"].to_list()
    if lost:
        raise InputError(f"{len(lost)} calls on their way are not in the plan: {', '.join(lost)}")
    ships = approach(ways, rates, notice_h=notice_h, slowest_share=slowest_share)
    start = np.array([(t - now) / _HOUR for t in planned["start_utc"]])
    buffer = np.array([_buffer(buffer_h, call) for call in ways["call_id"]])
    asked = np.maximum(start - buffer, ships.free_h)
    arrival = np.clip(asked, ships.free_h, ships.slowest_h)
    # a start before full-speed arrival is the planner's slip: she cannot be there, the berth waits for her
    begins = np.maximum(start, ships.free_h)
    before = ships.fuel(ships.free_h, begins)
    after = ships.fuel(arrival, np.maximum(begins, arrival))
    saved = sum(before) - sum(after)
    promised = [
        min(kept or _at(now, h), _at(now, h)) for kept, h in zip(ways["queue_time_utc"], ships.free_h, strict=True)
    ]
    found = pl.DataFrame(
        {
            "call_id": ways["call_id"],
            "mmsi": ways["mmsi"],
            "berth_id": planned["berth_id"],
            "start_utc": planned["start_utc"],
            "notice_utc": [_at(now, h) for h in ships.notice_h],
            "full_speed_utc": [_at(now, h) for h in ships.free_h],
            "queue_time_utc": promised,
            "requested_utc": [_at(now, h) for h in asked],
            "arrival_utc": [_at(now, h) for h in arrival],
            "service_kn": ships.service_kn,
            "speed_kn": ships.speed(arrival),
            "slowed": arrival > ships.free_h,
            "anchor_before_h": begins - ships.free_h,
            "anchor_after_h": np.maximum(begins - arrival, 0.0),
            "queue_h": [(t - q) / _HOUR for t, q in zip(planned["start_utc"], promised, strict=True)],
            "main_before_t": before[0],
            "main_after_t": after[0],
            "other_before_t": before[1],
            "other_after_t": after[1],
            "saved_t": saved,
            "saved_co2e_t": saved * ships.burn.co2e_per_t,
        }
    )
    return check(found, "arrival_requests")


def _buffer(given: Any, call: str) -> float:
    return float(given.get(call, 0.0) if hasattr(given, "get") else given)


def _at(now: datetime, hours: float) -> datetime:
    return now + timedelta(hours=float(hours))


def speed_profile(requests: Any, *, now: datetime) -> pl.DataFrame:
    """Return what each ship does from now until her berth: legs of one speed each.

    Parameters
    ----------
    requests
        Frame of the table ``arrival_requests``.
    now
        The time that they were made for.

    Returns
    -------
    DataFrame
        ``call_id, leg, begin_utc, end_utc, speed_kn``: full speed until notice, the advised speed until arrival, at
        anchor (speed 0) until the berth; legs without length are left out.
    """
    rows = check(requests, "arrival_requests")
    full = pl.lit(now).dt.convert_time_zone("UTC").dt.cast_time_unit("ms")
    legs = [
        rows.select("call_id", leg=pl.lit("full speed"), begin_utc=full, end_utc="notice_utc", speed_kn="service_kn"),
        rows.select(
            "call_id", leg=pl.lit("advised"), begin_utc="notice_utc", end_utc="arrival_utc", speed_kn="speed_kn"
        ),
        rows.select(
            "call_id", leg=pl.lit("anchor"), begin_utc="arrival_utc", end_utc="start_utc", speed_kn=pl.lit(0.0)
        ),
    ]
    return pl.concat(legs).filter(pl.col("end_utc") > pl.col("begin_utc")).sort("call_id", "begin_utc")
