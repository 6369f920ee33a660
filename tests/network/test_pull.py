"""A member's copy: all that it may see and nothing else; a source that forgot something is refused."""

import shutil
from dataclasses import replace

import pytest

from sisterport.errors import InputError
from sisterport.network.ledger import open_ledger
from sisterport.network.lists import commitments, indicator_values
from sisterport.network.pull import export, pull, pull_pairs
from sisterport.network.rights import LedgerError
from sisterport.network.verify import verify
from tests.network.book import PROMISE, VALUE
from tests.network.test_verify import fill

READERS = ("USLAX", "CNSGH", "DEHAM", "SGSIN", "public", "whole")
VISIBILITIES = ("private", "named", "coalition", "public")


def expected(owner, visibility, reader, *, out):
    """Say who may see a record, in other words than the program: a table."""
    if reader in ("whole", owner):
        return True
    table = {"private": (), "named": ("CNSGH",), "coalition": ("CNSGH", "DEHAM", "SGSIN", "USLAX")}
    return out and (visibility == "public" or reader in table[visibility])


def records(book):
    """Make a record of every visibility in every state, and evidence of each visibility."""
    made = []
    for visibility in VISIBILITIES:
        more = {"visibility": visibility, "named_ports": ["CNSGH"] if visibility == "named" else []}
        for kind, body in (("commitment", PROMISE), ("indicator", VALUE)):
            draft = book.say("anna", kind, body, **more)
            submitted = book.say("anna", kind, body, **more)
            book.say("anna", "submit", about=submitted)
            approved = book.say("anna", kind, body, **more)
            book.say("anna", "submit", about=approved)
            book.say("ben", "approve", about=approved)
            published = book.publish("anna", "ben", kind, body, **more)
            superseded = book.publish("anna", "ben", kind, body, **more)
            book.publish("anna", "ben", kind, body, about=superseded, **more)
            made += [(entry, False) for entry in (draft, submitted, approved)]
            made += [(entry, True) for entry in (published, superseded)]
        evidence = book.say("anna", "evidence", {"text": "x", "date": "2026-05-01"}, about=published, **more)
        made.append((evidence, True))
    return made


def test_who_sees_what(book):
    made = records(book)
    cells = 0
    for reader in READERS:
        seen = {entry.entry_id for entry, body in book.ledger.records(reader) if body is not None}
        for entry, out in made:
            right = expected(entry.owner, entry.visibility, reader, out=out)
            assert (entry.entry_id in seen) == right, (reader, entry.kind, entry.visibility, out)
            cells += 1
    assert cells == len(READERS) * len(VISIBILITIES) * 11


def test_a_copy_holds_the_chain_and_only_what_its_reader_may_see(book, tmp_path):
    fill(book)
    came = pull(book.ledger, tmp_path / "hamburg.db", reader="DEHAM")
    assert came.entries == book.ledger.standing.seq
    with open_ledger(tmp_path / "hamburg.db") as copy:
        assert copy.standing.head == book.ledger.standing.head
        for own, other in zip(copy.records("whole"), book.ledger.records("DEHAM"), strict=True):
            assert own == other
        export(copy, tmp_path / "hamburg.jsonl", reader="DEHAM")
        with pytest.raises(InputError, match="only be exported so"):
            export(copy, tmp_path / "all.jsonl")
    found = verify(tmp_path / "hamburg.jsonl")
    assert found.fault == ""
    assert found.withheld == 2  # the value that is named for Shanghai, and its correction


def test_a_record_that_is_published_later_comes_later(book, tmp_path):
    draft = book.say("anna", "commitment", PROMISE)
    assert pull(book.ledger, tmp_path / "copy.db", reader="CNSGH").records == 0
    with open_ledger(tmp_path / "copy.db") as copy:
        assert commitments(copy).is_empty()
    for who, kind in (("anna", "submit"), ("ben", "approve"), ("anna", "publish")):
        book.say(who, kind, about=draft)
    came = pull(book.ledger, tmp_path / "copy.db", reader="CNSGH")
    assert (came.entries, came.records) == (3, 1)
    with open_ledger(tmp_path / "copy.db") as copy:
        assert commitments(copy)["state"].to_list() == ["published"]
    assert pull(book.ledger, tmp_path / "copy.db", reader="CNSGH")[:2] == (0, 0)


def test_a_source_that_was_rolled_back_or_rewritten_is_refused(book, tmp_path):
    book.ledger.close()
    shutil.copy(book.folder / "network.db", tmp_path / "old.db")
    with open_ledger(book.folder / "network.db") as ledger:
        book.ledger = ledger
        book.say("anna", "head")
        pull(ledger, tmp_path / "copy.db", reader="CNSGH")
    with open_ledger(tmp_path / "old.db") as old:
        with pytest.raises(LedgerError, match="shortened or rewritten"):
            pull(old, tmp_path / "copy.db", reader="CNSGH")
        book.ledger = old
        book.say("li", "head")
        book.say("li", "head")
        with pytest.raises(LedgerError, match="shortened or rewritten"):
            pull(old, tmp_path / "copy.db", reader="CNSGH")


def test_entries_from_a_source_that_lies_are_refused_whole(book, tmp_path):
    fill(book)
    pairs = list(book.ledger.records("CNSGH"))
    entry, body = pairs[7]
    wrong = [*pairs[:7], (replace(entry, author="eve"), body), *pairs[8:]]
    with pytest.raises(LedgerError, match="entry 8"):
        pull_pairs(wrong, tmp_path / "copy.db", reader="CNSGH")
    with open_ledger(tmp_path / "copy.db") as copy:
        assert copy.standing.seq == 0
    pull_pairs(pairs, tmp_path / "copy.db", reader="CNSGH")


def test_a_late_record_that_is_not_the_signed_one_is_refused(book, tmp_path):
    draft = book.say("anna", "indicator", VALUE)
    pull(book.ledger, tmp_path / "copy.db", reader="CNSGH")
    pairs = list(book.ledger.records("whole"))
    forged = [(e, b | {"coverage": "1"} if e.entry_id == draft.entry_id else b) for e, b in pairs]
    with pytest.raises(LedgerError, match="not the one that was signed"):
        pull_pairs(forged, tmp_path / "copy.db", reader="CNSGH")


def test_nothing_is_appended_to_a_copy_and_nobody_takes_it_over(book, tmp_path):
    pull(book.ledger, tmp_path / "copy.db", reader="CNSGH")
    with pytest.raises(InputError, match="is a copy of CNSGH"):
        pull(book.ledger, tmp_path / "copy.db", reader="DEHAM")
    with pytest.raises(InputError, match="is a ledger, not a copy"):
        pull(book.ledger, book.folder / "network.db", reader="CNSGH")
    with open_ledger(tmp_path / "copy.db") as copy:
        book.ledger = copy
        with pytest.raises(InputError, match="member's copy"):
            book.say("li", "head")


def test_lists_are_as_the_reader_may_see_them(book):
    fill(book)
    assert commitments(book.ledger)["owner"].to_list() == ["USLAX", "DEHAM"]
    assert commitments(book.ledger, reader="public")["owner"].to_list() == ["USLAX"]
    values = indicator_values(book.ledger, reader="CNSGH")
    assert values.select("value", "low", "high", "coverage").row(0) == (0.62, 0.58, 0.7, 0.95)
    assert values.select("state", "author", "approver", "corrects").rows() == [
        ("superseded", "anna", "ben", None),
        ("published", "ben", "anna", values["seq"][0]),
    ]
    assert indicator_values(book.ledger, reader="public").is_empty()
