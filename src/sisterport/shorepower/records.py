"""Read what a port itself recorded: stays or calls, and shore-power connections; report all faults at once."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sisterport.errors import ReferenceDataError, SchemaError, did_you_mean
from sisterport.fleet import imo_check, mmsi_is_ship, ship_classes, ship_id
from sisterport.reference import resolve_locode, value
from sisterport.tables import check, read_file, schema, to_polars
from sisterport.units import KWH_PER_MWH, MS_PER_HOUR

_CALL = {"arrival_utc": "start_utc", "departure_utc": "end_utc", "hours_berth": "hours", "first_berth": "berth_id"}
"""Names of a table of calls and what they are in a table of stays."""

_SHIP = ("imo", "mmsi")
_PLACES = ("berth", "anchorage")


class ShorePowerRecords(NamedTuple):
    """Connections in the form that the inventory takes, and those that it cannot take.

    Attributes
    ----------
    records
        Frame of the table ``shore_power``.
    left_out
        Connections without an end or without an MMSI, with a column ``reason``.
    """

    records: pl.DataFrame
    left_out: pl.DataFrame


def read_stays(source: Any, *, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Return stays that a port recorded itself, as a frame of the table ``stays``.

    Parameters
    ----------
    source
        Path of a CSV or Parquet file, or a frame, with the columns of the table ``stays``. ``stay_id`` and ``hours``
        may be absent: they then come from ship, port, place and times. A table of calls (``call_id``,
        ``arrival_utc``, ``departure_utc``) is taken with one stay for each call, at its first berth and with its hours
        at berth if it tells them.
    columns
        Map from the names in the file to those of the table, e.g. ``{"ATA": "start_utc"}``.

    Raises
    ------
    SchemaError
        Listing every fault: wrong check digits, rows without a ship, unknown ports and classes, stays that end before
        they begin or have more hours than fit, ids that occur twice, values that cannot be read or are out of range.

    Examples
    --------
    >>> rows = pl.DataFrame({"imo": [9074729], "locode": ["cn shg"], "start_utc": ["2024-05-01T04:00:00"],
    ...                      "end_utc": ["2024-05-01T16:30:00"], "aux_mwh": [14.0]})
    >>> read_stays(rows).select("stay_id", "locode", "hours").row(0)
    ('imo:9074729-CNSGH-20240501T0400Z', 'CNSGH', 12.5)
    >>> read_stays(rows.with_columns(imo=pl.lit(9074728), locode=pl.lit("USNYK")))
    Traceback (most recent call last):
    sisterport.errors.SchemaError: stays: 2 faults
      - column 'imo': 1 with a wrong check digit, first: row 0 (9074728)
      - column 'locode': unknown port code 'USNYK' (did you mean 'USNYC'?), first: row 0
    """
    given = _open(source, columns)
    if "start_utc" not in given.columns:
        given = given.drop("hours") if {"hours", "hours_berth"} <= set(given.columns) else given  # in port, at berth
        given = given.rename({old: new for old, new in _CALL.items() if new not in given.columns}, strict=False)
    rows, faults = _typed(given, "stays")
    faults += _identity(rows) + _codes(rows) + _times(rows)
    if "place" in rows.columns:
        faults += _words(rows, "place", _PLACES)
    if "ship_class" in rows.columns:
        faults += _words(rows, "ship_class", ship_classes())
    rows = _filled(rows)
    if "stay_id" in rows.columns:
        faults += _rows(rows, pl.col("stay_id").is_duplicated() & pl.col("stay_id").is_not_null(), "stay_id", "twice")
    return _checked(rows, "stays", faults, source)


