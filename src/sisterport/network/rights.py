"""Who may do and see what: keys with their roles, and the visibility of a record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sisterport.errors import InputError
from sisterport.network.entry import SIGNS, Entry, Statement, is_locode, is_user
from sisterport.network.keys import is_hex

ROLES = ("author", "approver", "admin")
_KEY = ("port", "user", "public_key", "roles")


class LedgerError(InputError):
    """An entry does not fit the chain or the rules.

    Attributes
    ----------
    seq : int or None
        Its number; None for what is no entry.
    """

    def __init__(self, seq: int | None, what: str) -> None:
        self.seq = seq
        super().__init__(f"entry {seq}: {what}" if seq is not None else what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key in force."""

    port: str
    user: str
    roles: tuple[str, ...]
    public: str
    entry_id: str


Fail = Callable[[str], LedgerError]
"""Makes the error of an entry out of what is wrong with it."""


def need(signer: Key, role: str, fail: Fail) -> None:
    """Refuse who has not the role."""
    if role not in signer.roles:
        raise fail(f"{signer.user} of {signer.port} has not the role {role}")


def key_of(entry: Entry, body: dict[str, Any] | None, fail: Fail, *, more: tuple[str, ...] = ()) -> Key:
    """Return the key that an entry brings; nobody could check anything if it were withheld."""
    if body is None or entry.visibility != "public":
        raise fail("a key is public")
    if set(body) != {*_KEY, *more}:
        raise fail(f"a key has {', '.join((*_KEY, *more))}, not {', '.join(sorted(body))}")
    roles = body["roles"]
    good = is_locode(body["port"]) and is_user(body["user"]) and is_hex(body["public_key"], 32)
    if not good or not isinstance(roles, list) or not roles or any(role not in ROLES for role in roles):
        raise fail("port, user, key or roles have not their form")
    return Key(
        port=body["port"],
        user=body["user"],
        roles=tuple(roles),
        public=body["public_key"],
        entry_id=entry.entry_id,
    )


def may_see(entry: Statement, reader: str, *, published: bool) -> bool:
    """Return whether a reader may see the record of an entry.

    Parameters
    ----------
    entry
        The entry.
    reader
        UN/LOCODE of a member; ``public`` for anybody; ``whole`` for the ledger itself.
    published
        Whether its owner has let it out (`Standing.published`).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> entry = SimpleNamespace(kind="indicator", owner="USLAX", visibility="named", named_ports=("CNSGH",))
    >>> [may_see(entry, reader, published=True) for reader in ("USLAX", "CNSGH", "DEHAM", "public", "whole")]
    [True, True, False, False, True]
    """
    if reader in ("whole", entry.owner) or (entry.kind in SIGNS and reader != "public"):
        return True
    if not published:
        return False
    if entry.visibility == "named":
        return reader in entry.named_ports
    return entry.visibility == "public" or (entry.visibility == "coalition" and reader != "public")
