"""The 17 checks of the published conformance module: each passes by one good event and fails by its own fault."""

import json

import pytest

from sisterport.errors import MethodError
from sisterport.exchange.dcsa_conformance import CHECKS, SCENARIOS, conformance

TYPES = ("totalUnits", "ladenUnits", "emptyUnits", "pluggedReeferUnits", "outOfGaugeUnits")


def failed(body, scenario):
    found = conformance(body, scenario=scenario)
    return sorted(set(found.filter(~found["passed"])["number"]))


def moves(*forecasts):
    return {"events": [{"movesForecasts": [forecast]} for forecast in forecasts]}


def test_there_are_17_and_each_scenario_has_its_own():
    assert [one.number for one in CHECKS] == list(range(1, 18))
    numbers = {name: [one.number for one in CHECKS if name in one.scenarios] for name in SCENARIOS}
    assert numbers == {"TIMESTAMP": [1, 2, 3], "MOVE_FORECAST": [1, *range(4, 18)]}
    with pytest.raises(MethodError, match="unknown scenario"):
        conformance({}, scenario="BOTH")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_official_sample_passes(shared, scenario):
    path = shared / "data/exchange/dcsa_port_call_2.0.0/sample_post_request.json"
    assert failed(json.loads(path.read_text(encoding="utf-8")), scenario) == []


@pytest.mark.parametrize("body", [{}, {"events": []}, {"events": {}}, [], None])
def test_without_events_every_check_fails(body):
    assert failed(body, "TIMESTAMP") == [1, 2, 3]
    assert failed(body, "MOVE_FORECAST") == [1, *range(4, 18)]


@pytest.mark.parametrize(
    ("stamp", "wrong"),
    [
        ({"classifierCode": "EST", "serviceDateTime": "x"}, []),
        ({"classifierCode": " ", "serviceDateTime": "x"}, [2]),
        ({"classifierCode": "EST", "serviceDateTime": ""}, [3]),
        ({"classifierCode": "EST", "serviceDateTime": None}, [3]),
        ({}, [2, 3]),
        (None, [2, 3]),
    ],
)
def test_one_good_timestamp_is_enough(stamp, wrong):
    bad = {"timestamp": stamp}
    assert failed({"events": [bad]}, "TIMESTAMP") == wrong
    good = {"timestamp": {"classifierCode": "EST", "serviceDateTime": "x"}}
    assert failed({"events": [bad, good]}, "TIMESTAMP") == []
    halves = [{"timestamp": {"classifierCode": "EST"}}, {"timestamp": {"serviceDateTime": "x"}}]
    assert failed({"events": halves}, "TIMESTAMP") == []


def test_forecasts_as_the_module_has_them():
    assert failed({"events": [{}]}, "MOVE_FORECAST") == [*range(4, 18)]
    # an empty list is none for 4 to 6, but seen by the checks by size
    assert failed({"events": [{"movesForecasts": []}]}, "MOVE_FORECAST") == [4, 5, 6]
    assert failed(moves({}), "MOVE_FORECAST") == []  # an empty forecast passes
    assert failed(moves({"loadUnits": {}}), "MOVE_FORECAST") == [5]
    assert failed(moves({"dischargeUnits": {"ladenUnits": {}}}), "MOVE_FORECAST") == [6, 14]
    assert failed(moves({"restowUnits": {"totalUnits": "4"}}), "MOVE_FORECAST") == [7]
    assert (
        failed(moves({"restowUnits": {"totalUnits": "4"}}, {"restowUnits": {"size45Units": 0}}), "MOVE_FORECAST") == []
    )


@pytest.mark.parametrize(("units", "first"), [("loadUnits", 8), ("dischargeUnits", 13)])
@pytest.mark.parametrize("place", range(5))
def test_each_count_by_size_has_a_check_of_its_own(units, first, place):
    wrong = conformance(moves({units: {TYPES[place]: {"size20Units": True}}}), scenario="MOVE_FORECAST")
    row = wrong.filter(~wrong["passed"]).row(0, named=True)
    assert wrong.filter(~wrong["passed"])["number"].to_list() == [first + place]
    assert row["path"] == f"$.events[0].movesForecasts[0].{units}.{TYPES[place]}"
    assert "size20Units" in row["remedy"]
    assert failed(moves({units: {TYPES[place]: {"size20Units": 3.0}}}), "MOVE_FORECAST") == []
