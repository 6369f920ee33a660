"""Join a register to the ships seen, and cite the cell that a particular came from."""

import polars as pl

from sisterport.tables import check, schema

FIELDS = tuple(c for c in schema("register") if c not in {"imo", "mmsi", "name", "source"})


def join_register(
    statics: pl.DataFrame, register: pl.DataFrame | None, cells: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the static records with the register's fields beside them, in the same order.

    A record takes the register row with its IMO number; failing that the row with its MMSI, unless the two
    name different IMO numbers (an MMSI goes to another ship when a ship is sold).

    Parameters
    ----------
    statics
        Table ``statics``.
    register
        Table ``register``, or None.
    cells
        `sisterport.fleet.register_cells`: values with status ``unverified`` are labelled so.

    Returns
    -------
    polars.DataFrame
        `statics` plus ``reg_<field>`` and ``how_<field>`` (label "register", or "register (unverified)").

    Examples
    --------
    >>> statics = pl.DataFrame({"mmsi": [366952790], "imo": [9074729], "identities": [1], "positions": [9]})
    >>> register = pl.DataFrame({"imo": [9074729], "teu": [7403.0]})
    >>> join_register(check(statics, "statics"), check(register, "register"))["reg_teu"].to_list()
    [7403.0]
    """
    rows = check(register, "register") if register is not None else _nothing()
    rows = rows.with_row_index("row")
    by_imo = rows.select("imo", row_imo="row").drop_nulls("imo").unique("imo", keep="first")
    by_mmsi = rows.select("mmsi", row_mmsi="row", other_imo="imo").drop_nulls("mmsi").unique("mmsi", keep="first")
    found = statics.join(by_imo, on="imo", how="left", maintain_order="left").join(
        by_mmsi, on="mmsi", how="left", maintain_order="left"
    )
    contradicts = pl.col("imo").ne(pl.col("other_imo")).fill_null(value=False)
    found = found.with_columns(row=pl.coalesce("row_imo", pl.when(~contradicts).then("row_mmsi")))
    fields = rows.rename({c: f"reg_{c}" for c in rows.columns if c != "row"})
    fields = fields.join(_labels(rows, cells), on="row", how="left", maintain_order="left")
    joined = found.join(fields, on="row", how="left", maintain_order="left")
    return joined.drop("row", "row_imo", "row_mmsi", "other_imo")


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={c.name: c.dtype for c in schema("register").values()})


def _labels(rows: pl.DataFrame, cells: pl.DataFrame | None) -> pl.DataFrame:
    """Return how each field of each register row is known."""
    labels = rows.select("row", *(pl.lit("register").alias(f"how_{f}") for f in FIELDS))
    if cells is None:
        return labels
    doubtful = _with_row(cells, rows).filter(pl.col("status") == "unverified").select("row", "field")
    return labels.with_columns(
        pl.when(pl.col("row").is_in(doubtful.filter(pl.col("field") == f)["row"].implode()))
        .then(pl.lit("register (unverified)"))
        .otherwise(f"how_{f}")
        .alias(f"how_{f}")
        for f in FIELDS
    )


def _with_row(cells: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    by_imo = rows.select("imo", row_imo="row").drop_nulls("imo")
    by_mmsi = rows.select("mmsi", row_mmsi="row").drop_nulls("mmsi")
    found = cells.join(by_imo, on="imo", how="left", maintain_order="left").join(
        by_mmsi, on="mmsi", how="left", maintain_order="left"
    )
    return found.with_columns(row=pl.coalesce("row_imo", pl.when(pl.col("imo").is_null()).then("row_mmsi")))


_FROM = {
    "ship_class": ("ship_class",),
    "size": ("teu", "dwt_t", "gt", "cargo_m3"),
    "draught_ref_m": ("draught_ref_m",),
    "keel_year": ("keel_year", "build_year"),
    "power_kw": ("power_kw",),
    "v_ref_kn": ("v_max_kn", "v_service_kn"),
    "engine_type": ("engine_type",),
    "fuel": ("fuel",),
}
"""Which register fields a field of ships can come from, best first."""


def citations(ships: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return the source of every particular that came from a register.

    Parameters
    ----------
    ships
        Table ``ships``, as `sisterport.fleet.particulars` returns it.
    cells
        `sisterport.fleet.register_cells` of the same register.

    Returns
    -------
    polars.DataFrame
        Columns mmsi, field, register_field, source, status, note.
    """
    ships = check(ships, "ships")
    parts = []
    for field, origins in _FROM.items():
        source = pl.col(f"{field}_source")
        ours = ships.filter(source.str.starts_with("register") & ~source.str.starts_with("register dimensions"))
        if field == "size":  # the field in the class's own unit comes first
            order = pl.when(pl.col("field") == pl.col("size_unit")).then(0).otherwise(1)
        else:
            order = pl.col("field").replace_strict({o: i for i, o in enumerate(origins)}, default=None)
        wanted = cells.filter(pl.col("field").is_in(origins))
        keys = ours.select("mmsi", "imo", "size_unit")
        by_imo = keys.join(wanted.drop("mmsi").drop_nulls("imo"), on="imo", maintain_order="left")
        by_mmsi = keys.join(wanted.drop_nulls("mmsi"), on="mmsi", suffix="_cell", maintain_order="left").filter(
            pl.col("imo_cell").is_null() | pl.col("imo_cell").eq_missing(pl.col("imo"))
        )
        found = pl.concat([by_imo, by_mmsi.drop("imo_cell")])
        parts.append(
            found.sort(order, maintain_order=True)
            .unique("mmsi", keep="first", maintain_order=True)
            .select(
                "mmsi",
                pl.lit(field).alias("field"),
                pl.col("field").alias("register_field"),
                "source",
                "status",
                "note",
            )
        )
    return pl.concat(parts).sort("mmsi", "field")
