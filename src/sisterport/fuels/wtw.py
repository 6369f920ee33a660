"""Well-to-wake greenhouse-gas factors of a fuel in a converter."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from sisterport.errors import InputError, MethodError, ReferenceDataError, choose, did_you_mean
from sisterport.fuels.names import fuel_row
from sisterport.reference import load
from sisterport.units import G_PER_KG

UNMEASURED = ("table", "zero", "oil")
"""What stands for CH4 and N2O that Annex II leaves to be measured."""

_CONSUMERS = {
    "SSD": "all_ice",
    "MSD": "all_ice",
    "HSD": "all_ice",
    "ST": "boiler",
    "GT": "gas_turbine",
    "LPDF_4S": "lng_otto_medium_speed",
    "LPDF_2S": "lng_otto_slow_speed",
    "HPDF": "lng_diesel_slow_speed",
    "LBSI": "lbsi",
}
"""Engine types of Sisterport and the consumer classes of FuelEU Annex II."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WellToWake:
    """Greenhouse-gas factors of one fuel in one converter, with their passport.

    Attributes
    ----------
    fuel, converter, scheme, gwp : str
        What the factors are for.
    lcv_mj_per_kg : float
        Lower calorific value [MJ/kg].
    slip_fraction : float
        Fuel that leaves unburnt, share of its mass [-].
    cf_co2, cf_ch4, cf_n2o : float
        Gas per burnt fuel [g/g].
    wtt_g_per_mj, ttw_g_per_mj, wtw_g_per_mj : float
        CO2 equivalent per fuel energy [g/MJ].
    source, status, flag : str
        Where the row comes from, how far it was checked, and what is odd about it.
    fuel_class : str
        ``fossil``, ``bio`` or ``rfnbo``.
    unmeasured : str
        What stands for gases that the law leaves to be measured: ``table``, ``zero`` or ``oil``; empty where
        there are none.
    certificate_id : str
        Certificate that the intensity stands in; empty for a default.
    rfnbo : bool
        Counts as a renewable fuel of non-biological origin: certified, and below the threshold.
    """

    fuel: str
    converter: str
    scheme: str
    gwp: str
    lcv_mj_per_kg: float
    slip_fraction: float
    cf_co2: float
    cf_ch4: float
    cf_n2o: float
    wtt_g_per_mj: float
    ttw_g_per_mj: float
    wtw_g_per_mj: float
    source: str
    status: str
    flag: str
    fuel_class: str = "fossil"
    unmeasured: str = ""
    certificate_id: str = ""
    rfnbo: bool = False

    @property
    def wtt_g_per_g(self) -> float:
        """Well-to-tank CO2 equivalent per fuel [g/g]."""
        return self.wtt_g_per_mj * self.lcv_mj_per_kg / G_PER_KG

    @property
    def ttw_g_per_g(self) -> float:
        """Tank-to-wake CO2 equivalent per fuel, slip included [g/g]."""
        return self.ttw_g_per_mj * self.lcv_mj_per_kg / G_PER_KG

    @property
    def wtw_g_per_g(self) -> float:
        """Well-to-wake CO2 equivalent per fuel [g/g]."""
        return self.wtw_g_per_mj * self.lcv_mj_per_kg / G_PER_KG


@cache
def gwp_pair(gwp: str) -> tuple[float, float]:
    """Return the 100-year warming potentials of CH4 and N2O of a set [g CO2e/g].

    Parameters
    ----------
    gwp
        ``AR4``, ``AR5`` or ``AR6`` (table ``gwp_sets``).

    Raises
    ------
    MethodError
        If there is no such set.

    Examples
    --------
    >>> gwp_pair("AR5")
    (28.0, 265.0)
    """
    table = load("gwp_sets")
    choose("GWP set", gwp, table["gwp_set"].to_list())
    ch4, n2o = table.filter(pl.col("gwp_set") == gwp).select("gwp_ch4", "gwp_n2o").row(0)
    return float(ch4), float(n2o)


def tank_to_wake(
    cf_co2: float, cf_ch4: float, cf_n2o: float, *, slip_fraction: float, gwp_ch4: float, gwp_n2o: float
) -> float:
    """Return the CO2 equivalent of one gram of fuel from tank to wake [g/g].

    Parameters
    ----------
    cf_co2, cf_ch4, cf_n2o
        Gas per burnt fuel [g/g].
    slip_fraction
        Fuel (methane) that leaves unburnt, share of the fuel mass [-].
    gwp_ch4, gwp_n2o
        Warming potentials [g/g].

    References
    ----------
    Regulation (EU) 2023/1805 Annex I, equation (1): (1 - s) (CO2 + CH4 GWP + N2O GWP) + s GWP_CH4.

    Examples
    --------
    LNG in a medium-speed Otto engine:

    >>> round(tank_to_wake(2.75, 0.0, 0.00011, slip_fraction=0.031, gwp_ch4=27.0, gwp_n2o=273.0), 4)
    3.5308
    """
    burnt = cf_co2 + cf_ch4 * gwp_ch4 + cf_n2o * gwp_n2o
    return (1.0 - slip_fraction) * burnt + slip_fraction * gwp_ch4


