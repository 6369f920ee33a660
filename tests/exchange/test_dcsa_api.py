"""POST and GET /events: what the standard's text asks of both ends."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.exchange.dcsa_api import FILTERS, get_events, post_events
from sisterport.exchange.dcsa_strict import Known
from sisterport.exchange.http import Request
from sisterport.exchange.objects import lenient
from tests.exchange.dcsa_cases import event, put, uuid

FOLDER = "data/exchange/dcsa_port_call_2.0.0"


def post(body, **more):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return post_events(Request(method="POST", path="/events", body=raw, headers=more.pop("headers", {})), **more)


def get(query, events, **more):
    return get_events(Request(query=query, headers=more.pop("headers", {})), events, **more)


def ids(response):
    return [one["eventID"] for one in response.body["events"]]


def test_a_good_event_is_taken_without_a_word():
    posted = post({"events": [event()]})
    assert (posted.response.status, posted.response.body, posted.accepted) == (200, {}, [event()])
    assert posted.response.headers == {"API-Version": "2.0.0"}


def test_a_request_is_processed_in_part_and_the_refused_are_named():
    posted = post({"events": [event(1), event(2, vessel__vesselIMONumber="1"), event(3)]})
    assert posted.response.status == 200
    assert [one["eventID"] for one in posted.accepted] == [uuid(1), uuid(3)]
    elements = posted.response.body["feedbackElements"]
    assert [one["propertyPath"] for one in elements if one["severity"] == "ERROR"] == [
        "$.events[1].vessel.vesselIMONumber"
    ]
    assert lenient(posted.response.body, "dcsa", "PostEventsResponse") == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"\xff", 400), (b'{"events": [NaN]}', 400), (b"[" * 100_000, 400),
        (b'{"events": [{"vessel": {"draft": 1e999}}]}', 400), (b"9" * 5000, 400), (b"[]", 400), (b"null", 400),
        (b'{"events": {}}', 400), (b'{"events": [7]}', 400), (b'{"events": [{"isFYI": "no"}]}', 400),
        (b'{"events": [{"vessel": {"vesselName": "\\u0000"}}]}', 422),
        (b'{"events": [{"vessel": {"vesselName": "\\ud800"}}]}', 422),
        (b'{"events": [{"\\u0000": 1}]}', 422), (b'{"events": [{}]}', 422),
        (b"[" * 70 + b"]" * 70, 400),
    ],
)  # fmt: skip
def test_an_error_means_that_nothing_was_processed(body, status):
    posted = post(body)
    assert (posted.response.status, posted.accepted) == (status, [])
    elements = posted.response.body["feedbackElements"]
    assert any(one["severity"] == "ERROR" for one in elements)
    assert lenient(posted.response.body, "dcsa", "PostEventsError") == []
    json.dumps(posted.response.body).encode()


def test_an_empty_list_is_no_error():
    posted = post({"events": []})
    assert posted.response.status == 200
    assert posted.response.body["feedbackElements"][0]["severity"] == "WARN"


def test_the_same_event_again_is_taken_and_not_stored_twice():
    known = Known(events={uuid(1): event()})
    posted = post({"events": [event()]}, known=known)
    assert (posted.response.status, posted.accepted) == (200, [])
    assert post({"events": [event(isFYI=True)]}, known=known).response.status == 422


def test_the_official_sample_goes_in_and_out_unchanged(shared):
    raw = (shared / FOLDER / "sample_post_request.json").read_bytes()
    sample = json.loads(raw)
    assert post(raw).response.status == 422  # BERTH with STRT
    put(sample, ["events"], [sample["events"][0]])
    sample["events"][0]["portCallService"]["portCallServiceEventTypeCode"] = "ARRI"
    posted = post(sample)
    assert posted.response.status == 200
    body = get("", posted.accepted).body
    assert json.dumps(body, sort_keys=True) == json.dumps(sample, sort_keys=True)
    assert get("", json.loads(raw)["events"]).body == json.loads(raw)  # what a friend has stored is not judged again


@pytest.mark.parametrize(
    ("version", "status"),
    [("2", 200), ("2.0.0", 200), ("2.0.0-beta", 200), ("3", 400), ("2.1.0", 400), ("", 400)],
)
def test_versions(version, status):
    assert post({"events": [event()]}, headers={"api-version": version}).response.status == status
    assert get("", [], headers={"API-Version": version}).status == status


def test_a_relayed_request_is_answered_to_its_sender():
    headers = {"Request-Sending-Party": "A", "request-receiving-party": "B"}
    told = {"API-Version": "2.0.0", "Response-Sending-Party": "B", "Response-Receiving-Party": "A"}
    assert post({"events": [event()]}, headers=headers).response.headers == told
    assert get("limit=x", [], headers=headers).headers == told


def test_each_parameter_of_the_standard_filters(shared):
    rows = csv.DictReader((shared / FOLDER / "parameters.csv").read_text(encoding="utf-8").splitlines())
    names = {row["name"] for row in rows if row["operation"] == "GET /events" and row["location"] == "query"}
    assert names == {*FILTERS, "eventTimestampMin", "eventTimestampMax", "limit", "cursor"}
    for name, path in FILTERS.items():
        wanted, other = event(1), event(2)
        put(wanted, list(path), uuid(7))
        assert ids(get(f"{name}={uuid(7)}", [other, wanted])) == [wanted["eventID"]], name
        assert get(f"{name}=nothing", [other, wanted]).body["events"] == []


def test_times_are_inclusive_and_compared_as_times():
    events = [event(n, eventUpdatedDateTime=f"2025-01-22T0{n}:00:00+01:00") for n in (1, 2, 3)]
    assert ids(get("eventTimestampMin=2025-01-22T01:00:00Z", events)) == [uuid(2), uuid(3)]
    assert ids(get("eventTimestampMax=2025-01-22T02:00:00%2B01:00", events)) == [uuid(1), uuid(2)]


@pytest.mark.parametrize(
    "query",
    ["eventTimestampMin=yesterday", "eventTimestampMax=2025-01-22", "limit=0", "limit=-1", "limit=1.5", "limit=x",
     "limit=99999999999999999999", "cursor=x", "cursor=%00", "cursor=W10", "vessel=1", "limit=1&limit=2",
     "vesselIMONumber=1&vesselIMONumber=2", "eventTimestampMin=2025-01-22T01:00:00+01:00"],
)  # fmt: skip
def test_wrong_parameters_are_refused_and_named(query):
    answer = get(query, [event()])
    assert answer.status == 400
    assert lenient(answer.body, "dcsa", "GetEventsError") == []
    assert answer.body["feedbackElements"][0]["propertyPath"] == "$." + query.partition("=")[0]


def test_the_left_over_parameter_says_what_it_is():
    answer = get(f"timestampID={uuid(1)}", [event(1), event(2)])
    assert ids(answer) == [uuid(1)]
    assert answer.body["feedbackElements"][0]["severity"] == "INFO"


@given(
    times=st.lists(st.sampled_from(["2025-01-22T08:00:00Z", "2025-01-22T09:00:00+01:00", "2025-01-22T08:00:00.5Z"])),
    limit=st.integers(1, 5),
    page=st.integers(1, 4),
)
def test_pages_give_every_event_once(times, limit, page):
    events = [event(n, eventUpdatedDateTime=time) for n, time in enumerate(times)]
    found, query, rounds = [], f"limit={limit}&vesselIMONumber=9321483", 0
    while query and rounds <= len(events):
        answer = get(query, reversed(events), page=page)
        assert len(answer.body["events"]) <= min(limit, page)
        found += ids(answer)
        following = answer.headers.get("Next-Page-Cursor")
        query = following and f"limit={limit}&vesselIMONumber=9321483&cursor={following}"
        rounds += 1
    assert sorted(found) == sorted(one["eventID"] for one in events)


@given(raw=st.binary(max_size=60), query=st.text(max_size=40))
def test_nothing_makes_a_server_error(raw, query):
    assert post(raw).response.status in {200, 400, 422}
    assert get(query, [event()]).status in {200, 400}
