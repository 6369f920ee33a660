"""Registers as arrays for the compiled matcher: words as codes, unknown numbers as what their table allows."""

from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.reference import value
from sisterport.shorepower import checks
from sisterport.shorepower.coding import (
    KINDS,
    answers,
    bridged,
    cable_sides,
    levels,
    numbered,
    possible_kinds,
    profile_bits,
    sides,
    starts,
    tankers,
    voltage_band,
    within,
)
from sisterport.shorepower.facets import FACETS, SHIP_SIDE, SHORE_SIDE, judged, side_table
from sisterport.shorepower.kernel import BIG, HALF, LIMIT_HIGH, LIMIT_LOW
from sisterport.shorepower.kleene import FALSE, TRUE
from sisterport.tables import schema
from sisterport.units import ROOT_3

Arrays = NDArray[np.float64]


def _ranges(*names: str) -> list[tuple[str, str]]:
    return [(f"{name}_{end}", "f8") for name in names for end in ("low", "high")]


_SHARED = [
    *((name, "i4") for name in ("kind", "plug", "cable", "protection", "zone", "sides")),
    *((name, "i4") for name in ("group", "kv_code", "hz_code", "free", "exists", "present_bits")),
    *_ranges("plugs", "amps", "height_min", "height_max", "length"),
]
INLET = np.dtype([*_SHARED, *_ranges("need", "transformer", "stern", "cable"), ("need_known", "i8")])
OUTLET = np.dtype([*_SHARED, *_ranges("power", "kv", "from", "to", "reach", "hours"), ("fit", "f8")])


class Packed(NamedTuple):
    """Rows of both registers, sorted by ship and by berth, and tables of what is looked up.

    Attributes
    ----------
    inlets, outlets
        Structured arrays, one element per row.
    ships, berths
        First row of each ship and berth, and one more.
    ship_open, berth_open
        Some rows are only possible.
    volts
        By inlet row and code of the outlet's voltage: check 4, with `LIMIT_LOW` and `LIMIT_HIGH` where the transformer
        on board may limit or does limit the power.
    hertz
        By inlet row and code of the outlet's frequency: check 5.
    kind, cable, protection, zone
        Checks 1, 8, 10 and 11 as bits (`kernel.bits_of`), by the codes of both sides.
    plug
        Whether the plugs are of one configuration, by the codes of both sides.
    sides
        `facets.side_table`.
    """

    inlets: Any
    outlets: Any
    ships: NDArray[np.int64]
    berths: NDArray[np.int64]
    ship_open: NDArray[np.bool_]
    berth_open: NDArray[np.bool_]
    volts: NDArray[np.int8]
    hertz: NDArray[np.int8]
    kind: NDArray[np.int32]
    cable: NDArray[np.int32]
    protection: NDArray[np.int32]
    zone: NDArray[np.int32]
    plug: NDArray[np.int8]
    sides: NDArray[np.int8]


def pack(inlets: pl.DataFrame, outlets: pl.DataFrame, *, demand: str) -> Packed:
    """Return both registers as arrays.

    Parameters
    ----------
    inlets, outlets
        As `prepare.prepare` leaves them: sorted, with ``ship_id``, ``free`` and ``present``, nulls where unknown.
    demand
        State of the ship whose peak power counts.
    """
    i, o = np.zeros(inlets.height, INLET), np.zeros(outlets.height, OUTLET)
    _shared(i, inlets, "inlets", ("ship_id", "inlet_id"), check=checks.INLET)
    _shared(o, outlets, "outlets", ("berth_id", "outlet_id"), check=checks.OUTLET)
    _ship(i, inlets, demand)
    _berth(o, outlets)
    kv, (i["kv_code"], o["kv_code"]) = levels(inlets["voltage_kv"], outlets["voltage_kv"])
    hz, (i["hz_code"], o["hz_code"]) = levels(inlets["hz"], outlets["hz"])
    o["kv_code"][o["free"] == 1] = len(kv)  # any voltage
    _exists(i, inlets["pair"])
    _exists(o, outlets["pair"])
    tables = _facets(i, o, _inlet_words(inlets), _outlet_words(outlets), inlets, outlets)
    ships, berths = starts(inlets["ship_id"]), starts(outlets["berth_id"])
    tolerance = value("shore_frequency_tolerance")
    return Packed(
        inlets=i,
        outlets=o,
        ships=ships,
        berths=berths,
        ship_open=_any_open(i, ships),
        berth_open=_any_open(o, berths),
        volts=_volts(inlets, kv, i["free"] == 1),
        hertz=within(inlets["hz"], hz, tolerance, tolerance),
        sides=side_table(),
        **tables,
    )


