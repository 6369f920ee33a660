"""An upgrade problem stated once more, as plain dictionaries: what `verify` adds up, without the optimiser's code."""

import base64
import zlib
from collections import defaultdict
from typing import Any

import numpy as np
import polars as pl

from sisterport import tables
from sisterport.units import USD_PER_MUSD

Copy = tuple[str, int]
"""An upgrade built in a phase."""


def floats(text: str) -> Any:
    """Return the packed floats of a certificate."""
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), "<f4").astype(float)


def bits(text: str, count: int) -> Any:
    """Return the packed yes-or-no values of a certificate."""
    raw = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    wanted = np.packbits(np.zeros(count, bool)).size
    if raw.size != wanted:
        raise ValueError(f"{raw.size} bytes of connected links, {wanted} expected")
    return np.unpackbits(raw, bitorder="little")[:count].astype(bool)


class Case:
    """The problem that a certificate speaks of."""

    def __init__(self, record: dict[str, Any], upgrades: Any, links: Any, needs: Any) -> None:
        self.record, terms = record, record["terms"]
        self.weights: list[float] = list(terms["weights"])
        self.years: list[int | None] = list(terms["years"])
        self.phases = range(len(self.weights))
        self.budget_usd = [round(budget * USD_PER_MUSD) for budget in terms["budget_musd"]]
        self.floors: list[dict[str, Any]] = list(terms["floors"])
        if not len(self.years) == len(self.weights) == len(self.budget_usd) > 0:
            raise ValueError("years, weights and budgets are not of one length")
        self.up = self._upgrades(upgrades, terms["cost"])
        kept = {row["locode"] for row in self.floors}
        gain = pl.col(terms["objective"])
        link = tables.check(links, "upgrade_links").sort("link_id").filter((gain > 0) | pl.col("locode").is_in(kept))
        self.link = list(link.iter_rows(named=True))
        self.gain = np.array([row[terms["objective"]] for row in self.link], float)
        self.needs = self._open_needs(needs)
        self.tried = set(record["tried"])
        self.hours_at = self._sources("outlet_hours_h", "berth_id")
        self.mva_at = self._sources("plant_mva", "plant_id")

    @staticmethod
    def _upgrades(upgrades: Any, cost: str) -> dict[str, dict[str, Any]]:
        rows = {row["upgrade_id"]: row for row in tables.check(upgrades, "upgrades").sort("upgrade_id").to_dicts()}
        for row in rows.values():
            row["usd"] = round((row["cost_musd"] if row[cost] is None else row[cost]) * USD_PER_MUSD)
            row["most"] = row["units_max"] or 1
            row["built"] = row["units_built"] or 0
            row["makes_room"] = row["outlet_hours_h"] is not None or row["plant_mva"] is not None
        return rows

    def _open_needs(self, needs: Any) -> list[list[list[str]]]:
        """Options of each need of each link that nothing built meets."""
        found: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for link, need, option in sorted(tables.check(needs, "upgrade_needs").unique().iter_rows()):
            found[link][need].append(option)
        return [
            [
                options
                for _, options in sorted(found[row["link_id"]].items())
                if not any(self.up[u]["built"] > 0 for u in options)
            ]
            for row in self.link
        ]

    def _sources(self, size: str, place: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for u, row in self.up.items():
            if row[size] is not None:
                found[row[place]].append(u)
        return dict(sorted(found.items()))

    def may(self, u: str, phase: int) -> bool:
        """Tell whether upgrade `u` may be built in `phase`."""
        year = self.years[phase]
        return year is None or year >= (self.up[u]["earliest_year"] or 0)

    def exists(self, copy: Copy) -> bool:
        """Tell whether a copy can serve: it may be built, or is built already (phase 0)."""
        return self.may(*copy) or (copy[1] == 0 and self.up[copy[0]]["built"] > 0)

    def useful(self, u: str) -> int:
        """Return how many units may be of use: more than one only where each adds hours or power."""
        return int(self.up[u]["most"]) if self.up[u]["makes_room"] else 1

    def mva(self, row: dict[str, Any]) -> float:
        """Return what a link takes of its plant [MVA]."""
        simultaneity = 1.0 if row["simultaneity"] is None else row["simultaneity"]
        return float((row["peak_mva"] or 0.0) * simultaneity)

    def floors_in(self, q: int) -> list[dict[str, Any]]:
        """Return the floors that hold in phase `q`."""
        year = self.years[q]
        return [floor for floor in self.floors if year is None or year >= (floor["from_year"] or 0)]

    def counted(self, floor: dict[str, Any]) -> Any:
        """Return what each link counts for a floor."""
        quantity = floor["quantity"] or "calls"
        return np.array([row[quantity] if row["locode"] == floor["locode"] else 0.0 for row in self.link], float)
