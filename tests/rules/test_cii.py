"""IMO CII against the printed guidelines, a plain second calculation, and what a fleet needs."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError, ReferenceDataError, SchemaError
from sisterport.reference import load
from sisterport.rules import cii
from sisterport.rules.cii_years import bands, corrective_plan

TYPES = sorted(set(load("cii_reference_lines")["ship_type"]))
# G2 and G4 as printed, typed in again: type -> (unit, [(below, fixed, a, c)], d1..d4)
PRINTED = {
    "bulk_carrier": ("dwt", [(279000, None, 4745, 0.622), (math.inf, 279000, 4745, 0.622)], (0.86, 0.94, 1.06, 1.18)),
    "tanker": ("dwt", [(math.inf, None, 5247, 0.610)], (0.82, 0.93, 1.08, 1.28)),
    "container_ship": ("dwt", [(math.inf, None, 1984, 0.489)], (0.83, 0.94, 1.07, 1.19)),
    "general_cargo_ship": (
        "dwt",
        [(20000, None, 588, 0.3885), (math.inf, None, 31948, 0.792)],
        (0.83, 0.94, 1.06, 1.19),
    ),
    "ro_ro_cargo_vehicle_carrier": (
        "gt",
        [(30000, None, 330, 0.329), (57700, None, 3627, 0.590), (math.inf, 57700, 3627, 0.590)],
        (0.86, 0.94, 1.06, 1.16),
    ),
    "cruise_passenger": ("gt", [(math.inf, None, 930, 0.383)], (0.87, 0.95, 1.06, 1.16)),
    "ro_ro_passenger": ("gt", [(math.inf, None, 2023, 0.460)], (0.76, 0.92, 1.14, 1.30)),
}
Z = {2023: 5, 2024: 7, 2025: 9, 2026: 11, 2027: 13.625, 2028: 16.25, 2029: 18.875, 2030: 21.5}


def _plain(ship_type, capacity, co2_t, distance_nm, year):
    _, lines, bounds = PRINTED[ship_type]
    _, fixed, a, c = next(line for line in lines if capacity < line[0])
    required = a * (fixed or capacity) ** -c * (100 - Z[year]) / 100
    ratio = co2_t * 1e6 / (capacity * distance_nm) / required
    return ratio, "ABCDE"[sum(ratio > bound for bound in bounds)]


def _rate(ship_type, capacity, co2_t, distance_nm, year, **options):
    # gross tonnage stays open where the type counts by deadweight
    size = {"gt": capacity} if _unit(ship_type) == "gt" else {"dwt_t": capacity}
    return cii.rate(ship_type=ship_type, co2_t=co2_t, distance_nm=distance_nm, year=year, **size, **options)


def _unit(ship_type):
    return load("cii_reference_lines").filter(ship_type=ship_type)["capacity_unit"][0]


@given(
    ship_type=st.sampled_from(sorted(PRINTED)),
    capacity=st.floats(5000, 400_000),
    co2_t=st.floats(1, 300_000),
    distance_nm=st.floats(100, 150_000),
    year=st.sampled_from(sorted(Z)),
)
def test_same_as_a_plain_calculation_from_the_printed_lines(ship_type, capacity, co2_t, distance_nm, year):
    ratio, letter = _plain(ship_type, capacity, co2_t, distance_nm, year)
    result = _rate(ship_type, capacity, co2_t, distance_nm, year)
    assert result.ratio == pytest.approx(ratio, rel=1e-12)
    if all(abs(ratio - bound) > 1e-9 for bound in PRINTED[ship_type][2]):
        assert result.rating == letter


@given(
    ship_type=st.sampled_from(TYPES),
    capacity=st.floats(5000, 400_000),
    co2=st.lists(st.floats(0, 500_000), min_size=2, max_size=6),
    year=st.sampled_from(sorted(Z)),
)
def test_more_co2_never_rates_better(ship_type, capacity, co2, year):
    letters = [_rate(ship_type, capacity, x, 60_000, year).rating for x in sorted(co2)]
    assert letters == sorted(letters)


@given(co2_t=st.floats(1, 1e5), distance_nm=st.floats(100, 1e5), scale=st.floats(0.01, 100))
def test_only_the_ratio_of_co2_to_distance_matters(co2_t, distance_nm, scale):
    one = _rate("tanker", 100_000, co2_t, distance_nm, 2026)
    other = _rate("tanker", 100_000, co2_t * scale, distance_nm * scale, 2026)
    assert one.ratio == pytest.approx(other.ratio, rel=1e-9)


def test_the_fixed_capacity_is_in_the_reference_line_only():
    result = _rate("bulk_carrier", 400_000, 60_000, 80_000, 2026)
    assert result.attained == pytest.approx(60_000e6 / (400_000 * 80_000))
    assert result.reference == pytest.approx(4745 * 279_000**-0.622)


@pytest.mark.parametrize("edge", [278_999.999, 279_000.0])
def test_no_step_in_the_required_value_at_the_fixed_capacity(edge):
    assert _rate("bulk_carrier", edge, 1, 1, 2026).required == pytest.approx(4745 * 279_000**-0.622 * 0.89, rel=1e-6)


@pytest.mark.parametrize(
    ("ratio", "letter"),
    [(0.82, "A"), (0.8201, "B"), (0.93, "B"), (0.9301, "C"), (1.08, "C"), (1.0801, "D"), (1.28, "D"), (1.2801, "E")],
)
def test_boundaries_belong_to_the_better_rating(ratio, letter):
    row = pl.DataFrame({"ratio": [ratio], "d1": [0.82], "d2": [0.93], "d3": [1.08], "d4": [1.28]})
    assert row.select(cii.rating_expr(pl.col("ratio"))).item() == letter


def test_every_size_of_every_type_falls_on_one_line():
    lines = load("cii_reference_lines").filter(pl.col("variant").is_null() | (pl.col("variant") == "as_printed"))
    for ship_type in TYPES:
        mine = lines.filter(ship_type=ship_type).fill_null(0).sort("capacity_min")
        tops = [top or math.inf for top in mine["capacity_below"]]
        assert [0, *tops] == [*mine["capacity_min"], math.inf]


def test_lng_carrier_below_65000_dwt_is_an_option():
    printed = _rate("lng_carrier", 40_000, 40_000, 60_000, 2026)
    single = _rate("lng_carrier", 40_000, 40_000, 60_000, 2026, lng_line="one_value")
    assert printed.reference / single.reference == pytest.approx(14779 / 14479)
    assert printed.reference == pytest.approx(1.4779e14 * 65_000**-2.673)
    assert (printed.status, single.status) == ("checked", "secondary")
    with pytest.raises(MethodError, match="did you mean 'as_printed'"):
        _rate("lng_carrier", 40_000, 40_000, 60_000, 2026, lng_line="asprinted")


def test_gas_carrier_exponent_is_read_as_e7_times_14405():
    assert _rate("gas_carrier", 80_000, 1, 1, 2026).reference == pytest.approx(14405e7 * 80_000**-2.071)


@pytest.mark.parametrize("year", [2018, 2031, 2040])
def test_years_without_a_row_are_refused(year):
    with pytest.raises(ReferenceDataError, match=f"cii_reduction_factors has no row for {year}"):
        _rate("tanker", 100_000, 1, 1, year)


def test_reductions_are_those_of_the_resolutions_and_never_fall():
    factors = dict(load("cii_reduction_factors").sort("year").select("year", "z_pct").iter_rows())
    assert {year: factors[year] for year in Z} == Z
    assert list(factors.values()) == sorted(factors.values())
    assert max(factors) == 2030


def test_what_cannot_be_computed_is_counted_not_dropped():
    ships = pl.DataFrame(
        {
            "imo": range(1, 10),
            "ship_type": [
                "Container ship",
                "Container ship",
                "Ro-ro ship",
                "Passenger ship",
                "Gas carrier",
                None,
                "Bulk carrier",
                "Oil tanker",
                "Other ship types",
            ],
            "ship_class": [
                None,
                None,
                None,
                "cruise",
                "liquefied_gas_tanker",
                "liquefied_gas_tanker",
                None,
                None,
                None,
            ],
            "dwt_t": [100_000, None, 9000, 9000, 50_000, 50_000, 3000, 100_000, 100_000],
            "gt": [None, None, None, 90_000, None, None, 2500, None, None],
            "co2_t": [10_000.0] * 8 + [None],
            "distance_nm": [50_000.0] * 7 + [0.0, 50_000.0],
            "year": [2026] * 9,
        }
    )
    rated = cii.ratings(ships)
    assert rated["imo"].to_list() == ships["imo"].to_list()
    assert rated["reason"].to_list() == [
        None,
        "not computable: DWT missing",
        "not computable: GT missing",
        None,
        None,
        "not computable: gas carrier or LNG carrier not told apart",
        "not in scope: below 5,000 GT",
        "not computable: distance missing",
        "not computable: no reference line for this ship type",
    ]
    assert (rated["rating"].is_null() == rated["reason"].is_not_null()).all()
    assert rated.filter(pl.col("reason").is_not_null())["ratio"].null_count() == 6
    assert cii.reasons(rated)["rows"].sum() == 9
    assert rated["cii_type_source"].to_list()[3:6] == ["ship_class", "ship_type", "unknown"]
    assert rated["scope"][0] == "GT unknown, taken as in scope"


def test_result_says_what_is_left_out_and_where_it_comes_from():
    result = _rate("tanker", 100_000, 1, 1, 2026)
    assert "G5" in result.not_covered
    assert result.reference_row == "tanker"
    assert "reg. 28" in result.clause


def test_years_before_the_first_rating_are_comparison():
    assert _rate("tanker", 100_000, 1, 1, 2022).scope == "before the first rating year"


def test_bad_input_is_told():
    with pytest.raises(InputError, match="did you mean 'bulk_carrier'"):
        cii.rate(ship_type="bulk_carier", dwt_t=1, co2_t=1, distance_nm=1, year=2026)
    with pytest.raises(InputError, match="DWT missing"):
        cii.rate(ship_type="tanker", gt=60_000, co2_t=1, distance_nm=1, year=2026)
    with pytest.raises(SchemaError, match="2 faults"):
        cii.rate(ship_type="tanker", dwt_t=-1, co2_t=-1, distance_nm=1, year=2026)


def test_corrective_plan_after_three_d_or_one_e():
    years = [*range(2023, 2030)] * 2
    letters = [*"DDDCDDE", *"DCDDDDD"]
    rated = pl.DataFrame({"imo": [1] * 7 + [2] * 7, "year": years, "rating": letters}).sample(
        fraction=1, shuffle=True, seed=1
    )
    due = corrective_plan(rated).sort("imo", "year")
    assert due["plan_due"].to_list() == [
        *(False, False, True, False, False, False, True),
        *(False, False, False, False, True, True, True),
    ]


def test_corrective_plan_is_open_where_a_year_is_missing():
    rated = pl.DataFrame({"imo": [1, 1, 2, 2], "year": [2024, 2025, 2026, 2027], "rating": ["D", "D", "C", "D"]})
    assert corrective_plan(rated)["plan_due"].to_list() == [False, None, False, False]
    with pytest.raises(InputError, match="more than one row"):
        corrective_plan(pl.DataFrame({"imo": [1, 1], "year": [2025, 2025], "rating": ["D", "C"]}))


def test_bands_are_the_attained_values_at_which_the_rating_changes():
    table = bands(ship_type="container", dwt_t=165_000)
    assert table["year"].max() == 2030
    for row in table.iter_rows(named=True):
        for name, letter in (("a_below", "A"), ("b_below", "B"), ("c_below", "C"), ("d_below", "D")):
            co2_t = row[name] * 165_000 * 90_000 / 1e6
            assert _rate("container_ship", 165_000, co2_t * 0.999999, 90_000, row["year"]).rating == letter
            assert _rate("container_ship", 165_000, co2_t * 1.000001, 90_000, row["year"]).rating > letter
    with pytest.raises(InputError, match="no reference line"):
        bands(ship_type="yacht", gt=9000)


def test_thousands_of_ships_at_once_as_one_by_one():
    count = 3000
    ships = pl.DataFrame({"n": range(count)}).select(
        imo=pl.col("n"),
        ship_type=pl.Series([TYPES[n % len(TYPES)] for n in range(count)]),
        dwt_t=5000 + pl.col("n") * 101.0,
        gt=5000 + pl.col("n") * 37.0,
        co2_t=1000 + pl.col("n") * 17.0 % 90_000,
        distance_nm=20_000 + pl.col("n") * 13.0 % 80_000,
        year=2023 + pl.col("n") % 8,
    )
    rated = cii.ratings(ships)
    assert rated["rating"].null_count() == 0
    for n in range(0, count, 271):
        row = ships.row(n, named=True)
        alone = cii.rate(**{key: row[key] for key in row if key != "imo"})
        assert (alone.rating, alone.ratio) == (rated["rating"][n], pytest.approx(rated["ratio"][n]))
