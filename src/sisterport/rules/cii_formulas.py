"""IMO CII: the formulas of the guidelines G1 to G4, for numbers and for Polars expressions."""

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

import polars as pl

from sisterport.errors import ReferenceDataError
from sisterport.reference import load
from sisterport.units import G_PER_T

BOUNDS = ("d1", "d2", "d3", "d4")
LETTERS = ("A", "B", "C", "D", "E")
Number = TypeVar("Number", float, pl.Expr)


def attained(*, co2_t: Number, distance_nm: Number, capacity: Number) -> Number:
    """Return the attained annual operational CII [g/(t nm) or g/(GT nm)].

    Parameters
    ----------
    co2_t
        CO2 of the year [t].
    distance_nm
        Distance of the year [nm].
    capacity
        Actual deadweight [t] or gross tonnage, never the fixed capacity of a reference line.

    References
    ----------
    MEPC.352(78) (G1), 3 and 4.

    Examples
    --------
    >>> round(attained(co2_t=63020.0, distance_nm=95000.0, capacity=165000.0), 6)
    4.020415
    """
    return co2_t * G_PER_T / (capacity * distance_nm)


def reference_line(*, a: Number, c: Number, capacity: Number) -> Number:
    """Return the reference line of 2019 at a capacity [g/(t nm) or g/(GT nm)].

    Parameters
    ----------
    a, c
        Parameters of the ship type (table ``cii_reference_lines``).
    capacity
        Deadweight [t] or gross tonnage, or the fixed capacity of the row.

    References
    ----------
    MEPC.353(78) (G2), 4: a capacity^-c.

    Examples
    --------
    >>> round(reference_line(a=1984.0, c=0.489, capacity=165000.0), 6)
    5.574322
    """
    line: Number = a * capacity ** (-c)
    return line


def required(*, reference: Number, z: Number) -> Number:
    """Return the required annual operational CII.

    Parameters
    ----------
    reference
        Reference line [g/(t nm) or g/(GT nm)].
    z
        Reduction factor [fraction].

    References
    ----------
    MARPOL Annex VI reg. 28.4; MEPC.338(76) (G3).

    Examples
    --------
    >>> required(reference=10.0, z=0.25)
    7.5
    """
    return (1 - z) * reference


@cache
def reduction_pct(year: int) -> float:
    """Return the reduction factor Z of a year [%].

    Raises
    ------
    ReferenceDataError
        If the year has none: nothing after 2030 is fixed.

    References
    ----------
    MEPC.338(76) to 2026; MEPC.400(83) for 2027 to 2030.

    Examples
    --------
    >>> reduction_pct(2027)
    13.625
    """
    refuse_years([year])
    return float(load("cii_reduction_factors").filter(pl.col("year") == year)["z_pct"].item())


def refuse_years(years: Sequence[int]) -> None:
    """Refuse years without a reduction factor.

    Raises
    ------
    ReferenceDataError
        Naming the years and those that there are.
    """
    known = load("cii_reduction_factors")["year"].to_list()
    strange = sorted(set(years) - set(known))
    if strange:
        raise ReferenceDataError(
            f"cii_reduction_factors has no row for {', '.join(map(str, strange))} "
            f"(it has {min(known)} to {max(known)}); what is not set is not extrapolated"
        )


def rating_expr(ratio: pl.Expr) -> pl.Expr:
    """Return the rating of a ratio: A <= d1 < B <= d2 < C <= d3 < D <= d4 < E, with the columns d1 to d4.

    References
    ----------
    MEPC.354(78) (G4), 4.
    """
    letter = pl.when(ratio.is_null()).then(pl.lit(None, pl.String))
    for name, bound in zip(LETTERS, BOUNDS, strict=False):
        letter = letter.when(ratio <= pl.col(bound)).then(pl.lit(name))  # type: ignore[assignment]
    return letter.otherwise(pl.lit(LETTERS[-1]))
