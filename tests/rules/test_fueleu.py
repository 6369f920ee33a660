"""FuelEU Maritime against the legal text by hand, published figures and what must always hold."""

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError, ReferenceDataError, SchemaError
from sisterport.reference import load
from sisterport.rules import fueleu
from sisterport.rules.fueleu_balance import balances, ship_balance
from sisterport.rules.fueleu_fuels import annex2, factors, fuel_energy, fuel_id

YEARS = st.integers(2025, 2055)
GWP = st.sampled_from(["AR4", "AR5"])
FOSSIL = ["HFO", "LFO", "MDO", "LNG_otto_ms", "LNG_otto_ss", "LNG_diesel_ss", "LNG_lbsi", "MeOH_ng", "LPG_propane"]
MASSES = st.dictionaries(st.sampled_from(FOSSIL), st.floats(1, 1e5), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("first", "last", "cut"),
    [(2025, 2029, 2), (2030, 2034, 6), (2035, 2039, 14.5), (2040, 2044, 31), (2045, 2049, 62), (2050, 2070, 80)],
)
def test_one_limit_for_five_years(first: int, last: int, cut: float) -> None:
    for year in range(first, last + 1):
        assert fueleu.limit(year).value == pytest.approx(91.16 * (100 - cut) / 100, rel=1e-12)
        assert fueleu.limit(year).status == "checked"


def test_the_limit_never_rises() -> None:
    limits = [fueleu.limit(year).value for year in range(2025, 2060)]
    assert limits == sorted(limits, reverse=True)


@pytest.mark.parametrize(
    "call",
    [
        lambda: fueleu.limit(2024),
        lambda: ship_balance({"HFO": 1.0}, year=2024),
        lambda: fueleu.rfnbo_subtarget(2024, share_2031=0.0),
    ],
)
def test_a_year_before_the_law_names_the_row(call) -> None:
    with pytest.raises(ReferenceDataError, match=r"fueleu_(limits|rules).*2024"):
        call()


@pytest.mark.parametrize(("gwp", "ch4", "n2o"), [("AR4", 25, 298), ("AR5", 28, 265)])
def test_intensity_by_hand(gwp: str, ch4: float, n2o: float) -> None:
    """Annex I with the numbers of Annex II typed anew: 900 t HFO and 300 t LNG in a medium-speed Otto engine."""
    hfo, lng = 900e6 * 0.0405, 300e6 * 0.0491  # MJ
    wtt = 13.5 * hfo + 18.5 * lng
    ttw = 900e6 * (3.114 + 5e-5 * ch4 + 0.00018 * n2o)
    ttw += 300e6 * (0.969 * (2.75 + 0.00011 * n2o) + 0.031 * ch4)
    found = ship_balance({"HFO": 900.0, "LNG_otto_ms": 300.0}, year=2031, gwp=gwp)
    assert found.intensity_g_per_mj == pytest.approx((wtt + ttw) / (hfo + lng), rel=1e-12)
    assert found.balance_t == pytest.approx((91.16 * 0.94 * (hfo + lng) - wtt - ttw) / 1e6, rel=1e-9)
    assert (found.gwp, found.status) == (gwp, "checked")
    assert "fueleu_limits: 2030" in found.rows
    assert "LNG_otto_ms" in found.rows


@pytest.mark.parametrize(("gwp", "penalty", "off"), [("AR5", 753_617, 0.005), ("AR4", 802_008, 0.07)])
def test_published_benchmark(gwp: str, penalty: float, off: float) -> None:
    """12,000 t HFO and 1,400 t MDO in 2025: published as about EUR 750,000, which only AR5 comes near."""
    ch4, n2o = {"AR5": (28, 265), "AR4": (25, 298)}[gwp]
    energy = 12e9 * 0.0405 + 1.4e9 * 0.0427
    gases = 12e9 * (13.5 * 0.0405 + 3.114) + 1.4e9 * (14.4 * 0.0427 + 3.206) + 13.4e9 * (5e-5 * ch4 + 0.00018 * n2o)
    intensity = gases / energy
    by_hand = (intensity - 0.98 * 91.16) * energy / (intensity * 41_000) * 2_400
    found = ship_balance({"HFO": 12_000.0, "MDO": 1_400.0}, year=2025, gwp=gwp).penalty_eur
    assert found == pytest.approx(by_hand, rel=1e-9)
    assert round(found) == penalty
    assert found == pytest.approx(750_000, rel=off)


