"""The compiled matcher against the plain one, and what must hold of any matcher."""

from datetime import date, timedelta
from itertools import pairwise, product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError, SchemaError
from sisterport.shorepower.grades import checks_of, fix_table
from sisterport.shorepower.match import could_connect, match
from sisterport.tables import check
from tests.shorepower.plain import Register, assessment_holds
from tests.shorepower.worlds import DAY, DOMAIN, INLET_FACTS, OUTLET_FACTS, dice, forget, frame, world

COSTS = fix_table().to_dicts()
SEEDS = st.integers(0, 2**32 - 1)
FEWER = settings(max_examples=40)  # each example has some dozen pairs
OPTIONS = {"on": DAY, "demand": "alongside"}


def verdicts(inlets, outlets, **options):
    return match(frame(inlets, "inlets"), frame(outlets, "outlets"), **(OPTIONS | options))


def forgotten(seed, share):
    rng = dice(seed + 1)
    inlets, outlets = world(seed)
    return forget(inlets, "inlet_id", INLET_FACTS, share, rng), forget(outlets, "outlet_id", OUTLET_FACTS, share, rng)


def papers_for(outlets, rng):
    """Return assessments of ship 0, which gets an IMO number for it."""
    return [
        {
            "imo": 9074729,
            "berth_id": berth,
            "assessed_on": DAY - timedelta(days=rng.choice([-5, 10, 365, 366, 900])),
            "last_connected_on": rng.choice([None, DAY - timedelta(days=3), DAY - timedelta(days=400)]),
            "changed_since": rng.choice([None, True, False, False]),
            "source": "invented",
        }
        for berth in {row["berth_id"] for row in outlets}
        if rng.random() < 0.8
    ]


@FEWER
@given(SEEDS, st.sampled_from([0.0, 0.05, 0.2, 0.6]), st.sampled_from([None, 0.5, 2.0, 3.5, 60.0]), st.booleans())
def test_compiled_equals_plain(seed, share, stay, assessed):
    rng = dice(seed)
    inlets, outlets = forgotten(seed, share)
    inlets = [row | {"imo": 9074729} if row["mmsi"] == 211_000_000 else row for row in inlets]
    papers = papers_for(outlets, rng) if assessed else None
    given_papers = None if papers is None else frame(papers, "assessments")
    found = verdicts(inlets, outlets, stay_h=stay, assessments=given_papers)
    plain = Register(inlets, outlets, on=DAY, costs=COSTS, demand="alongside")
    assert found.height == len(plain.ships) * len(plain.berths)
    for row in found.iter_rows(named=True):
        answer = None if papers is None else False
        for paper in papers or ():
            if row["ship_id"] == f"imo:{paper['imo']}" and row["berth_id"] == paper["berth_id"]:
                answer = assessment_holds(paper, DAY)
        wanted = plain.verdict(row["ship_id"], row["berth_id"], papers=answer, stay=stay)
        checks = wanted.pop("checks")
        share_wanted = wanted.pop("power_share")
        assert {c: row[c] for c in wanted} == wanted
        assert checks_of(row["checks_true"]) == [n for n, a in enumerate(checks, 1) if a is True]
        assert checks_of(row["checks_false"]) == [n for n, a in enumerate(checks, 1) if a is False]
        assert row["power_share"] == (None if share_wanted is None else pytest.approx(share_wanted, rel=1e-6))


@pytest.mark.parametrize("demand", ["largest", "cargo", "reefers", "passengers"])
def test_every_state_of_demand_equals_plain(demand):
    rng = dice(demand)
    for seed in range(20):
        inlets, outlets = forgotten(seed, 0.1)
        for row in inlets:
            row |= {f"peak_{state}_mw": rng.choice([None, 1.0, 9.0]) for state in ("cargo", "reefers", "passengers")}
            row["peak_mw_high"] = None if row["peak_mw"] is None else rng.choice([None, row["peak_mw"]])
        found = verdicts(inlets, outlets, demand=demand, stay_h=24.0)
        plain = Register(inlets, outlets, on=DAY, costs=COSTS, demand=demand)
        wanted = [plain.verdict(s, b, stay=24.0) for s, b in found.select("ship_id", "berth_id").iter_rows()]
        assert found.select("best", "worst").rows() == [(w["best"], w["worst"]) for w in wanted]


