"""The page of a corridor's plan: what to do when, which fuel from where, on which ships, at what cost; the proof."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from sisterport.corridor.answers_frames import Told
from sisterport.corridor.futures import Futures
from sisterport.corridor.plan_frames import SHORE_POWER
from sisterport.corridor.scenario import Scenario
from sisterport.site import corridor_charts as drawn
from sisterport.site import corridor_plan_money as money
from sisterport.site import corridor_plan_more as more
from sisterport.site import corridor_plan_ships as fleet
from sisterport.site import corridor_plan_worth as worth
from sisterport.site.corridor_map import flow_map
from sisterport.site.corridor_parts import passport
from sisterport.site.corridor_words import ends_of, fuel_colours, port_name
from sisterport.site.digits import counted, number, percent, significant, with_unit
from sisterport.site.parts import Content, Number, Section, picture
from sisterport.site.tabulate import Column, tabulate

TABLE = "The numbers are in the table below."
_STEP = 5
_CUT = "cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page shows.

    Attributes
    ----------
    scenario : Scenario
        The scenario.
    plan, today : Told
        The plan and today's way.
    accounts : polars.DataFrame
        Rules and targets of the plan (table ``corridor_accounts``).
    summary : mapping
        Numbers of the plan.
    tables : mapping
        Answers by name: years, fuel_by_port, payers, beside_today, abatement, marginal, proposals, and changes and
        frontier if made.
    futures : Futures or None
        First decisions for all futures.
    """

    scenario: Scenario
    plan: Told
    today: Told
    accounts: pl.DataFrame
    summary: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]
    futures: Futures | None = None


def page(shown: Shown) -> Content:
    """Return the page."""
    sections = [
        _actions(shown),
        _fuels(shown),
        _bunkers(shown),
        fleet.ships(shown),
        money.costs(shown),
        money.payers(shown),
        money.abatement(shown),
        money.frontier(shown),
        worth.marginal(shown),
        more.several(shown),
        more.changes(shown),
        more.proposals(shown),
        more.proof(shown),
        passport(shown.scenario),
    ]
    return Content(
        kind=f"Plan of the corridor {shown.scenario.name}",
        lead=_lead(shown),
        numbers=_numbers(shown),
        reserve=_reserve(shown),
        sections=[section for section in sections if section is not None],
    )


def _lead(shown: Shown) -> str:
    s, last = shown.summary, shown.tables["years"].row(-1, named=True)
    first = shown.tables["years"].row(0, named=True)
    cut = 1.0 - last["co2e_wtw_t"] / first["co2e_wtw_t"]
    aim = (
        f"the cheapest plan that holds every promise and {_target_words(shown)}"
        if s["objective"] == "cost"
        else f"the plan with the least emissions for at most {significant(s['budget_musd'])} MUSD more than today's way"
    )
    grows = any(service.teu_growth for service in shown.scenario.services)
    cargo = "cargo that changes as the scenario says" if grows else "the same cargo"
    left = float(shown.today.emissions.filter(year=last["year"])["wtw_t"].sum())
    return (
        f"Between {ends_of(shown.scenario)} emissions fall from {_kt(first['co2e_wtw_t'])} CO₂e in {first['year']} to "
        f"{_kt(last['co2e_wtw_t'])} in {last['year']} ({percent(cut)} less, well to wake), with {cargo} at the "
        f"same frequency; {percent(last['green_share'])} of the energy is green by certificate then. Without targets "
        f"and promises the cheapest way (\u201ctoday's way\u201d) would leave {_kt(left)}; the plan costs "
        f"{with_unit(s['more_musd'], 'MUSD')} more than that. It is {aim}; it is proven that no plan can be better "
        f"by more than {_gap(s['gap'])}."
    )


def _target_words(shown: Shown) -> str:
    """Say whether the target is met: where it has a price, a plan may pay instead."""
    missed = shown.accounts.filter(pl.col("account") == _CUT, pl.col("missed_t") > 1.0)
    if missed.is_empty():
        return "every target"
    years = counted(missed["year"].n_unique(), "year")
    return f"pays the price of the target where that is cheaper than to meet it ({years})"


