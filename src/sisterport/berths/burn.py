"""What a ship burns per hour at each speed and at anchor: the inventory's own power model, asked hour by hour.

One made-up hour at each speed goes through `sisterport.inventory.emissions`; so main engine, auxiliary engines and
boilers count here exactly as they do in an inventory, with the same factors and the same gaps.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.engines import BC_EXPONENTS, STATISTICS, load_coefficients, load_factor, load_functions, load_law
from sisterport.engines.factors import law_factor
from sisterport.errors import InputError
from sisterport.inventory import emissions
from sisterport.reference import value
from sisterport.tables import check
from sisterport.units import PER_CENT

SPEEDS = 33
"""Speeds of each ship, from the slowest to her reference speed: interpolation errs by less than 0.1 %, and by 1 % where
the load meets its cap."""
SLOWEST = 0.3
"""Slowest speed of the curve over reference speed; advice never goes near it."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """Fuel per hour of some ships.

    Parameters
    ----------
    speed_kn
        Ships x speeds [kn], rising.
    main, other
        Fuel of the main engine, and of auxiliary engines and boilers, at these speeds [t/h].
    anchor
        Fuel at anchor [t/h].
    co2e_per_t
        CO2 equivalent of a tonne burnt at service speed [t/t], tank to wake.
    """

    speed_kn: Floats
    main: Floats
    other: Floats
    anchor: Floats
    co2e_per_t: Floats

    def at(self, speed_kn: Floats) -> tuple[Floats, Floats]:
        """Return fuel per hour of main engine and rest [t/h] at one speed per ship, or at many (last axis)."""
        v = np.asarray(speed_kn, dtype=float)
        low, high = self.speed_kn[:, 0], self.speed_kn[:, -1]
        shape = (-1,) + (1,) * (v.ndim - 1)
        place = (v - low.reshape(shape)) / (high - low).reshape(shape) * (self.speed_kn.shape[1] - 1)
        held = np.clip(place, 0.0, self.speed_kn.shape[1] - 1.0)
        i = np.minimum(held.astype(np.int64), self.speed_kn.shape[1] - 2)
        rest = held - i
        ship = np.arange(v.shape[0]).reshape(shape)
        main, other = (curve[ship, i] * (1.0 - rest) + curve[ship, i + 1] * rest for curve in (self.main, self.other))
        return main, other

    def take(self, ships: NDArray[np.int64]) -> "Burn":
        """Return the rates of the ships at these places, in that order."""
        return Burn(
            speed_kn=self.speed_kn[ships],
            main=self.main[ships],
            other=self.other[ships],
            anchor=self.anchor[ships],
            co2e_per_t=self.co2e_per_t[ships],
        )

    def economical_kn(self) -> Floats:
        """Return the speed below which slower steaming burns more per mile than waiting at anchor saves [kn]."""
        net = (self.main + self.other - self.anchor[:, None]) / self.speed_kn
        best: Floats = np.take_along_axis(self.speed_kn, net.argmin(axis=1)[:, None], axis=1)[:, 0]
        return best


def burn_rates(
    ships: Any, *, year: int, method: str = "ghg4", zone_id: str | None = None, gwp: str = "AR5"
) -> pl.DataFrame:
    """Return fuel and emissions per hour of ships at a row of speeds and at anchor.

    Parameters
    ----------
    ships
        Frame of the table ``ships``.
    year
        Year of rules and fuels.
    method, gwp
        As in `sisterport.inventory.emissions`.
    zone_id
        Emission control area of the approach; none: outside.

    Returns
    -------
    DataFrame
        Table ``burn_rates``. Null where the inventory has no estimate.

    Notes
    -----
    A ship under way has her engine on: the load below which the Fourth IMO GHG Study takes it for off is not applied,
    or slow steaming would look free. The draught is the reference draught.

    Examples
    --------
    >>> from sisterport.fleet import particulars
    >>> statics = pl.DataFrame({"mmsi": [1], "ais_type": [70], "identities": 1, "positions": 1})
    >>> ship = particulars(statics, pl.DataFrame({"mmsi": [1], "ship_class": ["container"], "teu": [6000.0]}))
    >>> rates = burn_rates(ship, year=2024)
    >>> rates.height, rates.filter(mode="anchorage")["main_t_per_h"].item()
    (34, 0.0)
    """
    fleet = check(ships, "ships")
    hours = _hours(fleet, method, datetime(year, 1, 1, tzinfo=UTC), zone_id)
    burnt = emissions(hours, fleet, method=method, gwp=gwp)
    main = pl.col("system") == "main"

    def total(column: str, part: pl.Expr) -> pl.Expr:
        here = pl.col(column).filter(part)
        return pl.when(here.null_count() == 0).then(here.sum())

    per_hour = burnt.group_by("segment_id").agg(
        total("fuel_t", main).alias("main_t_per_h"),
        total("fuel_t", ~main).alias("other_t_per_h"),
        total("fuel_t", pl.lit(value=True)).alias("fuel_t_per_h"),
        total("co2e_ttw_t", pl.lit(value=True)).alias("co2e_t_per_h"),
        total("nox_kg", pl.lit(value=True)).alias("nox_kg_per_h"),
    )
    named = hours.select("segment_id", "mmsi", "mode", speed_kn="distance_nm", load_factor="lf_h")
    return check(named.join(per_hour, on="segment_id", how="left", maintain_order="left"), "burn_rates")


def burn(rates: Any, mmsi: Any) -> Burn:
    """Return the rates of the ships `mmsi`, in that order, as arrays.

    Raises
    ------
    InputError
        If a ship has no rates or the inventory has no estimate for her; every such ship is named.
    """
    rows = check(rates, "burn_rates").sort("mmsi", "mode", "speed_kn")
    numbers = [int(number) for number in mmsi]
    known = set(rows["mmsi"])
    unknown = set(rows.filter(pl.col("fuel_t_per_h").is_null())["mmsi"])
    faults = [f"{number}" for number in dict.fromkeys(numbers) if number not in known or number in unknown]
    if faults:
        raise InputError(f"no estimate of the fuel of {len(faults)} ships (class, size, power or speed): MMSI "
                         + ", ".join(faults))  # fmt: skip
    cruise = rows.filter(mode="cruise").partition_by("mmsi", as_dict=True)
    anchor = dict(rows.filter(mode="anchorage").select("mmsi", "fuel_t_per_h").iter_rows())
    parts = [cruise[number,] for number in numbers]
    return Burn(
        speed_kn=_stack(parts, "speed_kn"),
        main=_stack(parts, "main_t_per_h"),
        other=_stack(parts, "other_t_per_h"),
        anchor=np.array([anchor[number] for number in numbers]),
        co2e_per_t=np.array([part["co2e_t_per_h"][-1] / part["fuel_t_per_h"][-1] for part in parts]),
    )


def _stack(parts: list[pl.DataFrame], column: str) -> Floats:
    return np.array([part[column].to_numpy() for part in parts], dtype=float).reshape(len(parts), -1)


def _hours(ships: pl.DataFrame, method: str, begin: datetime, zone_id: str | None) -> pl.DataFrame:
    """Return one segment of an hour for each ship and speed, and one at anchor."""
    law = load_law("ghg4" if method == "ghg4" else "epa_propeller")
    factor = law_factor(ships, law.cubic)
    coefficients = load_coefficients()
    sulphur = value("global_sulphur" if zone_id is None else "eca_sulphur") / PER_CENT
    rows = []
    for ship, times in zip(ships.iter_rows(named=True), factor, strict=True):
        of_bc = BC_EXPONENTS["SSD" if ship["engine_type"] == "SSD" else "MSD"]
        bc = [value(name) for name in of_bc]
        reference = ship["v_ref_kn"] or 1.0  # unknown: the inventory leaves the main engine null
        for ratio in [0.0, *np.linspace(SLOWEST, 1.0, SPEEDS)]:
            sums = np.zeros(len(STATISTICS))
            load = load_factor(float(ratio), times, law.lf_min, law.lf_max, 0.0)
            load_functions(load, 1.0, True, sulphur, bc[0], bc[1], coefficients, sums)
            moving = ratio > 0.0
            rows.append((ship["mmsi"], "cruise" if moving else "anchorage", float(ratio) * reference, *sums))
    frame = pl.DataFrame(rows, schema=["mmsi", "mode", "distance_nm", *STATISTICS], orient="row")
    fixed = {
        "start_utc": begin,
        "end_utc": begin + timedelta(hours=1),
        "date": begin.date(),
        "mode_basis": "coast",
        "zone_id": zone_id,
        "in_domain": True,
        "quality": "seen",
        "hours": 1.0,
        "positions": 0,
        "gap_max_h": 0.0,
        "hours_derived": 0.0,
        "hours_no_draught": 1.0,
        "lat_deg": 0.0,
        "lon_deg": 0.0,
    }
    constant = [pl.lit(part).alias(name) for name, part in fixed.items()]
    return check(frame.with_row_index("segment_id").with_columns(constant), "segments")
