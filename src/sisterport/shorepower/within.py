"""Within what outlets and plants give: their hours and power, from the registers, on an upgrade problem.

Hours and power are counted over the year, not moment by moment: outlets give so many hours, a plant gives its power at
any time, and a ship takes its power for the hours that it is connected.
"""

from datetime import date
from typing import Any, NamedTuple

import polars as pl

from sisterport.fleet import ship_id
from sisterport.reference import value
from sisterport.shorepower.kleene import FALSE
from sisterport.shorepower.marking import in_service
from sisterport.shorepower.needs import link_id, prices
from sisterport.tables import check
from sisterport.units import HOURS_PER_YEAR, ROUNDING

OUTLET, PLANT = "new_outlet", "bigger_outlet"
"""Fixes that add outlet hours, and power of a plant."""
MORE, AGAIN = "more_outlets @ ", "plant_again @ "
"""What the registers' outlets of a berth, and a plant, are called as upgrades: one more like them can be built."""
_PEAKS = ("peak_mw_high", "peak_mw", "peak_cargo_mw", "peak_reefers_mw", "peak_passengers_mw")


class Within(NamedTuple):
    """An upgrade problem with hours and power.

    Attributes
    ----------
    upgrades, links
        Tables ``upgrades`` and ``upgrade_links``. Only what can be too little is limited: berths whose ships ask for
        more hours than there are, and plants of which more power is asked.
    said
        What is limited, and what the registers do not state and how it is taken: sentences with counts.
    """

    upgrades: pl.DataFrame
    links: pl.DataFrame
    said: list[str]


def within(
    upgrades: Any, links: Any, verdicts: Any, *, outlets: Any, inlets: Any, on: date, costs: Any = None
) -> Within:
    """Put the hours of outlets and the power of plants on an upgrade problem.

    Parameters
    ----------
    upgrades, links, verdicts
        Frames of the tables ``upgrades``, ``upgrade_links`` and ``verdicts``; a verdict tells the outlet of a link.
    outlets, inlets
        Registers. An outlet gives the hours of a year times its ``availability_share``; a plant gives
        ``plant_power_mva``, and each connected ship takes its peak times the ``simultaneity`` of the plant's outlets.
    on
        Day on which outlets have to be in service to count.
    costs
        As in `needs`: what one more outlet costs, and the plant once more (a bigger outlet for each one it feeds).

    Examples
    --------
    >>> upgrades = pl.DataFrame([{"upgrade_id": "inlet_retrofit @ imo:9074729", "side": "ship",
    ...     "owner": "imo:9074729", "fix": "inlet_retrofit", "cost_musd": 1.0}])
    >>> links = pl.DataFrame([{"link_id": f"{ship} @ b1", "ship_id": ship, "berth_id": "b1", "locode": "DEHAM",
    ...     "energy_mwh": 9000.0, "hours_h": 6000.0, "co2e_t": 5000.0} for ship in ("imo:9074729", "imo:9110913")])
    >>> outlets = pl.DataFrame([{"outlet_id": "o1", "berth_id": "b1", "locode": "DEHAM", "state": "operational",
    ...     "outlets_n": 1, "availability_share": 0.9, "source": "port", "status": "checked"}])
    >>> from sisterport.tables import empty
    >>> found = within(upgrades, links, empty("verdicts"), outlets=outlets, inlets=empty("inlets"),
    ...                on=date(2026, 11, 1))
    >>> found.upgrades.filter(side="berth").select("upgrade_id", "units_built", "outlet_hours_h").row(0)
    ('more_outlets @ b1', 1, 7884.0)
    """
    table, rows = check(upgrades, "upgrades"), check(links, "upgrade_links")
    serving = in_use(outlets, on)
    price = prices(costs)
    hours = _hours(rows, serving, price)
    rows = drawing(rows, check(verdicts, "verdicts"), check(outlets, "outlets"), check(inlets, "inlets"))
    plants = _plants(rows, serving, price)
    table = _with_new(table, rows, hours)
    added = [check(part, "upgrades") for part in (hours.filter("tight"), plants.filter("tight")) if part["tight"].any()]
    said = [*_said_of_hours(rows, hours, table, serving), *_said_of_plants(rows, plants, serving)]
    return Within(pl.concat([table, *added]).sort("upgrade_id"), check(rows, "upgrade_links"), said)


