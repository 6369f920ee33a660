"""How much of each leg and stay FuelEU Maritime and the EU ETS count, also where a port is not known."""

from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import InputError, ReferenceDataError
from sisterport.reference import resolve_locode
from sisterport.rules.clauses import STATUSES, clause
from sisterport.rules.scope import REGULATIONS, place, scope_shares
from sisterport.rules.transhipment import BERTH

_LEG = ["movement_id", "ship_id", "ship_class", "from_locode", "to_locode", "departure_utc"]


def in_scope(
    movements: Any, *, efta: str = "table", transhipment: str = "apply", outermost_derogation: bool = False
) -> pl.DataFrame:
    """Return movements with the share that each regulation counts.

    Parameters
    ----------
    movements
        Frame of the table ``movements``.
    efta, outermost_derogation
        As in `sisterport.rules.scope.scope_share`.
    transhipment
        As in `sisterport.rules.scope.scope_shares`.

    Returns
    -------
    polars.DataFrame
        The rows and for ``fueleu`` and ``ets`` each: ``*_low`` and ``*_high``, the least and the most that may count:
        equal where both ports are known; null in years before the law. ``*_reason``, ``*_status``.

    Raises
    ------
    SchemaError, InputError, MethodError
        A frame that does not fit, port codes that are not known, unknown options.

    References
    ----------
    Regulation (EU) 2023/1805 Art 2(1); Directive 2003/87/EC Art 3ga.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> row = {"movement_id": "a", "ship_id": "imo:1", "year": 2026, "from_locode": "SGSIN", "to_locode": "NLRTM"}
    >>> times = {"departure_utc": datetime(2026, 1, 1, tzinfo=UTC), "arrival_utc": datetime(2026, 2, 1, tzinfo=UTC)}
    >>> said = {"fuel_source": "given", "year_source": "whole", "port_quality": "as given"}
    >>> legs = pl.DataFrame([row | times | said, row | times | said | {"movement_id": "b", "to_locode": None}])
    >>> in_scope(legs).select("fueleu_low", "fueleu_high").rows()
    [(0.5, 0.5), (0.0, 0.5)]
    """
    rows = tables.check(movements, "movements")
    legs = _resolved(rows.select(_LEG).unique("movement_id", keep="first", maintain_order=True))
    out = rows
    for regulation in REGULATIONS:
        parts = [
            _of_year(legs, year, regulation, efta, transhipment, outermost_derogation=outermost_derogation)
            for year in rows["year"].unique().sort()
        ]
        found = pl.concat(parts) if parts else _blank(legs, regulation)
        out = out.join(found, on=["movement_id", "year"], how="left", maintain_order="left")
    return out


def _resolved(legs: pl.DataFrame) -> pl.DataFrame:
    """Replace port codes by canonical ones; refuse those that are not known, all at once."""
    codes = set(legs["from_locode"].drop_nulls()) | set(legs["to_locode"].drop_nulls()) - {BERTH}
    found, faults = {BERTH: BERTH}, []
    for code in sorted(codes):
        try:
            found[code] = code if len(code) <= len("AA") else resolve_locode(code)
        except ReferenceDataError as error:
            faults.append(str(error))
    if faults:
        raise InputError("; ".join(faults))
    return legs.with_columns(
        pl.col("from_locode", "to_locode").replace_strict(found, default=None, return_dtype=pl.String)
    )


def in_force(regulation: str, year: int) -> bool:
    """Say whether a regulation has rows for a year.

    Examples
    --------
    >>> in_force("ets", 2023), in_force("ets", 2024), in_force("fueleu", 2024)
    (False, True, False)
    """
    try:
        clause(REGULATIONS[regulation], "gt_threshold", year)
    except ReferenceDataError:
        return False
    return True


def _blank(legs: pl.DataFrame, regulation: str) -> pl.DataFrame:
    nothing = pl.lit(None, pl.Float64)
    return legs.select(
        "movement_id",
        nothing.alias(f"{regulation}_low"),
        nothing.alias(f"{regulation}_high"),
        pl.lit("not in force").alias(f"{regulation}_reason"),
        pl.lit(STATUSES[0]).alias(f"{regulation}_status"),
        year=pl.lit(None, pl.Int64),
    )


def _of_year(
    legs: pl.DataFrame, year: int, regulation: str, efta: str, transhipment: str, *, outermost_derogation: bool
) -> pl.DataFrame:
    """Return the shares of all legs by the law of one year: a leg over New Year keeps its neighbours."""
    if not in_force(regulation, year):
        return _blank(legs, regulation).with_columns(year=pl.lit(year, pl.Int64))
    shared = scope_shares(
        legs.with_columns(year=pl.lit(year, pl.Int64)),
        regulation=regulation,
        transhipment=transhipment,
        efta=efta,
        outermost_derogation=outermost_derogation,
    )
    low, high = _bounds(shared, year, regulation, efta)
    known = pl.col("scope_share").is_not_null()
    looked = (
        pl.when(pl.col("scope_quality") == "as given")
        .then(pl.lit(""))
        .otherwise(pl.lit("; ") + pl.col("scope_quality"))
    )
    return shared.select(
        "movement_id",
        pl.when(known).then("scope_share").otherwise(low).alias(f"{regulation}_low"),
        pl.when(known).then("scope_share").otherwise(high).alias(f"{regulation}_high"),
        (pl.col("scope_reason") + looked).alias(f"{regulation}_reason"),
        pl.when(known).then("scope_status").otherwise(pl.lit(STATUSES[0])).alias(f"{regulation}_status"),
        "year",
    )


def _bounds(shared: pl.DataFrame, year: int, regulation: str, efta: str) -> tuple[pl.Expr, pl.Expr]:
    """Return the least and most that a row with an unknown port may count, by the port that is known.

    With a port in scope at the other end it is at least a voyage to a third country; with a third country at the other
    end at most one. An outermost region counts half at most under FuelEU.
    """
    law = REGULATIONS[regulation]
    none, half, whole = (clause(law, f"scope_{kind}").value for kind in ("none", "extra", "intra"))
    ends = set(shared["scope_from"].drop_nulls()) | set(shared["scope_to"].drop_nulls()) - {BERTH}
    places = {code: place(code, year, regulation, efta=efta) for code in ends}
    lows = {code: half if one.member else none for code, one in places.items()}
    highs = {
        code: half if not one.member or (one.outermost and regulation == "fueleu") else whole
        for code, one in places.items()
    }
    stay = pl.col("scope_to") == BERTH
    end = pl.coalesce("scope_from", pl.when(~stay).then("scope_to"))
    low = end.replace_strict(lows, default=none, return_dtype=pl.Float64)
    high = end.replace_strict(highs, default=whole, return_dtype=pl.Float64)
    return low, high
