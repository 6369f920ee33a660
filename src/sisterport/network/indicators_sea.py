"""Indicators of ships and fuels: I1, I3 to I5 of a corridor, I11 waiting, I13 emissions at berth."""

import polars as pl

from sisterport.berths.happened import anchorage_waiting
from sisterport.fleet import ship_id
from sisterport.fuels import label_green
from sisterport.network.inputs import Asked, Inputs
from sisterport.network.measures import Computed, Lacking, Measure
from sisterport.units import DAYS_PER_YEAR, KG_PER_T

_BERTH_QUANTITIES = {"nox_t": "nox_kg", "sox_t": "sox_kg", "pm25_t": "pm25_kg", "bc_t": "bc_kg"}


def corridor_emissions(inputs: Inputs, _asked: Asked) -> Computed | Lacking:
    """Return I1: CO2e well-to-wake of a corridor in a year."""
    rows = inputs.frames["corridor_baseline"]
    known = rows["co2e_wtw_t_per_year"].drop_nulls()
    if known.is_empty():
        return Lacking(reason="no leg of the corridor has an estimate of its CO2e")
    bridged = _part(rows, "hours_bridged_per_year")
    bounds = ", ".join(sorted(rows["boundary"].unique()))
    return Computed(
        values=[Measure("co2e_wtw_t", float(known.sum()))],
        coverage=1 - _part(rows, "hours_unknown_per_year"),
        coverage_basis="hours of the corridor's legs and stays with an estimate of energy",
        uncertainty_basis="not estimated",
        note=f"boundary '{bounds}'; {bridged:.0%} of the hours bridged: not seen by AIS",
    )


def capable_ships(inputs: Inputs, asked: Asked) -> Computed | Lacking:
    """Return I3: ships that were at both ends and can burn a qualifying fuel, or did bunker a certified one."""
    if not all(asked.ends):
        return Lacking(reason="which ports are the two ends of the corridor (--end, twice)")
    rows = asked.within(inputs.frames["stays"], "start_utc").filter(pl.col("place").ne_missing(pl.lit("anchorage")))
    if rows.is_empty():
        return Lacking(reason="no stay at berth in the corridor's ports in this period")
    at = [pl.col("locode").is_in(end).any().alias(f"end {n}") for n, end in enumerate(asked.ends)]
    both = rows.group_by(ship_id()).agg(pl.col("imo").first(), *at).filter(pl.col("end 0") & pl.col("end 1"))
    table = inputs.frames["capabilities"]
    fuels = sorted(asked.fuels or table["fuel"].unique())
    last = asked.period.end.date()
    able = table.filter(pl.col("fuel").is_in(fuels) & (pl.col("since").is_null() | (pl.col("since") < last)))
    found = both.drop_nulls("imo").join(able, on="imo", how="semi")
    if asked.mode == "used":
        if "bunkers" not in inputs.frames:
            return Lacking(
                reason="bunkers (bunker delivery notes with certificates): what ships burnt, not what they can"
            )
        found = found.join(_green(inputs, asked).drop_nulls("imo"), on="imo", how="semi")
    ships = found["imo"].n_unique()
    nameless = both["imo"].null_count()
    did = f" and bunkered a fuel certified at or below {asked.threshold}" if asked.mode == "used" else ""
    return Computed(
        values=[Measure("ships", ships, ships, ships + nameless)],
        coverage=1 - rows["imo"].null_count() / rows.height,
        coverage_basis="stays of ships with a known IMO number",
        uncertainty_basis="none or all of the ships at both ends without an IMO number",
        note=f"of {both.height} ships at both ends; can burn {', '.join(fuels)}{did}",
    )


def fuel_bunkered(inputs: Inputs, asked: Asked) -> Computed | Lacking:
    """Return I4: fuel bunkered in the ports with a certified intensity at or below the threshold."""
    coverage, basis = asked.coverage
    if coverage is None:
        return Lacking(reason="the share of deliveries that the notes cover: only the port can tell (--coverage)")
    notes = asked.within(inputs.frames["bunkers"], "time_utc")
    green = _green(inputs, asked)
    return Computed(
        values=[Measure("mass_t", float(green["mass_t"].sum())), Measure("energy_gj", float(green["energy_gj"].sum()))],
        coverage=coverage,
        coverage_basis=basis,
        uncertainty_basis="not estimated: measured deliveries",
        note=f"{green.height} of {notes.height} deliveries certified at or below {asked.threshold}",
    )


