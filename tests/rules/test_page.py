"""The page docs/rules.md is true: its examples run, and its tables name every function and option that there is."""

import ast
import doctest
import importlib
import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

from sisterport.rules.rule_options import RuleOptions

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/rules.md"
LAWS = (
    "fueleu", "fueleu_balance", "fueleu_fuels", "fueleu_ops", "flexibility", "pooling", "pooling_audit", "ets", "cii",
    "cii_formulas", "cii_years", "netzero", "netzero_targets", "netzero_units", "afir", "at_berth", "china", "norway",
    "scope", "transhipment", "coverage", "prices", "movements", "voyages", "from_mrv", "compliance", "fleet",
)  # fmt: skip
"""Modules whose functions the page has to name."""
HELPERS = {
    "annex2", "fuel_id", "refuse_unknown", "refuse_years", "target_rows", "place", "country_row", "follow", "cii_rows",
}  # fmt: skip
"""Functions of these modules that serve others and are no clause."""


NO_EXAMPLE = {
    "rating_expr",
    "gt_threshold",
    "follow",
    "refuse_years",
    "refuse_unknown",
    "first_day",
    "refuse_before",
    "worst",
}
"""Functions too plain for one, or that only refuse."""


def named() -> set[tuple[str, str]]:
    found = re.findall(r"`(?:sisterport\.)?(\w+)\.(\w+)`", PAGE.read_text(encoding="utf-8"))
    return {(module, name) for module, name in found if module not in {"sisterport", "fleet"} or name != "read_mrv"}


def test_the_examples_print_what_the_page_shows() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("```", "\n\n")  # a fence is no output
    test = doctest.DocTestParser().get_doctest(text, {}, "rules.md", str(PAGE), 0)
    said: list[str] = []
    failed, tried = doctest.DocTestRunner().run(test, out=said.append)
    assert tried > 30
    assert not failed, "".join(said)


def test_every_function_on_the_page_exists() -> None:
    for module, name in sorted(named() - {("sisterport", "rules")}):
        assert hasattr(importlib.import_module(f"sisterport.rules.{module}"), name), f"{module}.{name}"


@pytest.mark.parametrize("module", LAWS)
def test_every_function_of_the_laws_is_on_the_page(module) -> None:
    tree = ast.parse((ROOT / f"src/sisterport/rules/{module}.py").read_text(encoding="utf-8"))
    public = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    assert public
    on_page = {name for _, name in named()}
    assert not [name for name in public if name not in on_page | HELPERS]


def test_the_options_and_defaults_are_those_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", text, flags=re.MULTILINE))
    assert table == {field.name: str(field.default) for field in fields(RuleOptions)}


def test_every_public_function_has_an_example() -> None:
    for file in sorted((ROOT / "src/sisterport/rules").glob("*.py")):
        module = importlib.import_module(f"sisterport.rules.{file.stem}")
        for name, thing in inspect.getmembers(module, inspect.isfunction):
            if thing.__module__ == module.__name__ and not name.startswith("_") and file.stem in LAWS:
                assert ">>>" in (thing.__doc__ or "") or name in NO_EXAMPLE, f"{file.stem}.{name}"
