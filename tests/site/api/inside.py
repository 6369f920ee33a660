"""Ask the server's application itself, without a network: many thousand requests in a test."""

import asyncio
import json
from contextlib import contextmanager
from typing import Any

from sisterport.site.api.app import create_app
from sisterport.site.api.settings import Settings
from tests.site.api.running import Answer


class Inside:
    """An application and a loop to run it in."""

    def __init__(self, app: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._app, self._loop = app, loop

    def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Answer:
        place, _, query = path.partition("?")
        headers = [] if token is None else [(b"authorization", f"Bearer {token}".encode())]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": place, "raw_path": place.encode(), "query_string": query.encode(), "root_path": "",
            "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
        }  # fmt: skip
        sent: list[dict[str, Any]] = []
        given = [{"type": "http.request", "body": b"" if body is None else json.dumps(body).encode()}]

        async def receive() -> dict[str, Any]:
            return given.pop() if given else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        self._loop.run_until_complete(self._app(scope, receive, send))
        found = {name.decode(): text.decode() for name, text in sent[0]["headers"]}
        return Answer(sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:]))


@contextmanager
def inside(database: str, **settings: Any):
    """Give an application that serves a ledger."""
    app = create_app(Settings(database=database, log="none", per_minute=10**6, **settings))
    loop = asyncio.new_event_loop()
    try:
        yield Inside(app, loop)
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        app.state.server.ledger.close()
