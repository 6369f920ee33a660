"""Match ships with berths: which can plug in where, as a pre-screen from registers, never a certificate."""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.errors import InputError, SchemaError
from sisterport.reference import value
from sisterport.shorepower import kernel
from sisterport.shorepower.grades import PARTIAL, fix_table, grade_by_mask
from sisterport.shorepower.prepare import Prepared, prepare
from sisterport.shorepower.priors import frequency_priors
from sisterport.shorepower.profiles import HZ_50, HZ_60
from sisterport.tables import schema, to_polars

_ALL = np.uint16(kernel.ALL)

Positions = NDArray[np.int32]
Hours = NDArray[np.float64]


class Found(NamedTuple):
    """Found as arrays; ``inlet`` and ``outlet`` are rows of the registers as prepared, ``bits`` the checks.

    Failing checks are the low half of the bits, true ones the high half.
    """

    best: NDArray[np.int8]
    worst: NDArray[np.int8]
    bits: NDArray[np.int32]
    share: NDArray[np.float32]
    inlet: NDArray[np.int32]
    outlet: NDArray[np.int32]

    @classmethod
    def room(cls, pairs: int) -> "Found":
        """Return arrays for a number of pairs."""
        return cls(
            best=np.empty(pairs, np.int8),
            worst=np.empty(pairs, np.int8),
            bits=np.empty(pairs, np.int32),
            share=np.empty(pairs, np.float32),
            inlet=np.empty(pairs, np.int32),
            outlet=np.empty(pairs, np.int32),
        )


def match(
    inlets: Any,
    outlets: Any,
    *,
    on: date,
    ships: Any = None,
    berths: Any = None,
    assessments: Any = None,
    stay_h: Any = None,
    pairs: Any = None,
    demand: str = "largest",
    costs: Any = None,
    priors: bool = False,
) -> pl.DataFrame:
    """Return a verdict for every ship and berth: whether the ship can be plugged in there, and what it would take.

    Parameters
    ----------
    inlets, outlets
        Frames of those tables, as `read_inlets` and `read_outlets` give them. Null is unknown.
    on
        Day of the verdict: outlets that are in service on it count.
    ships, berths
        More ships and berths than the registers have; see `prepare`.
    assessments
        Frame of the table ``assessments``, taken as complete. Without it check 13 is unknown.
    stay_h
        Stay alongside [h]: a number for all, or a frame with ``ship_id`` and ``stay_h``. Without it check 12 is
        unknown, and so is every pair that no other check rules out.
    pairs
        Frame with ``ship_id``, ``berth_id`` and, if known, ``stay_h``: only these pairs are matched, in this order.
        By default all ships with all berths.
    demand
        Which peak of the ship counts: ``largest`` that is stated, ``alongside``, ``cargo``, ``reefers``,
        ``passengers``.
    costs
        Costs of fixes as `fix_costs` gives them; by default those of the reference data.
    priors
        Add ``prior_share``: for ships of unknown frequency, the share of ships of their class whose frequency fits.
        It never makes a verdict.

    Returns
    -------
    DataFrame
        Table ``verdicts``, sorted by ship and berth (or in the order of `pairs`). The checks, ``inlet_id``,
        ``outlet_id`` and ``power_share`` are those of the most promising connection of the pair (lowest best, then
        lowest worst grade); ``best`` and ``worst`` take all connections into account.

    Raises
    ------
    SchemaError
        Listing every fault of a frame.
    InputError
        If a stay is negative or no number.

    Notes
    -----
    The 13 checks are those of the reference table ``shorepower_checks``, in three-valued logic (Kleene). ``best`` is
    the grade if every unknown check turns out true, ``worst`` if every one turns out false; the grade is decided where
    both agree. Numbers that are unknown lie anywhere within the limits of their table. Learning a fact only narrows the
    range from best to worst.

    A pair whose power alone falls short gets grade 2; if other checks fail too, the ship is taken to connect with
    partial power once these are mended. Where nothing is there yet (``has_inlet`` false, state ``none``) the new
    inlet or outlet is taken to be built to suit; frequency, hazard zone and connection time are the ship's and the
    berth's own and are checked all the same. A stay shorter than the useful minimum is grade 6.

    An inlet has the frequency of the main switchboard unless the register says otherwise; a plant that no row names
    sets no limit; ``largest`` demand is that of the states that the register has. Positions along a quay count from
    the end where the stern of a ship lies that is moored port side alongside (seen from the water, the left end).

    Examples
    --------
    >>> from datetime import date
    >>> outlets = pl.DataFrame([{
    ...     "outlet_id": "o1", "berth_id": "b1", "locode": "DEHAM", "state": "operational", "frequency_hz": 50.0,
    ...     "source": "port", "status": "checked"}])
    >>> inlets = pl.DataFrame([{
    ...     "inlet_id": "i1", "imo": 9074729, "has_inlet": False, "bus_frequency_hz": 60.0,
    ...     "source": "yard", "status": "checked"}])
    >>> match(inlets, outlets, on=date(2026, 11, 1)).select("grade", "best", "worst", "checks_false").row(0)
    (None, 3, 6, 18)
    """
    registers = prepare(inlets, outlets, on=on, ships=ships, berths=berths, assessments=assessments, demand=demand)
    return match_prepared(registers, stay_h=stay_h, pairs=pairs, costs=costs, priors=priors)