@FEWER
@given(SEEDS, st.sampled_from([0.05, 0.2, 0.5]))
def test_learning_only_narrows(seed, share):
    rng = dice(seed + 2)
    full = world(seed)
    less = forgotten(seed, share)
    more = [_learn(part, whole, rng) for part, whole in zip(less, full, strict=True)]
    ranges = [
        verdicts(*known, stay_h=stay).select("best", "worst").rows()
        for known, stay in ((less, None), (more, None), (more, 9.0), (full, 9.0))
    ]
    for wide, narrow in pairwise(ranges):
        for (best, worst), (better, worse) in zip(wide, narrow, strict=True):
            assert best <= better <= worse <= worst


def _learn(rows, whole, rng):
    """Return rows with half of the unknown facts known again."""
    thing = "inlet_id" if "inlet_id" in rows[0] else "outlet_id"
    own = {}
    for row in whole:
        own.setdefault(row[thing], row)
    known = {(name, c) for name in own for c in own[name] if rng.random() < 0.5}
    single = {name for name in own if sum(r[thing] == name for r in whole) == 1}
    return [
        row
        | {
            c: own[row[thing]][c]
            for c in row
            if row[c] is None and (row[thing], c) in known
            if c not in ("voltage_kv", "frequency_hz") or row[thing] in single
        }
        for row in rows
    ]


@FEWER
@given(SEEDS)
def test_nothing_unknown_is_decided(seed):
    inlets, outlets = world(seed)
    papers = frame([], "assessments")
    found = verdicts(inlets, outlets, stay_h=9.0, assessments=papers)
    assert found["grade"].null_count() == 0
    assert found["checks_unknown"].to_list() == [0] * found.height


def test_nothing_known_is_undecided_in_every_check_that_the_class_does_not_tell():
    ships = pl.DataFrame({"imo": [9074729, 9074731], "ship_class": ["container", "oil_tanker"]})
    berths = pl.DataFrame({"berth_id": ["b1"]})
    found = verdicts([], [], ships=ships, berths=berths)
    assert found["grade"].to_list() == [None, None]
    assert found.select("best", "worst").rows() == [(0, 6), (0, 6)]
    assert found["checks_false"].to_list() == [0, 0]
    assert [checks_of(mask) for mask in found["checks_true"]] == [[11], []]


@FEWER
@given(SEEDS, st.sampled_from([0.0, 0.2]))
def test_order_of_rows_is_irrelevant(seed, share):
    inlets, outlets = forgotten(seed, share)
    shuffled = [dice(seed).sample(rows, len(rows)) for rows in (inlets, outlets)]
    assert verdicts(*shuffled).equals(verdicts(inlets, outlets))


@FEWER
@given(SEEDS, st.sampled_from([0.25, 0.5, 2.0, 4.0]))
def test_scaling_all_powers_leaves_grades(seed, factor):
    inlets, outlets = world(seed)
    inlets = [row | {"peak_mw": min(row["peak_mw"], 10.0)} for row in inlets]  # 4 times it is within the table
    scaled = [
        [row | {c: row[c] * factor for c in row if row[c] is not None and c in SCALED} for row in rows]
        for rows in (inlets, outlets)
    ]
    assert verdicts(*scaled, stay_h=9.0).equals(verdicts(inlets, outlets, stay_h=9.0))


SCALED = {"power_mva", "plant_power_mva", "peak_mw", "plug_current_a", "socket_current_a", "transformer_mva"}

