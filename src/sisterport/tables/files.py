"""Read a small table from a file as people have them: CSV with commas, semicolons or tabs, or Parquet."""

import os
from pathlib import Path

import polars as pl

from sisterport.errors import InputError


def read_file(path: str | Path, *, text: bool = False) -> pl.DataFrame:
    """Return the table in a CSV or Parquet file.

    Parameters
    ----------
    path
        The file. The separator of a CSV file is seen from its header; with semicolons, decimal commas are read.
    text
        Leave all columns of a CSV file as text.

    Raises
    ------
    InputError
        If the file is not there, empty, damaged, or no table in UTF-8.
    """
    file = Path(path)
    try:
        if file.suffix.lower() == ".parquet":
            return pl.read_parquet(file)
        raw = file.read_bytes()
        words = raw.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"no such file: {file}") from None
    except UnicodeDecodeError:
        raise InputError(f"{file} is not text in UTF-8: save it as CSV UTF-8") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"cannot read {file}: {str(error).splitlines()[0]}") from None
    header = words.strip().split("\n", maxsplit=1)[0]
    if not header:
        raise InputError(f"{file} is empty")
    separator = max(",;\t", key=header.count)
    european = separator == ";"
    try:
        frame = pl.read_csv(
            words.encode(),
            separator=separator,
            decimal_comma=european and not text,
            infer_schema=not text,
            infer_schema_length=None,
        )
        return frame.with_columns(pl.all().str.replace(r"^(-?\d+),(\d+)$", "$1.$2")) if european and text else frame
    except pl.exceptions.PolarsError as error:
        raise InputError(f"{file} is not a table: {str(error).splitlines()[0]}") from None


def write_text(path: str | Path, text: str) -> Path:
    """Write a file of text whole or not at all: an older one is replaced when the new one is complete.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_text(f"{folder}/deep/a.txt", "all of it").read_text("utf-8")
    'all of it'
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target
