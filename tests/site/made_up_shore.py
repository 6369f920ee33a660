"""A made-up network of shore power: six ports, berths and ships that are true of nobody."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from sisterport.fleet import ship_id
from sisterport.shorepower.match import match
from sisterport.shorepower.needs import link_id, needs
from sisterport.tables import check

DAY = date(2026, 11, 1)
PORTS = ("CNSGH", "USLAX", "NLRTM", "DEHAM", "SEGOT", "SGSIN")
KINDS: dict[str, tuple[str, str, float, int, int, str]] = {
    "container": ("HVSC-CONTAINER", "IEC 62613-2 I", 6.6, 2, 3, "ship"),
    "cruise": ("HVSC-CRUISE", "IEC 62613-2 J", 11.0, 4, 7, "shore"),
    "ro_ro": ("HVSC-RORO", "IEC 62613-2 12 kV 350 A", 11.0, 1, 3, "shore"),
}
SHARES = [0.6, 0.15, 0.25]
PER_MWH = {
    "aux_mwh": 1.0, "aux_fuel_t": 0.217, "aux_co2_t": 0.696, "aux_co2e_t": 0.705, "aux_nox_t": 0.0097,
    "aux_sox_t": 0.0004, "aux_pm10_t": 0.0002, "aux_bc_t": 0.00001,
}  # fmt: skip
INVENTED = {"source": "invented", "status": "unverified"}
SYNTHETIC = "Synthetic data: ships, berths and stays of this page are made up and describe nobody."


def imo(number: int) -> int:
    """Return an IMO number with the right check digit."""
    digits = [int(d) for d in f"{number:06d}"]
    return number * 10 + sum(d * w for d, w in zip(digits, range(7, 1, -1), strict=True)) % 10


def registers(
    *, ships: int = 60, per_port: int = 6, known: float = 0.85, seed: int = 3
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return inlets and outlets; each fact is known with the probability `known`."""
    rng = np.random.default_rng(seed)
    inlets = [_inlet(i, rng) for i in range(ships)]
    outlets = [_outlet(port, b, rng) for port in PORTS for b in range(per_port)]
    return (
        check(pl.DataFrame([b | forgotten(f, rng, known) for b, f in inlets], infer_schema_length=None), "inlets"),
        check(pl.DataFrame([b | forgotten(f, rng, known) for b, f in outlets], infer_schema_length=None), "outlets"),
    )


def _inlet(i: int, rng: np.random.Generator) -> tuple[dict[str, Any], dict[str, Any]]:
    kind = str(rng.choice(list(KINDS), p=SHARES))
    profile, connector, kv, plugs, pilots, _ = KINDS[kind]
    has, hz = bool(rng.random() < 0.75), float(rng.choice([50.0, 60.0], p=[0.2, 0.8]))
    of_ship = {
        "has_inlet": has, "bus_frequency_hz": hz, "length_m": 300.0, "peak_mw": float(rng.uniform(1.0, 5.0)),
        "power_factor": 0.9, "short_circuit_ka": 12.0,
    }  # fmt: skip
    of_inlet = {
        "kind": "HVSC", "profile": profile, "voltage_kv": kv, "frequency_hz": hz, "transformer_kv": "none",
        "connector": connector, "plugs_n": plugs, "plug_current_a": 500.0 if kind == "cruise" else 350.0,
        "pilots_n": pilots, "neutral": "resistor", "cable_on_board": kind == "container", "cable_length_m": 40.0,
        "side": "both", "inlet_from_stern_m": 30.0, "height_min_m": 5.0, "height_max_m": 9.0,
    }  # fmt: skip
    base = {"inlet_id": f"i{i}", "imo": imo(930000 + i), "name": f"MADE UP {i}", "ship_class": kind}
    return base | INVENTED, of_ship | (of_inlet if has else dict.fromkeys(of_inlet))


