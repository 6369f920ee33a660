"""A certificate holds as it was made, and no part of it can be changed unseen."""

import copy
import json
from importlib import import_module
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sisterport.errors import InputError
from sisterport.shorepower import proof, restated
from sisterport.shorepower.certificate import pack, to_json
from sisterport.shorepower.example import frames
from sisterport.shorepower.restated import floats
from sisterport.shorepower.upgrades import upgrades
from sisterport.shorepower.verify import verify

from . import upgrade_cases as cases

BUDGET = 9.0


@pytest.fixture(scope="module")
def record():
    return json.loads(to_json(upgrades(*frames(), budget_musd=BUDGET).certificate))


def test_it_holds_as_record_as_text_and_as_file(record, tmp_path):
    (tmp_path / "plan.json").write_text(to_json(record), encoding="utf-8")
    for form in (record, to_json(record), tmp_path / "plan.json", str(tmp_path / "plan.json")):
        assert verify(form, *frames()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r.update(value=r["value"] * 1.01), "value: the plan gains"),
        (lambda r: r.update(bound=r["bound"] * 0.99), "bound: the prices prove"),
        (lambda r: r["plan"].pop(), "lacks one of"),
        (lambda r: r["plan"].append(["inlet:box", 0, 1]), "MUSD spent"),
        (lambda r: r["plan"].append(["inlet:ferry1", 0, 1]), "at most 1"),
        (lambda r: r["plan"].append(["ghost", 0, 1]), "unknown upgrade 'ghost'"),
        (lambda r: r["plan"].append(["inlet:box", 0, -1]), "not allowed"),
        (lambda r: r["terms"].update(budget_musd=[5.0]), "MUSD spent"),
        (lambda r: r["terms"].update(objective="energy_mwh"), "value: the plan gains"),
        (lambda r: r.update(connected=pack(np.ones(5, bool))), "lacks one of"),
        (lambda r: r["shares"].append(["ferry1@a", 0, 2.0]), "share 2.0"),
        (lambda r: r["prices"].update(limit=pack([-1e-3])), "negative"),
        (lambda r: r["prices"].update(limit=pack([float("nan")])), "not finite"),
        (lambda r: r["prices"].update(limit=pack(floats(r["prices"]["limit"]) * 1.5)), "bound: the prices prove"),
        (lambda r: r["prices"].update(option=pack(floats(r["prices"]["option"]) * 0.5)), "bound: the prices prove"),
        (lambda r: r["prices"].update(option=pack(floats(r["prices"]["option"])[:-1])), "do not fit"),
        (lambda r: r["prices"].update(option=r["prices"]["option"][:10]), "do not fit"),
        (lambda r: r.pop("prices"), "do not fit"),
    ],
)
def test_a_changed_certificate_is_refused(record, change, words):
    changed = copy.deepcopy(record)
    change(changed)
    faults = verify(changed, *frames())
    assert faults
    assert any(words in fault for fault in faults), faults


@pytest.mark.parametrize(
    "change",
    [
        lambda u, e, n: (u.with_columns(cost_musd=pl.col("cost_musd") * 2), e, n),
        lambda u, e, n: (u, e.with_columns(co2e_t=pl.col("co2e_t") * 0.9), n),
        lambda u, e, n: (u, e.with_columns(co2e_t=pl.col("co2e_t") * 1.1), n),
        lambda u, e, n: (u, e, n.filter(pl.col("need") != 5)),
    ],
)
def test_it_holds_for_its_own_frames_only(record, change):
    assert verify(record, *change(*frames()))


@pytest.mark.parametrize("seed", range(60))
def test_any_prices_prove_a_true_bound(seed):
    """Whatever the prices: what verify adds up is never below the best plan."""
    network = cases.network(seed)
    record = upgrades(*network, budget_musd=5.0, method="lagrangian").certificate
    best = max(cases.gain(*network, units) for units in cases.plans(network[0], 5.0))
    rng = np.random.default_rng(seed)
    for size in (0.0, 0.3, 1.0, 3.0):
        changed = copy.deepcopy(record)
        for name, text in record["prices"].items():
            values = floats(text)
            changed["prices"][name] = pack(np.abs(values + rng.normal(0, size, values.size) * values.max(initial=0.0)))
        assert proof.bound(restated.Case(changed, *network)) >= best - 1e-6


def test_verify_uses_none_of_the_optimisers_code():
    allowed = {"sisterport.shorepower.proof", "sisterport.shorepower.restated"}
    for name in ("verify", "proof", "restated"):
        source = Path(import_module(f"sisterport.shorepower.{name}").__file__).read_text(encoding="utf-8")
        used = {line.split()[1] for line in source.splitlines() if line.startswith("from sisterport.shorepower")}
        assert used <= allowed


def test_the_same_plan_gives_the_same_text():
    texts = {to_json(upgrades(*cases.network(3), budget_musd=4.0, method="lagrangian").certificate) for _ in range(3)}
    assert len(texts) == 1


@pytest.mark.parametrize("text", ["{broken", "no/such/file.json"])
def test_what_cannot_be_read_is_an_input_error(text):
    with pytest.raises(InputError, match="certificate"):
        verify(text, *frames())
