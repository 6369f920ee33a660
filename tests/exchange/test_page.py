"""The page docs/exchange.md is true: its examples run and print what it shows."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/exchange.md"


def test_the_examples_run():
    done = doctest.testfile(str(PAGE), module_relative=False)
    assert done.failed == 0
    assert done.attempted > 25
