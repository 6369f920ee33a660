"""The upgrade problem as a mixed-integer programme for HiGHS: relaxed, whole, restricted, or with the plan given."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sisterport.errors import MethodError
from sisterport.reference import value
from sisterport.shorepower.phases import Problem, Rows
from sisterport.shorepower.problem import Floats, Ints
from sisterport.units import USD_PER_MUSD

_FEASIBLE = 2  # HiGHS' kSolutionStatusFeasible
TIME_LIMIT_S, GAP = value("upgrade_time_limit_s"), value("upgrade_good_gap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What HiGHS found: `x` and `z` are None without a plan; `bound` is the solver's own word."""

    status: str
    x: Floats | None
    z: Floats | None
    value: float
    bound: float
    duals: list[Floats]
    """Multipliers of needs, pools, plants, limits and floors, all >= 0; zero unless relaxed."""


def solve(
    p: Problem,
    *,
    whole: bool = True,
    fixed: tuple[Any, Any] | None = None,
    start: Ints | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    gap: float = GAP,
    seed: int = 0,
) -> Answer:
    """Solve the programme with HiGHS.

    Parameters
    ----------
    p
        The problem.
    whole
        Units are whole numbers; otherwise the linear relaxation, with its multipliers.
    fixed
        Lower and upper limits of the units, instead of 0 and ``p.units``.
    start
        Units of a known plan to begin with.
    time_limit_s
        Time limit [s].
    gap
        Relative gap at which to stop.
    seed
        Random seed of the solver.

    Raises
    ------
    MethodError
        If `highspy` is not installed.
    """
    h = _solver(time_limit_s=time_limit_s, gap=gap, seed=seed)
    import highspy  # noqa: PLC0415 (optional; _solver has said so if it is not there)

    units, links = p.cost.size, p.gain.size
    low, high = fixed if fixed is not None else (np.zeros(units), p.units)
    blocks = _blocks(p)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = units + links, sum(map(len, blocks))
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.r_[np.zeros(units), p.gain]
    lp.col_lower_ = np.r_[low, np.zeros(links)].astype(float)
    lp.col_upper_ = np.r_[high, np.ones(links)].astype(float)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lengths = np.concatenate([np.diff(block.ptr) for block in blocks])
    lp.a_matrix_.start_ = np.r_[0, np.cumsum(lengths)].astype(np.int32)
    lp.a_matrix_.index_ = np.concatenate([block.at for block in blocks]).astype(np.int32)
    lp.a_matrix_.value_ = np.concatenate([block.value for block in blocks])
    lp.row_lower_ = np.full(lp.num_row_, -highspy.kHighsInf)
    lp.row_upper_ = np.concatenate([block.rhs for block in blocks])
    if whole:
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger] * units + [kinds.kContinuous] * links
    h.passModel(lp)
    if whole and start is not None:
        h.setSolution(units, np.arange(units, dtype=np.int32), start.astype(float))
    h.run()
    return _answer(h, p, blocks, whole=whole)


def _solver(*, time_limit_s: float, gap: float, seed: int) -> Any:
    try:
        import highspy  # noqa: PLC0415 (optional)
    except ImportError as error:
        raise MethodError("this problem needs the HiGHS solver: pip install highspy") from error
    h: Any = highspy.Highs()  # type: ignore[no-untyped-call,unused-ignore]
    h.setOptionValue("output_flag", False)
    h.setOptionValue("time_limit", float(time_limit_s))
    h.setOptionValue("mip_rel_gap", float(gap))
    h.setOptionValue("random_seed", seed)
    return h


def _blocks(p: Problem) -> list[Rows]:
    """Rows `a · (x, z) <= b` of needs, pools, plants, limits and floors; money in MUSD."""
    units, links = p.cost.size, p.gain.size
    owner = np.repeat(np.arange(links), np.diff(p.need_ptr))
    needs = _rows(
        np.r_[np.repeat(np.arange(owner.size), np.diff(p.option_ptr)), np.arange(owner.size)],
        np.r_[p.option, units + owner],
        np.r_[np.full(p.option.size, -1.0), np.ones(owner.size)],
        np.zeros(owner.size),
    )
    scale = limit_scale(p)
    limits = Rows(
        ptr=p.limits.ptr,
        at=p.limits.at,
        value=p.limits.value * scale[p.limits.number()],
        rhs=p.limits.rhs * scale,
    )
    floors = Rows(ptr=p.floors.ptr, at=p.floors.at + units, value=-p.floors.value, rhs=-p.floors.rhs)
    return [
        needs,
        _capacity(p, p.pools, p.pool, p.hours),
        _capacity(p, p.plants, p.plant, p.mva),
        limits,
        floors,
    ]


def _capacity(p: Problem, made: Rows, of: Ints, used: Floats) -> Rows:
    """Hours (or power) used by the links of a pool, less what new units add, <= what is built."""
    at = np.nonzero(of >= 0)[0]
    return _rows(
        np.r_[made.number(), of[at]],
        np.r_[made.at, p.cost.size + at],
        np.r_[-made.value, used[at]],
        made.times(p.built),
    )


def _rows(number: Ints, at: Ints, value: Floats, rhs: Floats) -> Rows:
    order = np.argsort(number, kind="stable")
    ptr = np.r_[0, np.cumsum(np.bincount(number, minlength=rhs.size))]
    return Rows(ptr=ptr, at=at[order], value=value[order], rhs=rhs)


def limit_scale(p: Problem) -> Floats:
    """Return the factor of each limit row: money in MUSD, units as they are."""
    money = np.arange(len(p.limits)) < p.plan.budget_usd.size
    return np.where(money, 1.0 / USD_PER_MUSD, 1.0)


def _answer(h: Any, p: Problem, blocks: list[Rows], *, whole: bool) -> Answer:
    info, solution = h.getInfo(), h.getSolution()
    status = h.modelStatusToString(h.getModelStatus()).lower()
    found = info.primal_solution_status == _FEASIBLE
    column = np.array(solution.col_value)
    units = p.cost.size
    value = float(info.objective_function_value) if found else -np.inf
    best = float(info.mip_dual_bound) if whole else value
    dual = np.zeros(sum(map(len, blocks)))
    if not whole and info.dual_solution_status == _FEASIBLE:
        dual = np.maximum(np.array(solution.row_dual), 0.0)
    duals = np.split(dual, np.cumsum([len(block) for block in blocks])[:-1])
    needs, pools, plants, limits, floors = duals
    return Answer(
        status=status,
        x=(np.rint(column[:units]) if whole else column[:units]) if found else None,
        z=np.clip(column[units:], 0.0, 1.0) if found else None,
        value=value,
        bound=best if whole or status == "optimal" else np.inf,
        duals=[needs, pools, plants, limits * limit_scale(p), floors],
    )
