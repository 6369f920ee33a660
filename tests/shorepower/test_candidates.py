"""The candidates are what the tool makes of the inventory, and they say no more than their sources."""

import importlib.util
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sisterport.reference import load, path, resolve_locode, value
from sisterport.shorepower.registers import UNCODED_PORTS, outlet_candidates
from sisterport.shorepower.words import words

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def inventory(shared):
    return pl.read_csv(shared / "data/shorepower/ops_inventory.csv", infer_schema=False)


def test_the_file_is_what_the_tool_makes(shared):
    spec = importlib.util.spec_from_file_location("tool", ROOT / "tools/build_outlet_candidates.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    made = tool.candidates(shared / "data/shorepower")
    assert_frame_equal(pl.read_csv(path("outlet_candidates"), infer_schema=False), made)


@pytest.mark.parametrize("table", ["outlet_candidates", "outlet_gaps"])
def test_every_port_code_is_canonical(table, shared):
    """One port has no code in the ports table; it is held against UN/LOCODE 2023-1 itself."""
    codes = set(load(table)["locode"])
    for code in sorted(codes - set(UNCODED_PORTS)):
        assert resolve_locode(code) == code
    official = pl.read_parquet(shared / "data/ports/unlocode_2023-1.parquet").filter(pl.col("locode").is_in(codes))
    assert set(official["locode"]) == codes
    assert official.filter(pl.col("locode").is_in(UNCODED_PORTS))["is_port"].all()


def test_one_outlet_per_row_of_the_inventory(inventory):
    outlets = outlet_candidates()
    assert outlets["outlet_id"].n_unique() == inventory.height
    one = outlets.unique("outlet_id", keep="first", maintain_order=True)
    assert one["state"].to_list() == inventory["state"].to_list()
    assert one["outlets_n"].cast(pl.String).to_list() == inventory["n_outlets"].to_list()
    assert one["source"].to_list() == inventory["source"].to_list()
    assert one["ship_types"].to_list() == inventory["ship_types"].to_list()
    assert set(one["state"]) <= set(words("state"))


def test_every_voltage_and_frequency_of_a_source_is_there(inventory):
    names = outlet_candidates()["outlet_id"].unique(maintain_order=True)
    for name, row in zip(names, inventory.iter_rows(named=True), strict=True):
        rows = outlet_candidates().filter(outlet_id=name)
        for column in ("voltage_kv", "frequency_hz"):
            stated = {float(v) for v in (row[column] or "").split("|") if v}
            there = set(rows[column].drop_nulls())
            assert stated <= there
            # what is more comes from another source, and says from which
            other = rows.filter(~pl.col(column).is_in(stated) & pl.col(column).is_not_null())
            assert other[f"{column}_source"].null_count() == 0


def test_pairs_exist_only_where_a_source_says_so():
    sure = outlet_candidates().filter(pl.col("pair") == "exists")
    assert sure["frequency_hz_source"].null_count() == sure.height
    assert sure["voltage_kv_source"].null_count() == sure.height
    sets = sure.group_by("outlet_id").agg(pl.col("voltage_kv", "frequency_hz").n_unique())
    assert (sets.select(pl.min_horizontal("voltage_kv", "frequency_hz")).to_series() == 1).all()
    kiel = outlet_candidates().filter(outlet_id="DEKEL-schwedenkai")
    assert kiel["pair"].to_list() == ["possible"] * 4


def test_what_was_inferred_has_a_passport_of_its_own(inventory):
    outlets = outlet_candidates().unique("outlet_id", keep="first", maintain_order=True)
    for column, unit in (("frequency_hz", "Hz"), ("voltage_kv", "kV")):
        guessed = inventory["inferred_fields"].fill_null("").str.contains(rf"(^|; ){unit}\b")
        marked = outlets[f"{column}_source"].fill_null("").str.starts_with("inferred")
        assert marked.to_list() == guessed.to_list()
        assert set(outlets.filter(marked)[f"{column}_status"]) == {"unverified"}


def test_megawatts_do_not_become_megavoltampere(inventory):
    outlets = outlet_candidates().unique("outlet_id", keep="first", maintain_order=True)
    in_mw = inventory["power_unit"].fill_null("") == "mw"
    assert in_mw.sum() == 6
    for given, row in zip(
        inventory.filter(in_mw).iter_rows(named=True), outlets.filter(in_mw).iter_rows(named=True), strict=True
    ):
        assert row["plant_power_mva"] is None
        if given["mva_per_connection"] is None:
            assert row["power_mva"] is None
            assert f"{given['mva_total']} MW" in row["note"]
            continue
        low = float(given["mva_per_connection"])
        assert row["power_mva"] == low  # S >= P
        assert row["power_mva_high"] == pytest.approx(low / value("shore_power_factor_low"))
        assert row["power_mva_status"] == "unverified"
    assert outlets.filter(~in_mw)["power_mva_high"].null_count() == outlets.filter(~in_mw).height


def test_a_year_is_not_read_too_early(inventory):
    outlets = outlet_candidates().unique("outlet_id", keep="first", maintain_order=True)
    for given, since, state in zip(inventory["year"], outlets["since"], outlets["state"], strict=True):
        begun = state in {"operational", "commissioning", "trial", "pilot"}
        assert (None if since is None else str(since)) == (f"{given}-12-31" if given and begun else None)


def test_nothing_is_inferred_from_ship_types():
    outlets = outlet_candidates()
    assert outlets.drop_nulls("profile")["outlet_id"].to_list() == ["NOOSL-color-line-terminal"]
    assert outlets["side"].null_count() == outlets.height
