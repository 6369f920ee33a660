"""One entry of the ledger: what a person of a port says and signs, and the place that the chain gives it.

A *statement* is signed by its author and needs no place in the chain, so it can be made anywhere. The *entry* adds the
place: number, time of receipt, hash of the entry before. Its hash covers the signature too. The record itself lies
beside the entry, which holds its hash only: a private record can be withheld and the chain is still whole.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sisterport.errors import InputError
from sisterport.network.canonical import canonical, sha256
from sisterport.network.keys import PrivateKey, is_hex

RECORDS = ("commitment", "indicator")
"""Kinds that need a second person before they are published."""
KINDS = ("coalition", "key", "revoke", *RECORDS, "evidence", "submit", "approve", "reject", "publish", "head", "read")
SIGNS = ("revoke", "submit", "approve", "reject", "publish", "head", "read")
"""Kinds that only point to another entry: their record is empty, so there is nothing to withhold."""
VISIBILITIES = ("private", "named", "coalition", "public")
NOTHING = "0" * 64
"""Hash before the first entry."""
_LOCODE = re.compile(r"[A-Z]{2}[A-Z0-9]{3}")
_USER = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a person of a port says.

    Attributes
    ----------
    entry_id : str
        Random UUID; the same statement sent twice is known by it.
    kind : str
        One of `KINDS`.
    owner : str
        UN/LOCODE of the port that says it.
    author : str
        Person of the port; no name of a human being is needed.
    key_id : str
        Key that signs: first 16 hexadecimal digits of the SHA-256 of its public half.
    created_utc : str
        When, by the author's clock.
    visibility : str
        Who may see the record once it is published: private (the owner), named, coalition or public.
    named_ports : tuple of str
        Ports that may see it, with visibility ``named``.
    subject : str or None
        Entry that this one is about: what is submitted, approved, evidenced, or corrected.
    body_hash : str
        SHA-256 of the canonical record.
    seen_seq, seen_hash : int, str
        Last entry that the author had seen: whoever signs vouches for all that stood before it.
    """

    entry_id: str
    kind: str
    owner: str
    author: str
    key_id: str
    created_utc: str
    visibility: str
    named_ports: tuple[str, ...]
    subject: str | None
    body_hash: str
    seen_seq: int
    seen_hash: str

    def written(self) -> bytes:
        """Return what is signed."""
        return canonical({name: getattr(self, name) for name in _STATEMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Statement):
    """A statement in its place in the chain.

    Attributes
    ----------
    signature : str
        Ed25519 signature of the statement.
    seq : int
        1, 2, 3 ... without gaps.
    received_utc : str
        When, by the ledger's clock; never earlier than the entry before.
    prev_hash : str
        Hash of the entry before.
    hash : str
        SHA-256 of all of the above in canonical form.
    """

    signature: str
    seq: int
    received_utc: str
    prev_hash: str
    hash: str

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as plain objects."""
        return {name: getattr(self, name) for name in FIELDS} | {"named_ports": list(self.named_ports)}

    def right_hash(self) -> str:
        """Return the hash that the other fields give."""
        return sha256([canonical({name: getattr(self, name) for name in FIELDS if name != "hash"})])

    def same_statement(self, other: Statement) -> bool:
        """Return whether both say the same."""
        return self.written() == other.written()


_STATEMENT = tuple(field.name for field in fields(Statement))
FIELDS = tuple(field.name for field in fields(Entry))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A statement, its signature and its record: what is handed to a ledger.

    Attributes
    ----------
    statement : Statement
    signature : str
    body : dict
        The record; empty for entries that only point to another one.
    """

    statement: Statement
    signature: str
    body: dict[str, Any]

    def placed(self, seq: int, prev_hash: str, received_utc: str) -> Entry:
        """Return the entry that it makes in a place of the chain."""
        said = {name: getattr(self.statement, name) for name in _STATEMENT}
        place: dict[str, Any] = {"signature": self.signature, "seq": seq, "prev_hash": prev_hash}
        blank = Entry(**said, **place, received_utc=received_utc, hash="")
        return Entry(**said, **place, received_utc=received_utc, hash=blank.right_hash())


def sign(
    kind: str,
    body: dict[str, Any] | None = None,
    *,
    key: PrivateKey,
    owner: str,
    author: str,
    seen: tuple[int, str],
    subject: str | None = None,
    visibility: str = "coalition",
    named_ports: Sequence[str] = (),
    now: datetime | None = None,
) -> Signed:
    """Return a signed statement.

    Parameters
    ----------
    kind, owner, author, subject, visibility, named_ports
        As in `Statement`.
    body
        The record; none for entries that only point to another one.
    key
        Key of the author.
    seen
        Number and hash of the last entry that the author has seen; (0, `NOTHING`) before the first.
    now
        Time; None takes the clock.

    Raises
    ------
    InputError
        Listing what does not fit the form of a statement.
    """
    record = dict(body or {})
    if record and kind not in ("coalition", "key"):
        record.setdefault(
            "salt", uuid.uuid4().hex
        )  # a record that is withheld could be guessed from its hash otherwise
    statement = Statement(
        entry_id=str(uuid.uuid4()),
        kind=kind,
        owner=owner,
        author=author,
        key_id=key_id(key.public),
        created_utc=stamp(now or datetime.now(UTC)),
        visibility=visibility,
        named_ports=tuple(sorted(set(named_ports))),
        subject=subject,
        body_hash=body_hash(record),
        seen_seq=seen[0],
        seen_hash=seen[1],
    )
    if faults := form_faults({name: getattr(statement, name) for name in _STATEMENT}):
        raise InputError("; ".join(faults))
    return Signed(statement=statement, signature=key.sign(statement.written()), body=record)


def signed_from(record: Any, signature: str, body: dict[str, Any]) -> Signed:
    """Return what another program has signed, from its plain objects.

    Raises
    ------
    InputError
        If it has not the form of a statement.
    """
    return Signed(statement=Statement(**_formed(record, _STATEMENT)), signature=signature, body=body)


def entry_from(record: Any) -> Entry:
    """Return an entry from its plain objects.

    Raises
    ------
    InputError
        Listing every field that is missing, too many or of a wrong form.
    """
    return Entry(**_formed(record, FIELDS))


def _formed(record: Any, names: Sequence[str]) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise InputError("an entry is an object with names")
    odd = sorted(set(record) ^ set(names))
    if odd:
        raise InputError(f"fields missing or unknown: {', '.join(odd)}")
    if faults := form_faults(record):
        raise InputError("; ".join(faults))
    return record | {"named_ports": tuple(record["named_ports"])}


def form_faults(record: dict[str, Any]) -> list[str]:
    """Return which fields have not their form; what they say is judged elsewhere."""
    named = record["named_ports"]
    right = {
        "entry_id": _is_uuid(record["entry_id"]),
        "kind": record["kind"] in KINDS,
        "owner": is_locode(record["owner"]),
        "author": is_user(record["author"]),
        "key_id": is_hex(record["key_id"], 8),
        "created_utc": is_time(record["created_utc"]),
        "visibility": record["visibility"] in VISIBILITIES,
        "named_ports": isinstance(named, list | tuple)
        and all(is_locode(port) for port in named)
        and list(named) == sorted(set(named))
        and bool(named) == (record["visibility"] == "named"),
        "subject": record["subject"] is None or _is_uuid(record["subject"]),
        "body_hash": is_hex(record["body_hash"], 32),
        "seen_seq": _is_count(record["seen_seq"]),
        "seen_hash": is_hex(record["seen_hash"], 32),
        "signature": is_hex(record.get("signature", "00" * 64), 64),
        "seq": _is_count(record.get("seq", 1)),
        "received_utc": is_time(record.get("received_utc", "2000-01-01T00:00:00.000Z")),
        "prev_hash": is_hex(record.get("prev_hash", NOTHING), 32),
        "hash": is_hex(record.get("hash", NOTHING), 32),
    }
    return [f"{name} has not its form: {record[name]!r}" for name, good in right.items() if not good]


def body_hash(body: dict[str, Any]) -> str:
    """Return the hash of a record."""
    return sha256([canonical(body)])


def key_id(public: str) -> str:
    """Return the short name of a public key."""
    return sha256([bytes.fromhex(public)])[:16]


def stamp(time: datetime) -> str:
    """Return a time as entries hold it.

    Examples
    --------
    >>> stamp(datetime(2026, 5, 1, 12, tzinfo=UTC))
    '2026-05-01T12:00:00.000Z'
    """
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def is_locode(text: object) -> bool:
    """Return whether a text has the form of a UN/LOCODE; whether there is such a port is asked where one joins."""
    return isinstance(text, str) and _LOCODE.fullmatch(text) is not None


def is_user(text: object) -> bool:
    """Return whether a text can name a person: up to 40 small letters, digits, dots, dashes."""
    return isinstance(text, str) and _USER.fullmatch(text) is not None


def is_time(text: object) -> bool:
    """Return whether a text is a time as entries hold it."""
    if not (isinstance(text, str) and _TIME.fullmatch(text)):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_uuid(text: object) -> bool:
    try:
        return isinstance(text, str) and str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _is_count(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0
