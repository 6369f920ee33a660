"""The life of a commitment over HTTP, with a server in a process of its own, on SQLite and on PostgreSQL."""

import json
import signal
import threading
import time

import pytest

from sisterport.network.pull import export
from sisterport.network.verify import verify
from tests.network.book import PERSONS, PROMISE, VALUE
from tests.site.api.running import Running, sent, statement


class Ports:
    """The persons of a coalition, each at the client of the own port."""

    def __init__(self, coalition, running):
        self.keys = coalition.keys
        self.clients = {user: running.client(token) for user, token in coalition.tokens.items()}
        self.anybody = running.client()

    def say(self, user, kind, body=None, **more):
        return self.post(user, statement(self.keys[user], kind, body, port=PERSONS[user][0], user=user, **more))

    def post(self, user, signed):
        return self.clients[user].ask("POST", "/v1/entries", sent(signed))

    def close(self):
        for client in (*self.clients.values(), self.anybody):
            client.close()


@pytest.fixture
def ports(running, coalition):
    made = Ports(coalition, running)
    yield made
    made.close()


def test_a_commitment_goes_its_way_and_everybody_sees_what_they_may(anywhere, tmp_path):
    running = Running(anywhere.where)
    ports = Ports(anywhere, running)
    try:
        _whole_life(ports, anywhere, tmp_path)
    finally:
        ports.close()
        code, said = running.end()
    assert code in (0, -signal.SIGTERM), said
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert {line["status"] for line in lines} >= {200, 201, 404, 422}
    assert not any(token in said for token in anywhere.tokens.values()), "a token stands in the log"


