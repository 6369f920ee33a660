"""DCSA Port Call: calls from events and back; a conversation of estimate, request, plan and actual is replayed."""

import csv
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, SchemaError
from sisterport.exchange import call_events, plan_times, read_dcsa_calls, request_times, visit_times
from sisterport.exchange.dcsa_services import SERVICES
from sisterport.tables import check, empty
from tests.exchange.openapi_reader import faults, schemas

DAY = datetime(2025, 1, 23, tzinfo=UTC)
SPACE = UUID(int=9)


def event(classifier, hour, *, updated=0.0, service="BERTH", kind="ARRI", call="c1", vessel=None, **more):
    """An event of a call, said `updated` hours after the day began, of a time `hour`."""
    made = {
        "eventID": str(uuid5(SPACE, f"{classifier}{hour}{updated}{service}{kind}{call}{more}")),
        "eventUpdatedDateTime": (DAY + timedelta(hours=updated)).isoformat(),
        "portCall": {"UNLocationCode": "NLAMS"},
        "terminalCall": {"terminalCallID": str(uuid5(SPACE, call))},
        "portCallService": {"portCallServiceTypeCode": service, "portCallServiceEventTypeCode": kind},
        "vessel": {"vesselIMONumber": "9321483"} | (vessel or {}),
    } | more
    if classifier is not None:
        made["timestamp"] = {"classifierCode": classifier, "serviceDateTime": (DAY + timedelta(hours=hour)).isoformat()}
    return made


def hours(found, *columns):
    row = found.calls.row(0, named=True)
    return [None if row[c] is None else (row[c] - DAY).total_seconds() / 3600 for c in columns]


def outcomes(found):
    return dict(found.counts.iter_rows())


BERTH = ("berth_eta_utc", "berth_rta_utc", "berth_pta_utc", "berth_ata_utc")


def test_a_conversation_is_replayed_step_by_step():
    said = [event("EST", 10, updated=0)]
    said.append(event("REQ", 14, updated=1, replyToEventID=said[0]["eventID"]))
    said.append(event("EST", 13, updated=2, replyToEventID=said[1]["eventID"]))
    said.append(event("PLN", 14, updated=3, replyToEventID=said[1]["eventID"]))
    said.append(event("ACT", 14.5, updated=15))
    states = [read_dcsa_calls(said[: n + 1]).calls["state"].item() for n in range(5)]
    assert states == ["estimated", "requested", "estimated", "planned", "actual"]
    found = read_dcsa_calls(said)
    assert hours(found, *BERTH) == [13, 14, 14, 14.5]
    assert outcomes(found) == {"read": 4, "superseded": 1}
    shuffled = read_dcsa_calls(said[::-1])
    assert shuffled.calls.equals(found.calls)


def test_everything_of_a_call_is_read_once():
    counts = {"totalUnits": {"totalUnits": 300}}
    events = [
        event("EST", 10, vessel={"vesselName": "King of the Seas", "lengthOverall": 1000.0, "vesselSizeUnit": "FOT",
                                 "draft": 12.5, "draftUnit": "MTR", "milesToDestinationPort": 120.0}),
        event("EST", 40, kind="DEPA"),
        event("EST", 8, service="PILOT_BOARDING_PLACE"),
        event("ACT", 12, service="SHORE_POWER", kind="STRT"),
        event("ACT", 39, service="SHORE_POWER", kind="CMPL"),
        event(None, 0, service="MOVES", movesForecasts=[{"carrierCode": "MAEU", "loadUnits": counts},
                                                        {"dischargeUnits": counts, "restowUnits": {"totalUnits": 7}}]),
        event("EST", 11, call="c2", vessel={"vesselIMONumber": "9074729", "draft": 40, "draftUnit": "?"}),
    ]  # fmt: skip
    found = read_dcsa_calls({"events": events})
    row = found.calls.filter(imo=9321483).row(0, named=True)
    assert (row["name"], row["locode"], row["draught_m"], row["miles_to_go_nm"]) == (
        "King of the Seas",
        "NLAMS",
        12.5,
        120,
    )
    assert row["length_m"] == pytest.approx(304.8)
    assert (row["moves"], row["restows"]) == (600, 7)
    names = ("berth_eta_utc", "berth_etd_utc", "pilot_eta_utc", "shore_power_start_utc", "shore_power_end_utc")
    assert [(row[name] - DAY).total_seconds() / 3600 for name in names] == [10, 40, 8, 12, 39]
    other = found.calls.filter(imo=9074729)
    assert other["draught_m"].item() is None  # nobody guesses the unit
    assert "draft without a known draftUnit: not used" in found.feedback["message"].to_list()
    assert outcomes(found) == {"read": 7}


