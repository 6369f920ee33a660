"""``sisterport rules`` as a user meets it: figures that can be checked by hand, faults at once, files that belong."""

import hashlib
import json
import subprocess
import sys
from dataclasses import fields

import polars as pl
import pytest
from typer.testing import CliRunner

from sisterport.cli.rules import app
from sisterport.errors import InputError, MethodError, ReferenceDataError, SisterportError
from sisterport.project.compliance_options import names
from sisterport.rules.compliance import compliance
from sisterport.rules.rule_options import RuleOptions
from sisterport.rules.voyages import read_movements
from tests.rules import made_up

HFO_LCV, HFO_WTT, HFO_CF = 40.5, 13.5, 3.114
CH4, N2O = 5e-5, 1.8e-4
GWP = {"AR5": (28, 265), "AR4": (25, 298)}


def run(*args):
    return CliRunner().invoke(app, [str(arg) for arg in args])


def good(*args):
    done = run(*args)
    assert done.exception is None, done.exception
    return done.stdout


def said(*args):
    return json.loads(good(*args, "--json"))


def fault(*args) -> SisterportError:
    done = run(*args)
    assert isinstance(done.exception, SisterportError), done.exception
    return done.exception


def voyages(path, rows):
    pl.DataFrame(rows, infer_schema_length=None).write_csv(path)
    return path


@pytest.fixture
def fleet(tmp_path):
    """Three ships: one on oil, one on certified methanol, one that never comes to Europe."""
    other = {"imo": 9_241_061, "name": "BOREAS"}
    third = {"imo": 9_321_483, "name": "CLIO"}
    rows = [
        made_up.voyage("1", "SGSIN", "NLRTM", 0, "HFO", 1000.0, name="ATLAS", source="Made up"),
        made_up.voyage("2", "NLRTM", "berth", 2, "MGO", 9.0, name="ATLAS"),
        made_up.voyage("3", "NLRTM", None, 4, "HFO", 100.0, name="ATLAS"),
        made_up.voyage("4", "DEHAM", "SEGOT", 0, "bio-methanol", 300.0, certified_e_g_per_mj=12.0, certificate_id="P-1")
        | other,
        made_up.voyage("5", "CNSHA", "SGSIN", 0, "HFO", 500.0) | third,
    ]
    return voyages(tmp_path / "voyages.csv", rows)


# ---- one ship -------------------------------------------------------------------------------------------------------


def wtw(gwp):
    """Well-to-wake intensity of heavy fuel oil, by hand [g/MJ]."""
    ch4, n2o = GWP[gwp]
    return HFO_WTT + (HFO_CF + CH4 * ch4 + N2O * n2o) * 1e3 / HFO_LCV


@pytest.mark.parametrize("gwp", GWP)
def test_a_penalty_can_be_checked_by_hand(gwp):
    energy = 1000 * HFO_LCV * 1e3
    balance = (91.16 * 0.98 - wtw(gwp)) * energy / 1e6
    found = said("fueleu", "HFO=1000", "--year", 2026, "--gwp", gwp)
    assert found["balance_t"] == pytest.approx(balance)
    assert found["penalty_eur"] == pytest.approx(-balance * 1e6 / wtw(gwp) / 41_000 * 2400)
    years = {row["year"]: row for row in found["years"]}
    assert set(years) == set(range(2025, 2051))
    for year, cut in ((2029, 2), (2030, 6), (2035, 14.5), (2040, 31), (2045, 62), (2050, 80)):
        assert years[year]["limit_g_per_mj"] == pytest.approx(91.16 * (1 - cut / 100))


def test_the_published_benchmark_under_both_sets_of_warming_potentials():
    oil = ("fueleu", "HFO=12000", "MDO=1400", "--year", 2025)
    assert [round(said(*oil, "--gwp", gwp)["penalty_eur"]) for gwp in ("AR5", "AR4")] == [753_617, 802_008]
    assert "753,616.59" in good(*oil)


def test_penalties_before_shore_power_and_scope_count():
    plain = said("fueleu", "HFO=1000", "--year", 2026)
    again = said("fueleu", "HFO=1000", "--year", 2026, "--penalties-before", 2)
    half = said("fueleu", "HFO=1000", "--year", 2026, "--scope-share", 0.5)
    plugged = said("fueleu", "HFO=1000", "--year", 2026, "--shore-mwh", 100)
    assert again["penalty_eur"] == pytest.approx(1.2 * plain["penalty_eur"])
    assert half["penalty_eur"] == pytest.approx(0.5 * plain["penalty_eur"])
    assert plugged["energy_mj"] - plain["energy_mj"] == pytest.approx(100 * 3600)