def needed_mva(inlets: pl.DataFrame, demand: str) -> pl.DataFrame:
    """Return ``need_low, need_high, need_known``: apparent power [MVA] at the peak of a state of the ship."""
    limit = schema("inlets")
    states = ("peak_cargo_mw", "peak_reefers_mw", "peak_passengers_mw")
    low, high = pl.col("peak_mw"), pl.coalesce("peak_mw_high", "peak_mw")
    if demand == "largest":
        low, high = pl.max_horizontal(low, *states), pl.max_horizontal(high, *states)
    elif demand != "alongside":
        low = high = pl.col(f"peak_{demand}_mw")
    factor = pl.col("power_factor")
    return inlets.select(
        need_low=low.fill_null(limit["peak_mw"].minimum) / factor.fill_null(limit["power_factor"].maximum),
        need_high=high.fill_null(limit["peak_mw"].maximum) / factor.fill_null(limit["power_factor"].minimum),
        need_known=low.is_not_null() & high.is_not_null() & factor.is_not_null(),
    )


def span(frame: pl.DataFrame, table: str, column: str) -> tuple[Arrays, Arrays]:
    """Return the least and most that each number of a column can be: what its table allows where it is unknown."""
    limit, given = schema(table)[column], frame[column].cast(pl.Float64)
    return given.fill_null(limit.minimum).to_numpy(), given.fill_null(limit.maximum).to_numpy()


def _fill(rows: Any, name: str, frame: pl.DataFrame, table: str, column: str) -> None:
    rows[f"{name}_low"], rows[f"{name}_high"] = span(frame, table, column)


def _shared(rows: Any, frame: pl.DataFrame, table: str, ids: tuple[str, str], *, check: int) -> None:
    rows["free"] = frame["free"].to_numpy()
    rows["group"] = frame.select(pl.struct(ids).rle_id()).to_series().to_numpy()
    rows["present_bits"] = _bits(frame["present"].to_numpy(), check)
    rows["sides"] = sides(frame["side"]).to_numpy()
    names = {"plugs": "plugs_n", "amps": "plug_current_a", "length": "length_m"}
    if table == "outlets":
        names = {"plugs": "sockets_n", "amps": "socket_current_a", "length": "berth_length_m"}
    for name, column in names.items():
        _fill(rows, name, frame, table, column)
    for name in ("height_min", "height_max"):
        _fill(rows, name, frame, table, f"{name}_m")
    built_to_suit = rows["free"] == 1
    for name in ("plugs_low", "plugs_high", "amps_low", "amps_high"):
        rows[name][built_to_suit] = BIG


def _ship(i: Any, inlets: pl.DataFrame, demand: str) -> None:
    need = needed_mva(inlets, demand)
    for name in need.columns:
        i[name] = need[name].to_numpy()
    _fill(i, "transformer", inlets, "inlets", "transformer_mva")
    _fill(i, "stern", inlets, "inlets", "inlet_from_stern_m")
    i["stern_high"] = np.minimum(i["stern_high"], i["length_high"])
    i["stern_low"] = np.minimum(i["stern_low"], i["stern_high"])
    _fill(i, "cable", inlets, "inlets", "cable_length_m")
    side = cable_sides(inlets["ship_class"]).to_numpy()
    i["cable_low"][side != SHIP_SIDE] = 0.0  # the ship's cable counts where it is the ship that brings one
    i["cable_high"][side == SHORE_SIDE] = 0.0


def _berth(o: Any, outlets: pl.DataFrame) -> None:
    built_to_suit = o["free"] == 1
    for end in ("low", "high"):
        o[f"power_{end}"] = np.minimum(outlets[f"power_{end}"].to_numpy(), outlets[f"plant_{end}"].to_numpy())
        o[f"power_{end}"][built_to_suit] = BIG
    o["fit"] = np.where(built_to_suit, BIG, 0.0)
    _fill(o, "kv", outlets, "outlets", "voltage_kv")
    least, most = _phases(outlets)
    o["kv_low"] *= least
    o["kv_high"] *= most
    _fill(o, "reach", outlets, "outlets", "reach_m")
    _fill(o, "from", outlets, "outlets", "position_from_m")
    _fill(o, "to", outlets, "outlets", "position_to_m")
    o["to_low"] = np.maximum(o["to_low"], o["from_low"])
    o["from_high"] = np.minimum(o["from_high"], o["to_high"])
    connect, disconnect = (span(outlets, "outlets", name) for name in ("t_connect_h", "t_disconnect_h"))
    o["hours_low"], o["hours_high"] = connect[0] + disconnect[0], connect[1] + disconnect[1]


