"""A prior is a share of a class, marked as one, and never touches what is known or unknown of a ship."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sisterport.errors import InputError
from sisterport.fleet.classes import ship_classes
from sisterport.reference import load
from sisterport.shorepower.priors import frequency_priors, inlet_priors, share_with_frequency


@pytest.mark.parametrize(
    ("ship_class", "length_m", "share"),
    [
        ("container", 139.9, 0.37),
        ("container", 140.0, 0.94),
        ("container", 300.0, 0.94),
        ("container", None, 0.74),
        ("cruise", 199.0, 0.64),
        ("cruise", 200.0, 1.0),
        ("cruise", None, 0.83),
        ("ro_ro", 180.0, 0.70),
        ("vehicle", None, 0.70),
        ("oil_tanker", 250.0, 0.80),
        ("ferry_ropax", 180.0, None),
        ("bulk_carrier", None, None),
    ],
)
def test_published_shares(ship_class, length_m, share):
    assert share_with_frequency(ship_class, 60.0, length_m) == share
    fifty = share_with_frequency(ship_class, 50.0, length_m)
    assert fifty is None if share is None else fifty == pytest.approx(1 - share)
    assert share_with_frequency(ship_class, 25.0, length_m) is None


def test_table_equals_the_collected_one(shared):
    theirs = pl.read_csv(shared / "data/shorepower/ship_frequency_share.csv")
    ours = load("ship_frequency_share")
    both = ours.join(theirs, left_on="group_of_source", right_on="ship_class", suffix="_theirs")
    assert both.height == ours.height
    assert set(ours["group_of_source"]) == set(theirs["ship_class"])
    assert (both["share_60hz"] == both["share_60hz_theirs"]).all()
    assert (both["share_50hz"] == both["share_50hz_theirs"]).all()
    assert set(ours["status"]) == {"secondary"}
    assert set(ours["ship_class"]) | set(load("ship_inlet_share")["ship_class"]) <= set(ship_classes())


def test_known_ships_get_no_prior_and_facts_stay_as_they_are():
    ships = pl.DataFrame(
        {
            "ship_class": ["container", "container", None, "offshore"],
            "length_m": [300, None, 90, 80],
            "frequency_hz": [None, 50.0, None, None],
            "has_inlet": [None, True, None, False],
        }
    )
    after = frequency_priors(inlet_priors(ships))
    assert_frame_equal(after.select(ships.columns), ships)
    assert after["prior_60hz_share"].to_list() == [0.94, None, None, None]
    assert after["prior_hz_source"].to_list()[1:] == [
        "known of the ship",
        "no share known for class unknown",
        "no share known for class offshore",
    ]
    assert after["prior_hz_source"][0].startswith("Ericsson")
    assert after["prior_hz_status"].to_list() == ["secondary", None, None, None]
    assert after["prior_inlet_share"].null_count() == 4
    assert after["prior_inlet_source"].to_list() == [
        "no share known for class container",
        "known of the ship",
        "no share known for class unknown",
        "known of the ship",
    ]


def test_the_frequency_of_the_switchboard_is_known_too():
    ships = pl.DataFrame({"ship_class": ["cruise"], "bus_frequency_hz": [60.0]})
    assert frequency_priors(ships)["prior_60hz_share"].to_list() == [None]


def test_an_expected_share_over_a_fleet():
    """Ten long container ships and ten short: 13.1 of 20 have 60 Hz."""
    ships = pl.DataFrame({"ship_class": ["container"] * 20, "length_m": [300.0] * 10 + [100.0] * 10})
    assert frequency_priors(ships)["prior_60hz_share"].sum() == pytest.approx(13.1)


def test_a_class_is_needed():
    with pytest.raises(InputError, match="ship_class"):
        frequency_priors(pl.DataFrame({"length_m": [1.0]}))
