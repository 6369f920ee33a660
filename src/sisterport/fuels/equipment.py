"""Engines, tanks and ships for other fuels: efficiency, cost, lost cargo. Values of public models, flagged."""

from typing import Any

import polars as pl

from sisterport.errors import InputError, MethodError, ReferenceDataError, choose, did_you_mean
from sisterport.fuels.names import fuel_code, fuel_row
from sisterport.reference import load
from sisterport.units import USD_PER_MUSD

"""US dollars in a million."""


def converter_value(equipment: str, fuel: str, item: str) -> dict[str, Any]:
    """Return one value of table ``converters_tanks`` with its passport.

    Parameters
    ----------
    equipment
        ``propulsion_engine``, ``auxiliary_engine``, ``supply_system_15000_teu``, ``tank_15000_teu``, ``tank``, ...
    fuel
        A code or word; the table knows its family (oil, methane, methanol, ammonia, hydrogen).
    item
        ``efficiency`` [-], ``capex`` [USD/MW, USD or USD/m3], ``pilot_share_min`` [-], ...

    Returns
    -------
    dict
        value, unit, source, status, note. Hydrogen's rows are copies of ammonia by the authors: ``unverified``.

    Raises
    ------
    ReferenceDataError
        If the table has no such row.

    Examples
    --------
    >>> converter_value("propulsion_engine", "methanol", "efficiency")["value"]
    0.528
    >>> converter_value("propulsion_engine", "LH2", "efficiency")["status"]
    'unverified'
    """
    family = fuel_row(fuel)["family"]
    table = load("converters_tanks")
    rows = table.filter(equipment=equipment, item=item, fuel_family=family)
    if rows.is_empty():
        near = did_you_mean(equipment, table["equipment"].unique().to_list())
        raise ReferenceDataError(f"converters_tanks has no {item} of {equipment}{near} for {family}")
    return rows.select("value", "unit", "source", "status", "note").row(0, named=True)


