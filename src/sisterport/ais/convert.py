"""Turn what files hold into values of our fields, and say where something is that cannot be read."""

from collections.abc import Callable
from functools import cache

import polars as pl

from sisterport.ais.layouts import data_table, fields

_UTC = pl.Datetime("ms", "UTC")
_FORMATS = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M")
_MS_FROM = 100_000_000_000  # an epoch number this large is in milliseconds: as seconds it would be the year 5138

Read = tuple[pl.Series, pl.Series]
"""Values, and a mask of what could not be read."""


def read_field(raw: pl.Series, name: str, time_format: str | None = None) -> Read:
    """Return the values of one field, and where something is that could not be read."""
    if name == "time_utc":
        return _time(raw, time_format)
    if name == "imo":
        return _imo(raw)
    if name == "transceiver_class":
        return _class(_words(raw))
    if name in {"nav_status", "ais_type"}:
        return _by_value(raw, lambda values: _code(values, name)) if raw.dtype == pl.String else _integer(raw)
    if fields()[name] == pl.String:
        words = _words(raw)
        return words, _bad(words, words)
    return _integer(raw) if fields()[name] == pl.Int64 else _number(raw)


def _by_value(raw: pl.Series, convert: Callable[[pl.Series], Read]) -> Read:
    """Convert each different value once."""
    values = raw.drop_nulls().unique()
    out, bad = convert(values)
    if values.is_empty():
        return raw.cast(out.dtype), raw.is_not_null()
    return raw.replace_strict(values, out, return_dtype=out.dtype), raw.is_in(values.filter(bad).to_list())


def _bad(raw: pl.Series, out: pl.Series) -> pl.Series:
    return out.is_null() & raw.is_not_null()


def _number(raw: pl.Series) -> Read:
    """Read numbers; NaN and infinity are not numbers."""
    given = _words(raw) if raw.dtype == pl.String else raw
    out = given.cast(pl.Float64, strict=False)
    finite = out.is_finite()
    return out.set(~finite, None), _bad(given, out) | out.is_infinite().fill_null(value=False)


def _integer(raw: pl.Series) -> Read:
    """Read whole numbers, also written as ``57.0``."""
    if raw.dtype.is_integer():
        return raw.cast(pl.Int64), raw.is_null() & raw.is_not_null()
    number, bad = _number(raw)
    whole = number.cast(pl.Int64, strict=False)
    fraction = (whole.cast(pl.Float64) != number).fill_null(value=False)
    return whole.set(fraction, None), bad | fraction


def _words(raw: pl.Series) -> pl.Series:
    """Return trimmed text; empty, ``@`` padding and the words for not available are null."""
    text = raw.cast(pl.String).str.strip_chars(" @\t\r")
    absent = text.is_in(["", *(row["text"] for row in data_table("text_codes") if row["field"] == "any")])
    return text.set(absent, None)


@cache
def _codes(name: str) -> dict[str, int | None]:
    rows = [row for row in data_table("text_codes") if row["field"] == name]
    return {row["text"].lower(): int(row["code"]) if row["code"] else None for row in rows}


def _code(raw: pl.Series, name: str) -> Read:
    """Read a code: a number, or one of the texts of ``text_codes.csv``."""
    words = _words(raw)
    number, bad = _integer(words)
    if not bad.any():
        return number, bad
    known = _codes(name)
    lower = words.str.to_lowercase()
    out = number.zip_with(~bad, lower.replace_strict(known, default=None, return_dtype=pl.Int64))
    return out, bad & ~lower.is_in(list(known))


def _imo(raw: pl.Series) -> Read:
    """Read IMO numbers, with or without the letters; zeros are not available."""
    if raw.dtype != pl.String:
        number, bad = _integer(raw)
    else:
        words = _words(raw)
        number, bad = _integer(words.str.to_uppercase().str.strip_prefix("IMO"))
    return number.set(number == 0, None), bad


def _class(words: pl.Series) -> Read:
    """Read the class of a station: A or B."""
    letter = words.str.to_uppercase().str.strip_prefix("CLASS ")
    out = letter.set(~letter.is_in(["A", "B"]), None)
    return out, _bad(words, out)


def _time(raw: pl.Series, form: str | None) -> Read:
    """Read times as UTC: datetimes, seconds or milliseconds since 1970, text in `form` or ISO 8601."""
    if isinstance(raw.dtype, pl.Datetime | pl.Date):
        moment = raw.cast(pl.Datetime("ms", getattr(raw.dtype, "time_zone", None)))
        utc = (
            moment.dt.convert_time_zone("UTC")
            if moment.dtype == _UTC or _zone(moment)
            else moment.dt.replace_time_zone("UTC")
        )
        return utc, utc.is_null() & utc.is_not_null()
    if raw.dtype != pl.String:
        number, bad = _number(raw)
        milliseconds = (number * 1000).zip_with(number.abs() < _MS_FROM, number)
        return milliseconds.cast(pl.Int64).cast(_UTC), bad
    words = raw if form else _words(raw)
    out = words.str.to_datetime(form, time_unit="ms", time_zone="UTC", strict=False) if form else _iso(words)
    if form and _bad(words, out).any():  # a few rows in another form
        words = _words(raw)
        out = out.zip_with(out.is_not_null(), _iso(words))
    return out, _bad(words, out)


def _zone(moment: pl.Series) -> str | None:
    return moment.dtype.time_zone if isinstance(moment.dtype, pl.Datetime) else None


def _iso(words: pl.Series) -> pl.Series:
    """Read ISO 8601: with T or blank, without zone or with Z, UTC or an offset; or digits since 1970."""
    plain = words.str.replace(r"^(\d{4}-\d\d-\d\d)[Tt]", "$1 ").str.replace(r"\s*(Z|UTC|[+-]00:?00)$", "")
    tries = [plain.str.to_datetime(f, time_unit="ms", time_zone="UTC", strict=False) for f in _FORMATS]
    left = tries[0].is_null() & tries[1].is_null()
    if left.any():
        zoned = plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%z", time_unit="ms", strict=False)
        digits = words.set(~words.str.contains(r"^\d+(\.\d*)?$"), None)
        tries += [zoned.dt.convert_time_zone("UTC"), _time(digits.cast(pl.Float64), None)[0]]
    return pl.select(pl.coalesce(tries)).to_series().alias(words.name)
