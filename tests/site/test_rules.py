"""What a reader of the pages of the rules relies on."""

import re

import polars as pl
import pytest

from sisterport.project.compliance_burnt import burnt, intensity
from sisterport.project.compliance_single import cii_rating, ets_costs, fueleu, net_zero
from sisterport.rules.at_berth import visits
from sisterport.rules.compliance import compliance
from sisterport.rules.fleet import Switch, fleet_account, fleet_changes
from sisterport.rules.rule_options import RuleOptions
from sisterport.rules.voyages import read_movements
from sisterport.site.rules import at_berth_page, check_page, ship_page
from sisterport.site.rules_check import limits
from sisterport.site.rules_parts import NO_ADVICE
from sisterport.site.rules_sums import outcomes, ships, sums
from sisterport.site.rules_tables import MOST_ROWS
from tests.rules import made_up
from tests.site.page_reader import Page, stands_alone

EVIL = "<script>alert('1')</script> & \"x\" onload=alert(1)"
NOTES = ["Made up: all of it, for a test.", "The voyages are of May."]
IMOS = (9_074_729, 9_241_061, 9_321_483)


@pytest.fixture(scope="module")
def movements():
    """Ships on oil, methanol and gas; one has a name that no page may run."""
    rows = [
        made_up.voyage("1", "SGSIN", "NLRTM", 0, "HFO", 1000.0, name=EVIL),
        made_up.voyage("2", "NLRTM", None, 4, "HFO", 100.0, name=EVIL),
        made_up.voyage("3", "DEHAM", "SEGOT", 0, "bio-methanol", 300.0, certified_e_g_per_mj=12.0, certificate_id="P")
        | {"imo": IMOS[1], "name": "BOREAS"},
        made_up.voyage("4", "CNSHA", "SGSIN", 0, "LNG", 500.0, engine_type="LPDF_2S")
        | {"imo": IMOS[2], "name": "CLIO"},
    ]
    found = read_movements(pl.DataFrame(rows, infer_schema_length=None))
    return found.with_columns(year=pl.lit(2029, pl.Int64))


@pytest.fixture(scope="module")
def found(movements):
    return compliance(movements, options=RuleOptions(nzf=True))


