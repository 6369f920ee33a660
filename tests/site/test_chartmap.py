"""The map: nothing lost when cells are joined, names that do not cover each other."""

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.site import chartmap
from sisterport.site.labels import place
from tests.site import made_up

EXTENT = chartmap.Extent(-74.4, 40.3, -73.5, 40.9)


def surface(path: str) -> float:
    return sum(float(w) * float(h) for w, h in re.findall(r"h([\d.]+)v([\d.]+)h-", path))


@given(st.sets(st.tuples(st.integers(4040, 4080), st.integers(-7430, -7360)), min_size=1, max_size=80))
@settings(max_examples=50, deadline=None)
def test_joined_cells_cover_the_same_surface(cells):
    frame = pl.DataFrame(sorted(cells), schema=["cell_lat", "cell_lon"], orient="row").with_columns(
        cell_deg=pl.lit(0.01)
    )
    view = chartmap.Projection(extent=EXTENT)
    x, y = (0.01 * px for px in view.px_per_deg)
    path = chartmap.runs(frame, view)
    assert surface(path) == pytest.approx(len(cells) * x * y, rel=0.02)
    assert path.count("M") <= len(cells)


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 600)), max_size=25))
@settings(max_examples=50, deadline=None)
def test_labels_never_overlap_and_stay_on_the_map(points):
    labels = place([(f"Terminal {i}", float(x), float(y)) for i, (x, y) in enumerate(points)], width=720, height=640)
    for i, label in enumerate(labels):
        assert 0 < label.box.left < label.box.right < 720
        assert not any(label.box.meets(other.box) for other in labels[i + 1 :])


def test_a_degree_of_latitude_is_longer_on_the_map_than_one_of_longitude():
    x, y = chartmap.Projection(extent=EXTENT).px_per_deg
    assert x / y == pytest.approx(0.7596, rel=1e-3)  # cos 40.6 deg


def test_the_scale_bar_is_as_long_as_it_says():
    week = made_up.period(hours=24.0)
    drawing = chartmap.draw(
        name="m",
        title="t",
        extent=EXTENT,
        domain=week.domain,
        areas=week.areas,
        cells=week.cells,
        density=week.density,
        named=[],
    )
    view = chartmap.Projection(extent=EXTENT)
    (_, south), (_, north) = view(-74.0, 40.5), view(-74.0, 40.5 + drawing.scale_nm / 60)
    assert drawing.scale_px == pytest.approx(south - north)
    assert drawing.scale_text == "5 nm (9.3 km)"


def test_every_cell_with_emissions_finds_its_class():
    cells = pl.DataFrame({"cell_lat": [4050, 4051, 4052], "cell_lon": [-7400] * 3, "co2e_ttw_t": [0.0004, 2.0, 95.0]})
    week = made_up.period(hours=24.0)
    drawing = chartmap.draw(
        name="m",
        title="t",
        extent=EXTENT,
        domain=week.domain,
        areas=week.areas,
        cells=cells.with_columns(cell_deg=pl.lit(0.01)),
        density=week.density,
        named=[],
    )
    assert sum(path.count("M") for _, path, _ in drawing.cells) == 3
    assert [words for _, words in drawing.legend] == [
        "30\u202ft and more",
        "10 to 30\u202ft",
        "3 to 10\u202ft",
        "1 to 3\u202ft",
        "below 1\u202ft",
    ]


def test_the_core_holds_four_fifths():
    week = made_up.period(hours=48.0)
    box = chartmap.core(week.cells)
    lat, lon = pl.col("cell_lat") * 0.01, pl.col("cell_lon") * 0.01
    inside = week.cells.filter(lat >= box.south, lat <= box.north, lon >= box.west, lon <= box.east)
    assert inside["co2e_ttw_t"].sum() >= 0.8 * week.cells["co2e_ttw_t"].sum()
    assert chartmap.core(week.cells.clear()) is None
