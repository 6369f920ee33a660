"""What the commands of shore power read: registers, stays, ships, records of connections; all faults at once."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sisterport.errors import InputError, choose
from sisterport.exchange import read_dcsa
from sisterport.fleet import ship_id
from sisterport.fleet.classes import ship_classes
from sisterport.project import steps
from sisterport.project.together import together
from sisterport.reference import resolve_locode
from sisterport.shorepower.assumed import SOURCE
from sisterport.shorepower.facts import stated_only
from sisterport.shorepower.records import read_connections, read_stays
from sisterport.shorepower.registers import UNCODED_PORTS, outlet_candidates, read_outlets
from sisterport.shorepower.stays import read_run_stays
from sisterport.tables import check, empty, read_file

AREAS = "areas.geojson"
CANDIDATES = "candidates"
PRE_SCREEN = "A verdict is a pre-screen from registers, never a certificate."
_MADE_UP = ("made up", "invented", "synthetic")


class Connected(NamedTuple):
    """Records of connections, what was said of them, and the reasons where they come from events."""

    records: pl.DataFrame | None
    said: list[str]
    feedback: pl.DataFrame | None


def frame(folder: Path, name: str, command: str) -> pl.DataFrame:
    """Return a frame that an earlier step wrote; if it is not there the error tells the command that makes it."""
    word, _, options = command.partition(" ")
    return steps.frame(folder, name, f"sisterport shorepower {word} {{}} {options}".rstrip())


def if_there(folder: Path, name: str) -> pl.DataFrame | None:
    """Return a frame of the folder; None where no step wrote it."""
    path = folder / f"{name}.parquet"
    return read_file(path) if path.is_file() else None


def day_of(folder: Path) -> date:
    """Return the day of the folder's verdicts."""
    said = steps.manifest_of(folder, "match").get("options", {})
    return date.fromisoformat(said["on"]) if "on" in said else date.today()  # noqa: DTZ011 - the user's day


def stays_of(source: Path, classes: Sequence[str] = (), ports: Sequence[str] = ()) -> pl.DataFrame:
    """Return the stays of a run folder or of a file of calls; those at anchor have no place to plug in.

    Parameters
    ----------
    source
        Folder that a run wrote, or a CSV or Parquet file.
    classes, ports
        Only of ships of these classes, at these ports; none: of all.
    """
    if not source.exists():
        raise InputError(f"no such file or folder: {source}")
    found = read_run_stays(source).stays if source.is_dir() else read_stays(source)
    for name in classes:
        choose("ship class", name, [*ship_classes(), *found["ship_class"].drop_nulls().unique().sort()])
    kept = found.filter(pl.col("place").fill_null("berth") == "berth")
    kept = kept.filter(pl.col("ship_class").is_in(list(classes))) if classes else kept
    return at_ports(kept, ports)


def covered_of(source: Path) -> pl.DataFrame:
    """Return which time the data cover (table ``covered``): the periods of a run, or all that a list of stays spans.

    Parameters
    ----------
    source
        As in `stays_of`. A run that was written as several periods says nothing of the time between them.
    """
    if not source.is_dir():
        spans = {"of all stays, first arrival to last departure": read_stays(source).lazy()}
    else:
        spans = {path.parent.name: pl.scan_parquet(path) for path in run_files(source, "segments")}
    ends = (pl.col("start_utc").min(), pl.col("end_utc").max())
    parts = [rows.select(*ends, source=pl.lit(name)).collect() for name, rows in spans.items()]
    return check(pl.concat(parts).drop_nulls().sort("start_utc"), "covered")


def areas_of(source: Path | None) -> dict[str, Any] | None:
    """Return the areas that a run wrote beside its periods, as GeoJSON; None where there are none."""
    if source is None or not source.is_dir():
        return None
    found = next((path for path in (source / AREAS, source.parent / AREAS) if path.is_file()), None)
    return None if found is None else json.loads(found.read_text(encoding="utf-8"))


def run_files(source: Path, name: str) -> list[Path]:
    """Return a file of each period of a run."""
    return [*source.glob(f"{name}.parquet"), *sorted(source.glob(f"*/{name}.parquet"))]


def outlets_of(sources: Sequence[str], *, inferred: bool, ports: Sequence[str] = ()) -> pl.DataFrame:
    """Return one register of all outlets.

    Parameters
    ----------
    sources
        Paths of CSV, Parquet or GeoJSON files; ``"candidates"`` is the list of public sources.
    inferred
        Keep values that somebody inferred; otherwise they are unknown.
    ports
        Only outlets at these ports; none: all.
    """
    if not sources:
        return empty("outlets")
    read = together(**{source: partial(_outlets, source) for source in sources})
    rows = pl.concat(read.values(), how="diagonal_relaxed")
    if len(read) > 1:  # an id that stands in two registers
        rows = read_outlets(rows, known_ports=UNCODED_PORTS)
    return at_ports(rows if inferred else stated_only(rows), ports)


