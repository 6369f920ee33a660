"""From three frames to arrays: upgrades, links and the needs of each link; everything wrong is said at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport import tables
from sisterport.errors import SchemaError, choose
from sisterport.reference import value
from sisterport.units import USD_PER_MUSD

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OBJECTIVES = ("co2e_t", "nox_t", "pm10_t", "energy_mwh")
COSTS = ("cost_musd", "cost_low_musd", "cost_high_musd")
SIDES = ("ship", "berth", "agreement")
NAMED = int(value("faults_named"))
"""Things of one fault that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What the frames say, as arrays in the order of the identifiers; -1 stands for none.

    A link needs one option of each of its needs; needs of link `e` are ``need_ptr[e]:need_ptr[e + 1]``, options of
    need `k` are ``option[option_ptr[k]:option_ptr[k + 1]]`` (indices of upgrades).
    """

    upgrades: pl.DataFrame
    links: pl.DataFrame
    cost_usd: Ints
    units: Ints
    built: Ints
    unit_hours: Floats
    hours_berth: Ints
    unit_mva: Floats
    mva_plant: Ints
    gain: Floats
    hours: Floats
    mva: Floats
    berth: Ints
    plant: Ints
    need_ptr: Ints
    option_ptr: Ints
    option: Ints
    berths: list[str]
    plants: list[str]
    dropped: pl.DataFrame
    notes: dict[str, int]


def network(
    upgrades: Any,
    links: Any,
    needs: Any,
    *,
    objective: str = "co2e_t",
    cost: str = "cost_musd",
    keep_ports: Sequence[str] = (),
) -> Network:
    """Return the arrays of an upgrade problem.

    Parameters
    ----------
    upgrades, links, needs
        Frames of tables ``upgrades``, ``upgrade_links`` and ``upgrade_needs``.
    objective
        Column of `links` that is to be made large: ``"co2e_t"``, ``"nox_t"``, ``"pm10_t"`` or ``"energy_mwh"``.
    cost
        Column of `upgrades` that is paid; where a low or high cost is null the middle one is taken, and counted.
    keep_ports
        Ports (UN/LOCODE) in which links without a gain are kept, because a legal floor counts them.

    Raises
    ------
    SchemaError
        Listing every fault of the three frames.
    """
    choose("objective", objective, OBJECTIVES)
    choose("cost column", cost, COSTS)
    u = tables.check(upgrades, "upgrades").sort("upgrade_id")
    e = tables.check(links, "upgrade_links").sort("link_id")
    n = tables.check(needs, "upgrade_needs").unique().sort("link_id", "need", "upgrade_id")
    faults = _faults(u, e, n, objective)
    if faults:
        raise SchemaError("upgrades, upgrade_links, upgrade_needs", faults)

    useless = (pl.col(objective) <= 0) & ~pl.col("locode").is_in(list(keep_ports))
    dropped, e = e.filter(useless), e.filter(~useless)
    built = u["units_built"].fill_null(0).to_numpy()
    needs_left, satisfied = _open_needs(u, e, n)
    need_ptr, option_ptr, option = _needs(needs_left, e.height)
    berths = e["berth_id"].unique().sort().to_list()
    limited = u.filter(pl.col("outlet_hours_h").is_not_null())["berth_id"].to_list()
    plants = u.filter(pl.col("plant_mva").is_not_null())["plant_id"].unique().sort().to_list()
    berths = sorted({*berths, *limited})
    costs = u[cost].fill_null(u["cost_musd"])
    return Network(
        upgrades=u,
        links=e,
        cost_usd=np.rint(costs.to_numpy() * USD_PER_MUSD).astype(np.int64),
        units=u["units_max"].fill_null(1).to_numpy(),
        built=built,
        unit_hours=u["outlet_hours_h"].fill_null(0.0).to_numpy(),
        hours_berth=_index(u["berth_id"], berths, only=u["outlet_hours_h"].is_not_null()),
        unit_mva=u["plant_mva"].fill_null(0.0).to_numpy(),
        mva_plant=_index(u["plant_id"], plants, only=u["plant_mva"].is_not_null()),
        gain=e[objective].to_numpy(),
        hours=e["hours_h"].fill_null(0.0).to_numpy(),
        mva=(e["peak_mva"].fill_null(0.0) * e["simultaneity"].fill_null(1.0)).to_numpy(),
        berth=_index(e["berth_id"], berths),
        plant=_index(e["plant_id"], plants),
        need_ptr=need_ptr,
        option_ptr=option_ptr,
        option=option,
        berths=berths,
        plants=plants,
        dropped=dropped,
        notes={
            "links": e.height + dropped.height,
            "links_dropped_no_gain": dropped.height,
            "needs_met_already": satisfied,
            "costs_taken_from_the_middle": int(u[cost].null_count()),
        },
    )


def _index(values: pl.Series, names: list[str], *, only: pl.Series | None = None) -> Ints:
    """Position of each value in `names`, -1 where it is null, absent or not wanted."""
    frame = pl.DataFrame({"name": values}).join(
        pl.DataFrame({"name": names, "at": range(len(names))}, schema={"name": pl.String, "at": pl.Int64}),
        on="name",
        how="left",
        maintain_order="left",
    )
    found = frame["at"].fill_null(-1).to_numpy()
    return found if only is None else np.where(only.to_numpy(), found, -1)


def _open_needs(u: pl.DataFrame, e: pl.DataFrame, n: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Rows of the needs that nothing built meets yet, with indices; and how many needs are met."""
    at_u = u.select("upgrade_id", pl.col("units_built").fill_null(0).alias("built")).with_row_index("u")
    at_e = e.select("link_id").with_row_index("e")
    rows = n.join(at_e, on="link_id").join(at_u, on="upgrade_id")
    met = pl.col("built").max().over("e", "need") > 0
    total = rows.select("e", "need").n_unique()
    rows = rows.filter(~met).sort("e", "need", "u")
    return rows, total - rows.select("e", "need").n_unique()