def green_share(inputs: Inputs, asked: Asked) -> Computed | Lacking:
    """Return I5: energy of certified fuel over the fuel energy of the corridor."""
    rows = inputs.frames["corridor_baseline"]
    energy = float(rows["energy_gj_per_year"].sum()) * asked.period.days / DAYS_PER_YEAR
    if energy <= 0:
        return Lacking(reason="no leg of the corridor has an estimate of its energy")
    green = _green(inputs, asked)
    names = rows["service"].unique()
    if rows["basis"].eq("ais").all():  # services are ships then: only what these bunkered counts
        green = green.filter(pl.format("mmsi:{}", "mmsi").is_in(names.implode()))
    share = float(green["energy_gj"].sum()) / energy
    over = "; above 1: fuel for voyages outside the corridor was bunkered too" if share > 1 else ""
    return Computed(
        values=[Measure("share", share)],
        coverage=1 - _part(rows, "hours_unknown_per_year"),
        coverage_basis="hours of the corridor's legs and stays with an estimate of energy",
        uncertainty_basis="not estimated",
        note=f"{green.height} deliveries certified at or below {asked.threshold} over {energy:.0f} GJ{over}",
    )


def waiting(inputs: Inputs, asked: Asked) -> Computed | Lacking:
    """Return I11: hours at anchor before the first berth, per call."""
    found = anchorage_waiting(asked.within(inputs.frames["port_calls"], "arrival_utc")).row(0, named=True)
    if not found["calls"]:
        return Lacking(reason="no call at these ports was seen from its arrival to its first berth in this period")
    return Computed(
        values=[Measure("mean_h", found["mean_h"])],
        coverage=found["calls"] / (found["calls"] + found["left_out"]),
        coverage_basis="calls with a berth that were seen from their arrival",
        uncertainty_basis="not estimated",
        note=f"{found['calls']} calls, {found['waited']} waited; median {found['median_h']:.1f} h",
    )


def berth_emissions(inputs: Inputs, asked: Asked) -> Computed | Lacking:
    """Return I13: pollutants of auxiliary engines and boilers at berth, shore power taken off."""
    berth = asked.within(inputs.frames["segments"], "start_utc").filter(pl.col("mode") == "berth")
    rows = inputs.frames["emissions"].filter(pl.col("system") != "main")
    joined = berth.select("segment_id", "hours").join(rows, on="segment_id", how="left")
    hours = float(berth["hours"].sum())
    if hours <= 0:
        return Lacking(reason="no time at berth in these ports and this period")
    unknown = joined.group_by("segment_id").agg(
        pl.col("hours").first(), (pl.col("energy_kwh").is_null() | pl.col("fuel_t").is_null()).any().alias("unknown")
    )
    values = [
        Measure(name, float(joined[column].sum()) / KG_PER_T)
        for name, column in _BERTH_QUANTITIES.items()
        if joined[column].count()
    ]
    if not values:
        return Lacking(reason="no segment at berth has an estimate of its emissions")
    return Computed(
        values=values,
        coverage=1 - float(unknown.filter("unknown")["hours"].sum()) / hours,
        coverage_basis="hours at berth with an estimate of energy",
        uncertainty_basis="not estimated; `sisterport run` gives bands where asked to",
        note=f"{hours:.0f} h at berth of {berth['mmsi'].n_unique()} ships",
    )


def _green(inputs: Inputs, asked: Asked) -> pl.DataFrame:
    notes = asked.within(inputs.frames["bunkers"], "time_utc")
    return label_green(notes, threshold_name=asked.threshold).filter("green")


def _part(rows: pl.DataFrame, column: str) -> float:
    whole = float(rows["hours_per_year"].sum())
    return float(rows[column].sum()) / whole if whole > 0 else 0.0
