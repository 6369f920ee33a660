"""Summaries: the parts of a partition add up to the total, nothing unknown hides in a sum."""

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import MethodError
from sisterport.inventory import emissions, input_quality, summarise

from .frames import NA, START, segment, segments, ship, ships

SUMS = [
    "energy_kwh",
    "shore_kwh",
    "fuel_t",
    "co2_t",
    "ch4_kg",
    "co2e_wtw_t",
    "nox_kg",
    "sox_kg",
    "pm25_kg",
    "bc_kg",
]
UNKNOWN = {"power_kw": None, "v_ref_kn": None, "ship_class": "unknown_cargo", "size_bin": None, "size": None}


def fleet() -> pl.DataFrame:
    return ships(
        ship(366000001),
        ship(
            366000002,
            ship_class="service_tug",
            group="harbour_craft",
            size_bin=1,
            engine_type="HSD",
            fuel="distillate",
        ),
        ship(366000003, **UNKNOWN, engine_type=None, fuel=None),
        ship(366000004, power_kw_source="class average (EPA C.3)", engine_type="LPDF_2S", fuel="lng"),
    )


rows_of_segments = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.sampled_from(["cruise", "manoeuvring", "berth", "anchorage"]),
        st.sampled_from([None, "north_america"]),
        st.sampled_from([None, "B1", "A1"]),
        st.floats(0.02, 1.0),
        st.floats(0.01, 24.0),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=12,
)


def build(rows: list[Any]) -> pl.DataFrame:
    made = []
    for i, (number, mode, zone, area, lf, hours, day) in enumerate(rows):
        loads = [(lf, hours)] if mode in {"cruise", "manoeuvring"} and number != 3 else []
        made.append(
            segment(
                i,
                loads,
                mmsi=366000000 + number,
                mode=mode,
                zone_id=zone,
                area_id=area,
                hours=hours,
                start_utc=START + timedelta(days=day),
            )
        )
    return segments(*made)


@settings(max_examples=40, deadline=None)
@given(
    rows=rows_of_segments,
    keys=st.sampled_from([["mode"], ["area_id", "date"], ["ship_class"], ["zone_id", "mmsi"]]),
)
def test_parts_add_up_to_the_total(rows: list[Any], keys: list[str]) -> None:
    parts = build(rows)
    result = emissions(parts, fleet(), zones=NA)
    total = summarise(result, parts, fleet(), by=[]).row(0, named=True)
    by_keys = summarise(result, parts, fleet(), by=keys)
    by_system = summarise(result, parts, fleet(), by=["system", "fuel"])
    for column in SUMS:
        direct = result[column].sum()
        for table in (by_keys, by_system):
            assert table[column].sum() == pytest.approx(direct, rel=1e-12, abs=1e-300)
        assert (total[column] or 0.0) == pytest.approx(direct, rel=1e-12, abs=1e-300)
    for column in ("hours", "distance_nm", "hours_not_estimated"):
        assert by_keys[column].sum() == pytest.approx(total[column], rel=1e-12)
    assert total["hours"] == pytest.approx(parts["hours"].sum(), rel=1e-12)
    assert total["ships"] == parts["mmsi"].n_unique()


@pytest.mark.parametrize("mode", ["cruise", "berth"])
def test_unknown_is_counted_and_null(mode: str) -> None:
    parts = build([(1, "cruise", None, None, 0.5, 2.0, 0), (3, mode, None, None, 0.5, 3.0, 0)])
    result = emissions(parts, fleet(), zones=NA)
    table = summarise(result, parts, fleet(), by=["ship_class"])
    known, unknown = table.rows(named=True)
    assert known["hours_not_estimated"] == 0.0
    assert unknown["ship_class"] == "unknown_cargo"
    assert unknown["hours_not_estimated"] == 3.0
    assert unknown["energy_kwh"] is None
    assert unknown["co2_t"] is None
    assert summarise(result, parts, fleet(), by=[])["hours_not_estimated"].to_list() == [3.0]


def test_energy_shares_follow_the_grade_of_particulars() -> None:
    parts = build([(1, "cruise", None, None, 0.5, 1.0, 0), (4, "cruise", None, None, 0.5, 3.0, 0)])
    result = emissions(parts, fleet(), zones=NA)
    total = summarise(result, parts, fleet(), by=[]).row(0, named=True)
    assert total["energy_share_register"] == pytest.approx(0.25)
    assert total["energy_share_class_average"] == pytest.approx(0.75)
    assert total["energy_share_unknown"] == 0.0


def test_terminal_is_the_area_above() -> None:
    areas = pl.DataFrame(
        [("P", "port", None), ("T", "terminal", "P"), ("B1", "berth", "T"), ("A1", "anchorage", "P")],
        schema=["area_id", "kind", "parent"],
        orient="row",
    ).with_columns(name="area_id", source=pl.lit("test"), status=pl.lit("hand_drawn"))
    parts = build([(1, "berth", None, "B1", 0.5, 1.0, 0), (1, "anchorage", None, "A1", 0.5, 3.0, 0)])
    result = emissions(parts, fleet(), zones=NA)
    table = summarise(result, parts, fleet(), by=["terminal"], areas=areas)
    assert table.select("terminal", "hours").rows() == [("T", 1.0), (None, 3.0)]
    with pytest.raises(MethodError, match="needs the areas"):
        summarise(result, parts, fleet(), by=["terminal"])


def test_wrong_keys_are_refused() -> None:
    parts = build([(1, "berth", None, None, 0.5, 1.0, 0)])
    result = emissions(parts, fleet(), zones=NA)
    with pytest.raises(MethodError, match="did you mean 'mode'"):
        summarise(result, parts, fleet(), by=["mod"])
    with pytest.raises(MethodError, match="twice"):
        summarise(result, parts, fleet(), by=["mode", "mode"])
    with pytest.raises(MethodError, match="no segment"):
        summarise(result.with_columns(segment_id=pl.lit(7)), parts, fleet())


def test_cells_and_pandas() -> None:
    parts = build([(1, "berth", None, None, 0.5, 1.0, 0)]).with_columns(cell_lat=pl.lit(4), cell_lon=pl.lit(-7))
    result = emissions(parts.to_pandas(), fleet().to_pandas(), zones=NA)
    assert type(result).__module__.startswith("pandas")
    table = summarise(result, parts, fleet(), by=["cell"])
    assert table[["cell_lat", "cell_lon"]].to_numpy().tolist() == [[4, -7]]


def test_input_quality_words() -> None:
    parts = segments(
        segment(0, hours=2.0, quality="bridged"),
        segment(1, hours=2.0, hours_derived=1.5, hours_no_draught=2.0),
        segment(2, hours=2.0, mmsi=366000009),
        segment(3, hours=2.0, mmsi=366000004),
    )
    known = ship(draught_ref_m=14.0, v_ref_kn_source="register: service speed / 0.94")
    table = input_quality(
        parts, ships(known, ship(366000004, power_kw_source="regression (Cepowski 2019)", keel_year=None))
    )
    assert table["speed"].to_list() == ["bridged", "derived", "transmitted", "transmitted"]
    assert table["particulars"].to_list() == ["register", "register", "unknown", "regression"]
    assert table["draught"].to_list() == ["known", "unknown", "unknown", "unknown"]
    assert table["auxiliary"].to_list() == ["table", "table", "unknown", "table"]
    assert table["engine_age"].to_list() == ["known", "known", "assumed", "assumed"]
