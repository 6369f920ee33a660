"""A shore-power register as features of IHO S-131 in GeoJSON: facilities, the berths they serve, and their terminals.

`sisterport.shorepower.geojson` writes the register whole, in our names; this writes what S-131 has names for, and
reads it from others. S-131 gives the port's code to berths and terminals, not to facilities, and has no link from a
berth to a facility: the link is ours, ``berth_id``, outside the attributes.

References
----------
IHO S-131 Marine Harbour Infrastructure, feature catalogue 2.0.0 of 13 March 2026 (release candidate).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.exchange.findings import ERROR, Finding
from sisterport.exchange.objects import fields, strict
from sisterport.shorepower.s131 import from_s131, to_s131
from sisterport.tables import check, to_polars

FACILITY, BERTH, TERMINAL = "OnshorePowerFacility", "Berth", "Terminal"
GEOMETRIES = {
    FACILITY: ("Point",),
    BERTH: ("Point", "LineString", "Polygon"),
    TERMINAL: ("Point", "Polygon"),
}
"""Geometries of each feature; one that is not known is null."""
_LISTS = ("categoryOfVoltage", "categoryOfFrequency", "categoryOfPlug")
_SIZES = {"availableBerthingLength": "length_m", "minimumBerthDepth": "depth_m"}


def to_features(outlets: Any, *, berths: Any = None) -> dict[str, Any]:
    """Return outlets as a GeoJSON feature collection in the words of S-131.

    Parameters
    ----------
    outlets
        Table ``outlets``.
    berths
        Table ``berths``, for length and depth [m].

    Returns
    -------
    dict
        One OnshorePowerFacility per outlet, one Berth per berth, one Terminal per terminal, with ``featureType``,
        ``attributes`` and ``associations``. A voltage without a code is named in ``notInS131``.

    Examples
    --------
    >>> row = {"outlet_id": "o1", "berth_id": "b1", "locode": "DEKEL", "terminal": "OK", "state": "operational",
    ...        "voltage_kv": 6.6, "frequency_hz": 50.0, "source": "synthetic", "status": "unverified"}
    >>> [(one["properties"]["featureType"], one["id"]) for one in to_features(pl.DataFrame([row]))["features"]]
    [('OnshorePowerFacility', 'o1'), ('Berth', 'b1'), ('Terminal', 'DEKEL-OK')]
    """
    rows = check(outlets, "outlets")
    known = {} if berths is None else {row["berth_id"]: row for row in check(berths, "berths").iter_rows(named=True)}
    features = [
        *_facilities(to_polars(outlets), rows),
        *(_berth(str(name), part, known.get(name, {})) for (name,), part in _groups(rows, "berth_id")),
        *_terminals(rows),
    ]
    return {"type": "FeatureCollection", "features": features}


def from_features(collection: Any, *, state: str, source: str, status: str) -> pl.DataFrame:
    """Return the facilities of a feature collection as rows for `sisterport.shorepower.registers.read_outlets`.

    Parameters
    ----------
    collection
        As `to_features` writes it.
    state
        State of the outlets: S-131 has none, so the caller says it.
    source, status
        Passport of the rows.

    Raises
    ------
    InputError
        If it breaks S-131, or a facility names no berth that is there: then nobody knows its port.

    Examples
    --------
    >>> row = {"outlet_id": "o1", "berth_id": "b1", "locode": "DEKEL", "state": "operational", "voltage_kv": 6.6,
    ...        "frequency_hz": 50.0, "source": "synthetic", "status": "unverified"}
    >>> back = from_features(to_features(pl.DataFrame([row])), state="operational", source="chart", status="secondary")
    >>> back.select("outlet_id", "berth_id", "locode", "voltage_kv", "pair").row(0)
    ('o1', 'b1', 'DEKEL', 6.6, 'exists')
    """
    faults = [f"{one.path}: {one.fault}; {one.remedy}" for one in feature_findings(collection) if one.severity == ERROR]
    parts = [] if faults else [feature["properties"] for feature in collection["features"]]
    ports = {_name(part, "berth_id"): part["attributes"]["uNLocationCode"] for part in parts if _is(part, BERTH)}
    facilities = [part for part in parts if _is(part, FACILITY)]
    for number, part in enumerate(facilities):
        if "iDCode" not in part["attributes"]:
            faults.append(f"facility {number} has no iDCode; give one")
        if _name(part, "berth_id") not in ports:
            faults.append(f"facility {number} names no berth that is there; give associations.berth_id")
    if faults:
        raise InputError("features of S-131: " + "; ".join(faults[:5]))
    rows = [
        {
            **{name: part["attributes"].get(name) for name in ("iDCode", "categoryOfShorePowerFacility", *_LISTS)},
            "berth_id": _name(part, "berth_id"),
            "uNLocationCode": ports[_name(part, "berth_id")],
        }
        for part in facilities
    ]
    schema: dict[str, Any] = dict.fromkeys(("iDCode", "berth_id", "uNLocationCode"), pl.String)
    schema |= {"categoryOfShorePowerFacility": pl.Int64, "categoryOfPlug": pl.List(pl.String)}
    schema |= dict.fromkeys(("categoryOfVoltage", "categoryOfFrequency"), pl.List(pl.Int64))
    return from_s131(pl.DataFrame(rows, schema=schema), state=state, source=source, status=status)


def feature_findings(collection: Any) -> list[Finding]:
    """Return everything that breaks the catalogue: features, attributes, how many, codes, geometries.

    Examples
    --------
    >>> berth = {"type": "Feature", "geometry": None,
    ...          "properties": {"featureType": "Berth", "attributes": {"categoryOfVoltage": [16]}}}
    >>> found = feature_findings({"type": "FeatureCollection", "features": [berth]})
    >>> [f"{one.check} {one.path.rsplit('.', 1)[-1]}" for one in found]
    ['code categoryOfVoltage[0]', 'required uNLocationCode']
    """
    features = collection.get("features") if isinstance(collection, Mapping) else None
    if not isinstance(features, list):
        return [Finding("kind", ERROR, "$", "no GeoJSON feature collection", "give features")]
    return [one for number, feature in enumerate(features) for one in _judged(feature, f"$.features[{number}]")]


def _judged(feature: Any, path: str) -> Iterator[Finding]:
    part = feature.get("properties") if isinstance(feature, Mapping) else None
    name = part.get("featureType") if isinstance(part, Mapping) else None
    if not isinstance(part, Mapping) or not isinstance(name, str) or name not in GEOMETRIES:
        yield Finding("feature_type", ERROR, path, "no feature of a register", f"choose from {', '.join(GEOMETRIES)}")
        return
    at, given = f"{path}.properties.attributes", part.get("attributes")
    if not isinstance(given, Mapping):
        yield Finding("kind", ERROR, at, "no attributes", "give an object")
        return
    # what every feature has is in a table of its own
    shared = {key: found for key, found in given.items() if key in fields("s131", "FeatureType")}
    own = {key: found for key, found in given.items() if key not in shared}
    yield from sorted(strict(own, "s131", name, path=at), key=lambda one: one.path)
    yield from strict(shared, "s131", "FeatureType", path=at)
    shape = feature.get("geometry")
    kind = shape.get("type") if isinstance(shape, Mapping) else None
    if shape is not None and kind not in GEOMETRIES[name]:
        remedy = f"give {' or '.join(GEOMETRIES[name])}, or null"
        yield Finding("geometry", ERROR, f"{path}.geometry", f"{name} as {kind}", remedy)
    if not isinstance(part.get("associations", {}), Mapping):
        yield Finding("kind", ERROR, f"{path}.properties.associations", "no object", "give an object")


def _facilities(given: pl.DataFrame, rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    # the codes that came in stand in columns beyond the table, which to_s131 reads
    words = {row["iDCode"]: row for row in to_s131(given).iter_rows(named=True)}
    for (name,), part in _groups(rows, "outlet_id"):
        first, own = part.row(0, named=True), words[name]
        attributes = {"iDCode": name, "categoryOfShorePowerFacility": own["categoryOfShorePowerFacility"]}
        attributes |= {key: own[key] for key in _LISTS}
        links = {"berth_id": first["berth_id"], "terminal_id": _terminal_id(first)}
        extra = {"notInS131": own["notInS131"]} if own["notInS131"] else {}
        yield _feature(FACILITY, str(name), attributes, links, point=_point(first), **extra)


def _berth(name: str, part: pl.DataFrame, known: Mapping[str, Any]) -> dict[str, Any]:
    first = part.row(0, named=True)
    words = to_s131(part.with_columns(outlet_id=pl.lit(name))).row(0, named=True)
    sizes = {attribute: known.get(column) for attribute, column in _SIZES.items()}
    sizes["availableBerthingLength"] = sizes["availableBerthingLength"] or first["berth_length_m"]
    attributes = {"uNLocationCode": first["locode"], "terminalIdentifier": first["terminal"]}
    attributes |= sizes | {key: words[key] for key in _LISTS}
    return _feature(BERTH, name, attributes, {"berth_id": name, "terminal_id": _terminal_id(first)})


def _terminals(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    named = rows.filter(pl.col("terminal").is_not_null())
    for (port, terminal), part in named.group_by("locode", "terminal", maintain_order=True):
        first = part.row(0, named=True)
        links = {"layoutUnit": part["berth_id"].unique(maintain_order=True).to_list(),
                 "hasInfrastructure": part["outlet_id"].unique(maintain_order=True).to_list()}  # fmt: skip
        attributes = {"uNLocationCode": port, "terminalIdentifier": terminal}
        yield _feature(TERMINAL, str(_terminal_id(first)), attributes, links)


def _feature(
    kind: str, name: str, attributes: Mapping[str, Any], links: Mapping[str, Any], *, point: Any = None, **extra: Any
) -> dict[str, Any]:
    """Return a feature with what is known of it."""
    told = {key: found for key, found in attributes.items() if found is not None and found != []}
    linked = {key: found for key, found in links.items() if found is not None}
    properties = {"featureType": kind, "attributes": told, "associations": linked, **extra}
    return {"type": "Feature", "id": name, "geometry": point, "properties": properties}


def _groups(rows: pl.DataFrame, column: str) -> Any:
    return rows.group_by(column, maintain_order=True)


def _terminal_id(row: Mapping[str, Any]) -> str | None:
    return None if row["terminal"] is None else f"{row['locode']}-{row['terminal']}"


def _point(row: Mapping[str, Any]) -> dict[str, Any] | None:
    lon, lat = row["lon_deg"], row["lat_deg"]
    return None if lon is None or lat is None else {"type": "Point", "coordinates": [lon, lat]}


def _is(part: Mapping[str, Any], kind: str) -> bool:
    return bool(part["featureType"] == kind)


def _name(part: Mapping[str, Any], key: str) -> str | None:
    found = part.get("associations", {}).get(key)
    return found if isinstance(found, str) else None
