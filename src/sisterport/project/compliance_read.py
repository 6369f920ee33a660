"""What the compliance commands read: the folder of a run, a table of voyages, an EU-MRV publication, a register."""

from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sisterport.errors import InputError, choose
from sisterport.fleet import read_mrv, read_register
from sisterport.fuels import read_bunkers
from sisterport.project.compliance_options import Choices
from sisterport.project.together import together
from sisterport.rules.movements import movements
from sisterport.rules.voyage_bunkers import with_certificates
from sisterport.rules.voyages import read_voyages, voyage_movements
from sisterport.tables import check, read_file

KINDS = ("run", "voyages", "mrv")
"""What there is to check: the folder of a run, voyages with their fuel, an EU-MRV publication."""

_RUN = ("segments", "emissions", "ships", "calls", "legs")
_SHEETS = (".xlsx", ".xlsm", ".xls")
_HEAD = "imo number"
_HEAD_BYTES = 1 << 14
_SIZES = ("ship_class", "gt", "dwt_t")


class Given(NamedTuple):
    """What was read: movements or reports, further facts of the ships, and what a reader has to know of it."""

    rows: pl.DataFrame
    register: pl.DataFrame | None
    extras: pl.DataFrame | None
    notes: list[str]


def kind_of(source: Path, kind: str | None = None) -> str:
    """Return what a source is: as said, else told from it.

    Raises
    ------
    InputError
        If it is not there.
    MethodError
        If there is no such kind.
    """
    if not source.exists():
        raise InputError(f"no such file or folder: {source}")
    if kind is not None:
        return choose("kind of source", kind, KINDS)
    if source.is_dir():
        return "run"
    if source.suffix.lower() in _SHEETS:
        return "mrv"
    if source.suffix.lower() == ".parquet":
        return "voyages"
    with source.open("rb") as file:
        head = file.read(_HEAD_BYTES).decode("utf-8", errors="replace")
    return "mrv" if _HEAD in head.lower() else "voyages"


def read(
    source: Path,
    *,
    kind: str,
    year: int | None,
    choices: Choices,
    register: Path | None = None,
    bunkers: Path | None = None,
    extras: Path | None = None,
) -> Given:
    """Return what there is to check, all files read and all their faults told at once.

    Parameters
    ----------
    source, kind
        File or folder, and one of `KINDS`.
    year
        Year whose law counts; see `of_year`.
    choices
        Choices of method.
    register
        Table ``register``: class and size of ships, where the source does not tell them.
    bunkers
        Table ``bunkers``: delivery notes with certificates, for voyages.
    extras
        Table ``fueleu_ships``: wind, ice, penalties before, further electricity from shore.

    Raises
    ------
    InputError
        With every fault of every file.
    """
    if bunkers is not None and kind != "voyages":
        raise InputError("delivery notes (--bunkers) go with voyages: a run and a publication name no fuel by note")
    if extras is not None and kind == "mrv":
        raise InputError("further facts of ships (--extras) do not go with an EU-MRV publication")
    readers: dict[str, Any] = {
        "run": partial(_run, source, choices),
        "voyages": partial(read_voyages, source),
        "mrv": partial(_reports, source),
    }
    given = together(
        source=readers[kind],
        register=lambda: None if register is None else read_register(register),
        bunkers=lambda: None if bunkers is None else read_bunkers(bunkers),
        extras=lambda: None if extras is None else check(read_file(extras), "fueleu_ships"),
    )
    rows, known, notes = given["source"], given["register"], list[str]()
    if kind == "voyages":
        notes += _made_up(rows)
        if given["bunkers"] is not None:
            rows = with_certificates(rows, given["bunkers"])
        rows = voyage_movements(rows, choices=choices.fuels, **choices.reading)
    if kind != "mrv" and known is not None:
        rows = filled(rows, known)
    kept, said = of_year(rows, year, column="period" if kind == "mrv" else "year")
    return Given(kept, known, given["extras"], [*notes, *said])


