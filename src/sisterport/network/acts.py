"""What a person does with a ledger: say something with the own key, let somebody in, find an entry."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sisterport.errors import InputError
from sisterport.network.canonical import canonical
from sisterport.network.entry import Entry, is_locode, is_user, sign
from sisterport.network.keys import PrivateKey, new_key, write_private
from sisterport.network.ledger import Ledger
from sisterport.network.records import check_body
from sisterport.network.rights import ROLES
from sisterport.reference import resolve_locode


def say(
    ledger: Ledger,
    key: PrivateKey,
    kind: str,
    body: dict[str, Any] | None = None,
    *,
    about: Entry | None = None,
    visibility: str | None = None,
    named_ports: Sequence[str] = (),
    now: datetime | None = None,
) -> Entry:
    """Sign a statement and append it.

    Parameters
    ----------
    ledger
        From `sisterport.network.ledger.open_ledger`.
    key
        Key of the person; the ledger knows whose it is.
    kind, body
        What is said.
    about
        Entry that it is about.
    visibility, named_ports
        Who may see the record; None takes that of the entry that it is about, else ``coalition``.
    now
        Time; None takes the clock.

    Raises
    ------
    LedgerError
        If a rule is broken.
    InputError
        If the key is not in force, or the record has faults.
    """
    standing = ledger.standing
    who = standing.who(key.public)
    check_body(kind, body or {})
    if visibility is None:
        visibility = about.visibility if about is not None else "coalition"
        named_ports = named_ports or (about.named_ports if about is not None else ())
    signed = sign(
        kind,
        body,
        key=key,
        owner=who.port,
        author=who.user,
        seen=standing.head,
        subject=None if about is None else about.entry_id,
        visibility=visibility,
        named_ports=[resolve_locode(port) for port in named_ports],
        now=now,
    )
    return ledger.append(signed, now=now)


def find(ledger: Ledger, number: str) -> Entry:
    """Return the entry with a number, or with an id or the beginning of one.

    Raises
    ------
    InputError
        If there is none, or several.
    """
    entries = ledger.standing.entries
    if number.lstrip("#").isdigit():
        found = [entry for entry in entries.values() if entry.seq == int(number.lstrip("#"))]
    else:
        found = [entry for name, entry in entries.items() if name.startswith(number)]
    if len(found) != 1:
        raise InputError(f"{len(found) or 'no'} entries '{number}' in this ledger of {len(entries)} entries")
    return found[0]


def request(path: str | Path, *, port: str, user: str, roles: Sequence[str]) -> tuple[Path, dict[str, Any]]:
    """Make a key and the request to be let in: the request goes to an admin, the key to nobody.

    Parameters
    ----------
    path
        File of the key; the request is ``<path>.request.json`` beside it.
    port, user, roles
        Whose key it is, and what it may do: author, approver, admin.

    Raises
    ------
    InputError
        Listing what is wrong, or if a file is there already.
    """
    locode = resolve_locode(port)
    faults = [f"'{role}' is no role: {', '.join(ROLES)}" for role in roles if role not in ROLES]
    if not is_user(user):
        faults.append(f"'{user}' is no user: small letters, digits, dots and dashes")
    if not roles:
        faults.append("no role: what may the key do?")
    if faults:
        raise InputError("; ".join(faults))
    place = Path(f"{path}.request.json")
    key = new_key(path)
    body = {"port": locode, "user": user, "public_key": key.public, "roles": sorted(set(roles))}
    write_private(place, canonical(body) + b"\n")
    return place, body


def admit(ledger: Ledger, key: PrivateKey, path: str | Path, *, now: datetime | None = None) -> Entry:
    """Enter the key of a request: from now on its owner can sign.

    Ask the person on another way (telephone) whether the key is theirs: the id is printed on both sides.

    Raises
    ------
    InputError
        If the file is no request.
    LedgerError
        If the signer may not.
    """
    try:
        body = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read the request {path}: {error}") from None
    if not isinstance(body, dict) or not is_locode(body.get("port")):
        raise InputError(f"{path} is no request to be let in")
    if resolve_locode(body["port"]) != body["port"]:
        raise InputError(
            f"{body['port']} is another code of {resolve_locode(body['port'])}: make the request with that"
        )
    return say(ledger, key, "key", body, visibility="public", now=now)
