"""Costs of a fleet and what would change them, against hand calculation and brute force over pools."""

import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError, ReferenceDataError
from sisterport.rules.compliance import compliance
from sisterport.rules.fleet import FleetAccount, Switch, fleet_account, fleet_changes
from sisterport.rules.fleet_changes import less_energy, shore_power, switch_fuel
from sisterport.rules.pooling_audit import audit
from sisterport.rules.rule_options import RuleOptions
from sisterport.rules.voyages import read_movements
from tests.rules.made_up import voyage, voyages

SHIPS = (9_074_729, 9_241_061, 9_349_497)
PRICE = RuleOptions(allowance_eur=80.0)
LIMIT = 91.16 * 0.98
LNG = 18.5 + (0.998 * (2.75 + 1.1e-4 * 265) + 0.002 * 28) * 1e3 / 49.1  # Diesel, slow speed
HFO = 13.5 + (3.114 + 5e-5 * 28 + 1.8e-4 * 265) * 1e3 / 40.5


def fleet(*oil: float, gas: float = 0.0, **more) -> pl.DataFrame:
    """Ships that burn tonnes of heavy fuel oil between two ports of the EEA, the last one methane too."""
    rows = [voyage(str(i), "DEHAM", "NLRTM", 0, "HFO", mass, imo=SHIPS[i], **more) for i, mass in enumerate(oil)]
    if gas:
        at = len(oil)
        rows.append(voyage("gas", "DEHAM", "NLRTM", 0, "LNG", gas, imo=SHIPS[at], engine_type="HPDF", **more))
    return read_movements(voyages(rows))


def cost(account: FleetAccount, law: str) -> dict:
    return account.costs.filter(regulation=law).row(0, named=True)


def penalty(balance_t: float, intensity: float) -> float:
    return max(0.0, -balance_t) * 1e6 / (intensity * 41_000) * 2400


def test_costs_of_ships_without_surplus_are_the_sum_of_their_own() -> None:
    found = fleet_account(fleet(1000.0, 500.0), options=PRICE)
    each = compliance(fleet(1000.0, 500.0), options=PRICE)
    for law, quantity in (("fueleu", "penalty"), ("ets", "cost")):
        assert cost(found, law)["cost_eur"] == pytest.approx(
            each.filter(regulation=law, quantity=quantity)["value"].sum()
        )
        assert cost(found, law)["ships"] == 2
    balance = (LIMIT - HFO) * 1.5e6 * 40.5 / 1e6
    assert cost(found, "fueleu")["cost_eur"] == pytest.approx(penalty(balance, HFO))
    assert cost(found, "fueleu")["co2e_t"] == pytest.approx(1.5e6 * 40.5 * HFO / 1e6)
    assert cost(found, "ets")["eur_per_t"] == pytest.approx(80.0)
    assert cost(found, "ets")["marginal_eur_per_t"] == pytest.approx(80.0)
    assert found.total_eur == pytest.approx(sum(found.costs["cost_eur"]))


def test_a_pool_saves_what_brute_force_over_members_finds() -> None:
    """One year: surplus of the gas ship goes to ships in deficit; every set of members is tried."""
    oil, gas = (900.0, 400.0), 80.0
    balances = [(LIMIT - HFO) * mass * 40.5 / 1e3 for mass in oil] + [(LIMIT - LNG) * gas * 49.1 / 1e3]
    best = sum(penalty(b, HFO) for b in balances[:2])
    for size in range(1, 4):
        for members in itertools.combinations(range(3), size):
            total = sum(balances[i] for i in members)
            if total <= 0:
                continue
            # a pool above zero covers all its deficits; in full, so its members pay nothing
            best = min(best, sum(penalty(balances[i], HFO) for i in range(2) if i not in members))
    found = fleet_account(fleet(*oil, gas=gas), options=PRICE)
    assert cost(found, "fueleu")["cost_eur"] == pytest.approx(best, rel=1e-5)
    assert cost(found, "fueleu")["alone_eur"] > best
    alone = fleet_account(fleet(*oil, gas=gas), options=PRICE, pool=False)
    assert cost(alone, "fueleu")["cost_eur"] == pytest.approx(sum(penalty(b, HFO) for b in balances[:2]), rel=1e-5)


