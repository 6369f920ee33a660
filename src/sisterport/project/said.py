"""What a run says of itself: its choices, and what a reader should look at."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from sisterport.inventory import emissions
from sisterport.inventory import method as method_named
from sisterport.inventory.ghg4 import LNG_AUX_CH4
from sisterport.inventory.operation import global_limit_from
from sisterport.inventory.zones import port_rule, port_rules, rules_at, zone_rules
from sisterport.project.checked import counted
from sisterport.project.config import MethodConfig
from sisterport.project.loads import SOURCES, law_words
from sisterport.reference import constant, value
from sisterport.voyages import AreaSet, Zones, mode_rules, unverified_zone_ids


def describe_method(choice: MethodConfig, zones: Zones, segments: pl.DataFrame, laws: pl.DataFrame) -> dict[str, Any]:
    """Return every choice of a run, each with its reference, for the report and the manifest.

    `laws` are those of `sisterport.project.loads.laws_used`.
    """
    chosen, rules = method_named(choice.name), mode_rules(choice.modes)
    hole = choice.hole_h if choice.hole_h is not None else value("hole_h")
    sources = "; ".join(chosen.references)
    law = choice.law.cubic == "ghg4"
    law_source = "Fourth IMO GHG Study 2020, eq. 8 and Table 44; ICCT SAVE v2025.03.1, eq. 5" if law else sources
    options = [
        ("operating modes", rules.name, rules.source),
        ("load law", choice.load_law, SOURCES.get(choice.load_law, sources)),
        *_by_law(choice, laws, sources),
        ("speed and displacement decide from an interval of", f"{hole:g} h", constant("hole_h").source),
        ("auxiliary and boiler power", choice.aux_table, sources),
        ("warming potentials", choice.gwp, "IPCC, table gwp_sets"),
        ("rules and fuels of the year", str(choice.year or "of each position"), "MARPOL Annex VI"),
        (
            "NOx Tier III",
            "everywhere" if choice.tier3_everywhere else "in NOx control areas",
            "MARPOL Annex VI reg. 13",
        ),
        ("weather in the load law", _WEATHER[choice.weather] if law else "sea margin of the law", law_source),
        ("fouling in the load law", _FOULING[choice.fouling] if law else "sea margin of the law", law_source),
        ("long stays at berth", _LONG_STAY[choice.long_stay], "Kystverket MarU v1.5"),
        *(_of_formulas(choice)),
        ("80 % bands", _bands(choice), "reference table uncertainty_inputs; docs/uncertainty.md"),
        ("closed sea passages", ", ".join(choice.closed_passages) or "none", "searoute graph"),
        ("ship hours by emission control area", _by_zone(segments), "reference table emission_zones"),
        ("emission control areas known", ", ".join(zones.zone_ids) or "none", "reference table emission_zones"),
        ("left out because unverified", _left_out(zones), "reference table emission_zones"),
        ("ship hours under rules of ports", _by_port_rule(segments), "reference table national_rules"),
    ]
    return {
        "name": chosen.name,
        "title": chosen.title,
        "fitness": chosen.fitness,
        "law": choice.load_law,
        "mode_rules": rules.name,
        "hole_h": hole,
        "gwp": choice.gwp,
        "year": choice.year or "of each position",
        "options": [dict(zip(("option", "value", "reference"), row, strict=True)) for row in options],
        "notes": list(chosen.notes),
        "references": list(chosen.references),
    }


def _by_law(choice: MethodConfig, laws: pl.DataFrame, sources: str) -> list[tuple[str, str, str]]:
    """Return which ships went by a resistance model and which could not; nothing of a cubic law."""
    if choice.law.model is None:
        return []
    return [("main engines of ships under way, by load law", law_words(laws), f"docs/methods.md; {sources}")]


def _bands(choice: MethodConfig) -> str:
    draws = f"{choice.draws:,} draws, seed {choice.seed}; known biases are stated, not corrected"
    return draws if choice.draws else "not drawn"


_WEATHER = {
    "method": "by class and size bin",
    "save_coastal": "coastal factor everywhere (the larger one beyond 5 nm is not applied)",
}
_FOULING = {"method": "one efficiency", "save_age": "hull roughness by age"}
_LONG_STAY = {"none": "no change", "maru": "tankers 1/3 after two days, others 3/4 after one day"}


def _of_formulas(choice: MethodConfig) -> list[tuple[str, str, str]]:
    """Return the choices that only one of the methods has."""
    if choice.name != "ghg4":
        curve = "by load from 20 % on" if choice.load_based_bsfc else "constant"
        return [("specific consumption", curve, "EPA calcLoadBSFC")]
    otto = "of the main engine" if choice.lng_aux_ch4 == "engine" else "of four-stroke Otto engines"
    low = "rises as hydrocarbons do" if choice.slip_low_load else "constant"
    return [
        ("methane of LNG ships' auxiliaries", otto, "ICCT SAVE v2025.03.1; emissions_mtcc_open"),
        ("methane slip of gas engines at low load", low, "Third IMO GHG Study, low-load factors"),
    ]


def lng_remark(
    segments: pl.DataFrame, ships: pl.DataFrame, account: Mapping[str, Any], shore: pl.DataFrame | None
) -> list[str]:
    """Return the methane of LNG ships' auxiliaries by both readings; nothing where no such ship was seen."""
    if account["method"] != "ghg4":
        return []
    on_gas = segments.filter(pl.col("mmsi").is_in(ships.filter(fuel="lng")["mmsi"].implode()))
    if on_gas.is_empty():
        return []
    kg = {}
    for choice in LNG_AUX_CH4:
        rows = emissions(on_gas, ships, shore_power=shore, **{**account, "lng_aux_ch4": choice})
        kg[choice] = float(rows.filter(system="auxiliary_engine", fuel="lng")["ch4_kg"].sum())
    text = (
        f"methane of LNG ships' auxiliary engines: {kg['engine']:,.1f} kg with the factor of the main engine, "
        f"{kg['otto']:,.1f} kg with that of four-stroke Otto engines; counted: lng_aux_ch4 = '{account['lng_aux_ch4']}'"
    )
    return [text]


