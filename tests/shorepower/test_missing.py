"""The value of missing facts by brute force: try every value of every fact, with the plain matcher."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import SchemaError
from sisterport.reference import load, value
from sisterport.shorepower.grades import fix_table
from sisterport.shorepower.missing import missing_facts
from sisterport.shorepower.trials import BERTH_FACTS, SHIP_FACTS, trial_values
from tests.shorepower.handmade import inlets_of, outlets_of
from tests.shorepower.plain import INLET_ONLY, OUTLET_ONLY, Register
from tests.shorepower.worlds import DAY, INLET_FACTS, OUTLET_FACTS, dice, forget, frame, world

COSTS = fix_table().to_dicts()
KIND_OF = dict(load("connector_profiles").select("profile_id", "kind").iter_rows())
STAY = 9.0


def ranges(inlets, outlets, pairs):
    plain = Register(inlets, outlets, on=DAY, costs=COSTS, demand="alongside")
    return [(v["best"], v["worst"]) for v in (plain.verdict(s, b, stay=STAY) for s, b in pairs)]


def lacks(row, column, side):
    """Return whether a row lacks a fact that somebody could tell."""
    if row[column] is not None:
        return False
    if side == "berth":
        if column in OUTLET_ONLY and row["state"] == "none":
            return False
        return column not in ("plant_power_mva", "simultaneity", "outlets_n") or row["plant_id"] is not None
    described = any(row[c] is not None for c in ("frequency_hz", *INLET_ONLY) if not c.startswith("transformer"))
    if column == "has_inlet":
        return not described
    if column in ("frequency_hz", "bus_frequency_hz"):
        there = row["has_inlet"] is True or (row["has_inlet"] is None and described)
        unknown = row["frequency_hz"] is None and row["bus_frequency_hz"] is None
        return unknown and there == (column == "frequency_hz")
    return not (column in INLET_ONLY and row["has_inlet"] is False)


def goes_with(row, column, tried):
    """Return whether a value agrees with the kind of connection that is known."""
    kinds = {"HVSC", "LVSC", "DC"}
    high = value("high_voltage_above_kv")
    told = {c: row[c] for c in ("kind", "profile", "frequency_hz", "voltage_kv")}
    for known in (told, dict.fromkeys(told) | {column: tried}) if column in told else ():
        if known["kind"]:
            kinds &= {known["kind"]}
            continue
        if known["profile"]:
            kinds &= {KIND_OF[w] for w in known["profile"].split("|")}
        if known["frequency_hz"] is not None:
            kinds &= {"DC"} if known["frequency_hz"] == 0 else {"HVSC", "LVSC"}
        if known["voltage_kv"] is not None:
            kinds -= {"LVSC"} if known["voltage_kv"] > high else {"HVSC"}
    return bool(kinds)


def by_brute_force(inlets, outlets, energy):
    pairs = energy.select("ship_id", "berth_id").rows()
    mwh = energy["energy_mwh"].to_list()
    now = ranges(inlets, outlets, pairs)
    frames = frame(inlets, "inlets"), frame(outlets, "outlets")
    found = {}
    for side, thing, rows, columns in (
        ("ship", "inlet_id", inlets, (*SHIP_FACTS, "peak_mw")),
        ("berth", "outlet_id", outlets, BERTH_FACTS),
    ):
        for name in {row[thing] for row in rows}:
            for column in columns:
                if not any(lacks(row, column, side) for row in rows if row[thing] == name):
                    continue
                narrower = [False] * len(pairs)
                for tried in trial_values(column, *frames, side=side, on=DAY):
                    learnt = [
                        row | {column: tried}
                        if row[thing] == name and lacks(row, column, side) and goes_with(row, column, tried)
                        else row
                        for row in rows
                    ]
                    then = ranges(*((learnt, outlets) if side == "ship" else (inlets, learnt)), pairs)
                    for n, ((best, worst), (better, worse)) in enumerate(zip(now, then, strict=True)):
                        narrower[n] |= better > best or worse < worst
                if any(narrower):
                    total = sum(e for e, yes in zip(mwh, narrower, strict=True) if yes)
                    found[side, name, column] = (sum(narrower), pytest.approx(total))
    return found


@settings(max_examples=12)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.05, 0.15, 0.4]))
def test_every_value_of_every_fact(seed, share):
    rng = dice(seed)
    inlets, outlets = world(seed, ships=2, berths=2)
    inlets = forget(inlets, "inlet_id", INLET_FACTS, share, rng)
    outlets = forget(outlets, "outlet_id", OUTLET_FACTS, share, rng)
    pairs = [(f"mmsi:{211_000_000 + s}", f"b{b}") for s in range(2) for b in range(2) if rng.random() < 0.8]
    if not pairs:
        return
    energy = pl.DataFrame(pairs, schema=["ship_id", "berth_id"], orient="row")
    energy = energy.with_columns(energy_mwh=pl.Series([rng.uniform(1, 100) for _ in pairs]), stay_h=pl.lit(STAY))
    found = missing_facts(
        frame(inlets, "inlets"), frame(outlets, "outlets"), energy, on=DAY, demand="alongside"
    ).filter(pl.col("side") != "pair")
    told = {
        (row["side"], row["inlet_id"] or row["outlet_id"], row["column"]): (row["pairs"], row["energy_mwh"])
        for row in found.iter_rows(named=True)
    }
    assert told == by_brute_force(inlets, outlets, energy)


def test_the_fact_that_decides_most_energy_comes_first():
    """Two ships lack one fact each at an outlet that is known; the one that is worth more is asked first."""
    ships = [
        inlets_of("container", imo=imo, inlet_id=i, connector=None) for imo, i in ((9074729, "i1"), (9074731, "i2"))
    ]
    energy = pl.DataFrame(
        {"ship_id": ["imo:9074729", "imo:9074731"], "berth_id": ["b1"] * 2, "energy_mwh": [5.0, 70.0], "stay_h": 24.0}
    )
    papers = frame([], "assessments")
    found = missing_facts(pl.concat(ships), outlets_of("container"), energy, on=DAY, assessments=papers)
    assert found.select("inlet_id", "column", "energy_mwh", "energy_decided_mwh").rows() == [
        ("i2", "connector", 70.0, 70.0),
        ("i1", "connector", 5.0, 5.0),
    ]


def test_stay_and_assessment_are_facts_of_the_pair():
    inlets, outlets = world(3, ships=1, berths=1)
    energy = pl.DataFrame({"ship_id": ["mmsi:211000000"], "berth_id": ["b0"], "energy_mwh": [5.0]})
    found = missing_facts(frame(inlets, "inlets"), frame(outlets, "outlets"), energy, on=DAY, demand="alongside")
    assert found.filter(side="pair", column="stay_h").select("pairs", "energy_mwh").rows() == [(1, 5.0)]


def test_faults_of_the_energy_are_all_listed():
    inlets, outlets = (frame(rows, t) for rows, t in zip(world(4), ("inlets", "outlets"), strict=True))
    with pytest.raises(SchemaError, match=r"(?s)2 faults.*'berth_id' missing.*'energy_mwh' missing"):
        missing_facts(inlets, outlets, pl.DataFrame({"ship_id": ["x"]}), on=DAY)
    bad = pl.DataFrame({"ship_id": ["mmsi:211000000"], "berth_id": ["b0"], "energy_mwh": [-5.0]})
    with pytest.raises(SchemaError, match="1 negative, first: row 0"):
        missing_facts(inlets, outlets, bad, on=DAY)
