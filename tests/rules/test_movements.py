"""Legs and stays from an inventory: nothing lost, the right ports, the right shares."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError
from sisterport.rules.movement_fuels import FuelChoices, annex_fuel
from sisterport.rules.movement_scope import in_scope
from sisterport.rules.movements import NOT_KNOWN, OUTSIDE, movements
from tests.rules import made_up


def of(stops: list, **options) -> pl.DataFrame:
    made = made_up.inventory(stops)
    return movements(
        made["segments"], made["emissions"], made["ships"], calls=made["calls"], legs=made["legs"], **options
    )


def ends(rows: pl.DataFrame) -> list[tuple]:
    legs = rows.group_by("movement_id").agg(
        pl.col("from_locode", "to_locode", "departure_utc").first(), pl.col("hours", "mass_t").sum()
    )
    return legs.sort("departure_utc").select("from_locode", "to_locode", "hours", "mass_t").rows()


VOYAGE = [("SGSIN", 0, 10, "berth"), (None, 10, 40, "cruise"), ("NLRTM", 40, 60, "berth")]


def test_a_voyage_into_the_eea_and_the_stay_there() -> None:
    rows = of(VOYAGE)
    assert ends(rows) == [
        ("SGSIN", "berth", 10.0, 20.0),
        ("SGSIN", "NLRTM", 30.0, 60.0),
        ("NLRTM", "berth", 20.0, 40.0),
    ]
    scoped = in_scope(rows)
    for regulation in ("fueleu", "ets"):
        counted = (scoped["mass_t"] * scoped[f"{regulation}_low"]).sum()
        assert counted == pytest.approx(0 * 20 + 0.5 * 60 + 40)
        assert (scoped[f"{regulation}_low"] == scoped[f"{regulation}_high"]).all()
    assert rows["energy_mj"].sum() == pytest.approx(120e3 * 42.7)  # MDO, Annex II
    assert set(rows["mode"]) == {"berth", "cruise"}


def test_anchoring_and_passing_through_belong_to_the_leg() -> None:
    stops = [
        ("SGSIN", 0, 5, "berth"),
        (None, 5, 20, "cruise"),
        ("GBFXT", 20, 24, "anchorage"),
        (None, 24, 30, "cruise"),
        ("NLRTM", 30, 40, "berth"),
    ]
    assert ends(of(stops)) == [("SGSIN", "berth", 5, 10), ("SGSIN", "NLRTM", 25, 50), ("NLRTM", "berth", 10, 20)]
    assert len(ends(of(stops, port_of_call="stop"))) == 5
    with pytest.raises(MethodError, match="port of call"):
        of(stops, port_of_call="any")


def test_unknown_ports_are_named_and_give_a_range() -> None:
    rows = in_scope(of([(None, 0, 10, "cruise"), ("NLRTM", 10, 20, "berth"), (None, 20, 50, "cruise")]))
    at_sea = rows.filter(pl.col("mode") == "cruise").sort("departure_utc")
    assert at_sea.select("from_locode", "to_locode").rows() == [(None, "NLRTM"), ("NLRTM", None)]
    assert at_sea["port_quality"].to_list() == [NOT_KNOWN] * 2
    assert at_sea.select("fueleu_low", "fueleu_high", "ets_low", "ets_high").rows() == [(0.5, 1, 0.5, 1)] * 2


def test_a_third_country_at_the_known_end_counts_half_at_most() -> None:
    rows = in_scope(of([("SGSIN", 0, 10, "berth"), (None, 10, 20, "cruise")]))
    assert rows.filter(pl.col("mode") == "cruise").select("ets_low", "ets_high").row(0) == (0, 0.5)


def test_a_ship_without_calls_and_legs_is_kept() -> None:
    made = made_up.inventory(VOYAGE)
    rows = movements(
        made["segments"], made["emissions"], made["ships"], calls=made["calls"].clear(), legs=made["legs"].clear()
    )
    assert rows["mass_t"].sum() == 120
    assert rows["port_quality"].unique().to_list() == [OUTSIDE]
    assert in_scope(rows).select("ets_low", "ets_high").unique().rows() == [(0, 1)]


def test_what_was_not_estimated_stays_unknown() -> None:
    made = made_up.inventory(VOYAGE)
    lost = made["emissions"].with_columns(
        pl.when(pl.col("segment_id") < 5).then(None).otherwise("fuel_t").alias("fuel_t"),
        pl.when(pl.col("segment_id") < 5).then(None).otherwise("energy_kwh").alias("energy_kwh"),
    )
    rows = movements(made["segments"], lost, made["ships"], calls=made["calls"], legs=made["legs"])
    assert rows["mass_t"].null_count() == 1
    assert rows["mass_t"].sum() == 110
    assert rows["hours"].sum() == 60
    # an engine that was off is no gap
    off = made["emissions"].with_columns(fuel_t=pl.lit(None, pl.Float64), energy_kwh=pl.lit(0.0))
    rows = movements(made["segments"], off, made["ships"], calls=made["calls"], legs=made["legs"])
    assert rows["mass_t"].to_list() == [0.0] * rows.height


def test_a_leg_over_new_year_belongs_to_both_years() -> None:
    made = made_up.inventory(VOYAGE)
    shift = datetime(2026, 12, 31, 14, tzinfo=UTC) - made_up.T0  # hour 10 is the last before midnight
    moved = {
        name: table.with_columns(pl.col(pl.Datetime("ms", "UTC")) + shift) if name != "ships" else table
        for name, table in made.items()
    }
    rows = movements(moved["segments"], moved["emissions"], moved["ships"], calls=moved["calls"], legs=moved["legs"])
    by_year = dict(rows.group_by("year").agg(pl.col("mass_t").sum()).iter_rows())
    assert by_year == {2026: 20.0, 2027: 100.0}
    assert in_scope(rows).filter(year=2027)["ets_low"].null_count() == 0


def test_a_transhipment_port_is_looked_through() -> None:
    stops = [
        ("SGSIN", 0, 5, "berth"),
        (None, 5, 20, "cruise"),
        ("MAPTM", 20, 24, "berth"),
        (None, 24, 30, "cruise"),
        ("ESALG", 30, 40, "berth"),
    ]
    rows = in_scope(of(stops))
    seen = rows.filter(pl.col("from_locode").is_in(["SGSIN", "MAPTM"]) & (pl.col("to_locode") != "berth"))
    assert seen["ets_low"].to_list() == [0.5, 0.5]
    stay = rows.filter(from_locode="MAPTM", to_locode="berth")
    assert stay["ets_low"].item() == 0.5
    assert "transhipment" in stay["ets_reason"].item()
    plain = in_scope(of(stops), transhipment="ignore").filter(from_locode="MAPTM", to_locode="berth")
    assert plain["ets_low"].item() == 0


def test_norway_is_a_third_country_for_fueleu_only() -> None:
    stops = [("NOBGO", 0, 5, "berth"), (None, 5, 20, "cruise"), ("NLRTM", 20, 30, "berth")]
    rows = in_scope(of(stops)).filter(mode="cruise")
    assert rows.select("fueleu_low", "ets_low").row(0) == (0.5, 1.0)
    assert in_scope(of(stops), efta="member").filter(mode="cruise")["fueleu_low"].item() == 1.0


def test_years_before_a_law_have_no_share() -> None:
    rows = of(VOYAGE).with_columns(year=pl.lit(2024, pl.Int64))
    scoped = in_scope(rows)
    assert scoped["fueleu_low"].null_count() == scoped.height
    assert scoped["ets_low"].null_count() == 0
    assert scoped["fueleu_reason"].unique().to_list() == ["not in force"]


def test_unknown_port_codes_are_named_all_at_once() -> None:
    rows = of(VOYAGE).with_columns(pl.col("from_locode").replace({"SGSIN": "XXQQQ", "NLRTM": "YYQQQ"}))
    with pytest.raises(InputError, match=r"XXQQQ.*YYQQQ"):
        in_scope(rows)


def test_fuels_of_annex_ii() -> None:
    own = FuelChoices()
    assert annex_fuel("vlsfo", "main", "SSD", None, choices=own) == ("HFO", "assumed: low sulphur fuel oil as HFO")
    assert annex_fuel("vlsfo", "main", "SSD", None, choices=FuelChoices(low_sulphur="LFO"))[0] == "LFO"
    assert annex_fuel("lng", "main", "LPDF_2S", None, choices=own) == ("LNG_otto_ss", "given")
    assert annex_fuel("lng", "auxiliary_engine", "LPDF_2S", None, choices=own)[0] == "LNG_otto_ms"
    assert annex_fuel("lng", "boiler", "LPDF_2S", None, choices=own)[0] == "LNG_diesel_ss"
    assert annex_fuel("e-methanol", None, None, None, choices=own)[0] == "e_methanol"
    with pytest.raises(MethodError):
        FuelChoices(low_sulphur="MGO")


@settings(max_examples=40)
@given(
    spans=st.lists(
        st.tuples(st.sampled_from([None, "SGSIN", "NLRTM", "GBFXT"]), st.integers(1, 4), st.sampled_from([0, 1])),
        min_size=1,
        max_size=7,
    )
)
def test_hours_miles_and_fuel_are_those_of_the_inventory(spans) -> None:
    stops, at = [], 0
    for port, length, berth in spans:
        mode = "cruise" if port is None else "berth" if berth else "anchorage"
        stops.append((port, at, at + length, mode))
        at += length
    made = made_up.inventory(stops)
    rows = of(stops)
    assert rows["mass_t"].sum() == pytest.approx(made["emissions"]["fuel_t"].sum())
    assert rows["hours"].sum() == pytest.approx(made["segments"]["hours"].sum())
    assert rows["distance_nm"].sum() == pytest.approx(made["segments"]["distance_nm"].sum())
    scoped = in_scope(rows)
    assert scoped.height == rows.height
    assert (scoped["ets_low"] <= scoped["ets_high"]).all()