def in_use(outlets: Any, on: date) -> pl.DataFrame:
    """Return the outlets of a register that are, or may be, in service: one row each.

    Returns
    -------
    DataFrame
        ``outlet_id, berth_id, locode, n, hours_h, plant, plant_mva``: how many equal ones, the hours of each in a year,
        its plant and the power of that; and ``outlets_n, availability_share`` as stated.
    """
    rows = check(outlets, "outlets").with_columns(plant_of())
    rows = rows.with_columns(pl.col("plant_power_mva").min().over("plant").alias("plant_mva"))
    serving = rows.filter(in_service(on) != FALSE)
    one = serving.group_by("outlet_id", maintain_order=True).agg(
        pl.col("berth_id", "locode", "plant", "plant_mva").first(), pl.col("outlets_n", "availability_share").min()
    )
    return one.with_columns(
        n=pl.col("outlets_n").fill_null(1), hours_h=HOURS_PER_YEAR * pl.col("availability_share").fill_null(1.0)
    ).filter(pl.col("n") > 0)


def plant_of() -> pl.Expr:
    """Return the plant of an outlet; one whose plant has a power and no name is its own."""
    own = pl.when(pl.col("plant_power_mva").is_not_null()).then(pl.format("outlet {}", "outlet_id"))
    return pl.coalesce("plant_id", own).alias("plant")


def _hours(links: pl.DataFrame, serving: pl.DataFrame, price: pl.DataFrame) -> pl.DataFrame:
    """Return the outlets in service at each berth as upgrades, and whether their hours may be too few."""
    there = serving.group_by("berth_id").agg(
        pl.col("locode").first(), pl.col("n").sum(), (pl.col("n") * pl.col("hours_h")).sum().alias("given_h")
    )
    each = pl.col("given_h") / pl.col("n")
    lacking = (pl.col("asked_h") - pl.col("given_h")).clip(lower_bound=0.0)
    found = there.join(_asked(links), on="berth_id").sort("berth_id").with_columns(fix=pl.lit(OUTLET))
    return found.join(price, left_on="fix", right_on="fix_id", how="left", maintain_order="left").with_columns(
        tight=pl.col("asked_h") > pl.col("given_h") * (1 + ROUNDING),
        upgrade_id=pl.concat_str(pl.lit(MORE), "berth_id"),
        side=pl.lit("berth"),
        owner="berth_id",
        units_max=pl.when(each > 0).then((lacking / each).ceil().clip(lower_bound=1)).cast(pl.Int64),
        units_built="n",
        outlet_hours_h=each,
    )


def _asked(links: pl.DataFrame) -> pl.DataFrame:
    return links.group_by("berth_id").agg(pl.col("hours_h").sum().alias("asked_h"))


def _with_new(upgrades: pl.DataFrame, links: pl.DataFrame, hours: pl.DataFrame) -> pl.DataFrame:
    """Limit the hours of outlets that would be new where one alone, or those beside it, may be too little."""
    beside = hours.select("berth_id", "tight")
    rows = upgrades.join(_asked(links), left_on="owner", right_on="berth_id", how="left", maintain_order="left")
    rows = rows.join(beside, left_on="owner", right_on="berth_id", how="left", maintain_order="left")
    alone = pl.col("asked_h") > HOURS_PER_YEAR * (1 + ROUNDING)
    limited = pl.when((pl.col("fix") == OUTLET) & pl.coalesce("tight", alone))
    units = (pl.col("asked_h") / HOURS_PER_YEAR).ceil().cast(pl.Int64).clip(lower_bound=1)
    return check(
        rows.with_columns(
            berth_id=limited.then("owner"),
            outlet_hours_h=limited.then(pl.lit(HOURS_PER_YEAR)),
            units_max=limited.then(units).otherwise("units_max"),
        ),
        "upgrades",
    )