def _gap(gap: float) -> str:
    """Return a gap in per cent, never rounded to nothing."""
    return f"{max(100.0 * gap, 0.01):.2f}\u202f%"


def _numbers(shown: Shown) -> list[Number]:
    s = shown.summary
    year = s["usd_year"]
    return [
        Number("More than today's way", with_unit(s["more_musd"], "MUSD"), f"Present value, money of {year}."),
        Number("A tonne avoided", with_unit(s["usd_per_t"], "USD"), "Of CO₂e, well to wake; levelised."),
        Number("A TEU carried", with_unit(s["usd_per_teu"], "USD"), "More than today, on the fullest leg; levelised."),
        Number("Ships ordered", number(s["ships_ordered"]), f"{s['ships_ordered_new_fuel']} of them for new fuels."),
        Number("Proven gap", _gap(s["gap"]), "A better plan could be better by this at most."),
    ]


def _reserve(shown: Shown) -> list[str]:
    scenario = shown.scenario
    return [
        f"Money is of {scenario.usd_year}, discounted at {percent(scenario.discount_rate)} a year.",
        f"Ships cost their price less what is left of them after {scenario.last_year}.",
        (
            "Today's way is the cheapest plan of the same scenario without targets, promises and budget: it may sail "
            "slower too."
        ),
        f"The fleet of {scenario.first_year} is that of today. Emissions are from well to wake.",
        f"{counted(len(scenario.guesses), 'value')} of the scenario are guesses; they are named at the end.",
    ]


# ---- what to do ----


def _actions(shown: Shown) -> Section:
    rows = actions(shown)
    columns = [
        Column(key="year", label="Year", kind="text"),
        Column(key="who", label="Who", kind="text"),
        Column(key="what", label="What", kind="text"),
        Column(key="cost_musd", label="Cost", unit="MUSD"),
    ]
    return Section(
        key="actions",
        title="What to do, and when",
        words=[_first_words(shown)],
        parts=[tabulate(rows, columns, caption="Decisions of the plan, year by year")],
        points=[
            "Cost is that of the year in which it is paid; of ships less what is left of them after the last year."
        ],
    )


def _first_words(shown: Shown) -> str:
    """Say what has to be decided first: in the first years of the plan."""
    until = min(shown.scenario.first_year + _STEP - 1, shown.scenario.last_year)
    orders = shown.plan.orders.filter(pl.col("year") <= until)
    fuelled = int(orders.filter(pl.col("family") != "oil")["ships"].sum())
    opened = shown.plan.openings.filter(pl.col("year") <= until).height
    ports = f"{counted(opened, 'opening')} in ports" if opened else "nothing has to be opened in ports"
    return (
        f"Up to {until} it takes {counted(int(orders['ships'].sum()), 'ship')} ordered or converted ({fuelled} for new "
        f"fuels); {ports}. The list holds every ship, what ports open, and the first year in which a fuel is bunkered "
        "in a port."
    )


def actions(shown: Shown) -> pl.DataFrame:
    """Return the decisions of a plan in words: year, who, what, cost_musd."""
    scenario = shown.scenario
    carriers = {s.id: (s.carrier or s.id, s.name) for s in scenario.services}
    rows: list[tuple[int, int, str, str, float | None]] = []
    for row in shown.plan.orders.iter_rows(named=True):
        carrier, service = carriers[row["service"]]
        what = "new ship" if row["from_variant"] is None else f"ship converted from {row['from_variant']}"
        many = counted(row["ships"], what, what.replace("ship", "ships", 1))
        rows.append((row["year"], 0, carrier, f"{many} for {row['variant']}, {service}", row["cost_musd"]))
    for row in shown.plan.openings.iter_rows(named=True):
        what = SHORE_POWER if row["opened"] == SHORE_POWER else f"bunkering of {row['opened']}"
        rows.append((row["year"], 1, _owner(scenario, row["port"]), f"opens {what}", row["cost_musd"]))
    fuel = shown.tables["fuel_by_port"].filter(pl.col("fuel") != scenario.ships.burns)
    for (port, name), years in fuel.group_by("port", "fuel", maintain_order=True):
        first = years.sort("year").row(0, named=True)
        text = f"{name} bunkered for the first time: {_kt(first['mass_t'])} in the year"
        rows.append((first["year"], 2, _owner(scenario, str(port)), text, None))
    schema = {"year": pl.Int64, "order": pl.Int64, "who": pl.String, "what": pl.String, "cost_musd": pl.Float64}
    found = pl.DataFrame(rows, schema=schema, orient="row").sort("year", "order", "who", "what")
    return found.select("year", "who", "what", "cost_musd")


