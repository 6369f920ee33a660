"""Which errors act on which rows of an inventory, how wide they are, and which rows share them.

Errors of activity (energy) act on a ship's engines in a mode; errors of factors act on a fuel burnt in an engine. Each
is one row of the reference table ``uncertainty_inputs`` and one stream of random numbers.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.reference import load, value

ACTIVITY = ("system", "mmsi", "ship_class", "mode", "date", "gap_s", "speed", "draught", "power_how", "speed_how")
"""What the errors of activity depend on."""

FACTOR = ("system", "fuel", "engine_type", "nox_tier")
"""What the errors of factors depend on."""


class Spread(NamedTuple):
    """How wide an input scatters and what it is off by, as logarithms; its row of ``uncertainty_inputs``."""

    sd_ln: float
    bias_ln: float


class _Row(NamedTuple):
    """A row of ``uncertainty_inputs``; of all classes where it names none."""

    input: str
    grade: str
    ship_class: str | None
    spread: Spread


class Error(NamedTuple):
    """An error that rows share: the name of its random numbers, its width and its known bias."""

    key: str
    sd_ln: float
    bias_ln: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Errors of a number of kinds.

    Attributes
    ----------
    keys
        Names of the random numbers.
    which, sd_ln
        Numbers of the errors of each kind, and their widths; width 0 fills up.
    bias_ln
        Sum of the known biases of each kind.
    """

    keys: list[str]
    which: NDArray[np.int64]
    sd_ln: NDArray[np.float64]
    bias_ln: NDArray[np.float64]


@cache
def _table() -> list[_Row]:
    rows = load("uncertainty_inputs").select("input", "grade", "ship_class", "sd_ln", "bias_ln").iter_rows()
    return [_Row(name, grade, kind, Spread(*widths)) for name, grade, kind, *widths in rows]


@cache
def spread_of(name: str, how: str, ship_class: str | None) -> Spread:
    """Return width and bias of an input by how it is known.

    Parameters
    ----------
    name
        Input of the table ``uncertainty_inputs``.
    how
        How it is known; the longest grade that these words begin with counts, the class's own first, else the widest
        that is no class's own.

    Examples
    --------
    >>> spread_of("particulars", "register: 12 kn", "container"), spread_of("particulars", "AIS type", None).sd_ln
    (Spread(sd_ln=0.22, bias_ln=0.039), 0.58)
    """
    rows = [row for row in _table() if row.input == name and row.ship_class in {ship_class, None}]
    fits = [row for row in rows if how.startswith(row.grade)]
    if fits:
        return max(fits, key=lambda row: (len(row.grade), row.ship_class is not None)).spread
    return max((row.spread for row in rows if row.ship_class is None), key=lambda spread: spread.sd_ln)


def of_activity(kinds: pl.DataFrame) -> Errors:
    """Return the errors of kinds of activity (columns `ACTIVITY`)."""
    return _collected([list(_activity(row)) for row in kinds.iter_rows(named=True)])


def of_consumption() -> Error:
    """Return the error of specific consumption, which all ships share."""
    return Error("consumption", spread_of("consumption", "table", None).sd_ln)


def of_factor(name: str, kinds: pl.DataFrame) -> Errors:
    """Return the errors of a factor (``co2``, ``nox``, ...) for kinds of fuel and engine (columns `FACTOR`)."""
    sd_ln = spread_of(f"factor_{name}", "table", None).sd_ln
    shared = _SHARED.get(name, _by_fuel)
    return _collected([[Error(f"factor_{name}|{shared(row)}", sd_ln)] for row in kinds.iter_rows(named=True)])


def _activity(row: Mapping[str, Any]) -> Iterator[Error]:
    ship, kind = row["mmsi"], row["ship_class"]
    if row["system"] == "main":
        yield Error(f"particulars|{ship}", *_particulars(row))
        yield _speed(row)
        yield Error(f"draught|{ship}", *spread_of("draught", row["draught"], kind))
        yield Error(f"weather|{kind}", *spread_of("weather", "class", kind))
        return
    name = "auxiliary_power" if row["system"] == "auxiliary_engine" else "boiler_power"
    yield Error(f"{name}|class|{kind}|{row['mode']}", *spread_of(name, "table", kind))
    yield Error(f"{name}|ship|{ship}", *spread_of(name, "one ship", kind))


def _particulars(row: Mapping[str, Any]) -> Spread:
    """Return the wider spread of power and reference speed: one figure was measured for both."""
    return max(spread_of("particulars", row[how], row["ship_class"]) for how in ("power_how", "speed_how"))


def _speed(row: Mapping[str, Any]) -> Error:
    """Return the error of the speed: of the whole hole if it is bridged, else of the ship's day."""
    sd_ln, bias_ln = spread_of("speed", row["speed"], row["ship_class"])
    shared = row["gap_s"] if row["speed"] == "bridged" else row["date"]
    in_power = value("speed_power_exponent")
    return Error(f"speed|{row['mmsi']}|{row['speed']}|{shared}", in_power * sd_ln, in_power * bias_ln)


def _by_fuel(row: Mapping[str, Any]) -> str:
    return str(row["fuel"])


def _by_engine(row: Mapping[str, Any]) -> str:
    return f"{row['engine_type']}|{row['fuel']}"


def _by_tier(row: Mapping[str, Any]) -> str:
    return "boiler" if row["system"] == "boiler" else f"tier {row['nox_tier']}"


_SHARED: dict[str, Callable[[Mapping[str, Any]], str]] = {"ch4": _by_engine, "nox": _by_tier}


def _collected(lists: list[list[Error]]) -> Errors:
    """Return the errors, numbered in order of their names."""
    keys = sorted({error.key for errors in lists for error in errors})
    number = {key: index for index, key in enumerate(keys)}
    shape = len(lists), max(map(len, lists), default=0)
    which, sd_ln = np.zeros(shape, np.int64), np.zeros(shape)
    for row, errors in enumerate(lists):
        for column, error in enumerate(errors):
            which[row, column], sd_ln[row, column] = number[error.key], error.sd_ln
    bias = np.array([sum(error.bias_ln for error in errors) for errors in lists], dtype=np.float64)
    return Errors(keys=keys, which=which, sd_ln=sd_ln, bias_ln=bias)
