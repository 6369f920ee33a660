"""The abatement cost curve of a plan: what each measure avoids and costs beside today's way, cheapest first."""

import numpy as np
import polars as pl

from sisterport.corridor.answers_costs import against, per_tonne
from sisterport.corridor.answers_frames import Told
from sisterport.corridor.plan_frames import SHORE_POWER
from sisterport.corridor.problem import OIL, Problem
from sisterport.units import USD_PER_MUSD

REST = "slower sailing and all else"
"""What is left when the measures are taken from the whole difference of two plans."""
_KILO = 1e3


def abatement(p: Problem, plan: Told, other: Told, *, burns: str) -> pl.DataFrame:
    """Return the measures of a plan with what they avoid and cost beside another plan.

    Parameters
    ----------
    p
        Problem of both plans (that of `plan`: prices of ships, fuels and electricity).
    plan, other
        The plan, and today's way.
    burns
        Fuel that the other fuels take the place of.

    Returns
    -------
    polars.DataFrame
        measure, avoided_t (well to wake, all years), more_musd (present value), usd_per_t (both discounted alike; null
        where nothing is avoided), the cheapest first.

    Notes
    -----
    A fuel avoids what the same energy of `burns` would emit; it costs its price beside that of `burns` in the same port
    and year, and its part, by energy, of what its family needs: ships dearer than those on oil, conversions, bunker
    ports. Shore power likewise. Other speeds, other efficiencies and rules are the rest, so the sum is the whole
    difference between the plans.
    """
    fuels = pl.concat([_fuels(p, plan, burns, sign=1.0), _fuels(p, other, burns, sign=-1.0)])
    by_fuel = fuels.group_by("measure", maintain_order=True).agg(
        pl.col("avoided_t", "avoided_present_t", "more_musd").sum()
    )
    shore = pl.concat([_shore(p, plan, burns, sign=1.0), _shore(p, other, burns, sign=-1.0)])
    by_shore = shore.group_by("measure", maintain_order=True).agg(
        pl.col("avoided_t", "avoided_present_t", "more_musd").sum()
    )
    known = pl.concat([by_fuel, by_shore]).filter(
        (pl.col("avoided_t").abs() > 1.0) | (pl.col("more_musd").abs() > 0.01)
    )
    difference = against(plan, other)
    whole = per_tonne(difference)
    rest = {
        "measure": REST,
        "avoided_t": whole["avoided_t"] - known["avoided_t"].sum(),  # type: ignore[operator]
        "avoided_present_t": float((difference["avoided_t"] * difference["discount"]).sum())
        - float(known["avoided_present_t"].sum()),
        "more_musd": whole["more_musd"] - known["more_musd"].sum(),  # type: ignore[operator]
    }
    every = pl.concat([known, pl.DataFrame([rest], schema=known.schema)])
    price = pl.col("more_musd") * USD_PER_MUSD / pl.col("avoided_present_t")
    return (
        every.with_columns(usd_per_t=pl.when(pl.col("avoided_present_t") > 1.0).then(price))
        .select("measure", "avoided_t", "more_musd", "usd_per_t")
        .sort("usd_per_t", "measure", nulls_last=True)
    )


def _present(p: Problem) -> pl.DataFrame:
    return pl.DataFrame({"year": p.years, "discount": p.discount}).cast({"year": pl.Int64})


