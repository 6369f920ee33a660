"""The words that people use end at the right fuel, and wrong ones say what was meant."""

import pytest

from sisterport.errors import InputError
from sisterport.fuels import fuel_code, fuel_codes, named_fuel
from sisterport.reference import load


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("HFO", "residual"),
        ("ifo-380", "residual"),
        ("RMG 380", "residual"),
        ("vlsfo", "vlsfo"),
        ("LSMGO", "distillate"),
        ("MGO/MDO", "distillate"),
        ("dma", "distillate"),
        ("Liquefied natural gas", "lng"),
        ("MeOH", "methanol"),
        ("nh3", "ammonia"),
        ("LH2", "liquid_hydrogen"),
        ("B100", "fame"),
        ("distillate", "distillate"),
    ],
)
def test_words_of_the_trade(word: str, code: str) -> None:
    assert fuel_code(word) == code


def test_a_class_is_taken_from_a_word_but_green_is_none() -> None:
    assert named_fuel("e-methanol").fuel_class == "rfnbo"
    assert named_fuel("Bio-LNG").fuel_class == "bio"
    for word in ("green methanol", "renewable methanol", "green ammonia", "methanol", "HFO"):
        assert named_fuel(word).fuel_class == ""


def test_the_nearest_word_is_offered() -> None:
    with pytest.raises(InputError, match=r"unknown fuel 'methanl' \(did you mean 'methanol'\?\)"):
        fuel_code("methanl")
    with pytest.raises(InputError, match=r"did you mean 'vlsfo'"):
        fuel_code("VLSF0")
    with pytest.raises(InputError, match=r"unknown fuel 'coal'$"):
        fuel_code("coal")


@pytest.mark.parametrize("word", ["B24", "b30", "biofuel", "hydrogen", "LPG"])
def test_what_is_no_single_fuel_is_refused_with_the_reason(word: str) -> None:
    with pytest.raises(InputError, match=f"'{word}' is"):
        fuel_code(word)


def test_the_tables_hang_together() -> None:
    words = load("fuel_words")
    assert set(words["fuel"].drop_nulls()) <= set(fuel_codes())
    for row in load("fuels").iter_rows(named=True):
        assert fuel_code(row["fuel"]) == row["fuel"]
        assert set(row["classes"].split("|")) <= {"fossil", "bio", "rfnbo"}
        if row["fossil_type"]:
            assert "fossil" in load("fuels").filter(fuel=row["fossil_type"])["classes"].item()
    for word, fuel, fuel_class in words.select("word", "fuel", "fuel_class").iter_rows():
        if fuel and fuel_class:
            assert fuel_class in load("fuels").filter(fuel=fuel)["classes"].item(), word
