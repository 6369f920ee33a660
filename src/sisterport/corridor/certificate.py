"""A small record that proves how good a plan is: the price of each requirement, and the bound that they give.

Any prices of the right sign prove a bound; those of an interior-point method can be large and cancel: none is rounded.
"""

import base64
import json
import zlib
from typing import Any

import numpy as np

from sisterport.corridor.model import KILO
from sisterport.corridor.problem import Floats
from sisterport.corridor.program import NONE
from sisterport.corridor.proof import bound
from sisterport.corridor.solve import Solved

VERSION = 1


def certificate(solved: Solved) -> dict[str, Any]:
    """Return the certificate of a plan: its value, the prices of all rows by their names, and the bound they prove.

    Parameters
    ----------
    solved
        The answer of `solve`.

    Examples
    --------
    >>> from sisterport.corridor.build import problem_of
    >>> from sisterport.corridor.examples import example
    >>> from sisterport.corridor.solve import solve
    >>> solved = solve(problem_of(example("shanghai-hamburg")), gap=0.01)
    >>> record = certificate(solved)
    >>> record["bound"] <= record["value"], abs(bound(solved.problem, record) - solved.proven) < 1e-3
    (True, True)
    """
    prices: dict[str, Any] = {
        name: _packed(np.where(rows == NONE, 0.0, solved.prices[np.maximum(rows, 0)]))
        for name, rows in solved.program.row_blocks.items()
    }
    if solved.budget_musd is not None:
        prices["budget"] = _packed(solved.prices[-1:])
    record = {
        "version": VERSION,
        "objective": solved.objective,
        "budget_musd": solved.budget_musd,
        "value": solved.value,
        "cost_musd": solved.cost_musd,
        "emissions_t": solved.emissions_t,
        "prices": prices,
    }
    return record | {"bound": bound(solved.problem, record) * (1.0 if solved.objective == "cost" else KILO)}


def _packed(values: Floats) -> dict[str, Any]:
    """Return an array as its shape and text: little-endian double precision, deflated, base 64."""
    raw = zlib.compress(np.asarray(values).astype("<f8").tobytes(), 9)
    return {"shape": list(np.shape(values)), "data": base64.b64encode(raw).decode("ascii")}


def to_json(record: dict[str, Any]) -> str:
    """Return the certificate as JSON text, the same for the same plan."""
    return json.dumps(record, indent=1, sort_keys=True) + "\n"
