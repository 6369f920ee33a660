"""``sisterport network`` as a port meets it: exit codes, messages, JSON, one promise's whole life."""

import json

import pytest

from sisterport.network.ledger import open_ledger
from tests.cli.test_cli import cli as sisterport
from tests.network.remote_server import serving
from tests.test_public import _modules_after


def cli(*args, cwd):
    return sisterport("network", *args, cwd=cwd)


def good(*args, cwd):
    done = cli(*args, cwd=cwd)
    assert (done.returncode, done.stderr) == (0, ""), args
    return done.stdout


def told(*args, cwd):
    return json.loads(good(*args, "--json", cwd=cwd))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A coalition of two persons, and a published promise."""
    folder = tmp_path_factory.mktemp("network")
    good("init", "--coalition", "x", "--port", "uslax", "--user", "anna", "--key", "anna.pem", cwd=folder)
    good("join", "ben.pem", "--port", "USLAX", "--user", "ben", "--role", "approver", cwd=folder)
    good("admit", "ben.pem.request.json", "--key", "anna.pem", cwd=folder)
    good("commit", "plug in", "--indicator", "I7", "--mode", "used", "--target", "0.8", "--due", "2026-12-31",
         "--port", "USLAX", "--visibility", "public", "--key", "anna.pem", cwd=folder)  # fmt: skip
    for act, who in (("submit", "anna"), ("approve", "ben"), ("publish", "anna")):
        good(act, 3, "--key", f"{who}.pem", cwd=folder)
    return folder


def test_a_value_of_its_own_is_reported_published_and_shown(place):
    entry = told("indicator", "I7", "--period", "2026-05", "--port", "USLAX", "--value", "0.62", "--low", "0.5",
                 "--high", "0.7", "--coverage", "0.9", "--coverage-basis", "calls", "--source", "port records",
                 "--visibility", "public", "--key", "anna.pem", cwd=place)  # fmt: skip
    assert (entry["kind"], entry["state"]) == ("indicator", "draft")
    assert told("progress", cwd=place)["progress"][0]["value"] is None
    assert [told(act, entry["seq"], "--key", f"{who}.pem", cwd=place)["state"]
            for act, who in (("submit", "anna"), ("approve", "ben"), ("publish", "anna"))] == [
        "submitted", "approved", "published"]  # fmt: skip
    found = told("progress", "--values", "--on", "2026-11-30", cwd=place)
    assert found["progress"][0]["gap"] == pytest.approx(0.18)
    assert found["progress"][0]["baseline_finding"] == "no baseline published"
    assert found["values"][0]["approver"] == "ben"
    body = told("log", entry["seq"], cwd=place)["body"]
    assert body["values"] == [{"high": "0.7", "low": "0.5", "quantity": "share", "unit": "", "value": "0.62"}]
    assert body["sources"] == [{"name": "port records"}]


@pytest.mark.parametrize(
    ("args", "what"),
    [
        (("approve", 3, "--key", "anna.pem"), "published, not submitted|another person"),
        (("submit", 99, "--key", "anna.pem"), "no entries '99'"),
        (("submit", 3, "--key", "absent.pem"), "cannot read the key"),
        (("progress", "--ledger", "absent.db"), "no ledger absent.db"),
        (("commit", "x", "--indicator", "I6", "--mode", "used", "--target", "1", "--due", "2026-12-31", "--port",
          "USLAX", "--key", "anna.pem"), "tells what is capable, not what is used"),
        (("indicator", "I7", "--period", "2026-05", "--port", "USLAX", "--value", "1"), "comes with --coverage"),
        (("token", "--scope", "read", "--key", "anna.pem"), "give --to"),
        (("token", "--key", "ben.pem"), "has not the role admin"),
        (("token", "--of", "USLAX/ben"), "has not the role admin"),
        (("token", "--of", "USLAX/eve"), "no key of USLAX/eve"),
        (("token",), "give --key, or --of"),
        (("grant", "app"), "there are no roles"),
        (("pull", "copy.db"), "whose copy?"),
        (("pull", "copy.db", "--from", "http://ports.example", "--token", "absent.json"), "cannot read the token"),
        (("pull", "copy.db", "--reader", "everybody"), "no UN/LOCODE of a member"),
        (("ports", "CNPVG"), "is no seaport here"),
        (("verify", "absent"), "cannot read absent"),
        (("init", "--coalition", "x", "--port", "USLAX", "--user", "eve", "--key", "eve.pem"), "is there already"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_message_and_exit_code_2(place, args, what):
    done = cli(*args, cwd=place)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert any(part in done.stderr for part in what.split("|")), done.stderr
    assert "Traceback" not in done.stderr


def test_no_value_is_exit_code_1_with_the_reason(place):
    done = cli("indicator", "I12", "--period", "2026", "--port", "USLAX", "--json", cwd=place)
    assert done.returncode == 1
    assert json.loads(done.stdout)["lacks"].startswith("requested and planned times")


def test_backup_restore_and_verify(place):
    first = told("backup", "one.jsonl", cwd=place)
    good("restore", "one.jsonl", "--ledger", "again.db", cwd=place)
    good("backup", "two.jsonl", "--ledger", "again.db", cwd=place)
    assert (place / "one.jsonl").read_bytes() == (place / "two.jsonl").read_bytes()
    assert told("verify", "one.jsonl", cwd=place)["head"] == first["head"]
    assert told("verify", "again.db", cwd=place)["head"] == first["head"]
    assert good("head", "--ledger", "again.db", cwd=place).splitlines()[0] == f"{first['entries']}:{first['head']}"
    (place / "bad.jsonl").write_bytes((place / "one.jsonl").read_bytes().replace(b"plug in", b"plug on", 1))
    done = cli("verify", "bad.jsonl", cwd=place)
    assert done.returncode == 1
    assert "entry 3: the record is not the one that was signed; 2 entries before it hold" in done.stdout


def test_tokens_are_made_rotated_and_ended(place):
    made = told("token", "--scope", "read", "--to", "one.json", "--key", "anna.pem", cwd=place)
    secret = json.loads((place / "one.json").read_text())
    assert secret["client_id"] == made[0]["token_id"]
    assert (place / "one.json").stat().st_mode & 0o077 == 0
    both = told("token", "--rotate", secret["client_id"], "--to", "two.json", "--key", "anna.pem", cwd=place)
    assert [row["revoked_utc"] is None for row in both] == [False, True]
    last = json.loads((place / "two.json").read_text())["client_id"]
    assert all(row["revoked_utc"] for row in told("token", "--revoke", last, "--key", "anna.pem", cwd=place))


def test_what_the_public_sees(place):
    shown = told("log", "--reader", "public", cwd=place)
    assert {row["kind"]: row["body"] is not None for row in shown}["commitment"]
    assert "text" in told("log", 3, "--reader", "public", cwd=place)["body"]


def test_the_lists_print_json_with_sources(tmp_path):
    assert {row["status"] for row in told("ports", cwd=tmp_path)["ports"] if row["relation"]} == {
        "checked",
        "secondary",
    }
    assert all(row["source_url"] for row in told("agreements", cwd=tmp_path))
    assert len(told("corridors", cwd=tmp_path)) == 31
    assert len(told("indicators", cwd=tmp_path)) == 16


def test_help_of_the_room_loads_no_heavy_library():
    heavy = {"numpy", "polars", "sqlalchemy", "alembic", "cryptography"}
    assert not heavy & _modules_after("import sisterport.cli.network")


def test_a_member_signs_at_a_copy_and_pushes_to_the_server(place, tmp_path):
    good(
        "token", "--scope", "read", "--scope", "write", "--to", tmp_path / "token.json", "--key", "anna.pem", cwd=place
    )
    asked = json.loads((tmp_path / "token.json").read_text())
    with open_ledger(place / "network.db") as book, serving(book, tmp_path) as server:
        server.ports = {asked["client_id"]: "USLAX"}
        server.secrets = {asked["client_id"]: asked["client_secret"]}
        way = ("--token", tmp_path / "token.json")
        came = told("pull", tmp_path / "copy.db", "--from", server.url, *way, cwd=place)
        assert came["seq"] == came["entries"] == book.standing.seq
        text = good("head", "--key", "anna.pem", "--ledger", tmp_path / "copy.db", cwd=place)
        assert text.startswith(f"{came['seq']}:")
        said = good("evidence", 3, "--text", "x", "--on", "2026-05-01", "--key", "anna.pem",
                    "--ledger", tmp_path / "copy.db", cwd=place)  # fmt: skip
        assert "it waits: push it" in said
        done = told("push", tmp_path / "copy.db", "--to", server.url, *way, cwd=place)
        assert [entry["kind"] for entry in done["sent"]] == ["head", "evidence"]
        assert done["pulled"]["seq"] == came["seq"] + 2 == book.standing.seq
        again = good("push", tmp_path / "copy.db", "--to", server.url, *way, cwd=place)
        assert again.startswith("nothing waited; ")
