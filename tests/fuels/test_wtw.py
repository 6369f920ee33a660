"""Well-to-wake factors against published defaults and the formula by hand."""

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
