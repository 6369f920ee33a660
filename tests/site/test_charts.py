"""Charts: what is drawn, and that it can stand in a page."""

import re
from itertools import pairwise

import polars as pl
import pytest

from sisterport.site import charts

ROWS = pl.DataFrame({"c": ["<b>A&B</b>", "C"], "s": ["At berth", "At anchor"], "v": [1234.5, 20.0]})


def drawn(**options):
    spec = charts.bars(ROWS, category="c", series="s", value="v", colours=charts.MODE_COLOURS, title="t", **options)
    return spec, charts.svg(spec, name="one", title='T "<')


def test_names_in_charts_are_escaped():
    _, svg = drawn()
    assert "<b>" not in svg
    assert "&lt;b&gt;A&amp;B&lt;/b&gt;" in svg


def test_ids_carry_the_name_and_no_namespace_is_left():
    _, svg = drawn()
    assert "xmlns" not in svg
    assert all(found.startswith("one") for found in re.findall(r'\bid="([^"]+)"', svg))
    assert 'aria-label="T &#34;&lt;"' in svg


def test_large_numbers_have_thin_spaces():
    assert "1\u202f000" in drawn()[1]


def test_series_keep_the_order_and_colours_of_the_palette():
    spec, svg = drawn()
    assert spec["encoding"]["color"]["scale"]["domain"] == ["At berth", "At anchor"]
    assert charts.NAVY in svg


def test_a_null_is_no_bar():
    rows = ROWS.with_columns(v=pl.Series([None, 20.0]))
    spec = charts.bars(rows, category="c", series="s", value="v", colours=charts.MODE_COLOURS, title="t")
    assert [row["c"] for row in spec["data"]["values"]] == ["C"]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", [charts.HEAT, list(charts.KNOWN_COLOURS.values())[:4]])
def test_graduated_colours_are_graduated_in_grey_print_too(palette):
    light = [luminance(colour) for colour in palette]
    assert light == sorted(light) or light == sorted(light, reverse=True)
    assert min(abs(a - b) for a, b in pairwise(light)) > 0.02


@pytest.mark.parametrize("palette", [charts.SYSTEM_COLOURS, charts.MODE_COLOURS, charts.QUALITY_COLOURS])
def test_neighbours_in_a_bar_differ_in_grey_print(palette):
    light = [luminance(colour) for colour in palette.values()]
    assert min(abs(a - b) for a, b in pairwise(light)) > 0.05
