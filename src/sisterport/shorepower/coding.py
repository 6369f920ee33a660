"""Words and levels of the registers as small numbers."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.reference import load, value
from sisterport.shorepower.facets import BOTH, PORT, SHIP_SIDE, SHORE_SIDE, STARBOARD
from sisterport.shorepower.kleene import FALSE, TRUE, UNKNOWN
from sisterport.shorepower.profiles import ANY
from sisterport.units import ROUNDING

KINDS = {kind: 1 << n for n, kind in enumerate(("HVSC", "LVSC", "DC"))}
"""Kinds of connection as bits."""
_ANY_KIND = KINDS["HVSC"] | KINDS["LVSC"] | KINDS["DC"]
_AC = KINDS["HVSC"] | KINDS["LVSC"]
_SIDES = {"port": PORT, "starboard": STARBOARD, "both": BOTH, "either": BOTH}
_CLASS_NOT_KNOWN = (None, "unknown", "unknown_cargo")  # unknown cargo ships may be container ships


def parts(text: str | None) -> list[str]:
    """Return the words of a cell with ``|`` between them.

    Examples
    --------
    >>> parts("6.6 | 11"), parts(None)
    (['6.6', '11'], [])
    """
    return [word.strip() for word in text.split("|") if word.strip()] if text else []


def answers(column: pl.Series) -> pl.Series:
    """Return yes and no in three-valued logic."""
    return column.replace_strict({True: TRUE, False: FALSE}, default=UNKNOWN, return_dtype=pl.Int64)


def numbered(*columns: pl.Series) -> list[pl.Series]:
    """Return equal numbers for equal words of all columns, whatever their case and spaces; -1 where there is none."""
    plain = [column.str.strip_chars().str.to_lowercase() for column in columns]
    known = pl.concat(plain).drop_nulls().unique().sort()
    numbers = {word: number for number, word in enumerate(known)}
    return [column.replace_strict(numbers, default=-1, return_dtype=pl.Int64) for column in plain]


def levels(*columns: pl.Series) -> tuple[NDArray[np.float64], list[NDArray[np.int64]]]:
    """Return the different numbers of all columns, the first one unknown (nan), and which of them each row has."""
    known = pl.concat(columns).drop_nulls().unique().sort()
    numbers = {number: place + 1 for place, number in enumerate(known)}
    codes = [c.replace_strict(numbers, default=0, return_dtype=pl.Int64).to_numpy() for c in columns]
    return np.append(np.nan, known.to_numpy()), codes


def within(own: pl.Series, offered: Any, below: float, above: float) -> NDArray[np.int8]:
    """Return whether each level on offer lies within a share of a row's own number; nan is unknown."""
    wanted = own.cast(pl.Float64).fill_null(np.nan).to_numpy()[:, None]
    fits = (offered >= wanted * (1.0 - below) - ROUNDING) & (offered <= wanted * (1.0 + above) + ROUNDING)
    answer = np.where(fits, TRUE, FALSE)
    answer[np.isnan(wanted + offered)] = UNKNOWN
    return answer.astype(np.int8)


def voltage_band() -> tuple[float, float]:
    """Return how far below and above an inlet's nominal voltage that of an outlet may be [share].

    What the shore keeps in steady state has to lie within what the ship accepts: 10 kV is not enough for 11 kV.

    References
    ----------
    Reference table ``standard_rules``, r12: +6/-10 % at the connection, 3.5 % in steady state.

    Examples
    --------
    >>> [round(share, 3) for share in voltage_band()]
    [0.067, 0.024]
    """
    steady = value("shore_voltage_steady")
    low, high = 1.0 - value("shore_voltage_under"), 1.0 + value("shore_voltage_over")
    return 1.0 - low / (1.0 - steady), high / (1.0 + steady) - 1.0


def bridged(transformers: pl.Series, offered: Any) -> NDArray[np.int8]:
    """Return whether a transformer on board takes each voltage on offer."""
    lines: dict[str | None, Any] = {None: np.full(len(offered), UNKNOWN, np.int8)}
    for text in transformers.drop_nulls().unique():
        own = pl.Series([float(word) for word in parts(text) if word != "none"], dtype=pl.Float64)
        lines[text] = within(own, offered, *voltage_band()).max(axis=0, initial=FALSE)
    return np.array([lines[text] for text in transformers], np.int8).reshape(transformers.len(), len(offered))