BETTER_SHIP = {
    "transformer_kv": "0.4|0.44|0.69|6.6|10|11", "transformer_mva": 100.0, "plugs_n": 20, "plug_current_a": 5000.0,
    "cable_on_board": True, "cable_length_m": 500.0, "side": "both", "peak_mw": 0.0, "power_factor": 1.0,
    "short_circuit_ka": 0.0,
}  # fmt: skip
BETTER_BERTH = {
    "power_mva": 100.0, "sockets_n": 20, "socket_current_a": 5000.0, "cable_provider": "either", "side": "either",
    "reach_m": 500.0, "short_circuit_ka": 0.0, "t_connect_h": 0.0, "t_disconnect_h": 0.0, "state": "operational",
    "height_min_m": -20.0, "height_max_m": 60.0, "position_from_m": 0.0, "plant_power_mva": 500.0,
}  # fmt: skip


@FEWER
@given(SEEDS, st.sampled_from(sorted(BETTER_SHIP)))
def test_a_better_ship_never_gets_a_worse_grade(seed, capability):
    inlets, outlets = world(seed)
    better = [
        r | ({capability: BETTER_SHIP[capability]} if r["has_inlet"] or r[capability] is not None else {})
        for r in inlets
    ]
    before, after = verdicts(inlets, outlets, stay_h=9.0), verdicts(better, outlets, stay_h=9.0)
    assert (after["grade"] <= before["grade"]).all()


@FEWER
@given(SEEDS, st.sampled_from(sorted(BETTER_BERTH)))
def test_a_better_berth_never_gets_a_worse_grade(seed, capability):
    inlets, outlets = world(seed)
    outlets = [row | {"plant_id": row["outlet_id"] if row["plant_id"] else None, "outlets_n": 1} for row in outlets]
    able = [
        row["state"] != "none" and (capability != "plant_power_mva" or row["plant_id"] is not None) for row in outlets
    ]
    better = [r | ({capability: BETTER_BERTH[capability]} if yes else {}) for r, yes in zip(outlets, able, strict=True)]
    before, after = verdicts(inlets, outlets, stay_h=9.0), verdicts(inlets, better, stay_h=9.0)
    assert (after["grade"] <= before["grade"]).all()


@FEWER
@given(SEEDS)
def test_another_pair_another_outlet_and_a_longer_stay_never_make_it_worse(seed):
    inlets, outlets = world(seed)
    more = world(seed + 1)[1]
    added = [row | {"outlet_id": f"new {row['outlet_id']}", "plant_id": None, "plant_power_mva": None} for row in more]
    before = verdicts(inlets, outlets, stay_h=2.0)
    for after in (verdicts(inlets, [*outlets, *added], stay_h=2.0), verdicts(inlets, outlets, stay_h=30.0)):
        assert (after["grade"] <= before["grade"]).all()


# ---- best and worst by brute force: every value that the unknown facts can have -------------------------------------

SIMPLE = {
    "inlets": ("connector", "neutral", "zone_concept", "cable_on_board", "peak_mw", "side"),
    "outlets": ("connector", "neutral", "zone_concept", "cable_provider", "t_connect_h", "side"),
}
SIDES = {"inlets": ["port", "starboard", "both"], "outlets": ["port", "starboard", "either"]}


def assignments(inlets, outlets, unknown):
    """Yield both registers with every combination of values of the unknown facts."""
    choices = [SIDES[table] if fact == "side" else DOMAIN[fact] for table, _, fact in unknown]
    for values in product(*choices):
        learnt = dict(zip(unknown, values, strict=True))
        yield tuple(
            [row | {f: v for (t, name, f), v in learnt.items() if t == table and row[thing] == name} for row in rows]
            for table, thing, rows in (("inlets", "inlet_id", inlets), ("outlets", "outlet_id", outlets))
        )


