"""What a reader of the pages of shore power relies on."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
import pytest

from sisterport.errors import SchemaError
from sisterport.shorepower.coverage import CLASSES, coverage
from sisterport.shorepower.economics import Finance, economics, three_costs
from sisterport.shorepower.example import frames
from sisterport.shorepower.grades import PRE_SCREEN
from sisterport.shorepower.saving_explained import explain_savings
from sisterport.shorepower.savings import savings
from sisterport.shorepower.upgrades import upgrades
from sisterport.site import parts, shorepower_map, shorepower_match
from sisterport.site.shorepower import coverage_page, match_geojson, match_page, savings_page, upgrades_page
from sisterport.site.shorepower_map import apart
from sisterport.site.shorepower_places import places
from sisterport.site.shorepower_words import GRADE_COLOURS, GRADES
from tests.site import made_up_shore as made
from tests.site.page_reader import Page, stands_alone

EVIL = "<script>alert('1')</script> & \"x\" onload=alert(1)"
FACTS = pl.DataFrame(
    {
        "side": ["ship", "pair", "berth"],
        "ship_id": [f"imo:{made.imo(930000)}", f"imo:{made.imo(930001)}", None],
        "berth_id": [None, "USLAX-1", "USLAX-0"],
        "inlet_id": ["i0", None, None],
        "outlet_id": [None, None, "o"],
        "column": ["has_inlet", "stay_h", "state"],
        "pairs": [3, 1, 2],
        "energy_mwh": [120.0, 40.0, 4.0],
        "pairs_decided": [0, 1, 0],
        "energy_decided_mwh": [0.0, 40.0, 0.0],
    }
)


@pytest.fixture(scope="module")
def world():
    inlets, outlets = made.registers()
    return inlets, outlets, made.verdicts(inlets, outlets), made.stays(inlets, outlets)


@pytest.fixture(scope="module")
def budgets():
    return upgrades(*frames(), budget_musd=[0.0, 4.0, 6.0, 9.0, 13.0])


@pytest.fixture(scope="module")
def written(world, budgets, tmp_path_factory):
    inlets, outlets, verdicts, stays = world
    folder = tmp_path_factory.mktemp("pages")
    saved = savings(stays, outlets=outlets, tariff_usd_per_kwh=0.15)
    cost = economics(
        saved, period_h=5000, price_year=2024, capex_usd=4e6, interest=0.06, years=20, fuel_usd_per_t=800.0, outlets_n=3
    )
    together = pl.DataFrame({"locode": ["AAAAA", "BBBBB"], "alone": [3500.0, 0.0], "together": [3500.0, 4200.0]})
    said = {"title": "Six ports", "notes": [made.SYNTHETIC, "The registers are of May."]}
    match_page(
        folder / "match.html", verdicts=verdicts, inlets=inlets, outlets=outlets, missing=FACTS, on=made.DAY, **said
    )
    coverage_page(folder / "coverage.html", coverage=coverage(stays, verdicts), stays=stays, verdicts=verdicts, **said)
    savings_page(folder / "savings.html", savings=saved, explanation=explain_savings(saved), economics=cost, **said)
    upgrades_page(
        folder / "upgrades.html", results=[budgets[2]], frontier=budgets, cooperation=together, price_year=2024,
        survival=["The plan stays the same at low and at high cost."], **said,
    )  # fmt: skip
    return {path.stem: (Page.read(path), path.read_text("utf-8")) for path in folder.glob("*.html")}


PAGES = ("match", "coverage", "savings", "upgrades")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_well_formed_and_needs_nothing_else(written, name):
    stands_alone(*written[name])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_is_not_and_that_its_data_are_made_up(written, name):
    text = written[name][1]
    assert PRE_SCREEN in text
    assert f'<div class="synthetic" role="note">{made.SYNTHETIC}</div>' in text
    assert "<li>The registers are of May.</li>" in text


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_has_words_and_a_table_beside_it(written, name):
    text = written[name][1]
    pictures = list(re.finditer(r'<svg [^>]*role="img" aria-label="([^"]+)"', text))
    assert pictures
    for found in pictures:
        assert "table" in found[1]
        section = text[found.start() :].split("</section>")[0]
        later = text[found.start() :]
        assert "<table" in section or later.index("<table") < 40_000


def cells(page, caption):
    head, *rows = page.tables[caption]
    return [dict(zip(head, row, strict=True)) for row in rows]


def plain(text):
    return int(re.sub(r"\D", "", text) or 0)


def test_counts_by_class_are_those_of_the_verdicts(written, world):
    inlets, _, verdicts, _ = world
    shown = cells(written["match"][0], "Pairs of ship and berth by ship class and grade")
    classes = dict(zip(("imo:" + inlets["imo"].cast(pl.String)).to_list(), inlets["ship_class"], strict=True))
    words = {"container": "Container ship", "cruise": "Cruise ship", "ro_ro": "Ro-ro ship"}
    for kind, word in words.items():
        own = [row for row in verdicts.to_dicts() if classes[row["ship_id"]] == kind]
        row = next(r for r in shown if r["Ship class"] == word)
        assert plain(row["Pairs"]) == len(own)
        assert plain(row["Undecided"]) == sum(r["best"] != r["worst"] for r in own)
        for grade, name in GRADES.items():
            count = sum(r["best"] == r["worst"] == grade for r in own)
            if grade is not None:
                assert plain(row.get(f"{name} grade {grade}", "0")) == count
    assert plain(shown[-1]["Pairs"]) == verdicts.height


def test_the_matrix_fills_each_cell_in_proportion(world):
    inlets, outlets, verdicts, _ = world
    tally = shorepower_match.tallied(verdicts, shorepower_match._fleet(inlets, None))
    found = shorepower_match.placed(tally, places(outlets))
    assert found.level == "terminal"
    assert found.rows["place"].n_unique() == 12
    assert found.rows["pairs"].sum() == verdicts.height
    long = shorepower_match._long(found.rows, ["class", "place"])
    sums = long.group_by("class", "place").agg(pl.col("share").sum())
    assert sums["share"].to_list() == pytest.approx([1.0] * found.rows.height)
    assert set(long["grade"]) <= set(GRADE_COLOURS)


def test_many_ports_are_drawn_as_twelve_and_no_pair_is_lost():
    outlets = pl.DataFrame({"berth_id": [f"b{i}" for i in range(40)]})
    rows = outlets.with_columns(
        outlet_id="berth_id", locode=pl.lit("USLAX"), terminal="berth_id", lat_deg=None, lon_deg=None
    )
    where = places(rows)
    where = replace(where, frame=where.frame.with_columns(port_name=pl.format("port {}", "berth_id")))
    row = {"ship_id": "imo:1", "best": 0, "worst": 6}
    verdicts = pl.DataFrame([row | {"berth_id": f"b{i % 40}"} for i in range(100)])
    fleet = pl.DataFrame({"ship_id": ["imo:1"], "ship_class": ["container"]})
    found = shorepower_match.placed(shorepower_match.tallied(verdicts, fleet), where)
    assert found.level == "port"
    assert found.rows["place"].n_unique() == shorepower_match.MOST_COLUMNS
    assert found.rows["pairs"].sum() == 100
    assert found.rows.filter(place="29 more")["pairs"].item() > 0


def test_checks_are_counted_from_the_masks(written, world):
    verdicts = world[2]
    shown = cells(written["match"][0], "Answers to the 13 checks, in pairs")
    assert len(shown) == 13
    for k, row in enumerate(shown):
        for word, column in (("Yes", "checks_true"), ("No", "checks_false"), ("Not known", "checks_unknown")):
            assert plain(row[word]) == sum(mask >> k & 1 for mask in verdicts[column])


def test_facts_are_questions_with_names(written):
    shown = cells(written["match"][0], "Missing facts one by one, those worth most first")
    assert [row["Question"] for row in shown] == [
        "Has the ship an inlet?",
        "How long is the stay?",
        "Is there an outlet in service?",
    ]
    assert shown[0]["Whom it is about"] == "MADE UP 0"
    assert shown[1]["Whom it is about"] == "MADE UP 1 at USLAX-1"


def test_geojson_holds_every_pair_once(world, tmp_path):
    _, outlets, verdicts, _ = world
    path = match_geojson(tmp_path / "berths.geojson", verdicts=verdicts, outlets=outlets)
    features = json.loads(path.read_text("utf-8"))["features"]
    assert len(features) == outlets["berth_id"].n_unique()
    keys = [*(f"grade_{g}" for g in range(7)), "undecided"]
    assert sum(f["properties"][key] for f in features for key in keys) == verdicts.height
    first = features[0]
    assert first["geometry"]["type"] == "Point"
    assert first["properties"]["position_from"] == "port"


def test_a_berth_that_is_drawn_stands_where_it_is_drawn(world, tmp_path):
    _, outlets, verdicts, _ = world
    ring = [[121.0, 31.0], [121.2, 31.0], [121.2, 31.2], [121.0, 31.2], [121.0, 31.0]]
    own = {"area_id": "CNSGH-0", "kind": "berth", "name": "Quay 7", "locode": "CNSGH", "parent": None}
    areas = {"features": [{"properties": own, "geometry": {"type": "Polygon", "coordinates": [ring]}}]}
    path = match_geojson(tmp_path / "b.geojson", verdicts=verdicts, outlets=outlets, areas=areas)
    features = json.loads(path.read_text("utf-8"))["features"]
    found = next(f for f in features if f["properties"]["berth_id"] == "CNSGH-0")
    assert found["geometry"]["coordinates"] == pytest.approx([121.1, 31.1])
    assert found["properties"]["position_from"] == "area"


def test_the_map_shows_berths_and_terminals_as_they_are_drawn(world, tmp_path):
    """A square of 0.2 degrees at the berth, coloured as most of its pairs; a terminal around; no pair, no fill."""
    inlets, outlets, verdicts, _ = world
    here = verdicts.filter(berth_id="CNSGH-0")
    shapes = {"CNSGH-0": ("berth", 0.1), "CNSGH-T": ("terminal", 0.2), "CNSGH-9": ("berth", 0.05)}
    features = []
    for name, (kind, half) in shapes.items():
        west, east, south, north = 121 - half, 121 + half, 31 - half, 31 + half
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        own = {"area_id": name, "kind": kind, "name": name, "locode": "CNSGH", "parent": None}
        features.append({"properties": own, "geometry": {"type": "Polygon", "coordinates": [ring]}})
    page = tmp_path / "m.html"
    given = {"verdicts": here, "inlets": inlets, "outlets": outlets.filter(berth_id="CNSGH-0"), "on": made.DAY}
    match_page(page, **given, title="T", areas={"features": features})
    text = page.read_text("utf-8")
    (drawn,) = re.findall(r'<path class="m-berth" fill="([^"]+)" d="([^"]+)"', text)
    counted = shorepower_map.counts(here).row(0, named=True)
    keys = [*(str(g) for g in range(7)), "undecided"]
    most = max(keys, key=lambda key: counted[key])
    assert drawn[0] == GRADE_COLOURS[GRADES[int(most)] if most.isdigit() else "Undecided"]
    assert drawn[1].count("M") == 1, "one berth has pairs"
    corners = [tuple(map(float, point.split())) for point in re.split("[ML]", drawn[1].strip("z"))[1:]]
    around = re.search(r'<path class="m-terminal" d="([^"]+)"', text).group(1)
    outer = [tuple(map(float, point.split())) for point in re.split("[ML]", around.strip("z"))[1:]]
    for axis in (0, 1):
        inside, outside = ([point[axis] for point in ring] for ring in (corners, outer))
        assert min(outside) < min(inside) < max(inside) < max(outside)
        assert max(outside) - min(outside) == pytest.approx(2 * (max(inside) - min(inside)), rel=0.01)
    match_page(page, **given, title="T")
    assert "m-berth" not in page.read_text("utf-8").split("</style>")[1]


def test_the_plan_shows_what_it_costs_and_what_agreements_add(budgets, tmp_path):
    row = {"budget_musd": 6.0, "agreement_id": "sixty", "ports": "DEHAM+SEGOT", "builds": 2, "cost_musd": 2.5}
    agreed = pl.DataFrame([
        row | {"in_plan": True, "value": 70.0, "value_without": 60.0, "value_if_made": 70.0, "dearer_musd": -0.5},
        row | {"agreement_id": "fifty", "in_plan": False, "value": 70.0, "value_without": 60.0}
        | {"value_if_made": 45.0, "dearer_musd": -0.5},
    ])  # fmt: skip
    stay = pl.DataFrame({
        "stay_id": ["a"], "imo": [9074729], "locode": ["NOOSL"], "berth_id": ["b"], "hours": [24.0],
        "start_utc": [datetime(2024, 5, 1, tzinfo=UTC)], "end_utc": [datetime(2024, 5, 2, tzinfo=UTC)],
        "aux_mwh": [24.0], "aux_fuel_t": [5.2], "aux_co2_t": [16.7],
    })  # fmt: skip
    costs = three_costs(
        savings(stay, tariff_usd_per_kwh=0.1), capex_usd={"low": 1e6, "mid": 2e6, "high": 4e6}, period_h=73,
        price_year=2023, finance=Finance(interest=0.06, years=20, fuel_usd_per_t=700.0),
    ).select(pl.lit(6.0).alias("budget_musd"), pl.all())  # fmt: skip
    path = upgrades_page(tmp_path / "u.html", results=budgets[2], title="T", agreements=agreed, economics=costs)
    page = Page.read(path)
    shown = cells(page, "Agreements beside separate choices")
    assert [r["In the plan"] for r in shown] == ["yes", "no"]
    assert [r["More if it is made t CO₂e a year"] for r in shown] == ["10.0", "\u221215.0"]
    assert "Hamburg (DEHAM)" in shown[0]["Ports"]
    table = cells(page, "Cost of savings, scaled to a year, prices of 2023")
    assert [r["Costs"] for r in table] == ["low", "middle", "high"]
    assert [float(r["Cost USD/kWh"]) for r in table] == pytest.approx(costs["cost_usd_per_kwh"].to_list(), abs=5e-4)
    assert "What is missing" not in table[0]


def test_circles_of_one_place_do_not_cover_each_other():
    spots = apart([(100.0, 100.0)] * 6, [12.0] * 6, width=400, height=300)
    for i, (x, y) in enumerate(spots):
        assert 0 < x < 400
        assert 0 < y < 300
        for other in spots[:i]:
            assert ((x - other[0]) ** 2 + (y - other[1]) ** 2) ** 0.5 > 23.0


def test_coverage_in_the_table_is_that_of_the_frame(written, world):
    _, _, verdicts, stays = world
    frame = coverage(stays, verdicts)
    shown = {row["Group"]: row for row in cells(written["coverage"][0], "Coverage by stays")}
    for row in frame.iter_rows(named=True):
        found = next(r for name, r in shown.items() if f"({row['locode']})" in name)
        assert plain(found["Stays"]) == row["stays"]
        assert found["Did connect"] == (
            "\u2013" if row["did_stays"] is None else f"{row['did_stays']:.0%}".replace("%", " %")
        )
    assert sum(frame[f"{name}_stays"][0] for name in CLASSES) == pytest.approx(1.0)


def test_no_record_is_said_to_be_no_record(world, tmp_path):
    stays = world[3].with_columns(pl.lit(None, pl.Float64).alias("connected_mwh"))
    path = coverage_page(tmp_path / "c.html", coverage=coverage(stays), stays=stays, title="T")
    text = path.read_text("utf-8")
    assert "No record was given: not known." in text


def test_savings_add_up_and_name_their_price_year(written, world):
    _, outlets, _, stays = world
    saved = savings(stays, outlets=outlets, tariff_usd_per_kwh=0.15)
    page, text = written["savings"]
    values = page.values["Savings by port"]
    assert values[-1][3] == pytest.approx(saved["energy_mwh"].sum(), rel=1e-6)
    assert sum(row[3] for row in values[1:-1]) == pytest.approx(values[-1][3], rel=1e-6)
    assert "All money in USD of 2024." in text
    assert "time to connect" in text  # a default, and the page says so


def test_a_dirty_grid_is_said_to_cost(world, tmp_path):
    outlets = world[1].with_columns(ef_grid_t_per_mwh=pl.lit(0.95))
    saved = savings(world[3], outlets=outlets)
    text = savings_page(tmp_path / "s.html", savings=saved, title="T").read_text("utf-8")
    assert "net of the grid&#39;s electricity that costs" in text


def test_every_plan_has_its_bound_and_gap(written, budgets):
    shown = cells(written["upgrades"][0], "Plans by budget, each with its bound")
    assert len(shown) == len(budgets)
    for row, plan in zip(shown, budgets, strict=True):
        assert plain(row["Saved t CO₂e a year"]) == round(plan.value)
        assert plain(row["No plan can save more than t CO₂e a year"]) == round(plan.bound)
        assert plan.bound >= plan.value
        assert row["Gap"] == "0 %"
    text = written["upgrades"][1]
    assert "The plan stays the same at low and at high cost." in text
    assert "Costs are in USD of 2024." in text


def test_cooperation_is_told_in_a_sentence(written):
    text = written["upgrades"][1]
    assert "together they save 7\u202f700: 4\u202f200 more (120\u202f%)" in text


def test_a_price_year_that_is_not_known_is_said(budgets, tmp_path):
    text = upgrades_page(tmp_path / "u.html", results=budgets[2], title="T").read_text("utf-8")
    assert "the price year is not known" in text
    assert "Plans of single ports were not computed" in text


def test_faults_of_what_is_given_are_named(budgets, tmp_path):
    other = upgrades(*frames(), budget_musd=6.0, objective="energy_mwh")
    with pytest.raises(SchemaError, match="different objectives"):
        upgrades_page(tmp_path / "u.html", results=[budgets[1], other], title="T")
    with pytest.raises(SchemaError, match="'alone' missing"):
        upgrades_page(tmp_path / "u.html", results=budgets[1], cooperation=pl.DataFrame({"locode": ["A"]}), title="T")
    assert not list(tmp_path.iterdir())


def test_markup_in_names_is_text(world, tmp_path):
    inlets, outlets, verdicts, _ = world
    inlets = inlets.with_columns(name=pl.lit(EVIL))
    outlets = outlets.with_columns(terminal=pl.lit(EVIL))
    path = match_page(
        tmp_path / "m.html", verdicts=verdicts, inlets=inlets, outlets=outlets, missing=FACTS, on=made.DAY,
        title=EVIL, notes=[EVIL],
    )  # fmt: skip
    page = Page.read(path)
    assert page.faults == []
    assert "script" not in page.tags
    assert page.loads == []


def test_the_old_page_stays_whole_if_the_new_one_fails(world, tmp_path, monkeypatch):
    inlets, outlets, verdicts, _ = world
    path = tmp_path / "m.html"
    path.write_text("old", encoding="utf-8")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parts.Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        match_page(path, verdicts=verdicts, inlets=inlets, outlets=outlets, on=made.DAY, title="T")
    assert path.read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["m.html"]


def test_the_same_input_gives_the_same_page(world, tmp_path):
    inlets, outlets, verdicts, _ = world
    options = {"verdicts": verdicts, "inlets": inlets, "outlets": outlets, "on": date(2026, 11, 1), "title": "T"}
    first, second = (match_page(tmp_path / f"{i}.html", **options).read_text("utf-8") for i in (1, 2))
    assert first == second


def test_grades_are_graduated_and_undecided_is_a_colour_of_its_own():
    colours = list(GRADE_COLOURS.values())
    assert len(set(colours)) == len(colours) == 8
