"""Forecasts of container moves in DCSA Port Call 2.0.0: one number from counts by type and size."""

from collections.abc import Mapping
from typing import Any

_SIZES = ("size20Units", "size40Units", "size45Units")
_TYPES = ("ladenUnits", "emptyUnits")
"""Types that add up to all units; plugged reefers and out-of-gauge units are among these."""


def moves_of(forecasts: list[Any]) -> tuple[float | None, float | None]:
    """Return containers to load and discharge, and containers to restow, of all carriers together.

    Parameters
    ----------
    forecasts
        ``movesForecasts`` of an event: one object per carrier, or one without a carrier for all that are not listed.

    Returns
    -------
    tuple
        None where nothing is told.

    Examples
    --------
    >>> moves_of([{"loadUnits": {"totalUnits": {"totalUnits": 100}},
    ...            "dischargeUnits": {"ladenUnits": {"size20Units": 10, "size40Units": 20}},
    ...            "restowUnits": {"totalUnits": 4}}])
    (130.0, 4.0)
    """
    objects = [part for part in forecasts if isinstance(part, Mapping)]
    moved = [_by_type(part.get(name)) for part in objects for name in ("loadUnits", "dischargeUnits")]
    restowed = [_by_size(part.get("restowUnits")) for part in objects]
    return _total(moved), _total(restowed)


def _by_type(found: Any) -> float | None:
    """Return all units of a count by type and size: the total, else laden and empty ones."""
    if not isinstance(found, Mapping):
        return None
    whole = _by_size(found.get("totalUnits"))
    return whole if whole is not None else _total([_by_size(found.get(name)) for name in _TYPES])


def _by_size(found: Any) -> float | None:
    """Return all units of a count by size: the total, else the sum of the sizes."""
    if not isinstance(found, Mapping):
        return None
    whole = _count(found.get("totalUnits"))
    return whole if whole is not None else _total([_count(found.get(name)) for name in _SIZES])


def _count(found: Any) -> float | None:
    return float(found) if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def _total(parts: list[float | None]) -> float | None:
    told = [part for part in parts if part is not None]
    return sum(told) if told else None
