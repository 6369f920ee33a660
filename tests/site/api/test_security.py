"""The page on security names tests that are there, for each of the ten risks."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/security.md").read_text("utf-8")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_risk_is_held_by_a_test():
    rows = dict(re.findall(r"^\| (API\d+) (.*)$", PAGE, re.MULTILINE))
    assert list(rows) == [f"API{number}" for number in range(1, 11)]
    for risk, line in rows.items():
        assert _TEST.search(line), risk


def test_every_test_that_is_named_is_there():
    named = set(_TEST.findall(PAGE))
    assert len(named) >= 20
    for file, name in named:
        assert re.search(rf"^def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE), f"{file}::{name}"
