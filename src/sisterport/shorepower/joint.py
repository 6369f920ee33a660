"""One profile for all, as a candidate: an agreement that builds upgrades at several ports at once."""

from datetime import date
from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import SchemaError, SisterportError
from sisterport.reference import resolve_locode
from sisterport.shorepower.assumed import assumed_outlets
from sisterport.shorepower.cells import read_cells, text_faults
from sisterport.shorepower.checks import FREQUENCY, KIND, PLUGS, PROTECTION, VOLTAGE
from sisterport.shorepower.match import match

AGREED = (KIND, VOLTAGE, FREQUENCY, PLUGS, PROTECTION)
"""Checks that one profile for all settles at a berth: annex, voltage, frequency, plugs, protection."""
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


def members(
    agreements: Any, upgrades: Any, links: Any, needs: Any, *, inlets: Any, on: date, ships: Any = None
) -> pl.DataFrame:
    """Return what each agreement would have built: the berth-side fixes that bring its berths to the profile.

    The ships of the links are matched with outlets of the profile at the berths of its ports. A berth-side fix is a
    member where it mends a check of `AGREED` that these outlets would pass.

    Parameters
    ----------
    agreements
        Frame of table ``agreements``: ports, profile and date.
    upgrades, links, needs
        Frames of tables ``upgrades``, ``upgrade_links`` and ``upgrade_needs``.
    inlets, on, ships
        As in `match`.

    Returns
    -------
    DataFrame
        Table ``upgrade_agreements``; an agreement that has nothing to build is not in it.

    Raises
    ------
    SchemaError
        Listing every fault: doubled names, unknown ports and profiles.

    Examples
    --------
    >>> upgrades = pl.DataFrame([{"upgrade_id": f"{fix} @ b1", "side": "berth", "owner": "b1", "locode": "DEHAM",
    ...     "fix": fix, "cost_musd": 3.0} for fix in ("frequency_converter", "new_outlet")])
    >>> links = pl.DataFrame([{"link_id": "imo:9074729 @ b1", "ship_id": "imo:9074729", "berth_id": "b1",
    ...     "locode": "DEHAM", "energy_mwh": 900.0}])
    >>> needs = pl.DataFrame({"link_id": ["imo:9074729 @ b1"] * 2, "need": [5, 3],
    ...     "upgrade_id": upgrades["upgrade_id"]})
    >>> ship = pl.DataFrame([{"inlet_id": "i", "imo": 9074729, "frequency_hz": 60.0, "kind": "HVSC", "source": "ship",
    ...     "status": "checked"}])
    >>> sixty = pl.DataFrame([{"agreement_id": "60 Hz", "locodes": "DEHAM|SEGOT", "profile": "HVSC-CONTAINER",
    ...     "frequency_hz": 60.0, "since": date(2030, 1, 1)}])
    >>> members(sixty, upgrades, links, needs, inlets=ship, on=date(2026, 11, 1)).row(0)
    ('60 Hz', 'frequency_converter @ b1', None, 2030)
    """
    given = tables.to_polars(agreements)
    faults = text_faults(given, "agreements", {}, given.columns)
    if faults:
        raise SchemaError("agreements", faults)
    table, faults = read_cells(given, "agreements")
    twice = table.filter(pl.col("agreement_id").is_duplicated())["agreement_id"].unique().sort().to_list()
    faults += [f"doubled agreement_id: {', '.join(map(repr, twice))}"] if twice else []
    if faults:
        raise SchemaError("agreements", faults)
    found = [tables.empty("upgrade_agreements")]
    for row in table.iter_rows(named=True):
        try:
            ports = [resolve_locode(code.strip()) for code in row["locodes"].split("|")]
            here = tables.check(links, "upgrade_links").filter(pl.col("locode").is_in(ports))
            shape = {name: row[name] for name in ("voltage_kv", "frequency_hz")}
            made = assumed_outlets(here.select("berth_id", "locode"), profile_id=row["profile"], **shape)
        except SisterportError as error:
            faults.append(f"'{row['agreement_id']}': {error}")
            continue
        if here.height:
            fits = match(inlets, made, pairs=here.select("ship_id", "berth_id"), on=on, ships=ships)
            found.append(_members(row, upgrades, here, needs, fits))
    if faults:
        raise SchemaError("agreements", faults)
    return pl.concat(found)


def _members(row: dict[str, Any], upgrades: Any, here: pl.DataFrame, needs: Any, fits: pl.DataFrame) -> pl.DataFrame:
    own = tables.check(upgrades, "upgrades").filter(pl.col("side") == "berth").select("upgrade_id")
    asked = tables.check(needs, "upgrade_needs").filter(pl.col("need").is_in(AGREED)).join(own, on="upgrade_id")
    pairs = here.select("link_id", "ship_id", "berth_id").join(fits, on=["ship_id", "berth_id"])
    bit = pl.col("need").replace_strict({number: 1 << (number - 1) for number in AGREED}, return_dtype=pl.Int64)
    mended = pairs.join(asked, on="link_id").filter((pl.col("checks_true").cast(pl.Int64) & bit) != 0)
    names = mended.select("upgrade_id").unique().sort("upgrade_id")
    year = None if row["since"] is None else row["since"].year
    return tables.check(
        names.with_columns(
            agreement_id=pl.lit(row["agreement_id"]),
            cost_musd=pl.lit(row["cost_musd"], pl.Float64),
            earliest_year=pl.lit(year, pl.Int64),
        ),
        "upgrade_agreements",
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
