"""Read the reference tables; look up single values with their passport."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import ReferenceDataError, did_you_mean

_DATA = files("sisterport.reference").joinpath("data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A number with its passport."""

    id: str
    value: float
    unit: str
    source: str
    status: str


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    """Return the data package descriptor: resource name -> its entry (path, title, sources, licence)."""
    package = json.loads(_DATA.joinpath("datapackage.json").read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in package["resources"]}


def path(name: str) -> Path:
    """Return the file of resource `name`.

    Raises
    ------
    ReferenceDataError
        If there is no such resource.
    """
    if name not in catalogue():
        raise ReferenceDataError(f"no reference table '{name}'{did_you_mean(name, list(catalogue()))}")
    with as_file(_DATA.joinpath(catalogue()[name]["path"])) as file:
        return file


@cache
def load(name: str) -> pl.DataFrame:
    """Return reference table `name` as a frame, each row with its `source` and `status`.

    Examples
    --------
    >>> load("sfc_baseline").filter(engine_type="SSD", fuel="residual")["status"].unique().to_list()
    ['checked']
    """
    table = pl.read_csv(path(name), infer_schema_length=None)
    _loaded.add(name)  # not before: what is not there was not used
    return table


_loaded: set[str] = set()


def used() -> pl.DataFrame:
    """Return the tables that were read so far, with their origin and the number of rows by status.

    Examples
    --------
    >>> _ = constant("earth_radius_nm")
    >>> used().filter(name="constants")["unverified"].item() > 0
    True
    """
    rows = []
    for name in sorted(_loaded):
        counts = dict(load(name)["status"].value_counts().iter_rows()) if "status" in load(name).columns else {}
        by_word = {
            word: sum(n for status, n in counts.items() if str(status).startswith(word))
            for word in ("checked", "secondary", "unverified")
        }
        entry = catalogue()[name]
        rows.append({"name": name, "title": entry["title"], "source": entry["sources"][0]["title"], **by_word})
    return pl.DataFrame(rows)


@cache
def constant(identifier: str) -> Constant:
    """Return one constant of the table ``constants``.

    Raises
    ------
    ReferenceDataError
        If there is no such constant.

    Examples
    --------
    >>> constant("earth_radius_nm").value
    3440.065
    """
    table = load("constants")
    rows = table.filter(pl.col("id") == identifier).rows(named=True)
    if not rows:
        raise ReferenceDataError(f"no constant '{identifier}'{did_you_mean(identifier, table['id'].to_list())}")
    return Constant(**{key: rows[0][key] for key in ("id", "value", "unit", "source", "status")})


def value(identifier: str) -> float:
    """Return the bare value of a constant."""
    return constant(identifier).value
