"""Stops of container ships in listed transhipment ports near the EU are no port of call: look through them."""

import polars as pl

from sisterport.errors import MethodError
from sisterport.reference import load

BERTH = "berth"
"""Stands in place of the second port for a stay in the first."""
THROUGH = "through a transhipment port"
OPEN = "transhipment port; the port of call beyond is not in the data, counted as given"


def transhipment_ports(regulation: str) -> dict[str, int]:
    """Return the listed ports of a regulation and the year from which each counts.

    References
    ----------
    Implementing Regulations (EU) 2023/2297 (ETS) and (EU) 2025/1127 (FuelEU).

    Examples
    --------
    >>> transhipment_ports("ets")["MAPTM"]
    2024
    """
    table = load("special_ports").filter(pl.col("kind") == "transhipment", pl.col("regulation") == regulation)
    return {code: int(day[: -len("-mm-dd")]) for code, day in table.select("code", "valid_from").iter_rows()}


def ports_of_call(frame: pl.DataFrame, regulation: str) -> pl.DataFrame:
    """Add the ports of call around each leg and stay.

    Parameters
    ----------
    frame
        Legs and stays: from_locode, to_locode (``"berth"`` for a stay), year, ship_class, departure_utc and one of
        ship_id, imo, mmsi.
    regulation
        ``fueleu`` or ``ets``.

    Returns
    -------
    polars.DataFrame
        The frame with scope_from, scope_to and scope_quality: as given, through a transhipment port, or, where the
        ship's rows begin or end in one, as given because the port beyond is not in the data.

    Raises
    ------
    MethodError
        If no column names the ship.

    References
    ----------
    Directive 2003/87/EC Art 3ga(2); Regulation (EU) 2023/1805 Art 2(2).

    Examples
    --------
    >>> from datetime import datetime
    >>> legs = pl.DataFrame({"imo": [1, 1], "ship_class": ["container"] * 2, "year": [2026] * 2,
    ...     "from_locode": ["SGSIN", "MAPTM"], "to_locode": ["MAPTM", "ESALG"],
    ...     "departure_utc": [datetime(2026, 1, 1), datetime(2026, 2, 1)]})
    >>> ports_of_call(legs, "fueleu").select("scope_from", "scope_to").rows()
    [('SGSIN', 'ESALG'), ('SGSIN', 'ESALG')]
    """
    ships = [name for name in ("ship_id", "imo", "mmsi") if name in frame.columns]
    if not ships:
        raise MethodError('transhipment ports need ship_id, imo or mmsi; or say transhipment="ignore"')
    rows = frame.with_row_index("scope_row").with_columns(
        scope_ship=pl.coalesce(pl.col(ships).cast(pl.String)),
        scope_end=pl.when(pl.col("to_locode") == BERTH).then("from_locode").otherwise("to_locode"),
    )
    rows = rows.sort("scope_ship", "departure_utc", "scope_row", maintain_order=True)
    broken = (pl.col("from_locode") != pl.col("scope_end").shift(1)).fill_null(value=True)
    rows = rows.with_columns(scope_chain=broken.cum_sum().over("scope_ship"))
    start, end = (_stopping(column, transhipment_ports(regulation)) for column in ("from_locode", "scope_end"))
    chain = ["scope_ship", "scope_chain"]
    hidden = (start.is_null() & pl.col("from_locode").is_not_null()) | (
        end.is_null() & pl.col("scope_end").is_not_null()
    )
    rows = rows.with_columns(
        scope_before=start.forward_fill().over(chain), scope_after=end.backward_fill().over(chain), scope_hidden=hidden
    )
    found = pl.col("scope_hidden") & pl.col("scope_before").is_not_null() & pl.col("scope_after").is_not_null()
    rows = rows.with_columns(
        scope_from=pl.when(found).then("scope_before").otherwise("from_locode"),
        scope_to=pl.when(found).then("scope_after").otherwise("to_locode"),
        scope_quality=pl.when(found)
        .then(pl.lit(THROUGH))
        .when("scope_hidden")
        .then(pl.lit(OPEN))
        .otherwise(pl.lit("as given")),
    )
    helpers = ["row", "ship", "end", "chain", "before", "after", "hidden"]
    return rows.sort("scope_row").drop([f"scope_{name}" for name in helpers])


def _stopping(column: str, listed: dict[str, int]) -> pl.Expr:
    """Return the port where the stop there is a port of call, else null."""
    since = pl.col(column).replace_strict(listed, default=None, return_dtype=pl.Int64)
    passing = (pl.col("ship_class") == "container") & (since <= pl.col("year"))
    return pl.when(passing.fill_null(value=False).not_()).then(column)
