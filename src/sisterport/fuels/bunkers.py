"""Bunker delivery notes: read them, find every fault at once, sum them up."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import InputError, ReferenceDataError, SchemaError
from sisterport.fuels.bunker_checks import certificate_faults, row_faults
from sisterport.fuels.green import label_green
from sisterport.fuels.names import fuel_row, named_fuel
from sisterport.fuels.properties import properties
from sisterport.fuels.wtw import wtw
from sisterport.reference import resolve_locode
from sisterport.tables import check, read_file, schema, to_polars
from sisterport.units import G_PER_T, KG_PER_T, MJ_PER_GJ


def read_bunkers(
    source: Any,
    *,
    columns: dict[str, str] | None = None,
    earlier: Any = None,
    now: datetime | None = None,
    scheme: str = "fueleu",
) -> pl.DataFrame:
    """Return bunker delivery notes, checked.

    Parameters
    ----------
    source
        A frame, or a CSV or Parquet file, with the columns of table ``bunkers``.
    columns
        Map from the names in `source` to those of the table.
    earlier
        Notes that were read before (same table): what they took of a certificate counts.
    now
        Time from which a delivery lies in the future; None takes the clock.
    scheme
        Whose calorific value stands in where a note gives none: ``fueleu``, ``imo`` or ``greet``.

    Returns
    -------
    polars.DataFrame
        The table's columns with fuels and ports as codes, and fuel_given, fuel_class_source (note; word; fuel: it
        has one class only; assumed: fossil; not given: null, for a certified fuel), lcv_source (note or the scheme),
        energy_gj [GJ].

    Raises
    ------
    SchemaError
        Listing every fault: columns, ships without a number, unknown fuels and ports (with the nearest), classes
        that a fuel cannot have, masses of zero or below, calorific values that do not fit the fuel, times in the
        future, certified values without a certificate or out of range, notes that are there twice, and certificates
        used beyond their mass or used twice without one.
    InputError
        If a file cannot be read.

    Examples
    --------
    >>> rows = {"imo": [9948748], "locode": ["CNSHA"], "time_utc": [datetime(2025, 1, 1, tzinfo=UTC)]}
    >>> rows |= {"fuel": ["green methanol"], "mass_t": [3000.0], "wtw_g_per_mj": [14.0], "certificate_id": ["PoS-7"]}
    >>> read_bunkers(pl.DataFrame(rows)).select("locode", "fuel", pl.col("energy_gj").round(1)).row(0)
    ('CNSGH', 'methanol', 59700.0)
    """
    given = read_file(source) if isinstance(source, str | Path) else to_polars(source)
    before = None if earlier is None else check(earlier, "bunkers")
    faults: list[str] = []
    try:
        data = check(given, "bunkers", columns=columns)
    except SchemaError as error:
        faults += error.faults
        data = _as_far_as_possible(given, columns or {})
    faults += row_faults(data, now=now or datetime.now(UTC), earlier=before)
    faults += certificate_faults(data, before)
    if faults:
        raise SchemaError("bunkers", faults)
    return _complete(data, scheme)


def _as_far_as_possible(given: pl.DataFrame, columns: dict[str, str]) -> pl.DataFrame:
    """Return a frame of the table in which what cannot be read is null, so that the other checks can run too."""
    renamed = given.rename({old: new for old, new in columns.items() if old in given.columns})
    series = []
    for column in schema("bunkers").values():
        if column.name not in renamed.columns:
            series.append(pl.Series(column.name, [None] * given.height, column.dtype))
            continue
        raw = renamed[column.name]
        try:
            if isinstance(column.dtype, pl.Datetime) and raw.dtype == pl.String:
                raw = raw.str.to_datetime(time_unit="ms", time_zone="UTC", strict=False)
            series.append(raw.cast(column.dtype, strict=False))
        except pl.exceptions.PolarsError:
            series.append(pl.Series(column.name, [None] * given.height, column.dtype))
    return pl.DataFrame(series)


def _complete(data: pl.DataFrame, scheme: str) -> pl.DataFrame:
    """Replace words by codes, fill the calorific value and work out the energy, saying where each is from."""
    named = [named_fuel(word) for word in data["fuel"]]
    classes = [
        (given, "note") if given else (n.fuel_class, "word") if n.fuel_class else _own_class(n.fuel, certificate)
        for given, n, certificate in zip(data["fuel_class"], named, data["certificate_id"], strict=True)
    ]
    lcv = [
        (given, "note") if given is not None else (_lcv(n.fuel, scheme), scheme)
        for given, n in zip(data["lcv_mj_per_kg"], named, strict=True)
    ]
    return data.with_columns(
        pl.Series("locode", [resolve_locode(code) for code in data["locode"]], pl.String),
        pl.Series("fuel", [n.fuel for n in named], pl.String),
        pl.Series("fuel_class", [c for c, _ in classes], pl.String),
        pl.Series("lcv_mj_per_kg", [v for v, _ in lcv], pl.Float64),
        data["fuel"].alias("fuel_given"),
        pl.Series("fuel_class_source", [s for _, s in classes], pl.String),
        pl.Series("lcv_source", [s for _, s in lcv], pl.String),
    ).with_columns(energy_gj=pl.col("mass_t") * pl.col("lcv_mj_per_kg") * (KG_PER_T / MJ_PER_GJ))


def _own_class(fuel: str, certificate: str | None) -> tuple[str | None, str]:
    """Return the class of a fuel where neither note nor word say one: its only one, fossil, or none if certified."""
    classes = fuel_row(fuel)["classes"].split("|")
    if len(classes) == 1:
        return classes[0], "fuel"
    return (None, "not given") if (certificate or "").strip() else ("fossil", "assumed")


def _lcv(fuel: str, scheme: str) -> float:
    """Return the calorific value of a scheme, else GREET's, which has the fuels that laws do not name."""
    try:
        return properties(fuel, scheme=scheme).lhv_mj_per_kg
    except ReferenceDataError:
        return properties(fuel, scheme="greet").lhv_mj_per_kg


