"""What a plan costs: by kind, per tonne and per TEU beside another plan, and who pays."""

import polars as pl

from sisterport.corridor.answers_frames import CHARTER, Told
from sisterport.corridor.scenario import Scenario
from sisterport.errors import MethodError
from sisterport.units import USD_PER_MUSD

KINDS = {
    "fuel": "fuel",
    "new ships": "ships",
    "conversions": "ships",
    "ships": "ships",
    CHARTER: "ships",
    "bunker ports": "bunkering",
    "shore power": "shore_power",
    "shore electricity": "electricity",
}
"""Items of cost of a plan and the kinds that a scenario's transfers name; every other item is of the rules."""
RULES = "rules"
_LEAST_T, _LEAST_MUSD = 1.0, 1e-6
"""Less than a tonne or a dollar a year is the solver's rounding; where no more is avoided no cost per tonne is told."""


def with_kind(costs: pl.DataFrame) -> pl.DataFrame:
    """Return costs with their ``kind``.

    Examples
    --------
    >>> with_kind(pl.DataFrame({"item": ["new ships", "EU ETS"]})).rows()
    [('new ships', 'ships'), ('EU ETS', 'rules')]
    """
    return costs.with_columns(kind=pl.col("item").replace_strict(KINDS, default=RULES, return_dtype=pl.String))


def who_pays(costs: pl.DataFrame, scenario: Scenario) -> pl.DataFrame:
    """Return who pays what: the owner of the asset, unless the scenario moves a share of a kind of cost.

    Ships, their fuel, their electricity and what rules ask of them are their carrier's; what is built in a port is the
    port owner's.

    Parameters
    ----------
    costs
        Frame ``costs`` of a plan.
    scenario
        Owners of services and ports, and its transfers.

    Returns
    -------
    polars.DataFrame
        year, payer, owner, kind, musd, present_musd. Rows whose payer is not the owner are transfers.

    Raises
    ------
    MethodError
        Transfers that move more than all of a cost, or a cost of no service and no port.
    """
    carriers = {service.id: service.carrier or service.id for service in scenario.services}
    owners = {port.locode: port.owner or port.locode for port in scenario.ports}
    named = with_kind(costs).with_columns(
        owner=pl.coalesce(
            pl.col("service").replace_strict(carriers, default=None, return_dtype=pl.String),
            pl.col("port").replace_strict(owners, default=None, return_dtype=pl.String),
        )
    )
    lost = named.filter(pl.col("owner").is_null())["item"].unique().to_list()
    if lost:
        raise MethodError(f"costs of no service and no port: {', '.join(sorted(lost))}")
    own = named.group_by("year", "owner", "kind", maintain_order=True).agg(pl.col("musd", "present_musd").sum())
    moved = _transfers(scenario)
    away = own.join(moved, on=["owner", "kind"]).with_columns(pl.col("musd", "present_musd") * pl.col("share"))
    left = own.join(
        moved.group_by("owner", "kind", maintain_order=True).agg(pl.col("share").sum()),
        on=["owner", "kind"],
        how="left",
    )
    kept = left.with_columns(pl.col("musd", "present_musd") * (1.0 - pl.col("share").fill_null(0.0)), payer="owner")
    columns = ("year", "payer", "owner", "kind", "musd", "present_musd")
    every = pl.concat([kept.select(columns), away.select(columns)])
    return every.filter(pl.col("musd") != 0).sort("year", "payer", "owner", "kind")


def _transfers(scenario: Scenario) -> pl.DataFrame:
    rows = [(t.owner, t.item, t.payer, t.share) for t in scenario.transfers]
    names = {"owner": pl.String, "kind": pl.String, "payer": pl.String, "share": pl.Float64}
    frame = pl.DataFrame(rows, schema=names, orient="row")
    most = frame.group_by("owner", "kind", maintain_order=True).agg(pl.col("share").sum()).filter(pl.col("share") > 1.0)
    if most.height:
        said = ", ".join(f"{kind} of {owner}: {share:.0%}" for owner, kind, share in most.iter_rows())
        raise MethodError(f"transfers move more than all of a cost: {said}")
    return frame


