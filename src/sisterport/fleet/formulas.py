"""Published formulas that fill missing particulars; coefficients in the table ``particulars_formulas``."""

from functools import reduce
from typing import Any

import polars as pl

from sisterport.reference import load


def teu_from_dwt(dwt_t: pl.Expr) -> pl.Expr:
    """Return container capacity [TEU] of a deadweight [t].

    References
    ----------
    USEPA Marine Emissions Tools beta 0.2, calcTEU, after Kristensen: TEU = (dwt / a)^(1/b) in three ranges of
    dwt, the upper end included.

    Examples
    --------
    >>> ships = pl.DataFrame({"dwt_t": [35000.0, 103890.0]})
    >>> ships.select(teu_from_dwt(pl.col("dwt_t")).round(0))["dwt_t"].to_list()
    [2668.0, 8730.0]
    """
    pieces = []
    for row in _rows("teu_from_dwt"):
        inside = dwt_t > (row["x_above"] or 0)
        if row["x_up_to"] is not None:
            inside &= dwt_t <= row["x_up_to"]
        pieces.append(pl.when(inside).then((dwt_t * (1 / row["a"])).pow(1 / row["b"])))
    return pl.coalesce(pieces)


def dwt_from_teu(teu: pl.Expr) -> pl.Expr:
    """Return deadweight [t] of a container capacity [TEU]: `teu_from_dwt` turned round.

    Where two of its three ranges could hold, the smaller deadweight is taken.

    Examples
    --------
    >>> ships = pl.DataFrame({"teu": [2668.0, 8730.0]})
    >>> ships.select((dwt_from_teu(pl.col("teu")) / 1000).round(1))["teu"].to_list()
    [35.0, 103.9]
    """
    pieces = []
    for row in _rows("teu_from_dwt"):
        dwt = teu.pow(row["b"]) * row["a"]
        pieces.append(pl.when(dwt <= row["x_up_to"]).then(dwt) if row["x_up_to"] is not None else dwt)
    return pl.coalesce(pieces)


def dwt_from_dimensions(ship_class: pl.Expr, length_m: pl.Expr, beam_m: pl.Expr, draught_m: pl.Expr) -> pl.Expr:
    """Return deadweight [t] from length over all, beam and design draught [m]: k Cb L B T.

    Null for classes without published coefficients (gas tankers, ro-ro, vehicle carriers, cruise and
    passenger ships).

    References
    ----------
    Barrass, Ship Design and Performance for Masters and Mates (2004), via cetos 0.0.0 ais_adapter.

    Examples
    --------
    >>> ship = pl.DataFrame({"c": ["oil_tanker"], "l": [274.0], "b": [48.0], "t": [17.0]})
    >>> round(ship.select(dwt_from_dimensions(*map(pl.col, "clbt"))).item())
    148460
    """
    return _by_class("dwt_from_dimensions", ship_class, lambda row: row["a"] * row["b"] * length_m * beam_m * draught_m)


def gt_from_dwt(ship_class: pl.Expr, dwt_t: pl.Expr) -> pl.Expr:
    """Return gross tonnage [-] of a deadweight [t]; ro-pax ferries only.

    References
    ----------
    NILIM (Japan), Technical Note 309, Table 5.1, via cetos 0.0.0 ais_adapter.

    Examples
    --------
    >>> ship = pl.DataFrame({"c": ["ferry_ropax"], "dwt_t": [1000.0]})
    >>> ship.select(gt_from_dwt(pl.col("c"), pl.col("dwt_t"))).item()
    1780.3
    """
    return _by_class("gt_from_dwt", ship_class, lambda row: row["a"] * dwt_t)


def power_from_dwt(ship_class: pl.Expr, dwt_t: pl.Expr, v_design_kn: pl.Expr) -> pl.Expr:
    """Return power [kW] of tankers and bulk carriers from deadweight [t] and design speed [kn]: a dwt^b v^c.

    References
    ----------
    Cepowski, Polish Maritime Research 26 (2019) 82-94, doi:10.2478/pomr-2019-0010, via cetos 0.0.0.

    Examples
    --------
    >>> ship = pl.DataFrame({"c": ["bulk_carrier"], "dwt": [75000.0], "v": [14.5]})
    >>> round(ship.select(power_from_dwt(*map(pl.col, ["c", "dwt", "v"]))).item())
    10538
    """
    return _by_class(
        "power_from_dwt", ship_class, lambda row: row["a"] * dwt_t.pow(row["b"]) * v_design_kn.pow(row["c"])
    )


def _rows(formula: str) -> list[dict[str, Any]]:
    table = load("particulars_formulas")
    return table.filter((pl.col("formula") == formula) & pl.col("a").is_not_null()).rows(named=True)


def _by_class(formula: str, ship_class: pl.Expr, result: Any) -> pl.Expr:
    """Return `result` of the row of each class; null for classes without a row."""
    start = pl.lit(None, pl.Float64)
    return reduce(
        lambda other, row: pl.when(ship_class == row["ship_class"]).then(result(row)).otherwise(other),
        _rows(formula),
        start,
    )
