"""DCSA Port Call 2.0.0: connections from shore-power events."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from sisterport.errors import SchemaError
from sisterport.exchange.dcsa_events import COMPLETED, STARTED, Remark, ShorePowerEvent, judge, parse
from sisterport.tables import check, empty

_FEEDBACK = {
    "event": pl.Int64,
    "event_id": pl.String,
    "severity": pl.String,
    "outcome": pl.String,
    "path": pl.String,
    "message": pl.String,
}


class DcsaConnections(NamedTuple):
    """Connections read from events, and what became of the events.

    Attributes
    ----------
    connections
        Frame of the table ``connections``. Where the end was not told ``end_utc`` is null.
    counts
        ``outcome, events``: every event that was read has exactly one outcome: ``paired``, ``start without end``,
        ``end without start``, ``superseded``, ``cancelled``, ``omitted``, ``duplicate``, ``refused``, ``other
        service``.
    feedback
        ``event, event_id, severity, outcome, path, message``: the reasons, in the manner of a FeedbackElement.
    """

    connections: pl.DataFrame
    counts: pl.DataFrame
    feedback: pl.DataFrame


def read_dcsa(source: Any, *, berths: Mapping[str, str] | None = None, now: datetime | None = None) -> DcsaConnections:
    """Return shore-power connections from events of DCSA Port Call 2.0.0.

    A start and the end after it are paired by the id of their service, else by ship and place. Of events of one service
    and type the one updated last counts; if the last word on a service is that it is cancelled or declined, or its
    call omitted, none of its events counts.

    Parameters
    ----------
    source
        Path, text, bytes or plain objects, see `sisterport.exchange.dcsa_events.parse`.
    berths
        Our ``berth_id`` of each name that stands in ``serviceLocation.locationName``. Without it the name itself is
        taken; a name that is not in it leaves the berth null, with a remark.
    now
        Actual times after it draw a warning.

    Raises
    ------
    InputError
        If there is no JSON.
    SchemaError
        Listing every fault of the shore-power events. Estimates, requests and plans of shore power are no fault: they
        are refused with a reason in the feedback, as the service is actual-only.

    References
    ----------
    DCSA Port Call 2.0.0 (OpenAPI of 17 December 2025), objects Event, PortCallService and Timestamp.

    Examples
    --------
    >>> from datetime import UTC
    >>> from sisterport.exchange import dcsa_events
    >>> rows = pl.DataFrame({"imo": [9321483], "locode": ["NLAMS"], "berth_id": ["ADT 1"],
    ...     "start_utc": [datetime(2025, 1, 23, 4, tzinfo=UTC)], "end_utc": [datetime(2025, 1, 23, 20, tzinfo=UTC)],
    ...     "source": ["meter"]})
    >>> found = read_dcsa(dcsa_events(rows, updated=datetime(2025, 1, 24, tzinfo=UTC)))
    >>> found.connections.select("imo", "locode", "berth_id").row(0), found.counts.rows()
    ((9321483, 'NLAMS', 'ADT 1'), [('paired', 2)])
    """
    good, remarks = judge(parse(source), now=now)
    good = _one_number(good)
    valid, more = _last_words(good)
    pairs, alone = _paired(valid)
    remarks += more + alone
    rows = [_connection(start, end, berths, remarks) for start, end in pairs]
    frame = pl.DataFrame(rows, schema=empty("connections").schema) if rows else empty("connections")
    starts_only = sum(end is None for _, end in pairs)
    counts = {"paired": 2 * (len(pairs) - starts_only)}
    for remark in remarks:
        if remark.outcome != "odd":
            counts[remark.outcome] = counts.get(remark.outcome, 0) + 1
    told = [(outcome, number) for outcome, number in counts.items() if number]
    return DcsaConnections(
        check(frame, "connections").sort("start_utc", "imo", "mmsi"),
        pl.DataFrame(told, schema={"outcome": pl.String, "events": pl.Int64}, orient="row"),
        pl.DataFrame([asdict(remark) for remark in remarks], schema=_FEEDBACK).sort("event", maintain_order=True),
    )


def _one_number(events: Iterable[ShorePowerEvent]) -> list[ShorePowerEvent]:
    """Complete the numbers of ships that are known by IMO number in one event and by MMSI in another."""
    events = list(events)
    imo_of = {event.mmsi: event.imo for event in events if event.imo and event.mmsi}
    mmsi_of = {event.imo: event.mmsi for event in events if event.imo and event.mmsi}
    return [
        replace(
            event,
            imo=event.imo or imo_of.get(event.mmsi or 0),
            mmsi=event.mmsi or mmsi_of.get(event.imo or 0),
        )
        for event in events
    ]


def _say(event: ShorePowerEvent, severity: str, outcome: str, message: str) -> Remark:
    return Remark(
        event=event.number,
        event_id=event.event_id,
        severity=severity,
        outcome=outcome,
        path=f"$.events[{event.number}]",
        message=message,
    )


def _last_words(events: list[ShorePowerEvent]) -> tuple[list[ShorePowerEvent], list[Remark]]:
    """Keep of each service the last event of each type; none where the service is cancelled or its call omitted."""
    services: dict[str, list[ShorePowerEvent]] = {}
    for event in events:
        services.setdefault(event.service_id or event.event_id, []).append(event)
    valid: list[ShorePowerEvent] = []
    remarks: list[Remark] = []
    faults: list[str] = []
    for name, group in services.items():
        ordered = sorted(group, key=lambda event: event.updated)
        last = {event.kind: event for event in ordered}
        for event in ordered:
            final = last[event.kind]
            if event is not final and event.updated == final.updated:
                faults.append(
                    f"events {event.number} and {final.number}: two {event.kind} of service {name} with one "
                    "eventUpdatedDateTime"
                )
            if event is not final:
                text = f"event {final.number} of the same service and type was updated later"
                remarks.append(_say(event, "INFO", "superseded", text))
        word = ordered[-1]
        if word.omitted or word.canceled:
            outcome = "omitted" if word.omitted else "cancelled"
            text = f"the last word on the service (event {word.number}) is that it is {outcome}"
            remarks += [_say(event, "INFO", outcome, text) for event in last.values()]
        else:
            valid += last.values()
    if faults:
        raise SchemaError("DCSA Port Call events", faults)
    return valid, remarks


def _paired(
    events: list[ShorePowerEvent],
) -> tuple[list[tuple[ShorePowerEvent, ShorePowerEvent | None]], list[Remark]]:
    """Pair starts and ends: of one service first, then of one ship and place in the order of time."""
    pairs: list[tuple[ShorePowerEvent, ShorePowerEvent | None]] = []
    by_service: dict[str, dict[str, ShorePowerEvent]] = {}
    for event in events:
        by_service.setdefault(event.service_id or event.event_id, {})[event.kind] = event
    left: list[ShorePowerEvent] = []
    for group in by_service.values():
        start, end = group.get(STARTED), group.get(COMPLETED)
        if start and end and start.time <= end.time and _ship(start) == _ship(end):
            pairs.append((start, end))
        else:
            left += group.values()
    opened: dict[tuple[Any, ...], ShorePowerEvent] = {}
    remarks = []
    for event in sorted(left, key=lambda event: (event.time, event.kind == STARTED)):
        key = (*_ship(event), event.locode, event.terminal, event.berth)
        before = opened.pop(key, None)
        if event.kind == STARTED:
            if before is not None:
                pairs.append((before, None))
            opened[key] = event
        elif before is None or before.service_id != event.service_id:
            if before is not None:
                opened[key] = before
            text = "no start of the same service, nor of the same ship and place before it"
            remarks.append(_say(event, "WARN", "end without start", text))
        else:
            pairs.append((before, event))
    pairs += [(event, None) for event in opened.values()]
    remarks += [
        _say(start, "WARN", "start without end", "the connection has no end") for start, end in pairs if end is None
    ]
    return pairs, remarks


def _ship(event: ShorePowerEvent) -> tuple[str, int | None]:
    return ("imo", event.imo) if event.imo else ("mmsi", event.mmsi)


def _connection(
    start: ShorePowerEvent,
    end: ShorePowerEvent | None,
    berths: Mapping[str, str] | None,
    remarks: list[Remark],
) -> dict[str, Any]:
    named = start.berth or (end.berth if end else None)
    berth = named if berths is None or named is None else berths.get(named)
    if named is not None and berth is None:
        remarks.append(_say(start, "WARN", "odd", f"'{named}' is no berth of the register"))
    energy = [event.energy_mwh for event in (end, start) if event is not None and event.energy_mwh is not None]
    outlet = [event.outlet for event in (start, end) if event is not None and event.outlet is not None]
    ids = start.event_id if end is None else f"{start.event_id} and {end.event_id}"
    return {
        "imo": start.imo,
        "mmsi": start.mmsi,
        "locode": start.locode,
        "berth_id": berth,
        "outlet_id": outlet[0] if outlet else None,
        "start_utc": start.time,
        "end_utc": end.time if end else None,
        "energy_mwh": energy[0] if energy else None,
        "source": f"DCSA Port Call 2.0.0, events {ids}",
    }
