"""Requests and responses as plain values: what an API does is a function from one to the other, without a server."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sisterport.errors import InputError
from sisterport.exchange.dcsa_fields import unstorable

_DEEPEST = 64
"""Levels of lists and objects in one another that a body may have."""
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What came in.

    Attributes
    ----------
    method, path, query
        As in HTTP; the query string without ``?``.
    headers
        Names in any case.
    body
        Bytes as they came.
    """

    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return a header by its name in any case."""
        return next((text for key, text in self.headers.items() if key.lower() == name.lower()), None)

    def parameters(self) -> dict[str, list[str]]:
        """Return the parameters of the query, each with all its values.

        Examples
        --------
        >>> Request(query="a=1&b=x%20y&a=2").parameters()
        {'a': ['1', '2'], 'b': ['x y']}
        """
        found: dict[str, list[str]] = {}
        for name, text in parse_qsl(self.query, keep_blank_values=True):
            found.setdefault(name, []).append(text)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What goes out; a body of None is an empty one."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class BodyError(InputError):
    """A body that cannot be taken, with the status to answer: 400 no JSON, 422 text that no database can store."""

    def __init__(self, status: int, what: str) -> None:
        self.status = status
        super().__init__(what)


def json_body(request: Request) -> Any:
    r"""Return the JSON in the body of a request.

    Raises
    ------
    BodyError
        If it is no JSON in UTF-8 (NaN and Infinity are none), is nested too deep, or holds U+0000 or half a surrogate
        pair.

    Examples
    --------
    >>> json_body(Request(body=b'{"a": [1]}'))
    {'a': [1]}
    >>> json_body(Request(body=b'"\\u0000"'))
    Traceback (most recent call last):
    sisterport.exchange.http.BodyError: the body holds U+0000 or half a surrogate pair, which no database can store
    """
    try:
        found = json.loads(request.body.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise BodyError(400, "the body is no UTF-8") from None
    except RecursionError:
        raise BodyError(400, "the body is nested too deep") from None
    except ValueError as error:  # also of a number with thousands of digits
        raise BodyError(400, f"the body is no JSON: {error}") from None
    if _depth(found) > _DEEPEST:
        raise BodyError(400, f"the body is nested deeper than {_DEEPEST} levels")
    if unstorable(found):
        raise BodyError(422, "the body holds U+0000 or half a surrogate pair, which no database can store")
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")


def _depth(found: Any) -> int:
    """Return the levels of lists and objects in one another, without calling itself: the body may be an attack."""
    level, parts = 0, [found]
    while parts := [inner for part in parts for inner in _inside(part)]:
        level += 1
    return level


def _inside(part: Any) -> Sequence[Any]:
    if isinstance(part, Mapping):
        return list(part.values())
    return part if isinstance(part, list) else ()


def whole_number(texts: Sequence[str]) -> int | None:
    """Return a parameter that is one whole number from 1, None where it is none.

    Examples
    --------
    >>> whole_number(["20"]), whole_number(["0"]), whole_number(["1", "2"])
    (20, None, None)
    """
    text = texts[0] if len(texts) == 1 else ""
    good = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) or None if good else None


def cursor(key: Sequence[str]) -> str:
    """Return the key of the last item of a page as opaque text: a page needs no memory of the server.

    Examples
    --------
    >>> read_cursor(cursor(["2025", "a"]), 2)
    ('2025', 'a')
    """
    return urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def read_cursor(text: str, parts: int) -> tuple[str, ...] | None:
    """Return the key in a cursor, None where it is no cursor of that many parts."""
    try:
        found = json.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return None
    good = isinstance(found, list) and len(found) == parts and all(isinstance(part, str) for part in found)
    return tuple(found) if good else None
