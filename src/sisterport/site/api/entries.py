"""Entries of the ledger: read them, append signed statements, take the export along."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response

from sisterport.network import pull
from sisterport.network.entry import FIELDS, KINDS, VISIBILITIES, Entry, Signed, body_hash, signed_from
from sisterport.network.ledger import Ledger
from sisterport.network.rights import LedgerError
from sisterport.site.api.auth import Caller
from sisterport.site.api.problems import Problem, not_found, responses
from sisterport.site.api.server import JSON, Server, json_in, json_out, kept_out, server_of
from sisterport.site.api.view import one, page, written

ROUTER = APIRouter(prefix="/v1", tags=["entries"])
MOST_AT_ONCE = 100
"""Statements in a batch."""
_MOST = 2**31 - 1  # what a number of an entry can be in the database
_SCOPES = {"approve": "approve", "reject": "approve", "key": "admin", "revoke": "admin", "coalition": "admin"}
"""Scope of the token that may send a kind of statement; ``write`` for all others."""
_WRITERS = ("write", "approve", "admin")


def _record(names: tuple[str, ...]) -> dict[str, Any]:
    """Return the JSON schema of a statement or an entry."""
    text: dict[str, Any] = {"type": "string"}
    special = {
        "kind": {"enum": list(KINDS)},
        "visibility": {"enum": list(VISIBILITIES)},
        "named_ports": {"type": "array", "items": text},
        "subject": {"type": ["string", "null"]},
        "seq": {"type": "integer", "minimum": 1},
        "seen_seq": {"type": "integer", "minimum": 0},
    }
    fields = {name: special.get(name, text) for name in names}
    return {"type": "object", "required": list(names), "properties": fields, "additionalProperties": False}


def _object(**fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(fields), "properties": fields, "additionalProperties": False}


def _as_json(schema: dict[str, Any], what: str) -> dict[str, Any]:
    return {"description": what, "content": {JSON: {"schema": schema}}}


_STATEMENT = _object(
    record=_record(
        tuple(name for name in FIELDS if name not in ("signature", "seq", "received_utc", "prev_hash", "hash"))
    ),
    signature={"type": "string"},
    body={"type": "object"},
)
_STATEMENTS = {"type": "array", "items": _STATEMENT, "minItems": 1, "maxItems": MOST_AT_ONCE}
_PAIR = _object(entry=_record(FIELDS), body={"type": ["object", "null"]})
_PAIRS = {"type": "array", "items": _PAIR}
_HEAD = _object(
    coalition={"type": "string"},
    seq={"type": "integer"},
    hash={"type": "string"},
    vouchers={"type": "object", "additionalProperties": {"type": "integer"}},
)
_READ = ("unauthorized", "forbidden", "too-many", "away")
_WRITE = (*_READ, "malformed", "conflict", "too-large", "invalid")
_Key = Annotated[str | None, Header(description="If given, the id of the entry: that is what makes it one entry.")]


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


@ROUTER.get(
    "/head", summary="Head of the chain", responses=responses(*_READ) | {200: _as_json(_HEAD, "The last entry")}
)
def head(request: Request) -> Response:
    """Tell the last entry, for everybody: a chain whose heads others hold cannot be rewritten."""
    server = server_of(request)
    server.gate.admit(request, "read", anybody=True)

    def told(ledger: Ledger) -> dict[str, Any]:
        standing = ledger.standing
        seq, entry_hash = standing.head
        return {"coalition": standing.coalition, "seq": seq, "hash": entry_hash, "vouchers": standing.vouchers()}

    return json_out(server.view.ask(told))


@ROUTER.get(
    "/entries",
    summary="Entries, a page at a time",
    responses=responses(*_READ, "invalid")
    | {200: _as_json(_object(entries=_PAIRS, next={"type": ["integer", "null"]}), "A page")},
)
def entries(
    request: Request,
    after: Annotated[int, Query(ge=0, le=_MOST, description="Number of the last entry that is known.")] = 0,
    limit: Annotated[int | None, Query(ge=1, le=_MOST, description="Most entries to give.")] = None,
) -> Response:
    """Give entries after a number, each with its record, or null where that is withheld from the caller."""
    server = server_of(request)
    caller = server.gate.admit(request, "read", anybody=True)
    most = min(limit or server.settings.page, server.settings.page)

    def make(ledger: Ledger, reader: str) -> bytes:
        found, more = page(ledger, reader, after=after, limit=most)
        rows = b",".join(written(pair) for pair in found)
        return b'{"entries":[' + rows + b'],"next":' + (b"null" if more is None else str(more).encode()) + b"}"

    return kept_out(request, caller, make, after, most)


@ROUTER.get(
    "/entries/{entry_id}",
    summary="One entry with its record",
    responses=responses(*_READ, "not-found") | {200: _as_json(_PAIR, "The entry")},
)
def entry(request: Request, entry_id: str) -> Response:
    """Give an entry; one whose record the caller may not see is answered as one that is not there."""
    server = server_of(request)
    caller = server.gate.admit(request, "read", anybody=True)
    found = server.view.ask(lambda ledger: one(ledger, caller.port, entry_id))
    if found is None:
        raise not_found()
    return Response(written(found), 200, {"Cache-Control": "no-store"}, JSON)


@ROUTER.post(
    "/entries",
    status_code=201,
    summary="Append a signed statement",
    openapi_extra=_body(_STATEMENT),
    responses=responses(*_WRITE) | {code: _as_json(_PAIR, "The entry, durable") for code in (200, 201)},
)
def append(request: Request, idempotency_key: _Key = None) -> Response:
    """Append a statement of the caller's port; sent again it gives the same entry, with status 200."""
    caller = server_of(request).gate.admit(request, *_WRITERS)
    statement = _signed(json_in(request))
    if idempotency_key not in (None, statement.statement.entry_id):
        raise Problem("invalid", "Idempotency-Key is the entry_id of the statement, or is left out")
    ((entry, new),) = _appended(server_of(request), caller, [statement])
    headers = {"Cache-Control": "no-store", "Location": f"/v1/entries/{entry.entry_id}"}
    return Response(written((entry, statement.body)), 201 if new else 200, headers, JSON)


