"""The per-ship factor of the load law."""

import polars as pl
import pytest

from sisterport.engines.factors import law_factor, law_factor_source
from sisterport.errors import InputError, MethodError
from sisterport.reference import load


def ships(*rows: tuple[str, int | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"ship_class": pl.String, "size_bin": pl.Int64}, orient="row")


@pytest.mark.parametrize(
    ("ship_class", "size_bin", "factor"),
    [
        ("container", 1, 1 / (0.909 * 0.917)),
        ("container", 7, 1 / (0.867 * 0.917)),
        ("container", 8, 0.75 / (0.867 * 0.917)),  # from 14,500 TEU
        ("container", 9, 0.75 / (0.867 * 0.917)),
        ("cruise", 1, 0.70 / (0.909 * 0.917)),
        ("oil_tanker", 8, 1 / (0.867 * 0.917)),
        ("service_tug", 1, 1 / (0.909 * 0.917)),
    ],
)
def test_ghg4_factor_is_delta_over_weather_and_fouling(ship_class: str, size_bin: int, factor: float) -> None:
    frame = ships((ship_class, size_bin))
    assert law_factor(frame, "ghg4").to_list() == [pytest.approx(factor)]
    assert law_factor_source(frame, "ghg4").to_list() == ["class and size bin"]


def test_every_bin_of_the_table_has_a_factor_and_order_is_kept() -> None:
    table = load("weather_fouling_ghg4").select("ship_class", "size_bin")
    whole = law_factor(table, "ghg4")
    assert whole.null_count() == 0
    assert [law_factor(table[n], "ghg4")[0] for n in range(table.height)] == whole.to_list()


def test_unknown_size_and_class_take_the_worst_weather_and_say_so() -> None:
    frame = ships(("container", None), ("general_cargo", None), ("unknown_cargo", None), ("unknown", None))
    assert law_factor(frame, "ghg4").to_list() == [pytest.approx(1 / (0.867 * 0.917))] * 4
    sources = law_factor_source(frame, "ghg4").to_list()
    assert sources[:2] == ["size unknown: worst weather of the class"] * 2
    assert sources[2:] == ["class unknown: worst weather of all classes"] * 2
    # a class whose bins all lie in coastal waters keeps its own weather
    assert law_factor(ships(("ferry_ropax", None)), "ghg4").to_list() == [pytest.approx(1 / (0.909 * 0.917))]


@pytest.mark.parametrize("law", ["epa_propeller", "epa_admiralty"])
def test_epa_laws_have_one_margin(law: str) -> None:
    frame = ships(("container", 9), ("unknown", None))
    assert law_factor(frame, law).to_list() == [1.15, 1.15]
    assert law_factor_source(frame, law).to_list() == ["sea margin"] * 2


def test_wrong_names_are_told() -> None:
    with pytest.raises(MethodError, match="unknown load law 'ghg5'"):
        law_factor(ships(("container", 1)), "ghg5")
    with pytest.raises(InputError, match=r"unknown ship class 'containr' \(did you mean 'container'\?\)"):
        law_factor(ships(("containr", 1)), "ghg4")
    with pytest.raises(InputError, match="ship class 'container' has no size bin 10"):
        law_factor(ships(("container", 10)), "ghg4")
    assert law_factor(ships(), "ghg4").to_list() == []
