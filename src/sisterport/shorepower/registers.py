"""Registers of shore power: outlets at berths, inlets of ships, assessments of pairs.

A register is a CSV, Parquet or GeoJSON file or a frame. It is read whole or not at all: everything that is wrong
with it is listed in one error. An empty cell, and the word ``unknown``, mean that nobody knows; nothing is filled
in, but for the one reading that a row allows: a row that gives one voltage and one frequency says that they come
together (``pair = exists``, with ``pair_source``).

Any column may be followed by a passport of its own, ``<column>_source``, ``_status``, ``_confidence`` and
``_seen_on``; those of the row hold where there is none. Further columns are kept as they are.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import InputError, SchemaError
from sisterport.reference import load
from sisterport.shorepower import geojson
from sisterport.shorepower.cells import read_cells, text_faults
from sisterport.shorepower.register_faults import assessment_faults, inlet_faults, outlet_faults, resolve_ports
from sisterport.tables import check, read_file, schema, to_polars

GEOJSON = (".geojson", ".json")
PAIR_SOURCE = "the row gives one voltage and one frequency"
UNCODED_PORTS = ("USJNU",)
"""Ports of the candidates that are seaports of UN/LOCODE 2023-1, but have no code in the ports table."""


def read_outlets(
    source: Any, *, columns: Mapping[str, str] | None = None, known_ports: Collection[str] = ()
) -> pl.DataFrame:
    """Return a register of outlets as a frame of the table ``outlets``, passports and further columns behind.

    Parameters
    ----------
    source
        Path of a CSV, Parquet or GeoJSON file, or a frame; one row per outlet and voltage-frequency pair.
    columns
        Map from the names in the file to those of the table, e.g. ``{"kV": "voltage_kv"}``.
    known_ports
        UN/LOCODEs that the caller vouches for, though the ports table does not have them.

    Returns
    -------
    DataFrame
        Port codes are canonical; where another was given, it stands in ``locode_given`` (`aliases_used` counts).

    Raises
    ------
    InputError
        If the file cannot be read.
    SchemaError
        Listing every fault with its row (counted from 0) and its mend.

    Examples
    --------
    >>> row = {"outlet_id": "o1", "berth_id": "b1", "locode": "CNSHA", "state": "operational", "kind": "HVSC",
    ...        "voltage_kv": 6.6, "frequency_hz": 60.0, "source": "port", "status": "checked"}
    >>> outlets = read_outlets(pl.DataFrame([row]))
    >>> outlets.select("locode", "locode_given", "pair").row(0)
    ('CNSGH', 'CNSHA', 'exists')
    >>> read_outlets(pl.DataFrame([row | {"voltage_kv": 6600.0, "side": "left"}]))
    Traceback (most recent call last):
    sisterport.errors.SchemaError: outlets: 2 faults
      - column 'voltage_kv': 1 above 36 kV, first: row 0 (6600): looks like V, write 6.6
      - column 'side': unknown 'left'; choose from port, starboard, either, first: row 0
    """
    frame, faults = _read(source, "outlets", columns)
    frame, port_faults = resolve_ports(frame, known_ports)
    return _finish(frame, "outlets", source, [*faults, *port_faults, *outlet_faults(frame)])


def read_inlets(source: Any, *, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Return a register of ships' inlets as a frame of the table ``inlets``, passports and further columns behind.

    Parameters
    ----------
    source, columns
        As in `read_outlets`. Each row needs ``imo`` or ``mmsi``.

    Raises
    ------
    InputError
        If the file cannot be read.
    SchemaError
        Listing every fault with its row (counted from 0) and its mend.

    Examples
    --------
    >>> row = {"inlet_id": "i1", "imo": 9074728, "peak_mw": 1680.0, "source": "yard", "status": "checked"}
    >>> read_inlets(pl.DataFrame([row]))
    Traceback (most recent call last):
    sisterport.errors.SchemaError: inlets: 2 faults
      - column 'peak_mw': 1 above 60 MW, first: row 0 (1680): looks like kW, write 1.68
      - column 'imo': 1 with a wrong check digit, first: row 0 (9074728)
    """
    frame, faults = _read(source, "inlets", columns)
    return _finish(frame, "inlets", source, [*faults, *inlet_faults(frame)])


