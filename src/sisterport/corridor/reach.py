"""How far each new fuel gets: the share of legs and voyages that a tank of it can serve.

The method of the ICCT's study of hydrogen between China and the United States (working paper 2020-05): a leg can be
served if the energy that it needs fits into the ship's fuel tanks, a voyage if all its legs can. Three ways: the tanks
of today, some of the cargo space beside them, one more call to bunker.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict, TypeVar, Unpack

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.corridor.reach_legs import legs_of_services
from sisterport.corridor.scenario import Scenario
from sisterport.corridor.vessels import efficiency, pilot_share
from sisterport.errors import MethodError, ReferenceDataError, choose
from sisterport.fuels import properties
from sisterport.fuels.names import fuel_row
from sisterport.reference import value
from sisterport.tables import check
from sisterport.units import HOURS_PER_DAY, PER_CENT
from sisterport.voyages import sea_distances

FUELS = ("lng", "methanol", "ammonia", "liquid_hydrogen", "compressed_hydrogen")
"""New fuels with a known density, the densest in energy first."""
WAYS = ("tanks_today", "cargo_space", "extra_call", "either")
"""How a leg is served: by the tanks of today, with cargo space beside them, with one more bunker call, by either."""

T = TypeVar("T")


class Options(TypedDict, total=False):
    """Options of `reach` and `served`; None or nothing is the scenario's own value.

    Attributes
    ----------
    legs : frame
        Of the table ``reach_legs``; without it the scenario's services.
    fuels : sequence of str
        Codes of fuels; without it `FUELS`.
    cargo_pct : float
        Cargo space given to tanks [%].
    extra_calls : sequence of str
        Ports of which one may be called at to bunker, at the best place of a voyage.
    reserve : float
        Share of the tanks that is not counted on [-].
    boiloff : str
        ``kept`` (reliquefied or burnt) or ``lost`` on the way.
    """

    legs: Any
    fuels: Sequence[str] | None
    cargo_pct: float | None
    extra_calls: Sequence[str] | None
    reserve: float | None
    boiloff: str | None


def _or(given: T | None, otherwise: T) -> T:
    return otherwise if given is None else given


def reach(scenario: Scenario, **options: Unpack[Options]) -> pl.DataFrame:
    """Return the share of legs and voyages that each fuel can serve.

    Parameters
    ----------
    scenario
        From `read_scenario`; what is not given is taken from it.
    options
        See `Options`.

    Returns
    -------
    polars.DataFrame
        One row per fuel and way (`WAYS`): ``legs_share``, ``voyages_share`` (of those sailed in a year),
        ``energy_share`` (of the energy of all legs), ``legs``, ``voyages`` (different ones), ``legs_unknown`` (without
        energy or tank: counted as not served), ``cargo_pct``, ``longest_leg_nm`` that is served.

    Raises
    ------
    InputError, MethodError
        An unknown fuel or choice, or a share out of range.
    ReferenceDataError
        A fuel without a density, or an unknown port.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> found = reach(example("shanghai-los-angeles"))
    >>> found.filter(way="tanks_today").select("fuel", pl.col("legs_share").round(2)).rows()[:2]
    [('lng', 1.0), ('methanol', 1.0)]
    """
    detail = served(scenario, **options)
    weight = pl.col("trips_per_year")
    energy = weight * pl.col("energy_gj").fill_null(0.0)
    of_legs = detail.group_by("fuel", "way", maintain_order=True).agg(
        legs_share=weight.filter(pl.col("served")).sum() / weight.sum(),
        energy_share=energy.filter(pl.col("served")).sum() / energy.sum(),
        legs=pl.len().cast(pl.Int64),
        legs_unknown=pl.col("unknown").sum().cast(pl.Int64),
        longest_leg_nm=pl.col("distance_nm").filter(pl.col("served")).max(),
        cargo_pct=pl.col("cargo_pct").first(),
    )
    # of one more call: one in a voyage, so at most one leg of it may need one
    voyage = (
        detail.drop_nulls("voyage")
        .group_by("fuel", "way", "ship", "voyage", maintain_order=True)
        .agg(
            weight.min(),
            served=pl.col("served").all() & (pl.col("extra").sum() <= 1),
        )
    )
    of_voyages = voyage.group_by("fuel", "way", maintain_order=True).agg(
        voyages_share=weight.filter(pl.col("served")).sum() / weight.sum(), voyages=pl.len().cast(pl.Int64)
    )
    return of_legs.join(of_voyages, on=["fuel", "way"], how="left", maintain_order="left").select(
        "fuel", "way", "legs_share", "voyages_share", "energy_share", "legs", "voyages", "legs_unknown",
        "longest_leg_nm", "cargo_pct",
    )  # fmt: skip


def served(scenario: Scenario, **options: Unpack[Options]) -> pl.DataFrame:
    """Return for each leg, fuel and way whether it is served, and what it needs; parameters as in `reach`.

    Returns
    -------
    polars.DataFrame
        The legs and ``fuel``, ``way``, ``served``, ``need_m3`` (volume of fuel, with what is not counted on),
        ``room_m3``, ``extra_call`` (port of the one more call), ``extra`` (the leg is served through it alone),
        ``unknown``, ``cargo_pct``.
    """
    given = options.get("legs")
    rows = legs_of_services(scenario) if given is None else check(given, "reach_legs")
    share = PER_CENT * _or(options.get("cargo_pct"), scenario.cargo_pct)
    stops = tuple(_or(options.get("extra_calls"), scenario.extra_calls))
    left = 1.0 - _or(options.get("reserve"), scenario.ships.tank_reserve)
    if not (0.0 < left <= 1.0 and 0.0 <= share <= 1.0):
        raise MethodError("the reserve must be from 0 to below 1, the cargo space from 0 to 100 %")
    lost = choose("boil-off", _or(options.get("boiloff"), scenario.ships.boiloff), ("kept", "lost")) == "lost"
    tank = rows["tank_m3"].to_numpy()
    more = tank + share * rows["teu"].to_numpy() * value("teu_volume_m3")
    longest, ports = _split(rows, stops, scenario.closed)
    parts = []
    for fuel in _or(options.get("fuels"), FUELS):
        need = _need_m3(rows, fuel, lost=lost) / left
        halved = need * longest
        fits = {"tanks_today": need <= tank, "cargo_space": need <= more}
        fits["extra_call"] = fits["tanks_today"] | (halved <= tank)
        fits["either"] = fits["cargo_space"] | fits["extra_call"]
        for way in WAYS:
            extra = (
                fits[way]
                & ~fits["cargo_space" if way == "either" else "tanks_today"]
                & (way in {"extra_call", "either"})
            )
            parts.append(
                rows.with_columns(
                    pl.lit(fuel).alias("fuel"),
                    pl.lit(way).alias("way"),
                    pl.Series("served", fits[way]),
                    pl.Series("need_m3", need).fill_nan(None),
                    pl.Series("room_m3", more if way in {"cargo_space", "either"} else tank).fill_nan(None),
                    pl.Series("extra", extra),
                    pl.when(pl.Series(extra)).then(pl.Series(ports, dtype=pl.String)).alias("extra_call"),
                    pl.Series("unknown", np.isnan(need) | np.isnan(tank)),
                    pl.lit(100.0 * share if way in {"cargo_space", "either"} else 0.0).alias("cargo_pct"),
                )
            )
    return pl.concat(parts)


def _need_m3(rows: pl.DataFrame, fuel: str, *, lost: bool) -> NDArray[np.float64]:
    """Return the volume of a fuel that each leg needs [m3]: its energy on oil, by the engines' efficiencies."""
    own = properties(fuel)
    per_m3 = own.energy_density_mj_per_l  # MJ/L is GJ/m3
    if per_m3 is None:
        raise ReferenceDataError(f"no density of '{fuel}' is known: reach cannot be told")
    family = str(fuel_row(fuel)["family"])
    engines = efficiency("propulsion_engine", "oil") / efficiency("propulsion_engine", family)
    energy = rows["energy_gj"].to_numpy() * engines * (1.0 - pilot_share(family))
    boiled = (own.boiloff_share_per_day or 0.0) * rows["hours"].to_numpy() / HOURS_PER_DAY if lost else 0.0
    return np.asarray(energy / per_m3 * (1.0 + boiled), np.float64)


def _split(
    rows: pl.DataFrame, stops: Sequence[str], closed: Iterable[str]
) -> tuple[NDArray[np.float64], list[str | None]]:
    """Return the longer part of each leg that calls once more, over the leg itself, and the best port for it.

    Only calls that make the longest part shorter count; a leg without one has the part 1.
    """
    whole = rows["distance_nm"].to_numpy()
    best = np.ones(len(rows))
    chosen: list[str | None] = [None] * len(rows)
    for stop in stops:
        there = sea_distances(rows["from_locode"].to_list(), [stop], closed=closed)[:, 0]
        back = sea_distances(rows["to_locode"].to_list(), [stop], closed=closed)[:, 0]
        part = np.maximum(there, back) / np.maximum(whole, 1.0)
        for i in np.flatnonzero(part < best):
            best[i], chosen[i] = part[i], stop
    return best, chosen
