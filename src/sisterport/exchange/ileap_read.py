"""iLEAP 1.0.0 read back: categories and activities as frames."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.exchange.ileap_checks import refuse
from sisterport.exchange.objects import moment
from sisterport.tables import check, schema
from sisterport.units import KM_PER_NM


def read_categories(objects: Sequence[Any]) -> pl.DataFrame:
    """Return transport and hub operation categories as a frame of the table ``ileap_categories``.

    Raises
    ------
    InputError
        If an object is neither a TOC nor a HOC or breaks the standard.

    Examples
    --------
    >>> carrier = {"energyCarrier": "HFO", "relativeShare": "1", "emissionFactorWTW": "0.09", "emissionFactorTTW": "0"}
    >>> toc = {"tocId": "t", "mode": "Sea", "energyCarriers": [carrier], "co2eIntensityWTW": "0.04",
    ...        "co2eIntensityTTW": "0.03", "transportActivityUnit": "TEUkm"}
    >>> read_categories([toc]).select("category_id", "unit", "co2e_wtw_kg_per_unit", "energy_carriers").row(0)
    ('t', 'TEUkm', 0.04, 'HFO 1')
    """
    kinds = [kind_of(found) for found in objects]
    for kind in ("TOC", "HOC"):
        refuse([found for found, own in zip(objects, kinds, strict=True) if own == kind], kind)
    rows = [_category(found, kind) for found, kind in zip(objects, kinds, strict=True)]
    return check(pl.DataFrame(rows, schema=_dtypes("ileap_categories")), "ileap_categories")


def read_activities(objects: Sequence[Any]) -> pl.DataFrame:
    """Return transport activities as a frame of the table ``ileap_activities``.

    Raises
    ------
    InputError
        If an object breaks the standard.

    Examples
    --------
    >>> read_activities([]).height
    0
    """
    refuse(objects, "TAD")
    rows = [
        {
            "activity_id": found["activityId"],
            "mode": found["mode"],
            "from_locode": found["origin"].get("locode"),
            "to_locode": found["destination"].get("locode"),
            "departure_utc": moment(found["departureAt"]),
            "arrival_utc": moment(found["arrivalAt"]),
            "actual_nm": _nm(found["distance"].get("actual")),
            "shortest_nm": _nm(found["distance"].get("sfd")),
            "great_circle_nm": _nm(found["distance"].get("gcd")),
            "mass_kg": _number(found.get("mass")),
            "consignments": "|".join(found["consignmentIds"]),
        }
        for found in objects
    ]
    return check(pl.DataFrame(rows, schema=_dtypes("ileap_activities")), "ileap_activities")


def kind_of(found: Any) -> str:
    """Return ``TOC``, ``HOC`` or ``ShipmentFootprint`` of an object, by its id.

    Raises
    ------
    InputError
        If it has none of their ids.
    """
    names = {"tocId": "TOC", "hocId": "HOC", "tces": "ShipmentFootprint"}
    kinds = [kind for name, kind in names.items() if isinstance(found, Mapping) and name in found]
    if len(kinds) != 1:
        raise InputError("no object of iLEAP: needs just one of tocId, hocId and tces")
    return kinds[0]


def _category(found: Mapping[str, Any], kind: str) -> dict[str, Any]:
    if kind == "ShipmentFootprint":
        raise InputError("a ShipmentFootprint is no category")
    carriers = [f"{one['energyCarrier']} {one['relativeShare']}" for one in found["energyCarriers"]]
    return {
        "category_id": found.get("tocId") or found.get("hocId"),
        "kind": kind.lower(),
        "mode": found.get("mode"),
        "hub_type": found.get("hubType"),
        "locode": (found.get("hubLocation") or {}).get("locode"),
        "unit": found.get("transportActivityUnit") or found.get("hubActivityUnit"),
        "co2e_wtw_kg_per_unit": float(found["co2eIntensityWTW"]),
        "co2e_ttw_kg_per_unit": float(found["co2eIntensityTTW"]),
        "load_factor": _number(found.get("loadFactor")),
        "energy_carriers": "|".join(carriers),
        "description": found.get("description"),
    }


def _nm(km: str | None) -> float | None:
    return None if km is None else float(km) / KM_PER_NM


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _dtypes(table: str) -> dict[str, pl.DataType]:
    return {name: column.dtype for name, column in schema(table).items()}
