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


def test_check_of_results_says_what_it_found_and_fails_only_when_strict(tmp_path):
    path = folder.write(tmp_path)
    sound = cli("check", path, "--strict", cwd=tmp_path)
    assert (sound.returncode, sound.stderr) == (0, "")
    assert "checks made: nothing found" in sound.stdout
    wide = (tmp_path / "positions.csv").read_text().replace(",300.0,43.0", ",300.0,31.0")
    (tmp_path / "positions.csv").write_text(wide)
    loose = cli("check", path, "--results", cwd=tmp_path)
    assert loose.returncode == 0
    assert "warn  length_over_beam" in loose.stdout
    assert "limit: 2 to 8 (secondary" in loose.stdout
    strict = cli("check", path, "--strict", "--json", cwd=tmp_path)
    assert strict.returncode == 1
    (row,) = json.loads(strict.stdout)["findings"]["March 2025"]
    assert (row["check"], row["severity"], row["count"]) == ("length_over_beam", "warn", 1)
    assert not (tmp_path / "out").exists(), "check writes nothing"


def test_an_error_of_the_checks_is_exit_code_1_and_run_still_writes(tmp_path):
    path = folder.write(tmp_path)
    far = (tmp_path / "positions.csv").read_text().replace(",39.", ",59.").replace(",40.", ",60.")
    (tmp_path / "positions.csv").write_text(far)
    done = cli("check", path, "--results", cwd=tmp_path)
    assert done.returncode == 1
    assert "error domain_empty" in done.stdout
    ran = cli("run", path, cwd=tmp_path)
    assert ran.returncode == 0
    assert "1 error" in ran.stdout
    assert "domain_empty" in (tmp_path / "out/march-2025/checks.csv").read_text()
    assert "no segment lies in the domain" in (tmp_path / "out/report.html").read_text()


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
        (("check", "register.csv", "--results"), "for a project file"),
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
