"""Callers share transactions, and each is told of the own statement only."""

import threading

import pytest

from sisterport.network.database import connect
from sisterport.network.entry import NOTHING, sign
from sisterport.network.ledger import beside
from sisterport.network.pull import export
from sisterport.network.rights import LedgerError
from sisterport.network.verify import verify
from sisterport.site.api.scribe import Scribe
from tests.network.book import PROMISE


@pytest.fixture
def scribe(anywhere):
    made = Scribe(connect(anywhere.where), head_file=beside(anywhere.where))
    made.keys = anywhere.keys
    yield made
    made.close()


def head(scribe, user="li", port="CNSGH", **more):
    return sign("head", key=scribe.keys[user], owner=port, author=user, seen=(0, NOTHING), **more)


def at_once(scribe, statements):
    """Append from as many callers as there are statements, all at the same time."""
    told = {}
    ready = threading.Barrier(len(statements))

    def one(number):
        ready.wait()
        try:
            told[number] = scribe.append(statements[number])
        except LedgerError as error:
            told[number] = str(error)

    callers = [threading.Thread(target=one, args=[number]) for number in range(len(statements))]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return told


def test_what_is_refused_takes_nobody_else_along(scribe, tmp_path):
    good = [head(scribe) for _ in range(30)]
    foreign = [head(scribe, "anna", "CNSGH") for _ in range(10)]  # the key is of another port
    told = at_once(scribe, [*good, *foreign, *good[:10]])
    entries = [told[number] for number in range(30)]
    assert sorted(entry.seq for entry in entries) == list(range(6, 36))
    assert [told[number + 40] for number in range(10)] == entries[:10], "sent twice it is one entry"
    assert all("signed by the key of anna" in told[number] for number in range(30, 40))
    assert {entry.entry_id: entry.hash for entry in entries}.items() <= {
        name: entry.hash for name, entry in scribe.standing.entries.items()
    }.items()
    export(scribe, tmp_path / "after.jsonl")
    assert verify(tmp_path / "after.jsonl").fault == ""


def test_callers_share_a_transaction(scribe, monkeypatch):
    turns = []
    write = scribe._write
    monkeypatch.setattr(scribe, "_write", lambda waiting: (turns.append(len(waiting)), write(waiting)))
    assert len(at_once(scribe, [head(scribe) for _ in range(40)])) == 40
    assert sum(turns) == 40
    assert len(turns) < 30, "some waited together"


def test_one_thing_can_be_done_once_however_many_try(scribe):
    key = scribe.keys["li"]
    record = scribe.append(
        sign("commitment", PROMISE, key=key, owner="CNSGH", author="li", seen=(0, NOTHING), visibility="private")
    )
    moves = [
        sign("submit", key=key, owner="CNSGH", author="li", seen=(0, NOTHING), subject=record.entry_id)
        for _ in range(10)
    ]
    told = at_once(scribe, moves).values()
    assert sum(not isinstance(one, str) for one in told) == 1
    assert sum("it is submitted, not draft" in one for one in told if isinstance(one, str)) == 9
