"""A register is read whole, or all its faults are told at once; what was written is read back."""

import re
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from polars.testing import assert_frame_equal

from sisterport.errors import InputError, SchemaError
from sisterport.shorepower.facts import known_facts
from sisterport.shorepower.registers import (
    aliases_used,
    outlet_candidates,
    read_assessments,
    read_inlets,
    read_outlets,
    write_inlets,
    write_outlets,
)
from sisterport.tables import schema
from tests.shorepower import strategies

PAGE = Path(__file__).parents[2] / "docs/shorepower_registers.md"
OUTLET = {
    "outlet_id": "o1",
    "berth_id": "b1",
    "locode": "DEHAM",
    "state": "operational",
    "kind": "HVSC",
    "profile": "HVSC-CONTAINER",
    "voltage_kv": 6.6,
    "frequency_hz": 60.0,
    "source": "port",
    "status": "checked",
}
INLET = {"inlet_id": "i1", "imo": 9074729, "source": "yard", "status": "checked"}


def outlets(*rows):
    return pl.DataFrame([OUTLET | row for row in rows], infer_schema_length=None)


def faults(call):
    with pytest.raises(SchemaError) as error:
        call()
    return error.value.faults


def outlet_faults(*rows):
    return faults(lambda: read_outlets(outlets(*rows)))


def inlet_faults(**cells):
    return faults(lambda: read_inlets(pl.DataFrame([INLET | cells])))


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"voltage_kv": 6600.0}, r"'voltage_kv': 1 above 36 kV, first: row 0 \(6600\): looks like V, write 6.6"),
        ({"power_mva": 7500.0}, r"'power_mva': 1 above 100 MVA, first: row 0 \(7500\): looks like kVA, write 7.5"),
        ({"power_mva": -7.5}, r"'power_mva': 1 below 0 MVA, first: row 0 \(-7.5\)"),
        ({"short_circuit_ka": 16000.0}, "looks like A, write 16"),
        ({"ef_grid_t_per_mwh": 384.0}, "looks like kg/MWh, write 0.384"),
        ({"loss_share": 4.0}, "looks like per cent, write 0.04"),
        ({"converter_efficiency": 96.0}, "looks like per cent, write 0.96"),
        ({"frequency_hz": 55.0}, r"'frequency_hz': 1 neither 50 nor 60 Hz .*row 0 \(55.0\)"),
        ({"frequency_hz": 0.0}, "0 Hz is DC and only DC"),
        ({"kind": "DC"}, "0 Hz is DC and only DC"),
        ({"kind": "LVSC", "profile": None}, "of kind LVSC above 1 kV, first: row 0"),
        ({"voltage_kv": 0.44}, "of kind HVSC at or below 1 kV"),
        ({"kind": "LVSC", "voltage_kv": 0.4}, r"'profile': 1 of another kind .* row 0 \(HVSC-CONTAINER\)"),
        ({"profile": "HVSC-CONTAINR"}, r"unknown 'HVSC-CONTAINR' \(did you mean 'HVSC-CONTAINER'\?\), first: row 0"),
        ({"profile": "HVSC-CRUISE|LVSC"}, "'profile': unknown 'LVSC'"),
        ({"connector": "IEC 62613-2 K"}, r"'connector': unknown 'IEC 62613-2 K' \(did you mean 'IEC 62613-2 [IJ]'\?\)"),
        ({"connector": "schuko"}, "'connector': unknown 'schuko'; choose from .*'other: <name>'"),
        ({"state": "operatinal"}, r"'state': unknown 'operatinal' \(did you mean 'operational'\?\), first: row 0"),
        ({"state": "unknown"}, "'state': unknown 'unknown'; choose from operational"),
        ({"side": "starbord"}, r"'side': unknown 'starbord' \(did you mean 'starboard'\?\)"),
        ({"side": "both"}, "'side': unknown 'both'; choose from port, starboard, either"),
        ({"cable_provider": "quay"}, "choose from ship, shore, either"),
        ({"neutral": "resistr"}, "did you mean 'resistor'"),
        ({"status": "chekced"}, "'status': unknown 'chekced'"),
        ({"voltage_kv_status": "sure"}, "'voltage_kv_status': unknown 'sure'"),
        ({"power_mva": 5.0, "power_mva_high": 4.0}, r"'power_mva_high': 1 below power_mva, first: row 0 \(4.0\)"),
        ({"power_mva_high": 4.0}, "'power_mva_high': 1 without power_mva"),
        ({"position_from_m": 50.0, "position_to_m": 5.0}, "'position_to_m': 1 below position_from_m"),
        ({"height_min_m": 5.0, "height_max_m": 1.0}, "'height_max_m': 1 below height_min_m"),
        ({"since": "2024-05-01", "until": "2023-05-01"}, r"'until': 1 before since, first: row 0 \(2023-05-01\)"),
        ({"since": "01.05.2024"}, r"'since': 1 not a date like 2024-05-31, first: row 0 \('01.05.2024'\)"),
        ({"sockets_n": "two"}, r"'sockets_n': 1 not a whole number, first: row 0 \('two'\)"),
        ({"power_mva": float("inf")}, r"'power_mva': 1 not a number|'power_mva': 1 above 100 MVA"),
        ({"locode": "DEXXX"}, "unknown port code 'DEXXX'.*first: row 0"),
        ({"locode": "CNPVG"}, "no seaport here"),
        ({"lat_deg": 53.5}, "1 rows with half a position"),
        ({"lat_deg": 153.5, "lon_deg": 9.0}, "'lat_deg': 1 above 90 deg"),
        ({"pair": "exists", "frequency_hz": None}, "'pair': 1 without a voltage or a frequency"),
        ({"source": None}, "'source': 1 empty or not readable, first: row 0"),
        ({"voltage": 6.6, "voltage_kv": None}, None),
    ],
)
def test_each_fault_of_an_outlet(cells, told):
    if told is None:  # a misspelt column beside the right one is a column of the port's own
        assert "voltage" in read_outlets(outlets(cells)).columns
        return
    found = outlet_faults(cells)
    assert any(re.search(told, fault) for fault in found), found


