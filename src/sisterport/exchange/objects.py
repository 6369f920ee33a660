"""JSON objects held against the fields that a standard gives them, from one table for all standards.

`lenient` looks at kinds and lengths only, which is all that a schema without ``required``, ``enum`` and ``pattern``
(DCSA) can prove; `strict` looks at everything that the table says.
"""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import polars as pl

from sisterport.errors import InputError, choose, did_you_mean
from sisterport.exchange.findings import ERROR, WARN, Finding
from sisterport.reference import load

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_LEAST, _MOST = -(2**31), 2**31 - 1
_KINDS = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}
_SHOWN = 60
"""Characters of a wrong value that are shown."""
_DEEPEST = 32
"""Levels of objects in one another; no standard has half as many."""


class Field(NamedTuple):
    """One field of an object; see the columns of the reference table ``exchange_fields``."""

    name: str
    kind: str
    many: str
    required: str
    form: str
    pattern: str
    longest: int | None
    codes: frozenset[str]


@cache
def fields(standard: str, name: str) -> dict[str, Field]:
    """Return the fields of an object of a standard.

    Parameters
    ----------
    standard
        ``dcsa``, ``ileap``, ``pact`` or ``s131``.
    name
        Name of the object.

    Raises
    ------
    MethodError
        If the standard has no such object.

    Examples
    --------
    >>> fields("dcsa", "Timestamp")["classifierCode"].codes == {"EST", "REQ", "PLN", "ACT"}
    True
    """
    table = load("exchange_fields").with_columns(pl.all().cast(pl.String).fill_null(""))
    own = table.filter(standard=standard)
    choose(f"object of {standard}", name, own["object"].unique(maintain_order=True).to_list())
    return {
        row["field"]: Field(
            name=row["field"],
            kind=row["type"],
            many=row["many"],
            required=row["required"],
            form=row["format"],
            pattern=row["pattern"],
            longest=int(row["max_length"]) if row["max_length"] else None,
            codes=_codes(standard, row["codes"]),
        )
        for row in own.filter(object=name).iter_rows(named=True)
    }


def _codes(standard: str, told: str) -> frozenset[str]:
    """Return the codes of a list of the standard, or those that stand in the table after ``=``."""
    if not told or told.startswith("="):
        return frozenset(told[1:].split())
    return frozenset(load("exchange_codes").filter(standard=standard, list=told)["code"])


def lenient(value: Any, standard: str, name: str, *, path: str = "$") -> list[Finding]:
    """Return where kinds or lengths do not fit; fields that the standard does not know are no fault.

    Examples
    --------
    >>> lenient({}, "dcsa", "Event")
    []
    >>> lenient({"isFYI": "no"}, "dcsa", "Event")[0].path
    '$.isFYI'
    """
    return list(_object(value, standard, name, path, whole=False, depth=0))


def strict(value: Any, standard: str, name: str, *, path: str = "$") -> list[Finding]:
    """Return every way in which an object breaks the table of its standard.

    Examples
    --------
    >>> toc = {"tocId": "t", "mode": "Ship", "energyCarriers": [], "co2eIntensityWTW": "0.1", "co2eIntensityTTW": "1e3",
    ...        "transportActivityUnit": "TEUkm", "loadfactor": "0.7"}
    >>> [f"{one.check} {one.path}" for one in strict(toc, "ileap", "TOC")]
    ['code $.mode', 'empty $.energyCarriers', 'form $.co2eIntensityTTW', 'unknown_field $.loadfactor']
    """
    return list(_object(value, standard, name, path, whole=True, depth=0))


def _object(value: Any, standard: str, name: str, path: str, *, whole: bool, depth: int) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield _fault("kind", path, f"{_kind(value)}, not an object", f"give an object {name}")
        return
    if depth > _DEEPEST:
        yield _fault("depth", path, f"deeper than {_DEEPEST} levels", "give what the standard has")
        return
    known = fields(standard, name)
    for key, field in known.items():
        if key not in value:
            if whole and field.required == "yes":
                yield _fault("required", f"{path}.{key}", f"{name} has no {key}", f"give {key}")
            continue
        inner = value[key]
        if inner is None and field.required == "null":
            continue
        yield from _field(inner, standard, field, f"{path}.{key}", whole=whole, depth=depth)
    if whole and "*" not in known:
        for key in value:
            if key not in known:
                text = f"{name} has no field {shown(key)}{did_you_mean(str(key)[:_SHOWN], list(known))}"
                yield Finding("unknown_field", WARN, f"{path}.{key}", text, "leave it out")


