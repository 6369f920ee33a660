"""The server, put together: `create_app` gives an ASGI application; `sisterport serve` runs it."""

import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sisterport import __version__
from sisterport.errors import InputError
from sisterport.network.database import connect
from sisterport.network.ledger import beside
from sisterport.site.api import docs, entries, lists, ops, pact, pages, problems, tokens
from sisterport.site.api.auth import Caller, Gate
from sisterport.site.api.limits import again, whole_body
from sisterport.site.api.scribe import Scribe
from sisterport.site.api.server import Server
from sisterport.site.api.settings import Settings, from_environment
from sisterport.site.api.view import View

_GUARDS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"content-security-policy": b"default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
}


def create_app(settings: Settings) -> FastAPI:
    """Return the server of a coalition.

    Parameters
    ----------
    settings
        What it is told.

    Raises
    ------
    InputError
        If the ledger cannot be used, or is a member's copy.
    LedgerError
        If it breaks a rule, or is shorter than what was acknowledged.
    """
    ledger = Scribe(connect(settings.database), head_file=beside(settings.database))
    if ledger.reader is not None:
        ledger.close()
        raise InputError(f"{settings.database} is the copy of {ledger.reader}: the coalition's own ledger is served")
    ledger.standing  # noqa: B018 - every entry is read and held against the rules before anybody is answered
    meter = ops.Meter()
    ops.set_up_log(settings.log)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        ledger.close()

    app = FastAPI(
        title="Sisterport", version=__version__, docs_url=None, redoc_url=None, openapi_url=None, lifespan=life
    )
    app.state.server = Server(
        settings=settings, ledger=ledger, view=View(ledger.engine), gate=Gate(ledger, settings), meter=meter
    )
    problems.install(app)
    docs.install(app)
    for part in (ops, tokens, entries, lists, pact, pages):
        app.include_router(part.ROUTER)
    app.add_middleware(_Guard, settings=settings, meter=meter)
    return app


def from_settings_of_environment() -> FastAPI:
    """Return the server that the environment describes, for worker processes."""
    return create_app(from_environment())


class _Guard:
    """Around every request: an id, a body of limited size, headers of an answer, a count and a line of log."""

    def __init__(self, app: ASGIApp, settings: Settings, meter: ops.Meter) -> None:
        self.app, self.settings, self.meter = app, settings, meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["sisterport.id"] = request_id = str(uuid.uuid4())
        begun, status = ops.now_s(), 499  # what is told where the caller has gone

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                there = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, text) for name, text in _GUARDS.items() if name not in there),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        try:
            declared = next((text for name, text in scope["headers"] if name == b"content-length"), None)
            body = await whole_body(receive, declared, self.settings.largest_body)
            if body is not None:
                scope["sisterport.body"] = body
                await self.app(scope, again(body, receive), sending)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets a problem and not a broken line
            if status == 499:
                await problems.answer(error, request_id)(scope, receive, sending)
            else:
                ops.LOG.error("request %s broke off", request_id, exc_info=error)
        finally:
            self._tell(scope, status, ops.now_s() - begun)

    def _tell(self, scope: Scope, status: int, took_s: float) -> None:
        """Count a request and log it; never what it carried, nor a token."""
        route = getattr(scope.get("route"), "path", "") or "none"
        self.meter.count(scope["method"] if route != "none" else "any", route, status, took_s)
        if not ops.LOG.isEnabledFor(logging.INFO):
            return
        caller: Caller = scope.get("sisterport.caller") or Caller()
        told = {
            "request_id": scope["sisterport.id"],
            "method": scope["method"],
            "path": scope["path"][:200],
            "status": status,
            "took_ms": round(took_s * 1000, 2),
            "address": (scope.get("client") or ("",))[0],
            "port": caller.port,
            "user": caller.user,
            "token_id": caller.token_id,
        }
        ops.LOG.info("%s %s %s", told["method"], ascii(told["path"]), status, extra={"told": told})