def test_the_right_outlet_has_no_fault():
    assert read_outlets(outlets({})).height == 1


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"imo": None}, "1 rows with neither imo nor mmsi, first: row 0"),
        ({"imo": 9074728}, r"'imo': 1 with a wrong check digit, first: row 0 \(9074728\)"),
        ({"mmsi": 992351000}, "'mmsi': 1 of no ship station"),
        ({"ship_class": "containr"}, r"'ship_class': unknown 'containr' \(did you mean 'container'\?\), first: row 0"),
        ({"bus_voltage_kv": 440.0}, "looks like V, write 0.44"),
        ({"bus_frequency_hz": 55.0}, "'bus_frequency_hz': 1 neither 50 nor 60 Hz"),
        ({"peak_mw": 1680.0}, "looks like kW, write 1.68"),
        ({"peak_mw": 5.0, "peak_mw_high": 4.0}, "'peak_mw_high': 1 below peak_mw"),
        ({"peak_mw": 1.0, "mean_mw": 2.0}, "'mean_mw': 1 above peak_mw"),
        ({"peak_cargo_mw": 1.0, "mean_cargo_mw": 2.0}, "'mean_cargo_mw': 1 above peak_cargo_mw"),
        ({"power_factor": 85.0}, "looks like per cent, write 0.85"),
        ({"has_inlet": False, "voltage_kv": 6.6}, "without an inlet"),
        ({"has_inlet": "perhaps"}, r"'has_inlet': 1 not yes or no, first: row 0 \('perhaps'\)"),
        ({"transformer_kv": "6600"}, "6600 out of 0.1 to 36 kV: row 0: looks like V, write 6.6"),
        ({"transformer_kv": "6.6 or 11"}, "'6.6 or 11' is no voltage in kV: row 0"),
        ({"side": "either"}, "'side': unknown 'either'; choose from port, starboard, both"),
        ({"connection_position": "sterm"}, "did you mean 'stern'"),
    ],
)
def test_each_fault_of_an_inlet(cells, told):
    found = inlet_faults(**cells)
    assert any(re.search(told, fault) for fault in found), found


