"""Which column of a file is which of ours: layouts known by header (``layouts.csv``), or an explicit map."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files

import polars as pl

from sisterport.errors import SchemaError, choose, did_you_mean
from sisterport.tables import schema

NEEDED = ("mmsi", "time_utc", "lat_deg", "lon_deg")
OWN_NAMES = "own_names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How to read one kind of file.

    Attributes
    ----------
    name
        Name in ``layouts.csv``, `OWN_NAMES`, or ``"columns"`` when only an explicit map applies.
    headers
        Our field -> the file's column.
    time_format
        `strptime` format of the time; None: ISO 8601 or seconds or milliseconds since 1970.
    ships_only
        Rows whose station type is neither class A nor class B are dropped.
    """

    name: str
    headers: dict[str, str] = field(default_factory=dict)
    time_format: str | None = None
    ships_only: bool = False


def data_table(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the room's small tables."""
    text = files("sisterport.ais").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def fields() -> dict[str, pl.DataType]:
    """Return every field that a file can hold: those of positions and of statics, with their dtypes."""
    both = schema("positions") | schema("statics")
    return {name: column.dtype for name, column in both.items() if name not in {"identities", "positions"}}


@cache
def layout_names() -> list[str]:
    """Return the names of the known layouts.

    Examples
    --------
    >>> layout_names()
    ['marinecadastre', 'marinecadastre_csv2', 'danish', 'statsat', 'short_names', 'own_names']
    """
    return [*dict.fromkeys(row["layout"] for row in data_table("layouts")), OWN_NAMES]


def _known(name: str, header: Sequence[str]) -> Layout:
    """Return layout `name` as far as `header` has its columns, whatever their case."""
    present = {column.strip().lower(): column for column in reversed(header)}
    if name == OWN_NAMES:
        return Layout(name=name, headers={f: present[f] for f in fields() if f in present})
    rows = [row for row in data_table("layouts") if row["layout"] == name]
    found = {row["field"]: present[row["header"].lower()] for row in rows if row["header"].lower() in present}
    option = {row["field"]: row["option"] for row in rows if row["option"]}
    return Layout(
        name=name,
        headers=found,
        time_format=option.get("time_utc"),
        ships_only=option.get("transceiver_class") == "ships only",
    )


def _recognised(header: Sequence[str]) -> Layout | None:
    """Return the layout that explains most columns, if one has everything that is needed."""
    candidates = [_known(name, header) for name in layout_names()]
    complete = [c for c in candidates if all(f in c.headers for f in NEEDED)]
    return max(complete, key=lambda c: len(c.headers)) if complete else None


def resolve_layout(
    header: Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    layout: str | None = None,
    where: str = "file",
) -> Layout:
    """Say which column of a file is which of ours.

    Parameters
    ----------
    header
        Column names of the file.
    columns
        Map from the file's names to ours, e.g. ``{"Speed": "sog_kn"}``; it adds to the layout and overrules
        it.
    layout
        Name of a known layout; None: recognised by the header.
    where
        Name of the file, for the error.

    Raises
    ------
    MethodError
        If `layout` is not a known one.
    SchemaError
        Listing every fault: columns of the map that are not there, targets that do not exist, needed fields
        without a column.

    Examples
    --------
    >>> resolve_layout(["MMSI", "BaseDateTime", "LAT", "LON", "SOG"]).name
    'marinecadastre'
    >>> resolve_layout(["ship", "when", "y", "x"],
    ...     columns={"ship": "mmsi", "when": "time_utc", "y": "lat_deg", "x": "lon_deg"}).headers["lat_deg"]
    'y'
    """
    if layout is not None:
        base = _known(choose("layout", layout, layout_names()), header)
    else:
        base = _recognised(header) or replace(_known(OWN_NAMES, header), name="columns")
    faults = []
    headers = dict(base.headers)
    for theirs, ours in (columns or {}).items():
        if theirs not in header:
            faults.append(f"column map names '{theirs}', which is not there{did_you_mean(theirs, header)}")
        if ours not in fields():
            faults.append(f"column map: no field '{ours}'{did_you_mean(ours, list(fields()))}")
        elif list((columns or {}).values()).count(ours) > 1:
            faults.append(f"column map gives '{ours}' twice, second time as '{theirs}'")
        headers[ours] = theirs
    faults += [f"no column for '{f}'{_found_instead(f, header)}" for f in NEEDED if f not in headers]
    if faults:
        hint = f"header is: {', '.join(header)}"[:300]
        raise SchemaError(where, [*faults, f"{hint}; known layouts: {', '.join(layout_names())}"])
    return replace(base, headers=headers)


def _found_instead(wanted: str, header: Sequence[str]) -> str:
    """Say which column was probably meant."""
    stem = wanted.split("_", maxsplit=1)[0]
    similar = [column for column in header if stem in column.lower()]
    example = similar[0] if similar else "<your column>"
    found = f" (found '{example}')" if similar else ""
    return f"{found}: pass columns={{'{example}': '{wanted}'}}"
