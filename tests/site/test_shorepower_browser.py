"""The pages of shore power in a real Chromium, without a network: on a desk and on a phone, and printed."""

import json
import re

import pytest

from sisterport.shorepower.coverage import coverage
from sisterport.shorepower.example import frames
from sisterport.shorepower.saving_explained import explain_savings
from sisterport.shorepower.savings import savings
from sisterport.shorepower.upgrades import upgrades
from sisterport.site.shorepower import coverage_page, match_page, savings_page, upgrades_page
from tests.site import made_up_shore as made
from tests.site.test_browser import PROBE, run

SECTIONS = {
    "match": {"summary", "classes", "matrix", "checks", "map"},
    "coverage": {"summary", "bars", "numbers", "data", "fixes", "stays"},
    "savings": {"summary", "ports", "air", "classes", "lost", "terms", "explained"},
    "upgrades": {"summary", "frontier", "plan-1", "ports"},
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    inlets, outlets = made.registers(ships=30, per_port=4)
    verdicts, stays = made.verdicts(inlets, outlets), made.stays(inlets, outlets, count=120)
    saved = savings(stays, outlets=outlets)
    plans = upgrades(*frames(), budget_musd=[0.0, 4.0, 6.0, 9.0])
    said = {"title": "Six ports", "notes": [made.SYNTHETIC]}
    return {
        "match": match_page(
            folder / "match.html", verdicts=verdicts, inlets=inlets, outlets=outlets, on=made.DAY, **said
        ),
        "coverage": coverage_page(
            folder / "coverage.html", coverage=coverage(stays, verdicts), stays=stays, verdicts=verdicts, **said
        ),
        "savings": savings_page(folder / "savings.html", savings=saved, explanation=explain_savings(saved), **said),
        "upgrades": upgrades_page(folder / "upgrades.html", results=plans[2], frontier=plans, price_year=2024, **said),
    }


@pytest.mark.browser
@pytest.mark.parametrize("width", [1200, 400])
@pytest.mark.parametrize("name", list(SECTIONS))
def test_a_page_shows_all_without_errors_requests_or_overflow(pages, tmp_path, name, width):
    probed = tmp_path / "probed.html"
    probed.write_text(pages[name].read_text("utf-8").replace("<head>", "<head>" + PROBE), "utf-8")
    done = run(probed, tmp_path / "profile", "--dump-dom", f"--window-size={width},2000")
    found = re.search(rb'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr.decode()[-2000:]
    seen = json.loads(found[1].decode().replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&"))
    assert seen["errors"] == []
    assert seen["resources"] == []
    assert seen["wide"] == []
    assert seen["charts"] == seen["svgs"] >= 1
    assert set(seen["sections"]) >= SECTIONS[name]
    assert b"CONSOLE" not in done.stderr


@pytest.mark.browser
def test_a_page_prints_on_a4(pages, tmp_path):
    pdf = tmp_path / "page.pdf"
    run(pages["match"], tmp_path / "profile", "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf.read_bytes())
    assert 2 < len(boxes) < 12
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