def drawing(links: pl.DataFrame, verdicts: pl.DataFrame, outlets: pl.DataFrame, inlets: pl.DataFrame) -> pl.DataFrame:
    """Add to links ``plant_id``, the peak of the ship and the share of it that counts against the plant.

    Parameters
    ----------
    links, verdicts, outlets, inlets
        Frames of the tables ``upgrade_links``, ``verdicts``, ``outlets`` and ``inlets``. Where no peak is known the
        power of the outlet counts, as the ship cannot take more; where neither is known the plant is left out.
    """
    of_outlet = (
        outlets.with_columns(plant_of())
        .group_by("outlet_id")
        .agg(
            pl.col("plant").drop_nulls().first(),
            pl.col("simultaneity").max().fill_null(1.0).alias("at_once"),
            pl.max_horizontal("power_mva", "power_mva_high").max().alias("outlet_mva"),
        )
    )
    pairs = verdicts.select(link_id(), "outlet_id").join(of_outlet, on="outlet_id", how="left", maintain_order="left")
    peak = pl.max_horizontal(_PEAKS) / pl.col("power_factor").fill_null(value("shore_power_factor_low"))
    ships = inlets.with_columns(ship_id()).group_by("ship_id").agg(peak.max().alias("own_mva"))
    found = links.join(pairs, on="link_id", how="left", maintain_order="left")
    found = found.join(ships, on="ship_id", how="left", maintain_order="left")
    share = pl.col("at_once") * (pl.col("hours_h") / HOURS_PER_YEAR).clip(upper_bound=1.0)
    known = pl.coalesce("own_mva", "outlet_mva").is_not_null()
    return found.with_columns(
        plant_id=pl.when(known).then("plant"),
        peak_mva=pl.coalesce("own_mva", "outlet_mva"),
        simultaneity=share,
    )


def _plants(links: pl.DataFrame, serving: pl.DataFrame, price: pl.DataFrame) -> pl.DataFrame:
    """Return the plants of known power as upgrades, and whether they may give too little."""
    drawn = pl.col("peak_mva") * pl.col("simultaneity")
    asked = links.drop_nulls("plant_id").group_by(plant="plant_id").agg(drawn.sum().alias("asked_mva"))
    there = (
        serving.drop_nulls("plant_mva").group_by("plant").agg(pl.col("locode", "plant_mva").first(), pl.col("n").sum())
    )
    found = there.join(asked, on="plant").sort("plant").with_columns(fix=pl.lit(PLANT))
    found = found.join(price, left_on="fix", right_on="fix_id", how="left", maintain_order="left")
    return found.with_columns(
        *(pl.col(name) * pl.col("n") for name in price.columns if name != "fix_id"),
        tight=pl.col("asked_mva") > pl.col("plant_mva") * (1 + ROUNDING),
        upgrade_id=pl.concat_str(pl.lit(AGAIN), "plant"),
        side=pl.lit("berth"),
        owner="plant",
        units_built=pl.lit(1, pl.Int64),
        plant_id="plant",
    )


def _said_of_hours(
    links: pl.DataFrame, hours: pl.DataFrame, upgrades: pl.DataFrame, serving: pl.DataFrame
) -> list[str]:
    berths = links["berth_id"].n_unique()
    tight = {*hours.filter("tight")["berth_id"], *upgrades.drop_nulls("outlet_hours_h")["berth_id"]}
    used = serving.join(links, on="berth_id", how="semi")
    said = [
        f"Outlet hours limit {len(tight)} of {berths} berths" if tight else f"Outlet hours suffice at {berths} berths"
    ]
    whole, one = used["availability_share"].null_count(), used["outlets_n"].null_count()
    if whole:
        said.append(f"{whole} of {used.height} outlets do not state their hours: taken as the whole year")
    if one:
        said.append(f"{one} of {used.height} do not state how many they are: taken as one each")
    return ["; ".join(said) + "."]


def _said_of_plants(links: pl.DataFrame, plants: pl.DataFrame, serving: pl.DataFrame) -> list[str]:
    used = serving.join(links, on="berth_id", how="semi")
    if used.is_empty():
        return []
    tight = plants.filter("tight")
    said = [
        f"Plant power limits {tight.height} of {plants.height} plants"
        if plants.height
        else "Plant power limits nothing"
    ]
    dark = used["plant_mva"].null_count()
    if dark:
        said.append(f"{dark} of {used.height} outlets have no plant of known power: not limited")
    guessed = links.join(tight, left_on="plant_id", right_on="plant", how="semi")["own_mva"].null_count()
    if guessed:
        said.append(f"{guessed} ships there have no known peak: taken as the power of the outlet")
    return ["; ".join(said) + "."]
