"""The page docs/fuels.md is true: its examples run and print what it shows."""

import doctest
import re
from pathlib import Path

from sisterport import fuels
from sisterport.reference import load

PAGE = Path(__file__).parents[2] / "docs/fuels.md"


def test_the_examples_print_what_the_page_shows() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("```", "\n\n")  # a fence is no output
    test = doctest.DocTestParser().get_doctest(text, {}, "fuels.md", str(PAGE), 0)
    said: list[str] = []
    failed, tried = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(test, out=said.append)
    assert tried > 30
    assert not failed, "".join(said)


def test_the_sizes_on_the_page_are_those_of_the_tables() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "141 production pathways in 20 countries (2,820 rows)" in text
    assert fuels.pathways().height == 2820
    rows = re.findall(r"^\| ((?:`\w+`,? ?)+) \|.*\| ([\d, ]+) rows \|$", text, flags=re.MULTILINE)
    assert len(rows) == 4
    for names, counts in rows:
        found = [str(load(name).height) for name in re.findall(r"`(\w+)`", names)]
        assert ", ".join(found) == counts


def test_every_public_name_has_an_example() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in fuels.__all__:
        thing = getattr(fuels, name)
        assert thing.__doc__, name
        if not isinstance(thing, type):
            assert ">>>" in thing.__doc__ or f"fuels.{name}(" in text, name