def test_every_fault_of_the_fuels_is_told_at_once():
    error = fault("fueleu", "HFO=-5", "XYZ=3", "MGO", "LNG=4", "hfoo=2", "--year", 2025, "--certified", "bio_hvo=3")
    assert isinstance(error, InputError)
    for words in (
        "HFO: a mass of -5 t is below 0",
        "unknown fuel 'XYZ'",
        "wanted FUEL=TONNES, got 'MGO'",
        "--engine LPDF_2S",
        "did you mean 'HFO'?",
        "'bio_hvo', of which nothing is burnt",
    ):
        assert words in str(error)
    assert "fossil and takes no certificate" in str(fault("fueleu", "HFO=5", "--year", 2025, "--certified", "HFO=3"))


def test_a_year_before_a_law_is_refused():
    error = fault("fueleu", "HFO=5", "--year", 2024)
    assert isinstance(error, ReferenceDataError)
    assert "2024" in str(error)
    assert "2023" in str(fault("ets", "HFO=5", "--year", 2023, "--kind", "intra"))
    assert "2031" in str(
        fault("cii", "--type", "tanker", "--dwt-t", 1e5, "--co2-t", 1e4, "--distance-nm", 1e4, "--year", 2031)
    )


def test_allowances_by_hand_with_methane_from_2026_on():
    found = said("ets", "LNG=1000", "--engine", "LPDF_4S", "--year", 2026, "--kind", "extra", "--allowance-eur", 70)
    burnt = 1000 * (1 - 0.031)
    co2, ch4, n2o = burnt * 2.75, 1000 * 0.031, burnt * 0.00011
    assert found["allowances"] == pytest.approx(0.5 * (co2 + 28 * ch4 + 265 * n2o))
    assert found["cost_eur"] == pytest.approx(70 * found["allowances"])
    years = {row["year"]: row for row in found["years"]}
    assert years[2024]["allowances"] == pytest.approx(0.4 * 0.5 * co2)
    assert years[2025]["allowances"] == pytest.approx(0.7 * 0.5 * co2)
    assert "one of them" in str(fault("ets", "HFO=5", "--year", 2026))
    assert "one of them" in str(fault("ets", "HFO=5", "--year", 2026, "--kind", "intra", "--scope-share", 0.5))
    assert "from 0 to 1" in str(fault("ets", "HFO=5", "--year", 2026, "--scope-share", 1.5))


def test_a_rating_and_its_bands_by_hand():
    """Reference line of tankers 5247 DWT^-0.610, reduced by 11 % in 2026; C ends at 1.08."""
    ship = ("--type", "tanker", "--dwt-t", 300_000, "--distance-nm", 75_000, "--year", 2026)
    found = said("cii", *ship, "--co2-t", 51_381)
    line = 5247 * 300_000**-0.610
    assert found["attained"] == pytest.approx(51_381e6 / (300_000 * 75_000))
    assert found["required"] == pytest.approx(0.89 * line)
    assert found["rating"] == "C"
    years = {row["year"]: row for row in found["years"]}
    assert years[2026]["c_below"] == pytest.approx(1.08 * 0.89 * line)
    assert (years[2023]["rating"], years[2030]["rating"]) == ("C", "D")
    assert said("cii", *ship, "HFO=16500")["attained"] == pytest.approx(16_500 * HFO_CF * 1e6 / (300_000 * 75_000))
    assert "give either" in str(fault("cii", *ship, "HFO=1", "--co2-t", 3))
    assert "give either" in str(fault("cii", *ship))


