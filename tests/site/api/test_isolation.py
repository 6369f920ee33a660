"""Who sees and does what: every caller at every endpoint with every kind of record, against rules written here anew."""

import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from sisterport.network.acts import say
from sisterport.network.tokens import issue, revoke
from sisterport.site import network
from sisterport.site.api import view
from tests.network.book import PROMISE, VALUE
from tests.site.api.inside import inside
from tests.site.api.running import sent, statement

PORTS = {"USLAX": ("anna", "ben"), "CNSGH": ("li", "mei")}
"""Ports that write records, each with an author and a second person."""
STATES = ("draft", "submitted", "approved", "published", "superseded")
VISIBILITIES = ("private", "named", "coalition", "public")
NAMED = {"USLAX": "CNSGH", "CNSGH": "DEHAM"}
SCOPES = {
    "reader": ("read",),
    "author": ("read", "write"),
    "approver": ("read", "approve"),
    "admin": ("read", "write", "approve", "admin"),
    "feeder": ("write",),
}
SPEAKERS = {"USLAX": "ben", "CNSGH": "mei", "DEHAM": "jan"}
READS = ("entries", "entry", "export", "commitments", "values", "progress", "page", "page json", "pages")


@dataclass(frozen=True)
class Record:
    kind: str
    owner: str
    state: str
    visibility: str
    entry_id: str
    seq: int
    mark: str


@dataclass(frozen=True)
class Caller:
    name: str
    port: str | None
    scopes: tuple[str, ...]
    secret: str | None
    good: bool = True

    @property
    def reads(self):
        return self.good and (self.secret is None or "read" in self.scopes)


def may_see(caller, record):
    """Say who may see a record: the rules of the guide, in other words than those of the program."""
    if not caller.reads:
        return False
    if caller.port == record.owner:
        return True
    out = record.kind == "evidence" or STATES.index(record.state) >= STATES.index("published")
    readers = {
        "private": set(),
        "named": {NAMED[record.owner]},
        "coalition": {"USLAX", "CNSGH", "DEHAM"},
        "public": {"USLAX", "CNSGH", "DEHAM", None},
    }
    return out and caller.port in readers[record.visibility]


@pytest.fixture
def matrix(anywhere):
    """Every kind of record, and every kind of caller."""
    records, callers = [], []
    with anywhere.open() as ledger:
        for number, (kind, owner, state, visibility) in enumerate(
            itertools.product(("commitment", "indicator", "evidence"), PORTS, STATES, VISIBILITIES)
        ):
            if kind == "evidence" and state != "published":
                continue
            records.append(_written(ledger, anywhere.keys, kind, owner, state, visibility, f"mark{number:04d}kram"))
        for port, (name, scopes) in itertools.product(SPEAKERS, SCOPES.items()):
            _, secret = issue(ledger, port=port, user=SPEAKERS[port], scopes=scopes, per_minute=10**6)
            callers.append(Caller(f"{name} of {port}", port, scopes, secret))
        long_ago = datetime.now(UTC) - timedelta(days=9)
        _, over = issue(ledger, port="USLAX", user="ben", scopes=SCOPES["admin"], days=1, now=long_ago)
        gone, ended = issue(ledger, port="USLAX", user="ben", scopes=SCOPES["admin"])
        revoke(ledger, gone.token_id, port="USLAX")
        _, stranger = issue(ledger, port="SGSIN", user="kim", scopes=SCOPES["admin"], per_minute=10**6)
    callers.append(Caller("anybody", None, (), None))
    bad = {"over": over, "revoked": ended, "forged": "x" * 43, "not a member": stranger, "sealed": "sp1.gAAAA"}
    callers += [Caller(name, None, (), secret, good=False) for name, secret in bad.items()]
    return anywhere, records, callers


