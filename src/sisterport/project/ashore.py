"""Shore power by files: every step reads the folder that the step before wrote, and adds its own files to it.

match -> ``verdicts`` (with ``stays``, ``inlets``, ``outlets`` as they were read), coverage, savings; then upgrades and
verify (`ashore_plans`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import InputError, MethodError, choose
from sisterport.fleet import ship_id
from sisterport.project.ashore_read import (
    areas_of,
    at_ports,
    berths_of,
    connections_of,
    covered_of,
    day_of,
    frame,
    if_there,
    notes_on,
    on_page,
    outlets_of,
    pairs_of,
    ships_of,
    stays_of,
)
from sisterport.project.steps import manifest_of, step
from sisterport.project.together import together
from sisterport.reference import resolve_locode
from sisterport.shorepower.assumed import assumed_outlets
from sisterport.shorepower.coverage import coverage
from sisterport.shorepower.economics import LEVELS, Finance, three_costs
from sisterport.shorepower.links import covered_hours
from sisterport.shorepower.match import match
from sisterport.shorepower.missing import missing_facts
from sisterport.shorepower.prepare import DEMANDS, prepare
from sisterport.shorepower.reasons import Reasons
from sisterport.shorepower.registers import read_assessments, read_inlets
from sisterport.shorepower.render import render
from sisterport.shorepower.saving_explained import explain_savings
from sisterport.shorepower.savings import savings
from sisterport.site import shorepower as pages
from sisterport.tables import empty
from sisterport.units import HOURS_PER_DAY, USD_PER_MUSD

STAYS = ("stays.csv", "stays.parquet", "covered.csv", "covered.parquet")
"""Files of `match` that a later step writes too, if it is given other stays."""


def match_files(
    folder: Path,
    *,
    on: date,
    inlets: Path | None = None,
    outlets: Sequence[str] = (),
    stays: Path | None = None,
    ships: Path | None = None,
    assessments: Path | None = None,
    assume: Mapping[str, Any] | None = None,
    classes: Sequence[str] = (),
    ports: Sequence[str] = (),
    inferred: bool = False,
    demand: str = "largest",
    priors: bool = False,
) -> dict[str, Any]:
    """Match ships with berths and write the verdicts; return what was found.

    Parameters
    ----------
    folder
        Where to write.
    on
        Day of the verdicts.
    inlets, outlets, stays, ships, assessments
        Files; of `outlets` one may be ``"candidates"``, `stays` is the folder of a run or a CSV of calls, `ships` more
        ships (table ``ships``, or the folder of a run). With stays only the pairs that met are matched, each with the
        mean length of its stays; without them every ship with every berth.
    assume
        Options of `assumed_outlets`: what if every berth of the stays that no register has had such an outlet?
    classes, ports
        Only stays of ships of these classes, and only these ports; none: of all.
    inferred
        Take values that somebody inferred (as the frequency from the grid) as facts; otherwise they are unknown.
    demand, priors
        As in `sisterport.shorepower.match.match`.
    """
    choose("demand", demand, DEMANDS)
    for code in ports:
        resolve_locode(code)
    given = together(
        inlets=lambda: read_inlets(inlets) if inlets else empty("inlets"),
        outlets=lambda: outlets_of(outlets, inferred=inferred, ports=ports),
        stays=lambda: stays_of(stays, classes, ports) if stays else None,
        assessments=lambda: read_assessments(assessments) if assessments else None,
    )
    own, their, seen, papers = (given[name] for name in ("inlets", "outlets", "stays", "assessments"))
    berths = None if seen is None else berths_of(seen)
    if assume is not None:
        if berths is None:
            raise InputError("outlets are assumed at berths of stays: give --stays")
        free = berths.join(their, on="berth_id", how="anti", maintain_order="left")
        their = pl.concat([their, assumed_outlets(free, **assume)], how="diagonal")
    fleet = ships_of(seen, stays, ships)
    common: dict[str, Any] = {"on": on, "ships": fleet, "berths": berths, "assessments": papers, "demand": demand}
    pairs = None if seen is None else pairs_of(seen)
    verdicts = match(own, their, pairs=pairs, priors=priors, **common)
    energy = None if pairs is None else pairs.filter(pl.col("energy_mwh") > 0)
    missing = None if energy is None or energy.is_empty() else missing_facts(own, their, energy, **common)
    notes = notes_on({"outlets": their, "inlets": own, "stays": seen}, inferred=inferred)
    if seen is not None and seen["aux_mwh"].null_count():
        notes.append(f"{seen['aux_mwh'].null_count()} stays have no known energy: they weigh nothing in the ranking.")
    with step(folder, "match") as made:
        made.write(verdicts=verdicts, inlets=own, outlets=their, stays=seen, missing=missing, assessments=papers)
        made.write(matched_ships=fleet, covered=covered_of(stays) if stays else None)
        areas = areas_of(stays)
        pages.match_geojson(made.place / "berths.geojson", verdicts=verdicts, outlets=their, areas=areas)
        page = made.place / "match.html"
        pages.match_page(page, verdicts=verdicts, inlets=own, outlets=their, missing=missing, on=on,
                         title="Which ship can plug in where", notes=on_page(notes), ships=fleet,
                         areas=areas)  # fmt: skip
        options: dict[str, Any] = {"on": on, "assume": assume, "inferred": inferred, "demand": demand, "priors": priors}
        options |= {"classes": list(classes), "ports": list(ports), "outlets": list(outlets)}
        files = [Path(path) for path in outlets if Path(path).is_file()]
        made.close(given=[inlets, *files, stays, ships, assessments], read=(), options=options)
    grades = verdicts.group_by("grade").len("pairs").sort("grade", nulls_last=True)
    return {
        "pairs": verdicts.height,
        "grades": grades.to_dicts(),
        "stays": None if seen is None else seen.height,
        "stays_without_berth": None if seen is None else seen["berth_id"].null_count(),
        "facts_to_obtain": [] if missing is None else _to_obtain(missing),
        "notes": notes,
        "files": made.files,
    }


def pair_in_full(folder: Path, ship: str, berth: str, *, on: date | None = None) -> Reasons:
    """Return the verdict on one pair of a folder's registers, with every reason.

    Parameters
    ----------
    folder
        Folder with verdicts.
    ship, berth
        ``imo:<number>`` or ``mmsi:<number>``, the number alone, or the ship's name; and the berth.
    on
        Day of the verdict; by default that of the folder's verdicts.
    """
    frame(folder, "verdicts", "match ...")
    said = manifest_of(folder, "match").get("options", {})
    found = {name: if_there(folder, name) for name in ("stays", "matched_ships", "assessments")}
    own, their, seen = frame(folder, "inlets", "match ..."), frame(folder, "outlets", "match ..."), found["stays"]
    registers = prepare(
        own,
        their,
        on=on or day_of(folder),
        ships=found["matched_ships"],
        berths=None if seen is None else berths_of(seen),
        assessments=found["assessments"],
        demand=said.get("demand", "largest"),
    )
    name = _ship(ship, registers.ships.to_list(), own, found["matched_ships"])
    hours = None if seen is None else pairs_of(seen).filter(ship_id=name, berth_id=berth)["stay_h"]
    return render(name, berth, registers, stay_h=hours.item() if hours is not None and hours.len() else None)


def coverage_files(
    folder: Path,
    *,
    stays: Path | None = None,
    connections: Path | None = None,
    by: Sequence[str] = ("locode",),
    ports: Sequence[str] = (),
    partial: bool = False,
    coalitions: Mapping[str, Sequence[str]] | None = None,
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Write what could connect, what can after a fix, and what did, beside the coverage of the data.

    Parameters
    ----------
    folder
        Folder with verdicts; without them what could connect is not known.
    stays
        Folder of a run or a CSV of calls; by default those of the folder.
    connections
        Records: a table, or DCSA events (``.json``).
    by, partial, coalitions
        As in `sisterport.shorepower.coverage.coverage`.
    ports
        Only stays at these ports; none: at all.
    """
    given = together(
        stays=lambda: stays_of(stays) if stays else frame(folder, "stays", "match --stays ..."),
        connections=lambda: connections_of(connections),
    )
    seen, told = at_ports(given["stays"], ports), given["connections"]
    verdicts = if_there(folder, "verdicts")
    found = coverage(seen, verdicts, connections=told.records, by=by, partial=partial, coalitions=coalitions)
    registers = {"outlets": if_there(folder, "outlets"), "inlets": if_there(folder, "inlets"), "stays": seen}
    notes = [*notes_on(registers | {"connections": told.records}), *told.said]
    with step(folder, "coverage", shared=STAYS) as made:
        made.write(coverage=found, feedback=told.feedback, **_new_stays(stays, given["stays"]))
        pages.coverage_page(made.place / "coverage.html", coverage=found, stays=seen, verdicts=verdicts,
                            title="What could connect, and what did", notes=on_page(notes))  # fmt: skip
        options = {"by": list(by), "ports": list(ports), "partial": partial, "coalitions": coalitions}
        made.close(given=[stays, connections], read=("verdicts.parquet", "stays.parquet"), options=options)
    return found, {"notes": notes, "files": made.files}


