"""The server in a thread of the test, at a free port, and a way to ask it: for tests that look into it too."""

import json
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from sisterport.site.api.app import create_app
from sisterport.site.api.settings import Settings
from tests.site.api.running import free_port


@dataclass
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Running:
    url: str
    app: Any

    def ask(self, path, *, method="GET", body=None, **headers):
        """Ask; a path may be a whole address."""
        address = path if path.startswith("http") else self.url + path
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        asked = urllib.request.Request(address, data=body, method=method, headers=named)  # noqa: S310 - our own
        try:
            with urllib.request.urlopen(asked) as found:  # noqa: S310
                return Answer(found.status, found.headers, found.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())


@contextmanager
def running(database, **settings):
    """Serve a ledger until the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    given = Settings(database=str(database), log="none", per_minute=100_000, base_url=url, **settings)
    app = create_app(given)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield Running(url, app)
    finally:
        server.should_exit = True
        thread.join()
