"""DCSA Port Call 2.0.0: the 17 checks of payloads by which the published conformance module judges a publisher.

Every check asks for one good example; other events may be wrong. The checks are mirrored as they are, oddities
included: what passes here passes there. They prove little: `sisterport.exchange.dcsa_strict` reads the text.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import polars as pl

from sisterport.errors import choose
from sisterport.tables import check, empty

SCENARIOS = ("TIMESTAMP", "MOVE_FORECAST")
_UNITS = ("restowUnits", "loadUnits", "dischargeUnits")
_TYPES = ("totalUnits", "ladenUnits", "emptyUnits", "pluggedReeferUnits", "outOfGaugeUnits")
_SIZES = ("totalUnits", "size20Units", "size40Units", "size45Units")

Test = Callable[[list[Any]], list[tuple[str, str]]]
"""Events to (place, fault); none is a pass."""


class ConformanceCheck(NamedTuple):
    """One check: number, name, scenarios in which it counts, test, and what to do where it fails."""

    number: int
    name: str
    scenarios: tuple[str, ...]
    test: Test
    remedy: str


def conformance(body: Any, *, scenario: str) -> pl.DataFrame:
    """Return the verdicts of the checks that count in a scenario on the body of a POST or of a GET's answer.

    Parameters
    ----------
    body
        ``{"events": [...]}`` as parsed from JSON.
    scenario
        ``TIMESTAMP`` or ``MOVE_FORECAST``.

    Returns
    -------
    polars.DataFrame
        Table ``conformance``: one row per check and place of a fault, or one row with ``passed``.

    Raises
    ------
    MethodError
        An unknown scenario.

    References
    ----------
    DCSA Conformance Gateway, module port-call (source as of January 2026).

    Examples
    --------
    >>> body = {"events": [{"timestamp": {"classifierCode": "EST"}}]}
    >>> conformance(body, scenario="TIMESTAMP").select("number", "passed", "path").rows()
    [(1, True, None), (2, True, None), (3, False, '$.events[0].timestamp.serviceDateTime')]
    """
    choose("scenario", scenario, SCENARIOS)
    found = body.get("events") if isinstance(body, Mapping) else None
    events = found if isinstance(found, list) else []
    rows = [row for one in CHECKS if scenario in one.scenarios for row in _verdict(one, events)]
    return check(pl.DataFrame(rows, schema=empty("conformance").schema, orient="row"), "conformance")


def _verdict(one: ConformanceCheck, events: list[Any]) -> Iterator[tuple[Any, ...]]:
    faults = one.test(events) if events else [("$.events", "events is no list with an event in it")]
    if not faults:
        yield one.number, one.name, True, None, None, None
    for path, fault in faults:
        yield one.number, one.name, False, path, fault, one.remedy


def _any_event(events: list[Any]) -> list[tuple[str, str]]:
    return [] if events else [("$.events", "events is no list with an event in it")]


def _stamped(name: str) -> Test:
    def test(events: list[Any]) -> list[tuple[str, str]]:
        faults = []
        for number, event in enumerate(events):
            stamp = event.get("timestamp") if isinstance(event, Mapping) else None
            found = stamp.get(name) if isinstance(stamp, Mapping) else None
            if found is not None and not isinstance(found, Mapping | list) and str(found).strip():
                return []
            faults.append((f"$.events[{number}].timestamp.{name}", f"{name} is missing or blank"))
        return faults

    return test


def _forecasts(events: list[Any]) -> list[tuple[str, Any]]:
    """Return every forecast with its place."""
    return [
        (f"$.events[{number}].movesForecasts[{place}]", forecast)
        for number, event in enumerate(events)
        if isinstance(event, Mapping) and isinstance(event.get("movesForecasts"), list)
        for place, forecast in enumerate(event["movesForecasts"])
    ]


def _any_forecast(events: list[Any]) -> list[tuple[str, str]]:
    """Pass wherever there is a forecast, even an empty object: so does the module."""
    return [] if _forecasts(events) else [("$.events[*].movesForecasts", "no event has a list with a forecast in it")]


def _by_type(units: str) -> Test:
    def test(events: list[Any]) -> list[tuple[str, str]]:
        faults = _unseen(events, empty_counts=False)
        for path, forecast in _forecasts(events):
            block = _below(forecast, units)
            if block is None:
                continue
            if any(not _is_empty(_below(block, name)) for name in _TYPES):
                return []
            faults.append((f"{path}.{units}", f"none of {', '.join(_TYPES)}"))
        return faults

    return test


def _by_size(*names: str) -> Test:
    def test(events: list[Any]) -> list[tuple[str, str]]:
        faults = _unseen(events, empty_counts=True)
        for path, forecast in _forecasts(events):
            block = forecast
            for name in names:
                block = _below(block, name)
            if block is None:
                continue
            if any(_is_number(_below(block, name)) for name in _SIZES):
                return []
            faults.append((".".join((path, *names)), f"no number in any of {', '.join(_SIZES)}"))
        return faults

    return test


def _unseen(events: list[Any], *, empty_counts: bool) -> list[tuple[str, str]]:
    """Return the fault that no list of forecasts was seen; the checks by size count an empty list as seen."""
    lists = [event.get("movesForecasts") for event in events if isinstance(event, Mapping)]
    seen = any(isinstance(found, list) and (found or empty_counts) for found in lists)
    return [] if seen else [("$.events[*].movesForecasts", "no event has a list of forecasts")]


def _below(block: Any, name: str) -> Any:
    return block.get(name) if isinstance(block, Mapping) else None


def _is_empty(found: Any) -> bool:
    return found is None or (isinstance(found, str) and not found.strip()) or found in ({}, [])


def _is_number(found: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool)


def _checks() -> Iterator[tuple[str, tuple[str, ...], Test, str]]:
    moves = ("MOVE_FORECAST",)
    yield "events", SCENARIOS, _any_event, "send at least one event"
    for name in ("classifierCode", "serviceDateTime"):
        yield f"timestamp.{name}", ("TIMESTAMP",), _stamped(name), f"give timestamp.{name} in at least one event"
    yield "movesForecasts", moves, _any_forecast, f"give movesForecasts with one of {', '.join(_UNITS)}"
    for units in _UNITS[1:]:
        yield f"{units} by type", moves, _by_type(units), f"give one of {', '.join(_TYPES)}"
    sizes = f"give a number in one of {', '.join(_SIZES)}"
    yield "restowUnits by size", moves, _by_size("restowUnits"), sizes
    for units in _UNITS[1:]:
        for name in _TYPES:
            yield f"{units}.{name} by size", moves, _by_size(units, name), sizes


CHECKS = tuple(ConformanceCheck(number, *row) for number, row in enumerate(_checks(), 1))
"""The checks, numbered as the module has them."""
