"""A small file that proves a plan: the plan, the prices, and a fingerprint of the problem that they belong to.

Anybody with the problem can check it (`check`): the plan by looking at it, the bound by one dynamic programme per berth
and stage. Where HiGHS proved more than the prices do, the certificate says so in `searched_bound`; that part rests on
the solver's word, and `check` does not count it as proven.
"""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from sisterport.berths import proof
from sisterport.berths.bound import PRICE_GRID
from sisterport.berths.problem import Problem, classes
from sisterport.berths.solution import Solution
from sisterport.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A plan and what proves how good it is.

    Parameters
    ----------
    fingerprint
        SHA-256 of the problem's names, handling times and costs.
    berth, start
        Berth number and step of each ship.
    plugged
        Whether each ship is plugged in; empty where outlets share no power.
    value
        Cost of the plan.
    bound
        No plan costs less, by the prices alone.
    searched_bound
        No plan costs less, if HiGHS is right; the same as `bound` where it was not needed.
    grid
        Prices are whole numbers of 1/grid.
    stages
        Prices of each class of ships.
    """

    fingerprint: str
    berth: list[int]
    start: list[int]
    plugged: list[bool]
    value: int
    bound: int
    searched_bound: int
    grid: int
    stages: list[list[int]]


def fingerprint(problem: Problem) -> str:
    """Return the SHA-256 of a problem."""
    digest = sha256(json.dumps([problem.ships, problem.berths, problem.cost.shape]).encode())
    digest.update(np.ascontiguousarray(problem.handling, dtype="<i8").data)
    digest.update(np.ascontiguousarray(problem.cost, dtype="<i4").data)
    if problem.power is not None:
        for part in (problem.power.draw, problem.power.plant, problem.power.limit, problem.power.unplugged):
            digest.update(np.ascontiguousarray(part, dtype="<i8").data)
    return digest.hexdigest()


def certify(problem: Problem, solution: Solution) -> Certificate:
    """Return the certificate of a solution with a plan.

    Raises
    ------
    InputError
        If there is no plan to certify.

    Examples
    --------
    >>> from sisterport.berths.problem import build
    >>> from sisterport.berths.solver import optimise
    >>> three = build(handling=np.array([[4], [2], [1]]), earliest=np.zeros(3, int), latest=np.full(3, 20),
    ...               opens=np.array([0]), closes=np.array([20]))
    >>> check(three, certify(three, optimise(three)))
    ()
    """
    if solution.status in ("infeasible", "unknown"):
        raise InputError("there is no plan to certify")
    return Certificate(
        fingerprint=fingerprint(problem),
        berth=solution.berth.tolist(),
        start=solution.start.tolist(),
        plugged=[] if solution.plugged is None else solution.plugged.tolist(),
        value=solution.value,
        bound=solution.priced_bound,
        searched_bound=solution.bound,
        grid=PRICE_GRID,
        stages=[np.round(u * PRICE_GRID).astype(np.int64).tolist() for u in solution.stages],
    )


def check(problem: Problem, certificate: Certificate) -> tuple[str, ...]:
    """Return everything that is wrong with a certificate; empty if plan and bound are what it says."""
    if certificate.fingerprint != fingerprint(problem):
        return ("the certificate belongs to another problem",)
    plugged = np.array(certificate.plugged) if certificate.plugged else None
    plan = proof.check_plan(problem, np.array(certificate.berth), np.array(certificate.start), plugged)
    faults = list(plan.faults)
    if plan.value != certificate.value:
        faults.append(f"the plan costs {plan.value}, not {certificate.value}")
    if faults:
        return tuple(faults)
    bound = proof.recompute_bound(
        problem,
        ship_class=classes(problem).ship_class,
        stages=[np.array(prices, dtype=np.int64) for prices in certificate.stages],
        grid=certificate.grid,
        upper=plan.value,
    )
    if bound < certificate.bound:
        faults.append(f"the prices prove {bound}, not {certificate.bound}")
    if not certificate.bound <= certificate.searched_bound <= plan.value:
        faults.append(f"bounds {certificate.bound} and {certificate.searched_bound} above the plan's cost {plan.value}")
    return tuple(faults)


def write(certificate: Certificate, path: str | Path) -> None:
    """Write a certificate; a file that is there is replaced at once or not at all."""
    path = Path(path)
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(asdict(certificate)) + "\n", encoding="utf-8")
    beside.replace(path)


def read(path: str | Path) -> Certificate:
    """Read a certificate.

    Raises
    ------
    InputError
        If the file is not a certificate.
    """
    try:
        return Certificate(**json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path} is not a certificate: {error}") from error
