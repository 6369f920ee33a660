"""Profiles carry what the law of three-phase power says, passports are the value's own, agreements are judged."""

from datetime import date
from math import isclose

import polars as pl
import pytest

from sisterport.errors import InputError, ReferenceDataError
from sisterport.fleet.classes import ship_classes
from sisterport.reference import load, resolve_locode
from sisterport.shorepower.agreements import Agreement, agreement_gaps, agreements
from sisterport.shorepower.profiles import (
    current_limit_mva,
    direct_limit_mw,
    passport,
    profile,
    profiles,
    profiles_of_class,
)
from sisterport.shorepower.registers import outlet_candidates
from sisterport.shorepower.words import words

SHARED = ("connector_profiles", "shorepower_checks", "standard_rules", "outlet_gaps", "profile_agreements")
FILES = {"shorepower_checks": "checks", "outlet_gaps": "ops_inventory_gaps"}


@pytest.mark.parametrize("name", SHARED)
def test_tables_are_the_collected_ones(name, shared):
    theirs = pl.read_csv(shared / f"data/shorepower/{FILES.get(name, name)}.csv", infer_schema=False)
    ours = load(name).with_columns(pl.all().cast(pl.String)).select(theirs.columns)
    for column in theirs.columns:
        if column in {"frequency_hz", "locodes"}:  # 'dc' is 0 here; Tallinn under the code of the ports table
            continue
        both = zip(ours[column].fill_null("").to_list(), theirs[column].fill_null("").to_list(), strict=True)
        for a, b in both:
            assert a == b or isclose(float(a), float(b)), column


def test_the_limit_of_each_profile_is_its_current(shared):
    table = pl.read_csv(shared / "data/shorepower/connector_profiles.csv").drop_nulls("current_limit_mva")
    assert table.height == 7
    for row in table.iter_rows(named=True):
        low = min(map(float, row["nominal_kv"].split("|")))
        one_voltage = {"HVSC-RORO": (11.0, 1), "LVSC-GEN": (0.69, 2)}  # as the table's remarks say
        kv, n = one_voltage.get(row["profile_id"], (low, row["n_power_cables_max"]))
        assert round(current_limit_mva(kv, row["current_a_per_plug"], n), 3) == row["current_limit_mva"]


def test_limits_of_direct_current_and_of_columns():
    dc = profile("DC-MCS-MARINE")
    assert direct_limit_mw(dc["nominal_kv"][0], dc["current_a_per_plug"], 1) == dc["max_mva"]
    frame = pl.DataFrame({"kv": [6.6], "a": [350.0], "n": [2]})
    assert frame.select(current_limit_mva(pl.col("kv"), pl.col("a"), pl.col("n"))).item() == current_limit_mva(
        6.6, 350.0, 2
    )


def test_no_number_of_a_memory_is_called_checked():
    """The annex text of the standard has not been seen."""
    hv = load("connector_profiles").filter(pl.col("standard").str.starts_with("IEC/IEEE 80005-1"))
    assert set(hv["status"]) == {"unverified"}


def test_every_class_takes_low_voltage_and_its_own_high_voltage():
    for name in ship_classes():
        assert profiles_of_class(name)[-2:] == ("LVSC-GEN", "LVSC-CN-250")
    assert profiles_of_class("cruise")[0] == "HVSC-CRUISE"
    assert profiles_of_class("ferry_ropax")[:3] == ("HVSC-RORO", "PRE-STD-10KV", "NG3-PLUG")
    classes = {c for row in profiles()["ship_classes"] for c in row}
    assert classes - {"any"} <= set(ship_classes())
    assert set(load("connector_profiles")["connector"]) <= set(words("connector"))
    assert set(load("connector_profiles")["kind"]) == set(words("kind"))
    with pytest.raises(ReferenceDataError, match="did you mean 'container'"):
        profiles_of_class("containers")
    with pytest.raises(ReferenceDataError, match="did you mean 'HVSC-CRUISE'"):
        profile("HVSC-CRUSE")


def test_the_checks_are_thirteen_and_in_order():
    table = load("shorepower_checks")
    assert table["check_no"].to_list() == list(range(1, 14))
    assert table["check_id"].to_list() == [
        "kind_annex", "inlet_present", "outlet_present", "voltage", "frequency", "power", "plugs", "cable_side",
        "side_reach", "protection", "hazard_zone", "time", "documents",
    ]  # fmt: skip


ROW = {"power_mva": 4.5, "source": "port", "status": "checked", "confidence": "high", "seen_on": date(2024, 1, 1)}


def test_a_value_has_the_passport_of_its_row_unless_it_has_its_own():
    inherited = passport(ROW, "power_mva")
    assert (inherited.source, inherited.status, inherited.confidence, inherited.own) == (
        "port",
        "checked",
        "high",
        False,
    )
    own = passport(ROW | {"power_mva_source": "sign", "power_mva_confidence": "low"}, "power_mva")
    # the row was checked in another document: that says nothing of the sign
    assert (own.source, own.status, own.confidence, own.seen_on, own.own) == ("sign", "unverified", "low", None, True)
    doubt = passport(ROW | {"power_mva_status": "secondary"}, "power_mva")
    assert (doubt.source, doubt.status, doubt.confidence) == ("port", "secondary", "high")
    nothing = passport(ROW | {"power_mva": None, "power_mva_source": "sign"}, "power_mva")
    assert (nothing.value, nothing.source, nothing.status) == (None, None, None)
    with pytest.raises(InputError, match="did you mean 'power_mva'"):
        passport(ROW, "power_mv")


