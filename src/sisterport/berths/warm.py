"""Compile before the clock starts: a time limit is for planning, not for making machine code.

The first plan on a machine makes the machine code (some seconds, kept on disk), the first plan of a process loads it.
What that took is told apart from the time that planning took.
"""

from collections.abc import Callable
from threading import RLock
from time import monotonic

_DONE: dict[str, float] = {}
_LOCK = RLock()


def warm(name: str, tiny: Callable[[], object]) -> None:
    """Solve a tiny problem once in this process, so that all that it runs is compiled.

    Parameters
    ----------
    name
        Of what is compiled; the second time nothing is done.
    tiny
        Solves the tiny problem; may itself ask for the same.

    Examples
    --------
    >>> warm("an example", lambda: print("compiling"))
    compiling
    >>> warm("an example", lambda: print("compiling"))
    """
    with _LOCK:
        if name not in _DONE:
            _DONE[name] = 0.0
            began = monotonic()
            tiny()
            _DONE[name] = monotonic() - began


def compiled_s() -> float:
    """Return the time that compiling has taken in this process so far [s]; no time limit counts it."""
    return sum(_DONE.values())
