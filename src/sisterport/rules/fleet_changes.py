"""Small changes to what a fleet burns, each written on its movements, for asking what they would save."""

from dataclasses import dataclass

import polars as pl

from sisterport.errors import InputError, ReferenceDataError
from sisterport.reference import value
from sisterport.rules.fueleu_fuels import annex2, factors
from sisterport.rules.transhipment import BERTH
from sisterport.units import G_PER_KG, KG_PER_T, KWH_PER_MJ


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A fuel to switch to.

    Attributes
    ----------
    fuel : str
        ``fuel_id`` of reference table ``fueleu_wtw_factors``, e.g. ``bio_hvo``, ``LNG_diesel_ss``.
    certified_e_g_per_mj : float or None
        Its certified intensity E [g/MJ]; a biofuel or RFNBO without one counts as fossil.
    food_or_feed : bool
        Made from food or feed crops.

    Examples
    --------
    >>> Switch(fuel="bio_hvo", certified_e_g_per_mj=15.0).fuel
    'bio_hvo'
    """

    fuel: str
    certified_e_g_per_mj: float | None = None
    food_or_feed: bool = False

    def __post_init__(self) -> None:
        known = annex2()["fuel_id"].to_list()
        if self.fuel not in known:
            raise ReferenceDataError(f"Annex II has no fuel '{self.fuel}'; there are {', '.join(known)}")


def less_energy(movements: pl.DataFrame, share: float) -> pl.DataFrame:
    """Return movements with a share less of every fuel.

    Parameters
    ----------
    movements
        Frame of the table ``movements``.
    share
        Share of the energy that is saved [-].

    Examples
    --------
    >>> less_energy(pl.DataFrame({"mass_t": [10.0], "energy_mj": [405e3]}), 0.1)["mass_t"].to_list()
    [9.0]
    """
    _refuse_share(share)
    return movements.with_columns(pl.col("mass_t", "energy_mj") * (1 - share))


def switch_fuel(movements: pl.DataFrame, share: float, to: Switch) -> pl.DataFrame:
    """Return movements with a share of the energy of every fuel taken from another one.

    Parameters
    ----------
    movements
        Frame of the table ``movements``.
    share
        Share of the energy that is switched [-]; rows of the new fuel itself stay.
    to
        The new fuel.

    Returns
    -------
    polars.DataFrame
        The rows, less the share, and as many of the new fuel with the same energy; no hours or miles twice.

    Examples
    --------
    >>> from sisterport.rules.voyages import read_movements
    >>> row = {"voyage_id": "1", "imo": 9074729, "from_locode": "SGSIN", "to_locode": "NLRTM", "fuel": "HFO"}
    >>> row |= {"departure_utc": "2026-01-01T00:00:00", "arrival_utc": "2026-01-25T00:00:00", "mass_t": 1000.0}
    >>> before = read_movements(pl.DataFrame([row]))
    >>> after = switch_fuel(before, 0.1, Switch(fuel="MDO"))
    >>> after["mass_t"].round(1).to_list(), round(after["energy_mj"].sum() - before["energy_mj"].sum(), 3)
    ([900.0, 94.8], 0.0)
    """
    _refuse_share(share)
    burnt = pl.col("fuel").is_not_null() & (pl.col("mass_t") > 0) & (pl.col("fuel") != to.fuel)
    touched = burnt.fill_null(value=False)
    kept = pl.when(touched).then(1 - share).otherwise(1)
    lcv = factors().filter(fuel=to.fuel)["lcv_mj_per_kg"].item()
    added = movements.filter(touched).with_columns(
        fuel=pl.lit(to.fuel),
        fuel_source=pl.lit("switched"),
        energy_mj=pl.col("energy_mj") * share,
        mass_t=pl.col("energy_mj") * share / (lcv * KG_PER_T),
        lcv_mj_per_kg=pl.lit(None, pl.Float64),
        certified_e_g_per_mj=pl.lit(to.certified_e_g_per_mj, pl.Float64),
        food_or_feed=pl.lit(to.food_or_feed),
        hours=pl.lit(0.0),
        distance_nm=pl.lit(0.0),
        shore_mj=pl.lit(0.0),
        shaft_kwh=pl.lit(0.0),
    )
    return pl.concat([movements.with_columns(pl.col("mass_t", "energy_mj") * kept), added])


def electricity_at_berth() -> pl.Expr:
    """Return the electricity that auxiliary engines made from fuel in a stay [MJ]; zero elsewhere.

    Known energy at the terminals, else fuel over the consumption ``eiv_sfc_aux`` of an auxiliary engine on heavy fuel
    oil, by energy. Fuel at berth that is not told apart by system counts as that of auxiliary engines.

    Examples
    --------
    >>> row = {"to_locode": "berth", "mode": "berth", "system": None, "energy_mj": 40.5e3, "shaft_kwh": None}
    >>> schema = {"system": pl.String, "shaft_kwh": pl.Float64}
    >>> frame = pl.DataFrame([row | {"shore_mj": None}], schema_overrides=schema | {"shore_mj": pl.Float64})
    >>> round(frame.select(electricity_at_berth()).item())
    16744
    """
    oil = factors().filter(fuel="HFO")["lcv_mj_per_kg"].item()
    efficiency = 1 / (KWH_PER_MJ * value("eiv_sfc_aux") * oil / G_PER_KG)
    made = pl.coalesce(pl.col("shaft_kwh") / KWH_PER_MJ, pl.col("energy_mj") * efficiency)
    return pl.when(_at_berth()).then(made).otherwise(0).fill_null(0).alias("electricity_mj")


def _at_berth() -> pl.Expr:
    here = (pl.col("to_locode") == BERTH) & (pl.col("mode") == "berth").fill_null(value=True)
    return (here & (pl.col("system").fill_null("auxiliary_engine") == "auxiliary_engine")).fill_null(value=False)


def shore_power(movements: pl.DataFrame, share: float) -> pl.DataFrame:
    """Return movements with a share of the electricity of auxiliary engines at berth taken from shore.

    Parameters
    ----------
    movements
        Frame of the table ``movements``.
    share
        Share of the electricity made at berth [-].

    Examples
    --------
    >>> from sisterport.rules.voyages import read_movements
    >>> row = {"voyage_id": "1", "imo": 9074729, "from_locode": "NLRTM", "to_locode": "berth", "fuel": "MGO"}
    >>> row |= {"departure_utc": "2026-01-01T00:00:00", "arrival_utc": "2026-01-02T00:00:00", "mass_t": 10.0}
    >>> after = shore_power(read_movements(pl.DataFrame([row])), 0.5)
    >>> after.select("mass_t", pl.col("shore_mj").round(0)).row(0)
    (5.0, 88269.0)
    """
    _refuse_share(share)
    here = _at_berth()
    kept = pl.when(here).then(1 - share).otherwise(1)
    supplied = pl.col("shore_mj").fill_null(0) + electricity_at_berth() * share
    return movements.with_columns(
        pl.col("mass_t", "energy_mj", "shaft_kwh") * kept,
        pl.when(here).then(supplied).otherwise("shore_mj").alias("shore_mj"),
    )


def _refuse_share(share: float) -> None:
    if not 0 < share <= 1:
        raise InputError(f"a share of {share:g} is not above 0 and at most 1")
