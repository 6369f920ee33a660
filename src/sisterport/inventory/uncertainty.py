"""Bands of an inventory's sums: seeded draws of the errors that its rows share.

Everything is linear in the energy of a ship's engines in a segment, so a draw multiplies: an error of activity and an
error of each factor, log-normal with mean one. Errors are shared where they are shared (one ship, one class, one fuel):
those of single ships average out in a sum over ships, those of a class or a fuel do not. Positions are never touched
again and load caps are not redone: the errors are those of the main engine's energy as it was measured against
registers and fuel reports.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from sisterport import tables
from sisterport.draws import normals
from sisterport.errors import MethodError, choose
from sisterport.inventory import spreads
from sisterport.inventory.cells import Cells, Floats, cells_of, rows_with_kinds, terms_of
from sisterport.inventory.summaries import summarise
from sisterport.reference import value

AMOUNTS = ("co2e_ttw_t", "nox_kg", "sox_kg", "pm25_kg")
"""Amounts that have bands unless others are asked for."""

BIAS = ("state", "correct")
DRAWS, LEVEL = int(value("band_draws")), value("band_level")
_NUMBERS, _CELLS = int(value("band_numbers_at_once")), int(value("band_cells_at_once"))


def bands(
    emissions: Any,
    segments: Any,
    ships: Any,
    *,
    by: Sequence[str] = ("mode",),
    amounts: Sequence[str] = AMOUNTS,
    draws: int = DRAWS,
    seed: int = 1,
    level: float = LEVEL,
    bias: str = "state",
    areas: Any = None,
    gwp: str = "AR5",
) -> Any:
    """Return sums of an inventory by keys, each with its band.

    Parameters
    ----------
    emissions, segments, ships, by, areas
        As in `sisterport.inventory.summarise`.
    amounts
        Amounts of the table ``emissions``; all but ``shore_kwh``, which is metered.
    draws, seed
        Number of draws, and what they begin with. The same seed gives the same numbers whatever the order of rows,
        the number of threads and the keys.
    level
        Share of the draws inside the band: 0.8 is from the 10th to the 90th percentile.
    bias
        What is done about known biases of particulars and draught: ``state`` leaves value and band where they are,
        ``correct`` moves both.
    gwp
        Set of warming potentials that the emissions were made with.

    Returns
    -------
    frame, one row per group, sorted by the keys
        The keys; of each amount ``<amount>`` (as `summarise` gives it, unless biases are corrected), ``<amount>_low``,
        ``<amount>_high`` (ends of the band) and ``<amount>_bias``: by which share the value of `summarise` is too high
        by what is known (negative: too low). Null where the amount is.

    Raises
    ------
    MethodError
        Unknown key, amount or choice; a level not between 0 and 1; fewer than two draws; emissions that were made with
        another set of warming potentials.
    SchemaError
        Frames that do not fit.

    Notes
    -----
    Widths come from the reference table ``uncertainty_inputs``; ``docs/uncertainty.md`` says what is shared and what is
    left out. The value is no percentile of the draws; it is their mean, as every factor has mean one.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> bands(empty("emissions"), empty("segments"), empty("ships"), amounts=["co2_t"]).columns
    ['mode', 'co2_t', 'co2_t_low', 'co2_t_high', 'co2_t_bias']
    """
    caller = tables.Caller(emissions)
    by = [by] if isinstance(by, str) else list(by)
    _valid(amounts, draws, level, bias)
    groups = tables.to_polars(summarise(emissions, segments, ships, by=by, areas=areas))
    keys = groups.columns[: groups.columns.index("ships")]
    plain = groups.select(*keys, *amounts)
    rows = rows_with_kinds(emissions, segments, ships, by, areas, amounts, gwp)
    cells = cells_of(rows, plain.select(keys), ships, amounts, gwp)
    del rows  # wide, and no longer needed
    ends = np.full((plain.height, len(amounts), 2), np.nan)
    for first, block in draw_sums(cells, amounts, draws=draws, seed=seed, correct=bias == "correct"):
        tails = np.quantile(block, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], axis=2)
        ends[first : first + len(block)] = np.moveaxis(tails, 0, 2)
    known = spreads.of_activity(cells.activities).bias_ln[cells.activity]
    too_high = {name: _bias(cells, name, plain[name], known) for name in amounts}
    return caller.back(plain.select(*keys, *_columns(plain, amounts, ends, too_high, correct=bias == "correct")))


def _valid(amounts: Sequence[str], draws: int, level: float, bias: str) -> None:
    choose("treatment of known biases", bias, BIAS)
    for name in amounts:
        choose("amount", name, tuple(terms_of(gwp="AR5")))
    if not 0.0 < level < 1.0:
        raise MethodError(f"level {level} is not between 0 and 1")
    if draws < 2:
        raise MethodError(f"{draws} draws make no band: at least 2 are needed")


def _columns(
    plain: pl.DataFrame, amounts: Sequence[str], ends: Floats, too_high: dict[str, pl.Series], *, correct: bool
) -> list[pl.Series]:
    found: list[pl.Series] = []
    for number, name in enumerate(amounts):
        value, known = plain[name], plain[name].is_not_null()
        low, high = (
            pl.select(pl.when(known).then(pl.Series(ends[:, number, end]))).to_series().alias(f"{name}_{word}")
            for end, word in enumerate(("low", "high"))
        )
        if correct:
            value = (value / (1.0 + too_high[name])).alias(name)
        found += [value, low, high, too_high[name]]
    return found


def _bias(cells: Cells, name: str, value: pl.Series, known: Floats) -> pl.Series:
    """Return by which share the sums of an amount are too high by the known biases of the cells' activity."""
    sums = np.sum([sums for _, sums in cells.values[name]], axis=0)
    right = np.bincount(cells.group, weights=sums * np.exp(-known), minlength=len(value))
    excess = np.bincount(cells.group, weights=-sums * np.expm1(-known), minlength=len(value))
    too_high = np.divide(excess, right, out=np.zeros(len(value)), where=right > 0)
    return pl.select(pl.when(value.is_not_null()).then(pl.Series(too_high))).to_series().alias(f"{name}_bias")


