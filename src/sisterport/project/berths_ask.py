"""Ships on their way: their approach goes into the plan, and the plan into the arrival that they are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.berths.burn import burn_rates
from sisterport.berths.front import arrival_windows, berth_approaches
from sisterport.berths.jit import beyond_reference, request_arrivals, speed_profile
from sisterport.errors import InputError
from sisterport.project.berths_read import in_utc, read_ships
from sisterport.project.together import together
from sisterport.reference import value
from sisterport.tables import check, read_file

NOTICE_H = 24.0
"""Usual notice horizon [h]."""
HORIZON_H = 240.0
"""Starts whose approach is weighed [h from now]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Ships that can be asked for an arrival.

    Parameters
    ----------
    now
        When their positions were known.
    ways
        Frame of the table ``approaches``.
    rates
        Frame of the table ``burn_rates``.
    notice_h
        Notice horizon [h].
    buffer_h
        How long before her start a ship is asked for [h].
    files
        Where this was read from.
    """

    now: datetime
    ways: pl.DataFrame
    rates: pl.DataFrame
    notice_h: float = NOTICE_H
    buffer_h: float = 0.0
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """What ships are asked for.

    Attributes
    ----------
    requests
        Table ``arrival_requests``.
    profile
        Legs of one speed each, of `sisterport.berths.jit.speed_profile`.
    """

    requests: pl.DataFrame
    profile: pl.DataFrame


def read_asking(
    on_the_way: Path | None,
    ships: Path | None,
    *,
    now: datetime | None,
    notice_h: float = NOTICE_H,
    buffer_h: float = 0.0,
) -> Asking | None:
    """Return ships on their way and what they burn; None where none are given.

    Parameters
    ----------
    on_the_way
        Table ``approaches``.
    ships
        Register with class and size, ``ships.parquet`` of a run, or the folder of a run.
    now, notice_h, buffer_h
        As in `Asking`.

    Raises
    ------
    SisterportError
        What is missing, and every fault of the files.
    """
    if on_the_way is None:
        if ships is not None:
            raise InputError("--ships goes with --on-the-way: who comes, from how far, at which speed")
        return None
    needed = [text for text, part in (("--ships: class and size", ships), ("--now: the time", now)) if part is None]
    if ships is None or now is None:
        raise InputError(f"--on-the-way needs {' and '.join(needed)}")
    read = together(ways=lambda: check(read_file(on_the_way), "approaches"), ships=lambda: read_ships(ships))
    ways: pl.DataFrame = read["ways"]
    coming = read["ships"].filter(pl.col("mmsi").is_in(ways["mmsi"].to_list()))
    moment = in_utc(now) or now
    rates = burn_rates(coming, year=moment.year)
    return Asking(now=moment, ways=ways, rates=rates, notice_h=notice_h, buffer_h=buffer_h, files=(on_the_way, ships))


def before_planning(
    calls: pl.DataFrame, frames: Mapping[str, pl.DataFrame | None], asking: Asking | None
) -> tuple[pl.DataFrame, dict[str, Any], list[str]]:
    """Return calls and frames with what is known of the ships on their way, and notes.

    A ship cannot start before she can be there at service speed. Waiting at anchor counts from the latest arrival that
    she can be asked for, and her fuel depends on her start; both only where the files do not say it themselves.
    """
    if asking is None:
        return calls, dict(frames), []
    ways = asking.ways.join(calls.select("call_id"), on="call_id", how="semi", maintain_order="left")
    lost = asking.ways.height - ways.height
    notes = [f"{lost} ships on their way have no call in the list."] * bool(lost)
    windows = arrival_windows(ways, asking.rates, now=asking.now, notice_h=asking.notice_h).rename(
        {"eta_utc": "_free", "eta_latest_utc": "_slow"}
    )
    both = calls.join(windows, on="call_id", how="left", maintain_order="left")
    late = both.filter(pl.col("_free") > pl.col("eta_utc"))["call_id"].to_list()
    if late:
        notes.append(f"Later than their ETA even at service speed, and planned from then on: {', '.join(late)}.")
    known = both.with_columns(
        eta_utc=pl.max_horizontal("eta_utc", "_free"),
        eta_latest_utc=pl.coalesce("eta_latest_utc", pl.max_horizontal("eta_utc", "_slow")),
    )
    found: dict[str, Any] = dict(frames)
    if found.get("approaches") is None:
        found["approaches"] = berth_approaches(
            ways, asking.rates, now=asking.now, notice_h=asking.notice_h, horizon_h=HORIZON_H, buffer_h=asking.buffer_h
        )
    fast = beyond_reference(ways, asking.rates)
    if fast:
        notes.append(
            f"{len(fast)} ships say a service speed above their reference speed; what they burn there is not known, "
            f"and counted as at the reference speed: {', '.join(fast)}."
        )
    share = f"{value('jit_slowest_share'):g} of service speed"
    notes.append(f"Ships are asked {asking.notice_h:g} h ahead, and for no less than {share} unless they say less.")
    return check(known, "berth_calls"), found, notes


def ask(stays: pl.DataFrame, asking: Asking | None) -> Requested | None:
    """Return the arrival to ask each ship on her way for, and her speeds; None where there is none."""
    if asking is None:
        return None
    ways = asking.ways.join(stays.select("call_id"), on="call_id", how="semi", maintain_order="left")
    requests = request_arrivals(
        stays, ways, asking.rates, now=asking.now, notice_h=asking.notice_h, buffer_h=asking.buffer_h
    )
    return Requested(requests=requests, profile=speed_profile(requests, now=asking.now))
