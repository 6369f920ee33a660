"""From verdicts to what has to be built: for each pair its failing checks, and which upgrades would mend each."""

from typing import Any, NamedTuple

import polars as pl

from sisterport.errors import MethodError, choose
from sisterport.shorepower.checks import CHECKS, DOCUMENTS, POWER
from sisterport.shorepower.grades import IMPOSSIBLE, fix_table
from sisterport.tables import check, to_polars
from sisterport.units import USD_PER_MUSD

UNKNOWN_IS = ("leave_out", "true", "false")


class Needs(NamedTuple):
    """What has to be built so that pairs can connect.

    Attributes
    ----------
    upgrades
        Table ``upgrades``: one for each owner (a ship or a berth) and kind of fix.
    needs
        Table ``upgrade_needs``: each failing check of a pair, with the upgrades that mend it; one of them is enough. A
        pair that needs nothing has no row.
    left_out
        ``link_id, ship_id, berth_id, reason``: pairs of which the needs are not known, or that nothing mends.
    """

    upgrades: pl.DataFrame
    needs: pl.DataFrame
    left_out: pl.DataFrame


def link_id(ship_id: str | pl.Expr = "ship_id", berth_id: str | pl.Expr = "berth_id") -> pl.Expr:
    """Return the id of a pair, the same in all frames about upgrades.

    Examples
    --------
    >>> pl.DataFrame({"ship_id": ["imo:9074729"], "berth_id": ["b1"]}).select(link_id())["link_id"].to_list()
    ['imo:9074729 @ b1']
    """
    return pl.concat_str(ship_id, pl.lit(" @ "), berth_id).alias("link_id")


def needs(
    verdicts: Any,
    outlets: Any,
    *,
    costs: Any = None,
    unknown_is: str = "leave_out",
    full_power: bool = True,
    documents: bool = False,
) -> Needs:
    """Return the upgrades that would connect ships and berths.

    Parameters
    ----------
    verdicts
        Frame of the table ``verdicts``; what fails is that of the connection that the verdict names.
    outlets
        Frame of the table ``outlets``: tells the port of each berth.
    costs
        Costs of fixes in USD, as `fix_costs` gives them; by default those of the reference data.
    unknown_is
        What becomes of pairs with unknown checks: ``leave_out`` lists them in `left_out`; ``true`` and ``false`` take
        each unknown check for true, or for false.
    full_power
        Too little power is a need; otherwise only no power at all is.
    documents
        Paperwork (check 13) is a need too.

    Raises
    ------
    MethodError
        If the costs are not in USD, or there is no such choice.

    Examples
    --------
    >>> verdicts = pl.DataFrame([{"ship_id": "imo:9074729", "berth_id": "b1", "best": 3, "worst": 3,
    ...     "checks_true": 8173, "checks_false": 18, "checks_unknown": 0}])
    >>> outlets = pl.DataFrame([{"outlet_id": "o1", "berth_id": "b1", "locode": "DEHAM", "state": "operational",
    ...     "source": "port", "status": "checked"}])
    >>> needs(verdicts, outlets).needs.select("need", "upgrade_id").rows()
    [(2, 'inlet_retrofit @ imo:9074729'), (5, 'frequency_converter @ b1'), (5, 'ship_converter @ imo:9074729')]
    """
    choose("treatment of unknown checks", unknown_is, UNKNOWN_IS)
    fixes = _in_usd(costs)
    rows = check(verdicts, "verdicts").with_columns(link_id())
    failing = pl.col("checks_false") | pl.col("checks_unknown") if unknown_is == "false" else pl.col("checks_false")
    rows = rows.with_columns(failing.alias("failing")).with_columns(_reason(unknown_is, documents=documents))
    clauses = _clauses(rows.filter(pl.col("reason").is_null()), full_power=full_power, documents=documents)
    options = clauses.join(fixes.select("fix_id", "side", check_no=pl.col("check_no").cast(pl.Int64)), left_on="need",
                           right_on="check_no", how="left")  # fmt: skip
    hopeless = options.filter(pl.col("fix_id").is_null())["link_id"].unique()
    named = options.filter(~pl.col("link_id").is_in(hopeless.implode())).with_columns(
        pl.when(pl.col("side") == "ship").then("ship_id").otherwise("berth_id").alias("owner")
    )
    named = named.with_columns(pl.concat_str("fix_id", pl.lit(" @ "), "owner").alias("upgrade_id"))
    lost = rows.with_columns(
        pl.when(pl.col("link_id").is_in(hopeless.implode())).then(pl.lit("no fix")).otherwise("reason").alias("reason")
    )
    return Needs(
        upgrades=_upgrades(named, prices(costs), to_polars(outlets)),
        needs=check(named.select("link_id", "need", "upgrade_id").unique().sort("link_id", "need", "upgrade_id"),
                    "upgrade_needs"),
        left_out=lost.filter(pl.col("reason").is_not_null()).select("link_id", "ship_id", "berth_id", "reason"),
    )  # fmt: skip


