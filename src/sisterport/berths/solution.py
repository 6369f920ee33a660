"""What the solver returns: a plan, what is proven about it and how, and what was known when."""

from dataclasses import dataclass

from sisterport.berths.exact import Floats
from sisterport.berths.problem import Flags, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What was known after some time: cost of the plan, bound, and columns left."""

    seconds: float
    value: int
    bound: int
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """A plan, what is proven about it and how.

    Parameters
    ----------
    status
        ``optimal``; ``gap`` (as good as asked for); ``time`` (the limit came first); ``infeasible`` (there is no
        plan, proven); ``unknown`` (no plan was found, and it is not known whether there is one).
    berth, start, plugged
        Of each ship; berth and start are -1 without a plan; `plugged` is None where outlets share no power.
    value, bound
        Cost of the plan; no plan costs less than the bound.
    priced_bound
        The part of the bound that `stages` prove without HiGHS.
    stages
        Prices of each ship class, in the order in which they took columns away.
    events
        What was known when.
    seconds
        Time taken [s].
    """

    status: str
    berth: Ints
    start: Ints
    value: int
    bound: int
    priced_bound: int
    stages: tuple[Floats, ...]
    events: tuple[Event, ...]
    seconds: float
    plugged: Flags | None = None
    prices: Floats | None = None
    """Last price of each ship, where prices were made."""

    @property
    def gap(self) -> float:
        """Return how much of its cost the plan could save at most."""
        return 0.0 if self.value == self.bound else (self.value - self.bound) / max(self.value, 1)
