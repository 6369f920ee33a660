"""Whole steps of time: arrivals round up, departures and closings round down, so a plan on steps holds on the clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from sisterport.berths.problem import Ints
from sisterport.units import SECONDS_PER_HOUR

NEVER = -(2**40)
"""Step of a time that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Steps from `origin` on.

    Parameters
    ----------
    origin_s
        Second of step 0 since 1970 UTC, a multiple of `step_s`.
    step_s
        Length of a step [s].
    steps
        Steps up to the horizon.
    """

    origin_s: int
    step_s: int
    steps: int

    @property
    def hours(self) -> float:
        """Return the length of a step [h]."""
        return self.step_s / SECONDS_PER_HOUR

    def at(self, times: pl.Series, *, up: bool) -> Ints:
        """Return the step of each time, rounded up or down; `NEVER` where it is null.

        Examples
        --------
        >>> clock = Clock(origin_s=0, step_s=1800, steps=10)
        >>> clock.at(pl.Series([datetime(1970, 1, 1, 1, 10), None]), up=True).tolist()
        [3, -1099511627776]
        """
        seconds = times.cast(pl.Datetime("ms")).to_physical().to_numpy() / 1000 if times.len() else np.zeros(0)
        known = times.is_not_null().to_numpy()
        exact = (np.where(known, seconds, 0.0) - self.origin_s) / self.step_s
        whole = np.ceil(exact) if up else np.floor(exact)
        return np.where(known, whole, NEVER).astype(np.int64)

    def exact(self, times: pl.Series) -> Any:
        """Return times in steps, not rounded; NaN where null."""
        seconds = times.cast(pl.Datetime("ms")).to_physical().cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return (seconds / 1000 - self.origin_s) / self.step_s

    def length(self, hours: Any) -> Ints:
        """Return whole steps of hours, rounded up; 0 where they are not known."""
        steps: Ints = np.ceil(np.round(np.nan_to_num(hours) / self.hours, 6)).astype(np.int64)
        return steps

    def time(self, steps: Any) -> list[datetime]:
        """Return the times of whole steps."""
        zero = datetime.fromtimestamp(self.origin_s, UTC)
        return [zero + timedelta(seconds=int(step) * self.step_s) for step in steps]


def clock_for(first: datetime, last: datetime, step_min: float) -> Clock:
    """Return a clock from the step that `first` lies in up to `last`."""
    step_s = round(step_min * 60)
    origin_s = int(first.timestamp() // step_s * step_s)
    return Clock(origin_s=origin_s, step_s=step_s, steps=max(int((last.timestamp() - origin_s) // step_s), 1))
