"""Where ships can bunker what: states, capacities and sources; checks and a map."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import InputError, ReferenceDataError, SchemaError
from sisterport.fuels.names import fuel_code, fuel_row
from sisterport.reference import load, ports, resolve_locode
from sisterport.tables import check, read_file, to_polars, write_text

STATES = ("announced", "planned", "under_construction", "trial", "pilot", "operational", "ended")
_DELIVERING = ("trial", "pilot", "operational", "ended")
METHODS = ("ship_to_ship", "truck", "shore", "container")
CONFIDENCES = ("high", "medium", "low")
STATUSES = ("checked", "secondary", "unverified")
_PRECISIONS = {4: "year", 7: "month", 10: "day"}
"""Length of an ISO date: how precise it is."""

_ALLOWED = {"state": STATES, "method": METHODS, "confidence": CONFIDENCES, "status": STATUSES}


def read_supply(source: Any, *, columns: dict[str, str] | None = None, today: date | None = None) -> pl.DataFrame:
    """Return a frame of fuel supply, checked.

    Parameters
    ----------
    source
        A frame, or a CSV or Parquet file, with the columns of table ``fuel_supply``.
    columns
        Map from the names in `source` to those of the table.
    today
        Day after which nothing can have been delivered yet; None takes the clock.

    Returns
    -------
    polars.DataFrame
        The table's columns, ports and fuels as codes.

    Raises
    ------
    SchemaError
        Listing every fault: columns, words that are not allowed, unknown fuels and ports, dates that do not exist or
        pretend to be more precise than they are, deliveries from a date to come, ids that are there twice.
    InputError
        If a file cannot be read.

    Examples
    --------
    >>> rows = {"supply_id": ["x"], "locode": ["cn shg"], "fuel": ["MeOH"], "state": ["pilot"]}
    >>> rows |= {"source": ["a letter"], "confidence": ["low"], "status": ["unverified"]}
    >>> read_supply(pl.DataFrame(rows)).select("locode", "fuel", "capacity_t_per_year").row(0)
    ('CNSGH', 'methanol', None)
    """
    given = read_file(source) if isinstance(source, str | Path) else to_polars(source)
    for column in ("from_date", "seen_on", "delivered_period"):  # a year alone is read as a number from CSV
        name = next((old for old, new in (columns or {}).items() if new == column), column)
        if name in given.columns:
            given = given.with_columns(pl.col(name).cast(pl.String))
    data = check(given, "fuel_supply", columns=columns)
    codes, faults = _codes(data)
    faults += _words(data) + _dates(data) + _early(data, today or datetime.now(UTC).date()) + _twice(data)
    if faults:
        raise SchemaError("fuel_supply", faults)
    return data.with_columns(
        pl.Series("locode", [locode for locode, _ in codes], pl.String),
        pl.Series("fuel", [fuel for _, fuel in codes], pl.String),
    )


def _codes(data: pl.DataFrame) -> tuple[list[tuple[str, str]], list[str]]:
    codes, faults = [], []
    for nr, (locode, fuel) in enumerate(data.select("locode", "fuel").iter_rows()):
        found = []
        for resolve, word in ((resolve_locode, locode), (fuel_code, fuel)):
            try:
                found.append(resolve(word))
            except (InputError, ReferenceDataError) as error:
                found.append(word)
                faults.append(f"row {nr}: {error}")
        codes.append((found[0], found[1]))
    return codes, faults


def _words(data: pl.DataFrame) -> list[str]:
    faults = []
    for column, allowed in _ALLOWED.items():
        wrong = data[column].drop_nulls().unique().sort().to_list()
        faults += [
            f"column '{column}': '{word}' is not one of {', '.join(allowed)}" for word in wrong if word not in allowed
        ]
    return faults


def _dates(data: pl.DataFrame) -> list[str]:
    faults = []
    for nr, (text, precision) in enumerate(data.select("from_date", "from_precision").iter_rows()):
        if text is None:
            if precision is not None:
                faults.append(f"row {nr}: from_precision '{precision}' without a from_date")
            continue
        real = _precision(text)
        if real is None:
            faults.append(f"row {nr}: from_date '{text}' is no date (2024, 2024-04 or 2024-04-10)")
        elif precision is not None and precision != real:
            faults.append(f"row {nr}: from_date '{text}' is given to the {real}, from_precision says {precision}")
    return faults


def _precision(text: str) -> str | None:
    """Return how precise an ISO date is, or None if it is none."""
    if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", text):
        return None
    try:
        date.fromisoformat((text + "-01-01")[: len("2024-01-01")])
    except ValueError:
        return None
    return _PRECISIONS[len(text)]


def _early(data: pl.DataFrame, today: date) -> list[str]:
    """Deliveries that are said to go on since a date that is still to come."""
    going_on = data.with_row_index("nr").filter(pl.col("state").is_in(_DELIVERING) & pl.col("from_date").is_not_null())
    return [
        f"row {nr}: state '{state}' from {text}, which is still to come"
        for nr, state, text in going_on.select("nr", "state", "from_date").iter_rows()
        if text > today.isoformat()[: len(text)]
    ]


def _twice(data: pl.DataFrame) -> list[str]:
    twice = data.filter(pl.col("supply_id").is_duplicated())["supply_id"].unique().sort().to_list()
    return [f"supply_id '{one}' is there twice" for one in twice]


def fuel_supply(
    source: Any = None, *, fuel: str | None = None, port: str | None = None, states: tuple[str, ...] = STATES
) -> pl.DataFrame:
    """Return the supply of alternative fuels that was found in public sources, or that of an own register.

    The list is not complete: a port that is not in it may well supply a fuel. Rows carry what the source calls the
    fuel; no certificate stands behind any of them, so none of it is green by `sisterport.fuels.green`.

    Parameters
    ----------
    source
        Frame or file, see `read_supply`; None takes the register that ships.
    fuel, port
        Keep only these; None keeps all.
    states
        States to keep.

    Raises
    ------
    InputError, ReferenceDataError
        An unknown fuel or state, an unknown port.

    Examples
    --------
    >>> fuel_supply(port="SEGOT").select("fuel", "method", "from_date", "status").rows()
    [('methanol', 'truck', '2015', 'checked'), ('methanol', 'ship_to_ship', '2023-01', 'checked')]
    """
    unknown = [s for s in states if s not in STATES]
    if unknown:
        raise InputError(f"unknown state {', '.join(unknown)}; choose from {', '.join(STATES)}")
    data = read_supply(load("fuel_supply") if source is None else source).filter(pl.col("state").is_in(states))
    if fuel is not None:
        data = data.filter(pl.col("fuel") == fuel_code(fuel))
    if port is not None:
        data = data.filter(pl.col("locode") == resolve_locode(port))
    return data


def supply_geojson(supply: Any, *, path: str | Path | None = None) -> dict[str, Any]:
    """Return a map of fuel supply as GeoJSON: one point per row, at the port's position.

    Parameters
    ----------
    supply
        Frame of `read_supply` or `fuel_supply`.
    path
        File to write; None writes none.

    Returns
    -------
    dict
        A FeatureCollection. Rows whose port has no position are features without geometry, and are counted and
        listed in ``unplaced`` (RFC 7946 allows both).

    Examples
    --------
    >>> chart = supply_geojson(fuel_supply(port="CNSGH", fuel="methanol", states=("operational",)))
    >>> chart["features"][0]["geometry"]["coordinates"], chart["unplaced"]
    ([121.5, 31.217], [])
    """
    data = to_polars(supply)
    places = {
        code: (name, [lon, lat])
        for code, name, lon, lat in ports().select("locode", "name", "lon_deg", "lat_deg").iter_rows()
        if code is not None and lon is not None and lat is not None
    }
    features, unplaced = [], []
    for row in data.iter_rows(named=True):
        name, position = places.get(row["locode"], (None, None))
        if position is None:
            unplaced.append(row["supply_id"])
        features.append(
            {
                "type": "Feature",
                "id": row["supply_id"],
                "geometry": None if position is None else {"type": "Point", "coordinates": position},
                "properties": {
                    **{k: v for k, v in row.items() if v is not None},
                    "port": name or row["locode"],
                    "fuel_label": fuel_row(row["fuel"])["label"],
                },
            }
        )
    collection = {"type": "FeatureCollection", "features": features, "unplaced": unplaced}
    if path is not None:
        write_text(path, json.dumps(collection, ensure_ascii=False, indent=1) + "\n")
    return collection