def test_what_is_called_off_does_not_count():
    said = event("PLN", 10)
    off = event("PLN", 10, updated=2)
    off["portCallService"] |= {"isCanceled": True}
    assert read_dcsa_calls([said, off]).calls.height == 0
    assert outcomes(read_dcsa_calls([said, off])) == {"cancelled": 2}
    again = event("EST", 20, updated=3)
    assert hours(read_dcsa_calls([said, off, again]), "berth_eta_utc") == [20]
    omitted = event("EST", 20, updated=4)
    omitted["portCall"]["isOmitted"] = True
    assert outcomes(read_dcsa_calls([again, omitted])) == {"omitted": 2}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda e: e["timestamp"].update(classifierCode="ETA"), "BERTH has only EST, REQ, PLN, ACT"),
        (lambda e: e["timestamp"].update(serviceDateTime="2025-01-23 04:00"), "no time with an offset"),
        (lambda e: e["portCallService"].update(portCallServiceEventTypeCode="STRT"), "BERTH has only ARRI, DEPA"),
        (lambda e: e["portCallService"].update(portCallServiceTypeCode="PARKING"), "none of the standard"),
        (lambda e: e["vessel"].update(vesselIMONumber="9321484"), "right check digit"),
        (lambda e: e.pop("vessel"), "no vesselIMONumber"),
        (lambda e: e["portCall"].update(UNLocationCode="ZZZZZ"), "ZZZZZ"),
        (lambda e: e.update(eventID="1"), "no UUID"),
        (lambda e: e["vessel"].update(vesselName="a\0"), "cannot be stored"),
        (lambda e: e.pop("timestamp"), "no timestamp.classifierCode"),
    ],
)
def test_an_event_that_breaks_the_standard_is_refused_and_the_others_count(change, says):
    wrong = event("EST", 5, updated=9)
    change(wrong)
    found = read_dcsa_calls([wrong, event("EST", 10)])
    assert hours(found, "berth_eta_utc") == [10]
    assert outcomes(found) == {"read": 1, "refused": 1}
    reasons = found.feedback.filter(severity="ERROR", event=0)["message"].to_list()
    assert any(says in reason for reason in reasons)


def test_doubles_and_other_content_under_one_id():
    said = event("EST", 10)
    other = event("EST", 11) | {"eventID": said["eventID"]}
    assert outcomes(read_dcsa_calls([said, said, other])) == {"read": 1, "duplicate": 1, "refused": 1}


def test_odd_events_are_read_with_a_remark():
    odd = event("ACT", 30, replyToEventID=str(UUID(int=1)), movesForecasts=[])
    odd["portCallService"] |= {"portCallPhaseTypeCode": "SHIF", "facilityTypeCode": "PBPL"}
    found = read_dcsa_calls([odd], now=DAY)
    said = " ".join(found.feedback["message"])
    for part in (
        "SHIF",
        "PBPL",
        "an actual time after",
        "moves on a BERTH service",
        "answers an event that is not here",
    ):
        assert part in said
    assert outcomes(found) == {"read": 1}


@st.composite
def said_times(draw):
    """Rows of call times of a few calls, each said once."""
    rows = []
    for number in range(draw(st.integers(1, 6))):
        service = draw(st.sampled_from([name for name in SERVICES if name != "MOVES"]))
        rules = SERVICES[service]
        rows.append(
            {
                "call_id": str(uuid5(SPACE, f"call {number}")),
                "call_id_field": draw(st.sampled_from(["terminalCallID", "portCallID"])),
                "service": service,
                "service_id": str(uuid5(SPACE, f"service {number}")),
                "kind": draw(st.sampled_from(rules.kinds)),
                "classifier": draw(st.sampled_from(rules.classifiers)),
                "time_utc": DAY + timedelta(seconds=draw(st.integers(0, 10**6))),
                "updated_utc": DAY + timedelta(milliseconds=draw(st.integers(0, 10**8))),
                "event_id": str(uuid5(SPACE, f"event {number}")),
                "reply_to": draw(st.sampled_from([None, str(UUID(int=3))])),
                "phase": draw(st.sampled_from(rules.phases)) if rules.phases else None,
                "imo": draw(st.sampled_from([9321483, 9074729])),
                "mmsi": draw(st.sampled_from([None, 278111222])),
                "name": draw(st.sampled_from([None, "Ada", "海の王"])),
                "locode": draw(st.sampled_from(["NLAMS", "CNSGH"])),
                "terminal": draw(st.sampled_from([None, "ADT"])),
                "place": draw(st.sampled_from([None, "ADT 1"])),
                "fyi": draw(st.booleans()),
            }
        )
    frame = pl.DataFrame(rows, infer_schema_length=None, schema_overrides=empty("call_times").schema)
    return check(frame, "call_times")


@given(said_times())
def test_times_come_back_as_they_were_written_and_fit_the_schema(times):
    body = json.loads(json.dumps(call_events(times)))
    found = read_dcsa_calls(body)
    keys = ["call_id", "service"]
    assert found.times.sort(keys).equals(times.sort(keys))


def test_what_is_written_fits_the_published_schema(shared):
    requests, calls, times = conversation()
    body = call_events(request_times(requests, calls, updated=DAY, times=times, pilot_place="Maas Center"))
    every = schemas(shared / "data/exchange/dcsa_port_call_2.0.0/port-call-v2.0.0-openapi.yaml")
    assert faults(body, every["PostEventsRequest"], every) == []


