"""Delivery notes: every fault at once, no certificate used twice, sums that add up."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, SchemaError
from sisterport.fuels import bunker_intensity, certificate_use, read_bunkers, summarise_bunkers, wtw
from sisterport.tables import check

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = datetime(2025, 1, 1, tzinfo=UTC)


def notes(*rows: dict[str, object]) -> pl.DataFrame:
    base = {"imo": 9948748, "locode": "CNSGH", "fuel": "methanol", "mass_t": 100.0}
    made = [{"time_utc": FIRST + timedelta(days=i)} | base | row for i, row in enumerate(rows)]
    return pl.DataFrame(made, infer_schema_length=None)


def certified(name: str, mass_t: float = 100.0, covers_t: float | None = None, **row: object) -> dict[str, object]:
    return {"certificate_id": name, "wtw_g_per_mj": 12.0, "mass_t": mass_t, "certificate_mass_t": covers_t} | row


def faults(*rows: dict[str, object], **options: object) -> list[str]:
    with pytest.raises(SchemaError) as error:
        read_bunkers(notes(*rows), now=NOW, **options)
    return error.value.faults


def test_a_good_frame_is_completed_and_says_from_where() -> None:
    data = read_bunkers(
        notes(
            {"fuel": "MGO", "locode": "CNSHA"},
            {"fuel": "e-methanol", "lcv_mj_per_kg": 20.0},
            {"fuel": "green methanol"} | certified("A"),
            {"fuel": "HVO"},
            {"fuel": "methanol", "fuel_class": "bio"},
        ),
        now=NOW,
    )
    assert data["fuel"].to_list() == ["distillate", "methanol", "methanol", "hvo", "methanol"]
    assert data["locode"][0] == "CNSGH"
    assert data["fuel_class"].to_list() == ["fossil", "rfnbo", None, "bio", "bio"]
    assert data["fuel_class_source"].to_list() == ["fuel", "word", "not given", "fuel", "note"]
    assert data["lcv_source"].to_list() == ["fueleu", "note", "fueleu", "fueleu", "fueleu"]
    assert data["energy_gj"].to_list() == pytest.approx([4270.0, 2000.0, 1990.0, 4400.0, 1990.0])
    assert data["fuel_given"][2] == "green methanol"


def test_every_fault_comes_at_once() -> None:
    found = faults(
        {"fuel": "methanl"},
        {"mass_t": -5.0},
        {"mass_t": 0.0},
        {"fuel": "HFO", "lcv_mj_per_kg": 19.9},
        {"time_utc": datetime(2027, 1, 1, tzinfo=UTC)},
        {"locode": "CNXXX"},
        {"fuel": "B24"},
        {"fuel": "HFO", "fuel_class": "rfnbo"},
        {"fuel": "e-methanol", "fuel_class": "bio"},
        {"wtw_g_per_mj": 12.0},
        {"certificate_id": "Z"},
        certified("Y") | {"wtw_g_per_mj": 12_000.0},
        {"imo": None},
        certified("A", 60.0, 100.0),
        certified("a ", 60.0, 100.0),
        certified("B"),
        certified("B"),
    )
    text = "\n".join(found)
    for words in (
        "unknown fuel 'methanl' (did you mean 'methanol'?): row 0",
        "mass_t is not above 0: row 1 (-5.0), 2 (0.0)",
        "does not fit 'HFO' (38.2 to 42.5 MJ/kg): row 3 (19.9)",
        "time_utc lies after 2026-01-01 00:00: row 4",
        "unknown port code 'CNXXX'",
        "'B24' is a blend: give one row for each part: row 6",
        "fuel_class 'rfnbo' is none of 'HFO'",
        "'e-methanol' is rfnbo, but fuel_class says bio",
        "without a certificate_id: row 9",
        "certificate_id is given without a wtw_g_per_mj: row 10 (Z)",
        "outside -200 to 500 g/MJ: row 11",
        "neither imo nor mmsi: row 12",
        "certificate 'A' covers 100 t, but 2 notes use 120 t of it",
        "certificate 'B' is used by 2 notes and no certificate_mass_t says how much it covers",
    ):
        assert words in text, words
    assert len(found) == 14


def test_faults_of_columns_do_not_hide_those_of_values() -> None:
    frame = notes({"fuel": "methanl"}, {"mass_t": -1.0}).drop("locode").with_columns(time_utc=pl.lit("soon"))
    with pytest.raises(SchemaError) as error:
        read_bunkers(frame, now=NOW)
    text = str(error.value)
    for words in ("'locode' missing", "'time_utc' is", "did you mean 'methanol'", "mass_t is not above 0: row 1"):
        assert words in text


def test_a_delivery_is_not_counted_twice() -> None:
    one = {"time_utc": FIRST}
    assert "the same delivery is there twice" in faults(one, one)[0]
    assert read_bunkers(notes(one | {"note_id": "1"}, one | {"note_id": "2"}), now=NOW).height == 2
    assert "note_id is there twice" in faults({"note_id": "1"}, {"note_id": "1"})[0]
    before = read_bunkers(notes({"note_id": "1"}), now=NOW)
    assert "note_id was read before" in faults({"note_id": "1"}, earlier=before)[0]


def test_a_certificate_is_remembered_from_earlier_notes() -> None:
    before = read_bunkers(notes(certified("A", 60.0, 100.0)), now=NOW)
    assert read_bunkers(notes(certified("A", 40.0, 100.0)), earlier=before, now=NOW).height == 1
    assert "use 100.1 t of it" in faults(certified("a", 40.1, 100.0), earlier=before)[0]


def test_a_certificate_says_one_thing() -> None:
    same = certified("A", 10.0, 100.0)
    assert "2 different values of wtw_g_per_mj" in faults(same, same | {"wtw_g_per_mj": 13.0})[0]
    assert "2 different values of mass" in faults(same, same | {"certificate_mass_t": 90.0})[0]
    assert "2 different values of fuel" in faults(same, same | {"fuel": "MGO"})[0]
    assert read_bunkers(notes(same, same | {"fuel": "MeOH"}), now=NOW).height == 2


def _overdrawn(uses: list[tuple[str, int]], covers: dict[str, int]) -> set[str]:
    """Draw on an account for each certificate, note by note."""
    left, over = dict(covers), set()
    for name, mass in uses:
        left[name] -= mass
        if left[name] < 0:
            over.add(name)
    return over


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 9)), min_size=1, max_size=12),
    st.fixed_dictionaries({name: st.integers(1, 30) for name in "ABC"}),
    st.integers(0, 12),
)
def test_double_use_against_brute_force(uses, covers, split) -> None:
    frame = notes(*(certified(n, float(m), float(covers[n])) for n, m in uses))
    frame = check(frame, "bunkers")
    before, after = frame.head(split), frame.slice(split)
    use = certificate_use(after, before)
    assert set(use.filter(pl.col("over_t") > 0)["certificate"]) == _overdrawn(uses, covers)
    if after.is_empty():
        return
    expected = _overdrawn(uses, covers)
    if not expected:
        assert read_bunkers(after, earlier=before, now=NOW).height == after.height
        return
    with pytest.raises(SchemaError) as error:
        read_bunkers(after, earlier=before, now=NOW)
    assert {f.split("'")[1] for f in error.value.faults} == expected


def test_green_methanol_of_the_grid_is_not_green() -> None:
    data = read_bunkers(
        notes(
            {"fuel": "e-methanol"} | certified("A") | {"wtw_g_per_mj": 320.0},
            {"fuel": "green methanol"},
            {"fuel": "bio-methanol"} | certified("B"),
            {"fuel": "HFO"},
        ),
        now=NOW,
    )
    rows = summarise_bunkers(data)
    methanol = rows.filter(fuel="methanol").row(0, named=True)
    assert (methanol["mass_t"], methanol["certified_t"], methanol["green_t"]) == (300.0, 200.0, 100.0)
    assert methanol["green_share"] == pytest.approx(1 / 3)
    assert rows.filter(fuel="residual")["green_t"].item() == 0.0
    assert rows["mass_t"].sum() == data["mass_t"].sum()
    assert rows["energy_gj"].sum() == pytest.approx(data["energy_gj"].sum())


def test_intensity_takes_the_certificate_or_says_that_it_took_a_default() -> None:
    data = read_bunkers(
        notes({"fuel": "HFO"}, {"fuel": "e-methanol"}, {"fuel": "bio-methanol"} | certified("B")), now=NOW
    )
    own = bunker_intensity(data)
    assert own["intensity_source"].to_list() == [
        "fueleu default",
        "fueleu default, fossil: no certificate",
        "certificate",
    ]
    fossil = wtw("methanol", "SSD", unmeasured="zero").wtw_g_per_mj
    assert own["intensity_g_per_mj"].to_list() == [wtw("HFO", "SSD").wtw_g_per_mj, fossil, 12.0]
    assert own["co2e_t"].to_list() == pytest.approx((own["intensity_g_per_mj"] * own["energy_gj"] / 1000).to_list())
    gas = read_bunkers(notes({"fuel": "LNG"}), now=NOW)
    with pytest.raises(InputError, match="slip of LNG depends"):
        bunker_intensity(gas)
    found = [bunker_intensity(gas, converters={"LNG": c})["co2e_t"].item() for c in ("HPDF", "LPDF_2S", "LPDF_4S")]
    assert found == sorted(found)
    with pytest.raises(InputError, match="certified value is needed"):
        bunker_intensity(read_bunkers(notes({"fuel": "ethanol"}), now=NOW))


@given(st.floats(0.1, 1e4), st.integers(1, 5))
def test_scaling_the_masses_scales_the_sums_and_nothing_else(factor: float, count: int) -> None:
    rows = [{"fuel": f} for f in ("HFO", "MGO", "bio-methanol", "HVO", "NH3")][:count]
    one = summarise_bunkers(read_bunkers(notes(*rows), now=NOW))
    more = summarise_bunkers(read_bunkers(notes(*({**r, "mass_t": 100.0 * factor} for r in rows)), now=NOW))
    assert more["energy_gj"].to_list() == pytest.approx((one["energy_gj"] * factor).to_list())
    assert more["green_share"].to_list() == one["green_share"].to_list()


def test_files_and_other_frames(tmp_path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("IMO;port;when;fuel;t\n9948748;NLRTM;2025-05-01T10:00:00;VLSFO;1500,5\n")
    columns = {"IMO": "imo", "port": "locode", "when": "time_utc", "t": "mass_t"}
    data = read_bunkers(path, columns=columns, now=NOW)
    assert data.select("imo", "locode", "mass_t").row(0) == (9948748, "NLRTM", 1500.5)
    assert data["time_utc"][0] == datetime(2025, 5, 1, 10, tzinfo=UTC)
    same = read_bunkers(notes({"fuel": "VLSFO"}).to_pandas(), now=NOW)
    assert same["energy_gj"].item() == pytest.approx(4100.0)
    with pytest.raises(InputError, match="no such file"):
        read_bunkers(tmp_path / "none.csv")
    assert summarise_bunkers(data, by=("year", "locode"))["year"].item() == 2025
    with pytest.raises(InputError, match="cannot group by carrier"):
        summarise_bunkers(data, by=("carrier",))
