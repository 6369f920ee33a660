"""What a run says of itself: its choices, and what a reader should look at."""

from typing import Any

import polars as pl

from sisterport.inventory import method as method_named
from sisterport.project.config import MethodConfig
from sisterport.reference import constant, value
from sisterport.voyages import AreaSet, Zones, mode_rules


def describe_method(choice: MethodConfig, zones: Zones, segments: pl.DataFrame) -> dict[str, Any]:
    """Return every choice of a run, each with its reference, for the report and the manifest."""
    chosen, rules = method_named(choice.name), mode_rules(choice.modes)
    hole = choice.hole_h if choice.hole_h is not None else value("hole_h")
    sources = "; ".join(chosen.references)
    options = [
        ("operating modes", rules.name, rules.source),
        ("load law", choice.load_law, sources),
        ("speed and displacement decide from an interval of", f"{hole:g} h", constant("hole_h").source),
        ("auxiliary and boiler power", choice.aux_table, sources),
        ("warming potentials", choice.gwp, "IPCC, table gwp_sets"),
        ("rules and fuels of the year", str(choice.year or "of each position"), "MARPOL Annex VI"),
        (
            "NOx Tier III",
            "everywhere" if choice.tier3_everywhere else "in NOx control areas",
            "MARPOL Annex VI reg. 13",
        ),
        ("closed sea passages", ", ".join(choice.closed_passages) or "none", "searoute graph"),
        ("ship hours by emission control area", _by_zone(segments), "reference table emission_zones"),
        ("emission control areas known", ", ".join(zones.zone_ids) or "none", "reference table emission_zones"),
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


def _by_zone(segments: pl.DataFrame) -> str:
    hours = segments.group_by(pl.col("zone_id").fill_null("outside all")).agg(pl.col("hours").sum()).sort("zone_id")
    return ", ".join(f"{zone}: {h:,.0f} h" for zone, h in hours.iter_rows()) or "none"


def sulphur_pct(year: int) -> tuple[float, float]:
    """Return the sulphur limits inside and outside control areas in a year [percent] (MARPOL Annex VI reg. 14).

    Examples
    --------
    >>> sulphur_pct(2014), sulphur_pct(2021)
    ((1.0, 3.5), (0.1, 0.5))
    """
    inside = value("eca_sulphur") if year >= _ECA_STEP else value("eca_sulphur_before_2015")
    outside = value("global_sulphur") if year >= _GLOBAL_STEP else value("global_sulphur_before_2020")
    return round(100.0 * inside, 6), round(100.0 * outside, 6)


_ECA_STEP, _GLOBAL_STEP = 2015, 2020  # years of the law, as in the names of the constants


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
