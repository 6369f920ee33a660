"""From an inventory to legs and stays: what each ship burnt on each, by year, mode, system and fuel.

A leg goes from port of call to port of call; whatever lies between (passing through, anchoring, a stop that is no call)
belongs to it. A stay is all time within the port of call. Where a track begins or ends at sea the port is not known:
the row stays and says so.
"""

from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import choose
from sisterport.fleet import ship_id
from sisterport.rules.movement_fuels import FuelChoices, with_annex_fuels
from sisterport.rules.transhipment import BERTH
from sisterport.units import KWH_PER_MJ

PORT_OF_CALL = ("berth", "stop")
"""Which calls are ports of call: those with time at berth, or at anchor too."""
NOT_KNOWN = "the track begins or ends at sea: a port is not known"
OUTSIDE = "no call or leg of the inventory holds it: no port is known"

_UNKNOWN = "?"
_SHIP = ("imo", "name", "ship_class", "gt", "dwt_t", "engine_type")


def movements(
    segments: Any,
    emissions: Any,
    ships: Any,
    *,
    calls: Any,
    legs: Any,
    port_of_call: str = "berth",
    choices: FuelChoices | None = None,
) -> pl.DataFrame:
    """Return what ships burnt on each leg and stay of an inventory.

    Parameters
    ----------
    segments, emissions, ships, calls, legs
        Frames of these tables, from one run of the inventory.
    port_of_call
        ``berth``: a call is a port of call if the ship was at berth in it; ``stop``: at anchor counts too. Stops only
        to bunker, for stores, crew or repair are no port of call in law, but movements do not show that.
    choices
        What is taken where Annex II needs more than is known.

    Returns
    -------
    polars.DataFrame
        Table ``movements``. Nothing is dropped: where nothing could be estimated the mass is null, where a port is not
        known ``port_quality`` says why.

    Raises
    ------
    SchemaError, MethodError, InputError
        Frames that do not fit, an unknown option, fuels that Annex II does not have.

    References
    ----------
    Regulation (EU) 2015/757 Art 3: port of call, voyage, at berth; years by the calendar year concerned (from memory,
    unverified).

    Examples
    --------
    >>> empty = [tables.empty(name) for name in ("segments", "emissions", "ships")]
    >>> movements(*empty, calls=tables.empty("calls"), legs=tables.empty("legs")).height
    0
    """
    choose("port of call", port_of_call, PORT_OF_CALL)
    burnt = tables.check(emissions, "emissions").select(
        "segment_id", "system", "fuel", "energy_kwh", "shore_kwh", "fuel_t"
    )
    rows = tables.check(segments, "segments").select("segment_id", "mmsi", "start_utc", "mode", "hours", "distance_nm")
    spans = _spans(tables.check(calls, "calls"), tables.check(legs, "legs"), port_of_call)
    placed = _placed(rows, spans).with_columns(year=pl.col("start_utc").dt.year().cast(pl.Int64))
    of_ship = tables.check(ships, "ships").select("mmsi", *_SHIP)
    grouped = _grouped(placed, burnt).join(of_ship, on="mmsi", how="left", maintain_order="left")
    blank = tables.empty("movements")
    full = grouped.with_columns(
        ship_id(),
        year_source=pl.lit("segment"),
        fuel_class=pl.lit("fossil"),
        shore_mj=pl.col("shore_kwh") / KWH_PER_MJ,
        **{
            name: pl.lit(None, blank.schema[name]) for name in ("lcv_mj_per_kg", "certified_e_g_per_mj", "food_or_feed")
        },
    )
    return tables.check(with_annex_fuels(full, choices=choices).sort("ship_id", "departure_utc", "year"), "movements")


def _spans(calls: pl.DataFrame, legs: pl.DataFrame, port_of_call: str) -> pl.DataFrame:
    """Return the spans of time of each ship between which it does not change its leg or stay."""
    stopped = pl.col("hours_berth") + (pl.col("hours_anchorage") if port_of_call == "stop" else 0)
    known = calls.select("call_id", counts=stopped > 0)
    counts = dict(known.iter_rows())

    def port(end: str) -> pl.Expr:
        """Return the port at an end; null: look further, it was no port of call."""
        of_call = pl.col(f"{end}_call_id")
        passed = of_call.replace_strict(counts, default=True, return_dtype=pl.Boolean).not_()
        return pl.when(of_call.is_null()).then(pl.lit(_UNKNOWN)).when(~passed).then(f"{end}_locode")

    at_sea = legs.select(
        "mmsi",
        pl.col("departure_utc").alias("begin"),
        pl.col("arrival_utc").alias("end"),
        pl.col("leg_id").alias("movement_id"),
        port("from").alias("start_port"),
        port("to").alias("end_port"),
        stay=pl.lit(value=False),
    )
    in_port = calls.join(known, on="call_id", how="left").select(
        "mmsi",
        pl.col("arrival_utc").alias("begin"),
        pl.col("departure_utc").alias("end"),
        pl.col("call_id").alias("movement_id"),
        pl.when("counts").then("locode").alias("start_port"),
        pl.when("counts").then("locode").alias("end_port"),
        stay=pl.col("counts"),
    )
    spans = pl.concat([at_sea, in_port]).sort("mmsi", "begin", "stay")
    return _joined(spans)


