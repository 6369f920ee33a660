"""Is the time right: segments against the clock and the calendar, places against areas, calls and stops."""

import polars as pl

from sisterport.inventory.checks.registry import ERROR, WARN, Finding, Given, check, found, law, limit
from sisterport.units import MS_PER_HOUR, PER_CENT

_REPORT = "a fault of the program or of frames that were edited: make the segments anew, then report it"
_SEGMENT = "segment {segment_id} of {mmsi}"


def _span_h(start: str = "start_utc", end: str = "end_utc") -> pl.Expr:
    return (pl.col(end) - pl.col(start)).dt.total_milliseconds() / MS_PER_HOUR


@check(ERROR, _REPORT)
def segments_overlap(given: Given) -> Finding | None:
    """Find segments of one ship that overlap in time."""
    rows = given.segments.sort("mmsi", "start_utc", "end_utc", "segment_id").with_columns(
        before=pl.col("end_utc").cum_max().shift(1).over("mmsi")
    )
    return found(
        rows.filter(pl.col("start_utc") < pl.col("before")),
        "segments begin before an earlier one of their ship has ended",
        f"{_SEGMENT}, {{start_utc:%Y-%m-%d %H:%M}}",
        law("a ship is at one place at a time", high=0, unit="h"),
    )


@check(ERROR, _REPORT)
def hours_against_clock(given: Given) -> Finding | None:
    """Find segments whose hours are not those between start and end."""
    most = limit("clock")
    rows = given.segments.with_columns(span=_span_h()).filter(
        (pl.col("hours") - pl.col("span")).abs() > (most.high or 0.0)
    )
    return found(
        rows, "segments have other hours than the clock", f"{_SEGMENT}: {{hours:.3f}} h in {{span:.3f}} h", most
    )


@check(ERROR, _REPORT)
def day_too_long(given: Given) -> Finding | None:
    """Find ships with more than 24 hours in one day."""
    most = limit("day_hours")
    days = given.segments.group_by("mmsi", "date", maintain_order=True).agg(pl.col("hours").sum())
    rows = days.filter(pl.col("hours") > (most.high or 0.0) + (limit("clock").high or 0.0))
    return found(rows, "days of ships are longer than a day", "MMSI {mmsi} on {date}: {hours:.2f} h", most)


@check(ERROR, _REPORT)
def outside_its_day(given: Given) -> Finding | None:
    """Find segments that reach beyond their date."""
    day = pl.col("date").cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    rows = given.segments.filter((pl.col("start_utc") < day) | (pl.col("end_utc") > day.dt.offset_by("1d")))
    return found(rows, "segments reach beyond their date", f"{_SEGMENT}, {{date}}")


@check(ERROR, _REPORT, needs=("positions_span",))
def outside_positions(given: Given) -> Finding | None:
    """Find segments before the first or after the last position report."""
    if given.positions_span is None:
        return None
    first, last = given.positions_span
    rows = given.segments.filter((pl.col("start_utc") < first) | (pl.col("end_utc") > last))
    return found(rows, "segments lie outside the time of the positions", f"{_SEGMENT}, {{start_utc:%Y-%m-%d %H:%M}}")


@check(WARN, "draw a polygon of kind 'berth' there: without one the coast rule took it for a berth")
def berth_without_area(given: Given) -> Finding | None:
    """Find berths where no area is drawn."""
    rows = given.segments.filter((pl.col("mode") == "berth") & pl.col("area_id").is_null())
    if rows.is_empty():
        return None
    hours = rows["hours"].sum()
    return found(
        rows,
        f"segments at berth ({hours:,.0f} h) lie in no area",
        f"{_SEGMENT}, {{lat_deg:.4f}} {{lon_deg:.4f}}",
    )


@check(ERROR, "give the area its port (locode), or draw it in the port that it belongs to", needs=("areas",))
def stop_outside_its_port(given: Given) -> Finding | None:
    """Find stops in an area of another port than that of their call."""
    if given.areas is None:
        return None
    ports = given.areas.select("area_id", area_locode="locode")
    rows = given.stops.join(ports, on="area_id", how="inner", maintain_order="left").join(
        given.calls.select("call_id", "locode"), on="call_id", how="inner", maintain_order="left"
    )
    wrong = rows.filter(pl.col("area_locode") != pl.col("locode"))
    return found(
        wrong,
        "stops lie in an area of another port than their call",
        "call {call_id}: {area_id} is in {area_locode}",
    )


@check(ERROR, _REPORT)
def stop_outside_its_call(given: Given) -> Finding | None:
    """Find stops before the arrival or after the departure of their call."""
    rows = given.stops.join(
        given.calls.select("call_id", "arrival_utc", "departure_utc"), on="call_id", how="left", maintain_order="left"
    ).filter(
        pl.col("arrival_utc").is_null()
        | (pl.col("start_utc") < pl.col("arrival_utc"))
        | (pl.col("end_utc") > pl.col("departure_utc"))
    )
    return found(rows, "stops lie outside the time of their call", "call {call_id}, stop {stop}")


@check(ERROR, _REPORT)
def calls_overlap(given: Given) -> Finding | None:
    """Find calls of one ship that overlap in time."""
    rows = given.calls.sort("mmsi", "arrival_utc", "call_id").with_columns(
        before=pl.col("departure_utc").cum_max().shift(1).over("mmsi")
    )
    return found(
        rows.filter(pl.col("arrival_utc") < pl.col("before")),
        "calls begin before an earlier one of their ship has ended",
        "call {call_id}",
    )


@check(ERROR, _REPORT)
def hours_of_calls(given: Given) -> Finding | None:
    """Find calls whose berth, anchorage and moving hours do not add up."""
    parts = pl.col("hours_berth") + pl.col("hours_anchorage") + pl.col("hours_moving")
    most = limit("clock")
    rows = given.calls.filter((pl.col("hours") - parts).abs() > (most.high or 0.0))
    return found(rows, "calls have other hours than their parts", "call {call_id}", most)


@check(WARN, "look at speed and MMSI of these reports, or give the right v_max_kn in the register")
def speed_above_reference(given: Given) -> Finding | None:
    """Find ships that were much faster than their reference speed."""
    most, long = limit("speed_over_reference"), limit("speed_hours")
    rows = (
        given.with_ship("v_ref_kn")
        .filter(pl.col("hours") >= (long.low or 0.0))
        .with_columns(speed=pl.col("distance_nm") / pl.col("hours"))
        .filter(pl.col("speed") > (most.high or 0.0) * pl.col("v_ref_kn"))
    )
    return found(
        rows,
        "segments are faster than their ship can be",
        f"{_SEGMENT}: {{speed:.1f}} kn, reference {{v_ref_kn:.1f}} kn",
        most,
    )


@check(WARN, "use denser positions; the report says what was done about each hole")
def holes_share(given: Given) -> Finding | None:
    """Find out whether a large part of the time lies in holes between reports."""
    total = float(given.segments["hours"].sum())
    holes = given.segments.filter(pl.col("quality") != "seen")
    share = float(holes["hours"].sum()) / total if total else 0.0
    most = limit("holes_share")
    if share <= (most.high or 0.0):
        return None
    return found(
        holes, f"{share / PER_CENT:.0f} % of the ship hours lie in holes", f"{_SEGMENT}: {{hours:.1f}} h", most
    )
