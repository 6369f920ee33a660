"""A register is read in both forms, and everything wrong with it is said at once."""

from importlib.resources import files
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from sisterport.errors import InputError, SchemaError
from sisterport.fleet import citations, particulars, read_register, register_cells

SHIPS = pl.DataFrame(
    {
        "imo": [9302891, 9295268],
        "mmsi": [220413000, 211839000],
        "ship_class": ["container", "container"],
        "teu": [9024.0, 8749.0],
        "engine_type": ["SSD", None],
        "scrubber": [True, None],
    }
)
CELLS = pl.DataFrame(
    {
        "imo": [9302891, 9302891, 9302891, 9302891, 9295268],
        "mmsi": [220413000] * 4 + [211839000],
        "field": ["teu", "draught_max_m", "main_engine", "scrubber", "teu"],
        "value": ["9024", "15.5", "Sulzer 12RTflex96C", "yes", "8749"],
        "unit": ["teu", "m", None, None, "TEU"],
        "source": ["yard list", "class", "class", "memory", "owner"],
        "status": ["checked", "secondary", "secondary", "unverified", "checked"],
    }
)


def test_wide_and_long_form_say_the_same(tmp_path: Path) -> None:
    SHIPS.write_csv(tmp_path / "wide.csv")
    SHIPS.write_parquet(tmp_path / "wide.parquet")
    frames = [read_register(s) for s in (SHIPS, SHIPS.to_pandas(), tmp_path / "wide.csv", tmp_path / "wide.parquet")]
    for frame in frames[1:]:
        assert frame.equals(frames[0])
    long = read_register(CELLS)
    assert long["imo"].to_list() == [9302891, 9295268]
    assert long["teu"].to_list() == [9024.0, 8749.0]
    assert long["draught_ref_m"].to_list() == [15.5, None]
    assert long["scrubber"].to_list() == [True, None]


def test_cells_keep_their_sources() -> None:
    cells = register_cells(CELLS)
    assert cells.columns == ["imo", "mmsi", "field", "source", "status", "note"]
    assert cells.filter(pl.col("field") == "draught_ref_m")["source"].to_list() == ["class"]
    wide = register_cells(SHIPS.with_columns(source=pl.lit("yard list")))
    assert wide.filter(pl.col("field") == "engine_type").height == 1
    assert set(wide["source"]) == {"yard list"}


def test_all_faults_are_told_at_once() -> None:
    bad = pl.DataFrame(
        {
            "imo": ["9302891", "9302891", "9295267", "", "x"],
            "mmsi": ["220413000", "", "211839000", "", "992351000"],
            "ship_class": ["container", "containr", "tanker", None, None],
            "engine_type": ["SSD", "ssd", None, None, None],
            "fuel": ["hfo", None, None, None, None],
            "power_kw": ["68640", "686400", "many", None, None],
            "v_service_kn": ["26", None, None, None, None],
            "v_max_kn": ["25", None, None, None, None],
            "keel_year": ["2004", None, None, None, None],
            "build_year": ["2003", None, None, None, None],
        }
    )
    with pytest.raises(SchemaError) as error:
        read_register(bad)
    text = str(error.value)
    for part in (
        "'imo': 1 not readable, first: row 4 ('x')",
        "'imo': 1 with a wrong check digit, first: row 2 (9295267)",
        "'imo': 2 that occur twice, first: row 0 (9302891)",
        "'mmsi': 1 of no ship station, first: row 4 (992351000)",
        "rows: 1 with neither imo nor mmsi, first: row 3",
        "unknown 'containr' (did you mean 'container'?), first: row 1",
        "'ship_class': unknown 'tanker'",
        "'engine_type': unknown 'ssd'",
        "'fuel': unknown 'hfo'",
        "'power_kw': 1 not readable, first: row 2 ('many')",
        "'power_kw': 1 rows above 120000 kW",
        "'v_service_kn': 1 above v_max_kn, first: row 0 (26.0)",
        "'keel_year': 1 above build_year",
    ):
        assert part in text, part
    assert len(error.value.faults) == 13


def test_faults_of_the_long_form() -> None:
    bad = pl.concat(
        [
            CELLS,
            CELLS[:1],
            CELLS[:1].with_columns(field=pl.lit("power_hp")),
            CELLS[:1].with_columns(field=pl.lit("power_kw"), unit=pl.lit("hp")),
            CELLS[:1].with_columns(field=pl.lit("gt"), unit=pl.lit(None, pl.String), mmsi=pl.lit(211839999, pl.Int64)),
        ]
    )
    with pytest.raises(SchemaError) as error:
        read_register(bad)
    text = str(error.value)
    assert "unknown field 'power_hp' (did you mean 'power_kw'?)" in text
    assert "field 'power_kw' has unit 'hp', needed kW: row 7" in text
    assert "imo 9302891: 2 cells for 'teu', first: row 0" in text
    assert "imo 9302891: more than one mmsi (211839999, 220413000)" in text
    assert len(error.value.faults) == 4


