"""PACT 3.0.3 and iLEAP 1.0.0 over HTTP: tokens, footprints, events, transport activities.

What is answered is worked out in `sisterport.exchange`; what there is lies in the folder that SISTERPORT_FOOTPRINTS
names (`sisterport.site.api.pact_shelf`). Without it, lists are empty and requests are refused.

References
----------
PACT Technical Specifications 3.0.3; iLEAP Technical Specifications 1.0.0.
"""

import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from fastapi import APIRouter, Request, Response

from sisterport.errors import InputError
from sisterport.exchange import http, pact_api, pact_auth, pact_events
from sisterport.network.tokens import TokenError
from sisterport.site.api.auth import Caller
from sisterport.site.api.pact_courier import Courier
from sisterport.site.api.pact_shelf import Shelf
from sisterport.site.api.problems import responses
from sisterport.site.api.server import JSON, server_of

ROUTER = APIRouter(tags=["PACT"])
_FOLDER = "SISTERPORT_FOOTPRINTS"
_STATES = {
    "expired_token": pact_auth.TokenState.EXPIRED,
    "insufficient_scope": pact_auth.TokenState.LACKS_SCOPE,
}
_LOG = logging.getLogger("sisterport.site.api")
_STARTING = Lock()
_REFUSED: dict[str, Any] = {"description": "An error of PACT", "content": {JSON: {}}}
_SAID: dict[int | str, dict[str, Any]] = {
    200: {"description": "Answer of PACT", "content": {JSON: {}}},
    **dict.fromkeys((400, 401, 403, 404, 422, 500), _REFUSED),
    **responses("too-many", "too-large", "away"),
}
_TEXTS = {"type": "array", "items": {"type": "string"}}
_TIME = {"type": "string", "format": "date-time"}
_PAGE = [
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 10**9 - 1}},
    {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "From the link to the next page."},
]
_FILTERS = [
    {"name": name, "in": "query", "schema": _TIME if name.startswith("valid") else _TEXTS} for name in pact_api.FILTERS
]
_EVENT = {"type": "object", "required": ["type", "specversion", "id", "source", "time", "data"]}
_GRANT = {"type": "object", "required": ["grant_type"], "properties": {"grant_type": {"enum": ["client_credentials"]}}}
Answer = Callable[[http.Request, Caller, "Desk"], http.Response]