def match_prepared(
    registers: Prepared, *, stay_h: Any = None, pairs: Any = None, costs: Any = None, priors: bool = False
) -> pl.DataFrame:
    """Match registers that are prepared already; otherwise as `match`."""
    grades = grade_by_mask(fix_table(costs))
    ship, berth, stays = everywhere(registers, stay_h) if pairs is None else listed(registers, to_polars(pairs), stay_h)
    return _frame(registers, ship, berth, judge(registers, ship, berth, stays, grades), priors=priors)


def judge(registers: Prepared, ship: Positions, berth: Positions, stay_h: Hours, grades: NDArray[np.int64]) -> Found:
    """Return the verdicts of pairs by their positions; `stay_h` by pair [h], nan is unknown."""
    out = Found.room(len(ship))
    papers = registers.papers.of(ship, berth)
    kernel.judge(registers.packed, ship, berth, papers, stay_h, value("shore_useful_min_h"), grades, out)
    return out


def everywhere(registers: Prepared, stay_h: Any) -> tuple[Positions, Positions, Hours]:
    """Return positions and stays of all ships with all berths."""
    ships, berths = registers.ships.len(), registers.berths.len()
    ship = np.repeat(np.arange(ships, dtype=np.int32), berths)
    berth = np.tile(np.arange(berths, dtype=np.int32), ships)
    return ship, berth, np.repeat(stays_of_ships(registers, stay_h), berths)


def stays_of_ships(registers: Prepared, stay_h: Any) -> Hours:
    """Return the stay of each ship [h], nan where it is unknown."""
    number = _one_stay(stay_h)
    if number is not None:
        return np.full(registers.ships.len(), number)
    rows = to_polars(stay_h)
    faults = [f"column '{name}' missing" for name in ("ship_id", "stay_h") if name not in rows.columns]
    if not faults and rows["ship_id"].is_duplicated().any():
        faults.append("a ship has more than one stay: give them as `pairs`")
    if faults:
        raise SchemaError("stay_h", faults)
    _check_stays(rows["stay_h"])
    joined = pl.DataFrame({"ship_id": registers.ships}).join(rows, on="ship_id", how="left", maintain_order="left")
    return joined["stay_h"].cast(pl.Float64).fill_null(np.nan).to_numpy()


