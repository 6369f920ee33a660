"""Take any Arrow-speaking frame in, work in Polars, give the caller's kind back."""

from typing import Any

import polars as pl

from sisterport.errors import InputError


def to_polars(frame: Any) -> pl.DataFrame:
    """Return `frame` as a Polars frame.

    Parameters
    ----------
    frame
        A Polars frame, or anything with the Arrow PyCapsule interface (pandas, PyArrow, DuckDB).

    Raises
    ------
    InputError
        If `frame` is none of these.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if hasattr(frame, "__arrow_c_stream__"):
        return pl.DataFrame(frame)
    raise InputError(
        f"expected a dataframe (Polars, pandas, PyArrow, DuckDB), got {type(frame).__name__}; "
        "to read a file use read_positions or polars.read_parquet"
    )


class Caller:
    """Remembers what kind of frame came in and gives results back as that kind.

    Examples
    --------
    >>> import polars as pl
    >>> caller = Caller(pl.DataFrame({"a": [1]}))
    >>> type(caller.back(pl.DataFrame({"b": [2]}))).__module__.split(".")[0]
    'polars'
    """

    def __init__(self, frame: Any) -> None:
        self.kind = type(frame).__module__.split(".")[0]

    def back(self, frame: pl.DataFrame) -> Any:
        """Return `frame` as pandas, PyArrow or Polars, as the caller had it."""
        if self.kind == "pandas":
            return frame.to_pandas()
        if self.kind == "pyarrow":
            return frame.to_arrow()
        return frame