def read_connections(source: Any, *, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Return shore-power records as a frame of the table ``connections``.

    Parameters
    ----------
    source
        Path of a CSV or Parquet file, or a frame. ``energy_kwh`` is taken for ``energy_mwh``, and ``source`` may be
        absent: it is then the name of the file.
    columns
        Map from the names in the file to those of the table.

    Raises
    ------
    SchemaError
        Listing every fault, as in `read_stays`.

    Examples
    --------
    >>> rows = pl.DataFrame({"mmsi": [211839000], "start_utc": ["2024-05-01T05:00:00"], "energy_kwh": [9500.0]})
    >>> read_connections(rows).select("energy_mwh", "end_utc", "source").row(0)
    (9.5, None, 'given by the caller')
    """
    given = _open(source, columns)
    if "energy_kwh" in given.columns and "energy_mwh" not in given.columns:
        energy = pl.col("energy_kwh").cast(pl.Float64, strict=False) / KWH_PER_MWH
        given = given.with_columns(energy.alias("energy_mwh"))
    if "source" not in given.columns:
        name = Path(source).name if isinstance(source, str | Path) else "given by the caller"
        given = given.with_columns(pl.lit(name).alias("source"))
    rows, faults = _typed(given.drop("energy_kwh", strict=False), "connections")
    faults += _identity(rows) + _codes(rows) + _times(rows)
    same = [name for name in (*_SHIP, "locode", "berth_id", "start_utc") if name in rows.columns]
    if same:
        twice = pl.struct(same).is_duplicated()
        faults += _rows(rows, twice, None, "that say the same ship, place and start twice")
    return _checked(rows, "connections", faults, source)


def shore_power_records(connections: Any, *, ships: Any = None) -> ShorePowerRecords:
    """Return connections in the form that `sisterport.emissions` takes as ``shore_power``.

    Parameters
    ----------
    connections
        Frame of the table ``connections``.
    ships
        Frame of the table ``ships``: gives the MMSI of ships that are only known by IMO number.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> rows = pl.DataFrame({"imo": [9074729, 9074729], "start_utc": [datetime(2024, 5, d, tzinfo=UTC) for d in (1, 2)],
    ...     "end_utc": [datetime(2024, 5, 1, 8, tzinfo=UTC), None], "energy_mwh": [9.5, 3.0], "source": ["meter"] * 2})
    >>> fleet = pl.DataFrame({"mmsi": [211839000], "imo": [9074729]})
    >>> made = shore_power_records(rows, ships=fleet)
    >>> made.records["energy_kwh"].to_list(), made.left_out["reason"].to_list()
    ([9500.0], ['no end'])
    """
    rows = check(connections, "connections")
    if ships is not None:
        known = to_polars(ships).select(pl.col("imo", "mmsi").cast(pl.Int64)).drop_nulls().unique("imo", keep="none")
        rows = rows.join(known, on="imo", how="left", suffix="_known", maintain_order="left")
        rows = rows.with_columns(pl.coalesce("mmsi", "mmsi_known").alias("mmsi")).drop("mmsi_known")
    reason = (
        pl.when(pl.col("end_utc").is_null())
        .then(pl.lit("no end"))
        .when(pl.col("mmsi").is_null())
        .then(pl.lit("no MMSI: pass ships with the IMO number"))
    )
    judged = rows.with_columns(reason.alias("reason"))
    good = judged.filter(pl.col("reason").is_null()).with_columns(energy_kwh=pl.col("energy_mwh") * KWH_PER_MWH)
    return ShorePowerRecords(check(good, "shore_power"), judged.drop_nulls("reason"))


def _open(source: Any, columns: Mapping[str, str] | None) -> pl.DataFrame:
    frame = read_file(source, text=True) if isinstance(source, str | Path) else to_polars(source)
    missing = [f"column map names '{old}', which is not there" for old in columns or {} if old not in frame.columns]
    if missing:
        raise SchemaError(str(source) if isinstance(source, str | Path) else "frame", missing)
    return frame.rename(dict(columns or {}))


def _typed(given: pl.DataFrame, table: str) -> tuple[pl.DataFrame, list[str]]:
    """Cast each column of the table as far as it can be read; what cannot becomes a fault, the rest goes on."""
    wanted = schema(table)
    faults = []
    for name in given.columns:
        match = get_close_matches(name.lower().replace(" ", "_"), wanted, n=1, cutoff=value("record_name_similarity"))
        if name not in wanted and match and match[0] not in given.columns:
            faults.append(f"unknown column '{name}' (did you mean '{match[0]}'?)")
    done: list[pl.Series] = []
    for series in given:
        column = wanted.get(series.name)
        if column is None:
            continue
        if series.dtype == pl.String:
            stripped = series.str.strip_chars()
            series = stripped.set(stripped == "", None)  # noqa: PLW2901 - the same column, tidied
        cast = _cast(series, column.dtype)
        wrong = cast.is_null() & series.is_not_null()
        if wrong.any():
            row = wrong.arg_true()[0]
            faults.append(f"column '{series.name}': {wrong.sum()} not readable, first: row {row} ('{series[row]}')")
        done.append(cast)
    return pl.DataFrame(done).with_row_index("row"), faults


def _cast(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Cast what can be cast; a time without a zone is read as UTC."""
    if isinstance(dtype, pl.Datetime) and series.dtype == pl.String:
        try:
            return series.str.to_datetime(time_unit="ms", time_zone="UTC", strict=False)
        except pl.exceptions.PolarsError:  # no form is seen in any row
            return pl.Series(series.name, [None] * len(series), dtype)
    if isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone is None:
        series = series.dt.replace_time_zone("UTC")
    return series.cast(dtype, strict=False)


def _identity(rows: pl.DataFrame) -> list[str]:
    """Return wrong ship numbers and rows without any."""
    faults = []
    present = [name for name in _SHIP if name in rows.columns]
    tests: tuple[tuple[str, Callable[[str], pl.Expr], str], ...] = (
        ("imo", imo_check, "with a wrong check digit"),
        ("mmsi", mmsi_is_ship, "of no ship station"),
    )
    for name, test, text in tests:
        if name in present:
            faults += _rows(rows, ~test(name), name, text)
    if not present:
        return [*faults, "a column 'imo' or 'mmsi' is needed"]
    return faults + _rows(rows, pl.all_horizontal(pl.col(present).is_null()), None, "with neither imo nor mmsi")


def _codes(rows: pl.DataFrame) -> list[str]:
    """Return port codes that are not known."""
    if "locode" not in rows.columns:
        return []
    faults = []
    for (code,), same in rows.drop_nulls("locode").group_by("locode", maintain_order=True):
        try:
            resolve_locode(str(code))
        except ReferenceDataError as error:
            faults.append(f"column 'locode': {error}, first: row {same['row'][0]}")
    return faults


def _times(rows: pl.DataFrame) -> list[str]:
    """Return rows that end before they begin, or have more hours than lie between."""
    if not {"start_utc", "end_utc"} <= set(rows.columns):
        return []
    faults = _rows(rows, pl.col("end_utc") < pl.col("start_utc"), "end_utc", "before the start")
    if "hours" in rows.columns:
        more = (pl.col("hours") > _span() + value("record_rounding_h")) & (_span() >= 0)
        faults += _rows(rows, more, "hours", "h and more than the time between start and end")
    return faults


def _span() -> pl.Expr:
    return (pl.col("end_utc") - pl.col("start_utc")).dt.total_milliseconds() / MS_PER_HOUR


def _words(rows: pl.DataFrame, name: str, choices: Sequence[str]) -> list[str]:
    wrong = rows.filter(pl.col(name).is_not_null() & ~pl.col(name).is_in(choices))
    return [
        f"column '{name}': unknown '{word}'{did_you_mean(str(word), choices)}, first: row {same['row'][0]}"
        for (word,), same in wrong.group_by(name, maintain_order=True)
    ]


def _rows(rows: pl.DataFrame, wrong: pl.Expr, column: str | None, text: str) -> list[str]:
    bad = rows.filter(wrong.fill_null(value=False))
    if bad.is_empty():
        return []
    value = f" ({bad[column][0]})" if column else ""
    head = f"column '{column}'" if column else "rows"
    return [f"{head}: {bad.height} {text}, first: row {bad['row'][0]}{value}"]


def _filled(rows: pl.DataFrame) -> pl.DataFrame:
    """Add hours and ids where they are absent."""
    if {"start_utc", "end_utc"} <= set(rows.columns):
        hours = pl.coalesce("hours", _span()) if "hours" in rows.columns else _span()
        rows = rows.with_columns(pl.when(hours >= 0).then(hours).otherwise(0.0).alias("hours"))
    if {"locode", "start_utc"} <= set(rows.columns) and set(_SHIP) & set(rows.columns):
        both = rows.with_columns(pl.lit(None, pl.Int64).alias(name) for name in _SHIP if name not in rows.columns)
        code = pl.col("locode").map_elements(_canonical, return_dtype=pl.String)
        made = both.select(pl.format("{}-{}-{}", ship_id(), code, pl.col("start_utc").dt.strftime("%Y%m%dT%H%MZ")))
        own = made.to_series().alias("stay_id")
        rows = rows.with_columns(pl.coalesce("stay_id", own) if "stay_id" in rows.columns else own)
    return rows


def _canonical(code: str) -> str:
    try:
        return resolve_locode(code)
    except ReferenceDataError:
        return code


def _checked(rows: pl.DataFrame, table: str, faults: list[str], source: Any) -> pl.DataFrame:
    if "locode" in rows.columns:
        rows = rows.with_columns(pl.col("locode").map_elements(_canonical, return_dtype=pl.String))
    try:
        checked = check(rows.drop("row"), table)
    except SchemaError as error:
        faults = [*faults, *(fault for fault in error.faults if fault not in faults)]
    if faults:
        raise SchemaError(f"{table} {source}" if isinstance(source, str | Path) else table, faults)
    return checked