@FEWER
@given(SEEDS, st.integers(1, 3))
def test_brute_force_over_any_unknown_facts_stays_within_best_and_worst(seed, count):
    rng = dice(seed)
    inlets, outlets = world(seed, ships=1, berths=1)
    facts = [("inlets", r["inlet_id"], f) for r in inlets[:1] for f in INLET_FACTS if f in DOMAIN and r["has_inlet"]]
    facts += [("outlets", r["outlet_id"], f) for r in outlets[:1] for f in OUTLET_FACTS if f in DOMAIN]
    unknown = [fact for fact in rng.sample(facts, count) if fact[2] != "plant_power_mva" or outlets[0]["plant_id"]]
    best, worst, grades = _all_grades(inlets, outlets, unknown)
    assert best <= min(grades) <= max(grades) <= worst


@FEWER
@given(SEEDS)
def test_best_and_worst_are_reached_where_each_unknown_fact_is_of_another_check(seed):
    rng = dice(seed)
    inlets, outlets = world(seed, ships=1, berths=1)
    inlets, outlets = inlets[:1], outlets[:1]
    inlets[0]["ship_class"] = rng.choice(["container", "oil_tanker"])
    table = rng.choice(["inlets", "outlets"])
    row = (inlets if table == "inlets" else outlets)[0]
    if not inlets[0]["has_inlet"]:
        return
    names = rng.sample(SIMPLE[table], 3)
    if table == "outlets" and inlets[0]["ship_class"] == "container" and not inlets[0]["cable_on_board"]:
        names = [name for name in names if name != "cable_provider"]
    unknown = [(table, row["inlet_id" if table == "inlets" else "outlet_id"], name) for name in names]
    best, worst, grades = _all_grades(inlets, outlets, unknown, stay=60.0)
    assert best == min(grades)
    if "t_connect_h" not in names:
        assert worst == max(grades)


def _all_grades(inlets, outlets, unknown, stay=9.0):
    lost = dict.fromkeys(unknown)
    known = tuple(
        [row | {f: None for (t, name, f) in lost if t == table and row[thing] == name} for row in rows]
        for table, thing, rows in (("inlets", "inlet_id", inlets), ("outlets", "outlet_id", outlets))
    )
    best, worst = verdicts(*known, stay_h=stay, assessments=frame([], "assessments")).select("best", "worst").row(0)
    grades = []
    for full in assignments(*known, unknown):
        plain = Register(*full, on=DAY, costs=COSTS, demand="alongside")
        verdict = plain.verdict(next(iter(plain.ships)), next(iter(plain.berths)), papers=False, stay=stay)
        assert verdict["grade"] is not None
        grades.append(verdict["grade"])
    return best, worst, grades


# ---- what a user meets ----------------------------------------------------------------------------------------------


def test_listed_pairs_are_those_of_the_whole_matrix():
    inlets, outlets = forgotten(5, 0.1)
    whole = verdicts(inlets, outlets, stay_h=12.0)
    some = whole.sample(5, seed=1, shuffle=True).select("ship_id", "berth_id")
    found = verdicts(inlets, outlets, pairs=some.with_columns(stay_h=pl.lit(12.0)))
    assert found.equals(some.join(whole, on=["ship_id", "berth_id"], maintain_order="left").select(found.columns))


def test_verdicts_fit_their_table():
    inlets, outlets = forgotten(6, 0.1)
    found = verdicts(inlets, outlets)
    assert check(found, "verdicts").height == found.height


def test_unknown_names_are_all_listed():
    inlets, outlets = world(7)
    pairs = pl.DataFrame({"ship_id": ["mmsi:1", "mmsi:211000000"], "berth_id": ["b1", "b 2"]})
    with pytest.raises(SchemaError, match=r"(?s)2 faults.*no ship 'mmsi:1'.*no berth 'b 2' \(did you mean 'b2'\?\)"):
        verdicts(inlets, outlets, pairs=pairs)


