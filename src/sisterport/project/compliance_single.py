"""One ship under one regulation: the year that was asked for, and the same ship over the years of the law."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from sisterport.errors import InputError, ReferenceDataError
from sisterport.project.compliance_burnt import SHIP, Burnt
from sisterport.reference import load
from sisterport.rules import cii, cii_formulas, cii_years, ets, netzero
from sisterport.rules.clauses import clause
from sisterport.rules.fueleu import limit
from sisterport.rules.fueleu_balance import balances
from sisterport.rules.netzero_targets import target_rows
from sisterport.rules.prices import allowance_price, usd_per_eur


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """What one regulation makes of one ship.

    Attributes
    ----------
    found : dict
        The year that was asked for, with clause and status.
    years : polars.DataFrame
        The same ship in each year of the law, other things equal.
    notes : list of str
        What was assumed.
    """

    found: dict[str, Any]
    years: pl.DataFrame
    notes: list[str] = field(default_factory=list)


def years_of(table: str, column: str = "valid_from", item: str | None = None) -> list[int]:
    """Return the first years of the rows of a law, in order.

    Examples
    --------
    >>> years_of("eu_ets_maritime", item="phase_in")
    [2024, 2025, 2026]
    """
    rows = load(table)
    rows = rows if item is None else rows.filter(pl.col("item") == item)
    return sorted(int(year) for year in rows[column].drop_nulls().unique())


def fueleu(
    fuel: Burnt,
    *,
    year: int,
    scope_share: float = 1.0,
    shore_mj: float = 0.0,
    wind_ratio: float | None = None,
    penalties_before: int = 0,
    gwp: str = "AR5",
    unmeasured: str = "zero",
) -> Single:
    """Return the FuelEU balance of a ship in a year, and with the same fuel to the last step of the limit.

    Parameters
    ----------
    fuel
        What it burnt.
    year
        Reporting period.
    scope_share, shore_mj, wind_ratio, penalties_before, gwp, unmeasured
        As in `sisterport.rules.fueleu_balance.ship_balance`; penalties before count in every year alike.

    Examples
    --------
    >>> from sisterport.project.compliance_burnt import burnt
    >>> found = fueleu(burnt(["HFO=12000", "MDO=1400"]), year=2025)
    >>> round(found.found["penalty_eur"]), found.years.height
    (753617, 26)
    """
    limit(year)  # a year before the law is told as such
    steps = years_of("fueleu_limits", "year_from")
    span = range(min(steps), max(*steps, year) + 1)
    rows = pl.concat([fuel.fuel(year=one, scope_share=scope_share) for one in sorted({year, *span})], how="vertical")
    extra = {"shore_mj": shore_mj, "wind_ratio": wind_ratio, "penalties_before": penalties_before}
    ships = pl.DataFrame(
        [{"ship_id": SHIP, "year": one, **extra} for one in sorted({year, *span})],
        schema_overrides={"wind_ratio": pl.Float64},
    )
    found = balances(rows, ships, gwp=gwp, unmeasured=unmeasured)
    own = found.filter(pl.col("year") == year).row(0, named=True)
    return Single(found={k: v for k, v in own.items() if k != "ship_id"}, years=found.drop("ship_id"), notes=fuel.notes)


def ets_costs(
    fuel: Burnt,
    *,
    year: int,
    kind: str | None = None,
    scope_share: float | None = None,
    zero_rated: bool = False,
    ice_class: bool = False,
    allowance_eur: float | None = None,
    unmeasured: str = "zero",
) -> Single:
    """Return the allowances of a ship for a year, and for the same fuel in each phase of the law.

    Parameters
    ----------
    fuel
        What it burnt.
    year
        Year of the emissions.
    kind, scope_share
        Kind of leg (`sisterport.rules.ets.KINDS`), or the share that counts; one of them.
    zero_rated
        Fuels with a certificate count no CO2.
    ice_class
        Ice class with the reduction to 2030 (unverified).
    allowance_eur
        Price [EUR/t]; None takes the flagged default.
    unmeasured
        As in `sisterport.rules.ets.gases`.

    Examples
    --------
    >>> from sisterport.project.compliance_burnt import burnt
    >>> found = ets_costs(burnt(["HFO=1000"]), year=2024, kind="extra", allowance_eur=70.0)
    >>> round(found.found["allowances"], 1), round(found.found["cost_eur"])
    (622.8, 43596)
    """
    if (kind is None) == (scope_share is None):
        raise InputError("give the kind of leg (intra, extra, berth, none) or the share that counts, one of them")
    if scope_share is not None and not 0 <= scope_share <= 1:
        raise InputError(f"a share of {scope_share:g} is not from 0 to 1")
    years = sorted({year, *years_of("eu_ets_maritime", item="phase_in")})
    more: dict[str, Any] = {"ice_class": ice_class} | ({"kind": kind} if kind else {"scope_share": scope_share})
    rows = pl.concat([fuel.fuel(year=one, **more) for one in years])
    proven = pl.col("certified_e_g_per_mj").is_not_null() & zero_rated
    gases = ets.gases(rows.with_columns(zero_rated=proven).drop("certified_e_g_per_mj", "food_or_feed"),
                      unmeasured=unmeasured)  # fmt: skip
    due = ets.allowances(gases)
    out = []
    for one in years:
        own, price = due.filter(pl.col("year") == one), allowance_price(one, allowance_eur)
        sums = {name: float(own[name].sum()) for name in ("co2_t", "ch4_t", "n2o_t", "co2e_t", "allowances")}
        share = {name: own[name][0] for name in ("scope_share", "phase_in", "ch4_n2o")}
        money = {"allowance_eur": price.value, "price_note": price.note, "cost_eur": sums["allowances"] * price.value}
        passport = {"clause": own["clause"][0], "status": own["status"].sort(descending=True)[0]}
        out.append({"year": one, **sums, **share, **money, **passport})
    found = pl.DataFrame(out)
    return Single(found=found.filter(pl.col("year") == year).row(0, named=True), years=found, notes=fuel.notes)


def cii_rating(
    *,
    ship_type: str,
    year: int,
    distance_nm: float,
    co2: float,
    dwt_t: float | None = None,
    gt: float | None = None,
    lng_line: str = "as_printed",
) -> Single:
    """Return the rating of a ship in a year, and with the same intensity in each year that has a reduction factor.

    Parameters
    ----------
    ship_type, year, distance_nm, dwt_t, gt, lng_line
        As in `sisterport.rules.cii.rate`.
    co2
        CO2 of the year [t].

    Examples
    --------
    >>> found = cii_rating(ship_type="tanker", dwt_t=300_000, co2=51_381, distance_nm=75_000, year=2026)
    >>> found.found["rating"], found.years.filter(year=2030)["rating"].item()
    ('C', 'D')
    """
    ship: dict[str, Any] = {"ship_type": ship_type, "dwt_t": dwt_t, "gt": gt, "lng_line": lng_line}
    own = asdict(cii.rate(co2_t=co2, distance_nm=distance_nm, year=year, **ship))
    bands = cii_years.bands(**ship)
    bounds = pl.DataFrame({name: [own[name]] for name in cii_formulas.BOUNDS})
    years = (
        bands.join(bounds, how="cross")
        .with_columns(attained=pl.lit(own["attained"]))
        .with_columns(ratio=pl.col("attained") / pl.col("required"))
        .with_columns(cii_formulas.rating_expr(pl.col("ratio")).alias("rating"))
        .drop(cii_formulas.BOUNDS)
    )
    return Single(found=own, years=years, notes=[f"Not covered: {own['not_covered']}."])


def net_zero(
    *,
    year: int,
    gfi: float,
    energy_mj: float,
    gt: float | None = None,
    adopted: bool = False,
    start_year: int | None = None,
    schedule: str = "calendar",
    tier1_usd_per_t: float | None = None,
    tier2_usd_per_t: float | None = None,
    own_usd_per_eur: float | None = None,
    notes: Sequence[str] = (),
) -> Single:
    """Return tiers, surplus and cost of a ship in a year of the Net-Zero Framework, and in each year with targets.

    Parameters
    ----------
    year, energy_mj, gt, start_year, schedule, tier1_usd_per_t, tier2_usd_per_t
        As in `sisterport.rules.netzero.compliance`.
    gfi
        Attained intensity [g/MJ].
    adopted
        Take the framework as adopted, which it is not.
    own_usd_per_eur
        Exchange rate; None takes the flagged default.
    notes
        What was assumed before.

    Returns
    -------
    Single
        In years without a price or direct target the cost is null, and ``reason`` says why.

    Examples
    --------
    >>> round(net_zero(year=2028, gfi=95.5, energy_mj=1e9, adopted=True).found["cost_usd"])
    3467060
    """
    more: dict[str, Any] = {"start_year": start_year, "schedule": schedule, "enabled": adopted, "gt": gt}
    more |= {"tier1_usd_per_t": tier1_usd_per_t, "tier2_usd_per_t": tier2_usd_per_t}
    own = asdict(netzero.compliance(gfi_g_per_mj=gfi, energy_mj=energy_mj, year=year, **more))
    rate = usd_per_eur(year, own_usd_per_eur)
    own |= {"cost_eur": own["cost_usd"] / rate.value, "rate_note": rate.note}
    drafted = int(clause("imo_nzf_rules", "start_year").value)
    shift = 0 if schedule == "calendar" or start_year is None else start_year - drafted
    rows = []
    for target in target_rows().iter_rows(named=True):
        names = ("base_g_per_mj", "direct_g_per_mj", "status")
        row = {"year": target["targets_year"] + shift, **{name: target[name] for name in names}, "gfi_g_per_mj": gfi}
        rows.append(row | _of_year(row, energy_mj, more))
    kinds = dict.fromkeys(("direct_g_per_mj", "tier1_t", "tier2_t", "surplus_t", "cost_usd"), pl.Float64)
    frame = pl.DataFrame(rows, infer_schema_length=None, schema_overrides={**kinds, "reason": pl.String})
    return Single(found=own, years=frame, notes=list(notes))


def _of_year(row: Mapping[str, Any], energy_mj: float, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return units and cost of one year with targets; where the draft leaves something open, the reason alone."""
    gfi, base, direct = row["gfi_g_per_mj"], row["base_g_per_mj"], row["direct_g_per_mj"]
    try:
        one = netzero.compliance(gfi_g_per_mj=gfi, energy_mj=energy_mj, year=row["year"], **more)
    except ReferenceDataError:
        if direct is None:
            return {"reason": f"no direct compliance target of {row['year']} is set"}
        return {
            "tier1_t": netzero.tier1(gfi=gfi, base=base, direct=direct, energy_mj=energy_mj),
            "tier2_t": netzero.tier2(gfi=gfi, base=base, energy_mj=energy_mj),
            "surplus_t": netzero.surplus(gfi=gfi, direct=direct, energy_mj=energy_mj),
            "reason": f"no price of {row['year']} is set: give those of both tiers",
        }
    return {name: getattr(one, name) for name in ("tier1_t", "tier2_t", "surplus_t", "cost_usd", "reason")}


def shown(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a result: names with a value."""
    return {name: value for name, value in found.items() if value is not None and value != ""}
