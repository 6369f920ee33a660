"""An EU-MRV publication alone: allowances from its own columns, FuelEU as a range, gaps counted."""

import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError
from sisterport.fleet import read_mrv
from sisterport.rules.from_mrv import from_mrv
from sisterport.rules.mrv_mix import fuel_mixes
from tests.conftest import missing

ROW = {
    "row": 4,
    "imo": 9_074_729,
    "period": 2024,
    "ship_type": "Container ship",
    "fuel_t": 1000.0,
    "co2_t": 3150.0,
    "co2_between_t": 1000.0,
    "co2_departed_t": 800.0,
    "co2_arrived_t": 1200.0,
    "co2_berth_t": 150.0,
    "hours_at_sea": 1000.0,
    "kg_per_nm": 80.0,
}
COUNTED = 1000 + 0.5 * 2000 + 150
CF = {"HFO": 3.114, "LFO": 3.151, "MDO": 3.206, "LNG": 2.75}
LCV = {"HFO": 40.5, "LFO": 41.0, "MDO": 42.7, "LNG": 49.1}
WTT = {"HFO": 13.5, "LFO": 13.2, "MDO": 14.4, "LNG": 18.5}


def report(**more) -> pl.DataFrame:
    return pl.DataFrame([ROW | more])


def one(found, law: str, quantity: str) -> dict:
    return found.compliance.filter(regulation=law, quantity=quantity).row(0, named=True)


def wtw(fuel: str) -> float:
    """Well-to-wake CO2e of oil, AR5, by hand [g/MJ]."""
    return WTT[fuel] + (CF[fuel] + 5e-5 * 28 + 1.8e-4 * 265) * 1e3 / LCV[fuel]


def test_allowances_come_from_the_columns_of_the_report() -> None:
    for year, phase in ((2024, 0.4), (2025, 0.7)):
        found = from_mrv(report(), year=year, allowance_eur=10.0)
        allowances = one(found, "ets", "allowances")
        assert allowances["value"] == allowances["low"] == allowances["high"] == pytest.approx(phase * COUNTED)
        assert one(found, "ets", "cost")["value"] == pytest.approx(10 * phase * COUNTED)
    from_2026 = one(from_mrv(report(), year=2026), "ets", "allowances")
    ratios = [(CF[fuel] + 5e-5 * 28 + 1.8e-4 * 265) / CF[fuel] for fuel in ("HFO", "MDO")]
    assert COUNTED * min(ratios) <= from_2026["low"] <= from_2026["high"] <= COUNTED * max(ratios)


def test_the_range_of_fueleu_is_that_of_all_mixes_of_oil() -> None:
    """Against a fine grid of mixes of three fuels with the report's mass and CO2."""
    balances = []
    for mdo in (x / 2000 for x in range(2001)):
        # HFO and LFO follow from mass and CO2
        lfo = (3.15 - CF["HFO"] - mdo * (CF["MDO"] - CF["HFO"])) / (CF["LFO"] - CF["HFO"])
        hfo = 1 - mdo - lfo
        if min(hfo, lfo) < -1e-9:
            continue
        mix = {"HFO": hfo, "LFO": lfo, "MDO": mdo}
        energy = {fuel: part * 1e6 * LCV[fuel] * COUNTED / 3150 for fuel, part in mix.items()}
        balances.append(sum((91.16 * 0.98 - wtw(fuel)) * mj for fuel, mj in energy.items()) / 1e6)
    found = one(from_mrv(report(), year=2025), "fueleu", "balance")
    assert found["low"] == pytest.approx(min(balances), rel=1e-3)
    assert found["high"] == pytest.approx(max(balances), rel=1e-3)
    assert found["value"] == pytest.approx((found["low"] + found["high"]) / 2)
    assert "mixes of fuels" in found["note"]


def test_lng_only_where_oil_cannot_explain_the_co2() -> None:
    oil = fuel_mixes(report())
    assert not any(name.startswith("LNG") for name in oil.mixes["fuel"])
    low = report(co2_t=2900.0)
    gas = fuel_mixes(low)
    assert set(gas.mixes.group_by("mix").agg(pl.col("fuel").str.starts_with("LNG").any())["fuel"]) == {True}
    assert fuel_mixes(low, lng="never").reasons.height == 1
    assert any(name.startswith("LNG") for name in fuel_mixes(report(), lng="always").mixes["fuel"])
    ranged = one(from_mrv(low, year=2025), "fueleu", "intensity")
    assert ranged["high"] - ranged["low"] > 5  # slip of the engine is not known
    with pytest.raises(MethodError, match="use of LNG"):
        fuel_mixes(report(), lng="maybe")
    with pytest.raises(InputError, match="oil may be"):
        fuel_mixes(report(), oil=("coal",))