def conversation():
    """A ship's estimates, and the request that a plan makes."""
    found = read_dcsa_calls([event("EST", 10), event("EST", 8, service="PILOT_BOARDING_PLACE")])
    one = {name: 0.0 for name, column in empty("arrival_requests").schema.items() if column == pl.Float64}
    when = {name: DAY for name, column in empty("arrival_requests").schema.items() if isinstance(column, pl.Datetime)}
    row = one | when | {"call_id": found.calls["call_id"].item(), "mmsi": 1, "berth_id": "ADT 1", "slowed": True,
                        "requested_utc": DAY + timedelta(hours=12), "start_utc": DAY + timedelta(hours=14)}  # fmt: skip
    return pl.DataFrame([row]), found.calls, found.times


def test_requests_answer_the_estimates_and_plans_the_requests():
    requests, calls, times = conversation()
    asked = request_times(requests, calls, updated=DAY + timedelta(hours=1), times=times, pilot_place="Maas Center")
    estimate = {row["service"]: row["event_id"] for row in times.iter_rows(named=True)}
    assert {r["service"]: r["reply_to"] for r in asked.iter_rows(named=True)} == estimate
    events = call_events(asked)["events"]
    assert {e["portCallService"]["facilityTypeCode"] for e in events} == {"PBPL", "BRTH"}
    both = read_dcsa_calls([event("EST", 10), event("EST", 8, service="PILOT_BOARDING_PLACE"), *events])
    assert hours(both, "pilot_rta_utc", "berth_rta_utc") == [12, 14]
    assert both.calls["state"].item() == "requested"
    stays = pl.DataFrame({"call_id": calls["call_id"], "berth_id": ["ADT 1"], "start_utc": [DAY + timedelta(hours=14)],
                          "end_utc": [DAY + timedelta(hours=30)]})  # fmt: skip
    planned = plan_times(stays, calls, updated=DAY + timedelta(hours=2), times=both.times)
    request = both.times.filter(service="BERTH", classifier="REQ")["event_id"].item()
    assert planned.filter(kind="ARRI")["reply_to"].item() == request
    final = read_dcsa_calls([event("EST", 10), *events, *call_events(planned)["events"]])
    assert hours(final, "berth_pta_utc", "berth_ptd_utc") == [14, 30]
    assert final.calls["state"].item() == "planned"
    assert final.calls["place"].item() == "ADT 1"


def test_what_happened_goes_out_as_actuals_for_information():
    four, five, nine = (DAY + timedelta(hours=h) for h in (4, 5, 9))
    same = {"call_id": "A", "imo": 9321483, "locode": "NLAMS", "start_seen": True, "hours": 4.0, "hours_hole": 0.0,
            "arrival_utc": DAY, "departure_utc": nine, "arrival_seen": True, "departure_seen": False}  # fmt: skip
    anchored = {"stop": 1, "berth_id": None, "place": "anchorage", "start_utc": DAY, "end_utc": four, "end_seen": True}
    alongside = {
        "stop": 2,
        "berth_id": "ADT 1",
        "place": "berth",
        "start_utc": five,
        "end_utc": nine,
        "end_seen": False,
    }
    visits = pl.DataFrame([same | anchored, same | alongside])
    times = visit_times(visits, updated=DAY + timedelta(hours=10))
    assert times.select("service", "kind").rows() == [("ANCHORAGE", "STRT"), ("ANCHORAGE", "CMPL"), ("BERTH", "ARRI")]
    events = call_events(times)["events"]
    assert all(e["isFYI"] and e["timestamp"]["classifierCode"] == "ACT" for e in events)
    assert outcomes(read_dcsa_calls(events)) == {"read": 3}


def test_what_the_standard_does_not_allow_is_not_written():
    row = {"call_id": "A", "service": "SHORE_POWER", "kind": "ARRI", "classifier": "PLN", "time_utc": DAY,
           "updated_utc": DAY}  # fmt: skip
    with pytest.raises(SchemaError) as error:
        call_events(pl.DataFrame([row]))
    for part in ("SHORE_POWER has only STRT, CMPL", "SHORE_POWER is ACT, not PLN", "neither imo nor mmsi"):
        assert part in str(error.value)


def test_a_request_for_an_unknown_call_is_an_error():
    requests, calls, _ = conversation()
    with pytest.raises(InputError, match="1 calls are not announced: X"):
        request_times(requests.with_columns(call_id=pl.lit("X")), calls, updated=DAY)


def test_the_official_sample_is_refused_with_its_reasons(shared):
    path = shared / "data/exchange/dcsa_port_call_2.0.0/sample_post_request.json"
    found = read_dcsa_calls(path)
    assert outcomes(found).get("refused") == len(json.loads(path.read_text())["events"])
    assert "BERTH has only ARRI, DEPA" in " ".join(found.feedback["message"])


def test_the_rules_of_services_are_those_of_the_published_text(shared):
    text = (shared / "data/exchange/dcsa_port_call_2.0.0/service_rules.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    columns = ("timestamps", "event_type_codes", "phase_codes", "facility_type_codes")
    published = {row["port_call_service_type_code"]: tuple(tuple(row[c].split()) for c in columns) for row in rows}
    assert {name: tuple(rules) for name, rules in SERVICES.items()} == published
