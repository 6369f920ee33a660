"""What a chain of entries amounts to: keys in force, state of every record; and whether one more entry may follow.

The same rules admit an entry to a ledger and verify an export of it. They are few:

* number, hash of the entry before, time of receipt and own hash are right; a record fits its hash;
* the signature is that of a key in force, and the key is that of the owner and the author named;
* what the author says to have seen did stand there;
* ``key``: by an admin of the same port, by the same person (the key before then ends), or, for a port without keys,
  by the coalition's admin; ``revoke``: by an admin of the port, the coalition's admin or the person;
* records go draft -> submitted -> approved -> published, within one port; who approves is another person with
  another key than who wrote and who submitted; ``reject`` makes a draft of it again;
* a correction is a new record about the old one, which is superseded when the new one is published.
"""

from dataclasses import dataclass, field
from typing import Any

from sisterport.errors import InputError
from sisterport.network.entry import NOTHING, RECORDS, Entry, body_hash, key_id
from sisterport.network.keys import is_signed
from sisterport.network.rights import Fail, Key, LedgerError, key_of, need

STATES = ("draft", "submitted", "approved", "published", "superseded")


@dataclass(slots=True)
class Standing:
    """What the entries so far amount to.

    Attributes
    ----------
    coalition : str
        Name of the coalition.
    admin : str
        Port whose admins admit other ports.
    seq, received_utc : int, str
        Last entry.
    hashes : list of str
        Hash of every entry; the first is that before the first entry.
    entries : dict
        Every entry by its id.
    keys : dict
        Keys in force by their id.
    states : dict
        State of every record by its id, one of `STATES`.
    submitters, approvers : dict
        Who has submitted each record, and who signed it second.
    """

    coalition: str = ""
    admin: str = ""
    seq: int = 0
    received_utc: str = ""
    hashes: list[str] = field(default_factory=lambda: [NOTHING])
    entries: dict[str, Entry] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    past_keys: set[str] = field(default_factory=set)
    states: dict[str, str] = field(default_factory=dict)
    submitters: dict[str, set[str]] = field(default_factory=dict)
    approvers: dict[str, str] = field(default_factory=dict)

    @property
    def head(self) -> tuple[int, str]:
        """Number and hash of the last entry."""
        return self.seq, self.hashes[-1]

    def vouchers(self) -> dict[str, int]:
        """Return for each port the last entry that one of its signatures vouches for, as it had seen it."""
        found: dict[str, int] = {}
        for entry in self.entries.values():
            found[entry.owner] = max(found.get(entry.owner, 0), entry.seen_seq)
        return found

    def who(self, public: str) -> Key:
        """Return whose key this is.

        Raises
        ------
        InputError
            If it is not in force.
        """
        name = key_id(public)
        if name not in self.keys:
            past = name in self.past_keys
            why = "was replaced or revoked" if past else "is not in this ledger: an admin of it has to admit it"
            raise InputError(f"the key {name} {why}")
        return self.keys[name]

    def published(self, entry: Entry) -> bool:
        """Return whether the owner has let an entry out: records once they were published, all else at once."""
        return entry.kind not in RECORDS or self.states[entry.entry_id] in ("published", "superseded")

    def admit(self, entry: Entry, body: dict[str, Any] | None, *, signatures: bool = True) -> None:
        """Take one more entry in; nothing has changed if it is refused.

        Parameters
        ----------
        entry
            The entry.
        body
            Its record; None where it is withheld.
        signatures
            Check the signature; a ledger that has checked it once need not do it again.

        Raises
        ------
        LedgerError
            Naming the first rule that it breaks.
        """

        def fail(what: str) -> LedgerError:
            return LedgerError(entry.seq, what)

        self._chain(entry, fail)
        if body is not None and body_hash(body) != entry.body_hash:
            raise fail("the record is not the one that was signed")
        if entry.entry_id in self.entries:
            raise fail(f"its id {entry.entry_id} stands already")
        if entry.kind == "coalition":
            self._begin(entry, body, fail, signatures=signatures)
        else:
            signer = self._signer(entry, fail, signatures=signatures)
            getattr(self, f"_on_{entry.kind}")(entry, body, signer, fail)
        self.seq, self.received_utc = entry.seq, entry.received_utc
        self.hashes.append(entry.hash)
        self.entries[entry.entry_id] = entry

    def _chain(self, entry: Entry, fail: Fail) -> None:
        if entry.seq != self.seq + 1:
            raise LedgerError(self.seq + 1, f"is missing or out of its place: entry {entry.seq} stands there")
        if entry.prev_hash != self.hashes[-1]:
            raise fail("does not follow the entry before: the chain is broken")
        if entry.hash != entry.right_hash():
            raise fail("its hash is not that of what it says: it was changed")
        if entry.received_utc < self.received_utc:
            raise fail("was received before the entry before it")
        if not entry.seen_seq <= self.seq or self.hashes[entry.seen_seq] != entry.seen_hash:
            raise fail(f"its author had seen another entry {entry.seen_seq}: the past was changed")

    def _signer(self, entry: Entry, fail: Fail, *, signatures: bool) -> Key:
        key = self.keys.get(entry.key_id)
        if key is None:
            raise fail(f"signed by a key that is not in force ({entry.key_id})")
        if (key.port, key.user) != (entry.owner, entry.author):
            raise fail(f"signed by the key of {key.user} of {key.port}, not by {entry.author} of {entry.owner}")
        if signatures and not is_signed(entry.written(), entry.signature, key.public):
            raise fail("its signature is wrong")
        return key

    def _begin(self, entry: Entry, body: dict[str, Any] | None, fail: Fail, *, signatures: bool) -> None:
        """Take the first entry: it brings the coalition's name and the key that signs it."""
        if self.seq:
            raise fail("a ledger is of one coalition")
        made = key_of(entry, body, fail, more=("name",))
        if entry.key_id != key_id(made.public) or (made.port, made.user) != (entry.owner, entry.author):
            raise fail("the first entry is signed by the key that it brings")
        if signatures and not is_signed(entry.written(), entry.signature, made.public):
            raise fail("its signature is wrong")
        name = (body or {})["name"]
        if not isinstance(name, str) or not name.strip():
            raise fail("the coalition has no name")
        self.coalition, self.admin = name, entry.owner
        self.keys[entry.key_id] = made

    def _on_key(self, entry: Entry, body: dict[str, Any] | None, signer: Key, fail: Fail) -> None:
        made = key_of(entry, body, fail)
        name = key_id(made.public)
        if name in self.keys or name in self.past_keys:
            raise fail("the key is or was in force already")
        own = (made.port, made.user) == (signer.port, signer.user)
        if own and not set(made.roles) <= set(signer.roles):
            raise fail("nobody gives roles to themselves")
        there = any(key.port == made.port for key in self.keys.values())
        may = "admin" in signer.roles and (signer.port == made.port or (signer.port == self.admin and not there))
        if not (own or may):
            raise fail(f"{signer.user} of {signer.port} may not enter a key of {made.port}")
        for old, key in list(self.keys.items()):
            if (key.port, key.user) == (made.port, made.user):
                self._end(old)
        self.keys[name] = made

    def _on_revoke(self, entry: Entry, _body: object, signer: Key, fail: Fail) -> None:
        found = [(name, key) for name, key in self.keys.items() if key.entry_id == entry.subject]
        if not found:
            raise fail("revokes no key in force")
        name, key = found[0]
        admin = "admin" in signer.roles and signer.port in (key.port, self.admin)
        if not (admin or (key.port, key.user) == (signer.port, signer.user)):
            raise fail(f"{signer.user} of {signer.port} may not revoke a key of {key.port}")
        self._end(name)

    def _end(self, name: str) -> None:
        del self.keys[name]
        self.past_keys.add(name)

    def _on_record(self, entry: Entry, _body: object, signer: Key, fail: Fail) -> None:
        need(signer, "author", fail)
        if entry.subject is not None:
            old = self._about(entry, (entry.kind,), fail)
            if old.owner != entry.owner or self.states[old.entry_id] != "published":
                raise fail("corrects a record that is not the port's own, or is not published")
        self.states[entry.entry_id] = "draft"

    _on_commitment = _on_indicator = _on_record

    def _on_evidence(self, entry: Entry, _body: object, signer: Key, fail: Fail) -> None:
        need(signer, "author", fail)
        self._about(entry, RECORDS, fail)

    def _on_submit(self, entry: Entry, _body: object, signer: Key, fail: Fail) -> None:
        need(signer, "author", fail)
        self._move(entry, "draft", "submitted", fail)
        self.submitters.setdefault(str(entry.subject), set()).add(entry.author)

    def _on_approve(self, entry: Entry, _body: object, signer: Key, fail: Fail) -> None:
        need(signer, "approver", fail)
        record = self._about(entry, RECORDS, fail)
        wrote = {record.author} | self.submitters.get(record.entry_id, set())
        if entry.author in wrote or entry.key_id == record.key_id:
            raise fail("the second signature has to be that of another person than the author and the submitter")
        self._move(entry, "submitted", "approved", fail)
        self.approvers[record.entry_id] = entry.author

    def _on_reject(self, entry: Entry, _body: object, signer: Key, fail: Fail) -> None:
        need(signer, "approver", fail)
        self._move(entry, "submitted", "draft", fail)

    def _on_publish(self, entry: Entry, _body: object, signer: Key, fail: Fail) -> None:
        if not {"author", "approver"} & set(signer.roles):
            raise fail(f"{signer.user} of {signer.port} has neither the role author nor approver")
        record = self._about(entry, RECORDS, fail)
        if record.subject is not None and self.states[record.subject] != "published":
            raise fail("publishes a correction of what another one has superseded already")
        self._move(entry, "approved", "published", fail)
        if record.subject is not None:
            self.states[record.subject] = "superseded"

    def _on_head(self, entry: Entry, _body: object, _signer: Key, _fail: Fail) -> None:
        """Take a word that needs no more than a key: its author saw the entries before it."""

    def _on_read(self, entry: Entry, _body: object, _signer: Key, fail: Fail) -> None:
        self._about(entry, (*RECORDS, "evidence"), fail)

    def _about(self, entry: Entry, kinds: tuple[str, ...], fail: Fail) -> Entry:
        subject = self.entries.get(entry.subject or "")
        if subject is None or subject.kind not in kinds:
            raise fail(f"is about no {' or '.join(kinds)} of this ledger")
        return subject

    def _move(self, entry: Entry, before: str, after: str, fail: Fail) -> None:
        record = self._about(entry, RECORDS, fail)
        if record.owner != entry.owner:
            raise fail(f"a record of {record.owner} is not {entry.owner}'s to {entry.kind}")
        state = self.states[record.entry_id]
        if state != before:
            raise fail(f"cannot {entry.kind} entry {record.seq}: it is {state}, not {before}")
        self.states[record.entry_id] = after
