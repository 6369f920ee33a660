"""Sums and counts against plain loops."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.inventory import summarise
from sisterport.site import activity as act
from tests.site import made_up

START = datetime(2020, 12, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def week():
    return made_up.period()


@pytest.fixture(scope="module")
def found(week):
    return act.activity(week.segments, week.emissions, week.ships, week.areas)


def test_tally_agrees_with_the_inventory_summary(week, found):
    inside = week.segments.filter("in_domain")
    burnt = week.emissions.join(inside.select("segment_id"), on="segment_id")
    expected = summarise(burnt, inside, week.ships, by=["group", "mode"])
    mine = act.tally(found, ["group", "mode"]).sort("group", "mode")
    assert mine.select("group", "mode").equals(expected.select("group", "mode"))
    for own, theirs in (
        ("hours", "hours"),
        ("hours_open", "hours_not_estimated"),
        ("co2e_ttw_t", "co2e_ttw_t"),
    ):
        for a, b in zip(mine[own], expected[theirs], strict=True):
            assert a == (None if b is None else pytest.approx(b))


def test_tally_without_keys_and_of_an_absent_group(found):
    assert act.tally(found, [])["hours"].item() == pytest.approx(found.segments["hours"].sum())
    nothing = act.whole(found, "no such group")
    assert (nothing["ships"], nothing["co2e_ttw_t"]) == (0, None)


def test_a_berth_counts_for_its_terminal_and_a_lone_berth_for_itself(week):
    named = dict(act.places(week.areas).select("area_id", "place").iter_rows())
    assert named["usnyc-maher-1"] == named["usnyc-elizabeth-maher"] == "Maher Terminals, Elizabeth"
    assert named["usnyc-stapleton-pier"] == "Stapleton home port pier"
    assert named["usnyc-port"].endswith("(elsewhere)")


pieces = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 300), st.integers(1, 200), st.sampled_from(["seen", "stayed"])),
    max_size=12,
)


@given(pieces)
@settings(max_examples=60, deadline=None)
def test_ships_per_hour_equal_a_plain_count(rows):
    frame = pl.DataFrame(
        {
            "mmsi": [m for m, *_ in rows],
            "group": ["harbour_craft"] * len(rows),
            "start_utc": [START + timedelta(minutes=s) for _, s, _, _ in rows],
            "end_utc": [START + timedelta(minutes=s + n) for _, s, n, _ in rows],
            "quality": [q for *_, q in rows],
        },
        schema={
            "mmsi": pl.Int64,
            "group": pl.String,
            "start_utc": pl.Datetime("ms", "UTC"),
            "end_utc": pl.Datetime("ms", "UTC"),
            "quality": pl.String,
        },
    )
    got = act.seen_over_time(frame, START, START + timedelta(hours=9), timedelta(hours=1))
    for hour, ships in got.select(pl.int_range(pl.len()), "ships").iter_rows():
        expected = {m for m, s, n, q in rows if q == "seen" and s < 60 * (hour + 1) and s + n > 60 * hour}
        assert ships == len(expected)


def test_shares_of_knowledge_add_up_to_one(week, found):
    for frame in (act.how_known(week.particulars), act.energy_by_knowledge(found, week.ships)):
        assert frame.group_by("field").agg(pl.col("share").sum())["share"].to_list() == pytest.approx(
            [1.0] * frame["field"].n_unique()
        )


def test_the_ship_that_emits_most_stands_first(found, week):
    rows = act.leaders(found, week.ships, group="ocean_going", first=5)
    by_hand = {}
    for row in found.emissions.filter(group="ocean_going").iter_rows(named=True):
        by_hand[row["mmsi"]] = by_hand.get(row["mmsi"], 0.0) + (row["co2e_ttw_t"] or 0.0)
    best = sorted(by_hand, key=by_hand.get, reverse=True)[:5]
    assert rows["mmsi"].to_list() == best


def test_unobserved_hours_are_added_by_group(found, week):
    rows = act.quality_hours(found, week.holes, week.ships)
    lost = week.holes.filter(treatment="unobserved")["hours"].sum()
    assert rows.filter(quality="unobserved")["hours"].sum() == pytest.approx(lost)
