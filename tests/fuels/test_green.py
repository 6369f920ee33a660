"""Green comes from a certificate and a threshold, and from nothing else."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError
from sisterport.fuels import is_green, label_green, threshold


def test_thresholds() -> None:
    assert threshold("red_70").value_g_per_mj == pytest.approx(94 * (1 - 0.7))
    assert threshold("nzf_zero", year=2034).value_g_per_mj == 19.0
    assert threshold("nzf_zero", year=2035).value_g_per_mj == 14.0
    assert threshold("nzf_zero", year=2030).status == "unverified"
    with pytest.raises(MethodError, match="pass year"):
        threshold("nzf_zero")
    with pytest.raises(MethodError, match="no value in 2026"):
        threshold("nzf_zero", year=2026)
    with pytest.raises(MethodError, match="did you mean 'red_70'"):
        threshold("red70")


@pytest.mark.parametrize("fuel", ["green methanol", "e-methanol", "HFO", "renewable ammonia"])
def test_the_name_decides_nothing(fuel: str) -> None:
    frame = pl.DataFrame(
        {"fuel": [fuel] * 4, "wtw_g_per_mj": [10.0, 320.0, 10.0, None], "certificate_id": ["A", "B", None, "C"]},
        schema_overrides={"wtw_g_per_mj": pl.Float64},
    )
    labelled = label_green(frame)
    assert labelled["green"].to_list() == [True, False, False, False]
    assert labelled["green_reason"].to_list() == [
        "certified, at or below red_70",
        "certified, above red_70",
        "no certificate",
        "certificate without an intensity",
    ]


def test_the_threshold_follows_the_year_of_each_delivery() -> None:
    frame = pl.DataFrame(
        {
            "wtw_g_per_mj": [16.0, 16.0],
            "certificate_id": ["A", "B"],
            "time_utc": [datetime(2034, 12, 31, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)],
        }
    )
    assert label_green(frame, threshold_name="nzf_zero")["green"].to_list() == [True, False]
    assert label_green(frame, threshold_name="nzf_zero", year=2030)["green"].to_list() == [True, True]


@given(st.floats(-100, 400), st.floats(0, 100), st.sampled_from(["A", "", " ", None]))
def test_one_and_many_agree_and_cleaner_is_never_less_green(wtw: float, less: float, certificate: str | None) -> None:
    frame = pl.DataFrame(
        {"wtw_g_per_mj": [wtw, wtw - less], "certificate_id": [certificate] * 2},
        schema_overrides={"certificate_id": pl.String},
    )
    green = label_green(frame)["green"].to_list()
    assert green[0] == is_green(wtw, certificate_id=certificate)[0]
    assert green[1] >= green[0]


def test_missing_columns() -> None:
    with pytest.raises(InputError, match="wtw_g_per_mj, certificate_id"):
        label_green(pl.DataFrame({"fuel": ["green methanol"]}))
