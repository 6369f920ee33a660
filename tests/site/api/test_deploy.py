"""What stands in deploy/ and compose.yaml: the roles work, and every variable that is set is one that is read."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from sisterport.network.client import Remote, read_credentials
from sisterport.network.database import connect
from sisterport.network.ledger import open_ledger
from sisterport.network.pull import export
from sisterport.network.remote import pull_from
from tests.cli.test_cli import cli
from tests.network.book import make_book
from tests.site.api.in_thread import running

ROOT = Path(__file__).parents[3]
VARIABLE = re.compile(r"SISTERPORT_[A-Z_]+")


@pytest.fixture
def coalition(server):
    """Run roles.sh as the image of PostgreSQL does, with names that no other test has."""
    script = re.sub(r"\b(keeper|app|coalition)\b", r"deployed_\1", (ROOT / "deploy/roles.sh").read_text())
    environment = {
        "KEEPER_PASSWORD": "k'x", "APP_PASSWORD": "a", "POSTGRES_USER": "postgres", "PGHOST": str(server.folder)
    }  # fmt: skip
    done = subprocess.run(
        ["sh"], input=script, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    yield server
    server.drop("deployed_coalition")
    for role in ("keeper", "app"):
        server.sql(f"DROP ROLE deployed_{role}")


def test_a_ledger_is_brought_to_postgresql_and_served_as_the_lesser_role(coalition, tmp_path):
    made = make_book(tmp_path)
    export(made.ledger, tmp_path / "first.jsonl")
    made.ledger.close()
    keeper, app = (coalition.url("deployed_coalition", f"deployed_{role}") for role in ("keeper", "app"))
    for arguments in (
        ("restore", tmp_path / "first.jsonl", "--ledger", keeper),
        ("grant", "deployed_app", "--ledger", keeper),
        ("token", "--of", "USLAX/anna", "--scope", "read", "--to", tmp_path / "t.json", "--ledger", app),
    ):
        done = cli("network", *arguments, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), arguments
    with running(app) as server:
        came = pull_from(Remote(server.url, read_credentials(tmp_path / "t.json")), tmp_path / "copy.db")
    with open_ledger(tmp_path / "copy.db") as copy:
        assert (copy.reader, came.entries) == ("USLAX", copy.standing.seq)
    done = cli("network", "backup", tmp_path / "again.jsonl", "--ledger", app, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "first.jsonl").read_bytes()
    engine = connect(app)
    with pytest.raises(Exception, match=r"must be owner|permission denied"), engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE bodies")
    engine.dispose()


def test_every_variable_that_is_set_is_read_and_told():
    read = {name for place in (ROOT / "src").rglob("*.py") for name in VARIABLE.findall(place.read_text("utf-8"))}
    settings = {"SISTERPORT_SERVER_KEY", "SISTERPORT_BASE_URL", "SISTERPORT_DOMAIN"}  # by their prefix; of the proxy
    page = set(VARIABLE.findall((ROOT / "docs/server.md").read_text("utf-8")))
    for place in ("compose.yaml", "Dockerfile", "deploy/environment.example"):
        for name in VARIABLE.findall((ROOT / place).read_text("utf-8")):
            assert name in read | settings, (place, name)
            assert name in page, (place, name)


def test_what_the_build_copies_is_there():
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert {"src", "pyproject.toml", "README.md", "LICENSE", "NOTICE"} == set(kept)
    assert all((ROOT / name).exists() for name in kept)
    for place in ("deploy/Caddyfile", "deploy/roles.sh"):
        assert f"./{place}:" in (ROOT / "compose.yaml").read_text()