def _joined(spans: pl.DataFrame) -> pl.DataFrame:
    """Join spans that no port of call parts into one leg."""
    opens = (
        pl.col("stay")
        | pl.col("stay").shift(1).fill_null(value=True)
        | pl.col("start_port").is_not_null()
        | (pl.col("begin") > pl.col("end").shift(1))
    )
    numbered = spans.with_columns(number=opens.over("mmsi").cum_sum().over("mmsi"))
    whole = numbered.group_by("mmsi", "number", maintain_order=True).agg(
        pl.col("movement_id").first(),
        pl.col("start_port").first(),
        pl.col("end_port").last(),
        pl.col("begin").first().alias("departure_utc"),
        pl.col("end").last().alias("arrival_utc"),
    )
    return (
        numbered.select("mmsi", "number", "begin", "end", "stay")
        .join(whole, on=["mmsi", "number"], how="left", maintain_order="left")
        .with_columns(
            from_locode=pl.col("start_port").replace(_UNKNOWN, None),
            to_locode=pl.when("stay").then(pl.lit(BERTH)).otherwise(pl.col("end_port").replace(_UNKNOWN, None)),
        )
        .drop("number", "start_port", "end_port")
    )


def _placed(segments: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Give each segment its leg or stay; what lies in none becomes one of its own by ship, without ports."""
    joined = segments.sort("start_utc").join_asof(
        spans.sort("begin"), left_on="start_utc", right_on="begin", by="mmsi", check_sortedness=False
    )
    within = (pl.col("start_utc") < pl.col("end")) | (pl.col("start_utc") == pl.col("begin"))
    blank = ["movement_id", "from_locode", "to_locode", "departure_utc", "arrival_utc"]
    kept = joined.with_columns(pl.when(within.fill_null(value=False)).then(pl.col(name)).alias(name) for name in blank)
    outside = pl.col("movement_id").is_null()
    lost = pl.col("from_locode").is_null() | pl.col("to_locode").is_null()
    return kept.with_columns(
        pl.when(outside).then(pl.format("{}-outside", "mmsi")).otherwise("movement_id").alias("movement_id"),
        pl.when(outside)
        .then(pl.col("start_utc").filter(outside).min().over("mmsi"))
        .otherwise("departure_utc")
        .alias("departure_utc"),
        pl.when(outside)
        .then(pl.col("start_utc").filter(outside).max().over("mmsi"))
        .otherwise("arrival_utc")
        .alias("arrival_utc"),
        port_quality=pl.when(outside)
        .then(pl.lit(OUTSIDE))
        .when(lost)
        .then(pl.lit(NOT_KNOWN))
        .otherwise(pl.lit("as given")),
    ).drop("begin", "end", "stay")


def _grouped(placed: pl.DataFrame, burnt: pl.DataFrame) -> pl.DataFrame:
    """Sum fuel over each leg or stay; hours and miles stand on the first row of their mode and year."""
    leg = ["mmsi", "movement_id", "from_locode", "to_locode", "departure_utc", "arrival_utc", "port_quality"]
    keys = [*leg, "year", "mode"]
    time = placed.group_by(keys).agg(pl.col("hours", "distance_nm").sum())
    # a sum of nulls is null, not zero: what could not be estimated stays unknown
    sums = [
        pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)
        for name in ("fuel_t", "energy_kwh", "shore_kwh")
    ]
    unknown = pl.col("fuel_t").is_null() & (pl.col("energy_kwh").is_null() | (pl.col("energy_kwh") > 0))
    rows = placed.select("segment_id", *keys).join(
        burnt.with_columns(
            fuel=pl.when(~unknown).then("fuel"),
            fuel_t=pl.when(~unknown).then(pl.col("fuel_t").fill_null(0)),
            estimated=~unknown,
        ),
        on="segment_id",
        how="left",
    )
    fuel = rows.group_by(*keys, "system", "fuel", "estimated").agg(sums).sort(*keys, "system", "fuel", nulls_last=True)
    number = pl.int_range(pl.len()).over(keys)
    return (
        fuel.join(time, on=keys, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.when(number == 0).then(pl.col("hours", "distance_nm")).otherwise(0))
        .rename({"fuel_t": "mass_t", "energy_kwh": "shaft_kwh"})
        .drop("estimated")
    )
