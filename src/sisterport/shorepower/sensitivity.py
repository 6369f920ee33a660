"""Does the chosen set survive other costs? The plan is made again at low and at high costs and held beside."""

from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.reference import value
from sisterport.shorepower.problem import COSTS
from sisterport.shorepower.upgrades import Upgraded, upgrades
from sisterport.units import ROUNDING

_TOLERANCE = value("plan_loss_tolerance")


def sensitivity(
    upgrades_: Any, links: Any, needs: Any, *, budget_musd: float, tolerance: float = _TOLERANCE, **options: Any
) -> pl.DataFrame:
    """Return how the plan made at middle costs fares at low and high costs.

    Parameters
    ----------
    upgrades_, links, needs
        Frames as for `upgrades`; low and high costs that are null count as the middle ones.
    budget_musd
        Capital limit [MUSD].
    tolerance
        The set survives where it is affordable and saves at most this share less than the plan made for those costs.
    **options
        Further options of `upgrades`.

    Returns
    -------
    pl.DataFrame
        Per cost column: saving and bound of the plan made for it, cost of the kept set [MUSD] and whether the budget
        pays it, share of its cost that the new plan builds too, and `survives`.

    Examples
    --------
    >>> from sisterport.shorepower.example import frames
    >>> u, e, n = frames()
    >>> u = u.with_columns(cost_low_musd=pl.col("cost_musd") * 0.5, cost_high_musd=pl.col("cost_musd") * 1.5)
    >>> sensitivity(u, e, n, budget_musd=6.0).select("cost", "value", "kept_cost_musd", "survives").rows()
    [('cost_low_musd', 7200.0, 2.5, False), ('cost_musd', 3500.0, 5.0, True), ('cost_high_musd', 2000.0, 7.5, False)]
    """
    if tolerance < 0:
        raise InputError(f"tolerance is {tolerance}: needed is a share of at least 0")
    plans = {
        cost: upgrades(upgrades_, links, needs, budget_musd=budget_musd, cost=cost, **options)
        for cost in (COSTS[1], COSTS[0], COSTS[2])
    }
    kept = plans[COSTS[0]]
    prices = pl.DataFrame(upgrades_) if not isinstance(upgrades_, pl.DataFrame) else upgrades_
    return pl.DataFrame([_row(cost, plan, kept, prices, budget_musd, tolerance) for cost, plan in plans.items()])


def _row(
    cost: str, plan: Upgraded, kept: Upgraded, prices: pl.DataFrame, budget: float, tolerance: float
) -> dict[str, Any]:
    paid = pl.col("cost_musd") if cost not in prices.columns else pl.coalesce(cost, "cost_musd")
    units = kept.units.select("upgrade_id", "units").join(
        prices.select("upgrade_id", paid.cast(pl.Float64).alias("each")), on="upgrade_id", how="left"
    )
    again = units.join(plan.units.select("upgrade_id", again="units"), on="upgrade_id", how="left").with_columns(
        pl.col("again").fill_null(0)
    )
    total = float((units["units"] * units["each"]).sum())
    common = float((again.select(pl.min_horizontal("units", "again")).to_series() * again["each"]).sum())
    affordable = total <= budget + ROUNDING
    return {
        "cost": cost,
        "value": plan.value,
        "bound": plan.bound,
        "gap": plan.gap,
        "kept_value": kept.value,
        "kept_cost_musd": total,
        "affordable": affordable,
        "built_again_share": common / total if total else 1.0,
        "survives": affordable and kept.value >= (1 - tolerance) * plan.value,
    }
