"""The one-file report: records that it is made from, and `write_report`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import InputError, SchemaError
from sisterport.inventory import Explanation
from sisterport.site.page import render
from sisterport.tables import check


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Everything that the report says of one period.

    Attributes
    ----------
    name, note : str
        Title of its part, and what a reader should know of the data.
    start_utc, end_utc : datetime
        Limits of the period (UTC).
    domain_name : str
    domain : mapping
        GeoJSON geometry of the domain.
    areas : mapping
        GeoJSON feature collection of the areas (``tables/areas.csv``).
    segments, emissions, ships, calls, stops : polars.DataFrame
        As in ``tables/``.
    holes : polars.DataFrame
        Columns ``mmsi, start_utc, end_utc, hours, distance_nm, treatment``; the last is great_circle,
        sea_route or unobserved.
    cells : polars.DataFrame
        Map cells of emissions inside the domain: ``cell_lat, cell_lon`` (floor of degrees over size),
        ``cell_deg, co2e_ttw_t``.
    density : polars.DataFrame
        The map's backdrop, finer cells: ``cell_lat, cell_lon, cell_deg, positions``.
    cleaning : polars.DataFrame
        Columns ``reason, rows, ships, action, meaning``.
    particulars : polars.DataFrame
        Columns ``field, source, share``: how the ships' particulars are known (shares of ships, 0 to 1).
    method : mapping
        ``name, title, fitness, law, mode_rules, gwp, year, hole_h``, all optional; ``options``: rows of
        ``option, value, reference``; ``notes`` and ``references``: sentences.
    synthetic : bool
        The data are made up; every page says so.
    checks : polars.DataFrame or None
        Findings of the checks (``tables/findings.csv``); None: no checks were made.
    checks_made : int
        How many were made.
    bands : mapping
        80 % bands by what a table is broken down by (``group, mode, ship_class, place, date``; ``system``: at berth):
        columns ``group``, that key, and of some amounts ``<amount>_low, <amount>_high, <amount>_bias``. Without them
        the report says that there are none.
    """

    name: str
    note: str = ""
    start_utc: datetime
    end_utc: datetime
    domain_name: str
    domain: Mapping[str, Any]
    areas: Mapping[str, Any]
    segments: pl.DataFrame
    emissions: pl.DataFrame
    ships: pl.DataFrame
    calls: pl.DataFrame
    stops: pl.DataFrame
    holes: pl.DataFrame
    cells: pl.DataFrame
    density: pl.DataFrame
    cleaning: pl.DataFrame
    particulars: pl.DataFrame
    method: Mapping[str, Any]
    synthetic: bool = False
    checks: pl.DataFrame | None = None
    checks_made: int = 0
    bands: Mapping[str, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where the numbers come from.

    Attributes
    ----------
    tables : polars.DataFrame
        Reference tables used: ``name, title, source`` and the number of rows by status: ``checked, secondary,
        unverified``.
    inputs : polars.DataFrame
        Input files: ``file, bytes, sha256``.
    versions : mapping
        Software and its version.
    """

    tables: pl.DataFrame
    inputs: pl.DataFrame
    versions: Mapping[str, str] = field(default_factory=dict)


_PLAIN = {
    "holes": ("mmsi", "start_utc", "end_utc", "hours", "distance_nm", "treatment"),
    "cells": ("cell_lat", "cell_lon", "cell_deg", "co2e_ttw_t"),
    "density": ("cell_lat", "cell_lon", "cell_deg", "positions"),
    "cleaning": ("reason", "rows", "ships", "action", "meaning"),
    "particulars": ("field", "source", "share"),
}
"""Columns needed of the frames that have no table."""


def write_report(
    path: str | Path,
    *,
    title: str,
    periods: Sequence[Period],
    provenance: Provenance,
    other_sources: Any = None,
    worked: tuple[str, Explanation] | None = None,
    made_utc: datetime | None = None,
) -> Path:
    """Write the report of one or more periods as one HTML file that needs nothing else.

    Periods are reported side by side and never summed.

    Parameters
    ----------
    path
        File to write.
    title
        Name of the port or project.
    periods
        At least one period.
    provenance
        Reference tables, input files and versions.
    other_sources
        Yard equipment, trucks, rail (``tables/other_sources.csv``); shown apart, or named as not included.
    worked
        A period's name and the derivation of one of its figures, shown as an example; none: no example.
    made_utc
        Time on the title page; by default none, so that the same input gives the same file.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If there is no period.
    SchemaError
        If a frame does not fit its table.
    """
    if not periods:
        raise InputError("the report needs at least one period")
    for period in periods:
        _check(period)
    others = None if other_sources is None else check(other_sources, "other_sources")
    text = render(
        title=title,
        periods=periods,
        provenance=provenance,
        other_sources=others,
        worked=worked,
        made_utc=made_utc,
    )
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target


def _check(period: Period) -> None:
    """Raise if a frame of the period does not have its columns."""
    for name in ("segments", "emissions", "ships", "calls", "stops"):
        check(getattr(period, name), name)
    for name, columns in _PLAIN.items():
        missing = [column for column in columns if column not in getattr(period, name).columns]
        if missing:
            raise SchemaError(name, [f"column '{column}' missing" for column in missing])
