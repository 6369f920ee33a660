"""Random numbers that are told by a name alone: the same for any order of rows, number of threads, choice of groups.

Each stream of numbers has a key, such as the ship that an error belongs to. The n-th number of a stream is a hash of
seed, key and n: nothing is kept between calls and nothing depends on what else is drawn.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = ((30, np.uint64(0xBF58476D1CE4E5B9)), (27, np.uint64(0x94D049BB133111EB)))
_LAST = np.uint64(31)
_UNUSED_BITS = np.uint64(11)  # a double holds 53 of 64 bits
_UNIT = 2.0**-53


def normals(keys: Sequence[str], *, draws: int, seed: int) -> NDArray[np.float64]:
    """Return independent standard normal numbers, one row of `draws` per key.

    Parameters
    ----------
    keys
        Names of the streams.
    draws
        Numbers of each stream; more of them leave the first ones as they are.
    seed
        Another seed gives other numbers.

    References
    ----------
    SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. Normal numbers: Box
    and Muller, Annals of Mathematical Statistics 29 (1958).

    Examples
    --------
    >>> both, one = normals(["a", "b"], draws=4, seed=1), normals(["b"], draws=3, seed=1)
    >>> both.shape, bool((both[1, :3] == one[0]).all()), bool((both[0] == both[1]).any())
    ((2, 4), True, False)
    """
    pairs = (draws + 1) // 2
    starts = np.array([_start(key, seed) for key in keys], np.uint64).reshape(-1, 1)
    counts = np.arange(1, 2 * pairs + 1, dtype=np.uint64)
    radius = np.sqrt(-2.0 * np.log(_uniform(starts, counts[0::2])))
    angle = 2.0 * np.pi * _uniform(starts, counts[1::2])
    out = np.empty((len(keys), 2 * pairs))
    out[:, 0::2] = radius * np.cos(angle)
    out[:, 1::2] = radius * np.sin(angle)
    return out[:, :draws]


def _start(key: str, seed: int) -> int:
    return int.from_bytes(blake2b(f"{seed}|{key}".encode(), digest_size=8).digest(), "little")


def _uniform(starts: NDArray[np.uint64], counts: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return numbers between 0 and 1, both left out, for each start and count."""
    with np.errstate(over="ignore"):
        state = starts + counts * _STEP
        for shift, factor in _MIX:
            state = (state ^ (state >> np.uint64(shift))) * factor
        state ^= state >> _LAST
    return ((state >> _UNUSED_BITS).astype(np.float64) + 0.5) * _UNIT
