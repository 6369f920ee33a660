"""What happened, against counts by hand, minute by minute, and on the bundled demo's calls."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sisterport.berths.happened import anchorage_waiting, happened
from sisterport.berths.visits import Watched, read_records, read_run_visits, visits
from sisterport.errors import InputError, SchemaError
from sisterport.project import read_project, run, write_outputs
from sisterport.tables import empty
from sisterport.voyages import read_areas
from tests.factory import new_york

DAY = datetime(2026, 1, 30, tzinfo=UTC)


def hour(number: float) -> datetime:
    return DAY + timedelta(hours=number)


def record(call: str, mmsi: int, berth: str, times: list[float | None], **more: object) -> dict[str, object]:
    """Return a record from hours: arrival, anchor start and end, berth start and end, departure."""
    names = ("arrival_utc", "anchor_start_utc", "anchor_end_utc", "berth_start_utc", "berth_end_utc", "departure_utc")
    stated = {name: None if t is None else hour(t) for name, t in zip(names, times, strict=True)}
    return {"call_id": call, "mmsi": mmsi, "berth_id": berth, "terminal": "pier"} | stated | more


RECORDS = pl.DataFrame(
    [
        record("A", 1, "east", [0, None, None, 2, 20, 21], ship_class="container"),
        record("B", 2, "east", [1, 2, 26, 27, 60, 61], ship_class="container"),  # waits 24 h, berths past the month
        record("C", 3, "west", [5, 6, 8, 9, 12, None], ship_class="bulk_carrier"),  # shifts, waits for it
        record("C", 3, "east", [None, 13, 61, 62, 70, 72], ship_class="bulk_carrier"),
        record("D", 4, "west", [None, None, None, 30, 40, 41], ship_class="bulk_carrier"),  # arrival not recorded
    ],
    infer_schema_length=None,
)


def value(summary: pl.DataFrame, measure: str, column: str, **where: str) -> object:
    return summary.filter(measure=measure, **where)[column].item()


def test_calls_are_counted_as_by_hand() -> None:
    seen = happened(read_records(RECORDS))
    rows = {row["call_id"]: row for row in seen.calls.iter_rows(named=True)}
    assert [rows[c]["waiting_h"] for c in "ABC"] == pytest.approx([0, 24, 2])
    assert [rows[c]["turnaround_h"] for c in "ABC"] == pytest.approx([21, 60, 67])
    assert [rows["D"][name] for name in ("waiting_h", "turnaround_h", "shifts")] == [None, None, None]
    assert [rows[c]["berth_h"] for c in "ABCD"] == pytest.approx([18, 33, 11, 10])
    assert rows["C"]["anchor_later_h"] == pytest.approx(48)
    assert [rows[c]["shifts"] for c in "ABC"] == [0, 0, 1]
    waiting = anchorage_waiting(seen.calls).row(0, named=True)
    assert (waiting["calls"], waiting["left_out"], waiting["waited"]) == (3, 1, 2)
    assert (waiting["mean_h"], waiting["median_h"], waiting["total_h"]) == pytest.approx((26 / 3, 2, 26))
    assert waiting["p90_h"] == pytest.approx(2 + 0.8 * 22)


def test_the_indicator_and_the_summary_are_one() -> None:
    seen = happened(read_records(RECORDS))
    by = ["ship_class"]
    summary = seen.summary(by=by).filter(measure="waiting").select("ship_class", "n", "mean", "median", "p90", "total")
    indicator = anchorage_waiting(seen.calls, by=by).select(
        "ship_class", "calls", "mean_h", "median_h", "p90_h", "total_h"
    )
    assert sorted(summary.rows()) == sorted(indicator.rows())


def test_idle_time_is_between_different_ships_and_has_the_class_of_the_one_that_came() -> None:
    seen = happened(read_records(RECORDS))
    gaps = seen.idle.select("berth_id", "ship_class", pl.col("hours").round(9)).rows()
    assert sorted(gaps) == [("east", "bulk_carrier", 2), ("east", "container", 7), ("west", "bulk_carrier", 18)]
    same = RECORDS.with_columns(mmsi=pl.lit(7, pl.Int64))
    assert happened(read_records(same)).idle.height == 0


def test_a_gap_whose_end_was_not_seen_is_left_out() -> None:
    found = read_records(RECORDS)
    rows = found.visits.with_columns(start_seen=pl.col("call_id") != "B")
    seen = happened(Watched(rows, found.watch))
    assert value(seen.summary(by=[]), "idle", "n") == 2
    assert value(seen.summary(by=[]), "idle", "left_out") == 1


def test_occupancy_by_month_equals_a_count_of_minutes() -> None:
    rng = np.random.default_rng(3)
    rows = []
    for number in range(40):
        start = round(rng.uniform(0, 90), 2)
        rows.append(
            record(str(number), number, rng.choice(["east", "west"]), [start, None, None, start, start + 3, start + 3])
        )
    seen = happened(read_records(pl.DataFrame(rows, infer_schema_length=None)))
    begin, end = seen.calls["arrival_utc"].min(), seen.calls["departure_utc"].max()
    minutes = pl.datetime_range(begin, end, "30s", eager=True)
    for row in seen.occupancy.iter_rows(named=True):
        of_month = minutes.filter(minutes.dt.strftime("%Y-%m") == row["month"])
        stays = [(r["berth_start_utc"], r["berth_end_utc"]) for r in rows if r["berth_id"] == row["berth_id"]]
        taken = np.zeros(of_month.len(), dtype=bool)
        for s, e in stays:
            taken |= ((of_month >= s) & (of_month < e)).to_numpy()
        assert row["hours_occupied"] / row["hours_watched"] == pytest.approx(taken.mean(), abs=0.005)
        assert row["hours_occupied"] <= row["ship_hours"]


def test_stops_at_no_known_berth_have_no_occupancy_and_say_so() -> None:
    rows = RECORDS.with_columns(berth_id=pl.when(pl.col("berth_id") != "west").then("berth_id"))
    summary = happened(read_records(rows)).summary(by=[])
    assert value(summary, "occupancy", "left_out") == 1  # in January, at that terminal
    assert value(summary, "occupancy", "n") == 2  # the other berth in January and February


def test_faults_of_records_are_all_told() -> None:
    wrong = RECORDS.with_columns(locode=pl.lit("USNYK"))
    wrong[0, "berth_end_utc"], wrong[3, "anchor_start_utc"] = hour(1), hour(11)
    with pytest.raises(SchemaError) as error:
        read_records(wrong)
    text = str(error.value)
    assert "call A: berth_end_utc before berth_start_utc" in text
    assert "call C: a berth begins before the one before it ends" in text
    assert "unknown port code 'USNYK' (did you mean 'USNYC'?)" in text


def test_records_from_a_file(tmp_path) -> None:
    RECORDS.write_csv(tmp_path / "calls.csv")
    assert happened(read_records(tmp_path / "calls.csv")).calls.height == 4


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    """The demo's hour and week of New York, run and written."""
    folder = tmp_path_factory.mktemp("demo")
    result = run(read_project(new_york().parent / "project.toml"))
    write_outputs(result, folder)
    return folder


