"""PACT 3.0.3 and iLEAP over HTTP, as the standard's published tests ask: tokens, pages, filters, events and answers."""

import base64
import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode, urlsplit

import pytest

from sisterport.errors import InputError
from sisterport.exchange.pact import supersede
from sisterport.exchange.pact_events import CREATED, FULFILLED, PUBLISHED, REJECTED
from sisterport.network.tokens import issue
from sisterport.site.api.pact_courier import Courier
from sisterport.site.api.pact_shelf import Shelf
from tests.exchange.pact_cases import PERIOD, TOC, made
from tests.network.book import make_book
from tests.site.api.in_thread import running

OLD, NEW = supersede(made(TOC), made(TOC | {"co2eIntensityWTW": "0.06"}))
US_ONE = made(TOC | {"tocId": "u"}, country="US", period=(PERIOD[0], datetime(2027, 1, 1, tzinfo=UTC)))
SECRET = made(TOC | {"tocId": "secret"})
TAD = {"activityId": "l1", "consignmentIds": ["a"], "distance": {"actual": "10556.4"}, "mode": "Sea",
       "origin": {"city": "Shanghai", "country": "CN"}, "destination": {"city": "Los Angeles", "country": "US"},
       "departureAt": "2025-01-01T00:00:00Z", "arrivalAt": "2025-01-15T00:00:00Z"}  # fmt: skip
FORM = b"grant_type=client_credentials"


def lay(folder, **partners):
    """Fill a folder: three footprints for everybody, one and an activity for Shanghai."""
    (folder / "footprints" / "CNSGH").mkdir(parents=True)
    (folder / "footprints" / "one.json").write_text(json.dumps([OLD, NEW]))
    (folder / "footprints" / "two.json").write_text(json.dumps(US_ONE))
    (folder / "footprints" / "CNSGH" / "own.json").write_text(json.dumps([SECRET, TAD]))
    (folder / "partners.json").write_text(json.dumps(partners))
    return folder


class Them(BaseHTTPRequestHandler):
    """The server of a partner: gives a token and takes events, or refuses as often as it was told to."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.refusals:
            self.server.refusals -= 1
            self._say(503, b"")
        elif self.path == "/auth/token":
            pair = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
            good = pair == "us:our-secret" and body == FORM
            self._say(200 if good else 401, json.dumps({"access_token": "t", "token_type": "Bearer"}).encode())
        else:
            assert self.headers["Authorization"] == "Bearer t"
            assert self.headers["Content-Type"] == "application/cloudevents+json"
            self.server.events.append(json.loads(body))
            self._say(200, b"")
            self.server.taken.set()

    def _say(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Be silent."""


@contextmanager
def partner():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Them)
    server.events, server.refusals, server.taken = [], 0, threading.Event()
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def them():
    with partner() as server:
        yield server


@pytest.fixture(scope="module")
def place(tmp_path_factory, them):
    folder = tmp_path_factory.mktemp("pact")
    book = make_book(folder)
    tokens = {
        port: issue(book.ledger, port=port, user="robot", scopes=[scope])
        for port, scope in (("CNSGH", "read"), ("DEHAM", "read"), ("USLAX", "write"))
    }
    book.ledger.close()
    lay(folder / "shelf", CNSGH={"address": them.url, "client_id": "us", "client_secret": "our-secret"})
    with pytest.MonkeyPatch.context() as patch, running(folder / "network.db", page=2, bearer_s=900) as server:
        patch.setenv("SISTERPORT_FOOTPRINTS", str(folder / "shelf"))
        yield server, tokens


def log_in(server, client, secret, body=FORM, **headers):
    pair = base64.b64encode(f"{client}:{secret}".encode()).decode()
    return server.ask("/auth/token", method="POST", body=body, **({"Authorization": f"Basic {pair}"} | headers))


def bearer(place, port="CNSGH"):
    server, tokens = place
    answer = log_in(server, tokens[port][0].token_id, tokens[port][1])
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


def ids(answer):
    assert answer.status == 200, answer.body
    return [one["id"] for one in answer.json["data"]]


# tokens


def test_the_way_to_a_token_is_told_and_leads_to_one(place):
    server, tokens = place
    told = server.ask("/.well-known/openid-configuration").json["token_endpoint"]
    assert told == f"{server.url}/auth/token"
    answer = log_in(server, tokens["CNSGH"][0].token_id, tokens["CNSGH"][1])
    assert (answer.status, answer.json["token_type"], answer.json["expires_in"]) == (200, "Bearer", 900)
    assert server.ask("/3/footprints", Authorization=f"Bearer {answer.json['access_token']}").status == 200


