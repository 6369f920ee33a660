"""Shore power in the report: nothing is claimed that registers do not say and nobody measured."""

from datetime import date

import polars as pl
import pytest

from sisterport.shorepower.assumed import assumed_outlets
from sisterport.shorepower.profiles import profile
from sisterport.shorepower.registers import outlet_candidates
from sisterport.shorepower.stays import stays
from sisterport.site import activity, ashore_shown, write_report
from sisterport.site.ashore import computed, stays_seen
from sisterport.site.scene import Scene
from sisterport.tables import check, empty
from tests.site import made_up
from tests.site.page_reader import Page

CAPTION = "Ocean-going ships at berth and at anchor, and whether they could have been plugged in"
SAVED = "What if: savings if every stay at berth were connected to an assumed outlet (nobody measured this)"
FACTS = "Facts to obtain, those that most energy waits for first"


def scene(period):
    found = activity.activity(period.segments, period.emissions, period.ships, period.areas)
    return Scene(key="p1", period=period, found=found)


@pytest.fixture(scope="module")
def period():
    return made_up.period(counts={"ocean_going": 10, "harbour_craft": 4, "unknown": 5})


@pytest.fixture(scope="module")
def found(period):
    return computed(stays_seen(scene(period)), date(2020, 12, 1))


def report(folder, period):
    path = write_report(folder / "r.html", title="T", periods=[period], provenance=made_up.provenance())
    return Page.read(path), path.read_text("utf-8")


@pytest.fixture(scope="module")
def written(period, tmp_path_factory):
    return report(tmp_path_factory.mktemp("ashore"), period)


def section(text):
    return text[text.index('<section id="p1-ashore"') : text.index('<section id="p1-calls"')]


def test_only_ocean_going_ships_are_looked_at(found, period):
    ocean = set(period.ships.filter(group="ocean_going")["mmsi"])
    assert set(found.stays["mmsi"]) <= ocean
    assert found.stays.height > 5


def test_all_of_their_stays_are_in_the_table(written, found):
    head, *rows, total = written[0].tables[CAPTION]
    assert len(rows) == found.stays.height
    assert total[head.index("Seen h")] != ""
    energy = written[0].values[CAPTION][-1][head.index("Auxiliary energy MWh")]
    assert energy == pytest.approx(found.stays["aux_mwh"].sum(), rel=1e-6)


def test_energy_is_that_of_the_inventory(found, period):
    own = period.segments.filter("in_domain", pl.col("mode") == "berth")
    burnt = period.emissions.filter(pl.col("system") == "auxiliary_engine").join(own, on="segment_id")
    for row in found.stays.iter_rows(named=True):
        kwh = burnt.filter(pl.col("mmsi") == row["mmsi"])["energy_kwh"]
        # every berth segment of a made-up ship is in its one stop
        assert row["aux_mwh"] == (pytest.approx(kwh.sum() / 1000) if kwh.count() else None)


def test_a_stay_that_the_period_cuts_off_has_no_known_length(found, period):
    calls = dict(zip(period.calls["mmsi"], period.calls["arrival_seen"] & period.calls["departure_seen"], strict=True))
    whole = [calls[mmsi] for mmsi in found.stays["mmsi"]]
    assert True in whole
    assert False in whole
    assert (found.stays["stay_h"].is_not_null()).to_list() == whole


def test_without_registers_nothing_is_decided(found, written):
    assert (found.today["best"] < found.today["worst"]).all()
    assert (found.today["checks_false"] == 0).all()
    text = section(written[1])
    assert "has no outlet for New York (USNYC). That is no proof that there is none" in text
    assert "never a certificate" in text


def test_the_seconds_of_one_hour_do_not_rule_a_ship_out(period):
    """An hour of data shows an hour of each stay: too short to connect, if it were the stay."""
    cut = period.calls.with_columns(arrival_seen=pl.lit(value=False), departure_seen=pl.lit(value=False))
    rows = stays_seen(scene(made_up.period(calls=cut, counts={"ocean_going": 10, "harbour_craft": 4, "unknown": 5})))
    verdicts = computed(rows, date(2020, 12, 1)).today
    assert (verdicts["best"] == 0).all()


def test_assumed_outlets_are_marked_and_of_the_reference_profile(found, written):
    made = assumed_outlets(found.pairs.select("berth_id", locode=pl.lit("USNYC")).unique())
    assert made["source"].str.starts_with("assumed").all()
    assert made.select("voltage_kv", "frequency_hz", "profile").unique().rows() == [(6.6, 60.0, "HVSC-CONTAINER")]
    assert made["pilots_n"].unique().to_list() == [profile("HVSC-CONTAINER")["pilot_contacts"]]
    assert set(found.assumed["outlet_id"]) == {f"assumed @ {berth}" for berth in found.pairs["berth_id"]}
    text = section(written[1])
    assert "<em>assumed outlets</em>" in text
    assert "Nobody has said so." in text


def test_with_an_outlet_and_no_inlet_a_fix_on_the_ship_is_needed(found):
    assert (found.bare["best"] == 3).all()
    assert (found.bare["worst"] >= found.bare["best"]).all()


def test_a_verdict_only_narrows_from_today_to_what_is_assumed(found):
    for later in (found.assumed, found.bare):
        assert (later["best"] >= found.today["best"]).all()
        assert (later["worst"] <= found.today["worst"]).all()