def payers(paid: pl.DataFrame, before: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return what each pays over the horizon by kind, and how much more than in another plan.

    Parameters
    ----------
    paid
        Of `who_pays`.
    before
        The same of the other plan.

    Returns
    -------
    polars.DataFrame
        payer, a column of present value for each kind [MUSD], ``present_musd``, ``more_musd`` (null without `before`).
    """
    total = paid.group_by("payer", maintain_order=True).agg(pl.col("present_musd").sum())
    wide = paid.pivot("kind", index="payer", values="present_musd", aggregate_function="sum").join(total, on="payer")
    kinds = [kind for kind in (*dict.fromkeys(KINDS.values()), RULES) if kind in wide.columns]
    if before is None:
        found = wide.with_columns(more_musd=pl.lit(None, pl.Float64))
    else:
        old = before.group_by("payer", maintain_order=True).agg(before_musd=pl.col("present_musd").sum())
        both = wide.join(old, on="payer", how="full", coalesce=True)
        found = both.with_columns(
            more_musd=pl.col("present_musd").fill_null(0.0) - pl.col("before_musd").fill_null(0.0)
        )
    return found.select("payer", *kinds, "present_musd", "more_musd").sort(
        "present_musd", "payer", descending=[True, False]
    )


def against(plan: Told, other: Told) -> pl.DataFrame:
    """Return year by year what a plan costs more than another one, and what it avoids.

    Parameters
    ----------
    plan, other
        Plans of the same years.

    Returns
    -------
    polars.DataFrame
        year, discount, more_musd, avoided_t, teu (what the fullest legs carry), usd_per_t, usd_per_teu (more cost per
        TEU). Money is as it is paid in the year: a year in which ships are bought costs much more than it avoids.
    """

    def yearly(of: Told) -> pl.DataFrame:
        money = of.costs.group_by("year", maintain_order=True).agg(pl.col("musd").sum(), pl.col("discount").first())
        return money.join(of.emissions.group_by("year", maintain_order=True).agg(pl.col("wtw_t").sum()), on="year")

    both = yearly(plan).join(yearly(other), on="year", suffix="_other")
    teu = plan.sailings.group_by("year", maintain_order=True).agg(teu=pl.col("teu_demand").sum())
    more, avoided = _unless_dust("musd", "musd_other", _LEAST_MUSD), _unless_dust("wtw_t_other", "wtw_t", _LEAST_T)
    per_t = pl.col("more_musd") * USD_PER_MUSD / pl.col("avoided_t")
    return (
        both.join(teu, on="year")
        .select("year", "discount", "teu", more_musd=more, avoided_t=avoided)
        .with_columns(
            usd_per_t=pl.when(pl.col("avoided_t").abs() > _LEAST_T).then(per_t),
            usd_per_teu=pl.col("more_musd") * USD_PER_MUSD / pl.col("teu"),
        )
        .sort("year")
    )


def _unless_dust(left: str, right: str, least: float) -> pl.Expr:
    """Return a difference, zero where it is the solver's rounding."""
    difference = pl.col(left) - pl.col(right)
    return pl.when(difference.abs() > least).then(difference).otherwise(0.0)


def per_tonne(difference: pl.DataFrame) -> dict[str, float | None]:
    """Return what a tonne avoided and a TEU carried cost over the whole horizon, money and amounts discounted alike.

    Parameters
    ----------
    difference
        Of `against`.

    Returns
    -------
    dict
        more_musd (present value), avoided_t (not discounted), usd_per_t and usd_per_teu (levelised).

    Examples
    --------
    >>> years = pl.DataFrame({"discount": [1.0, 0.5], "teu": [1e5, 1e5]})
    >>> years = years.with_columns(more_musd=pl.Series([1.0, 4.0]), avoided_t=pl.Series([1e4, 4e4]))
    >>> per_tonne(years)
    {'more_musd': 3.0, 'avoided_t': 50000.0, 'usd_per_t': 100.0, 'usd_per_teu': 20.0}
    """

    def present(column: str) -> float:
        return float((difference[column] * difference["discount"]).sum())

    more, avoided, carried = present("more_musd"), present("avoided_t"), present("teu")
    return {
        "more_musd": more,
        "avoided_t": float(difference["avoided_t"].sum()),
        "usd_per_t": more * USD_PER_MUSD / avoided if abs(avoided) > _LEAST_T else None,
        "usd_per_teu": more * USD_PER_MUSD / carried if carried else None,
    }
