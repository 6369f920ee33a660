"""Is it whole: nothing lost, nothing twice, numbers that are numbers, parts that add up."""

from collections.abc import Mapping, Sequence

import polars as pl

from sisterport.inventory.activity import SYSTEMS
from sisterport.inventory.checks.registry import ERROR, WARN, Finding, Given, check, found, limit
from sisterport.tables import schema

_FRAMES = ("segments", "emissions", "ships", "calls", "stops")
_AMOUNTS = [name for name, column in schema("emissions").items() if column.unit in {"kWh", "t", "kg"}]
_REPORT = "a fault of the program or of frames that were edited: make the frames anew, then report it"


@check(ERROR, "let the domain polygon lie where the positions are: [areas] domain")
def domain_empty(given: Given) -> Finding | None:
    """Find out whether no ship was seen inside the domain."""
    if given.segments.filter("in_domain").height:
        return None
    return Finding(what="no segment lies in the domain", where="all segments", count=1)


@check(ERROR, _REPORT)
def not_a_number(given: Given) -> Finding | None:
    """Find numbers that are NaN or infinite."""
    rows = []
    for table in _FRAMES:
        frame = getattr(given, table)
        for name in (n for n, dtype in frame.schema.items() if dtype.is_float()):
            wrong = (frame[name].is_nan() | frame[name].is_infinite()).fill_null(value=False)
            rows += [{"table": table, "column": name, "row": i} for i in wrong.arg_true()]
    return found(_frame(rows), "numbers are NaN or infinite", "{table}.{column}, row {row}")


@check(ERROR, _REPORT)
def negative_amounts(given: Given) -> Finding | None:
    """Find amounts, times and distances below zero."""
    rows = []
    for table in _FRAMES:
        frame = getattr(given, table)
        for name, column in schema(table).items():
            if column.minimum == 0 and name in frame.columns and frame[name].dtype.is_numeric():
                wrong = (frame[name] < 0).fill_null(value=False)
                rows += [{"table": table, "column": name, "row": i} for i in wrong.arg_true()]
    return found(_frame(rows), "numbers are below zero", "{table}.{column}, row {row}")


@check(ERROR, "give every segment and ship once")
def listed_twice(given: Given) -> Finding | None:
    """Find segments, ships and calls that stand twice."""
    rows = []
    for table, key in (("segments", "segment_id"), ("ships", "mmsi"), ("calls", "call_id")):
        frame = getattr(given, table)
        twice = frame.filter(pl.col(key).is_duplicated())[key].unique(maintain_order=True)
        rows += [{"table": table, "key": key, "value": str(v)} for v in twice]
    return found(_frame(rows), "keys stand more than once", "{table}: {key} {value}")


@check(ERROR, "run the inventory on exactly these segments")
def segments_without_emissions(given: Given) -> Finding | None:
    """Find segments without a row for main engine, auxiliary engines or boiler."""
    has = given.emissions.select("segment_id", "system").unique(maintain_order=True)
    wanted = given.segments.select("segment_id", "mmsi").join(pl.DataFrame({"system": SYSTEMS}), how="cross")
    rows = wanted.join(has, on=["segment_id", "system"], how="anti", maintain_order="left")
    return found(rows, "systems of segments have no emission row", "segment {segment_id} of {mmsi}: {system}")


@check(ERROR, "run the inventory on exactly these segments")
def emissions_without_segment(given: Given) -> Finding | None:
    """Find emission rows without their segment."""
    rows = given.emissions.join(given.segments, on="segment_id", how="anti", maintain_order="left")
    return found(rows, "emission rows have no segment", "segment {segment_id}: {system}")


@check(WARN, "fill particulars for every ship that was seen: sisterport.fleet.particulars")
def segments_without_ship(given: Given) -> Finding | None:
    """Find ships without particulars."""
    rows = given.segments.join(given.ships, on="mmsi", how="anti", maintain_order="left").unique(
        "mmsi", keep="first", maintain_order=True
    )
    return found(rows, "ships have no particulars: nothing is estimated for them", "MMSI {mmsi}")


@check(ERROR, _REPORT)
def parts_and_total(given: Given) -> Finding | None:
    """Find totals that are not the sum of their parts, by mode and ship class and by map cell."""
    keyed = given.segments.select("segment_id", "mmsi", "mode").join(
        given.ships.select("mmsi", "ship_class"), on="mmsi", how="left", maintain_order="left"
    )
    joined = given.emissions.join(keyed, on="segment_id", how="inner", maintain_order="left")
    parts = joined.group_by("mode", "ship_class", maintain_order=True).agg(pl.col(_AMOUNTS).sum())
    wholes = {"mode and ship class": parts}
    if given.cells is not None:
        wholes["map cell"] = given.cells
    most = limit("sums")
    rows = []
    for by, frame in wholes.items():
        for name in (n for n in _AMOUNTS if n in frame.columns):
            total, summed = float(given.emissions[name].sum()), float(frame[name].sum())
            if abs(summed - total) > (most.high or 0.0) * max(abs(total), abs(summed)):
                rows.append({"by": by, "name": name, "total": total, "summed": summed})
    return found(_frame(rows), "totals are not the sum of their parts", "{name} by {by}: {summed:g} of {total:g}", most)


@check(ERROR, _REPORT)
def order_of_amounts(given: Given) -> Finding | None:
    """Find rows with more PM2.5 than PM10, or more CO2 than CO2 equivalent."""
    slack = 1.0 + (limit("sums").high or 0.0)
    rows = given.emissions.filter(
        (pl.col("pm25_kg") > pl.col("pm10_kg") * slack) | (pl.col("co2_t") > pl.col("co2e_ttw_t") * slack)
    )
    return found(
        rows, "rows have more PM2.5 than PM10, or more CO2 than CO2 equivalent", "segment {segment_id}: {system}"
    )


def _frame(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)
