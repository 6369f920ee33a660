"""A server asked over HTTPS as a port: token for bearer, tries again where that is safe, nothing over an open line."""

import base64
import json
import os
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

from sisterport.errors import InputError
from sisterport.network.entry import Entry, Signed, entry_from
from sisterport.network.outbox import posted

PAUSES_S = (1.0, 2.0, 4.0)
"""Before each further try of a request that found no server, or a busy one."""
_LONGEST_S = 60.0
_BUSY = (429, 502, 503, 504)
_LOCAL = ("localhost", "127.0.0.1", "::1")
_BLOCK = 2**16
_UNAUTHORISED, _NOT_FOUND = 401, 404


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a program shows to be let in: id and secret of a token."""

    client_id: str
    client_secret: str = field(repr=False)


def read_credentials(file: str | Path | None) -> Credentials:
    """Return the token in a file of ``sisterport network token --to``.

    Parameters
    ----------
    file
        The file; None takes the variables SISTERPORT_CLIENT_ID and SISTERPORT_CLIENT_SECRET.

    Raises
    ------
    InputError
        If there is no token.
    """
    if file is None:
        pair = [os.environ.get(f"SISTERPORT_CLIENT_{name}") for name in ("ID", "SECRET")]
        if not all(pair):
            raise InputError("no token: give its file, or SISTERPORT_CLIENT_ID and SISTERPORT_CLIENT_SECRET")
        return Credentials(str(pair[0]), str(pair[1]))
    try:
        told = json.loads(Path(file).read_text(encoding="utf-8"))
        return Credentials(str(told["client_id"]), str(told["client_secret"]))
    except OSError as error:
        raise InputError(f"cannot read the token {file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{file} holds no token: make one with `sisterport network token --to FILE`") from None


class RemoteError(InputError):
    """The server refuses a request, or there is none.

    Attributes
    ----------
    status : int or None
        Status of HTTP; None where nothing answered.
    """

    def __init__(self, status: int | None, what: str) -> None:
        self.status = status
        super().__init__(what)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the server that it was given for and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none: the status is the answer."""


class Remote:
    """A server of a coalition.

    Parameters
    ----------
    url
        Its address: ``https://ports.example``. Without TLS only on the same machine.
    credentials
        Token of the port.
    pauses_s
        Before each further try [s].
    token_path
        Where bearers are given.

    Raises
    ------
    InputError
        If the address cannot be used.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        *,
        pauses_s: Sequence[float] = PAUSES_S,
        token_path: str = "/oauth/token",  # noqa: S107 - an address
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.username:
            raise InputError(f"'{url}' is no address of a server: https://ports.example")
        if parts.scheme == "http" and parts.hostname not in _LOCAL:
            raise InputError(f"{url} has no TLS, and records and tokens are secret: use https://")
        self.url = url.rstrip("/")
        self._credentials, self._pauses_s, self._token_path = credentials, tuple(pauses_s), token_path
        secured = urllib.request.HTTPSHandler(context=ssl.create_default_context())
        self._opener = urllib.request.build_opener(_NoRedirect, secured)
        self._bearer: str | None = None

    def download(self, path: str, place: Path) -> None:
        """Write what the server answers to a file."""
        with self._open("GET", path) as answer, place.open("wb") as out:
            try:
                shutil.copyfileobj(answer, out)
            except (OSError, HTTPException) as error:
                raise RemoteError(None, f"{self.url}{path} breaks off: {error}") from None

    def send(self, signed: Signed) -> Entry:
        """Post a statement and return its entry; sent again it gives the same one.

        Raises
        ------
        RemoteError
            If it is refused, or the answer is not the entry of this statement.
        """
        return self._own(self.post("/v1/entries", json.dumps(posted(signed)).encode()), signed)

    def post(self, path: str, body: bytes, *, media_type: str = "application/json") -> Any:
        """Post something and return the JSON that is answered, None where the answer is empty."""
        with self._open("POST", path, body, media_type) as answer:
            return _json(answer)

    def find(self, signed: Signed) -> Entry | None:
        """Return the entry with the id of a statement that was perhaps sent before, None where there is none."""
        try:
            with self._open("GET", f"/v1/entries/{quote(signed.statement.entry_id)}") as answer:
                return self._own(_json(answer), signed)
        except RemoteError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    def _own(self, answer: Any, signed: Signed) -> Entry:
        """Hold an answer against the statement: the server is trusted with the place only."""
        try:
            entry = entry_from(answer["entry"])
        except (InputError, KeyError, TypeError) as error:
            raise RemoteError(None, f"{self.url} answers with no entry: {error}") from None
        if not entry.same_statement(signed.statement) or entry.hash != entry.right_hash():
            raise RemoteError(None, f"{self.url} answers with another entry than was sent")
        return entry

    def _open(self, method: str, path: str, body: bytes | None = None, media_type: str = "") -> IO[bytes]:
        """Ask as the port; a token that has run out meanwhile is asked for once more."""
        for last in (False, True):
            self._bearer = self._bearer or self._let_in()
            headers = {"Authorization": f"Bearer {self._bearer}"}
            if body is not None:
                headers["Content-Type"] = media_type
            try:
                return self._ask(method, path, body, headers)
            except RemoteError as error:
                if last or error.status != _UNAUTHORISED:
                    raise
                self._bearer = None
        raise AssertionError("unreachable")

    def _let_in(self) -> str:
        """Ask for a bearer (RFC 6749 section 4.4)."""
        pair = ":".join(quote(part, safe="") for part in (self._credentials.client_id, self._credentials.client_secret))
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        with self._ask("POST", self._token_path, b"grant_type=client_credentials", headers) as answer:
            told = _json(answer)
        if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
            raise RemoteError(None, f"{self.url} gives no bearer")
        return str(told["access_token"])

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> IO[bytes]:
        """Send a request, again where nothing or a busy server answered: all that is sent here may be sent twice."""
        for pause_s in (*self._pauses_s, None):
            request = urllib.request.Request(self.url + path, data=body, method=method)  # noqa: S310 - see __init__
            for name, text in headers.items():
                request.add_unredirected_header(name, text)
            try:
                answer: IO[bytes] = self._opener.open(request, timeout=_LONGEST_S)
            except urllib.error.HTTPError as error:
                if pause_s is None or error.code not in _BUSY:
                    raise RemoteError(error.code, f"{self.url}{path}: {_told(error)}") from None
                pause_s = _wanted(error, pause_s)  # noqa: PLW2901 - the server knows better
            except (OSError, HTTPException) as error:
                if pause_s is None:
                    reason = getattr(error, "reason", error)
                    raise RemoteError(None, f"{self.url} cannot be reached: {reason}") from None
            else:
                return answer
            time.sleep(pause_s)
        raise AssertionError("unreachable")


def _wanted(error: urllib.error.HTTPError, pause_s: float) -> float:
    """Return how long the server asks to wait, within reason."""
    told = error.headers.get("Retry-After", "")
    return min(float(told), _LONGEST_S) if told.isdigit() else pause_s


def _told(error: urllib.error.HTTPError) -> str:
    """Return what a problem (RFC 9457) or an error of OAuth says."""
    told: Any = None
    with suppress(ValueError, OSError):
        told = json.loads(error.read(_BLOCK))
    said = [told.get(name) for name in ("title", "detail", "error_description")] if isinstance(told, dict) else []
    return ": ".join([str(error.code), *(text for text in said if isinstance(text, str))])


def _json(answer: IO[bytes]) -> Any:
    written = answer.read()
    try:
        return json.loads(written) if written else None
    except ValueError as error:
        raise RemoteError(None, f"the server answers with no JSON: {error}") from None
