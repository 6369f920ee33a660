"""How ships are named in pairs: by IMO number, else by MMSI."""

import polars as pl


def ship_id(imo: str | pl.Expr = "imo", mmsi: str | pl.Expr = "mmsi") -> pl.Expr:
    """Return the id of a ship: its IMO number, else its MMSI; null where it has neither.

    Parameters
    ----------
    imo, mmsi
        Columns or expressions with the numbers.

    Examples
    --------
    >>> rows = pl.DataFrame({"imo": [9074729, None], "mmsi": [211839000, 338029926]})
    >>> rows.select(ship_id())["ship_id"].to_list()
    ['imo:9074729', 'mmsi:338029926']
    """
    numbers = {"imo": imo, "mmsi": mmsi}
    ids = [
        pl.concat_str(pl.lit(f"{kind}:"), (pl.col(number) if isinstance(number, str) else number).cast(pl.String))
        for kind, number in numbers.items()
    ]
    return pl.coalesce(ids).alias("ship_id")
