"""Voyages as a port or carrier has them in a table: who sailed when from where to where, and what was burnt."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import ReferenceDataError, SchemaError, SisterportError, choose
from sisterport.fleet import imo_check, ship_id
from sisterport.reference import resolve_locode
from sisterport.rules.movement_fuels import FuelChoices, annex_fuel, with_annex_fuels
from sisterport.rules.transhipment import BERTH
from sisterport.units import G_PER_KG, KWH_PER_MJ, SECONDS_PER_HOUR

ACROSS_YEARS = ("time", "departure")
"""How a voyage over New Year is given to its years: by time, or all to the year of departure."""

_SAME = ("imo", "mmsi", "from_locode", "to_locode", "departure_utc", "arrival_utc")
_SYSTEMS = ("main", "auxiliary_engine", "boiler")
NOT_GIVEN = "not given: a port is not known"


def read_voyages(source: Any, *, columns: dict[str, str] | None = None) -> pl.DataFrame:
    """Return voyages, checked.

    Parameters
    ----------
    source
        A frame, or a CSV or Parquet file, with the columns of table ``voyages``: one row for each fuel (and system).
    columns
        Map from the names in `source` to those of the table.

    Returns
    -------
    polars.DataFrame
        Table ``voyages`` with ports as canonical codes.

    Raises
    ------
    SchemaError
        Listing every fault: columns, ships without a number, unknown ports, fuels and systems (with the nearest),
        arrivals before departures, a voyage whose rows disagree, a ship in two places at once, masses without a fuel,
        certified values without a certificate or of a fossil fuel, electricity from shore at sea.
    InputError
        If a file cannot be read.

    Examples
    --------
    >>> row = {"voyage_id": "1", "imo": 9074729, "from_locode": "SG SIN", "to_locode": "nlrtm", "fuel": "HFO"}
    >>> row |= {"departure_utc": "2026-01-01T00:00:00", "arrival_utc": "2026-01-25T00:00:00", "mass_t": 900.0}
    >>> read_voyages(pl.DataFrame([row])).select("from_locode", "to_locode").row(0)
    ('SGSIN', 'NLRTM')
    """
    given = tables.read_file(source) if isinstance(source, str | Path) else tables.to_polars(source)
    faults: list[str] = []
    try:
        data = tables.check(given, "voyages", columns=columns)
    except SchemaError as error:
        faults += error.faults
        data = _as_far_as_possible(given, columns or {})
    ports, port_faults = _ports(data)
    faults += port_faults + _row_faults(data) + _fuel_faults(data) + _voyage_faults(data)
    if faults:
        raise SchemaError("voyages", faults)
    return data.with_columns(
        pl.col("from_locode", "to_locode").replace_strict(ports, default=None, return_dtype=pl.String)
    )


def _as_far_as_possible(given: pl.DataFrame, columns: dict[str, str]) -> pl.DataFrame:
    """Return a frame of the table in which what cannot be read is null, so that the other checks can run too."""
    renamed = given.rename({old: new for old, new in columns.items() if old in given.columns})
    series = []
    for name, column in tables.schema("voyages").items():
        try:
            raw = renamed[name]
            if isinstance(column.dtype, pl.Datetime) and raw.dtype == pl.String:
                raw = raw.str.to_datetime(time_unit="ms", time_zone="UTC", strict=False)
            series.append(raw.cast(column.dtype, strict=False))
        except pl.exceptions.PolarsError:
            series.append(pl.Series(name, [None] * given.height, column.dtype))
    return pl.DataFrame(series)


def _ports(data: pl.DataFrame) -> tuple[dict[str, str], list[str]]:
    found, faults = {BERTH: BERTH}, []
    for code in sorted(set(data["from_locode"].drop_nulls()) | set(data["to_locode"].drop_nulls()) - {BERTH}):
        try:
            found[code] = resolve_locode(code)
        except ReferenceDataError as error:
            faults.append(str(error))
    return found, faults


def _row_faults(data: pl.DataFrame) -> list[str]:
    """Return what is wrong with single rows, counted, with the first row of each kind."""
    mass, certified = pl.col("mass_t"), pl.col("certified_e_g_per_mj").is_not_null()
    blank = pl.col("certificate_id").fill_null("").str.strip_chars() == ""
    shore = pl.col("shore_mwh").fill_null(0) > 0
    checks = {
        "neither imo nor mmsi": pl.col("imo").is_null() & pl.col("mmsi").is_null(),
        "imo with a wrong check digit": ~imo_check().fill_null(value=True),
        "arrival not after departure": pl.col("arrival_utc") <= pl.col("departure_utc"),
        "a mass without a fuel": mass.is_not_null() & pl.col("fuel").is_null(),
        "a fuel without a mass": mass.is_null() & pl.col("fuel").is_not_null(),
        "neither fuel nor electricity from shore": mass.is_null() & pl.col("fuel").is_null() & ~shore,
        "a certified value without a certificate": certified & blank,
        "electricity from shore, but no stay at berth": shore & (pl.col("to_locode") != BERTH).fill_null(value=True),
        "a stay without its port": (pl.col("to_locode") == BERTH) & pl.col("from_locode").is_null(),
        f"a system other than {', '.join(_SYSTEMS)}": ~pl.col("system").is_in(_SYSTEMS).fill_null(value=True),
    }
    faults = []
    for what, wrong in checks.items():
        rows = data.select(wrong.fill_null(value=False).arg_true()).to_series()
        if len(rows):
            faults.append(f"{what}: {len(rows)} rows, first: row {rows[0]}")
    return faults


def _fuel_faults(data: pl.DataFrame) -> list[str]:
    faults = []
    keys = ["fuel", "system", "engine_type", "fuel_class"]
    certified = data.group_by(keys, maintain_order=True).agg(pl.col("certified_e_g_per_mj").is_not_null().any())
    for fuel, system, engine, fuel_class, claimed in certified.drop_nulls("fuel").iter_rows():
        try:
            named, _ = annex_fuel(fuel, system, engine, fuel_class, choices=FuelChoices())
        except SisterportError as error:
            faults.append(str(error))
            continue
        if claimed and not named.startswith(("bio_", "e_")):
            faults.append(f"'{fuel}' is fossil here and takes no certified value: give fuel_class bio or rfnbo")
    return list(dict.fromkeys(faults))


def _voyage_faults(data: pl.DataFrame) -> list[str]:
    """Return voyages whose rows disagree, and ships that are in two places at once."""
    per = data.group_by("voyage_id", maintain_order=True).agg(
        pl.col(*_SAME).first(), differ=pl.any_horizontal(pl.col(name).n_unique() > 1 for name in _SAME)
    )
    odd = per.filter("differ")["voyage_id"].to_list()
    faults = [f"{len(odd)} voyages have rows with other ships, ports or times, first: '{odd[0]}'"] if odd else []
    ordered = per.with_columns(ship_id()).drop_nulls(["ship_id"]).sort("ship_id", "departure_utc", "arrival_utc")
    both = ordered.filter(pl.col("departure_utc") < pl.col("arrival_utc").shift(1).over("ship_id"))
    if both.height:
        first = both.row(0, named=True)
        faults.append(f"{both.height} voyages begin before the ship's last one ends, first: '{first['voyage_id']}'")
    return faults


def voyage_movements(voyages: Any, *, across_years: str = "time", choices: FuelChoices | None = None) -> pl.DataFrame:
    """Return voyages as movements.

    Parameters
    ----------
    voyages
        Frame of the table ``voyages``, as `read_voyages` returns it.
    across_years
        ``time``: fuel, electricity and miles of a voyage over New Year are split by time; ``departure``: all belongs to
        the year of departure.
    choices
        What is taken where Annex II needs more than is known.

    Returns
    -------
    polars.DataFrame
        Table ``movements``; ``year_source`` says which rows were split.

    Raises
    ------
    SchemaError, InputError, MethodError
        A frame that does not fit, fuels that Annex II does not have, an unknown option.

    Examples
    --------
    >>> row = {"voyage_id": "1", "imo": 9074729, "from_locode": "SGSIN", "to_locode": "NLRTM", "fuel": "HFO"}
    >>> row |= {"departure_utc": "2025-12-31T00:00:00", "arrival_utc": "2026-01-04T00:00:00", "mass_t": 100.0}
    >>> voyage_movements(pl.DataFrame([row])).select("year", "mass_t", "year_source").rows()
    [(2025, 25.0, 'split by time'), (2026, 75.0, 'split by time')]
    """
    choose("treatment of voyages over New Year", across_years, ACROSS_YEARS)
    data = tables.check(voyages, "voyages")
    split = _by_year(data) if across_years == "time" else _by_departure(data)
    share = pl.col("_share")
    stay = pl.col("to_locode") == BERTH
    # hours and miles belong to the voyage, not to each of its fuels: they stand on its first row of a year
    first = pl.int_range(pl.len()).over("voyage_id", "year") == 0
    lost = pl.col("from_locode").is_null() | pl.col("to_locode").is_null()
    rows = split.with_columns(
        ship_id(),
        pl.col("voyage_id").alias("movement_id"),
        (pl.col("mass_t").fill_null(0) * share).alias("mass_t"),
        (pl.col("shore_mwh") * share * G_PER_KG / KWH_PER_MJ).alias("shore_mj"),
        pl.when(first).then(pl.col("_hours") * share).otherwise(0).alias("hours"),
        pl.when(first)
        .then(pl.when(stay).then(pl.col("distance_nm").fill_null(0)).otherwise("distance_nm") * share)
        .otherwise(0)
        .alias("distance_nm"),
        pl.when(stay.fill_null(value=False)).then(pl.lit("berth")).alias("mode"),
        pl.when(lost).then(pl.lit(NOT_GIVEN)).otherwise(pl.lit("as given")).alias("port_quality"),
        shaft_kwh=pl.lit(None, pl.Float64),
    )
    return tables.check(with_annex_fuels(rows, choices=choices), "movements")


def _hours() -> pl.Expr:
    milliseconds = (pl.col("arrival_utc") - pl.col("departure_utc")).dt.total_milliseconds()
    return milliseconds / (G_PER_KG * SECONDS_PER_HOUR)


def _by_departure(data: pl.DataFrame) -> pl.DataFrame:
    return data.with_columns(
        _hours=_hours(),
        _share=pl.lit(1.0),
        year=pl.col("departure_utc").dt.year().cast(pl.Int64),
        year_source=pl.lit("whole"),
    )


def _by_year(data: pl.DataFrame) -> pl.DataFrame:
    """Split rows at each New Year by time."""
    begin, end = pl.col("departure_utc"), pl.col("arrival_utc")
    years = data.with_row_index("_row").with_columns(
        _hours=_hours(), year=pl.int_ranges(begin.dt.year(), end.dt.year() + 1).cast(pl.List(pl.Int64))
    )
    rows = years.explode("year")
    edges = sorted(set(rows["year"].drop_nulls())) or [0]
    new_year = {year: datetime(year, 1, 1, tzinfo=UTC) for year in [*edges, edges[-1] + 1] if year}
    stamp = pl.Datetime("ms", "UTC")
    since = pl.col("year").replace_strict(new_year, default=None, return_dtype=stamp)
    until = (pl.col("year") + 1).replace_strict(new_year, default=None, return_dtype=stamp)
    part = (pl.min_horizontal(end, until) - pl.max_horizontal(begin, since)).dt.total_milliseconds()
    whole = (end - begin).dt.total_milliseconds()
    return (
        rows.with_columns(_share=part / whole)
        .filter(pl.col("_share") > 0)
        .with_columns(
            year_source=pl.when(pl.col("_share") < 1).then(pl.lit("split by time")).otherwise(pl.lit("whole"))
        )
        .drop("_row")
    )


def read_movements(
    source: Any,
    *,
    columns: dict[str, str] | None = None,
    across_years: str = "time",
    choices: FuelChoices | None = None,
) -> pl.DataFrame:
    """Return the movements of a file of voyages: `read_voyages`, then `voyage_movements`.

    Raises
    ------
    SchemaError, InputError, MethodError
        As these.

    Examples
    --------
    >>> row = {"voyage_id": "1", "imo": 9074729, "from_locode": "NLRTM", "to_locode": "berth", "fuel": "MGO"}
    >>> row |= {"departure_utc": "2026-01-01T00:00:00", "arrival_utc": "2026-01-02T00:00:00", "mass_t": 3.0}
    >>> read_movements(pl.DataFrame([row])).select("mode", "fuel", "hours").row(0)
    ('berth', 'MDO', 24.0)
    """
    return voyage_movements(read_voyages(source, columns=columns), across_years=across_years, choices=choices)
