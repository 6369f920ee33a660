"""What a reader of the pages of a corridor relies on."""

import re
from dataclasses import replace
from itertools import pairwise

import polars as pl
import pytest

from sisterport.corridor.baseline import baseline, totals
from sisterport.corridor.examples import example
from sisterport.corridor.reach import reach, served
from sisterport.project.corridor_compare import compare_files
from sisterport.project.corridor_plan import plan_files, shown_of
from sisterport.site.corridor import baseline_page, plan_page, reach_page
from sisterport.site.corridor_map import flow_map
from sisterport.site.corridor_parts import NO_PROMISE
from sisterport.site.corridor_plan import actions
from sisterport.site.corridor_words import fuel_colours, port_name
from tests.corridor import small
from tests.site.page_reader import Page

EVIL = "<script>alert('1')</script> & \"x\" onload=alert(1)"
PAGES = ("baseline", "reach", "plan", "compare")


@pytest.fixture(scope="module")
def evil():
    """The example with names that no page may run."""
    scenario = example("shanghai-los-angeles")
    services = tuple(
        replace(service, name=f"{service.name} {EVIL}", carrier=f"{service.id} {EVIL}") for service in scenario.services
    )
    return replace(scenario, name=f"A corridor {EVIL}", note=EVIL, services=services)


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "small.toml"
    path.write_text(small.text(futures=True), "utf-8")
    return plan_files(path, gap=0.01, first_years=2)


