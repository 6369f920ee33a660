"""OAuth 2.0 client credentials as PACT 3.0.3 asks for them: the token endpoint and the bearer check, without storage.

References
----------
PACT Technical Specifications 3.0.3, authentication; RFC 6749 section 4.4; RFC 6750 section 2.1.
"""

import base64
import binascii
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qs, unquote_plus

from sisterport.exchange.http import Request, Response
from sisterport.exchange.pact_api import error

SCOPES = ("footprint:list", "footprint:read")
"""Scopes that the standard names."""


class Grant(NamedTuple):
    """A token as it is shown once, and how long it holds [s]."""

    token: str
    expires_in_s: int


class TokenState(StrEnum):
    """What a server knows of a token."""

    GOOD = "good"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    LACKS_SCOPE = "lacks_scope"


def token(request: Request, issue: Callable[[str, str], Grant | None]) -> Response:
    """Return the answer to ``POST /auth/token``.

    Parameters
    ----------
    request
        The request: ``Authorization: Basic``, body ``grant_type=client_credentials``.
    issue
        Returns a token for a client's id and secret, or None where they are wrong. It has to take the same time for an
        unknown client as for a wrong secret.

    Examples
    --------
    >>> login = {"Authorization": "Basic " + base64.b64encode(b"port:secret").decode()}
    >>> asked = Request(method="POST", headers=login, body=b"grant_type=client_credentials")
    >>> token(asked, lambda client, secret: Grant("t0ken", 3600) if secret == "secret" else None).body
    {'access_token': 't0ken', 'token_type': 'Bearer', 'expires_in': 3600}
    >>> token(asked, lambda client, secret: None).status
    401
    """
    fields = parse_qs(request.body.decode("utf-8", errors="replace"), keep_blank_values=True)
    if fields.get("grant_type") != ["client_credentials"]:
        code = "unsupported_grant_type" if "grant_type" in fields else "invalid_request"
        return _failed(400, code, "the body is grant_type=client_credentials")
    pair = _basic(request.header("Authorization"))
    grant = issue(*pair) if pair else None
    if grant is None:
        return _failed(401, "invalid_client", "client authentication failed")
    body = {"access_token": grant.token, "token_type": "Bearer", "expires_in": grant.expires_in_s}
    return Response(status=200, body=body, headers={"Cache-Control": "no-store"})


def discovery(token_endpoint: str) -> Response:
    """Return the answer to ``GET /.well-known/openid-configuration``: where tokens are given.

    Examples
    --------
    >>> discovery("https://port.example/auth/token").body
    {'token_endpoint': 'https://port.example/auth/token'}
    """
    return Response(status=200, body={"token_endpoint": token_endpoint})


def bearer(request: Request, state: Callable[[str], TokenState]) -> Response | None:
    """Return why a request is refused, or None where its token is good.

    Parameters
    ----------
    request
        The request: ``Authorization: Bearer``.
    state
        What is known of a token, for what the request asks.

    Notes
    -----
    An unknown token is answered by 401 and ``BadRequest``: PACT 3.0.3 has the status, and its published tests the
    code. iLEAP's own tests ask for 403 and, for an expired one, ``ExpiredToken``.

    Examples
    --------
    >>> bearer(Request(headers={"authorization": "Bearer old"}), lambda secret: TokenState.EXPIRED).body["code"]
    'TokenExpired'
    >>> bearer(Request(headers={"authorization": "Bearer new"}), lambda secret: TokenState.GOOD) is None
    True
    """
    kind, _, secret = (request.header("Authorization") or "").partition(" ")
    given = secret.strip() if kind.lower() == "bearer" else ""
    found = state(given) if given else TokenState.UNKNOWN
    if found is TokenState.GOOD:
        return None
    if found is TokenState.LACKS_SCOPE:
        return error("AccessDenied", "the token is not for this")
    expired = found is TokenState.EXPIRED
    refused = (
        error("TokenExpired", "the token has expired") if expired else error("BadRequest", "no such token", status=401)
    )
    return Response(status=401, body=refused.body, headers={"WWW-Authenticate": "Bearer"})


def _basic(header: str | None) -> tuple[str, str] | None:
    kind, _, text = (header or "").partition(" ")
    try:
        pair = base64.b64decode(text.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    client, colon, secret = pair.partition(":")
    if kind.lower() != "basic" or not colon:
        return None
    return unquote_plus(client), unquote_plus(secret)


def _failed(status: int, code: str, what: str) -> Response:
    headers = {"Cache-Control": "no-store"} | ({"WWW-Authenticate": "Basic"} if status == 401 else {})
    return Response(status=status, body={"error": code, "error_description": what}, headers=headers)
