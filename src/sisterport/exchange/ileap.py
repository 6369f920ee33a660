"""iLEAP 1.0.0: a corridor's intensity as transport and hub operation categories, its legs as transport activities.

References
----------
iLEAP Technical Specifications 1.0.0 (27 May 2025); ISO 14083:2023; GLEC Framework 3.1.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from sisterport.corridor.boundary import MEANING
from sisterport.errors import InputError, choose
from sisterport.exchange.decimals import decimal_text
from sisterport.exchange.ileap_carriers import carriers_of
from sisterport.exchange.ileap_checks import refuse
from sisterport.exchange.objects import stamp
from sisterport.reference import country_of, ports, resolve_locode
from sisterport.tables import check
from sisterport.units import KG_PER_T, KM_PER_NM

STAYS = ("transport", "hub")
"""Where the emissions of ships at berth go: with the transport (as ISO 14083 has them), or with the hub."""
_DISTANCES = {
    "services": "distances along sea routes",
    "ais": "distances as sailed: ISO 14083 asks for shortest feasible or great-circle ones, so this intensity is low",
}


class Exported(NamedTuple):
    """Objects of iLEAP, and what could not be written, with its reason."""

    objects: list[dict[str, Any]]
    left_out: pl.DataFrame


def tocs(
    baseline: Any,
    carriers: Any,
    *,
    name: str,
    stays: str = "transport",
    load_factors: Mapping[str, float] | None = None,
) -> Exported:
    """Return one transport operation category per service of a baseline.

    Parameters
    ----------
    baseline
        Table ``corridor_baseline``.
    carriers
        Table ``energy_carriers``, see `sisterport.exchange.ileap_carriers`.
    name
        First part of the ids, such as the id of the corridor.
    stays
        ``transport``: emissions at berth are in the category; ``hub``: they are left to `hocs`.
    load_factors
        Cargo over slots of each service, where it is known.

    Returns
    -------
    Exported
        Intensities in kg CO2e per TEU km. A service without transport work, or with emissions that are not known, is
        left out.

    Raises
    ------
    MethodError
        An unknown word for `stays`.
    InputError
        If a service has no energy carriers, or an object would break the standard.

    Examples
    --------
    >>> from sisterport.corridor import baseline, example
    >>> from sisterport.exchange.ileap_carriers import scenario_carriers
    >>> scenario = example("shanghai-los-angeles")
    >>> written = tocs(baseline(scenario), scenario_carriers(scenario), name=scenario.id)
    >>> [toc["tocId"] for toc in written.objects][:1], written.objects[0]["transportActivityUnit"]
    (['shanghai-los-angeles:string:tp-1'], 'TEUkm')
    """
    choose("stays", stays, STAYS)
    rows = check(baseline, "corridor_baseline")
    kept = rows if stays == "transport" else rows.filter(kind="leg")
    fuels, objects, lost = check(carriers, "energy_carriers"), [], []
    for (service,), part in kept.group_by("service", maintain_order=True):
        reason = _unknown(part, activity=True)
        if reason:
            lost.append((service, reason))
            continue
        found, remarks = carriers_of(part, fuels)
        first, activity = part.row(0, named=True), float(part["teu_nm_per_year"].sum()) * KM_PER_NM
        load = (load_factors or {}).get(str(service))
        objects.append(
            {
                "tocId": f"{name}:{first['boundary']}:{service}",
                "description": _description(part, stays, remarks),
                "mode": "Sea",
                **({"loadFactor": decimal_text(load)} if load is not None else {}),
                "energyCarriers": found,
                **_intensities(part, activity),
                "transportActivityUnit": "TEUkm",
            }
        )
    refuse(objects, "TOC")
    return Exported(objects, _left_out(lost))


def hocs(baseline: Any, carriers: Any, *, name: str, hub_teu: Mapping[str, float]) -> Exported:
    """Return one hub operation category per port of a baseline: what ships emit at berth, per TEU that leaves.

    Parameters
    ----------
    baseline, carriers, name
        As in `tocs`, which is then called with ``stays="hub"``: what is counted here must not be counted there.
    hub_teu
        TEU a year that leave each port on or from the services of the baseline [TEU/year]: no table of a corridor
        knows it. Ports that are not in it are left out.

    Raises
    ------
    InputError
        As in `tocs`, and where throughput is not above zero.

    Notes
    -----
    Only the ships: cranes, vehicles and buildings of the terminal are for the terminal to add.

    Examples
    --------
    >>> from sisterport.corridor import baseline, example
    >>> from sisterport.exchange.ileap_carriers import scenario_carriers
    >>> scenario = example("shanghai-los-angeles")
    >>> written = hocs(baseline(scenario), scenario_carriers(scenario), name=scenario.id, hub_teu={"USLAX": 1e6})
    >>> [hoc["hubLocation"]["city"] for hoc in written.objects], "no throughput" in written.left_out["reason"][0]
    (['Los Angeles'], True)
    """
    throughput = {resolve_locode(port): teu for port, teu in hub_teu.items()}
    wrong = [port for port, teu in throughput.items() if not teu > 0]
    if wrong:
        raise InputError(f"hub_teu of {', '.join(wrong)} is not above zero")
    fuels, objects, lost = check(carriers, "energy_carriers"), [], []
    stays = check(baseline, "corridor_baseline").filter(kind="berth")
    for (port,), part in stays.group_by("place", maintain_order=True):
        code, place = str(port), location(str(port))
        reason = "no throughput was given" if code not in throughput else _unknown(part, activity=False)
        reason = reason or ("the port's name is not known" if place is None else "")
        if reason:
            lost.append((port, reason))
            continue
        found, remarks = carriers_of(part, fuels)
        objects.append(
            {
                "hocId": f"{name}:{part['boundary'][0]}:{port}",
                "description": _description(part, "hub", remarks),
                "hubType": "MaritimeContainerTerminal",
                "hubLocation": place,
                "inboundTransportMode": "Sea",
                "energyCarriers": found,
                **_intensities(part, throughput[code]),
                "hubActivityUnit": "TEU",
            }
        )
    refuse(objects, "HOC")
    return Exported(objects, _left_out(lost))


def tads(legs: Any, consignments: Any, *, shortest_nm: Mapping[tuple[str, str], float] | None = None) -> Exported:
    """Return one transport activity per leg that carried consignments.

    Parameters
    ----------
    legs
        Table ``legs``.
    consignments
        Table ``consignments``: what each leg carried. The mass is written where it is known of all of a leg.
    shortest_nm
        Shortest feasible distance between two ports [nm], where it is known, as ISO 14083 asks for it.

    Returns
    -------
    Exported
        Legs without consignments or without ports are left out.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> start, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 15, tzinfo=UTC)
    >>> leg = {"leg_id": "l1", "mmsi": 477000000, "from_locode": "CNSGH", "to_locode": "USLAX", "departure_utc": start,
    ...        "arrival_utc": end, "hours": 336.0, "distance_nm": 5700.0, "hours_bridged": 300.0}
    >>> carried = pl.DataFrame({"leg_id": ["l1", "l1"], "consignment_id": ["a", "b"], "mass_kg": [9e3, 1e4]})
    >>> tad, = tads(pl.DataFrame([leg]), carried).objects
    >>> tad["consignmentIds"], tad["mass"], tad["distance"]
    (['a', 'b'], '19000', {'actual': '10556.4'})
    """
    cargo = check(consignments, "consignments")
    objects, lost = [], []
    for leg in check(legs, "legs").iter_rows(named=True):
        own = cargo.filter(leg_id=leg["leg_id"])
        ends = leg["from_locode"], leg["to_locode"]
        places = [location(port) if port else None for port in ends]
        if own.is_empty() or None in places:
            what = "no consignments were given" if own.is_empty() else "a port is not known"
            lost.append((leg["leg_id"], what))
            continue
        shortest = (shortest_nm or {}).get(ends)
        objects.append(
            {
                "activityId": leg["leg_id"],
                "consignmentIds": own["consignment_id"].to_list(),
                "distance": {
                    "actual": _km(leg["distance_nm"]),
                    **({"sfd": _km(shortest)} if shortest is not None else {}),
                },
                **({"mass": decimal_text(own["mass_kg"].sum())} if not own["mass_kg"].null_count() else {}),
                "origin": places[0],
                "destination": places[1],
                "departureAt": stamp(leg["departure_utc"]),
                "arrivalAt": stamp(leg["arrival_utc"]),
                "mode": "Sea",
            }
        )
    refuse(objects, "TAD")
    strangers = cargo.filter(~pl.col("leg_id").is_in(check(legs, "legs")["leg_id"].implode()))["leg_id"].unique().sort()
    return Exported(objects, _left_out(lost + [(leg_id, "no such leg") for leg_id in strangers]))


def location(locode: str) -> dict[str, str] | None:
    """Return a port as a Location of iLEAP, None where its name is not known.

    Examples
    --------
    >>> location("USLAX")["city"], location("USLAX")["country"]
    ('Los Angeles', 'US')
    """
    code = resolve_locode(locode)
    rows = ports().filter(pl.col("locode") == code).rows(named=True)
    if not rows:
        return None
    place = {"city": rows[0]["name"], "country": country_of(code), "locode": code}
    lat, lon = rows[0]["lat_deg"], rows[0]["lon_deg"]
    return place if lat is None or lon is None else place | {"lat": decimal_text(lat), "lng": decimal_text(lon)}


def _unknown(part: pl.DataFrame, *, activity: bool) -> str:
    """Return why the intensity of some rows is not known, or an empty text."""
    if part["co2e_wtw_t_per_year"].null_count() or part["co2e_ttw_t_per_year"].null_count():
        return "emissions are not known of all of it"
    legs = part.filter(kind="leg")["teu_nm_per_year"]
    return "no transport work is known" if activity and (legs.null_count() or not legs.sum() > 0) else ""


def _intensities(part: pl.DataFrame, activity: float) -> dict[str, str]:
    """Return well to wake and tank to wake per unit of activity [kg]."""
    return {
        f"co2eIntensity{scope.upper()}": decimal_text(
            float(part[f"co2e_{scope}_t_per_year"].sum()) * KG_PER_T / activity
        )
        for scope in ("wtw", "ttw")
    }


def _description(part: pl.DataFrame, stays: str, remarks: list[str]) -> str:
    """Return what a reader must know before comparing: boundary, distances, what is unknown, near words."""
    row, hours = part.row(0, named=True), float(part["hours_per_year"].sum())
    said = [f"boundary {row['boundary']}: {MEANING[row['boundary']]}"]
    said += [_DISTANCES.get(row["basis"], row["basis"])] if "leg" in part["kind"] else []
    said += ["ships at berth only, not the terminal"] if stays == "hub" and "leg" not in part["kind"] else []
    said += ["without stays at berth"] if "berth" not in part["kind"] else []
    unknown = float(part["hours_unknown_per_year"].sum())
    said += [f"{unknown / hours:.1%} of the time without an estimate"] if unknown else []
    return "; ".join([*said, *remarks])


def _km(distance_nm: float) -> str:
    return decimal_text(round(distance_nm * KM_PER_NM, 3))


def _left_out(rows: list[tuple[Any, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"what": pl.String, "reason": pl.String}, orient="row")
