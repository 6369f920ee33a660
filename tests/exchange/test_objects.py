"""The table of fields: it says what the published files say, row by row, and the checks do what it says."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import MethodError
from sisterport.exchange.objects import fields, lenient, moment, strict
from sisterport.reference import load
from tests.exchange.openapi_reader import faults, schemas

DCSA, S131 = "data/exchange/dcsa_port_call_2.0.0", "data/exchange/s131_2.0.0rc"
RIGHT = {"uuid": "00000000-0000-4000-8000-000000000001", "date-time": "2025-01-23T04:00:00Z"}


def rows_of(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_each_field_of_dcsa(shared):
    rows = rows_of(shared / DCSA / "fields.csv")
    assert len(rows) == load("exchange_fields").filter(standard="dcsa").height
    for row in rows:
        field = fields("dcsa", row["object"])[row["field"]]
        kind, _, longest = row["type"].removeprefix("array of ").rstrip(")").partition("(")
        assert (field.kind, bool(field.many)) == (kind, row["type"].startswith("array")), row
        assert str(field.longest or "") == (longest or row["max_length"]), row
        if field.longest:
            for extra in (0, 1):
                text = "x" * (field.longest + extra)
                found = lenient({field.name: [text] if field.many else text}, "dcsa", row["object"])
                assert [one.check for one in found] == ["length"] * extra, row


CODED = {"facilityTypeCode (service)": ("PortCallService", "facilityTypeCode"),
         "facilityTypeCode (location)": ("Location", "facilityTypeCode"),
         "vesselSizeUnit / draftUnit": ("Vessel", "draftUnit")}  # fmt: skip


def test_each_code_of_dcsa(shared):
    rows = rows_of(shared / DCSA / "code_lists.csv")
    homes = {row["field"]: row["object"] for row in rows_of(shared / DCSA / "fields.csv")}
    for row in rows:
        name, field = CODED.get(row["list"], (homes.get(row["list"]), row["list"]))
        assert strict({field: row["code"]}, "dcsa", name) == []
        assert [one.check for one in strict({field: row["code"][::-1] + "Q"}, "dcsa", name)][:1] in (
            ["code"],
            ["length"],
        )
    assert len(rows) == load("exchange_codes").filter(standard="dcsa").height


def test_each_attribute_of_s131(shared):
    ours = load("exchange_fields").filter(standard="s131")
    rows = [row for row in rows_of(shared / S131 / "feature_attributes.csv") if row["feature"] in set(ours["object"])]
    assert len(rows) == ours.height
    for row in rows:
        field = fields("s131", row["feature"])[row["attribute"]]
        least, most = row["multiplicity"].split("..")
        assert (field.required == "yes", field.many or "1") == (least == "1", most), row
        if row["value_type"] == "enumeration":  # a code list is open
            assert field.codes == set(row["permitted_codes"].split()), row


def leaves(value, path=()):
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from leaves(part, (*path, key))


WILD = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=600), st.just([]), st.just({}))


@given(seed=st.integers(0, 10**6), value=WILD)
def test_it_takes_what_the_published_schema_takes(shared, seed, value):
    every = schemas(shared / DCSA / "port-call-v2.0.0-openapi.yaml")
    body = json.loads((shared / DCSA / "sample_post_request.json").read_text(encoding="utf-8"))
    assert lenient(body, "dcsa", "PostEventsRequest") == []
    places = [path for path in leaves(body) if not str(path[-1]).endswith(("ID", "DateTime"))]
    put_at(body, places[seed % len(places)], value)
    assert bool(lenient(body, "dcsa", "PostEventsRequest")) == bool(faults(body, every["PostEventsRequest"], every))


def put_at(body, path, value):
    for key in path[:-1]:
        body = body[key]
    body[path[-1]] = value


@given(value=st.recursive(WILD, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner)))
def test_nothing_makes_it_fail(value):
    for standard, name in (("dcsa", "Event"), ("ileap", "TOC"), ("pact", "ProductFootprint"), ("s131", "Berth")):
        strict(value, standard, name)
        for field in fields(standard, name):
            if field != "*":
                assert isinstance(strict({field: value}, standard, name), list)


def test_times_are_those_of_rfc_3339():
    good = ("2025-01-23T04:00:00Z", "2025-01-23t04:00:00.123456789+08:00", "0001-01-01T12:00:00Z")
    bad = ("2025-01-23", "2025-01-23T04:00:00", "20250123T040000Z", "2025-W04-4T04:00:00Z", "2025-02-30T04:00:00Z",
           "0001-01-01T00:00:00+14:00", "२०२५-01-23T04:00:00Z", 5, None, "2025-01-23T04:00:00Z\n")  # fmt: skip
    assert all(moment(text) for text in good)
    assert not any(moment(text) for text in bad)


def test_an_unknown_object_is_named():
    with pytest.raises(MethodError, match=r"did you mean 'Vessel'"):
        fields("dcsa", "Vesel")


def test_a_misspelt_field_is_only_a_remark_and_names_the_right_one():
    found = strict({"classiferCode": "EST"}, "dcsa", "Timestamp")
    assert [(one.severity, "did you mean 'classifierCode'" in one.fault) for one in found] == [("WARN", True)]
