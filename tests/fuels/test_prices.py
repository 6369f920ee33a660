"""Prices say what they are: quoted, modelled or made up; growth and delivery are explicit."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError, ReferenceDataError, SchemaError
from sisterport.fuels import pathway_summary, price, properties, read_quotes, shipped_quotes
from sisterport.reference import load


def quotes(**columns: object) -> pl.DataFrame:
    row = {"fuel": "methanol", "year": 2026, "price": 40.0, "unit": "USD/GJ", "kind": "contract", "source": "us"}
    return pl.DataFrame([row | {"status": "secondary"} | columns])


def test_a_model_price_says_that_it_is_none_of_the_market() -> None:
    own = price("methanol", year=2024, region="China", pathway_type="electro_renew")
    median = pathway_summary(fuel="methanol", region="CN", pathway_type="electro_renew")["cost_usd_per_gj"].item()
    assert own.base_usd_per_gj == median
    assert own.kind == "model, plant gate"
    assert "not a market price" in own.note
    assert own.excludes == ("delivery",)
    assert own.handling_usd_per_gj == pytest.approx(18 / 20.1)
    assert own.total_usd_per_t == pytest.approx(own.total_usd_per_gj * 20.1)


def test_what_nobody_verified_is_flagged() -> None:
    for fuel, usd in (("VLSFO", 14.0), ("LNG", 12.0)):
        own = price(fuel, year=2026)
        assert (own.total_usd_per_gj, own.status, own.kind) == (usd, "unverified", "scenario")
    assert set(shipped_quotes()["kind"]) == {"scenario", "market, one day"}
    day = price("VLSFO", year=2024, region="SG")
    assert day.total_usd_per_gj == pytest.approx(656.0 / 39.5)
    assert "one day" in day.kind


def test_delivery_to_a_corridor_end(shared: Path) -> None:
    source = pl.read_csv(shared / "data/fuels/land_transport.csv")
    for fuel, region, end, cost, _, _, _ in source.iter_rows():
        locode = {"Singapore": "SGSIN", "Rotterdam": "NLRTM"}[end]
        kind = "electro_renew"
        own = price(fuel, year=2024, region=region, pathway_type=kind, delivery_to=locode, handling_usd_per_t=0.0)
        assert own.delivery_usd_per_gj == pytest.approx(cost / properties(fuel).lhv_mj_per_kg)
        assert own.excludes == ()
        assert own.total_usd_per_gj == pytest.approx(own.base_usd_per_gj + own.delivery_usd_per_gj)


def test_an_unknown_delivery_is_not_free() -> None:
    with pytest.raises(ReferenceDataError, match="pass delivery_usd_per_t"):
        price("methanol", year=2024, region="China", pathway_type="bio_H", delivery_to="USLAX")
    own = price("methanol", year=2024, region="CN", pathway_type="bio_H", delivery_usd_per_t=20.1)
    assert own.delivery_usd_per_gj == pytest.approx(1.0)
    ammonia = price("ammonia", year=2024, region="CN", pathway_type="bio_H")
    assert ammonia.handling_usd_per_gj is None
    assert ammonia.excludes == ("delivery", "handling")


def test_another_year_needs_growth() -> None:
    with pytest.raises(MethodError, match=r"is of 2024, asked for 2030: pass growth_per_year"):
        price("methanol", year=2030, region="CN", pathway_type="electro_renew")
    now = price("methanol", year=2024, region="CN", pathway_type="electro_renew")
    later = price("methanol", year=2030, region="CN", pathway_type="electro_renew", growth_per_year=-0.02)
    assert later.base_usd_per_gj == pytest.approx(now.base_usd_per_gj * 0.98**6)
    assert later.handling_usd_per_gj == now.handling_usd_per_gj
    assert (later.base_year, later.growth_per_year) == (2024, -0.02)
    with pytest.raises(MethodError, match="leaves no price"):
        price("methanol", year=2030, region="CN", pathway_type="bio_H", growth_per_year=-1.0)


def test_own_quotes_go_first() -> None:
    both = pl.concat(
        [quotes(), quotes(price=35.0, region="CN"), quotes(price=30.0, region="CN", year=2030)], how="diagonal"
    )
    assert price("MeOH", year=2026, quotes=both).total_usd_per_gj == 40.0
    assert price("MeOH", year=2026, region="China", quotes=both).total_usd_per_gj == 35.0
    assert price("MeOH", year=2030, region="CN", pathway_type="bio_H", quotes=both).total_usd_per_gj == 30.0
    assert price("MeOH", year=2026, region="DE", quotes=both).kind == "contract"
    assert price("MeOH", year=2024, region="SG", pathway_type="bio_H", quotes=quotes(region="CN")).kind.startswith(
        "model"
    )


@given(st.floats(1, 5000))
def test_units_do_not_matter(usd_per_t: float) -> None:
    per_t = price("methanol", year=2026, quotes=quotes(price=usd_per_t, unit="USD/t"))
    per_gj = price("methanol", year=2026, quotes=quotes(price=usd_per_t / 20.1))
    assert per_t.total_usd_per_gj == pytest.approx(per_gj.total_usd_per_gj)


def test_faults_of_quotes_come_all_at_once() -> None:
    bad = pl.concat([quotes(fuel="methanl"), quotes(unit="EUR/t"), quotes()])
    with pytest.raises(SchemaError) as error:
        read_quotes(bad)
    assert len(error.value.faults) == 2
    assert "did you mean 'methanol'" in error.value.faults[0]
    assert "unit 'EUR/t'" in error.value.faults[1]
    with pytest.raises(SchemaError, match="below 0"):
        read_quotes(quotes(price=-1.0))


def test_no_price_is_not_nothing() -> None:
    with pytest.raises(ReferenceDataError, match="no price of 'hvo'"):
        price("HVO", year=2026)
    with pytest.raises(MethodError, match="pass region"):
        price("methanol", year=2024, pathway_type="bio_H")
    with pytest.raises(InputError, match="no pathways are known for 'Denmark'"):
        price("methanol", year=2024, region="Denmark", pathway_type="bio_H")


def test_every_price_has_source_and_status() -> None:
    table = load("fuel_prices")
    assert table["source"].null_count() == 0
    assert set(table["status"]) <= {"checked", "secondary", "unverified"}
