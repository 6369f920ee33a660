"""Three-valued logic (Kleene): false < unknown < true. And is the least, or the greatest.

Plain numbers, so that compiled code and Python share the rules. A number that is only known to lie in a range is two
numbers, low and high; what is unknown has the widest range that its table allows.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba as nb

from sisterport.units import ROUNDING

FALSE, UNKNOWN, TRUE = 0, 1, 2
WORDS = ("false", "unknown", "true")

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Compile a part of a kernel into it: handing the registers on as they are costs more than a check."""
    return cast("_Function", nb.njit(nogil=True, error_model="numpy", inline="always")(function))


@compiled
def at_most(a_low: float, a_high: float, b_low: float, b_high: float) -> int:
    """Return whether a <= b, each known to lie in a range; equal up to rounding counts.

    Examples
    --------
    >>> at_most(1.0, 2.0, 2.0, 3.0), at_most(1.0, 2.5, 2.0, 3.0), at_most(4.0, 4.0, 2.0, 3.0)
    (2, 1, 0)
    """
    return int(a_low <= b_high + ROUNDING * abs(b_high)) + int(a_high <= b_low + ROUNDING * abs(b_low))


@compiled
def same(a: int, b: int) -> int:
    """Return whether two codes are equal; -1 is unknown.

    Examples
    --------
    >>> same(3, 3), same(3, -1), same(3, 4)
    (2, 1, 0)
    """
    if a < 0 or b < 0:
        return UNKNOWN
    return TRUE if a == b else FALSE