def test_the_framework_is_off_unless_it_is_taken_as_adopted():
    ship = ("--gfi", 95.5, "--energy-gj", 1e6, "--year", 2028)
    off = said("netzero", *ship)
    assert (off["applies"], off["cost_usd"]) == (False, 0.0)
    assert "not adopted" in off["reason"]
    base, direct = 93.3 * 0.96, 93.3 * 0.83
    on = said("netzero", *ship, "--adopted")
    assert on["tier1_t"] == pytest.approx((base - direct) * 1e3)
    assert on["cost_usd"] == pytest.approx((base - direct) * 1e3 * 100 + (95.5 - base) * 1e3 * 380)
    years = {row["year"]: row for row in on["years"]}
    assert years[2031]["cost_usd"] is None
    assert years[2031]["tier2_t"] == pytest.approx((95.5 - 93.3 * (1 - 0.124)) * 1e3), "tonnes are known, the price not"
    assert years[2040]["tier1_t"] is None
    own = said("netzero", *ship, "--adopted", "--tier1-usd-per-t", 1, "--tier2-usd-per-t", 2)
    assert {row["year"]: row for row in own["years"]}[2035]["cost_usd"] > 0
    moved = said("netzero", *ship[:-1], 2030, "--adopted", "--start-year", 2030, "--schedule", "shifted")
    assert moved["cost_usd"] == pytest.approx(on["cost_usd"])
    assert min(row["year"] for row in moved["years"]) == 2030
    assert "give either" in str(fault("netzero", "--gfi", 90, "--year", 2028))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("fueleu", "HFO=10", "--year", 2026), "Intensity against the limit over the years"),
        (("ets", "HFO=10", "--year", 2026, "--kind", "intra"), "Allowances over the years"),
        (
            ("cii", "HFO=10", "--year", 2026, "--type", "tanker", "--dwt-t", 1e5, "--distance-nm", 900),
            "Bands of the ratings over the years",
        ),
        (("netzero", "VLSFO=10", "--year", 2028, "--adopted"), "Intensity against the two targets over the years"),
    ],
)
def test_every_regulation_has_a_picture(tmp_path, command, words):
    page = tmp_path / "page.html"
    assert f"wrote {page}" in good(*command, "--page", page)
    assert words in page.read_text("utf-8")


# ---- visits ---------------------------------------------------------------------------------------------------------


def test_visits_have_their_outcomes(tmp_path):
    rows = {"ship_class": ["container", "container", "vehicle"], "locode": ["USLAX", "USLAX", "USOAK"],
            "arrival_utc": ["2024-03-01T00:00:00"] * 3, "berth_h": [30.0, 30.0, 20.0],
            "connect_after_h": [1.5, 2.5, None], "disconnect_before_pilot_h": [0.5, 0.5, None]}  # fmt: skip
    pl.DataFrame(rows).write_csv(tmp_path / "visits.csv")
    found = said("at-berth", tmp_path / "visits.csv", "--page", tmp_path / "v.html")
    assert [row["outcome"] for row in found["visits"]] == ["controlled", "uncontrolled", "not_yet"]
    assert found["visits"][1]["late_h"] == pytest.approx(0.5)
    assert "Of 2 visits with a duty 1 were controlled in time" in (tmp_path / "v.html").read_text("utf-8")


@pytest.fixture
def connected(tmp_path):
    """Three stays in Los Angeles, one in New York; one record that begins too late, one without an end."""
    stay = {"imo": 9_074_729, "ship_class": "container"}
    days = {"a": ("USLAX", "2024-03-01"), "b": ("USLAX", "2024-04-01"), "c": ("USLAX", "2024-05-01"),
            "d": ("USNYC", "2024-06-01")}  # fmt: skip
    pl.DataFrame(
        [
            stay | {"stay_id": key, "locode": port, "start_utc": f"{day}T00:00:00", "end_utc": f"{day}T20:00:00",
                    "hours": 20.0, "source": "test"}
            for key, (port, day) in days.items()
        ]
    ).write_csv(tmp_path / "stays.csv")  # fmt: skip
    record = {"imo": 9_074_729, "locode": "USLAX", "source": "test"}
    pl.DataFrame(
        [
            record | {"start_utc": "2024-03-01T03:00:00", "end_utc": "2024-03-01T19:30:00"},
            record | {"start_utc": "2024-04-01T01:00:00", "end_utc": None},
        ],
        infer_schema_length=None,
    ).write_csv(tmp_path / "connections.csv")
    return ("at-berth", tmp_path / "stays.csv", "--connections", tmp_path / "connections.csv")


def test_stays_with_records_become_visits(connected):
    found = said(*connected)
    visits = {row["call_id"]: row for row in found["visits"]}
    assert set(visits) == {"a", "b"}, "what has no record is not known, and left out"
    assert visits["a"]["late_h"] == pytest.approx(1.0)
    assert visits["a"]["uncontrolled_h"] == pytest.approx(3.5)
    assert visits["b"]["outcome"] == "uncontrolled", "a record without an end does not show control to the end"
    notes = " ".join(found["notes"])
    assert "1 of 4 stays are outside California" in notes
    assert "1 of 3 stays have no record" in notes
    whole = {row["call_id"]: row["reason"] for row in said(*connected, "--complete")["visits"]}
    assert whole["c"] == "no control"


