"""The folder that the steps of ``sisterport shorepower`` fill, made once, and copies of it to spoil."""

import shutil

import pytest

from tests.cli.shore import EXAMPLES, MATCH
from tests.cli.test_cli import cli


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The whole chain on the example registers, run once."""
    place = tmp_path_factory.mktemp("chain")
    steps = (
        MATCH,
        ("coverage", "plugs", "--connections", EXAMPLES / "connections.csv"),
        ("savings", "plugs"),
        ("upgrades", "plugs", "--budget", 3, "--budget", 9),
        ("verify", "plugs"),
    )
    for step in steps:
        done = cli("shorepower", *step, cwd=place)
        assert (done.returncode, done.stderr) == (0, ""), "nothing is drawn on a pipe"
    return place / "plugs"


@pytest.fixture
def chain(made, tmp_path):
    """A copy of it to spoil."""
    shutil.copytree(made, tmp_path / "plugs")
    return tmp_path
