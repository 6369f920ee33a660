"""A small server that speaks what `sisterport.network.client` asks for, and fails when it is told to."""

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sisterport.errors import InputError
from sisterport.network.entry import signed_from
from sisterport.network.pull import export


class Handler(BaseHTTPRequestHandler):
    """Answers as the server of the coalition does, as the port in its bearer."""

    def do_GET(self):
        if self._trouble():
            return
        port = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if port not in self.server.bearers:
            self._answer(401, {"title": "no such token"})
        elif self.path == "/v1/export":
            place = self.server.folder / "served.jsonl"
            export(self.server.ledger, place, reader=port)
            self._answer(200, self.server.forge(place.read_bytes()))
        else:
            entries = self.server.ledger.standing.entries
            entry = entries.get(self.path.rpartition("/")[2])
            self._answer(404, {"title": "not found"}) if entry is None else self._answer(
                200, {"entry": entry.to_dict(), "body": None}
            )

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._trouble():
            return
        if self.path == "/oauth/token":
            pair = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode().split(":")
            if pair[1] != self.server.secrets.get(pair[0], "secret") or body != b"grant_type=client_credentials":
                self._answer(401, {"error": "invalid_client", "error_description": "client authentication failed"})
                return
            port = self.server.ports.get(pair[0], pair[0])
            self.server.bearers.add(port)
            self._answer(200, {"access_token": port, "token_type": "Bearer", "expires_in": 900})
            return
        given = json.loads(body)
        try:
            signed = signed_from(given["record"], given["signature"], given["body"])
            known = signed.statement.entry_id in self.server.ledger.standing.entries
            entry = self.server.ledger.append(signed)
        except InputError as error:
            self._answer(422, {"title": "refused", "detail": str(error)})
            return
        self.server.posts += 1
        if self.server.lose_answers:
            self.server.lose_answers -= 1
            self.close_connection = True
            return
        self._answer(200 if known else 201, {"entry": entry.to_dict(), "body": signed.body})

    def _trouble(self):
        """Answer with the next of the statuses that the test asked for."""
        status = self.server.troubles.pop(0) if self.server.troubles else None
        if status:
            location = {"Location": "https://elsewhere.example/"} if status == 302 else {}
            self._answer(status, {"title": "busy"}, location)
        return status is not None

    def _answer(self, status, body, headers=None):
        written = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, text in {"Content-Length": str(len(written)), **(headers or {})}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, *_):
        """Be silent."""


@contextmanager
def serving(ledger, folder):
    """Serve a ledger on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.ledger, server.folder = ledger, folder
    server.bearers, server.troubles, server.lose_answers, server.posts = set(), [], 0, 0
    server.ports, server.secrets = {}, {}
    server.forge = lambda written: written
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