def test_rounding_makes_no_lng_of_oil() -> None:
    assert set(fuel_mixes(report(co2_t=3113.2)).mixes.filter(pl.col("mass_t") > 0)["fuel"]) == {"HFO"}
    assert set(fuel_mixes(report(co2_t=3206.9)).mixes.filter(pl.col("mass_t") > 0)["fuel"]) == {"MDO"}


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1000), min_size=4, max_size=4).filter(lambda m: sum(m) > 1))
def test_the_true_mix_lies_in_the_range(masses) -> None:
    fuel = dict(zip(("HFO", "LFO", "MDO", "LNG"), masses, strict=True))
    mass, co2 = sum(masses), sum(m * CF[name] for name, m in fuel.items())
    made = report(fuel_t=mass, co2_t=co2, co2_between_t=co2, co2_departed_t=0, co2_arrived_t=0, co2_berth_t=0)
    found = one(from_mrv(made, year=2025, lng="always"), "fueleu", "balance")
    gas = (0.998 * (2.75 + 1.1e-4 * 265) + 0.002 * 28) * 1e3 / 49.1 + 18.5  # Diesel, slow speed
    factor = {name: gas if name == "LNG" else wtw(name) for name in fuel}
    true = sum((91.16 * 0.98 - factor[name]) * m * LCV[name] / 1e3 for name, m in fuel.items())
    assert found["low"] - 1e-6 * mass - 0.01 <= true <= found["high"] + 1e-6 * mass + 0.01


def test_mixes_keep_mass_and_co2() -> None:
    frames = pl.concat([report(row=i, co2_t=1000 * cf) for i, cf in enumerate((2.75, 2.9, 3.114, 3.13, 3.18, 3.206))])
    mixes = fuel_mixes(frames, lng="always").mixes
    carbon = pl.col("fuel").str.head(3).replace_strict(CF, return_dtype=pl.Float64)
    sums = mixes.group_by("row", "mix").agg(pl.col("mass_t").sum(), (pl.col("mass_t") * carbon).sum().alias("co2"))
    told = sums.join(frames.select("row", "co2_t"), on="row")
    assert (told["mass_t"] - 1000).abs().max() < 1e-6
    assert (told["co2"] - told["co2_t"]).abs().max() < 1e-6
    assert told["row"].n_unique() == 6
    assert (mixes["mass_t"] >= 0).all()


def test_parts_that_do_not_make_the_total_give_a_range() -> None:
    found = one(from_mrv(report(co2_t=3250.0, fuel_t=1030.0), year=2024), "ets", "allowances")
    assert found["value"] == found["low"] == pytest.approx(0.4 * COUNTED)
    assert found["high"] == pytest.approx(0.4 * (COUNTED + 100))
    assert "3150.0 t, the total 3250.0 t" in found["note"]
    less = one(from_mrv(report(co2_t=3000.0), year=2024), "ets", "allowances")
    assert less["low"] == pytest.approx(0.4 * COUNTED * 3000 / 3150)
    assert less["high"] == less["value"]


def test_cii_only_with_a_register() -> None:
    bare = from_mrv(report(), year=2025)
    assert one(bare, "cii", "rating")["note"].startswith("not computable: DWT missing")
    register = pl.DataFrame({"imo": [9_074_729], "dwt_t": [100_000.0], "gt": [90_000.0]})
    found = from_mrv(report(), year=2025, register=register)
    distance = 1000.0 * 1000 / 80.0
    assert one(found, "cii", "attained")["value"] == pytest.approx(3150e6 / (100_000 * distance))
    assert found.counts.filter(regulation="cii")["outcome"].to_list() == ["rated"]
    slow = from_mrv(report(hours_at_sea=8000.0), year=2025, register=register)
    assert slow.counts.filter(regulation="cii")["outcome"].to_list() == ["not computable: distance missing"]
    small = from_mrv(report(), year=2025, register=register.with_columns(gt=pl.lit(4000.0)))
    assert small.counts.sort("regulation").select("regulation", "outcome").rows() == [
        ("cii", "not in scope: below 5,000 GT"),
        ("ets", "below 5,000 GT"),
        ("fueleu", "not above 5,000 GT"),
    ]


