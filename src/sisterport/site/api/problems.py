"""Every error that the server answers, as problem details (RFC 9457), each with a name that programs can go by."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from sisterport.errors import SchemaError, SisterportError
from sisterport.exchange.http import BodyError
from sisterport.network.rights import LedgerError
from sisterport.network.tokens import TokenError

PROBLEMS = {
    "malformed": (400, "The body is no JSON that can be read"),
    "unauthorized": (401, "No good token"),
    "expired": (401, "The token has ended"),
    "forbidden": (403, "The token is not for this"),
    "not-found": (404, "There is no such thing, or you may not see it"),
    "method": (405, "This method is not for this address"),
    "conflict": (409, "Another statement has this id already"),
    "too-large": (413, "The body is too large"),
    "invalid": (422, "What was sent does not have its form"),
    "rule": (422, "The ledger does not take the statement"),
    "too-many": (429, "Too many requests"),
    "internal": (500, "The server failed; the request id finds it in its log"),
    "away": (503, "The database does not answer; try again, the same statement is never taken twice"),
}
"""Name, status and title of every problem."""
MEDIA_TYPE = "application/problem+json"
_AWAY = (OperationalError, InterfaceError, NoConnectionError)
_log = logging.getLogger("sisterport.site.api")


class Problem(Exception):  # noqa: N818 - the name that RFC 9457 gives it
    """An answer that is an error; raised anywhere below an endpoint."""

    def __init__(
        self, name: str, detail: str, *, faults: Sequence[str] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.name, self.detail, self.faults = name, detail, list(faults)
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """Status of the answer."""
        return PROBLEMS[self.name][0]

    def body(self, request_id: str) -> bytes:
        """Return what is answered."""
        told: dict[str, Any] = {
            "type": f"/docs#{self.name}",
            "title": PROBLEMS[self.name][1],
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:uuid:{request_id}",
        }
        return json.dumps(told | ({"faults": self.faults} if self.faults else {})).encode()


def not_found() -> Problem:
    """Return the one answer for what is not there and for what may not be seen: they cannot be told apart."""
    return Problem("not-found", PROBLEMS["not-found"][1])


def problem_of(error: Exception) -> Problem:
    """Return how an error is answered.

    Examples
    --------
    >>> problem_of(SisterportError("no port 'XXXXX'")).status
    422
    """
    if isinstance(error, Problem):
        return error
    of = next((of for kind, of in _OF.items() if isinstance(error, kind)), None)
    return Problem("internal", PROBLEMS["internal"][1]) if of is None else of(error)


def _away() -> Problem:
    return Problem("away", PROBLEMS["away"][1], headers={"Retry-After": "5"})


def _of_token(error: TokenError) -> Problem:
    name = {"expired_token": "expired", "insufficient_scope": "forbidden"}.get(error.code, "unauthorized")
    code = "insufficient_scope" if name == "forbidden" else "invalid_token"
    return Problem(name, str(error), headers={"WWW-Authenticate": f'Bearer error="{code}"'})


def _of_ledger(error: LedgerError) -> Problem:
    """Return the problem of a refused statement; the ledger makes one error of all that a database says."""
    return _away() if isinstance(error.__context__, _AWAY) else Problem("rule", str(error))


def _of_parameters(error: RequestValidationError) -> Problem:
    faults = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
    return Problem("invalid", "parameters do not have their form", faults=faults)


_OF: dict[type[Exception], Callable[[Any], Problem]] = {
    TokenError: _of_token,
    BodyError: lambda error: Problem("malformed" if error.status == 400 else "invalid", str(error)),
    SchemaError: lambda error: Problem("invalid", error.what, faults=error.faults),
    LedgerError: _of_ledger,
    SisterportError: lambda error: Problem("invalid", str(error)),
    RequestValidationError: _of_parameters,
    HTTPException: lambda error: Problem("method", "see Allow") if error.status_code == 405 else not_found(),
} | dict.fromkeys(_AWAY, lambda _error: _away())
"""How each kind of error is answered; the first that fits."""


def answer(error: Exception, request_id: str) -> Response:
    """Return the response to an error; what nobody foresaw goes to the log, and its text to nobody else."""
    problem = problem_of(error)
    if problem.name == "internal":
        _log.error("request %s failed", request_id, exc_info=error)
    headers = {"Cache-Control": "no-store"} | problem.headers
    return Response(problem.body(request_id), problem.status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let every error of an endpoint leave as a problem."""

    async def handle(request: Request, error: Exception) -> Response:
        response = answer(error, request.scope["sisterport.id"])
        if response.status_code == 405:
            response.headers["Allow"] = ", ".join(_methods(app, request))
        return response

    kinds: tuple[type[Exception], ...] = (Problem, *_OF)
    for kind in kinds:
        app.add_exception_handler(kind, handle)


def _methods(app: FastAPI, request: Request) -> list[str]:
    """Return every method of an address; a route knows its own only, and an address can have several routes."""
    paths: dict[str, dict[str, Any]] = app.openapi()["paths"]
    place = request.url.path
    fitting = [place] if place in paths else [path for path in paths if compile_path(path)[0].fullmatch(place)]
    return sorted({method.upper() for path in fitting for method in paths[path]})


Responses = dict[int | str, dict[str, Any]]
"""Answers of an endpoint by their status, for its description in OpenAPI."""


def responses(*names: str) -> Responses:
    """Return the problems that an endpoint can answer with."""
    return {
        PROBLEMS[name][0]: {"description": PROBLEMS[name][1], "content": {MEDIA_TYPE: {"schema": SCHEMA}}}
        for name in names
    }


SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {name: {"type": "string"} for name in ("type", "title", "detail", "instance")}
    | {"status": {"type": "integer"}, "faults": {"type": "array", "items": {"type": "string"}}},
    "additionalProperties": False,
}
"""JSON schema of a problem."""