@given(MASSES, YEARS, GWP, st.floats(0, 0.3), st.floats(0, 1e4), st.floats(-10, 28), st.floats(0, 1e7))
def test_identity_of_the_balance(masses, year, gwp, wind, e_methanol_t, certified, shore) -> None:
    """CB = (limit D - N) E / D, with N after the wind factor: what planners need to make it linear."""
    found = ship_balance(
        {**masses, "e_methanol": e_methanol_t},
        year=year,
        gwp=gwp,
        wind_ratio=wind,
        shore_mj=shore,
        certified={"e_methanol": {"certified_e_g_per_mj": certified}},
    )
    d, e, n = found.rewarded_mj, found.energy_mj, found.f_wind * found.emissions_t * 1e6
    right = (found.limit_g_per_mj * d - n) * e / d / 1e6
    assert found.balance_t == pytest.approx(right, rel=1e-9, abs=1e-9 * found.limit_g_per_mj * e / 1e6)
    methanol = e_methanol_t * 1e3 * 19.9
    assert d - e == pytest.approx(methanol if year < 2034 else 0, rel=1e-6, abs=1e-6 * e)
    assert found.rfnbo_share == pytest.approx(methanol / e, rel=1e-9, abs=1e-12)


@given(MASSES, YEARS, st.floats(1e-3, 1e3))
def test_scaling_all_masses_leaves_the_intensity(masses, year, factor) -> None:
    one = ship_balance(masses, year=year)
    more = ship_balance({fuel: mass * factor for fuel, mass in masses.items()}, year=year)
    assert more.intensity_g_per_mj == pytest.approx(one.intensity_g_per_mj, rel=1e-12)
    assert more.balance_t == pytest.approx(one.balance_t * factor, rel=1e-9, abs=1e-9 * more.energy_mj / 1e6)
    assert more.penalty_eur == pytest.approx(one.penalty_eur * factor, rel=1e-9, abs=1e-9 * more.energy_mj / 1e6)


@given(MASSES, YEARS, st.floats(0, 1e9))
def test_zero_emission_energy_never_raises_the_intensity(masses, year, shore) -> None:
    without, with_shore = ship_balance(masses, year=year), ship_balance(masses, year=year, shore_mj=shore)
    assert with_shore.intensity_g_per_mj <= without.intensity_g_per_mj * (1 + 1e-12)
    assert with_shore.emissions_t == without.emissions_t
    assert with_shore.energy_mj == pytest.approx(without.energy_mj + shore)


@given(MASSES, YEARS, st.floats(1, 1e5), st.floats(-50, 150), st.floats(-50, 150), st.integers(0, 5))
def test_a_cleaner_fuel_never_raises_the_penalty(masses, year, bio_t, one, other, before) -> None:
    def penalty(e: float) -> float:
        return ship_balance(
            {**masses, "bio_hvo": bio_t},
            year=year,
            certified={"bio_hvo": {"certified_e_g_per_mj": e}},
            penalties_before=before,
        ).penalty_eur

    assert penalty(min(one, other)) <= penalty(max(one, other)) * (1 + 1e-9)


