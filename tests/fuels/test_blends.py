"""Blends lie between their parts, by mass as by energy, and agree with grams counted one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError, ReferenceDataError
from sisterport.fuels import blend, certified_wtw, gwp_pair, pilot_share_min, tank_to_wake, with_pilot, wtw

FUELS = [
    wtw("residual", "SSD"),
    wtw("distillate", "SSD"),
    wtw("lng", "LPDF_4S"),
    wtw("methanol", "SSD", unmeasured="zero"),
    wtw("nh3", "SSD"),
    certified_wtw("methanol", "SSD", e_g_per_mj=8.0, fuel_class="rfnbo", certificate_id="A"),
]
shares = st.floats(0.0, 1.0)
fuels = st.sampled_from(FUELS)
bases = st.sampled_from(["mass", "energy"])


@given(fuels, fuels, shares, bases)
def test_a_blend_lies_between_its_parts(a, b, share, by) -> None:
    mixed = blend([(a, share), (b, 1.0 - share)], by=by)
    for name in ("wtw_g_per_mj", "wtt_g_per_mj", "ttw_g_per_mj", "lcv_mj_per_kg", "slip_fraction"):
        low, high = sorted((getattr(a, name), getattr(b, name)))
        assert low - 1e-6 <= getattr(mixed, name) <= high + 1e-6, name


@given(fuels, fuels, st.floats(0.01, 0.99))
def test_by_mass_against_grams_counted_one_by_one(a, b, share) -> None:
    mixed = blend([(a, share), (b, 1.0 - share)], by="mass")
    ttw_g = share * a.ttw_g_per_g + (1 - share) * b.ttw_g_per_g
    wtw_g = share * a.wtw_g_per_g + (1 - share) * b.wtw_g_per_g
    assert mixed.ttw_g_per_g == pytest.approx(ttw_g)
    assert mixed.wtw_g_per_g == pytest.approx(wtw_g)
    ch4, n2o = gwp_pair("AR5")
    own = tank_to_wake(
        mixed.cf_co2, mixed.cf_ch4, mixed.cf_n2o, slip_fraction=mixed.slip_fraction, gwp_ch4=ch4, gwp_n2o=n2o
    )
    assert own == pytest.approx(ttw_g)


@given(fuels, fuels, st.floats(0.01, 0.99))
def test_mass_and_energy_are_two_ways_to_say_the_same(a, b, share) -> None:
    energy = share * a.lcv_mj_per_kg, (1 - share) * b.lcv_mj_per_kg
    by_mass = blend([(a, share), (b, 1 - share)], by="mass")
    by_energy = blend([(a, energy[0] / sum(energy)), (b, energy[1] / sum(energy))], by="energy")
    assert by_mass.wtw_g_per_mj == pytest.approx(by_energy.wtw_g_per_mj)
    assert by_mass.lcv_mj_per_kg == pytest.approx(by_energy.lcv_mj_per_kg)


@given(fuels, st.floats(0.0, 0.5), st.floats(0.0, 0.5))
def test_more_of_a_cleaner_fuel_never_warms(a, less, more) -> None:
    clean = FUELS[-1]
    low, high = sorted((less, more))
    first = blend([(a, 1 - low), (clean, low)], by="energy").wtw_g_per_mj
    second = blend([(a, 1 - high), (clean, high)], by="energy").wtw_g_per_mj
    assert second <= first + 1e-9


def test_one_part_is_itself_and_a_blend_is_no_rfnbo() -> None:
    alone = blend([(FUELS[2], 1.0)], by="mass")
    assert alone.wtw_g_per_mj == pytest.approx(FUELS[2].wtw_g_per_mj)
    mixed = blend([(FUELS[0], 0.5), (FUELS[-1], 0.5)], by="energy")
    assert not mixed.rfnbo
    assert mixed.certificate_id == "A"
    assert mixed.fuel_class == "blend"


def test_pilot_fuel() -> None:
    main, oil = wtw("methanol", "SSD", unmeasured="zero"), wtw("distillate", "SSD")
    by_table = with_pilot(main, oil)
    assert by_table.wtw_g_per_mj == pytest.approx(0.95 * main.wtw_g_per_mj + 0.05 * oil.wtw_g_per_mj)
    assert with_pilot(main, oil, share=0.0).wtw_g_per_mj == pytest.approx(main.wtw_g_per_mj)
    assert pilot_share_min("NH3") == 0.05
    with pytest.raises(ReferenceDataError, match="pass one"):
        pilot_share_min("LH2")
    with pytest.raises(InputError, match="5 is not between 0 and 1"):
        with_pilot(main, oil, share=5)


def test_refusals() -> None:
    with pytest.raises(InputError, match=r"add up to 0\.9"):
        blend([(FUELS[0], 0.5), (FUELS[1], 0.4)], by="mass")
    with pytest.raises(InputError, match="negative"):
        blend([(FUELS[0], 1.5), (FUELS[1], -0.5)], by="mass")
    with pytest.raises(InputError, match="at least one"):
        blend([], by="mass")
    with pytest.raises(MethodError, match="different gwp: AR4, AR5"):
        blend([(FUELS[0], 0.5), (wtw("lfo", "SSD", gwp="AR4"), 0.5)], by="mass")
    with pytest.raises(MethodError, match="choose from mass, energy"):
        blend([(FUELS[0], 1.0)], by="volume")