def checks_remark(findings: pl.DataFrame, made: int) -> list[str]:
    """Return what the checks found, in one sentence; nothing if they found nothing."""
    if findings.is_empty():
        return []
    first = findings.row(0, named=True)
    return [f"{counted(findings, made)}, first: {first['what']}: {first['count']} ({first['where']}); see checks.csv"]


def _by_port_rule(segments: pl.DataFrame) -> str:
    hours = {r["rule_id"]: segments.filter(port_rule(r))["hours"].sum() for r in port_rules().iter_rows(named=True)}
    return ", ".join(f"{rule}: {h:,.0f} h" for rule, h in hours.items() if h) or "none"


def _left_out(zones: Zones) -> str:
    return ", ".join(zone for zone in unverified_zone_ids() if zone not in zones.zone_ids) or "none"


def _by_zone(segments: pl.DataFrame) -> str:
    zone = pl.col("zone_id").fill_null("outside all")
    hours = segments.group_by(zone, maintain_order=True).agg(pl.col("hours").sum()).sort("zone_id")
    return ", ".join(f"{zone}: {h:,.0f} h" for zone, h in hours.iter_rows()) or "none"


def sulphur_limits(zone_ids: Sequence[str], day: date) -> dict[str | None, float]:
    """Return the sulphur limit of each emission zone on a day, and of all other places (`None`) [percent].

    Examples
    --------
    >>> sulphur_limits(["baltic_sea", "mediterranean"], date(2020, 7, 1))
    {'baltic_sea': 0.1, 'mediterranean': 0.5, None: 0.5}
    """
    world = "global_sulphur" if day.year >= global_limit_from() else "global_sulphur_before_2020"
    outside = round(100.0 * value(world), 6)
    places = pl.DataFrame({"zone_id": zone_ids}, schema={"zone_id": pl.String}).with_columns(pl.lit(day).alias("date"))
    held = rules_at(places, zone_rules())["sulphur_pct_max"].fill_null(outside)
    return {**dict(zip(zone_ids, held, strict=True)), None: outside}


def remarks(
    segments: pl.DataFrame, ships: pl.DataFrame, statics: pl.DataFrame, shore: pl.DataFrame | None
) -> list[str]:
    """Return what a reader of one period should look at, in plain sentences."""
    said = []
    if segments.is_empty():
        said.append("no ship was seen inside the domain: does the domain lie where the positions are?")
    seagoing = ships.filter(group="ocean_going")
    unsized = seagoing.filter(pl.col("ship_class").str.starts_with("unknown") | pl.col("size_bin").is_null())
    if unsized.height:
        said.append(
            f"{unsized.height} of {seagoing.height} ocean-going ships have no class or size: auxiliary engines "
            "and boilers are not estimated; a register of ships ([register] in the project file) closes the gap"
        )
    several = statics.filter(pl.col("identities") > 1)
    if several.height:
        said.append(
            f"{several.height} MMSI broadcast more than one identity (first: {several['mmsi'][0]}); "
            "the most frequent one counts for all their hours"
        )
    if shore is not None:
        unmatched = shore.filter(pl.col("hours_at_berth") <= 0)
        if unmatched.height:
            said.append(
                f"{unmatched.height} of {shore.height} shore connections met no berth segment of their ship "
                f"(first: MMSI {unmatched['mmsi'][0]}); see shore.csv"
            )
    unknown = segments.filter(mode_basis="unknown")["hours"].sum()
    if unknown:
        said.append(
            f"{unknown:,.0f} ship hours lie where neither area nor coast is known; their mode rests on speed alone"
        )
    return said


def area_remarks(areas: AreaSet) -> list[str]:
    """Return what looks odd in the areas, and which port codes were replaced."""
    replaced = [f"port code {alias} was read {n} times as its canonical code" for alias, n in areas.aliases.items()]
    return [*areas.warnings, *replaced]
