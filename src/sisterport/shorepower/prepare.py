"""Registers made ready for the matcher: every ship and berth named, every row with what it means on the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.errors import InputError, SchemaError, choose, did_you_mean
from sisterport.fleet import ship_id
from sisterport.reference import load
from sisterport.shorepower.coding import KINDS, parts
from sisterport.shorepower.marking import OF_THE_INLET, OF_THE_OUTLET, marked_inlets, marked_outlets
from sisterport.shorepower.packing import Packed, pack
from sisterport.shorepower.papers import Papers, papers_of
from sisterport.shorepower.plants import with_plants
from sisterport.tables import check, to_polars

_WITH_SHIPS = "given with the ships"
DEMANDS = ("largest", "alongside", "cargo", "reefers", "passengers")


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Registers of one day, ready to match any pair and to say why.

    Attributes
    ----------
    on
        Day of the verdict.
    demand
        State of the ship whose peak power counts.
    given
        Rows of inlets and outlets before it was asked what they mean on the day.
    inlets, outlets
        One row per inlet (outlet) and voltage-frequency pair, sorted; ships and berths of which no row is known have
        one with nothing in it.
    ships, berths
        Their ids, in the order of the arrays.
    packed, papers
        The same as arrays.
    """

    on: date
    demand: str
    given: tuple[pl.DataFrame, pl.DataFrame]
    inlets: pl.DataFrame
    outlets: pl.DataFrame
    ships: pl.Series
    berths: pl.Series
    packed: Packed
    papers: Papers

    @cached_property
    def ship_number(self) -> dict[str, int]:
        """Position of each ship."""
        return {name: number for number, name in enumerate(self.ships)}

    @cached_property
    def berth_number(self) -> dict[str, int]:
        """Position of each berth."""
        return {name: number for number, name in enumerate(self.berths)}

    def find(self, ships: Sequence[str], berths: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the positions of ships and berths.

        Raises
        ------
        InputError
            Naming those that are not there.
        """
        lost = [f"no ship '{s}'{did_you_mean(s, self.ships.to_list())}" for s in ships if s not in self.ship_number]
        lost += [
            f"no berth '{b}'{did_you_mean(b, self.berths.to_list())}" for b in berths if b not in self.berth_number
        ]
        if lost:
            raise SchemaError("ships and berths that are asked for", list(dict.fromkeys(lost)))
        numbers = ([self.ship_number[s] for s in ships], [self.berth_number[b] for b in berths])
        return np.array(numbers[0], np.int32), np.array(numbers[1], np.int32)


def prepare(
    inlets: Any,
    outlets: Any,
    *,
    on: date,
    ships: Any = None,
    berths: Any = None,
    assessments: Any = None,
    demand: str = "largest",
) -> Prepared:
    """Return both registers ready to match.

    Parameters
    ----------
    inlets, outlets
        Frames of those tables; further columns (sources of single values) are kept for `render`.
    on
        Day of the verdict: outlets count that are in service on it.
    ships
        More ships, and class and length [m] of those in `inlets` where these lack them: a frame with ``ship_id`` or
        ``imo`` or ``mmsi`` and, if known, ``ship_class``, ``length_m``. Of a ship that only stands here nothing else
        is known.
    berths
        More berths: a frame with ``berth_id`` and, if known, ``locode``. Whether a berth that only stands here has an
        outlet is not known; where it is known to have none, `outlets` has a row with the state ``none``.
    assessments
        Frame of the table ``assessments``, taken as complete: a pair without a row has none. Without the frame nothing
        is known of documents.
    demand
        State of the ship whose peak power is needed: ``alongside``, ``cargo``, ``reefers``, ``passengers`` or
        ``largest`` of those that the register states.

    Raises
    ------
    SchemaError
        Listing every fault of a frame.
    MethodError
        If there is no such state.
    """
    choose("state of demand", demand, DEMANDS)
    known_ships = None if ships is None else _ships(to_polars(ships))
    own, their = _named(_with_extras(inlets, "inlets"), known_ships), _with_extras(outlets, "outlets")
    faults = _word_faults(own, their)
    if faults:
        raise SchemaError("registers", faults)
    inlet_rows = own if known_ships is None else _with_ships(own, known_ships)
    outlet_rows = their if berths is None else _with_berths(their, to_polars(berths))
    return ready(inlet_rows, outlet_rows, on=on, assessments=assessments, demand=demand)


def ready(inlets: pl.DataFrame, outlets: pl.DataFrame, *, on: date, assessments: Any, demand: str) -> Prepared:
    """Return rows with what they mean on the day, and the same as arrays; otherwise as `prepare`."""
    inlet_rows, outlet_rows = _inlets(inlets), _outlets(outlets, on)
    ship_ids = inlet_rows["ship_id"].unique(maintain_order=True)
    berth_ids = outlet_rows["berth_id"].unique(maintain_order=True)
    return Prepared(
        on=on,
        demand=demand,
        given=(inlets, outlets),
        inlets=inlet_rows,
        outlets=outlet_rows,
        ships=ship_ids,
        berths=berth_ids,
        packed=pack(inlet_rows, outlet_rows, demand=demand),
        papers=papers_of(assessments, ship_ids, berth_ids, on),
    )


def _with_extras(frame: Any, name: str) -> pl.DataFrame:
    given = to_polars(frame)
    table = check(given, name)
    return table.hstack([given[c] for c in given.columns if c not in table.columns])


def _ships(frame: pl.DataFrame) -> pl.DataFrame:
    """Return ``ship_id, mmsi, ship_class, length_m`` of ships that the caller names."""
    kinds = {"imo": pl.Int64, "mmsi": pl.Int64, "ship_class": pl.String, "length_m": pl.Float64, "ship_id": pl.String}
    if not {"ship_id", "imo", "mmsi"} & set(frame.columns):
        raise InputError("ships need a column 'ship_id', 'imo' or 'mmsi'")
    table = frame.select(
        (pl.col(c) if c in frame.columns else pl.lit(None)).cast(kind).alias(c) for c, kind in kinds.items()
    ).with_columns(pl.coalesce("ship_id", ship_id()).alias("ship_id"))
    nameless = table["ship_id"].null_count()
    if nameless:
        raise SchemaError("ships", [f"{nameless} rows without ship_id, imo and mmsi"])
    return table.unique("ship_id", keep="first", maintain_order=True)


def _named(inlets: pl.DataFrame, ships: pl.DataFrame | None) -> pl.DataFrame:
    """Give each row its ship; an MMSI whose IMO number the ships tell is that ship."""
    known = pl.col("mmsi")
    other: dict[int, str] = {}
    if ships is not None:
        other = dict(ships.drop_nulls("mmsi").select("mmsi", "ship_id").iter_rows())
    by_mmsi = known.replace_strict(other, default=None, return_dtype=pl.String)
    named = inlets.with_columns(
        pl.when(pl.col("imo").is_null()).then(pl.coalesce(by_mmsi, ship_id())).otherwise(ship_id()).alias("ship_id")
    )
    nameless = named["ship_id"].null_count()
    if nameless:
        raise SchemaError("inlets", [f"{nameless} rows with neither imo nor mmsi"])
    return named


def _word_faults(inlets: pl.DataFrame, outlets: pl.DataFrame) -> list[str]:
    """Return words that the matcher cannot read; `read_inlets` and `read_outlets` find more."""
    profiles = load("connector_profiles")["profile_id"].to_list()
    faults = []
    for name, frame in (("inlets", inlets), ("outlets", outlets)):
        for column, choices in (("kind", list(KINDS)), ("profile", profiles)):
            words = [word for text in frame[column].unique().sort() for word in parts(text)]
            faults += [
                f"{name}: column '{column}': unknown '{word}'{did_you_mean(word, choices)}"
                for word in dict.fromkeys(words)
                if word not in choices
            ]
    for text in inlets["transformer_kv"].drop_nulls().unique().sort():
        wrong = [word for word in parts(text) if word != "none" and not _is_number(word)]
        faults += [f"inlets: column 'transformer_kv': '{word}' is no voltage in kV" for word in wrong]
    return faults


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _with_ships(inlets: pl.DataFrame, ships: pl.DataFrame) -> pl.DataFrame:
    """Add ships that have no row, and class and length where a row lacks them."""
    new = ships.join(inlets, on="ship_id", how="anti").with_columns(
        pl.lit(_WITH_SHIPS).alias("source"), pl.lit("unverified").alias("status")
    )
    rows = pl.concat([inlets, new.cast({c: inlets.schema[c] for c in new.columns})], how="diagonal")
    for name in ("ship_class", "length_m"):
        more, passport = f"_{name}", f"{name}_source"
        rows = rows.join(ships.select("ship_id", pl.col(name).alias(more)), on="ship_id", how="left")
        own = pl.col(passport) if passport in rows.columns else pl.lit(None, pl.String)
        filled = pl.col(name).is_null() & pl.col(more).is_not_null()
        rows = rows.with_columns(
            pl.coalesce(name, more).alias(name),
            pl.when(filled).then(pl.lit(_WITH_SHIPS)).otherwise(own).alias(passport),
        ).drop(more)
    return rows


def _with_berths(outlets: pl.DataFrame, berths: pl.DataFrame) -> pl.DataFrame:
    """Add berths that have no row."""
    if "berth_id" not in berths.columns:
        raise InputError("berths need a column 'berth_id'")
    more = berths.select(pl.col(c).cast(pl.String) for c in ("berth_id", "locode") if c in berths.columns)
    new = more.unique("berth_id", keep="first", maintain_order=True).join(outlets, on="berth_id", how="anti")
    return pl.concat([outlets, new], how="diagonal")


def _inlets(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that the matcher takes: an inlet that is not there has no attributes."""
    there = pl.col("free") == 0
    return (
        marked_inlets(rows)
        .with_columns(pl.when(there).then(c).alias(c) for c in OF_THE_INLET)
        .sort("ship_id", "inlet_id", "voltage_kv", "hz", nulls_last=True)
    )


def _outlets(rows: pl.DataFrame, on: date) -> pl.DataFrame:
    """Return the rows that the matcher takes: of an outlet that is not there only berth and grid are known."""
    there = pl.col("free") == 0
    known = marked_outlets(rows, on).with_columns(pl.when(there).then(c).alias(c) for c in OF_THE_OUTLET)
    return with_plants(known).sort("berth_id", "outlet_id", "voltage_kv", "hz", nulls_last=True)
