"""Who the ships are: one row per MMSI, by majority of what was broadcast."""

from functools import cache

import polars as pl

from sisterport.reference import load
from sisterport.tables import schema

VOTED = ("imo", "name", "callsign", "ais_type", "length_m", "beam_m", "transceiver_class")
VOTES = {"mmsi": pl.Int64(), "field": pl.String(), "value": pl.String(), "rows": pl.Int64()}
_COUNT = "positions"


@cache
def _us_types() -> dict[int, int | None]:
    """Return AIS type by US type code (1001 ...)."""
    table = load("ais_ship_types").filter(pl.col("code") > schema("statics")["ais_type"].maximum)
    return dict(table.select("code", pl.col("ais_code").cast(pl.Int64, strict=False)).iter_rows())


def imo_valid(imo: pl.Expr) -> pl.Expr:
    """Return whether IMO numbers have seven digits and the right check digit (IMO resolution A.1117(30)).

    The last digit is that of the sum of the first six digits times 7, 6, 5, 4, 3 and 2.

    Examples
    --------
    >>> import polars as pl
    >>> pl.select(imo_valid(pl.Series([9074729, 9074728, 123]))).to_series().to_list()
    [True, False, False]
    """
    digits = [(imo // 10**power) % 10 for power in range(7)]
    total = sum((digits[weight - 1] * weight for weight in range(2, 8)), pl.lit(0))
    right: pl.Expr = total % 10 == digits[0]
    return imo.is_between(1_000_000, 9_999_999) & right


def valid_statics(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the static columns of `frame` with everything set to null that cannot be true."""
    table = schema("statics")
    numbers = [name for name in ("length_m", "beam_m") if name in frame.columns]
    changes = [
        pl.when(pl.col(name).is_between(table[name].minimum, table[name].maximum)).then(pl.col(name))
        for name in numbers
    ]
    if "imo" in frame.columns:
        changes.append(pl.when(imo_valid(pl.col("imo"))).then(pl.col("imo")))
    if "ais_type" in frame.columns:  # 0 is "not available"
        code = pl.col("ais_type").replace(_us_types())
        changes.append(pl.when(code.is_between(1, table["ais_type"].maximum)).then(code))
    return frame.with_columns(changes)


class Votes:
    """How often each value of each static field was broadcast, by MMSI; merges without loss."""

    def __init__(self, votes: pl.DataFrame | None = None) -> None:
        self._parts = [] if votes is None else [votes.cast(pl.Schema(VOTES))]

    def add(self, groups: pl.DataFrame) -> None:
        """Count values: ``mmsi``, any static columns, ``draught_m`` (largest) and ``rows`` behind each."""
        low, high = schema("positions")["mmsi"].minimum, schema("positions")["mmsi"].maximum
        present = [name for name in VOTED if name in groups.columns]
        whole = valid_statics(groups.filter(pl.col("mmsi").is_between(low, high)))
        parts = [_votes(whole, name) for name in present]
        count = whole.group_by("mmsi").agg(pl.col("rows").sum(), pl.col("draught_m").max())
        parts.append(count.select("mmsi", pl.lit(_COUNT).alias("field"), pl.lit(_COUNT).alias("value"), "rows"))
        parts.append(
            count.drop_nulls("draught_m").select(
                "mmsi",
                pl.lit("draught_m").alias("field"),
                pl.col("draught_m").cast(pl.String).alias("value"),
                pl.lit(1, pl.Int64).alias("rows"),
            )
        )
        self.merge(pl.concat(parts))

    def merge(self, votes: pl.DataFrame) -> None:
        """Add the counts of other votes."""
        self._parts.append(votes)
        if len(self._parts) > 64:
            self._parts = [self.counts()]

    def counts(self) -> pl.DataFrame:
        """Return ``mmsi, field, value, rows``."""
        if not self._parts:
            return pl.DataFrame(schema=VOTES)
        total = pl.concat(self._parts).group_by("mmsi", "field", "value").agg(pl.col("rows").sum())
        return total.sort("mmsi", "field", "value")

    def statics(self) -> pl.DataFrame:
        """Return table ``statics``: the most frequent value of each field, the largest draught.

        Equally frequent values: the first in alphabetical order, so that the result does not hang on row
        order.
        """
        counts = self.counts()
        table = schema("statics")
        result = counts.filter(pl.col("field") == _COUNT).select("mmsi", pl.col("rows").alias("positions"))
        ranked = counts.sort(["rows", "value"], descending=[True, False])
        for name in VOTED:
            first = ranked.filter(pl.col("field") == name).group_by("mmsi", maintain_order=True).first()
            value = pl.col("value").cast(table[name].dtype).alias(name)
            result = result.join(first.select("mmsi", value), on="mmsi", how="left")
        draught = counts.filter(pl.col("field") == "draught_m").group_by("mmsi")
        largest = draught.agg(pl.col("value").cast(pl.Float64).max().alias("draught_m"))
        result = result.join(largest, on="mmsi", how="left").join(_identities(counts), on="mmsi", how="left")
        result = result.with_columns(pl.col("identities").fill_null(1))
        return result.select(pl.col(name).cast(column.dtype) for name, column in table.items()).sort("mmsi")


def _votes(whole: pl.DataFrame, name: str) -> pl.DataFrame:
    counted = whole.drop_nulls(name).group_by("mmsi", name).agg(pl.col("rows").sum())
    return counted.select("mmsi", pl.lit(name).alias("field"), pl.col(name).cast(pl.String).alias("value"), "rows")


def _identities(counts: pl.DataFrame) -> pl.DataFrame:
    """Return how many different IMO numbers, or names where there is none, each MMSI broadcast."""
    number = counts.group_by("mmsi").agg(
        (pl.col("field") == "imo").sum().alias("imo"), (pl.col("field") == "name").sum().alias("name")
    )
    both = pl.when(pl.col("imo") > 0).then("imo").otherwise("name")
    return number.select("mmsi", both.clip(lower_bound=1).cast(pl.Int64).alias("identities"))
