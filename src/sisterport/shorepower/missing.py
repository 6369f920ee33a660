"""Which missing facts would decide most energy: those to ask ports and shipowners for first.

V(m), the value of a missing fact m, is the energy of all pairs of ship and berth whose range of grades, best to worst,
would shrink for at least one value that m can have (`trials.trial_values`), everything else staying as it is. A fact of
several rows of one inlet or outlet (one per voltage-frequency pair) is one fact.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.errors import SchemaError
from sisterport.shorepower.grades import fix_table, grade_by_mask
from sisterport.shorepower.kernel import BIG
from sisterport.shorepower.kleene import FALSE, TRUE, UNKNOWN
from sisterport.shorepower.marking import marked_inlets, marked_outlets
from sisterport.shorepower.match import Found, judge, listed
from sisterport.shorepower.papers import Papers
from sisterport.shorepower.prepare import Prepared, prepare, ready
from sisterport.shorepower.trials import BERTH_FACTS, OF_A_PLANT, SHIP_FACTS, agrees, lacking, peak_column, trial_values
from sisterport.tables import to_polars

_KEYS = ("side", "ship_id", "berth_id", "inlet_id", "outlet_id", "column")
_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(_KEYS, pl.String),
    "pairs": pl.Int64,
    "energy_mwh": pl.Float64,
    "pairs_decided": pl.Int64,
    "energy_decided_mwh": pl.Float64,
}
_NEEDED = ("ship_id", "berth_id", "energy_mwh")
Flags = NDArray[np.bool_]


class _Side(NamedTuple):
    """What is called what on one side."""

    part: int
    name: str
    owner: str
    thing: str


_SHIP = _Side(0, "ship", "ship_id", "inlet_id")
_BERTH = _Side(1, "berth", "berth_id", "outlet_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pairs:
    """Pairs with their energy and their range as things stand; `frame` names them."""

    registers: Prepared
    frame: pl.DataFrame
    ship: NDArray[np.int32]
    berth: NDArray[np.int32]
    stay: NDArray[np.float64]
    grades: NDArray[np.int64]
    now: Found

    def narrowed(self, found: Found) -> tuple[Flags, Flags]:
        """Return which pairs have a smaller range than now, and which of them are decided."""
        smaller = (found.best > self.now.best) | (found.worst < self.now.worst)
        return smaller, smaller & (found.best == found.worst)

    def judged(self, registers: Prepared, stay: NDArray[np.float64] | None = None) -> Found:
        """Return the verdicts with other registers or stays."""
        return judge(registers, self.ship, self.berth, self.stay if stay is None else stay, self.grades)


def missing_facts(
    inlets: Any,
    outlets: Any,
    energy: Any,
    *,
    on: date,
    ships: Any = None,
    berths: Any = None,
    assessments: Any = None,
    stay_h: Any = None,
    demand: str = "largest",
    costs: Any = None,
) -> pl.DataFrame:
    """Return the missing facts of both registers, those first that would decide most energy.

    Parameters
    ----------
    inlets, outlets, on, ships, berths, assessments, stay_h, demand, costs
        As in `match`.
    energy
        Frame with ``ship_id``, ``berth_id``, ``energy_mwh`` [MWh] and, if known, ``stay_h`` [h]: the pairs that count
        and what each is worth. A pair may stand more than once, with different stays.

    Returns
    -------
    DataFrame
        ``side`` (ship, berth or pair), ``ship_id`` or ``berth_id`` or both, ``inlet_id`` or ``outlet_id``, ``column``,
        ``pairs`` and ``energy_mwh`` whose range would shrink for some value of the fact, ``pairs_decided`` and
        ``energy_decided_mwh`` of those that some value would decide. Facts that alone would narrow no range are not in
        it: others have to be known first.

    Raises
    ------
    SchemaError
        If a frame has faults, listing all of them.

    Examples
    --------
    >>> from datetime import date
    >>> outlets = pl.DataFrame([{
    ...     "outlet_id": "o1", "berth_id": "b1", "locode": "DEHAM", "state": "operational", "frequency_hz": 50.0,
    ...     "source": "port", "status": "checked"}])
    >>> inlets = pl.DataFrame([{"inlet_id": "i1", "imo": 9074729, "source": "yard", "status": "checked"}])
    >>> energy = pl.DataFrame([{"ship_id": "imo:9074729", "berth_id": "b1", "energy_mwh": 40.0, "stay_h": 24.0}])
    >>> found = missing_facts(inlets, outlets, energy, on=date(2026, 11, 1))
    >>> found.filter(column="has_inlet").select("side", "pairs", "energy_mwh").row(0)
    ('ship', 1, 40.0)
    """
    registers = prepare(inlets, outlets, on=on, ships=ships, berths=berths, assessments=assessments, demand=demand)
    frame = _checked(to_polars(energy))
    ship, berth, stay = listed(registers, frame, stay_h)
    grades = grade_by_mask(fix_table(costs))
    now = judge(registers, ship, berth, stay, grades)
    pairs = _Pairs(registers=registers, frame=frame, ship=ship, berth=berth, stay=stay, grades=grades, now=now)
    rows = [*_of_ships(pairs), *_of_berths(pairs), *_of_stays(pairs), *_of_papers(pairs)]
    table = pl.concat([pl.DataFrame(schema=_COLUMNS), *rows], how="diagonal")
    order = {"energy_mwh": True, "energy_decided_mwh": True, **dict.fromkeys(_KEYS, False)}
    return table.sort(list(order), descending=list(order.values()), nulls_last=True)


def _checked(energy: pl.DataFrame) -> pl.DataFrame:
    faults = [f"column '{name}' missing" for name in _NEEDED if name not in energy.columns]
    if not faults:
        counts = {name: energy[name].null_count() for name in _NEEDED}
        faults = [f"column '{name}': {count} nulls" for name, count in counts.items() if count]
        wrong = (energy["energy_mwh"] < 0).fill_null(value=False)
        if wrong.any():
            faults.append(f"column 'energy_mwh': {wrong.sum()} negative, first: row {wrong.arg_true()[0]}")
    if faults:
        raise SchemaError("energy", faults)
    return energy


def _of_ships(pairs: _Pairs) -> Iterator[pl.DataFrame]:
    rows = marked_inlets(pairs.registers.given[0])
    group = pl.col("ship_id").alias("group")
    for column in (*SHIP_FACTS, peak_column(pairs.registers.demand)):
        yield from _tried(pairs, _SHIP, rows.with_columns(group), column)


def _of_berths(pairs: _Pairs) -> Iterator[pl.DataFrame]:
    rows = marked_outlets(pairs.registers.given[1], pairs.registers.on)
    alone, joint = rows.with_columns(pl.col("berth_id").alias("group")), _joined_by_plants(rows)
    for column in BERTH_FACTS:
        yield from _tried(pairs, _BERTH, joint if column in OF_A_PLANT else alone, column)


def _joined_by_plants(outlets: pl.DataFrame) -> pl.DataFrame:
    """Give berths that share plants one ``group``: what is learnt of one can tell of all of them."""
    above = {berth: berth for berth in outlets["berth_id"]}

    def root(berth: str) -> str:
        while above[berth] != berth:
            berth = above[berth]
        return berth

    first: dict[str, str] = {}
    for berth, plant in outlets.select("berth_id", "plant_id").drop_nulls().unique(maintain_order=True).rows():
        above[root(berth)] = root(first.setdefault(plant, berth))
    return outlets.with_columns(pl.Series("group", [root(berth) for berth in outlets["berth_id"]], dtype=pl.String))


def _tried(pairs: _Pairs, side: _Side, rows: pl.DataFrame, column: str) -> Iterator[pl.DataFrame]:
    """Try all values of a column, in every group at once: for the first thing that lacks it, then for the next one."""
    position = (pairs.ship, pairs.berth)[side.part]
    names = (pairs.registers.ships, pairs.registers.berths)[side.part]
    group_of = dict(rows.select(side.owner, "group").iter_rows())
    groups = pl.Series([group_of[names[int(at)]] for at in position], dtype=pl.String)
    rows = rows.with_columns(lacking(column, side.name, pairs.registers.demand).alias("lacks"))
    things = (
        rows.filter(pl.col("lacks") & pl.col("group").is_in(groups.unique().implode()))
        .select("group", side.owner, side.thing)
        .unique()
        .sort("group", side.owner, side.thing)
        .with_columns(pl.int_range(pl.len()).over("group").alias("turn"))
    )
    for (_,), chosen in things.group_by("turn", maintain_order=True):
        flags = _over_values(pairs, side, rows, column, chosen)
        counted = pairs.frame.select("energy_mwh").with_columns(groups.alias("group"), *flags)
        sums = _summed(counted.filter("shrinks"), ["group"])
        named = chosen.join(sums, on="group", nulls_equal=True).drop("group", "turn")
        yield named.with_columns(pl.lit(side.name).alias("side"), pl.lit(column).alias("column"))


def _over_values(
    pairs: _Pairs, side: _Side, rows: pl.DataFrame, column: str, chosen: pl.DataFrame
) -> tuple[pl.Series, pl.Series]:
    """Return which pairs of the chosen groups have a smaller range for some value, and which are decided by some."""
    given, kind = pairs.registers.given, rows.schema[column]
    mark = chosen.select(side.owner, side.thing, pl.lit(value=True).alias("here"))
    keys = [side.owner, side.thing]
    here = rows.join(mark, on=keys, how="left", nulls_equal=True, maintain_order="left")["here"].fill_null(value=False)
    here &= rows["lacks"]
    shrinks, decides = np.zeros(len(pairs.ship), np.bool_), np.zeros(len(pairs.ship), np.bool_)
    for value in trial_values(column, *given, side=side.name, on=pairs.registers.on):
        where = here & agrees(column, value, rows)
        learnt = given[side.part].with_columns(
            pl.when(pl.lit(where)).then(pl.lit(value).cast(kind)).otherwise(pl.col(column)).alias(column)
        )
        parts = (learnt, given[1]) if side.part == 0 else (given[0], learnt)
        registers = ready(*parts, on=pairs.registers.on, assessments=None, demand=pairs.registers.demand)
        found = pairs.judged(replace(registers, papers=pairs.registers.papers))
        smaller, decided = pairs.narrowed(found)
        shrinks |= smaller
        decides |= decided
    return pl.Series("shrinks", shrinks), pl.Series("decides", decides)


def _summed(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    return rows.group_by(by, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("pairs"),
        pl.col("energy_mwh").cast(pl.Float64).sum(),
        pl.col("decides").sum().cast(pl.Int64).alias("pairs_decided"),
        pl.col("energy_mwh").filter("decides").cast(pl.Float64).sum().alias("energy_decided_mwh"),
    )


def _of_stays(pairs: _Pairs) -> Iterator[pl.DataFrame]:
    """Yield what the stays would decide: none at all, or as long as one likes."""
    unknown = np.isnan(pairs.stay)
    trials = [pairs.judged(pairs.registers, np.where(unknown, hours, pairs.stay)) for hours in (0.0, BIG)]
    yield _of_each_pair(pairs, "stay_h", unknown, trials)


def _of_papers(pairs: _Pairs) -> Iterator[pl.DataFrame]:
    """Yield what the assessments would decide: they hold, or they do not."""
    unknown = pairs.registers.papers.of(pairs.ship, pairs.berth) == UNKNOWN
    none = (np.zeros(0, np.int64), np.zeros(0, np.int8))
    trials = [pairs.judged(replace(pairs.registers, papers=Papers(answer, 1, *none))) for answer in (FALSE, TRUE)]
    yield _of_each_pair(pairs, "assessment", unknown, trials)


def _of_each_pair(pairs: _Pairs, column: str, asked: Flags, trials: list[Found]) -> pl.DataFrame:
    flags = [pairs.narrowed(found) for found in trials]
    shrinks = asked & np.any([smaller for smaller, _ in flags], axis=0)
    decides = asked & np.any([decided for _, decided in flags], axis=0)
    rows = pairs.frame.select(_NEEDED).with_columns(pl.Series("shrinks", shrinks), pl.Series("decides", decides))
    sums = _summed(rows.filter("shrinks"), ["ship_id", "berth_id"])
    return sums.with_columns(pl.lit("pair").alias("side"), pl.lit(column).alias("column"))
