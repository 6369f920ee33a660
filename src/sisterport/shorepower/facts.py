"""How much a register knows, and what of it somebody only concluded."""

import polars as pl

from sisterport.errors import InputError
from sisterport.tables import schema

_INFERRED = r"\binferred\b"
_PAIR = ("voltage_kv", "frequency_hz")


def known_facts(register: pl.DataFrame) -> pl.DataFrame:
    """Return for each column how many outlets (or inlets) have a value: what is known, and how surely.

    Parameters
    ----------
    register
        Frame of `read_outlets` or `read_inlets`.

    Returns
    -------
    DataFrame
        ``column``, ``known``, ``inferred`` (of these, with "inferred" in ``<column>_source``), ``of``: all
        outlets or inlets.

    Raises
    ------
    InputError
        If the frame is no register.

    Examples
    --------
    >>> from sisterport.shorepower.registers import outlet_candidates
    >>> running = outlet_candidates().filter(state="operational")
    >>> known_facts(running).filter(column="frequency_hz").row(0)
    ('frequency_hz', 32, 18, 48)
    """
    key, table = _kind(register)
    rows = []
    for name in schema(table):
        if name in register.columns:
            known = register.filter(pl.col(name).is_not_null())
            guessed = known.filter(_inferred(known, name))
            rows.append((name, known[key].n_unique(), guessed[key].n_unique(), register[key].n_unique()))
    return pl.DataFrame(rows, schema=["column", "known", "inferred", "of"], orient="row")


def stated_only(register: pl.DataFrame) -> pl.DataFrame:
    """Return a register without the values that somebody inferred: they become unknown.

    The frequency of an outlet is often inferred from the grid, yet a converter may stand between. Matching on
    what sources state gives *undecided* where matching on all gives a verdict that rests on a conclusion.

    Parameters
    ----------
    register
        Frame of `read_outlets` or `read_inlets`.

    Returns
    -------
    DataFrame
        Values with "inferred" in ``<column>_source`` are null, and their passports with them; voltage-frequency
        rows that no longer differ are one.

    Raises
    ------
    InputError
        If the frame is no register.

    Examples
    --------
    >>> from sisterport.shorepower.registers import outlet_candidates
    >>> long_beach = stated_only(outlet_candidates()).filter(outlet_id="USLGB-pier-g-its")
    >>> long_beach.select("frequency_hz", "frequency_hz_source").row(0)
    (None, None)
    """
    key, table = _kind(register)
    frame = register
    for name in schema(table):
        if f"{name}_source" in frame.columns and name in frame.columns:
            passport = [f"{name}_{part}" for part in ("source", "status", "confidence", "seen_on")]
            gone = [name, *(c for c in passport if c in frame.columns)]
            frame = frame.with_columns(pl.when(~_inferred(frame, name)).then(c).alias(c) for c in gone)
    if not {*_PAIR, "pair"} <= set(frame.columns):
        return frame
    whole = pl.all_horizontal(pl.col(_PAIR).is_not_null())
    return frame.with_columns(pl.when(whole).then("pair").alias("pair")).unique(
        (key, *_PAIR), keep="first", maintain_order=True
    )


def _kind(register: pl.DataFrame) -> tuple[str, str]:
    for key, table in (("outlet_id", "outlets"), ("inlet_id", "inlets")):
        if key in register.columns:
            return key, table
    raise InputError("no register: there is neither a column 'outlet_id' nor 'inlet_id'")


def _inferred(frame: pl.DataFrame, column: str) -> pl.Expr:
    passport = f"{column}_source"
    if passport not in frame.columns:
        return pl.lit(value=False)
    return pl.col(passport).cast(pl.String).fill_null("").str.contains(_INFERRED)
