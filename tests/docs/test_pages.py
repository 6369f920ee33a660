"""The pages are true: commands print what they show, generated pages are up to date, nothing is undocumented."""

import importlib.util
import shutil
from pathlib import Path

import pytest

import sisterport
from sisterport import tables
from sisterport.inventory.checks import checks_page
from tests.docs.console import commands, run, same

ROOT = Path(__file__).parents[2]
SHORE = [f"shorepower {name}" for name in ("registers", "match", "coverage", "savings", "upgrades", "verify")]
RULES = [f"rules {name}" for name in ("check", "fueleu", "ets", "cii", "netzero", "at-berth")]
CORRIDOR = [f"corridor {name}" for name in ("new", "check", "baseline", "reach", "plan", "verify", "compare")]
NETWORK = [
    f"network {name}"
    for name in (
        "ports", "corridors", "init", "join", "admit", "commit", "submit", "approve", "publish", "indicator",
        "progress", "evidence", "pull", "push", "token", "head", "export",
        "verify",
    )
]  # fmt: skip
BERTHS = [f"berths {name}" for name in ("plan", "replan", "verify", "simulate", "report", "solve", "front", "rotate")]
FUELS = ("fuels show", "fuels compare", "fuels supply")


PAGES = ("commands", "shorepower", "corridor", "network", "berths", "server")


@pytest.mark.parametrize("page", PAGES)
def test_commands_print_what_the_page_shows(page, tmp_path):
    shown = commands(ROOT / f"docs/{page}.md")
    assert shown
    shutil.copytree(ROOT / "docs/examples", tmp_path / "docs/examples")  # a page is read in a checkout
    for command, expected in shown:
        _, got = run(command, tmp_path)
        assert same(expected, got), f"$ {command}\n--- page\n{expected}--- got\n{got}"


def test_every_command_is_on_the_page():
    text = "".join((ROOT / f"docs/{page}.md").read_text() for page in PAGES)
    for name in (
        "demo",
        "new",
        "run",
        "inventory",
        "calls",
        "explain",
        "check",
        "ais ingest",
        "serve",
        *SHORE,
        *RULES,
        *FUELS,
        *CORRIDOR,
        *BERTHS,
        *NETWORK,
    ):
        assert f"$ sisterport {name}" in text


def test_every_public_function_has_an_example_or_is_on_a_page():
    pages = "".join(p.read_text() for p in (ROOT / "docs").glob("*.md")) + (ROOT / "README.md").read_text()
    for name in sisterport.__all__[1:]:
        assert ">>>" in (getattr(sisterport, name).__doc__ or "") or f"sp.{name}(" in pages, name


def test_nomenclature_is_up_to_date():
    assert (ROOT / "docs/nomenclature.md").read_text() == tables.nomenclature(), "run make docs"


def test_checks_page_is_up_to_date():
    assert (ROOT / "docs/checks.md").read_text() == checks_page(), "run make docs"


def test_reference_page_is_up_to_date():
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "tools/build_docs.py")
    build_docs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build_docs)
    assert (ROOT / "docs/reference.md").read_text() == build_docs.reference_page(), "run make docs"
