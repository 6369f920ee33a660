"""Load functions against published tables and independent computations."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport import engines
from sisterport.reference import load, value

CLOSED_FORM = {"PM": "pm10", "NOx": "nox", "N2O": "nox", "CH4": "hc", "NMVOC": "hc", "CO": "co"}


def test_load_curve_has_its_published_values() -> None:
    curve = [value(f"sfc_curve_a{n}") for n in (2, 1, 0)]
    assert engines.sfc_curve(0.78, *curve) == pytest.approx(1.0030, abs=5e-5)
    assert engines.sfc_curve(1.0, *curve) == pytest.approx(1.025)
    assert engines.sfc_curve(0.02, *curve) == pytest.approx(1.266, abs=5e-4)


def test_closed_form_reproduces_the_low_load_table() -> None:
    """The table of the Third IMO GHG Study in 1 % steps: within 0.5 %, methane and NMVOC within 1.2 %."""
    table = load("low_load_adjustment_ghg3")
    pollutants = set(table["pollutant"])
    assert pollutants <= CLOSED_FORM.keys(), "a pollutant that this test does not know"
    coefficients = {row["pollutant"]: row for row in load("epa_ef_llaf_coefficients").iter_rows(named=True)}
    for row in table.iter_rows(named=True):
        c = coefficients[CLOSED_FORM[row["pollutant"]]]
        found = engines.low_load_factor(row["load_factor"], c["a"], float(c["x"]), c["b"], value("low_load_limit"))
        tolerance = 0.012 if row["pollutant"] in {"CH4", "NMVOC"} else 0.005
        assert found == pytest.approx(row["factor"], rel=tolerance), row


def test_low_load_factor_joins_one_without_a_jump() -> None:
    c = load("epa_ef_llaf_coefficients").row(by_predicate=pl.col("pollutant") == "nox", named=True)
    at = [engines.low_load_factor(lf, c["a"], float(c["x"]), c["b"], 0.2) for lf in (0.0, 0.2, 0.2 + 1e-12, 0.9)]
    assert at == pytest.approx([1.0, 1.0, 1.0, 1.0], abs=1e-12)


@given(
    loads=st.lists(st.tuples(st.just(0.0) | st.floats(1e-3, 1.0), st.floats(1e-3, 24.0)), min_size=1, max_size=8),
    low_load=st.booleans(),
    sulphur=st.floats(0.01, 3.5),
    exponent=st.sampled_from([0.359, 0.968]),
)
def test_load_sums_equal_a_plain_computation(
    loads: list[tuple[float, float]], *, low_load: bool, sulphur: float, exponent: float
) -> None:
    out = np.zeros(len(engines.STATISTICS))
    for lf, hours in loads:
        engines.load_functions(lf, hours, low_load, sulphur, exponent, 0.397, engines.load_coefficients(), out)
    c = {row["pollutant"]: row for row in load("epa_ef_llaf_coefficients").iter_rows(named=True)}

    def low(pollutant: str, lf: float) -> float:
        if not low_load or lf > 0.2:
            return 1.0
        a, b = c[pollutant]["a"], c[pollutant]["b"]
        if pollutant == "so2":
            rate = [14.1205 / at + 205.7169 for at in (lf, 0.2)]
            return (a * rate[0] * sulphur + b) / (a * rate[1] * sulphur + b)
        x = float(c[pollutant]["x"])
        return (a / lf**x + b) / (a / 0.2**x + b)

    expected = dict.fromkeys(engines.STATISTICS, 0.0)
    for lf, hours in loads:
        if lf == 0.0:
            continue
        e, g = lf * hours, 0.455 * lf * lf - 0.710 * lf + 1.280
        expected["lf_h"] += e
        expected["lf_sfc_h"] += e * g
        expected["lf_sfc_high_h"] += e * (g - 1) if lf >= 0.2 else 0.0
        expected["lf_nox_h" if lf >= 0.25 else "lf_nox_low_h"] += e * low("nox", lf)
        for name, pollutant in (("pm", "pm10"), ("hc", "hc"), ("co", "co"), ("co2", "co2"), ("so2", "so2")):
            expected[f"lf_{name}_h"] += e * low(pollutant, lf)
        expected["lf_bc_residual_h"] += e * g / max(lf, 0.02) ** exponent
        expected["lf_bc_distillate_h"] += e * g / max(lf, 0.02) ** 0.397
    np.testing.assert_allclose(out, [expected[name] for name in engines.STATISTICS], rtol=1e-9, atol=1e-300)


def test_load_factor_caps_floors_and_switches_off() -> None:
    def at(ratio: float, law: engines.LoadLaw, factor: float = 1.0) -> float:
        return engines.load_factor(ratio, factor, law.lf_min, law.lf_max, law.lf_off)

    epa, ghg4 = engines.load_law("epa_propeller"), engines.load_law("ghg4")
    assert at(0.0, epa) == at(0.0, ghg4) == 0.0
    assert at(float("nan"), epa) == 0.0
    assert at(0.05, epa) == 0.02
    assert at(0.05, ghg4) == 0.0
    assert at(0.41, ghg4) == 0.0
    assert at(0.42, ghg4) == pytest.approx(0.42**3)
    assert at(1.2, epa) == at(1.2, ghg4) == 1.0


def test_draught_factor_is_held_and_one_where_unknown() -> None:
    third = 2 / 3
    assert engines.draught_factor(8.0, 10.0, 0.3, 1.1, third) == pytest.approx(0.8**third)
    assert engines.draught_factor(25.0, 10.0, 0.3, 1.1, third) == pytest.approx(1.1**third)
    assert engines.draught_factor(1.0, 10.0, 0.3, 1.1, third) == pytest.approx(0.3**third)
    for draught, reference in ((0.0, 10.0), (float("nan"), 10.0), (8.0, float("nan"))):
        assert engines.draught_factor(draught, reference, 0.3, 1.1, third) == 1.0


def test_nox_tier_by_keel_year() -> None:
    assert [engines.nox_tier(y) for y in (1990, 1999, 2000, 2010, 2011, 2015, 2016)] == [0, 0, 1, 1, 2, 2, 3]
