"""One way to write a thing down: RFC 8785, and what no record may hold."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError
from sisterport.network.canonical import MAX_BYTES, MAX_DEPTH, canonical, decimal, parse, sha256
from sisterport.network.forms import is_decimal

letters = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
things = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | letters,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(letters, inner, max_size=4),
    max_leaves=12,
)


def test_names_are_in_the_order_of_the_example_of_the_rfc():
    # RFC 8785, section 3.2.3
    given = json.loads(
        r'{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",'
        r'"\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}'
    )
    assert list(json.loads(canonical(given)).values()) == [
        "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign",
        "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh",
    ]  # fmt: skip


def test_text_is_written_as_in_the_example_of_the_rfc():
    # RFC 8785, section 3.2.2: the string and the literals of the example
    given = {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", "literals": [None, True, False]}
    expected = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical(given).decode() == expected


@given(things)
def test_what_was_written_is_read_again(thing):
    assert parse(canonical(thing)) == thing


@given(things, st.randoms())
def test_the_order_of_names_does_not_matter(thing, random):
    def shuffled(part):
        if isinstance(part, dict):
            items = list(part.items())
            random.shuffle(items)
            return {name: shuffled(value) for name, value in items}
        return [shuffled(value) for value in part] if isinstance(part, list) else part

    assert canonical(shuffled(thing)) == canonical(thing)


@pytest.mark.parametrize(
    "written",
    [b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'"\\u0041"', b"1.0", b"1e3", b"-0", b"NaN", b"[1,]", b"\xff",
     b'"\\ud800"', b'"\\u0000"', b"[" * 100_000, b"9007199254740993", b' "a"', b'"a"\n', b""],
)  # fmt: skip
def test_any_other_way_is_refused(written):
    with pytest.raises(InputError):
        parse(written)


@pytest.mark.parametrize(
    ("value", "what"),
    [("a\0b", "U+0000"), ("\ud800", "surrogate"), (0.5, "decimal"), (2**53, "beyond"), ({1: 2}, "no text"),
     (b"x", "bytes"), (float("nan"), "decimal"), ("x" * MAX_BYTES, "bytes")],
)  # fmt: skip
def test_what_no_record_may_hold(value, what):
    with pytest.raises(InputError, match=what.replace("+", r"\+")):
        canonical({"a": [value]})


def test_depth_is_bounded():
    deep = []
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    with pytest.raises(InputError, match="deeper"):
        canonical(deep)


def test_hash_is_the_published_one_of_the_empty_text():
    assert sha256([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_decimals_keep_ten_digits(number):
    assert float(decimal(number)) == pytest.approx(number, rel=1e-9, abs=1e-12)
    assert is_decimal(decimal(number))
