"""What nobody should send: every refusal is a documented problem, and the server goes on."""

import base64
import json
import shutil
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sisterport.network.tokens import issue
from sisterport.site.api.problems import PROBLEMS
from tests.network.book import PROMISE
from tests.site.api.conftest import Coalition
from tests.site.api.running import Running, sent, statement

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def served(first, tmp_path_factory):
    """One server for all tests here; what they need of the chain they do not change."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(Path(first.where).parent, folder, dirs_exist_ok=True)
    made = Running(folder / "network.db", SISTERPORT_BEARER_S="2")
    yield Coalition(str(folder / "network.db"), first.keys, first.tokens, first.ids), made
    made.end()


@pytest.fixture
def li(served):
    client = served[1].client(served[0].tokens["li"])
    yield client
    client.close()


@pytest.fixture
def anybody(served):
    client = served[1].client()
    yield client
    client.close()


def is_problem(answer, name):
    """Hold an answer against RFC 9457 and the list of problems."""
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["type"] == f"/docs#{name}"
    assert told["status"] == answer.status == PROBLEMS[name][0]
    assert set(told) <= {"type", "title", "status", "detail", "instance", "faults"}
    assert "Traceback" not in answer.body.decode()
    return True


def head_of(coalition, **more):
    return sent(statement(coalition.keys["li"], port="CNSGH", user="li", **more))


FORGED = ("", "Bearer", "Bearer x", "Bearer \xff\xfe", "Basic eDp5", "Bearer sp1.gAAAAA", "Bearer ' OR 1=1 --")


@pytest.mark.parametrize("shown", [*FORGED, "Bearer " + "x" * 5000, "bearer sp1." + "A" * 5000])
def test_a_forged_token_opens_nothing(anybody, shown):
    for path in ("/v1/tokens", "/v1/export", "/v1/entries"):
        answer = anybody.ask("GET", path, Authorization=shown.encode("latin-1"))
        if shown or path != "/v1/entries":  # without any token one sees what is public there
            assert is_problem(answer, "unauthorized")
            assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_ends_when_its_time_is_over_and_when_it_is_revoked(served, anybody):
    coalition, _ = served
    with coalition.open() as ledger:
        day = datetime.now(UTC) - timedelta(days=2)
        _, over = issue(ledger, port="CNSGH", user="li", scopes=["read"], days=1, now=day)
        young, secret = issue(ledger, port="CNSGH", user="li", scopes=["read"])
    assert is_problem(anybody.ask("GET", "/v1/export", Authorization=f"Bearer {over}"), "expired")
    assert anybody.ask("GET", "/v1/export", Authorization=f"Bearer {secret}").status == 200
    admin = f"Bearer {coalition.tokens['li']}"
    assert anybody.ask("DELETE", f"/v1/tokens/{young.token_id}", Authorization=admin).status == 204
    assert is_problem(anybody.ask("GET", "/v1/export", Authorization=f"Bearer {secret}"), "unauthorized")
    assert is_problem(anybody.ask("DELETE", f"/v1/tokens/{young.token_id}", Authorization=admin), "not-found")


def test_a_token_does_what_it_is_for_and_no_more(served, anybody):
    coalition, _ = served
    asked = {
        "read": ("GET", "/v1/export", None),
        "write": ("POST", "/v1/entries", head_of(coalition)),
        "approve": ("POST", "/v1/entries", head_of(coalition, kind="approve", subject=coalition.ids["li"])),
        "admin": ("GET", "/v1/tokens", None),
    }
    with coalition.open() as ledger:
        secrets = {scope: issue(ledger, port="CNSGH", user="li", scopes=[scope])[1] for scope in asked}
    for own, secret in secrets.items():
        for scope, (method, path, body) in asked.items():
            answer = anybody.ask(method, path, body, Authorization=f"Bearer {secret}")
            if scope == own:
                assert answer.status in (200, 201, 422), "approves what is no record: the rules say so, not the gate"
            else:
                assert is_problem(answer, "forbidden")


def test_a_bearer_is_given_for_id_and_secret_and_ends_by_itself(served, anybody):
    coalition, _ = served
    client, secret = coalition.ids["li"], coalition.tokens["li"]
    basic = "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()
    form = {"grant_type": "client_credentials"}
    given = anybody.ask("POST", "/oauth/token", urlencode(form).encode(), Authorization=basic, Content_Type=FORM)
    assert given.status == 200
    assert given.headers["cache-control"] == "no-store"
    told = given.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 2, "read write approve admin")
    assert secret not in told["access_token"]
    in_form = form | {"client_id": client, "client_secret": secret, "scope": "read"}
    narrow = anybody.ask("POST", "/oauth/token", urlencode(in_form).encode(), Content_Type=FORM).json()
    assert is_problem(anybody.ask("GET", "/v1/tokens", Authorization=f"Bearer {narrow['access_token']}"), "forbidden")
    assert anybody.ask("GET", "/v1/export", Authorization=f"Bearer {told['access_token']}").status == 200
    changed = told["access_token"][:-6] + "AAAAA="
    assert is_problem(anybody.ask("GET", "/v1/export", Authorization=f"Bearer {changed}"), "unauthorized")
    while (late := anybody.ask("GET", "/v1/export", Authorization=f"Bearer {told['access_token']}")).status == 200:
        time.sleep(0.1)
    assert is_problem(late, "expired")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "\0\ud800"}, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "li"}, "invalid_client"),
        ({"grant_type": "client_credentials", "scope": "everything"}, "invalid_scope"),
    ],
)
def test_a_bearer_is_refused_as_oauth_says(served, anybody, form, error):
    coalition, _ = served
    if error == "invalid_scope":
        form |= {"client_id": coalition.ids["li"], "client_secret": coalition.tokens["li"]}
    elif form.get("client_id") == "li":  # the secret of another token
        form |= {"client_id": coalition.ids["li"], "client_secret": coalition.tokens["anna"]}
    body = urlencode(form, errors="surrogatepass").encode()
    answer = anybody.ask("POST", "/oauth/token", body, Content_Type=FORM)
    assert answer.json()["error"] == error
    assert answer.status == (401 if error == "invalid_client" else 400)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"", "malformed"),
        (b"{", "malformed"),
        (b'{"a": NaN}', "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"[" * 100_000, "malformed"),
        (b"[" * 100 + b"]" * 100, "malformed"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "malformed"),
        (b"9" * 5000, "malformed"),
        (b'"\\u0000"', "invalid"),
        (b'{"record": {}, "signature": "\\ud800", "body": {}}', "invalid"),
        (b"null", "invalid"),
        (b"[]", "invalid"),
        (b'{"record": {}, "signature": "", "body": {}}', "invalid"),
        (b'{"record": [], "signature": 1, "body": null}', "invalid"),
        (b" " * (2**20 + 1), "too-large"),
    ],
    ids=lambda given: given[:20].decode("latin-1") if isinstance(given, bytes) else given,
)
def test_a_body_that_is_none_is_refused_by_its_name(li, body, name):
    for path in ("/v1/entries", "/v1/entries/batch", "/v1/tokens"):
        assert is_problem(li.ask("POST", path, body), name)
    assert li.ask("GET", "/ready").status == 200


def test_a_body_without_a_length_is_read_up_to_the_limit_only(served):
    coalition, running = served
    with socket.create_connection(("127.0.0.1", running.port)) as line:
        head = f"POST /v1/entries HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {coalition.tokens['li']}\r\n"
        line.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(40):
                line.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        except OSError:
            pass  # it has hung up
        assert line.recv(12) in (b"HTTP/1.1 413", b"")


def test_text_that_no_database_can_hold_is_refused_before_it_is_signed_or_stored(served, li):
    coalition, _ = served
    for text in ("a\0b", "a\ud800b"):
        given = head_of(coalition, kind="commitment", body=PROMISE)
        given["body"]["text"] = text
        answer = li.ask("POST", "/v1/entries", given)
        assert is_problem(answer, "invalid")
        assert "U+0000" in answer.json()["detail"]


def test_a_record_with_faults_is_refused_with_all_of_them(served, li):
    coalition, _ = served
    given = head_of(coalition, kind="commitment", body=PROMISE | {"target": "many", "due": "2026-02-30", "odd": 1})
    answer = li.ask("POST", "/v1/entries", given)
    assert is_problem(answer, "invalid")
    assert len(answer.json()["faults"]) == 3


@pytest.mark.parametrize("minutes", [-11, 11, 60 * 24 * 400])
def test_a_clock_that_is_off_is_told(served, li, minutes):
    coalition, _ = served
    answer = li.ask("POST", "/v1/entries", head_of(coalition, now=datetime.now(UTC) + timedelta(minutes=minutes)))
    assert is_problem(answer, "rule")
    assert "clock" in answer.json()["detail"]
    near = head_of(coalition, now=datetime.now(UTC) + timedelta(minutes=9 if minutes > 0 else -9))
    assert li.ask("POST", "/v1/entries", near).status == 201


@pytest.mark.parametrize(
    "query",
    ["after=-1", "after=x", "after=99999999999999999999", "limit=0", "limit=1e3", "after=%00", "after=1&after=x"],
)
def test_a_parameter_without_its_form_is_refused(li, query):
    assert is_problem(li.ask("GET", f"/v1/entries?{query}"), "invalid")


@pytest.mark.parametrize("port", ["%00", "%F0%9F%9A%A2", "XX", "%ED%A0%80", "'%20OR%201=1--", "x" * 41])
def test_a_port_that_is_none_is_refused(li, port):
    for path in ("ports", "agreements", "corridors"):
        assert is_problem(li.ask("GET", f"/v1/{path}?port={port}"), "invalid")


def test_a_method_that_is_none_is_answered_with_those_that_are(li):
    answer = li.ask("PUT", "/v1/entries")
    assert is_problem(answer, "method")
    assert answer.headers["allow"] == "GET, POST"
    assert is_problem(li.ask("GET", "/v1/../../etc/passwd"), "not-found")


@pytest.mark.parametrize(
    "wanted",
    [{}, {"scopes": []}, {"scopes": ["everything"]}, {"scopes": "read"}, {"scopes": ["read"], "port": "USLAX"},
     {"scopes": ["read"], "days": 0}, {"scopes": ["read"], "days": 10**9}, {"scopes": ["read"], "days": True},
     {"scopes": ["read"], "per_minute": 10**9}, {"scopes": ["read"], "user": "A b"}, {"scopes": [["read"]]}],
)  # fmt: skip
def test_a_token_that_cannot_be_made_is_refused(li, wanted):
    assert is_problem(li.ask("POST", "/v1/tokens", wanted), "invalid")


def test_tokens_are_the_business_of_their_own_port(served, li):
    coalition, running = served
    made = li.ask("POST", "/v1/tokens", {"scopes": ["read"], "days": 1})
    assert made.status == 201
    token = made.json()["token"]
    assert (token["port"], token["user"], token["scopes"]) == ("CNSGH", "li", ["read"])
    anna = running.client(coalition.tokens["anna"])
    assert token["token_id"] not in {row["token_id"] for row in anna.ask("GET", "/v1/tokens").json()}
    for method, path in (("DELETE", ""), ("POST", "/rotate")):
        assert is_problem(anna.ask(method, f"/v1/tokens/{token['token_id']}{path}"), "not-found")
    anna.close()
    rotated = li.ask("POST", f"/v1/tokens/{token['token_id']}/rotate")
    assert rotated.status == 201
    assert rotated.json()["client_secret"] != made.json()["client_secret"]
    listed = li.ask("GET", "/v1/tokens")
    assert made.json()["client_secret"] not in listed.body.decode()
    assert {row["token_id"]: row["revoked_utc"] for row in listed.json()}[token["token_id"]]


def test_a_token_and_an_address_have_their_number_of_requests(coalition):
    with coalition.open() as ledger:
        _, slow = issue(ledger, port="CNSGH", user="li", scopes=["read"], per_minute=5)
    running = Running(coalition.where, SISTERPORT_PER_MINUTE="7")
    try:
        for token, most in ((slow, 5), (None, 7), ("guessed", 0)):
            client = running.client(token)
            answers = [client.ask("GET", "/v1/head") for _ in range(9)]
            client.close()
            passed = [answer for answer in answers if answer.status == 200]
            assert len(passed) == most
            assert is_problem(answers[-1], "too-many")
            assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        client = running.client(coalition.tokens["anna"])
        assert client.ask("GET", "/v1/head").status == 200, "others are not held up"
        client.close()
    finally:
        running.end()


def test_every_answer_has_its_guards(li):
    for path in ("/health", "/v1/head", "/nothing", "/docs"):
        headers = li.ask("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert len(headers["x-request-id"]) == 36
        assert "server" not in headers


def test_the_page_of_the_api_needs_nothing_from_elsewhere(li):
    page = li.ask("GET", "/docs").body.decode()
    described = li.ask("GET", "/openapi.json").json()
    assert "http://" not in page.replace("https://", "http://").replace("/openapi.json", "")
    assert "<script" not in page
    for path in described["paths"]:
        assert path in page
    for name in PROBLEMS:
        assert f"id={name}" in page, "the type of a problem leads to its meaning"


def test_numbers_and_logs_tell_what_happened_and_no_secret(coalition):
    running = Running(coalition.where)
    client = running.client(coalition.tokens["li"])
    request_id = client.ask("GET", "/v1/commitments").headers["x-request-id"]
    client.ask("GET", "/v1/export?token=" + coalition.tokens["li"])
    numbers = client.ask("GET", "/metrics").body.decode()
    assert 'sisterport_requests_total{method="GET",route="/v1/commitments",status="200"} 1' in numbers
    assert "sisterport_ledger_entries 5" in numbers
    client.close()
    _, said = running.end()
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    (told,) = [line for line in lines if line.get("request_id") == request_id]
    assert (told["path"], told["status"], told["port"], told["user"]) == ("/v1/commitments", 200, "CNSGH", "li")
    assert coalition.tokens["li"] not in said
