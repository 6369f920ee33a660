"""PACT 3.0.3: the product footprint that carries an iLEAP object, its checks and its life.

This software implements and is derived from information in the PACT Technical Specifications for PCF Data Exchange,
version 3.0.3 (the Licensed Material); the World Business Council for Sustainable Development (WBCSD) is the owner of
the Licensed Rights in it. See docs/exchange.md.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from sisterport.errors import InputError
from sisterport.exchange.decimals import decimal_text
from sisterport.exchange.findings import ERROR, Finding, refused
from sisterport.exchange.ileap_checks import ileap_findings
from sisterport.exchange.ileap_read import kind_of
from sisterport.exchange.objects import moment, stamp, strict
from sisterport.reference import value
from sisterport.units import KG_PER_T

SPEC = "3.0.3"
EXTENSION = "2.0.0"
_SCHEMAS = "https://api.ileap.sine.dev/"
_DOCUMENTATION = "https://sine-fdn.github.io/ileap-extension/"
_FILES = {"TOC": "toc.json", "HOC": "hoc.json", "ShipmentFootprint": "shipment-footprint.json"}
_LOGISTICS = "urn:cpc:83117"
_NAMESPACE = UUID("5b0b39a6-2d0f-5c55-9f0e-6b1f5c3c8f11")
"""Of the ids that are made from content; any fixed UUID does."""
_PLACES = ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who publishes footprints.

    Attributes
    ----------
    name
        Of the company.
    ids
        URNs of the company.
    domain
        Its internet domain, for the URNs of its products.
    """

    name: str
    ids: tuple[str, ...]
    domain: str


def footprint(
    category: Mapping[str, Any],
    *,
    publisher: Publisher,
    period: tuple[datetime, datetime],
    created: datetime,
    t_per_teu: float,
    gwp: str,
    country: str | None = None,
    preceding: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the product footprint that carries a transport or hub operation category.

    A sea category counts per TEU km, PACT knows no such unit: the footprint says kg CO2e per tonne-kilometre with the
    mass of a TEU that was taken, and carries the category unchanged. The id is made from the content.

    Parameters
    ----------
    category
        TOC or HOC of iLEAP 1.0.0.
    publisher
        Who publishes it.
    period
        Start and end of the time that it holds for.
    created
        When it was made.
    t_per_teu
        Mass of cargo in a TEU [t/TEU].
    gwp
        Set of warming potentials that the emissions were counted with: ``AR5``.
    country
        Country of the operation, two letters; a corridor has none.
    preceding
        Ids of the footprints that this one replaces.

    Raises
    ------
    InputError
        If the footprint would break the standard.

    References
    ----------
    PACT Technical Specifications 3.0.3, ProductFootprint; iLEAP 1.0.0, mapping to PACT (names of PACT 2).

    Examples
    --------
    >>> from datetime import UTC
    >>> carrier = {"energyCarrier": "HFO", "relativeShare": "1", "emissionFactorWTW": "0.09", "emissionFactorTTW": "0"}
    >>> toc = {"tocId": "t", "mode": "Sea", "energyCarriers": [carrier], "co2eIntensityWTW": "0.05",
    ...        "co2eIntensityTTW": "0.04", "transportActivityUnit": "TEUkm"}
    >>> made = footprint(toc, publisher=Publisher(name="Port", ids=("urn:x:1",), domain="port.example"), gwp="AR5",
    ...     period=(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)), t_per_teu=10.0,
    ...     created=datetime(2026, 2, 1, tzinfo=UTC))
    >>> made["pcf"]["pcfExcludingBiogenicUptake"], made["pcf"]["declaredUnitOfMeasurement"], made["productIds"][0]
    ('0.005', 'ton kilometer', 'urn:pact:port.example:supplier-id:toc:t')
    """
    kind = kind_of(category)
    if kind == "ShipmentFootprint":
        raise InputError("a footprint is made of a TOC or a HOC")
    if not t_per_teu > 0:
        raise InputError(f"t_per_teu = {t_per_teu:g} is no mass")
    own = str(category.get("tocId") or category.get("hocId"))
    unit = str(category.get("transportActivityUnit") or category.get("hubActivityUnit"))
    content = {
        "specVersion": SPEC,
        **({"precedingPfIds": list(preceding)} if preceding else {}),
        "companyName": publisher.name,
        "companyIds": list(publisher.ids),
        "productDescription": str(category.get("description") or own),
        "productIds": _product_ids(publisher.domain, kind.lower(), own),
        "productClassifications": [_LOGISTICS],
        "productNameCompany": own,
        "comment": _comment(unit, t_per_teu),
        "pcf": _pcf(category, unit, period, t_per_teu, gwp, country),
        "extensions": [
            {
                "specVersion": EXTENSION,
                "dataSchema": _SCHEMAS + _FILES[kind],
                "documentation": _DOCUMENTATION,
                "data": dict(category),
            }
        ],
    }
    name = json.dumps(content, sort_keys=True, separators=(",", ":"))
    made = {"id": str(uuid5(_NAMESPACE, name)), "created": stamp(created), "status": "Active", **content}
    faults = [f"{one.path}: {one.fault}" for one in footprint_findings(made) if one.severity == ERROR]
    if faults:
        raise InputError(f"footprint of {own}: {'; '.join(faults)}")
    return made


def supersede(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an old footprint as deprecated and the new one that names it: a footprint never changes otherwise.

    Raises
    ------
    InputError
        If both are the same, or the new one is not active.
    """
    if old["id"] == new["id"]:
        raise InputError("nothing changed: both footprints have the same id")
    if new.get("status") != "Active":
        raise InputError("the new footprint is not active")
    named = list(dict.fromkeys([*new.get("precedingPfIds", []), old["id"]]))
    renewed = str(uuid5(_NAMESPACE, f"{new['id']}|{'|'.join(named)}"))
    return dict(old) | {"status": "Deprecated"}, dict(new) | {"id": renewed, "precedingPfIds": named}