def wtw(
    fuel: str,
    converter: str,
    *,
    gwp: str = "AR5",
    scheme: str = "fueleu",
    fuel_class: str = "fossil",
    unmeasured: str = "table",
) -> WellToWake:
    """Return the well-to-wake factors of `fuel` in `converter`.

    Parameters
    ----------
    fuel
        A code of Sisterport (``residual``, ``vlsfo``, ``distillate``, ``lng``, ``methanol``), a name of the
        scheme's table (``hfo``, ``lfo``, ``hvo``, ...) or a word of `sisterport.fuels.names` (``"MGO"``). The class
        in a word ("e-methanol") is not heeded here: `fuel_class` decides.
    converter
        An engine type (``SSD``, ``LPDF_4S``, ...), ``boiler``, or a consumer class of the table
        (``all_ice``).
    gwp
        Set of warming potentials.
    scheme
        ``fueleu`` (Annex II) or ``imo`` (two default pathways of the LCA guidelines, no slip, any converter).
    fuel_class
        ``fossil``, ``bio`` or ``rfnbo``; the last two are worked examples, certified fuels bring their own
        (`certified_wtw`).
    unmeasured
        CH4 and N2O that Annex II leaves to be measured (methanol, LPG; N2O of ammonia and hydrogen): ``table`` takes
        what the transcription holds (the values of oil for methanol, nothing for the others), ``zero`` nothing,
        ``oil`` the values of HFO for all.

    Raises
    ------
    MethodError
        Unknown scheme or GWP set, or a fuel class that the scheme does not have.
    ReferenceDataError
        The scheme has no factors for this fuel and converter.

    References
    ----------
    Regulation (EU) 2023/1805 Annexes I and II; IMO LCA guidelines MEPC.376(80).

    Examples
    --------
    >>> round(wtw("residual", "SSD").wtw_g_per_mj, 2)
    91.6
    >>> wtw("lng", "LPDF_4S").slip_fraction
    0.031
    """
    choose("scheme", scheme, ["fueleu", "imo"])
    choose("value for unmeasured gases", unmeasured, UNMEASURED)
    gwp_ch4, gwp_n2o = gwp_pair(gwp)
    if scheme == "imo" and fuel_class != "fossil":
        raise MethodError(f"scheme 'imo' has fossil default pathways only, not '{fuel_class}'")
    row = _imo_row(fuel) if scheme == "imo" else _fueleu_row(fuel, converter, fuel_class)
    slip = float(row.get("slip_pct_of_fuel_mass") or 0.0) / 100.0
    lcv = float(row["lcv_mj_per_kg"])
    cf_co2, cf_ch4, cf_n2o = (_gas(row, gas, unmeasured) for gas in ("co2", "ch4", "n2o"))
    ttw = tank_to_wake(cf_co2, cf_ch4, cf_n2o, slip_fraction=slip, gwp_ch4=gwp_ch4, gwp_n2o=gwp_n2o)
    ttw_per_mj = ttw / lcv * G_PER_KG
    wtt_per_mj = float(row["wtt_gco2e_per_mj"])
    return WellToWake(
        fuel=fuel,
        converter=converter,
        scheme=scheme,
        gwp=gwp,
        lcv_mj_per_kg=lcv,
        slip_fraction=slip,
        cf_co2=cf_co2,
        cf_ch4=cf_ch4,
        cf_n2o=cf_n2o,
        wtt_g_per_mj=wtt_per_mj,
        ttw_g_per_mj=ttw_per_mj,
        wtw_g_per_mj=wtt_per_mj + ttw_per_mj,
        source=row["source"],
        status=row["status"],
        flag=row["flag"] or "",
        fuel_class=fuel_class,
        unmeasured=unmeasured if row.get("unmeasured") else "",
    )


def _gas(row: dict[str, Any], gas: str, unmeasured: str) -> float:
    """Return the gas per burnt fuel [g/g], with the choice for gases that are still to be measured."""
    if unmeasured == "table" or gas not in (row.get("unmeasured") or "").split("|"):
        return float(row[f"cf_{gas}_g_per_g"])
    if unmeasured == "zero":
        return 0.0
    oil = load("fueleu_wtw_factors").filter(fuel="hfo", consumer="all_ice", fuel_class="fossil")
    return float(oil[f"cf_{gas}_g_per_g"].item())


def _scheme_name(fuel: str, names: list[str], column: str) -> str:
    """Return the name of a fuel in a scheme's table; the word itself where it stands for nothing there."""
    if fuel in names:
        return fuel
    try:
        return fuel_row(fuel)[column] or fuel
    except InputError:
        return fuel


def _fueleu_row(fuel: str, converter: str, fuel_class: str) -> dict[str, Any]:
    table = load("fueleu_wtw_factors")
    choose("fuel class", fuel_class, table["fuel_class"].unique().sort().to_list())
    names = table["fuel"].unique().sort().to_list()
    name = _scheme_name(fuel, names, "fueleu_name")
    consumer = _CONSUMERS.get(converter, converter)
    of_fuel = table.filter((pl.col("fuel_class") == fuel_class) & (pl.col("fuel") == name))
    if of_fuel.is_empty():
        raise ReferenceDataError(f"FuelEU has no {fuel_class} fuel '{fuel}'{did_you_mean(name, names)}")
    rows = of_fuel.filter(pl.col("consumer") == consumer)
    if rows.height != 1:
        known = ", ".join(of_fuel["consumer"].unique().sort())
        raise ReferenceDataError(
            f"FuelEU has no factors for {fuel_class} '{fuel}' in '{converter}'; there are: {known}"
        )
    return rows.row(0, named=True)


def _imo_row(fuel: str) -> dict[str, Any]:
    table = load("imo_lca_defaults")
    rows = table.filter(pl.col("fuel") == _scheme_name(fuel, table["fuel"].to_list(), "imo_name"))
    if rows.height != 1:
        known = ", ".join(table["fuel"].unique().sort())
        raise ReferenceDataError(f"the IMO LCA guidelines table has no default for '{fuel}'; there are: {known}")
    return rows.row(0, named=True)