def test_the_inferred_frequency_of_a_candidate_is_not_a_checked_fact():
    row = outlet_candidates().filter(outlet_id="USLAX-world-cruise-center").row(0, named=True)
    assert row["status"] == "checked"
    frequency = passport(row, "frequency_hz")
    assert (frequency.source, frequency.status) == ("inferred (grid)", "unverified")


AGREED = Agreement(
    agreement_id="A", since=date(2016, 7, 26), locodes=("FIHEL", "SESTO"), ship_types=("ropax",),
    ship_classes=("ferry_ropax",), voltage_kv=11.0, frequency_hz=50.0,
)  # fmt: skip
NEW = date(2020, 1, 1)


def outlet(name, *pairs, **cells):
    base = {"outlet_id": name, "berth_id": name, "locode": "FIHEL", "state": "operational", "since": NEW}
    return [base | {"voltage_kv": kv, "frequency_hz": hz, "pair": pair} | cells for kv, hz, pair in pairs]


GOOD, BAD, MAYBE = (11.0, 50.0, "exists"), (6.6, 60.0, "exists"), (11.0, 50.0, "possible")


@pytest.mark.parametrize(
    ("rows", "standing"),
    [
        (outlet("o", GOOD), "keeps"),
        (outlet("o", BAD, GOOD), "keeps"),  # offers more than what was agreed
        (outlet("o", GOOD, since=None), "keeps"),
        (outlet("o", GOOD, state="planned"), "keeps"),
        (outlet("o", BAD), "breaks"),
        (outlet("o", BAD, (10.0, 50.0, "exists")), "breaks"),
        (outlet("o", (None, 60.0, None)), "breaks"),
        (outlet("o", (6.6, None, None)), "breaks"),
        (outlet("o", BAD, since=None), "does_not_say"),  # perhaps older than the agreement
        (outlet("o", MAYBE), "does_not_say"),
        (outlet("o", BAD, MAYBE), "does_not_say"),
        (outlet("o", (11.0, None, None)), "does_not_say"),
        (outlet("o", (None, None, None)), "does_not_say"),
        (outlet("o", BAD, since=date(2016, 7, 25)), "not_bound"),
        (outlet("o", BAD, since=date(2016, 7, 26)), "breaks"),
        (outlet("o", BAD, state="postponed"), "not_bound"),
        (outlet("o", BAD, ship_types="cruise"), "not_bound"),
        (outlet("o", BAD, ship_types="cruise|ropax"), "breaks"),
        (outlet("o", BAD, profile="HVSC-CONTAINER"), "not_bound"),
        (outlet("o", BAD, profile="HVSC-RORO"), "breaks"),
        (outlet("o", BAD, profile="LVSC-GEN"), "breaks"),  # serves any ship
    ],
)
def test_standing_of_an_outlet(rows, standing):
    gaps = agreement_gaps(AGREED, pl.DataFrame(rows, infer_schema_length=None))
    assert gaps.filter(outlet_id="o").select("standing").item() == standing
    silent = gaps.filter(locode="SESTO")
    assert silent.select("outlet_id", "standing").row(0) == (None, "does_not_say")


def test_an_agreement_on_a_profile():
    agreed = Agreement(agreement_id="P", since=date(2024, 1, 1), locodes=("FIHEL",), profile="HVSC-RORO")
    rows = [
        *outlet("a", BAD, profile="HVSC-RORO|NG3-PLUG", since=date(2025, 1, 1)),
        *outlet("b", BAD, profile="NG3-PLUG", since=date(2025, 1, 1)),
        *outlet("c", BAD, profile=None, since=date(2025, 1, 1)),
    ]
    gaps = agreement_gaps(agreed, pl.DataFrame(rows, infer_schema_length=None))
    assert gaps["standing"].to_list() == ["keeps", "breaks", "does_not_say"]


def test_other_ports_do_not_show():
    rows = pl.DataFrame(outlet("o", BAD, locode="DEKEL"))
    assert agreement_gaps(AGREED, rows)["outlet_id"].to_list() == [None, None]


def test_the_agreement_of_2016_against_public_data():
    agreement = agreements()["BALTIC-2016"]
    assert agreement.since == date(2016, 7, 26)
    assert all(resolve_locode(code) == code for code in agreement.locodes)
    gaps = agreement_gaps(agreement, outlet_candidates())
    assert gaps.filter(locode="SESTO")["reason"].to_list() == ["for other ships: cruise"]
    assert gaps["standing"].value_counts().sort("standing").rows() == [("does_not_say", 3), ("not_bound", 1)]
