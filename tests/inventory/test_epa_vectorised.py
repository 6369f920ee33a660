"""Vectorised EPA functions equal the same functions called ship by ship, on mixed fleets."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError
from sisterport.inventory import epa, epa_chain, epa_factors

SHIPS = st.fixed_dictionaries(
    {
        "ship_type": st.sampled_from(["container.ship", "oil.tanker", "cruise", "service.tug", "vehicle.carrier"]),
        "dwt": st.floats(100, 3e5),
        "gt": st.floats(100, 2e5),
        "teu": st.floats(0, 24000),
        "installed_kw": st.floats(200, 80000),
        "service_speed_kn": st.floats(8, 28),
        "max_draught_m": st.floats(3, 22),
        "draught_m": st.floats(1, 25),
        "engine_type": st.sampled_from(["SSD", "MSD", "ST", "GT", "MSD-ED", "GT-ED", "LNG"]),
        "keel_year": st.integers(1970, 2024),
        "sog_kn": st.floats(0, 30),
        "location": st.sampled_from(["ECA", "OutsideECA", "GreatLakes"]),
        "in_berth_area": st.booleans(),
        "in_anchorage_area": st.booleans(),
        "dt_h": st.floats(0.001, 100),
    }
)


@settings(max_examples=40, deadline=None)
@given(st.lists(SHIPS, min_size=2, max_size=10))
def test_chain_is_the_same_row_by_row(rows: list[dict[str, object]]) -> None:
    frame = pl.DataFrame(rows)
    together = epa_chain.chain(frame)
    alone = pl.concat([epa_chain.chain(frame[i : i + 1]) for i in range(frame.height)])
    assert together.columns == alone.columns
    for name in together.columns:
        assert together[name].to_list() == alone[name].to_list(), name
    assert not any(together[name].is_nan().any() for name in together.columns if together[name].dtype.is_float())


def test_the_defect_of_the_epa_tool_is_absent() -> None:
    """There the reference speed of the first ship holds for all rows: 955.2 twice."""
    power = epa.propeller_power([1000.0, 1000.0], [12.0, 12.0], [12.0, 24.0])
    np.testing.assert_allclose(power, [955.1716, 119.39645], rtol=1e-7)


def test_one_ship_or_many() -> None:
    assert float(epa.propeller_power(1000.0, 12.0, 12.0)) == pytest.approx(955.1716)
    grid = epa_factors.low_load_factor(np.full((2, 3), 0.05), "nox")
    assert grid.shape == (2, 3)
    factor = epa_factors.main_emission_factor("SSD", ["Tier 0", "Tier 1"], "ECA", "nox")
    assert factor.tolist() == [17.0, 16.0]


def test_unknown_words_are_refused_not_skipped() -> None:
    with pytest.raises(InputError, match="did you mean 'OutsideECA'"):
        epa_factors.main_emission_factor("SSD", "Tier 0", "Outside", "nox")
    with pytest.raises(InputError, match="turbines and LNG engines are Tier 0"):
        epa_factors.main_emission_factor(["SSD", "ST"], "Tier 2", "ECA", "nox")
    with pytest.raises(MethodError, match=r"did you mean 'oil\.tanker'"):
        epa.find_bin(["oil_tanker"], [1000.0], "ghg3")
    with pytest.raises(InputError, match="1 ships without a size"):
        epa.find_bin(["oil.tanker", "yacht"], [np.nan, np.nan], "ghg3")
    with pytest.raises(InputError, match="2 are null"):
        epa_factors.auxiliary_emission_factor(pl.Series([None, "MSD"], dtype=pl.String), "Tier 0", "ECA", "co")


def test_mode_rules_are_tested_in_the_published_order() -> None:
    modes = epa.mode_codes(
        [3.0, 3.01, 1.0, 1.0, 1.01, 1.01, 0.5],
        [0.02, 0.02, 0.02, 0.02, 0.20, 0.2001, 0.02],
        [True, True, True, False, False, False, False],
        [True, True, False, False, False, False, False],
    )
    expected = ["anchorage", "manoeuvring", "berth", "anchorage", "manoeuvring", "cruise", "anchorage"]
    assert [list(epa.MODES)[code] for code in modes] == expected
