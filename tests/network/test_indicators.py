"""Eleven indicators computed from small frames that can be counted by hand; the others say what they lack."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError, ReferenceDataError
from sisterport.fuels import read_bunkers
from sisterport.network.indicators import COMPUTED, ask, compute, indicator_body, reported
from sisterport.network.inputs import Inputs, read_inputs
from sisterport.network.measures import Lacking, Measure, share_measure
from sisterport.network.periods import Period, read_period
from sisterport.network.records import check_body
from sisterport.reference import load
from sisterport.tables import check, empty

MAY = read_period("2026-05")
SHIPS = {"a": 9998004, "b": 9998016, "c": 9998028, "d": 9998030}


def day(number, hour=0, month=5):
    return datetime(2026, month, number, hour, tzinfo=UTC)


def stays(*rows):
    """(ship, port, berth, first day, hours)"""
    return check(
        pl.DataFrame(
            [
                {"stay_id": f"s{n}", "imo": SHIPS.get(ship), "mmsi": 200000000 + ord(ship), "locode": port,
                 "berth_id": berth,
                 "start_utc": start, "end_utc": start + timedelta(hours=hours), "hours": float(hours)}
                for n, (ship, port, berth, start, hours) in enumerate(rows)
            ],
            infer_schema_length=None,
        ),
        "stays",
    )  # fmt: skip


def verdicts(*rows):
    """(ship, berth, best, worst)"""
    return check(
        pl.DataFrame(
            [
                {"ship_id": f"imo:{SHIPS[ship]}", "berth_id": berth, "best": best, "worst": worst,
                 "grade": best if best == worst else None, "checks_true": 0, "checks_false": 0, "checks_unknown": 0}
                for ship, berth, best, worst in rows
            ],
            infer_schema_length=None,
        ),
        "verdicts",
    )  # fmt: skip


def connections(*rows):
    """(ship, port, start, hours, MWh)"""
    return check(
        pl.DataFrame(
            [
                {"imo": SHIPS[ship], "locode": port, "start_utc": start, "end_utc": start + timedelta(hours=hours),
                 "energy_mwh": mwh, "source": "meter"}
                for ship, port, start, hours, mwh in rows
            ],
            infer_schema_length=None,
        ),
        "connections",
    )  # fmt: skip


STAYS = stays(
    ("a", "USLAX", "q1", day(1), 20), ("a", "USLAX", "q1", day(8), 20), ("b", "USLAX", "q1", day(2), 30),
    ("c", "USLAX", "q2", day(3), 10), ("d", "USLAX", "q2", day(4), 20), ("a", "CNSGH", "s1", day(15), 25),
    ("c", "CNSGH", "s1", day(20), 25), ("a", "USLAX", "q1", day(3, month=6), 20),
)  # fmt: skip
VERDICTS = verdicts(("a", "q1", 0, 0), ("b", "q1", 1, 1), ("c", "q2", 4, 4), ("d", "q2", 0, 6), ("a", "s1", 2, 2))
CONNECTIONS = connections(("a", "USLAX", day(1, 2), 16, 40.0), ("d", "USLAX", day(4, 1), 10, None))


def inputs(**frames):
    return Inputs(frames=frames, sources=[{"name": name} for name in frames])


def value(indicator, frames, **asked):
    asked.setdefault("period", MAY)
    asked.setdefault("corridor", "K01")
    return compute(indicator, frames, ask(indicator, **asked))


def test_connection_rate_is_of_those_that_could():
    """At Los Angeles in May: a twice and b could, d did (so it could), c could not; a and d were connected."""
    found = value("I7", inputs(stays=STAYS, verdicts=VERDICTS, connections=CONNECTIONS), ports=["USLAX"])
    assert found.values == [Measure("share", 2 / 4, 2 / 4, 2 / 4)]
    assert found.coverage == 1.0
    every = value("I7", inputs(stays=STAYS, verdicts=VERDICTS, connections=CONNECTIONS), ports=["USLAX"], rule="every")
    assert every.values[0].value == 2 / 5


def test_undecided_ships_widen_the_connection_rate():
    open_question = verdicts(("a", "q1", 0, 0), ("b", "q1", 0, 6))
    found = value("I7", inputs(stays=STAYS, verdicts=open_question, connections=CONNECTIONS), ports=["USLAX"])
    # could: a twice, d did; b and c are undecided or without a verdict
    assert found.values == [Measure("share", 2 / 3, 2 / 5, 2 / 3)]
    assert found.coverage == 3 / 5


def test_ports_without_records_lower_the_coverage():
    found = value("I7", inputs(stays=STAYS, verdicts=VERDICTS, connections=CONNECTIONS))
    assert found.coverage == 5 / 7, "Shanghai keeps none here; c has no verdict there"
    hours = value("I8", inputs(stays=STAYS, connections=CONNECTIONS))
    assert hours.values[0].value == pytest.approx(26 / 100)
    assert hours.values[0].low == pytest.approx(26 / 150)
    assert hours.values[0].high == pytest.approx(76 / 150)
    assert hours.coverage == pytest.approx(100 / 150)


def test_energy_is_metered_and_avoided_by_ship_and_grid():
    savings = pl.DataFrame({"stay_id": ["s0"], "locode": ["USLAX"], "place": ["berth"], "start_utc": [day(1)],
                            "hours": [20.0], "energy_mwh": [30.0], "co2e_net_t": [12.0]})  # fmt: skip
    known = STAYS.with_columns(aux_mwh=pl.lit(30.0))
    frames = inputs(stays=known, connections=CONNECTIONS, savings=check(savings, "savings"))
    found = value("I9", frames, ports=["USLAX"])
    got = {measure.quantity: measure.value for measure in found.values}
    assert got["energy_mwh"] == pytest.approx(40.0 + 30.0 * 10 / 20), "by meter, and by the share of the hours"
    assert got["avoided_co2e_t"] == pytest.approx(40.0 * 12 / 30)
    assert found.coverage == 0.5


def test_compatibility_is_of_pairs_that_met():
    frames = inputs(stays=STAYS, verdicts=VERDICTS)
    found = value("I10", frames, ports=["USLAX"])
    # a-q1 and b-q1 can, c-q2 cannot, d-q2 is undecided
    assert found.values == [Measure("share", 2 / 3, 2 / 4, 3 / 4)]
    assert found.coverage == 3 / 4


def test_berths_that_no_row_tells_of_are_unknown():
    berths = pl.DataFrame({"berth_id": ["q1", "q2", "q3", "q4"], "locode": ["USLAX"] * 4})
    outlets = pl.DataFrame(
        {"outlet_id": ["1", "2", "3"], "berth_id": ["q1", "q2", "q3"], "locode": ["USLAX"] * 3,
         "state": ["operational", "planned", "operational"], "since": [None, None, date(2026, 6, 1)],
         "source": ["x"] * 3, "status": ["checked"] * 3}
    )  # fmt: skip
    frames = inputs(berth_list=check(berths, "berth_list"), outlets=check(outlets, "outlets"))
    found = value("I6", frames, ports=["USLAX"])
    assert found.values == [Measure("share", 1 / 4, 1 / 4, 2 / 4)]
    assert found.coverage == 3 / 4
    assert value("I6", frames, ports=["USLAX"], period=read_period("2026-06")).values[0].value == 2 / 4


CAN = check(
    pl.DataFrame(
        {"imo": [SHIPS["a"], SHIPS["b"], SHIPS["c"]], "fuel": ["methanol", "methanol", "lng"],
         "since": [None, None, date(2026, 5, 31)], "source": ["x"] * 3, "status": ["checked"] * 3}
    ),
    "capabilities",
)  # fmt: skip
NOTES = read_bunkers(
    pl.DataFrame(
        {"imo": [SHIPS["a"], SHIPS["b"], SHIPS["a"]], "locode": ["CNSGH", "USLAX", "CNSGH"],
         "time_utc": [day(15, 8), day(2, 8), day(1, month=7)], "fuel": ["methanol"] * 3, "fuel_class": ["bio"] * 3,
         "mass_t": [1000.0, 500.0, 700.0], "wtw_g_per_mj": [14.0, None, 14.0], "certificate_id": ["A", None, "A"],
         "certificate_mass_t": [5000.0, None, 5000.0]}
    ),
    now=day(30, month=11),
)  # fmt: skip


def test_capable_ships_are_counted_at_both_ends():
    """At both ends: a and c. Both can burn a fuel by the end of May; only a bunkered a certified one."""
    frames = inputs(stays=STAYS, capabilities=CAN, bunkers=NOTES)
    assert value("I3", frames, mode="capable").values[0].value == 2
    assert value("I3", frames, mode="capable", fuels=["methanol"]).values[0].value == 1
    assert value("I3", frames, mode="used").values[0].value == 1
    assert value("I3", frames, mode="capable", period=read_period("2026-06")).values[0].value == 0
    assert "bunker delivery notes" in value("I3", inputs(stays=STAYS, capabilities=CAN), mode="used").reason


def test_a_ship_without_a_number_may_be_one_of_them():
    nameless = stays(("x", "USLAX", "q1", day(1), 10), ("x", "CNSGH", "s1", day(15), 10))
    found = value("I3", inputs(stays=pl.concat([STAYS, nameless]), capabilities=CAN), mode="capable")
    assert (found.values[0].value, found.values[0].high) == (2, 3)
    assert found.coverage == pytest.approx(7 / 9)


def test_only_certified_fuel_counts_as_green():
    more = {"coverage": 0.9, "coverage_basis": "licensed suppliers"}
    found = value("I4", inputs(bunkers=NOTES), **more)
    assert [(m.quantity, m.value) for m in found.values] == [("mass_t", 1000.0), ("energy_gj", 1000.0 * 19.9)]
    assert (found.coverage, found.coverage_basis) == (0.9, "licensed suppliers")
    assert "only the port can tell" in value("I4", inputs(bunkers=NOTES)).reason


BASELINE = check(
    pl.DataFrame(
        {"boundary": ["direct"] * 2, "basis": ["services"] * 2, "service": ["s"] * 2, "kind": ["leg"] * 2,
         "place": ["CNSGH-USLAX", "USLAX-CNSGH"], "share": [1.0] * 2, "trips_per_year": [52.0] * 2,
         "distance_nm_per_year": [1e5] * 2, "hours_per_year": [4000.0] * 2, "hours_bridged_per_year": [3000.0, 1000.0],
         "hours_unknown_per_year": [0.0, 400.0], "energy_gj_per_year": [300000.0, 65000.0],
         "co2e_wtw_t_per_year": [27000.0, 5800.0]}
    ),
    "corridor_baseline",
)  # fmt: skip


def test_corridor_emissions_and_their_coverage():
    found = value("I1", inputs(corridor_baseline=BASELINE))
    assert found.values == [Measure("co2e_wtw_t", 32800.0)]
    assert found.coverage == pytest.approx(1 - 400 / 8000)
    assert "'direct'; 50% of the hours bridged" in found.note


def test_green_share_is_brought_to_the_period():
    found = value("I5", inputs(corridor_baseline=BASELINE, bunkers=NOTES))
    assert found.values[0].value == pytest.approx(1000 * 19.9 / (365000 * 31 / 365))


def test_of_ships_seen_only_their_own_fuel_counts():
    seen = BASELINE.with_columns(basis=pl.lit("ais"), service=pl.lit("mmsi:200000098"))
    notes = NOTES.with_columns(mmsi=pl.Series([200000097, 200000098, 200000097]))
    assert value("I5", inputs(corridor_baseline=seen, bunkers=notes)).values[0].value == 0.0
    seen = seen.with_columns(service=pl.lit("mmsi:200000097"))
    assert value("I5", inputs(corridor_baseline=seen, bunkers=notes)).values[0].value > 0.0


def test_waiting_is_of_calls_seen_from_their_arrival():
    calls = pl.DataFrame(
        {"call_id": ["1", "2", "3", "4"], "locode": ["USLAX"] * 4, "month": ["2026-05"] * 4,
         "arrival_utc": [day(1), day(2), day(3), day(4)], "first_berth_utc": [day(2), day(2), day(4), None],
         "departure_utc": [day(5)] * 4, "waiting_h": [24.0, 0.0, None, None], "anchor_later_h": [0.0] * 4,
         "hours_hole": [0.0] * 4, "hours_stopped": [50.0] * 4}
    )  # fmt: skip
    found = value("I11", inputs(port_calls=check(calls, "port_calls")), ports=["USLAX"])
    assert found.values == [Measure("mean_h", 12.0)]
    assert found.coverage == pytest.approx(2 / 3)


def test_berth_emissions_are_of_auxiliary_engines_and_boilers_at_berth():
    row = empty("segments").schema
    segments = pl.DataFrame(
        [
            dict.fromkeys(row) | {"segment_id": n, "mmsi": 1, "mode": mode, "locode": port, "hours": hours,
                                           "start_utc": day(n + 1)}
            for n, (mode, port, hours) in enumerate([("berth", "USLAX", 10.0), ("berth", "USLAX", 30.0),
                                                     ("anchorage", "USLAX", 5.0), ("berth", "USLGB", 7.0)])
        ],
        schema=row,
    )  # fmt: skip
    emissions = pl.DataFrame(
        [
            dict.fromkeys(empty("emissions").schema)
            | {"segment_id": segment, "system": system, "energy_kwh": kwh, "fuel_t": kwh, "nox_kg": nox, "sox_kg": 1.0}
            for segment, system, kwh, nox in [(0, "auxiliary_engine", 5.0, 100.0), (0, "boiler", 5.0, 20.0),
                                              (0, "main", 5.0, 9999.0), (1, "auxiliary_engine", None, None),
                                              (2, "auxiliary_engine", 5.0, 9999.0),
                                              (3, "auxiliary_engine", 5.0, 9999.0)]
        ],
        schema=empty("emissions").schema,
    )  # fmt: skip
    found = value("I13", inputs(segments=segments, emissions=emissions), ports=["USLAX"])
    got = {measure.quantity: measure.value for measure in found.values}
    assert got == {"nox_t": pytest.approx(0.12), "sox_t": pytest.approx(0.003)}
    assert found.coverage == pytest.approx(10 / 40)


@pytest.mark.parametrize("indicator", load("indicators")["indicator_id"])
def test_every_indicator_gives_a_value_or_a_reason(indicator):
    mode = load("indicators").filter(indicator_id=indicator)["modes"].item().split("|")[0]
    found = value(indicator, inputs(), mode=mode)
    assert isinstance(found, Lacking)
    assert len(found.reason) > 10
    assert (indicator in COMPUTED) == ("frames" in found.reason)


def test_eleven_are_computed():
    assert len(COMPUTED) == 11
    assert load("indicators").height == 16


def test_a_record_of_a_value_passes_its_own_check():
    asked = ask("I7", period=MAY, corridor="K01", ports=["USLAX"])
    frames = inputs(stays=STAYS, verdicts=VERDICTS, connections=CONNECTIONS)
    body = indicator_body("I7", compute("I7", frames, asked), asked, corridor="K01", sources=frames.sources)
    check_body("indicator", body)
    assert body["values"] == [{"quantity": "share", "unit": "", "value": "0.5", "low": "0.5", "high": "0.5"}]
    told = reported("I9", 120.5, quantity=None, low=100, high=150, coverage=0.8, coverage_basis="meters")
    asked = ask("I9", period=MAY, ports=["USLAX"])
    check_body("indicator", indicator_body("I9", told, asked, corridor=None, sources=[{"name": "meter list"}]))


def test_choices_that_do_not_go_together():
    with pytest.raises(MethodError, match="say which"):
        ask("I3", period=MAY, corridor="K01")
    with pytest.raises(MethodError, match="tells what is used, not what is capable"):
        ask("I7", period=MAY, corridor="K01", mode="capable")
    with pytest.raises(InputError, match="what it is a share of"):
        ask("I4", period=MAY, corridor="K01", coverage=0.5)
    with pytest.raises(InputError, match="name a corridor"):
        ask("I7", period=MAY)
    with pytest.raises(ReferenceDataError, match="no corridor 'K99'"):
        ask("I7", period=MAY, corridor="K99")
    with pytest.raises(ReferenceDataError, match="no indicator 'I17'"):
        ask("I17", period=MAY, corridor="K01")


def test_ends_that_are_not_told_are_asked_for():
    pacific = ask("I3", period=MAY, ports=["USLAX", "USSEA"], mode="capable")
    assert "ends of the corridor" in compute("I3", inputs(stays=STAYS, capabilities=CAN), pacific).reason


def test_files_are_read_with_their_hashes(tmp_path):
    STAYS.write_parquet(tmp_path / "stays.parquet")
    CAN.write_csv(tmp_path / "capabilities.csv")
    found = read_inputs([tmp_path])
    assert {source["name"]: source["rows"] for source in found.sources} == {"stays.parquet": 8, "capabilities.csv": 3}
    assert found.frames["capabilities"]["since"].to_list() == CAN["since"].to_list()
    with pytest.raises(InputError, match="no such folder"):
        read_inputs([tmp_path / "absent"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds none of"):
        read_inputs([tmp_path / "empty"])


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_a_share_lies_between_its_bounds(yes, no, unknown):
    if yes + no + unknown == 0:
        return
    for of_known in (True, False):
        made = share_measure(yes, no, unknown, of_known=of_known)
        assert 0 <= made.low <= made.value <= made.high <= 1


@given(st.dates(date(1980, 1, 1), date(2090, 12, 31)), st.integers(1, 800))
def test_a_period_is_named_so_that_it_can_be_read(first, days):
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    period = Period(begin, begin + timedelta(days=days))
    assert read_period(str(period)) == period


@pytest.mark.parametrize("text", ["", "26", "2026-13", "2026-Q5", "2026-05-02/2026-05-01", "2026-02-30/2026-03-01"])
def test_what_is_no_period(text):
    with pytest.raises(InputError):
        read_period(text)
