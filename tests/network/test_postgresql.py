"""The same ledger in PostgreSQL: same rules, same export; and the second wall: a port sees its own rows only."""

import pytest
from sqlalchemy import text

from sisterport.errors import InputError
from sisterport.network import tokens
from sisterport.network.database import act_as, connect, grant
from sisterport.network.ledger import open_ledger
from sisterport.network.pull import export, pull, restore
from sisterport.network.rights import LedgerError, may_see
from sisterport.network.verify import verify
from tests.network.book import PROMISE, make_book
from tests.network.crash import rounds
from tests.network.test_pull import READERS, records, test_who_sees_what
from tests.network.test_verify import fill

COPY = """INSERT INTO entries
SELECT {seq}, 'x', {kind}, {owner}, author, key_id, created_utc, visibility, named_ports, {subject}, body_hash,
  seen_seq, seen_hash, signature, received_utc, hash, 'y' FROM entries ORDER BY seq DESC LIMIT 1"""
FOREIGN = COPY.format(seq="seq + 1", kind="'head'", owner="'CNSGH'", subject="NULL")


@pytest.fixture
def database(server):
    name = server.fresh()
    yield name
    server.drop(name)


@pytest.fixture
def book(server, database, tmp_path):
    made = make_book(tmp_path, server.url(database))
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def filled(server, tmp_path_factory):
    """Return a database with something of every kind, and the address for a program; to be looked at only."""
    name = server.fresh()
    made = make_book(tmp_path_factory.mktemp("filled"), server.url(name))
    fill(made)
    grant(made.ledger.engine, "app")
    made.ledger.close()
    yield name, server.url(name, "app")
    server.drop(name)


@pytest.fixture
def app(server, database, book):
    """Return the address for a program that may read and append only."""
    grant(book.ledger.engine, "app")
    return server.url(database, "app")


def test_the_export_of_one_database_is_restored_in_the_other_byte_by_byte(server, book, tmp_path):
    fill(book)
    export(book.ledger, tmp_path / "one.jsonl")
    assert verify(tmp_path / "one.jsonl").fault == ""
    restore(tmp_path / "one.jsonl", tmp_path / "lite.db")
    with open_ledger(tmp_path / "lite.db") as lite:
        export(lite, tmp_path / "two.jsonl")
    other = server.url(server.fresh())
    restore(tmp_path / "two.jsonl", other)
    with open_ledger(other) as again:
        export(again, tmp_path / "three.jsonl")
    written = [(tmp_path / f"{name}.jsonl").read_bytes() for name in ("one", "two", "three")]
    assert written[0] == written[1] == written[2]


def test_a_member_pulls_from_it(book, tmp_path):
    fill(book)
    assert pull(book.ledger, tmp_path / "copy.db", reader="DEHAM").entries == book.ledger.standing.seq


def test_who_sees_what_is_the_same(book):
    test_who_sees_what(book)


def test_the_database_itself_shows_no_more_than_the_rules(book, app):
    """Row-level security by a plain query, without this program's own rules."""
    records(book)
    standing = book.ledger.standing
    engine = connect(app)
    cells = 0
    for reader in READERS[:-1]:
        with engine.connect() as connection:
            act_as(connection, reader)
            bodies = set(connection.execute(text("SELECT seq FROM bodies")).scalars())
            entries = set(connection.execute(text("SELECT seq FROM entries")).scalars())
            connection.rollback()
        for entry in standing.entries.values():
            assert (entry.seq in bodies) == may_see(entry, reader, published=standing.published(entry)), (reader, entry)
            assert (entry.seq in entries) == (reader != "public" or entry.visibility == "public")
            cells += 1
    assert cells > 300
    engine.dispose()


