"""PACT 3.0.3 by request and response: tokens, lists, pages, filters, events, as the standard's published tests ask."""

import base64
import json
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.exchange.http import Request
from sisterport.exchange.pact import supersede, validity
from sisterport.exchange.pact_api import FILTERS, STATUSES, get_footprint, list_activities, list_footprints
from sisterport.exchange.pact_auth import Grant, TokenState, bearer, discovery, token
from sisterport.exchange.pact_events import CREATED, FULFILLED, PUBLISHED, REJECTED, answer_request, receive_event
from tests.exchange.pact_cases import PERIOD, TOC, made

BASE = "https://port.example/pact"
US, THEM = "https://us.example", "https://them.example"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
OLD, NEW = supersede(made(TOC), made(TOC | {"co2eIntensityWTW": "0.06"}))
US_ONE = made(TOC | {"tocId": "u"}, country="US", period=(PERIOD[0], datetime(2027, 1, 1, tzinfo=UTC)))
EVERY = [OLD, NEW, US_ONE]


def ask(query="", footprints=EVERY, **more):
    text = query if isinstance(query, str) else urlencode(query, doseq=True)
    return list_footprints(Request(path="/3/footprints", query=text), footprints, base_url=BASE, **more)


def ids(response):
    assert response.status == 200, response.body
    return {one["id"] for one in response.body["data"]}


# tokens


def login(client="port", secret="s3cret", body=b"grant_type=client_credentials", kind="Basic"):  # noqa: S107
    head = f"{kind} " + base64.b64encode(f"{client}:{secret}".encode()).decode()
    clients = {("port", "s3cret"): Grant("t0ken", 3600), ("p:rt", "a%b"): Grant("other", 60)}
    return token(
        Request(method="POST", path="/auth/token", headers={"authorization": head}, body=body),
        lambda *pair: clients.get(pair),
    )


def test_a_client_gets_a_token():
    answer = login()
    assert answer.status == 200
    assert answer.body == {"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600}
    assert answer.headers["Cache-Control"] == "no-store"
    assert login("p%3Art", "a%25b").body["access_token"] == "other"  # noqa: S105 - RFC 6749 section 2.3.1


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"secret": "wrong"}, 401, "invalid_client"), ({"client": "else"}, 401, "invalid_client"),
        ({"kind": "Bearer"}, 401, "invalid_client"), ({"body": b""}, 400, "invalid_request"),
        ({"body": b"\xff"}, 400, "invalid_request"), ({"body": b"grant_type=password"}, 400, "unsupported_grant_type"),
    ],
)  # fmt: skip
def test_a_wrong_client_gets_none(options, status, code):
    answer = login(**options)
    assert (answer.status, answer.body["error"]) == (status, code)
    assert "access_token" not in answer.body


@pytest.mark.parametrize("header", [None, "Basic", "Basic !!", "Basic cG9ydA==", "Basic /w==", "Basic ü"])
def test_a_malformed_header_is_a_wrong_client(header):
    asked = Request(headers={"Authorization": header} if header else {}, body=b"grant_type=client_credentials")
    assert token(asked, lambda *_: pytest.fail("nothing to look up")).status == 401


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("Bearer good", None, None), ("bearer good", None, None), ("Bearer old", 401, "TokenExpired"),
        ("Bearer else", 401, "BadRequest"), ("Bearer other", 403, "AccessDenied"), ("Basic good", 401, "BadRequest"),
        ("Bearer ", 401, "BadRequest"), (None, 401, "BadRequest"),
    ],
)  # fmt: skip
def test_a_call_needs_a_good_token(header, status, code):
    states = {"good": TokenState.GOOD, "old": TokenState.EXPIRED, "other": TokenState.LACKS_SCOPE}
    headers = {"authorization": header} if header else {}
    answer = bearer(Request(headers=headers), lambda secret: states.get(secret, TokenState.UNKNOWN))
    assert (answer and answer.status, answer and answer.body["code"]) == (status, code)
    assert answer is None or "data" not in answer.body


def test_the_way_to_the_token_endpoint_is_told():
    assert discovery(f"{US}/auth/token").body["token_endpoint"] == f"{US}/auth/token"


