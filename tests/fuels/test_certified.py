"""Certified fuels under FuelEU, by hand and by property."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError
from sisterport.fuels import certified_wtw, least_favourable_fossil, wtw

E_METHANOL = {"fuel_class": "rfnbo", "certificate_id": "PoS"}


def test_e_u_is_taken_off_by_hand() -> None:
    own = certified_wtw("methanol", "SSD", e_g_per_mj=8.0, **E_METHANOL)
    assert own.wtt_g_per_mj == pytest.approx(8.0 - 1.375 / 0.0199)
    assert own.wtw_g_per_mj == pytest.approx(8.0)
    assert own.rfnbo
    assert own.certificate_id == "PoS"
    with_gases = certified_wtw("methanol", "SSD", e_g_per_mj=8.0, unmeasured="oil", **E_METHANOL)
    assert with_gases.wtw_g_per_mj == pytest.approx(8.0 + (5e-5 * 28 + 1.8e-4 * 265) / 0.0199)


def test_slip_of_certified_methane_stays() -> None:
    own = certified_wtw("LNG", "LPDF_4S", e_g_per_mj=15.0, fuel_class="bio", certificate_id="x", lcv_mj_per_kg=49.1)
    ttw = (0.969 * (2.75 + 0.00011 * 265) + 0.031 * 28) / 0.0491
    assert own.wtw_g_per_mj == pytest.approx(15.0 - 2.75 / 0.0491 + ttw)
    assert own.wtw_g_per_mj > 15.0 + 14.0


@pytest.mark.parametrize(
    ("e", "crop", "fuel_class"), [(28.3, False, "rfnbo"), (200.0, False, "rfnbo"), (5.0, True, "bio")]
)
def test_what_misses_the_criteria_counts_as_fossil(e: float, crop: bool, fuel_class: str) -> None:
    own = certified_wtw("methanol", "SSD", e_g_per_mj=e, crop=crop, fuel_class=fuel_class, certificate_id="PoS")
    fossil = wtw("methanol", "SSD", unmeasured="zero")
    assert own.wtw_g_per_mj == fossil.wtw_g_per_mj
    assert own.flag.startswith("counts as fossil methanol")
    assert not own.rfnbo
    options = {"crop": crop, "fuel_class": fuel_class, "certificate_id": "P", "below_criteria": "as_certified"}
    plan = certified_wtw("methanol", "SSD", e_g_per_mj=e, **options)
    assert plan.wtw_g_per_mj == pytest.approx(e)
    assert not plan.rfnbo
    assert plan.flag


def test_at_the_threshold_it_still_counts() -> None:
    assert certified_wtw("methanol", "SSD", e_g_per_mj=28.2, **E_METHANOL).rfnbo


def test_fossil_type() -> None:
    assert least_favourable_fossil("hvo", "MSD").wtw_g_per_mj == wtw("MGO", "MSD").wtw_g_per_mj
    with pytest.raises(MethodError, match="as_certified"):
        least_favourable_fossil("ethanol", "SSD")


@given(st.floats(-50, 28.2), st.floats(0, 28.2), st.sampled_from(["AR4", "AR5", "AR6"]))
def test_cleaner_is_never_worse(e: float, less: float, gwp: str) -> None:
    dirty = certified_wtw("methanol", "SSD", e_g_per_mj=e, gwp=gwp, **E_METHANOL)
    clean = certified_wtw("methanol", "SSD", e_g_per_mj=e - less, gwp=gwp, **E_METHANOL)
    assert clean.wtw_g_per_mj <= dirty.wtw_g_per_mj + 1e-9
    assert clean.rfnbo >= dirty.rfnbo


@given(st.floats(0, 28.2), st.floats(18.0, 22.0))
def test_the_calorific_value_does_not_move_the_carbon_balance(e: float, lcv: float) -> None:
    own = certified_wtw("methanol", "SSD", e_g_per_mj=e, lcv_mj_per_kg=lcv, **E_METHANOL)
    assert own.wtw_g_per_mj == pytest.approx(e, abs=1e-9)
    assert own.ttw_g_per_g == pytest.approx(1.375)


def test_nonsense_is_refused() -> None:
    with pytest.raises(InputError, match="needs the id"):
        certified_wtw("methanol", "SSD", e_g_per_mj=8.0, fuel_class="rfnbo", certificate_id=" ")
    with pytest.raises(InputError, match="outside -200 to 500"):
        certified_wtw("methanol", "SSD", e_g_per_mj=math.nan, **E_METHANOL)
    with pytest.raises(InputError, match="above 0"):
        certified_wtw("methanol", "SSD", e_g_per_mj=8.0, lcv_mj_per_kg=0.0, **E_METHANOL)
    with pytest.raises(MethodError, match="choose from bio, rfnbo"):
        certified_wtw("methanol", "SSD", e_g_per_mj=8.0, fuel_class="fossil", certificate_id="x")