def newbuild_premium() -> pl.DataFrame:
    """Return what a new 15,000 TEU ship costs more than an oil ship, by fuel family [MUSD].

    Engines x power + supply system + tank volume x price, all of navigate-zcs (72.6 MW, 16.5 MW, 15,000 m3). The tank
    has the oil tank's volume, so the ship's range is shorter: see `cargo_loss`.

    Returns
    -------
    polars.DataFrame
        family, engines_musd, supply_system_musd, tank_musd, total_musd, premium_musd, status.

    Examples
    --------
    >>> dict(newbuild_premium().select("family", pl.col("premium_musd").round(1)).iter_rows())
    {'oil': 0.0, 'methane': 38.8, 'methanol': 4.3, 'ammonia': 43.3}
    """
    ship = load("vessel_classes").filter(vessel_class="container_15000_teu_newer").row(0, named=True)
    table = load("converters_tanks").filter(item="capex")
    cost = {(e, f): v for e, f, v in table.select("equipment", "fuel_family", "value").iter_rows()}
    rows = []
    for family in ("oil", "methane", "methanol", "ammonia"):
        main, auxiliary = cost["propulsion_engine", family], cost["auxiliary_engine", family]
        engines = (ship["propulsion_mw"] * main + ship["auxiliary_mw"] * auxiliary) / USD_PER_MUSD
        supply = cost["supply_system_15000_teu", family] / USD_PER_MUSD
        tank = ship["main_tank_m3"] * cost["tank_15000_teu", family] / USD_PER_MUSD
        rows.append((family, engines, supply, tank, engines + supply + tank))
    names = ["family", "engines_musd", "supply_system_musd", "tank_musd", "total_musd"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns(
        premium_musd=pl.col("total_musd") - pl.col("total_musd").first(), status=pl.lit("secondary")
    )


def conversion_cost_usd(vessel_class: str, to_fuel: str, *, from_fuel: str = "vlsfo") -> dict[str, Any]:
    """Return the cost of converting a ship [USD] with its passport.

    Parameters
    ----------
    vessel_class
        Class of table ``vessel_classes``.
    to_fuel, from_fuel
        Codes or words.

    Returns
    -------
    dict
        cost_usd, source, status, note. Values that the authors copied or doubled are ``unverified`` with a note.

    Raises
    ------
    InputError
        If the class is not known.
    ReferenceDataError
        If this conversion is not in the table.

    Examples
    --------
    >>> conversion_cost_usd("container_15000_teu", "methanol")["cost_usd"]
    24300000
    >>> conversion_cost_usd("container_8000_teu", "LNG")["note"]
    'copied from methanol by the authors'
    """
    _class(vessel_class)
    to_family, from_family = (
        "liquid_hydrogen" if fuel_row(f)["family"] == "hydrogen" else fuel_row(f)["family"]
        for f in (to_fuel, from_fuel)
    )
    rows = load("conversion_costs").filter(vessel_class=vessel_class, from_family=from_family, to_family=to_family)
    if rows.is_empty():
        raise ReferenceDataError(f"conversion_costs has no {from_family} to {to_family} for {vessel_class}")
    return rows.select("cost_usd", "source", "status", "note").row(0, named=True)


def cargo_loss(vessel_class: str, fuel: str, *, boiloff: str = "kept") -> float:
    """Return the share of cargo that the bigger tank takes for the same range [-].

    Parameters
    ----------
    vessel_class
        Class of table ``vessel_classes``.
    fuel
        Code or word.
    boiloff
        ``kept``: reliquefied or burnt; ``lost``.

    Raises
    ------
    InputError, MethodError
        An unknown class or option.
    ReferenceDataError
        If the fuel is not in the table.

    Examples
    --------
    >>> cargo_loss("container_15000_teu", "methanol"), cargo_loss("container_15000_teu", "LH2", boiloff="lost")
    (0.0436, 0.3105)
    """
    choose("boil-off assumption", boiloff, ["kept", "lost"])
    _class(vessel_class)
    rows = load("cargo_loss_by_fuel").filter(vessel_class=vessel_class, boiloff=boiloff)
    code = fuel_code(fuel)
    if code not in rows.columns or rows.is_empty():
        raise ReferenceDataError(f"cargo_loss_by_fuel has no '{code}' for {vessel_class}")
    return float(rows[code].item())


def propulsion_power_mw(vessel_class: str, speed_kn: float) -> float:
    """Return the propulsion power at a speed, interpolated in a table [MW].

    Parameters
    ----------
    vessel_class
        ``container_15000_teu`` or ``container_8000_teu``.
    speed_kn
        Speed through water [kn]; 5.5 to 22.5.

    Raises
    ------
    MethodError
        A class without a curve, or a speed outside of it: nothing is extrapolated.

    Examples
    --------
    >>> propulsion_power_mw("container_15000_teu", 17.5), round(propulsion_power_mw("container_15000_teu", 17.0), 2)
    (22.68, 21.0)
    """
    table = load("speed_power_container")
    columns = {c.replace("power", "container").removesuffix("_mw"): c for c in table.columns if c.startswith("power")}
    column = columns[choose("vessel class with a speed curve", vessel_class, sorted(columns))]
    speeds, powers = table["speed_kn"].to_list(), table[column].to_list()
    if not speeds[0] <= speed_kn <= speeds[-1]:
        raise MethodError(f"speed {speed_kn:g} kn is outside the curve, {speeds[0]:g} to {speeds[-1]:g} kn")
    after = next(i for i, speed in enumerate(speeds) if speed >= speed_kn)
    before = max(after - 1, 0)
    width = speeds[after] - speeds[before]
    part = (speed_kn - speeds[before]) / width if width else 0.0
    return float(powers[before] + part * (powers[after] - powers[before]))


def _class(vessel_class: str) -> None:
    known = load("vessel_classes")["vessel_class"].to_list()
    if vessel_class not in known:
        raise InputError(f"unknown vessel class '{vessel_class}'{did_you_mean(vessel_class, known)}")
