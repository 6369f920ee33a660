"""Compliance of movements against plain arithmetic from the text of the laws."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport import tables
from sisterport.errors import InputError, MethodError, ReferenceDataError
from sisterport.rules.compliance import compliance
from sisterport.rules.prices import allowance_price, usd_per_eur
from sisterport.rules.rule_options import RuleOptions
from sisterport.rules.voyages import read_movements
from tests.rules.made_up import voyage, voyages

LIMIT_2026 = 91.16 * 0.98


def of(*rows: dict, **options) -> pl.DataFrame:
    return compliance(read_movements(voyages(list(rows))), options=RuleOptions(**options))


def one(found: pl.DataFrame, regulation: str, quantity: str) -> dict:
    return found.filter(regulation=regulation, quantity=quantity).row(0, named=True)


def hfo(mass_t: float) -> tuple[float, float, float]:
    """Energy [MJ], well-to-wake and tank-to-wake CO2e [g] of heavy fuel oil, AR5, by hand."""
    ttw = 3.114 + 5e-5 * 28 + 1.8e-4 * 265
    energy = mass_t * 1e3 * 40.5
    return energy, energy * (13.5 + ttw / 0.0405), mass_t * 1e6 * ttw


def test_half_of_a_leg_and_all_of_a_stay_by_hand() -> None:
    found = of(
        voyage("1", "SGSIN", "NLRTM", 0, "HFO", 1000.0),
        voyage("2", "NLRTM", "berth", 2, "HFO", 20.0, shore_mwh=50.0),
        allowance_eur=80.0,
    )
    energy, wtw, ttw = hfo(520.0)
    energy += 50 * 3600
    intensity = wtw / energy
    balance = (LIMIT_2026 - intensity) * energy / 1e6
    assert one(found, "fueleu", "energy")["value"] == pytest.approx(energy)
    assert one(found, "fueleu", "intensity")["value"] == pytest.approx(intensity)
    assert one(found, "fueleu", "balance")["value"] == pytest.approx(balance)
    assert one(found, "fueleu", "penalty")["value"] == pytest.approx(-balance * 1e6 / (intensity * 41000) * 2400)
    assert one(found, "fueleu", "shore_energy")["value"] == pytest.approx(180_000)
    assert one(found, "ets", "allowances")["value"] == pytest.approx(ttw / 1e6)
    assert one(found, "ets", "cost")["value"] == pytest.approx(ttw / 1e6 * 80)
    assert one(found, "cii", "attained")["value"] == pytest.approx(1020 * 3.114e6 / (100_000 * 500))
    assert one(found, "cii", "rating")["word"] in "ABCDE"
    assert one(found, "nzf", "applies")["value"] == 0


def test_the_columns_are_those_of_the_table_and_every_number_has_a_passport() -> None:
    found = of(voyage("1", "SGSIN", "NLRTM", 0, "HFO", 1000.0))
    assert found.columns == list(tables.schema("compliance"))
    numbers = found.filter(pl.col("regulation") != "nzf", pl.col("value").is_not_null())
    assert numbers.select(pl.col("clause", "status", "source_row").null_count().sum()).sum_horizontal().item() == 0
    assert (numbers["low"] <= numbers["value"]).all()
    assert (numbers["value"] <= numbers["high"]).all()


def test_an_unknown_port_gives_a_range_and_is_named() -> None:
    leg = voyage("1", "NLRTM", None, 0, "HFO", 1000.0)
    low, high = of(leg), of(leg, unknown_ports="high")
    for quantity, sign in (("energy", 1), ("balance", -1), ("penalty", 1)):
        a, b = one(low, "fueleu", quantity), one(high, "fueleu", quantity)
        assert (a["low"], a["high"]) == (b["low"], b["high"])
        assert abs(b["value"]) == pytest.approx(2 * abs(a["value"]))
        assert (a["value"], b["value"]) == ((a["low"], a["high"]) if sign > 0 else (a["high"], a["low"]))
    assert "1 legs or stays with an unknown port (1000.0 t fuel)" in one(low, "ets", "applies")["note"]
    known = of(voyage("1", "NLRTM", "SGSIN", 0, "HFO", 1000.0))
    assert one(known, "fueleu", "balance")["value"] == pytest.approx(one(low, "fueleu", "balance")["value"])


def test_the_worst_of_unknown_legs_is_found_fuel_by_fuel() -> None:
    rows = [
        voyage("1", "NLRTM", None, 0, "HFO", 1000.0),
        voyage("2", None, "NLRTM", 3, "LNG", 1000.0, engine_type="HPDF"),
    ]
    each = {
        (a, b): one(of(rows[0] | {"to_locode": a}, rows[1] | {"from_locode": b}), "fueleu", "balance")["value"]
        for a in ("SGSIN", "DEHAM")
        for b in ("SGSIN", "DEHAM")
    }
    found = one(of(*rows), "fueleu", "balance")
    assert found["low"] == pytest.approx(min(each.values()))
    assert found["high"] == pytest.approx(max(each.values()))
    assert found["low"] == pytest.approx(each["DEHAM", "SGSIN"])


def test_thresholds_of_size_and_kind() -> None:
    at = voyage("1", "DEHAM", "NLRTM", 0, "HFO", 10.0, gt=5000.0)
    assert one(of(at), "fueleu", "applies")["value"] == 0
    assert one(of(at), "ets", "applies")["value"] == 1
    small = of(at | {"gt": 4999.0})
    assert [one(small, law, "applies")["value"] for law in ("fueleu", "ets", "cii")] == [0, 0, 0]
    assert small.filter(quantity="balance").is_empty()
    tug = of(at | {"gt": 9e3, "ship_class": "service_tug"})
    assert one(tug, "ets", "applies")["note"].startswith("carries neither cargo nor passengers")
    unknown = of(at | {"gt": None})
    assert one(unknown, "ets", "applies")["note"].startswith("GT unknown, taken as covered")
    offshore = of(at | {"gt": 9e3, "ship_class": "offshore"})
    assert one(offshore, "ets", "applies")["value"] == 0
    later = read_movements(voyages([at | {"gt": 9e3, "ship_class": "offshore"}])).with_columns(year=pl.lit(2027))
    assert one(compliance(later), "ets", "applies")["value"] == 1
    assert one(compliance(later), "fueleu", "applies")["value"] == 0


def test_years_before_the_laws_say_so() -> None:
    legs = read_movements(voyages([voyage("1", "SGSIN", "NLRTM", 0, "HFO", 1000.0)]))
    old = compliance(legs.with_columns(year=pl.lit(2022)))
    assert {one(old, law, "applies")["note"].split(";")[0] for law in ("fueleu", "ets")} == {
        "not in force in that year"
    }
    mid = compliance(legs.with_columns(year=pl.lit(2024)))
    assert one(mid, "ets", "allowances")["value"] == pytest.approx(0.5 * 0.4 * 3114)
    late = compliance(legs.with_columns(year=pl.lit(2035)))
    assert one(late, "cii", "applies")["note"].startswith("cii_reduction_factors has no row")


def test_certified_fuel_counts_no_co2_in_the_ets_and_double_in_fueleu() -> None:
    good = voyage("1", "DEHAM", "NLRTM", 0, "e-methanol", 100.0, certified_e_g_per_mj=8.0, certificate_id="A")
    found = of(good, voyage("2", "NLRTM", "DEHAM", 3, "HFO", 100.0))
    energy, wtw, ttw = hfo(100.0)
    e = 100e3 * 19.9
    assert one(found, "fueleu", "intensity")["value"] == pytest.approx((wtw + 8.0 * e) / (energy + 2 * e))
    assert one(found, "fueleu", "rfnbo_share")["value"] == pytest.approx(e / (e + energy))
    assert one(found, "ets", "co2e")["value"] == pytest.approx(ttw / 1e6)
    weak = of(good | {"certified_e_g_per_mj": 60.0}, voyage("2", "NLRTM", "DEHAM", 3, "HFO", 100.0))
    assert one(weak, "ets", "co2e")["value"] == pytest.approx(ttw / 1e6 + 137.5)


def test_the_framework_is_off_unless_asked_for() -> None:
    legs = read_movements(voyages([voyage("1", "SGSIN", "CNSGH", 0, "HFO", 1000.0)])).with_columns(year=pl.lit(2028))
    assert compliance(legs).filter(regulation="nzf")["quantity"].to_list() == ["applies"]
    on = compliance(legs, options=RuleOptions(nzf=True, usd_per_eur=1.25))
    energy, wtw, _ = hfo(1000.0)
    base, direct = 93.3 * 0.96, 93.3 * 0.83
    usd = 100 * (base - direct) * energy / 1e6 + 380 * (wtw / energy - base) * energy / 1e6
    assert one(on, "nzf", "cost")["value"] == pytest.approx(usd)
    assert one(on, "nzf", "cost_in_eur")["value"] == pytest.approx(usd / 1.25)
    assert one(on, "ets", "allowances")["value"] == 0  # between third countries


def test_prices_are_flagged_or_given() -> None:
    found = of(voyage("1", "SGSIN", "NLRTM", 0, "HFO", 1000.0))
    assert "default: mean of the auctions of 2024" in one(found, "ets", "cost")["note"]
    assert one(found, "ets", "cost")["status"] == "secondary"
    given = of(voyage("1", "SGSIN", "NLRTM", 0, "HFO", 1000.0), allowance_eur=1.0)
    assert one(given, "ets", "cost")["value"] == one(given, "ets", "allowances")["value"]
    with pytest.raises(InputError, match="below 0"):
        of(voyage("1", "SGSIN", "NLRTM", 0, "HFO", 1000.0), allowance_eur=-1.0)
    with pytest.raises(ReferenceDataError, match="give allowance_eur"):
        allowance_price(2022)
    with pytest.raises(ReferenceDataError, match="give usd_per_eur"):
        usd_per_eur(2009)
    with pytest.raises(InputError, match="not above 0"):
        usd_per_eur(2025, 0.0)


def test_options_are_checked_and_matter() -> None:
    for wrong in ({"efta": "maybe"}, {"gwp": "AR9"}, {"unknown_ports": "mid"}, {"transhipment": "no"}):
        with pytest.raises(MethodError):
            RuleOptions(**wrong)
    norway = voyage("1", "NOBGO", "NLRTM", 0, "HFO", 100.0)
    third, member = of(norway), of(norway, efta="member")
    assert one(member, "fueleu", "energy")["value"] == 2 * one(third, "fueleu", "energy")["value"]
    ar5, ar4 = of(norway), of(norway, gwp="AR4")
    assert one(ar4, "fueleu", "intensity")["value"] > one(ar5, "fueleu", "intensity")["value"]


def test_extras_of_ships_reach_the_balance() -> None:
    legs = read_movements(voyages([voyage("1", "DEHAM", "NLRTM", 0, "HFO", 100.0)]))
    extras = pl.DataFrame({"ship_id": ["imo:9074729"], "year": [2026], "wind_ratio": [0.12], "penalties_before": [1]})
    wind = one(compliance(legs, extras=extras), "fueleu", "intensity")["value"]
    assert wind == pytest.approx(0.97 * one(compliance(legs), "fueleu", "intensity")["value"])


FUELS = st.sampled_from(["HFO", "MGO", "LFO"])
LEGS = st.lists(
    st.tuples(
        st.sampled_from(["SGSIN", "NLRTM", "DEHAM", "USNYC"]),
        st.sampled_from(["NLRTM", "GBFXT", "CNSGH"]),
        FUELS,
        st.floats(1, 5000),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=20)
@given(LEGS)
def test_accounts_add_up_over_legs(legs) -> None:
    """The balance and allowances of all legs are the sums of those of each leg (no fuel is rewarded)."""
    rows = [voyage(str(i), a, b, 3 * i, fuel, mass) for i, (a, b, fuel, mass) in enumerate(legs)]
    whole = of(*rows)
    parts = [of(row) for row in rows]
    for law, quantity in (("fueleu", "balance"), ("fueleu", "energy"), ("ets", "allowances"), ("ets", "cost")):
        right = sum(one(part, law, quantity)["value"] for part in parts)
        assert one(whole, law, quantity)["value"] == pytest.approx(right, abs=1e-6)


@settings(max_examples=20)
@given(LEGS, st.floats(0.01, 100))
def test_twice_the_fuel_is_twice_the_cost(legs, factor) -> None:
    rows = [voyage(str(i), a, b, 3 * i, fuel, mass) for i, (a, b, fuel, mass) in enumerate(legs)]
    once, scaled = of(*rows), of(*(row | {"mass_t": row["mass_t"] * factor} for row in rows))
    for law, quantity in (("fueleu", "penalty"), ("fueleu", "balance"), ("ets", "cost"), ("cii", "attained")):
        assert one(scaled, law, quantity)["value"] == pytest.approx(factor * one(once, law, quantity)["value"])
    same = one(once, "fueleu", "intensity")["value"]
    assert one(scaled, "fueleu", "intensity")["value"] == (None if same is None else pytest.approx(same))
