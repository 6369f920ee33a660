"""What has to be said of a ship's movements in a year: ports that are not known, gaps, assumptions."""

import polars as pl

from sisterport.rules.accounts import KEYS
from sisterport.rules.scope import REGULATIONS


def movement_notes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a note on the movements of each ship and year, for each regulation that it concerns.

    Parameters
    ----------
    rows
        Movements in scope (`movement_scope.in_scope`).

    Returns
    -------
    polars.DataFrame
        ship_id, year, regulation, movement_note: legs and stays whose share is open, with their number and fuel; hours
        for which nothing could be estimated; hours that the data hold in all; assumptions on fuels; voyages that were
        split at New Year. Null where there is nothing to say.

    Examples
    --------
    >>> from sisterport.rules.movement_scope import in_scope
    >>> from sisterport.tables import empty
    >>> movement_notes(in_scope(empty("movements"))).height
    0
    """
    common = _common(rows)
    parts = [_said(_open_ports(rows, regulation), common, regulation) for regulation in REGULATIONS]
    closed = rows.select(KEYS).unique(maintain_order=True).with_columns(open_note=pl.lit(None, pl.String))
    parts += [_said(closed, common, regulation) for regulation in ("cii", "nzf")]
    return pl.concat(parts)


def _said(open_: pl.DataFrame, common: pl.DataFrame, regulation: str) -> pl.DataFrame:
    joined = common.join(open_, on=KEYS, how="left", maintain_order="left")
    note = pl.concat_str("open_note", "common_note", separator="; ", ignore_nulls=True)
    return joined.select(*KEYS, regulation=pl.lit(regulation), movement_note=pl.when(note != "").then(note))


def _open_ports(rows: pl.DataFrame, regulation: str) -> pl.DataFrame:
    """Count legs and stays whose share is a range, and their fuel."""
    return (
        rows.filter(pl.col(f"{regulation}_low") < pl.col(f"{regulation}_high"))
        .group_by(KEYS)
        .agg(pl.col("movement_id").n_unique().alias("n"), pl.col("mass_t").sum().round(1))
        .select(
            *KEYS,
            open_note=pl.format(
                "{} legs or stays with an unknown port ({} t fuel): their share is a range", "n", "mass_t"
            ),
        )
    )


def _common(rows: pl.DataFrame) -> pl.DataFrame:
    per_mode = rows.group_by(*KEYS, "movement_id", "mode", maintain_order=True).agg(
        pl.col("hours").sum(), pl.col("mass_t").is_null().any().alias("gap")
    )
    time = per_mode.group_by(KEYS, maintain_order=True).agg(
        pl.col("hours").sum().round(1).alias("all_h"), pl.col("hours").filter("gap").sum().round(1).alias("gap_h")
    )
    assumed = rows.group_by(KEYS).agg(
        pl.col("fuel_source").filter(pl.col("fuel_source").str.starts_with("assumed")).unique().sort().str.join("; "),
        (pl.col("year_source") == "split by time").any().alias("split"),
    )
    notes = [
        pl.format("the data hold {} h of the year", "all_h"),
        pl.when(pl.col("gap_h") > 0).then(pl.format("in {} h of them not all fuel could be estimated", "gap_h")),
        pl.when(pl.col("fuel_source") != "").then("fuel_source"),
        pl.when("split").then(pl.lit("voyages over New Year split by time")),
    ]
    return time.join(assumed, on=KEYS, how="left", maintain_order="left").select(
        *KEYS, common_note=pl.concat_str(notes, separator="; ", ignore_nulls=True)
    )
