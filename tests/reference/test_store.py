"""Every number has a passport, and nothing lies about unlisted."""

import json

import polars as pl
import pytest

from sisterport import reference
from sisterport.errors import ReferenceDataError

DATA = reference.path("constants").parent
STATUSES = {"checked", "secondary", "unverified"}


def test_every_file_is_listed_and_every_listed_file_is_there():
    listed = {entry["path"] for entry in reference.catalogue().values()}
    present = {p.name for p in DATA.iterdir()} - {"datapackage.json", "resources.csv"}
    assert listed == present


@pytest.mark.parametrize("name", [n for n, e in reference.catalogue().items() if e["path"].endswith(".csv")])
def test_every_row_has_source_and_status(name):
    table = reference.load(name)
    entry = reference.catalogue()[name]
    assert entry["licenses"][0]["title"]
    assert table.columns == [field["name"] for field in entry["schema"]["fields"]]
    if name in {"code_lists", "transcription_conflicts"}:  # vocabulary and a list of conflicts, no factors
        return
    assert {"source", "status"} <= set(table.columns)
    words = table["status"].drop_nulls().str.split(" ").list.first().str.strip_chars(",;")
    assert set(words) <= STATUSES
    stated = table.filter(pl.col("source").is_null() | pl.col("status").is_null())
    assert stated.drop("source", "status").height == 0 or name == "ship_class_averages"


def test_datapackage_is_up_to_date():
    package = json.loads((DATA / "datapackage.json").read_text())
    rows = pl.read_csv(DATA / "resources.csv")
    assert [r["name"] for r in package["resources"]] == rows["name"].to_list()


def test_constant_carries_its_passport():
    constant = reference.constant("epa_service_margin")
    assert constant.value == 1.15
    assert constant.status == "checked"
    assert "EPA" in constant.source


def test_constants_are_unique():
    assert reference.load("constants")["id"].is_unique().all()


@pytest.mark.parametrize("call", [reference.constant, reference.load, reference.path])
def test_unknown_names_say_so(call):
    with pytest.raises(ReferenceDataError, match=r"no .* 'nonsense'"):
        call("nonsense")