def test_times_to_connect_are_taken_off_where_that_end_was_seen(found):
    rows = found.stays.join(found.saved.select("stay_id", "energy_mwh", "reason"), on="stay_id").drop_nulls("aux_mwh")
    assert rows.height > 3
    for row in rows.iter_rows(named=True):
        lost = 1.0 * row["start_seen"] + 0.5 * row["end_seen"]
        assert row["energy_mwh"] == pytest.approx(row["aux_mwh"] * max(0.0, 1.0 - lost / row["hours"]))


def test_unknown_energy_is_no_zero(written, found):
    unknown = found.stays.filter(pl.col("aux_mwh").is_null())
    assert unknown.height
    head, *rows, _ = written[0].tables[CAPTION]
    shown = [row for row in rows if row[head.index("Ship")] in set(unknown["ship"])]
    assert {row[head.index("Auxiliary energy MWh")] for row in shown} == {"\u2013"}


def test_facts_are_ranked_by_energy_and_wait_for_all_undecided_stays(found, written):
    rows = found.facts
    assert rows.select("side", "column").row(0) == ("ship", "has_inlet")
    assert rows["energy_mwh"].is_sorted(descending=True)
    at_known_berths = found.stays.join(found.pairs.select("stay_id"), on="stay_id", how="semi")
    assert rows["energy_mwh"][0] == pytest.approx(at_known_berths["aux_mwh"].sum())
    assert rows["stays"][0] == at_known_berths.height
    assert written[0].tables[FACTS][1][0] == "Has the ship an inlet?"


def test_nothing_is_said_to_have_connected(written):
    text = section(written[1])
    assert "what did connect is not known" in text
    assert "by record" not in text.replace("No record of a connection was given", "")


def test_a_record_is_told(period, tmp_path):
    burnt = period.emissions.with_columns(shore_kwh=pl.when(pl.col("system") == "auxiliary_engine").then(100.0))
    text = section(report(tmp_path, made_up.period(emissions=check(burnt, "emissions"), counts=COUNTS))[1])
    assert "took energy from shore by record" in text


COUNTS = {"ocean_going": 10, "harbour_craft": 4, "unknown": 5}


def test_a_period_without_such_ships_says_so_in_one_line(tmp_path):
    page, text = report(tmp_path, made_up.period(counts={"harbour_craft": 5, "unknown": 5}))
    assert page.faults == []
    own = section(text)
    assert "No ocean-going ship was at berth or at anchor" in own
    assert "<table" not in own


def test_a_period_without_any_energy_has_no_zero_and_no_picture(tmp_path, period):
    null = period.emissions.with_columns(
        pl.lit(None, pl.Float64).alias(name) for name in ("energy_kwh", "fuel_t", "co2_t", "co2e_ttw_t", "nox_kg")
    )
    page, text = report(tmp_path, made_up.period(emissions=check(null, "emissions"), counts=COUNTS))
    own = section(text)
    assert "is not estimated" in own
    assert "<svg" not in own
    assert {row[-1] for row in page.tables[FACTS][1:]} == {"\u2013"}
    assert all(value is None for row in page.values[SAVED][1:] for value in row[2:])


def test_ships_at_anchor_alone_have_no_verdict(period):
    stops = period.stops.with_columns(kind=pl.lit("anchorage"))
    rows = stays_seen(scene(made_up.period(stops=stops, counts=COUNTS)))
    again = computed(rows, date(2020, 12, 1))
    assert again.today.is_empty()
    assert again.facts.is_empty()
    assert again.saved.is_empty()


def test_a_port_with_candidates_lists_them_and_ties_them_to_no_berth(tmp_path, period):
    calls = period.calls.with_columns(locode=pl.lit("USLAX"))
    page, text = report(tmp_path, made_up.period(calls=calls, counts=COUNTS))
    known = outlet_candidates().filter(locode="USLAX")
    rows = page.tables["Outlets of the port in the register of candidates; \u2013 is not known"][1:]
    assert len(rows) == known.height
    assert "It does not say at which of the drawn berths they are" in section(text)
    again = computed(stays_seen(scene(made_up.period(calls=calls, counts=COUNTS))), date(2020, 12, 1))
    assert (again.today["best"] < again.today["worst"]).all()


def test_a_shift_inside_a_call_was_seen_at_both_ends(period):
    """A call of three stops that the period cuts off at both ends."""
    call = period.calls.filter(arrival_seen=True, departure_seen=True).head(1)
    begin, end = call["arrival_utc"].item(), call["departure_utc"].item()
    cuts = [begin + part * (end - begin) / 3 for part in range(4)]
    stop = period.stops.join(call, on="call_id", how="semi").head(1)
    stops = pl.concat(
        [
            stop.with_columns(
                stop=pl.lit(n + 1, stop["stop"].dtype), start_utc=pl.lit(cuts[n]), end_utc=pl.lit(cuts[n + 1])
            ).cast(stop.schema)
            for n in range(3)
        ]
    )
    cut = call.with_columns(arrival_seen=pl.lit(value=False), departure_seen=pl.lit(value=False))
    seen = stays(cut, stops, period.emissions, period.segments, period.ships).stays.sort("start_utc")
    assert seen.select("start_seen", "end_seen").rows() == [(False, True), (True, True), (True, False)]


def test_it_takes_little_of_the_report(written):
    assert len(section(written[1]).encode()) < 60_000


def test_no_areas_drawn_is_no_error():
    bare = made_up.period(areas={"type": "FeatureCollection", "features": []}, counts=COUNTS)
    rows = stays_seen(scene(bare))
    assert rows["berth_id"].null_count() == rows.height
    assert ashore_shown.section(scene(bare))["graded"].rows == []
    assert empty("savings").columns == computed(rows, date(2020, 12, 1)).saved.columns
