"""Synthetic AIS for benchmarks and oracle tests: ships go to and fro between real ports on made-up tracks.

Nothing here is an observation. Tracks are smoother than real ones and cross land. What matters is there: berths inside
terminals inside ports, anchorages, a river, drifting at sea, an emission control area, holes of minutes to days,
draughts that change in port or are not known, speeds that are not transmitted, the date line, midnight.

Every value lies on the grid of AIS itself (1e-5 deg, 0.1 kn, 0.1 m), and no position on an edge of an area, so that all
engines see the same numbers.

    python bench/generate.py 20e6 out/bench
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba as nb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sisterport.ais.fixed import FIXES
from sisterport.reference import load, ports

LOCODES = (
    "CNSGH", "CNNBO", "CNXAM", "KRPUS", "JPTYO", "MYTPP", "LKCMB", "AEJEA", "AUSYD", "NLAMS",
    "BEANR", "DEHAM", "SEGOT", "ITGOA", "FRLEH", "USNYC", "USHOU", "USLGB", "USHNL", "CAVIC",
)  # fmt: skip
RIVERS = ("DEHAM", "BEANR")
# Boxes round a port's cell, in cells of 0.01 deg: south, west, north, east.
BOXES = {
    "port": [(-12, -12, 12, 12)],
    "terminal": [(-3, -3, 3, 3)],
    "anchorage": [(-12, -11, -6, -5)],
    "berth": [(-2, -2, -1, 0), (-2, 1, -1, 3), (1, -2, 2, 0)],
}
RIVER_BOX = (-40, -1, -12, 1)
CONTROL_AREAS = ((25, -80, 48, -60), (25, -135, 52, -115), (49, -5, 60, 20))
"""Emission control areas as boxes on whole degrees: south, west, north, east."""

CLASSES = {  # share, service speed [kn], kW per size^0.6, draught at the largest size [m], slow-speed engine
    "container": (0.30, (17.0, 23.0), 160.0, 15.0, True),
    "bulk_carrier": (0.25, (13.0, 15.5), 14.0, 18.0, True),
    "oil_tanker": (0.14, (13.5, 16.0), 16.0, 20.0, True),
    "chemical_tanker": (0.08, (13.0, 15.5), 17.0, 13.0, True),
    "general_cargo": (0.10, (11.0, 15.0), 22.0, 10.0, False),
    "ro_ro": (0.07, (16.0, 20.0), 60.0, 8.0, False),
    "cruise": (0.06, (18.0, 22.0), 50.0, 8.5, False),
}
START_S = 1_672_531_200  # 2023-01-01
ROWS_PER_SHIP = 20_000
BATCH_ROWS = 2_000_000
BUCKET_ROWS = 10_000_000

CRUISE, APPROACH, ANCHOR, SHIFT, BERTH, DEPART, DRIFT = range(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Ships to simulate: the frame of particulars, rows per ship and the seed."""

    ships: pl.DataFrame
    rows_per_ship: int
    seed: int

    @property
    def rows(self) -> int:
        """Number of positions."""
        return self.ships.height * self.rows_per_ship


def harbours() -> pl.DataFrame:
    """Return the ports of the simulation with the middle of their boxes: lat_e2, lon_e2 [0.01 deg]."""
    table = ports().filter(pl.col("locode").is_in(LOCODES)).unique("locode", keep="first").sort("locode")
    return table.select(
        "locode", *((pl.col(f"{x}_deg") * 100).round().cast(pl.Int64).alias(f"{x}_e2") for x in ("lat", "lon"))
    )


def boxes() -> list[dict[str, Any]]:
    """Return all areas as boxes: area_id, kind, locode, parent, and bounds in cells of 0.01 deg."""
    rows = []
    for locode, lat, lon in harbours().iter_rows():
        kinds = BOXES | ({"river": [RIVER_BOX]} if locode in RIVERS else {})
        for kind, shapes in kinds.items():
            for number, (south, west, north, east) in enumerate(shapes):
                row = {"area_id": f"{locode}-{kind}-{number}", "kind": kind, "locode": locode}
                row["parent"] = f"{locode}-terminal-0" if kind == "berth" else None
                rows.append(row | {"bounds": (lat + south, lon + west, lat + north, lon + east)})
    return rows


def area_collection() -> dict[str, Any]:
    """Return the areas as GeoJSON."""
    features = []
    for row in boxes():
        names = {key: row[key] for key in ("area_id", "kind", "locode", "parent")}
        names |= {"name": row["area_id"], "source": "synthetic", "status": "hand_drawn"}
        bounds = [x / 100 for x in row["bounds"]]
        features.append({"type": "Feature", "properties": names, "geometry": _ring(*bounds)})
    return {"type": "FeatureCollection", "features": features}