def of_year(rows: pl.DataFrame, year: int | None, *, column: str = "year") -> tuple[pl.DataFrame, list[str]]:
    """Return the rows whose law counts, and what has to be said of them.

    Parameters
    ----------
    rows
        Movements or reports.
    year
        Their rows of that year. If there are none and all are of one other year, they count as if they were of it.
        None keeps every row with its own year.
    column
        Column of the year.

    Raises
    ------
    InputError
        If there are several other years.

    Examples
    --------
    >>> of_year(pl.DataFrame({"year": [2020]}), 2026)[1]
    ['Assumed: what is of 2020 counts as if it were of 2026.']
    >>> of_year(pl.DataFrame({"year": [2025, 2026, 2026]}), 2026)[1]
    ['1 of 3 rows are of other years (2025) and left out.']
    """
    held = rows[column].drop_nulls().unique().sort().to_list()
    if year is None or held in ([], [year]):
        return rows, []
    if year in held:
        kept = rows.filter(pl.col(column) == year)
        others = ", ".join(str(one) for one in held if one != year)
        return kept, [f"{rows.height - kept.height} of {rows.height} rows are of other years ({others}) and left out."]
    if len(held) > 1:
        raise InputError(f"nothing is of {year}; there are {', '.join(map(str, held))}: choose one of them")
    moved = rows.with_columns(pl.lit(year, pl.Int64).alias(column))
    return moved, [f"Assumed: what is of {held[0]} counts as if it were of {year}."]


def filled(rows: pl.DataFrame, register: pl.DataFrame) -> pl.DataFrame:
    """Return movements whose ships have class and size from a register, where they have none of their own.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> filled(empty("movements"), empty("register")).height
    0
    """
    for key in ("imo", "mmsi"):
        known = register.drop_nulls(key).group_by(key, maintain_order=True)
        sizes = known.agg(pl.col(name).drop_nulls().first().alias(f"_{name}") for name in _SIZES)
        rows = (
            rows.join(sizes, on=key, how="left", maintain_order="left")
            .with_columns(pl.coalesce(name, f"_{name}").alias(name) for name in _SIZES)
            .drop(f"_{name}" for name in _SIZES)
        )
    return rows


def _run(folder: Path, choices: Choices) -> pl.DataFrame:
    """Return the movements of all periods of a run."""
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder of a run")
    places = sorted(path.parent for path in [*folder.glob("segments.parquet"), *folder.glob("*/segments.parquet")])
    if not places:
        raise InputError(f"no run in {folder}: there is no segments.parquet, nor one in a folder below")
    parts, spans = [], []
    for place in places:
        frames = {name: read_file(place / f"{name}.parquet") for name in _RUN}
        begin, end = frames["segments"].select(pl.col("start_utc").min(), pl.col("end_utc").max()).row(0)
        spans.append((begin, end, place.name))
        own = movements(
            frames["segments"],
            frames["emissions"],
            frames["ships"],
            calls=frames["calls"],
            legs=frames["legs"],
            choices=choices.fuels,
            **choices.reading,
        )
        # a leg that two periods cut has one name in both
        name = pl.format("{}/{}", pl.lit(place.name), "movement_id") if len(places) > 1 else pl.col("movement_id")
        parts.append(own.with_columns(name.alias("movement_id")))
    _refuse_overlap([span for span in spans if span[0] is not None])
    return pl.concat(parts)


def _refuse_overlap(spans: list[tuple[Any, Any, str]]) -> None:
    ordered = sorted(spans)
    both = [f"{a[2]} and {b[2]}" for a, b in pairwise(ordered) if b[0] < a[1]]
    if both:
        raise InputError(f"periods overlap: {'; '.join(both)}; give the folder of one period")


def _reports(source: Path) -> pl.DataFrame:
    return read_mrv(source).reports


def _made_up(rows: pl.DataFrame) -> list[str]:
    """Say how many rows are made up by their own source."""
    word = pl.col("source").fill_null("").str.to_lowercase()
    count = rows.filter(pl.any_horizontal(word.str.starts_with(w) for w in ("made up", "invented", "synthetic"))).height
    return [f"Made up: {count} of {rows.height} rows of the voyages, by their own source."] if count else []
