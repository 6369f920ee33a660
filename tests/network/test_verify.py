"""An export is checked without the ledger: every changed byte is found, and the first bad entry is named."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sisterport.errors import InputError
from sisterport.network.canonical import canonical, line, parse
from sisterport.network.entry import body_hash, entry_from, sign
from sisterport.network.export import Export, write_export
from sisterport.network.keys import new_key
from sisterport.network.ledger import open_ledger
from sisterport.network.pull import export, restore
from sisterport.network.standing import Standing
from sisterport.network.verify import verify
from tests.network.book import PROMISE, VALUE, make_book


def fill(book):
    """Say something of every kind."""
    promise = book.publish("anna", "ben", "commitment", PROMISE, visibility="public")
    book.say("anna", "evidence", {"text": "Göteborg ⚓ 港", "date": "2026-05-01"}, about=promise)
    value = book.publish("anna", "ben", "indicator", VALUE, visibility="named", named_ports=["CNSGH"])
    book.publish("ben", "anna", "indicator", VALUE, about=value)
    book.say("li", "head")
    book.say("jan", "commitment", PROMISE | {"ports": ["DEHAM"]}, visibility="private")
    book.say("li", "read", about=value)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    book = make_book(tmp_path_factory.mktemp("whole"))
    fill(book)
    export(book.ledger, book.folder / "whole.jsonl")
    export(book.ledger, book.folder / "shanghai.jsonl", reader="CNSGH")
    return book


@pytest.mark.parametrize("name", ["whole", "shanghai"])
def test_an_export_holds(whole, name):
    found = verify(whole.folder / f"{name}.jsonl")
    assert (found.fault, found.first_bad, found.coalition) == ("", None, "Test")
    assert (found.entries, found.head) == whole.ledger.standing.head
    assert found.withheld == (0 if name == "whole" else 1)  # the draft of Hamburg


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_changed_byte_is_found_and_the_first_bad_entry_named(whole, data):
    written = (whole.folder / "whole.jsonl").read_bytes()
    place = data.draw(st.integers(0, len(written) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda new: new != written[place]))
    changed = whole.folder / "changed.jsonl"
    changed.write_bytes(written[:place] + bytes([byte]) + written[place + 1 :])
    found = verify(changed)
    assert found.fault
    number = written[:place].count(b"\n")
    entries = whole.ledger.standing.seq
    if 1 <= number <= entries:
        assert found.first_bad == number
        assert found.entries == number - 1


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_lines_that_are_left_out_doubled_or_swapped_are_found(whole, data):
    lines = (whole.folder / "whole.jsonl").read_bytes().split(b"\n")[:-1]
    one, two = sorted(data.draw(st.lists(st.integers(0, len(lines) - 1), min_size=2, max_size=2, unique=True)))
    act = data.draw(st.sampled_from(["drop", "double", "swap", "cut"]))
    lines = {
        "drop": lines[:one] + lines[one + 1 :],
        "double": [*lines[: one + 1], *lines[one:]],
        "swap": [*lines[:one], lines[two], *lines[one + 1 : two], lines[one], *lines[two + 1 :]],
        "cut": lines[:two],
    }[act]
    changed = whole.folder / "changed.jsonl"
    changed.write_bytes(b"\n".join(lines) + b"\n")
    assert verify(changed).fault


def rewrite(whole, edit):
    """Write the export again with a consistent foot, after `edit` has changed the pairs."""
    pairs = edit(list(Export(whole.folder / "whole.jsonl").pairs()))
    write_export(whole.folder / "changed.jsonl", pairs, coalition="Test", reader="whole")
    return verify(whole.folder / "changed.jsonl")


def test_a_chain_that_was_hashed_anew_lacks_the_signatures(whole):
    def edit(pairs):
        made, last = [], pairs[0][0].prev_hash
        for number, (entry, body) in enumerate(pairs):
            told = body | {"target": "0.1"} if number == 5 else body
            moved = replace(entry, body_hash=body_hash(told), prev_hash=last, hash="")
            made.append((replace(moved, hash=moved.right_hash()), told))
            last = made[-1][0].hash
        return made

    found = rewrite(whole, edit)
    assert (found.first_bad, "signature" in found.fault) == (6, True)


def test_an_entry_signed_with_a_foreign_key_is_found(whole):
    eve = new_key(whole.folder / "eve.pem")

    def edit(pairs):
        entry, body = pairs[5]
        forged = sign("commitment", body, key=eve, owner="USLAX", author="anna", seen=(5, pairs[4][0].hash))
        return [*pairs[:5], (forged.placed(6, pairs[4][0].hash, entry.received_utc), body)]

    found = rewrite(whole, edit)
    assert (found.first_bad, "not in force" in found.fault) == (6, True)


def test_an_entry_that_was_slipped_into_the_past_is_found_by_what_others_had_seen(whole):
    """Even who holds a port's key cannot change what stood before the others signed: they had seen it."""
    anna = whole.keys["anna"]

    def edit(pairs):
        extra = sign("head", key=anna, owner="USLAX", author="anna", seen=(5, pairs[4][0].hash))
        slipped = extra.placed(6, pairs[4][0].hash, pairs[4][0].received_utc)
        made = [*pairs[:5], (slipped, {})]
        for entry, body in pairs[5:]:
            moved = replace(entry, seq=entry.seq + 1, prev_hash=made[-1][0].hash, hash="")
            made.append((replace(moved, hash=moved.right_hash()), body))
        return made

    found = rewrite(whole, edit)
    assert "past was changed" in found.fault


