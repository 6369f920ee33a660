"""Synthetic movements for tests: ships, legs and masses are made up, in round figures."""

from datetime import UTC, datetime, timedelta

import polars as pl

from sisterport import tables
from tests import factory

T0 = datetime(2026, 3, 1, tzinfo=UTC)
MMSI = 200_000_001
IMO = 9_074_729


def hours(n: float) -> datetime:
    return T0 + timedelta(hours=n)


def frame(name: str, rows: list[dict]) -> pl.DataFrame:
    """A frame of a table from rows that say what matters; needed numbers that are not said are 0."""
    blank = {"string": "x", "float64": 0.0, "int64": 0, "boolean": False}
    full = []
    for row in rows:
        base = {}
        for column in tables.schema(name).values():
            kind = {pl.String(): "string", pl.Float64(): "float64", pl.Int64(): "int64", pl.Boolean(): "boolean"}
            base[column.name] = blank.get(kind.get(column.dtype, "")) if column.required else None
        full.append(base | row)
    schema = {c.name: c.dtype for c in tables.schema(name).values()}
    return tables.check(pl.DataFrame(full, schema=schema), name)


def inventory(stops: list[tuple[str | None, float, float, str]], fuel_t: float = 2.0) -> dict[str, pl.DataFrame]:
    """An inventory of one ship: spans of (port or None at sea, from hour, to hour, mode), one segment an hour.

    Every segment burns `fuel_t` of distillate in the main engine at sea, in the auxiliaries in port.
    """
    segments, emissions, calls = [], [], []
    for port, begin, end, mode in stops:
        for hour in range(int(begin), int(end)):
            number = len(segments)
            time = {"start_utc": hours(hour), "end_utc": hours(hour + 1), "date": hours(hour).date(), "hours": 1.0}
            segments.append(
                time
                | {"segment_id": number, "mmsi": MMSI, "mode": mode, "locode": port}
                | {"distance_nm": 10.0 if mode == "cruise" else 0.0}
            )
            system = "main" if mode == "cruise" else "auxiliary_engine"
            emissions.append(
                {"segment_id": number, "system": system, "fuel": "distillate", "fuel_t": fuel_t, "energy_kwh": 9e3}
            )
        if port is not None:
            name = "hours_berth" if mode == "berth" else "hours_anchorage"
            calls.append(
                {"call_id": f"{port}-{begin}", "mmsi": MMSI, "locode": port, name: end - begin, "hours": end - begin}
                | {"arrival_utc": hours(begin), "departure_utc": hours(end)}
            )
    legs = []
    for at, (port, begin, end, _) in enumerate(stops):
        if port is not None:
            continue
        before = stops[at - 1] if at else (None, 0, 0, "")
        after = stops[at + 1] if at + 1 < len(stops) else (None, 0, 0, "")
        legs.append(
            {"leg_id": f"leg-{at}", "mmsi": MMSI, "departure_utc": hours(begin), "arrival_utc": hours(end)}
            | {"from_locode": before[0], "to_locode": after[0], "hours": end - begin}
            | {"from_call_id": before[0] and f"{before[0]}-{before[1]}"}
            | {"to_call_id": after[0] and f"{after[0]}-{after[1]}"}
        )
    ship = factory.ships(mmsi=[MMSI], imo=[IMO], gt=[90_000.0], dwt_t=[100_000.0], fuel="distillate")
    return {
        "segments": frame("segments", segments),
        "emissions": frame("emissions", emissions),
        "ships": ship,
        "calls": frame("calls", calls),
        "legs": frame("legs", legs),
    }


def voyage(number: str, start: str | None, end: str | None, day: int, fuel: str, mass_t: float, **more) -> dict:
    """A row of the table ``voyages``: a voyage of two days that begins on a day of 2026."""
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return {
        "voyage_id": number,
        "imo": IMO,
        "ship_class": "container",
        "gt": 90_000.0,
        "dwt_t": 100_000.0,
        "from_locode": start,
        "to_locode": end,
        "departure_utc": begin,
        "arrival_utc": begin + timedelta(days=2),
        "distance_nm": 0.0 if end == "berth" else 500.0,
        "fuel": fuel,
        "mass_t": mass_t,
    } | more


def voyages(rows: list[dict]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)