def _needs(rows: pl.DataFrame, links: int) -> tuple[Ints, Ints, Ints]:
    groups = rows.group_by("e", "need", maintain_order=True).agg(pl.len().alias("options"))
    need_ptr = np.zeros(links + 1, np.int64)
    np.cumsum(np.bincount(groups["e"].to_numpy(), minlength=links), out=need_ptr[1:])
    option_ptr = np.r_[0, np.cumsum(groups["options"].to_numpy())].astype(np.int64)
    return need_ptr, option_ptr, rows["u"].to_numpy().astype(np.int64)


def _faults(u: pl.DataFrame, e: pl.DataFrame, n: pl.DataFrame, objective: str) -> list[str]:
    limited = u.filter(pl.col("outlet_hours_h").is_not_null())["berth_id"].drop_nulls()
    plants = u.filter(pl.col("plant_mva").is_not_null())["plant_id"].drop_nulls()
    where = e.select("link_id", link_berth="berth_id")
    hours_of = u.filter(pl.col("outlet_hours_h").is_not_null()).select("upgrade_id", own_berth="berth_id")
    elsewhere = n.join(where, on="link_id").join(hours_of, on="upgrade_id")
    needed_hours = e.filter(pl.col("hours_h").is_null() & pl.col("berth_id").is_in(limited.implode()))
    needed_mva = e.filter(pl.col("peak_mva").is_null() & pl.col("plant_id").is_in(plants.implode()))
    hours_only = u.filter(pl.col("outlet_hours_h").is_not_null() & pl.col("berth_id").is_null())
    plant_only = u.filter(pl.col("plant_mva").is_not_null() & pl.col("plant_id").is_null())
    found = [
        ("upgrades: doubled upgrade_id", u.filter(pl.col("upgrade_id").is_duplicated())["upgrade_id"]),
        ("upgrade_links: doubled link_id", e.filter(pl.col("link_id").is_duplicated())["link_id"]),
        (f"upgrades: side not one of {', '.join(SIDES)}", u.filter(~pl.col("side").is_in(SIDES))["side"]),
        ("upgrades: outlet_hours_h without berth_id", hours_only["upgrade_id"]),
        ("upgrades: plant_mva without plant_id", plant_only["upgrade_id"]),
        ("upgrade_needs: unknown link_id", n.join(e, on="link_id", how="anti")["link_id"]),
        ("upgrade_needs: unknown upgrade_id", n.join(u, on="upgrade_id", how="anti")["upgrade_id"]),
        (
            "upgrade_needs: an upgrade with outlet hours meets a need at another berth",
            elsewhere.filter(pl.col("link_berth") != pl.col("own_berth"))["upgrade_id"],
        ),
        (
            f"upgrade_links: {objective} is null, but it is the objective",
            e.filter(pl.col(objective).is_null())["link_id"],
        ),
        ("upgrade_links: hours_h is null at a berth with limited outlet hours", needed_hours["link_id"]),
        ("upgrade_links: peak_mva is null at a plant with limited power", needed_mva["link_id"]),
    ]
    return [f"{what}: {_some(values)}" for what, values in found if values.len()]


def _some(values: pl.Series) -> str:
    """Name the first few and say how many more there are."""
    names = values.unique().sort()
    few = names.head(NAMED)
    more = f" and {len(names) - len(few)} more" if len(names) > len(few) else ""
    return ", ".join(map(repr, few)) + more
