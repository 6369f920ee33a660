"""Berths with their names, terminals, ports and positions, from outlets, drawn areas and the ports table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from sisterport.reference.ports import ports
from sisterport.site.chartmap import extent_of

_SCHEMA = {
    "berth_id": pl.String,
    "berth_name": pl.String,
    "terminal_name": pl.String,
    "port_name": pl.String,
    "locode": pl.String,
    "lat_deg": pl.Float64,
    "lon_deg": pl.Float64,
    "position": pl.String,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where berths are.

    Attributes
    ----------
    frame : polars.DataFrame
        ``berth_id, berth_name, terminal_name, port_name, locode, lat_deg, lon_deg, position``; the last says how the
        position is known: ``outlet``, ``area``, ``port`` or null.
    berths
        Geometry of each berth that is drawn, by its id.
    terminals
        Geometries of the terminals that are drawn.
    """

    frame: pl.DataFrame
    berths: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    terminals: Sequence[Mapping[str, Any]] = ()


def places(outlets: pl.DataFrame, *, areas: Mapping[str, Any] | None = None) -> Places:
    """Return the places of all berths of a register, and of all berths that are drawn.

    Parameters
    ----------
    outlets
        Frame of the table ``outlets``.
    areas
        GeoJSON feature collection of the table ``areas``.
    """
    drawn = _drawn(areas)
    rows = [_of_outlets(group, drawn) for _, group in outlets.group_by("berth_id", maintain_order=True)]
    known = {row["berth_id"] for row in rows}
    rows += [row for berth_id, row in drawn.items() if berth_id not in known]
    table = _ports()
    shapes = [(f["properties"], f["geometry"]) for f in areas["features"]] if areas else []
    return Places(
        frame=pl.DataFrame([_finished(row, table) for row in rows], schema=_SCHEMA, orient="row"),
        berths={own["area_id"]: shape for own, shape in shapes if own["kind"] == "berth"},
        terminals=[shape for own, shape in shapes if own["kind"] == "terminal"],
    )


def port_name(locode: str | None) -> str:
    """Return name and code of a port.

    Examples
    --------
    >>> port_name("CNSGH"), port_name(None)
    ('Shanghai (CNSGH)', 'Port not known')
    """
    if locode is None:
        return "Port not known"
    name = _ports().get(locode, (None, None, None))[0]
    return f"{name} ({locode})" if name else locode


def _ports() -> dict[str, tuple[str | None, float | None, float | None]]:
    rows = ports().drop_nulls("locode").select("locode", "name", "lat_deg", "lon_deg")
    return {code: (name, lat, lon) for code, name, lat, lon in rows.iter_rows()}


def _of_outlets(group: pl.DataFrame, drawn: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    first = group.row(0, named=True)
    own = group.drop_nulls(["lat_deg", "lon_deg"]).select("lat_deg", "lon_deg")
    row: dict[str, Any] = dict(drawn.get(first["berth_id"], {}))
    row |= {"berth_id": first["berth_id"], "locode": first["locode"]}
    if first["terminal"] and not row.get("terminal"):
        row["terminal"] = first["terminal"]
    if own.height:
        row |= dict(zip(("lat_deg", "lon_deg"), own.row(0), strict=True)) | {"position": "outlet"}
    return row


def _drawn(areas: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Return name, terminal and middle of the berths that are drawn."""
    if areas is None:
        return {}
    known = {f["properties"]["area_id"]: f["properties"] for f in areas["features"]}
    found = {}
    for feature in areas["features"]:
        own = feature["properties"]
        if own["kind"] != "berth":
            continue
        box = extent_of(feature["geometry"])
        parent = known.get(own.get("parent") or "", {})
        found[own["area_id"]] = {
            "berth_id": own["area_id"],
            "berth_name": own["name"],
            "terminal": parent.get("name") if parent.get("kind") == "terminal" else None,
            "locode": own.get("locode"),
            "lat_deg": (box.south + box.north) / 2,
            "lon_deg": (box.west + box.east) / 2,
            "position": "area",
        }
    return found


def _finished(
    row: Mapping[str, Any], table: Mapping[str, tuple[str | None, float | None, float | None]]
) -> dict[str, Any]:
    code = row.get("locode")
    name, lat, lon = table.get(code or "", (None, None, None))
    port = (f"{name} ({code})" if name else code) or "Port not known"
    of_port = {"lat_deg": lat, "lon_deg": lon, "position": "port" if lat is not None else None}
    place = {key: row[key] for key in of_port} if row.get("lat_deg") is not None else of_port
    terminal = row.get("terminal")
    return {
        "berth_id": row["berth_id"],
        "berth_name": row.get("berth_name") or row["berth_id"],
        "terminal_name": f"{terminal}, {code}" if terminal else port,
        "port_name": port,
        "locode": code,
        **place,
    }
