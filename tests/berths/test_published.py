import csv
from itertools import permutations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.berths import solve_instance
from sisterport.berths.multiport import check_multiport, optimise_multiport
from sisterport.berths.parsers import parse_discrete, parse_ernst, parse_mcbap, read_instance
from sisterport.berths.problem import FORBIDDEN, from_discrete
from sisterport.berths.proof import check_plan
from sisterport.berths.published import several_quays
from sisterport.berths.quay import Quay, check_quay, optimise_quay
from sisterport.errors import InputError


@pytest.fixture
def instances(shared: Path) -> Path:
    return shared / "data" / "berths"


@st.composite
def quays(draw):
    """Three ships on quays of ten units."""
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    ships, number = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    horizon = 16
    allowed = np.ones((ships, horizon), dtype=bool)
    if draw(st.booleans()):
        allowed[:, 4:7] = False
    first = rng.integers(0, 4, ships)
    cost = rng.integers(1, 4, (ships, 1)) * (np.arange(horizon) - first[:, None])
    return Quay(
        ships=tuple("abc"[:ships]),
        steps=rng.integers(1, 4, ships),
        length=rng.integers(2, 8, ships),
        cost=np.where(allowed & (np.arange(horizon) >= first[:, None]), cost, FORBIDDEN).astype(np.int32),
        begin=np.arange(number) * 10,
        end=np.arange(number) * 10 + 10,
        wanted=rng.integers(0, 3, ships),
        per_unit=rng.integers(0, 3, ships) * int(draw(st.booleans())),
        preferred=np.where(rng.random(ships) < 0.5, 0, -1) if number > 1 else np.full(ships, -1),
        elsewhere=rng.integers(0, 9, ships),
    )


def best_on(quay):
    """Least cost over all whole starts and places."""
    count, best = len(quay.ships), None
    top = int(quay.end.max())

    def put(i, lying, spent):
        nonlocal best
        if best is not None and spent >= best:
            return
        if i == count:
            best = spent
            return
        for t in np.flatnonzero(quay.cost[i] != FORBIDDEN):
            for y in range(top - int(quay.length[i]) + 1):
                on = [q for q in range(quay.begin.size) if quay.begin[q] <= y and y + quay.length[i] <= quay.end[q]]
                if not on or any(
                    t < t2 + h2 and t2 < t + quay.steps[i] and y < y2 + l2 and y2 < y + quay.length[i]
                    for t2, h2, y2, l2 in lying
                ):
                    continue
                away = quay.preferred[i] >= 0 and quay.preferred[i] != on[0]
                place = quay.elsewhere[i] if away else quay.per_unit[i] * abs(y - quay.wanted[i])
                put(i + 1, [*lying, (t, quay.steps[i], y, quay.length[i])], spent + int(quay.cost[i, t]) + int(place))

    put(0, [], 0)
    return best


@settings(max_examples=40)
@given(quays())
def test_plan_and_bound_on_quays_enclose_what_trying_everything_finds(quay):
    best = best_on(quay)
    made = optimise_quay(quay, time_limit_s=1)
    assert made.bound <= best <= made.value
    assert check_quay(quay, made.start, made.place) == (made.value, ())


@settings(max_examples=20)
@given(quays())
def test_faults_planted_on_a_quay_are_found(quay):
    made = optimise_quay(quay, time_limit_s=0.1)
    over = made.place.copy()
    over[0] = quay.end.max()
    assert "over the end of a quay" in check_quay(quay, made.start, over)[1][0]
    if len(quay.ships) > 1:
        same_start, same_place = made.start.copy(), made.place.copy()
        same_start[1], same_place[1] = same_start[0], same_place[0]
        said = "; ".join(check_quay(quay, same_start, same_place)[1])
        assert "lie at the same place at the same time" in said or "may not start" in said or "over the end" in said


@pytest.mark.parametrize(("name", "cost"), [("10v1d1q", 2714), ("20v2d3q", 2230), ("30v2d3q", 2612)])
def test_the_authors_plans_on_several_quays_cost_what_was_published_and_ours_less(
    instances: Path, name: str, cost: int
):
    quay = several_quays(read_instance(instances / "cibap" / f"{name}.xml", format="cibap"))
    plan = pl.read_csv(instances / "cibap" / "reference_plans.csv").filter(pl.col("instance") == name).sort("vessel")
    theirs = check_quay(quay, plan["start_slot_30min"].to_numpy(), plan["position_m"].to_numpy())
    assert theirs == (cost, ())
    ours = solve_instance(instances / "cibap" / f"{name}.xml", format="cibap", time_limit_s=2)
    assert ours.faults == ()
    assert 0 < ours.bound <= ours.value < cost


@pytest.mark.parametrize("name", ["16_1_2c_Noon_3c_1", "20_1_Unit_Uniform_5_1"])
def test_tidal_instances_are_solved_inside_their_windows(instances: Path, name: str):
    path = instances / "ernst" / f"{name}.csv"
    solved = solve_instance(path, format="ernst", time_limit_s=60)
    instance = read_instance(path, format="ernst")
    assert solved.faults == ()
    assert solved.status == "optimal"
    end = solved.stays["end"].to_numpy()
    assert solved.value == end.sum()
    inside = (end[:, None] >= instance.window_begin) & (end[:, None] <= instance.window_end)
    assert inside.any(axis=1).all()


