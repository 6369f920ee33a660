"""How much and how often: size of a body, requests a minute."""

import threading
import time
from collections.abc import Callable

from starlette.types import Message, Receive

from sisterport.site.api.problems import Problem

_MINUTE_S = 60.0
_MOST_KNOWN = 50_000
"""Callers that are counted at once: when there are more, those whose minute is over are forgotten."""


class Rates:
    """Counts requests: a caller has so many a minute, and gets them back evenly (a leaking bucket).

    Examples
    --------
    >>> now = [0.0]
    >>> rates = Rates(clock=lambda: now[0])
    >>> [rates.wait_s("a", 2) for _ in range(3)]
    [0.0, 0.0, 30.0]
    >>> now[0] = 30.0
    >>> rates.wait_s("a", 2)
    0.0
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._empty_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait_s(self, caller: str, per_minute: int) -> float:
        """Count a request and return 0, or return how long to wait [s] and count nothing."""
        with self._lock:
            now = self._clock()
            each = _MINUTE_S / per_minute
            full = max(self._empty_at.get(caller, now), now) + each
            if full > now + _MINUTE_S + each / 2:
                return full - now - _MINUTE_S
            self._empty_at[caller] = full
            if len(self._empty_at) > _MOST_KNOWN:
                self._empty_at = {name: at for name, at in self._empty_at.items() if at > now}
            return 0.0

    def take(self, caller: str, per_minute: int) -> None:
        """Count a request, or refuse it.

        Raises
        ------
        Problem
            ``too-many``, with Retry-After.
        """
        if wait := self.wait_s(caller, per_minute):
            raise Problem(
                "too-many", f"{per_minute} requests a minute are allowed", headers={"Retry-After": str(int(wait) + 1)}
            )


async def whole_body(receive: Receive, declared: bytes | None, largest: int) -> bytes | None:
    """Return the body of a request, None if the caller has gone.

    Raises
    ------
    Problem
        ``too-large``, before more than that was read.
    """
    if declared is not None and declared.isdigit() and int(declared) > largest:
        raise _too_large(largest)
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > largest:
            raise _too_large(largest)
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def again(body: bytes, receive: Receive) -> Receive:
    """Return a way to receive a body that was read already."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _too_large(largest: int) -> Problem:
    # what was not read of the body cannot be told from a next request
    return Problem("too-large", f"a body has at most {largest} bytes", headers={"Connection": "close"})
