"""The command line as a user meets it: exit codes, messages, JSON, quiet pipes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import folder

COMMAND = Path(sys.executable).parent / "sisterport"


def cli(*args, cwd):
    return subprocess.run([str(COMMAND), *map(str, args)], cwd=cwd, capture_output=True, text=True, check=False)


def test_run_writes_the_report_and_says_so(tmp_path):
    done = cli("run", folder.write(tmp_path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "ocean going: 1 ships" in done.stdout
    assert "open report.html" in done.stdout
    assert done.stderr == "", "nothing is drawn on a pipe"
    assert (tmp_path / "out/report.html").is_file()


def test_json_can_be_read(tmp_path):
    path = folder.write(tmp_path)
    by_mode = json.loads(cli("inventory", path, "--by", "mode", "--json", cwd=tmp_path).stdout)
    assert {row["mode"] for row in by_mode["March 2025"]} == {"berth", "anchorage", "manoeuvring", "cruise"}
    calls = json.loads(cli("calls", path, "--json", cwd=tmp_path).stdout)
    assert {row["mmsi"] for row in calls["March 2025"]} == {folder.CONTAINER, folder.TUG}
    done = json.loads(cli("run", path, "--json", cwd=tmp_path).stdout)
    assert {row["group"]: row["ships"] for row in done["headlines"]} == {"harbour_craft": 1, "ocean_going": 1}


def test_new_does_not_overwrite(tmp_path):
    assert cli("new", "p.toml", cwd=tmp_path).returncode == 0
    again = cli("new", "p.toml", cwd=tmp_path)
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_ingest_then_check(tmp_path):
    folder.write(tmp_path)
    done = cli("ais", "ingest", "positions.csv", "--to", "store", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ships"] == 2
    assert "2 ships" in cli("check", "project.toml", cwd=tmp_path).stdout
    assert "fit table register" in cli("check", "register.csv", "--table", "register", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "positions.csv"),
        (b"<html><body>504 Gateway Time-out</body></html>", "positions.csv"),
        (b"a;b;c\n1;2;3\n", "column"),
        (b"mmsi,time,lat,lon\nship,yesterday,north,west\n", "positions.csv"),
    ],
)
def test_garbage_is_one_clear_error_and_exit_code_2(tmp_path, content, says):
    path = folder.write(tmp_path)
    (tmp_path / "positions.csv").write_bytes(content)
    for args in (("run", path), ("ais", "ingest", "positions.csv", "--to", "store")):
        done = cli(*args, cwd=tmp_path)
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("error: ")
        assert "Traceback" not in done.stderr
        assert says in done.stderr
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("run", "none.toml"), "no such file"),
        (("check", "register.csv"), "which table"),
        (("check", "register.csv", "--table", "registr"), "did you mean 'register'"),
        (("inventory", "project.toml", "--by", "mod"), "did you mean 'mode'"),
        (("ais", "ingest", "positions.csv", "--to", "s", "--column", "when"), "name=ours"),
    ],
)
def test_wrong_words_are_explained(tmp_path, args, says):
    folder.write(tmp_path)
    done = cli(*args, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
