"""Registers as GeoJSON: one feature per outlet or inlet, its voltage-frequency pairs as a list.

Properties carry the names of the tables. What may differ between the pairs of an outlet stands in ``pairs``, the
rest once. A member ``s131`` shows outlets in the words of IHO S-131; it is derived and not read back.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.shorepower import s131
from sisterport.shorepower.cells import passport_of
from sisterport.shorepower.register_faults import PAIR_COLUMNS
from sisterport.tables import write_text

KEYS = {"outlets": "outlet_id", "inlets": "inlet_id"}
_PLACE = ("lon_deg", "lat_deg")


def to_geojson(register: pl.DataFrame, *, table: str = "outlets") -> dict[str, Any]:
    """Return a register as a GeoJSON feature collection.

    Parameters
    ----------
    register
        Frame of `read_outlets` or `read_inlets`.
    table
        ``"outlets"`` or ``"inlets"``.

    Returns
    -------
    dict
        A feature has a point if its position [deg] is known, else a geometry of null.

    Examples
    --------
    >>> row = {"outlet_id": "o1", "berth_id": "b1", "lat_deg": 54.3, "lon_deg": 10.1, "frequency_hz": 50.0}
    >>> outlets = pl.DataFrame([row | {"voltage_kv": 6.6}, row | {"voltage_kv": 11.0}])
    >>> feature, = to_geojson(outlets)["features"]
    >>> feature["geometry"]["coordinates"], [pair["voltage_kv"] for pair in feature["properties"]["pairs"]]
    ([10.1, 54.3], [6.6, 11.0])
    """
    key = KEYS[table]
    vocabulary = {row["iDCode"]: row for row in _vocabulary(register)} if table == "outlets" else {}
    features = []
    for (name,), rows in register.group_by(key, maintain_order=True):
        first = rows.row(0, named=True)
        own = {c: v for c, v in first.items() if not _of_pair(c, table) and c not in _PLACE}
        pairs = rows.select(c for c in rows.columns if _of_pair(c, table))
        properties = _plain(own) | {"pairs": [_plain(pair) for pair in pairs.iter_rows(named=True)]}
        if vocabulary:
            properties["s131"] = vocabulary[name]
        features.append({"type": "Feature", "id": name, "geometry": _point(first), "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def from_geojson(collection: Mapping[str, Any], *, where: str = "GeoJSON") -> pl.DataFrame:
    """Return the rows of a feature collection, one per feature and pair; `registers` checks them.

    Parameters
    ----------
    collection
        A GeoJSON feature collection. Features without ``pairs`` are one row.
    where
        What to call it in an error.

    Raises
    ------
    InputError
        If it is no feature collection, or a geometry is no point.

    Examples
    --------
    >>> point = {"type": "Point", "coordinates": [10.1, 54.3]}
    >>> pairs = [{"voltage_kv": 6.6}, {"voltage_kv": 11}]
    >>> feature = {"type": "Feature", "geometry": point, "properties": {"outlet_id": "o1", "pairs": pairs}}
    >>> from_geojson({"type": "FeatureCollection", "features": [feature]}).rows()
    [('o1', 10.1, 54.3, '6.6'), ('o1', 10.1, 54.3, '11')]
    """
    features = collection.get("features") if isinstance(collection, Mapping) else None
    if not isinstance(features, list):
        raise InputError(f"{where} is no GeoJSON feature collection")
    rows = [row for number, feature in enumerate(features) for row in _rows(feature, f"{where}: feature {number}")]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    kinds = {name: pl.Float64() if name in _PLACE else pl.String() for name in columns}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def read_geojson(path: str | Path) -> pl.DataFrame:
    """Return the rows of a GeoJSON file, as `from_geojson`.

    Raises
    ------
    InputError
        If the file is not there or no GeoJSON feature collection.

    Examples
    --------
    >>> read_geojson("nowhere.geojson")
    Traceback (most recent call last):
    sisterport.errors.InputError: no such file: nowhere.geojson
    """
    file = Path(path)
    try:
        collection = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"no such file: {file}") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"cannot read {file}: {error}") from None
    return from_geojson(collection, where=str(file))


def write_geojson(register: pl.DataFrame, path: str | Path, *, table: str = "outlets") -> None:
    """Write a register to a GeoJSON file, as `to_geojson`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_geojson(pl.DataFrame({"outlet_id": ["o1"], "voltage_kv": [6.6]}), f"{folder}/o.geojson")
    ...     read_geojson(f"{folder}/o.geojson").rows()
    [('o1', None, None, '6.6')]
    """
    text = json.dumps(to_geojson(register, table=table), ensure_ascii=False, indent=1, allow_nan=False)
    write_text(path, text + "\n")


def _of_pair(column: str, table: str) -> bool:
    passport = passport_of(column)
    return (passport[0] if passport else column) in PAIR_COLUMNS[table]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a row, dates as text."""
    return {c: v.isoformat() if isinstance(v, date | datetime) else v for c, v in row.items() if v is not None}


def _point(row: Mapping[str, Any]) -> dict[str, Any] | None:
    lon, lat = (row.get(name) for name in _PLACE)
    return None if lon is None or lat is None else {"type": "Point", "coordinates": [lon, lat]}


def _vocabulary(outlets: pl.DataFrame) -> Iterator[dict[str, Any]]:
    needed = {"outlet_id", "voltage_kv", "frequency_hz"}
    return s131.to_s131(outlets).iter_rows(named=True) if needed <= set(outlets.columns) else iter(())


def _rows(feature: Any, label: str) -> Iterator[dict[str, Any]]:
    if not isinstance(feature, Mapping) or not isinstance(feature.get("properties"), Mapping):
        raise InputError(f"{label} has no properties")
    geometry = feature.get("geometry")
    if geometry is not None and (not isinstance(geometry, Mapping) or geometry.get("type") != "Point"):
        kind = geometry.get("type") if isinstance(geometry, Mapping) else geometry
        raise InputError(f"{label}: geometry is {kind}, needed Point or null")
    place: dict[str, Any] = dict.fromkeys(_PLACE)
    if geometry is not None:
        place = _position(geometry, label)
    own = {c: v for c, v in feature["properties"].items() if c not in {"pairs", "s131", *_PLACE}}
    pairs = feature["properties"].get("pairs") or [{}]
    if not isinstance(pairs, list) or not all(isinstance(pair, Mapping) for pair in pairs):
        raise InputError(f"{label}: 'pairs' is no list of objects")
    for pair in pairs:
        yield _text(own) | place | _text(pair)


def _position(geometry: Mapping[str, Any], label: str) -> dict[str, Any]:
    numbers = geometry.get("coordinates")
    if not isinstance(numbers, list) or len(numbers) < len(_PLACE):
        raise InputError(f"{label}: a point needs two coordinates, lon and lat")
    if not all(isinstance(n, int | float) for n in numbers):
        raise InputError(f"{label}: coordinates are no numbers")
    return dict(zip(_PLACE, map(float, numbers), strict=False))


def _text(row: Mapping[str, Any]) -> dict[str, str | None]:
    """Return cells as text, as a CSV file would have them: one reading for both."""
    return {c: v if v is None or isinstance(v, str) else json.dumps(v) for c, v in row.items()}