def test_a_voyage_through_several_ports_is_planned_with_a_bound(instances: Path):
    path = instances / "mcbap" / "CP2_Inst_1_4_3_10.txt"
    solved = solve_instance(path, format="mcbap", time_limit_s=20)
    assert solved.faults == ()
    assert solved.bound <= solved.value
    assert solved.gap < 0.01
    instance = read_instance(path, format="mcbap")
    early = solved.stays.with_columns(start=pl.col("start") - 40)
    assert any("before her earliest start" in fault for fault in check_multiport(instance, early)[1])


TWO_PORTS = """2 2 10 2 2
0.01
1 20
0 {place}
0 {second}
8 20
1 2
1 20
0 0
0 0
8 20
1 2
40 1
4 5 6
3 0 2 20
40 0
4 5 6
0 100
100 0
10 20 30 50
0 0 0 0
0 0 0 0
8 20 0 0
8 20 0 0
0.1 0.05
0.1 0.3
0.1 0.3
0.1 0.3
"""


@pytest.mark.parametrize(("place", "second"), [(0, 0), (20, 5)])
def test_two_ships_and_two_ports_cost_what_trying_everything_finds(place: int, second: int):
    instance = parse_mcbap(TWO_PORTS.format(place=place, second=second), name="two")
    made = optimise_multiport(instance, time_limit_s=5)
    value, faults = check_multiport(instance, made.stays)
    assert (faults, value) == ((), pytest.approx(made.value))
    best = None
    options = range(3)  # segments on which a ship of two segments can lie
    for b, c in ((b, c) for b in options for c in options):
        for order in permutations(range(2)):
            found = _one_after_the_other(instance, order, (b, c))
            best = found if best is None or (found is not None and found < best) else best
    assert made.bound <= best + 1e-6
    assert made.value <= best + 1e-6


def _one_after_the_other(instance, order, segments):
    """Cost of one plan with these segments at both ports, each ship as early as the others let her; None if not."""
    rows, lying = [], []
    for ship in order:
        end = 0.0
        for k, visit in enumerate(instance.ships[ship].visits):
            segment = segments[ship] + 1
            off = abs(segment - (visit.wanted_m / 10 + 1)) * 10
            hours = (1 + instance.beta * off) * instance.ports[visit.port].minimum_handling_h[0]
            start = int(max(visit.earliest_h, np.ceil(end + 5 - 1e-9) if k else 0))
            while any(
                p == visit.port and abs(s - segment) < 2 and start < e and t < start + hours for p, s, t, e in lying
            ) or (visit.port == 0 and segment <= 2 and start < 5 and start + hours > 3):
                start += 1
            end = start + hours
            lying.append((visit.port, segment, start, end))
            rows.append({"ship": ship + 1, "visit": k + 1, "port": visit.port + 1, "segment": segment, "start": start})
    value, faults = check_multiport(instance, pl.DataFrame(rows))
    return None if faults else value


def test_published_optimal_plans_are_what_their_values_say(instances: Path):
    with (instances / "lallaruiz2012" / "reference_plans.csv").open() as file:
        rows = list(csv.DictReader(file))
    with (instances / "bks_dev.csv").open() as file:
        known = {row["instance"]: int(row["value"]) for row in csv.DictReader(file)}
    for name in {row["instance"] for row in rows}:
        problem = from_discrete(read_instance(instances / "lallaruiz2012" / f"{name}.txt", format="lr2012"))
        own = sorted((int(r["ship"]), int(r["berth"]), int(r["start"])) for r in rows if r["instance"] == name)
        checked = check_plan(problem, np.array([b - 1 for _, b, _ in own]), np.array([t for _, _, t in own]))
        assert (checked.faults, checked.value) == ((), known[name])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2", "must begin with the numbers of ships and berths"),
        ("2 1 0 3 1 5", "ends after 1 of 2 handling times"),
        ("2 1 0 x", "invalid literal"),
        ("1 1 0 0 0 9 9", "handling time of ship 1 is not above 0"),
    ],
)
def test_broken_files_are_named(text: str, said: str):
    with pytest.raises(InputError, match=said):
        parse_discrete(text, name="broken")


def test_ships_without_length_are_a_fault_of_the_file(instances: Path):
    with pytest.raises(InputError, match="2 vessels of length 0: faulty conversion"):
        parse_ernst("Vessels,2\nBegin,1\nEnd,9\nProcessing,2,2\nLength,0,0\nArrival,0,0", name="ernst")
    for format_, folder in (("kliv", "kliv"), ("ernst", "ernst"), ("cibap", "cibap"), ("mcbap", "mcbap")):
        for path in (instances / folder).glob("*_*" if folder in ("ernst", "mcbap") else "*[0-9q].*"):
            assert read_instance(path, format=format_).name == path.stem