def test_words_that_nobody_knows_are_all_listed():
    inlets, outlets = world(8)
    inlets[0] |= {"profile": "HVSC-CONTAINR", "transformer_kv": "eleven", "has_inlet": True}
    outlets[0] |= {"kind": "HV"}
    with pytest.raises(SchemaError) as caught:
        verdicts(inlets, outlets)
    text = str(caught.value)
    assert "did you mean 'HVSC-CONTAINER'" in text
    assert "'eleven' is no voltage" in text
    assert "outlets: column 'kind': unknown 'HV'" in text


def test_bad_options_are_refused():
    inlets, outlets = world(9)
    with pytest.raises(MethodError, match="did you mean 'reefers'"):
        verdicts(inlets, outlets, demand="reefer")
    with pytest.raises(InputError, match="negative"):
        verdicts(inlets, outlets, stay_h=-1.0)
    with pytest.raises(SchemaError, match="more than one stay"):
        verdicts(inlets, outlets, stay_h=pl.DataFrame({"ship_id": ["a", "a"], "stay_h": [1.0, 2.0]}))


def test_a_ship_is_one_ship_under_its_mmsi_and_its_imo_number():
    inlets, outlets = world(10, ships=1)
    ships = pl.DataFrame({"imo": [9074729], "mmsi": [211_000_000], "ship_class": ["cruise"]})
    assert verdicts(inlets, outlets, ships=ships)["ship_id"].unique().to_list() == ["imo:9074729"]


def test_priors_are_marked_and_never_make_a_verdict():
    ships = pl.DataFrame({"imo": [9074729], "ship_class": ["container"], "length_m": [300.0]})
    outlets = [
        row | {"frequency_hz": 60.0, "kind": "HVSC", "state": "operational"} for row in world(11, berths=1)[1][:1]
    ]
    without, with_priors = (verdicts([], outlets, ships=ships, priors=p) for p in (False, True))
    assert without["prior_share"].to_list() == [None]
    assert with_priors["prior_share"].to_list() == pytest.approx([0.94])
    assert with_priors.drop("prior_share").equals(without.drop("prior_share"))


def test_costs_decide_whose_fix_it_is():
    inlets, outlets = world(12, ships=1, berths=1)
    ship = inlets[0] | {"has_inlet": True}
    costs = fix_table()
    cheap_berth = costs.with_columns(
        pl.when(pl.col("side") == "berth").then(1.0).otherwise(pl.col("cost_mid")).alias("cost_mid")
    )
    mine = verdicts([ship], outlets[:1], stay_h=24.0, costs=cheap_berth)
    assert mine["grade"].to_list() <= [4]


def test_could_connect_follows_the_range():
    found = could_connect(pl.DataFrame({"best": [0, 2, 2, 3], "worst": [2, 2, 6, 3]}))
    assert found["could"].to_list() == ["yes", "yes", "unknown", "no"]
    assert could_connect(found, partial=False)["could"].to_list() == ["unknown", "no", "no", "no"]


@pytest.mark.parametrize(
    ("since", "until", "state", "wanted"),
    [
        (date(2026, 11, 1), None, "operational", "true"),
        (date(2026, 11, 2), None, "operational", "false"),
        (date(2020, 1, 1), date(2026, 10, 31), "operational", "false"),
        (date(2020, 1, 1), date(2026, 11, 1), "operational", "true"),
        (None, None, "operational", "true"),
        (date(2020, 1, 1), None, "trial", "false"),
        (date(2020, 1, 1), None, "planned", "false"),
        (date(2020, 1, 1), date(2027, 1, 1), "retired", "unknown"),
        (date(2020, 1, 1), date(2026, 1, 1), "retired", "false"),
    ],
)
def test_an_outlet_is_there_while_it_is_in_service(since, until, state, wanted):
    inlets, outlets = world(13, ships=1, berths=1)
    row = verdicts(inlets, [outlets[0] | {"since": since, "until": until, "state": state}]).row(0, named=True)
    assert 3 in checks_of(row[f"checks_{wanted}"])
