"""Bands: widths follow from the table of spreads, shared errors do not average out, nothing depends on order."""

import hashlib
import subprocess
import sys
from datetime import timedelta
from importlib.resources import as_file, files
from pathlib import Path
from statistics import NormalDist
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl
import pytest

from sisterport import bands
from sisterport.draws import normals
from sisterport.errors import MethodError
from sisterport.inventory import emissions, spreads, summarise
from sisterport.inventory.cells import cells_of, rows_with_kinds
from sisterport.inventory.uncertainty import draw_sums
from sisterport.project import pipeline, read_project
from sisterport.reference import load
from sisterport.voyages import build_zones, mode_rules
from sisterport.voyages import segments as segmented

from .frames import START, segment, segments, ship, ships

Z90 = NormalDist().inv_cdf(0.9)
AVERAGE = {"power_kw_source": "class average", "v_ref_kn_source": "class average", "ship_class": "vehicle"}


def sd(name: str, how: str, kind: str | None = None) -> float:
    """Look the spread up in the table itself."""
    rows = load("uncertainty_inputs").filter(input=name, grade=how).filter(pl.col("ship_class").eq_missing(kind))
    return float(rows["sd_ln"].item())


def cruise(count: int, *, days: int = 1, **given: Any) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return emissions, segments and ships: each ship cruises for an hour on each day."""
    fleet = ships(*(ship(366000001 + n, **given) for n in range(count)))
    rows = [
        segment(n * days + day, [(0.5, 1.0)], mmsi=366000001 + n, start_utc=START + timedelta(days=day))
        for n in range(count)
        for day in range(days)
    ]
    parts = segments(*rows)
    return emissions(parts, fleet), parts, fleet


def berth(count: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    fleet = ships(*(ship(366000001 + n) for n in range(count)))
    parts = segments(*(segment(n, mode="berth", mmsi=366000001 + n, hours=5.0) for n in range(count)))
    return emissions(parts, fleet), parts, fleet


def main_only(frames: tuple[pl.DataFrame, ...]) -> tuple[pl.DataFrame, ...]:
    return frames[0].filter(system="main"), *frames[1:]


def relative(frame: pl.DataFrame, name: str) -> tuple[float, float, float]:
    value, low, high = frame.select(name, f"{name}_low", f"{name}_high").row(0)
    return value, low / value, high / value


def ends(width: float) -> tuple[float, float]:
    """Return the 10th and 90th percentile of a log-normal factor with mean one."""
    return float(np.exp(-Z90 * width - width**2 / 2)), float(np.exp(Z90 * width - width**2 / 2))


def test_one_ship_has_the_log_normal_band_of_its_inputs():
    frames = main_only(cruise(1, power_kw_source="register", v_ref_kn_source="register: maximum speed"))
    got = relative(bands(*frames, by=[], amounts=["energy_kwh"], draws=40_000), "energy_kwh")
    parts = (sd("particulars", "register"), 3 * sd("speed", "transmitted"), sd("draught", "unknown"))
    assert frames[2]["draught_ref_m"][0] is None
    width = float(np.hypot(np.hypot(*parts[:2]), np.hypot(parts[2], sd("weather", "class"))))
    assert got[1:] == pytest.approx(ends(width), rel=0.015)
    assert got[0] == frames[0]["energy_kwh"].sum(), "the printed value is the plain calculation"


def test_factors_add_their_own_width():
    frames = main_only(cruise(1))
    plain = bands(*frames, by=[], amounts=["energy_kwh", "nox_kg", "co2_t"], draws=40_000)
    width = {name: np.log(high / low) / 2 / Z90 for name, low, high in named_ends(plain)}
    assert width["nox_kg"] ** 2 - width["energy_kwh"] ** 2 == pytest.approx(sd("factor_nox", "table") ** 2, abs=0.004)
    both = sd("factor_co2", "table") ** 2 + sd("consumption", "table") ** 2
    assert width["co2_t"] ** 2 - width["energy_kwh"] ** 2 == pytest.approx(both, abs=0.004)


def named_ends(frame: pl.DataFrame) -> list[tuple[str, float, float]]:
    names = [name.removesuffix("_low") for name in frame.columns if name.endswith("_low")]
    return [(name, *frame.select(f"{name}_low", f"{name}_high").row(0)) for name in names]


@pytest.mark.parametrize(("name", "system"), [("auxiliary_power", "auxiliary_engine"), ("boiler_power", "boiler")])
def test_errors_of_a_class_do_not_average_out_and_those_of_ships_do(name: str, system: str):
    count, frames = 25, berth(25)
    rows = frames[0].filter(system=system)
    sums = drawn((rows, *frames[1:]), [], "energy_kwh", draws=20_000)[0]
    of_class, of_ship = (np.expm1(sd(name, how) ** 2) for how in ("table", "one ship"))
    expected = (1 + of_class) * (1 + of_ship / count) - 1
    assert sums.std() / sums.mean() == pytest.approx(np.sqrt(expected), rel=0.03)
    assert sums.mean() == pytest.approx(rows["energy_kwh"].sum(), rel=0.01), "every factor has mean one"
    assert np.sqrt(expected) > 1.5 * np.sqrt(((1 + of_class) * (1 + of_ship) - 1) / count), "as if nothing were shared"


def drawn(frames: tuple[pl.DataFrame, ...], by: list[str], name: str, **options: Any) -> np.ndarray:
    groups = summarise(*frames, by=by)
    keys = groups.select(groups.columns[: groups.columns.index("ships")])
    cells = cells_of(rows_with_kinds(*frames, by, None, [name], "AR5"), keys, frames[2], [name], "AR5")
    blocks = [block for _, block in draw_sums(cells, [name], **{"draws": 1000, "seed": 1} | options)]
    return np.concatenate(blocks)[:, 0, :]


def test_two_classes_are_narrower_than_one():
    frames = berth(2)
    other = ships(ship(366000001), ship(366000002, ship_class="bulk_carrier", size_bin=4, size=50_000.0))
    mixed = emissions(frames[1], other).filter(system="auxiliary_engine")
    same = frames[0].filter(system="auxiliary_engine")
    alike = drawn((same, *frames[1:]), [], "energy_kwh", draws=20_000)[0]
    apart = drawn((mixed.with_columns(energy_kwh=pl.lit(1.0)), frames[1], other), [], "energy_kwh", draws=20_000)[0]
    of_class, of_ship = (np.expm1(sd("auxiliary_power", how) ** 2) for how in ("table", "one ship"))
    assert (alike.std() / alike.mean()) ** 2 == pytest.approx((1 + of_class) * (1 + of_ship / 2) - 1, rel=0.06)
    assert (apart.std() / apart.mean()) ** 2 == pytest.approx(((1 + of_class) * (1 + of_ship) - 1) / 2, rel=0.06)


def test_a_bridged_hole_is_one_error_however_it_is_cut():
    fleet = ships(ship())
    hole = {"quality": "bridged", "gap_max_h": 9.5}
    rows = [segment(n, [(0.5, 1.0)], start_utc=START + timedelta(days=n), **hole) for n in range(6)]
    parts = segments(*rows)
    frames = (emissions(parts, fleet).filter(system="main"), parts, fleet)
    one = drawn(frames, ["date"], "energy_kwh")
    assert np.allclose(one, one[0], rtol=1e-12), "six days of one hole err alike"
    other = segments(*(row | {"gap_max_h": 9.5 + n} for n, row in enumerate(rows)))
    six = drawn((frames[0], other, fleet), ["date"], "energy_kwh")
    assert np.log(six.sum(axis=0)).std() < 0.7 * np.log(one.sum(axis=0)).std()


def test_a_total_is_relatively_narrower_than_its_ships_and_is_the_sum_of_its_parts():
    frames = cruise(30, days=3)
    total, by_ship = (drawn(frames, by, "co2e_wtw_t") for by in ([], ["mmsi"]))
    assert np.allclose(total[0], by_ship.sum(axis=0), rtol=1e-12)
    assert np.allclose(total[0], drawn(frames, ["system", "date"], "co2e_wtw_t").sum(axis=0), rtol=1e-12)
    assert total[0].std() / total[0].mean() < 0.7 * (by_ship.std(axis=1) / by_ship.mean(axis=1)).min()


def test_the_same_bytes_for_any_order_and_any_choice_of_groups():
    frames = cruise(20, days=3)
    usual = bands(*frames, by=["mmsi", "mode"])
    shuffled = [frame.sample(fraction=1.0, shuffle=True, seed=5) for frame in frames]
    for other in (shuffled, [frame.reverse() for frame in frames]):
        again = bands(*other, by=["mmsi", "mode"])
        bounds = [name for name in usual.columns if name.endswith(("_low", "_high", "_bias"))]
        assert again.select(bounds).equals(usual.select(bounds))
    alone = bands(frames[0].filter(pl.col("segment_id") < 3), *frames[1:], by=["mmsi", "mode"])
    assert usual.row(0) == alone.row(0), "a ship's band does not depend on who else is there"
    short = bands(*frames, by=["mmsi", "mode"], amounts=["nox_kg"])
    assert short["nox_kg_low"].equals(usual["nox_kg_low"])


def test_large_groups_are_cut_into_blocks_that_add_up(monkeypatch: pytest.MonkeyPatch):
    frames = cruise(40, days=2)
    whole = drawn(frames, ["group", "system"], "co2e_ttw_t", draws=200)
    monkeypatch.setattr("sisterport.inventory.uncertainty._NUMBERS", 64 * 200)
    assert np.allclose(whole, drawn(frames, ["group", "system"], "co2e_ttw_t", draws=200), rtol=1e-12)


def test_the_number_of_threads_changes_no_byte(tmp_path: Path):
    for name, frame in zip(("e", "s", "f"), cruise(30, days=4), strict=True):
        frame.write_parquet(tmp_path / f"{name}.parquet")
    code = (
        "import polars as pl, sisterport as sp, sys;"
        "f = [pl.read_parquet(f'{n}.parquet') for n in 'esf'];"
        "sys.stdout.write(str(sp.bands(*f, by=['mode', 'system']).to_dicts()))"
    )
    found = set()
    for threads in ("1", "2", "4"):
        env = {"POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": threads, "PATH": "/usr/bin:/bin"}
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, check=True)
        found.add(hashlib.sha256(done.stdout).hexdigest())
        assert b"co2e_ttw_t_low" in done.stdout
    assert len(found) == 1


def test_another_seed_differs_a_little():
    frames = cruise(10)
    first, second = (bands(*frames, by=[], seed=seed) for seed in (1, 2))
    for name, low, high in named_ends(first):
        got = second.select(f"{name}_low", f"{name}_high").row(0)
        assert got != (low, high)
        assert got == pytest.approx((low, high), rel=0.06)


def test_nothing_known_stays_null_and_nothing_burnt_stays_zero():
    fleet = ships(ship(366000001, power_kw=None, v_ref_kn=None, size_bin=None, size=None, ship_class="unknown_cargo"))
    parts = segments(segment(0, [(0.5, 1.0)]))
    unknown = bands(emissions(parts, fleet), parts, fleet, by=[], amounts=["co2e_ttw_t", "nox_kg"])
    assert unknown.row(0) == (None,) * 8
    frames = berth(1)
    zero = bands(frames[0].filter(system="main"), *frames[1:], by=[], amounts=["energy_kwh"])
    assert zero.row(0) == (0.0, 0.0, 0.0, 0.0)


def test_values_are_those_of_the_summary():
    frames = cruise(5, days=2)
    keys = ["system", "fuel"]
    amounts = ["energy_kwh", "fuel_t", "co2_t", "co2e_wtw_t", "pm10_kg", "bc_kg", "ch4_kg", "n2o_kg", "nmvoc_kg"]
    got, plain = bands(*frames, by=keys, amounts=amounts), summarise(*frames, by=keys)
    assert got.select(keys + amounts).equals(plain.select(keys + amounts))
    for name in amounts:
        assert (got[f"{name}_low"] <= got[name]).all()
        assert (got[name] <= got[f"{name}_high"]).all()


def test_a_known_bias_is_stated_or_corrected():
    frames = main_only(cruise(3, **AVERAGE))
    table = load("uncertainty_inputs").filter(pl.col("ship_class").is_null())
    known = dict(table.select(pl.concat_str("input", pl.lit(" "), "grade"), "bias_ln").iter_rows())
    too_high = np.expm1(known["particulars class average"] + known["draught unknown"])
    stated, corrected = (bands(*frames, by=[], amounts=["energy_kwh"], bias=how) for how in ("state", "correct"))
    value, low, high, bias = stated.row(0)
    assert bias == pytest.approx(too_high, rel=1e-12)
    assert value == frames[0]["energy_kwh"].sum()
    assert corrected.row(0) == pytest.approx(
        (value / (1 + too_high), low / (1 + too_high), high / (1 + too_high), too_high)
    )


def test_an_80_percent_band_holds_four_of_five_truths():
    """Truths of 300 ships drawn by numpy's own generator with the spreads of the table."""
    frames = main_only(cruise(300, **AVERAGE))
    got = bands(*frames, by=["mmsi"], amounts=["energy_kwh"])
    rng = np.random.default_rng(11)
    widths = [sd("particulars", "class average"), 3 * sd("speed", "transmitted"), sd("draught", "unknown")]
    inside = []
    for _ in range(40):
        shared = rng.normal() * sd("weather", "class")
        logs = shared + sum(rng.normal(size=300) * width for width in widths)
        variance = sd("weather", "class") ** 2 + sum(width**2 for width in widths)
        truth = got["energy_kwh"].to_numpy() * np.exp(logs - variance / 2)
        inside.append((truth >= got["energy_kwh_low"].to_numpy()) & (truth <= got["energy_kwh_high"].to_numpy()))
    assert 0.78 < np.mean(inside) < 0.82


