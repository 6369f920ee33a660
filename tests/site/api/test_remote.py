"""A member and the real server: what is signed at a copy stands in the coalition's ledger, and comes back."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from sisterport.network.acts import find, say
from sisterport.network.client import Credentials, Remote, RemoteError
from sisterport.network.ledger import open_ledger
from sisterport.network.outbox import open_desk, outbox_of, read_outbox
from sisterport.network.pull import export
from sisterport.network.remote import pull_from, push
from sisterport.network.tokens import issue
from tests.network.book import PROMISE, make_book
from tests.network.test_verify import fill
from tests.site.api.in_thread import running

SCOPES = ("read", "write", "approve")


@pytest.fixture
def coalition(tmp_path):
    made = make_book(tmp_path)
    fill(made)
    tokens = {}
    for port, scopes in (("CNSGH", SCOPES), ("DEHAM", SCOPES), ("USLAX", ("read",))):
        token, secret = issue(made.ledger, port=port, user="robot", scopes=scopes)
        tokens[port] = Credentials(token.token_id, secret)
    made.ledger.close()
    with running(tmp_path / "network.db") as server:
        yield made, {port: Remote(server.url, told, pauses_s=(0.01,)) for port, told in tokens.items()}


def test_a_member_signs_at_its_copy_and_all_see_it(coalition, tmp_path):
    made, members = coalition
    copy = tmp_path / "shanghai.db"
    pull_from(members["CNSGH"], copy)
    with open_desk(copy) as desk:
        promise = say(desk, made.keys["li"], "commitment", PROMISE)
    for who, kind in (("li", "submit"), ("mei", "approve"), ("li", "publish")):
        with open_desk(copy) as desk:
            say(desk, made.keys[who], kind, about=find(desk, promise.entry_id))
    assert [entry.kind for entry in push(members["CNSGH"], copy)] == ["commitment", "submit", "approve", "publish"]
    assert pull_from(members["CNSGH"], copy).entries == 4
    pull_from(members["DEHAM"], tmp_path / "hamburg.db")
    for name in ("shanghai.db", "hamburg.db"):
        with open_ledger(tmp_path / name) as own:
            assert own.standing.states[promise.entry_id] == "published"


def test_what_comes_is_the_export_of_the_ledger(coalition, tmp_path):
    _, members = coalition
    pull_from(members["DEHAM"], tmp_path / "hamburg.db")
    for name in ("network.db", "hamburg.db"):
        with closing(open_ledger(tmp_path / name)) as book:
            export(book, tmp_path / f"{name}.jsonl", reader="DEHAM")
    assert (tmp_path / "network.db.jsonl").read_bytes() == (tmp_path / "hamburg.db.jsonl").read_bytes()


def test_what_was_sent_twice_is_one_entry_and_what_waited_is_signed_again(coalition, tmp_path):
    made, members = coalition
    copy = tmp_path / "shanghai.db"
    pull_from(members["CNSGH"], copy)
    with open_desk(copy) as desk:
        say(desk, made.keys["li"], "commitment", PROMISE, now=datetime.now(UTC) - timedelta(days=2))
        say(desk, made.keys["mei"], "head", visibility="public")
    second = read_outbox(outbox_of(copy))[1]
    first = members["CNSGH"].send(second)
    assert members["CNSGH"].send(second) == first == members["CNSGH"].find(second)
    made_now = push(members["CNSGH"], copy, key=made.keys["li"])
    assert [entry.seq for entry in made_now] == [first.seq + 1, first.seq]
    assert pull_from(members["CNSGH"], copy).entries == 2


def test_a_token_that_may_not_write_is_told_so_and_nothing_is_lost(coalition, tmp_path):
    made, members = coalition
    copy = tmp_path / "la.db"
    pull_from(members["USLAX"], copy)
    with open_desk(copy) as desk:
        say(desk, made.keys["anna"], "head", visibility="public")
    with pytest.raises(RemoteError, match="403: The token is not for this"):
        push(members["USLAX"], copy)
    assert len(read_outbox(outbox_of(copy))) == 1
