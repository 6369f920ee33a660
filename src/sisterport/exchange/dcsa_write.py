"""DCSA Port Call 2.0.0: shore-power events from connections."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import polars as pl

from sisterport.errors import InputError, SchemaError
from sisterport.exchange.dcsa_events import COMPLETED, SERVICE, STARTED
from sisterport.exchange.objects import stamp
from sisterport.tables import check, write_text

_stamp = stamp  # the name by which dcsa_calls_write takes it
_NAMESPACE = UUID("6f6a4f0e-3b1c-5d8e-9a57-0d6b1b1a2c4d")
"""Of the ids that are made from content; any fixed UUID does."""


def dcsa_events(
    connections: Any, *, updated: datetime, berth_names: Mapping[str, str] | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Return connections as events of plain DCSA Port Call 2.0.0.

    The standard has no field for outlet, voltage, frequency, power or energy: none of these is written. All ids are
    made from the content, so that the same connection always gives the same events.

    Parameters
    ----------
    connections
        Frame of the table ``connections``.
    updated
        For ``eventUpdatedDateTime``, with a time zone.
    berth_names
        Name of each ``berth_id`` for ``serviceLocation.locationName``; else the id itself.

    Returns
    -------
    dict
        Body of ``POST /events``: an actual STRT of each connection, and an actual CMPL where it has an end.

    Raises
    ------
    SchemaError
        If `connections` does not fit its table or a ship has no number.
    InputError
        If `updated` has no time zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> rows = pl.DataFrame({"mmsi": [278111222], "start_utc": [datetime(2025, 1, 23, 4, tzinfo=UTC)],
    ...                      "source": ["meter"]})
    >>> event = dcsa_events(rows, updated=datetime(2025, 1, 24, tzinfo=UTC))["events"][0]
    >>> event["timestamp"], event["portCallService"]["portCallServiceEventTypeCode"]
    ({'classifierCode': 'ACT', 'serviceDateTime': '2025-01-23T04:00:00Z'}, 'STRT')
    """
    if updated.tzinfo is None:
        raise InputError("updated needs a time zone")
    rows = check(connections, "connections")
    nobody = rows.filter(pl.col("imo").is_null() & pl.col("mmsi").is_null()).height
    if nobody:
        raise SchemaError("connections", [f"{nobody} rows with neither imo nor mmsi"])
    events = []
    for row in rows.iter_rows(named=True):
        content = "|".join(str(row[name]) for name in ("imo", "mmsi", "locode", "berth_id", "start_utc"))
        service = str(uuid5(_NAMESPACE, content))
        times = ((STARTED, row["start_utc"]), (COMPLETED, row["end_utc"]))
        events += [_event(row, service, kind, time, updated, berth_names) for kind, time in times if time is not None]
    return {"events": events}


def _event(
    row: Mapping[str, Any],
    service: str,
    kind: str,
    time: datetime,
    updated: datetime,
    berth_names: Mapping[str, str] | None,
) -> dict[str, Any]:
    stated, changed = stamp(time), stamp(updated)
    place: dict[str, Any] = {}
    if row["berth_id"] is not None:
        place["locationName"] = (berth_names or {}).get(row["berth_id"], row["berth_id"])
    if row["locode"] is not None:
        place["UNLocationCode"] = row["locode"]
    return {
        "eventID": str(uuid5(_NAMESPACE, f"{service}|{kind}|{stated}|{changed}")),
        "eventUpdatedDateTime": changed,
        "isFYI": False,
        **({"portCall": {"UNLocationCode": row["locode"]}} if row["locode"] is not None else {}),
        "portCallService": {
            "portCallServiceID": service,
            "portCallServiceTypeCode": SERVICE,
            "portCallServiceEventTypeCode": kind,
            "portCallPhaseTypeCode": "ALGS",
            "facilityTypeCode": "BRTH",
            **({"serviceLocation": place} if place else {}),
            "isCanceled": False,
            "isDeclined": False,
        },
        "vessel": {
            **({"vesselIMONumber": f"{row['imo']:07d}"} if row["imo"] is not None else {}),
            **({"vesselMMSINumber": f"{row['mmsi']:09d}"} if row["mmsi"] is not None else {}),
        },
        "timestamp": {"classifierCode": "ACT", "serviceDateTime": stated},
    }


def write_dcsa(
    connections: Any, path: str | Path, *, updated: datetime, berth_names: Mapping[str, str] | None = None
) -> int:
    """Write connections as events into a JSON file and return the number of events.

    Parameters
    ----------
    connections, updated, berth_names
        As in `dcsa_events`.
    path
        The file.
    """
    body = dcsa_events(connections, updated=updated, berth_names=berth_names)
    write_text(path, json.dumps(body, indent=1, ensure_ascii=False) + "\n")
    return len(body["events"])
