"""DCSA Port Call 2.0.0: requests, plans and what happened, as events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import polars as pl

from sisterport.errors import InputError, SchemaError
from sisterport.exchange.dcsa_services import SERVICES
from sisterport.exchange.dcsa_write import _stamp
from sisterport.tables import check, to_polars

_NAMESPACE = UUID("0b8e3d0e-6a8c-5f0e-8f8e-5a7b0d6d7c21")
"""Of the ids that are made from content; any fixed UUID does."""
_SHIP = ("call_id_field", "imo", "mmsi", "name", "locode", "terminal")


def call_events(times: Any) -> dict[str, list[dict[str, Any]]]:
    """Return times as events of plain DCSA Port Call 2.0.0.

    Parameters
    ----------
    times
        Frame of the table ``call_times``. Ids that are absent are made from the content: the same rows always give the
        same events.

    Returns
    -------
    dict
        Body of ``POST /events``.

    Raises
    ------
    SchemaError
        Listing every fault: rows without a ship, services, types or classifiers that the standard does not allow
        together.

    Examples
    --------
    >>> from datetime import UTC
    >>> said = pl.DataFrame({"call_id": ["imo-9321483-NLAMS"], "service": ["BERTH"], "kind": ["ARRI"],
    ...     "classifier": ["REQ"], "imo": [9321483], "locode": ["NLAMS"], "place": ["ADT 1"],
    ...     "time_utc": [datetime(2025, 1, 23, 9, tzinfo=UTC)], "updated_utc": [datetime(2025, 1, 22, tzinfo=UTC)]})
    >>> from sisterport.exchange.dcsa_calls import read_dcsa_calls
    >>> read_dcsa_calls(call_events(said)).calls.select("state", "place").row(0)
    ('requested', 'ADT 1')
    """
    rows = check(times, "call_times")
    faults = [
        f"row {number}: {fault}" for number, row in enumerate(rows.iter_rows(named=True)) for fault in _faults(row)
    ]
    if faults:
        raise SchemaError("call_times", faults)
    return {"events": [_event(row) for row in rows.iter_rows(named=True)]}


def _faults(row: Mapping[str, Any]) -> list[str]:
    rules = SERVICES.get(row["service"])
    if rules is None:
        return [f"service {row['service']} is none of the standard"]
    faults = [] if row["kind"] in rules.kinds else [f"{row['service']} has only {', '.join(rules.kinds)}"]
    if row["classifier"] not in rules.classifiers:
        faults.append(f"{row['service']} is {' '.join(rules.classifiers) or 'without times'}, not {row['classifier']}")
    if row["imo"] is None and row["mmsi"] is None:
        faults.append("neither imo nor mmsi")
    return faults


def _event(row: Mapping[str, Any]) -> dict[str, Any]:
    rules = SERVICES[row["service"]]
    call = str(row["call_id"])
    service = row["service_id"] or str(uuid5(_NAMESPACE, f"{call}|{row['service']}"))
    said = "|".join(str(row[name]) for name in ("call_id", "service", "kind", "classifier", "time_utc", "updated_utc"))
    phase = row["phase"] or (rules.phases[0] if len(rules.phases) == 1 or row["kind"] == "ARRI" else None)
    place = {
        **({"locationName": row["place"]} if row["place"] else {}),
        **({"UNLocationCode": row["locode"]} if row["locode"] else {}),
        **(
            {"facility": {"facilityCode": row["terminal"], "facilityCodeListProvider": "SMDG"}}
            if row["terminal"]
            else {}
        ),
    }
    port_call = {
        **({"portCallID": call} if row["call_id_field"] == "portCallID" else {}),
        **({"UNLocationCode": row["locode"]} if row["locode"] else {}),
    }
    return {
        "eventID": row["event_id"] or str(uuid5(_NAMESPACE, said)),
        **({"replyToEventID": row["reply_to"]} if row["reply_to"] else {}),
        "eventUpdatedDateTime": _stamp(row["updated_utc"]),
        "isFYI": bool(row["fyi"]),
        **({"portCall": port_call} if port_call else {}),
        **({"terminalCall": {"terminalCallID": call}} if row["call_id_field"] == "terminalCallID" else {}),
        "portCallService": {
            "portCallServiceID": service,
            "portCallServiceTypeCode": row["service"],
            "portCallServiceEventTypeCode": row["kind"],
            **({"portCallPhaseTypeCode": phase} if phase else {}),
            **({"facilityTypeCode": rules.facilities[0]} if rules.facilities else {}),
            **({"serviceLocation": place} if place else {}),
            "isCanceled": False,
            "isDeclined": False,
        },
        "vessel": {
            **({"vesselIMONumber": f"{row['imo']:07d}"} if row["imo"] is not None else {}),
            **({"vesselMMSINumber": f"{row['mmsi']:09d}"} if row["mmsi"] is not None else {}),
            **({"vesselName": row["name"]} if row["name"] else {}),
        },
        "timestamp": {"classifierCode": row["classifier"], "serviceDateTime": _stamp(row["time_utc"])},
    }


def request_times(requests: Any, calls: Any, *, updated: datetime, times: Any = None, pilot_place: str | None = None
                  ) -> pl.DataFrame:  # fmt: skip
    """Return requested times of pilot place and berth, answering the ships' estimates.

    Parameters
    ----------
    requests
        Frame of the table ``arrival_requests``.
    calls
        Frame of the table ``announced_calls``: who the ships are.
    updated
        When this is said (with a time zone).
    times
        Frame of the table ``call_times`` as read: the estimates that are answered.
    pilot_place
        Name of the pilot boarding place.

    Returns
    -------
    DataFrame
        Table ``call_times``, for `call_events`.

    Raises
    ------
    InputError
        If a request is for a call that is not announced.
    """
    rows = check(requests, "arrival_requests").select("call_id", "berth_id", "requested_utc", "start_utc")
    pilot = rows.select("call_id", service=pl.lit("PILOT_BOARDING_PLACE"), time_utc="requested_utc",
                        place=pl.lit(pilot_place, pl.String))  # fmt: skip
    berth = rows.select("call_id", service=pl.lit("BERTH"), time_utc="start_utc", place="berth_id")
    both = pl.concat([pilot, berth]).with_columns(kind=pl.lit("ARRI"), classifier=pl.lit("REQ"), phase=pl.lit("INBD"))
    return _of_calls(both, calls, updated, times, answers="EST")


def plan_times(stays: Any, calls: Any, *, updated: datetime, times: Any = None) -> pl.DataFrame:
    """Return planned times of berth arrival and departure; planned arrivals answer the ships' requests or estimates.

    Parameters
    ----------
    stays
        ``call_id, berth_id, start_utc, end_utc`` of a plan.
    calls, updated, times
        As in `request_times`.

    Returns
    -------
    DataFrame
        Table ``call_times``, for `call_events`.
    """
    rows = to_polars(stays)
    ends = {"ARRI": ("start_utc", "INBD"), "DEPA": ("end_utc", "OUTB")}
    both = pl.concat(
        [
            rows.select("call_id", time_utc=column, place="berth_id", kind=pl.lit(kind), phase=pl.lit(phase))
            for kind, (column, phase) in ends.items()
        ]
    ).with_columns(service=pl.lit("BERTH"), classifier=pl.lit("PLN"))
    return _of_calls(both, calls, updated, times, answers="REQ")


def visit_times(visits: Any, *, updated: datetime) -> pl.DataFrame:
    """Return what happened as actual times, for information only: berth arrivals and departures, anchorage.

    Parameters
    ----------
    visits
        Frame of the table ``visits``. Begins and ends that were not seen are left out, and so are stops of ships
        without IMO number and MMSI.
    updated
        When this is said (with a time zone).

    Returns
    -------
    DataFrame
        Table ``call_times``, for `call_events`.
    """
    if updated.tzinfo is None:
        raise InputError("updated needs a time zone")
    rows = check(visits, "visits").filter(pl.col("imo").is_not_null() | pl.col("mmsi").is_not_null())
    kinds = {
        ("berth", "start"): ("BERTH", "ARRI", "INBD"),
        ("berth", "end"): ("BERTH", "DEPA", "OUTB"),
        ("anchorage", "start"): ("ANCHORAGE", "STRT", None),
        ("anchorage", "end"): ("ANCHORAGE", "CMPL", None),
    }
    parts = [
        rows.filter(pl.col(f"{side}_seen"), pl.col("place") == place).select(
            pl.format("{}-{}", "call_id", "stop").alias("call_id"),  # a stop of its own: each berth has one arrival
            "imo",
            "mmsi",
            "name",
            "locode",
            pl.col("berth_id").alias("place"),
            service=pl.lit(service),
            kind=pl.lit(kind),
            phase=pl.lit(phase, pl.String),
            time_utc=f"{side}_utc",
        )
        for (place, side), (service, kind, phase) in kinds.items()
    ]
    said = pl.concat(parts).with_columns(classifier=pl.lit("ACT"), fyi=pl.lit(value=True), updated_utc=pl.lit(updated))
    return check(said, "call_times").sort("time_utc", "call_id", "kind")


def _of_calls(rows: pl.DataFrame, calls: Any, updated: datetime, times: Any, *, answers: str) -> pl.DataFrame:
    """Add who the ship is, when it is said, and which event it answers."""
    if updated.tzinfo is None:
        raise InputError("updated needs a time zone")
    known = check(calls, "announced_calls").select("call_id", *_SHIP)
    lost = rows.join(known, on="call_id", how="anti", maintain_order="left")["call_id"].unique(maintain_order=True)
    if lost.len():
        raise InputError(f"{lost.len()} calls are not announced: {', '.join(lost)}")
    joined = rows.join(known, on="call_id", how="left", maintain_order="left").with_columns(updated_utc=pl.lit(updated))
    if times is not None:
        keys = ["call_id", "service", "kind"]
        said = check(times, "call_times").filter(pl.col("classifier").is_in([answers, "EST"]))
        newest = said.sort(pl.col("classifier") == answers, "updated_utc").unique(
            keys, keep="last", maintain_order=True
        )
        replied = newest.select(*keys, "service_id", reply_to="event_id")
        joined = joined.join(replied, on=keys, how="left", maintain_order="left")
    return check(joined, "call_times")