def _written(ledger, keys, kind, owner, state, visibility, mark):
    author, second = (keys[user] for user in PORTS[owner])
    named = [NAMED[owner]] if visibility == "named" else []
    open_to = {"visibility": visibility, "named_ports": named}
    text = {"text": mark} if kind == "commitment" else {"note": mark}
    body = {"commitment": PROMISE, "indicator": VALUE}.get(kind, {}) | text
    if kind == "evidence":
        about = next(entry for entry in ledger.standing.entries.values() if entry.kind == "commitment")
        entry = say(ledger, author, kind, {"text": mark, "date": "2026-05-01"}, about=about, **open_to)
        return Record(kind, owner, state, visibility, entry.entry_id, entry.seq, mark)
    entry = say(ledger, author, kind, body, **open_to)
    reached = STATES.index(state)
    for step, key in (("submit", author), ("approve", second), ("publish", author))[: min(reached, 3)]:
        say(ledger, key, step, about=entry)
    if state == "superseded":
        later = say(ledger, author, kind, body | {"note": "a correction"}, about=entry, visibility="private")
        for step, key in (("submit", author), ("approve", second), ("publish", author)):
            say(ledger, key, step, about=later)
    return Record(kind, owner, state, visibility, entry.entry_id, entry.seq, mark)


def test_nobody_reads_what_they_may_not(matrix):
    anywhere, records, callers = matrix
    cells, leaks, gaps = 0, [], []
    with inside(anywhere.where) as app:
        for caller in callers:
            lists = {name: _shown(app, caller, name) for name in READS if name not in ("entry", "page", "page json")}
            for record in records:
                for endpoint in READS:
                    seen, text = lists[endpoint] if endpoint in lists else _one(app, caller, endpoint, record)
                    cells += 1
                    cell = (caller.name, endpoint, record.kind, record.owner, record.state, record.visibility)
                    allowed = may_see(caller, record)
                    if not allowed and (record.mark in text or record.entry_id in seen):
                        leaks.append(cell)
                    if allowed and _belongs(caller, endpoint, record) and record.entry_id not in seen:
                        gaps.append(cell)
    assert cells >= 5000
    assert (leaks[:5], len(leaks)) == ([], 0)
    assert (gaps[:5], len(gaps)) == ([], 0), "what one may see is shown"


def test_the_matrix_sees_a_leak_and_postgresql_stops_it(matrix, monkeypatch):
    """The control: with the rule of the program switched off SQLite leaks, and the second wall holds."""
    anywhere, records, callers = matrix
    monkeypatch.setattr(view, "may_see", lambda *_, **__: True)
    leaks = 0
    with inside(anywhere.where) as app:
        for caller in callers:
            seen, _ = _shown(app, caller, "entries")
            leaks += sum(record.entry_id in seen and not may_see(caller, record) for record in records)
    assert (leaks > 100) == ("://" not in anywhere.where)
    assert leaks == 0 or "://" not in anywhere.where


def _belongs(caller, endpoint, record):
    """Say whether an endpoint shows a record to those who may see it."""
    if endpoint == "progress":
        return record.kind == "commitment" and record.state == "published"
    if endpoint in ("commitments", "values"):
        return record.kind == {"commitments": "commitment", "values": "indicator"}[endpoint]
    return endpoint in ("entries", "entry", "page", "page json") or (endpoint == "export" and caller.port is not None)


def _shown(app, caller, endpoint):
    """Return the ids of the records that an endpoint shows to a caller, and all that it says."""
    if endpoint == "entries":
        return _paged(app, caller)
    if endpoint == "pages":
        addresses = [*network.PAGES, *map(network.json_address, network.PAGES)]
        return set(), "".join(app.ask("GET", path, token=caller.secret).body.decode() for path in addresses)
    answer = app.ask("GET", f"/v1/{endpoint}", token=caller.secret)
    text = answer.body.decode()
    if answer.status != 200:
        assert answer.status in (401, 403, 404)
        return set(), text
    if endpoint == "export":
        pairs = [json.loads(line) for line in text.splitlines()[1:-1]]
        return {pair["entry"]["entry_id"] for pair in pairs if pair["body"] is not None}, text
    if endpoint == "progress":
        rows = {row["seq"] for row in answer.json()}
        listed = app.ask("GET", "/v1/commitments", token=caller.secret).json()
        assert rows <= {row["seq"] for row in listed}, "progress of a commitment that is not listed"
        return {row["entry_id"] for row in listed if row["seq"] in rows}, text
    return {row["entry_id"] for row in answer.json()}, text