def test_random_numbers_are_normal_and_independent():
    numbers = normals([f"ship {n}" for n in range(400)], draws=1000, seed=3)
    assert abs(numbers.mean()) < 0.006
    assert numbers.std() == pytest.approx(1.0, abs=0.005)
    assert np.mean(numbers < -Z90) == pytest.approx(0.1, abs=0.002)
    assert np.mean(numbers**4) == pytest.approx(3.0, abs=0.05)
    between = np.corrcoef(numbers)[np.triu_indices(400, 1)]
    assert between.std() == pytest.approx(1 / np.sqrt(1000), rel=0.03)
    assert abs(np.corrcoef(numbers[:, :-1].ravel(), numbers[:, 1:].ravel())[0, 1]) < 0.006


def test_widths_are_those_of_the_table():
    for row in load("uncertainty_inputs").iter_rows(named=True):
        how, kind = row["grade"], row["ship_class"]
        assert spreads.spread_of(row["input"], how, kind).sd_ln == row["sd_ln"]


def test_what_cannot_be_drawn_is_refused():
    frames = cruise(1)
    with pytest.raises(MethodError, match="level"):
        bands(*frames, level=80)
    with pytest.raises(MethodError, match="draws"):
        bands(*frames, draws=1)
    with pytest.raises(MethodError, match="shore_kwh"):
        bands(*frames, amounts=["shore_kwh"])
    with pytest.raises(MethodError, match="gwp="):
        bands(*frames, gwp="AR6")


