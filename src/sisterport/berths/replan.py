"""Plan again as time goes on: what is under way or near stays, what was promised moves only for a price."""

from collections.abc import Callable, Mapping
from dataclasses import replace as changed
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from sisterport.berths.desk import Desk, Weights, lay_out
from sisterport.berths.exact import Floats
from sisterport.berths.plan import Plan, planned
from sisterport.berths.problem import FORBIDDEN
from sisterport.berths.search import Found
from sisterport.berths.solver import optimise
from sisterport.errors import InputError
from sisterport.tables import check, to_polars

QUICK_S = 0.15
"""Usual time limit [s]: with what is done before and after, 150 ships take about 0.2 s."""


def replan(
    previous: Plan | Any,
    calls: Any,
    berths: Any,
    *,
    now_utc: datetime,
    freeze_h: float = 0.0,
    weights: Weights | None = None,
    time_limit_s: float = QUICK_S,
    gap: float = 0.0,
    seed: int = 0,
    hindrance: Mapping[str, float] | None = None,
    **options: Any,
) -> Plan:
    """Plan again from `now_utc` on.

    Calls of the previous plan that lie at their berth now, or start within `freeze_h` hours and can still do so, keep
    berth and start (column `frozen`). The others are promised what the previous plan gave them, unless `calls` promise
    something else, and `weights.moved` and `weights.other_berth` price changes.

    Parameters
    ----------
    previous
        The plan so far, or its stays (frame ``berth_plan``).
    calls, berths
        As for `plan.plan`, as they are known now; calls that are gone are left out, and so may they be here.
    now_utc
        Nobody starts before.
    freeze_h
        Freeze window [h].
    weights, time_limit_s, gap, seed
        As for `plan.plan`.
    hindrance
        `Plan.hindrance` of the previous plan where that is given by its stays: a good bound is found sooner with it.
    options
        The other options of `plan.plan`: pairs, approaches, closures, tides, under_keel_m, horizon_utc, step_min,
        cost_step.

    Raises
    ------
    SchemaError, InputError
        As `plan.plan`.

    Examples
    --------
    >>> from sisterport.berths.plan import plan
    >>> calls = pl.DataFrame({
    ...     "call_id": ["Ada", "Ben"], "handling_h": [4.0, 2.0],
    ...     "eta_utc": [datetime(2026, 1, 1, 6), datetime(2026, 1, 1, 7)],
    ... })
    >>> berths = pl.DataFrame({"berth_id": ["east"]})
    >>> first = plan(calls, berths)
    >>> cem = pl.DataFrame({"call_id": ["Cem"], "handling_h": [1.0], "eta_utc": [datetime(2026, 1, 1, 8)]})
    >>> new = replan(first, pl.concat([calls, cem]), berths, now_utc=datetime(2026, 1, 1, 8), freeze_h=1,
    ...              weights=Weights(moved=0.1))
    >>> new.stays.select("call_id", "start_utc", "moved_h", "frozen").rows()[1:]  # doctest: +NORMALIZE_WHITESPACE
    [('Ben', datetime.datetime(2026, 1, 1, 11, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC')), 1.0, False),
     ('Cem', datetime.datetime(2026, 1, 1, 10, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC')), None, False)]
    """
    before = previous.stays if isinstance(previous, Plan) else check(previous, "berth_plan")
    now = pl.lit(now_utc).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    if now_utc.tzinfo is not None:
        now = pl.lit(now_utc).dt.convert_time_zone("UTC").cast(pl.Datetime("ms", "UTC"))
    wanted, frozen = _with_promises(check(calls, "berth_calls"), before, now, freeze_h)
    gone = set(before["call_id"]) - set(wanted["call_id"])
    for name in ("pairs", "approaches"):
        if options.get(name) is not None:
            options[name] = to_polars(options[name]).filter(~pl.col("call_id").is_in(list(gone)))
    desk = lay_out(wanted, berths, weights=weights, **options)
    begin = _order(desk, before)
    known = previous.hindrance if isinstance(previous, Plan) else hindrance
    prices = _prices(desk, known or {})
    solution = optimise(desk.problem, time_limit_s=time_limit_s, gap=gap, seed=seed, begin=begin, prices=prices)
    made = planned(desk, solution)
    kept = made.stays.with_columns(frozen=pl.col("call_id").is_in(frozen))
    return changed(made, stays=check(kept, "berth_plan"))


