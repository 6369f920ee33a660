"""Coverage: every stay is counted once, against plain loops; records are matched by ship, time and place."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import MethodError, SchemaError
from sisterport.reference import load
from sisterport.shorepower.coverage import CLASSES, classified, coverage, fixes_named
from sisterport.tables import check, empty

DAY = datetime(2024, 5, 1, tzinfo=UTC)
SHIPS = [9074729, 9321483, 9295268]
NAMES = {2: "partial", 3: "after_ship_fix", 4: "after_berth_fix", 5: "after_both", 6: "not_possible"}


def stay(name, ship=SHIPS[0], *, berth="b1", locode="USLAX", begin=0, hours=24.0, mwh=10.0, **more):
    start = DAY + timedelta(hours=begin)
    return {
        "stay_id": name,
        "imo": ship,
        "locode": locode,
        "berth_id": berth,
        "start_utc": start,
        "end_utc": start + timedelta(hours=hours),
        "hours": hours,
        "aux_mwh": mwh,
        **more,
    }


def verdict(ship=SHIPS[0], *, berth="b1", grade=None, best=None, worst=None, false=0):
    best = grade if best is None else best
    return {
        "ship_id": f"imo:{ship}",
        "berth_id": berth,
        "grade": grade,
        "best": best,
        "worst": best if worst is None else worst,
        "checks_true": 0,
        "checks_false": false,
        "checks_unknown": 0,
    }


def frame(rows, table):
    return check(pl.from_dicts(rows, infer_schema_length=None) if rows else empty(table), table)


def plug(ship=SHIPS[0], *, begin=1, hours=10.0, mwh=4.0, **more):
    start = DAY + timedelta(hours=begin)
    end = None if hours is None else start + timedelta(hours=hours)
    return {"imo": ship, "start_utc": start, "end_utc": end, "energy_mwh": mwh, "source": "meter", **more}


@st.composite
def networks(draw):
    """Stays of few ships at few berths, and a verdict on some of the pairs."""
    count = draw(st.integers(1, 12))
    stays = [
        stay(
            f"s{n}",
            draw(st.sampled_from(SHIPS)),
            berth=draw(st.sampled_from(["b1", "b2", None])),
            locode=draw(st.sampled_from(["USLAX", "CNSGH"])),
            hours=draw(st.floats(0.5, 90)),
            mwh=draw(st.one_of(st.none(), st.floats(0, 90))),
            place=draw(st.sampled_from(["berth", "anchorage", None])),
            ship_class=draw(st.sampled_from(["container", "unknown", None])),
        )
        for n in range(count)
    ]
    verdicts = []
    for ship in SHIPS:
        for berth in ("b1", "b2"):
            grade = draw(st.sampled_from(["none", None, 0, 1, 2, 3, 4, 5, 6]))
            if grade == "none":
                continue
            if grade is None:
                best = draw(st.integers(0, 5))
                verdicts.append(verdict(ship, berth=berth, best=best, worst=draw(st.integers(best + 1, 6))))
            else:
                verdicts.append(verdict(ship, berth=berth, grade=grade, false=draw(st.integers(0, 8191))))
    return stays, verdicts


@settings(max_examples=60)
@given(networks(), st.booleans())
def test_shares_against_a_plain_loop(network, partial):
    stays, verdicts = network
    grades = {(v["ship_id"], v["berth_id"]): v for v in verdicts}
    sums = defaultdict(lambda: defaultdict(float))
    for row in stays:
        found = grades.get((f"imo:{row['imo']}", row["berth_id"]))
        if row["place"] == "anchorage":
            name = "at_anchor"
        elif row["berth_id"] is None:
            name = "berth_unknown"
        elif found is None:
            name = "no_verdict"
        elif found["grade"] is None:
            name = "undecided"
        elif found["grade"] <= (2 if partial else 1):
            name = "could"
        else:
            name = NAMES[found["grade"]]
        group = sums[row["locode"]]
        for measure, amount in (("stays", 1.0), ("hours", row["hours"]), ("energy", row["aux_mwh"] or 0.0)):
            group[f"{name}_{measure}"] += amount
            group[measure] += amount
        group["data_energy"] += row["aux_mwh"] is not None
        group["data_class"] += row["ship_class"] == "container"
        group["data_decided"] += found is not None and found["grade"] is not None
        group["data_berth"] += row["berth_id"] is not None
    found = coverage(frame(stays, "stays"), frame(verdicts, "verdicts"), partial=partial)
    assert found["locode"].to_list() == sorted(sums)
    for row in found.iter_rows(named=True):
        group = sums[row["locode"]]
        assert row["stays"] == group["stays"]
        assert row["hours"] == pytest.approx(group["hours"])
        assert row["energy_mwh"] == pytest.approx(group["energy"])
        for measure in ("stays", "hours", "energy"):
            whole = group[measure]
            shares = [row[f"{name}_{measure}"] for name in CLASSES]
            if not whole:
                assert set(shares) == {None}
                continue
            assert sum(shares) == pytest.approx(1.0)  # every stay is exactly one of the classes
            for name, share in zip(CLASSES, shares, strict=True):
                assert share == pytest.approx(group[f"{name}_{measure}"] / whole), name
            three = [row[f"{name}_{measure}"] for name in ("after_ship_fix", "after_berth_fix", "after_both")]
            assert row[f"after_fix_{measure}"] == pytest.approx(sum(three))
        for name in ("data_energy", "data_class", "data_decided", "data_berth"):
            assert row[name] == pytest.approx(group[name] / group["stays"])
        assert row["did_stays"] is None  # no record at all is not "none connected"


@settings(max_examples=30)
@given(networks(), st.randoms(use_true_random=False))
def test_order_does_not_matter(network, random):
    stays, verdicts = network
    before = coverage(frame(stays, "stays"), frame(verdicts, "verdicts"), by=["locode", "ship_class"])
    random.shuffle(stays)
    random.shuffle(verdicts)
    after = coverage(frame(stays, "stays"), frame(verdicts, "verdicts"), by=["locode", "ship_class"])
    for one, other in zip(before.iter_rows(), after.iter_rows(), strict=True):
        assert one == pytest.approx(other, nan_ok=True) or all(
            a == b or a == pytest.approx(b) for a, b in zip(one, other, strict=True)
        )


def test_several_outlets_of_one_berth():
    rows = frame([stay("a")], "stays")

    def stand(*verdicts):
        return classified(rows, frame(list(verdicts), "verdicts"))["class"].item()

    assert stand(verdict(grade=4), verdict(grade=0)) == "could"
    assert stand(verdict(grade=4), verdict(best=1, worst=6)) == "undecided"  # the other outlet may be better
    assert stand(verdict(grade=4), verdict(best=4, worst=6)) == "after_berth_fix"  # it cannot be


def test_a_ship_matched_by_mmsi():
    rows = frame([stay("a", mmsi=211839000)], "stays")
    by_mmsi = frame([verdict(grade=3) | {"ship_id": "mmsi:211839000"}], "verdicts")
    assert classified(rows, by_mmsi)["class"].item() == "after_ship_fix"


def test_records_meet_stays_of_the_ship_at_the_time_and_place():
    stays = frame(
        [
            stay("a", hours=10.0, mwh=5.0),
            stay("b", begin=20, hours=20.0, mwh=5.0),
            stay("c", SHIPS[1], hours=10.0, mwh=5.0),
            stay("d", SHIPS[2], locode="CNSGH", hours=10.0),
            stay("e", SHIPS[2], begin=100, hours=40.0, mwh=15.0),  # did not connect
        ],
        "stays",
    )
    records = frame(
        [
            plug(begin=5, hours=20.0, mwh=20.0, locode="USLAX"),  # 5 h of a, 5 h of b: shared out
            plug(SHIPS[1], begin=2, hours=4.0, mwh=None, locode="USLAX", berth_id="b1"),  # no meter: its own power
            plug(SHIPS[1], begin=6, hours=1.0, mwh=9.0, locode="USLAX", berth_id="b7"),  # at another berth
            plug(SHIPS[0], begin=300, hours=1.0, mwh=9.0, locode="USLAX"),  # at no stay
        ],
        "connections",
    )
    found = {row["locode"]: row for row in coverage(stays, connections=records).iter_rows(named=True)}
    here = found["USLAX"]
    assert here["did_stays"] == 0.75
    assert here["did_hours"] == pytest.approx((5 + 5 + 4) / 80)
    assert here["did_energy"] == pytest.approx((10 + 10 + 5 * 4 / 10) / 30)
    assert here["did_metered"] == pytest.approx(2 / 3)
    assert here["data_records"] == 1.0
    assert (found["CNSGH"]["did_stays"], found["CNSGH"]["data_records"]) == (None, 0.0)


def test_an_open_record_lasts_as_long_as_the_stay():
    stays = frame([stay("a", hours=10.0), stay("b", begin=20, hours=10.0)], "stays")
    found = coverage(stays, connections=frame([plug(begin=4, hours=None, mwh=None, locode="USLAX")], "connections"))
    # nothing tells an end: the ship's later stay is not made one with it
    assert found["did_hours"].item() == pytest.approx(6 / 20)


def test_records_in_the_stays_themselves():
    stays = frame([stay("a", connected_mwh=5.0), stay("b", connected_mwh=0.0), stay("c")], "stays")
    row = coverage(stays).row(0, named=True)
    assert row["did_stays"] == pytest.approx(1 / 3)
    assert row["did_energy"] == pytest.approx(5 / 35)
    assert row["did_hours"] is None  # energy is told, time is not


def test_pairs_and_coalitions():
    stays = frame(
        [
            stay("a", locode="USLAX"),
            stay("b", locode="CNSGH", begin=300),
            stay("c", SHIPS[1], locode="USLAX"),
            stay("d", SHIPS[2], locode="DEHAM"),
        ],
        "stays",
    )
    pairs = coverage(stays, by=["pair"])
    assert pairs.select("pair", "stays").rows() == [("CNSGH-USLAX", 2)]
    members = {"pacific": ["us lax", "CNSHA"], "all": ["USLAX", "CNSGH", "DEHAM"]}
    found = dict(coverage(stays, by=["coalition"], coalitions=members).select("coalition", "stays").iter_rows())
    assert found == {"pacific": 3, "all": 4}
    with pytest.raises(MethodError, match="needs coalitions"):
        coverage(stays, by=["coalition"])
    with pytest.raises(MethodError, match=r"unknown key 'port'"):
        coverage(stays, by=["port"])
    assert coverage(stays, by=[])["stays"].item() == 4
    assert coverage(stays, by=["month", "year"]).select("month", "year").row(0)[1] == 2024


def test_named_fixes_are_those_of_the_failing_checks():
    stays = frame([stay("a", mwh=10.0), stay("b", SHIPS[1], mwh=4.0), stay("c", SHIPS[2], mwh=9.0)], "stays")
    bit = {no: 2 ** (no - 1) for no in range(1, 14)}
    verdicts = frame(
        [
            verdict(grade=5, false=bit[2] + bit[5]),
            verdict(SHIPS[1], grade=4, false=bit[5]),
            verdict(SHIPS[2], grade=6, false=bit[5]),  # no fix helps
        ],
        "verdicts",
    )
    found = fixes_named(stays, verdicts)
    assert found.select("check_id", "stays", "energy_mwh").rows() == [
        ("frequency", 2, 14.0),
        ("inlet_present", 1, 10.0),
    ]
    first = found.row(0, named=True)
    assert (first["ship_fixes"], first["berth_fixes"]) == ("ship_converter", "frequency_converter")
    assert set(found["berth_fixes"].str.split("|").explode()) - {""} <= set(load("fix_costs")["fix_id"])


def test_bad_stays():
    twice = frame([stay("a"), stay("a")], "stays")
    with pytest.raises(SchemaError, match="stay_id 'a' stands more than once"):
        coverage(twice)
    with pytest.raises(SchemaError, match="1 stays with neither imo nor mmsi"):
        coverage(frame([stay("a", None)], "stays"))


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 80), st.integers(1, 30)), min_size=1, max_size=5),
)
def test_connected_hours_against_hours_counted_one_by_one(lying, plugged):
    """One ship, stays one after another, records that do not overlap each other."""
    stays, records, end = [], [], 0
    for gap, hours in lying:
        stays.append((end + gap, end + gap + hours))
        end = stays[-1][1]
    end = 0
    for gap, hours in plugged:
        records.append((end + gap, end + gap + hours))
        end = records[-1][1]
    rows = frame([stay(f"s{n}", begin=a, hours=float(b - a)) for n, (a, b) in enumerate(stays)], "stays")
    plugs = frame([plug(begin=a, hours=float(b - a), mwh=1.0, locode="USLAX") for a, b in records], "connections")
    on = {hour for a, b in records for hour in range(a, b)}
    both = [sum(hour in on for hour in range(a, b)) for a, b in stays]
    met = [any(a < d and c < b for a, b in stays) for c, d in records]
    found = coverage(rows, connections=plugs).row(0, named=True)
    assert found["did_hours"] == pytest.approx(sum(both) / sum(b - a for a, b in stays))
    assert found["did_stays"] == pytest.approx(sum(h > 0 for h in both) / len(stays))
    assert found["did_energy"] == pytest.approx(sum(met) / (10.0 * len(stays)))
