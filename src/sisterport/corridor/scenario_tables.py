"""The tables of a scenario file, one function each: what each key has to be."""

from collections.abc import Mapping
from statistics import mean
from typing import Any

from sisterport.corridor.scenario import (
    Agreement,
    Fuel,
    Future,
    PortFacts,
    RuleChoices,
    Service,
    ShipFacts,
    Supply,
    Transfer,
)
from sisterport.corridor.scenario_part import Part
from sisterport.corridor.vessels import classes
from sisterport.fleet import read_register
from sisterport.fuels import named_fuel, pathways, region_code
from sisterport.fuels.names import fuel_row
from sisterport.reference import load, value

FAMILIES = ("oil", "methane", "methanol", "ammonia", "hydrogen")
"""Families of fuels that a ship can be built or converted for."""

_METHANE_ENGINES = ("HPDF", "LPDF_2S", "LPDF_4S", "LBSI")
ITEMS = ("fuel", "ships", "bunkering", "shore_power", "electricity", "rules")
"""Kinds of cost that a transfer can move."""

_MOST_GROWTH = 0.2
"""Growth of cargo per year beyond which the point of a number was forgotten."""

Register = Mapping[int, Mapping[str, Any]]
"""Ships of a register by IMO number."""


def register(part: Part) -> Register | None:
    """Read ``[register]``: a file of ships that services may name by IMO number."""
    path = part.file("file")
    if path is None or not path.exists():
        return None
    part.named.append(path)
    frame = part.trial("file", read_register, path)
    return {} if frame is None else {row["imo"]: row for row in frame.to_dicts() if row.get("imo")}


def ship_facts(part: Part) -> ShipFacts:
    """Read ``[ships]``."""
    return ShipFacts(
        burns=part.text("burns"),
        sea_margin=part.number("sea_margin", low=0.0, high=1.0, needed=True) or 0.0,
        tank_reserve=part.number("tank_reserve", low=0.0, high=0.9, needed=True) or 0.0,
        life_years=part.whole("life_years", 25, low=1) or 25,
        methane_engine=part.one_of("methane_engine", _METHANE_ENGINES, _METHANE_ENGINES[0]),
        boiloff=part.one_of("boiloff", ("kept", "lost"), "kept"),
        ship_musd=part.above_zero("ship_musd"),
        charter_out_usd_per_day=part.number("charter_out_usd_per_day", 0.0, low=0.0) or 0.0,
        ships_from=part.years_by_word("ships_from", FAMILIES, what="family of fuels"),
        new_ships_per_year=part.whole("new_ships_per_year", 0) or 0,
    )


def service(part: Part, ships: Register | None) -> Service:
    """Read a ``[[service]]``; what it does not say of its ships comes from the register, else from the class."""
    name = part.text("id")
    ports = part.locodes("ports", needed=True)
    calls = len(part.data["ports"]) if isinstance(part.data.get("ports"), list) else 0
    if "ports" in part.data and len(ports) < 2:
        part.fault("ports", "should name at least two ports")
    of_class = classes()
    word = part.one_of("vessel_class", tuple(of_class), "", needed=True)
    row = of_class.get(word, {"nominal_capacity": 0.0, "capacity_utilisation": "0"})
    imo, rows = _named_ships(part, ships)
    count = part.whole("ships", len(imo) or None, low=1, needed=not imo) or 0
    if imo and count != len(imo):
        part.fault("ships", f"= {count}, but imo names {len(imo)}")
    teus = [found["teu"] for found in rows if found.get("teu")]
    given = part.above_zero("capacity_teu", mean(teus) if teus else float(row["nominal_capacity"]))
    built = part.integers("build_years") or tuple(found["build_year"] for found in rows if found.get("build_year"))
    if len(built) != count and count:
        part.fault("build_years", f"should name one year for each of the {count} ships, names {len(built)}")
    options = part.integers("ships_options") or (count,)
    if count not in options:
        part.fault("ships_options", f"should hold the {count} ships of today, is {list(options)}")
    usual = float(str(row["capacity_utilisation"]).split("|", maxsplit=1)[0])
    source = f"class {word}" if not teus else f"mean of {len(teus)} ships of the register"
    return Service(
        id=name,
        name=part.take("name", str, name),
        carrier=part.text("carrier"),
        ports=ports,
        days_between=part.above_zero("days_between_departures", needed=True) or 0.0,
        ships=count,
        ships_options=tuple(sorted(set(options))),
        vessel_class=word,
        capacity_teu=given or 0.0,
        build_years=built,
        berth_h=part.numbers("berth_h", calls, low=0.0, needed=True),
        buffer_h=part.number("buffer_h", low=0.0, needed=True) or 0.0,
        utilisation=part.number("utilisation", usual, low=0.0, high=1.0) or 0.0,
        teu_per_year=part.above_zero("teu_per_year", needed=True) or 0.0,
        teu_growth=part.number("teu_growth_per_year", 0.0, low=-_MOST_GROWTH, high=_MOST_GROWTH) or 0.0,
        cargo_share=part.number("corridor_cargo_share", low=0.0, high=1.0),
        imo=imo,
        capacity_source="file" if "capacity_teu" in part.data else source,
    )


def _named_ships(part: Part, ships: Register | None) -> tuple[tuple[int, ...], list[Mapping[str, Any]]]:
    imo = part.integers("imo")
    if imo and ships is None:
        part.fault("imo", 'names ships, but there is no register: add [register] with file = "..."')
        return imo, []
    unknown = [number for number in imo if number not in (ships or {})]
    if unknown:
        part.fault("imo", f": not in the register: {', '.join(map(str, unknown))}")
    return imo, [ships[number] for number in imo if ships and number in ships]


