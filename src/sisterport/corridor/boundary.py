"""What counts as the corridor: the boundary is a choice, and it is printed with every total."""

from collections.abc import Sequence

from sisterport.corridor.scenario import BOUNDARIES
from sisterport.errors import choose

MEANING = {
    "direct": "legs from one end of the corridor to the other without a call between; stays in port are not in it",
    "string": "all legs and stays of the services that call at both ends",
    "cargo": "of the string, the share of the TEU nm that goes between the ends",
}
"""The boundaries in words, for those who read a total."""

NOTHING = "nothing is within the boundary '{boundary}' ({meaning}): choose another boundary"

Ends = tuple[Sequence[str], Sequence[str]]


def end_of(locode: str | None, ends: Ends) -> str | None:
    """Return at which end of the corridor a port is: ``first``, ``second`` or None.

    Examples
    --------
    >>> end_of("USLGB", (["CNSGH"], ["USLAX", "USLGB"]))
    'second'
    """
    return "first" if locode in ends[0] else "second" if locode in ends[1] else None


def is_direct(from_locode: str | None, to_locode: str | None, ends: Ends) -> bool:
    """Say whether a leg goes from one end of the corridor to the other.

    Examples
    --------
    >>> ends = (["CNSGH"], ["USLAX", "USLGB"])
    >>> is_direct("USLAX", "CNSGH", ends), is_direct("USLAX", "USLGB", ends), is_direct("CNSGH", "KRPUS", ends)
    (True, False, False)
    """
    return {end_of(from_locode, ends), end_of(to_locode, ends)} == {"first", "second"}


def calls_at_both(ports: Sequence[str | None], ends: Ends) -> bool:
    """Say whether a rotation calls at both ends.

    Examples
    --------
    >>> calls_at_both(["CNSGH", "KRPUS", "USLAX"], (["CNSGH"], ["USLAX", "USLGB"]))
    True
    """
    return {"first", "second"} <= {end_of(port, ends) for port in ports}


def named(boundary: str) -> str:
    """Return the boundary if there is such a one.

    Raises
    ------
    MethodError
        If there is not.
    """
    return choose("boundary", boundary, BOUNDARIES)