def _outlet(port: str, b: int, rng: np.random.Generator) -> tuple[dict[str, Any], dict[str, Any]]:
    kind = str(rng.choice(list(KINDS), p=SHARES))
    profile, connector, kv, plugs, pilots, provider = KINDS[kind]
    state = str(rng.choice(["operational", "planned", "none"], p=[0.6, 0.2, 0.2]))
    facts = {
        "kind": "HVSC", "profile": profile, "voltage_kv": kv,
        "frequency_hz": 60.0 if port == "USLAX" else float(rng.choice([50.0, 60.0])), "power_mva": 7.5,
        "connector": connector, "sockets_n": plugs, "socket_current_a": 500.0 if kind == "cruise" else 350.0,
        "pilots_n": pilots, "neutral": "resistor", "cable_provider": provider, "side": "either",
        "position_from_m": 0.0, "position_to_m": 400.0, "berth_length_m": 400.0, "reach_m": 30.0,
        "height_min_m": 2.0, "height_max_m": 14.0, "short_circuit_ka": 14.0, "t_connect_h": 0.5, "t_disconnect_h": 0.5,
    }  # fmt: skip
    base = {
        "outlet_id": f"o-{port}-{b}", "berth_id": f"{port}-{b}", "locode": port, "terminal": f"{port}-T{b // 3}",
        "state": state, "since": date(2020, 1, 1),
    }  # fmt: skip
    return base | INVENTED, facts


def forgotten(facts: dict[str, Any], rng: np.random.Generator, known: float) -> dict[str, Any]:
    """Return facts of which each is known with a probability; half of the rows are known whole."""
    whole = rng.random() < 0.5
    return {name: value if whole or rng.random() < known else None for name, value in facts.items()}


def verdicts(inlets: pl.DataFrame, outlets: pl.DataFrame) -> pl.DataFrame:
    """Return verdicts of all pairs with stays of a day, paperwork in order for some."""
    paper = {
        "assessed_on": date(2026, 3, 1),
        "last_connected_on": date(2026, 8, 1),
        "changed_since": False,
        "source": "invented",
    }
    half, berths = inlets["imo"].to_list()[::2], outlets["berth_id"].to_list()[::2]
    papers = pl.DataFrame([{"imo": ship, "berth_id": berth} | paper for ship in half for berth in berths])
    return match(inlets, outlets, on=DAY, stay_h=24.0, assessments=papers)


def stays(inlets: pl.DataFrame, outlets: pl.DataFrame, *, count: int = 400, seed: int = 5) -> pl.DataFrame:
    """Return stays at berths and anchorages; some without energy or berth, some connected by record."""
    rng = np.random.default_rng(seed)
    ships, berths = inlets.to_dicts(), outlets.to_dicts()
    rows = []
    for i in range(count):
        ship, berth = ships[int(rng.integers(len(ships)))], berths[int(rng.integers(len(berths)))]
        start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=float(rng.uniform(0, 5000)))
        hours = float(rng.gamma(3.0, 8.0))
        kind = float(rng.random())
        mwh = hours * float(rng.uniform(0.5, 2.5))
        burnt = {name: factor * mwh for name, factor in PER_MWH.items()} if rng.random() < 0.9 else {}
        connected = kind > 0.85 and berth["locode"] == "USLAX"
        rows.append(
            {
                "stay_id": f"s{i}", "imo": ship["imo"], "name": ship["name"], "ship_class": ship["ship_class"],
                "locode": berth["locode"], "terminal": berth["terminal"],
                "place": "anchorage" if kind < 0.1 else "berth",
                "berth_id": None if kind < 0.2 else berth["berth_id"], "start_utc": start,
                "end_utc": start + timedelta(hours=hours), "hours": hours, **dict.fromkeys(PER_MWH), **burnt,
                "connected_mwh": 0.5 * mwh if connected else None, "source": "invented",
            }
        )  # fmt: skip
    return check(pl.DataFrame(rows, infer_schema_length=None), "stays")


def energy(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the energy of pairs, as `missing_facts` takes it."""
    return (
        rows.filter(pl.col("berth_id").is_not_null(), pl.col("aux_mwh").is_not_null())
        .group_by(ship_id(), "berth_id", maintain_order=True)
        .agg(energy_mwh=pl.col("aux_mwh").sum(), stay_h=pl.col("hours").mean())
    )


def network(
    inlets: pl.DataFrame, outlets: pl.DataFrame, rows: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return upgrades, links and needs of what the made-up stays could save."""
    pairs = energy(rows)
    judged = match(inlets, outlets, on=DAY, pairs=pairs.select("ship_id", "berth_id", "stay_h"))
    found = needs(judged, outlets, unknown_is="true")
    links = (
        pairs.with_columns(link_id(), co2e_t=pl.col("energy_mwh") * 0.3)
        .join(outlets.select("berth_id", "locode").unique(), on="berth_id")
        .join(found.left_out, on="link_id", how="anti")
    )
    return found.upgrades, check(links, "upgrade_links"), found.needs
