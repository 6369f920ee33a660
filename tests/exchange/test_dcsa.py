"""DCSA Port Call: events of shore power to connections and back, whatever order, doubles and corrections come in."""

import copy
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, SchemaError
from sisterport.exchange import dcsa_events, read_dcsa, write_dcsa
from tests.exchange.openapi_reader import faults, schemas

DAY = datetime(2025, 1, 23, tzinfo=UTC)
SPACE = UUID(int=7)


def event(kind, hour, *, number=0, service="s1", updated=30, imo="9321483", berth="ADT 1", **service_more):
    """An event of the service that its fields tell."""
    made = {
        "eventID": str(uuid5(SPACE, f"{kind}{hour}{number}{service}{updated}{service_more}")),
        "eventUpdatedDateTime": (DAY + timedelta(hours=updated)).isoformat(),
        "portCall": {"UNLocationCode": "NLAMS"},
        "portCallService": {
            "portCallServiceTypeCode": "SHORE_POWER",
            "portCallServiceEventTypeCode": kind,
            "serviceLocation": {"locationName": berth},
            **service_more,
        },
        "vessel": {"vesselIMONumber": imo},
        "timestamp": {"classifierCode": "ACT", "serviceDateTime": (DAY + timedelta(hours=hour)).isoformat()},
    }
    if service is not None:
        made["portCallService"]["portCallServiceID"] = str(uuid5(SPACE, service))
    return made


def outcomes(found):
    return dict(found.counts.iter_rows())


def spans(found):
    rows = found.connections.select("start_utc", "end_utc").iter_rows()
    hours = [tuple(None if t is None else (t - DAY).total_seconds() / 3600 for t in row) for row in rows]
    return sorted(hours, key=str)


@pytest.mark.parametrize("service", ["s1", None])
def test_start_and_end_make_a_connection(service):
    found = read_dcsa([event("CMPL", 20, service=service), event("STRT", 4, service=service)])
    assert spans(found) == [(4, 20)]
    row = found.connections.row(0, named=True)
    assert (row["imo"], row["locode"], row["berth_id"], row["energy_mwh"]) == (9321483, "NLAMS", "ADT 1", None)
    assert outcomes(found) == {"paired": 2}


def test_forms_of_a_file(tmp_path):
    events = [event("STRT", 4), event("CMPL", 20)]
    forms = {
        "list.json": json.dumps(events),
        "body.json": json.dumps({"events": events}, indent=2),
        "lines.jsonl": "\n".join(json.dumps(one) for one in events) + "\n",
        "bom.json": "\ufeff" + json.dumps(events),
    }
    for name, text in forms.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert spans(read_dcsa(tmp_path / name)) == [(4, 20)], name
        assert spans(read_dcsa(str(tmp_path / name))) == [(4, 20)], name
    assert spans(read_dcsa(json.dumps(events[0]))) == [(4, None)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ('{"events": [', "no JSON: line 1"),
        ("[" * 100_000, "nested too deep"),
        ("nowhere.json", "cannot"),
    ],
)
def test_what_is_no_file_of_events(text, said, tmp_path):
    path = tmp_path / "events.json"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_dcsa(text if text == "nowhere.json" else path)


def test_duplicates_are_counted_and_contradictions_refused():
    one = event("STRT", 4)
    found = read_dcsa([one, copy.deepcopy(one), event("CMPL", 20)])
    assert outcomes(found) == {"paired": 2, "duplicate": 1}
    other = copy.deepcopy(one)
    other["timestamp"]["serviceDateTime"] = (DAY + timedelta(hours=5)).isoformat()
    with pytest.raises(SchemaError, match="the eventID occurs before with other content"):
        read_dcsa([one, other])


def test_a_later_update_supersedes_in_any_order():
    old, new, end = event("STRT", 4), event("STRT", 5, updated=31), event("CMPL", 20)
    for order in ([old, new, end], [new, end, old], [end, new, old]):
        found = read_dcsa(order)
        assert spans(found) == [(5, 20)]
        assert outcomes(found) == {"paired": 2, "superseded": 1}
    with pytest.raises(SchemaError, match="two STRT of service"):
        read_dcsa([old, event("STRT", 6)])


@pytest.mark.parametrize("flag", ["isCanceled", "isDeclined"])
def test_a_cancelled_service_is_no_connection(flag):
    found = read_dcsa([event("STRT", 4), event("CMPL", 20), event("STRT", 4, updated=31, **{flag: True})])
    assert found.connections.is_empty()
    assert outcomes(found) == {"superseded": 1, "cancelled": 2}
    again = read_dcsa([event("STRT", 4, **{flag: True}), event("STRT", 6, updated=31), event("CMPL", 20, updated=32)])
    assert spans(again) == [(6, 20)]  # the last word is that it took place


