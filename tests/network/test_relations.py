"""Who is in the network: as sourced, with doubts said, and every code one that is known."""

import polars as pl
import pytest

from sisterport.errors import InputError, ReferenceDataError, SchemaError
from sisterport.network.definitions import known_ports
from sisterport.network.relations import (
    agreements,
    corridors,
    facts,
    findings,
    network_ports,
    port_sheet,
    read_terminals,
)
from sisterport.reference import load

TABLES = ("friendly_ports", "port_agreements", "green_corridors", "green_corridor_ports", "port_networks",
          "organisations", "network_facts", "green_corridor_counts")  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_source_and_status(name):
    table = load(name)
    assert table.select("source", "status").null_count().row(0) == (0, 0)
    assert table["status"].is_in(["checked", "secondary", "unverified"]).all()


def test_shanghai_has_23_friendly_ports_and_40_is_a_slip():
    told = facts()
    assert "23 ports over 40+ years" in told[0]
    assert "'40 ports, 24 years' is a translation slip" in told[0]
    assert told[1].startswith("11 of 23 sourced")
    assert told[1].endswith("Busan, Gothenburg, Los Angeles")


def test_ties_that_are_not_confirmed_are_said_so():
    ties = network_ports(tie="CNSHA")
    assert ties.height == 11
    assert ties.filter(friendly_port="not confirmed")["locode"].to_list() == ["KRPUS", "SEGOT", "USLAX"]
    with pytest.raises(InputError, match="only the ties of CNSGH"):
        network_ports(tie="DEHAM")


def test_every_code_is_a_known_port_but_one():
    """Sitka has no port function in UN/LOCODE, so the ports table does not know it."""
    unknown = []
    for code in network_ports()["locode"]:
        try:
            assert known_ports([code]) == [code]
        except ReferenceDataError:
            unknown.append(code)
    assert unknown == ["USSIT"]
    assert network_ports()["name"].null_count() == 0


def test_a_date_is_as_exact_as_its_source():
    lengths = {"day": 10, "month": 7, "year": 4}
    for table, date, precision in (
        ("port_agreements", "date", "date_precision"),
        ("friendly_ports", "since", "since_precision"),
        ("green_corridors", "announced", "announced_precision"),
    ):
        for text, kind in load(table).select(pl.col(date).cast(pl.String), precision).drop_nulls().iter_rows():
            assert len(text) == lengths[kind], (table, text)


def test_aliases_lead_to_one_port():
    for code in ("CNSHA", "CNSHG", "CNYSA", "cn sgh"):
        sheet = port_sheet(code)
        assert sheet["locode"] == "CNSGH"
        assert {"K01", "K06"} <= {row["corridor_id"] for row in sheet["corridors"]}
    with pytest.raises(ReferenceDataError, match="no seaport"):
        port_sheet("CNPVG")


def test_what_was_never_published_is_a_finding():
    assert findings("K01")[0].startswith("no baseline published")
    assert findings("K05") == []


def test_agreements_and_corridors_of_a_port():
    assert set(agreements(port="USLGB")["agreement_id"]) == {"A06", "A09", "A11", "A13"}
    assert corridors().height == 31
    assert corridors().filter(status="unverified").height == 13
    assert set(corridors(port="DEHAM")["corridor_id"]) == {"K06", "K09", "K20"}


def test_terminals_are_known_by_port_and_code(shared):
    table = read_terminals(shared / "data/network/ref/terminals_smdg.csv")
    assert table["terminal_id"].is_unique().all()
    assert table.filter(smdg_terminal_code="APMT")["locode"].n_unique() > 1, "the code alone is not unique"
    sheet = port_sheet("CNSHA", terminals=table)
    assert {row["locode"] for row in sheet["terminals"]} == {"CNSGH"}


def test_faults_of_terminals_are_told_together():
    rows = {"locode": ["USLAX", "USLAX", "XXXXX"], "smdg_terminal_code": ["A", "A", "B"], "terminal_name": ["x"] * 3}
    with pytest.raises(SchemaError) as caught:
        read_terminals(pl.DataFrame(rows))
    assert len(caught.value.faults) == 2