def _field(value: Any, standard: str, field: Field, path: str, *, whole: bool, depth: int) -> Iterator[Finding]:
    if not field.many:
        yield from _one(value, standard, field, path, whole=whole, depth=depth)
        return
    if not isinstance(value, list):
        yield _fault("kind", path, f"{_kind(value)}, not a list", "give a list")
        return
    if whole and field.many == "+" and not value:
        yield _fault("empty", path, "an empty list", "give at least one")
    if whole and field.many.isdigit() and len(value) > int(field.many):
        yield _fault("too_many", path, f"{len(value)} values", f"give at most {field.many}")
    for number, inner in enumerate(value):
        yield from _one(inner, standard, field, f"{path}[{number}]", whole=whole, depth=depth)


def _one(value: Any, standard: str, field: Field, path: str, *, whole: bool, depth: int) -> Iterator[Finding]:
    if field.kind == "any":
        return
    if field.kind not in _KINDS:
        yield from _object(value, standard, field.kind, path, whole=whole, depth=depth + 1)
    elif not _is(value, field.kind):
        yield _fault("kind", path, f"{_kind(value)}, not {field.kind}", f"give a {field.kind}")
    elif field.longest is not None and len(value) > field.longest:
        yield _fault("length", path, f"{len(value)} characters", f"give at most {field.longest}")
    elif whole:
        yield from _form(value, field, path)


def _form(value: Any, field: Field, path: str) -> Iterator[Finding]:
    if field.codes and str(value) not in field.codes:
        hint = did_you_mean(str(value)[:_SHOWN], sorted(field.codes))
        text = f"{shown(value)} is no {field.name}{hint}"
        yield _fault("code", path, text, f"choose from {', '.join(sorted(field.codes))}")
    elif field.pattern and not re.fullmatch(field.pattern, value):
        yield _fault("form", path, f"{shown(value)} is no {field.name}", f"write it as {field.pattern}")
    elif (field.form == "uuid" and not is_uuid(value)) or (field.form == "date-time" and moment(value) is None):
        words = {"uuid": "a UUID", "date-time": "a time with an offset (RFC 3339)"}[field.form]
        yield _fault("form", path, f"{shown(value)} is not {words}", f"give {words}")
    elif field.form == "int32" and not _LEAST <= value <= _MOST:
        yield _fault("form", path, f"{value} does not fit 32 bits", "give a smaller number")


def shown(value: Any) -> str:
    """Return a value as a fault shows it: quoted, and not longer than a line."""
    return repr(value if not isinstance(value, str) or len(value) <= _SHOWN else f"{value[:_SHOWN]}…")


def is_uuid(text: str) -> bool:
    """Say whether a text is a UUID in its usual spelling."""
    return _UUID.fullmatch(text) is not None


def moment(text: Any) -> datetime | None:
    """Return a time of RFC 3339 in UTC, or None: ISO 8601 alone (weeks, no offset, no seconds) is not enough.

    Examples
    --------
    >>> moment("2025-01-23T04:00:00+08:00").hour, moment("2025-01-23T04:00:00"), moment("2025-W04-4T04:00:00Z")
    (20, None, None)
    """
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def stamp(time: datetime) -> str:
    """Return a time as RFC 3339 in UTC, to the second, or to the millisecond where there are any.

    Raises
    ------
    InputError
        If it has no time zone.

    Examples
    --------
    >>> stamp(datetime(2025, 1, 23, 4, tzinfo=UTC))
    '2025-01-23T04:00:00Z'
    """
    if time.tzinfo is None:
        raise InputError(f"{time} has no time zone")
    precision = "milliseconds" if time.microsecond else "seconds"
    return time.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _is(value: Any, kind: str) -> bool:
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    if isinstance(value, bool) != (kind == "boolean"):
        return False
    if not isinstance(value, _KINDS[kind]):  # type: ignore[arg-type]
        return False
    return not isinstance(value, float) or math.isfinite(value)


def _kind(value: Any) -> str:
    names = {dict: "object", list: "list", str: "string", bool: "boolean", int: "integer", float: "number"}
    return "null" if value is None else names.get(type(value), type(value).__name__)


def _fault(check: str, path: str, fault: str, remedy: str) -> Finding:
    return Finding(check, ERROR, path, fault, remedy)
