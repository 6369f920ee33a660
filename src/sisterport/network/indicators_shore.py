"""Shore-power indicators: I6 berths with supply, I7 stays, I8 hours and I9 energy connected, I10 compatibility."""

import polars as pl

from sisterport.network.inputs import Asked, Inputs
from sisterport.network.measures import Computed, Lacking, Measure, share_measure
from sisterport.shorepower.connected import with_records
from sisterport.shorepower.coverage import classified

_NO_STAYS = Lacking(reason="no stay at berth in these ports and this period")
_UNDECIDED = ("undecided", "no_verdict", "berth_unknown")


def berth_coverage(inputs: Inputs, asked: Asked) -> Computed | Lacking:
    """Return I6: share of berths that have an outlet in service on the last day of the period."""
    berths = inputs.frames["berth_list"].filter(pl.col("locode").is_in(asked.ports)).unique("berth_id")
    if berths.is_empty():
        return Lacking(reason="no berth of these ports in the list")
    last = asked.period.end.date()
    on = (
        (pl.col("state") == "operational")
        & (pl.col("since").is_null() | (pl.col("since") < last))
        & (pl.col("until").is_null() | (pl.col("until") >= last))
    )
    known = inputs.frames["outlets"].group_by("berth_id").agg(on.any().alias("supplied"))
    counts = berths.join(known, on="berth_id", how="left")["supplied"]
    yes, unknown = int(counts.sum()), counts.null_count()
    return Computed(
        values=[share_measure(yes, berths.height - yes - unknown, unknown, of_known=False)],
        coverage=1 - unknown / berths.height,
        coverage_basis="berths of the list that a row of the register tells of",
        uncertainty_basis="berths that no row tells of have no outlet, or all have one",
        note=f"{yes} of {berths.height} berths",
    )


def connection_rate(inputs: Inputs, asked: Asked) -> Computed | Lacking:
    """Return I7: share of stays that were connected, of those that could be or of every one."""
    rows = with_records(classified(_at_berth(inputs, asked), inputs.frames["verdicts"], partial=True), _plugs(inputs))
    if rows.is_empty():
        return _NO_STAYS
    did = int(rows["did"].sum())
    able = rows.filter((pl.col("class") == "could") | pl.col("did")).height  # who connected was able to
    unknown = rows.filter(pl.col("class").is_in(_UNDECIDED) & ~pl.col("did")).height
    every = asked.rule == "every"
    if not every and able == 0:
        return Lacking(reason="no stay of a ship that could connect where it lay")
    value = did / (rows.height if every else able)
    least = value if every else did / (able + unknown)
    known = (
        pl.col("has_records") if every else pl.col("has_records") & (~pl.col("class").is_in(_UNDECIDED) | pl.col("did"))
    )
    return Computed(
        values=[Measure("share", value, least, value)],
        coverage=float(rows.select(known.mean()).item()),
        coverage_basis="stays in ports that keep records" + ("" if every else ", with a decided verdict"),
        uncertainty_basis="none: every stay counts"
        if every
        else "none or all of the undecided ships were able to connect",
        note=f"rule '{asked.rule}': {did} of {rows.height if every else able} stays; {rows.height} stays in all",
    )


def time_share(inputs: Inputs, asked: Asked) -> Computed | Lacking:
    """Return I8: share of the hours at berth that were on shore power."""
    rows = with_records(classified(_at_berth(inputs, asked)), _plugs(inputs))
    told = rows.filter("has_records")
    hours, on = float(told["hours"].sum()), float(told["did_h"].sum())
    if hours <= 0:
        return _NO_STAYS if rows.is_empty() else Lacking(reason="no record of a connection from any of these ports")
    every = float(rows["hours"].sum())
    return Computed(
        values=[Measure("share", on / hours, on / every, (on + every - hours) / every)],
        coverage=hours / every,
        coverage_basis="hours at berth in ports that keep records",
        uncertainty_basis="none or all of the hours in ports without records were connected",
        note=f"{on:.0f} of {hours:.0f} h",
    )


def shore_energy(inputs: Inputs, asked: Asked) -> Computed | Lacking:
    """Return I9: energy by record, and CO2e that it avoided by the intensities of ship and grid of each stay."""
    rows = with_records(classified(_at_berth(inputs, asked)), _plugs(inputs)).filter("did")
    if rows.is_empty():
        return Lacking(reason="no connection by record in these ports and this period")
    per_mwh = pl.col("co2e_net_t") / pl.col("energy_mwh")
    factors = (
        inputs.frames["savings"].filter(pl.col("energy_mwh") > 0).select("stay_id", per_mwh.alias("net t per mwh"))
    )
    both = rows.join(factors, on="stay_id", how="left")
    energy = float(both["did_mwh"].sum())
    judged = both.drop_nulls("net t per mwh")
    avoided = float(judged.select((pl.col("did_mwh") * pl.col("net t per mwh")).sum()).item())
    values = [Measure("energy_mwh", energy)]
    if judged.height:
        values.append(Measure("avoided_co2e_t", avoided))
    return Computed(
        values=values,
        coverage=float(rows["metered"].sum()) / rows.height,
        coverage_basis="connected stays whose energy was metered",
        uncertainty_basis="not estimated",
        note=f"{rows.height} connected stays; avoided CO2e of {judged.height} of them: the others have no saving",
    )


def compatibility(inputs: Inputs, asked: Asked) -> Computed | Lacking:
    """Return I10: share of pairs of ship and berth that met and can be connected."""
    rows = classified(_at_berth(inputs, asked), inputs.frames["verdicts"], partial=True)
    pairs = rows.drop_nulls("berth_id").unique(["ship_id", "berth_id"])["class"]
    if pairs.is_empty():
        return _NO_STAYS
    yes, unknown = int((pairs == "could").sum()), int(pairs.is_in(_UNDECIDED).sum())
    no = len(pairs) - yes - unknown
    if yes + no == 0:
        return Lacking(reason=f"none of the {len(pairs)} pairs of ship and berth is decided")
    return Computed(
        values=[share_measure(yes, no, unknown)],
        coverage=(yes + no) / len(pairs),
        coverage_basis="pairs of ship and berth that met, with a decided verdict",
        uncertainty_basis="none or all of the undecided pairs can be connected",
        note=f"{yes} of {yes + no} decided pairs, {unknown} undecided; a pre-screen, no certificate",
    )


def _at_berth(inputs: Inputs, asked: Asked) -> pl.DataFrame:
    return asked.within(inputs.frames["stays"], "start_utc").filter(pl.col("place").ne_missing(pl.lit("anchorage")))


def _plugs(inputs: Inputs) -> pl.DataFrame:
    return inputs.frames["connections"]
