"""Shore power: how much of the auxiliary energy at berth comes from shore."""

import polars as pl

from sisterport.units import MS_PER_HOUR


def shore_supply(berthed: pl.DataFrame, connections: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the shore energy of each segment and the account of each connection.

    Parameters
    ----------
    berthed
        Segments with ``segment_id, mmsi, mode, start_utc, end_utc, hours`` and ``aux_kw`` (auxiliary demand
        [kW]).
    connections
        Frame of the table ``shore_power``. Connections of one ship that overlap each other count once: the
        later one begins where the earlier one ends.

    Returns
    -------
    by_segment : DataFrame
        ``segment_id, shore_kwh`` [kWh], only segments that were connected.
    by_connection : DataFrame
        ``connection`` (row number), ``mmsi``, ``hours_at_berth`` [h] of overlap with berth segments,
        ``demand_kwh``, ``metered_kwh``, ``used_kwh`` and ``excess_kwh`` (metered beyond the demand) [kWh].
        Where the demand of a ship is unknown, ``demand_kwh`` is null and all metered energy is excess.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> day = lambda hour: datetime(2024, 5, 1, hour, tzinfo=UTC)
    >>> berth = pl.DataFrame({"segment_id": [7], "mmsi": [1], "mode": ["berth"], "start_utc": [day(0)],
    ...                       "end_utc": [day(10)], "hours": [10.0], "aux_kw": [500.0]})
    >>> plug = pl.DataFrame({"mmsi": [1], "start_utc": [day(2)], "end_utc": [day(8)], "energy_kwh": [4000.0]})
    >>> segments, account = shore_supply(berth, plug)
    >>> segments.rows()
    [(7, 3000.0)]
    >>> account.select("used_kwh", "excess_kwh").row(0)
    (3000.0, 1000.0)
    """
    plugs = _disjoint(connections)
    overlaps = _overlaps(berthed.filter(pl.col("mode") == "berth"), plugs)
    account = overlaps.group_by("connection", maintain_order=True).agg(
        pl.col("overlap_h").sum().alias("hours_at_berth"),
        pl.when(pl.col("aux_kw").null_count() == 0)
        .then((pl.col("aux_kw") * pl.col("overlap_h")).sum())
        .alias("demand_kwh"),
    )
    by_connection = (
        plugs.select("connection", "mmsi", pl.col("energy_kwh").alias("metered_kwh"))
        .join(account, on="connection", how="left", maintain_order="left")
        .with_columns(pl.col("hours_at_berth").fill_null(0.0))
        .with_columns(pl.when(pl.col("hours_at_berth") == 0).then(0.0).otherwise("demand_kwh").alias("demand_kwh"))
        .with_columns(_used().alias("used_kwh"))
        .with_columns((pl.col("metered_kwh") - pl.col("used_kwh").fill_null(0.0)).alias("excess_kwh"))
        .select("connection", "mmsi", "hours_at_berth", "demand_kwh", "metered_kwh", "used_kwh", "excess_kwh")
        .sort("connection")
    )
    share = by_connection.select(
        "connection",
        pl.when(pl.col("demand_kwh") > 0).then(pl.col("used_kwh") / pl.col("demand_kwh")).alias("share"),
    )
    energy = pl.col("aux_kw") * pl.col("overlap_h") * pl.col("share")
    by_segment = (
        overlaps.join(share, on="connection", maintain_order="left")
        .group_by("segment_id", maintain_order=True)
        .agg(energy.sum().alias("shore_kwh"))
    )
    return by_segment.sort("segment_id"), by_connection


def _used() -> pl.Expr:
    """Return metered energy capped at the demand; without a meter the whole demand."""
    demand = pl.col("demand_kwh")
    return pl.when(demand.is_not_null()).then(pl.min_horizontal("metered_kwh", demand))


def _disjoint(connections: pl.DataFrame) -> pl.DataFrame:
    """Let each connection begin no earlier than all before it of the same ship have ended; number them."""
    ordered = connections.with_row_index("connection").sort("mmsi", "start_utc", "end_utc")
    ended = pl.col("end_utc").cum_max().shift(1).over("mmsi")
    start = pl.max_horizontal("start_utc", ended)
    return ordered.with_columns(start.alias("start_utc"), pl.max_horizontal("end_utc", start).alias("end_utc"))


def _overlaps(berthed: pl.DataFrame, plugs: pl.DataFrame) -> pl.DataFrame:
    """Return ``segment_id, connection, aux_kw, overlap_h`` of segments and connections that overlap."""
    pairs = berthed.select("segment_id", "mmsi", "start_utc", "end_utc", "hours", "aux_kw").join(
        plugs.select("connection", "mmsi", "start_utc", "end_utc"), on="mmsi", suffix="_plug", maintain_order="left"
    )
    start = pl.max_horizontal("start_utc", "start_utc_plug")
    end = pl.min_horizontal("end_utc", "end_utc_plug")
    overlap = (end - start).dt.total_milliseconds() / MS_PER_HOUR
    # the hours of a segment can be fewer than its span: intervals that were not observed do not count
    span = (pl.col("end_utc") - pl.col("start_utc")).dt.total_milliseconds() / MS_PER_HOUR
    observed = pl.when(span > 0).then(pl.min_horizontal(pl.col("hours") / span, 1.0)).otherwise(0.0)
    return (
        pairs.with_columns((overlap * observed).alias("overlap_h"))
        .filter(pl.col("overlap_h") > 0)
        .select("segment_id", "connection", "aux_kw", "overlap_h")
    )
