"""Calorific value, density and tank volume of fuels, by scheme."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from sisterport.errors import ReferenceDataError, choose
from sisterport.fuels.names import fuel_code, fuel_codes, fuel_row
from sisterport.reference import load

SCHEMES = ("greet", "fueleu", "imo")
"""GREET 2024 (models and costs), FuelEU Annex II, and IMO (LCA guidelines, else MEPC.308(73))."""

_BASE = "vlsfo"
"""Tank volumes are told against this fuel in the same scheme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FuelProperties:
    """What a tank and a cost per tonne need to know of a fuel.

    Attributes
    ----------
    fuel, scheme : str
        Code of the fuel; scheme of the calorific value.
    lhv_mj_per_kg : float
        Lower heating (calorific) value [MJ/kg].
    density_kg_per_l : float or None
        Density in the tank [kg/L]; None where no source gives one.
    boiloff_share_per_day : float or None
        Mass that boils off per day [-].
    lhv_source, density_source, status : str
        Where the values come from; the weaker status of the two.
    """

    fuel: str
    scheme: str
    lhv_mj_per_kg: float
    density_kg_per_l: float | None
    boiloff_share_per_day: float | None
    lhv_source: str
    density_source: str
    status: str

    @property
    def energy_density_mj_per_l(self) -> float | None:
        """Energy per volume [MJ/L = GJ/m3]; None where the density is not known."""
        return None if self.density_kg_per_l is None else self.lhv_mj_per_kg * self.density_kg_per_l

    @property
    def volume_factor(self) -> float | None:
        """Tank volume for the same energy over that of VLSFO [-]; None where the density is not known."""
        own = self.energy_density_mj_per_l
        base = properties(_BASE, scheme=self.scheme).energy_density_mj_per_l
        return None if own is None or base is None else base / own


def weaker(*statuses: str) -> str:
    """Return the weakest of some statuses.

    Examples
    --------
    >>> weaker("checked", "secondary")
    'secondary'
    """
    order = ("checked", "secondary", "unverified")
    known = [s for s in statuses if s]
    return max(known, key=lambda s: order.index(s) if s in order else len(order)) if known else "unverified"


def properties(fuel: str, *, scheme: str = "greet") -> FuelProperties:
    """Return calorific value and density of `fuel`.

    Parameters
    ----------
    fuel
        A code or word (``"methanol"``, ``"MGO"``).
    scheme
        Whose calorific value: ``greet`` (for costs and tanks), ``fueleu`` or ``imo`` (for their accounts). Densities
        are GREET's, or the limits of ISO 8217 (marked unverified).

    Raises
    ------
    InputError
        If the fuel is not known.
    MethodError
        If the scheme is not known.
    ReferenceDataError
        If the scheme has no calorific value for it; says which have one.

    References
    ----------
    GREET 2024 marine via MIT_NavigaTE_inputs ``fuel_info.csv``; Regulation (EU) 2023/1805 Annex II; MEPC.308(73);
    MEPC.376(80).

    Examples
    --------
    A methanol tank is about two and a half times that for fuel oil:

    >>> round(properties("methanol").volume_factor, 2)
    2.45
    >>> properties("LNG", scheme="fueleu").lhv_mj_per_kg, properties("LNG", scheme="imo").lhv_mj_per_kg
    (49.1, 48.0)
    """
    choose("scheme", scheme, SCHEMES)
    return _properties(fuel_code(fuel), scheme)


@cache
def _properties(code: str, scheme: str) -> FuelProperties:
    found = _lhv(code, scheme)
    if found is None:
        having = [s for s in SCHEMES if _lhv(code, s)]
        raise ReferenceDataError(f"scheme '{scheme}' has no calorific value of '{code}'; {_have(having)}")
    tank = load("fuel_properties").filter(pl.col("fuel") == code).rows(named=True)
    density = tank[0]["density_kg_per_l"] if tank else None
    boiloff = tank[0]["boiloff_pct_per_day"] if tank else None
    return FuelProperties(
        fuel=code,
        scheme=scheme,
        lhv_mj_per_kg=float(found["lcv"]),
        density_kg_per_l=density,
        boiloff_share_per_day=None if boiloff is None else boiloff / 100.0,
        lhv_source=found["source"],
        density_source=tank[0]["source"] if tank else "",
        status=weaker(found["status"], tank[0]["status"] if tank else ""),
    )


