"""Particulars: the chain of each field, mixed fleets, and nothing guessed in silence."""

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sisterport.errors import InputError, SchemaError
from sisterport.fleet import SOURCE_WORDS, particulars, particulars_summary, ship_classes
from sisterport.tables import check, schema
from tests.fleet import plain

CLASSES = [*ship_classes()]


def maybe(strategy: Any) -> Any:
    return st.none() | strategy


STATIC = st.fixed_dictionaries(
    {
        "ais_type": maybe(st.integers(0, 99)),
        "length_m": maybe(st.floats(5, 450)),
        "beam_m": maybe(st.floats(1.7, 70)),
        "draught_m": maybe(st.floats(0, 25.5)),
    }
)
REGISTER = st.fixed_dictionaries(
    {
        "ship_class": maybe(st.sampled_from(CLASSES)),
        "teu": maybe(st.floats(1, 24_000)),
        "dwt_t": maybe(st.floats(100, 400_000)),
        "gt": maybe(st.floats(10, 250_000)),
        "cargo_m3": maybe(st.floats(100, 270_000)),
        "draught_ref_m": maybe(st.floats(1, 25)),
        "power_kw": maybe(st.floats(1, 100_000)),
        "v_service_kn": maybe(st.floats(5, 20)),
        "v_max_kn": maybe(st.floats(20, 40)),
        "build_year": maybe(st.integers(1950, 2026)),
        "engine_type": maybe(st.sampled_from(["SSD", "MSD", "HSD", "ST", "LPDF_2S"])),
    }
)