def test_an_omitted_call_is_no_connection():
    omitted = event("STRT", 4)
    omitted["portCall"]["isOmitted"] = True
    assert outcomes(read_dcsa([omitted])) == {"omitted": 1}


def test_unpaired_events_are_counted_and_a_start_is_kept():
    lone = [event("STRT", 4, service=None), event("STRT", 9, service=None), event("CMPL", 10, service=None)]
    found = read_dcsa([*lone, event("CMPL", 2, service=None), event("CMPL", 30, service="s9", berth="other")])
    assert spans(found) == [(4, None), (9, 10)]
    assert outcomes(found) == {"paired": 2, "start without end": 1, "end without start": 2}


def test_an_end_before_its_start_is_no_pair():
    found = read_dcsa([event("STRT", 20), event("CMPL", 4)])
    assert spans(found) == [(20, None)]
    assert outcomes(found) == {"start without end": 1, "end without start": 1}


def test_ships_and_places_are_kept_apart():
    rows = [
        event("STRT", 4, service=None),
        event("STRT", 5, service=None, imo="9074729"),
        event("STRT", 6, service=None, berth="ADT 2"),
        event("CMPL", 7, service=None, imo="9074729"),
        event("CMPL", 8, service=None, berth="ADT 2"),
        event("CMPL", 9, service=None),
    ]
    assert spans(read_dcsa(rows)) == [(4, 9), (5, 7), (6, 8)]


def test_a_ship_known_by_imo_here_and_by_mmsi_there():
    start, end, both = event("STRT", 4, service=None), event("CMPL", 9, service=None), event("STRT", 20, service=None)
    end["vessel"] = {"vesselMMSINumber": "278111222"}
    both["vessel"]["vesselMMSINumber"] = "278111222"
    found = read_dcsa([start, end, both])
    assert spans(found) == [(20, None), (4, 9)]
    assert set(found.connections["mmsi"]) == {278111222}


@pytest.mark.parametrize("classifier", ["EST", "REQ", "PLN"])
def test_plans_of_shore_power_are_refused_with_a_reason(classifier):
    plan = event("STRT", 4)
    plan["timestamp"]["classifierCode"] = classifier
    found = read_dcsa([plan])
    assert found.connections.is_empty()
    assert found.connections.schema == pl.DataFrame(schema=found.connections.schema).schema
    row = found.feedback.row(0, named=True)
    assert (row["severity"], row["outcome"], row["path"]) == (
        "ERROR",
        "refused",
        "$.events[0].timestamp.classifierCode",
    )
    assert f"actual-only in DCSA Port Call 2.0.0: classifier {classifier}" in row["message"]


def test_all_faults_at_once():
    bad = event("ARRI", 4, imo="9321484")
    bad["eventID"] = "x"
    bad["eventUpdatedDateTime"] = "2025-01-23T01:23:45"
    bad["timestamp"] = {"classifierCode": "XXX", "serviceDateTime": "yesterday"}
    bad["portCall"]["UNLocationCode"] = "NLAMX"
    nobody = event("STRT", 5, service="s2")
    nobody["vessel"] = {}
    unstorable = event("STRT", 6, service="s3", berth="a\0b")
    with pytest.raises(SchemaError) as caught:
        read_dcsa([bad, nobody, 7, unstorable])
    said = str(caught.value)
    for part in (
        "'ARRI': SHORE_POWER has only STRT and CMPL",
        "'XXX': SHORE_POWER has only ACT",
        "eventID 'x' is no UUID",
        "'2025-01-23T01:23:45' is no time with an offset",
        "'yesterday' is no time",
        "'9321484' has not seven digits with the right check digit",
        "unknown port code 'NLAMX'",
        "no vesselIMONumber and no vesselMMSINumber",
        "event 2: int, not an object",
        "U+0000",
    ):
        assert part in said


def test_odd_events_are_read_with_a_warning():
    odd = event("STRT", 4, portCallPhaseTypeCode="INBD", facilityTypeCode="ANCH")
    del odd["portCall"]
    found = read_dcsa([odd], now=DAY, berths={"another": "b9"})
    assert spans(found) == [(4, None)]
    assert found.connections["berth_id"].to_list() == [None]
    said = " ".join(found.feedback["message"])
    for part in ("INBD", "ANCH", "no UNLocationCode", "an actual time after", "'ADT 1' is no berth of the register"):
        assert part in said