def sides(column: pl.Series) -> pl.Series:
    """Return sides as bits; 0 is unknown."""
    return column.replace_strict(_SIDES, default=0, return_dtype=pl.Int64)


def profile_bits(column: pl.Series) -> pl.Series:
    """Return sets of connection profiles as bits; 0 is unknown."""
    bits = {profile: 1 << n for n, profile in enumerate(load("connector_profiles")["profile_id"])}
    sums = {text: sum(bits[word] for word in set(parts(text))) for text in column.unique()}
    return pl.Series([sums[text] for text in column], dtype=pl.Int64)


def possible_kinds(frame: pl.DataFrame) -> pl.Series:
    """Return the kinds that a row can be, as bits; see `kinds_of`."""
    rows = frame.select("kind", "profile", "frequency_hz", "voltage_kv").rows()
    found = {row: kinds_of(*row) for row in set(rows)}
    return pl.Series([found[row] for row in rows], dtype=pl.Int64)


def kinds_of(kind: str | None, profile: str | None, frequency_hz: float | None, voltage_kv: float | None) -> int:
    """Return the kinds that are possible, as bits: the given one, else what profile, frequency and voltage leave.

    Examples
    --------
    >>> kinds_of("HVSC", None, None, None), kinds_of(None, None, 60.0, 0.44), kinds_of(None, None, 60.0, None)
    (1, 2, 3)
    """
    if kind is not None:
        return KINDS[kind]
    possible = _ANY_KIND
    if profile:
        possible = 0
        for word in parts(profile):
            possible |= KINDS[_kind_by_profile()[word]]
    if frequency_hz is not None:
        possible &= _AC if frequency_hz else KINDS["DC"]
    if voltage_kv is not None:
        possible &= ~(KINDS["LVSC"] if voltage_kv > value("high_voltage_above_kv") else KINDS["HVSC"])
    return possible or _ANY_KIND


@cache
def _kind_by_profile() -> dict[str, str]:
    return dict(load("connector_profiles").select("profile_id", "kind").iter_rows())


def cable_sides(classes: pl.Series) -> pl.Series:
    """Return who brings the cable to ships of a class: the ship (1), the shore (2), not known (0).

    Container ships bring their own, all others take the shore's (reference table ``connector_profiles``).
    """
    return _by_class(classes, lambda ship_class: _cable_side(ship_class, _ships_with_cable()))


def _cable_side(ship_class: str | None, with_cable: Sequence[str]) -> int:
    if ship_class in _CLASS_NOT_KNOWN:
        return 0
    return SHIP_SIDE if ship_class in with_cable else SHORE_SIDE


def _ships_with_cable() -> list[str]:
    table = load("connector_profiles").filter(pl.col("cable_management_side") == "ship")
    return [word for words in table["ship_classes"] for word in parts(words) if word != ANY]


def tankers(classes: pl.Series) -> pl.Series:
    """Return whether ships of a class are tankers, in three-valued logic."""
    return _by_class(classes, _is_tanker)


def _is_tanker(ship_class: str | None) -> int:
    if ship_class in (None, "unknown"):
        return UNKNOWN
    return TRUE if "tanker" in str(ship_class) else FALSE


def _by_class(classes: pl.Series, code: Any) -> pl.Series:
    codes = {ship_class: code(ship_class) for ship_class in classes.unique()}
    return pl.Series([codes[ship_class] for ship_class in classes], dtype=pl.Int64)


def starts(ids: pl.Series) -> NDArray[np.int64]:
    """Return where each run of equal values begins, and the length."""
    if not ids.len():
        return np.zeros(1, np.int64)
    first = np.flatnonzero(ids.ne_missing(ids.shift(1)).to_numpy())
    first = first if first.size and first[0] == 0 else np.append(0, first)
    return np.append(first, ids.len()).astype(np.int64)
