"""A coalition with tokens for its programs, served from SQLite or PostgreSQL."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sisterport.network.database import grant
from sisterport.network.keys import PrivateKey
from sisterport.network.ledger import open_ledger
from sisterport.network.tokens import SCOPES, issue
from tests.network.book import PERSONS, make_book
from tests.network.conftest import server
from tests.site.api.running import Running

__all__ = ["server"]


@dataclass
class Coalition:
    """Where a ledger is, its persons and a token for each of them."""

    where: str
    keys: dict[str, PrivateKey]
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def open(self):
        return open_ledger(self.where)


def make_coalition(folder: Path, where: str | None = None, *, app: str | None = None) -> Coalition:
    """Make a ledger with five persons of three ports; a token for everything for each of them."""
    book = make_book(folder, where)
    made = Coalition(app or where or str(folder / "network.db"), book.keys)
    if app is not None:
        grant(book.ledger.engine, "app")
    for user, (port, _) in PERSONS.items():
        token, secret = issue(book.ledger, port=port, user=user, scopes=SCOPES, per_minute=10**6)
        made.tokens[user], made.ids[user] = secret, token.token_id
    book.ledger.close()
    return made


@pytest.fixture(scope="session")
def first(tmp_path_factory):
    return make_coalition(tmp_path_factory.mktemp("first"))


@pytest.fixture
def coalition(first, tmp_path):
    """A coalition in SQLite."""
    shutil.copytree(Path(first.where).parent, tmp_path, dirs_exist_ok=True)
    return Coalition(str(tmp_path / "network.db"), first.keys, first.tokens, first.ids)


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request, tmp_path):
    """A coalition in either database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("coalition")
        return
    postgresql = request.getfixturevalue("server")
    name = postgresql.fresh()
    yield make_coalition(tmp_path, postgresql.url(name), app=postgresql.url(name, "app"))
    postgresql.drop(name)


@pytest.fixture
def running(coalition):
    made = Running(coalition.where)
    yield made
    made.end()