def draw_sums(
    cells: Cells, amounts: Sequence[str], *, draws: int, seed: int, correct: bool = False
) -> Iterator[tuple[int, Floats]]:
    """Yield draws of the groups' sums, block by block.

    Yields
    ------
    int, array
        Number of the first group, and the sums by group, amount and draw.
    """
    most = max(_CELLS, _NUMBERS // draws)
    last = int(cells.group[-1]) + 1 if cells.group.size else 0
    ends = np.searchsorted(cells.group, np.arange(last), side="right")
    first = begin = 0
    while first < last:
        # as many whole groups as fit; a larger group stands alone and is cut, always at the same cells
        beyond = max(first + 1, int(np.searchsorted(ends, begin + most, side="right")))
        end = int(ends[beyond - 1])
        out = np.zeros((beyond - first, len(amounts), draws))
        for start in range(begin, end, most):
            out += _block(cells.part(slice(start, min(end, start + most))), first, out.shape, amounts, seed, correct)
        yield first, out
        first, begin = beyond, end


def _block(
    cells: Cells, first: int, shape: tuple[int, ...], amounts: Sequence[str], seed: int, correct: bool
) -> Floats:
    """Return the draws of the sums of some cells."""
    draws = shape[-1]
    factor_of = np.unique(cells.factor, return_inverse=True)
    kinds = cells.factors[factor_of[0]]
    activity = _activity_draws(cells, draws, seed, correct)
    pairs = np.flatnonzero(np.diff(cells.group * (len(cells.factors) + 1) + cells.factor, prepend=-1))
    inner = np.flatnonzero(np.diff(cells.group[pairs], prepend=-1))
    row = cells.group[pairs][inner] - first
    consumption = _consumption(draws, seed)
    out = np.zeros(shape)
    for number, name in enumerate(amounts):
        for term, sums in cells.values[name]:
            if not sums.any():
                continue
            by_pair = np.add.reduceat(sums[:, None] * activity, pairs, axis=0)
            if term.factor:
                errors = spreads.of_factor(term.factor, kinds)
                by_pair *= _exp(errors, normals(errors.keys, draws=draws, seed=seed))[factor_of[1][pairs]]
            if term.consumption:
                by_pair *= consumption
            out[row, number] += np.add.reduceat(by_pair, inner, axis=0)
    return out


def _activity_draws(cells: Cells, draws: int, seed: int, correct: bool) -> Floats:
    """Return the factors of activity of each cell and draw."""
    used, place = np.unique(cells.activity, return_inverse=True)
    errors = spreads.of_activity(cells.activities[used])
    factor = _exp(errors, normals(errors.keys, draws=draws, seed=seed))
    if correct:
        factor *= np.exp(-errors.bias_ln)[:, None]
    return factor[place]


def _consumption(draws: int, seed: int) -> Floats:
    """Return the factor of specific consumption, which everything shares."""
    error = spreads.of_consumption()
    factor: Floats = np.exp(error.sd_ln * normals([error.key], draws=draws, seed=seed)[0] - error.sd_ln**2 / 2)
    return factor


def _exp(errors: spreads.Errors, numbers: Floats) -> Floats:
    """Return log-normal factors with mean one, of each kind and draw."""
    logs = np.repeat(-(errors.sd_ln**2).sum(axis=1)[:, None] / 2, numbers.shape[1], axis=1)
    for column in range(errors.which.shape[1]):
        width = errors.sd_ln[:, column]
        if width.any():
            logs += width[:, None] * numbers[errors.which[:, column]]
    np.exp(logs, out=logs)
    return logs