def fleet(ships: list[tuple[dict[str, Any], dict[str, Any]]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    keys = [{"mmsi": 300_000_000 + n} for n in range(len(ships))]
    statics = pl.DataFrame(
        [{**k, **s, "identities": 1, "positions": 1} for k, (s, _) in zip(keys, ships, strict=True)],
        schema={c.name: c.dtype for c in schema("statics").values()},
    )
    register = pl.DataFrame(
        [{**k, **r} for k, (_, r) in zip(keys, ships, strict=True)],
        schema={c.name: c.dtype for c in schema("register").values()},
    )
    return statics, register


def one(static: dict[str, Any] | None = None, **register: Any) -> dict[str, Any]:
    """Return the particulars of one ship."""
    blank = {"ais_type": None, "length_m": None, "beam_m": None, "draught_m": None}
    return particulars(*fleet([({**blank, **(static or {})}, register)])).row(0, named=True)


SHIPS = st.lists(st.tuples(STATIC, REGISTER), min_size=1, max_size=20)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(STATIC, REGISTER), min_size=2, max_size=5))
def test_a_mixed_fleet_equals_its_ships_one_by_one(
    ships: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    statics, register = fleet(ships)
    together = particulars(statics, register)
    apart = pl.concat([particulars(statics[n], register) for n in range(statics.height)])
    assert_frame_equal(together, apart, rel_tol=1e-14, abs_tol=0)
    other_way = particulars(statics.reverse(), register.sample(fraction=1, shuffle=True, seed=1)).reverse()
    assert_frame_equal(together, other_way, check_exact=True)


@settings(deadline=None, max_examples=60)
@given(SHIPS)
def test_the_chain_equals_a_plain_python_one(ships: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    for got, (static, register) in zip(particulars(*fleet(ships)).iter_rows(named=True), ships, strict=True):
        for field, value in plain.ship(static, register).items():
            wanted = pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
            assert got[field] == wanted, field


@settings(deadline=None, max_examples=30)
@given(SHIPS)
def test_a_source_is_unknown_exactly_where_the_value_is(
    ships: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    for ship, (_, register) in zip(particulars(*fleet(ships)).iter_rows(named=True), ships, strict=True):
        for field in ("size", "draught_ref_m", "power_kw", "v_ref_kn", "engine_type", "fuel", "keel_year"):
            source = ship[f"{field}_source"]
            assert source.startswith("unknown") == (ship[field] is None), field
            assert any(source.startswith(word) for word in SOURCE_WORDS), source
        nothing_known = ship["ship_class"] == "unknown" and not register["ship_class"]
        assert (ship["ship_class_source"] == "unknown") == nothing_known


def test_each_ship_has_its_own_reference_speed() -> None:
    # EPA calcPropPwr gives the speed of the first ship to all of a mixed fleet
    ships = particulars(
        *fleet(
            [
                ({}, {"v_service_kn": 12.0}),
                ({}, {"v_max_kn": 24.0}),
                ({}, {"ship_class": "cruise", "gt": 50_000}),
            ]
        )
    )
    assert ships["v_ref_kn"].to_list() == [pytest.approx(12 / 0.94), 24.0, 20.7]
    assert ships["v_ref_kn_source"].to_list() == [
        "register: service speed / 0.94",
        "register",
        "class average (EPA C.3): maximum speed",
    ]


@pytest.mark.parametrize("code", [None, 0, 70, 79, 80, 89, 60, 90, 99])
def test_a_ship_of_unknown_class_gets_no_power_and_no_speed(code: int | None) -> None:
    ship = one({"ais_type": code, "length_m": 200.0, "beam_m": 32.0, "draught_m": 10.0})
    assert ship["ship_class"].startswith("unknown")
    assert (ship["power_kw"], ship["v_ref_kn"], ship["size"], ship["size_bin"]) == (None, None, None, None)
    assert ship["power_kw_source"] == ship["v_ref_kn_source"] == "unknown"


def test_unknown_class_keeps_what_the_register_knows() -> None:
    ship = one({"ais_type": 70}, power_kw=9000.0, v_max_kn=15.0, dwt_t=40_000.0)
    assert (ship["ship_class"], ship["power_kw"], ship["v_ref_kn"], ship["dwt_t"]) == (
        "unknown_cargo",
        9000,
        15,
        40_000,
    )
    assert (ship["engine_type"], ship["engine_type_source"]) == ("SSD", "default (cetos)")


def test_group_follows_the_register_before_the_ais_type() -> None:
    assert one({"ais_type": 52})["group"] == "harbour_craft"
    assert one({"ais_type": 52}, ship_class="container")["group"] == "ocean_going"
    assert one({"ais_type": None})["group"] == "unknown"
    assert one(ship_class="ferry_ropax", gt=2794.0)["group"] == "harbour_craft"
    assert one(ship_class="ferry_ropax", gt=5000.0)["group"] == "ocean_going"
    assert one(ship_class="ferry_ropax")["group"] == "unknown"


def test_size_of_a_container_ship() -> None:
    dims = {"length_m": 335.5, "beam_m": 42.8, "draught_m": 14.6}  # CHICAGO EXPRESS: 103,890 t, 8,749 TEU
    known = one(dims, ship_class="container", teu=8749.0, dwt_t=103_890.0)
    assert (known["size"], known["size_source"], known["size_bin"]) == (8749, "register", 6)
    from_dwt = one(dims, ship_class="container", dwt_t=103_890.0)
    assert from_dwt["size_source"] == "register: TEU from deadweight"
    assert from_dwt["size"] == from_dwt["teu"] == pytest.approx(8749, rel=0.01)
    from_dims = one(dims, ship_class="container")
    assert from_dims["size_source"] == "broadcast dimensions: TEU from dwt = k Cb L B T"
    assert from_dims["size"] == pytest.approx(8749, rel=0.1)
    assert from_dims["dwt_t"] is None  # a step on the way, not a known deadweight
    whole = one(ship_class="container", length_m=335.5, beam_m=42.8, draught_ref_m=14.6)
    assert whole["size_source"] == "register dimensions: TEU from dwt = k Cb L B T"


def test_dimensions_out_of_proportion_are_not_believed() -> None:
    for length, beam, believed in [(160, 20, True), (161, 20, False), (40, 20, True), (39, 20, False)]:
        ship = one({"length_m": float(length), "beam_m": float(beam)}, ship_class="oil_tanker")
        assert (ship["size"] is not None) == believed


@pytest.mark.parametrize(
    ("draught", "beam", "register", "value", "source"),
    [
        (9.0, 32.0, {"draught_ref_m": 8.0}, 8.0, "register"),
        (9.0, 43.0, {"teu": 9000.0}, 14.4, "class average (EPA C.3)"),
        (15.0, 43.0, {"teu": 9000.0}, 15.0, "largest broadcast draught"),
        (20.0, 43.0, {"teu": 9000.0}, 14.4, "class average (EPA C.3)"),  # 43 / 20 < 2.25: typed wrongly
        (0.0, 39.0, {}, 12.0, "beam: B / 3.25"),
        (13.0, 39.0, {}, 13.0, "largest broadcast draught"),
        (9.0, None, {}, 112.3 / 9, "class average over all sizes"),
    ],
)
def test_reference_draught(
    draught: float, beam: float | None, register: dict[str, float], value: float, source: str
) -> None:
    # no length, so no size from dimensions
    ship = one({"draught_m": draught, "beam_m": beam}, ship_class="container", **register)
    assert (ship["draught_ref_m"], ship["draught_ref_m_source"]) == (pytest.approx(value), source)


FITTED = "regression (fitted on EU-MRV 2022, bulk and container)"


def test_power_of_a_tanker_by_a_published_regression_and_of_a_container_ship_by_a_fitted_one() -> None:
    tanker = one(ship_class="oil_tanker", dwt_t=159_021.0, v_service_kn=15.0)
    assert tanker["power_kw"] == pytest.approx(2.66 * 159_021**0.6 * 15**0.6)
    assert tanker["power_kw_source"] == "regression (Cepowski 2019): dwt register, speed register"
    half = one({"length_m": 274.0, "beam_m": 48.0, "draught_m": 17.0}, ship_class="oil_tanker")
    assert half["power_kw_source"] == "regression (Cepowski 2019): dwt dimensions, speed class average"
    assert half["power_kw"] == pytest.approx(2.66 * (0.664 * 274 * 48 * 17) ** 0.6 * (15.6 * 0.94) ** 0.6)
    box = one(ship_class="container", teu=8500.0)
    assert box["power_kw_source"] == f"{FITTED}: GT from size, build year unknown"
    statics, register = fleet([({}, {"ship_class": "container", "teu": 8500.0})])
    published = particulars(statics, register, fitted=False).row(0, named=True)
    assert (published["power_kw"], published["power_kw_source"]) == (61_000, "class average (EPA C.3)")
    gas = one(ship_class="liquefied_gas_tanker", cargo_m3=40_000.0, dwt_t=30_000.0)
    assert gas["power_kw_source"] == "class average (GHG3 Table 14, unverified)"


def test_size_unknown_gives_the_mean_over_all_sizes_and_says_so() -> None:
    ship = one(ship_class="vehicle")
    assert ship["power_kw"] == pytest.approx((9084 + 9084 + 14_216) / 3)
    assert ship["power_kw_source"] == "class average over all sizes"
    assert ship["v_ref_kn_source"] == "class average over all sizes: maximum speed"
    # a bin that is known but without a source is not filled from the others
    empty = one(ship_class="refrigerated_bulk", dwt_t=1500.0)
    assert (empty["size_bin"], empty["power_kw"], empty["power_kw_source"]) == (1, None, "unknown")


@pytest.mark.parametrize(("length", "power"), [(12.0, None), (23.9, None), (24.0, 3100.0), (None, None)])
def test_a_sailing_boat_does_not_get_the_engine_of_a_large_yacht(length: float | None, power: float | None) -> None:
    assert one({"ais_type": 36, "length_m": length})["power_kw"] == power


def test_a_pilot_launch_does_not_get_the_engine_of_a_research_ship_nor_a_ferry_the_mean_of_all_ferries() -> None:
    assert one({"ais_type": 50, "length_m": 15.0})["power_kw"] is None
    assert one({"ais_type": 50, "length_m": 40.0})["power_kw"] == 3177
    assert one(ship_class="ferry_pax_only")["power_kw"] is None
    assert one(ship_class="ferry_pax_only", gt=200.0)["power_kw"] is not None


def test_design_speed_is_not_taken_for_maximum_speed() -> None:
    tug = one({"ais_type": 52})
    assert tug["v_ref_kn"] == pytest.approx(11.8 / 0.94)
    assert tug["v_ref_kn_source"] == "class average (GHG3 Table 14, unverified): design speed / 0.94"


@pytest.mark.parametrize(
    ("register", "year", "tier", "source"),
    [
        ({"keel_year": 1999, "build_year": 2001}, 1999, 0, "register"),
        ({"build_year": 2000}, 1999, 0, "register: build year - 1"),
        ({"build_year": 2001}, 2000, 1, "register: build year - 1"),
        ({"build_year": 2011}, 2010, 1, "register: build year - 1"),
        ({"build_year": 2012}, 2011, 2, "register: build year - 1"),
        ({"build_year": 2017}, 2016, 3, "register: build year - 1"),
        ({}, None, 1, "unknown: NOx Tier 1 assumed"),
    ],
)
def test_keel_year_and_tier(register: dict[str, int], year: int | None, tier: int, source: str) -> None:
    ship = one(**register)
    assert (ship["keel_year"], ship["nox_tier"], ship["keel_year_source"]) == (year, tier, source)


@pytest.mark.parametrize(
    ("register", "engine", "fuel", "fuel_source"),
    [
        ({"ship_class": "container", "teu": 9000.0}, "SSD", "residual", "default (SAVE, rpm)"),
        ({"ship_class": "container", "teu": 500.0}, "MSD", "residual", "default (EPA fuel mix)"),
        ({"ship_class": "service_tug"}, "HSD", "distillate", "default (SAVE, rpm)"),
        ({"ship_class": "ferry_pax_only", "gt": 3335.0}, "MSD", "distillate", "default (own choice)"),
        ({"ship_class": "oil_tanker", "engine_type": "ST"}, "ST", "distillate", "default (EPA fuel mix)"),
        ({"ship_class": "container", "engine_type": "HPDF"}, "HPDF", "lng", "default (SAVE, LNG)"),
        ({"ship_class": "container", "fuel": "methanol"}, "SSD", "methanol", "register"),
        ({}, None, None, "unknown"),
    ],
)
def test_engine_and_fuel(register: dict[str, Any], engine: str, fuel: str, fuel_source: str) -> None:
    ship = one(**register)
    assert (ship["engine_type"], ship["fuel"], ship["fuel_source"]) == (engine, fuel, fuel_source)


def test_scrubber_is_only_what_the_register_says() -> None:
    assert [one(scrubber=s)["scrubber"] for s in (True, False, None)] == [True, False, False]


def test_border_callers_kind_bad_frames_and_repeated_ships() -> None:
    statics, register = fleet([({"ais_type": 52}, {}), ({"ais_type": 70}, {})])
    assert isinstance(particulars(statics.to_pandas(), register.to_pandas()), pd.DataFrame)
    assert check(particulars(statics), "ships").height == 2
    assert particulars(statics[:0]).height == 0
    with pytest.raises(InputError, match="1 mmsi in more than one row, first: 300000000"):
        particulars(pl.concat([statics, statics[:1]]))
    with pytest.raises(SchemaError, match="column 'mmsi' missing"):
        particulars(statics.drop("mmsi"))


def test_a_wrong_imo_number_is_not_passed_on() -> None:
    statics, _ = fleet([({}, {})])
    assert particulars(statics.with_columns(imo=pl.lit(9302892)))["imo"].to_list() == [None]


def test_summary_counts_every_ship_once_per_field() -> None:
    ships = particulars(*fleet([({"ais_type": 52}, {}), ({"ais_type": 70}, {}), ({}, {"ship_class": "container"})]))
    summary = particulars_summary(ships)
    assert summary.group_by("field").agg(pl.sum("ships"))["ships"].to_list() == [3] * 8
    assert summary.group_by("field").agg(pl.sum("share"))["share"].to_list() == pytest.approx([1.0] * 8)
    words = {w.removesuffix(" (unverified)") for w in summary["source"]}
    assert words <= set(SOURCE_WORDS)
    power = summary.filter(pl.col("field") == "power_kw").select("source", "ships").rows()
    assert sorted(power) == [
        ("class average (unverified)", 1),
        ("class average over all sizes", 1),
        ("unknown", 1),
    ]


def test_sizes_from_broadcast_dimensions_against_the_demo_register(shared: Path) -> None:
    """Ships of which both the AIS dimensions and the true size are known: the size bin may be off by one."""
    from importlib.resources import files

    from sisterport.fleet import read_register

    register = read_register(Path(str(files("sisterport") / "demo" / "new_york" / "register.csv")))
    ais = pl.read_parquet(shared / "data/ais/new_york_2020-06-30_first_hour.parquet")
    statics = ais.group_by("mmsi").agg(
        pl.col("imo").drop_nulls().first(),
        length_m=pl.max("length"),
        beam_m=pl.max("width"),
        draught_m=pl.max("draught"),
        identities=pl.lit(1),
        positions=pl.len(),
    )
    statics = statics.filter(pl.col("imo").is_in(register["imo"].implode()))
    truth = particulars(statics, register).filter(pl.col("size_source") == "register").drop_nulls("size")
    blind = particulars(statics, register.with_columns(pl.lit(None).alias(c) for c in ("teu", "dwt_t", "gt")))
    both = truth.join(blind.drop_nulls("size"), on="mmsi", suffix="_est").filter(pl.col("size_unit") != "gt")
    ratio = both["size_est"] / both["size"]
    assert both.height >= 5
    assert (ratio - 1).abs().median() < 0.10, both.select("name", "size", "size_est")
    assert ratio.is_between(0.6, 1.6).all(), both.select("name", "size", "size_est")
    assert ((both["size_bin_est"] - both["size_bin"]).abs() <= 1).all()
