"""Links: what each ship at each berth would save in a year, from its stays."""

from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.fleet import ship_id
from sisterport.shorepower.needs import link_id
from sisterport.tables import check
from sisterport.units import HOURS_PER_YEAR, SECONDS_PER_HOUR


def covered_hours(covered: Any) -> float:
    """Return how many hours the data cover: what two periods share counts once, what lies between them not at all.

    Parameters
    ----------
    covered
        Frame of the table ``covered``.

    Raises
    ------
    InputError
        If no time is covered.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> june, december = datetime(2020, 6, 30, tzinfo=UTC), datetime(2020, 12, 1, tzinfo=UTC)
    >>> covered_hours(pl.DataFrame({"start_utc": [june, december], "end_utc": [june.replace(hour=1),
    ...                                                                      december.replace(day=8)]}))
    169.0
    """
    rows = check(covered, "covered").sort("start_utc", "end_utc")
    begin = pl.max_horizontal("start_utc", pl.col("end_utc").cum_max().shift(1))
    span = (pl.col("end_utc") - begin).clip(lower_bound=pl.duration()).sum()
    hours = float(rows.select(span).item().total_seconds() / SECONDS_PER_HOUR)
    if hours <= 0:
        raise InputError("the stays cover no time: a year cannot be told from them")
    return hours


def year_factor(covered: Any) -> float:
    """Return by what sums over the time that the data cover grow to a year.

    A week taken for a year is a guess about the other weeks; say it where the numbers are shown.

    Parameters
    ----------
    covered
        Frame of the table ``covered``.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> week = {"start_utc": [datetime(2024, 1, 1, tzinfo=UTC)], "end_utc": [datetime(2024, 1, 8, tzinfo=UTC)]}
    >>> round(year_factor(pl.DataFrame(week)), 3) == round(365 / 7, 3)
    True
    """
    return HOURS_PER_YEAR / covered_hours(covered)


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
