"""What the commands of shore power read of a run: which time it covers, and the areas that it drew."""

import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from sisterport.errors import InputError
from sisterport.project.ashore_read import areas_of, covered_of
from sisterport.shorepower.links import covered_hours, year_factor
from sisterport.tables import empty

JUNE, DECEMBER = datetime(2020, 6, 30, tzinfo=UTC), datetime(2020, 12, 1, tzinfo=UTC)


def segments(folder, *spans):
    folder.mkdir(parents=True)
    rows = [{"start_utc": start, "end_utc": start + timedelta(hours=hours)} for start, hours in spans]
    pl.DataFrame(rows).write_parquet(folder / "segments.parquet")


def test_a_run_of_two_periods_covers_both_and_not_what_lies_between(tmp_path):
    segments(tmp_path / "june", (JUNE, 0.25), (JUNE + timedelta(minutes=15), 0.75))
    segments(tmp_path / "december", (DECEMBER, 100.0), (DECEMBER + timedelta(hours=68), 100.0))
    found = covered_of(tmp_path)
    assert found["source"].to_list() == ["june", "december"]
    assert covered_hours(found) == pytest.approx(1 + 168)
    assert year_factor(found) == pytest.approx(8760 / 169)
    assert covered_hours(covered_of(tmp_path / "june")) == pytest.approx(1)


def test_what_two_periods_share_counts_once(tmp_path):
    segments(tmp_path / "a", (JUNE, 10.0))
    segments(tmp_path / "b", (JUNE + timedelta(hours=4), 10.0))
    segments(tmp_path / "c", (JUNE + timedelta(hours=5), 1.0))
    assert covered_hours(covered_of(tmp_path)) == pytest.approx(14)


def test_a_list_of_stays_covers_first_arrival_to_last_departure(tmp_path):
    text = "imo,locode,start_utc,end_utc\n9074729,DEHAM,2026-06-01,2026-06-02\n9074729,DEHAM,2026-06-20,2026-06-21\n"
    (tmp_path / "stays.csv").write_text(text)
    assert covered_hours(covered_of(tmp_path / "stays.csv")) == pytest.approx(20 * 24)


def test_no_time_is_no_year():
    with pytest.raises(InputError, match="cover no time"):
        year_factor(empty("covered"))


def test_areas_lie_beside_the_periods_of_a_run(tmp_path):
    segments(tmp_path / "june", (JUNE, 1.0))
    assert areas_of(tmp_path) is None
    (tmp_path / "areas.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    assert areas_of(tmp_path) == areas_of(tmp_path / "june") == {"type": "FeatureCollection", "features": []}
    assert areas_of(tmp_path / "areas.geojson") is None
    assert areas_of(None) is None
