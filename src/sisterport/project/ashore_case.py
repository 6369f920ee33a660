"""What there is to plan, from the files of a folder: upgrades, links and needs, within hours, power and agreements."""

from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sisterport.errors import InputError
from sisterport.project.ashore_read import berths_of, day_of, frame, if_there
from sisterport.shorepower.joint import members, with_agreements
from sisterport.shorepower.links import links
from sisterport.shorepower.needs import needs
from sisterport.shorepower.within import within
from sisterport.tables import read_file


class Case(NamedTuple):
    """What can be built, what ships at berths would save, what each of them needs; and what is left out.

    Attributes
    ----------
    upgrades, links, needs
        Frames of the problem that the optimiser takes.
    left_out
        ``link_id, ship_id, berth_id, reason``.
    said
        What the registers give and do not state of hours and power.
    agreements
        Agreements that are upgrades of the problem, with the number of upgrades in each and their ports.
    """

    upgrades: pl.DataFrame
    links: pl.DataFrame
    needs: pl.DataFrame
    left_out: pl.DataFrame
    said: list[str]
    agreements: pl.DataFrame

    @property
    def problem(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """The three frames that the optimiser takes."""
        return self.upgrades, self.links, self.needs

    def without(self, *names: str) -> "Case":
        """Return the problem without some upgrades that no need depends on alone."""
        gone = pl.col("upgrade_id").is_in(names)
        return self._replace(upgrades=self.upgrades.filter(~gone), needs=self.needs.filter(~gone))

    def built(self, name: str) -> "Case":
        """Return the problem in which an upgrade is there already."""
        there = pl.when(pl.col("upgrade_id") == name).then(1).otherwise("units_built").alias("units_built")
        return self._replace(upgrades=self.upgrades.with_columns(there.cast(pl.Int64)))


def case_of(
    folder: Path, *, costs: pl.DataFrame, unknown_is: str, factor: float, objective: str, agreements: Path | None
) -> Case:
    """Return what there is to plan.

    Parameters
    ----------
    folder
        Folder with verdicts and savings.
    costs, unknown_is
        As in `needs`.
    factor
        By what sums over the stays grow to a year.
    objective
        What is to be saved: known of one link at least.
    agreements
        File of the table ``agreements``.
    """
    verdicts, saved = frame(folder, "verdicts", "match ..."), frame(folder, "savings", "savings")
    outlets, inlets = frame(folder, "outlets", "match ..."), frame(folder, "inlets", "match ...")
    seen = frame(folder, "stays", "match --stays ...")
    every = links(saved, factor=factor)
    there = outlets.join(berths_of(seen), on=["berth_id", "locode"], how="full", coalesce=True)
    asked = needs(verdicts, there, costs=costs, unknown_is=unknown_is)
    lost = pl.concat([asked.left_out, _unmatched(every, verdicts)])
    here = every.filter(~pl.col("link_id").is_in(lost["link_id"].implode()))
    if here.is_empty():
        raise InputError(
            f"no ship at a berth is left to plan for: {every.height} with energy, {asked.left_out.height} with unknown "
            "checks or without a fix; obtain facts (missing.csv), or plan with --unknown true"
        )
    if here[objective].null_count() == here.height:
        raise InputError(f"{objective} is known for none of the {here.height} ships at berths: see savings.csv")
    own = asked.needs.join(here, on="link_id", how="semi")
    mine = asked.upgrades.join(own, on="upgrade_id", how="semi")
    day = day_of(folder)
    limited = within(mine, here, verdicts, outlets=outlets, inlets=inlets, on=day, costs=costs)
    none = pl.DataFrame(schema={"agreement_id": pl.String, "ports": pl.String, "builds": pl.Int64})
    case = Case(limited.upgrades, limited.links, own, lost, limited.said, none)
    if agreements is None:
        return case
    ships = if_there(folder, "matched_ships")
    return _with_agreements(case, read_file(agreements, text=True), inlets=inlets, on=day, ships=ships)


def _unmatched(every: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    lost = every.join(verdicts.select("ship_id", "berth_id"), on=["ship_id", "berth_id"], how="anti")
    return lost.select("link_id", "ship_id", "berth_id", pl.lit("no verdict").alias("reason"))


def _with_agreements(case: Case, agreements: pl.DataFrame, **matched: Any) -> Case:
    """Add the agreements that have something to build; the others are said."""
    built = members(agreements, *case.problem, **matched)
    upgrades, asked = with_agreements(case.upgrades, case.needs, built)
    known = upgrades.filter(side="agreement").select("upgrade_id", ports="owner")
    counted = built.group_by("agreement_id").agg(pl.len().cast(pl.Int64).alias("builds"))
    table = counted.join(known, left_on="agreement_id", right_on="upgrade_id").sort("agreement_id")
    idle = sorted(set(agreements["agreement_id"]) - set(table["agreement_id"]))
    said = [f"Agreement {name} has nothing to build: no ship at its ports needs what it settles." for name in idle]
    return case._replace(
        upgrades=upgrades,
        needs=asked,
        said=[*case.said, *said],
        agreements=table.select("agreement_id", "ports", "builds"),
    )
