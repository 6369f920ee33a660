"""The ledger: who may say what, two persons, one chain that nobody changes, in the rules and in the database."""

import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sisterport.errors import InputError, SchemaError
from sisterport.network.acknowledged import acknowledge, last_acknowledged
from sisterport.network.acts import admit, request
from sisterport.network.entry import KINDS, sign, signed_from
from sisterport.network.keys import new_key, read_key
from sisterport.network.ledger import open_ledger
from sisterport.network.rights import LedgerError
from sisterport.network.schema import METADATA
from sisterport.network.standing import Standing
from tests.network.book import PROMISE, VALUE


def signed(book, who, kind, body=None, **more):
    key = book.keys[who]
    person = book.ledger.standing.who(key.public)
    more.setdefault("seen", book.ledger.standing.head)
    return sign(kind, body, key=key, owner=person.port, author=person.user, **more)


def test_a_record_goes_from_draft_to_published_and_a_correction_supersedes_it(book):
    first = book.publish("anna", "ben", "indicator", VALUE)
    states = book.ledger.standing.states
    assert states[first.entry_id] == "published"
    second = book.say("anna", "indicator", VALUE, about=first)
    assert book.ledger.standing.states[first.entry_id] == "published", "a draft supersedes nothing"
    book.say("ben", "submit", about=second)
    book.say("anna", "reject", about=second)
    book.say("anna", "submit", about=second)
    with pytest.raises(LedgerError, match="another person"):
        book.say("ben", "approve", about=second)  # who once submitted it cannot be the second person


def test_the_new_value_supersedes_the_old_one_once_published(book):
    first = book.publish("anna", "ben", "indicator", VALUE)
    second = book.publish("ben", "anna", "indicator", VALUE, about=first)
    standing = book.ledger.standing
    assert (standing.states[first.entry_id], standing.states[second.entry_id]) == ("superseded", "published")
    assert (standing.approvers[first.entry_id], standing.approvers[second.entry_id]) == ("ben", "anna")
    assert [entry.seq for entry in standing.entries.values()] == list(range(1, standing.seq + 1))


def test_of_two_corrections_of_one_record_only_one_is_published(book):
    first = book.publish("anna", "ben", "indicator", VALUE)
    rival = book.say("anna", "indicator", VALUE, about=first)
    book.say("anna", "submit", about=rival)
    book.say("ben", "approve", about=rival)
    book.publish("ben", "anna", "indicator", VALUE, about=first)
    with pytest.raises(LedgerError, match="superseded already"):
        book.say("anna", "publish", about=rival)


@pytest.mark.parametrize(
    ("who", "kind", "what"),
    [
        ("anna", "approve", "another person"),
        ("mei", "approve", "is not CNSGH's to approve"),
        ("anna", "publish", "it is submitted, not approved"),
        ("anna", "submit", "it is submitted, not draft"),
        ("mei", "publish", "is not CNSGH's to publish"),
    ],
)
def test_what_cannot_be_done_with_a_submitted_record(book, who, kind, what):
    record = book.say("anna", "commitment", PROMISE)
    book.say("anna", "submit", about=record)
    before = book.ledger.standing.head
    with pytest.raises(LedgerError, match=what):
        book.say(who, kind, about=record)
    assert book.ledger.standing.head == before


def test_one_person_with_two_keys_is_one_person(book):
    record = book.say("ben", "commitment", PROMISE)
    book.say("ben", "submit", about=record)
    path = book.folder / "ben2.pem"
    request(path, port="USLAX", user="ben", roles=["author", "approver"])
    admit(book.ledger, book.keys["ben"], f"{path}.request.json")
    book.keys["ben"] = read_key(path)
    with pytest.raises(LedgerError, match="another person"):
        book.say("ben", "approve", about=record)


@pytest.mark.parametrize(
    ("by", "port", "user", "roles", "what"),
    [
        ("ben", "USLAX", "eve", ["author"], "may not enter a key of USLAX"),
        ("ben", "USLAX", "ben", ["author", "admin"], "nobody gives roles"),
        ("li", "DEHAM", "eve", ["author"], "may not enter a key of DEHAM"),
        ("anna", "DEHAM", "eve", ["author"], "may not enter a key of DEHAM"),
        ("li", "SGSIN", "eve", ["author"], "may not enter a key of SGSIN"),
    ],
)
def test_who_may_not_let_whom_in(book, by, port, user, roles, what):
    request(book.folder / "new.pem", port=port, user=user, roles=roles)
    with pytest.raises(LedgerError, match=what):
        admit(book.ledger, book.keys[by], book.folder / "new.pem.request.json")


