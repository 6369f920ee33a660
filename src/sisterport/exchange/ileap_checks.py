"""iLEAP 1.0.0: what breaks the data model, also where the published JSON Schema says nothing.

The schemas have no least number of items, take any misspelt key and know no sums: those are checked here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sisterport.errors import InputError, choose
from sisterport.exchange.findings import ERROR, WARN, Finding
from sisterport.exchange.objects import moment, strict
from sisterport.units import KG_PER_T

TYPES = ("TOC", "HOC", "TAD", "ShipmentFootprint")
_ROUNDED = Decimal("1e-4")
"""How far shares may miss 1, and products of rounded decimals each other, relatively."""
_DISTANCES = ("actual", "gcd", "sfd")

Object = Mapping[str, Any]


def ileap_findings(found: Any, kind: str, *, path: str = "$") -> list[Finding]:
    """Return everything that breaks iLEAP 1.0.0 in an object.

    Parameters
    ----------
    found
        The object.
    kind
        ``TOC``, ``HOC``, ``TAD`` or ``ShipmentFootprint``.
    path
        Where it stands in the message.

    Raises
    ------
    MethodError
        An unknown kind.

    References
    ----------
    iLEAP Technical Specifications 1.0.0 (27 May 2025), data model.

    Examples
    --------
    >>> carrier = {"energyCarrier": "HFO", "relativeShare": "0.9", "emissionFactorWTW": "0.1", "emissionFactorTTW": "0"}
    >>> toc = {"tocId": "t", "mode": "Sea", "energyCarriers": [carrier], "co2eIntensityWTW": "0.04",
    ...        "co2eIntensityTTW": "0.03", "transportActivityUnit": "tkm"}
    >>> [f"{one.check} {one.path}" for one in ileap_findings(toc, "TOC")]
    ['shares $.energyCarriers', 'unit $.transportActivityUnit']
    """
    choose("object of iLEAP", kind, TYPES)
    form = strict(found, "ileap", kind, path=path)
    if any(one.severity == ERROR for one in form):
        return form  # sums of what is malformed say nothing
    return form + list(_RULES[kind](found, path))


def refuse(objects: Sequence[Any], kind: str) -> None:
    """Raise where any object breaks the standard.

    Raises
    ------
    InputError
        Naming the first faults.
    """
    faults = [one for number, found in enumerate(objects) for one in ileap_findings(found, kind, path=f"$[{number}]")]
    errors = [f"{one.path}: {one.fault}; {one.remedy}" for one in faults if one.severity == ERROR]
    if errors:
        raise InputError(f"iLEAP {kind}: {len(errors)} faults: " + "; ".join(errors[:5]))


def _toc(found: Object, path: str) -> Iterator[Finding]:
    yield from _carriers(found, path)
    yield from _factors(found, path)
    unit = "TEUkm" if found["mode"] in {"Sea", "InlandWaterway"} else "tkm"
    if found["transportActivityUnit"] != unit:
        text = f"{found['mode']} per {found['transportActivityUnit']}"
        yield Finding("unit", ERROR, f"{path}.transportActivityUnit", text, f"give it per {unit}")


def _hoc(found: Object, path: str) -> Iterator[Finding]:
    yield from _carriers(found, path)
    yield from _location(found.get("hubLocation"), f"{path}.hubLocation")


def _tad(found: Object, path: str) -> Iterator[Finding]:
    yield from _carriers(found, path)
    yield from _factors(found, path)
    yield from _distance(found["distance"], f"{path}.distance")
    for name in ("origin", "destination"):
        yield from _location(found[name], f"{path}.{name}")
    yield from _order(found, path)


def _shipment(found: Object, path: str) -> Iterator[Finding]:
    for number, tce in enumerate(found["tces"]):
        yield from _tce(tce, f"{path}.tces[{number}]")


def _tce(found: Object, path: str) -> Iterator[Finding]:
    if (found.get("tocId") is None) == (found.get("hocId") is None):
        yield Finding("category", ERROR, path, "needs just one of tocId and hocId", "give one, leave the other out")
    yield from _distance(found["distance"], f"{path}.distance")
    yield from _order(found, path)
    km = [Decimal(found["distance"][name]) for name in _DISTANCES if found["distance"].get(name) is not None]
    activity = Decimal(found["transportActivity"])
    products = [part * Decimal(found["mass"]) / Decimal(KG_PER_T) for part in km]
    if found.get("tocId") is not None and all(abs(one - activity) > _ROUNDED * one for one in products):
        text = f"transportActivity {activity} is no distance [km] times mass [t]"
        yield Finding("activity", WARN, f"{path}.transportActivity", text, "give tonne-kilometres")


def _carriers(found: Object, path: str) -> Iterator[Finding]:
    carriers = found.get("energyCarriers")
    if carriers is None:
        return
    shares = [Decimal(one["relativeShare"]) for one in carriers]
    at = f"{path}.energyCarriers"
    if any(not 0 < share <= 1 for share in shares) or abs(sum(shares, Decimal(0)) - 1) > _ROUNDED:
        text = f"shares {', '.join(map(str, shares))}"
        yield Finding("shares", ERROR, at, text, "give shares above 0 that sum to 1")
    for number, one in enumerate(carriers):
        if (one.get("energyConsumption") is None) and one.get("energyConsumptionUnit") is not None:
            text = "a unit without energyConsumption"
            yield Finding("consumption", WARN, f"{at}[{number}]", text, "give both")
        if one.get("energyConsumption") is not None and one.get("energyConsumptionUnit") is None:
            yield Finding("consumption", ERROR, f"{at}[{number}]", "energyConsumption without a unit", "give both")


def _factors(found: Object, path: str) -> Iterator[Finding]:
    load, empty = found.get("loadFactor"), found.get("emptyDistanceFactor")
    if load is not None and not 0 < Decimal(load) <= 1:
        yield Finding("load_factor", ERROR, f"{path}.loadFactor", f"loadFactor {load}", "give a share above 0, up to 1")
    if empty is not None and not 0 <= Decimal(empty) < 1:
        text = f"emptyDistanceFactor {empty}"
        yield Finding("empty_distance", ERROR, f"{path}.emptyDistanceFactor", text, "give a share from 0, below 1")


def _distance(found: Object, path: str) -> Iterator[Finding]:
    if all(found.get(name) is None for name in _DISTANCES):
        yield Finding("distance", ERROR, path, "no distance", "give at least one of actual, gcd and sfd [km]")


def _location(found: Object | None, path: str) -> Iterator[Finding]:
    if found is not None and (found.get("lat") is None) != (found.get("lng") is None):
        yield Finding("position", ERROR, path, "lat without lng or lng without lat", "give both or none")


def _order(found: Object, path: str) -> Iterator[Finding]:
    start, end = moment(found.get("departureAt")), moment(found.get("arrivalAt"))
    if start is not None and end is not None and end < start:
        yield Finding("order", ERROR, f"{path}.arrivalAt", "arrival before departure", "check the times")


_RULES: dict[str, Callable[[Object, str], Iterator[Finding]]] = {
    "TOC": _toc,
    "HOC": _hoc,
    "TAD": _tad,
    "ShipmentFootprint": _shipment,
}