def test_a_record_that_was_taken_out_of_a_backup_is_found(whole):
    found = rewrite(whole, lambda pairs: [*pairs[:5], (pairs[5][0], None), *pairs[6:]])
    assert (found.first_bad, found.fault) == (6, "entry 6: its record is missing")


def test_a_record_that_a_reader_may_not_see_is_found(whole):
    pairs = list(Export(whole.folder / "whole.jsonl").pairs())
    write_export(whole.folder / "changed.jsonl", pairs, coalition="Test", reader="CNSGH")
    assert "CNSGH may not see it" in verify(whole.folder / "changed.jsonl").fault


def test_a_shorter_ledger_is_found_by_the_head_that_was_seen(whole):
    pairs = list(Export(whole.folder / "whole.jsonl").pairs())
    write_export(whole.folder / "short.jsonl", pairs[:8], coalition="Test", reader="whole")
    assert verify(whole.folder / "short.jsonl").fault == "", "by itself it holds"
    head = whole.ledger.standing.head
    assert verify(whole.folder / "short.jsonl", known_head=head).first_bad == 9
    assert "rewritten" in verify(whole.folder / "short.jsonl", known_head=(3, "ab" * 32)).fault


def test_what_is_no_export_is_said(tmp_path):
    (tmp_path / "x").write_text("hello\n")
    assert verify(tmp_path / "x").fault
    (tmp_path / "x").write_bytes(b"")
    assert verify(tmp_path / "x").fault
    (tmp_path / "x").write_bytes(canonical({"format": "sisterport ledger 1", "coalition": "x", "reader": "whole"}))
    assert "cut off" in verify(tmp_path / "x").fault
    with pytest.raises(InputError, match="cannot read"):
        verify(tmp_path / "absent")


def test_the_verifier_needs_no_database_and_no_frames():
    """It is for those who do not trust the server: the less it needs, the better."""
    code = "import sisterport.network.verify, sys; print(*sorted(n for n in sys.modules if '.' not in n))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"sqlalchemy", "alembic", "polars", "numpy"} & set(done.stdout.split())


def test_a_backup_restored_is_the_same_byte_by_byte(whole, tmp_path):
    backup = whole.folder / "whole.jsonl"
    restore(backup, tmp_path / "again.db")
    with open_ledger(tmp_path / "again.db") as again:
        export(again, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == backup.read_bytes()
    with pytest.raises(InputError, match="is there already"):
        restore(backup, tmp_path / "again.db")
    with pytest.raises(InputError, match="no backup of the whole"):
        restore(whole.folder / "shanghai.jsonl", tmp_path / "other.db")


def thousand(book):
    """Fill a ledger up to 1,000 entries."""
    fill(book)
    seen = book.ledger.standing.head
    said = {"key": book.keys["li"], "owner": "CNSGH", "author": "li", "seen": seen}
    book.ledger.append_all([sign("head", **said) for _ in range(1000 - seen[0])])
    export(book.ledger, book.folder / "thousand.jsonl")
    return (book.folder / "thousand.jsonl").read_bytes()


def found_in_line(text, original):
    """Return whether a changed line alone shows that it was changed: form, hashes, record."""
    try:
        given = parse(text)
        if set(given) != {"entry", "body"} or not isinstance(given["body"], dict):
            return True
        entry = entry_from(given["entry"])
    except (InputError, TypeError):
        return True
    return (
        entry.hash != entry.right_hash() or entry.hash != original.hash or body_hash(given["body"]) != entry.body_hash
    )


STEP = 11
"""One byte in so many is flipped, beginning at another one in each entry; 1 flips all 1.2 million, in two minutes."""


def test_flipped_bytes_of_a_thousand_entries(book):
    """A line holds by itself only if nothing in it was changed: so one line at a time is enough."""
    lines = thousand(book).split(b"\n")[1:1001]
    assert len(lines) == 1000
    for number, text in enumerate(lines):
        original = entry_from(json.loads(text)["entry"])
        assert line(original.to_dict(), json.loads(text)["body"]) == text
        for place in range(number % STEP, len(text), STEP):
            flipped = text[:place] + bytes([text[place] ^ (1 << (place + number) % 8)]) + text[place + 1 :]
            assert found_in_line(flipped, original), (number, place)


def test_ten_thousand_entries_are_verified_in_seconds_not_minutes(book):
    """No absolute promise: the checks of one entry cost less than three of its signatures."""
    import time

    from sisterport.network.keys import is_signed

    thousand(book)
    pairs = list(Export(book.folder / "thousand.jsonl").pairs())
    standing, start = Standing(), time.perf_counter()
    for entry, body in pairs:
        standing.admit(entry, body)
    took = time.perf_counter() - start
    start = time.perf_counter()
    for entry, _ in pairs:
        is_signed(entry.written(), entry.signature, book.keys["li"].public)
    assert took < 3 * (time.perf_counter() - start)