def validity(found: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Return from when to when a footprint holds: as it says, else three years from the end of its reference period.

    Raises
    ------
    InputError
        If its times cannot be read.
    """
    end = moment(found.get("pcf", {}).get("referencePeriodEnd"))
    if end is None:
        raise InputError("the footprint has no referencePeriodEnd")
    first, last = moment(found.get("validityPeriodStart")), moment(found.get("validityPeriodEnd"))
    return first or end, last or _years_later(end, int(value("pact_validity_years")))


def footprint_findings(found: Any, *, path: str = "$") -> list[Finding]:
    """Return everything that breaks PACT 3.0.3 in a footprint, and iLEAP 1.0.0 in what it carries.

    Examples
    --------
    >>> footprint_findings([])[0].fault
    'list, not an object'
    """
    form = strict(found, "pact", "ProductFootprint", path=path)
    return form if refused(form) else form + list(_rules(found, path))


def carried(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the objects of iLEAP that a footprint carries."""
    schemas = {_SCHEMAS + file for file in _FILES.values()}
    extensions = found.get("extensions") or []
    return [dict(one["data"]) for one in extensions if one.get("dataSchema") in schemas]


def _pcf(
    category: Mapping[str, Any],
    unit: str,
    period: tuple[datetime, datetime],
    t_per_teu: float,
    gwp: str,
    country: str | None,
) -> dict[str, Any]:
    per_teu = t_per_teu if unit in {"TEUkm", "TEU"} else 1.0
    amount = decimal_text(float(category["co2eIntensityWTW"]) / per_teu)
    transport = "tocId" in category
    return {
        "declaredUnitOfMeasurement": "ton kilometer" if transport else "kilogram",
        "declaredUnitAmount": "1" if transport else decimal_text(KG_PER_T),
        "productMassPerDeclaredUnit": "0",  # of no meaning for logistics
        "referencePeriodStart": stamp(period[0]),
        "referencePeriodEnd": stamp(period[1]),
        **({"geographyCountry": country} if country else {}),
        "pcfExcludingBiogenicUptake": amount,
        "pcfIncludingBiogenicUptake": amount,
        "fossilGhgEmissions": amount,
        "fossilCarbonContent": "0",
        "ipccCharacterizationFactors": [gwp],
        "crossSectoralStandards": ["ISO14083"],
        "exemptedEmissionsPercent": "0",
        "packagingEmissionsIncluded": False,
    }


def _comment(unit: str, t_per_teu: float) -> str:
    if unit in {"TEUkm", "TEU"}:
        return f"counted per {unit}; per tonne with {decimal_text(t_per_teu)} t of cargo in a TEU"
    return f"counted per {unit}"


def _product_ids(domain: str, kind: str, own: str) -> list[str]:
    """Return our URN, and that of PACT 2 which iLEAP names."""
    name = quote(own, safe="")
    old = f"urn:pathfinder:product:customcode:vendor-assigned:{kind}:{name}"
    return [f"urn:pact:{quote(domain, safe='')}:supplier-id:{kind}:{name}", old]


def _rules(found: Mapping[str, Any], path: str) -> Iterator[Finding]:
    pcf, at = found["pcf"], f"{path}.pcf"
    told = [name for name in _PLACES if pcf.get(name) is not None]
    if len(told) > 1:
        yield Finding("geography", ERROR, at, f"{' and '.join(told)}", "give at most one place")
    start, end = moment(pcf["referencePeriodStart"]), moment(pcf["referencePeriodEnd"])
    if start is not None and end is not None and start >= end:
        yield Finding("reference_period", ERROR, f"{at}.referencePeriodEnd", "ends before it starts", "check the times")
    yield from _valid(found, path)
    if not Decimal(pcf["declaredUnitAmount"]) > 0:
        yield Finding("amount", ERROR, f"{at}.declaredUnitAmount", "not above zero", "give the amount of the unit")
    if found["id"] in found.get("precedingPfIds", []):
        yield Finding("preceding", ERROR, f"{path}.precedingPfIds", "names itself", "leave its own id out")
    for number, one in enumerate(found.get("extensions", [])):
        kinds = [kind for kind, file in _FILES.items() if one["dataSchema"] == _SCHEMAS + file]
        for kind in kinds:
            yield from ileap_findings(one["data"], kind, path=f"{path}.extensions[{number}].data")


def _valid(found: Mapping[str, Any], path: str) -> Iterator[Finding]:
    end = moment(found["pcf"]["referencePeriodEnd"])
    first, last = validity(found)
    if end is None:
        return
    latest = _years_later(end, int(value("pact_validity_years")))
    if not end <= first <= last <= latest:
        text = f"holds from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        remedy = f"stay within {end:%Y-%m-%d} to {latest:%Y-%m-%d}"
        yield Finding("validity", ERROR, f"{path}.validityPeriodEnd", text, remedy)


def _years_later(time: datetime, years: int) -> datetime:
    try:
        return time.replace(year=time.year + years)
    except ValueError:  # 29 February, or beyond the last year that there is
        return time.replace(year=min(time.year + years, 9999), day=28)
