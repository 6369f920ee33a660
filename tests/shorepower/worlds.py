"""Random registers of which everything is known, and the same with facts forgotten."""

import random
from datetime import date
from typing import Any

import polars as pl

from sisterport.tables import schema
from tests.shorepower.plain import INLET_ONLY

Row = dict[str, Any]
DAY = date(2026, 11, 1)
PROFILES = {
    "HVSC": ["HVSC-RORO", "HVSC-CRUISE", "HVSC-CONTAINER"],
    "LVSC": ["LVSC-GEN", "LVSC-CN-250"],
    "DC": ["DC-MCS-MARINE"],
}
VOLTAGES = {"HVSC": [6.6, 10.0, 11.0], "LVSC": [0.4, 0.44, 0.69], "DC": [0.7, 1.0]}
DOMAIN = {
    "connector": ["IEC 62613-2 I", "iec 62613-2 i ", "NG3"],
    "neutral": ["resistor", "isolated"],
    "pilots_n": [3, 7],
    "zone_concept": ["outside", "pressurised"],
    "connection_position": ["stern", "midships"],
    "short_circuit_ka": [5.0, 16.0, 20.0],
    "cable_on_board": [True, False],
    "cable_length_m": [0.0, 30.0],
    "transformer_kv": ["none", "6.6", "6.6|11", "0.4"],
    "transformer_mva": [0.0, 2.0, 20.0],
    "plugs_n": [0, 1, 2, 4],
    "plug_current_a": [250.0, 350.0, 500.0],
    "inlet_from_stern_m": [0.0, 20.0, 60.0],
    "length_m": [90.0, 200.0],
    "height_min_m": [0.0, 3.0],
    "height_max_m": [8.0, 14.0],
    "peak_mw": [0.0, 1.0, 4.0, 60.0],
    "power_factor": [0.8, 1.0],
    "ship_class": ["container", "ro_ro", "oil_tanker"],
    "power_mva": [0.0, 1.25, 7.5, 20.0],
    "plant_power_mva": [3.0, 30.0],
    "simultaneity": [0.0, 0.5, 1.0],
    "sockets_n": [0, 1, 2, 4],
    "socket_current_a": [250.0, 350.0, 500.0],
    "cable_provider": ["ship", "shore", "either"],
    "position_from_m": [0.0, 100.0],
    "berth_length_m": [150.0, 300.0],
    "reach_m": [0.0, 10.0, 60.0],
    "t_connect_h": [0.5, 2.0],
    "t_disconnect_h": [0.5, 1.0],
}
INLET_FACTS = (
    "has_inlet", "kind", "profile", "voltage_kv", "frequency_hz", "transformer_kv", "transformer_mva", "connector",
    "plugs_n", "plug_current_a", "pilots_n", "neutral", "cable_on_board", "cable_length_m", "side",
    "inlet_from_stern_m", "length_m", "height_min_m", "height_max_m", "peak_mw", "power_factor", "short_circuit_ka",
    "zone_concept", "connection_position", "ship_class",
)  # fmt: skip
OUTLET_FACTS = (
    "kind", "profile", "voltage_kv", "frequency_hz", "power_mva", "plant_power_mva", "simultaneity", "connector",
    "sockets_n", "socket_current_a", "pilots_n", "neutral", "cable_provider", "side", "position_from_m",
    "position_to_m", "berth_length_m", "reach_m", "height_min_m", "height_max_m", "short_circuit_ka", "zone_concept",
    "connection_position", "t_connect_h", "t_disconnect_h", "outlets_n",
)  # fmt: skip


def dice(seed: int | str) -> random.Random:
    """Return a source of chance; the same one for the same seed."""
    return random.Random(seed)  # noqa: S311


def _row(table: str, **values: Any) -> Row:
    return dict.fromkeys(schema(table)) | {"source": "invented", "status": "unverified"} | values


def _values(rng: random.Random, table: str) -> Row:
    return {c: rng.choice(DOMAIN[c]) for c in schema(table) if c in DOMAIN}


def _kind(rng: random.Random) -> Row:
    kind = rng.choices(["HVSC", "LVSC", "DC"], [8, 3, 1])[0]
    profile = "|".join(sorted(rng.sample(PROFILES[kind], rng.choice([1, len(PROFILES[kind])]))))
    hz = 0.0 if kind == "DC" else rng.choice([50.0, 60.0])
    return {"kind": kind, "profile": profile, "voltage_kv": rng.choice(VOLTAGES[kind]), "frequency_hz": hz}