@pytest.fixture(scope="module")
def written(evil, planned, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    others = {name: baseline(evil, boundary=name) for name in ("direct", "cargo")}
    baseline_page(folder / "baseline.html", rows=baseline(evil), scenario=evil, others=others)
    reach_page(folder / "reach.html", reach=reach(evil), served=served(evil), scenario=evil)
    shown = replace(shown_of(planned), scenario=replace(planned.scenario, name=EVIL, note=EVIL))
    plan_page(folder / "plan.html", shown=shown)
    for name, cut in (("one", "0.45"), ("two", "0.5")):
        (folder / f"{name}.toml").write_text(small.text(cuts=f"cut = {{ 2030 = {cut} }}"), "utf-8")
    compare_files(folder / "one.toml", folder / "two.toml", to=folder, gap=0.01)
    return {path.stem: (Page.read(path), path.read_text("utf-8")) for path in folder.glob("*.html")}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_well_formed_and_needs_nothing_else(written, name):
    page, text = written[name]
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert page.loads == []
    assert "script" not in page.tags
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(page.ids)
    assert len(text.encode()) < 400_000


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_is_not(written, name):
    text = written[name][1]
    assert NO_PROMISE in text
    assert '<div class="synthetic" role="note">Assumed: the services are representative.' in text


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_has_words_and_a_table_beside_it(written, name):
    text = written[name][1]
    pictures = list(re.finditer(r'<svg [^>]*role="img" aria-label="([^"]+)"', text))
    assert pictures
    for found in pictures:
        assert "table" in found[1]
        assert "<table" in text[found.start() :].split("</section>")[0]


@pytest.mark.parametrize("name", ["baseline", "reach", "plan"])
def test_guesses_and_sources_are_named(written, name):
    page = written[name][0]
    guessed = dict(row for row in page.tables["Guessed values, as the scenario marks them"][1:])
    assert guessed["targets"] == "cut"
    assert any("C40 Cities" in row[1] for row in page.tables["Sources that the scenario names"])
    assert len(page.tables["Reference tables used, and the number of rows by status"]) > 3


def test_totals_of_the_baseline_with_their_boundary(written, evil):
    page, text = written["baseline"]
    rows = page.tables["Totals of a year by boundary"]
    assert [row[0] for row in rows[1:]] == ["direct", "string", "cargo"]
    values = page.values["A year by leg and port, boundary string"]
    whole = totals(baseline(evil)).row(0, named=True)
    assert values[-1][-2] == pytest.approx(whole["co2e_wtw_t_per_year"] / 1e3)
    assert sum(row[-2] for row in values[1:-1]) == pytest.approx(whole["co2e_wtw_t_per_year"] / 1e3)
    assert text.count("boundary string") >= 5


def test_shares_of_reach(written, evil):
    rows = {
        row[0]: row[1:]
        for row in written["reach"][0].tables["What each fuel can serve, of all that is sailed in a year"][1:]
    }
    shares = reach(evil).filter(fuel="compressed_hydrogen", way="tanks_today").row(0, named=True)
    assert rows["Hydrogen, compressed"][0].removesuffix("%").strip() == f"{100 * shares['voyages_share']:.0f}"
    assert rows["LNG"] == ["100\u2009%".replace("\u2009", " ")] * 8 or all("100" in cell for cell in rows["LNG"])


def test_the_plan_in_words_and_numbers(written, planned):
    page, text = written["plan"]
    s = planned.summary
    assert f"{100 * s['gap']:.2f}\u202f%" in text
    table = page.values["Present value by item, beside today's way"]
    assert table[-1][1] == pytest.approx(s["cost_musd"])
    assert table[-1][3] == pytest.approx(s["more_musd"], abs=1e-3)
    paid = page.values["What each pays over all years, present value"]
    assert sum(row[-2] for row in paid[1:]) == pytest.approx(s["cost_musd"])
    assert sum(row[-1] for row in paid[1:]) == pytest.approx(s["more_musd"], abs=1e-3)
    ordered = page.values["Ships ordered, by periods"]
    assert ordered[-1][-2] == s["ships_ordered"]


def test_a_manager_finds_every_decision(written, planned):
    rows = written["plan"][0].tables["Decisions of the plan, year by year"]
    assert len(rows) - 1 == actions(shown_of(planned)).height
    said = " ".join(cell for row in rows for cell in row)
    assert "opens bunkering of methanol" in said
    assert "bunkered for the first time" in said
    assert [int(row[0]) for row in rows[1:]] == sorted(int(row[0]) for row in rows[1:])
    layout = written["plan"][0].tables["The layout: fuels other than vlsfo by port and year, kt a year"]
    assert any(row[:2] == ["Shanghai", "e-methanol"] or row[:2] == ["Shanghai", "bio-methanol"] for row in layout)


def test_what_a_little_more_is_worth(written, planned):
    page = written["plan"][0]
    rows = {row[0]: row for row in page.tables["Targets, promises and supply, in money of the year"]}
    assert "The last tonne of the cut" in rows
    values = dict(zip([row[0] for row in page.tables["Targets, promises and supply, in money of the year"]],
                      page.values["Targets, promises and supply, in money of the year"], strict=True))  # fmt: skip
    true = planned.tables["marginal"].filter(kind="target")
    assert values["The last tonne of the cut"][-2] == pytest.approx(true["value"].max(), rel=0.005)
    assert values["The last tonne of the cut"][-1] == true.height


def test_every_proposal_is_told_with_its_years(written, planned):
    rows = written["plan"][0].tables["Proposals by port, carrier and corridor"]
    amounts = sum(cell != "\u2013" for row in rows[1:] for cell in row[2:-2])
    assert amounts == planned.tables["proposals"].height
    first = planned.tables["proposals"].row(0, named=True)
    column = rows[0].index(f"End of {first['due'][:4]}")
    assert any(row[0] == first["by"] and row[column] and row[column] in first["text"] for row in rows[1:])


def test_futures_and_their_regret(written, planned):
    assert planned.futures is not None
    rows = written["plan"][0].tables["Regret: what first decisions cost in a future beyond those made for it"]
    assert rows[0][0] == "First decisions made for"
    assert len(rows[0]) == 2 + len(planned.futures.names)
    assert "made for every future" in written["plan"][1]
    assert not any("shore power open at USLAX" in row[0] for row in written["plan"][0].tables["Decisions up to 2027"])


def test_transfers_are_told(written):
    text = written["plan"][1]
    assert "40\u202f% of fuel of carrier A is paid by cargo owners." in text


def test_two_plans(written):
    page, text = written["compare"]
    assert "The scenarios differ in 1 values." in text
    assert page.tables["Values of the two files; a dash: not in the file"][1] == ["targets.cut.2030", "0.45", "0.5"]
    assert "Fuel burnt by year: one" in text
    assert "Fuel burnt by year: two" in text


def test_the_map_lies_across_the_date_line():
    figure = flow_map(
        {("CNSGH", "USLAX"): 2.0, ("USLAX", "CNSGH"): 1.0, ("KRPUS", "USLAX"): 1.0},
        name="m",
        title="T",
        says="S",
        unit="t",
    )
    text = str(figure.svg)
    places = {name: float(x) for x, name in re.findall(r'<text class="m-label" x="([\d.]+)"[^>]*>([^<]+)<', text)}
    assert places["Shanghai"] < places["Busan"] < places["Los Angeles"]
    lines = re.findall(r'stroke-width="([\d.]+)"[^>]* d="M([\d.L -]+)"', text)
    assert len(lines) == 2  # both ways are one
    assert float(lines[0][0]) == pytest.approx(3 * float(lines[1][0]), rel=0.05)
    for _, path in lines:
        xs = [float(point.split()[0]) for point in path.split("L")]
        assert max(abs(a - b) for a, b in pairwise(xs)) < 60  # no line back across the world
    assert 'fill="#e3e0d8"' in text


def test_the_map_of_europe_and_of_nowhere():
    assert flow_map({("CNSGH", "DEHAM"): 1.0}, name="m", title="T", says="S", unit="t") is not None
    assert flow_map({("XXXXX", "YYYYY"): 1.0}, name="m", title="T", says="S", unit="t") is None
    assert flow_map({}, name="m", title="T", says="S", unit="t") is None


def test_every_fuel_has_a_colour_of_its_own():
    for name in ("shanghai-los-angeles", "singapore-los-angeles", "shanghai-hamburg"):
        colours = fuel_colours(example(name).fuels)
        assert len(set(colours.values())) == len(colours)


def test_names_of_ports():
    assert [port_name(code) for code in ("CNQIN", "JPYOK", "USDUT")] == ["Qingdao", "Yokohama", "Dutch Harbor"]
    assert pl.Series([port_name("ZZZZZ")])[0] == "ZZZZZ"
