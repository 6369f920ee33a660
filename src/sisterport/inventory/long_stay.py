"""Long stays at berth: less auxiliary and boiler power after some time alongside."""

import polars as pl

from sisterport.errors import choose
from sisterport.reference import value
from sisterport.units import MS_PER_HOUR

LONG_STAYS = ("none", "maru")
"""Rules by name."""

TANKERS = ("chemical_tanker", "oil_tanker", "liquefied_gas_tanker", "other_liquids_tanker", "unknown_tanker")


def long_stay_factor(berthed: pl.DataFrame, rule: str) -> pl.Series:
    """Return the factor on auxiliary and boiler power of each segment [-].

    A stay is an unbroken row of berth segments of one ship; its time before the first of them is not known and does not
    count. In the segment in which the limit is passed the factor is the mean over time, so that energy is exact.

    Parameters
    ----------
    berthed
        Segments with ``segment_id, mmsi, mode, start_utc, end_utc, hours, ship_class``.
    rule
        ``none``, or ``maru``: tankers 1/3 after two days, other ships 3/4 after one day.

    Returns
    -------
    polars.Series
        ``long_stay`` in the order of `berthed`; 1 where the rule does not apply.

    Raises
    ------
    MethodError
        If there is no such rule.

    References
    ----------
    Kystverket MarU v1.5.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> stay = pl.DataFrame({"segment_id": [0], "mmsi": [1], "mode": ["berth"], "ship_class": ["container"],
    ...     "start_utc": [datetime(2024, 5, 1, tzinfo=UTC)], "end_utc": [datetime(2024, 5, 3, tzinfo=UTC)],
    ...     "hours": [48.0]})
    >>> long_stay_factor(stay, "maru").to_list()
    [0.875]
    """
    choose("rule of long stays", rule, list(LONG_STAYS))
    if rule == "none":
        return pl.repeat(1.0, berthed.height, dtype=pl.Float64, eager=True).alias("long_stay")
    tanker = pl.col("ship_class").is_in(TANKERS).fill_null(value=False)
    after = pl.when(tanker).then(value("maru_long_stay_tanker_h")).otherwise(value("maru_long_stay_h"))
    share = pl.when(tanker).then(value("maru_long_stay_tanker_share")).otherwise(value("maru_long_stay_share"))
    new = (pl.col("start_utc") != pl.col("end_utc").shift(1)) | (pl.col("mode") != pl.col("mode").shift(1))
    ordered = (
        berthed.with_row_index("place")
        .sort("mmsi", "start_utc", "segment_id")
        .with_columns(stay=new.fill_null(value=True).cum_sum().over("mmsi"))
    )
    begun = pl.col("start_utc").first().over("mmsi", "stay")
    until = (pl.col("end_utc") - begun).dt.total_milliseconds() / MS_PER_HOUR
    span = (pl.col("end_utc") - pl.col("start_utc")).dt.total_milliseconds() / MS_PER_HOUR
    late = pl.when(span > 0).then(((until - after) / span).clip(0.0, 1.0)).otherwise(0.0)
    factor = pl.when(pl.col("mode") == "berth").then(1.0 - late * (1.0 - share)).otherwise(1.0)
    return ordered.select("place", long_stay=factor).sort("place")["long_stay"]