def ship(rng: random.Random, number: int) -> list[Row]:
    """Return the rows of one ship of which everything is known."""
    row = _row("inlets", inlet_id=f"i{number}", mmsi=211_000_000 + number, has_inlet=True, pair="exists")
    row |= _values(rng, "inlets") | _kind(rng) | {"side": rng.choice(["port", "starboard", "both"])}
    row["inlet_from_stern_m"] = min(row["inlet_from_stern_m"], row["length_m"])
    if rng.random() < 0.2:
        row |= dict.fromkeys(INLET_ONLY) | {"has_inlet": False, "bus_frequency_hz": row["frequency_hz"]}
        return [row | {"frequency_hz": None}]
    return [row, *_second(rng, row)]


def berth(rng: random.Random, number: int) -> list[Row]:
    """Return the rows of the outlets of one berth of which everything is known."""
    rows = []
    for k in range(rng.choice([1, 1, 2])):
        row = _row("outlets", outlet_id=f"o{number}-{k}", berth_id=f"b{number}", locode="DEHAM", pair="exists")
        row |= _values(rng, "outlets") | _kind(rng) | {"side": rng.choice(["port", "starboard", "either"])}
        row |= {"state": rng.choice(["operational", "operational", "planned", "none"]), "since": date(2020, 1, 1)}
        row |= {"position_to_m": row["position_from_m"] + rng.choice([0.0, 50.0]), "outlets_n": rng.choice([1, 2])}
        row["plant_id"] = rng.choice([None, f"plant {number % 2}"])
        if row["plant_id"] is None:
            row["plant_power_mva"] = None
        rows += [row, *_second(rng, row)]
    return rows


def _second(rng: random.Random, row: Row) -> list[Row]:
    """Return perhaps a second voltage-frequency pair."""
    if rng.random() < 0.6 or row["kind"] == "DC":
        return []
    other = rng.choice([v for v in VOLTAGES[row["kind"]] if v != row["voltage_kv"]])
    return [row | rng.choice([{"voltage_kv": other}, {"frequency_hz": 110.0 - row["frequency_hz"]},
                              {"voltage_kv": other, "frequency_hz": 110.0 - row["frequency_hz"]}])]  # fmt: skip


def world(seed: int, *, ships: int = 3, berths: int = 3) -> tuple[list[Row], list[Row]]:
    """Return inlets and outlets of which everything is known."""
    rng = dice(seed)
    return [r for n in range(ships) for r in ship(rng, n)], [r for n in range(berths) for r in berth(rng, n)]


def forget(rows: list[Row], thing: str, facts: tuple[str, ...], share: float, rng: random.Random) -> list[Row]:
    """Return rows with some facts unknown; what is one thing's own is unknown in all its rows."""
    lost = {(row[thing], fact) for row in rows for fact in facts if rng.random() < share}
    known = [{c: None if (row[thing], c) in lost else v for c, v in row.items()} for row in rows]
    if rng.random() < share:
        known = [pair for name in dict.fromkeys(r[thing] for r in known) for pair in _listed(known, thing, name)]
    return _distinct(known, thing)


def _listed(rows: list[Row], thing: str, name: str) -> list[Row]:
    """Return all combinations of the voltages and frequencies of one thing, which of them exist is unknown."""
    own = [r for r in rows if r[thing] == name]
    volts = list(dict.fromkeys(r["voltage_kv"] for r in own))
    hertz = list(dict.fromkeys(r["frequency_hz"] for r in own))
    if None in volts or None in hertz or len(volts) * len(hertz) == 1:
        return own
    return [own[0] | {"voltage_kv": v, "frequency_hz": h, "pair": "possible"} for v in volts for h in hertz]


def _distinct(rows: list[Row], thing: str) -> list[Row]:
    found = {(r[thing], r["voltage_kv"], r["frequency_hz"]): r for r in reversed(rows)}
    return list(reversed(found.values()))


def frame(rows: list[Row], table: str) -> pl.DataFrame:
    """Return rows as a frame of a table."""
    return pl.DataFrame(rows, schema={c.name: c.dtype for c in schema(table).values()})
