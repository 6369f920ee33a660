"""``sisterport shorepower`` on the example registers: the command, and what its folder holds."""

import contextlib
import hashlib
import io
import sys
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import polars as pl

from sisterport.cli import main

EXAMPLES = Path(__file__).parents[2] / "docs/examples/shorepower"
ATLAS, BOREAS, CLIO, DORIS = (f"imo:{n}" for n in (9999905, 9999917, 9999929, 9999931))
MATCH = (
    "match", "plugs", "--inlets", EXAMPLES / "inlets.csv", "--outlets", EXAMPLES / "outlets.csv",
    "--stays", EXAMPLES / "stays.csv", "--assessments", EXAMPLES / "assessments.csv", "--on", "2026-11-01",
)  # fmt: skip


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def shore(*args, cwd):
    """Run the command in this process: as `cli`, without the time to start."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.chdir(cwd),
        mock.patch.object(sys, "argv", ["sisterport", "shorepower", *map(str, args)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as left:
            code = left.code or 0
    return Done(code, out.getvalue(), err.getvalue())


def good(*args, cwd):
    done = shore(*args, cwd=cwd)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def hashes(folder):
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def frame(made, name):
    return pl.read_parquet(made / f"{name}.parquet")