def savings_files(
    folder: Path,
    *,
    stays: Path | None = None,
    recorded: bool = False,
    amount: str = "co2_net_t",
    where: Mapping[str, Any] | None = None,
    capex_musd: Sequence[float] | None = None,
    finance: Finance | None = None,
    price_year: int | None = None,
    **terms: Any,
) -> dict[str, Any]:
    """Write what shore power would save at each stay; return the sums and where one of them comes from.

    Parameters
    ----------
    folder
        Folder with outlets and stays.
    stays
        Folder of a run or a CSV of calls; by default those of the folder.
    recorded, terms
        As in `sisterport.shorepower.savings.savings`.
    amount, where
        What is explained, and of which stays: as in `explain_savings`.
    capex_musd, finance, price_year
        Low, middle and high investment that connects all these stays [MUSD], with interest, life and prices, and the
        year of all these prices: what a kWh and a tonne cost. None: not worked out.

    Raises
    ------
    MethodError
        If some of the three are given and others not.
    """
    wanted = {"--capex": capex_musd, "--interest and --life": finance, "--price-year": price_year}
    lacking = [name for name, given in wanted.items() if given is None]
    if 0 < len(lacking) < len(wanted):
        raise MethodError(f"a cost wants {' and '.join(lacking)} too")
    seen = stays_of(stays) if stays else frame(folder, "stays", "match --stays ...")
    outlets = if_there(folder, "outlets")
    saved = savings(seen, outlets=outlets, recorded=recorded, **terms)
    explanation = explain_savings(saved, amount=amount, where=where)
    notes = notes_on({"outlets": outlets, "stays": seen})
    money = None
    if capex_musd is not None and finance is not None and price_year is not None:
        hours = covered_hours(covered_of(stays) if stays else frame(folder, "covered", "match --stays ..."))
        capex = {level: musd * USD_PER_MUSD for level, musd in zip(LEVELS, capex_musd, strict=True)}
        money = three_costs(saved, capex_usd=capex, finance=finance, period_h=hours, price_year=price_year)
        notes.append(f"Costs are of a year: the data cover {hours / HOURS_PER_DAY:,.4g} days.")
    with step(folder, "savings", shared=STAYS) as made:
        made.write(savings=saved, economics_of_savings=money, **_new_stays(stays, seen))
        title = "What shore power saved" if recorded else "What shore power would save"
        pages.savings_page(
            made.place / "savings.html", savings=saved, explanation=explanation, economics=money, title=title,
            notes=on_page(notes),
        )  # fmt: skip
        read = ("outlets.parquet",) if stays else ("outlets.parquet", "stays.parquet")
        options = {"recorded": recorded, "amount": amount, "where": where, **terms}
        options |= {"capex_musd": capex_musd, "finance": finance, "price_year": price_year}
        made.close(given=[stays], read=read, options=options)
    amounts = [name for name in saved.columns if name.endswith(("_mwh", "_t", "_h")) and name[:2] != "t_"]
    reasons = saved.group_by(pl.col("reason").fill_null("counted")).len("stays").sort("stays", descending=True)
    return {
        "stays": saved.height,
        "reasons": reasons.to_dicts(),
        "sums": {name: _sum(saved[name]) for name in amounts},
        "explanation": explanation,
        "economics": money,
        "notes": notes,
        "files": made.files,
    }


