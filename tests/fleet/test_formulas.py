"""Published formulas against values worked by hand and against ships whose deadweight is published."""

import math

import polars as pl
import pytest

from sisterport.fleet import dwt_from_dimensions, gt_from_dwt, power_from_dwt, teu_from_dwt
from sisterport.reference import load


def one(expression: pl.Expr) -> float | None:
    value: float | None = pl.select(expression).item()
    return value


@pytest.mark.parametrize(
    ("dwt", "teu"),
    # EPA calcTEU; the upper end belongs to the lower range: at 35,000 t ln(35000/15.19) / 0.9814 = 7.889205
    [
        (15_190.0, math.exp(math.log(1000) / 0.9814)),
        (35_000.0, 2668.322),
        (35_001.0, math.exp(math.log(35_001 / 28.81) / 0.902)),
        (60_000.0, math.exp(math.log(60_000 / 28.81) / 0.902)),
        (60_001.0, math.exp(math.log(60_001 / 37) / 0.875)),
        (37_000.0 * 10, math.exp(math.log(10_000) / 0.875)),
    ],
)
def test_teu_from_deadweight(dwt: float, teu: float) -> None:
    assert one(teu_from_dwt(pl.lit(dwt))) == pytest.approx(teu, rel=1e-5)


def test_teu_of_two_real_ships() -> None:
    # COLOMBO EXPRESS class: 103,890 t and 8,749 TEU; GUDRUN MAERSK class: 115,700 t and 9,500 to 10,150 TEU
    assert one(teu_from_dwt(pl.lit(103_890.0))) == pytest.approx(8749, rel=0.01)
    assert 9500 < (one(teu_from_dwt(pl.lit(115_700.0))) or 0) < 10_150


@pytest.mark.parametrize(
    ("ship_class", "factor"),
    [
        ("oil_tanker", 0.83 * 0.80),
        ("general_cargo", 0.70 * 0.75),
        ("container", 0.70 * 0.75),
        ("ferry_ropax", 0.35 * 0.60),
        ("liquefied_gas_tanker", None),
        ("cruise", None),
        ("unknown_cargo", None),
    ],
)
def test_deadweight_from_dimensions(ship_class: str, factor: float | None) -> None:
    got = one(dwt_from_dimensions(pl.lit(ship_class), pl.lit(200.0), pl.lit(30.0), pl.lit(10.0)))
    assert got == (None if factor is None else pytest.approx(factor * 60_000))


# Watson, Practical Ship Design (1998), Table 1.1: length between perpendiculars, beam, draught, deadweight
PUBLISHED = [
    ("oil_tanker", 242.19, 43.28, 15.62, 121_109),
    ("oil_tanker", 171.00, 26.80, 10.67, 33_239),
    ("oil_tanker", 313.00, 56.60, 19.44, 258_076),
    ("oil_tanker", 222.12, 42.00, 14.20, 96_733),
    ("bulk_carrier", 215.02, 32.20, 13.20, 63_800),
    ("bulk_carrier", 250.02, 43.01, 17.20, 135_000),
    ("bulk_carrier", 185.00, 28.40, 11.00, 38_987),
    ("bulk_carrier", 300.00, 50.00, 18.02, 207_063),
    ("refrigerated_bulk", 147.56, 23.51, 9.00, 12_700),
    ("refrigerated_bulk", 140.00, 20.60, 9.42, 11_622),
    ("refrigerated_bulk", 136.00, 18.50, 7.30, 7_168),
]


@pytest.mark.parametrize(("ship_class", "length", "beam", "draught", "dwt"), PUBLISHED)
def test_deadweight_of_published_ships_within_15_percent(
    ship_class: str, length: float, beam: float, draught: float, dwt: float
) -> None:
    got = one(dwt_from_dimensions(pl.lit(ship_class), pl.lit(length), pl.lit(beam), pl.lit(draught)))
    assert got == pytest.approx(dwt, rel=0.15)


def test_power_regressions() -> None:
    tanker = one(power_from_dwt(pl.lit("oil_tanker"), pl.lit(100_000.0), pl.lit(15.0)))
    bulk = one(power_from_dwt(pl.lit("bulk_carrier"), pl.lit(100_000.0), pl.lit(15.0)))
    assert tanker == pytest.approx(2.66 * 1000 * 15**0.6)  # 100,000^0.6 = 1000
    assert bulk == pytest.approx(4.297 * 1000 * 15**0.4)
    for ship_class in ("container", "liquefied_gas_tanker", "general_cargo", "unknown_tanker"):
        assert one(power_from_dwt(pl.lit(ship_class), pl.lit(100_000.0), pl.lit(15.0))) is None


def test_gross_tonnage_of_a_staten_island_ferry() -> None:
    # GUY V MOLINARI: 94.5 x 21.3 m, 4.22 m, 2794 GT
    dwt = dwt_from_dimensions(pl.lit("ferry_ropax"), pl.lit(94.5), pl.lit(21.3), pl.lit(4.22))
    assert one(gt_from_dwt(pl.lit("ferry_ropax"), dwt)) == pytest.approx(2794, rel=0.15)
    assert one(gt_from_dwt(pl.lit("ferry_pax_only"), pl.lit(100.0))) is None


def test_every_used_coefficient_has_a_source_and_a_status() -> None:
    for name in ("particulars_formulas", "class_defaults", "fuel_defaults"):
        table = load(name)
        used = table.filter(
            pl.col({"particulars_formulas": "a", "class_defaults": "engine_type"}.get(name, "fuel")).is_not_null()
        )
        assert used["source"].null_count() == 0
        assert set(used["status"]) <= {"checked", "secondary", "unverified"}
