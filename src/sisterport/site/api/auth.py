"""Who asks: a token or a bearer from OAuth 2.0 client credentials tells the port; nobody is let in by default.

A bearer holds the secret of its token, sealed with the key of the server, and when it ends. The server keeps nothing
of it, and a token that is revoked ends all its bearers.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.fernet import Fernet, InvalidToken
from fastapi import Request

from sisterport.network.entry import stamp
from sisterport.network.ledger import Ledger
from sisterport.network.tokens import SCOPES, Token, TokenError, check_token
from sisterport.site.api.limits import Rates
from sisterport.site.api.settings import Settings

ANYBODY = "public"
"""Reader without a token."""
_BEARER = "sp1."  # no secret of a token holds a dot
_KNOWN_S = 1.0
_MOST_KNOWN = 10_000
_LONGEST = 1000  # characters of a bearer; ours have some 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks.

    Attributes
    ----------
    port
        UN/LOCODE, or `ANYBODY`.
    user, token_id
        Of the token; empty without one.
    scopes
        What the caller may do.
    """

    port: str = ANYBODY
    user: str = ""
    token_id: str = ""
    scopes: tuple[str, ...] = ()

    def need(self, *scopes: str) -> None:
        """Refuse who may do none of these.

        Raises
        ------
        TokenError
            ``insufficient_scope``.
        """
        if not set(scopes) & set(self.scopes):
            said = f"the token is for {', '.join(self.scopes)}, not for {' or '.join(scopes)}"
            raise TokenError("insufficient_scope", said)


class Gate:
    """Checks tokens and counts requests.

    Parameters
    ----------
    ledger
        Where the tokens are.
    settings
        Of the server.
    clock
        Time [s since 1970]; for tests.

    Notes
    -----
    What the database says of a token is good for one second: a token that is revoked through this server ends at once
    for this worker, and within that second for others.
    """

    def __init__(self, ledger: Ledger, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.rates = Rates()
        self._ledger, self._settings, self._clock = ledger, settings, clock
        self._seal = Fernet(base64.urlsafe_b64encode(bytes.fromhex(settings.server_key)))
        self._known: dict[str, tuple[float, Token]] = {}
        self._lock = threading.Lock()

    def admit(self, request: Request, *scopes: str, anybody: bool = False) -> Caller:
        """Return who asks for something.

        Parameters
        ----------
        request
            The request.
        *scopes
            The token has to be for one of these.
        anybody
            Also without a token; a bad one is refused all the same.

        Raises
        ------
        TokenError
            If there is no good token for that.
        Problem
            ``too-many``.
        """
        shown = request.headers.get("authorization", "")
        if not shown and anybody:
            self._count_address(request)
            return Caller()
        try:
            caller = self._of_token(shown)
        except TokenError:
            self._count_address(request)  # who guesses is counted
            raise
        request.scope["sisterport.caller"] = caller  # for the log
        caller.need(*scopes)
        return caller

    def bearer(self, request: Request, client: str, secret: str, scopes: list[str]) -> tuple[str, list[str]]:
        """Return a bearer for a token, and what it is for; by default for all that the token is for.

        Raises
        ------
        TokenError
            If id and secret are none of a token, or it is not for these scopes.
        Problem
            ``too-many``.
        """
        self._count_address(request)
        token = self._token(secret)
        if token.token_id != client:
            raise TokenError("invalid_token", "no such token")
        wanted = scopes or list(token.scopes)
        if beyond := [scope for scope in wanted if scope not in token.scopes]:
            raise TokenError("insufficient_scope", f"the token is not for {', '.join(beyond)}")
        held = {"secret": secret, "ends": self._clock() + self._settings.bearer_s, "scopes": wanted}
        return _BEARER + self._seal.encrypt(json.dumps(held).encode()).decode(), wanted

    def forget(self) -> None:
        """Ask the database about every token again."""
        with self._lock:
            self._known.clear()

    def _count_address(self, request: Request) -> None:
        address = request.client.host if request.client else "?"
        self.rates.take(f"address {address}", self._settings.per_minute)

    def _of_token(self, shown: str) -> Caller:
        kind, _, given = shown.partition(" ")
        if kind.lower() != "bearer":
            raise TokenError("invalid_token", "a token is needed: Authorization: Bearer ...")
        secret, only = self._opened(given.strip())
        token = self._token(secret)
        self.rates.take(token.token_id, token.per_minute)
        scopes = tuple(one for one in token.scopes if only is None or one in only)
        return Caller(port=token.port, user=token.user, token_id=token.token_id, scopes=scopes)

    def _opened(self, shown: str) -> tuple[str, list[str] | None]:
        """Return the secret that is shown, and the scopes that a bearer was given for."""
        if not shown.startswith(_BEARER):
            return shown, None
        if len(shown) > _LONGEST:
            raise TokenError("invalid_token", "no such token")
        try:
            held = json.loads(self._seal.decrypt(shown.removeprefix(_BEARER).encode()))
        except (InvalidToken, ValueError):
            raise TokenError("invalid_token", "no such token") from None
        if held["ends"] <= self._clock():
            raise TokenError("expired_token", "the bearer has ended: ask for a new one at /oauth/token")
        return held["secret"], held["scopes"]

    def _token(self, secret: str) -> Token:
        now = self._clock()
        name = hashlib.sha256(secret.encode("utf-8", errors="surrogatepass")).hexdigest()
        asked, token = self._known.get(name, (0.0, None))
        if token is None or not 0 <= now - asked < _KNOWN_S:
            token = self._looked_up(secret, now)
            with self._lock:
                if len(self._known) > _MOST_KNOWN:
                    self._known.clear()
                self._known[name] = (now, token)
        if token.expires_utc <= stamp(datetime.fromtimestamp(now, UTC)):
            raise TokenError("expired_token", f"the token ended on {token.expires_utc[:10]}")
        return token

    def _looked_up(self, secret: str, now: float) -> Token:
        """Return the token of a secret, whatever it is for; those of a port that has left the coalition are none."""
        members = {key.port for key in list(self._ledger.standing.keys.values())}
        for scope in SCOPES:
            try:
                token = check_token(self._ledger, secret, scope=scope, now=datetime.fromtimestamp(now, UTC))
            except TokenError as error:
                if error.code != "insufficient_scope":
                    raise
            else:
                if token.port in members:
                    return token
                break
        raise TokenError("invalid_token", "no such token")
