"""Fill the particulars of every ship and say how each is known."""

from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.fleet.chain import source_word
from sisterport.fleet.dimensions import with_class, with_draught, with_group, with_size
from sisterport.fleet.fitted import with_fitted
from sisterport.fleet.identity import imo_check
from sisterport.fleet.joining import join_register
from sisterport.fleet.machinery import (
    with_averages,
    with_engine,
    with_fuel,
    with_keel,
    with_power,
    with_speed,
)
from sisterport.tables import Caller, check, schema, to_polars

_STEPS = (
    with_class,
    with_size,
    with_group,
    with_averages,
    with_fitted,
    with_draught,
    with_power,
    with_speed,
    with_engine,
    with_keel,
    with_fuel,
)


def particulars(statics: Any, register: Any = None, *, cells: Any = None, fitted: bool = True) -> Any:
    """Return the particulars of every ship seen; every ``*_source`` says how the value is known.

    Each field is taken from the first of these that knows it: the register; for bulk carriers and container ships a
    regression fitted on EU-MRV 2022 (`sisterport.fleet.fitted`); a published formula; the mean of the class and size
    bin; a default. What cannot be told stays null with source ``unknown``: a ship that AIS calls "cargo" is never taken
    for a bulk carrier. See `sisterport.fleet.SOURCE_WORDS` for the first words of a source. The reference
    speed is the maximum speed; a service or design speed is divided by 0.94.

    Parameters
    ----------
    statics
        Table ``statics``: what the ships broadcast, one row per MMSI.
    register
        Table ``register`` (`read_register`), or None.
    cells
        `register_cells` of the same register: values that are unverified there are labelled ``register
        (unverified)``.
    fitted
        Use the fitted regressions of power and speed; False: published formulas and averages only.

    Returns
    -------
    frame
        Table ``ships``, one row per row of `statics`, in the same order.

    Raises
    ------
    SchemaError
        If a frame does not fit its table.
    InputError
        If an MMSI occurs twice in `statics`.

    References
    ----------
    Fourth IMO GHG Study (2020), sect. 2.2; USEPA Port Emissions Inventory Guidance EPA-420-B-22-011 (2022),
    Table C.3; ICCT SAVE v2025.03.1 documentation; formulas: `sisterport.fleet.formulas`.

    Examples
    --------
    >>> statics = pl.DataFrame({"mmsi": [209123000, 209124000], "imo": [9074729, None], "ais_type": [70, 70],
    ...     "identities": 1, "positions": 10})
    >>> register = pl.DataFrame({"imo": [9074729], "ship_class": ["container"], "teu": [7403],
    ...     "v_service_kn": [24.5]})
    >>> ships = particulars(statics, register)
    >>> ships["ship_class"].to_list(), (ships["power_kw"] / 1000).round(0).to_list()
    (['container', 'unknown_cargo'], [78.0, None])
    >>> ships["v_ref_kn_source"].to_list()
    ['register: service speed / 0.94', 'unknown']
    """
    caller = Caller(statics)
    ships = check(statics, "statics")
    twice = ships.filter(pl.col("mmsi").is_duplicated())["mmsi"]
    if len(twice):
        raise InputError(f"statics: {twice.n_unique()} mmsi in more than one row, first: {twice[0]}")
    ships = ships.with_columns(imo=pl.when(imo_check()).then("imo"))
    ships = join_register(
        ships,
        None if register is None else to_polars(register),
        None if cells is None else to_polars(cells),
    )
    ships = ships.with_columns(
        imo=pl.coalesce("imo", "reg_imo"),
        name=pl.coalesce("name", "reg_name"),
    )
    for step in _STEPS:
        ships = step(ships)
        if step is with_fitted and not fitted:
            ships = ships.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("fit_v3", "fit_v"))
    return caller.back(check(ships, "ships"))


def particulars_summary(ships: Any) -> Any:
    """Return how much of the fleet each field is known by which kind of source.

    Parameters
    ----------
    ships
        Table ``ships``.

    Returns
    -------
    frame
        Columns field, source (first words, see `SOURCE_WORDS`), ships, share [fraction]; shares of a field
        add up to 1.

    Examples
    --------
    >>> statics = pl.DataFrame({"mmsi": [209123000], "ais_type": [52], "identities": 1, "positions": 10})
    >>> summary = particulars_summary(particulars(statics))
    >>> summary.filter(pl.col("field") == "power_kw").row(0)
    ('power_kw', 'class average (unverified)', 1, 1.0)
    """
    caller = Caller(ships)
    frame = check(ships, "ships")
    fields = [c.removesuffix("_source") for c in schema("ships") if c.endswith("_source")]
    parts = [
        frame.select(source=source_word(f"{field}_source"))
        .group_by("source", maintain_order=True)
        .agg(ships=pl.len().cast(pl.Int64))
        .sort(["ships", "source"], descending=[True, False])
        .select(pl.lit(field).alias("field"), "source", "ships", share=pl.col("ships") / frame.height)
        for field in fields
    ]
    return caller.back(pl.concat(parts))