def _phases(outlets: pl.DataFrame) -> tuple[Arrays, Arrays]:
    """Return the factor from voltage times current to power, least and most: root of 3, or 1 for direct current."""
    hz = outlets["frequency_hz"].fill_null(-1.0).to_numpy()
    kinds = possible_kinds(outlets).to_numpy()
    direct = (hz == 0.0) | ((hz < 0.0) & (kinds == KINDS["DC"]))
    alternating = (hz > 0.0) | ((hz < 0.0) & (kinds & KINDS["DC"] == 0))
    return np.where(alternating, ROOT_3, 1.0), np.where(direct, 1.0, ROOT_3)


def _volts(inlets: pl.DataFrame, offered: Arrays, built_to_suit: NDArray[np.bool_]) -> NDArray[np.int8]:
    direct = within(inlets["voltage_kv"], offered, *voltage_band())
    through = bridged(inlets["transformer_kv"], offered)
    may = (direct != TRUE) & (through != FALSE)
    does = (direct == FALSE) & (through == TRUE)
    table = np.maximum(direct, through) + LIMIT_LOW * may + LIMIT_HIGH * does
    table[built_to_suit] = TRUE
    suits = np.full((inlets.height, 1), TRUE)
    return np.hstack([table, suits]).astype(np.int8)


def _inlet_words(inlets: pl.DataFrame) -> pl.DataFrame:
    return inlets.select(
        "free",
        "short_circuit",
        kinds=possible_kinds(inlets),
        profiles=profile_bits(inlets["profile"]),
        pilots=pl.col("pilots_n").fill_null(-1),
        reel=answers(inlets["cable_on_board"]),
        cable_side=cable_sides(inlets["ship_class"]),
        tanker=tankers(inlets["ship_class"]),
    )


def _outlet_words(outlets: pl.DataFrame) -> pl.DataFrame:
    provider = outlets["cable_provider"]
    return outlets.select(
        "free",
        "short_circuit",
        kinds=possible_kinds(outlets),
        profiles=profile_bits(outlets["profile"]),
        pilots=pl.col("pilots_n").fill_null(-1),
        either=answers(provider == "either"),
        shore_cable=answers(provider.is_in(["shore", "either"])),
        ship_cable=answers(provider.is_in(["ship", "either"])),
    )


def _facets(
    i: Any, o: Any, own: pl.DataFrame, their: pl.DataFrame, inlets: pl.DataFrame, outlets: pl.DataFrame
) -> dict[str, Any]:
    """Write the codes of each facet into both arrays and return its table."""
    for name in ("connector", "neutral", "zone_concept", "connection_position"):
        codes = numbered(inlets[name], outlets[name])
        own, their = own.with_columns(codes[0].alias(name)), their.with_columns(codes[1].alias(name))
    tables = {}
    for facet in FACETS:
        values, i[facet.name], o[facet.name] = judged(facet, own, their)
        tables[facet.name] = values if facet.name == "plug" else _bits(values, facet.check)
    return tables


def _bits(values: Any, check: int) -> NDArray[np.int32]:
    """Return values of a check as `kernel.bits_of` does."""
    return np.asarray(((values == FALSE) << (check - 1)) | ((values == TRUE) << (check - 1 + HALF)), np.int32)


def _exists(rows: Any, pair: pl.Series) -> None:
    """Mark rows that surely exist: not only possible, or the only one of their voltage or frequency."""
    possible = (pair == "possible").fill_null(value=False).to_numpy()
    keys = pl.DataFrame({"group": rows["group"], "kv": rows["kv_code"], "hz": rows["hz_code"]})
    alone = keys.select(
        ((pl.len().over("group", "kv") == 1) & (pl.col("kv") > 0))
        | ((pl.len().over("group", "hz") == 1) & (pl.col("hz") > 0))
        | (pl.len().over("group") == 1)
    )
    rows["exists"] = ~possible | alone.to_series().to_numpy()


def _any_open(rows: Any, first: NDArray[np.int64]) -> NDArray[np.bool_]:
    if not rows.size:
        return np.zeros(0, np.bool_)
    return np.asarray(np.minimum.reduceat(rows["exists"], first[:-1]) == 0)