# lists


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", EVERY),
        ({"status": "Active"}, [NEW, US_ONE]),
        ({"status": "deprecated"}, [OLD]),
        ({"status": ["Active", "Deprecated"]}, EVERY),
        ({"productId": US_ONE["productIds"][0]}, [US_ONE]),
        ({"productId": US_ONE["productIds"][1].upper()}, [US_ONE]),
        ({"productId": [OLD["productIds"][0], US_ONE["productIds"][0]]}, EVERY),
        ({"productId": OLD["productIds"][0], "status": "Active"}, [NEW]),
        ({"companyId": "urn:example:port"}, EVERY),
        ({"companyId": "urn:example:else"}, []),
        ({"geography": "us"}, [US_ONE]),
        ({"geography": ["us", "cn"]}, [US_ONE]),
        ({"classification": "urn:cpc:83117"}, EVERY),
        ({"validOn": "2026-06-01T00:00:00Z"}, [OLD, NEW]),
        ({"validOn": "2026-01-01T00:00:00Z"}, [OLD, NEW]),
        ({"validOn": "2029-06-01T00:00:00Z"}, [US_ONE]),
        ({"validAfter": "2026-06-01T00:00:00Z"}, [US_ONE]),
        ({"validAfter": "2026-01-01T00:00:00Z"}, [US_ONE]),
        ({"validBefore": "2029-06-01T00:00:00Z"}, [OLD, NEW]),
        ({"validOn": "2026-06-01T02:00:00+02:00", "status": "Active"}, [NEW]),
    ],
)
def test_filters(query, found):
    assert ids(ask(query)) == {one["id"] for one in found}


def test_every_filter_of_the_standard_is_there():
    assert set(FILTERS) == {"productId", "companyId", "geography", "classification", "validOn", "validAfter",
                            "validBefore", "status"}  # fmt: skip
    assert validity(US_ONE)[0] == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("validOn=today", "BadRequest"), ("validOn=", "BadRequest"), ("limit=0", "BadRequest"),
        ("limit=two", "BadRequest"), ("status=Gone", "BadRequest"), ("cursor=x", "BadRequest"),
        ("cursor=W10", "BadRequest"),
        ("$filter=x", "BadRequest"), ("productID=x", "BadRequest"), ("x-port-name=a", "NotImplemented"),
        ("validOn=2026-01-01T00:00:00Z&validOn=2026-01-02T00:00:00Z", "BadRequest"),
    ],
)  # fmt: skip
def test_wrong_parameters(query, code):
    answer = ask(query)
    assert (answer.status, answer.body["code"]) == (STATUSES[code], code)


@given(count=st.integers(0, 9), limit=st.none() | st.integers(1, 12), page=st.integers(1, 5))
def test_links_lead_to_every_footprint_once(count, limit, page):
    every = [OLD | {"id": f"{n:08d}-0000-4000-8000-000000000000"} for n in range(count)]
    query, seen = {"status": "Deprecated"} | ({"limit": limit} if limit else {}), []
    answer = ask(query, every, page=page)
    while True:
        assert len(answer.body["data"]) <= min(limit or page, page)
        seen += [one["id"] for one in answer.body["data"]]
        link = answer.headers.get("Link")
        if link is None:
            break
        url, _, relation = link.partition(">; ")
        assert relation == 'rel="next"'
        parts = urlsplit(url.removeprefix("<"))
        assert (parts.scheme, parts.netloc, parts.path) == ("https", "port.example", "/pact/3/footprints")
        answer = ask(parts.query, every, page=page)
        assert answer == ask(parts.query, every, page=page)  # it can be called again
    assert seen == sorted(one["id"] for one in every)


def test_a_page_in_between_stays_whole_when_footprints_come():
    first = ask("limit=1")
    query = urlsplit(first.headers["Link"].partition(">")[0].removeprefix("<")).query
    more = [*EVERY, OLD | {"id": "00000000-0000-4000-8000-000000000000"}]
    assert ids(ask(query, more)) == ids(ask(query))


def test_one_by_its_id():
    every = {one["id"]: one for one in EVERY}
    assert get_footprint(OLD["id"].upper(), every.get).body == {"data": OLD}
    answer = get_footprint("non-existent-id", every.get)
    assert (answer.status, answer.body["code"]) == (404, "NotFound")


def test_activities_are_listed_by_any_text():
    every = [{"activityId": f"l{n}", "mode": "Sea", "consignmentIds": [f"c{n}", "all"]} for n in range(3)]

    def found(query):
        answer = list_activities(Request(path="/2/ileap/tad", query=query), every, base_url=BASE)
        return [one["activityId"] for one in answer.body["data"]], answer.headers

    assert found("consignmentIds=c1")[0] == ["l1"]
    assert found("consignmentIds=all&mode=Sea")[0] == ["l0", "l1", "l2"]
    assert found("mode=Road")[0] == found("nothing=1")[0] == []
    assert found("limit=2")[1]["Link"].startswith(f"<{BASE}/2/ileap/tad?")


