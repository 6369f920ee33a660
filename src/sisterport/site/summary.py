"""The first page: one sentence per period and its key figures, each with what it leaves out."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from sisterport.site import activity as act
from sisterport.site.digits import THIN, counted, decimals, duration, number, percent, with_unit
from sisterport.site.scene import Scene
from sisterport.units import KG_PER_T, KWH_PER_MWH

HALF = 0.5
"""From this share of hours without a whole estimate on, the headline calls the sum a part."""


class KeyFigure(NamedTuple):
    """A number of the first page."""

    label: str
    value: str
    note: str
    band: str = ""


def headline(scene: Scene) -> str:
    """Return the sentences that stand for the period."""
    everything = act.whole(scene.found)
    if not everything["ships"]:
        return f"No ship was seen inside the domain in {duration(scene.hours)}."
    ocean, craft, unknown = (act.whole(scene.found, group) for group in ("ocean_going", "harbour_craft", "unknown"))
    verb = "was" if everything["ships"] == 1 else "were"
    words = [f"In {duration(scene.hours)}, {counted(everything['ships'], 'ship')} {verb} seen inside the domain."]
    words.append(_ocean(scene, ocean))
    if craft["co2e_ttw_t"] is not None:
        words.append(
            counted(craft["ships"], "tug, ferry or other harbour craft", "tugs, ferries and other harbour craft")
            + f" emitted roughly {with_unit(craft['co2e_ttw_t'], 't', 2)}."
        )
    if unknown["ships"]:
        part = f"{counted(unknown['ships'], 'ship')} of other or unknown type, with "
        hours = f"{percent(unknown['hours'] / everything['hours'])} of all ship hours, "
        fate = "could not be estimated." if unknown["co2e_ttw_t"] is None else "could be estimated only in part."
        words.append(part + hours + fate)
    return " ".join(words)


def _ocean(scene: Scene, ocean: Mapping[str, Any]) -> str:
    """Return the sentence on ocean-going ships: all, a part, or nothing could be estimated."""
    if not ocean["ships"]:
        return "None of them is known to be an ocean-going ship."
    ships = "the one ocean-going ship" if ocean["ships"] == 1 else f"the {counted(ocean['ships'], 'ocean-going ship')}"
    if ocean["co2e_ttw_t"] is None:
        return f"For {ships} nothing could be estimated."
    amount = f"{with_unit(ocean['co2e_ttw_t'], 't')} of CO₂e"
    if ocean["hours_open"] > HALF * ocean["hours"]:
        return f"Of what {ships} emitted only a part could be estimated: {amount}."
    return f"{ships[0].upper()}{ships[1:]} emitted an estimated {amount}, tank to wake{_berth_share(scene)}."


def _berth_share(scene: Scene) -> str:
    rows = scene.found.emissions.filter(pl.col("group") == "ocean_going")
    total = float(rows["co2e_ttw_t"].sum())
    berth = float(rows.filter(pl.col("mode") == "berth")["co2e_ttw_t"].sum())
    return f", {percent(berth / total)} of it at berth" if total and berth else ""


def key_figures(scene: Scene) -> list[KeyFigure]:
    """Return the key figures of a period."""
    found = scene.found
    ocean, craft, unknown = (act.whole(found, group) for group in ("ocean_going", "harbour_craft", "unknown"))
    return [
        KeyFigure(
            "CO₂e of ocean-going ships",
            with_unit(ocean["co2e_ttw_t"], "t"),
            f"Tank to wake. {_gap(ocean)}",
            _band(scene.band("co2e_ttw_t", "ocean_going"), "t"),
        ),
        KeyFigure(
            "NOₓ of ocean-going ships",
            with_unit(*_mass(ocean["nox_kg"])),
            _air(ocean),
            _band(scene.band("nox_kg", "ocean_going"), *_unit(ocean["nox_kg"])),
        ),
        KeyFigure(
            "Auxiliary energy at berth",
            *_plug(found),
            _band(scene.band("energy_kwh", "ocean_going", system="auxiliary_engine"), "MWh", KWH_PER_MWH),
        ),
        KeyFigure(
            "CO₂e of harbour craft",
            with_unit(craft["co2e_ttw_t"], "t", 2),
            "Order of magnitude: the method was not made for tugs and ferries; towing is not seen, nor in the band.",
            _band(scene.band("co2e_ttw_t", "harbour_craft"), "t"),
        ),
        KeyFigure(
            "Ships of other or unknown type",
            number(unknown["ships"]),
            _unknown(unknown, act.whole(found)["hours"]),
        ),
    ]


def _band(ends: tuple[float, float] | None, unit: str, divisor: float = 1.0) -> str:
    """Return a band in words, both ends with the same last digit; nothing if there is none."""
    if ends is None:
        return ""
    low, high = (end / divisor for end in ends)
    places = decimals([high])
    return f"80{THIN}% band: {number(low, places)}\u00a0to\u00a0{number(high, places)}{THIN}{unit}"


def _unit(kg: float | None) -> tuple[str, float]:
    return ("t", KG_PER_T) if _mass(kg)[1] == "t" else ("kg", 1.0)


def _gap(total: Mapping[str, Any]) -> str:
    if not total["ships"]:
        return "No such ship was seen."
    if not total["hours_open"]:
        return "All of their hours are estimated."
    return f"{percent(total['hours_open'] / total['hours'])} of their hours are not, or not wholly, estimated."


def _air(total: Mapping[str, Any]) -> str:
    if total["nox_kg"] is None:
        return "Not estimated." if total["ships"] else "No such ship was seen."
    others = f"With {with_unit(*_mass(total['sox_kg']))} SOₓ and {with_unit(*_mass(total['pm25_kg']))} PM₂.₅."
    return f"{others} Emitted, not breathed in: no dispersion."


def _plug(found: act.Activity) -> tuple[str, str]:
    stays = found.segments.filter(pl.col("group") == "ocean_going", pl.col("mode") == "berth")
    if stays.is_empty():
        return with_unit(None, "MWh"), "No ocean-going ship was at berth."
    energy = _auxiliary_at_berth(found)
    if energy is None:
        return with_unit(None, "MWh"), "Not estimated: class or size of the ships at berth is not known."
    return with_unit(energy, "MWh"), "Ocean-going ships: what shore power could carry. Without boilers."


def _unknown(total: Mapping[str, Any], hours: float) -> str:
    if not total["ships"]:
        return "Every ship's type is known."
    share = f"{percent(total['hours'] / hours)} of all ship hours. "
    if total["co2e_ttw_t"] is None:
        return share + "Not estimated, and not zero."
    return share + f"Estimated only in part: {with_unit(total['co2e_ttw_t'], 't', 2)} CO₂e."


def _auxiliary_at_berth(found: act.Activity) -> float | None:
    rows = found.emissions.filter(
        pl.col("group") == "ocean_going", pl.col("mode") == "berth", pl.col("system") == "auxiliary_engine"
    )
    kwh = rows.select(act.known_sum("energy_kwh")).item()
    return None if kwh is None else float(kwh) / KWH_PER_MWH


def _mass(kg: float | None) -> tuple[float | None, str]:
    """Return a mass in the unit that reads well."""
    return (kg / KG_PER_T, "t") if kg is not None and kg >= KG_PER_T else (kg, "kg")