def _fuels(p: Problem, plan: Told, burns: str, *, sign: float) -> pl.DataFrame:
    """Return what each fuel but `burns` avoids and costs, with its part of what its family needs."""
    own = p.fuels.index(burns)
    rows = plan.fuel.filter(pl.col("fuel") != burns)
    port = np.array([p.ports.index(code) for code in rows["port"]], np.int64)
    year = np.array([p.years.index(y) for y in rows["year"]], np.int64)
    there = p.price_usd_gj[own, port, year]
    energy = rows["energy_tj"]
    valued = rows.join(_present(p), on="year", maintain_order="left").with_columns(
        avoided=energy * p.fuel_t_tj[own, year] - rows["wtw_t"],
        more=rows["cost_musd"] - energy * np.where(np.isfinite(there), there, 0.0) / _KILO,
    )
    by_fuel = valued.group_by("fuel", "family", maintain_order=True).agg(
        avoided_t=pl.col("avoided").sum() * sign,
        avoided_present_t=(pl.col("avoided") * pl.col("discount")).sum() * sign,
        more_musd=(pl.col("more") * pl.col("discount")).sum() * sign,
        energy=(pl.col("energy_tj") * pl.col("discount")).sum(),
    )
    part = pl.col("energy") / pl.col("energy").sum().over("family")
    return by_fuel.join(_families(p, plan), on="family", how="full", coalesce=True).select(
        measure=pl.coalesce("fuel", pl.format("ships for {}, not yet on it", "family")),
        avoided_t=pl.col("avoided_t").fill_null(0.0),
        avoided_present_t=pl.col("avoided_present_t").fill_null(0.0),
        more_musd=pl.col("more_musd").fill_null(0.0)
        + sign * pl.col("family_musd").fill_null(0.0) * part.fill_null(1.0),
    )


def _families(p: Problem, plan: Told) -> pl.DataFrame:
    """Return what each family but oil needs beside fuel, present value: dearer ships, conversions, upkeep, ports."""
    total = dict.fromkeys(p.families, 0.0)
    oil = int(np.flatnonzero(p.variant_family == OIL)[0])
    for row in plan.orders.iter_rows(named=True):
        s, v, y = p.services.index(row["service"]), p.variants.index(row["variant"]), p.years.index(row["year"])
        plain = 0.0 if row["from_variant"] is not None else row["ships"] * p.new_musd[s, oil, y]
        if p.variant_family[v] != OIL:
            total[row["family"]] += float(p.discount[y] * (row["cost_musd"] - plain))
    for row in plan.ships.iter_rows(named=True):
        s, v, y = p.services.index(row["service"]), p.variants.index(row["variant"]), p.years.index(row["year"])
        sails = row["ships"] - row["chartered_out"]
        total[row["family"]] += float(p.discount[y] * sails * (p.own_musd[s, v, y] - p.own_musd[s, oil, y]))
    for row in plan.openings.filter(pl.col("opened") != SHORE_POWER).iter_rows(named=True):
        total[row["opened"]] += float(p.discount[p.years.index(row["year"])] * row["cost_musd"])
    known = {family: musd for family, musd in total.items() if musd}
    return pl.DataFrame(
        {"family": list(known), "family_musd": list(known.values())},
        schema={"family": pl.String, "family_musd": pl.Float64},
    )


def _shore(p: Problem, plan: Told, burns: str, *, sign: float) -> pl.DataFrame:
    """Return what shore power avoids and costs, with what its openings cost."""
    own = p.fuels.index(burns)
    port = np.array([p.ports.index(code) for code in plan.shore["port"]], np.int64)
    year = np.array([p.years.index(y) for y in plan.shore["year"]], np.int64)
    saved, there = plan.shore["fuel_saved_tj"], p.price_usd_gj[own, port, year]
    rows = plan.shore.join(_present(p), on="year", maintain_order="left").with_columns(
        avoided=saved * p.fuel_t_tj[own, year] - plan.shore["wtw_t"],
        more=plan.shore["cost_musd"] - saved * np.where(np.isfinite(there), there, 0.0) / _KILO,
    )
    opened = float(plan.costs.filter(pl.col("item") == "shore power")["present_musd"].sum())
    return rows.select(
        measure=pl.lit(SHORE_POWER),
        avoided_t=pl.col("avoided") * sign,
        avoided_present_t=pl.col("avoided") * pl.col("discount") * sign,
        more_musd=pl.col("more") * pl.col("discount") * sign + sign * opened / max(rows.height, 1),
    )
