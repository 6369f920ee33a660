"""China: Article 11 word by word, with three values of truth."""

import itertools
from datetime import date

import pytest

from sisterport.errors import ReferenceDataError, SchemaError
from sisterport.rules import china

FULL = {
    "on": date(2024, 5, 1),
    "stay_h": 10.0,
    "port_kind": "coastal",
    "ship_class": "container",
    "has_receiving_equipment": True,
    "berth_supplies": True,
}


@pytest.mark.parametrize(
    ("kind", "stay_h", "must"),
    [("coastal", 3.0, False), ("coastal", 3.01, True), ("inland", 2.0, False), ("inland", 2.01, True)],
)
def test_longer_than_three_hours_on_the_coast_two_inland(kind, stay_h, must):
    duty = china.duty(**FULL | {"port_kind": kind, "stay_h": stay_h})
    assert duty.must_connect is must
    assert duty.encouraged is not must


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ship_class": "oil_tanker"}, "liquid cargo ship"),
        ({"ship_class": "liquefied_gas_tanker"}, "liquid cargo ship"),
        ({"has_receiving_equipment": False}, "no receiving equipment"),
        ({"berth_supplies": False}, "berth cannot supply the ship"),
        ({"alternative": True}, "effective alternative measure"),
        ({"excused": True}, "temporary failure, bad weather or accident"),
    ],
)
def test_every_exception_lifts_the_duty(change, reason):
    duty = china.duty(**FULL | change)
    assert (duty.must_connect, duty.reason) == (False, reason)


@pytest.mark.parametrize("unknown", ["port_kind", "ship_class", "has_receiving_equipment", "berth_supplies"])
def test_what_is_not_known_leaves_the_duty_open_only_where_it_decides(unknown):
    stay = 2.5 if unknown == "port_kind" else 10.0
    assert china.duty(**FULL | {unknown: None, "stay_h": stay}).must_connect is None
    assert china.duty(**FULL | {unknown: None, "stay_h": stay}).reason.startswith("not known")
    assert china.duty(**FULL | {unknown: None, "excused": True}).must_connect is False
    assert china.duty(**FULL | {unknown: None, "stay_h": 1.0}).must_connect is False


def test_same_as_the_formula_for_all_known_inputs():
    for equipped, supplies, alternative, excused, liquid, (kind, limit), stay_h in itertools.product(
        *[[True, False]] * 5, [("coastal", 3), ("inland", 2)], [1, 2.5, 4]
    ):
        duty = china.duty(
            on=date(2021, 1, 1),
            stay_h=stay_h,
            port_kind=kind,
            ship_class="liquid_cargo" if liquid else "other",
            has_receiving_equipment=equipped,
            berth_supplies=supplies,
            alternative=alternative,
            excused=excused,
        )
        expected = equipped and not liquid and supplies and stay_h > limit and not alternative and not excused
        assert duty.must_connect is expected


def test_days_before_the_rule_are_refused_and_the_control_area_rule_is_older():
    with pytest.raises(ReferenceDataError, match="china_measures has no rule before 2020-02-01"):
        china.duty(**FULL | {"on": date(2020, 1, 31)})
    assert china.duty(**FULL | {"on": date(2020, 1, 31)}, regime="eca").status == "secondary"
    assert china.duty(**FULL | {"on": date(2020, 1, 31), "ship_class": "cruise"}, regime="eca").must_connect is False
    assert china.duty(**FULL | {"on": date(2021, 1, 1), "ship_class": "cruise"}, regime="eca").must_connect is True
    with pytest.raises(ReferenceDataError, match="china_eca has no rule before 2019-07-01"):
        china.duty(**FULL | {"on": date(2019, 6, 30)}, regime="eca")


def test_clause_and_row_are_named_and_bad_words_refused():
    duty = china.duty(**FULL)
    assert "Art 11" in duty.clause
    assert duty.row == "port_rules: china_measures/coastal/must_connect_if_berth_longer_than"
    with pytest.raises(SchemaError, match="port_kind 'river'"):
        china.duty(**FULL | {"port_kind": "river"})
