"""Size bins at every edge of every class, and what an AIS code may and may not say."""

import math

import polars as pl
import pytest

from sisterport.fleet import ais_class, ais_group, class_bins, ship_classes, size_bin, size_unit
from sisterport.reference import load

CLASSES = class_bins()["ship_class"].unique(maintain_order=True).to_list()


def bins(ship_class: str, sizes: list[float | None]) -> list[int | None]:
    frame = pl.DataFrame({"ship_class": [ship_class] * len(sizes), "size": pl.Series(sizes, dtype=pl.Float64)})
    return frame.select(bin=size_bin())["bin"].to_list()


@pytest.mark.parametrize("ship_class", CLASSES)
def test_each_edge_belongs_to_the_bin_above_it(ship_class: str) -> None:
    rows = class_bins().filter(pl.col("ship_class") == ship_class).rows(named=True)
    for row in rows:
        low, high = float(row["size_min"]), row["size_max_excl"]
        assert bins(ship_class, [low, math.nextafter(low, math.inf)]) == [row["size_bin"]] * 2
        if high is not None:
            below, at = bins(ship_class, [math.nextafter(float(high), 0), float(high)])
            assert (below, at) == (row["size_bin"], row["size_bin"] + 1)
    assert rows[-1]["size_max_excl"] is None
    assert bins(ship_class, [599_999.0]) == [len(rows)]


@pytest.mark.parametrize("ship_class", CLASSES)
def test_without_size_only_a_class_with_one_bin_has_a_bin(ship_class: str) -> None:
    count = class_bins().filter(pl.col("ship_class") == ship_class).height
    assert bins(ship_class, [None]) == [1 if count == 1 else None]


def test_bins_where_cetos_has_a_typing_error() -> None:
    # cetos puts a 7,000 t oil tanker into bin 3 and a 30,000 m3 gas tanker into bin 2
    assert bins("oil_tanker", [7000]) == [2]
    assert bins("liquefied_gas_tanker", [30_000]) == [1]


def test_an_unknown_class_has_neither_unit_nor_bin() -> None:
    unknown = [c for c in ship_classes() if c.startswith("unknown")]
    frame = pl.DataFrame({"ship_class": unknown, "size": 50_000.0})
    assert len(unknown) == 4
    assert frame.select(size_unit())["size_unit"].to_list() == [None] * 4
    assert frame.select(size_bin())["size_bin"].to_list() == [None] * 4


def test_tables_of_classes_agree() -> None:
    averages = load("ship_class_averages")
    edges = ["ship_class", "size_bin", "size_min", "size_max_excl"]
    assert averages.select(edges).sort(edges[:2]).equals(class_bins().select(edges).sort(edges[:2]), null_equal=True)
    defaults = load("class_defaults").drop_nulls("size_bin").select(edges[:2]).sort(edges[:2])
    assert defaults.equals(class_bins().select(edges[:2]).sort(edges[:2]))
    assert set(load("ais_ship_types")["ship_class"]) <= set(ship_classes())


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (range(70, 80), "unknown_cargo"),
        (range(80, 90), "unknown_tanker"),
        (range(60, 70), "unknown_passenger"),
        ([30], "miscellaneous_fishing"),
        ([31, 32, 52, 1025], "service_tug"),
        ([36, 37], "yacht"),
        ([0, 1, 99, 255, -1, None], "unknown"),
    ],
)
def test_ais_says_no_more_than_it_knows(codes: list[int | None], expected: str) -> None:
    got = pl.DataFrame({"ais_type": pl.Series(list(codes), dtype=pl.Int64)}).select(ais_class())["ship_class"]
    assert set(got) == {expected}


def test_group_of_a_ship_without_type_is_unknown() -> None:
    codes = pl.DataFrame({"ais_type": [None, 0, 52, 74, 89, 60]})
    groups = codes.select(ais_group())["group"].to_list()
    assert groups == ["unknown", "unknown", "harbour_craft", "ocean_going", "ocean_going", "unknown"]