def bunker_intensity(
    bunkers: Any, *, gwp: str = "AR5", unmeasured: str = "zero", converters: dict[str, str] | None = None
) -> pl.DataFrame:
    """Add the well-to-wake intensity of each note: certified, else the default of FuelEU.

    A certified value counts as certified, whatever a law makes of it: what FuelEU does with crops and RFNBO above
    the threshold is `certified_wtw`.

    Parameters
    ----------
    bunkers
        Frame of `read_bunkers`.
    gwp, unmeasured
        As in `wtw`.
    converters
        Engine type or consumer class by fuel, e.g. ``{"lng": "LPDF_2S"}``. A note does not know the engine: LNG, whose
        slip depends on it, needs one; other fuels are taken in a diesel engine.

    Returns
    -------
    polars.DataFrame
        The frame with intensity_g_per_mj, intensity_source (``certificate``; ``fueleu default``; ``fueleu default,
        fossil: no certificate`` for a bio or RFNBO fuel without one) and co2e_t [t].

    Raises
    ------
    InputError
        If LNG without a certificate has no converter, or a fuel has no default.

    Examples
    --------
    >>> rows = {"imo": [9948748], "locode": ["NLRTM"], "time_utc": [datetime(2025, 1, 1, tzinfo=UTC)]}
    >>> notes = read_bunkers(pl.DataFrame(rows | {"fuel": ["HFO"], "mass_t": [100.0]}))
    >>> bunker_intensity(notes).select("intensity_source", pl.col("co2e_t").round(1)).row(0)
    ('fueleu default', 371.0)
    """
    data = to_polars(bunkers)
    engines = {fuel_row(fuel)["fuel"]: engine for fuel, engine in (converters or {}).items()}
    rows = []
    known: dict[str, float] = {}
    for fuel, fuel_class, own, certificate in data.select(
        "fuel", "fuel_class", "wtw_g_per_mj", "certificate_id"
    ).iter_rows():
        if own is not None and (certificate or "").strip():
            rows.append((own, "certificate"))
            continue
        if fuel not in known:
            known[fuel] = _default(fuel, engines, gwp, unmeasured)
        source = "fueleu default" if fuel_class == "fossil" else "fueleu default, fossil: no certificate"
        rows.append((known[fuel], source))
    return data.with_columns(
        pl.Series("intensity_g_per_mj", [g for g, _ in rows], pl.Float64),
        pl.Series("intensity_source", [s for _, s in rows], pl.String),
    ).with_columns(co2e_t=pl.col("intensity_g_per_mj") * pl.col("energy_gj") * MJ_PER_GJ / G_PER_T)


