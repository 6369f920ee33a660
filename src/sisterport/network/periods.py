"""Periods of a value: a year, a quarter, a month, or from one day to another."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sisterport.errors import InputError

_FORM = re.compile(r"(?P<year>\d{4})(-(?P<month>\d\d)|-Q(?P<quarter>[1-4]))?")
_MONTHS, _QUARTER = 12, 3


class Period(NamedTuple):
    """A time from its begin up to, but without, its end; both in UTC."""

    begin: datetime
    end: datetime

    @property
    def days(self) -> float:
        """Length [d]."""
        return (self.end - self.begin) / timedelta(days=1)

    def __str__(self) -> str:
        """Return the shortest name: ``2026``, ``2026-Q2``, ``2026-05`` or ``2026-05-03/2026-05-09``."""
        year, month = self.begin.year, self.begin.month
        names = (f"{year}", f"{year}-Q{(month - 1) // _QUARTER + 1}", f"{year}-{month:02d}")
        for name in names:
            if read_period(name) == self:
                return name
        return f"{self.begin.date()}/{(self.end - timedelta(days=1)).date()}"


def read_period(text: str) -> Period:
    """Return the period that a text names; the last day of a range is part of it.

    Raises
    ------
    InputError
        If it names none.

    Examples
    --------
    >>> [f"{day:%m-%d}" for day in read_period("2026-Q2")]
    ['04-01', '07-01']
    >>> str(read_period("2026-05-01/2026-05-31"))
    '2026-05'
    """
    first, slash, last = text.partition("/")
    try:
        if slash:
            begin, end = date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1)
        else:
            begin, end = _named(text)
    except (ValueError, OverflowError):
        raise InputError(f"'{text}' is no period: write 2026, 2026-Q2, 2026-05 or 2026-05-01/2026-05-31") from None
    if not begin < end:
        raise InputError(f"'{text}' ends before it begins")
    return Period(_midnight(begin), _midnight(end))


def _named(text: str) -> tuple[date, date]:
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError
    year = int(match["year"])
    if match["quarter"]:
        month, months = _QUARTER * (int(match["quarter"]) - 1) + 1, _QUARTER
    else:
        month, months = (int(match["month"]), 1) if match["month"] else (1, _MONTHS)
    after = month + months
    return date(year, month, 1), date(year + 1, 1, 1) if after > _MONTHS else date(year, after, 1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