def test_a_ship_known_by_mmsi_only_is_a_row_of_its_own() -> None:
    cells = pl.DataFrame(
        {
            "imo": [None, None],
            "mmsi": [367000150, 367000150],
            "field": ["gt", "power_kw"],
            "value": ["3335", "5966"],
        }
    )
    assert read_register(cells).select("imo", "mmsi", "gt", "power_kw").row(0) == (
        None,
        367000150,
        3335.0,
        5966.0,
    )


def test_gaps_in_a_pandas_frame_do_not_hide_faults() -> None:
    frame = pd.DataFrame({"imo": [9302891, None, 9295267], "mmsi": [None, 211839000, 211839000], "teu": [1.5, None, 2]})
    with pytest.raises(SchemaError) as error:
        read_register(frame)
    assert "'imo': 1 with a wrong check digit, first: row 2 (9295267)" in str(error.value)
    assert "'mmsi': 2 that occur twice" in str(error.value)
    assert len(error.value.faults) == 2
    with pytest.raises(SchemaError, match="'build_year': 1 not readable"):
        read_register(pd.DataFrame({"imo": [9302891], "build_year": [2005.5]}))
    good = frame[:2].assign(name=[None, None])
    assert read_register(good)["imo"].to_list() == [9302891, None]


def test_names_can_be_mapped_and_a_missing_file_is_named(tmp_path: Path) -> None:
    assert read_register(SHIPS.rename({"teu": "CAPACITY"}), columns={"CAPACITY": "teu"}).equals(read_register(SHIPS))
    with pytest.raises(InputError, match=r"no such file: .*nothing\.csv"):
        read_register(tmp_path / "nothing.csv")


STATICS = pl.DataFrame(
    {
        "mmsi": [220413000, 563000001, 211839000, 211839001],
        "imo": [None, 9302891, 9722625, None],
        "identities": 1,
        "positions": 1,
    }
)


def test_join_by_imo_then_by_mmsi_unless_the_imo_contradicts() -> None:
    ships = particulars(STATICS, SHIPS)
    # by mmsi; by imo under a new mmsi; the mmsi went to another ship; not in the register
    assert ships["teu"].to_list() == [9024.0, 9024.0, None, None]
    assert ships["imo"].to_list() == [9302891, 9302891, 9722625, None]
    assert ships["ship_class"].to_list() == ["container", "container", "unknown", "unknown"]


def test_unverified_cells_are_labelled_and_cited() -> None:
    cells = register_cells(CELLS.with_columns(status=pl.lit("unverified")))
    ships = particulars(STATICS[:1], read_register(CELLS.with_columns(field=pl.col("field"))), cells=cells)
    assert ships["draught_ref_m_source"].to_list() == ["register (unverified)"]
    cited = citations(ships, cells)
    assert cited.filter(pl.col("field") == "draught_ref_m").select("register_field", "source").row(0) == (
        "draught_ref_m",
        "class",
    )


def test_citations_name_the_cell_that_was_used() -> None:
    cells = pl.DataFrame(
        {
            "imo": [9302891] * 4,
            "mmsi": [None] * 4,
            "field": ["ship_class", "dwt_t", "v_service_kn", "build_year"],
            "value": ["container", "115700", "24", "2005"],
            "source": ["a", "b", "c", "d"],
            "status": ["checked", "checked", "unverified", "checked"],
        }
    )
    ships = particulars(STATICS[1:2], read_register(cells), cells=register_cells(cells))
    assert ships["v_ref_kn_source"].to_list() == ["register (unverified): service speed / 0.94"]
    used = citations(ships, register_cells(cells)).select("field", "register_field", "source").rows()
    assert used == [
        ("keel_year", "build_year", "d"),
        ("ship_class", "ship_class", "a"),
        ("size", "dwt_t", "b"),
        ("v_ref_kn", "v_service_kn", "c"),
    ]


def test_the_register_of_the_demo_is_sound() -> None:
    path = Path(str(files("sisterport") / "demo" / "new_york" / "register.csv"))
    register, cells = read_register(path), register_cells(path)
    filled = register.drop("imo", "mmsi", "name", "source").count().row(0)
    remarks = cells.filter(pl.col("field") == "main_engine").height
    assert sum(filled) == cells.height - remarks == pd.read_csv(path).shape[0] - remarks