def _with_promises(
    c: pl.DataFrame, before: pl.DataFrame, now: pl.Expr, freeze_h: float
) -> tuple[pl.DataFrame, list[str]]:
    """Return the calls that are still to be planned, with locks and promises, and the names of the frozen ones."""
    old = before.select("call_id", was="berth_id", began="start_utc", ended="end_utc")
    both = c.join(old, on="call_id", how="left", maintain_order="left").filter(
        pl.col("ended").is_null() | (pl.col("ended") > now)
    )
    # under way or near; who is late is neither, whatever was planned
    near = (pl.col("began") <= now + timedelta(hours=freeze_h)) & (pl.col("eta_utc") <= pl.col("began"))
    free = pl.col("locked_berth_id").is_null() & pl.col("locked_start_utc").is_null()
    freeze = (free & near).fill_null(value=False)
    frozen = both.filter(freeze)["call_id"].to_list()
    return both.select(
        pl.all().exclude(
            "was",
            "began",
            "ended",
            "eta_utc",
            "locked_berth_id",
            "locked_start_utc",
            "promised_berth_id",
            "promised_start_utc",
        ),
        # nobody starts before now, except who has started
        eta_utc=pl.when(freeze)
        .then(pl.min_horizontal("eta_utc", "began"))
        .otherwise(
            pl.when(free | pl.col("locked_start_utc").is_null())
            .then(pl.max_horizontal("eta_utc", now))
            .otherwise("eta_utc")
        ),
        locked_berth_id=pl.when(freeze).then("was").otherwise("locked_berth_id"),
        locked_start_utc=pl.when(freeze).then("began").otherwise("locked_start_utc"),
        promised_berth_id=pl.coalesce("promised_berth_id", "was"),
        promised_start_utc=pl.coalesce("promised_start_utc", "began"),
    ), frozen


def _order(desk: Desk, before: pl.DataFrame) -> Found | None:
    """Return the previous plan as an order of ships; new ones come by their ETA at the berth where they cost least."""
    old = {name: (berth, start) for name, berth, start in before.select("call_id", "berth_id", "start_utc").iter_rows()}
    columns = {name: b for b, name in enumerate(desk.problem.berths)}
    cost, count = desk.problem.cost, len(desk.problem.ships)
    berth, start = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for i, name in enumerate(desk.problem.ships):
        cheapest = np.unravel_index(int(np.argmin(cost[i])), cost[i].shape)
        berth[i], start[i] = cheapest
        if name in old and old[name][0] in columns:
            b = columns[old[name][0]]
            if (cost[i, b] != FORBIDDEN).any():
                berth[i] = b
                start[i] = int(desk.clock.at(pl.Series([old[name][1]]), up=False)[0])
    return Found(berth=berth, start=start, value=0, complete=True) if count else None


def _prices(desk: Desk, hindrance: Mapping[str, float]) -> Callable[[Found], Floats] | None:
    """Return prices for a first plan: what a ship costs in it, and what she cost the others in the previous plan.

    A new ship costs the others what ships do in the mean; None where nothing is known.
    """
    if not hindrance:
        return None
    problem, mean = desk.problem, float(np.mean(list(hindrance.values())))
    others = np.array([hindrance.get(name, mean) for name in problem.ships]) / desk.cost_step
    return lambda found: others + problem.cost[np.arange(len(problem.ships)), found.berth, found.start]


def moved_share(plan: Plan, *, now_utc: datetime, window_h: float) -> float:
    """Return the share of the ships promised a start within `window_h` hours from now that were moved.

    Raises
    ------
    InputError
        If the plan has no promises.

    Examples
    --------
    >>> from sisterport.berths.plan import plan
    >>> calls = pl.DataFrame({"call_id": ["Ada"], "handling_h": [4.0], "eta_utc": [datetime(2026, 1, 1, 6)],
    ...                       "promised_start_utc": [datetime(2026, 1, 1, 6)]})
    >>> moved_share(plan(calls, pl.DataFrame({"berth_id": ["east"]})), now_utc=datetime(2026, 1, 1), window_h=24)
    0.0
    """
    rows = plan.stays.join(plan.desk.calls.select("call_id", "promised_start_utc"), on="call_id").drop_nulls("moved_h")
    if not rows.height:
        raise InputError("nobody was promised a start, so nobody was moved")
    until = now_utc.replace(tzinfo=None) + timedelta(hours=window_h)
    near = rows.filter(pl.col("promised_start_utc").dt.replace_time_zone(None) <= until)
    shifted = near.filter((pl.col("moved_h") > 0) | pl.col("other_berth").fill_null(value=False))
    return shifted.height / near.height if near.height else 0.0
