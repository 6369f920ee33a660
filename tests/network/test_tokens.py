"""Tokens: shown once, kept as a hash, over in time."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from sisterport.errors import InputError
from sisterport.network.tokens import TokenError, check_token, issue, revoke, rotate, tokens


def test_a_token_lets_in_for_its_scopes(book):
    made, secret = issue(book.ledger, port="USLAX", user="anna", scopes=["write", "read"])
    assert check_token(book.ledger, secret, scope="read") == made
    with pytest.raises(TokenError) as caught:
        check_token(book.ledger, secret, scope="admin")
    assert caught.value.code == "insufficient_scope"


def test_the_secret_is_nowhere_in_the_database(book):
    _, secret = issue(book.ledger, port="USLAX", user="anna", scopes=["read"])
    assert len(secret) >= 43  # 256 bits
    dump = "\n".join(sqlite3.connect(book.folder / "network.db").iterdump())
    assert secret not in dump


@pytest.mark.parametrize("shown", ["", "x", "\ud800", "' OR 1=1 --"])
def test_what_is_no_token(book, shown):
    issue(book.ledger, port="USLAX", user="anna", scopes=["read"])
    with pytest.raises(TokenError, match="no such token"):
        check_token(book.ledger, shown, scope="read")


def test_a_token_is_over_in_time(book):
    begun = datetime.now(UTC) - timedelta(days=90, seconds=-5)
    _, secret = issue(book.ledger, port="USLAX", user="anna", scopes=["read"], now=begun)
    check_token(book.ledger, secret, scope="read")
    with pytest.raises(TokenError) as caught:
        check_token(book.ledger, secret, scope="read", now=datetime.now(UTC) + timedelta(seconds=6))
    assert caught.value.code == "expired_token"


def test_rotating_ends_the_old_one(book):
    made, old = issue(book.ledger, port="USLAX", user="anna", scopes=["read"], per_minute=7)
    after, secret = rotate(book.ledger, made.token_id, port="USLAX")
    assert (after.scopes, after.per_minute) == (made.scopes, 7)
    assert check_token(book.ledger, secret, scope="read") == after
    with pytest.raises(TokenError):
        check_token(book.ledger, old, scope="read")
    with pytest.raises(InputError):
        rotate(book.ledger, made.token_id, port="USLAX")


def test_a_port_ends_its_own_tokens_only(book):
    made, secret = issue(book.ledger, port="USLAX", user="anna", scopes=["read"])
    with pytest.raises(InputError, match="CNSGH has no token"):
        revoke(book.ledger, made.token_id, port="CNSGH")
    revoke(book.ledger, made.token_id, port="USLAX")
    with pytest.raises(TokenError):
        check_token(book.ledger, secret, scope="read")
    assert [token.revoked_utc is not None for token in tokens(book.ledger, port="USLAX")] == [True]
    assert tokens(book.ledger, port="CNSGH") == []


def test_faults_are_told_together(book):
    with pytest.raises(InputError, match=r"no scope.*no user.*1 to 366 days"):
        issue(book.ledger, port="USLAX", user="Anna Doe", scopes=["root"], days=0)
