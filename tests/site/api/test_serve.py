"""The server as a process: what it refuses to serve, and what is left when it is killed."""

import shutil
from pathlib import Path

import pytest

from sisterport.network.pull import export, pull
from sisterport.network.verify import verify
from tests.site.api.conftest import make_coalition
from tests.site.api.kills import Writers, lost, rounds
from tests.site.api.running import Running, sent, statement


def refused(database, **more):
    with pytest.raises(RuntimeError) as caught:
        Running(database, **more)
    said = str(caught.value)
    assert said.startswith("error: ")
    assert "Traceback" not in said
    return said


def test_it_does_not_start_without_a_ledger_of_a_coalition(coalition, tmp_path):
    assert "no ledger" in refused(tmp_path / "none.db")
    assert "page is a whole number" in refused(coalition.where, SISTERPORT_PAGE="0")
    with coalition.open() as ledger:
        pull(ledger, tmp_path / "copy.db", reader="DEHAM")
    assert "copy of DEHAM" in refused(tmp_path / "copy.db")


def test_it_does_not_start_when_the_chain_is_shorter_than_what_was_acknowledged(coalition, tmp_path):
    old = tmp_path / "old.db"
    shutil.copy(coalition.where, old)
    running = Running(coalition.where)
    client = running.client(coalition.tokens["li"])
    made = client.ask("POST", "/v1/entries", sent(statement(coalition.keys["li"], port="CNSGH", user="li")))
    assert made.status == 201
    client.close()
    running.end()
    for part in ("", "-wal", "-shm"):
        Path(coalition.where + part).unlink(missing_ok=True)
    shutil.copy(old, coalition.where)
    assert "acknowledged and are gone" in refused(coalition.where)


def test_two_workers_tell_the_same_and_take_each_others_bearers(coalition):
    running = Running(coalition.where, "--workers", "2")
    form = "grant_type=client_credentials&client_id={}&client_secret={}".format(
        coalition.ids["li"], coalition.tokens["li"]
    )
    try:
        for seq in range(6, 26):
            client = running.client()  # a new connection: either worker may take it
            told = client.ask("POST", "/oauth/token", form.encode()).json()
            client.close()
            client = running.client(told["access_token"])
            made = client.ask("POST", "/v1/entries", sent(statement(coalition.keys["li"], port="CNSGH", user="li")))
            assert (made.status, made.json()["entry"]["seq"]) == (201, seq)
            client.close()
            client = running.client()
            assert client.ask("GET", "/v1/head").json()["seq"] == seq
            client.close()
    finally:
        running.end()


def test_a_server_that_is_killed_loses_nothing_that_was_acknowledged(anywhere, request, tmp_path):
    head = None
    strike = None
    if "://" in anywhere.where:
        postgresql = request.getfixturevalue("server")
        head = tmp_path / "head"

        def strike():
            postgresql.kill()
            postgresql.start()

    running = Running(anywhere.where, "--log", "none", head_file=head)
    writers = Writers(running.port, anywhere.keys, anywhere.tokens)
    try:
        rounds(running, writers, 5, least=300, strike=strike)
    finally:
        writers.stop()
        running.end()
    assert len(writers.told) >= 300
    assert writers.odd == []
    with anywhere.open() as ledger:
        assert lost(ledger, writers.told) == []
        assert len({entry_id for _, _, entry_id in writers.told}) == len(writers.told)
        export(ledger, tmp_path / "after.jsonl")
    assert verify(tmp_path / "after.jsonl").fault == "", "the chain is whole"


def test_a_database_that_is_away_is_said_and_comes_back(server, tmp_path):
    name = server.fresh()
    coalition = make_coalition(tmp_path, server.url(name), app=server.url(name, "app"))
    running = Running(coalition.where, "--log", "none")
    client = running.client(coalition.tokens["li"])
    said = sent(statement(coalition.keys["li"], port="CNSGH", user="li"))
    try:
        assert client.ask("GET", "/v1/head").status == 200
        server.kill()
        for method, path, body in (("GET", "/v1/head", None), ("GET", "/ready", None), ("POST", "/v1/entries", said)):
            answer = client.ask(method, path, body)
            assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json")
            assert int(answer.headers["retry-after"]) > 0
        assert client.ask("GET", "/health").status == 200
        server.start()
        assert client.ask("POST", "/v1/entries", said).status == 201
        assert client.ask("POST", "/v1/entries", said).status == 200
    finally:
        client.close()
        running.end()
        server.drop(name)
