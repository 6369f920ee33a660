"""Berth plans by files: several friendly ports, with the speeds between them."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from sisterport.berths.burn import burn_rates
from sisterport.berths.rotation import Rotation, plan_rotation
from sisterport.errors import InputError
from sisterport.project.berths_read import made_up, read_ships
from sisterport.project.steps import step
from sisterport.project.together import together
from sisterport.site.berths_choices import rotation_page
from sisterport.tables import check, read_file

STEP = "rotation"
"""Name of manifest and page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """A plan of several ports, and what was written of it."""

    plan: Rotation
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def rotate_files(
    folder: Path,
    *,
    calls: Path,
    berths: Path,
    ships: Path,
    time: float = 1.0,
    fuel: float = 1.0,
    slowest_share: float | None = None,
    time_limit_s: float = 5.0,
    step_min: float = 15.0,
    seed: int = 0,
) -> Rotated:
    """Plan berths and speeds of several ports from files, and write them.

    Parameters
    ----------
    folder
        Where to write.
    calls, berths, ships
        Table ``rotation_calls``; table ``berths`` with the column ``locode``; a register, or the folder of a run.
    time, fuel, slowest_share, time_limit_s, step_min, seed
        As in `sisterport.berths.rotation.plan_rotation`.

    Raises
    ------
    SisterportError
        Every fault of the files at once; if a port has no plan.
    """
    read = together(calls=lambda: read_file(calls), berths=lambda: read_file(berths), ships=lambda: read_ships(ships))
    rows = check(read["calls"], "rotation_calls")
    coming = read["ships"].filter(pl.col("mmsi").is_in(rows["mmsi"].to_list()))
    years = rows["eta_utc"].drop_nulls().dt.year().sort()
    if years.is_empty():
        raise InputError(f"{calls}: no ship has an eta_utc at her first port")
    rates = burn_rates(coming, year=years[0])
    made = plan_rotation(
        rows,
        read["berths"],
        rates,
        time=time,
        fuel=fuel,
        slowest_share=slowest_share,
        time_limit_s=time_limit_s,
        step_min=step_min,
        seed=seed,
    )
    found = Rotated(plan=made, notes=made_up(read["calls"], "calls"))
    with step(folder, STEP) as to:
        to.write(rotation_stays=made.stays, rotation_legs=made.legs)
        rotation_page(
            to.place / f"{STEP}.html", plan=made, title="Berths and speeds of several ports", notes=found.notes
        )
        options = {"time": time, "fuel": fuel, "slowest_share": slowest_share, "time_limit_s": time_limit_s}
        options |= {"step_min": step_min, "seed": seed, "value": made.value, "bound": made.bound}
        to.close(given=[calls, berths, ships], read=(), options=options)
    found.files.extend(to.files)
    return found