def test_a_mean_inside_the_range_of_the_peak_is_no_fault():
    assert read_inlets(pl.DataFrame([INLET | {"peak_mw": 1.0, "peak_mw_high": 3.0, "mean_mw": 2.0}])).height == 1


def test_all_faults_of_a_file_at_once(tmp_path):
    """The case of the issue: 6600 in kV, a negative power, an unknown plug, a duplicate, a missing column."""
    file = tmp_path / "outlets.csv"
    file.write_text(
        "outlet_id,berth_id,locode,state,voltage_kv,frequency_hz,power_mva,connector,source\n"
        "o1,b1,DEHAM,operational,6600,60,-7.5,IEC 62613-2 X,port\n"
        "o2,b1,DEHAM,operational,6.6,60,7.5,,port\n"
        "o2,b2,DEHAM,operational,6.6,60,7.5,,port\n"
    )
    found = faults(lambda: read_outlets(file))
    for told in (
        "column 'status' missing",
        "looks like V, write 6.6",
        "'power_mva': 1 below 0 MVA",
        "unknown 'IEC 62613-2 X'",
        "outlet_id 'o2': 6.6 kV, 60 Hz twice: row 2",
        "outlet_id 'o2': more than one berth_id ('b1', 'b2'), first: row 2",
    ):
        assert sum(told in fault for fault in found) == 1, (told, found)
    assert len(found) == 6
    with pytest.raises(SchemaError, match=r"outlets in .*outlets.csv: 6 faults"):
        read_outlets(file)


def test_misspelt_columns_are_told_and_mapped(tmp_path):
    file = tmp_path / "outlets.csv"
    header = "Outlet_ID,berth_id,locode,state,voltage,frequency_hz,voltag_kv_source,source,status"
    file.write_text(f"{header}\no1,b1,DEHAM,operational,6.6,60,page 3,port,checked\n")
    found = faults(lambda: read_outlets(file))
    assert "unknown column 'Outlet_ID' (did you mean 'outlet_id'?)" in found
    assert "unknown column 'voltage' (did you mean 'voltage_kv'?)" in found
    assert "unknown column 'voltag_kv_source' (did you mean 'voltage_kv_source'?)" in found
    names = {"Outlet_ID": "outlet_id", "voltage": "voltage_kv", "voltag_kv_source": "voltage_kv_source"}
    assert read_outlets(file, columns=names)["voltage_kv_source"].to_list() == ["page 3"]
    assert "column map names 'Voltage', which is not there (did you mean 'voltage'?)" in faults(
        lambda: read_outlets(file, columns=names | {"Voltage": "voltage_kv"})
    )


def test_pairs_of_one_outlet_share_what_is_the_outlets_own():
    pairs = ({"voltage_kv": 6.6}, {"voltage_kv": 11.0})
    assert read_outlets(outlets(*pairs)).height == 2
    [found] = outlet_faults(pairs[0] | {"reach_m": 20.0}, pairs[1] | {"reach_m": 30.0})
    assert found == "outlet_id 'o1': more than one reach_m ('20.0', '30.0'), first: row 1"
    [found] = outlet_faults(pairs[0] | {"side": "port"}, pairs[1])
    assert found == "outlet_id 'o1': more than one side (empty, 'port'), first: row 1"
    [found] = outlet_faults({"frequency_hz": None}, {"frequency_hz": None})
    assert found == "outlet_id 'o1': 6.6 kV, unknown Hz twice: row 1"
    # the same plug carries less at the lower voltage, and a converter may come later
    later = {"power_mva": 12.0, "state": "planned", "note": "converter"}
    assert read_outlets(outlets(pairs[0] | later, pairs[1] | {"power_mva": 20.0})).height == 2


def test_one_ship_may_have_two_inlets_and_one_inlet_two_voltages():
    rows = [INLET | {"voltage_kv": kv, "name": "A"} for kv in (6.6, 11.0)] + [INLET | {"inlet_id": "i2", "name": "A"}]
    assert read_inlets(pl.DataFrame(rows, infer_schema_length=None)).height == 3
    rows[1]["name"] = "B"
    assert "more than one name" in faults(lambda: read_inlets(pl.DataFrame(rows, infer_schema_length=None)))[0]


