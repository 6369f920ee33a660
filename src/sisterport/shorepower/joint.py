"""One profile for all, as a candidate: an agreement that builds upgrades at several ports at once."""

from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import SchemaError

_COSTS = ("cost_musd", "cost_low_musd", "cost_high_musd")


def with_agreements(upgrades: Any, needs: Any, agreements: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return upgrades and needs with each agreement as one more upgrade, an option wherever one of its members is.

    An agreement is taken whole or not at all; the members stay candidates of their own. Members that add outlet
    hours or plant power cannot be in it, for these are counted per berth: outlets stay upgrades of their own, the
    agreement is about what makes them fit (converters, dual-ratio transformers, plugs).

    Parameters
    ----------
    upgrades, needs
        Frames of tables ``upgrades`` and ``upgrade_needs``.
    agreements
        Frame of table ``upgrade_agreements``.

    Raises
    ------
    SchemaError
        Listing every fault: unknown members, members with capacity, an agreement with two costs or years, a name
        that is an upgrade already.

    Examples
    --------
    >>> from sisterport.shorepower.example import frames
    >>> u, _, n = frames()
    >>> members = pl.DataFrame({"agreement_id": "60 Hz", "upgrade_id": ["converter:b", "converter:ferry1"]})
    >>> u, n = with_agreements(u, n, members)
    >>> u.filter(side="agreement").select("upgrade_id", "cost_musd").row(0), n.filter(upgrade_id="60 Hz").height
    (('60 Hz', 3.0), 2)
    """
    u = tables.check(upgrades, "upgrades")
    n = tables.check(needs, "upgrade_needs")
    a = tables.check(agreements, "upgrade_agreements").unique()
    faults = _faults(u, a)
    if faults:
        raise SchemaError("upgrade_agreements", faults)
    members = a.join(u, on="upgrade_id", suffix="_member")
    total = members.group_by("agreement_id").agg(
        pl.lit("agreement").alias("side"),
        pl.col("locode").drop_nulls().unique().sort().str.join("+").alias("owner"),
        pl.lit("agreement").alias("fix"),
        pl.coalesce(pl.col("cost_musd").first(), pl.col("cost_musd_member").sum()).alias("cost_musd"),
        *(
            pl.coalesce(pl.col("cost_musd").first(), pl.coalesce(name, "cost_musd_member").sum()).alias(name)
            for name in _COSTS[1:]
        ),
        pl.col("earliest_year").first(),
    )
    candidates = tables.check(total.rename({"agreement_id": "upgrade_id"}), "upgrades")
    options = (
        n.join(a.select("agreement_id", "upgrade_id"), on="upgrade_id")
        .select("link_id", "need", upgrade_id="agreement_id")
        .unique()
    )
    return (
        pl.concat([u, candidates.sort("upgrade_id")]),
        pl.concat([n, options.sort("link_id", "need", "upgrade_id")]),
    )


def _faults(u: pl.DataFrame, a: pl.DataFrame) -> list[str]:
    names = a["agreement_id"].unique().sort()
    room = u.filter(pl.col("outlet_hours_h").is_not_null() | pl.col("plant_mva").is_not_null())
    torn = a.group_by("agreement_id").agg(pl.col("cost_musd", "earliest_year").n_unique())
    torn = torn.filter((pl.col("cost_musd") > 1) | (pl.col("earliest_year") > 1))
    found = [
        ("unknown upgrade_id", a.join(u, on="upgrade_id", how="anti")["upgrade_id"]),
        ("adds hours or power, so it cannot be a member", a.join(room, on="upgrade_id", how="semi")["upgrade_id"]),
        ("several costs or years in one agreement", torn["agreement_id"]),
        ("is the name of an upgrade already", names.filter(names.is_in(u["upgrade_id"].implode()))),
    ]
    return [f"{what}: {', '.join(map(repr, values.unique().sort()))}" for what, values in found if values.len()]
