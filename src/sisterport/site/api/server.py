"""What the endpoints share: the ledger that appends, the view that reads, the gate that lets in, the meter."""

import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from sisterport.exchange import http
from sisterport.network.ledger import Ledger
from sisterport.site.api.auth import Caller, Gate
from sisterport.site.api.ops import Meter
from sisterport.site.api.settings import Settings
from sisterport.site.api.view import View

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a running server consists of."""

    settings: Settings
    ledger: Ledger
    view: View
    gate: Gate
    meter: Meter


def server_of(request: Request) -> Server:
    """Return the server that a request came to."""
    found: Server = request.app.state.server
    return found


def json_in(request: Request) -> Any:
    """Return the JSON of a request, whose body was read already.

    Raises
    ------
    BodyError
        As `sisterport.exchange.http.json_body`.
    """
    return http.json_body(http.Request(body=request.scope["sisterport.body"]))


def json_out(value: Any, status: int = 200, *, headers: dict[str, str] | None = None) -> Response:
    """Return an answer that nobody keeps."""
    return Response(
        json.dumps(value, ensure_ascii=False).encode(), status, {"Cache-Control": "no-store"} | (headers or {}), JSON
    )


def kept_out(
    request: Request,
    caller: Caller,
    make: Callable[[Ledger, str], bytes],
    *about: Hashable,
    media_type: str = JSON,
) -> Response:
    """Return an answer that is made once for each reader as long as the ledger does not grow.

    Parameters
    ----------
    request, caller
        The request, and who asks.
    make
        Makes the answer of the ledger for a reader.
    *about
        What it depends on besides: the parameters.
    """
    server = server_of(request)
    port = caller.port
    found = server.view.kept((request.url.path, port, *about), lambda ledger: make(ledger, port))
    headers = {"ETag": found.etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if found.etag in request.headers.get("if-none-match", "").split(", "):
        return Response(status_code=304, headers=headers)
    return Response(found.body, 200, headers, media_type)