def test_stays_without_records_are_refused(connected, tmp_path):
    assert "--connections" in str(fault("at-berth", tmp_path))
    assert "--connections" in str(fault("at-berth", connected[1], "--complete"))


# ---- check ----------------------------------------------------------------------------------------------------------


def test_check_says_what_the_functions_say(fleet):
    found = said("check", fleet, "--year", 2026)
    ours = pl.DataFrame(found["compliance"], infer_schema_length=None)
    theirs = compliance(read_movements(str(fleet)))
    assert ours.height == theirs.height
    assert ours["value"].to_list() == theirs["value"].to_list()
    sums = {(row["regulation"], row["quantity"]): row for row in found["sums"]}
    assert sums["fueleu", "balance"]["value"] == pytest.approx(theirs.filter(quantity="balance")["value"].sum())
    counted = {
        law: sum(r["ships"] for r in found["outcomes"] if r["regulation"] == law) for law in ("ets", "cii", "nzf")
    }
    assert counted == {"ets": 3, "cii": 3, "nzf": 3}, "every ship has one outcome under each rule"
    assert any(note.startswith("Made up: 1 of 5 rows") for note in found["notes"])
    assert any("144 of the 8,760 hours" in note for note in found["notes"]), "a rating of days is none of a year"


def test_the_fleet_pools_unless_told_not_to(fleet):
    cost = {row["regulation"]: row for row in said("check", fleet)["costs"]}
    alone = {row["regulation"]: row for row in said("check", fleet, "--no-pool")["costs"]}
    assert cost["fueleu"]["cost_eur"] == 0.0
    assert alone["fueleu"]["cost_eur"] == pytest.approx(cost["fueleu"]["alone_eur"])
    assert alone["fueleu"]["cost_eur"] > 0


def test_changes_are_ranked_and_can_be_left_out(fleet):
    found = said("check", fleet, "--no-pool", "--switch", "bio_hvo:15")["changes"]
    assert {row["change"] for row in found} == {"less energy", "shore power at berth", "switch to bio_hvo"}
    saving = [row["saving_eur"] for row in found]
    assert saving == sorted(saving, reverse=True)
    assert saving[-1] > 0
    assert said("check", fleet, "--no-changes")["changes"] == []
    assert "--no-changes" in str(fault("check", fleet, "--no-changes", "--switch", "MDO"))


def test_check_writes_tables_a_page_and_a_manifest(fleet, tmp_path):
    to = tmp_path / "out"
    assert "open rules.html" in good("check", fleet, "--year", 2026, "--to", to, "--switch", "bio_hvo:15")
    manifest = json.loads((to / "rules.json").read_text())
    now = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in to.iterdir() if path.is_file()}
    assert {name: now[name] for name in manifest["files"]} == manifest["files"]
    assert manifest["inputs"] == [{"file": "voyages.csv", "sha256": hashlib.sha256(fleet.read_bytes()).hexdigest()}]
    assert set(manifest["files"]) >= {"compliance.csv", "outcomes.parquet", "movements.csv", "costs.csv", "rules.html"}
    assert "switch to bio_hvo" in pl.read_csv(to / "changes.csv")["change"].to_list()
    good("check", fleet, "--year", 2026, "--to", to, "--no-pool")
    assert pl.read_parquet(to / "pooling_plan.parquet").filter("pooled").is_empty(), "a later run replaces the files"
    text = (to / "rules.html").read_text("utf-8")
    assert "FuelEU Maritime" in text
    assert '<div class="synthetic" role="note">Made up: 1 of 5 rows' in text


def test_one_ship_in_full(fleet):
    for name in ("ATLAS", "atlas", "imo:9074729", "9074729"):
        text = good("check", fleet, "--ship", name)
        assert text.startswith("imo:9074729: ATLAS")
        assert "1 legs or stays with an unknown port" in text
    assert "did you mean 'ATLAS'" in str(fault("check", fleet, "--ship", "ATLIS"))


