"""What a reader of the report relies on."""

import re
from dataclasses import replace

import polars as pl
import pytest

from sisterport.errors import InputError, SchemaError
from sisterport.site import write_report
from sisterport.site.digits import MISSING
from sisterport.tables import empty
from tests.site import made_up
from tests.site.page_reader import Page

EVIL = "<script>alert('1')</script> & \"x\" onload=alert(1)"
SUMMED = {
    "CO₂e TtW": "co2e_ttw_t",
    "NOₓ": "nox_kg",
    "BC": "bc_kg",
    "PM₂.₅": "pm25_kg",
    "Energy": "energy_kwh",
}


def written(folder, *periods, **options):
    path = write_report(
        folder / "out" / "report.html",
        title="Port of Tests",
        periods=periods,
        provenance=made_up.provenance(),
        **options,
    )
    return Page.read(path), path.read_text("utf-8")


@pytest.fixture(scope="module")
def week():
    return made_up.period()


@pytest.fixture(scope="module")
def hour():
    return made_up.period(name="A made-up hour", hours=1.0, seed=2, n_holes=0)


@pytest.fixture(scope="module")
def both(tmp_path_factory, week, hour):
    return written(tmp_path_factory.mktemp("report"), week, hour)


def test_html_is_well_formed_with_unique_ids_and_no_dead_link(both):
    page, _ = both
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert all(link.startswith("#") for link in page.links)


def test_nothing_is_loaded_from_anywhere(both):
    page, text = both
    assert page.loads == []
    assert "script" not in page.tags
    assert "@import" not in text
    assert not re.search(r"url\(\s*['\"]?(?!#)", text)
    assert "://" not in text


def test_every_clip_path_points_into_its_own_chart(both):
    page, text = both
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(page.ids)


def test_file_is_small_and_the_same_every_time(both, week, hour, tmp_path):
    _, text = both
    assert len(text.encode()) < 1_500_000
    assert written(tmp_path, week, hour)[1] == text


def test_all_sections_of_every_period_are_there(both):
    page, _ = both
    parts = ("seen", "where", "emissions", "ships", "berth", "calls")
    assert {"summary", "method", "reading", *(f"p{i}-{part}" for i in (1, 2) for part in parts)} <= set(page.ids)


def test_synthetic_data_are_announced_and_real_ones_are_not(both, week, tmp_path):
    assert "Synthetic data" in both[1]
    assert "Synthetic data" not in written(tmp_path, replace(week, synthetic=False))[1]


@pytest.mark.parametrize("group", ["ocean_going", "harbour_craft"])
@pytest.mark.parametrize("by", ["mode", "ship type", "terminal and anchorage", "day"])
def test_totals_and_columns_equal_the_sums_of_the_frames(week, tmp_path, group, by):
    page, _ = written(tmp_path, week)
    title = {"ocean_going": "Ocean-going ships", "harbour_craft": "Harbour craft"}[group]
    head, *rows, total = page.values[f"{title}, by {by}"]
    labels = page.tables[f"{title}, by {by}"][0]
    inside = week.segments.filter("in_domain").join(week.ships.filter(group=group).select("mmsi"), on="mmsi")
    burnt = week.emissions.join(inside.select("segment_id"), on="segment_id")
    assert len(head) == len(labels)
    for label, column in SUMMED.items():
        at, shown = next((i, text) for i, text in enumerate(labels) if text.startswith(label))
        factor = 1e-3 if column == "energy_kwh" or (column.endswith("_kg") and shown.endswith(" t")) else 1.0
        expected = burnt[column].sum() * factor
        assert total[at] == pytest.approx(expected, rel=1e-8), label
        assert sum(row[at] or 0.0 for row in rows) == pytest.approx(expected, rel=1e-8), label
    at = next(i for i, text in enumerate(labels) if text.startswith("Ship hours"))
    assert total[at] == pytest.approx(inside["hours"].sum(), rel=1e-8)


def test_hours_of_all_groups_add_up_and_nothing_outside_the_domain_is_counted(week, tmp_path):
    page, text = written(tmp_path, week)
    labels, *_, total = page.tables["Ships seen inside the domain"]
    at = next(i for i, label in enumerate(labels) if label.startswith("Ship hours"))
    inside = week.segments.filter("in_domain")["hours"].sum()
    assert page.values["Ships seen inside the domain"][-1][at] == pytest.approx(inside, rel=1e-8)
    assert total[0] == "All"
    assert "ship hours were spent outside the domain" in text


def test_periods_are_never_summed(both, week, hour):
    _, text = both
    assert "never added up" in text
    for number, period in ((1, week), (2, hour)):
        alone = period.segments.filter("in_domain")["mmsi"].n_unique()
        section = text[text.index(f'id="p{number}-seen"') :]
        assert f">{alone}<" in section[: section.index("</table>")]


def test_unknown_ships_are_counted_and_never_zero(week, tmp_path):
    _, text = written(tmp_path, week)
    assert "not estimated" in text
    unknown = week.segments.filter("in_domain").join(week.ships.filter(group="unknown"), on="mmsi")["mmsi"].n_unique()
    assert f'<dd class="value">{unknown}</dd>' in text
    page = Page(text)
    cargo = next(row for row in page.tables["Ocean-going ships, by ship type"] if row[0] == "Cargo ship, type unknown")
    assert cargo[4:] == [MISSING] * len(cargo[4:])