# events


def post(event, *, media="application/cloudevents+json; charset=UTF-8", addresses=(THEM,)):
    raw = event if isinstance(event, bytes) else json.dumps(event).encode()
    return receive_event(Request(method="POST", headers={"content-type": media}, body=raw), addresses=addresses)


def event(kind=CREATED, data=None, **more):
    asked = {"productId": [NEW["productIds"][0]], "comment": "please"}
    head = {"type": kind, "specversion": "1.0", "id": "r1", "source": THEM, "time": "2026-02-01T00:00:00Z"}
    return head | {"data": asked if data is None else data} | more


ERROR = {"code": "NotFound", "message": "none"}


@pytest.mark.parametrize(
    "good",
    [
        event(), event(PUBLISHED, {"pfIds": ["urn:gtin:4712345060507"]}),
        event(REJECTED, {"requestEventId": "r1", "error": ERROR}),
        event(FULFILLED, {"requestEventId": "r1", "pfs": [NEW]}), event(datacontenttype="application/json"),
    ],
)  # fmt: skip
def test_good_events_are_accepted_by_an_empty_body(good):
    received = post(good)
    assert (received.response.status, received.response.body, received.event) == (200, None, good)


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (event("org.wbcsd.pathfinder.ProductFootprint.Published.v1"), 400), (event(specversion="0.3"), 400),
        (event(time="today"), 400), (event(source=""), 400), (event(id=None), 400), (event(data=[]), 400), ({}, 400),
        ([], 400), (b"", 400), (b"{", 400), (event(PUBLISHED, {"pfIds": []}), 400), (event(PUBLISHED, {}), 400),
        (event(FULFILLED, {"requestEventId": "r1", "pfs": []}), 400),
        (event(FULFILLED, {"requestEventId": "r1", "pfs": [NEW | {"companyIds": []}]}), 400),
        (event(FULFILLED, {"requestEventId": "r1", "pfs": [NEW | {"validityPeriodEnd": "2050-01-01T00:00:00Z"}]}), 400),
        (event(REJECTED, {"requestEventId": "r1"}), 400), (event(data={"validOn": "today"}), 400),
        (event(comment="\0"), 422), (event(source="https://internal.example"), 403),
    ],
)  # fmt: skip
def test_bad_events_are_refused(bad, status):
    received = post(bad)
    assert (received.response.status, received.event) == (status, None)
    assert received.response.body["code"] in STATUSES


def test_another_kind_of_body_is_refused():
    assert post(event(), media="application/json").response.status == 400


def test_a_request_is_answered_by_what_a_list_would_give():
    answer = answer_request(event(), EVERY, source=US, now=NOW)
    assert answer["type"] == FULFILLED
    assert {one["id"] for one in answer["data"]["pfs"]} == ids(ask({"productId": NEW["productIds"][0]}))
    assert answer["data"]["requestEventId"] == "r1"
    assert post(answer | {"source": THEM}).response.status == 200
    none = answer_request(event(data={"companyId": ["urn:example:else"]}), EVERY, source=US, now=NOW)
    assert (none["type"], none["data"]["error"]["code"]) == (REJECTED, "NotFound")
    assert post(none).response.status == 200
    assert answer["id"] == answer_request(event(), EVERY, source=US, now=NOW)["id"]
    assert answer["id"] != answer_request(event(id="r2"), EVERY, source=US, now=NOW)["id"]
    times = answer_request(event(data={"validOn": "2029-06-01T00:00:00Z"}), EVERY, source=US, now=NOW)
    assert [one["id"] for one in times["data"]["pfs"]] == [US_ONE["id"]]


@given(raw=st.binary(max_size=40), query=st.text(max_size=40), header=st.text(max_size=20))
def test_nothing_makes_a_server_error(raw, query, header):
    assert ask(query).status in {200, 400}
    assert post(raw).response.status in {400, 422}
    assert token(Request(headers={"Authorization": header}, body=raw), lambda *_: None).status in {400, 401}
    assert bearer(Request(headers={"Authorization": header}), lambda _: TokenState.UNKNOWN).status == 401