def test_nothing_is_dropped() -> None:
    rows = pl.concat(
        [
            report(),
            report(
                row=5,
                fuel_t=0.0,
                co2_t=0.0,
                **{name: 0.0 for name in ROW if name.startswith("co2_") and name != "co2_t"},
            ),
            report(row=6, co2_t=9000.0),
            report(row=7).with_columns(imo=pl.lit(None, pl.Int64)),
            report(row=8),
        ]
    )
    found = from_mrv(rows, year=2025)
    per_law = found.counts.group_by("regulation").agg(pl.col("reports").sum())
    assert set(per_law["reports"]) == {5}
    outcomes = dict(found.counts.filter(regulation="fueleu").select("outcome", "reports").iter_rows())
    assert outcomes == {
        "range": 2,
        "no IMO number": 1,
        "not computable: no fuel reported": 1,
        "not computable: CO2 over fuel outside 2.75 to 3.206": 1,
    }
    twice = found.compliance.filter(pl.col("source_row").str.starts_with("EU-MRV row 8"), quantity="allowances")
    assert "several reports" in twice["note"].item()
    with pytest.raises(InputError, match="reports without row"):
        from_mrv(rows.drop("row"))


def test_years_before_the_laws_are_counted() -> None:
    found = from_mrv(report(period=2022))
    assert found.counts.filter(pl.col("regulation") != "cii")["outcome"].to_list() == ["not in force in 2022"] * 2
    assert set(found.compliance.filter(quantity="applies", regulation="ets")["value"]) == {0}


@pytest.fixture(scope="module")
def published(shared):
    file = shared / "data/test-only/mrv/thetis_mrv_2022.xlsx"
    if not file.is_file():
        missing("the EU-MRV publication of 2022 is absent")
    return read_mrv(file).reports


def test_the_whole_publication_against_plain_python(published) -> None:
    found = from_mrv(published, year=2025, allowance_eur=70.0)
    assert published.height == 12_788
    for law in ("fueleu", "ets", "cii"):
        assert found.counts.filter(regulation=law)["reports"].sum() == 12_788
    outcomes = dict(found.counts.filter(regulation="fueleu").select("outcome", "reports").iter_rows())
    assert outcomes["range"] == 12_545  # as docs/rules.md says
    assert outcomes["not computable: no fuel reported"] == 203
    assert outcomes["not computable: CO2 over fuel outside 2.75 to 3.206"] == 40
    due = found.compliance.filter(regulation="ets", quantity="allowances")
    total = 0.0
    by_hand = {}
    for row in published.iter_rows(named=True):
        counted = row["co2_between_t"] + row["co2_berth_t"] + (row["co2_departed_t"] + row["co2_arrived_t"]) / 2
        by_hand[f"EU-MRV row {row['row']}"] = 0.7 * counted
        total += 0.7 * counted
    assert due["value"].sum() == pytest.approx(total)
    told = dict(due.select("source_row", "value").iter_rows())
    for name in sorted(by_hand)[::64]:
        assert told[name] == pytest.approx(by_hand[name])


def test_ranges_of_the_publication_against_plain_python(published) -> None:
    found = from_mrv(published, year=2025).compliance.filter(regulation="fueleu", quantity="balance")
    told = {row["source_row"].split(";")[0]: row for row in found.iter_rows(named=True)}
    oil = [name for name in CF if name != "LNG"]
    rows = [r for r in published.iter_rows(named=True) if r["fuel_t"] and 3.12 < r["co2_t"] / r["fuel_t"] < 3.2]
    for row in rows[::200]:
        cf = row["co2_t"] / row["fuel_t"]
        parts = [row["co2_between_t"], row["co2_departed_t"], row["co2_arrived_t"], row["co2_berth_t"]]
        share = (parts[0] + parts[1] / 2 + parts[2] / 2 + parts[3]) / sum(parts)
        ends = []
        for light, heavy in itertools.combinations(oil, 2):
            if not CF[light] <= cf <= CF[heavy]:
                continue
            part = (cf - CF[light]) / (CF[heavy] - CF[light])
            mix = {light: 1 - part, heavy: part}
            ends.append(sum((91.16 * 0.98 - wtw(f)) * p * row["fuel_t"] * LCV[f] / 1e3 * share for f, p in mix.items()))
        got = told[f"EU-MRV row {row['row']}"]
        assert got["low"] == pytest.approx(min(ends), rel=1e-9, abs=1e-6)
        assert got["high"] == pytest.approx(max(ends), rel=1e-9, abs=1e-6)


def test_a_register_of_sizes_gives_ratings(published, shared) -> None:
    sizes = pl.read_csv(shared / "data/test-only/mrv/ship_sizes.csv").select(pl.col("imo").cast(pl.Int64), "gt")
    counts = from_mrv(published, year=2025, register=sizes.with_columns(dwt_t=pl.lit(None, pl.Float64))).counts
    outcomes = dict(counts.filter(regulation="cii").select("outcome", "reports").iter_rows())
    assert outcomes["not computable: DWT missing"] > 10_000
    assert sum(outcomes.values()) == 12_788