def read_assessments(source: Any, *, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Return the joint compatibility assessments of ships and berths as a frame of the table ``assessments``.

    Parameters
    ----------
    source, columns
        As in `read_outlets`; CSV, Parquet or a frame.

    Raises
    ------
    InputError
        If the file cannot be read.
    SchemaError
        Listing every fault with its row (counted from 0).

    Examples
    --------
    >>> row = {"imo": 9074729, "berth_id": "b1", "assessed_on": "2026-03-01", "source": "protocol"}
    >>> read_assessments(pl.DataFrame([row]))["assessed_on"].to_list()
    [datetime.date(2026, 3, 1)]
    """
    frame, faults = _read(source, "assessments", columns)
    return _finish(frame, "assessments", source, [*faults, *assessment_faults(frame)])


def write_outlets(outlets: Any, path: str | Path) -> Path:
    """Write a register of outlets to a CSV, Parquet or GeoJSON file, by the ending of its name; return the path.

    Columns without any value are left out. `read_outlets` gives the same frame back.

    Raises
    ------
    InputError
        If the name has another ending.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_outlets(outlet_candidates(), f"{folder}/outlets.geojson")
    ...     read_outlets(path, known_ports=UNCODED_PORTS).equals(outlet_candidates())
    True
    """
    return _write(to_polars(outlets), "outlets", Path(path))


def write_inlets(inlets: Any, path: str | Path) -> Path:
    """Write a register of inlets to a CSV, Parquet or GeoJSON file, by the ending of its name; return the path.

    Raises
    ------
    InputError
        If the name has another ending.

    Examples
    --------
    >>> import tempfile
    >>> row = {"inlet_id": "i1", "imo": 9074729, "has_inlet": True, "source": "yard", "status": "checked"}
    >>> inlets = read_inlets(pl.DataFrame([row]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     read_inlets(write_inlets(inlets, f"{folder}/inlets.csv")).equals(inlets)
    True
    """
    return _write(to_polars(inlets), "inlets", Path(path))


def outlet_candidates() -> pl.DataFrame:
    """Return the outlets found in public sources: a beginning to be confirmed by the ports, not a register.

    Examples
    --------
    >>> outlets = outlet_candidates()
    >>> outlets.filter(outlet_id="DEKEL-norwegenkai").select("voltage_kv", "frequency_hz", "power_mva").row(0)
    (10.0, 50.0, 4.5)
    """
    return read_outlets(load("outlet_candidates"), known_ports=UNCODED_PORTS)


def aliases_used(outlets: pl.DataFrame) -> dict[str, int]:
    """Return the port codes that were replaced by the canonical one, with the number of outlets.

    Examples
    --------
    >>> aliases_used(pl.DataFrame({"outlet_id": ["a", "a", "b"], "locode_given": ["CNSHA", "CNSHA", None]}))
    {'CNSHA': 1}
    """
    if "locode_given" not in outlets.columns:
        return {}
    given = outlets.select("outlet_id", "locode_given").unique().drop_nulls()["locode_given"]
    return dict(sorted(Counter(given.to_list()).items()))


def _read(source: Any, table: str, columns: Mapping[str, str] | None) -> tuple[pl.DataFrame, list[str]]:
    if isinstance(source, str | Path):
        path = Path(source)
        given = geojson.read_geojson(path) if path.suffix.lower() in GEOJSON else read_file(path, text=True)
    else:
        given = to_polars(source)
    renamed = given.rename(dict(columns or {}), strict=False)
    faults = text_faults(renamed, table, columns or {}, given.columns)
    frame, cell_faults = read_cells(renamed, table)
    return _with_pair(frame), [*faults, *cell_faults]


def _with_pair(frame: pl.DataFrame) -> pl.DataFrame:
    """Say that a voltage and a frequency that one row gives come together, where the row does not say it."""
    if not {"voltage_kv", "frequency_hz", "pair"} <= set(frame.columns):
        return frame
    silent = pl.all_horizontal(pl.col("voltage_kv", "frequency_hz").is_not_null()) & pl.col("pair").is_null()
    if not frame.select(silent.any()).item():
        return frame
    if "pair_source" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, pl.String).alias("pair_source"))
    return frame.with_columns(
        pl.when(silent).then(pl.lit(PAIR_SOURCE)).otherwise("pair_source").alias("pair_source"),
        pl.when(silent).then(pl.lit("exists")).otherwise("pair").alias("pair"),
    )


def _finish(frame: pl.DataFrame, table: str, source: Any, faults: list[str]) -> pl.DataFrame:
    if faults:
        raise SchemaError(f"{table} in {source}" if isinstance(source, str | Path) else table, faults)
    more = frame.select(sorted(c for c in frame.columns if c not in schema(table)))
    return pl.concat([check(frame, table), more.select(s for s in more if s.null_count() < s.len())], how="horizontal")


def _write(frame: pl.DataFrame, table: str, path: Path) -> Path:
    filled = frame.select(s for s in frame if s.null_count() < s.len() or _needs(table, s.name))
    ending = path.suffix.lower()
    if ending in GEOJSON:
        geojson.write_geojson(filled, path, table=table)
    elif ending == ".csv":
        filled.write_csv(path)
    elif ending == ".parquet":
        filled.write_parquet(path)
    else:
        raise InputError(f"cannot write '{path.name}': give it the ending .csv, .parquet or .geojson")
    return path


def _needs(table: str, column: str) -> bool:
    return column in schema(table) and schema(table)[column].required