def _paged(app, caller):
    seen, text, after = set(), "", 0
    while after is not None:
        answer = app.ask("GET", f"/v1/entries?after={after}&limit=200", token=caller.secret)
        text += answer.body.decode()
        if answer.status != 200:
            assert answer.status in (401, 403)
            return seen, text
        told = answer.json()
        seen |= {pair["entry"]["entry_id"] for pair in told["entries"] if pair["body"] is not None}
        after = told["next"]
    return seen, text


def _one(app, caller, endpoint, record):
    path = {
        "entry": f"/v1/entries/{record.entry_id}",
        "page": f"/entries/{record.seq}",
        "page json": f"/entries/{record.seq}.json",
    }[endpoint]
    answer = app.ask("GET", path, token=caller.secret)
    if answer.status != 200:
        assert answer.status in (401, 403, 404)
    return ({record.entry_id} if answer.status == 200 else set()), answer.body.decode().replace(record.entry_id, "")


def test_nobody_moves_what_is_not_theirs(matrix):
    """Another port's person, with a good key and token, at every record; and the own port's without the scope."""
    anywhere, records, callers = matrix
    cells, done = 0, []
    with inside(anywhere.where) as app:
        before = app.ask("GET", "/v1/head").body
        for caller, record, act in itertools.product(callers, records, ("submit", "approve", "reject", "publish")):
            scope = "approve" if act in ("approve", "reject") else "write"
            if caller.port == record.owner and scope in caller.scopes:
                continue
            port = caller.port or record.owner
            user = SPEAKERS[port]
            own = {"subject": record.entry_id, "visibility": "coalition"}
            signed = sent(statement(anywhere.keys[user], act, port=port, user=user, **own))
            answer = app.ask("POST", "/v1/entries", signed, token=caller.secret)
            cells += 1
            if answer.status not in (401, 403, 422):
                done.append((caller.name, act, record, answer.status))
        assert app.ask("GET", "/v1/head").body == before
    assert cells >= 3000
    assert done == []


def test_nobody_sees_or_ends_the_tokens_of_another_port(matrix):
    anywhere, _, callers = matrix
    cells = 0
    with inside(anywhere.where) as app:
        known = {port: _token_ids(app, callers, port) for port in SPEAKERS}
        for caller in callers:
            admin = caller.good and "admin" in caller.scopes
            listed = app.ask("GET", "/v1/tokens", token=caller.secret)
            assert (listed.status == 200) == admin
            for port, ids in known.items():
                if port == caller.port:
                    continue
                for name in ids:
                    assert name not in listed.body.decode()
                    for method, tail in (("DELETE", ""), ("POST", "/rotate")):
                        answer = app.ask(method, f"/v1/tokens/{name}{tail}", token=caller.secret)
                        assert answer.status == (404 if admin else 403 if caller.good and caller.secret else 401)
                        cells += 1
        assert {port: _token_ids(app, callers, port) for port in SPEAKERS} == known
    assert cells >= 500


def _token_ids(app, callers, port):
    admin = next(caller for caller in callers if caller.name == f"admin of {port}")
    return {
        row["token_id"] for row in app.ask("GET", "/v1/tokens", token=admin.secret).json() if not row["revoked_utc"]
    }


def test_every_endpoint_wants_a_token_unless_it_is_known_to_be_open(coalition):
    """Deny by default: a new endpoint has to be entered here before it answers anybody."""
    open_to_all = {
        "/health", "/ready", "/metrics", "/oauth/token", "/auth/token", "/.well-known/openid-configuration",
        "/v1/head", "/v1/entries", "/v1/commitments", "/v1/values", "/v1/progress", "/v1/ports", "/v1/agreements",
        "/v1/corridors", "/v1/entries/{entry_id}",
    }  # fmt: skip
    with inside(coalition.where) as app:
        described = app.ask("GET", "/openapi.json").json()["paths"]
        asked = 0
        for path, operations in described.items():
            pages = "pages" in next(iter(operations.values())).get("tags", [])
            for method in operations:
                if pages or (path in open_to_all and method == "get") or "token" in path.split("/")[-1:]:
                    continue
                answer = app.ask(method.upper(), path.replace("{", "").replace("}", ""))
                assert answer.status == 401, f"{method} {path}"
                asked += 1
    assert asked >= 8