def test_a_ship_with_its_main_engine_off_and_auxiliaries_unknown_has_not_emitted_zero(week, tmp_path):
    one = week.segments.filter("in_domain", pl.col("mode") == "berth").head(1)
    zero = pl.col("system") == "main"
    amounts = [c for c in week.emissions.columns if c.endswith(("_t", "_kg", "_kwh"))]
    burnt = week.emissions.filter(segment_id=one["segment_id"][0]).with_columns(
        pl.when(zero).then(0.0).otherwise(None).alias(c) for c in amounts
    )
    ship = week.ships.filter(mmsi=one["mmsi"][0]).with_columns(group=pl.lit("ocean_going"))
    page, text = written(tmp_path, replace(week, segments=one, emissions=burnt, ships=ship))
    assert page.tables["Ocean-going ships, by mode"][1][4:] == [MISSING] * 8
    assert "auxiliary engines in 100\u202f% of them" in text
    assert "nothing could be estimated" in text


def test_names_are_escaped_everywhere(week, tmp_path):
    areas = {
        "type": "FeatureCollection",
        "features": [
            feature | {"properties": feature["properties"] | {"name": EVIL + feature["properties"]["area_id"]}}
            for feature in week.areas["features"]
        ],
    }
    ships = week.ships.with_columns(name=pl.lit(EVIL))
    cleaning = week.cleaning.with_columns(meaning=pl.lit(EVIL))
    evil = replace(week, name=EVIL, note=EVIL, domain_name=EVIL, ships=ships, areas=areas, cleaning=cleaning)
    page, text = written(tmp_path, evil)
    assert page.faults == []
    assert page.loads == []
    assert "script" not in page.tags
    assert "<script" not in text
    assert text.count("&lt;script&gt;") > 20
    assert any(EVIL.replace("  ", " ") in row[1] for row in page.tables["Ocean-going ships that emit most"][1:])


@pytest.mark.parametrize("counts", [{"harbour_craft": 3}, {"unknown": 2}, {"ocean_going": 1}])
def test_groups_without_ships_are_said_to_be_absent(counts, tmp_path):
    page, text = written(tmp_path, made_up.period(counts=counts, hours=30.0))
    assert page.faults == []
    if "ocean_going" not in counts:
        assert "None of them is known to be an ocean-going ship." in text
        assert "No ocean-going ships in this period." in text
    if "unknown" not in counts:
        assert "Every ship" in text


def test_a_period_without_anything_still_makes_a_report(week, tmp_path):
    names = ("segments", "emissions", "ships", "calls", "stops")
    plain = {name: getattr(week, name).clear() for name in ("holes", "cells", "density", "cleaning", "particulars")}
    page, text = written(tmp_path, replace(week, **{name: empty(name) for name in names}, **plain))
    assert page.faults == []
    assert "No ship was seen inside the domain in 7 days." in text
    assert "No fault was found" in text
    assert "No port call was found" in text
    assert "no emissions could be placed" in text


def test_a_missing_factor_is_said(week, tmp_path):
    burnt = week.emissions.with_columns(bc_kg=pl.when(pl.col("system") != "boiler").then("bc_kg"))
    _, text = written(tmp_path, replace(week, emissions=burnt))
    assert re.search(r"BC: no factor for \d+\u202f% of the energy", text)


def test_other_sources_stand_apart_or_are_named_as_missing(week, tmp_path):
    others = pl.DataFrame(
        {
            "source": ["yard_equipment"],
            "year": [2020],
            "co2e_t": [1234.0],
            "reference": ["port's own inventory"],
        }
    )
    page, text = written(tmp_path, week, other_sources=others)
    rows = page.tables["Other sources of the port, as given; not added to ships"]
    assert rows[1][:3] == ["Yard Equipment", "2020", "1 234"]
    assert rows[1][3] == MISSING
    assert "Not included: yard equipment" not in text
    assert "Not included: yard equipment" in written(tmp_path, week)[1]


def test_unobserved_holes_show_in_the_table(week, tmp_path):
    page, _ = written(tmp_path, week)
    rows = page.tables["Holes in the tracks after which the ship was somewhere else"]
    expected = week.holes.group_by("treatment").len().height
    assert len(rows) == 1 + expected


def test_shore_power_column_appears_only_when_there_was_some(week, tmp_path):
    caption = "Ocean-going ships at berth with auxiliary engines running"
    without, text = written(tmp_path, week)
    assert "No connection to shore power was reported." in text
    assert not any("from shore" in label for label in without.tables[caption][0])
    shore = pl.when(pl.col("system") == "auxiliary_engine").then(pl.col("energy_kwh") * 0.5)
    with_, _ = written(tmp_path, replace(week, emissions=week.emissions.with_columns(shore_kwh=shore)))
    assert any("from shore" in label for label in with_.tables[caption][0])


def test_the_mean_power_at_berth_is_energy_over_estimated_hours(week, tmp_path):
    page, _ = written(tmp_path, week)
    labels, *_, total = page.tables["Ocean-going ships at berth with auxiliary engines running"]
    at = next(i for i, label in enumerate(labels) if label.startswith("Mean"))
    assert total[at] == "700"  # the factory gives every ship auxiliaries of 700 kW


def test_no_period_is_an_error(tmp_path):
    with pytest.raises(InputError, match="at least one period"):
        written(tmp_path)


def test_a_frame_without_its_columns_is_an_error(week, tmp_path):
    with pytest.raises(SchemaError, match="column 'treatment' missing"):
        written(tmp_path, replace(week, holes=week.holes.drop("treatment")))
    with pytest.raises(SchemaError, match="column 'mmsi' missing"):
        written(tmp_path, replace(week, ships=week.ships.drop("mmsi")))