def test_a_revoked_key_signs_no_more_and_what_it_signed_stands(book):
    record = book.publish("ben", "anna", "commitment", PROMISE)
    entered = book.ledger.standing.who(book.keys["ben"].public).entry_id
    late = signed(book, "ben", "head")
    book.say("anna", "revoke", about=book.ledger.standing.entries[entered], visibility="public")
    with pytest.raises(InputError, match="replaced or revoked"):
        book.say("ben", "head")
    with pytest.raises(LedgerError, match="not in force"):
        book.ledger.append(late)
    assert book.ledger.standing.states[record.entry_id] == "published"
    with pytest.raises(LedgerError, match="is or was in force"):
        admit(book.ledger, book.keys["anna"], book.folder / "ben.pem.request.json")


def test_the_same_statement_sent_twice_is_one_entry(book):
    statement = signed(book, "anna", "commitment", PROMISE)
    first = book.ledger.append(statement)
    assert book.ledger.append(statement) == first
    assert book.ledger.standing.seq == first.seq


def test_a_statement_made_elsewhere_needs_no_place_in_the_chain(book):
    """Two persons sign after the same head; both are taken, each vouching for what it had seen."""
    seen = book.ledger.standing.head
    one, two = (signed(book, who, "head", seen=seen) for who in ("anna", "li"))
    plain = {name: getattr(two.statement, name) for name in type(two.statement).__dataclass_fields__}
    again = signed_from(plain | {"named_ports": []}, two.signature, two.body)
    assert [book.ledger.append(part).seen_seq for part in (one, again)] == [seen[0], seen[0]]
    assert book.ledger.standing.vouchers()["CNSGH"] == seen[0]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"owner": "CNSGH"}, "signed by the key of anna"),
        ({"author": "ben"}, "signed by the key of anna"),
        ({"visibility": "public"}, "its signature is wrong"),
        ({"seen_hash": "ab" * 32}, "the past was changed"),
        ({"seen_seq": 99}, "the past was changed"),
        ({"body_hash": "ab" * 32}, "not the one that was signed"),
        ({"key_id": "00" * 8}, "not in force"),
    ],
)
def test_a_statement_that_was_changed_on_the_way_is_refused(book, change, what):
    statement = signed(book, "anna", "commitment", PROMISE)
    with pytest.raises(LedgerError, match=what):
        book.ledger.append(replace(statement, statement=replace(statement.statement, **change)))


def test_a_signature_of_another_statement_is_refused(book):
    one, two = signed(book, "anna", "head"), signed(book, "anna", "head")
    with pytest.raises(LedgerError, match="signature"):
        book.ledger.append(replace(one, signature=two.signature))


def test_a_clock_that_is_off_is_said(book):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with pytest.raises(LedgerError, match="1440 minutes off"):
        book.ledger.append(signed(book, "anna", "head", now=yesterday))


def test_the_time_of_receipt_never_goes_back(book):
    first = book.ledger.append(signed(book, "anna", "head"), now=datetime.now(UTC) + timedelta(minutes=5))
    second = book.ledger.append(signed(book, "anna", "head"))
    assert second.received_utc >= first.received_utc


def test_every_fault_of_a_record_is_told_at_once(book):
    wrong = PROMISE | {"target": 0.8, "mode": "capable", "due": "2026-02-30", "ports": ["XXXXX"], "colour": "green"}
    with pytest.raises(SchemaError) as caught:
        book.say("anna", "commitment", wrong)
    assert {fault.split(":")[0].split(" '")[0] for fault in caught.value.faults} == {
        "unknown field", "target", "due", "ports",
    }  # fmt: skip


def test_capable_is_never_recorded_as_used(book):
    with pytest.raises(SchemaError, match="I7 tells what is used, not what is capable"):
        book.say("anna", "commitment", PROMISE | {"mode": "capable"})


def test_every_kind_has_a_rule():
    assert all(kind == "coalition" or hasattr(Standing, f"_on_{kind}") for kind in KINDS)


def test_a_key_that_others_can_read_is_refused(tmp_path):
    new_key(tmp_path / "k.pem")
    (tmp_path / "k.pem").chmod(0o644)
    with pytest.raises(InputError, match="others can read"):
        read_key(tmp_path / "k.pem")


def test_a_key_with_a_passphrase(tmp_path, monkeypatch):
    monkeypatch.setenv("SISTERPORT_KEY_PASSPHRASE", "salt water")
    made = new_key(tmp_path / "k.pem")
    assert read_key(tmp_path / "k.pem").public == made.public
    monkeypatch.setenv("SISTERPORT_KEY_PASSPHRASE", "fresh water")
    with pytest.raises(InputError, match="not its passphrase"):
        read_key(tmp_path / "k.pem")
    monkeypatch.delenv("SISTERPORT_KEY_PASSPHRASE")
    with pytest.raises(InputError, match="is encrypted"):
        read_key(tmp_path / "k.pem")