def _new_stays(source: Path | None, seen: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return what a step writes of stays that were given to it; those of `match` stay as they are."""
    return {"stays": seen, "covered": covered_of(source)} if source else {}


def _to_obtain(missing: pl.DataFrame) -> list[dict[str, Any]]:
    """Return whom to ask for what, those first whose facts would narrow most energy."""
    owner = pl.coalesce("ship_id", "berth_id").alias("owner")
    asked = missing.group_by("side", owner, maintain_order=True).agg(
        pl.col("energy_mwh").max(), pl.col("column").sort_by("energy_mwh", descending=True).unique(maintain_order=True)
    )
    return asked.sort("energy_mwh", "owner", descending=[True, False]).to_dicts()


def _ship(asked: str, known: list[str], inlets: pl.DataFrame, fleet: pl.DataFrame | None) -> str:
    """Return the id of a ship that is named by id, number or name; what is not found is returned as it is."""
    for name in (asked, f"imo:{asked}", f"mmsi:{asked}"):
        if name in known:
            return name
    parts = [inlets.select(ship_id(), "name"), *([fleet.select("ship_id", "name")] if fleet is not None else [])]
    rows = pl.concat(parts).drop_nulls().filter(pl.col("name").str.to_lowercase() == asked.lower())
    found = [name for name in rows["ship_id"].unique(maintain_order=True) if name in known]
    if len(found) > 1:
        raise InputError(f"{len(found)} ships are called '{asked}': {', '.join(found)}")
    return found[0] if found else asked


def _sum(column: pl.Series) -> float | None:
    known = column.drop_nulls()
    return float(known.sum()) if known.len() else None
