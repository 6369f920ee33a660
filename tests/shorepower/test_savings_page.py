"""The page on savings is true: its examples print what it shows."""

import doctest

from tests.conftest import ROOT


def test_the_examples_of_the_page():
    done = doctest.testfile(str(ROOT / "docs/shorepower_savings.md"), module_relative=False)
    assert done.attempted > 15
    assert done.failed == 0