def control_area_collection() -> dict[str, Any]:
    """Return one emission control area of three boxes as GeoJSON."""
    names: dict[str, Any] = {
        "zone_id": "north_america",
        "valid_from": "2015-01-01",
        "nox_tier3_from": "2016-01-01",
        "valid_to": None,
    }
    names |= {
        "valid_from": "2012-01-01",
        "name": "synthetic control area",
        "status": "hand_drawn",
        "source": "synthetic",
    }
    names |= {"part": "boxes", "sulphur_limits": [{"from": "2015-01-01", "sulphur_pct_max": 0.1}]}
    features = [{"type": "Feature", "properties": names, "geometry": _ring(*box)} for box in CONTROL_AREAS]
    return {"type": "FeatureCollection", "features": features}


def _ring(south: float, west: float, north: float, east: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def fleet(rows: int, *, rows_per_ship: int = ROWS_PER_SHIP, seed: int = 7) -> Fleet:
    """Return a fleet with about `rows` positions, all particulars known (``tables/ships.csv``)."""
    n = max(1, round(rows / rows_per_ship))
    rng = np.random.default_rng(seed)
    classes = rng.choice(list(CLASSES), n, p=[c[0] for c in CLASSES.values()])
    build = rng.integers(1995, 2023, n)
    rows_ = [_ship(str(c), int(y), rng) for c, y in zip(classes, build, strict=True)]
    mmsi = np.sort(rng.choice(np.arange(205_000_000, 775_000_000, 1013), n, replace=False))
    ships = pl.DataFrame(rows_, infer_schema_length=None).with_columns(mmsi=pl.Series(mmsi, dtype=pl.Int64))
    return Fleet(ships=ships, rows_per_ship=rows_per_ship, seed=seed)


def _ship(ship_class: str, build: int, rng: np.random.Generator) -> dict[str, Any]:
    """Return one made-up ship of a class; sizes are log-uniform over the bins of the auxiliary table."""
    _, speeds, power, draught, slow = CLASSES[ship_class]
    bins = load("aux_boiler_power_ghg4").filter(ship_class=ship_class).unique("size_bin").sort("size_bin")
    low = max(float(bins["size_min"][0]), 0.02 * float(bins["size_min"][-1]), 100.0)
    size = float(low * (1.5 * float(bins["size_min"][-1]) / low) ** rng.random())
    size_bin = int(bins.filter(pl.col("size_min") <= size)["size_bin"][-1])
    share = (size / (1.5 * float(bins["size_min"][-1]))) ** 0.3
    scrubber = bool(rng.random() < 0.15)
    fuel = "residual" if scrubber else str(rng.choice(["vlsfo", "distillate"], p=[0.8, 0.2]))
    known = "synthetic"
    return {
        "group": "ocean_going", "ship_class": ship_class, "ship_class_source": known,
        "size": size, "size_unit": bins["size_unit"][0], "size_source": known, "size_bin": size_bin,
        "teu": size if ship_class == "container" else None,
        "draught_ref_m": round(max(4.0, draught * share), 1), "draught_ref_m_source": known,
        "build_year": build, "keel_year": build - 1, "keel_year_source": known,
        "power_kw": round(max(800.0, power * size**0.6)), "power_kw_source": known,
        "v_ref_kn": round(float(rng.uniform(*speeds)) / 0.94, 2), "v_ref_kn_source": known,
        "engine_type": "SSD" if slow else "MSD", "engine_type_source": known,
        "nox_tier": sum(build - 1 >= year for year in (2000, 2011, 2016)),
        "fuel": fuel, "fuel_source": known, "scrubber": scrubber,
    }  # fmt: skip


def batches(of: Fleet, *, batch_rows: int = BATCH_ROWS) -> Iterator[pl.DataFrame]:
    """Yield frames of fixes, whole ships only, sorted by (mmsi, t_s)."""
    places = harbours().select("lat_e2", "lon_e2").to_numpy().astype(np.float64) / 100
    river = harbours()["locode"].is_in(RIVERS).to_numpy()
    chances = _next_port(places)
    speed = of.ships["v_ref_kn"].to_numpy()
    draught = of.ships["draught_ref_m"].to_numpy()
    mmsi = of.ships["mmsi"].to_numpy()
    per = of.rows_per_ship
    step = max(1, batch_rows // per)
    for first in range(0, mmsi.size, step):
        ships = slice(first, min(first + step, mmsi.size))
        n = ships.stop - ships.start
        out = (np.empty(n * per, np.int64), *(np.empty(n * per, np.int32) for _ in range(2)))
        out += tuple(np.empty(n * per, np.int16) for _ in range(2))
        _sail(of.seed + first, per, places, river, chances, speed[ships], draught[ships], *out)
        columns = (np.repeat(mmsi[ships], per).astype(np.int32), *out)
        frame = pl.DataFrame(dict(zip(FIXES, columns, strict=True)), schema=FIXES)
        unknown = [pl.when(pl.col(c) >= 0).then(pl.col(c)).alias(c) for c in ("sog_dkn", "draught_dm")]
        yield frame.with_columns(unknown)


def _next_port(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return cumulated chances of the next port: near ports are called at more often."""
    lat, lon = places.T
    turn = (lon[:, None] - lon + 180.0) % 360.0 - 180.0
    d = np.hypot(lat[:, None] - lat, turn * np.cos(np.radians(0.5 * (lat[:, None] + lat))))
    weight = 1.0 / (d + np.where(d == 0.0, np.inf, 1.0)) ** 1.5
    return np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)


@nb.njit(cache=True)
def _sail(  # noqa: C901, PLR0912, PLR0915 - one state machine
    seed: int, per: int, places: Any, river: Any, chances: Any, v_ref: Any, draught_ref: Any,
    t: Any, lat: Any, lon: Any, sog: Any, draught: Any,
) -> None:  # fmt: skip
    """Simulate ships one after another; unknown speeds and draughts are negative."""
    for ship in range(v_ref.size):
        np.random.seed(seed + ship)
        port = np.random.randint(places.shape[0])
        phase, left = BERTH, 3600.0 * (1.0 + 30.0 * np.random.random())
        y, x = places[port, 0] - 0.012, places[port, 1] + 0.018 * (np.random.random() - 0.5)
        to_y, to_x = y, x
        now = START_S + np.random.randint(86_400)
        load = np.int16(10 * draught_ref[ship] * (0.5 + 0.5 * np.random.random()))
        known = np.random.random() > 0.1
        never = np.random.random() < 0.02
        v, speed = 0.0, 0.0
        drift_at = -1.0
        for i in range(ship * per, (ship + 1) * per):
            chance = np.random.random()
            if phase == CRUISE:
                dt = 55 + np.random.randint(20)
                if chance < 4e-4:
                    dt = int(600 * 36.0 ** np.random.random())  # ten minutes to six hours
                elif chance < 4.3e-4:
                    dt = int(21_600 * 10.0 ** np.random.random())  # to two and a half days
            elif phase in (APPROACH, SHIFT, DEPART):
                dt = 8 + np.random.randint(8)
            else:
                dt = 170 + np.random.randint(30)
                if chance < 4e-4:
                    dt = int(3600 * 12.0 ** np.random.random())
                if chance < 1e-4:  # shifted while nobody saw it
                    y += 0.02 * np.random.randn()
            now += dt
            left -= dt
            arrived = False
            if phase in (CRUISE, APPROACH, SHIFT, DEPART):
                v = max(0.0, v + 0.1 * (speed - v) + 0.12 * np.random.randn())
                step = v * dt / 3600.0 / 60.0
                if dt > 3600 and chance > 4.2e-4:  # went away and came back
                    step = 0.0
                dy = to_y - y
                dx = ((to_x - x + 180.0) % 360.0 - 180.0) * np.cos(y * np.pi / 180.0)
                d = np.sqrt(dy * dy + dx * dx)
                if step >= d:
                    y, x, arrived = to_y, to_x, True
                else:
                    y += dy / d * step
                    x += dx / d * step / np.cos(y * np.pi / 180.0)
                    x = (x + 180.0) % 360.0 - 180.0
                shown = v + 0.1 * np.random.randn()
                if phase == CRUISE and d < drift_at:
                    phase, left, drift_at = DRIFT, 3600.0 * (1.0 + 12.0 * np.random.random()), -1.0
            elif phase == DRIFT:
                shown = abs(0.5 * np.random.randn())
                y += 1e-5 * dt / 60.0 * np.random.randn()
                if left < 0.0:
                    phase = CRUISE
            else:
                shown = abs((0.15 if phase == ANCHOR else 0.04) * np.random.randn())
            if arrived and phase == CRUISE:
                phase, speed = APPROACH, 3.0 + 6.0 * np.random.random()
                anchors = np.random.random() < 0.4
                to_y = places[port, 0] + (-0.09 if anchors else -0.015) + 0.02 * (np.random.random() - 0.5)
                to_x = places[port, 1] + (-0.08 if anchors else 0.0) + 0.04 * (np.random.random() - 0.5)
            elif arrived and phase == APPROACH and to_y < places[port, 0] - 0.05:
                phase, left, v = ANCHOR, 3600.0 * (3.0 + 20.0 * np.random.random()), 0.0
            elif arrived and phase in (APPROACH, SHIFT):
                phase, left, v = BERTH, 3600.0 * (8.0 + 40.0 * np.random.random()), 0.0
            elif phase == ANCHOR and left < 0.0:
                phase, speed = SHIFT, 4.0 + 3.0 * np.random.random()
                to_y = places[port, 0] - 0.015 + 0.02 * (np.random.random() - 0.5)
                to_x = places[port, 1] + 0.04 * (np.random.random() - 0.5)
            elif phase == BERTH and left < 0.0:
                phase, speed = DEPART, 5.0 + 4.0 * np.random.random()
                to_y, to_x = places[port, 0] - (0.44 if river[port] else 0.24), places[port, 1]
                load = np.int16(10 * draught_ref[ship] * (0.5 + 0.55 * np.random.random()))
                known = True
            elif arrived and phase == DEPART:
                port = np.searchsorted(chances[port], np.random.random())
                port = min(port, places.shape[0] - 1)
                phase, speed = CRUISE, v_ref[ship] * (0.55 + 0.4 * np.random.random())
                to_y, to_x = places[port, 0] - (0.44 if river[port] else 0.24), places[port, 1]
                drift_at = 3.0 * np.random.random() if np.random.random() < 0.15 else -1.0
            fix_y = int(np.rint(1e5 * y + 2.0 * np.random.randn()))
            fix_x = int(np.rint(1e5 * x + 2.0 * np.random.randn()))
            t[i] = now
            lat[i] = fix_y + (fix_y % 1000 == 0)  # never on an edge of a cell
            lon[i] = fix_x + (fix_x % 1000 == 0)
            sog[i] = -1 if np.random.random() < 1e-3 else int(np.rint(10.0 * max(0.0, shown)))
            draught[i] = load if known and not never else -1


def natural(fixes: pl.DataFrame) -> pl.DataFrame:
    """Return fixes in the units that people have them in (``tables/positions.csv``)."""
    return fixes.select(
        "mmsi",
        time_utc=(pl.col("t_s") * 1000).cast(pl.Datetime("ms", "UTC")),
        lat_deg=pl.col("lat_e5") / 1e5,
        lon_deg=pl.col("lon_e5") / 1e5,
        sog_kn=pl.col("sog_dkn") / 10.0,
        draught_m=pl.col("draught_dm") / 10.0,
    )


def spoiled(positions: pl.DataFrame, *, share: float = 2e-4, seed: int = 1) -> pl.DataFrame:
    """Return positions with sentinels of AIS strewn in: 91 N 181 E, 102.3 kn."""
    rng = np.random.default_rng(seed)
    place, speed = (pl.Series(rng.random(positions.height) < share) for _ in range(2))
    return positions.with_columns(
        lat_deg=pl.when(place).then(91.0).otherwise("lat_deg"),
        lon_deg=pl.when(place).then(181.0).otherwise("lon_deg"),
        sog_kn=pl.when(speed).then(102.3).otherwise("sog_kn"),
    )


def write(
    rows: int, folder: Path, *, rows_per_ship: int = ROWS_PER_SHIP, seed: int = 7, bad_fixes: bool = False
) -> Fleet:
    """Write ``positions.parquet`` (float64, zstd), ``store`` and ``ships.parquet``, with bounded memory."""
    from sisterport.ais.store import write_store

    of = fleet(rows, rows_per_ship=rows_per_ship, seed=seed)
    folder.mkdir(parents=True, exist_ok=True)
    of.ships.write_parquet(folder / "ships.parquet")
    schema = natural(pl.DataFrame(schema=FIXES)).to_arrow().schema
    with pq.ParquetWriter(
        folder / "positions.parquet", schema, compression="zstd", compression_level=3, use_dictionary=["mmsi"]
    ) as usual:

        def both() -> Iterator[pl.DataFrame]:
            for fixes in batches(of):
                positions = natural(fixes)
                table: pa.Table = (spoiled(positions) if bad_fixes else positions).to_arrow()
                usual.write_table(table.cast(schema), row_group_size=1_000_000)
                yield positions

        write_store(both(), folder / "store", buckets=max(1, of.rows // BUCKET_ROWS), sources=["synthetic"])
    return of


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write synthetic AIS.")
    parser.add_argument("rows", type=float)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows-per-ship", type=int, default=ROWS_PER_SHIP)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--bad-fixes", action="store_true", help="strew sentinels into the float64 file")
    given = parser.parse_args()
    start = time.perf_counter()
    made = write(
        int(given.rows), given.folder, rows_per_ship=given.rows_per_ship, seed=given.seed, bad_fixes=given.bad_fixes
    )
    print(f"{made.rows:,} synthetic positions of {made.ships.height:,} ships in {time.perf_counter() - start:.1f} s")
