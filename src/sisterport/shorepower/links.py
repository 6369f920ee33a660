"""Links: what each ship at each berth would save in a year, from its stays."""

from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.shorepower.ids import ship_id
from sisterport.shorepower.needs import link_id
from sisterport.tables import check
from sisterport.units import HOURS_PER_YEAR, SECONDS_PER_HOUR


def year_factor(stays: Any) -> float:
    """Return by what the sums over `stays` grow to a year: a year over the time from the first arrival to the last end.

    A week taken for a year is a guess about the other weeks; say it where the numbers are shown.

    Raises
    ------
    InputError
        If the stays cover no time.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> times = {"start_utc": [datetime(2024, 1, 1, tzinfo=UTC)], "end_utc": [datetime(2024, 12, 31, tzinfo=UTC)]}
    >>> round(year_factor(pl.DataFrame({"stay_id": ["a"], "imo": [9074729], "locode": ["DEHAM"], "hours": [8760.0],
    ...     **times})), 4)
    1.0
    """
    rows = check(stays, "stays")
    span = rows.select(pl.col("end_utc").max() - pl.col("start_utc").min()).item()
    hours = span.total_seconds() / SECONDS_PER_HOUR if span else 0.0
    if hours <= 0:
        raise InputError("the stays cover no time: a year cannot be told from them")
    return HOURS_PER_YEAR / hours


def _known(column: str) -> pl.Expr:
    """Return the sum of what is known; null where nothing is."""
    return pl.when(pl.col(column).count() > 0).then(pl.col(column).sum())


def links(savings: Any, *, factor: float = 1.0) -> pl.DataFrame:
    """Return ships at berths with what shore power would replace and save in a year.

    Parameters
    ----------
    savings
        Frame of the table ``savings``. Stays without a berth, and anchorages, have no place to plug in and are left
        out; stays for which nothing is counted (`reason`) add nothing.
    factor
        By what the sums grow to a year, see `year_factor`.

    Returns
    -------
    DataFrame
        Table ``upgrade_links``: CO2e net of the grid, NOx and PM10 at the quay; null where no stay tells them.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> links(empty("savings")).height
    0
    """
    rows = check(savings, "savings").filter(
        pl.col("berth_id").is_not_null() & (pl.col("place").fill_null("berth") == "berth") & pl.col("reason").is_null()
    )
    amounts = {
        "energy_mwh": "energy_mwh",
        "hours_h": "connected_h",
        "co2e_t": "co2e_net_t",
        "nox_t": "nox_gross_t",
        "pm10_t": "pm10_gross_t",
    }
    grouped = rows.with_columns(ship_id()).group_by("ship_id", "berth_id", "locode", maintain_order=True)
    summed = grouped.agg(
        *((_known(column) * factor).alias(name) for name, column in amounts.items()),
        (pl.len() * factor).alias("calls"),
    )
    return check(summed.with_columns(link_id()), "upgrade_links").sort("link_id")
