"""From failing checks to a grade and to what mends them, at what cost.

Every failing check is a list of alternative fixes; what mends a pair is a set of fixes that hits every failing check,
and the grade tells whose fixes the cheapest set has. In the reference table every fix mends one check, so the cheapest
set is the cheapest fix of each check; `fix_table` refuses costs where this does not hold. Of sets that cost the same
the grade is that of the best one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.errors import MethodError, SchemaError
from sisterport.shorepower.checks import CHECKS, DOCUMENTS
from sisterport.shorepower.costs import LEVELS, Survival, fix_costs, survives
from sisterport.tables import to_polars

_MEANINGS = (
    "plug in now",
    "plug in after paperwork or a first-call test",
    "plug in with partial power",
    "a fix on the ship is needed",
    "a fix at the berth is needed",
    "fixes on the ship and at the berth are needed",
    "not possible",
)
PLUG_IN, PAPERWORK, PARTIAL, SHIP_SIDE, BERTH_SIDE, BOTH_SIDES, IMPOSSIBLE = GRADES = range(len(_MEANINGS))
MEANING: dict[int | None, str] = {**dict(zip(GRADES, _MEANINGS, strict=True)), None: "undecided"}
PRE_SCREEN = (
    "A verdict is a pre-screen from registers, never a certificate: the standard asks for a joint compatibility "
    "assessment of each ship and berth before the first connection."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One way to mend one check.

    Attributes
    ----------
    fix, title, side
        Id of the reference table ``fix_costs``, its title, and ``ship`` or ``berth``.
    check
        Number of the check.
    low, mid, high
        Cost [whole units of the currency].
    status
        Of the cost.
    """

    fix: str
    title: str
    side: str
    check: int
    low: float
    mid: float
    high: float
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FixSet:
    """Fixes that together mend every failing check; their cost is the sum [whole units of the currency]."""

    fixes: tuple[Fix, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the fixes."""
        return tuple(fix.fix for fix in self.fixes)

    @property
    def low(self) -> float:
        """Cost if all are cheap."""
        return sum(fix.low for fix in self.fixes)

    @property
    def mid(self) -> float:
        """Cost."""
        return sum(fix.mid for fix in self.fixes)

    @property
    def high(self) -> float:
        """Cost if all are dear."""
        return sum(fix.high for fix in self.fixes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """Alternative sets of fixes; None where there is none.

    Attributes
    ----------
    cheapest, ship_only, berth_only
        The cheapest set, the cheapest one on the ship alone and the cheapest one at the berth alone, at mid cost.
    survival
        Whether the cheapest set stays the same at low and at high cost; None where there is none.
    """

    cheapest: FixSet | None
    ship_only: FixSet | None
    berth_only: FixSet | None
    survival: Survival | None


def fix_table(costs: Any = None) -> pl.DataFrame:
    """Return the fixes and their costs, one row per fix; those of the reference data by default.

    Raises
    ------
    SchemaError
        If columns are missing or a fix stands twice: each mends one check.
    """
    table = fix_costs() if costs is None else to_polars(costs)
    needed = ("fix_id", "check_no", "side", "title", *LEVELS, "currency", "price_year", "status")
    faults = [f"column '{name}' missing" for name in needed if name not in table.columns]
    if not faults and table["fix_id"].is_duplicated().any():
        twice = table.filter(pl.col("fix_id").is_duplicated())["fix_id"].unique().sort().to_list()
        faults.append(f"fixes that stand more than once: {', '.join(twice)}")
    if not faults and table.select("currency", "price_year").n_unique() > 1:
        faults.append("costs in more than one currency or price year: bring them together with `fix_costs`")
    if faults:
        raise SchemaError("costs of fixes", faults)
    return table


def fixes_of(costs: pl.DataFrame) -> dict[int, tuple[Fix, ...]]:
    """Return the fixes of each check, cheapest first; of equal costs the ship's first."""
    rows = costs.sort("cost_mid", pl.col("side") == "berth", "fix_id").iter_rows(named=True)
    found: dict[int, list[Fix]] = {check: [] for check in range(1, CHECKS + 1)}
    for row in rows:
        found[row["check_no"]].append(
            Fix(
                fix=row["fix_id"],
                title=row["title"],
                side=row["side"],
                check=row["check_no"],
                low=row["cost_low"],
                mid=row["cost_mid"],
                high=row["cost_high"],
                status=row["status"],
            )
        )
    return {check: tuple(fixes) for check, fixes in found.items()}


def _cheapest_sides(fixes: Sequence[Fix], level: str) -> set[str]:
    """Return on which sides a fix of least cost is."""
    least = min(float(getattr(fix, level)) for fix in fixes)
    return {fix.side for fix in fixes if float(getattr(fix, level)) == least}


def grade_by_mask(costs: pl.DataFrame) -> NDArray[np.int64]:
    """Return the grade of each set of failing checks, by its bits.

    Examples
    --------
    >>> grade_by_mask(fix_table())[[0, 1 << 12, 1 << 1]].tolist()
    [0, 1, 3]
    """
    fixes, masks = fixes_of(costs), np.arange(1 << CHECKS)
    clauses = range(1, DOCUMENTS)
    sides = {check: _cheapest_sides(fixes[check], "mid") for check in clauses if fixes[check]}

    def hit(wanted: set[str]) -> NDArray[np.bool_]:
        bits = sum(1 << (check - 1) for check in clauses if sides.get(check, set()) == wanted)
        return np.asarray((masks & bits) > 0)

    ship, berth, any_side, no_side = (hit(wanted) for wanted in ({"ship"}, {"berth"}, {"ship", "berth"}, set[str]()))
    grades = np.where(masks >> (DOCUMENTS - 1), PAPERWORK, PLUG_IN)
    cases = [no_side, ship & berth, berth, ship | any_side]
    return np.select(cases, [IMPOSSIBLE, BOTH_SIDES, BERTH_SIDE, SHIP_SIDE], grades).astype(np.int64)


def checks_of(mask: int) -> list[int]:
    """Return the numbers of the checks whose bits are set.

    Examples
    --------
    >>> checks_of(0b1000000000101)
    [1, 3, 13]
    """
    return [check for check in range(1, CHECKS + 1) if mask >> (check - 1) & 1]


def mend(failing: Sequence[int], fixes: dict[int, tuple[Fix, ...]]) -> Mending:
    """Return the sets of fixes that mend all failing checks.

    Parameters
    ----------
    failing
        Numbers of the failing checks.
    fixes
        As `fixes_of` gives them.

    Examples
    --------
    >>> found = mend([4, 5], fixes_of(fix_table()))
    >>> found.cheapest.ids, found.ship_only.ids, found.berth_only.ids
    (('ship_transformer', 'ship_converter'), ('ship_transformer', 'ship_converter'), \
('dual_ratio_transformer', 'frequency_converter'))
    """
    cheapest = _choose(failing, fixes, "mid")
    survival = None
    if cheapest is not None:
        others = {level: _choose(failing, fixes, level) for level in ("low", "high")}
        survival = survives(cheapest.ids, **{level: found.ids if found else () for level, found in others.items()})
    return Mending(
        cheapest=cheapest,
        ship_only=_choose(failing, fixes, "mid", side="ship"),
        berth_only=_choose(failing, fixes, "mid", side="berth"),
        survival=survival,
    )


def _choose(
    failing: Sequence[int], fixes: dict[int, tuple[Fix, ...]], level: str, *, side: str | None = None
) -> FixSet | None:
    """Return the cheapest set; of equal costs the fixes of the one side that can mend all, else the ship's."""
    possible = {check: [fix for fix in fixes[check] if side in (None, fix.side)] for check in failing}
    if not all(possible.values()):
        return None
    sides = [_cheapest_sides(some, level) for some in possible.values()]
    first = "berth" if all("berth" in one for one in sides) and not all("ship" in one for one in sides) else "ship"

    def rank(fix: Fix) -> tuple[float, bool, str]:
        return float(getattr(fix, level)), fix.side != first, fix.fix

    return FixSet(fixes=tuple(min(some, key=rank) for some in possible.values()))


def grade_word(grade: int | None) -> str:
    """Return what a grade means.

    Raises
    ------
    MethodError
        If there is no such grade.

    Examples
    --------
    >>> grade_word(0), grade_word(None)
    ('plug in now', 'undecided')
    """
    if grade not in MEANING:
        raise MethodError(f"no grade {grade}; there are 0 to {IMPOSSIBLE} and none for undecided")
    return MEANING[grade]
