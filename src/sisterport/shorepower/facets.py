"""Checks on words and sides: few different values on either side, so each combination is judged once, in a table.

A *facet* is what one check asks of an inlet, and of an outlet: its columns. Rows with the same columns share a code.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.shorepower.checks import CABLE, KIND, PLUGS, PROTECTION, ZONE
from sisterport.shorepower.kleene import FALSE, TRUE, UNKNOWN, same

PORT, STARBOARD = 1, 2
BOTH = PORT | STARBOARD
SHIP_SIDE, SHORE_SIDE = 1, 2
Row = dict[str, int]


class Facet(NamedTuple):
    """What a check asks, of either side, and how it judges."""

    name: str
    check: int
    inlet: tuple[str, ...]
    outlet: tuple[str, ...]
    judge: Callable[[Row, Row], int]


def kind_annex(i: Row, o: Row) -> int:
    """Check 1: the same kind (bits of what is possible), and a profile in common."""
    if i["free"] or o["free"]:
        return TRUE
    if not i["kinds"] & o["kinds"]:
        return FALSE
    if i["profiles"] == 0 or o["profiles"] == 0:
        return UNKNOWN
    if not i["profiles"] & o["profiles"]:
        return FALSE
    one_kind = i["kinds"] == o["kinds"] and i["kinds"] & (i["kinds"] - 1) == 0
    return TRUE if one_kind else UNKNOWN


def plug_words(i: Row, o: Row) -> int:
    """Part of check 7: the same plug configuration."""
    return TRUE if i["free"] or o["free"] else int(same(i["connector"], o["connector"]))


def cable_management(i: Row, o: Row) -> int:
    """Check 8: cable management on the right side; where the class is not known, what both sides agree on."""
    if i["free"] or o["free"]:
        return TRUE
    ship = max(i["reel"], o["either"])
    shore = max(o["shore_cable"], min(i["reel"], o["ship_cable"]))
    if i["cable_side"] == SHIP_SIDE:
        return ship
    return shore if i["cable_side"] == SHORE_SIDE or ship == shore else UNKNOWN


def protection(i: Row, o: Row) -> int:
    """Check 10: short-circuit levels within the limit, the same earthing of the neutral, as many pilot contacts."""
    level = min(i["short_circuit"], o["short_circuit"])
    if i["free"] or o["free"]:
        return level
    return int(min(level, same(i["neutral"], o["neutral"]), same(i["pilots"], o["pilots"])))


def hazard_zone(i: Row, o: Row) -> int:
    """Check 11: on a tanker, the same concept and place of the connection on both sides."""
    agreed = int(
        min(same(i["zone_concept"], o["zone_concept"]), same(i["connection_position"], o["connection_position"]))
    )
    return max(agreed, TRUE - i["tanker"])


def sides(i: int, o: int, port: int, starboard: int) -> int:
    """Part of check 9: a side of the ship that has the inlet, may lie alongside and is within reach; 0 is unknown.

    Parameters
    ----------
    i, o
        Sides of the inlet, and sides that may lie alongside: bits of `PORT` and `STARBOARD`.
    port, starboard
        Whether the inlet is within reach with that side alongside.
    """
    if i and o:
        return max(port if i & o & PORT else FALSE, starboard if i & o & STARBOARD else FALSE)
    known = i | o  # of one of the two at most
    if known in (PORT, STARBOARD):
        return min(UNKNOWN, port if known == PORT else starboard)
    if known == BOTH and port == starboard:
        return port
    return min(UNKNOWN, max(port, starboard))


FACETS = (
    Facet("kind", KIND, ("free", "kinds", "profiles"), ("free", "kinds", "profiles"), kind_annex),
    Facet("plug", PLUGS, ("free", "connector"), ("free", "connector"), plug_words),
    Facet(
        "cable",
        CABLE,
        ("free", "reel", "cable_side"),
        ("free", "either", "shore_cable", "ship_cable"),
        cable_management,
    ),
    Facet(
        "protection",
        PROTECTION,
        ("free", "short_circuit", "neutral", "pilots"),
        ("free", "short_circuit", "neutral", "pilots"),
        protection,
    ),
    Facet(
        "zone",
        ZONE,
        ("tanker", "zone_concept", "connection_position"),
        ("zone_concept", "connection_position"),
        hazard_zone,
    ),
)


def judged(
    facet: Facet, inlets: pl.DataFrame, outlets: pl.DataFrame
) -> tuple[NDArray[np.int8], NDArray[np.int32], NDArray[np.int32]]:
    """Return the values of each combination, and the code of each row of either side."""
    own, their = _codes(inlets, facet.inlet), _codes(outlets, facet.outlet)
    table = np.array([[facet.judge(i, o) for o in their[0]] for i in own[0]], np.int8)
    return table.reshape(len(own[0]), len(their[0])), own[1], their[1]


def side_table() -> NDArray[np.int8]:
    """Return the values of `sides` by its parameters."""
    which, answer = range(BOTH + 1), range(TRUE + 1)
    table: Any = [[[[sides(i, o, p, s) for s in answer] for p in answer] for o in which] for i in which]
    return np.array(table, np.int8)


def _codes(frame: pl.DataFrame, columns: tuple[str, ...]) -> tuple[list[Row], NDArray[np.int32]]:
    """Return the different rows, and which of them each row is."""
    different = frame.select(columns).unique(maintain_order=True).with_row_index("code")
    codes = frame.select(columns).join(different, on=columns, how="left", maintain_order="left")["code"]
    return different.drop("code").to_dicts(), codes.cast(pl.Int32).to_numpy()
