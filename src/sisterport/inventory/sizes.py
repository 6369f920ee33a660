"""Find the size bin of a ship in a table of half-open bins ``[size_min, next size_min)``."""

import numpy as np
import polars as pl
from numpy.typing import NDArray


def bin_rows(bins: pl.DataFrame, key: str, kinds: pl.Series, sizes: pl.Series) -> NDArray[np.int64]:
    """Return for each ship the row of `bins` that it falls in, -1 where there is none.

    Parameters
    ----------
    bins
        One row per kind and bin, with the columns `key` and ``size_min``.
    key
        Column of the kind.
    kinds, sizes
        Kind and size of each ship; a size that is null finds only the bin of a kind that has a single one.

    Examples
    --------
    >>> bins = pl.DataFrame({"kind": ["a", "a", "b"], "size_min": [0, 100, 0]})
    >>> bin_rows(bins, "kind", pl.Series(["a", "a", "b", "c"]), pl.Series([99.9, 100.0, None, 1.0])).tolist()
    [0, 1, 2, -1]
    """
    found = np.full(len(kinds), -1, dtype=np.int64)
    size = sizes.cast(pl.Float64).fill_null(np.nan).to_numpy()
    indexed = bins.with_row_index("row")
    for kind in kinds.drop_nulls().unique():
        of_kind = indexed.filter(pl.col(key) == kind).sort("size_min")
        if of_kind.is_empty():
            continue
        here = (kinds == kind).fill_null(value=False).to_numpy()
        rows = of_kind["row"].to_numpy().astype(np.int64)
        place = np.searchsorted(of_kind["size_min"].to_numpy(), size[here], side="right") - 1
        place[np.isnan(size[here])] = 0 if len(rows) == 1 else -1
        found[here] = np.where(place >= 0, rows[np.maximum(place, 0)], -1)
    return found
