"""A small coalition for tests: three ports, five persons, and what they say."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sisterport.network.acts import admit, request, say
from sisterport.network.entry import Entry
from sisterport.network.keys import PrivateKey, read_key
from sisterport.network.ledger import Ledger, begin_ledger
from sisterport.network.records import commitment_body
from sisterport.network.rights import ROLES

PERSONS = {
    "anna": ("USLAX", ROLES),
    "ben": ("USLAX", ("author", "approver")),
    "li": ("CNSGH", ROLES),
    "mei": ("CNSGH", ("author", "approver")),
    "jan": ("DEHAM", ROLES),
}
PROMISE = commitment_body(
    "I7", text="plug in", target=0.8, due="2026-12-31", mode="used", corridor="K01", ports=["USLAX"]
)
VALUE = {
    "indicator": "I7",
    "definition_version": 1,
    "mode": "used",
    "period": {"begin": "2026-05-01T00:00:00Z", "end": "2026-06-01T00:00:00Z"},
    "corridor": "K01",
    "ports": ["USLAX"],
    "values": [{"quantity": "share", "unit": "", "value": "0.62", "low": "0.58", "high": "0.7"}],
    "coverage": "0.95",
    "coverage_basis": "stays in ports that keep records",
    "uncertainty_basis": "as reported",
    "sources": [{"name": "made up"}],
    "software": "test",
}


@dataclass
class Book:
    """A ledger with its persons."""

    ledger: Ledger
    keys: dict[str, PrivateKey]
    folder: Path

    def say(self, who: str, kind: str, body: dict[str, Any] | None = None, **more: Any) -> Entry:
        return say(self.ledger, self.keys[who], kind, body, **more)

    def publish(self, author: str, approver: str, kind: str, body: dict[str, Any], **more: Any) -> Entry:
        """Write, submit, approve and publish a record."""
        record = self.say(author, kind, body, **more)
        self.say(author, "submit", about=record)
        self.say(approver, "approve", about=record)
        self.say(author, "publish", about=record)
        return record


def make_book(folder: Path, where: str | Path | None = None) -> Book:
    """Begin a ledger and let everybody in; each port's admin lets its own people in."""
    keys = {}
    for user, (port, roles) in PERSONS.items():
        request(folder / f"{user}.pem", port=port, user=user, roles=roles)
        keys[user] = read_key(folder / f"{user}.pem")
    ledger = begin_ledger(where or folder / "network.db", coalition="Test", port="USLAX", user="anna", key=keys["anna"])
    for user, by in {"ben": "anna", "li": "anna", "jan": "anna", "mei": "li"}.items():
        admit(ledger, keys[by], folder / f"{user}.pem.request.json")
    return Book(ledger, keys, folder)
