"""Tokens over HTTP: a bearer for id and secret (OAuth 2.0), and the tokens of a port for its admins.

References
----------
RFC 6749 sections 2.3.1, 4.4 and 5.2; RFC 6750.
"""

import base64
import binascii
import re
from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote_plus

from fastapi import APIRouter, Path, Request, Response

from sisterport.errors import InputError
from sisterport.network import tokens
from sisterport.network.tokens import MOST_DAYS, SCOPES, Token, TokenError
from sisterport.site.api.problems import Problem, not_found, responses
from sisterport.site.api.server import JSON, json_in, json_out, server_of

ROUTER = APIRouter(tags=["tokens"])
_MOST_A_MINUTE = 100_000
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FORM = "application/x-www-form-urlencoded"
_ADMIN = ("unauthorized", "forbidden", "too-many", "away")
_Id = Annotated[str, Path(description="Id of a token of the caller's port.")]
_TEXT: dict[str, Any] = {"type": "string"}
_SHOWN: dict[str, Any] = {
    **dict.fromkeys(("token_id", "port", "user", "created_utc", "expires_utc"), _TEXT),
    "scopes": {"type": "array", "items": {"enum": list(SCOPES)}},
    "revoked_utc": {"type": ["string", "null"]},
    "per_minute": {"type": "integer"},
}


def _closed(fields: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    needed = list(fields) if required is None else required
    return {"type": "object", "required": needed, "properties": fields, "additionalProperties": False}


def _told(schema: dict[str, Any], what: str) -> dict[str, Any]:
    return {"description": what, "content": {JSON: {"schema": schema}}}


_MADE = _closed({"token": _closed(_SHOWN), "client_id": _TEXT, "client_secret": _TEXT})
_GRANT = _closed(
    {"access_token": _TEXT, "token_type": {"enum": ["Bearer"]}, "expires_in": {"type": "integer"}, "scope": _TEXT}
)
_REFUSED = _closed({"error": _TEXT, "error_description": _TEXT})
_ASKED = _closed(
    {"grant_type": {"enum": ["client_credentials"]}, "client_id": _TEXT, "client_secret": _TEXT, "scope": _TEXT},
    ["grant_type"],
)
_WANTED: dict[str, Any] = {
    "scopes": {"type": "array", "items": {"enum": list(SCOPES)}, "minItems": 1, "uniqueItems": True},
    "user": {"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{0,39}$"},
    "days": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS},
    "per_minute": {"type": "integer", "minimum": 1, "maximum": _MOST_A_MINUTE},
}


@ROUTER.post(
    "/oauth/token",
    summary="A bearer for a token (OAuth 2.0 client credentials)",
    openapi_extra={"requestBody": {"required": True, "content": {_FORM: {"schema": _ASKED}}}, "security": []},
    responses=responses("too-many", "too-large", "away")
    | {200: _told(_GRANT, "A bearer")}
    | {code: _told(_REFUSED, "Refused (RFC 6749 section 5.2)") for code in (400, 401)},
)
def oauth(request: Request) -> Response:
    """Give a short-lived bearer for client id and secret, by HTTP Basic or in the form."""
    form = parse_qs(request.scope["sisterport.body"].decode("utf-8", errors="replace"), keep_blank_values=True)
    if form.get("grant_type") != ["client_credentials"]:
        return _refused(400, "unsupported_grant_type" if "grant_type" in form else "invalid_request")
    if any(len(texts) > 1 for texts in form.values()):
        return _refused(400, "invalid_request")
    server = server_of(request)
    basic = request.headers.get("authorization")
    client, secret = _basic(basic) if basic else (form.get(name, [""])[0] for name in ("client_id", "client_secret"))
    try:
        bearer, scopes = server.gate.bearer(request, client, secret, form.get("scope", [""])[0].split())
    except TokenError as error:
        return _refused(400, "invalid_scope") if error.code == "insufficient_scope" else _refused(401, "invalid_client")
    told = {
        "access_token": bearer,
        "token_type": "Bearer",
        "expires_in": server.settings.bearer_s,
        "scope": " ".join(scopes),
    }
    return json_out(told)