@pytest.fixture(scope="module")
def demo() -> tuple[Any, Any, pl.DataFrame]:
    """Return the week of the demo: positions, zones, ships."""
    with as_file(files("sisterport.demo").joinpath("new_york")) as folder:
        config = read_project(folder / "project.toml")
        source = pipeline.read_source(config.periods[1])
    zones = build_zones(pipeline.project_areas(config), near_nm=mode_rules("sisterport").near_nm)
    return source.fixes, zones, pipeline.particulars(source.statics, None)


def test_caps_matter_little_against_a_rerun(demo: tuple[Any, Any, pl.DataFrame]):
    """Reference speeds that err, run through the kernel with its caps, scatter the sum as the factors do.

    An error of speed acts cubed and is held by caps and the engine-off limit; here both are worked out for the same
    numbers on the week of the demo.
    """
    fixes, zones, fleet = demo
    fleet = fleet.filter(pl.col("power_kw").is_not_null() & pl.col("v_ref_kn").is_not_null())
    width, runs = sd("particulars", "class average"), 30
    numbers = normals([str(mmsi) for mmsi in fleet["mmsi"]], draws=runs, seed=9)

    def energy(v_ref: pl.Series) -> tuple[float, pl.DataFrame]:
        parts, _ = segmented(fixes, fleet.with_columns(v_ref_kn=v_ref), zones)
        joined = parts.filter("in_domain").join(fleet.select("mmsi", "power_kw"), on="mmsi")
        per_ship = joined.group_by("mmsi").agg(kwh=(pl.col("lf_h") * pl.col("power_kw")).sum())
        return per_ship["kwh"].sum(), per_ship

    plain, per_ship = energy(fleet["v_ref_kn"])
    own = (
        fleet.select("mmsi").join(per_ship, on="mmsi", how="left", maintain_order="left")["kwh"].fill_null(0).to_numpy()
    )
    rerun = np.array([energy(fleet["v_ref_kn"] * np.exp(-width * numbers[:, run] / 3))[0] for run in range(runs)])
    factors = (own[:, None] * np.exp(width * numbers)).sum(axis=0)
    assert np.corrcoef(rerun, factors)[0, 1] > 0.95
    assert rerun.std() == pytest.approx(factors.std(), rel=0.2)
    assert rerun.mean() == pytest.approx(factors.mean(), rel=0.05)
    assert plain > 0


def test_a_thousand_draws_of_the_demo_take_less_than_ten_seconds(demo: tuple[Any, Any, pl.DataFrame]):
    fixes, zones, fleet = demo
    parts = segmented(fixes, fleet, zones)[0].filter("in_domain")
    rows = emissions(parts, fleet)
    began = perf_counter()
    got = bands(rows, parts, fleet, by=["group", "mode"])
    assert perf_counter() - began < 10
    assert got["co2e_ttw_t_high"].drop_nulls().len() > 3
