"""Single fields of DCSA events: read strictly; what is wrong goes to a list of faults."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sisterport.errors import ReferenceDataError
from sisterport.exchange.objects import moment
from sisterport.reference import resolve_locode

_MMSI_DIGITS = 9
_WEIGHTS = (7, 6, 5, 4, 3, 2)


def unstorable(part: Any) -> bool:
    """Return whether text in JSON holds what a database cannot store: U+0000 or half a surrogate pair."""
    if isinstance(part, str):
        return "\0" in part or any("\ud800" <= letter <= "\udfff" for letter in part)
    if isinstance(part, Mapping):
        return any(unstorable(name) or unstorable(value) for name, value in part.items())
    return any(unstorable(value) for value in part) if isinstance(part, list) else False


def uuid_of(found: Any, name: str, faults: list[str]) -> str | None:
    """Return a UUID in its usual spelling."""
    try:
        return str(UUID(found))
    except (ValueError, TypeError, AttributeError):
        faults.append(f"{name} {found!r} is no UUID")
        return None


def time_of(found: Any, name: str, faults: list[str]) -> datetime | None:
    """Return a time of RFC 3339, which has an offset, in UTC."""
    read = moment(found)
    if read is None:
        faults.append(f"{name} {found!r} is no time with an offset (RFC 3339)")
        return None
    return read


def imo_of(found: Any, faults: list[str]) -> int | None:
    """Return an IMO number with the right check digit (IMO resolution A.1117(30))."""
    if found is None:
        return None
    text = str(found)
    right = len(text) == 7 and text.isascii() and text.isdigit() and text[0] != "0"
    if not right or sum(int(d) * w for d, w in zip(text, _WEIGHTS, strict=False)) % 10 != int(text[-1]):
        faults.append(f"vesselIMONumber {found!r} has not seven digits with the right check digit")
        return None
    return int(text)


def mmsi_of(found: Any, faults: list[str]) -> int | None:
    """Return an MMSI of nine digits."""
    if found is None:
        return None
    text = str(found)
    if len(text) != _MMSI_DIGITS or not text.isascii() or not text.isdigit():
        faults.append(f"vesselMMSINumber {found!r} has not nine digits")
        return None
    return int(text)


def locode_of(found: Any, faults: list[str]) -> str | None:
    """Return the canonical UN/LOCODE."""
    if found is None:
        return None
    try:
        return resolve_locode(str(found))
    except ReferenceDataError as error:
        faults.append(f"UNLocationCode: {error}")
        return None


def text_of(found: Any) -> str | None:
    """Return a text that says something."""
    return found.strip() or None if isinstance(found, str) else None


def energy_of(found: Any) -> float | None:
    """Return an energy that is a number and not negative."""
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) and found >= 0 else None
