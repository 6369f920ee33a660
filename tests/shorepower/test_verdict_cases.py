"""Hand-made verdicts: every row of ``tests/cases/verdicts.csv``; more rows may be dropped in.

``ship`` and ``outlets`` are JSON: what differs from the case named in ``base`` (a list where there are several rows of
outlets), null is unknown. ``false`` and ``unknown`` are the checks with that answer; all others are true.
"""

import pytest

from sisterport.shorepower.grades import checks_of
from sisterport.shorepower.match import match
from tests.shorepower.handmade import CASES, assessments_of, inlets_of, outlets_of
from tests.shorepower.worlds import DAY


@pytest.mark.parametrize("case", CASES)
def test_verdict(case):
    row = CASES[case]
    stay = float(row["stay_h"]) if row["stay_h"] else None
    found = match(inlets_of(case), outlets_of(case), on=DAY, stay_h=stay, assessments=assessments_of(case))
    verdict = found.filter(berth_id="b1").row(0, named=True)
    answers = {name: "|".join(map(str, checks_of(verdict[f"checks_{name}"]))) for name in ("false", "unknown")}
    assert answers == {name: row[name] for name in answers}, row["about"]
    grades = {name: "" if verdict[name] is None else str(verdict[name]) for name in ("grade", "best", "worst")}
    assert grades == {name: row[name] for name in grades}, row["about"]
    share = None if row["power_share"] == "" else pytest.approx(float(row["power_share"]), rel=1e-6)
    assert verdict["power_share"] == share, row["about"]


@pytest.mark.parametrize("check", range(1, 14))
@pytest.mark.parametrize("answer", ["true", "false", "unknown"])
def test_every_check_is_met_with_every_answer(check, answer):
    of_case = {case: {name: row[name].split("|") for name in ("false", "unknown")} for case, row in CASES.items()}
    if answer == "true":
        assert [case for case, of in of_case.items() if str(check) not in of["false"] + of["unknown"]]
    else:
        assert [case for case, of in of_case.items() if str(check) in of[answer]]
