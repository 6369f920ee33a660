"""Voyages and bunker delivery notes together: is what was burnt covered, and by which certificates."""

from typing import Any

import polars as pl

from sisterport import tables
from sisterport.fleet import ship_id
from sisterport.fuels.names import fuel_row, named_fuel

_KEYS = ["ship_id", "fuel", "fuel_class"]


def _named(data: pl.DataFrame) -> pl.DataFrame:
    """Add the ship's name here and replace fuel words by code and class; a fuel of one class has it."""
    unique = data.select("fuel", "fuel_class").unique().drop_nulls("fuel")
    rows = []
    for fuel, fuel_class in unique.iter_rows():
        named = named_fuel(fuel)
        first = _first_class(fuel)
        rows.append((fuel, fuel_class, named.fuel, fuel_class or named.fuel_class or first))
    schema = {"fuel": pl.String, "fuel_class": pl.String, "_code": pl.String, "_class": pl.String}
    known = pl.DataFrame(rows, schema=schema, orient="row")
    return data.with_columns(ship_id()).join(
        known, on=["fuel", "fuel_class"], how="left", nulls_equal=True, maintain_order="left"
    )


def _first_class(fuel: str) -> str:
    """Return the class that a fuel has where nothing says one."""
    return str(fuel_row(fuel)["classes"].split("|")[0])


def bunker_balance(voyages: Any, bunkers: Any) -> pl.DataFrame:
    """Return what each ship burnt and took on, by fuel and class.

    Parameters
    ----------
    voyages
        Frame of the table ``voyages``.
    bunkers
        Frame of `sisterport.fuels.read_bunkers`.

    Returns
    -------
    polars.DataFrame
        ship_id, fuel, fuel_class, burnt_t, delivered_t, certified_t (delivered with a certified value), open_t: burnt
        less delivered, which stock at the beginning must have covered.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> row = {"voyage_id": "1", "imo": 9074729, "from_locode": "NLRTM", "to_locode": "berth", "fuel": "MGO"}
    >>> row |= {"departure_utc": "2026-01-01T00:00:00", "arrival_utc": "2026-01-02T00:00:00", "mass_t": 3.0}
    >>> note = {"imo": 9074729, "locode": "NLRTM", "time_utc": datetime(2026, 1, 1, tzinfo=UTC), "fuel": "MGO"}
    >>> bunker_balance(pl.DataFrame([row]), pl.DataFrame([note | {"mass_t": 2.0}])).select("burnt_t", "open_t").row(0)
    (3.0, 1.0)
    """
    burnt = _named(tables.check(voyages, "voyages").drop_nulls("fuel"))
    notes = _named(tables.check(bunkers, "bunkers"))
    own = ["ship_id", "_code", "_class"]
    certified = pl.col("wtw_g_per_mj").is_not_null() & pl.col("certificate_id").is_not_null()
    delivered = notes.group_by(own).agg(
        pl.col("mass_t").sum().alias("delivered_t"), pl.col("mass_t").filter(certified).sum().alias("certified_t")
    )
    joined = (
        burnt.group_by(own)
        .agg(pl.col("mass_t").sum().alias("burnt_t"))
        .join(delivered, on=own, how="full", coalesce=True)
    )
    return (
        joined.rename({"_code": "fuel", "_class": "fuel_class"})
        .with_columns(pl.col("burnt_t", "delivered_t", "certified_t").fill_null(0))
        .with_columns(open_t=pl.col("burnt_t") - pl.col("delivered_t"))
        .sort(_KEYS)
    )


