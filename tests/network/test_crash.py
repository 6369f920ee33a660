"""Nothing that was acknowledged is lost: writers killed in the middle of an append, and a log that is cut short."""

import pytest

from sisterport.network.database import connect
from sisterport.network.ledger import Ledger, open_ledger
from sisterport.network.pull import export, restore
from sisterport.network.rights import LedgerError
from sisterport.network.verify import verify
from tests.network.crash import rounds


def test_writers_that_are_killed_lose_nothing_that_was_acknowledged(book):
    book.ledger.close()
    where = book.folder / "network.db"
    keys = [book.folder / f"{user}.pem" for user in ("anna", "li", "jan")]
    acknowledged, lost = rounds(str(where), keys, 4)
    assert len(acknowledged) >= 4 * 20
    assert lost == []
    with open_ledger(where) as ledger:
        assert ledger.standing.seq >= len(acknowledged), "more may be there than was told: killed before it was"
        book.ledger = ledger
        book.say("anna", "head")
        export(ledger, book.folder / "after.jsonl")
    assert verify(book.folder / "after.jsonl").fault == ""


def test_a_log_that_is_cut_anywhere_is_never_taken_for_the_whole(book, tmp_path):
    """A power cut leaves SQLite with a clean beginning of what was committed, and it says nothing."""
    place = tmp_path / "cut"
    place.mkdir()
    for _ in range(12):
        book.say("li", "head")
    head = book.ledger.standing.head
    copies = {name: (book.folder / name).read_bytes() for name in ("network.db", "network.db-wal", "network.db-head")}
    log = copies["network.db-wal"]
    refused, silent = 0, 0
    for size in range(0, len(log), 512):
        for old in place.iterdir():
            old.unlink()
        for name, written in copies.items():
            (place / name).write_bytes(written[:size] if name.endswith("-wal") else written)
        refused += _is_refused(place / "network.db", head)
        with Ledger(connect(place / "network.db")) as unaware:  # the control: without the small file
            found = unaware.standing
            assert found.hashes == book.ledger.standing.hashes[: found.seq + 1], "a clean beginning, without holes"
            silent += found.seq < head[0]
    assert refused == silent > 10, "every shortened chain is refused, and the control cannot tell"


def _is_refused(path, head):
    try:
        with open_ledger(path) as ledger:
            return ledger.standing.head != head
    except LedgerError as error:
        return "acknowledged and are gone" in str(error)


def test_a_restored_ledger_goes_on(book, tmp_path):
    book.say("li", "head")
    export(book.ledger, tmp_path / "backup.jsonl")
    restore(tmp_path / "backup.jsonl", tmp_path / "again.db")
    with open_ledger(tmp_path / "again.db") as again:
        book.ledger = again
        assert book.say("li", "head").seq == again.standing.seq
        with pytest.raises(LedgerError):
            book.say("li", "submit", about=again.standing.entries[next(iter(again.standing.entries))])