def _have(schemes: list[str]) -> str:
    return f"there is one in: {', '.join(schemes)}" if schemes else "no scheme has one: the delivery note must give it"


def _lhv(code: str, scheme: str) -> dict[str, Any] | None:
    """Return calorific value, source and status in a scheme, or None."""
    row = fuel_row(code)
    if scheme == "greet":
        rows = load("fuel_properties").filter(fuel=code, scheme="greet")
        return _first(rows, "lhv_mj_per_kg")
    if scheme == "fueleu":
        return _first(_fueleu_rows(row), "lcv_mj_per_kg")
    lca = load("imo_lca_defaults").filter(pl.col("fuel") == (row["imo_name"] or ""))
    eedi = load("fuel_cf_lcv").filter(
        (pl.col("scheme") == "imo_mepc308") & (pl.col("fuel") == (row["mepc308_name"] or ""))
    )
    return _first(lca, "lcv_mj_per_kg") or _first(eedi, "lcv_mj_per_kg")


def _fueleu_rows(row: dict[str, Any]) -> pl.DataFrame:
    """Rows of Annex II for a fuel, of the first of its classes that is there."""
    table = load("fueleu_wtw_factors").filter(pl.col("fuel") == (row["fueleu_name"] or ""))
    for fuel_class in row["classes"].split("|"):
        of_class = table.filter(pl.col("fuel_class") == fuel_class)
        if of_class.height:
            return of_class
    return table.clear()


def _first(rows: pl.DataFrame, column: str) -> dict[str, Any] | None:
    if rows.is_empty():
        return None
    first = rows.row(0, named=True)
    return {"lcv": first[column], "source": first["source"], "status": first["status"]}


def properties_table(*, scheme: str = "greet") -> pl.DataFrame:
    """Return the properties of every fuel that the scheme knows, one row each.

    Columns: fuel, label, family, lhv_mj_per_kg, density_kg_per_l, energy_density_mj_per_l, volume_factor,
    boiloff_share_per_day, status.

    Examples
    --------
    >>> properties_table().filter(fuel="ammonia").select("lhv_mj_per_kg", "density_kg_per_l").row(0)
    (18.8, 0.682)
    """
    choose("scheme", scheme, SCHEMES)
    rows = []
    for code in fuel_codes():
        if _lhv(code, scheme) is None:
            continue
        own = _properties(code, scheme)
        rows.append(
            {
                "fuel": code,
                "label": fuel_row(code)["label"],
                "family": fuel_row(code)["family"],
                "lhv_mj_per_kg": own.lhv_mj_per_kg,
                "density_kg_per_l": own.density_kg_per_l,
                "energy_density_mj_per_l": own.energy_density_mj_per_l,
                "volume_factor": own.volume_factor,
                "boiloff_share_per_day": own.boiloff_share_per_day,
                "status": own.status,
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def lcv_range(fuel: str) -> tuple[float, float] | None:
    """Return the lowest and highest calorific value of a fuel over all schemes [MJ/kg], or None if none has one.

    Examples
    --------
    >>> lcv_range("lng")
    (48.0, 49.1)
    """
    code = fuel_code(fuel)
    found = [lcv["lcv"] for scheme in SCHEMES if (lcv := _lhv(code, scheme))]
    return (min(found), max(found)) if found else None


def tank_volume_m3(energy_gj: float, fuel: str, *, scheme: str = "greet") -> float:
    """Return the volume of fuel that holds an energy [m3].

    Parameters
    ----------
    energy_gj
        Energy [GJ].
    fuel, scheme
        As in `properties`. What a tank cannot use (heel, filling limit) is not in it.

    Raises
    ------
    ReferenceDataError
        If no density is known.

    Examples
    --------
    15,000 m3 of methanol:

    >>> round(tank_volume_m3(239_391, "methanol"))
    15000
    """
    per_volume = properties(fuel, scheme=scheme).energy_density_mj_per_l
    if per_volume is None:
        raise ReferenceDataError(f"no density of '{fuel}' is known")
    return energy_gj / per_volume
