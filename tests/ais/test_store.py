"""The store gives back what went in, is plain Parquet, is read in whole ships, and survives a kill."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.ais import (
    PositionStore,
    clean,
    fixed_point,
    ingest,
    natural,
    read_positions,
    scan_store,
    write_store,
)
from sisterport.ais.staging import staged
from sisterport.errors import InputError, MethodError, SchemaError
from sisterport.tables import check

SHIPS = (366952790, 366952791, 477000000, 219001000)


def track(rows, ships=SHIPS, start=1_606_780_800):
    """Positions of ships that sail slowly east."""
    count = range(rows)
    return pl.concat(
        pl.DataFrame({
            "mmsi": [ship] * rows, "time_utc": [datetime.fromtimestamp(start + 60 * i, UTC) for i in count],
            "lat_deg": [40.0] * rows, "lon_deg": [-74 + 1e-3 * i for i in count],
            "sog_kn": [0.1 * (i % 200) for i in count], "draught_m": [7.5 if i % 2 else None for i in count],
        }) for ship in ships
    )  # fmt: skip


def everything(store):
    return pl.concat(scan_store(store)).sort("mmsi", "t_s")


positions = st.fixed_dictionaries({
    "mmsi": st.integers(200_000_000, 799_999_999),
    "time_utc": st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001
    "lat_deg": st.floats(-90, 90),
    "lon_deg": st.floats(-180, 180),
    "sog_kn": st.none() | st.floats(0, 102.2),
    "draught_m": st.none() | st.floats(0, 25.5),
})  # fmt: skip


@given(st.lists(positions, min_size=1, max_size=12))
@settings(deadline=None)
def test_round_trip_within_half_a_unit(drawn):
    given_rows = check(pl.DataFrame(drawn, infer_schema_length=None), "positions")
    back = natural(fixed_point(given_rows))
    check(back, "positions")
    order = given_rows.with_columns(((pl.col("time_utc").dt.epoch("ms") + 500) // 1000).alias("s"))
    order = order.sort("mmsi", "s", maintain_order=True)
    for name, half in {"lat_deg": 0.5e-5, "lon_deg": 0.5e-5, "sog_kn": 0.05, "draught_m": 0.05}.items():
        assert back[name].is_null().equals(order[name].is_null())
        assert ((back[name] - order[name]).abs().drop_nulls() <= half * (1 + 1e-9)).all()
    assert ((back["time_utc"] - order["time_utc"]).dt.total_milliseconds().abs() <= 500).all()
    assert fixed_point(back).equals(fixed_point(given_rows))


def test_fixed_point_refuses_what_is_not_clean():
    with pytest.raises(SchemaError, match="lat_deg"):
        fixed_point(track(2).with_columns(pl.lit(91.0).alias("lat_deg")))


@pytest.mark.parametrize("buckets", [1, 3])
@pytest.mark.parametrize("group", [1_000_000, 100, 30])
def test_scan_gives_whole_ships_in_order(tmp_path, buckets, group):
    store = write_store(track(100), tmp_path / "s", buckets=buckets, row_group_rows=group)
    assert len(store.files) == buckets
    frames = list(store.scan())
    for frame in frames:
        assert frame.equals(frame.sort("mmsi", "t_s"))
    assert sum(frame["mmsi"].n_unique() for frame in frames) == len(SHIPS)  # no ship in two frames
    assert everything(store).equals(fixed_point(track(100)))
    assert pl.concat(store.scan(columns=["lon_e5", "t_s"])).columns == ["lon_e5", "t_s"]
    with pytest.raises(SchemaError, match="did you mean 'lat_e5'"):
        next(store.scan(columns=["lat_e"]))


def test_row_groups_end_with_a_ship(tmp_path):
    store = write_store(track(100), tmp_path / "s", row_group_rows=150)
    meta = pq.ParquetFile(store.files[0]).metadata
    assert [meta.row_group(i).num_rows for i in range(meta.num_row_groups)] == [200, 200]


def test_frames_in_any_order_give_the_same_store(tmp_path):
    whole = track(50)
    pieces = whole.sample(fraction=1, shuffle=True, seed=1).iter_slices(17)
    store = write_store(pieces, tmp_path / "s", buckets=2)
    assert everything(store).equals(fixed_point(whole))


def test_plain_parquet_for_others(tmp_path):
    store = write_store(track(100), tmp_path / "s", buckets=2, statics=None)
    con = duckdb.connect()
    con.execute(f"SET file_search_path = '{tmp_path / 's'}'")
    con.execute((tmp_path / "s" / "natural.sql").read_text())
    rows = con.sql("SELECT * FROM positions ORDER BY mmsi, time_utc").pl()
    expected = natural(fixed_point(track(100))).select(rows.columns)
    assert rows["time_utc"].dt.replace_time_zone("UTC").cast(expected.schema["time_utc"]).equals(expected["time_utc"])
    for name in ("lat_deg", "lon_deg", "sog_kn", "draught_m"):
        assert rows[name].equals(expected[name])
    glob = tmp_path / "s" / "bucket=*.parquet"
    assert con.execute(f"SELECT count(*), min(lon_e5) FROM '{glob}'").fetchone() == (400, -7_400_000)
    assert pl.scan_parquet(glob, hive_partitioning=False).select(pl.len()).collect().item() == 400
    encodings = pq.ParquetFile(store.files[0]).metadata.row_group(0)
    by_name = {encodings.column(i).path_in_schema: encodings.column(i).encodings for i in range(6)}
    assert all("DELTA_BINARY_PACKED" in by_name[name] for name in ("t_s", "lat_e5", "lon_e5"))
    assert all("RLE_DICTIONARY" in by_name[name] for name in ("mmsi", "sog_dkn", "draught_dm"))


@pytest.mark.parametrize("name", ["ais/new_york_2020-12-01_07", "ais/us_coastal_2020-06-30",
    "test-only/ais/denmark_2013-11-12_1200_5min"])  # fmt: skip
def test_ingest_equals_read_and_clean(tmp_path, shared, name):
    path = shared / f"data/{name}.parquet"
    rows, statics, read_report = read_positions(path)
    kept, report = clean(rows)
    seen = []
    store = ingest(path, tmp_path / "s", buckets=5, progress=lambda done, total: seen.append((done, total)))
    assert everything(store).equals(fixed_point(kept))
    assert store.statics().equals(statics)
    assert store.cleaning().rows() == [*read_report.rows(), *report.rows()]
    assert seen[-1] == (rows.height, rows.height)
    assert store.info["rows"] == kept.height
    assert store.info["ships"] == kept["mmsi"].n_unique()
    assert store.info["sources"] == [{"name": path.name, "bytes": path.stat().st_size}]
    assert store.info["start_utc"] == kept["time_utc"].min().strftime("%Y-%m-%dT%H:%M:%SZ")


def test_bytes_per_row_of_real_data(tmp_path, shared):
    store = ingest(shared / "data/ais/new_york_2020-12-01_07.parquet", tmp_path / "s")
    assert sum(file.stat().st_size for file in store.files) < 4.5 * store.info["rows"]


def test_append_equals_all_at_once(tmp_path, shared):
    rows = pl.read_parquet(shared / "data/ais/new_york_2020-12-01_07.parquet")
    noon = datetime(2020, 12, 4, 12, tzinfo=UTC)
    for name, part in {"a": pl.col("time") < noon, "b": pl.col("time") >= noon}.items():
        rows.filter(part).write_parquet(tmp_path / f"{name}.parquet")
    once = ingest([tmp_path / "a.parquet", tmp_path / "b.parquet"], tmp_path / "once", buckets=3)
    ingest(tmp_path / "a.parquet", tmp_path / "twice", buckets=3)
    twice = ingest(tmp_path / "b.parquet", tmp_path / "twice", if_exists="append")
    assert everything(twice).equals(everything(once))
    assert twice.statics().equals(once.statics())
    assert twice.cleaning().equals(once.cleaning())
    assert twice.info == once.info


def test_the_same_file_twice_changes_no_position(tmp_path):
    track(50).write_parquet(tmp_path / "a.parquet")
    first = everything(ingest(tmp_path / "a.parquet", tmp_path / "s"))
    store = ingest(tmp_path / "a.parquet", tmp_path / "s", if_exists="append")
    assert everything(store).equals(first)
    assert store.cleaning().select("reason", "rows").rows() == [("duplicate", 200)]


def test_statics_and_report_are_kept_beside(tmp_path):
    rows, statics, _ = read_positions(track(5).with_columns(pl.lit("EVA").alias("name")))
    kept, report = clean(pl.concat([rows, rows]))
    store = write_store(kept, tmp_path / "s", statics=statics, report=report, sources=["made up"])
    assert store.statics().equals(statics)
    assert store.cleaning()["rows"].to_list() == [20]
    more = write_store(track(5, ships=(230000000,)), tmp_path / "s", if_exists="append")
    assert more.statics().equals(statics)
    assert more.info["sources"] == ["made up"]


def test_wrong_use_is_said(tmp_path):
    write_store(track(3), tmp_path / "s", buckets=2)
    with pytest.raises(InputError, match="exists: choose another folder"):
        write_store(track(3), tmp_path / "s")
    with pytest.raises(MethodError, match="has 2 buckets, not 5"):
        ingest(track(3), tmp_path / "s", buckets=5, if_exists="append")
    with pytest.raises(MethodError, match="did you mean 'append'"):
        write_store(track(3), tmp_path / "s", if_exists="appen")
    with pytest.raises(SchemaError, match="lat_deg"):
        write_store(track(3).drop("lat_deg"), tmp_path / "new")
    assert not (tmp_path / "new").exists()
    with pytest.raises(InputError, match="no position is left"):
        write_store(track(0), tmp_path / "new")
    with pytest.raises(InputError, match="not a position store"):
        PositionStore.open(tmp_path)
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match="not a position store"):  # never delete what is not ours
        write_store(track(3), tmp_path / "mine", if_exists="replace")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "s"]


def test_a_damaged_store_is_said(tmp_path):
    store = write_store(track(300), tmp_path / "s")
    file = store.files[0]
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(InputError, match="is damaged"):
        list(store.scan())
    (tmp_path / "s" / "store.json").write_text("{")
    with pytest.raises(InputError, match="is damaged"):
        PositionStore.open(tmp_path / "s")
    (tmp_path / "s" / "store.json").write_text(json.dumps({"version": 99}))
    with pytest.raises(InputError, match="version 99"):
        PositionStore.open(tmp_path / "s")


WRITER = """
import sys, time
sys.path.insert(0, {root!r})
from tests.ais.test_store import track
from sisterport.ais import write_store
def frames():
    yield track(200, ships=range(300000000, 300000050))
    print("halfway", flush=True)
    time.sleep(600)