@given(st.lists(st.floats(1, 1e5), min_size=1, max_size=6), YEARS)
def test_balances_of_ships_of_one_fuel_add_up(masses, year) -> None:
    rows = pl.DataFrame(
        {
            "ship_id": [f"imo:{i}" for i in range(len(masses))],
            "year": year,
            "fuel": "LFO",
            "mass_t": masses,
            "scope_share": 1.0,
        }
    )
    each = balances(rows)
    together = ship_balance({"LFO": sum(masses)}, year=year)
    assert each["balance_t"].sum() == pytest.approx(together.balance_t, rel=1e-9)
    assert each["penalty_eur"].sum() == pytest.approx(together.penalty_eur, rel=1e-9)


def test_the_penalty_is_by_the_actual_intensity_and_grows_with_penalties_in_a_row() -> None:
    first = ship_balance({"HFO": 1000.0}, year=2025)
    assert first.penalty_eur == pytest.approx(91.7096e6 / (91.601235 * 41_000) * 2_400, rel=1e-6)
    third = ship_balance({"HFO": 1000.0}, year=2025, penalties_before=2)
    assert third.penalty_eur == pytest.approx(first.penalty_eur * 1.2, rel=1e-12)
    assert (first.penalty_n, third.penalty_n) == (1, 3)
    assert fueleu.penalty_rate(91.601235, 3).value * -first.balance_t == pytest.approx(third.penalty_eur, rel=1e-6)


def test_the_reward_is_in_the_denominator_only_and_ends() -> None:
    own = {"e_methanol": {"certified_wtw_g_per_mj": 5.0}}
    before = ship_balance({"HFO": 900.0, "e_methanol": 200.0}, year=2033, certified=own)
    after = ship_balance({"HFO": 900.0, "e_methanol": 200.0}, year=2034, certified=own)
    assert before.energy_mj == after.energy_mj == pytest.approx(900e3 * 40.5 + 200e3 * 19.9)
    assert before.emissions_t == after.emissions_t
    assert before.rewarded_mj - after.rewarded_mj == pytest.approx(200e3 * 19.9)
    assert after.intensity_g_per_mj == pytest.approx(83.076057, rel=1e-6)


def test_certified_e_adds_what_the_engine_leaves() -> None:
    """E balances the carbon; slip and N2O of the engine come on top: bio-LNG in a medium-speed Otto engine."""
    rows = _fuel(["bio_lng_otto_ms", "bio_hvo"], certified_e_g_per_mj=[10.0, 10.0])
    found = dict(fuel_energy(rows).select("fuel", "wtw_g_per_mj").iter_rows())
    slip = (0.969 * (2.75 + 0.00011 * 265) + 0.031 * 28 - 2.75) / 0.0491
    assert found["bio_lng_otto_ms"] == pytest.approx(10 + slip, rel=1e-9)
    assert found["bio_hvo"] == pytest.approx(10 + (5e-5 * 28 + 0.00018 * 265) / 0.044, rel=1e-9)


def _fuel(fuels: list[str], **columns) -> pl.DataFrame:
    base = {"ship_id": ["imo:1"] * len(fuels), "year": 2026, "fuel": fuels, "mass_t": 100.0, "scope_share": 1.0}
    return pl.DataFrame(base | columns)


@pytest.mark.parametrize(
    ("fuel", "columns", "counts_as"),
    [
        ("bio_fame", {}, "MDO"),
        ("bio_fame", {"certified_e_g_per_mj": [10.0], "food_or_feed": [True]}, "MDO"),
        ("e_methanol", {"certified_e_g_per_mj": [28.3]}, "MeOH_ng"),
        ("bio_lng_otto_ss", {}, "LNG_otto_ss"),
        ("e_nh3", {"certified_wtw_g_per_mj": [60.0]}, "NH3_ng"),
    ],
)
def test_what_counts_as_the_least_favourable_fossil_fuel_says_so(fuel, columns, counts_as) -> None:
    found = fuel_energy(_fuel([fuel], **columns)).row(0, named=True)
    right = factors().filter(fuel=counts_as)["wtw_g_per_mj"].item()
    assert (found["factor_source"], found["wtw_g_per_mj"]) == ("least_favourable", right)
    assert found["rfnbo_mj"] == 0
    assert found["rewarded_mj"] == found["energy_mj"]
    balance = balances(_fuel([fuel], **columns)).row(0, named=True)
    assert balance["least_favourable_mj"] == balance["energy_mj"]


