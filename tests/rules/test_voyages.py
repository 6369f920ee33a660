"""Voyages from a port's or carrier's table: every fault at once, masses and times kept, certificates from bunkers."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError, SchemaError
from sisterport.fuels import read_bunkers
from sisterport.rules.voyage_bunkers import bunker_balance, with_certificates
from sisterport.rules.voyages import read_movements, read_voyages, voyage_movements
from tests.rules.made_up import IMO, voyage, voyages

CSV = """voyage_id;imo;from_locode;to_locode;departure_utc;arrival_utc;distance_nm;fuel;mass_t;gt;ship_class
A1;9074729;SG SIN;NLRTM;2026-01-01T00:00:00;2026-01-25T00:00:00;8300,5;VLSFO;900,5;90000;container
A1;9074729;SG SIN;NLRTM;2026-01-01T00:00:00;2026-01-25T00:00:00;8300,5;MGO;40,0;90000;container
B1;9074729;NLRTM;berth;2026-01-25T00:00:00;2026-01-26T12:00:00;0,0;MGO;12,0;90000;container
"""


def test_a_file_as_a_carrier_has_it(tmp_path) -> None:
    file = tmp_path / "voyages.csv"
    file.write_text(CSV)
    rows = read_movements(file)
    assert rows.select("movement_id", "from_locode", "fuel", "mass_t", "hours", "distance_nm").rows() == [
        ("A1", "SGSIN", "HFO", 900.5, 576.0, 8300.5),
        ("A1", "SGSIN", "MDO", 40.0, 0.0, 0.0),
        ("B1", "NLRTM", "MDO", 12.0, 36.0, 0.0),
    ]
    assert rows["fuel_source"].to_list() == ["assumed: low sulphur fuel oil as HFO", "given", "given"]
    assert rows["energy_mj"].sum() == pytest.approx(900.5e3 * 40.5 + 52e3 * 42.7)


def test_every_fault_is_told_at_once() -> None:
    rows = [
        voyage("1", "SGSIM", "NLRTM", 0, "HFO", 10.0),
        voyage("2", "SGSIN", "NLRTM", 1, "coal", 10.0),  # begins while the first voyage lasts
        voyage("3", "SGSIN", "NLRTM", 9, "HFO", 10.0, certified_e_g_per_mj=20.0),
        voyage("4", "NLRTM", "DEHAM", 12, "HFO", 10.0, shore_mwh=5.0),
        voyage("5", "NLRTM", "DEHAM", 15, "LNG", 10.0),
        voyage("6", "NLRTM", "DEHAM", 18, "HFO", None),
        voyage("7", "NLRTM", "DEHAM", 21, "HFO", 10.0, system="donkey"),
        voyage("8", "NLRTM", "DEHAM", 24, "HFO", 10.0, imo=9074720),
        voyage("9", None, "berth", 27, "HFO", 10.0),
        voyage("9", "NLRTM", "berth", 27, "HFO", 10.0),
        voyage("10", "NLRTM", "DEHAM", 30, "HFO", -1.0),
    ]
    rows[0]["arrival_utc"] = rows[0]["departure_utc"] + timedelta(days=3)
    rows[6]["arrival_utc"] = rows[6]["departure_utc"] - timedelta(days=1)
    with pytest.raises(SchemaError) as error:
        read_voyages(voyages(rows))
    text = str(error.value)
    for part in (
        "'SGSIM' (did you mean",
        "unknown fuel 'coal'",
        "a certified value without a certificate: 1 rows, first: row 2",
        "'HFO' is fossil here",
        "electricity from shore, but no stay at berth: 1 rows, first: row 3",
        "'LNG' in engine",
        "a fuel without a mass: 1 rows, first: row 5",
        "a system other than",
        "wrong check digit: 1 rows, first: row 7",
        "a stay without its port",
        "arrival not after departure: 1 rows, first: row 6",
        "1 voyages have rows with other ships, ports or times, first: '9'",
        "1 voyages begin before the ship's last one ends, first: '2'",
        "'mass_t': 1 rows below 0",
    ):
        assert part in text, part


def test_names_of_columns_can_be_mapped_and_missing_ones_are_said() -> None:
    frame = voyages([voyage("1", "SGSIN", "NLRTM", 0, "HFO", 10.0)]).rename({"mass_t": "tonnes"})
    assert read_voyages(frame, columns={"tonnes": "mass_t"})["mass_t"].to_list() == [10.0]
    with pytest.raises(SchemaError, match="'voyage_id' missing"):
        read_voyages(frame.drop("voyage_id"))
    with pytest.raises(InputError, match="no such file"):
        read_voyages("nowhere.csv")


def test_new_year_by_time_or_departure() -> None:
    row = voyage("1", "SGSIN", "NLRTM", 0, "HFO", 100.0, distance_nm=400.0)
    row |= {
        "departure_utc": datetime(2025, 12, 31, 12, tzinfo=UTC),
        "arrival_utc": datetime(2026, 1, 2, 12, tzinfo=UTC),
    }
    split = voyage_movements(voyages([row]))
    assert split.select("year", "mass_t", "distance_nm", "hours").rows() == [
        (2025, 25.0, 100.0, 12.0),
        (2026, 75.0, 300.0, 36.0),
    ]
    whole = voyage_movements(voyages([row]), across_years="departure")
    assert whole.select("year", "mass_t").rows() == [(2025, 100.0)]
    with pytest.raises(MethodError, match="New Year"):
        voyage_movements(voyages([row]), across_years="arrival")


def test_electricity_from_shore_alone_is_a_row_without_fuel() -> None:
    row = voyage("1", "NLRTM", "berth", 0, None, None, shore_mwh=10.0)
    found = read_movements(
        voyages([row]).with_columns(pl.col("fuel").cast(pl.String), pl.col("mass_t").cast(pl.Float64))
    )
    assert found.select("fuel", "mass_t", "shore_mj").rows() == [(None, 0.0, pytest.approx(36_000))]


@settings(max_examples=40)
@given(
    starts=st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 900), st.floats(0.1, 1e4)), min_size=1, max_size=5)
)
def test_splitting_keeps_mass_hours_and_miles(starts) -> None:
    rows = []
    for number, (day, length, mass) in enumerate(starts):
        begin = datetime(2024, 6, 1, tzinfo=UTC) + timedelta(days=day)
        rows.append(
            voyage(str(number), "SGSIN", "NLRTM", 0, "HFO", mass)
            | {"departure_utc": begin, "arrival_utc": begin + timedelta(days=length)}
        )
    found = voyage_movements(voyages(rows))
    assert found["mass_t"].sum() == pytest.approx(sum(mass for _, _, mass in starts))
    assert found["hours"].sum() == pytest.approx(24 * sum(length for _, length, _ in starts))
    assert found["distance_nm"].sum() == pytest.approx(500 * len(starts))
    for (_, length, mass), (number,) in zip(starts, [(str(i),) for i in range(len(starts))], strict=True):
        own = found.filter(movement_id=number)
        assert own["mass_t"].sum() == pytest.approx(mass)
        assert own.height == own["year"].n_unique()
        assert (own["hours"] / (24 * length) * mass - own["mass_t"]).abs().max() < 1e-6


def notes(*rows: dict) -> pl.DataFrame:
    base = {"imo": IMO, "locode": "NLRTM", "time_utc": datetime(2026, 1, 1, tzinfo=UTC)}
    return read_bunkers(pl.DataFrame([base | row for row in rows]), now=datetime(2026, 6, 1, tzinfo=UTC))


def test_certificates_of_bunkers_are_spread_and_end_where_their_mass_ends() -> None:
    burnt = voyages(
        [
            voyage("1", "NLRTM", "DEHAM", 5, "e-methanol", 60.0),
            voyage("2", "DEHAM", "NLRTM", 8, "e-methanol", 60.0),
            voyage("3", "NLRTM", "DEHAM", 12, "HFO", 50.0),
        ]
    )
    bunkers = notes(
        {"fuel": "e-methanol", "mass_t": 40.0, "wtw_g_per_mj": 10.0, "certificate_id": "A"},
        {"fuel": "e-methanol", "mass_t": 20.0, "wtw_g_per_mj": 16.0, "certificate_id": "B"},
        {"fuel": "HFO", "mass_t": 80.0, "wtw_g_per_mj": None, "certificate_id": None},
    )
    found = with_certificates(burnt, bunkers)
    assert found.select("voyage_id", "mass_t", "certified_e_g_per_mj").rows() == [
        ("1", 30.0, pytest.approx(12.0)),
        ("1", 30.0, None),
        ("2", 30.0, pytest.approx(12.0)),
        ("2", 30.0, None),
        ("3", 50.0, None),
    ]
    assert found["certificate_id"].to_list() == ["A; B", None, "A; B", None, None]
    read_voyages(found)
    balance = bunker_balance(burnt, bunkers)
    assert balance.select("fuel", "burnt_t", "delivered_t", "certified_t", "open_t").rows() == [
        ("methanol", 120.0, 60.0, 60.0, 60.0),
        ("residual", 50.0, 80.0, 0.0, -30.0),
    ]


@settings(max_examples=30)
@given(
    burnt=st.lists(st.floats(0.1, 1000), min_size=1, max_size=4),
    stock=st.lists(st.tuples(st.floats(0.1, 1000), st.floats(-50, 28)), max_size=3),
)
def test_certificates_never_cover_more_than_was_delivered(burnt, stock) -> None:
    rows = voyages([voyage(str(i), "NLRTM", "DEHAM", 3 * i, "e-methanol", mass) for i, mass in enumerate(burnt)])
    bunkers = [
        {"fuel": "e-methanol", "mass_t": mass, "wtw_g_per_mj": e, "certificate_id": f"C{i}", "note_id": f"N{i}"}
        for i, (mass, e) in enumerate(stock)
    ]
    empty = notes({"fuel": "HFO", "mass_t": 1.0, "wtw_g_per_mj": None, "certificate_id": None})
    found = with_certificates(rows, notes(*bunkers) if bunkers else empty)
    covered = found.filter(pl.col("certified_e_g_per_mj").is_not_null())["mass_t"].sum()
    assert found["mass_t"].sum() == pytest.approx(sum(burnt))
    assert covered == pytest.approx(min(sum(burnt), sum(mass for mass, _ in stock)))