def test_data_of_one_other_year_count_as_of_the_year_and_of_several_are_refused(
    tmp_path,
):
    one = made_up.voyage("1", "DEHAM", "NLRTM", 0, "HFO", 100.0)
    path = voyages(tmp_path / "one.csv", [one])
    later = said("check", path, "--year", 2031)
    assert {row["year"] for row in later["compliance"]} == {2031}
    assert "Assumed: what is of 2026 counts as if it were of 2031." in later["notes"]
    two = voyages(tmp_path / "two.csv", [one, made_up.voyage("2", "NLRTM", "DEHAM", 400, "HFO", 70.0)])
    kept = said("check", two, "--year", 2027)
    assert any("1 of 2 rows are of other years (2026) and left out" in note for note in kept["notes"])
    assert "there are 2026, 2027" in str(fault("check", two, "--year", 2030))
    assert {row["year"] for row in said("check", two)["compliance"]} == {2026, 2027}


def test_a_register_fills_what_the_voyages_do_not_tell(tmp_path):
    bare = {k: v for k, v in made_up.voyage("1", "DEHAM", "NLRTM", 0, "HFO", 100.0).items()
            if k not in {"gt", "dwt_t", "ship_class"}}  # fmt: skip
    path = voyages(tmp_path / "v.csv", [bare])
    pl.DataFrame({"imo": [made_up.IMO], "gt": [4000.0], "dwt_t": [5000.0], "ship_class": ["container"]}).write_csv(
        tmp_path / "r.csv"
    )
    applies = [
        {r["regulation"]: r["value"] for r in said("check", path, *more)["compliance"] if r["quantity"] == "applies"}
        for more in ((), ("--register", tmp_path / "r.csv"))
    ]
    assert (applies[0]["fueleu"], applies[1]["fueleu"]) == (1.0, 0.0), "unknown is taken as covered, 4,000 GT is not"


def test_faults_of_all_files_and_choices_are_told_at_once(tmp_path, fleet):
    wrong = voyages(tmp_path / "w.csv", [made_up.voyage("1", "XXXXX", "NLRTM", 0, "methanl", -4.0)])
    (tmp_path / "r.csv").write_text("imo,ship_class\n9074728,containr\n")
    text = str(fault("check", wrong, "--register", tmp_path / "r.csv"))
    for words in ("XXXXX", "did you mean 'methanol'", "mass_t", "9074728", "containr"):
        assert words in text
    text = str(
        fault("check", fleet, "--set", "gwpp=AR4", "--set", "nzf=maybe", "--set", "gwp=AR9", "--switch", "bio_hv")
    )
    for words in ("did you mean 'gwp'", "yes or no", "AR9", "bio_hv"):
        assert words in text
    assert "name=value" in str(fault("check", fleet, "--set", "gwp"))
    assert "no such file" in str(fault("check", tmp_path / "none.csv"))
    assert isinstance(fault("check", fleet, "--as", "voyage"), MethodError)
    assert "no run in" in str(fault("check", tmp_path))


def test_every_option_of_the_rules_can_be_set(fleet):
    defaults = {item.name: getattr(RuleOptions(), item.name) for item in fields(RuleOptions)}
    assert set(defaults) <= set(names("run")) & set(names("voyages"))
    plain = said("check", fleet)["sums"]
    words = {True: "yes", False: "no"}
    given = [
        f"{n}={words.get(v, v)}" if isinstance(v, bool) else f"{n}={v}" for n, v in defaults.items() if v is not None
    ]
    assert said("check", fleet, *(part for word in given for part in ("--set", word)))["sums"] == plain
    assert said("check", fleet, "--set", "unknown_ports=high")["sums"] != plain
    assert (
        said("check", fleet, "--set", "allowance_eur=80")["sums"] == said("check", fleet, "--allowance-eur", 80)["sums"]
    )


# ---- a run ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def ran(tmp_path):
    """The folder of a run with two periods of one ship: from Singapore to Rotterdam, and a stay there."""
    for name, stops in (
        ("march", [("SGSIN", 0, 4, "berth"), (None, 4, 20, "cruise"), ("NLRTM", 20, 24, "berth")]),
        ("april", [("NLRTM", 800, 812, "berth")]),
    ):
        (tmp_path / "run" / name).mkdir(parents=True)
        for table, frame in made_up.inventory(stops).items():
            frame.write_parquet(tmp_path / "run" / name / f"{table}.parquet")
    return tmp_path / "run"


def test_a_run_is_checked_over_all_its_periods(ran):
    found = {(r["regulation"], r["quantity"]): r["value"] for r in said("check", ran, "--year", 2026)["compliance"]}
    # 2 t of diesel an hour: 16 h at sea by half, 4 + 12 h at berth in Rotterdam in full, none in Singapore
    assert found["fueleu", "energy"] == pytest.approx(2 * (16 / 2 + 4 + 12) * 42.7e3)
    one = {(r["regulation"], r["quantity"]): r["value"] for r in said("check", ran / "april")["compliance"]}
    assert one["fueleu", "energy"] == pytest.approx(2 * 12 * 42.7e3)