write_store(frames(), {path!r}, buckets=4, if_exists="replace")
"""


def test_kill_in_the_middle_leaves_the_old_store(tmp_path, request):
    old = everything(write_store(track(100), tmp_path / "s"))
    code = WRITER.format(root=str(request.config.rootpath), path=str(tmp_path / "s"))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "halfway\n"
        assert len(list(tmp_path.iterdir())) == 2  # the old store and the work of the other process
        process.send_signal(signal.SIGKILL)
    assert everything(tmp_path / "s").equals(old)
    write_store(track(7), tmp_path / "s", if_exists="replace")
    assert [p.name for p in tmp_path.iterdir()] == ["s"]  # what the killed one left is swept away
    assert everything(tmp_path / "s").height == 28


def test_kill_between_the_renames_is_healed(tmp_path):
    old = everything(write_store(track(100), tmp_path / "s"))
    (tmp_path / "s").rename(tmp_path / ".s.before")  # where such a process stops
    assert everything(tmp_path / "s").equals(old)


def test_an_error_while_writing_leaves_nothing(tmp_path):
    def frames():
        yield track(10)
        raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError, match="disk on fire"):
        write_store(frames(), tmp_path / "s")
    assert list(tmp_path.iterdir()) == []


def test_another_writer_is_left_alone(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        with staged(tmp_path / "s") as work:
            (work / "x").touch()
        theirs = tmp_path / work.name.replace(work.name.rsplit("-", 1)[1], str(process.pid))
        theirs.mkdir()
        with staged(tmp_path / "s"):
            pass
        assert theirs.exists()
        process.kill()


@given(st.integers(2, 64))
@settings(max_examples=10, deadline=None)
def test_mmsis_that_end_in_000_spread_over_buckets(buckets):
    import tempfile

    ships = pl.DataFrame({"mmsi": [m * 1000 for m in range(205_000, 205_000 + 40 * buckets)]})
    rows = ships.with_columns(
        pl.lit(datetime(2020, 1, 1, tzinfo=UTC)).alias("time_utc"),
        pl.lit(1.0).alias("lat_deg"),
        pl.lit(1.0).alias("lon_deg"),
    )
    with tempfile.TemporaryDirectory() as folder:
        store = write_store(rows, f"{folder}/s", buckets=buckets)
        sizes = [pq.ParquetFile(file).metadata.num_rows for file in store.files]
    assert sum(sizes) == 40 * buckets
    assert max(sizes) < 90
