"""The names of the checks are those of the reference table, in its order."""

import pytest

from sisterport.reference import load
from sisterport.shorepower import checks

NAMES = {
    "kind_annex": "KIND",
    "inlet_present": "INLET",
    "outlet_present": "OUTLET",
    "voltage": "VOLTAGE",
    "frequency": "FREQUENCY",
    "power": "POWER",
    "plugs": "PLUGS",
    "cable_side": "CABLE",
    "side_reach": "REACH",
    "protection": "PROTECTION",
    "hazard_zone": "ZONE",
    "time": "TIME",
    "documents": "DOCUMENTS",
}


def test_there_are_as_many_names_as_rows():
    assert load("shorepower_checks")["check_id"].to_list() == list(NAMES)
    assert len(NAMES) == checks.CHECKS


@pytest.mark.parametrize(("number", "check_id"), load("shorepower_checks").select("check_no", "check_id").rows())
def test_a_check_has_the_number_of_its_row(number, check_id):
    assert getattr(checks, NAMES[check_id]) == number
