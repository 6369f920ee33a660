"""A study: policies on the same random streams, seed by seed, with confidence intervals and who pays for what."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sisterport.berths.burn import Floats
from sisterport.berths.simulate import (
    ANCHOR,
    BUFFER,
    MOVES,
    PROMISE,
    REPLAN_H,
    Policy,
    Run,
    simulate,
    standard_policies,
)
from sisterport.berths.world import SEEN_H, Port, World, world
from sisterport.errors import InputError
from sisterport.reference import constant, value
from sisterport.tables import check

SEEDS, CALLS, UTILISATION = 30, 80, 0.95
"""Usual size of a study."""
LEVEL = 0.95
"""Of the confidence intervals."""
_SLOWED_H = 0.25
_PUBLISHED = {12.0: "jit_published_12h", 24.0: "jit_published_24h", float(SEEN_H): "jit_published_voyage"}
"""Published savings by the notice horizon that comes nearest; the whole voyage beside the longest horizon."""

_DIFFERENCES = {"slowed_delay_h", "others_delay_h"}
"""Measures that are differences themselves."""


class Study(NamedTuple):
    """What policies did.

    Attributes
    ----------
    runs
        Frame of the table ``simulated_runs``.
    summary
        Frame of the table ``simulated``.
    stated
        Every choice behind it, in words: what, value, source.
    """

    runs: pl.DataFrame
    summary: pl.DataFrame
    stated: pl.DataFrame


def study(
    port: Port,
    *,
    utilisation: float = UTILISATION,
    seeds: int = SEEDS,
    calls: int = CALLS,
    policies: Sequence[Policy] | None = None,
    eta_times: float = 1.0,
    first_seed: int = 0,
    moves: int = MOVES,
    workers: int = 1,
) -> Study:
    """Return what policies do to the same ships, for many seeds.

    Parameters
    ----------
    port
        From `sisterport.berths.world.synthetic_port` or `calibrate`.
    utilisation
        Work over what the berths could do between the first and the last arrival [-].
    seeds, first_seed
        Number of seeds, and the first one.
    calls
        Ships of a seed.
    policies
        First come first served, plan, and just in time at 12, 24, 48 and 72 h notice if not given. The first one is
        what the others are compared with.
    eta_times
        The usual error of estimated arrivals times this.
    moves
        Moves of the search in each replan.
    workers
        Processes; the result does not depend on them.

    Raises
    ------
    InputError
        If there is no seed or no policy.
    """
    chosen = tuple(policies) if policies is not None else standard_policies()
    if seeds < 1 or not chosen:
        raise InputError(f"{seeds} seeds and {len(chosen)} policies: one of each is needed")
    jobs = [
        (port, seed, calls, utilisation, eta_times, chosen, moves) for seed in range(first_seed, first_seed + seeds)
    ]
    if workers > 1:  # not by fork: the threads of the frames would not survive it
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            parts = list(pool.map(_seed, jobs))
    else:
        parts = [_seed(job) for job in jobs]
    runs = check(pl.DataFrame([row for part in parts for row in part], infer_schema_length=None), "simulated_runs")
    return Study(runs, summarise_runs(runs), _stated(port, utilisation, calls, eta_times, moves))


def _seed(job: tuple[Port, int, int, float, float, tuple[Policy, ...], int]) -> list[dict[str, Any]]:
    port, seed, calls, utilisation, eta_times, policies, moves = job
    ships = world(port, seed=seed, calls=calls, utilisation=utilisation, eta_times=eta_times)
    runs = {policy: simulate(ships, policy, seed=seed, moves=moves) for policy in policies}
    planned = next((run for policy, run in runs.items() if policy.kind == "plan"), None)
    return [{"seed": seed, "policy": policy.name, "notice_h": policy.notice_h} | _measures(ships, run, planned)
            for policy, run in runs.items()]  # fmt: skip


def _measures(ships: World, run: Run, planned: Run | None) -> dict[str, Any]:
    slowed = run.here_h - ships.arrival_h >= _SLOWED_H
    later = run.start_h - planned.start_h if planned is not None else np.full(slowed.size, np.nan)
    fuel = run.main_t + run.sea_t + run.anchor_t
    busy = run.end_h - run.start_h
    berths = ships.handling_h.shape[1]
    return {
        "anchor_h": max(float((run.start_h - run.here_h).mean()), 0.0),
        "waiting_h": float((run.start_h - ships.arrival_h).mean()),
        "turnaround_h": float((run.end_h - ships.arrival_h).mean()),
        "main_t": float(run.main_t.mean()),
        "fuel_t": float(fuel.mean()),
        "co2e_t": float((fuel * ships.burn.co2e_per_t).mean()),
        "idle_h": float(run.idle_h.mean()),
        "berth_idle_h": _between(run) / slowed.size,
        "slowed_share": float(slowed.mean()),
        "slowed_delay_h": _mean(later[slowed]),
        "others_delay_h": _mean(later[~slowed]),
        "late_h": _mean(run.late_h[run.slowed]),
        "utilisation": float(busy.sum() / (berths * (run.end_h.max() - run.start_h.min()))),
    }


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if values.size and np.isfinite(values).all() else None


def _between(run: Run) -> float:
    """Return all hours between two ships at a berth."""
    idle = 0.0
    for b in np.unique(run.berth):
        here = np.flatnonzero(run.berth == b)
        order = here[np.argsort(run.start_h[here], kind="stable")]
        idle += float((run.start_h[order[1:]] - run.end_h[order[:-1]]).sum())
    return max(idle, 0.0)


def summarise_runs(runs: Any) -> pl.DataFrame:
    """Return mean, confidence interval and change against the first policy of every measure.

    The change is that of the mean over seeds; its interval comes from pairs of the same seed, as all policies saw the
    same ships.

    Parameters
    ----------
    runs
        Frame of the table ``simulated_runs``.

    Returns
    -------
    DataFrame
        Table ``simulated``.
    """
    rows = check(runs, "simulated_runs")
    measures = [name for name in rows.columns if name not in {"seed", "policy", "notice_h"}]
    policies = rows.select("policy", "notice_h").unique(maintain_order=True).rows()
    values = {name: rows.filter(policy=name).sort("seed") for name, _ in policies}
    found = []
    for name, notice in policies:
        for measure in measures:
            own, base = (values[p][measure].drop_nulls().to_numpy() for p in (name, policies[0][0]))
            line: dict[str, Any] = {"policy": name, "measure": measure, "runs": own.size}
            line |= dict(zip(("mean", "low", "high"), _interval(own), strict=True))
            if measure not in _DIFFERENCES and own.size == base.size and own.size and base.mean() > 0:
                line |= dict(zip(("change", "change_low", "change_high"), _change(own, base), strict=True))
            if measure in {"main_t", "fuel_t"} and notice in _PUBLISHED:
                line["published"] = -value(_PUBLISHED[notice])
            found.append(line)
    return check(pl.DataFrame(found, infer_schema_length=None), "simulated")


_Interval = tuple[float | None, float | None, float | None]


def _interval(values: Floats) -> _Interval:
    """Return mean and ends of its confidence interval (Student's t); no ends for a single value."""
    if not values.size:
        return None, None, None
    mean = float(values.mean())
    if values.size == 1:
        return mean, None, None
    half = student_t(values.size - 1) * float(values.std(ddof=1)) / np.sqrt(values.size)
    return mean, mean - half, mean + half


def _change(own: Floats, base: Floats) -> _Interval:
    """Return the ratio of two means less one, and its interval: that of a ratio estimator for pairs."""
    ratio = float(own.mean() / base.mean())
    _, low, high = _interval((own - ratio * base) / base.mean())
    if low is None or high is None:
        return ratio - 1.0, None, None
    return ratio - 1.0, ratio - 1.0 + low, ratio - 1.0 + high


def student_t(freedom: int, level: float = LEVEL) -> float:
    """Return the two-sided quantile of Student's t.

    References
    ----------
    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5 (expansion in the normal quantile).

    Examples
    --------
    >>> round(student_t(29), 3), round(student_t(9), 2)
    (2.045, 2.26)
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(z + sum(term / freedom ** (k + 1) for k, term in enumerate(terms)))


def _stated(port: Port, utilisation: float, calls: int, eta_times: float, moves: int) -> pl.DataFrame:
    floor, share, spread = (constant(n) for n in ("eta_error_floor_h", "eta_error_share", "handling_error_sigma"))
    slowest = constant("jit_slowest_share")
    curve = f"{eta_times:g} x ({floor.value:g} h + {share.value:g} x hours to go)"
    rows = [
        ("port", port.name, port.source),
        ("calls of a seed", str(calls), "chosen"),
        ("utilisation", f"{utilisation:g}", "chosen"),
        (
            "standard deviation of an estimated arrival",
            curve,
            f"{share.source} ({share.status}); floor: {floor.status}",
        ),
        ("handling, standard deviation of its logarithm", f"{spread.value:g}", f"{spread.source} ({spread.status})"),
        ("lowest speed over service speed", f"{slowest.value:g}", f"{slowest.source} ({slowest.status})"),
        ("ships are seen, and fuel counts, from", f"{SEEN_H} h before arrival", "chosen"),
        ("hours between plans; moves of each search", f"{REPLAN_H}; {moves}", "chosen"),
        ("asked for before the planned start", f"{BUFFER:g} standard deviations of the estimate", "chosen"),
        ("cost of an hour past a promise; at anchor", f"{PROMISE:g}; {ANCHOR:g} (turnaround: 1)", "chosen"),
    ]
    return pl.DataFrame(rows, schema=["what", "value", "source"], orient="row")