def test_unknown_stays_unknown(tmp_path):
    file = tmp_path / "outlets.csv"
    file.write_text(
        "outlet_id;berth_id;locode;state;voltage_kv;frequency_hz;power_mva;side;source;status\n"
        "o1;b1;DEHAM;Under construction;6,6;unknown; n/a ;?;port;Checked\n"
    )
    row = read_outlets(file).row(0, named=True)
    assert row["state"] == "under_construction"
    assert row["status"] == "checked"
    assert row["voltage_kv"] == 6.6
    stated = {"outlet_id", "berth_id", "locode", "state", "voltage_kv", "source", "status"}
    assert {name for name, cell in row.items() if cell is not None} == stated


def test_one_row_says_that_its_voltage_and_frequency_come_together():
    frame = read_outlets(outlets({}, {"outlet_id": "o2", "pair": "possible"}, {"outlet_id": "o3", "voltage_kv": None}))
    assert frame["pair"].to_list() == ["exists", "possible", None]
    assert frame["pair_source"].to_list() == ["the row gives one voltage and one frequency", None, None]


def test_aliases_of_ports_are_replaced_kept_and_counted():
    rows = ({"locode": "CNSHA"}, {"outlet_id": "o2", "locode": "cn sha"}, {"outlet_id": "o3", "locode": "CNSGH"})
    frame = read_outlets(outlets(*rows))
    assert frame["locode"].to_list() == ["CNSGH"] * 3
    assert aliases_used(frame) == {"CNSHA": 1, "cn sha": 1}
    assert_frame_equal(read_outlets(frame), frame)
    assert aliases_used(read_outlets(outlets({}))) == {}


def test_a_port_without_a_code_in_the_table_can_be_vouched_for():
    assert "unknown port code 'XXABC'" in outlet_faults({"locode": "XXABC"})[0]
    assert read_outlets(outlets({"locode": "XXABC"}), known_ports=("XXABC",))["locode"].to_list() == ["XXABC"]


def test_frames_of_other_libraries():
    rows = pd.DataFrame([OUTLET | {"outlets_n": 3.0}, OUTLET | {"outlet_id": "o2", "outlets_n": float("nan")}])
    assert read_outlets(rows)["outlets_n"].to_list() == [3, None]
    assert_frame_equal(read_outlets(outlets({}).to_arrow()), read_outlets(outlets({})))


def test_assessments(tmp_path):
    file = tmp_path / "assessments.csv"
    file.write_text("imo,berth_id,assessed_on,changed_since,source\n9074729,b1,2026-03-01,no,protocol\n")
    assert read_assessments(file)["changed_since"].to_list() == [False]
    row = "9074728,b1,2026-02-30,no,protocol\n"
    file.write_text(f"imo,berth_id,assessed_on,changed_since,source\n{row}9074729,b1,2026-03-01,,a\n")
    found = faults(lambda: read_assessments(file))
    assert any("'imo': 1 with a wrong check digit, first: row 0 (9074728)" in f for f in found)
    assert any("'assessed_on': 1 not a date" in f for f in found)
    twice = pl.DataFrame([{"imo": 9074729, "berth_id": "b", "assessed_on": "2026-03-01", "source": "s"}] * 2)
    assert "of the same ship, berth and day twice" in faults(lambda: read_assessments(twice))[0]


@pytest.mark.parametrize("name", ["o.xlsx", "o"])
def test_other_endings_are_refused(name, tmp_path):
    with pytest.raises(InputError, match=r"give it the ending \.csv, \.parquet or \.geojson"):
        write_outlets(read_outlets(outlets({})), tmp_path / name)


def test_a_file_that_is_not_there():
    for name in ("nowhere.csv", "nowhere.geojson", "nowhere.parquet"):
        with pytest.raises(InputError, match=f"no such file: {name}"):
            read_outlets(name)


def test_an_empty_register_is_told(tmp_path):
    file = tmp_path / "o.csv"
    file.write_text(",".join(OUTLET) + "\n")
    assert "no rows" in faults(lambda: read_outlets(file))