def prices(costs: Any = None) -> pl.DataFrame:
    """Return what a unit of each fix costs: ``fix_id, cost_musd, cost_low_musd, cost_high_musd``.

    Parameters
    ----------
    costs
        As in `needs`.

    Examples
    --------
    >>> prices().filter(fix_id="new_outlet")["cost_musd"].item()
    4.67
    """
    columns = {"cost_musd": "cost_mid", "cost_low_musd": "cost_low", "cost_high_musd": "cost_high"}
    return _in_usd(costs).select("fix_id", *((pl.col(old) / USD_PER_MUSD).alias(new) for new, old in columns.items()))


def _in_usd(costs: Any) -> pl.DataFrame:
    fixes = fix_table(costs)
    if fixes.height and fixes["currency"][0] != "USD":
        raise MethodError(
            f"costs of upgrades are in MUSD, these are in {fixes['currency'][0]}: see fix_costs(currency=)"
        )
    return fixes


def _reason(unknown_is: str, *, documents: bool) -> pl.Expr:
    """Return why the needs of a pair cannot be listed; null where they can."""
    grade = pl.col("worst") if unknown_is == "false" else pl.col("best")
    asked = (1 << (CHECKS if documents else DOCUMENTS - 1)) - 1
    open_checks = (pl.col("checks_unknown") & asked) != 0 if unknown_is == "leave_out" else pl.lit(value=False)
    return (
        pl.when(grade == IMPOSSIBLE)
        .then(pl.lit("not possible"))
        .when(open_checks)
        .then(pl.lit("unknown checks"))
        .alias("reason")
    )


def _clauses(rows: pl.DataFrame, *, full_power: bool, documents: bool) -> pl.DataFrame:
    """Return one row for each failing check of each pair."""
    parts = []
    for number in range(1, CHECKS + 1 if documents else DOCUMENTS):
        fails = (pl.col("failing") & (1 << (number - 1))) != 0
        if number == POWER and not full_power:
            fails &= ~(pl.col("power_share") > 0).fill_null(value=False)
        need = pl.lit(number, pl.Int64).alias("need")
        parts.append(rows.filter(fails).select("link_id", "ship_id", "berth_id", need))
    return pl.concat(parts)


def _upgrades(named: pl.DataFrame, priced: pl.DataFrame, outlets: pl.DataFrame) -> pl.DataFrame:
    """Return each upgrade once, with its cost and the port of a berth."""
    ports = outlets.select("berth_id", "locode").unique("berth_id", keep="first", maintain_order=True)
    rows = (
        named.select("upgrade_id", "side", "owner", "fix_id")
        .unique()
        .join(priced, on="fix_id", how="left")
        .join(ports, left_on="owner", right_on="berth_id", how="left")
    )
    return check(rows.rename({"fix_id": "fix"}).sort("upgrade_id"), "upgrades")
