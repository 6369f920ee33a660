"""A member and the coalition's server: pull, sign at the copy, push; lost answers, busy servers, servers that lie."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from sisterport.errors import InputError
from sisterport.network.acts import find, say
from sisterport.network.client import Credentials, Remote, RemoteError, read_credentials
from sisterport.network.ledger import open_ledger
from sisterport.network.outbox import keep, open_desk, outbox_of, read_outbox, take_back, waiting
from sisterport.network.pull import pull_pairs
from sisterport.network.remote import pull_from, push
from sisterport.network.rights import LedgerError
from tests.network.book import PROMISE, VALUE
from tests.network.remote_server import serving
from tests.network.test_verify import fill


@pytest.fixture
def served(book, tmp_path):
    fill(book)
    with serving(book.ledger, tmp_path) as server:
        yield server


def remote(server, *credentials):
    return Remote(server.url, Credentials(*(credentials or ("CNSGH", "secret"))), pauses_s=(0.01, 0.01))


@pytest.fixture
def copy(served, tmp_path):
    pull_from(remote(served), tmp_path / "copy.db")
    return tmp_path / "copy.db"


def sign_at(copy, book, who, kind, body=None, **more):
    with open_desk(copy) as desk:
        return say(desk, book.keys[who], kind, body, **more)


def test_a_copy_comes_over_http_with_what_the_port_may_see_and_no_more(book, served, copy):
    with open_ledger(copy) as own:
        assert own.reader == "CNSGH"
        assert list(own.records("whole")) == list(book.ledger.records("CNSGH"))
    assert pull_from(remote(served), copy, reader="CNSGH")[:2] == (0, 0)
    with pytest.raises(InputError, match="token is of CNSGH, not of DEHAM"):
        pull_from(remote(served), copy, reader="DEHAM")


def test_a_promise_is_signed_whole_at_a_copy_and_sent_later(book, served, copy):
    promise = sign_at(copy, book, "li", "commitment", PROMISE)
    for who, kind in (("li", "submit"), ("mei", "approve"), ("li", "publish")):
        with open_desk(copy) as desk:
            say(desk, book.keys[who], kind, about=find(desk, str(promise.seq)))
    before = book.ledger.standing.seq
    made = push(remote(served), copy)
    assert [entry.kind for entry in made] == ["commitment", "submit", "approve", "publish"]
    assert book.ledger.standing.seq == before + 4
    assert book.ledger.standing.states[promise.entry_id] == "published"
    assert not outbox_of(copy).exists()
    pull_from(remote(served), copy)
    with open_ledger(copy) as own:
        assert own.standing.head == book.ledger.standing.head


def test_what_breaks_a_rule_is_refused_before_it_is_sent(book, copy):
    promise = sign_at(copy, book, "li", "commitment", PROMISE)
    sign_at(copy, book, "li", "submit", about=promise)
    with pytest.raises(LedgerError, match="another person"):
        sign_at(copy, book, "li", "approve", about=promise)
    assert [signed.statement.kind for signed in read_outbox(outbox_of(copy))] == ["commitment", "submit"]


@pytest.mark.skipif(os.name != "posix", reason="needs file modes")
def test_nobody_else_reads_the_outbox(book, copy):
    sign_at(copy, book, "li", "commitment", PROMISE)
    assert outbox_of(copy).stat().st_mode & 0o077 == 0


def test_a_lost_answer_makes_no_second_entry(book, served, copy):
    sign_at(copy, book, "li", "head", visibility="public")
    served.lose_answers = 2
    before = book.ledger.standing.seq
    made = push(remote(served), copy)
    assert (served.posts, len(made), book.ledger.standing.seq) == (3, 1, before + 1)


def test_a_push_that_is_cut_off_goes_on_where_it_was(book, served, copy):
    for _ in range(3):
        sign_at(copy, book, "li", "commitment", PROMISE)
    served.lose_answers = 3  # more than there are tries: placed, and the member does not know
    with pytest.raises(RemoteError, match="cannot be reached"):
        push(remote(served), copy)
    assert len(read_outbox(outbox_of(copy))) == 3
    before = book.ledger.standing.seq
    assert len(push(remote(served), copy)) == 3
    assert book.ledger.standing.seq == before + 2
    assert not outbox_of(copy).exists()


def test_what_a_pull_has_brought_is_not_sent_again(book, served, copy):
    sign_at(copy, book, "li", "head", visibility="public")
    statements = read_outbox(outbox_of(copy))
    push(remote(served), copy)
    keep(outbox_of(copy), statements)
    pull_from(remote(served), copy)
    with open_ledger(copy) as own:
        assert waiting(outbox_of(copy), own.standing) == []
    assert push(remote(served), copy) == []


def test_a_refusal_keeps_the_statement_and_those_after_it(book, served, copy):
    promise = sign_at(copy, book, "li", "commitment", PROMISE)
    push(remote(served), copy)
    pull_from(remote(served), copy)
    sign_at(copy, book, "li", "submit", about=promise)
    refused = read_outbox(outbox_of(copy))[0].statement.entry_id
    sign_at(copy, book, "li", "head", visibility="public")
    book.say("mei", "submit", about=book.ledger.standing.entries[promise.entry_id])  # somebody was faster
    with pytest.raises(RemoteError, match=r"422: refused: entry .* it is submitted, not draft"):
        push(remote(served), copy)
    assert len(read_outbox(outbox_of(copy))) == 2
    take_back(copy, refused[:8])
    assert [entry.kind for entry in push(remote(served), copy)] == ["head"]


def test_what_waited_for_long_is_signed_again_under_its_id(book, served, copy):
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    with open_desk(copy) as desk:
        old = say(desk, book.keys["li"], "commitment", PROMISE, now=hour_ago)
    with pytest.raises(InputError, match=r"has waited since .* give the key"):
        push(remote(served), copy)
    with pytest.raises(InputError, match="cannot be signed by mei"):
        push(remote(served), copy, key=book.keys["mei"])
    served.lose_answers = 3
    with pytest.raises(RemoteError):
        push(remote(served), copy, key=book.keys["li"])
    entry = push(remote(served), copy, key=book.keys["li"])[0]
    assert (entry.entry_id, entry.body_hash) == (old.entry_id, old.body_hash)
    assert [e.entry_id for e in book.ledger.standing.entries.values()].count(old.entry_id) == 1


def test_a_busy_server_is_asked_again_and_a_broken_one_not(book, served, tmp_path):
    served.troubles = [503, 429]
    assert pull_from(remote(served), tmp_path / "copy.db").seq == book.ledger.standing.seq
    served.troubles = [None, 500]
    with pytest.raises(RemoteError, match="500: busy"):
        pull_from(remote(served), tmp_path / "copy.db")


def test_a_bearer_that_ran_out_is_asked_for_again(served, copy):
    member = remote(served)
    pull_from(member, copy)
    served.bearers.clear()
    pull_from(member, copy)


def test_a_token_goes_nowhere_else(served, copy):
    member = remote(served)
    pull_from(member, copy)
    served.troubles = [302]
    with pytest.raises(RemoteError, match="302"):
        pull_from(member, copy)


def test_a_wrong_secret_is_said(served, tmp_path):
    with pytest.raises(RemoteError, match="401: client authentication failed"):
        pull_from(remote(served, "CNSGH", "wrong"), tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize(
    ("forge", "what"),
    [
        (lambda written: written.replace(b'"author":"ben"', b'"author":"eve"', 1), "entry|fit"),
        (lambda written: b"\n".join(written.split(b"\n")[:9]), "cut off"),
        (lambda written: written[:-300], "no JSON|cut off"),
        (lambda _: b"<html>welcome</html>", "no JSON|no export"),
    ],
)
def test_a_server_that_lies_changes_nothing(book, served, copy, forge, what):
    book.say("anna", "indicator", VALUE)
    served.forge = forge
    before = copy.read_bytes()
    with pytest.raises(LedgerError, match=what):
        pull_from(remote(served), copy)
    assert copy.read_bytes() == before


def test_a_server_that_lost_its_end_is_refused(book, served, copy):
    book.say("anna", "head", visibility="public")
    pairs = list(book.ledger.records("CNSGH"))
    pull_from(remote(served), copy)
    with pytest.raises(LedgerError, match="shortened or rewritten"):
        pull_pairs(pairs[:-1], copy, reader="CNSGH")


@pytest.mark.parametrize("url", ["http://ports.example", "ftp://ports.example", "ports.example", "https://a:b@x.org"])
def test_nothing_goes_over_an_open_line(url):
    with pytest.raises(InputError, match=r"TLS|no address"):
        Remote(url, Credentials("a", "b"))


def test_nobody_there_is_one_message(tmp_path):
    member = Remote("http://127.0.0.1:9", Credentials("CNSGH", "secret"), pauses_s=())
    with pytest.raises(RemoteError, match="cannot be reached"):
        pull_from(member, tmp_path / "copy.db")


def test_tokens_come_from_a_file_or_the_environment(tmp_path, monkeypatch):
    place = tmp_path / "token.json"
    place.write_text(json.dumps({"client_id": "a", "client_secret": "b"}))
    assert read_credentials(place) == Credentials("a", "b")
    assert "secret" not in repr(Credentials("a", "secret"))
    place.write_text("[]")
    with pytest.raises(InputError, match="holds no token"):
        read_credentials(place)
    with pytest.raises(InputError, match="cannot read"):
        read_credentials(tmp_path / "absent")
    monkeypatch.delenv("SISTERPORT_CLIENT_ID", raising=False)
    with pytest.raises(InputError, match="no token"):
        read_credentials(None)
    monkeypatch.setenv("SISTERPORT_CLIENT_ID", "a")
    monkeypatch.setenv("SISTERPORT_CLIENT_SECRET", "b")
    assert read_credentials(None) == Credentials("a", "b")


def test_a_ledger_itself_needs_no_outbox(book):
    with open_desk(book.folder / "network.db") as desk:
        assert say(desk, book.keys["anna"], "head").seq == desk.standing.seq
    assert not outbox_of(book.folder / "network.db").exists()