def test_the_plan_is_legal_and_years_are_filled() -> None:
    legs = fleet(900.0, gas=300.0)
    later = legs.with_columns(year=pl.col("year") + 2)
    found = fleet_account(pl.concat([legs, later]), options=PRICE)
    plan = found.plan.plan
    assert plan["year"].unique().sort().to_list() == [2026, 2027, 2028]
    given_rows = plan.select("ship_id", "year", "balance_t").with_columns(
        energy_mj=pl.when(pl.col("year") == 2027).then(0.0).otherwise(1e8), intensity_g_per_mj=pl.lit(HFO)
    )
    assert audit(given_rows, plan) == []
    assert cost(found, "fueleu")["cost_eur"] == 0  # the surplus of the gas ship covers both


def test_openings_are_used() -> None:
    legs = fleet(1000.0)
    short = -(LIMIT - HFO) * 1000 * 40.5 / 1e3
    bank = pl.DataFrame({"ship_id": [f"imo:{SHIPS[0]}"], "opening_bank_t": [short / 2]})
    half = fleet_account(legs, options=PRICE, openings=bank)
    assert cost(half, "fueleu")["cost_eur"] == pytest.approx(penalty(-short / 2, HFO), rel=1e-5)
    before = pl.DataFrame({"ship_id": [f"imo:{SHIPS[0]}"], "opening_penalties": [2]})
    third = fleet_account(legs, options=PRICE, openings=before)
    assert cost(third, "fueleu")["cost_eur"] == pytest.approx(1.2 * penalty(-short, HFO), rel=1e-5)
    with pytest.raises(MethodError, match="imo:1"):
        fleet_account(legs, options=PRICE, openings=bank.with_columns(ship_id=pl.lit("imo:1")))


def test_the_framework_costs_only_if_taken_as_adopted() -> None:
    legs = fleet(1000.0).with_columns(year=pl.lit(2028))
    assert "nzf" not in fleet_account(legs, options=PRICE).costs["regulation"].to_list()
    on = RuleOptions(allowance_eur=80.0, nzf=True, usd_per_eur=1.25)
    found = cost(fleet_account(legs, options=on), "nzf")
    base, direct, energy = 93.3 * 0.96, 93.3 * 0.83, 1e6 * 40.5
    usd = (100 * (min(HFO, base) - direct) + 380 * max(0.0, HFO - base)) * energy / 1e6
    assert found["cost_eur"] == pytest.approx(usd / 1.25)


def test_small_ships_cost_nothing() -> None:
    found = fleet_account(fleet(1000.0, gt=3000.0), options=PRICE)
    assert found.total_eur == 0
    assert found.plan is None


