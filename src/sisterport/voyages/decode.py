"""The kernel's keys and sums as a frame of segments."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.engines import STATISTICS
from sisterport.voyages.kernel import NO_CELL, SUMS
from sisterport.voyages.modes import BASES, MODES
from sisterport.voyages.raster import Zones

QUALITIES = ("seen", "stayed", "shifted", "bridged")


def decode(
    mmsi: NDArray[np.int64],
    keys: NDArray[np.int32],
    values: NDArray[np.float64],
    zones: Zones,
    cell_deg: float | None,
) -> pl.DataFrame:
    """Return segments (without ``segment_id``) from the kernel's arrays."""
    place = keys[:, 1]
    hours = values[:, SUMS.index("hours")]
    lon = values[:, len(SUMS) + 1] / hours
    area = zones.areas.frame.select("area_id", "locode")
    index = pl.Series((place & 0xFFFF).astype(np.int64) - 1)
    area_row = pl.select(pl.when(index >= 0).then(index)).to_series()
    cells = {name: _cell(keys[:, 6 + i], cell_deg) for i, name in enumerate(("cell_lat", "cell_lon"))}
    return pl.DataFrame(
        {
            "mmsi": mmsi,
            "start_utc": _time(values[:, 0]),
            "end_utc": _time(values[:, 1]),
            "date": pl.Series(keys[:, 4]).cast(pl.Date),
            "mode": _words(keys[:, 2], MODES),
            "mode_basis": _words(keys[:, 3], BASES),
            "area_id": area["area_id"].gather(area_row),
            "locode": area["locode"].gather(area_row),
            "zone_id": _words(((place >> 21) & 31) - 1, zones.zone_ids),
            "in_domain": (place >> 26) & 1 == 1,
            "quality": _words(keys[:, 5], QUALITIES),
            "hours": hours,
            "distance_nm": values[:, 3],
            "positions": values[:, 4].astype(np.int64),
            "gap_max_h": values[:, 5],
            "hours_derived": values[:, 6],
            "hours_no_draught": values[:, 7],
            "lat_deg": values[:, len(SUMS)] / hours,
            "lon_deg": (lon + 180.0) % 360.0 - 180.0,
            **cells,
            **{name: values[:, len(SUMS) + 2 + i] for i, name in enumerate(STATISTICS)},
        }
    )


def _time(seconds: NDArray[np.float64]) -> pl.Series:
    return pl.Series((seconds * 1000.0).astype(np.int64)).cast(pl.Datetime("ms", "UTC"))


def _words(codes: NDArray[np.int32], words: Any) -> pl.Series:
    """Return words for codes; a negative code is null."""
    index = pl.Series(codes.astype(np.int64))
    return pl.Series(list(words), dtype=pl.String).gather(pl.select(pl.when(index >= 0).then(index)).to_series())


def _cell(codes: NDArray[np.int32], cell_deg: float | None) -> pl.Series:
    if cell_deg is None:
        return pl.Series(np.empty(0), dtype=pl.Int64).extend_constant(None, codes.size)
    return pl.Series(np.where(codes == NO_CELL, 0, codes).astype(np.int64))
