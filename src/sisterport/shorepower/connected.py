"""Which stays did connect, by shore-power records."""

from typing import Any

import polars as pl

from sisterport.tables import check
from sisterport.units import MS_PER_HOUR


def with_records(rows: pl.DataFrame, connections: Any = None) -> pl.DataFrame:
    """Add hours and energy on shore power by record, and whether the port keeps records.

    Parameters
    ----------
    rows
        Stays with ``energy_mwh``, from `sisterport.shorepower.coverage.classified`.
    connections
        Frame of the table ``connections``; without it ``connected_mwh`` of the stays counts, which tells no hours.

    Returns
    -------
    DataFrame
        The stays with ``did``, ``did_h`` [h], ``did_mwh`` [MWh], ``metered`` and ``has_records``. A record meets a stay
        of the same ship if their times overlap and neither port nor berth contradict; over several stays its energy is
        shared out by time. Without a meter the energy is the stay's own, by the share of its hours.

    Raises
    ------
    SchemaError
        If `connections` does not fit its table.
    """
    if connections is None:
        told = pl.col("connected_mwh").is_not_null()
        return rows.with_columns(
            pl.when(pl.col("connected_mwh") > 0).then("connected_mwh").alias("did_mwh"),
            pl.lit(None, pl.Float64).alias("did_h"),
            (pl.col("connected_mwh") > 0).fill_null(value=False).alias("did"),
            told.any().over("locode").alias("has_records"),
            (pl.col("connected_mwh") > 0).alias("metered"),
        )
    table = check(connections, "connections").with_row_index("connection")
    pairs = pl.concat([_meetings(rows, table, key) for key in ("imo", "mmsi")]).unique(
        ["stay_id", "connection"], maintain_order=True
    )
    both_h = pl.col("on_h").sum().over("connection")  # a record over two stays is shared out by time
    energy = pl.col("metered") * pl.col("on_h") / both_h
    per_stay = (
        pairs.with_columns(energy.alias("energy"))
        .group_by("stay_id")
        .agg(
            pl.col("on_h").sum().alias("did_h"),
            pl.when(pl.col("energy").count() > 0).then(pl.col("energy").sum()).alias("did_mwh"),
            (pl.col("energy").null_count() == 0).alias("metered"),
        )
    )
    ports = table["locode"].drop_nulls().unique().implode()
    joined = rows.join(per_stay, on="stay_id", how="left", maintain_order="left")
    did = pl.col("did_h").is_not_null()  # a minimum over columns passes nulls over
    by_power = pl.when(did).then(pl.col("energy_mwh") * pl.min_horizontal(pl.col("did_h") / pl.col("hours"), 1.0))
    return joined.with_columns(
        did.alias("did"),
        pl.when(did).then(pl.min_horizontal("did_h", "hours")).alias("did_h"),
        pl.when(pl.col("metered")).then("did_mwh").otherwise(by_power).alias("did_mwh"),
        (pl.col("locode").is_in(ports) | did).alias("has_records"),
    )


def _meetings(rows: pl.DataFrame, table: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return ``stay_id, connection, on_h, metered``: records that overlap a stay of the ship and do not contradict."""
    plugs = table.select(
        "connection",
        key,
        pl.col("locode").alias("at_locode"),
        pl.col("berth_id").alias("at_berth"),
        pl.col("start_utc").alias("on_utc"),
        pl.col("end_utc").alias("off_utc"),
        pl.col("energy_mwh").alias("metered"),
    ).drop_nulls(key)
    pairs = rows.select("stay_id", key, "locode", "berth_id", "start_utc", "end_utc").join(
        plugs, on=key, how="inner", maintain_order="left"
    )
    off = pl.coalesce("off_utc", "end_utc")  # a record without an end lasts as long as the stay it begins in
    overlap = pl.min_horizontal("end_utc", off) - pl.max_horizontal("start_utc", "on_utc")
    same = (pl.col("locode") == pl.col("at_locode")).fill_null(value=True)
    berth = (pl.col("berth_id") == pl.col("at_berth")).fill_null(value=True)
    first = pl.col("start_utc") == pl.col("start_utc").min().over("connection")
    return (
        pairs.with_columns((overlap.dt.total_milliseconds() / MS_PER_HOUR).alias("on_h"))
        .filter(same & berth & (pl.col("on_h") > 0))
        .filter(pl.col("off_utc").is_not_null() | first)
        .select("stay_id", "connection", "on_h", "metered")
    )
