"""One table per frame: columns, dtypes, units and meaning in ``<name>.csv``; `check` holds a frame against it."""

from sisterport.tables.files import read_file, write_text
from sisterport.tables.frames import Caller, to_polars
from sisterport.tables.schema import Column, check, empty, names, nomenclature, schema

__all__ = [
    "Caller",
    "Column",
    "check",
    "empty",
    "names",
    "nomenclature",
    "read_file",
    "schema",
    "to_polars",
    "write_text",
]
