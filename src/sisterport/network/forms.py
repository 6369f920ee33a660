"""Forms of the parts of a record: each test says yes or no to a value as JSON gave it."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sisterport.errors import InputError, ReferenceDataError
from sisterport.network.definitions import known_ports
from sisterport.network.periods import read_period
from sisterport.reference import load

Test = Callable[[Any], bool]

_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,12})?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_LINK = re.compile(r"https?://[^\s<>\"']+")
_TEXT = 4000  # letters of a text: a page


def is_text(given: Any) -> bool:
    """Say whether it is text that is not blank and no longer than a page."""
    return is_word(given) and bool(given.strip())


def is_word(given: Any) -> bool:
    """Say whether it is text, which may be empty."""
    return isinstance(given, str) and len(given) <= _TEXT


def is_decimal(given: Any) -> bool:
    """Say whether it is a decimal number as text.

    Examples
    --------
    >>> [is_decimal(text) for text in ("0.62", "-1", "1e3", ".5", "01", 1)]
    [True, True, False, False, False, False]
    """
    return isinstance(given, str) and _DECIMAL.fullmatch(given) is not None


def is_share(given: Any) -> bool:
    """Say whether it is a decimal number as text from 0 to 1."""
    return is_decimal(given) and 0 <= float(given) <= 1


def is_day(given: Any) -> bool:
    """Say whether it is a day that there is."""
    return _parsed(given, _DAY, date.fromisoformat)


def is_moment(given: Any) -> bool:
    """Say whether it is a time in UTC to the second."""
    return _parsed(given, _TIME, datetime.fromisoformat)


def _parsed(given: Any, form: re.Pattern[str], reader: Callable[[str], object]) -> bool:
    if not (isinstance(given, str) and form.fullmatch(given)):
        return False
    try:
        reader(given)
    except ValueError:
        return False
    return True


def is_link(given: Any) -> bool:
    """Say whether it is a link to a page."""
    return is_text(given) and _LINK.fullmatch(given) is not None


def is_id(given: Any) -> bool:
    """Say whether it is the id of an entry."""
    return isinstance(given, str) and _UUID.fullmatch(given) is not None


def is_count(given: Any) -> bool:
    """Say whether it is a whole number from 0."""
    return isinstance(given, int) and not isinstance(given, bool) and given >= 0


def is_port_list(given: Any) -> bool:
    """Say whether it is a sorted list of canonical UN/LOCODEs."""
    try:
        return isinstance(given, list) and given == known_ports(given)
    except (ReferenceDataError, TypeError):
        return False


def is_period(given: Any) -> bool:
    """Say whether it has a begin and a later end."""
    return is_object(begin=(is_moment, True), end=(is_moment, True))(given) and given["begin"] < given["end"]


def is_period_name(given: Any) -> bool:
    """Say whether it names a period.

    Examples
    --------
    >>> [is_period_name(text) for text in ("2019", "2026-05", "spring")]
    [True, True, False]
    """
    try:
        return isinstance(given, str) and bool(read_period(given))
    except InputError:
        return False


def is_value(given: Any) -> bool:
    """Say whether it is a value with its unit and, where they are known, its bounds."""
    parts = {"quantity": (is_text, True), "unit": (is_word, True), "value": (is_decimal, True)}
    if not is_object(**parts, low=(is_decimal, False), high=(is_decimal, False))(given):
        return False
    bounds = [float(given[name]) for name in ("low", "value", "high") if given.get(name) is not None]
    return bounds == sorted(bounds)


def is_row_of(table: str, column: str) -> Test:
    """Return the test whether it stands in a column of a reference table."""
    return lambda given: isinstance(given, str) and given in load(table)[column].to_list()


def is_one_of(*words: str) -> Test:
    """Return the test whether it is one of these words."""
    return lambda given: given in words


def is_object(**parts: tuple[Test, bool]) -> Test:
    """Return the test of an object with these parts, each needed or not, and no others."""

    def test(given: Any) -> bool:
        if not isinstance(given, dict) or not set(given) <= set(parts):
            return False
        return all(
            not needed if given.get(name) is None else part(given[name]) for name, (part, needed) in parts.items()
        )

    return test


def is_list_of(test: Test, *, least: int = 0) -> Test:
    """Return the test of a list whose parts all pass."""
    return lambda given: isinstance(given, list) and len(given) >= least and all(test(part) for part in given)
