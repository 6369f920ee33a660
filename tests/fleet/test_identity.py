"""Check digits, against the rule written out by hand."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.fleet import imo_check, mmsi_is_ship, ship_id


def valid(imo: int) -> bool:
    text = str(imo)
    return len(text) == 7 and str(sum(int(d) * (7 - i) for i, d in enumerate(text[:6])))[-1] == text[6]


@given(st.lists(st.integers(-10, 12_000_000) | st.none(), max_size=30))
def test_check_digit_is_the_last_digit_of_the_weighted_sum(numbers: list[int | None]) -> None:
    got = pl.DataFrame({"imo": pl.Series(numbers, dtype=pl.Int64)}).select(imo_check())["imo"].to_list()
    assert got == [None if n is None else valid(n) for n in numbers]


@pytest.mark.parametrize("imo", [9074729, 9302891, 9295268, 9722625, 5264510])
def test_numbers_of_real_ships_pass_and_fail_with_any_digit_changed(imo: int) -> None:
    others = [imo + step for step in range(1, 10)]
    checks = pl.DataFrame({"imo": [imo, *others]}).select(imo_check())["imo"].to_list()
    assert checks[0]
    assert checks[1:].count(True) == sum(valid(o) for o in others)
    same_head = [o for o in others if o // 10 == imo // 10]
    assert not any(check for o, check in zip(others, checks[1:], strict=True) if o in same_head)


def test_only_ship_stations_are_ships() -> None:
    stations = [199999999, 200000000, 799999999, 800000000, 2320001, 111232001, 970012345, 992351000, None]
    got = pl.DataFrame({"mmsi": stations}).select(mmsi_is_ship())["mmsi"].to_list()
    assert got == [False, True, True, False, False, False, False, False, None]


@given(st.lists(st.tuples(st.none() | st.integers(1, 9_999_999), st.none() | st.integers(1, 799_999_999)), max_size=8))
def test_a_ship_is_called_by_its_imo_number_else_by_its_mmsi(rows: list[tuple[int | None, int | None]]) -> None:
    frame = pl.DataFrame(rows, schema={"imo": pl.Int64, "number": pl.Int64}, orient="row")
    wanted = [f"imo:{imo}" if imo else f"mmsi:{mmsi}" if mmsi else None for imo, mmsi in rows]
    assert frame.select(ship_id("imo", pl.col("number")))["ship_id"].to_list() == wanted