def _body(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


@dataclass(frozen=True, slots=True)
class Desk:
    """Shelf and courier of a running server."""

    shelf: Shelf
    courier: Courier


def desk_of(request: Request) -> Desk:
    """Return the desk of the server that a request came to; it is set up by the first one."""
    state = request.app.state
    with _STARTING:
        if not hasattr(state, "pact"):
            named = os.environ.get(_FOLDER)
            shelf = Shelf(Path(named) if named else None)
            state.pact = Desk(shelf, Courier(shelf))
            state.pact.courier.wake()  # what an earlier run could not send
        found: Desk = state.pact
    return found


@ROUTER.get("/.well-known/openid-configuration", summary="Where tokens are given", responses=_SAID)
def discovery(request: Request) -> Response:
    """Tell where tokens are given."""
    return _out(pact_auth.discovery(f"{server_of(request).settings.base_url}/auth/token"))


@ROUTER.post(
    "/auth/token",
    summary="A bearer, as PACT asks for it",
    responses=_SAID,
    openapi_extra=_body("application/x-www-form-urlencoded", _GRANT) | {"security": []},
)
def token(request: Request) -> Response:
    """Give a bearer for the id and secret of a token (OAuth 2.0 client credentials, HTTP Basic)."""
    server = server_of(request)

    def issue(client: str, secret: str) -> pact_auth.Grant | None:
        try:
            bearer, _ = server.gate.bearer(request, client, secret, ["read"])
        except TokenError:
            return None
        return pact_auth.Grant(bearer, server.settings.bearer_s)

    return _out(pact_auth.token(_in(request), issue))


@ROUTER.get(
    "/3/footprints",
    summary="Footprints, a page at a time",
    responses=_SAID,
    openapi_extra={"parameters": [*_FILTERS, *_PAGE]},
)
def footprints(request: Request) -> Response:
    """List the footprints that the caller may see."""

    def answer(asked: http.Request, caller: Caller, desk: Desk) -> http.Response:
        settings = server_of(request).settings
        found = desk.shelf.footprints(caller.port)
        return pact_api.list_footprints(asked, found, base_url=settings.base_url, page=settings.page)

    return _answered(request, answer)


@ROUTER.get("/3/footprints/{footprint_id}", summary="One footprint", responses=_SAID)
def footprint(request: Request, footprint_id: str) -> Response:
    """Give a footprint; one that the caller may not see is answered as one that is not there."""

    def answer(_: http.Request, caller: Caller, desk: Desk) -> http.Response:
        found = {str(one["id"]).lower(): one for one in desk.shelf.footprints(caller.port)}
        return pact_api.get_footprint(footprint_id, found.get)

    return _answered(request, answer)


@ROUTER.get(
    "/2/ileap/tad",
    summary="Transport activities, a page at a time",
    responses=_SAID,
    openapi_extra={"parameters": _PAGE},
)
def activities(request: Request) -> Response:
    """List the transport activities that the caller may see."""

    def answer(asked: http.Request, caller: Caller, desk: Desk) -> http.Response:
        settings = server_of(request).settings
        found = desk.shelf.activities(caller.port)
        return pact_api.list_activities(asked, found, base_url=settings.base_url, page=settings.page)

    return _answered(request, answer)


@ROUTER.post(
    "/3/events",
    summary="An event: a request for footprints, or news of some",
    responses=_SAID,
    openapi_extra=_body(pact_events.MEDIA, _EVENT),
)
def events(request: Request) -> Response:
    """Take an event; a request is answered by another event, sent to the address that the caller's port has told."""

    def answer(asked: http.Request, caller: Caller, desk: Desk) -> http.Response:
        if desk.shelf.folder is None:
            return pact_api.error("NotImplemented", "this server keeps no footprints and takes no events")
        partner = desk.shelf.partners().get(caller.port)
        received = pact_events.receive_event(asked, addresses=[partner.address] if partner else [])
        event = received.event
        if event is None or desk.shelf.knows(event):
            return received.response
        if event["type"] == pact_events.CREATED:
            found, source = desk.shelf.footprints(caller.port), server_of(request).settings.base_url
            reply = pact_events.answer_request(event, found, source=source, now=datetime.now(UTC))
            desk.shelf.put_answer(caller.port, reply)  # before the event is kept: sent again it is answered
            desk.courier.wake()
        desk.shelf.keep(event)
        return received.response

    return _answered(request, answer)


def _answered(request: Request, answer: Answer) -> Response:
    """Return an answer to who shows a good token, in the words of PACT."""
    asked = _in(request)
    try:
        caller = server_of(request).gate.admit(request, "read")
    except TokenError as error:
        state = _STATES.get(error.code, pact_auth.TokenState.UNKNOWN)
        refused = pact_auth.bearer(asked, lambda _: state)
        return _out(refused or pact_api.error("AccessDenied", str(error)))
    try:
        return _out(answer(asked, caller, desk_of(request)))
    except (InputError, OSError):
        _LOG.exception("request %s: the folder of footprints", request.scope["sisterport.id"])
        return _out(pact_api.error("InternalError", "the footprints of this server cannot be read: see its log"))


def _in(request: Request) -> http.Request:
    return http.Request(
        method=request.method,
        path=request.url.path,
        query=request.url.query,
        headers=dict(request.headers),
        body=request.scope["sisterport.body"],
    )


def _out(response: http.Response) -> Response:
    body = b"" if response.body is None else json.dumps(response.body, ensure_ascii=False).encode()
    headers = {"Cache-Control": "no-store"} | dict(response.headers)
    return Response(body, response.status, headers, JSON if body else None)