# the same rules once more in the database, for a program that goes past this one


def raw(book):
    return sqlite3.connect(book.folder / "network.db", isolation_level=None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET author = 'eve' WHERE seq = 3",
        "DELETE FROM entries WHERE seq = 3",
        "DELETE FROM entries",
        "UPDATE bodies SET body = '{}' WHERE seq = 3",
    ],
)
def test_sqlite_is_append_only(book, statement):
    book.say("anna", "commitment", PROMISE)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw(book).execute(statement)


def insert(connection, **change):
    """Insert the copy of the last entry as the next one, with changes."""
    row = connection.execute("SELECT * FROM entries ORDER BY seq DESC LIMIT 1")
    names = [part[0] for part in row.description]
    last = dict(zip(names, row.fetchone(), strict=True))
    made = last | {"seq": last["seq"] + 1, "entry_id": "new", "prev_hash": last["hash"], "hash": "new"} | change
    connection.execute(
        f"INSERT INTO entries ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", [made[n] for n in names]
    )


@pytest.mark.parametrize("change", [{"seq": 99}, {"prev_hash": "0" * 64}])
def test_sqlite_keeps_one_chain(book, change):
    with pytest.raises(sqlite3.IntegrityError, match="not the next entry"):
        insert(raw(book), **change)


def test_sqlite_keeps_two_persons(book):
    record = book.say("anna", "commitment", PROMISE)
    book.say("anna", "submit", about=record)
    ben = book.ledger.standing.who(book.keys["ben"].public)
    who = {"owner": "USLAX", "subject": record.entry_id, "kind": "approve"}
    with pytest.raises(sqlite3.IntegrityError, match="one person"):
        insert(raw(book), **who, author="anna", key_id="00" * 8)
    with pytest.raises(sqlite3.IntegrityError, match="one person"):
        insert(raw(book), **who, author=ben.user, key_id=record.key_id)
    with pytest.raises(sqlite3.IntegrityError, match="without a second signature"):
        insert(raw(book), **who | {"kind": "publish"})


def test_an_entry_that_went_past_the_rules_stops_the_ledger(book):
    insert(raw(book), kind="head")
    with pytest.raises(LedgerError, match="entry 6"):
        open_ledger(book.folder / "network.db").standing  # noqa: B018


def test_the_migrations_make_the_schema(book):
    with book.ledger.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_settings_are_those_that_keep_what_was_acknowledged(book):
    with book.ledger.engine.connect() as connection:
        told = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert told == ["wal", 2]  # 2 is FULL


def test_another_file_is_no_ledger(tmp_path):
    (tmp_path / "text.db").write_text("no database at all, only text that is longer than a page header " * 20)
    with pytest.raises(InputError, match="no ledger"):
        open_ledger(tmp_path / "text.db")
    with pytest.raises(InputError, match="make one with"):
        open_ledger(tmp_path / "absent.db")
    with pytest.raises(InputError, match="not mysql"):
        open_ledger("mysql://x/y")


# what was acknowledged is known outside the database


def test_an_old_state_of_the_file_is_refused(book):
    book.say("anna", "head")
    book.ledger.close()
    old = book.folder / "old.db"
    shutil.copy(book.folder / "network.db", old)
    with open_ledger(book.folder / "network.db") as ledger:
        book.ledger = ledger
        book.say("anna", "head")
    for part in ("network.db-wal", "network.db-shm"):
        (book.folder / part).unlink(missing_ok=True)
    shutil.copy(old, book.folder / "network.db")
    with pytest.raises(LedgerError, match="acknowledged and are gone"):
        open_ledger(book.folder / "network.db")


def test_the_small_file_survives_a_write_that_is_cut_short(tmp_path):
    path = tmp_path / "head"
    acknowledge(path, 7, "a" * 64)
    acknowledge(path, 8, "b" * 64)
    acknowledge(path, 6, "0" * 64)  # another program is late: nothing changes
    whole = path.read_bytes()
    acknowledge(path, 9, "c" * 64)
    size = len(whole) // 2
    after = path.read_bytes()
    for cut in range(size + 1):  # entry 9 is written over entry 7, from the left
        path.write_bytes(whole[:size] + after[size : size + cut] + whole[size + cut :])
        assert last_acknowledged(path) in ((8, "b" * 64), (9, "c" * 64))
    assert last_acknowledged(tmp_path / "absent") is None
