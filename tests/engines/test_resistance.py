"""Propulsion power: EPA's golden cases, one row or many, what is missing, flags, tables, a ship of the demo."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.engines import hull_particulars, propulsion_power, speed_power_table
from sisterport.engines.coefficients import KINDS, by_kind, coefficients
from sisterport.engines.resistance import MODELS
from sisterport.errors import InputError, MethodError, ReferenceDataError, SchemaError
from sisterport.reference import load

COLUMNS = {
    "ship_type": "ship_class",
    "lwl_m": "lwl_m",
    "breadth_m": "beam_m",
    "max_draught_m": "draught_ref_m",
    "max_displacement_m3": "displacement_m3",
    "cb": "cb",
    "n_propellers": "n_propellers",
    "dwt_t": "dwt_t",
    "installed_kw": "power_kw",
}
CONDITIONS = {
    "case",
    "speed_kn",
    "draught_m",
    "service_margin_pct",
    "sea_temp_c",
    "sea_density_t_m3",
    "speed_m_s",
    "power_kw",
}
CLASSES = [
    "container",
    "bulk_carrier",
    "oil_tanker",
    "general_cargo",
    "ro_ro",
    "cruise",
    "service_tug",
    "vehicle",
    "unknown_cargo",
]
CHICAGO_EXPRESS = pl.DataFrame(
    {
        "mmsi": [211839000],
        "ship_class": ["container"],
        "length_m": [336.0],
        "beam_m": [42.8],
        "draught_ref_m": [14.61],
        "dwt_t": [103890.0],
        "teu": [8749.0],
        "power_kw": [68640.0],
    }
)


@pytest.mark.parametrize("model", ["kristensen", "holtrop"])
def test_golden_cases_of_epa(cases: Path, model: str) -> None:
    golden = pl.read_csv(cases / f"epa_power_{model}.csv")
    assert set(golden.columns) == COLUMNS.keys() | CONDITIONS, "a shape that this test does not know"
    assert golden.height == 6
    assert golden["sea_temp_c"].unique().to_list() == [15]
    assert golden["sea_density_t_m3"].unique().to_list() == [1.025]
    np.testing.assert_allclose(golden["speed_m_s"], 0.5144 * golden["speed_kn"], rtol=1e-12)
    hulls = golden.select(**{ours: theirs for theirs, ours in COLUMNS.items()})
    (margin,) = golden["service_margin_pct"].unique().to_list()
    found = propulsion_power(
        hulls, golden["speed_kn"], golden["draught_m"], model=f"epa_{model}", margin_pct=margin
    )  # fmt: skip
    np.testing.assert_allclose(found["brake_power_kw"], golden["power_kw"], rtol=1e-9)
    assert found["reason"].null_count() == 6


rows = st.fixed_dictionaries(
    {
        "ship_class": st.sampled_from(CLASSES),
        "length_m": st.floats(30, 400),
        "slim": st.floats(4, 9),
        "flat": st.floats(2, 4.5),
        "dwt_t": st.none() | st.floats(500, 4e5),
        "teu": st.none() | st.floats(100, 24000),
        "cb": st.none() | st.floats(0.45, 0.88),
        "power_kw": st.none() | st.floats(500, 9e4),
        "appendage_area_m2": st.none() | st.floats(0, 100),
        "c_stern": st.sampled_from([None, -10.0, 0.0, 10.0]),
        "speed": st.none() | st.floats(0, 32),
        "loaded": st.none() | st.floats(0.2, 1.3),
    }
)


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=25, deadline=None)
@given(fleet=st.lists(rows, min_size=2, max_size=12))
def test_a_mixed_fleet_at_once_equals_ship_by_ship(model: str, fleet: list[dict[str, float | str | None]]) -> None:
    """The defect of EPA's calcPropPwr (the first ship's speed for all) must not come back in any model."""
    kinds = {"ship_class": pl.String} | {n: pl.Float64 for n in fleet[0] if n != "ship_class"}
    ships = pl.DataFrame(fleet, schema=kinds).with_columns(beam_m=pl.col("length_m") / pl.col("slim"))
    ships = ships.with_columns(draught_ref_m=pl.col("beam_m") / pl.col("flat"), appendage_factor=pl.lit(1.5))
    speed, draught = ships["speed"].to_list(), (ships["loaded"] * ships["draught_ref_m"]).to_list()
    whole = propulsion_power(ships, speed, draught, model=model)
    each = [propulsion_power(ships[n], [speed[n]], [draught[n]], model=model) for n in range(ships.height)]
    single = pl.concat(each)
    for name in ("outside", "reason", "cb_source", "lwl_m_source"):
        assert whole[name].to_list() == single[name].to_list()
    for name in whole.columns:
        if whole[name].dtype == pl.Float64:
            assert whole[name].is_null().to_list() == single[name].is_null().to_list(), name
            np.testing.assert_allclose(whole[name].to_numpy(), single[name].to_numpy(), rtol=1e-11, err_msg=name)
    assert (whole["brake_power_kw"].is_null() == whole["reason"].is_not_null()).all()  # never null without a word
    assert not any(whole[n].is_nan().any() for n in whole.columns if whole[n].dtype == pl.Float64)


@pytest.mark.parametrize("model", MODELS)
def test_power_grows_with_speed_and_is_zero_at_standstill(model: str) -> None:
    table = speed_power_table(CHICAGO_EXPRESS, [0.0, *np.arange(0.5, 25.1, 0.5)], [9.0, 11.0, 13.0, 14.6], model=model)
    for _, part in table.group_by("draught_m"):
        power = part.sort("speed_kn")["brake_power_kw"].to_numpy()
        assert power[0] == 0
        assert (np.diff(power[1:]) >= 0).all()
        assert (np.diff(power) > 0).sum() >= (len(power) * 3) // 5  # EPA holds 2 % at low and 100 % at high speed
    deep = table.filter(pl.col("speed_kn") == 20).sort("draught_m")["resistance_kn"].to_list()
    assert deep == sorted(deep)


def test_chicago_express_is_where_a_register_has_her() -> None:
    """12K98ME of 68,640 kW, 24.5 kn: both published methods need 90 to 105 % of it at 24.5 kn and full draught."""
    for model in ("holtrop", "holtrop_1982", "kristensen"):
        row = propulsion_power(CHICAGO_EXPRESS, 24.5, model=model).row(0, named=True)
        assert 0.90 < row["load_factor"] < 1.05, model
        assert row["mmsi"] == 211839000
        assert row["brake_power_kw"] == pytest.approx(row["delivered_power_kw"] / 0.98)
        assert row["effective_power_kw"] == pytest.approx(row["resistance_kn"] * 24.5 * 1852 / 3600)
        # slow steaming: less than the cube of the speed makes of full power
        half = propulsion_power(CHICAGO_EXPRESS, 12.25, model=model).row(0, named=True)
        assert 0.08 < half["load_factor"] < 1 / 8


def test_margin() -> None:
    bare, told = (propulsion_power(CHICAGO_EXPRESS, 20, margin_pct=m)["resistance_kn"][0] for m in (None, 15))
    assert told == pytest.approx(1.15 * bare)
    assert propulsion_power(CHICAGO_EXPRESS, 20, model="kristensen")["margin_pct"].to_list() == [15]
    assert propulsion_power(CHICAGO_EXPRESS, 20)["margin_pct"].to_list() == [0]


def test_what_is_missing_is_said() -> None:
    base = CHICAGO_EXPRESS
    for change, reason in (
        ({"ship_class": "unknown"}, "kind of ship unknown"),
        ({"ship_class": None}, "kind of ship unknown"),
        ({"length_m": None}, "no length"),
        ({"length_m": 0.0}, "no length"),
        ({"beam_m": float("nan")}, "no beam"),
        ({"draught_ref_m": None}, "no reference draught"),
        ({"ship_class": "offshore"}, "no block coefficient: needs displacement, deadweight or cb"),
    ):
        ship = base.with_columns(pl.lit(v, base.schema[n]).alias(n) for n, v in change.items())
        row = propulsion_power(ship, 12.0).row(0, named=True)
        assert row["reason"] == reason
        assert row["brake_power_kw"] is None
        assert row["outside"] == ""
    assert propulsion_power(base, [None])["reason"].to_list() == ["no speed"]
    no_power = propulsion_power(base.drop("power_kw"), 12.0).row(0, named=True)
    assert no_power["load_factor"] is None
    assert no_power["brake_power_kw"] > 0
    assert no_power["reason"] is None


def test_outside_names_the_bounds_that_are_passed() -> None:
    tanker = pl.DataFrame({"ship_class": ["oil_tanker"], "lwl_m": 250.0, "beam_m": 42.0, "draught_ref_m": 15.0})
    tanker = tanker.with_columns(cb=pl.lit(0.8), dwt_t=pl.lit(110000.0), power_kw=pl.lit(13500.0))
    assert propulsion_power(tanker, 12.0)["outside"].to_list() == [""]
    assert propulsion_power(tanker, 12.0, 9.0)["outside"].to_list() == ["B/T"]
    assert propulsion_power(tanker, 12.0, 3.0)["outside"][0].endswith("draught held")
    assert propulsion_power(tanker, 24.0)["outside"].to_list() == ["Fn, power"]
    assert propulsion_power(tanker, 12.0, model="kristensen")["outside"].to_list() == ["Cp"]
    slim = tanker.with_columns(beam_m=pl.lit(30.0), draught_ref_m=pl.lit(10.0))
    assert propulsion_power(slim, 12.0)["outside"].to_list() == ["L/B"]
    held = propulsion_power(tanker, 12.0, 20.0, model="epa_holtrop").row(0, named=True)
    assert (held["draught_m"], held["outside"]) == (15.0, "draught held")


def test_hull_particulars_say_where_they_come_from() -> None:
    ships = pl.DataFrame(
        {
            "ship_class": ["container", "container", "cruise", "oil_tanker", "general_cargo"],
            "length_m": [336.0, None, 300.0, 250.0, 100.0],
            "lpp_m": [None, 320.0, None, None, None],
            "lwl_m": [None, None, None, 245.0, None],
            "beam_m": [42.8, 42.8, 36.0, 44.0, 15.0],
            "draught_ref_m": [14.6, 14.6, 8.5, 15.0, 6.0],
            "dwt_t": [103890.0, None, 9000.0, None, 90000.0],
            "displacement_m3": [None, None, None, 130000.0, None],
            "cb": [None, 0.65, None, None, None],
            "n_propellers": [None, None, None, 2, None],
        }
    )
    found = hull_particulars(ships)
    assert found["lwl_m"].to_list() == pytest.approx(
        [336 * 0.96 * 1.01, 320 * 1.01, 300 * 0.96 * 1.035, 245, 100 * 0.96 * 1.02]
    )
    assert found["lwl_m_source"].to_list()[1:4] == ["Lpp x 1.01", "length over all x 0.96 x 1.035", "given"]
    assert found["cb_source"].to_list() == [
        "deadweight / 0.7",
        "given",
        "class of ship",
        "displacement",
        "class of ship",
    ]
    assert found["cb"][0] == pytest.approx(103890 / 0.7 / 1.025 / (336 * 0.96 * 1.01 * 42.8 * 14.6))
    assert found["cb"][3] == pytest.approx(130000 / (245 * 44 * 15))
    assert found["n_propellers"].to_list() == [1, 1, 2, 2, 1]
    assert found["propeller_diameter_m"].to_list()[:2] == pytest.approx([0.623 * 14.6 - 0.16] * 2)
    assert found["hull_reason"].null_count() == 5


def test_table_holds_what_propulsion_power_gives() -> None:
    fleet = pl.concat(
        [CHICAGO_EXPRESS, CHICAGO_EXPRESS.with_columns(ship_class=pl.lit("unknown"), mmsi=pl.lit(1, pl.Int64))]
    )
    speeds, draughts = [0.0, 8.0, 19.0], [10.0, 14.0]
    table = speed_power_table(fleet, speeds, draughts, model="kristensen")
    assert table.height == 2 * 3 * 2
    assert table["row"].to_list() == [0] * 6 + [1] * 6
    for cell in table.iter_rows(named=True):
        one = propulsion_power(fleet[cell["row"]], cell["speed_kn"], cell["draught_m"], model="kristensen")
        same = one.row(0, named=True)
        assert (cell["mmsi"], cell["reason"], cell["outside"]) == (same["mmsi"], same["reason"], same["outside"])
        assert cell["brake_power_kw"] == (None if same["reason"] else pytest.approx(same["brake_power_kw"], rel=1e-12))
    deep = speed_power_table(CHICAGO_EXPRESS, speeds)
    assert deep["draught_m"].to_list() == [14.61] * 3
    assert speed_power_table(CHICAGO_EXPRESS[:0], speeds).height == 0
    assert propulsion_power(CHICAGO_EXPRESS[:0], []).height == 0


def test_other_frames_come_back_as_they_went_in() -> None:
    pandas = propulsion_power(CHICAGO_EXPRESS.to_pandas(), [20.0])
    assert type(pandas).__module__.startswith("pandas")
    assert pandas["brake_power_kw"][0] == propulsion_power(CHICAGO_EXPRESS, 20.0)["brake_power_kw"][0]


def test_wrong_input_is_told() -> None:
    with pytest.raises(MethodError, match=r"unknown resistance model 'holtropp' \(did you mean 'holtrop'\?\)"):
        propulsion_power(CHICAGO_EXPRESS, 12, model="holtropp")
    with pytest.raises(InputError, match="speed_kn: 1 values below zero, first -2"):
        propulsion_power(CHICAGO_EXPRESS, -2)
    with pytest.raises(InputError, match="draught_m: 2 values for 1 rows"):
        propulsion_power(CHICAGO_EXPRESS, 12, [10, 11])
    with pytest.raises(InputError, match=r"unknown ship class 'containr' \(did you mean 'container'\?\)"):
        propulsion_power(CHICAGO_EXPRESS.with_columns(ship_class=pl.lit("containr")), 12)
    with pytest.raises(SchemaError, match=r"(?s)2 faults.*'ship_class' missing.*'beam_m' is String"):
        propulsion_power(pl.DataFrame({"beam_m": ["wide"]}), 12)
    with pytest.raises(ReferenceDataError, match="no resistance coefficients of the method 'hollenbach'"):
        coefficients("hollenbach")
    with pytest.raises(ReferenceDataError, match="no coefficients 'ca' of the method 'holtrop_1984'"):
        by_kind("holtrop_1984", "ca")


def test_every_class_and_every_formula_has_its_row() -> None:
    classes = load("resistance_classes")
    assert classes["ship_class"].is_unique().all()
    assert set(load("class_defaults")["ship_class"]) <= set(classes["ship_class"])
    assert set(classes["kind"].drop_nulls()) == set(KINDS)
    table = load("resistance_coefficients")
    assert set(" ".join(table["methods"]).split()) == set(MODELS.values())
    for row in table.iter_rows(named=True):  # each coefficient appears in its formula or is explained beside it
        assert row["k1"] is not None
        assert row["expression"]
