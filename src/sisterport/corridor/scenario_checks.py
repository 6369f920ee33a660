"""What does not fit together in a scenario whose tables are each as they should be."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

from sisterport.corridor.build_shore import grid_g_per_kwh
from sisterport.corridor.fuel_factors import factors
from sisterport.corridor.itinerary import speed_range_kn, timetable
from sisterport.corridor.scenario import Scenario, Service
from sisterport.corridor.scenario_tables import FAMILIES
from sisterport.errors import InputError, MethodError, ReferenceDataError, did_you_mean
from sisterport.fuels.pathways import pathway_summary
from sisterport.reference import ports
from sisterport.rules.clauses import clause
from sisterport.rules.netzero_targets import target_rows
from sisterport.units import DAYS_PER_YEAR

Lines = Mapping[tuple[str, int], Mapping[str, int]]


def check_whole(scenario: Scenario, lines: Lines) -> list[str]:
    """Return every fault between the tables of a scenario, with the line where it can be mended."""

    def place(table: str, number: int, key: str, called: str = "") -> str:
        of = lines.get((table, number), {})
        line = of.get(key, of.get(""))
        shown = f"[{table} {called}]" if called else f"[{table}]"
        return f"{'' if line is None else f'line {line}: '}{shown} {key}".rstrip()

    found: list[str] = []
    for table, number, key, called, text in _faults(scenario):
        found.append(f"{place(table, number, key, called)}: {text}")
    return found


Fault = tuple[str, int, str, str, str]
"""Table, its number, key, how the table is called, and what is wrong."""


def _faults(scenario: Scenario) -> Iterator[Fault]:
    yield from _twice(scenario)
    yield from _ports(scenario)
    yield from _ends(scenario)
    yield from _burns(scenario)
    yield from _fuels(scenario)
    yield from _supply(scenario)
    for number, service in enumerate(scenario.services):
        for key, text in _service(scenario, service):
            yield "service", number, key, service.id, text
    yield from _years(scenario)
    yield from _rules(scenario)
    yield from _promises(scenario)


def _twice(scenario: Scenario) -> Iterator[Fault]:
    names = {
        ("service", "id"): [service.id for service in scenario.services],
        ("fuel", "id"): [fuel.id for fuel in scenario.fuels],
        ("port", "locode"): [port.locode for port in scenario.ports],
        ("future", "name"): [future.name for future in scenario.futures],
        ("supply", "port"): [f"{row.fuel} in {row.port}" for row in scenario.supply],
    }
    for (table, key), words in names.items():
        for word, count in Counter(words).items():
            if count > 1:
                last = len(words) - 1 - words[::-1].index(word)
                yield table, last, key, word, f"'{word}' is there {count} times: keep one"


def _ports(scenario: Scenario) -> Iterator[Fault]:
    known = [port.locode for port in scenario.ports]
    called = {code for service in scenario.services for code in service.ports}
    for number, service in enumerate(scenario.services):
        for code in sorted(set(service.ports) - set(known)):
            yield "service", number, "ports", service.id, f'{code} has no [[port]]: add one with locode = "{code}"'
        for here, after in zip(service.ports, (*service.ports[1:], service.ports[0]), strict=True):
            if here == after:
                yield "service", number, "ports", service.id, f"{here} follows itself: name it once"
    for number, code in enumerate(known):
        if code not in called:
            hint = did_you_mean(code, sorted(called))
            yield "port", number, "locode", code, f"no service calls here{hint}: remove it, or add it to a service"


def _ends(scenario: Scenario) -> Iterator[Fault]:
    called = {code for service in scenario.services for code in service.ports}
    ends = [set(end) for end in scenario.ends]
    if all(not all(end & set(service.ports) for end in ends) for service in scenario.services):
        yield "corridor", 0, "ends", "", "no service calls at both ends: name ports of the services, or other services"
    for end in scenario.ends:
        for code in end:
            if code not in called:
                yield "corridor", 0, "ends", "", f"no service calls at {code}: remove it, or add it to a service"


def _burns(scenario: Scenario) -> Iterator[Fault]:
    ids = [fuel.id for fuel in scenario.fuels]
    if scenario.ships.burns not in ids:
        hint = did_you_mean(scenario.ships.burns, ids)
        yield "ships", 0, "burns", "", f"'{scenario.ships.burns}' is no [[fuel]]{hint}; there are {', '.join(ids)}"
    elif scenario.fuel(scenario.ships.burns).family != "oil":
        yield "ships", 0, "burns", "", f"'{scenario.ships.burns}' is no oil: ships of today are taken as oil ships"
    elif not scenario.fuel(scenario.ships.burns).everywhere:
        text = f"'{scenario.ships.burns}' is what ships burn today: set everywhere = true in its [[fuel]]"
        yield "ships", 0, "burns", "", text


def _fuels(scenario: Scenario) -> Iterator[Fault]:
    supplied = {row.fuel for row in scenario.supply}
    for number, fuel in enumerate(scenario.fuels):
        if fuel.everywhere and fuel.id in supplied:
            yield "fuel", number, "everywhere", fuel.id, "it is sold everywhere without limit: remove its [[supply]]"
        if not fuel.everywhere and fuel.id not in supplied:
            yield "fuel", number, "id", fuel.id, "no [[supply]] brings it anywhere: add one, or set everywhere = true"
        if fuel.everywhere and fuel.usd_per_gj is None:
            text = "prices of the cost model are by country: give usd_per_gj, or [[supply]] with made_in"
            yield "fuel", number, "pathway_type", fuel.id, text
        try:
            factors(fuel, methane_engine=scenario.ships.methane_engine, gwp=scenario.gwp)
        except (InputError, MethodError, ReferenceDataError) as error:
            yield "fuel", number, "fuel", fuel.id, f"what it emits is not known: {error}"
    for number, port in enumerate(scenario.ports):
        try:
            grid_g_per_kwh(port)
        except ReferenceDataError as error:
            yield "port", number, "grid_g_per_kwh", port.locode, str(error)
        wrong = [family for family in port.bunkers_from if family not in {fuel.family for fuel in scenario.fuels}]
        for family in wrong:
            yield "port", number, "bunkers_from", port.locode, f"no [[fuel]] is of the family '{family}'"


def _supply(scenario: Scenario) -> Iterator[Fault]:
    ids, known = [fuel.id for fuel in scenario.fuels], {port.locode: port for port in scenario.ports}
    for number, row in enumerate(scenario.supply):
        called = f"{row.fuel} in {row.port}"
        if row.fuel not in ids:
            yield "supply", number, "fuel", called, f"'{row.fuel}' is no [[fuel]]{did_you_mean(row.fuel, ids)}"
            continue
        if row.port not in known:
            yield "supply", number, "port", called, f"{row.port} has no [[port]]{did_you_mean(row.port, list(known))}"
            continue
        fuel, port = scenario.fuel(row.fuel), known[row.port]
        if fuel.usd_per_gj is None and not row.made_in:
            yield "supply", number, "made_in", called, "is needed: the cost model has prices by country of production"
        elif fuel.usd_per_gj is None:
            rows = pathway_summary(fuel=fuel.fuel, region=row.made_in, pathway_type=fuel.pathway_type)
            if rows.is_empty():
                text = (
                    f"the cost model has no '{fuel.pathway_type}' of {fuel.fuel} made in {row.made_in}: give usd_per_gj"
                )
                yield "supply", number, "made_in", called, text
        opened = fuel.family == "oil" or fuel.family in port.bunkers_from or fuel.family in port.bunker_musd
        if not opened and fuel.family in FAMILIES:
            text = (
                f"{row.port} neither bunkers {fuel.family} nor can it be opened: add {fuel.family} to bunkers_from "
                "(with its year) or bunker_musd (with its cost) of the [[port]]"
            )
            yield "supply", number, "port", called, text


@cache
def _placed() -> frozenset[str]:
    return frozenset(ports().drop_nulls(["locode", "lat_deg"])["locode"])


def _service(scenario: Scenario, service: Service) -> Iterator[tuple[str, str]]:
    nowhere = sorted(set(service.ports) - _placed())
    if nowhere:
        yield "ports", f"no position of {', '.join(nowhere)} is known, so no distance: name a port nearby"
        return
    slowest, fastest = speed_range_kn()
    for count in service.ships_options:
        try:
            plan = timetable(service, ships=count, closed=scenario.closed)
        except (MethodError, ReferenceDataError) as error:
            yield "ports", str(error)
            return
        if not slowest <= plan.speed_kn <= fastest:
            need = f"{plan.speed_kn:.1f} kn" if plan.speed_kn > 0 else "more time than there is"
            key = "ships" if count == service.ships else "ships_options"
            text = f"{count} ships in {plan.round_trip_days:g} days over {sum(plan.distance_nm):,.0f} nm need {need}; "
            text += f"the power curve holds {slowest:g} to {fastest:g} kn: "
            yield key, text + "change ships, days_between_departures or berth_h"
    slots = service.capacity_teu * DAYS_PER_YEAR / service.days_between
    if slots < service.teu_per_year:
        text = f"= {service.teu_per_year:,.0f}, but {DAYS_PER_YEAR / service.days_between:.1f} departures of "
        text += f"{service.capacity_teu:,.0f} TEU carry {slots:,.0f}: lower it, or give more slots or departures"
        yield "teu_per_year", text
    if scenario.boundary == "cargo" and service.cargo_share is None:
        yield "corridor_cargo_share", 'is needed with boundary = "cargo"'


def _years(scenario: Scenario) -> Iterator[Fault]:
    last, first = scenario.last_year, scenario.first_year
    for year in scenario.targets.cut:
        if not first <= year <= last:
            yield "targets", 0, "cut", "", f"{year} is outside the horizon, {first} to {last}"
    for number, agreement in enumerate(scenario.agreements):
        if not first <= agreement.year <= last:
            text = f"{agreement.year} is outside the horizon, {first} to {last}"
            yield "agreement", number, "year", agreement.name, text
    for number, row in enumerate(scenario.supply):
        if row.t_per_year and min(row.t_per_year) > last:
            yield "supply", number, "t_per_year", f"{row.fuel} in {row.port}", f"begins after {last}, the last year"
    for number, service in enumerate(scenario.services):
        old = [year for year in service.build_years if year > first]
        if old:
            text = f"{old[0]} is after {first}, the first year: ships of today are built before it"
            yield "service", number, "build_years", service.id, text


def _rules(scenario: Scenario) -> Iterator[Fault]:
    rules = scenario.rules
    if not rules.netzero and not any(future.netzero for future in scenario.futures):
        return
    set_ = target_rows().drop_nulls("direct_g_per_mj")["targets_year"].to_list()
    start = rules.netzero_start or int(clause("imo_nzf_rules", "start_year").value)
    after = [year for year in scenario.years if year >= start]
    unset = [year for year in after if year not in set_]
    if unset and not rules.netzero_unset:
        text = f"the draft sets no targets for {unset[0]} to {unset[-1]}: say what they ask for, "
        yield "rules", 0, "netzero_unset", "", text + '"hold" (as the last year that has them) or "nothing"'
    due = after if rules.netzero_unset == "hold" else [year for year in after if year in set_]
    unpriced = [year for year in due if not _priced(year)]
    if unpriced and None in (rules.netzero_tier1_usd_per_t, rules.netzero_tier2_usd_per_t):
        text = f"the draft sets no prices from {unpriced[0]} on: "
        yield "rules", 0, "netzero", "", text + "give netzero_tier1_usd_per_t and netzero_tier2_usd_per_t"


def _priced(year: int) -> bool:
    try:
        clause("imo_nzf_rules", "tier1_price", year)
    except ReferenceDataError:
        return False
    return True


def _promises(scenario: Scenario) -> Iterator[Fault]:
    services = [service.id for service in scenario.services]
    for number, agreement in enumerate(scenario.agreements):
        if agreement.service and agreement.service not in services:
            text = f"'{agreement.service}' is no [[service]]{did_you_mean(agreement.service, services)}"
            yield "agreement", number, "service", agreement.name, text
        own = [s.ships for s in scenario.services if agreement.service in ("", s.id)]
        if agreement.ships > sum(own):
            yield "agreement", number, "ships", agreement.name, f"= {agreement.ships}, there are {sum(own)}"
    owners = [*(s.carrier for s in scenario.services), *(p.owner for p in scenario.ports), "everybody"]
    for number, transfer in enumerate(scenario.transfers):
        for key, word in (("owner", transfer.owner), ("payer", transfer.payer)):
            if word not in owners and key == "owner":
                hint = did_you_mean(word, owners)
                yield "transfer", number, key, transfer.item, f"'{word}' owns nothing here{hint}"
