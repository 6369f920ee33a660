"""Shared fixtures: the folder of third-party test files, when it is there."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
REQUIRE_ALL = os.environ.get("SISTERPORT_REQUIRE_ALL") == "1"


# compiling takes longer than hypothesis allows an example, and no test is about time
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Throw compiled code away that is older than any source: a cache only looks at its own file."""
    if hasattr(config, "workerinput"):
        return
    package = ROOT / "src" / "sisterport"
    newest = max(path.stat().st_mtime for path in package.rglob("*.py"))
    for compiled in package.rglob("__pycache__/*.nb[ci]"):
        if compiled.stat().st_mtime < newest:
            compiled.unlink(missing_ok=True)


def missing(reason: str) -> None:
    """Skip, or fail where nothing may be skipped."""
    if REQUIRE_ALL:
        pytest.fail(f"SISTERPORT_REQUIRE_ALL=1, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with data that may be used in tests but not be part of the repository."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        missing("the folder ../shared with third-party test data is absent")
    return folder


@pytest.fixture(scope="session")
def cases() -> Path:
    """Folder of the golden cases."""
    return ROOT / "tests" / "cases"
