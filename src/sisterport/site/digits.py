"""Numbers and times as a reader wants them: three digits, thin spaces, an en dash for what is not known."""

from collections.abc import Iterable
from datetime import datetime
from math import floor, isfinite, log10

THIN = "\u202f"
"""Narrow no-break space: between groups of three digits, and between a number and its unit."""
MISSING = "\u2013"
MINUS = "\u2212"


def decimals(values: Iterable[float | None], digits: int = 3) -> int:
    r"""Return the decimals that show the largest of `values` with `digits` significant digits.

    Examples
    --------
    >>> decimals([12.34, 3.2, None]), decimals([98765.0]), decimals([])
    (1, 0, 0)
    """
    largest = max((abs(v) for v in values if v is not None and isfinite(v)), default=0.0)
    return 0 if largest == 0 else min(4, max(0, digits - 1 - floor(log10(largest))))


def number(value: float | None, places: int = 0) -> str:
    r"""Return `value` with `places` decimals; what would round to nothing shows as less than the last digit.

    Examples
    --------
    >>> number(12345.6), number(0.004, 1), number(0.0, 1)
    ('12\u202f346', '<\u202f0.1', '0')
    >>> number(None) == MISSING, number(-2.5, 1) == MINUS + "2.5"
    (True, True)
    """
    if value is None or not isfinite(value):
        return MISSING
    if value == 0:
        return "0"
    if 0 < value < 0.5 * 10.0**-places:
        return f"<{THIN}{10.0**-places:.{places}f}"
    text = f"{abs(value):,.{places}f}".replace(",", THIN)
    return f"{MINUS}{text}" if value < 0 and round(value, places) != 0 else text


def significant(value: float | None, digits: int = 3) -> str:
    r"""Return `value` rounded to `digits` significant digits.

    Examples
    --------
    >>> significant(12345.6), significant(0.04567), significant(0)
    ('12\u202f300', '0.0457', '0')
    """
    if value is None or not isfinite(value):
        return MISSING
    if value == 0:
        return "0"
    places = digits - 1 - floor(log10(abs(value)))
    return number(round(value, places), min(4, max(0, places)))


def plain(value: float) -> str:
    r"""Return a round number without needless digits.

    Examples
    --------
    >>> plain(1.0), plain(0.5), plain(3000.0)
    ('1', '0.5', '3\u202f000')
    """
    return f"{value:,.10g}".replace(",", THIN)


def percent(share: float | None) -> str:
    r"""Return a share (0 to 1) in percent.

    Examples
    --------
    >>> percent(0.4567), percent(0.0432), percent(0.0001), percent(0.0)
    ('46\u202f%', '4.3\u202f%', '<\u202f0.1\u202f%', '0\u202f%')
    """
    if share is None or not isfinite(share):
        return MISSING
    value = 100.0 * share
    return f"{number(value, 1 if 0 < value < 9.95 else 0)}{THIN}%"


def with_unit(value: float | None, unit: str, digits: int = 3) -> str:
    r"""Return a rounded value with its unit, or an en dash alone.

    Examples
    --------
    >>> with_unit(1234.5, "t"), with_unit(None, "t") == MISSING
    ('1\u202f230\u202ft', True)
    """
    text = significant(value, digits)
    return text if text == MISSING else f"{text}{THIN}{unit}"


def counted(count: int, one: str, many: str = "") -> str:
    r"""Return a count with its noun.

    Examples
    --------
    >>> counted(1, "ship"), counted(1200, "ship"), counted(2, "anchorage area", "anchorage areas")
    ('1 ship', '1\u202f200 ships', '2 anchorage areas')
    """
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def moment(time: datetime | None) -> str:
    r"""Return a time as ``1 Dec 2020, 04:07``.

    Examples
    --------
    >>> moment(datetime(2020, 12, 1, 4, 7))
    '1\xa0Dec 2020, 04:07'
    """
    return MISSING if time is None else f"{time.day}\u00a0{time:%b %Y, %H:%M}"


def duration(hours: float) -> str:
    r"""Return a length of time in words.

    Examples
    --------
    >>> duration(1), duration(36), duration(168)
    ('1 hour', '36 hours', '7 days')
    """
    if hours < 72:
        return counted(round(hours), "hour")
    return counted(round(hours / 24), "day")
