"""What an indicator gives: values with their bounds and coverage, or the reason why there is none."""

from dataclasses import dataclass
from typing import NamedTuple


class Measure(NamedTuple):
    """One quantity: its value and, where they are known, bounds."""

    quantity: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """Values that may be shown: they come with their coverage.

    Attributes
    ----------
    values : list of Measure
    coverage : float
        Share that was observed.
    coverage_basis : str
        What it is a share of.
    uncertainty_basis : str
        Where the bounds come from.
    note : str
        What a reader should know.
    """

    values: list[Measure]
    coverage: float
    coverage_basis: str
    uncertainty_basis: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """No value.

    Attributes
    ----------
    reason : str
        What is lacking.
    """

    reason: str


def share_measure(yes: float, no: float, unknown: float, *, of_known: bool = True) -> Measure:
    """Return a share with the bounds that the unknown ones leave.

    Parameters
    ----------
    yes, no, unknown
        Counts.
    of_known
        The share of those that are known; else of all.

    Examples
    --------
    >>> share_measure(6, 2, 2)
    Measure(quantity='share', value=0.75, low=0.6, high=0.8)
    """
    every = yes + no + unknown
    known = yes + no if of_known else every
    value = yes / known if known else 0.0
    return Measure("share", value, min(yes / every, value), max((yes + unknown) / every, value))