@pytest.fixture(scope="module")
def written(movements, found, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    options = RuleOptions(nzf=True)
    account = fleet_account(movements, options=options)
    changes = fleet_changes(movements, options=options, switches=[Switch(fuel="MDO")])
    said = {"title": f"Ships {EVIL}", "notes": NOTES}
    check_page(
        folder / "check.html", compliance=found, outcomes=outcomes(found), account=account, changes=changes, **said
    )
    oil = burnt(["HFO=1000", "MDO=100"])
    gfi, energy = intensity(oil)
    singles = {
        "fueleu": fueleu(oil, year=2026),
        "ets": ets_costs(oil, year=2025, kind="extra"),
        "cii": cii_rating(ship_type="tanker", dwt_t=300_000, co2=51_381, distance_nm=75_000, year=2026),
        "netzero": net_zero(year=2028, gfi=gfi, energy_mj=energy, adopted=True),
    }
    for law, one in singles.items():
        ship_page(folder / f"{law}.html", law, found=one.found, years=one.years, **said)
    rows = {"ship_class": ["container", "container", "vehicle"], "locode": ["USLAX", "USLAX", "USNYC"],
            "terminal": [EVIL] * 3, "call_id": [EVIL] * 3, "berth_h": [30.0, 30.0, 20.0],
            "connect_after_h": [1.5, 2.5, None], "disconnect_before_pilot_h": [0.5, 0.5, None]}  # fmt: skip
    at = pl.DataFrame(rows).with_columns(arrival_utc=pl.datetime(2026, 3, 1, time_zone="UTC"))
    at_berth_page(folder / "at_berth.html", outcomes=visits(at), **said)
    return {path.stem: (Page.read(path), path.read_text("utf-8")) for path in folder.glob("*.html")}


PAGES = ("check", "fueleu", "ets", "cii", "netzero", "at_berth")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_well_formed_and_needs_nothing_else(written, name):
    stands_alone(*written[name])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_is_not_and_where_figures_come_from(written, name):
    page, text = written[name]
    assert NO_ADVICE in text
    assert f'<div class="synthetic" role="note">{NOTES[0]}</div>' in text
    assert f"<li>{NOTES[1]}</li>" in text
    table = page.tables["Clauses, status of the numbers, and their rows"]
    assert table[0] == ["Rule", "Clause", "Status", "Rows of reference tables"]
    assert all(row[1] and row[2] in {"checked", "secondary", "unverified"} for row in table[1:])


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_has_words_and_a_table_after_it(written, name):
    text = written[name][1]
    pictures = list(re.finditer(r'<svg [^>]*role="img" aria-label="([^"]+)"', text))
    assert pictures
    for one in pictures:
        assert one[1].endswith("The numbers are in the table below.")
        assert "<table" in text[one.start() :].split("</section>")[0]


@pytest.mark.parametrize("name", PAGES)
def test_no_axis_counts_in_powers_of_ten(written, name):
    assert not re.search(r">\W?\d+e\W\d+<", written[name][1])


def test_each_regulation_has_its_picture(written):
    captions = re.findall(r'aria-label="([^"]+?)\. The numbers', written["check"][1])
    assert len(captions) == 6
    for words in ("against the limit", "Compliance balances", "Allowances", "Bands of the ratings", "two targets"):
        assert any(words in caption for caption in captions)


def test_the_limits_that_are_drawn_are_those_of_the_law():
    drawn = dict(limits(2020, 2050).select("year", "value").iter_rows())
    assert min(drawn) == 2025
    for year, cut in ((2025, 2), (2030, 6), (2035, 14.5), (2040, 31), (2045, 62), (2050, 80)):
        assert drawn[year] == pytest.approx(91.16 * (1 - cut / 100))


def test_the_table_of_ships_is_the_account(written, found):
    head, *rows = written["check"][0].tables["Ships, those with the highest cost first"]
    assert len(rows) == 3
    cost = ships(found)
    assert [row[0] for row in rows] == cost["name"].to_list(), "the dearest first, names as they are"
    values = written["check"][0].values["Ships, those with the highest cost first"][1:]
    at = head.index(next(name for name in head if name.startswith("FuelEU balance")))
    assert [v[at] for v in values] == pytest.approx([b for b in cost["fueleu_balance_t"] if b is not None], rel=1e-6), (
        "CLIO never comes to Europe, its balance is zero"
    )


def test_sums_are_those_of_the_ships(found):
    added = {
        (law, name): value for law, name, value in sums(found).select("regulation", "quantity", "value").iter_rows()
    }
    wide = ships(found)
    assert added["fueleu", "balance"] == pytest.approx(wide["fueleu_balance_t"].sum())
    assert added["ets", "cost"] == pytest.approx(wide["ets_eur"].sum())
    assert added["nzf", "cost_in_eur"] == pytest.approx(wide["nzf_eur"].sum())
    total = wide.select(pl.sum_horizontal("fueleu_eur", "ets_eur", "nzf_eur")).to_series()
    assert wide["cost_eur"].to_list() == pytest.approx(total.to_list())


def test_every_ship_has_one_outcome_under_each_rule(found):
    told = outcomes(found).group_by("regulation").agg(pl.col("ships").sum())
    assert dict(told.iter_rows()) == dict.fromkeys(("fueleu", "ets", "cii", "nzf"), 3)


def test_reports_of_one_ship_stay_apart():
    row = {"ship_id": "imo:1", "imo": 1, "name": "A", "year": 2025, "regulation": "ets", "quantity": "cost"}
    two = pl.DataFrame([row | {"value": v, "source_row": f"EU-MRV row {n}"} for n, v in ((4, 1.0), (9, 5.0))])
    blank = {"word": pl.String, "low": pl.Float64, "high": pl.Float64}
    wide = ships(two.with_columns(pl.lit(None, kind).alias(name) for name, kind in blank.items()))
    assert wide.select("report", "ets_eur").rows() == [(9, 5.0), (4, 1.0)]


def test_many_ships_do_not_make_a_page_that_does_not_open(found, tmp_path):
    one = found.filter(imo=IMOS[0])
    many = pl.concat(
        one.with_columns(ship_id=pl.lit(f"imo:{n}"), name=pl.lit(f"SHIP {n}"), imo=pl.lit(n, pl.Int64))
        for n in range(3000)
    )
    page = check_page(tmp_path / "many.html", compliance=many, outcomes=outcomes(many), title="Many")
    text = page.read_text("utf-8")
    assert len(text.encode()) < 300_000
    assert len(Page.read(page).tables["Ships, those with the highest cost first"]) == MOST_ROWS + 1
    assert "2\u202f800 ships with lower cost not shown" in text


def test_a_rating_is_where_its_dot_is():
    """The table of the page and the bands agree: the rating is the first band that is not exceeded."""
    one = cii_rating(ship_type="tanker", dwt_t=300_000, co2=51_381, distance_nm=75_000, year=2026)
    for row in one.years.iter_rows(named=True):
        below = [row[f"{letter}_below"] for letter in "abcd"]
        assert row["rating"] == "ABCDE"[sum(row["attained"] > edge for edge in below)]