def _default(fuel: str, engines: dict[str, str], gwp: str, unmeasured: str) -> float:
    """Return the default of the fossil fuel of the same type [g/MJ]."""
    fossil = fuel_row(fuel)["fossil_type"]
    if not fossil:
        raise InputError(f"no default intensity of '{fuel}': a certified value is needed")
    engine = engines.get(fuel) or engines.get(fossil)
    if fossil == "lng" and engine is None:
        raise InputError("the slip of LNG depends on the engine: pass converters={'lng': 'LPDF_2S'} or what burns it")
    return wtw(fossil, engine or "SSD", gwp=gwp, unmeasured=unmeasured).wtw_g_per_mj


def summarise_bunkers(
    bunkers: Any, *, by: tuple[str, ...] = ("fuel",), threshold_name: str = "red_70", year: int | None = None
) -> pl.DataFrame:
    """Return mass and energy by fuel (or other columns), and how much of it is certified and green.

    Parameters
    ----------
    bunkers
        Frame of `read_bunkers`.
    by
        Columns to group by; ``year`` is that of the delivery.
    threshold_name, year
        Threshold for green and its year, as in `sisterport.fuels.label_green`; None takes the year of each delivery.

    Returns
    -------
    polars.DataFrame
        The columns of `by`, notes, mass_t, energy_gj, certified_t, certified_gj, green_t, green_gj, green_share (of
        energy), threshold.

    Raises
    ------
    InputError
        If a column of `by` is missing.

    Examples
    --------
    >>> rows = {"imo": [9948748] * 2, "locode": ["CNSGH"] * 2, "time_utc": [datetime(2025, 1, 1, tzinfo=UTC)] * 2}
    >>> rows |= {"fuel": ["e-methanol", "bio-methanol"], "mass_t": [100.0, 300.0]}
    >>> rows |= {"wtw_g_per_mj": [190.0, 12.0], "certificate_id": ["A", "B"]}
    >>> summarise_bunkers(read_bunkers(pl.DataFrame(rows))).select("mass_t", "certified_t", "green_t").row(0)
    (400.0, 400.0, 300.0)
    """
    data = label_green(to_polars(bunkers), threshold_name=threshold_name, year=year)
    data = data.with_columns(year=pl.col("time_utc").dt.year())
    missing = [c for c in by if c not in data.columns]
    if missing:
        raise InputError(f"cannot group by {', '.join(missing)}: no such columns")
    certified = pl.col("wtw_g_per_mj").is_not_null() & ~pl.col("green_reason").str.starts_with("no certificate")
    return (
        data.group_by(list(by), maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("notes"),
            *[pl.col(c).sum() for c in ("mass_t", "energy_gj")],
            pl.col("mass_t").filter(certified).sum().alias("certified_t"),
            pl.col("energy_gj").filter(certified).sum().alias("certified_gj"),
            pl.col("mass_t").filter("green").sum().alias("green_t"),
            pl.col("energy_gj").filter("green").sum().alias("green_gj"),
        )
        .with_columns(green_share=pl.col("green_gj") / pl.col("energy_gj"), threshold=pl.lit(threshold_name))
        .sort(list(by))
    )