@ROUTER.post(
    "/entries/batch",
    status_code=201,
    summary="Append signed statements, all or none",
    openapi_extra=_body(_object(statements=_STATEMENTS)),
    responses=responses(*_WRITE)
    | {code: _as_json(_object(entries=_PAIRS), "The entries, durable") for code in (200, 201)},
)
def append_all(request: Request) -> Response:
    """Append statements in order, all or none; sent again they give the same entries, with status 200."""
    caller = server_of(request).gate.admit(request, *_WRITERS)
    given = json_in(request)
    if not isinstance(given, dict) or set(given) != {"statements"} or not isinstance(given["statements"], list):
        raise Problem("invalid", "the body is an object with statements, a list")
    if not 1 <= len(given["statements"]) <= MOST_AT_ONCE:
        raise Problem("invalid", f"a batch has 1 to {MOST_AT_ONCE} statements, not {len(given['statements'])}")
    statements = [_signed(one) for one in given["statements"]]
    placed = _appended(server_of(request), caller, statements)
    rows = [written((entry, said.body)) for (entry, _), said in zip(placed, statements, strict=True)]
    status = 201 if any(new for _, new in placed) else 200
    return Response(b'{"entries":[' + b",".join(rows) + b"]}", status, {"Cache-Control": "no-store"}, JSON)


@ROUTER.get(
    "/export",
    summary="The ledger as one file that anybody can verify",
    responses=responses(*_READ) | {200: {"description": "The export", "content": {"application/jsonl": {}}}},
)
def export(request: Request) -> Response:
    """Give the chain with the records that the caller's port may see, as ``sisterport network export`` writes it."""
    caller = server_of(request).gate.admit(request, "read")
    return kept_out(request, caller, _exported, media_type="application/jsonl")


def _exported(ledger: Ledger, reader: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        pull.export(ledger, Path(folder) / "export", reader=reader)
        return (Path(folder) / "export").read_bytes()


def _signed(given: Any) -> Signed:
    """Return a statement as it was sent; what is no part of one is refused, as a place in the chain would be."""
    if not isinstance(given, dict) or set(given) != {"record", "signature", "body"}:
        raise Problem("invalid", "a statement is an object with record, signature and body, and nothing else")
    if not isinstance(given["body"], dict) or not isinstance(given["signature"], str):
        raise Problem("invalid", "body is an object, signature is text")
    said = signed_from(given["record"], given["signature"], given["body"])
    if body_hash(said.body) != said.statement.body_hash:
        raise Problem("invalid", "the body is not the one that was signed")
    return said


def _appended(server: Server, caller: Caller, statements: list[Signed]) -> list[tuple[Entry, bool]]:
    """Append statements, and tell of each entry whether it is new."""
    for said in statements:
        caller.need(_SCOPES.get(said.statement.kind, "write"))
        if said.statement.owner != caller.port:
            raise Problem("forbidden", f"the token is of {caller.port}, the statement of {said.statement.owner}")
    known = _refuse_taken(server, statements)
    try:
        placed = server.ledger.append_all(statements, now=datetime.now(UTC))
    except LedgerError:
        _refuse_taken(server, statements)  # somebody was faster with the same id
        raise
    return [(entry, entry.entry_id not in known) for entry in placed]


def _refuse_taken(server: Server, statements: list[Signed]) -> set[str]:
    """Return the ids that stand in the chain, with the same statement; refuse any other statement under one of them."""
    chain = server.view.standing.entries
    known = {
        said.statement.entry_id: chain[said.statement.entry_id]
        for said in statements
        if said.statement.entry_id in chain
    }
    for said in statements:
        there = known.get(said.statement.entry_id)
        if there and not (there.same_statement(said.statement) and there.signature == said.signature):
            raise Problem("conflict", f"entry {said.statement.entry_id} says something else")
    return set(known)
