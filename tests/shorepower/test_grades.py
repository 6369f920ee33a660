"""Grades and fixes against all subsets of fixes."""

from itertools import chain, combinations

import polars as pl
import pytest

from sisterport.errors import MethodError, SchemaError
from sisterport.reference import load
from sisterport.shorepower.costs import fix_costs
from sisterport.shorepower.grades import (
    checks_of,
    fix_table,
    fixes_of,
    grade_by_mask,
    grade_word,
    mend,
)

FIXES = fixes_of(fix_table())
ALL = [fix for fixes in FIXES.values() for fix in fixes]


def cheapest(failing, fixes, level="mid"):
    """Return the least cost of all sets of fixes that hit every failing check, and the sides of such sets."""
    useful = [fix for fix in fixes if fix.check in failing]
    sets = chain.from_iterable(combinations(useful, n) for n in range(len(useful) + 1))
    hitting = [chosen for chosen in sets if {fix.check for fix in chosen} >= set(failing)]
    if not hitting:
        return None, []
    least = min(sum(getattr(fix, level) for fix in chosen) for chosen in hitting)
    return least, [{f.side for f in c} for c in hitting if sum(getattr(f, level) for f in c) == pytest.approx(least)]


def grade_of(failing, fixes):
    """Return the grade of one set of failing checks, by looking at the cheapest fixes of each."""
    clauses = [check for check in failing if check != 13]
    if any(not fixes[check] for check in clauses):
        return 6
    if not clauses:
        return 1 if 13 in failing else 0
    sides = []
    for check in clauses:
        least = min(fix.mid for fix in fixes[check])
        sides.append({fix.side for fix in fixes[check] if fix.mid == least})
    if all("ship" in one for one in sides):
        return 3
    return 4 if all("berth" in one for one in sides) else 5


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4])
def test_the_cheapest_set_is_that_of_all_subsets(size):
    for failing in combinations(range(1, 13), size):
        if size == 4 and sum(failing) % 7:  # a seventh of them is enough
            continue
        found = mend(failing, FIXES)
        for fixes, possible in (
            (found.cheapest, ALL),
            (found.ship_only, [f for f in ALL if f.side == "ship"]),
            (found.berth_only, [f for f in ALL if f.side == "berth"]),
        ):
            least, sides = cheapest(failing, possible)
            assert (None if fixes is None else pytest.approx(fixes.mid)) == least
        _, sides = cheapest(failing, ALL)
        grade = {frozenset(): 0, frozenset({"ship"}): 3, frozenset({"berth"}): 4}
        assert grade_of(failing, FIXES) == min(grade.get(frozenset(one), 5) for one in sides)


def test_survival_says_whether_low_and_high_costs_choose_the_same():
    found = mend([8], FIXES)
    assert found.cheapest.ids == ("cable_reel_ship",)
    assert found.survival.survives
    dear = fix_table().with_columns(
        pl.when(pl.col("fix_id") == "cable_reel_ship").then(2e6).otherwise(pl.col("cost_high")).alias("cost_high")
    )
    changed = mend([8], fixes_of(dear))
    assert changed.cheapest.ids == ("cable_reel_ship",)
    assert (changed.survival.at_low, changed.survival.at_high) == (True, False)


def test_more_failing_checks_never_make_a_better_grade():
    grades = grade_by_mask(fix_table())
    for mask in range(1 << 13):
        for check in range(13):
            assert grades[mask] <= grades[mask | 1 << check]


def test_grades_by_mask_are_those_of_each_set():
    without = fix_table().filter(pl.col("check_no") != 9)
    for table in (fix_table(), without):
        fixes, grades = fixes_of(table), grade_by_mask(table)
        assert [grade_of(checks_of(mask), fixes) for mask in range(1 << 13)] == grades.tolist()
    assert grade_of([9], fixes_of(without)) == 6


def test_every_check_has_a_fix_on_the_side_that_the_checks_name():
    for row in load("shorepower_checks").iter_rows(named=True):
        sides = {fix.side for fix in FIXES[row["check_no"]]}
        assert ("ship" in sides) == (row["ship_side_fix"] != "none")
        assert ("berth" in sides) == (row["berth_side_fix"] != "none")


def test_costs_that_do_not_go_together_are_refused():
    with pytest.raises(SchemaError, match="column 'cost_mid' missing"):
        fix_table(fix_costs().drop("cost_mid"))
    with pytest.raises(SchemaError, match="stand more than once: new_outlet"):
        fix_table(pl.concat([fix_costs(), fix_costs().filter(fix_id="new_outlet")]))
    with pytest.raises(SchemaError, match="more than one currency"):
        fix_table(pl.concat([fix_costs().head(3), fix_costs(currency="EUR").tail(3)]))
    with pytest.raises(MethodError, match="no grade 7"):
        grade_word(7)