def _outlets(source: str) -> pl.DataFrame:
    return outlet_candidates() if source == CANDIDATES else read_outlets(source, known_ports=UNCODED_PORTS)


def at_ports(rows: pl.DataFrame, ports: Sequence[str]) -> pl.DataFrame:
    """Return the rows at some ports; no port stands for all."""
    codes = [resolve_locode(code) for code in ports]
    return rows.filter(pl.col("locode").is_in(codes)) if codes else rows


def ships_of(stays: pl.DataFrame | None, source: Path | None, more: Path | None = None) -> pl.DataFrame | None:
    """Return the ships to match beside those of the register: with class and, where known, length.

    Parameters
    ----------
    stays
        Stays of ships.
    source
        Where the stays come from; the folder of a run tells the length of its ships.
    more
        A table ``ships`` or a register, or the folder of a run.
    """
    parts = [] if stays is None else [stays.select("imo", "mmsi", "ship_class", "name")]
    parts += [_fleet(place) for place in (more, source) if place is not None]
    if not parts:
        return None
    wide = pl.concat(parts, how="diagonal_relaxed").with_columns(ship_id()).drop_nulls("ship_id")
    columns = ("mmsi", "ship_class", "name", "length_m")
    wide = wide.with_columns(pl.lit(None).alias(name) for name in columns if name not in wide.columns)
    kinds = {"mmsi": pl.Int64, "ship_class": pl.String, "name": pl.String, "length_m": pl.Float64}
    found = wide.group_by("ship_id", maintain_order=True).agg(
        pl.col(name).cast(kind).drop_nulls().first() for name, kind in kinds.items()
    )
    if more is None and stays is not None:
        found = found.join(stays.select(ship_id()), on="ship_id", how="semi", maintain_order="left")
    return found


def _fleet(source: Path) -> pl.DataFrame:
    """Return ``imo, mmsi, ship_class, name, length_m`` of the ships in a file or in the folder of a run."""
    if source.is_dir():
        files = run_files(source, "ships")
        rows = pl.concat([read_file(path) for path in files], how="diagonal_relaxed") if files else pl.DataFrame()
    else:
        rows = read_file(source)
    kept = [name for name in ("imo", "mmsi", "ship_class", "name", "length_m") if name in rows.columns]
    rows = rows.select(kept)
    return rows.with_columns(pl.lit(None, pl.Int64).alias(name) for name in ("imo", "mmsi") if name not in kept)


def berths_of(stays: pl.DataFrame) -> pl.DataFrame:
    """Return ``berth_id, locode`` of the berths of stays."""
    return stays.select("berth_id", "locode").drop_nulls().unique(maintain_order=True)


def pairs_of(stays: pl.DataFrame) -> pl.DataFrame:
    """Return ships and berths that met, with the energy of their stays and the mean length of those seen whole."""
    named = stays.with_columns(ship_id()).drop_nulls(["ship_id", "berth_id"])
    whole = pl.col("start_seen").fill_null(value=True) & pl.col("end_seen").fill_null(value=True)
    return named.group_by("ship_id", "berth_id", maintain_order=True).agg(
        pl.col("hours").filter(whole).mean().alias("stay_h"), pl.col("aux_mwh").sum().alias("energy_mwh")
    )


def connections_of(source: Path | None) -> Connected:
    """Return records of connections from a table or from DCSA events."""
    if source is None:
        return Connected(None, ["no records of connections were given: what did connect is not known"], None)
    if source.suffix.lower() != ".json":
        return Connected(read_connections(source), [], None)
    found = read_dcsa(source)
    said = ", ".join(f"{n} {outcome}" for outcome, n in found.counts.iter_rows())
    return Connected(found.connections, [f"events: {said} (reasons: feedback.csv)"], found.feedback)


def notes_on(frames: Mapping[str, pl.DataFrame | None], *, inferred: bool = False) -> list[str]:
    """Return what a reader has to know first: what is assumed, made up or inferred, and that this is a pre-screen."""
    notes = []
    outlets = frames.get("outlets")
    if outlets is not None and SOURCE in outlets["source"].to_list():
        count = outlets.filter(pl.col("source") == SOURCE)["berth_id"].n_unique()
        notes.append(f"Assumed outlets: nobody has built an outlet at {count} of the berths; a what-if.")
    word = pl.col("source").fill_null("").str.to_lowercase()
    counts = {
        name: (rows.filter(pl.any_horizontal(word.str.starts_with(text) for text in _MADE_UP)).height, rows.height)
        for name, rows in frames.items()
        if rows is not None
    }
    said = [f"{count} of {all_} rows of the {name}" for name, (count, all_) in counts.items() if count]
    if said:
        notes.append(f"Made up: {', '.join(said)}, by their own source.")
    if inferred:
        notes.append("Values that somebody inferred are taken as facts.")
    return [*notes, PRE_SCREEN]


def on_page(notes: Sequence[str]) -> list[str]:
    """Return the notes that a page does not say by itself."""
    return [note for note in notes if note != PRE_SCREEN]
