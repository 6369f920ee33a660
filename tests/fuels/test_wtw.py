"""Well-to-wake factors against published defaults and the formula by hand."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import MethodError, ReferenceDataError
from sisterport.fuels import gwp_pair, tank_to_wake, wtw
from sisterport.reference import load


def test_lng_in_a_medium_speed_otto_engine() -> None:
    found = tank_to_wake(2.75, 0.0, 0.00011, slip_fraction=0.031, gwp_ch4=27.0, gwp_n2o=273.0)
    assert found == pytest.approx(3.5308, abs=5e-5)


@pytest.mark.parametrize(
    ("fuel", "converter", "wtt", "ttw"),
    [
        ("residual", "SSD", 13.5, (3.114 + 5e-5 * 28 + 0.00018 * 265) / 40.5e-3),
        ("distillate", "MSD", 14.4, (3.206 + 5e-5 * 28 + 0.00018 * 265) / 42.7e-3),
        ("methanol", "SSD", 31.3, (1.375 + 5e-5 * 28 + 0.00018 * 265) / 19.9e-3),
        ("lng", "LPDF_4S", 18.5, (0.969 * (2.75 + 0.00011 * 265) + 0.031 * 28) / 49.1e-3),
        ("lng", "HPDF", 18.5, (0.998 * (2.75 + 0.00011 * 265) + 0.002 * 28) / 49.1e-3),
    ],
)
def test_fueleu_defaults_by_hand(fuel: str, converter: str, wtt: float, ttw: float) -> None:
    found = wtw(fuel, converter)
    assert found.wtt_g_per_mj == wtt
    assert found.ttw_g_per_mj == pytest.approx(ttw, rel=1e-12)
    assert found.wtw_g_per_mj == pytest.approx(wtt + ttw, rel=1e-12)
    assert found.wtw_g_per_g == pytest.approx(found.wtw_g_per_mj * found.lcv_mj_per_kg / 1e3)
    assert found.status in {"checked", "secondary"}
    assert found.source


def test_every_row_of_the_table_can_be_asked_for() -> None:
    for row in load("fueleu_wtw_factors").iter_rows(named=True):
        found = wtw(row["fuel"], row["consumer"], fuel_class=row["fuel_class"])
        assert found.wtt_g_per_mj == row["wtt_gco2e_per_mj"]
        assert found.flag == (row["flag"] or "")


def test_imo_defaults() -> None:
    found = wtw("distillate", "SSD", scheme="imo")
    assert found.wtt_g_per_mj == 17.7
    assert found.wtw_g_per_mj == pytest.approx(17.7 + (3.206 + 5e-5 * 28 + 0.00018 * 265) / 42.7e-3)


@given(st.floats(0, 0.2), st.sampled_from(["AR4", "AR5", "AR6"]))
def test_slip_always_warms(slip: float, gwp: str) -> None:
    ch4, n2o = gwp_pair(gwp)
    without = tank_to_wake(2.75, 0.0, 0.00011, slip_fraction=0.0, gwp_ch4=ch4, gwp_n2o=n2o)
    with_slip = tank_to_wake(2.75, 0.0, 0.00011, slip_fraction=slip, gwp_ch4=ch4, gwp_n2o=n2o)
    assert with_slip - without == pytest.approx(slip * (ch4 - without), abs=1e-12)


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(ReferenceDataError, match="did you mean 'diesel'"):
        wtw("diesl", "SSD")
    with pytest.raises(ReferenceDataError, match="there are: all_ice, boiler"):
        wtw("residual", "fuel_cell")
    with pytest.raises(ReferenceDataError, match="no default for 'lng'"):
        wtw("lng", "LPDF_4S", scheme="imo")
    with pytest.raises(MethodError, match="fossil"):
        wtw("distillate", "SSD", scheme="imo", fuel_class="bio")
    with pytest.raises(MethodError, match="AR5"):
        wtw("distillate", "SSD", gwp="GWP20")


@pytest.mark.parametrize("word", ["HFO", "residual", "hfo", "RMG 380"])
def test_words_find_their_row(word: str) -> None:
    assert wtw(word, "SSD").wtw_g_per_mj == wtw("hfo", "all_ice").wtw_g_per_mj


def test_gases_left_to_be_measured_are_a_choice() -> None:
    zero, oil, table = (wtw("methanol", "SSD", unmeasured=u) for u in ("zero", "oil", "table"))
    assert zero.cf_ch4 == zero.cf_n2o == 0.0
    assert (oil.cf_ch4, oil.cf_n2o) == (5e-5, 1.8e-4) == (table.cf_ch4, table.cf_n2o)
    assert (zero.unmeasured, oil.unmeasured, table.unmeasured) == ("zero", "oil", "table")
    assert wtw("NH3", "SSD").cf_n2o == 0.0
    ammonia = wtw("NH3", "SSD", unmeasured="oil")
    assert (ammonia.cf_ch4, ammonia.cf_n2o) == (0.0, 1.8e-4)  # its CH4 is not among what is to be measured
    assert wtw("residual", "SSD", unmeasured="zero") == wtw("residual", "SSD", unmeasured="oil")
    with pytest.raises(MethodError, match="choose from table, zero, oil"):
        wtw("methanol", "SSD", unmeasured="none")


def test_what_is_to_be_measured_is_what_the_law_leaves_open(shared) -> None:
    """A second transcription of Annex II leaves the same cells empty."""
    names = {"LPG_propane": "lpg_propane", "LPG_butane": "lpg_butane", "MeOH_ng": "methanol"}
    second = pl.read_csv(shared / "data/rules/fueleu_annex2_defaults.csv").filter(pl.col("fuel_class") == "fossil")
    own = load("fueleu_wtw_factors").filter(fuel_class="fossil", consumer="all_ice")
    for row in second.filter(pl.col("fuel_id").is_in(list(names))).iter_rows(named=True):
        gases = [g for g in ("ch4", "n2o") if row[f"cf_{g}_g_per_g"] is None]
        assert own.filter(fuel=names[row["fuel_id"]])["unmeasured"].item() == "|".join(gases)


def test_the_cases_of_the_rules(shared) -> None:
    cases = pl.read_csv(shared / "data/golden/rules.csv").filter(pl.col("id").str.starts_with("FEU-WTW"))
    places = {
        "HFO": ("HFO", "SSD"),
        "LFO": ("LFO", "SSD"),
        "MeOH_ng": ("methanol", "SSD"),
        "LNG_otto_ms": ("LNG", "LPDF_4S"),
        "LNG_otto_ss": ("LNG", "LPDF_2S"),
        "LNG_diesel_ss": ("LNG", "HPDF"),
        "LNG_lbsi": ("LNG", "LBSI"),
    }
    assert cases.height >= 6
    for row in cases.iter_rows(named=True):
        given, expected = json.loads(row["inputs_json"]), json.loads(row["expected_json"])
        found = wtw(*places[given["fuel"]], gwp=given["gwp"], unmeasured="zero").wtw_g_per_mj
        assert found == pytest.approx(expected["ghgie_g_per_MJ"], rel=row["rel_tol"]), row["id"]