def listed(registers: Prepared, pairs: pl.DataFrame, stay_h: Any) -> tuple[Positions, Positions, Hours]:
    """Return positions and stays of pairs that are listed.

    Raises
    ------
    SchemaError
        If columns are missing, or naming ships and berths that are not in the registers.
    """
    faults = [f"column '{name}' missing" for name in ("ship_id", "berth_id") if name not in pairs.columns]
    if faults:
        raise SchemaError("pairs", faults)
    ship, berth = registers.find(pairs["ship_id"].to_list(), pairs["berth_id"].to_list())
    if "stay_h" in pairs.columns:
        _check_stays(pairs["stay_h"])
        return ship, berth, pairs["stay_h"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return ship, berth, stays_of_ships(registers, stay_h)[ship]


def _one_stay(stay_h: Any) -> float | None:
    if stay_h is None:
        return float("nan")
    if isinstance(stay_h, int | float):
        _check_stays(pl.Series([float(stay_h)]))
        return float(stay_h)
    return None


def _check_stays(stays: pl.Series) -> None:
    wrong = (stays < 0) | stays.is_nan() if stays.dtype.is_float() else stays < 0
    if wrong.any():
        raise InputError(f"stay_h: {wrong.sum()} stays are negative or no number, first: row {wrong.arg_true()[0]}")


def _frame(registers: Prepared, ship: Any, berth: Any, found: Found, *, priors: bool) -> pl.DataFrame:
    known = pl.Series(found.best == found.worst)
    best, worst = pl.Series(found.best), pl.Series(found.worst)
    share = pl.Series(found.share)
    false, true = (found.bits & _ALL).astype(np.uint16), (found.bits >> kernel.HALF).astype(np.uint16)
    columns = {
        "ship_id": registers.ships.gather(ship),
        "berth_id": registers.berths.gather(berth),
        "inlet_id": registers.inlets["inlet_id"].gather(found.inlet),
        "outlet_id": registers.outlets["outlet_id"].gather(found.outlet),
        "grade": best,
        "best": best,
        "worst": worst,
        "power_share": share,
        "checks_true": pl.Series(true),
        "checks_false": pl.Series(false),
        "checks_unknown": pl.Series(_ALL & ~(true | false)),
        "prior_share": _prior(registers, found)
        if priors
        else pl.Series([None], dtype=pl.Float32).new_from_index(0, len(ship)),
    }
    frame = pl.DataFrame(columns).with_columns(
        pl.when(known).then("grade").alias("grade"), pl.when(share >= 0.0).then("power_share").alias("power_share")
    )
    return frame.select(list(schema("verdicts")))


def _prior(registers: Prepared, found: Found) -> pl.Series:
    """Return the share of ships of the class whose frequency fits the outlet, where the ship's is unknown."""
    shares = frequency_priors(registers.inlets.select("ship_class", "length_m", frequency_hz="hz"))
    hertz = registers.outlets["hz"].gather(found.outlet)
    rows = pl.DataFrame(
        {
            "hz": hertz,
            "s50": shares["prior_50hz_share"].gather(found.inlet),
            "s60": shares["prior_60hz_share"].gather(found.inlet),
        }
    )
    return rows.select(
        pl.when(pl.col("hz") == HZ_50).then("s50").when(pl.col("hz") == HZ_60).then("s60").alias("prior_share")
    ).to_series()


def could_connect(verdicts: Any, *, partial: bool = True) -> pl.DataFrame:
    """Add the column ``could``: can the pair be connected as it is: ``yes``, ``no`` or ``unknown``.

    Parameters
    ----------
    verdicts
        Frame of the table ``verdicts``.
    partial
        Partial power (grade 2) counts as connected.

    Examples
    --------
    >>> could_connect(pl.DataFrame({"best": [0, 0, 3], "worst": [1, 4, 6]}))["could"].to_list()
    ['yes', 'unknown', 'no']
    """
    frame, limit = to_polars(verdicts), PARTIAL if partial else PARTIAL - 1
    answer = pl.when(pl.col("worst") <= limit).then(pl.lit("yes")).when(pl.col("best") > limit).then(pl.lit("no"))
    return frame.with_columns(answer.otherwise(pl.lit("unknown")).alias("could"))