def test_the_demo_says_what_it_can_and_leaves_out_what_it_did_not_see(demo) -> None:
    found = read_run_visits(demo)
    assert found.watch.height == 2  # an hour in June, a week in December
    seen = happened(found)
    calls = pl.concat([pl.read_parquet(path) for path in sorted(demo.glob("*/calls.parquet"))])
    joined = calls.join(seen.calls, on="call_id", how="left", maintain_order="left", suffix="_found")
    whole = joined.filter(pl.col("arrival_seen") & pl.col("departure_seen"))
    assert whole.height == joined["turnaround_h"].count() > 0
    assert (whole["turnaround_h"] - whole["hours"]).abs().max() < 0.02  # segments add up to the call
    # anchor before and after the first berth together are the inventory's hours at anchor
    both = joined.filter(pl.col("waiting_h").is_not_null())
    assert both.height > 5
    assert (both["waiting_h"] + both["anchor_later_h"] - both["hours_anchorage"]).abs().max() < 0.01
    june = seen.summary(by=["month"]).filter(month="2020-06")
    assert value(june, "turnaround", "n") == 0  # within one hour no call is seen from begin to end
    assert value(june, "turnaround", "left_out") == calls.filter(pl.col("arrival_utc").dt.month() == 6).height
    assert (seen.occupancy["hours_occupied"] <= seen.occupancy["hours_watched"]).all()


def test_frames_and_folder_give_the_same(demo) -> None:
    part = demo / "1-to-7-december-2020"
    frames = {name: pl.read_parquet(part / f"{name}.parquet") for name in ("calls", "stops", "ships")}
    direct = visits(frames["calls"], frames["stops"], ships=frames["ships"], areas=read_areas(demo / "areas.geojson"))
    assert direct.equals(read_run_visits(part).visits)


def test_no_run_is_an_error(tmp_path) -> None:
    with pytest.raises(InputError, match="no run in"):
        read_run_visits(tmp_path)


def test_an_empty_table_of_visits_gives_counts_of_zero() -> None:
    summary = happened(empty("visits")).summary(by=[])
    assert summary["n"].to_list() == [0] * 6
    assert summary["total"].null_count() == 6