def _owner(scenario: Scenario, port: str) -> str:
    return scenario.port(port).owner or port_name(port)


# ---- fuels and emissions ----


def _fuels(shown: Shown) -> Section:
    scenario = shown.scenario
    colours = fuel_colours(scenario.fuels)
    fuel = shown.plan.fuel.group_by("year", "fuel", maintain_order=True).agg(pl.col("energy_tj").sum())
    rows = fuel.select("year", series="fuel", value=pl.col("energy_tj") / 1e3)
    emitted = shown.plan.emissions.group_by("year", "service", maintain_order=True).agg(pl.col("wtw_t").sum())
    names = [s.id for s in scenario.services]
    shades = dict(zip(names, _shades(len(names)), strict=True))
    cap = (
        shown.accounts.filter(pl.col("account") == _CUT)
        .group_by("year", maintain_order=True)
        .agg(pl.col("limit_t").sum())
    )
    limit = cap.sort("year").select("year", value=pl.col("limit_t") / 1e3)
    glance = [
        Column(key="year", label="Year", kind="text"),
        Column(key="energy_tj", label="Energy", unit="PJ", factor=1e-3),
        Column(key="green_share", label="Green", kind="share"),
        Column(key="electricity_tj", label="Shore", unit="TJ", most=0),
        Column(key="co2e_wtw_t", label="CO₂e WtW", unit="kt", factor=1e-3),
        Column(key="ships", label="Ships", kind="count"),
        Column(key="ships_new_fuel", label="New fuels", kind="count"),
        Column(key="ordered", label="Ordered", kind="count"),
        Column(key="cost_musd", label="Cost", unit="MUSD", most=0),
    ]
    price = "" if scenario.targets.kind == "hard" else f", which may be missed at {scenario.targets.usd_per_t:g} USD/t"
    measure = "" if scenario.targets.measure == "wtw" else " (the target counts tank to wake)"
    return Section(
        key="years",
        title="Fuels and emissions over the years",
        words=[_speed_words(shown)],
        parts=[
            picture("plan-fuels", "Fuel burnt by year", drawn.stacked(rows, title="PJ", colours=colours), says=TABLE),
            picture(
                "plan-emissions",
                f"Emissions by year and service, and what the target allows{measure}{price}",
                drawn.stacked(
                    emitted.select("year", series="service", value=pl.col("wtw_t") / 1e3),
                    title="kt CO₂e, well to wake", colours=shades, limit=limit, limit_name="Target",
                ),
                says=TABLE,
            ),
            tabulate(shown.tables["years"], glance, caption="The years at a glance"),
        ],
    )  # fmt: skip


def _shades(count: int) -> list[str]:
    every = ["#12385f", "#3f86bd", "#a9cde3", "#dd9a32", "#f0c987", "#8fae8b", "#7d4f7a", "#9aa4ad"]
    return [every[i % len(every)] for i in range(count)]


def _speed_words(shown: Shown) -> str:
    """Say how round trips change, for slower ships are the cheapest measure of all."""
    sailings = shown.plan.sailings
    first, last = (sailings.filter(year=year) for year in (sailings["year"].min(), sailings["year"].max()))
    both = first.join(last, on="service", suffix="_last")
    changed = [
        f"{service} {days:.0f} to {later:.0f}"
        for service, days, later in both.select("service", "days", "days_last").iter_rows()
        if abs(later - days) > 0.5
    ]
    if not changed:
        return "All services sail as fast as today."
    return (
        f"Round trips change, in days: {', '.join(changed)}. Slower ships burn much less; more of them keep the "
        "frequency, and the plan pays for them."
    )


