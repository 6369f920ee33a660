"""National rules of ports: where and when they lower the sulphur limit, and that they reach the emissions."""

from datetime import date

import polars as pl
import pytest

from sisterport.inventory.zones import port_rules, with_port_rules
from sisterport.reference import load

CASES = [
    ("PTLIS", "berth", date(2010, 1, 1), 0.1),
    ("PTLIS", "anchorage", date(2024, 6, 1), 0.1),
    ("PTLIS", "manoeuvring", date(2024, 6, 1), None),
    ("PTLIS", "berth", date(2009, 12, 31), None),
    ("GBLIV", "berth", date(2019, 6, 1), 0.1),
    ("GBLIV", "berth", date(2020, 12, 31), 0.1),  # the last day of the transition
    ("GBLIV", "berth", date(2021, 1, 1), None),
    ("GBLIV", "berth", date(2021, 6, 1), None),  # no member any more; its own rule is not in the data
    ("NOOSL", "berth", date(2024, 6, 1), None),
    ("HRRJK", "berth", date(2013, 6, 30), None),
    ("HRRJK", "berth", date(2013, 7, 1), 0.1),
    ("HKHKG", "berth", date(2015, 7, 1), 0.5),
    ("HKHKG", "anchorage", date(2015, 7, 1), None),
    ("HKHKG", "berth", date(2018, 12, 31), 0.5),  # the first day without the rule is in its row
    ("HKHKG", "berth", date(2019, 1, 1), None),
    ("CNSGH", "berth", date(2016, 4, 1), 0.5),
    ("CNTXG", "berth", date(2016, 4, 1), None),
    ("CNTXG", "berth", date(2017, 1, 1), 0.5),
    ("USNYC", "berth", date(2020, 1, 1), None),
    (None, "berth", date(2020, 1, 1), None),
]


@pytest.mark.parametrize(("locode", "mode", "day", "limit"), CASES)
def test_a_rule_holds_in_its_ports_modes_and_days(locode, mode, day, limit):
    place = pl.DataFrame({"locode": [locode], "mode": [mode], "date": [day]}, schema_overrides={"locode": pl.String})
    free = place.with_columns(pl.lit(None, pl.Float64).alias("sulphur_pct_max"))
    assert with_port_rules(free)["sulphur_pct_max"].to_list() == [limit]


def test_the_stricter_of_area_and_port_counts():
    place = pl.DataFrame({"locode": ["SEGOT"] * 2, "mode": ["berth"] * 2, "date": [date(2012, 1, 1)] * 2})
    held = with_port_rules(place.with_columns(pl.Series("sulphur_pct_max", [1.0, 0.05])))
    assert held["sulphur_pct_max"].to_list() == [0.1, 0.05]


def test_every_rule_is_applied_or_says_why_not():
    applied = load("national_rules")["applied"]
    assert port_rules().height == (applied == "yes").sum() > 0
    assert (applied.filter(applied != "yes").str.starts_with("no: ")).all()
