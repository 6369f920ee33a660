"""``sisterport rules check`` as a user meets it: voyages, a run, a publication; faults at once, files that belong."""

import hashlib
import json
from dataclasses import fields

import polars as pl
import pytest

from sisterport.cli.rules import app
from sisterport.errors import MethodError
from sisterport.project.compliance_options import names
from sisterport.rules.compliance import compliance
from sisterport.rules.rule_options import RuleOptions
from sisterport.rules.voyages import read_movements
from tests.cli.direct import Direct
from tests.rules import made_up

RULES = Direct(app)
run, good, said, fault = RULES.run, RULES.good, RULES.said, RULES.fault


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