@pytest.mark.parametrize("port", ["", "whole", "USLAX' OR '1'='1", "%", "uslax", "USLAX CNSGH"])
def test_who_is_no_port_sees_nothing(filled, port):
    engine = connect(filled[1])
    with engine.connect() as connection:
        act_as(connection, port)
        for table in ("entries", "bodies", "tokens"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
    engine.dispose()


def test_without_a_port_even_the_keeper_of_the_tables_sees_nothing(server, filled):
    assert server.sql("SELECT count(*) FROM entries", filled[0], "keeper") == "0"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET author = 'eve'",
        "DELETE FROM entries",
        "TRUNCATE entries CASCADE",
        "UPDATE bodies SET body = '{}'",
        "DELETE FROM bodies",
        "TRUNCATE bodies",
        "DROP TABLE bodies",
        "ALTER TABLE entries DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE entries NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY members_read ON entries",
        "CREATE POLICY all_of_it ON bodies USING (true)",
        "ALTER TABLE entries DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SET row_security = off; SELECT * FROM bodies",
        "SET ROLE keeper",
        "SET SESSION AUTHORIZATION postgres",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "UPDATE tokens SET secret_sha256 = 'x'",
        FOREIGN,
        "INSERT INTO bodies SELECT seq + 100, body FROM bodies LIMIT 1",
    ],
)  # fmt: skip
def test_hostile_statements_are_stopped(server, filled, statement):
    database = filled[0]
    before = server.sql("SELECT count(*), min(author), max(hash) FROM entries", database)
    with pytest.raises(RuntimeError, match="ERROR"):
        server.sql(f"SET sisterport.port = 'USLAX'; {statement}", database, "app")
    assert server.sql("SELECT count(*), min(author), max(hash) FROM entries", database) == before


def test_two_persons_are_asked_for_in_the_database_too(server, database, book):
    record = book.say("anna", "commitment", PROMISE)
    book.say("anna", "submit", about=record)
    copy = COPY.format(seq="seq + 1", kind="'approve'", owner="owner", subject=f"'{record.entry_id}'")
    with pytest.raises(RuntimeError, match="one person"):
        server.sql(f"SET sisterport.port = 'USLAX'; {copy}", database, "keeper")
    with pytest.raises(RuntimeError, match="append-only"):
        server.sql("SET sisterport.port = 'USLAX'; UPDATE entries SET author = 'eve'", database, "postgres")


def test_a_user_above_the_wall_is_refused(server, database, book):
    assert book
    with pytest.raises(InputError, match="above row-level security"):
        connect(server.url(database, "postgres"))


def test_a_database_that_is_away_is_said_without_the_password(server):
    with pytest.raises(InputError) as caught:
        connect(f"postgresql://keeper:secret@/absent?host={server.folder}")
    assert "secret" not in str(caught.value)


def test_tokens_are_seen_by_their_port_only(book, app):
    made, secret = tokens.issue(book.ledger, port="USLAX", user="anna", scopes=["read"])
    with open_ledger(app) as ledger:
        assert tokens.check_token(ledger, secret, scope="read") == made
        assert tokens.tokens(ledger, port="CNSGH") == []
        tokens.revoke(ledger, made.token_id, port="USLAX")
        with pytest.raises(tokens.TokenError, match="no such token"):
            tokens.check_token(ledger, secret, scope="read")


def test_killing_writers_and_server_loses_nothing_that_was_acknowledged(server, database, book, app, tmp_path):
    keys = [tmp_path / f"{user}.pem" for user in ("anna", "li", "jan")]
    book.ledger.close()

    def strike():
        server.kill()
        server.start()

    acknowledged, lost = rounds(app, keys, 1, strike=strike)
    assert len(acknowledged) >= 20
    assert lost == []
    with open_ledger(app) as ledger:
        export(ledger, tmp_path / "after.jsonl")
    assert verify(tmp_path / "after.jsonl").fault == ""

    # the control: without durable commits the same kill loses entries, and this test can see it
    server.sql(f"ALTER DATABASE {database} SET synchronous_commit = off")
    try:
        _, lost = rounds(app, keys, 1, strike=strike)
    except LedgerError as error:  # an entry after the loss stands where a lost one was
        pytest.fail(str(error))
    assert lost