def test_the_least_favourable_fossil_fuel_is_that_of_the_same_type_and_engine() -> None:
    fossil = {"bio_fame": "MDO", "bio_hvo": "MDO", "e_diesel": "MDO", "bio_methanol": "MeOH_ng",
              "e_methanol": "MeOH_ng", "bio_h2": "H2_ng", "e_h2": "H2_ng", "e_nh3": "NH3_ng"}  # fmt: skip
    fossil |= {f"{kind}_{lng}": lng.replace("lng", "LNG") for kind in ("bio", "e")
               for lng in ("lng_otto_ms", "lng_otto_ss", "lng_diesel_ss", "lng_lbsi")}  # fmt: skip
    table = factors()
    intensity = dict(table.select("fuel", "wtw_g_per_mj").iter_rows())
    told = table.drop_nulls("least_g_per_mj")
    assert dict(told.select("fuel", "least_g_per_mj").iter_rows()) == {f: intensity[of] for f, of in fossil.items()}


def test_an_eligible_rfnbo_is_not_refused() -> None:
    found = fuel_energy(_fuel(["e_methanol"], certified_e_g_per_mj=[28.2])).row(0, named=True)
    assert (found["factor_source"], found["rewarded_mj"]) == ("certified_e", 2 * found["energy_mj"])


def test_unmeasured_gases_are_a_choice() -> None:
    zero, oil = (factors(unmeasured=choice).filter(fuel="MeOH_ng").row(0, named=True) for choice in ("zero", "oil"))
    assert zero["ttw_g_per_g"] == 1.375
    assert oil["ttw_g_per_g"] == pytest.approx(1.375 + 5e-5 * 28 + 0.00018 * 265)
    for fuel in ("HFO", "LNG_lbsi", "bio_hvo"):
        rows = [factors(unmeasured=choice).filter(fuel=fuel).row(0) for choice in ("zero", "oil")]
        assert rows[0] == rows[1]
    assert ship_balance({"MeOH_ng": 1.0}, year=2025, unmeasured="oil").unmeasured == "oil"
    with pytest.raises(MethodError, match="did you mean 'oil'"):
        factors(unmeasured="oils")


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(SchemaError) as error:
        balances(_fuel(["HFOO", "diesel", "LNG"]))
    assert len(error.value.faults) == 3
    assert "did you mean 'HFO'" in str(error.value)
    assert "say in which engine, LNG_otto_ms, LNG_otto_ss, LNG_diesel_ss, LNG_lbsi" in str(error.value)
    with pytest.raises(SchemaError) as error:
        balances(_fuel(["HFO", "bio_ethanol"], certified_e_g_per_mj=[10.0, None]))
    assert len(error.value.faults) == 2
    with pytest.raises(SchemaError, match=r"mass_t.*below 0"):
        balances(_fuel(["HFO"]).with_columns(mass_t=pl.lit(-1.0)))
    with pytest.raises(SchemaError, match="no mass"):
        ship_balance({"HFO": 1.0}, year=2025, certified={"bio_hvo": {"certified_e_g_per_mj": 1.0}})


def test_wind_steps_begin_at_their_ratio() -> None:
    steps = {0.0: 1.0, 0.0499: 1.0, 0.05: 0.99, 0.0999: 0.99, 0.1: 0.97, 0.15: 0.95, 3.0: 0.95}
    assert {ratio: fueleu.wind_factor(ratio).value for ratio in steps} == steps
    for ratio, factor in steps.items():
        found = ship_balance({"HFO": 1.0}, year=2025, wind_ratio=ratio)
        assert (found.f_wind, found.status) == (factor, "secondary")
        assert found.intensity_g_per_mj == pytest.approx(factor * 91.601235, rel=1e-6)
    assert ship_balance({"HFO": 1.0}, year=2025).status == "checked"
    with pytest.raises(InputError):
        fueleu.wind_factor(-0.1)


