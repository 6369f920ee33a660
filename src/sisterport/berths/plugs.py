"""Who can plug in where, what a plug changes, and which outlets share a plant."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from sisterport.berths import asked
from sisterport.berths.exact import Floats
from sisterport.berths.problem import FORBIDDEN, Flags, Ints, Power
from sisterport.units import KWH_PER_MWH as KW_PER_MW
from sisterport.units import ROUNDING

if TYPE_CHECKING:
    from sisterport.berths.desk import Frames

MUST, MAY = "must", "may"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugs:
    """Shore power by call and berth.

    Parameters
    ----------
    possible
        False where a call must plug in and cannot.
    plugged
        The ship plugs in here if her plant has power left.
    must
        Calls that must.
    with_plug, without
        Quantities of the stay (fuel, CO2e, NOx) by quantity, call and berth; NaN where not known.
    cost
        Weighted cost of the stay, plugged in where `plugged`.
    more
        What it costs more not to plug in.
    draw_kw
        What each call draws [kW].
    plant
        Plant of each berth; -1 where nothing limits it.
    plants
        Names of the plants.
    limit_kw
        What each gives [kW].
    """

    possible: Flags
    plugged: Flags
    must: Flags
    with_plug: Floats
    without: Floats
    cost: Floats
    more: Floats
    draw_kw: Ints
    plant: Ints
    plants: tuple[str, ...]
    limit_kw: Ints

    def power(self, cost_step: float) -> Power | None:
        """Return the limits of shore power in whole units of cost; None where nobody plugs in."""
        if not self.plugged.any():
            return None
        more = np.round(np.minimum(self.more / cost_step, FORBIDDEN - 1))
        return Power(
            draw=np.where(self.plugged, self.draw_kw[:, None], 0),
            plant=self.plant,
            limit=self.limit_kw,
            unplugged=np.where(self.must[:, None], FORBIDDEN, more).astype(np.int32),
        )

    def quantities(self, ships: Any, berths: Any, plugged: Any) -> Floats:
        """Return the quantities of chosen stays: quantity x call; NaN where not known."""
        chosen: Floats = np.where(plugged, self.with_plug[:, ships, berths], self.without[:, ships, berths])
        return chosen


def plugs(f: "Frames", weights: tuple[float, float, float]) -> Plugs:
    """Return who can plug in where.

    A ship that may plug in does so where that costs no more than not to; where emissions have no weight it is all the
    same to the plan, and she does.
    """
    c, b = f.calls, f.berths
    need = c["shore_power_mw"].fill_null(0.0).to_numpy()
    word = c["shore_power"].fill_null("no")
    must = (word == MUST).to_numpy()
    wants = must | (word == MAY).to_numpy()
    outlet = b["shore_power_mw"].fill_null(0.0).to_numpy()
    can = (need[:, None] <= outlet[None, :]) & (outlet > 0)[None, :]
    said, says = _pairs(f, pl.col("plug").cast(pl.Float64))
    can = np.where(says, said > 0, can) & (outlet > 0)[None, :] & wants[:, None]
    without = np.stack([_pairs(f, pl.col(name))[0] for name in ("fuel_t", "co2e_t", "nox_kg")])
    with_plug = np.stack(
        [_pairs(f, pl.col(name))[0] for name in ("plugged_fuel_t", "plugged_co2e_t", "plugged_nox_kg")]
    )
    weigh = np.array(weights)[:, None, None]
    plain, clean = (np.nan_to_num(weigh * x).sum(axis=0) for x in (without, with_plug))
    known = ~np.isnan(np.where(weigh != 0, with_plug - without, 0.0)).any(axis=0)  # what is not known decides nothing
    more = np.where(known, plain - clean, 0.0)
    plugged = can & (must[:, None] | (more >= 0))
    # a plant without a name is the outlet's own
    own = b.with_columns(plant=pl.coalesce("plant_id", pl.lit("outlet of ") + pl.col("berth_id")))
    limit = dict(own.drop_nulls("plant_power_mw").group_by("plant").agg(pl.col("plant_power_mw").min()).iter_rows())
    limited = sorted(limit)
    return Plugs(
        possible=can | ~must[:, None],
        plugged=plugged,
        must=must,
        with_plug=with_plug,
        without=without,
        cost=np.where(plugged & known, clean, plain),
        more=np.where(plugged, more, 0.0),
        draw_kw=np.ceil(need * KW_PER_MW - ROUNDING).astype(np.int64),
        plant=np.array([limited.index(name) if name in limited else -1 for name in own["plant"]], dtype=np.int64),
        plants=tuple(limited),
        limit_kw=np.array([int(limit[name] * KW_PER_MW + ROUNDING) for name in limited], dtype=np.int64),
    )


def _pairs(f: "Frames", value: pl.Expr) -> tuple[Floats, Flags]:
    """Return a column of pairs by call and berth (NaN where there is none), and where there is one."""
    rows, columns = asked.places(f)
    out = np.full((f.calls.height, f.berths.height), np.nan)
    known = f.pairs.select("call_id", "berth_id", value.alias("value")).drop_nulls()
    out[[rows[i] for i in known["call_id"]], [columns[b] for b in known["berth_id"]]] = known["value"]
    return out, ~np.isnan(out)
