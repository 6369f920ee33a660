"""How ships are called in the frames of the rules: ``imo:<number>``, or ``mmsi:<number>`` without an IMO number."""

import polars as pl


def ship_id_expr() -> pl.Expr:
    """Return the ``ship_id`` of rows with the columns imo and mmsi.

    Examples
    --------
    >>> pl.DataFrame({"imo": [9074729, None], "mmsi": [None, 219000001]}).select(ship_id_expr())["ship_id"].to_list()
    ['imo:9074729', 'mmsi:219000001']
    """
    return pl.coalesce(pl.format("imo:{}", "imo"), pl.format("mmsi:{}", "mmsi")).alias("ship_id")