def test_ice_is_left_out_of_all_fuels_alike() -> None:
    full = ship_balance({"HFO": 1000.0}, year=2025)
    extra = fueleu.ice_class_energy(full.energy_mj, 0.2 * full.energy_mj)
    assert extra.value == pytest.approx(0.04 * full.energy_mj)
    ships = pl.DataFrame({"ship_id": ["imo:1"], "year": [2026], "ice_mj": [extra.value / 10]})
    found = balances(_fuel(["HFO"]), ships).row(0, named=True)
    assert found["energy_mj"] == pytest.approx(0.96 * 100e3 * 40.5)
    assert found["intensity_g_per_mj"] == pytest.approx(full.intensity_g_per_mj)
    assert found["balance_t"] == pytest.approx(0.096 * full.balance_t)
    with pytest.raises(SchemaError, match="more energy for ice"):
        balances(_fuel(["HFO"]), ships.with_columns(ice_mj=pl.lit(1e9)))
    with pytest.raises(InputError):
        fueleu.ice_class_energy(1.0, 2.0)


def test_scope_of_ships_and_legs() -> None:
    assert [fueleu.leg_share(kind).value for kind in fueleu.KINDS] == [1, 0.5, 0.5, 1, 0]
    assert not fueleu.applies(5000)
    assert fueleu.applies(5000.1)
    half = ship_balance({"HFO": 1000.0}, year=2025, scope_share=0.5)
    assert half.balance_t == pytest.approx(ship_balance({"HFO": 500.0}, year=2025).balance_t)
    with pytest.raises(MethodError, match="did you mean 'extra'"):
        fueleu.leg_share("extr")


@pytest.mark.parametrize(
    ("year", "options", "share"),
    [
        (2033, {"share_2031": 0.0}, 0.0),
        (2034, {"share_2031": 0.0099}, 0.02),
        (2040, {"share_2031": 0.0099}, 0.02),
        (2034, {"share_2031": 0.01}, 0.0),
        (2034, {"share_2031": 0.0099, "share_monitored": 0.021}, 0.0),
        (2034, {"share_2031": 0.0099, "share_monitored": 0.02}, 0.02),
        (2034, {"share_2031": 0.0099, "sufficient": False}, 0.0),
    ],
)
def test_rfnbo_subtarget(year, options, share) -> None:
    assert fueleu.rfnbo_subtarget(year, **options).value == share


def test_the_penalty_of_the_subtarget_is_flagged() -> None:
    assert fueleu.rfnbo_penalty(100.0, 0.03).status == "unverified"


def test_a_ship_on_shore_power_alone_and_a_ship_without_energy() -> None:
    ships = pl.DataFrame({"ship_id": ["imo:1", "imo:2"], "year": [2025, 2025], "shore_mj": [1e6, None]})
    found = balances(_fuel([]).clear(), ships)
    assert found["balance_t"].to_list() == [pytest.approx(89.3368), 0.0]
    assert found["intensity_g_per_mj"].to_list() == [0.0, None]
    assert found["penalty_eur"].sum() == 0
    assert balances(_fuel([]).clear()).is_empty()


def test_a_row_that_stands_twice_is_refused() -> None:
    ships = pl.DataFrame({"ship_id": ["imo:1"] * 2, "year": [2026] * 2})
    with pytest.raises(SchemaError, match="2 rows stand twice"):
        balances(_fuel(["HFO"]), ships)


