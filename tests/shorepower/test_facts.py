"""What was only concluded can be left out, and then it is unknown and not false."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sisterport.errors import InputError
from sisterport.shorepower.facts import known_facts, stated_only
from sisterport.shorepower.registers import UNCODED_PORTS, outlet_candidates, read_inlets, read_outlets


def test_inferred_frequencies_are_left_out_and_nothing_else():
    everything, stated = outlet_candidates(), stated_only(outlet_candidates())
    assert stated["outlet_id"].unique(maintain_order=True).equals(everything["outlet_id"].unique(maintain_order=True))
    before = {c: (n, guessed) for c, n, guessed, _ in known_facts(everything).rows()}
    after = {c: (n, guessed) for c, n, guessed, _ in known_facts(stated).rows()}
    for column, (known, guessed) in before.items():
        if column != "pair":
            assert after[column] == (known - guessed, 0), column
    assert before["frequency_hz"][1] > 0
    assert before["voltage_kv"][1] > 0
    assert stated.filter(pl.col("pair").is_not_null() & pl.col("frequency_hz").is_null()).is_empty()


def test_the_result_is_a_register():
    stated = stated_only(outlet_candidates())
    assert stated.select(pl.struct("outlet_id", "voltage_kv", "frequency_hz").is_unique().all()).item()
    again = read_outlets(stated, known_ports=UNCODED_PORTS)
    assert_frame_equal(again, stated.select(again.columns))


def test_a_range_from_megawatts_is_no_conclusion():
    rotterdam = stated_only(outlet_candidates()).filter(pl.col("power_mva_high").is_not_null())
    assert rotterdam["outlet_id"].n_unique() == 5


def test_a_register_without_passports_stays_as_it_is():
    inlets = read_inlets(pl.DataFrame([{"inlet_id": "i", "imo": 9074729, "source": "s", "status": "checked"}]))
    assert_frame_equal(stated_only(inlets), inlets)
    assert known_facts(inlets).filter(column="imo").row(0) == ("imo", 1, 0, 1)


def test_another_frame_is_refused():
    with pytest.raises(InputError, match="no register"):
        stated_only(pl.DataFrame({"imo": [1]}))
