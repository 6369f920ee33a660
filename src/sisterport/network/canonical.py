"""Canonical JSON: one way to write a thing down, so that a hash of it means something (RFC 8785).

Numbers are whole; a decimal is text ("0.62"), so that no rounding of a machine gets into a hash.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sisterport.errors import InputError

MAX_DEPTH = 16
"""Levels of lists and objects in one another: what is deeper is no record but an attack."""
MAX_BYTES = 64 * 1024
"""Size of one thing: a record is facts with links to documents, not the documents."""
_UNSAID = re.compile("[\0\ud800-\udfff]")  # no database and no hash can be trusted with these
_MAX_INT = 2**53 - 1  # beyond it a reader in another language may round (RFC 8785, appendix D)


def canonical(value: Any) -> bytes:
    r"""Return the canonical JSON of `value` in UTF-8.

    Parameters
    ----------
    value
        Objects with names of text, lists, text, whole numbers, true, false and null.

    Raises
    ------
    InputError
        Decimal numbers, whole numbers beyond 2^53, U+0000, half surrogate pairs, anything else than JSON, more than
        `MAX_DEPTH` levels or `MAX_BYTES` bytes.

    References
    ----------
    RFC 8785 (JSON Canonicalization Scheme), sections 3.2.2 and 3.2.3.

    Examples
    --------
    >>> canonical({"b": "Göteborg", "a": [1, None]})
    b'{"a":[1,null],"b":"G\xc3\xb6teborg"}'
    >>> canonical({"value": 0.5})
    Traceback (most recent call last):
    sisterport.errors.InputError: $.value: 0.5 is a decimal number: write it as text, "0.5"
    """
    text = json.dumps(_ordered(value, "$", 0), ensure_ascii=False, separators=(",", ":"))
    written = text.encode("utf-8")
    if len(written) > MAX_BYTES:
        raise InputError(f"{len(written)} bytes: more than the {MAX_BYTES} of one record; link to the document instead")
    return written


def _ordered(value: Any, where: str, depth: int) -> Any:
    """Return `value` with the names of every object in order, or say what no record may hold."""
    if depth > MAX_DEPTH:
        raise InputError(f"{where[:80]}: nested deeper than {MAX_DEPTH} levels")
    match value:
        case None | bool():
            return value
        case int():
            if abs(value) > _MAX_INT:
                raise InputError(f"{where}: {value} is beyond 2^53: write it as text")
            return value
        case str():
            return _text(value, where)
        case list() | tuple():
            return [_ordered(part, f"{where}[{n}]", depth + 1) for n, part in enumerate(value)]
        case dict():
            names = sorted((_name(name, where) for name in value), key=lambda name: name.encode("utf-16-be"))
            return {name: _ordered(value[name], f"{where}.{name}", depth + 1) for name in names}
        case float() | Decimal():
            raise InputError(f'{where}: {value} is a decimal number: write it as text, "{value}"')
    raise InputError(f"{where}: {type(value).__name__} cannot be written as JSON")


def _name(name: Any, where: str) -> str:
    if not isinstance(name, str):
        raise InputError(f"{where}: the name {name!r} is no text")
    return _text(name, where)


def _text(text: str, where: str) -> str:
    if bad := _UNSAID.search(text):
        what = "U+0000" if bad[0] == "\0" else "half a surrogate pair"
        raise InputError(f"{where}: text with {what}")
    return text


def parse(written: bytes) -> Any:
    """Return what canonical JSON says; anything that `canonical` would have written otherwise is refused.

    Raises
    ------
    InputError
        If it is no JSON, or not in canonical form.

    Examples
    --------
    >>> parse(b'{"a":1}')
    {'a': 1}
    >>> parse(b'{"a": 1}')
    Traceback (most recent call last):
    sisterport.errors.InputError: not in canonical form
    """
    if len(written) > 2 * MAX_BYTES:
        raise InputError(f"{len(written)} bytes: more than an entry and its record can have")
    try:
        value = json.loads(written.decode("utf-8"), parse_constant=_no_number, parse_float=_no_number)
    except (ValueError, RecursionError) as error:
        raise InputError(f"no JSON: {error}") from None
    if isinstance(value, dict) and set(value) == {"entry", "body"}:
        parts = (canonical(value["body"]), canonical(value["entry"]))  # each has the size of a record for itself
        again = b'{"body":' + parts[0] + b',"entry":' + parts[1] + b"}"
    else:
        again = canonical(value)
    if again != written:  # this also finds names that stand twice
        raise InputError("not in canonical form")
    return value


def _no_number(text: str) -> None:
    raise InputError(f"{text} is a decimal number or none: decimals are text")


def line(entry: dict[str, Any], body: dict[str, Any] | None) -> bytes:
    """Return one line of an export: an entry with its record, or null where that is withheld."""
    return b'{"body":' + canonical(body) + b',"entry":' + canonical(entry) + b"}"


def sha256(parts: Iterable[bytes]) -> str:
    """Return the SHA-256 of `parts` one after another, in hexadecimal.

    Examples
    --------
    >>> sha256([b"a", b"bc"])[:16]
    'ba7816bf8f01cfea'
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def decimal(number: float) -> str:
    """Return a number as a record holds it: plain decimal text of ten significant digits and twelve places at most.

    Raises
    ------
    InputError
        If it is infinite or none.

    Examples
    --------
    >>> decimal(0.1 + 0.2), decimal(47000.0), decimal(1e-7)
    ('0.3', '47000', '0.0000001')
    """
    short = Decimal(f"{number:.10g}")
    if not short.is_finite():
        raise InputError(f"{number} is no number that can be recorded")
    text = f"{short:.12f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
