"""The text of DCSA Port Call 2.0.0: every rule fires on what breaks it, where it breaks it, and on nothing else."""

import csv
import json
from itertools import product

import pytest

from sisterport.errors import SchemaError
from sisterport.exchange.dcsa_events import judge
from sisterport.exchange.dcsa_strict import Known, event_findings, request_findings
from sisterport.exchange.findings import ERROR, WARN, findings_frame
from tests.exchange.dcsa_cases import NOW, event, hours, uuid

FOLDER = "data/exchange/dcsa_port_call_2.0.0"
KNOWN = Known(now=NOW, terminals={("NLAMS", "ADT")}, delay_codes={"STR"})


def rows_of(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def said(found):
    return {(one.check, one.severity, one.path) for one in found}


def test_a_good_event_draws_nothing():
    assert event_findings(event(), known=KNOWN) == []


SERVICE = "$.portCallService."
BROKEN = [
    ({"eventID": "one"}, "event_id", "ERROR", "$.eventID"),
    ({"eventID": None}, "event_id", "ERROR", "$.eventID"),
    ({"eventUpdatedDateTime": "2025-01-22 08:00"}, "updated_time", "ERROR", "$.eventUpdatedDateTime"),
    ({"timestamp__serviceDateTime": "2025-01-23T04:00:00"}, "service_time", "ERROR", "$.timestamp.serviceDateTime"),
    (
        {"timestamp__classifierCode": "ACT", "timestamp__serviceDateTime": hours(0.26)},
        "future_actual", "WARN", "$.timestamp.serviceDateTime",
    ),
    (
        {"portCallService__portCallServiceTypeCode": "BIRTH"},
        "service_code", "ERROR", SERVICE + "portCallServiceTypeCode",
    ),
    ({"timestamp__classifierCode": "CNF"}, "classifier", "ERROR", "$.timestamp.classifierCode"),
    ({"portCallService__portCallPhaseTypeCode": "SHIF"}, "phase", "WARN", SERVICE + "portCallPhaseTypeCode"),
    ({"portCallService__facilityTypeCode": "ANCH"}, "facility", "WARN", SERVICE + "facilityTypeCode"),
    ({"timestamp": None}, "payload", "WARN", "$"),
    ({"movesForecasts": [{}]}, "payload", "WARN", "$"),
    ({"movesForecasts": [{}]}, "moves_service", "WARN", "$.movesForecasts"),
    ({"vessel__vesselIMONumber": "9321484"}, "ship", "ERROR", "$.vessel.vesselIMONumber"),
    ({"vessel__vesselIMONumber": "12345678"}, "ship", "ERROR", "$.vessel.vesselIMONumber"),
    ({"vessel__vesselIMONumber": "0000000"}, "ship", "ERROR", "$.vessel.vesselIMONumber"),
    ({"vessel__vesselMMSINumber": "27811122"}, "ship", "ERROR", "$.vessel.vesselMMSINumber"),
    ({"vessel__vesselIMONumber": None}, "ship", "ERROR", "$.vessel"),
    ({"portCall__UNLocationCode": "nlams"}, "form", "ERROR", "$.portCall.UNLocationCode"),
    ({"portCall__UNLocationCode": "NLQQQ"}, "locode", "WARN", "$.portCall.UNLocationCode"),
    ({"portCall__UNLocationCode": "CNSHA"}, "locode_alias", "INFO", "$.portCall.UNLocationCode"),
    ({"portCall__UNLocationCode": None}, "locode", "WARN", "$.portCall.UNLocationCode"),
    (
        {"portCallService__serviceLocation__facility__facilityCode": "XYZ"},
        "terminal", "WARN", SERVICE + "serviceLocation.facility.facilityCode",
    ),
    (
        {"portCallService__serviceLocation__facilityTypeCode": "RAMP"},
        "location_type", "WARN", SERVICE + "serviceLocation.facilityTypeCode",
    ),
    ({"timestamp__delayReasonCodes": ["STR", "ZZZ"]}, "delay_code", "WARN", "$.timestamp.delayReasonCodes[1]"),
    ({"replyToEventID": uuid(1)}, "reply", "WARN", "$.replyToEventID"),
    ({"replyToEventID": uuid(77)}, "reply", "INFO", "$.replyToEventID"),
    (
        {"portCallService__isDeclined": True},
        "called_off_by", "ERROR", SERVICE + "isDeclined",
    ),
    ({"vessel__draft": 12.5}, "unit", "WARN", "$.vessel.draftUnit"),
    ({"vessel__vesselTypeCode": "BOAT"}, "code", "WARN", "$.vessel.vesselTypeCode"),
    ({"terminalCall__terminalCallID": uuid(1)}, "ids", "WARN", "$.terminalCall.terminalCallID"),
    ({"vessel__vesselName": "a\0b"}, "storable", "ERROR", "$"),
    ({"vessel__vesselNmae": "A"}, "unknown_field", "WARN", "$.vessel.vesselNmae"),
    ({"portCall__portCallID": "x"}, "form", "ERROR", "$.portCall.portCallID"),
]  # fmt: skip


@pytest.mark.parametrize(("places", "check", "severity", "path"), BROKEN)
def test_every_rule_names_its_place(places, check, severity, path):
    found = event_findings(event(**places), known=KNOWN)
    assert (check, severity, path) in said(found)
    assert all(one.fault and one.remedy for one in found)


def test_within_the_tolerance_of_clocks_an_actual_time_is_no_remark():
    places = {"timestamp__classifierCode": "ACT", "timestamp__serviceDateTime": hours(0.25)}
    assert event_findings(event(**places), known=KNOWN) == []


def test_a_request_that_cancels_is_refused_and_one_that_declines_is_not():
    def checks(flag, classifier):
        places = {f"portCallService__{flag}": True, "timestamp__classifierCode": classifier}
        return [one.check for one in event_findings(event(**places))]

    assert checks("isCanceled", "REQ") == checks("isDeclined", "PLN") == ["called_off_by"]
    assert checks("isDeclined", "REQ") == checks("isCanceled", "EST") == []


@pytest.mark.parametrize(
    ("said_first", "answer", "fits"),
    [("EST", "REQ", True), ("REQ", "PLN", True), ("REQ", "EST", True), ("PLN", "ACT", True),
     ("PLN", "REQ", False), ("EST", "PLN", False), ("ACT", "EST", False)],
)  # fmt: skip
def test_answers_follow_the_order_of_the_pattern(said_first, answer, fits):
    asked = event(1, timestamp__classifierCode=said_first)
    reply = event(2, timestamp__classifierCode=answer, replyToEventID=uuid(1))
    first, second = request_findings([asked, reply])
    assert first == []
    assert [one.check for one in second] == ([] if fits else ["reply_order"])
    other = event(2, replyToEventID=uuid(1), portCallService__portCallServiceEventTypeCode="DEPA",
                  timestamp__classifierCode=answer)  # fmt: skip
    assert ("reply", WARN, "$.events[1].replyToEventID") in said(request_findings([asked, other])[1])


def test_an_id_is_used_once():
    again = request_findings([event(), event()])[1]
    assert [(one.check, one.severity) for one in again] == [("event_known", "INFO")]
    changed = request_findings([event(), event(isFYI=True)])[1]
    assert [(one.check, one.severity) for one in changed] == [("event_id", "ERROR")]
    stored = Known(events={uuid(1): event(isFYI=True)})
    assert [one.check for one in request_findings([event()], known=stored)[0]] == ["event_id"]


def test_each_row_of_the_service_rules(shared):
    rows = rows_of(shared / FOLDER / "service_rules.csv")
    assert len(rows) == 21
    classifiers, kinds = ("EST", "REQ", "PLN", "ACT"), ("STRT", "CMPL", "ARRI", "DEPA")
    for row, classifier, kind in product(rows, classifiers, kinds):
        made = event(portCallService__portCallServiceTypeCode=row["port_call_service_type_code"],
                     portCallService__portCallServiceEventTypeCode=kind,
                     timestamp__classifierCode=classifier)  # fmt: skip
        errors = {one.check for one in event_findings(made) if one.severity == ERROR}
        wanted = set() if kind in row["event_type_codes"].split() else {"event_type"}
        assert errors == wanted | (set() if classifier in row["timestamps"].split() else {"classifier"}), (row, kind)
    phases, places = ("INBD", "ALGS", "SHIF", "OUTB"), ("PBPL", "BRTH", "ANCH")
    for row, phase, place in product(rows, phases, places):
        made = event(portCallService__portCallServiceTypeCode=row["port_call_service_type_code"],
                     portCallService__portCallPhaseTypeCode=phase, portCallService__facilityTypeCode=place)  # fmt: skip
        warned = {one.check for one in event_findings(made)} & {"phase", "facility"}
        wanted = set() if phase in row["phase_codes"].split() else {"phase"}
        assert warned == wanted | (set() if place in row["facility_type_codes"].split() else {"facility"}), row


def test_each_timestamp_of_the_older_standard_has_its_place_in_this_one(shared):
    path = shared / "data/network/ref/timestamp_definitions_jit1.csv"
    rows = [row for row in rows_of(path) if row["service_code_v2_proposed"]]
    rows = [row for row in rows if row["event_type_code"] != "CANC"]  # a flag now, no event type
    assert len(rows) > 150
    refused = set()
    for row in rows:
        made = event(portCallService__portCallServiceTypeCode=row["service_code_v2_proposed"],
                     portCallService__portCallServiceEventTypeCode=row["event_type_code_v2_proposed"],
                     portCallService__portCallPhaseTypeCode=row["phase_code"] or None,
                     portCallService__facilityTypeCode=row["facility_type_code"] or None,
                     timestamp__classifierCode=row["classifier_code"])  # fmt: skip
        if any(one.severity == ERROR for one in event_findings(made)):
            refused.add((row["name"], row["event_type_code"]))
    assert refused == set()


def test_the_official_sample_draws_what_it_breaks(shared):
    sample = json.loads((shared / FOLDER / "sample_post_request.json").read_text(encoding="utf-8"))
    found = request_findings(sample["events"])[0]
    checks = {one.check for one in found}
    assert checks == {"event_type", "reply", "ids", "moves_service", "payload", "location_type", "draught"}
    assert {one.check for one in found if one.severity == ERROR} == {"event_type"}
    assert findings_frame(found).height == len(found)


def test_the_code_lists_of_smdg_can_be_given(shared):
    folder = shared / "data/network/ref"
    terminals = {(row["locode"], row["smdg_terminal_code"]) for row in rows_of(folder / "terminals_smdg.csv")}
    delays = {row["delay_reason_code"] for row in rows_of(folder / "delay_reasons_smdg.csv")}
    known = Known(terminals=terminals, delay_codes=delays)
    made = event(timestamp__delayReasonCodes=["STR"])
    assert [one.check for one in event_findings(made, known=known)] == ["terminal"]  # ADT is not in this copy
    made = event(portCallService__serviceLocation__facility__facilityCode="ACT", timestamp__delayReasonCodes=["STX"])
    assert [one.check for one in event_findings(made, known=known)] == ["delay_code"]


def test_what_the_reader_of_shore_power_refuses_is_refused_here_too():
    power = {"portCallService__portCallServiceTypeCode": "SHORE_POWER",
             "portCallService__portCallPhaseTypeCode": "ALGS",
             "portCallService__portCallServiceEventTypeCode": "STRT", "timestamp__classifierCode": "ACT"}  # fmt: skip
    assert event_findings(event(**power)) == []
    for places, *_ in BROKEN:
        made = event(**power | places)
        try:
            judge([made])
        except SchemaError:
            found = event_findings(made)
            assert any(one.severity == ERROR or one.check in {"locode", "payload"} for one in found), places