def test_a_wrong_client_gets_no_token(place):
    server, tokens = place
    good = (tokens["CNSGH"][0].token_id, tokens["CNSGH"][1])
    for pair in ((good[0], "wrong"), ("else", good[1]), (tokens["DEHAM"][0].token_id, good[1])):
        answer = log_in(server, *pair)
        assert (answer.status, answer.json["error"]) == (401, "invalid_client")
    assert log_in(server, *good, body=b"grant_type=password").json["error"] == "unsupported_grant_type"
    assert server.ask("/auth/token", method="POST", body=FORM).status == 401


@pytest.mark.parametrize("path", ["/3/footprints", f"/3/footprints/{NEW['id']}", "/2/ileap/tad"])
def test_a_call_without_a_good_token_is_refused(place, path):
    server, _ = place
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic x"}):
        answer = server.ask(path, **headers)
        assert (answer.status, answer.json["code"]) == (401, "BadRequest")
        assert "data" not in answer.json
    answer = server.ask("/3/events", method="POST", body=b"{}")
    assert answer.status == 401


def test_an_expired_token_and_one_for_something_else_are_told_so(place):
    server, tokens = place
    gate = server.app.state.server.gate
    old = bearer(place)
    clock, gate._clock = gate._clock, lambda: clock() + 1000
    try:
        answer = server.ask("/3/footprints", **old)
    finally:
        gate._clock = clock
    assert (answer.status, answer.json["code"]) == (401, "TokenExpired")
    answer = server.ask("/3/footprints", Authorization=f"Bearer {tokens['USLAX'][1]}")
    assert (answer.status, answer.json["code"]) == (403, "AccessDenied")


# lists


def test_pages_lead_from_one_to_the_next_over_everything(place):
    server, _ = place
    headers = bearer(place)
    found, address = [], "/3/footprints?limit=1"
    while address:
        answer = server.ask(address, **headers)
        assert len(answer.json["data"]) == 1
        found += ids(answer)
        link = answer.headers["Link"]
        if address := link and link.partition(">")[0].removeprefix("<"):
            assert link.endswith('; rel="next"')
            assert urlsplit(address).netloc == urlsplit(server.url).netloc
            assert ids(server.ask(address, **headers)) == ids(server.ask(address, **headers))
    assert sorted(found) == sorted(one["id"] for one in (OLD, NEW, US_ONE, SECRET))
    assert len(ids(server.ask("/3/footprints", **headers))) == 2  # the page of this server


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "Deprecated"}, [OLD]),
        ({"geography": "us"}, [US_ONE]),
        ({"productId": US_ONE["productIds"][0].upper()}, [US_ONE]),
        ({"productId": US_ONE["productIds"][0], "status": "Deprecated"}, []),
        ({"validOn": "2029-06-01T00:00:00Z"}, [US_ONE]),
        ({"companyId": "urn:example:else"}, []),
    ],
)
def test_filters(place, query, found):
    server, _ = place
    answer = server.ask(f"/3/footprints?{urlencode(query)}", **bearer(place))
    assert ids(answer) == [one["id"] for one in found]


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "validOn=yesterday", "status=Gone", "cursor=x", "$filter=x"])
def test_a_wrong_parameter_is_a_bad_request(place, query):
    answer = place[0].ask(f"/3/footprints?{query}", **bearer(place))
    assert (answer.status, answer.json["code"]) == (400, "BadRequest")


def test_a_footprint_is_given_also_when_it_is_deprecated(place):
    server, _ = place
    for one in (OLD, NEW, US_ONE):
        assert server.ask(f"/3/footprints/{one['id'].upper()}", **bearer(place, "DEHAM")).json == {"data": one}
    answer = server.ask("/3/footprints/00000000-0000-4000-8000-000000000000", **bearer(place))
    assert (answer.status, answer.json["code"]) == (404, "NotFound")


def test_what_is_laid_out_for_one_port_is_seen_by_that_port_only(place):
    server, _ = place
    hidden, absent = (
        server.ask(f"/3/footprints/{one}", **bearer(place, "DEHAM")) for one in (SECRET["id"], "no-such-thing")
    )
    assert (hidden.status, hidden.body) == (absent.status, absent.body) == (404, absent.body)
    assert server.ask(f"/3/footprints/{SECRET['id']}", **bearer(place)).status == 200
    assert SECRET["id"] not in server.ask("/3/footprints?limit=2", **bearer(place, "DEHAM")).body.decode()
    assert server.ask("/2/ileap/tad", **bearer(place)).json["data"] == [TAD]
    assert server.ask("/2/ileap/tad", **bearer(place, "DEHAM")).json == {"data": []}