def _whole_life(ports, coalition, tmp_path):
    made = ports.say("anna", "commitment", PROMISE, visibility="named", named_ports=["CNSGH"])
    assert made.status == 201
    record = made.json()["entry"]["entry_id"]
    assert made.headers["location"] == f"/v1/entries/{record}"
    about = {"subject": record, "visibility": "named", "named_ports": ["CNSGH"]}
    own = f"/v1/entries/{record}"

    def seen():
        who = {"anna": ports.clients["anna"], "li": ports.clients["li"], "jan": ports.clients["jan"], "": ports.anybody}
        return {user for user, client in who.items() if client.ask("GET", own).status == 200}

    assert seen() == {"anna"}, "a draft is the port's own"
    assert ports.say("anna", "submit", **about).status == 201
    refused = ports.say("anna", "approve", **about)
    assert refused.status == 422
    assert "another person" in refused.json()["detail"]
    assert ports.say("ben", "approve", **about).status == 201
    assert ports.say("anna", "publish", **about).status == 201
    assert seen() == {"anna", "li"}
    for table in ("commitments", "progress"):
        rows = {user: client.ask("GET", f"/v1/{table}").json() for user, client in ports.clients.items()}
        assert {user for user, found in rows.items() if len(found) == 1} == {"anna", "ben", "li", "mei"}
    assert ports.clients["li"].ask("GET", "/v1/progress").json()[0]["baseline_finding"] == "no baseline published"
    assert ports.anybody.ask("GET", "/v1/commitments").json() == []
    value = ports.say("ben", "indicator", VALUE)
    assert value.status == 201
    assert [len(ports.clients[user].ask("GET", "/v1/values").json()) for user in ("ben", "li")] == [1, 0]

    pages = _all_entries(ports.clients["jan"])
    assert [entry["entry"]["seq"] for entry in pages] == list(range(1, 11)), "a member sees the whole chain"
    assert {entry["entry"]["entry_id"] for entry in pages if entry["body"] is None} == {
        record,
        value.json()["entry"]["entry_id"],
    }
    assert all(entry["entry"]["visibility"] == "public" for entry in _all_entries(ports.anybody))
    head = ports.anybody.ask("GET", "/v1/head").json()
    assert (head["seq"], head["hash"]) == (10, pages[-1]["entry"]["hash"])

    with coalition.open() as ledger:
        export(ledger, tmp_path / "mine.jsonl", reader="DEHAM")
    served = ports.clients["jan"].ask("GET", "/v1/export")
    assert served.body == (tmp_path / "mine.jsonl").read_bytes()
    assert verify(tmp_path / "mine.jsonl").fault == ""
    again = ports.clients["jan"].ask("GET", "/v1/export", If_None_Match=served.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def _all_entries(client):
    found, after = [], 0
    while after is not None:
        told = client.ask("GET", f"/v1/entries?after={after}&limit=3").json()
        found += told["entries"]
        after = told["next"]
    return found


def test_the_same_statement_makes_one_entry_and_another_under_its_id_is_refused(ports, coalition):
    signed = statement(coalition.keys["li"], port="CNSGH", user="li")
    first, second = ports.post("li", signed), ports.post("li", signed)
    assert (first.status, second.status) == (201, 200)
    assert first.body == second.body
    client = ports.clients["li"]
    keyed = client.ask("POST", "/v1/entries", sent(signed), Idempotency_Key=signed.statement.entry_id)
    assert keyed.status == 200
    assert client.ask("POST", "/v1/entries", sent(signed), Idempotency_Key="other").status == 422
    other = statement(coalition.keys["li"], port="CNSGH", user="li")
    other = sent(other)
    other["record"]["entry_id"] = signed.statement.entry_id
    conflict = client.ask("POST", "/v1/entries", other)
    assert (conflict.status, conflict.json()["type"]) == (409, "/docs#conflict")
    changed = sent(signed) | {"body": {"text": "not signed"}}
    assert client.ask("POST", "/v1/entries", changed).status == 422
    assert client.ask("GET", "/v1/head").json()["seq"] == 6


def test_a_batch_is_taken_whole_or_not_at_all(ports, coalition):
    signed = [sent(statement(coalition.keys["li"], port="CNSGH", user="li")) for _ in range(3)]
    client = ports.clients["li"]
    broken = [signed[0], signed[1] | {"signature": "00" * 64}, signed[2]]
    assert client.ask("POST", "/v1/entries/batch", {"statements": broken}).status == 422
    assert client.ask("GET", "/v1/head").json()["seq"] == 5
    made = client.ask("POST", "/v1/entries/batch", {"statements": signed})
    assert (made.status, [pair["entry"]["seq"] for pair in made.json()["entries"]]) == (201, [6, 7, 8])
    assert client.ask("POST", "/v1/entries/batch", {"statements": signed}).status == 200
    assert client.ask("POST", "/v1/entries/batch", {"statements": []}).status == 422


@pytest.mark.parametrize("field", ["approver", "seq", "hash", "prev_hash", "received_utc", "role"])
def test_nobody_writes_a_property_that_is_not_theirs(ports, coalition, field):
    given = sent(statement(coalition.keys["li"], port="CNSGH", user="li"))
    for place in (given, given["record"]):
        place[field] = "li"
        refused = ports.clients["li"].ask("POST", "/v1/entries", given)
        assert refused.status == 422
        del place[field]
    assert ports.clients["li"].ask("POST", "/v1/entries", given).status == 201


def test_a_port_speaks_for_itself_only(ports, coalition):
    foreign = sent(statement(coalition.keys["anna"], port="USLAX", user="anna"))
    refused = ports.clients["li"].ask("POST", "/v1/entries", foreign)
    assert (refused.status, refused.json()["type"]) == (403, "/docs#forbidden")
    lying = sent(statement(coalition.keys["li"], port="USLAX", user="anna"))
    assert ports.clients["anna"].ask("POST", "/v1/entries", lying).status == 422, "another port's key"


def test_the_tokens_of_a_port_that_has_left_open_nothing(ports, coalition):
    assert ports.clients["jan"].ask("GET", "/v1/export").status == 200
    with coalition.open() as ledger:
        key = next(key.entry_id for key in ledger.standing.keys.values() if key.port == "DEHAM")
    assert ports.say("anna", "revoke", subject=key, visibility="public").status == 201
    while (answer := ports.clients["jan"].ask("GET", "/v1/export")).status == 200:
        time.sleep(0.05)  # what is known of a token is good for a second
    assert answer.status == 401
    assert ports.clients["li"].ask("GET", "/v1/export").status == 200


def test_what_is_not_there_and_what_is_hidden_are_answered_alike(ports):
    hidden = ports.say("anna", "commitment", PROMISE, visibility="private").json()["entry"]["entry_id"]
    unknown = "00000000-0000-4000-8000-000000000000"
    for client in (ports.clients["li"], ports.anybody):
        told = []
        for name in (hidden, unknown, "x", "%00"):
            answer = client.ask("GET", f"/v1/entries/{name}")
            body = answer.json() | {"instance": ""}
            told.append((answer.status, body, sorted(answer.headers)))
        assert told[0][0] == 404
        assert told.count(told[0]) == 4


def test_ten_requests_under_way_are_answered_before_the_server_stops(coalition):
    """SIGTERM does not tear answers: what was begun is ended, and what was acknowledged is there."""
    running = Running(coalition.where)
    told = []

    def write(user):
        client = running.client(coalition.tokens[user])
        try:
            while True:
                made = client.ask("POST", "/v1/entries", sent(statement(coalition.keys[user], port="CNSGH", user=user)))
                told.append((made.status, made.json()["entry"]["seq"]))
        except OSError:
            client.close()

    writers = [threading.Thread(target=write, args=[user]) for user in ("li", "mei") * 5]
    for writer in writers:
        writer.start()
    while len(told) < 30:
        time.sleep(0.01)
    code, said = running.end()
    for writer in writers:
        writer.join()
    assert code in (0, -signal.SIGTERM)
    assert "Traceback" not in said
    assert {status for status, _ in told} == {201}
    with coalition.open() as ledger:
        assert ledger.standing.seq == 5 + len(told)