def test_changes_by_hand() -> None:
    """One ship in deficit: everything is proportional, so each saving follows from the text."""
    legs = read_movements(
        voyages(
            [
                voyage("1", "DEHAM", "NLRTM", 0, "HFO", 1000.0),
                voyage("2", "NLRTM", "berth", 2, "HFO", 100.0),
            ]
        )
    )
    hvo = Switch(fuel="bio_hvo", certified_e_g_per_mj=15.0)
    found = fleet_changes(legs, options=PRICE, switches=[hvo])
    energy, mj = 1100e3 * 40.5, 0.01 * 1100e3 * 40.5
    ttw = 3.114 + 5e-5 * 28 + 1.8e-4 * 265

    def total(mass: float, more_mj: float = 0.0, more_g: float = 0.0, more_ets_t: float = 0.0) -> float:
        e, n = mass * 1e3 * 40.5 + more_mj, mass * 1e3 * 40.5 * HFO + more_g
        return penalty((LIMIT - n / e) * e / 1e6, n / e) + 80 * (mass * ttw + more_ets_t)

    before = total(1100.0)
    told = {row["change"]: row for row in found.iter_rows(named=True)}
    assert told["less energy"]["saving_eur"] == pytest.approx(before - total(1089.0))
    assert told["less energy"]["saving_eur"] == pytest.approx(0.01 * before)
    electricity = 1e3 * 1e3 / 215 * 3.6  # of 1 t HFO at 215 g/kWh [MJ]
    assert told["shore power at berth"]["saving_eur"] == pytest.approx(before - total(1099.0, electricity))
    assert told["shore power at berth"]["energy_gj"] == pytest.approx(40.5)
    lcv, hvo_t = 44.0, mj / 44e3
    gases = (5e-5 * 28 + 1.8e-4 * 265) * 1e3 / lcv
    switched = total(1089.0, mj, mj * (15.0 + gases), hvo_t * (5e-5 * 28 + 1.8e-4 * 265))
    assert told["switch to bio_hvo"]["saving_eur"] == pytest.approx(before - switched)
    assert told["switch to bio_hvo"]["energy_gj"] == pytest.approx(mj / 1e3)
    per_gj = told["switch to bio_hvo"]["saving_eur_per_gj"]
    assert per_gj == pytest.approx((before - switched) / (mj / 1e3))
    assert found["saving_eur"].is_sorted(descending=True)
    for row in told.values():
        assert row["fueleu_eur"] + row["ets_eur"] + row["nzf_eur"] == pytest.approx(row["saving_eur"])
    assert energy > mj


def test_a_bigger_share_of_energy_saves_in_proportion() -> None:
    legs = fleet(1000.0)
    one, ten = (fleet_changes(legs, options=PRICE, share=share) for share in (0.01, 0.1))
    saved = [frame.filter(change="less energy")["saving_eur"].item() for frame in (one, ten)]
    assert saved[1] == pytest.approx(10 * saved[0])
    for wrong in (0.0, 1.5):
        with pytest.raises(InputError, match="a share"):
            fleet_changes(legs, options=PRICE, share=wrong)


def test_unknown_fuels_to_switch_to_are_refused() -> None:
    with pytest.raises(ReferenceDataError, match="no fuel 'hvo'"):
        Switch(fuel="hvo")


@settings(max_examples=25)
@given(st.lists(st.floats(1, 5000), min_size=1, max_size=3), st.floats(0.01, 0.9))
def test_changes_keep_what_they_should(masses, share) -> None:
    legs = read_movements(
        voyages(
            [voyage(str(i), "DEHAM", "NLRTM", 0, "HFO", mass, imo=SHIPS[i]) for i, mass in enumerate(masses)]
            + [voyage(f"b{i}", "NLRTM", "berth", 2, "MGO", mass / 9, imo=SHIPS[i]) for i, mass in enumerate(masses)]
        )
    )
    less = less_energy(legs, share)
    assert less["mass_t"].sum() == pytest.approx((1 - share) * legs["mass_t"].sum())
    new = switch_fuel(legs, share, Switch(fuel="bio_hvo", certified_e_g_per_mj=15.0))
    assert new["energy_mj"].sum() == pytest.approx(legs["energy_mj"].sum())
    assert new.filter(fuel="bio_hvo")["energy_mj"].sum() == pytest.approx(share * legs["energy_mj"].sum())
    for column in ("hours", "distance_nm"):
        assert new[column].sum() == pytest.approx(legs[column].sum())
    supplied = shore_power(legs, share)
    at_sea = pl.col("to_locode") != "berth"
    assert supplied.filter(at_sea)["mass_t"].sum() == pytest.approx(legs.filter(at_sea)["mass_t"].sum())
    gone = legs["energy_mj"].sum() - supplied["energy_mj"].sum()
    assert 0 < supplied["shore_mj"].sum() < gone  # an engine makes less electricity than it burns
    assert shore_power(legs, 1.0).filter(~at_sea)["mass_t"].sum() == pytest.approx(0.0)