def test_a_whole_fleet_is_the_same_as_ship_by_ship() -> None:
    count = 12_788
    rows = pl.DataFrame(
        {
            "ship_id": [f"imo:{i}" for i in range(count)],
            "year": [2025 + i % 26 for i in range(count)],
            "fuel": [FOSSIL[i % len(FOSSIL)] for i in range(count)],
            "mass_t": [float(1 + i) for i in range(count)],
            "scope_share": [(i % 3) / 2 for i in range(count)],
        }
    )
    found = balances(rows)
    assert found.height == count
    for i in range(1, count, 1499):
        row = found.filter(ship_id=f"imo:{i}").row(0, named=True)
        one = ship_balance({FOSSIL[i % 9]: 1.0 + i}, year=2025 + i % 26, scope_share=(i % 3) / 2)
        assert row["balance_t"] == pytest.approx(one.balance_t)
        assert row["penalty_eur"] == pytest.approx(one.penalty_eur)


def test_codes_and_words_lead_to_annex_2() -> None:
    words = {
        ("residual", ""): "HFO",
        ("LSMGO", ""): "MDO",
        ("lng", "HPDF"): "LNG_diesel_ss",
        ("bio-LNG", "LBSI"): "bio_lng_lbsi",
    }
    assert {key: fuel_id(*key) for key in words} == words
    assert fuel_id("fame") == "bio_fame"
    with pytest.raises(MethodError, match="class of hvo"):
        fuel_id("hvo", fuel_class="fossil")
    with pytest.raises(ReferenceDataError, match="in engine 'SSD'"):
        fuel_id("lng", "SSD")
    with pytest.raises(ReferenceDataError, match="at all"):
        fuel_id("vlsfo")


def test_one_owner_of_annex_2_agrees_with_the_other_transcription(shared: Path) -> None:
    """Every value that the shared table of Annex II gives is the one in use; nulls there are what is unmeasured."""
    ours = {row["fuel_id"]: row for row in annex2().iter_rows(named=True)}
    numbers = ["lcv_mj_per_kg", "wtt_gco2e_per_mj", "cf_co2_g_per_g"]
    with (shared / "data" / "rules" / "fueleu_annex2_defaults.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            names = [name for name in ours if name == row["fuel_id"] or name.startswith(f"{row['fuel_id']}_")]
            assert names or row["fuel_id"] == "ops"
            for name in names:
                mine = ours[name]
                for column in numbers:
                    assert row[column] == "" or float(row[column]) == mine[column], (name, column)
                if row["fuel_class"] == "fossil":
                    assert float(row["slip_pct_of_fuel_mass"]) == mine["slip_pct_of_fuel_mass"]
                    for gas in ("ch4", "n2o"):
                        given = row[f"cf_{gas}_g_per_g"]
                        unmeasured = gas in (mine["unmeasured"] or "").split("|")
                        assert (given == "") == unmeasured, (name, gas)
                        assert unmeasured or float(given) == mine[f"cf_{gas}_g_per_g"]


def test_limits_and_numbers_agree_with_the_shared_tables(shared: Path) -> None:
    folder = shared / "data" / "rules"
    with (folder / "fueleu_limits.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            right = float(row["reference_gco2e_per_mj"]) * (1 - float(row["reduction_pct"]) / 100)
            for year in (int(row["year_from"]), int(row["year_to"] or 2060)):
                assert fueleu.limit(year).value == pytest.approx(right, rel=1e-12)
    ours = {item: (value, status) for item, value, status in load("fueleu_rules")["item", "value", "status"].rows()}
    with (folder / "fueleu_rules.csv").open(newline="") as file:
        shared_rows = {row["item"]: row for row in csv.DictReader(file)}
    compared = 0
    for item, row in shared_rows.items():
        if item in ours and item != "rfnbo_reward" and row["value"].replace(".", "").isdigit():
            assert ours[item] == (float(row["value"]), row["status"]), item
            compared += 1
    assert compared >= 12