def fuel(part: Part) -> Fuel:
    """Read a ``[[fuel]]``."""
    name = part.text("id")
    word = part.text("fuel")
    named = part.trial("fuel", named_fuel, word) if word else None
    row = fuel_row(named.fuel) if named else {"classes": "fossil|bio|rfnbo", "family": ""}
    if named and row["family"] not in FAMILIES:
        part.fault("fuel", f": no ship can be built for the family '{row['family']}' here; there are {FAMILIES}")
    kind = part.one_of("class", tuple(row["classes"].split("|")), named.fuel_class if named else "", needed=True)
    low, high = value("certified_wtw_min"), value("certified_wtw_max")
    certified = part.number("certified_wtw_g_per_mj", low=low, high=high, needed=kind != "fossil")
    certificate = part.take("certificate", str, "", needed=kind != "fossil")
    if kind == "fossil" and (certified is not None or certificate):
        part.fault("certified_wtw_g_per_mj", "is of bio and rfnbo fuels; a fossil one takes the default of the law")
    pathway = part.take("pathway_type", str, "")
    if pathway and named:
        part.trial("pathway_type", lambda: pathways(fuel=named.fuel, pathway_type=pathway))
    price = part.above_zero("usd_per_gj")
    if (price is None) == (not pathway):
        part.fault("usd_per_gj", "or pathway_type (the cost model) is needed, and only one of them")
    return Fuel(
        id=name,
        fuel=named.fuel if named else "",
        family=row["family"],
        fuel_class=kind,
        pathway_type=pathway,
        usd_per_gj=price,
        price_year=part.year("price_year", needed=price is not None) or 0,
        price_growth=part.number("price_growth", low=-0.5, high=0.5, needed=True) or 0.0,
        certified_wtw_g_per_mj=certified,
        certificate=certificate,
        crop=part.take("crop", bool, default=False),
        everywhere=part.take("everywhere", bool, default=False),
    )


def supply(part: Part) -> Supply:
    """Read a ``[[supply]]``."""
    made_in = part.take("made_in", str, "")
    return Supply(
        fuel=part.text("fuel"),
        port=part.locode("port", needed=True),
        t_per_year=part.steps("t_per_year", needed=True),
        made_in=part.trial("made_in", region_code, made_in, default="") if made_in else "",
        delivery_usd_per_t=part.number("delivery_usd_per_t", low=0.0),
        handling_usd_per_t=part.number("handling_usd_per_t", low=0.0),
    )


def port(part: Part) -> PortFacts:
    """Read a ``[[port]]``."""
    locode = part.locode("locode", needed=True)
    shore_from, shore_musd = part.year("shore_power_from"), part.number("shore_power_musd", low=0.0)
    price = part.number("electricity_usd_per_kwh", low=0.0)
    if (shore_from is not None or shore_musd is not None) and price is None:
        part.fault("electricity_usd_per_kwh", "is needed where there is or can be shore power")
    return PortFacts(
        locode=locode,
        owner=part.take("owner", str, locode),
        bunkers_from=part.years_by_word("bunkers_from", FAMILIES, what="family of fuels"),
        bunker_musd=part.by_word("bunker_musd", FAMILIES, what="family of fuels"),
        shore_share=part.number("shore_power_share", low=0.0, high=1.0),
        shore_from=shore_from,
        shore_musd=shore_musd,
        electricity_usd_per_kwh=price,
        grid_g_per_kwh=part.number("grid_g_per_kwh", low=0.0),
    )


def rules(part: Part) -> RuleChoices:
    """Read ``[rules]``; what is not named is off."""
    flags = {
        name: part.take(name, bool, default=False) for name in ("fueleu", "ets", "netzero", "at_berth", "china", "afir")
    }
    return RuleChoices(
        **flags,
        netzero_start=part.year("netzero_start"),
        netzero_tier1_usd_per_t=part.above_zero("netzero_tier1_usd_per_t"),
        netzero_tier2_usd_per_t=part.above_zero("netzero_tier2_usd_per_t"),
        netzero_unset=part.one_of("netzero_unset", ("hold", "nothing", ""), ""),
        allowance_eur=part.steps("allowance_eur"),
        usd_per_eur=part.above_zero("usd_per_eur"),
        carbon_usd_per_t=part.steps("carbon_usd_per_t"),
    )


def agreement(part: Part) -> Agreement:
    """Read an ``[[agreement]]``."""
    count, share = part.whole("ships", low=1), part.number("energy_share", low=0.0, high=1.0)
    if (count is None) == (share is None):
        part.fault("ships", "or energy_share is needed, and only one of them")
    thresholds = load("fuel_thresholds")["threshold"].unique(maintain_order=True).to_list()
    return Agreement(
        name=part.text("name"),
        year=part.year("year", needed=True) or 0,
        ships=count or 0,
        energy_share=share or 0.0,
        service=part.take("service", str, ""),
        threshold=part.one_of("threshold", thresholds, "nzf_zero"),
    )


def future(part: Part) -> Future:
    """Read a ``[[future]]``."""
    factors = {
        name: part.number(name, 1.0, low=0.0, high=10.0) or 0.0
        for name in ("green_price", "fossil_price", "carbon_price", "supply", "demand")
    }
    return Future(
        name=part.text("name"),
        weight=part.above_zero("weight", 1.0) or 1.0,
        netzero=part.take("netzero", bool),
        netzero_start=part.year("netzero_start"),
        **factors,
    )


def transfer(part: Part) -> Transfer:
    """Read a ``[[transfer]]``."""
    return Transfer(
        item=part.one_of("item", ITEMS, "", needed=True),
        owner=part.text("owner"),
        payer=part.text("payer"),
        share=part.number("share", low=0.0, high=1.0, needed=True) or 0.0,
    )
