from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sisterport.berths.certificate import certify, check, read, write
from sisterport.berths.problem import build
from sisterport.berths.solver import optimise
from sisterport.errors import InputError


@pytest.fixture
def problem():
    rng = np.random.default_rng(11)
    return build(
        handling=rng.integers(3, 20, (12, 3)),
        earliest=rng.integers(0, 30, 12),
        latest=np.full(12, 150),
        opens=np.zeros(3, int),
        closes=np.full(3, 150),
    )


@pytest.fixture
def certificate(problem):
    return certify(problem, optimise(problem, time_limit_s=60))


def test_a_certificate_read_back_proves_the_same(problem, certificate, tmp_path: Path):
    write(certificate, tmp_path / "plan.json")
    assert read(tmp_path / "plan.json") == certificate
    assert check(problem, certificate) == ()
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_claims_that_do_not_hold_are_found(problem, certificate):
    assert "the plan costs" in check(problem, replace(certificate, value=certificate.value - 1))[0]
    higher = replace(certificate, bound=certificate.value, stages=certificate.stages[:1])
    weaker = replace(higher, stages=[[0] * len(stage) for stage in higher.stages])
    assert any("the prices prove" in fault for fault in check(problem, weaker))
    above = replace(certificate, searched_bound=certificate.value + 1)
    assert any("above the plan's cost" in fault for fault in check(problem, above))
    apart = list(certificate.start)
    apart[0] += 1
    assert check(problem, replace(certificate, start=apart)) != ()
    together = replace(certificate, berth=[0] * 12, start=[40] * 12)
    assert "are both at berth 1" in check(problem, together)[0]


def test_a_certificate_of_another_problem_proves_nothing(problem, certificate):
    other = replace(problem, cost=np.where(problem.cost < 2**31 - 1, problem.cost + 1, problem.cost).astype(np.int32))
    assert check(other, certificate) == ("the certificate belongs to another problem",)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"value": 3}'])
def test_a_file_that_is_no_certificate_is_named(tmp_path: Path, text: str):
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"broken\.json is not a certificate"):
        read(path)
    with pytest.raises(InputError, match="is not a certificate"):
        read(tmp_path / "none.json")
