"""Every row of ``cases/rules.csv``: a regulation computes what its golden case says."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.rules import shapes_eu, shapes_imo_ports

SHAPES = shapes_eu.SHAPES | shapes_imo_ports.SHAPES
CASES = Path(__file__).parents[1] / "cases" / "rules.csv"


def read_cases(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def compute(case: dict[str, Any]) -> dict[str, Any]:
    """Compute a case by the shape of its inputs; refuse a shape that is not known."""
    given = json.loads(case["inputs_json"])
    shape = (case["regulation"], frozenset(given))
    if shape not in SHAPES:
        pytest.fail(f"{case['id']}: no function for {case['regulation']} with the inputs {sorted(given)}")
    return SHAPES[shape](given)


def compare(case: dict[str, Any], found: dict[str, Any]) -> None:
    expected = json.loads(case["expected_json"])
    assert set(expected) <= set(found), f"{case['id']}: not computed: {sorted(set(expected) - set(found))}"
    for name, right in expected.items():
        if isinstance(right, bool | str):
            assert found[name] == right, f"{case['id']}: {name}"
            assert type(found[name]) is type(right), f"{case['id']}: {name}"
        else:
            assert found[name] == pytest.approx(right, rel=float(case["rel_tol"]), abs=0), f"{case['id']}: {name}"


@pytest.mark.parametrize("case", read_cases(CASES), ids=lambda case: case["id"])
def test_golden(case: dict[str, Any]) -> None:
    compare(case, compute(case))


def test_there_are_cases_of_every_regulation() -> None:
    cases = read_cases(CASES)
    assert len(cases) >= 31
    assert {case["regulation"] for case in cases} == {regulation for regulation, _ in SHAPES}


def test_no_two_files_claim_a_shape() -> None:
    assert not set(shapes_eu.SHAPES) & set(shapes_imo_ports.SHAPES)


def test_our_copy_holds_every_shared_case(shared: Path) -> None:
    ours = {case["id"]: case for case in read_cases(CASES)}
    for case in read_cases(shared / "data" / "golden" / "rules.csv"):
        compare(case, compute(case))
        assert ours[case["id"]] == case


def test_an_unknown_shape_fails_and_is_not_skipped() -> None:
    strange = {"id": "X", "regulation": "FuelEU", "inputs_json": '{"year": 2025, "colour": "green"}'}
    with pytest.raises(pytest.fail.Exception, match="no function for FuelEU with the inputs"):
        compute(strange)


def test_a_wrong_number_fails() -> None:
    case = next(case for case in read_cases(CASES) if case["id"] == "FEU-LIM-2025")
    with pytest.raises(AssertionError):
        compare({**case, "expected_json": '{"limit_g_per_MJ": 89.34}'}, compute(case))
    with pytest.raises(AssertionError, match="not computed"):
        compare({**case, "expected_json": '{"limit_g_per_mj": 89.3368}'}, compute(case))