def test_a_run_rates_no_ship_on_less_than_a_year_unless_told_to(ran):
    short = said("check", ran)
    assert {row["outcome"] for row in short["outcomes"] if row["regulation"] == "cii"} == {
        "not rated: the data hold less than 90% of a year"
    }
    assert {row["word"] for row in short["compliance"] if row["quantity"] == "rating"} == {None}
    rated = said("check", ran, "--set", "cii_least_share=0")
    assert next(row for row in rated["compliance"] if row["quantity"] == "rating")["word"] in set("ABCDE")
    assert "0 to 1" in str(fault("check", ran, "--set", "cii_least_share=3"))


def test_periods_that_overlap_are_refused(ran):
    (ran / "again").mkdir()
    for path in (ran / "april").iterdir():
        (ran / "again" / path.name).write_bytes(path.read_bytes())
    assert "periods overlap" in str(fault("check", ran))


# ---- a publication --------------------------------------------------------------------------------------------------

HEAD = (
    "IMO Number,Name,Ship type,Reporting Period,Total fuel consumption [m tonnes],Total CO₂ emissions [m tonnes],"
    "CO₂ emissions from all voyages between ports under a MS jurisdiction [m tonnes],"
    "CO₂ emissions from all voyages which departed from ports under a MS jurisdiction [m tonnes],"
    "CO₂ emissions from all voyages to ports under a MS jurisdiction [m tonnes],"
    "CO₂ emissions which occurred within ports under a MS jurisdiction at berth [m tonnes],"
    "Annual Total time spent at sea [hours],Annual average Fuel consumption per distance [kg / n mile]"
)


@pytest.fixture
def publication(tmp_path):
    path = tmp_path / "mrv.csv"
    path.write_text(
        f"{HEAD}\n9074729,ATLAS,Container ship,2022,1000,3150,1000,800,1200,150,1000,80\n", encoding="utf-8"
    )
    return path


def test_a_publication_is_told_from_its_head_and_counts_as_of_the_year(publication):
    found = said("check", publication, "--year", 2025)
    assert found["source"] == "mrv"
    due = next(row for row in found["compliance"] if row["quantity"] == "allowances")
    assert due["value"] == pytest.approx(0.7 * (1000 + 1000 + 150))
    assert "Assumed: what is of 2022 counts as if it were of 2025." in found["notes"]
    assert {row["outcome"] for row in found["outcomes"] if row["regulation"] == "cii"} == {
        "not computable: DWT missing"
    }
    assert any("No register was given" in note for note in found["notes"])


def test_a_register_gives_a_publication_its_ratings(publication, tmp_path):
    pl.DataFrame({"imo": [9_074_729], "dwt_t": [50_000.0], "gt": [40_000.0]}).write_csv(tmp_path / "r.csv")
    found = said("check", publication, "--year", 2025, "--register", tmp_path / "r.csv")
    assert next(row for row in found["compliance"] if row["quantity"] == "rating")["word"] in set("ABCDE")


def test_what_a_publication_cannot_be_told_is_refused(publication, tmp_path):
    assert "no choice 'efta' for an EU-MRV publication" in str(fault("check", publication, "--set", "efta=member"))
    assert "--switch" in str(fault("check", publication, "--switch", "MDO"))
    assert "--bunkers" in str(fault("check", publication, "--bunkers", tmp_path / "b.csv"))


def test_the_published_ships_of_a_year(shared, tmp_path):
    to = tmp_path / "out"
    text = good("check", shared / "data/test-only/mrv/thetis_mrv_2022.xlsx", "--year", 2025, "--to", to)
    outcomes = pl.read_parquet(to / "outcomes.parquet")
    assert outcomes.group_by("regulation").agg(pl.col("ships").sum())["ships"].unique().to_list() == [12_788]
    assert outcomes.filter(regulation="fueleu", outcome="range")["ships"].item() == 12_545
    assert "(12,773 more" in text
    assert len((to / "rules.html").read_bytes()) < 300_000, "many ships are no reason for a page that does not open"


def test_help_imports_no_heavy_room():
    heavy = "[m for m in ('polars', 'numpy') if m in sys.modules]"
    code = f"import sys; from sisterport.cli import rules, fuels; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
