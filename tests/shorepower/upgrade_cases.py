"""Small random networks, and their best plan by looking at every one in plain Python: no code of the package."""

from itertools import product
from typing import Any

import numpy as np
import polars as pl


def network(
    seed: int, *, alternatives: bool = True, hours: bool = True, plants: bool = False, dirty: bool = True
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Draw at most 12 upgrades: inlets of ships, outlets, converters and kits of berths, one agreement."""
    rng = np.random.default_rng(seed)
    ships, berths = int(rng.integers(2, 5)), int(rng.integers(1, 4))
    rows: list[dict[str, Any]] = [{"upgrade_id": f"inlet{s}", "side": "ship", "owner": f"s{s}"} for s in range(ships)]
    for b in range(berths):
        limited = hours and rng.random() < 0.7
        outlet = {"upgrade_id": f"outlet{b}", "side": "berth", "owner": f"b{b}", "locode": f"XX00{b % 2}"}
        if limited:
            outlet |= {"outlet_hours_h": float(rng.integers(20, 60)), "berth_id": f"b{b}"}
            outlet |= {"units_max": int(rng.integers(1, 4)), "units_built": int(rng.integers(0, 2))}
        rows.append(outlet)
        if rng.random() < 0.6:
            rows.append({"upgrade_id": f"converter{b}", "side": "berth", "owner": f"b{b}", "locode": f"XX00{b % 2}"})
    if alternatives:
        rows.append({"upgrade_id": "agreement", "side": "agreement", "owner": "coalition"})
    if plants:
        rows.append({"upgrade_id": "plant", "side": "berth", "owner": "p", "plant_id": "p", "plant_mva": 4.0})
        rows[-1] |= {"units_max": 2, "units_built": int(rng.integers(0, 2))}
    for row in rows:
        row |= {"fix": "new_outlet", "cost_musd": round(float(rng.uniform(0.2, 4.0)), 2)}
    rng.shuffle(rows)
    names = {row["upgrade_id"] for row in rows}
    links, needs = [], []
    for s, b in product(range(ships), range(berths)):
        if rng.random() < 0.25 and links:
            continue
        link = f"s{s}@b{b}"
        gain = float(rng.integers(-5 if dirty else 1, 60))
        links.append({
            "link_id": link, "ship_id": f"s{s}", "berth_id": f"b{b}", "locode": f"XX00{b % 2}",
            "energy_mwh": abs(gain) * 2, "hours_h": float(rng.integers(5, 40)), "calls": float(rng.integers(1, 20)),
            "co2e_t": gain, "nox_t": abs(gain) / 50, "peak_mva": float(rng.integers(1, 6)), "simultaneity": 0.5,
            "plant_id": "p" if plants else None,
        })  # fmt: skip
        needs += [(link, 2, f"inlet{s}"), (link, 3, f"outlet{b}")]
        if f"converter{b}" in names and rng.random() < 0.7:
            needs.append((link, 5, f"converter{b}"))
            if alternatives and rng.random() < 0.7:
                needs.append((link, 5, "agreement"))
        if alternatives and rng.random() < 0.3:
            needs += [(link, 9, f"inlet{(s + 1) % ships}"), (link, 9, "agreement")]
    schema = {"locode": pl.String, "outlet_hours_h": pl.Float64, "berth_id": pl.String, "units_max": pl.Int64}
    schema |= {"units_built": pl.Int64, "plant_id": pl.String, "plant_mva": pl.Float64}
    return (
        pl.DataFrame(
            rows, infer_schema_length=None, schema_overrides={k: v for k, v in schema.items() if k in _keys(rows)}
        ),
        pl.DataFrame(links, schema_overrides={"plant_id": pl.String}),
        pl.DataFrame(needs, schema=["link_id", "need", "upgrade_id"], orient="row"),
    )


def _keys(rows: list[dict[str, Any]]) -> set[str]:
    return {key for row in rows for key in row}


def plans(upgrades: pl.DataFrame, budget: float) -> Any:
    """Yield every plan (new units per upgrade) within the budget."""
    rows = [{"units_max": None, "units_built": None, **row} for row in upgrades.to_dicts()]
    cents = [round(row["cost_musd"] * 100) for row in rows]
    for units in product(*(range((row["units_max"] or 1) + 1) for row in rows)):
        if sum(n * c for n, c in zip(units, cents, strict=True)) <= round(budget * 100):
            yield {row["upgrade_id"]: n for row, n in zip(rows, units, strict=True)}


def gain(upgrades: pl.DataFrame, links: pl.DataFrame, needs: pl.DataFrame, units: dict[str, int]) -> float:
    """Gain of a plan: links with all needs met, best gain per hour first at berths with limited hours."""
    rows = {
        row["upgrade_id"]: {"outlet_hours_h": None, "berth_id": None, "units_built": None, **row}
        for row in upgrades.to_dicts()
    }
    have = {u: (row["units_built"] or 0) + units.get(u, 0) for u, row in rows.items()}
    options: dict[str, dict[int, list[str]]] = {}
    for link, need, u in needs.iter_rows():
        options.setdefault(link, {}).setdefault(need, []).append(u)
    room: dict[str, float] = {}
    for u, row in rows.items():
        if row["outlet_hours_h"] is not None:
            room[row["berth_id"]] = room.get(row["berth_id"], 0.0) + row["outlet_hours_h"] * have[u]
    total = 0.0
    for link in sorted(links.to_dicts(), key=lambda e: -e["co2e_t"] / e["hours_h"]):
        of_link = options.get(link["link_id"], {})
        if link["co2e_t"] <= 0 or not all(any(have[u] for u in of) for of in of_link.values()):
            continue
        share = 1.0
        if link["berth_id"] in room:
            share = min(1.0, room[link["berth_id"]] / link["hours_h"])
            room[link["berth_id"]] -= share * link["hours_h"]
        total += share * link["co2e_t"]
    return total
