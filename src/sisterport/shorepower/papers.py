"""Check 13: whether there is a joint compatibility assessment of ship and berth that still holds."""

from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.reference import value
from sisterport.shorepower.kleene import FALSE, TRUE, UNKNOWN
from sisterport.tables import check


class Papers(NamedTuple):
    """Values of check 13 of listed pairs, and the usual value of all others.

    Attributes
    ----------
    usual
        Value of a pair that is not listed.
    berths
        Number of berths.
    pair
        Position of the ship times the number of berths, and the position of the berth; ascending.
    value
        Values.
    """

    usual: int
    berths: int
    pair: NDArray[np.int64]
    value: NDArray[np.int8]

    def of(self, ship: NDArray[np.int32], berth: NDArray[np.int32]) -> NDArray[np.int8]:
        """Return the value of each pair."""
        if not self.pair.size:
            return np.full(ship.size, self.usual, np.int8)
        wanted = ship.astype(np.int64) * self.berths + berth
        at = np.minimum(np.searchsorted(self.pair, wanted), self.pair.size - 1)
        return np.where(self.pair[at] == wanted, self.value[at], self.usual).astype(np.int8)


def papers_of(assessments: Any, ships: pl.Series, berths: pl.Series, on: date) -> Papers:
    """Return check 13 for all pairs of ships and berths.

    Parameters
    ----------
    assessments
        Frame of the table ``assessments``, or None: then nothing is known.
    ships, berths
        Ids in the order of the matcher.
    on
        Day of the verdict.
    """
    if assessments is None:
        return Papers(UNKNOWN, berths.len(), np.zeros(0, np.int64), np.zeros(0, np.int8))
    rows = check(assessments, "assessments").select(
        pl.concat_str(pl.lit("imo:"), pl.col("imo").cast(pl.String)).alias("ship_id"), "berth_id", holds(on)
    )
    ship = pl.DataFrame({"ship_id": ships}).with_row_index("ship")
    berth = pl.DataFrame({"berth_id": berths}).with_row_index("berth")
    found = rows.join(ship, on="ship_id").join(berth, on="berth_id")
    pair = pl.col("ship").cast(pl.Int64) * berths.len() + pl.col("berth").cast(pl.Int64)
    best = found.group_by(pair.alias("pair")).agg(pl.col("holds").max()).sort("pair")
    return Papers(FALSE, berths.len(), best["pair"].to_numpy(), best["holds"].to_numpy())


def holds(on: date) -> pl.Expr:
    """Return whether an assessment holds on a day, in three-valued logic, as column ``holds``.

    It holds for a year, or for a year from the last connection, unless an installation was changed.

    References
    ----------
    Reference table ``standard_rules``, r09 (Le Havre shore power sheet).

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.DataFrame({"assessed_on": [date(2026, 3, 1), date(2020, 3, 1)], "changed_since": [False, False]})
    >>> rows = rows.with_columns(last_connected_on=pl.Series([None, date(2021, 3, 1)], dtype=pl.Date))
    >>> rows.select(holds(date(2026, 11, 1)))["holds"].to_list()
    [2, 0]
    """
    oldest = on - timedelta(days=value("shore_assessment_valid_days"))
    made = pl.col("assessed_on") <= on
    last = pl.col("last_connected_on")
    fresh = (
        pl.when(pl.col("assessed_on") >= oldest)
        .then(TRUE)
        .when(last.is_between(oldest, on))
        .then(TRUE)
        .when(last.is_null())
        .then(UNKNOWN)
        .otherwise(FALSE)
    )
    unchanged = (
        pl.when(pl.col("changed_since")).then(FALSE).when(~pl.col("changed_since")).then(TRUE).otherwise(UNKNOWN)
    )
    return pl.when(made).then(pl.min_horizontal(fresh, unchanged)).otherwise(FALSE).cast(pl.Int8).alias("holds")