# ---- where fuel comes from ----


def _bunkers(shown: Shown) -> Section:
    scenario = shown.scenario
    colours = fuel_colours(scenario.fuels)
    fuel = shown.tables["fuel_by_port"]
    last = scenario.last_year
    legs = (
        shown.plan.legs.filter(year=last)
        .group_by("from_port", "to_port", maintain_order=True)
        .agg(pl.col("energy_tj").sum())
    )
    flows = {(start, goal): energy for start, goal, energy in legs.iter_rows()}
    at_ports: dict[str, list[tuple[str, float]]] = {}
    burnt = fuel.filter(year=last)
    for name, colour in colours.items():
        for port, energy in burnt.filter(fuel=name).select("port", "energy_tj").iter_rows():
            at_ports.setdefault(port, []).append((colour, energy))
    there = [name for name in colours if name in burnt["fuel"].to_list()]
    drawing = flow_map(
        flows, name="plan-map", title=f"Where ships sail and what they bunker in {last}", says=TABLE, unit="TJ a year",
        at_ports=at_ports, legend=[(colours[name], name) for name in there], closed=scenario.closed,
    )  # fmt: skip
    return Section(
        key="bunkers",
        title="Where each fuel is bunkered",
        words=[
            (
                "Routes are as wide as the energy that ships burn on them, both ways; columns are what a port bunkers. "
                "Oil that is sold everywhere at one price may be bunkered at any call: where it stands is the plan's "
                "choice, not a need."
            )
        ],
        parts=[drawing, _layout(fuel.filter(pl.col("fuel") != scenario.ships.burns), scenario), _openings(shown)],
    )


def _layout(fuel: pl.DataFrame, scenario: Scenario) -> Any:
    """Return the layout of new fuels: port and fuel by year, in kt."""
    every = sorted({scenario.first_year, *(y for y in scenario.years if y % _STEP == 0), scenario.last_year})
    wide = (
        fuel.filter(pl.col("year").is_in(every))
        .with_columns(
            pl.col("year").cast(pl.String), port_name=pl.col("port").map_elements(port_name, return_dtype=pl.String)
        )
        .pivot("year", index=["port", "port_name", "fuel"], values="mass_t")
        .sort("port_name", "fuel")
    )
    columns = [
        Column(key="port_name", label="Port", kind="text"),
        Column(key="fuel", label="Fuel", kind="text"),
        *(
            Column(key=str(year), label=str(year), unit="kt", factor=1e-3, most=1)
            for year in every
            if str(year) in wide.columns
        ),
    ]
    return tabulate(
        wide, columns, caption=f"The layout: fuels other than {scenario.ships.burns} by port and year, kt a year",
        notes=["Every year is in the table fuel_by_port."], empty=f"Nothing but {scenario.ships.burns} is bunkered.",
    )  # fmt: skip


def _openings(shown: Shown) -> Any:
    words = (
        pl.when(pl.col("opened") == SHORE_POWER)
        .then(pl.lit("Shore power"))
        .otherwise(pl.format("Bunkering of {}", "opened"))
    )
    rows = shown.plan.openings.with_columns(
        what=words,
        name=pl.col("port").map_elements(port_name, return_dtype=pl.String),
        owner=pl.col("port").map_elements(lambda port: _owner(shown.scenario, port), return_dtype=pl.String),
    )
    columns = [
        Column(key="year", label="Year", kind="text"),
        Column(key="name", label="Port", kind="text"),
        Column(key="what", label="What opens", kind="text"),
        Column(key="cost_musd", label="Cost", unit="MUSD"),
        Column(key="owner", label="Paid by", kind="text"),
    ]
    return tabulate(
        rows, columns, caption="What ports open for the plan",
        empty="Nothing new has to be opened: what is open from the start, or by a year of the scenario, is enough.",
    )  # fmt: skip


def _kt(tonnes: float) -> str:
    return with_unit(tonnes / 1e3, "kt")