def test_port_codes_are_resolved_and_berths_named():
    start = event("STRT", 4)
    start["portCall"]["UNLocationCode"] = "CNSHA"
    found = read_dcsa([start], berths={"ADT 1": "b1"})
    assert found.connections.select("locode", "berth_id").row(0) == ("CNSGH", "b1")


def test_energy_of_parties_that_agreed_on_it():
    end = event("CMPL", 20)
    end["shorePower"] = {"outlet_id": "o1", "energy_mwh": 41.5}
    found = read_dcsa([event("STRT", 4), end])
    assert found.connections.select("outlet_id", "energy_mwh").row(0) == ("o1", 41.5)


@st.composite
def plugs(draw):
    """Connections of a few ships that do not overlap at one ship."""
    rows = []
    for ship in draw(st.lists(st.sampled_from([9321483, 9074729, 9295268]), unique=True)):
        marks = sorted(draw(st.sets(st.integers(0, 500), max_size=8)))
        for start, end in zip(marks[::2], marks[1::2], strict=False):
            rows.append((ship, "NLAMS", "b1", DAY + timedelta(minutes=start), DAY + timedelta(minutes=end), "meter"))
        if len(marks) % 2:
            rows.append((ship, "NLAMS", "b1", DAY + timedelta(minutes=marks[-1]), None, "meter"))
    names = ["imo", "locode", "berth_id", "start_utc", "end_utc", "source"]
    kinds = [pl.Int64, pl.String, pl.String, pl.Datetime("ms", "UTC"), pl.Datetime("ms", "UTC"), pl.String]
    return pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")


@given(plugs(), st.randoms(use_true_random=False), st.booleans())
def test_written_and_read_again_it_is_the_same_in_any_order(rows, random, with_service):
    events = dcsa_events(rows, updated=DAY + timedelta(days=9))["events"]
    random.shuffle(events)
    if not with_service:
        for one in events:
            del one["portCallService"]["portCallServiceID"]
    doubled = events + [copy.deepcopy(one) for one in events if random.random() < 0.3]
    found = read_dcsa(doubled)
    keys = ["imo", "locode", "berth_id", "start_utc", "end_utc"]
    assert found.connections.select(keys).sort(keys).equals(rows.select(keys).sort(keys))
    assert found.counts["events"].sum() == len(doubled)


def test_what_is_written_fits_the_published_schema(shared, tmp_path):
    every = schemas(shared / "data/exchange/dcsa_port_call_2.0.0/port-call-v2.0.0-openapi.yaml")
    rows = pl.DataFrame(
        {
            "imo": [9321483, None],
            "mmsi": [None, 278111222],
            "locode": ["NLAMS", None],
            "berth_id": ["b1", None],
            "start_utc": [DAY, DAY + timedelta(milliseconds=5)],
            "end_utc": [DAY + timedelta(hours=9), None],
            "energy_mwh": [12.0, None],
            "source": ["meter", "meter"],
        }
    )
    path = tmp_path / "events.json"
    assert write_dcsa(rows, path, updated=DAY, berth_names={"b1": "Amsterdam 1"}) == 3
    body = json.loads(path.read_text())
    assert faults(body, every["PostEventsRequest"], every) == []
    assert (
        path.read_text()
        == json.dumps(dcsa_events(rows, updated=DAY, berth_names={"b1": "Amsterdam 1"}), indent=1) + "\n"
    )
    assert body["events"][0]["portCallService"]["serviceLocation"]["locationName"] == "Amsterdam 1"
    assert "energy" not in path.read_text()  # the standard has no field for it
    # the reader of the schema does find faults: a wrong type, a field that is not there, a text that is too long
    wrong = copy.deepcopy(body)
    wrong["events"][0] |= {"isFYI": "no", "energy": 3}
    wrong["events"][0]["timestamp"]["classifierCode"] = "ACTUAL"
    assert len(faults(wrong, every["PostEventsRequest"], every)) == 3


def test_the_official_sample_is_read_and_holds_no_shore_power(shared):
    folder = shared / "data/exchange/dcsa_port_call_2.0.0"
    found = read_dcsa(folder / "sample_post_request.json")
    assert found.connections.is_empty()
    assert outcomes(found) == {"other service": 1}
    every = schemas(folder / "port-call-v2.0.0-openapi.yaml")
    sample = json.loads((folder / "sample_post_request.json").read_text())
    assert faults(sample, every["PostEventsRequest"], every) == []


def test_refusals_of_the_writer():
    rows = pl.DataFrame({"start_utc": [DAY], "source": ["meter"]})
    with pytest.raises(SchemaError, match="neither imo nor mmsi"):
        dcsa_events(rows, updated=DAY)
    with pytest.raises(InputError, match="time zone"):
        dcsa_events(rows, updated=DAY.replace(tzinfo=None))
