"""S-131 codes: what has no code is named, what goes together is never made up, codes come back as they were."""

from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import MethodError, SchemaError
from sisterport.reference import load
from sisterport.shorepower.registers import read_outlets
from sisterport.shorepower.s131 import from_s131, to_s131, voltage_code, voltages_kv
from tests.shorepower import strategies

PASSPORT = {"state": "operational", "source": "chart", "status": "secondary"}
KINDS = {
    "iDCode": pl.String,
    "uNLocationCode": pl.String,
    "categoryOfShorePowerFacility": pl.Int64,
    "categoryOfVoltage": pl.List(pl.Int64),
    "categoryOfFrequency": pl.List(pl.Int64),
    "categoryOfPlug": pl.List(pl.String),
}
LABELS = {  # as the feature catalogue prints them, typed in once more
    1: [0.23], 2: [0.4], 3: [0.12], 4: [0.12, 0.24], 5: [0.208], 6: [0.44], 7: [0.44, 0.69], 8: [0.48], 9: [0.69],
    10: [6.6], 11: [6.6, 11], 12: [11], 13: [22], 14: [0.38], 15: [11, 22],
}  # fmt: skip


def facility(**cells):
    return pl.DataFrame([{"iDCode": "o", "uNLocationCode": "DEKEL"} | cells], schema=KINDS)


def outlet_rows(**cells):
    return from_s131(facility(**cells), **PASSPORT)


def test_the_codes_are_those_of_the_catalogue():
    assert {code: list(voltages_kv(code)) for code in LABELS} == LABELS
    assert load("s131_codes").filter(attribute="categoryOfVoltage").height == len(LABELS)
    assert {voltage_code(kv[0]): kv for kv in LABELS.values() if len(kv) == 1} == {
        code: kv for code, kv in LABELS.items() if len(kv) == 1
    }


def test_the_table_equals_the_collected_one(shared):
    theirs = pl.read_csv(shared / "data/exchange/s131_2.0.0rc/code_lists.csv", infer_schema=False)
    ours = load("s131_codes")
    both = ours.join(theirs.cast({"code": pl.Int64}), on=["attribute", "code"], suffix="_theirs")
    assert both.height == ours.height
    assert (both["label"] == both["label_theirs"]).all()
    assert both["kv"].cast(pl.String).fill_null("").to_list() == [
        (kv or "").replace(" ", "|") for kv in both["kv_theirs"]
    ]


@pytest.mark.parametrize(
    ("volts", "hertz", "pairs"),
    [
        ([10], [2], [(6.6, 60.0, "exists")]),
        ([10], [1, 2], [(6.6, 50.0, "exists"), (6.6, 60.0, "exists")]),
        ([10, 12], [1], [(6.6, 50.0, "exists"), (11.0, 50.0, "exists")]),
        ([10, 12], [1, 2], [(v, f, "possible") for v, f in product((6.6, 11.0), (50.0, 60.0))]),
        ([11], [1], [(6.6, 50.0, "possible"), (11.0, 50.0, "possible")]),  # "6600 or 11000": one may not be there
        ([10], [], [(6.6, None, None)]),
        ([], [1, 2], [(None, 50.0, None), (None, 60.0, None)]),
        ([], [], [(None, None, None)]),
    ],
)
def test_a_pair_is_never_made_up(volts, hertz, pairs):
    frame = outlet_rows(categoryOfVoltage=volts, categoryOfFrequency=hertz)
    assert frame.select("voltage_kv", "frequency_hz", "pair").rows() == pairs
    assert read_outlets(frame).select("voltage_kv", "frequency_hz", "pair").rows() == pairs


@settings(max_examples=60)
@given(
    volts=st.lists(st.integers(1, 15), unique=True, max_size=5),
    hertz=st.lists(st.integers(1, 2), unique=True),
    code=st.none() | st.integers(1, 3),
    plugs=st.lists(strategies.TEXT, max_size=3, unique=True),
)
def test_facilities_come_back(volts, hertz, code, plugs):
    # high voltage is told by kV where there is any: then our code may differ from the one that came
    given_ = facility(categoryOfVoltage=volts, categoryOfFrequency=hertz, categoryOfShorePowerFacility=code,
                      categoryOfPlug=plugs)  # fmt: skip
    rows = from_s131(given_, **PASSPORT)
    back = to_s131(rows).row(0, named=True)
    assert back["categoryOfVoltage"] == volts
    assert back["categoryOfFrequency"] == hertz
    assert [p.casefold() for p in back["categoryOfPlug"]] == [p.casefold() for p in plugs]
    assert back["notInS131"] == []
    kv = {v for c in volts for v in voltages_kv(c)}
    if not kv:
        assert back["categoryOfShorePowerFacility"] == code
    else:
        both = any(v > 1 for v in kv) and any(v <= 1 for v in kv)
        assert back["categoryOfShorePowerFacility"] == (3 if both else 1 if max(kv) > 1 else 2)
    assert rows["s131_facility_code"][0] == (None if code is None else str(code))


def test_high_voltage_is_told_by_kv_and_not_by_the_text_of_the_code():
    """The text of code 1 begins at 10 kV; 6.6 kV is high voltage all the same."""
    assert outlet_rows(categoryOfVoltage=[10], categoryOfShorePowerFacility=2)["kind"].to_list() == ["HVSC"]
    assert outlet_rows(categoryOfShorePowerFacility=2)["kind"].to_list() == [None]
    assert outlet_rows(categoryOfShorePowerFacility=1)["kind"].to_list() == ["HVSC"]


def test_ten_kilovolts_are_not_rounded():
    outlets = pl.DataFrame({"outlet_id": ["a"] * 2, "voltage_kv": [10.0, 0.45], "frequency_hz": [50.0, 0.0]})
    row = to_s131(outlets).row(0, named=True)
    assert row["categoryOfVoltage"] == []
    assert row["notInS131"] == ["10 kV", "0.45 kV", "direct current"]
    assert row["categoryOfShorePowerFacility"] == 3


def test_codes_that_no_longer_fit_are_dropped():
    rows = outlet_rows(categoryOfVoltage=[11], categoryOfFrequency=[1])
    assert to_s131(rows)["categoryOfVoltage"].to_list() == [[11]]
    assert to_s131(rows.filter(pl.col("voltage_kv") == 11))["categoryOfVoltage"].to_list() == [[12]]


def test_unknown_codes_and_missing_columns_are_told_at_once():
    frame = pl.concat([facility(categoryOfVoltage=[16]), facility(categoryOfFrequency=[3])]).drop("uNLocationCode")
    with pytest.raises(SchemaError) as error:
        from_s131(frame, **PASSPORT)
    assert error.value.faults == [
        "column 'uNLocationCode' missing",
        "S-131 has no code 16 of categoryOfVoltage (it has 1 to 15): row 0",
        "S-131 has no code 3 of categoryOfFrequency (it has 1 to 2): row 1",
    ]
    with pytest.raises(MethodError, match="unknown state 'running'"):
        from_s131(facility(), **PASSPORT | {"state": "running"})