@pytest.mark.parametrize("ending", ["csv", "parquet", "geojson"])
@settings(max_examples=40)
@given(register=strategies.outlets())
def test_outlets_round_trip(register, ending, tmp_path_factory):
    file = write_outlets(register, tmp_path_factory.mktemp("o") / f"outlets.{ending}")
    assert_frame_equal(read_outlets(file), register, check_exact=True)


@pytest.mark.parametrize("ending", ["csv", "parquet", "geojson"])
@settings(max_examples=30)
@given(register=strategies.inlets())
def test_inlets_round_trip(register, ending, tmp_path_factory):
    file = write_inlets(register, tmp_path_factory.mktemp("i") / f"inlets.{ending}")
    assert_frame_equal(read_inlets(file), register, check_exact=True)


def test_the_frame_begins_with_the_columns_of_the_table():
    frame = read_outlets(outlets({"power_mva": 5.0, "power_mva_source": "sign", "berth_name": "East"}))
    columns = list(schema("outlets"))
    assert frame.columns == [*columns, "berth_name", "pair_source", "power_mva_source"]


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_examples_of_the_page_are_read(tmp_path):
    first, second = blocks("csv")
    (tmp_path / "outlets.csv").write_text(first)
    (tmp_path / "inlets.csv").write_text(second)
    frame = read_outlets(tmp_path / "outlets.csv")
    assert frame["outlet_id"].n_unique() == 2
    assert frame["pair"].to_list() == ["exists", "possible", "possible", "possible", "possible"]
    assert read_inlets(tmp_path / "inlets.csv")["has_inlet"].to_list() == [True, False, None]
    wrong = blocks("text")[0]
    bad = first.replace(",6.6,60,", ",6600,60,", 1).replace(",operational,", ",in service,", 1)
    (tmp_path / "outlets.csv").write_text(bad)
    with pytest.raises(SchemaError) as error:
        read_outlets(tmp_path / "outlets.csv")
    assert str(error.value).replace(f"{tmp_path}/", "") == wrong.strip()


def test_the_page_counts_right():
    """The honest state of public data, recounted."""
    running = outlet_candidates().filter(pl.col("state") == "operational")
    facts = {c: (known, inferred) for c, known, inferred, _ in known_facts(running).rows()}
    outlets_n = running["outlet_id"].n_unique()
    power = running.filter(pl.any_horizontal(pl.col("power_mva", "plant_power_mva").is_not_null()))
    whole = power.filter(pl.all_horizontal(pl.col("voltage_kv", "frequency_hz").is_not_null()))
    cable = facts["cable_provider"][0]
    kv, hz = facts["voltage_kv"], facts["frequency_hz"]
    counts = (outlets_n, kv[0], hz[0], hz[0] - hz[1], power["outlet_id"].n_unique(), cable)
    assert counts == (48, 22, 32, 14, 14, 6)
    assert whole["outlet_id"].n_unique() == 8
    sure = whole.filter(pl.col("pair") == "exists")["outlet_id"].unique(maintain_order=True).to_list()
    assert sure == ["DEKEL-norwegenkai", "DEKEL-ostuferhafen-plant-2"]
    text = " ".join(PAGE.read_text().split())
    for sentence in (
        f"**{outlets_n}** operational rows",
        f"**{kv[0]}** a voltage",
        f"**{hz[0]}** a frequency",
        f"only **{hz[0] - hz[1]}** of them from the source itself",
        f"**{power['outlet_id'].n_unique()}** a power",
        f"**{cable}** who brings the cable",
        "**8** rows have voltage, frequency and power",
        f"**{len(sure)}** of these",
        f"{outlet_candidates()['outlet_id'].n_unique()} entries",
        f"for {outlet_candidates()['port'].n_unique()} ports",
    ):
        assert sentence in text, sentence
    in_mw = outlet_candidates().filter(pl.col("power_mva_high").is_not_null())
    assert in_mw["outlet_id"].n_unique() == 5
    assert not any("container" in types for types in whole["ship_types"])
    assert set(whole["locode"]) == {"DEKEL", "SEGOT", "NOOSL"}
