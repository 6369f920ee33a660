"""``sisterport rules`` for one ship and for visits: figures that can be checked by hand."""

import subprocess
import sys

import polars as pl
import pytest

from sisterport.cli.rules import app
from sisterport.errors import InputError, ReferenceDataError
from tests.cli.direct import Direct

HFO_LCV, HFO_WTT, HFO_CF = 40.5, 13.5, 3.114
CH4, N2O = 5e-5, 1.8e-4
GWP = {"AR5": (28, 265), "AR4": (25, 298)}
RULES = Direct(app)
run, good, said, fault = RULES.run, RULES.good, RULES.said, RULES.fault


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


def test_help_imports_no_heavy_room():
    heavy = "[m for m in ('polars', 'numpy') if m in sys.modules]"
    code = f"import sys; from sisterport.cli import rules, fuels; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
