"""Tokens: what a program of a port shows to be let in. The ledger keeps a hash of each; the secret is shown once.

A token is a pair of client id and secret, as OAuth 2.0 client credentials take them (RFC 6749 section 4.4).
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update

from sisterport.errors import InputError
from sisterport.network.database import act_as, reading, writing
from sisterport.network.entry import is_user, stamp
from sisterport.network.ledger import Ledger
from sisterport.network.schema import TOKENS
from sisterport.reference import resolve_locode

SCOPES = ("read", "write", "approve", "admin")
DAYS, MOST_DAYS = 90, 366
"""How long a token lasts unless it is said, and at most: what never ends is never replaced."""
PER_MINUTE = 600
"""Requests that a token may make in a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token, without its secret."""

    token_id: str
    port: str
    user: str
    scopes: tuple[str, ...]
    created_utc: str
    expires_utc: str
    revoked_utc: str | None
    per_minute: int


class TokenError(InputError):
    """A token is not good.

    Attributes
    ----------
    code : str
        ``invalid_token``, ``expired_token`` or ``insufficient_scope``.
    """

    def __init__(self, code: str, what: str) -> None:
        self.code = code
        super().__init__(what)


def issue(
    ledger: Ledger,
    *,
    port: str,
    user: str,
    scopes: Sequence[str],
    days: int = DAYS,
    per_minute: int = PER_MINUTE,
    now: datetime | None = None,
) -> tuple[Token, str]:
    """Return a new token and its secret, which is kept nowhere.

    Raises
    ------
    InputError
        Listing what is wrong.
    """
    faults = [f"'{scope}' is no scope: {', '.join(SCOPES)}" for scope in scopes if scope not in SCOPES]
    faults += [] if scopes else ["no scope: what may the token do?"]
    faults += [] if is_user(user) else [f"'{user}' is no user"]
    faults += [] if 1 <= days <= MOST_DAYS else [f"a token lasts 1 to {MOST_DAYS} days, not {days}"]
    faults += [] if per_minute >= 1 else ["a token makes at least 1 request a minute"]
    if faults:
        raise InputError("; ".join(faults))
    begun = now or datetime.now(UTC)
    secret = secrets.token_urlsafe(32)
    token = Token(
        token_id=str(uuid.uuid4()),
        port=resolve_locode(port),
        user=user,
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        created_utc=stamp(begun),
        expires_utc=stamp(begun + timedelta(days=days)),
        revoked_utc=None,
        per_minute=per_minute,
    )
    row = {name: getattr(token, name) for name in Token.__dataclass_fields__} | {"scopes": " ".join(token.scopes)}
    with writing(ledger.engine, token.port) as connection:
        connection.execute(insert(TOKENS).values(row | {"secret_sha256": _hash(secret)}))
    return token, secret


def check_token(ledger: Ledger, secret: str, *, scope: str, now: datetime | None = None) -> Token:
    """Return the token of a secret, if it is good for a scope.

    Raises
    ------
    TokenError
        If there is none, it is over or revoked, or is not for this scope.
    """
    with reading(ledger.engine, "public") as connection:
        act_as(connection, "public", presented=_hash(secret))
        row = connection.execute(select(TOKENS).where(TOKENS.c.secret_sha256 == _hash(secret))).one_or_none()
    if row is None or row.revoked_utc is not None:
        raise TokenError("invalid_token", "no such token")
    if row.expires_utc <= stamp(now or datetime.now(UTC)):
        raise TokenError("expired_token", f"the token ended on {row.expires_utc[:10]}: rotate it in time")
    token = _token(row)
    if scope not in token.scopes:
        raise TokenError("insufficient_scope", f"the token is for {', '.join(token.scopes)}, not for {scope}")
    return token


def revoke(ledger: Ledger, token_id: str, *, port: str, now: datetime | None = None) -> None:
    """End a token of a port at once.

    Raises
    ------
    InputError
        If the port has no such token in use.
    """
    ended = (
        update(TOKENS)
        .where(TOKENS.c.token_id == token_id, TOKENS.c.port == port, TOKENS.c.revoked_utc.is_(None))
        .values(revoked_utc=stamp(now or datetime.now(UTC)))
    )
    with writing(ledger.engine, port) as connection:
        if connection.execute(ended).rowcount != 1:
            raise InputError(f"{port} has no token {token_id} in use")


def rotate(ledger: Ledger, token_id: str, *, port: str, now: datetime | None = None) -> tuple[Token, str]:
    """Return a new token with the rights of an old one, which ends.

    Raises
    ------
    InputError
        If the port has no such token in use.
    """
    old = [token for token in tokens(ledger, port=port) if token.token_id == token_id and token.revoked_utc is None]
    if not old:
        raise InputError(f"{port} has no token {token_id} in use")
    made = issue(ledger, port=port, user=old[0].user, scopes=old[0].scopes, per_minute=old[0].per_minute, now=now)
    revoke(ledger, token_id, port=port, now=now)
    return made


def tokens(ledger: Ledger, *, port: str) -> list[Token]:
    """Return the tokens of a port, also those that are over."""
    with reading(ledger.engine, port) as connection:
        rows = connection.execute(select(TOKENS).where(TOKENS.c.port == port).order_by(TOKENS.c.created_utc))
        return [_token(row) for row in rows]


def _token(row: object) -> Token:
    fields = {name: getattr(row, name) for name in Token.__dataclass_fields__}
    return Token(**fields | {"scopes": tuple(fields["scopes"].split())})


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", errors="surrogatepass")).hexdigest()