def with_certificates(voyages: Any, bunkers: Any) -> pl.DataFrame:
    """Give biofuels and RFNBO burnt on voyages the certified values of the ship's delivery notes.

    A ship's notes of a fuel and class count as one stock: its certified part is spread over all of it that was burnt,
    with the mean E and calorific value by energy and mass. What was burnt beyond the certified mass stays without a
    certificate (it then counts as the least favourable fossil fuel). Values in the voyages go first.

    Parameters
    ----------
    voyages
        Frame of the table ``voyages``.
    bunkers
        Frame of `sisterport.fuels.read_bunkers`.

    Returns
    -------
    polars.DataFrame
        Table ``voyages``: rows that are covered in part stand twice. The masses sum up as before.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> row = {"voyage_id": "1", "imo": 9074729, "from_locode": "NLRTM", "to_locode": "DEHAM", "fuel": "e-methanol"}
    >>> row |= {"departure_utc": "2026-01-01T00:00:00", "arrival_utc": "2026-01-02T00:00:00", "mass_t": 30.0}
    >>> note = {"imo": 9074729, "locode": "NLRTM", "time_utc": datetime(2026, 1, 1, tzinfo=UTC), "fuel": "e-methanol"}
    >>> note |= {"mass_t": 15.0, "wtw_g_per_mj": 10.0, "certificate_id": "PoS-1", "lcv_mj_per_kg": 19.9}
    >>> with_certificates(pl.DataFrame([row]), pl.DataFrame([note])).select("mass_t", "certified_e_g_per_mj").rows()
    [(15.0, 10.0), (15.0, None)]
    """
    data = _named(tables.check(voyages, "voyages")).with_row_index("_row")
    own = ["ship_id", "_code", "_class"]
    open_ = pl.col("certified_e_g_per_mj").is_null() & (pl.col("_class") != "fossil").fill_null(value=False)
    burnt = data.filter(open_).group_by(own).agg(pl.col("mass_t").sum().alias("_burnt"))
    joined = data.join(burnt, on=own, how="left", nulls_equal=True, maintain_order="left").join(
        _certified(bunkers), on=own, how="left", nulls_equal=True, maintain_order="left"
    )
    covered = pl.when(open_ & (pl.col("_burnt") > 0)).then(
        pl.min_horizontal(pl.lit(1.0), pl.col("_stock").fill_null(0) / pl.col("_burnt"))
    )
    joined = joined.with_columns(_covered=covered.otherwise(0.0), _part=pl.lit(0))
    with_one = joined.filter(pl.col("_covered") > 0).with_columns(
        pl.col("mass_t") * pl.col("_covered"),
        pl.col("_e").alias("certified_e_g_per_mj"),
        pl.coalesce("lcv_mj_per_kg", "_lcv").alias("lcv_mj_per_kg"),
        pl.col("_id").alias("certificate_id"),
    )
    without = joined.filter(pl.col("_covered") < 1).with_columns(
        pl.col("mass_t") * (1 - pl.col("_covered")), _part=pl.lit(1)
    )
    # electricity from shore must not stand twice
    without = without.with_columns(pl.when((pl.col("_covered") > 0).not_()).then("shore_mwh").alias("shore_mwh"))
    return tables.check(pl.concat([with_one, without]).sort("_row", "_part"), "voyages")


def _certified(bunkers: Any) -> pl.DataFrame:
    """Return the certified stock of each ship, fuel and class: mass, mean E, mean calorific value, certificates."""
    notes = _named(tables.check(bunkers, "bunkers")).filter(
        pl.col("wtw_g_per_mj").is_not_null() & (pl.col("certificate_id").fill_null("").str.strip_chars() != "")
    )
    mass, lcv = pl.col("mass_t"), pl.col("lcv_mj_per_kg")
    # a note without a calorific value weighs by mass like the others' mean
    weight = mass * lcv.fill_null(lcv.mean().over("ship_id", "_code", "_class")).fill_null(1)
    return (
        notes.with_columns(_weight=weight)
        .group_by("ship_id", "_code", "_class")
        .agg(
            mass.sum().alias("_stock"),
            ((pl.col("wtw_g_per_mj") * pl.col("_weight")).sum() / pl.col("_weight").sum()).alias("_e"),
            ((lcv * mass).sum() / pl.when(lcv.is_not_null()).then(mass).sum()).fill_nan(None).alias("_lcv"),
            pl.col("certificate_id").unique().sort().str.join("; ").alias("_id"),
        )
    )
