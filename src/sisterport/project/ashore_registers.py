"""A register of shore power looked at: is it sound, how much does it know, and the same in another format."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import InputError, choose
from sisterport.fleet import ship_id
from sisterport.project.ashore_read import CANDIDATES
from sisterport.project.staging import staged
from sisterport.shorepower.facts import known_facts
from sisterport.shorepower.geojson import read_geojson
from sisterport.shorepower.registers import (
    GEOJSON,
    UNCODED_PORTS,
    aliases_used,
    outlet_candidates,
    read_assessments,
    read_inlets,
    read_outlets,
    write_inlets,
    write_outlets,
)
from sisterport.tables import read_file

_KEYS = {"outlets": "outlet_id", "inlets": "inlet_id", "assessments": "assessed_on"}
_OF_EVERY_ROW = ("outlet_id", "inlet_id", "berth_id", "locode", "state", "source", "status")
_READ: dict[str, Callable[..., pl.DataFrame]] = {
    "outlets": lambda path: read_outlets(path, known_ports=UNCODED_PORTS),
    "inlets": read_inlets,
    "assessments": read_assessments,
}
_WRITE: dict[str, Callable[[Any, Path], Path]] = {"outlets": write_outlets, "inlets": write_inlets}


def look(source: str, *, kind: str | None = None, to: Path | None = None) -> dict[str, Any]:
    """Read a register and say how much it knows; write it in another format if asked.

    Parameters
    ----------
    source
        Path of a CSV, Parquet or GeoJSON file, or ``"candidates"``: the outlets of public sources.
    kind
        ``outlets``, ``inlets`` or ``assessments``; by default told from the columns.
    to
        File to write; its ending tells the format.

    Raises
    ------
    SchemaError
        Listing every fault of the register.
    InputError
        If it cannot be read, or its kind cannot be told.
    """
    word = _kind(source) if kind is None else choose("kind of register", kind, list(_KEYS))
    register = outlet_candidates() if source == CANDIDATES else _READ[word](source)
    if to is not None:
        _written(register, word, to)
    found: dict[str, Any] = {"kind": word, "rows": register.height}
    if word == "assessments":
        return found
    found[word] = register[_KEYS[word]].n_unique()
    facts = known_facts(register).filter(pl.col("known") > 0, ~pl.col("column").is_in(_OF_EVERY_ROW))
    found["known"] = facts.to_dicts()
    if word == "inlets":
        found["ships"] = register.select(ship_id()).n_unique()
    if word == "outlets":
        found["berths"] = register["berth_id"].n_unique()
    if word == "outlets":
        found |= {"ports": register["locode"].n_unique(), "aliases": aliases_used(register)}
        found["states"] = dict(register.group_by("state").agg(pl.col("outlet_id").n_unique()).sort("state").iter_rows())
    return found


def _kind(source: str) -> str:
    if source == CANDIDATES:
        return "outlets"
    path = Path(source)
    rows = read_geojson(path) if path.suffix.lower() in GEOJSON else read_file(path, text=True)
    for kind, key in _KEYS.items():
        if key in rows.columns:
            return kind
    raise InputError(f"{source} has none of the columns {', '.join(_KEYS.values())}: say what it is with --as outlets")


def _written(register: pl.DataFrame, kind: str, to: Path) -> None:
    """Write the register whole, or leave what was there."""
    if kind not in _WRITE:
        raise InputError("assessments are only read: CSV or Parquet")
    with staged(to.parent) as place:
        _WRITE[kind](register, place / to.name)
