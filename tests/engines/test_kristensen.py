"""Kristensen & Lützen: the residual resistance by hand, similarity, classes without a set."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.engines import propulsion_power
from sisterport.engines.kristensen import residual, teu_from_dwt

SHIP = pl.DataFrame(
    {
        "ship_class": ["bulk_carrier"],
        "lwl_m": [218.75],
        "beam_m": [32.25],
        "draught_ref_m": [13.57],
        "displacement_m3": [78143.4],
        "dwt_t": [70000.0],
        "power_kw": [9363.0],
    }
)


def guldhammer_harvald(m: float, fn: float, cp: float, bt: float) -> float:
    """1000 Cr as in the regression of Andersen & Guldhammer, one point at a time."""
    e = (1.35 - 0.23 * m + 0.012 * m**2 + 1.5 * fn**1.8 + 0.0011 * m**9.1 * fn ** (2 * m - 3.7)) * (
        0.98 + 2.5 / (m - 2) ** 4
    ) + (m - 5) ** 4 * (fn - 0.1) ** 4
    g = (7 - 0.09 * m**2) * (5 * cp - 2.5) ** 2 / (600 * (fn - 0.315) ** 2 + 1) ** 1.5
    h = math.exp(80 * (fn - (0.04 + 0.59 * cp) - 0.015 * (m - 5)))
    return e + g + h + 180 * fn**3.7 * math.exp(20 * cp - 16) + 0.16 * (bt - 2.5)


@settings(deadline=None)
@given(m=st.floats(4, 8), fn=st.floats(0.05, 0.33), cp=st.floats(0.5, 0.8), bt=st.floats(2, 5))
def test_residual_resistance_equals_a_plain_computation(m: float, fn: float, cp: float, bt: float) -> None:
    found = 1000 * float(residual(*map(np.float64, (m, fn, cp, bt)), "kristensen"))
    assert found == pytest.approx(guldhammer_harvald(m, fn, cp, bt), rel=1e-12, abs=1e-13)


def test_residual_resistance_is_of_the_size_of_the_diagrams() -> None:
    """Guldhammer & Harvald: about half a thousandth for slender hulls at low speed, several near Fn 0.3."""
    slow, fast = residual(*map(np.array, ([6.0, 6.0], [0.15, 0.30], [0.6, 0.6], [2.5, 2.5])), "kristensen") * 1000
    assert 0.3 < slow < 0.7
    assert 1.2 < fast < 3


def test_correction_for_bulbs_by_hand() -> None:
    """Bulk carrier at Fn 0.12: 1000 Cr changes by max(-0.4, -0.1 - 1.6 Fn); container ship: by half at low speed."""
    v = 0.12 * math.sqrt(9.81 * 218.75) / (1852 / 3600)
    bulk = propulsion_power(SHIP, v, model="kristensen", margin_pct=0).row(0, named=True)
    box = SHIP.with_columns(ship_class=pl.lit("container"), cm=pl.lit(0.995), teu=pl.lit(5000.0))
    container = propulsion_power(box, v, model="kristensen", margin_pct=0).row(0, named=True)
    speed = v * 1852 / 3600
    cb, area = 78143.4 / (218.75 * 32.25 * 13.57), 78143.4 / 13.57 + 1.9 * 218.75 * 13.57
    cf = 0.075 / (math.log10(speed * 218.75 / 1.18832e-6) - 2) ** 2
    cr = guldhammer_harvald(218.75 / 78143.4 ** (1 / 3), 0.12, cb / 0.995, 32.25 / 13.57) / 1000
    lg = math.log10(1.025 * 78143.4)
    ca = (0.5 * lg - 0.1 * lg**2) / 1000
    pressure = 1.025 * speed**2 / 2
    by_hand = 0.99 * area * (cf + cr - (0.1 + 1.6 * 0.12) / 1000 + max(-1e-4, ca) + 0.05 / 1000) * pressure
    assert bulk["resistance_kn"] == pytest.approx(by_hand, rel=1e-5)
    by_hand = 0.995 * area * (cf + 0.5 * cr + ca + max(0.28 * 5000**-0.126, 0.09) / 1000) * pressure
    assert container["resistance_kn"] == pytest.approx(by_hand, rel=1e-5)


def test_classes_without_a_set_are_null_and_say_why() -> None:
    for model in ("kristensen", "epa_kristensen"):
        for name in ("cruise", "ro_ro", "ferry_ropax", "vehicle", "refrigerated_bulk", "service_tug", "offshore"):
            row = propulsion_power(SHIP.with_columns(ship_class=pl.lit(name)), 10.0, model=model).row(0, named=True)
            assert row["brake_power_kw"] is None
            assert row["resistance_kn"] is None
            assert row["load_factor"] is None
            assert row["reason"] == f"{model}: no published set for this kind of ship"
        no_size = propulsion_power(SHIP.drop("dwt_t"), 10.0, model=model).row(0, named=True)
        assert no_size["reason"] == "no deadweight for the air resistance"


def test_published_form_and_epa_reading_differ_by_the_density_that_epa_takes_twice() -> None:
    row = {m: propulsion_power(SHIP, 12.0, model=m).row(0, named=True) for m in ("kristensen", "epa_kristensen")}
    ratio = row["kristensen"]["resistance_kn"] / row["epa_kristensen"]["resistance_kn"]
    assert 1.005 < ratio < 1.02


def test_teu_of_a_deadweight() -> None:
    found = teu_from_dwt(np.array([30000.0, 35000.0, 50000.0, 103890.0, np.nan]))
    expected = [(30000 / 15.19) ** (1 / 0.9814), (35000 / 15.19) ** (1 / 0.9814), (50000 / 28.81) ** (1 / 0.902)]
    expected += [(103890 / 37) ** (1 / 0.875), np.nan]
    np.testing.assert_allclose(found, expected)
