"""Read Digitraffic vessel details (Fintraffic's port call register) as a ship register. Untested on live data."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sisterport.errors import InputError
from sisterport.fleet.identity import imo_check, mmsi_is_ship
from sisterport.fleet.mrv import number_from_text
from sisterport.reference import load
from sisterport.tables import schema

SOURCE = "Fintraffic Digitraffic, vessel details (untested on live data)"
_DIMENSIONS = {
    "gt": ("grossTonnage",),
    "dwt_t": ("deathWeight",),  # so spelt in the interface
    "length_m": ("overallLength", "length"),
    "beam_m": ("breadth",),
    "draught_ref_m": ("draught",),
    "v_max_kn": ("maxSpeed",),
    "power_kw": ("enginePower",),
}
_NUMBERS = tuple(_DIMENSIONS)


class VesselDetails(NamedTuple):
    """Rows for the table register, their cells (all unverified), and what could not be read."""

    register: pl.DataFrame
    cells: pl.DataFrame
    faults: pl.DataFrame


def read_vessel_details(source: str | Path | list[dict[str, Any]]) -> VesselDetails:
    """Return ships of the Digitraffic interface ``/api/port-call/v1/vessel-details``.

    Field names are those of the interface's source code; the reader has not seen live data. Zero means not filed.
    Engine power is free text there: a plain number, with or without kW, is read, anything else is counted. Types become
    classes by the words of the table ``digitraffic_types``.

    Parameters
    ----------
    source
        JSON file, or the parsed list of vessels.

    Returns
    -------
    VesselDetails
        ``register`` fits `sisterport.fleet.particulars`; with ``cells`` as its `cells` every value is labelled
        ``register (unverified)``. ``faults``: field, fault, ships, example.

    Raises
    ------
    InputError
        If the file is missing or is no list of vessels.

    References
    ----------
    Fintraffic, tmfg/digitraffic-marine, VesselDetailsJson and VesselDimensionsJson.

    Examples
    --------
    >>> vessel = {"mmsi": 0, "name": "Aurora", "imoLloyds": 9074729,
    ...     "vesselConstruction": {"vesselTypeName": "Container ship"},
    ...     "vesselDimensions": {"grossTonnage": 9600, "deathWeight": 0, "enginePower": "2 x 4500", "maxSpeed": 18.5}}
    >>> register, cells, faults = read_vessel_details([vessel])
    >>> register.select("mmsi", "ship_class", "gt", "dwt_t", "power_kw", "v_max_kn").row(0)
    (None, 'container', 9600.0, None, None, 18.5)
    >>> faults.row(0)
    ('power_kw', 'not a number', 1, '2 x 4500')
    """
    vessels = _vessels(source)
    rows = [_row(vessel) for vessel in vessels]
    texts = pl.DataFrame(rows, schema={**dict.fromkeys(("imo", "mmsi", "name", "type", *_NUMBERS), pl.String)})
    faults: list[tuple[str, str, int, str | None]] = []
    ships = _numbers(texts, faults)
    ships = ships.with_columns(ship_class=_class(pl.col("type")))
    _count(
        faults,
        ships,
        "ship_class",
        "unknown type",
        pl.col("ship_class").is_null() & pl.col("type").is_not_null(),
        "type",
    )
    _count(faults, ships, "imo", "wrong check digit", ~imo_check().fill_null(value=True), "imo")
    _count(faults, ships, "mmsi", "of no ship station", ~mmsi_is_ship().fill_null(value=True), "mmsi")
    ships = ships.with_columns(imo=pl.when(imo_check()).then("imo"), mmsi=pl.when(mmsi_is_ship()).then("mmsi"))
    nobody = pl.col("imo").is_null() & pl.col("mmsi").is_null()
    _count(faults, ships, "imo", "neither IMO number nor MMSI: left out", nobody, "name")
    ships = ships.filter(~nobody)
    for key in ("imo", "mmsi"):
        later = pl.col(key).is_not_null() & ~pl.col(key).is_first_distinct()
        _count(faults, ships, key, "listed twice: the later ones left out", later, key)
        ships = ships.filter(~later)
    register = ships.drop("type").with_columns(source=pl.lit(SOURCE))
    found = pl.DataFrame(
        faults, schema={"field": pl.String, "fault": pl.String, "ships": pl.Int64, "example": pl.String}, orient="row"
    )
    return VesselDetails(register, _cells(register), found)


def _vessels(source: str | Path | list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not isinstance(source, list):
        path = Path(source)
        if not path.is_file():
            raise InputError(f"no file {path}")
        try:
            source = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"{path} is no JSON: {error}") from error
    if not isinstance(source, list) or not all(isinstance(vessel, dict) for vessel in source):
        raise InputError("Digitraffic vessel details are a list of vessels")
    return source


def _row(vessel: dict[str, Any]) -> dict[str, str | None]:
    """Return the fields of one vessel as text; zeros and blanks are nothing."""
    dimensions = vessel.get("vesselDimensions") or {}
    construction = vessel.get("vesselConstruction") or {}
    row = {"imo": vessel.get("imoLloyds"), "mmsi": vessel.get("mmsi"), "name": vessel.get("name")}
    row["type"] = construction.get("vesselTypeName")
    for name, keys in _DIMENSIONS.items():
        row[name] = next((dimensions[key] for key in keys if dimensions.get(key) not in {None, 0, "", "0"}), None)
    texts = {name: str(value).strip() for name, value in row.items() if value is not None}
    return {name: text for name, text in texts.items() if text not in {"", "0", "0.0"}}


def _numbers(texts: pl.DataFrame, faults: list[tuple[str, str, int, str | None]]) -> pl.DataFrame:
    """Return the numbers; what is none, or out of the range of the table register, becomes null and is counted."""
    ships = texts
    for name in ("imo", "mmsi", *_NUMBERS):
        text = pl.col(name).str.replace(r"(?i)\s*kw$", "") if name == "power_kw" else pl.col(name)
        read = texts.with_columns(number=number_from_text(text))
        _count(faults, read, name, "not a number", pl.col(name).is_not_null() & pl.col("number").is_null(), name)
        limits = schema("register")[name]
        low, high = limits.minimum, limits.maximum
        if low is not None and high is not None:
            _count(
                faults, read, name, "out of range", ~pl.col("number").is_between(low, high).fill_null(value=True), name
            )
            read = read.with_columns(number=pl.when(pl.col("number").is_between(low, high)).then("number"))
        ships = ships.with_columns(read["number"].cast(limits.dtype, strict=False).alias(name))
    return ships


def _count(
    faults: list[tuple[str, str, int, str | None]],
    frame: pl.DataFrame,
    name: str,
    fault: str,
    wrong: pl.Expr,
    shown: str,
) -> None:
    rows = frame.filter(wrong)
    if rows.height:
        example = rows[shown][0]
        faults.append((name, fault, rows.height, None if example is None else str(example)))


def _class(kind: pl.Expr) -> pl.Expr:
    """Return the class of the first word of the table that the type contains."""
    found = [
        pl.when(kind.str.to_lowercase().str.contains(rf"\b{word}")).then(pl.lit(name))
        for word, name in load("digitraffic_types").select("word", "ship_class").iter_rows()
    ]
    return pl.coalesce(found)


def _cells(register: pl.DataFrame) -> pl.DataFrame:
    fields = [c for c in register.columns if c not in {"imo", "mmsi", "name", "source"}]
    long = register.with_columns(pl.col(fields).cast(pl.String)).unpivot(
        fields, index=["imo", "mmsi"], variable_name="field"
    )
    return long.drop_nulls("value").select(
        "imo", "mmsi", "field", source=pl.lit(SOURCE), status=pl.lit("unverified"), note=pl.lit(None, pl.String)
    )
