"""A server in a process of its own, and a client that keeps its connection; run as a program it is the command line."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sisterport.network.entry import NOTHING, Signed, sign
from sisterport.network.outbox import posted

ROOT = Path(__file__).parents[3]
_BROKEN = (OSError, http.client.HTTPException)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Sends requests over one connection, and opens it again where it was closed."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self.port, self.token = port, token
        self._line: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        try:
            return self._once(method, path, body, sent)
        except _BROKEN:
            self.close()  # a server closes lines that were silent for some seconds
            return self._once(method, path, body, sent)

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            self._line.request(method, path, body, headers)
            answer = self._line.getresponse()
            return Answer(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


class Running:
    """``sisterport serve`` at a free port."""

    def __init__(self, database: str | Path, *options: str, head_file: Path | None = None, **environment: str) -> None:
        self.port = free_port()
        self._command = [sys.executable, "-m", "tests.site.api.running", "serve", "--database", str(database),
                         "--port", str(self.port), *options]  # fmt: skip
        self._environment = os.environ | environment
        if head_file is not None:
            self._environment |= {"SISTERPORT_HEAD_FILE": str(head_file)}
        self.folder = Path(tempfile.mkdtemp(prefix="sisterport-served-"))
        self._said = self.folder / "stderr"
        self.start()

    def start(self) -> None:
        """Start it, and come back when it answers."""
        with self._said.open("ab") as said:
            self.process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL, stderr=said
            )
        self.wait()

    def wait(self) -> None:
        while self.process.poll() is None:
            client = Client(self.port)
            try:
                if client.ask("GET", "/health").status == 200:
                    return
            except _BROKEN:
                time.sleep(0.02)
            finally:
                client.close()
        raise RuntimeError(self.said())

    def said(self) -> str:
        """Return what it has said, in all its lives."""
        return self._said.read_text(errors="replace")

    def client(self, token: str | None = None) -> Client:
        return Client(self.port, token)

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """End it and return its exit code and what it said."""
        self.process.send_signal(how)
        return self.process.wait(), self.said()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def statement(key: Any, kind: str = "head", body: Any = None, *, port: str, user: str, **more: Any) -> Signed:
    """Sign a statement without asking the server for its head."""
    return sign(kind, body, key=key, owner=port, author=user, seen=(0, NOTHING), **more)


def sent(signed: Signed) -> dict[str, Any]:
    return posted(signed)


if __name__ == "__main__":
    from sisterport.cli import app as cli
    from sisterport.cli.serve import serve

    if "serve" not in {command.name for command in cli.app.registered_commands}:
        cli.app.command("serve")(serve)
    cli.main()