@ROUTER.get(
    "/v1/tokens",
    summary="Tokens of the caller's port",
    responses=responses(*_ADMIN) | {200: _told({"type": "array", "items": _closed(_SHOWN)}, "Without their secrets")},
)
def listed(request: Request) -> Response:
    """List the tokens of the caller's port, also those that are over; never a secret."""
    server = server_of(request)
    caller = server.gate.admit(request, "admin")
    return json_out([asdict(token) for token in tokens.tokens(server.ledger, port=caller.port)])


@ROUTER.post(
    "/v1/tokens",
    status_code=201,
    summary="A new token for a program of the caller's port",
    openapi_extra={"requestBody": {"required": True, "content": {JSON: {"schema": _closed(_WANTED, ["scopes"])}}}},
    responses=responses(*_ADMIN, "malformed", "too-large", "invalid")
    | {201: _told(_MADE, "The token; its secret is shown once")},
)
def issue(request: Request) -> Response:
    """Make a token; the port is the caller's own."""
    server = server_of(request)
    caller = server.gate.admit(request, "admin")
    wanted = json_in(request)
    if faults := _faults(wanted):
        raise Problem("invalid", "a token cannot be made so", faults=faults)
    return _made(tokens.issue(server.ledger, **{"user": caller.user} | wanted, port=caller.port))


@ROUTER.delete(
    "/v1/tokens/{token_id}",
    status_code=204,
    summary="End a token of the caller's port",
    responses=responses(*_ADMIN, "not-found") | {204: {"description": "It has ended"}},
)
def revoke(request: Request, token_id: _Id) -> Response:
    """End a token and all its bearers at once; another port's is answered as one that is not there."""
    server = server_of(request)
    caller = server.gate.admit(request, "admin")
    try:
        tokens.revoke(server.ledger, _id(token_id), port=caller.port)
    except InputError:
        raise not_found() from None
    server.gate.forget()
    return Response(status_code=204)


@ROUTER.post(
    "/v1/tokens/{token_id}/rotate",
    status_code=201,
    summary="A new token with the rights of an old one, which ends",
    responses=responses(*_ADMIN, "not-found") | {201: _told(_MADE, "The new token; its secret is shown once")},
)
def rotate(request: Request, token_id: _Id) -> Response:
    """Make a token with the rights of an old one and end that."""
    server = server_of(request)
    caller = server.gate.admit(request, "admin")
    try:
        made = tokens.rotate(server.ledger, _id(token_id), port=caller.port)
    except InputError:
        raise not_found() from None
    server.gate.forget()
    return _made(made)


def _id(text: str) -> str:
    if not _UUID.fullmatch(text):
        raise not_found()
    return text


def _made(made: tuple[Token, str]) -> Response:
    token, secret = made
    return json_out({"token": asdict(token), "client_id": token.token_id, "client_secret": secret}, 201)


def _faults(wanted: Any) -> list[str]:
    """Return what is wrong with the form of a request for a token; what it means is judged where it is made."""
    if not isinstance(wanted, dict):
        return ["the body is an object"]
    scopes, most = wanted.get("scopes"), wanted.get("per_minute", 1)
    good = {
        "scopes": isinstance(scopes, list) and _are_names(scopes),
        "user": isinstance(wanted.get("user", ""), str),
        "days": _is_number(wanted.get("days", 1)),
        "per_minute": _is_number(most) and most <= _MOST_A_MINUTE,
    }
    faults = [f"unknown field '{name[:40]}'" for name in sorted(set(wanted) - set(good))]
    return faults + [f"{name} has not its form" for name, right in good.items() if not right]


def _are_names(given: list[Any]) -> bool:
    return all(isinstance(one, str) for one in given) and len(given) == len(set(given))


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _basic(header: str) -> tuple[str, str]:
    """Return client and secret of HTTP Basic; empty ones, which are nobody's, where it is none."""
    kind, _, text = header.partition(" ")
    try:
        client, _, secret = base64.b64decode(text.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return (unquote_plus(client), unquote_plus(secret)) if kind.lower() == "basic" else ("", "")


def _refused(status: int, code: str) -> Response:
    headers = {"WWW-Authenticate": 'Basic realm="sisterport"'} if status == 401 else {}
    return json_out({"error": code, "error_description": code.replace("_", " ")}, status, headers=headers)