# events


def post(place, event, port="CNSGH", media="application/cloudevents+json"):
    return place[0].ask(
        "/3/events", method="POST", body=json.dumps(event).encode(), **bearer(place, port), Content_Type=media
    )


def request_event(them, number, **data):
    return {
        "type": CREATED, "specversion": "1.0", "id": number, "source": them.url, "time": "2026-03-01T00:00:00Z",
        "data": data,
    }  # fmt: skip


def taken(them):
    """Wait for the next event that the partner takes."""
    assert them.taken.wait()
    them.taken.clear()
    return them.events[-1]


def test_a_request_is_answered_at_the_address_of_the_partner(place, them):
    answer = post(place, request_event(them, "r1", productId=US_ONE["productIds"]))
    assert (answer.status, answer.body) == (200, b"")
    event = taken(them)
    assert (event["type"], event["source"]) == (FULFILLED, place[0].url)
    assert event["data"] == {"requestEventId": "r1", "pfs": [US_ONE]}
    post(place, request_event(them, "r2", productId=["urn:x:none"]))
    event = taken(them)
    assert (event["type"], event["data"]["error"]["code"]) == (REJECTED, "NotFound")


def test_the_same_request_again_is_answered_once(place, them):
    before = len(them.events)
    for _ in range(2):
        assert post(place, request_event(them, "r3")).status == 200
    post(place, request_event(them, "r4"))
    while len(them.events) < before + 2:
        taken(them)
    assert [one["data"]["requestEventId"] for one in them.events[before:]] == ["r3", "r4"]


def test_no_server_is_sent_to_an_address_that_a_message_names(place, them):
    elsewhere = request_event(them, "r5") | {"source": "http://169.254.169.254"}
    assert post(place, elsewhere).json["code"] == "AccessDenied"
    assert post(place, request_event(them, "r6"), "DEHAM").json["code"] == "AccessDenied"  # has told no address


@pytest.mark.parametrize(
    ("change", "media", "status"),
    [
        ({}, "application/json", 400), ({"type": "x"}, "application/cloudevents+json", 400),
        ({"specversion": "2"}, "application/cloudevents+json", 400),
        ({"data": []}, "application/cloudevents+json", 400),
        ({"id": "\0"}, "application/cloudevents+json", 422),
    ],
)  # fmt: skip
def test_what_is_no_event_is_refused(place, them, change, media, status):
    answer = post(place, request_event(them, "r7") | change, media=media)
    assert (answer.status, answer.json["code"]) == (status, "BadRequest")


def test_news_are_taken_and_kept(place, them):
    event = request_event(them, "n1") | {"type": PUBLISHED, "data": {"pfIds": [NEW["id"]]}}
    for _ in range(2):
        assert post(place, event).status == 200
    shelf = place[0].app.state.pact.shelf
    assert shelf.knows(event)
    assert not shelf.knows(event | {"id": "n2"})


# shelf and courier


def test_a_file_that_breaks_the_standard_is_no_shorter_list(tmp_path):
    lay(tmp_path)
    shelf = Shelf(tmp_path)
    assert len(shelf.footprints("CNSGH")) == 4
    (tmp_path / "footprints" / "two.json").write_text(json.dumps(US_ONE | {"status": "Gone"}))
    with pytest.raises(InputError, match=r"two\.json: 0\.status"):
        shelf.footprints("DEHAM")
    (tmp_path / "footprints" / "two.json").unlink()
    assert len(shelf.footprints("DEHAM")) == 2


def test_an_answer_waits_until_it_is_taken_or_too_old(tmp_path):
    with partner() as them:
        lay(tmp_path, CNSGH={"address": them.url, "client_id": "us", "client_secret": "our-secret"})
        shelf = Shelf(tmp_path)
        now = datetime(2026, 3, 1, tzinfo=UTC)
        answer = {"id": "a1", "time": "2026-03-01T00:00:00Z", "data": {}}
        shelf.put_answer("CNSGH", answer)
        them.refusals = 1
        courier = Courier(shelf)
        assert courier.round(now) == 1
        assert courier.round(now) == 0
        assert them.events == [answer]
        shelf.put_answer("CNSGH", answer | {"id": "a2"})
        them.refusals = 2
        assert courier.round(now + timedelta(hours=71)) == 1
        assert courier.round(now + timedelta(hours=73)) == 0  # given up
        assert shelf.answers() == []
        assert len(them.events) == 1
