"""A plan in the terms of people: ships ordered, fuel with its price, what each service and port costs, what is emitted.

Everything is added up from the frames of the plan and the arrays of its problem; the optimiser has no part in it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from sisterport.corridor.plan_frames import SHORE_POWER, Plan
from sisterport.corridor.problem import Floats, Problem

_KILO = 1e3
_DUST_MUSD = 1e-6
"""Less than a dollar a year is the solver's rounding."""
DUTIES = "duties at berth"
CHARTER = "charter income"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a plan says, as frames.

    Attributes
    ----------
    ships : polars.DataFrame
        year, service, variant, family, ships, chartered_out (ship-years).
    orders : polars.DataFrame
        year, service, from_variant (null: newly built), variant, family, ships, cost_musd (less what is left of it
        after the last year).
    sailings : polars.DataFrame
        year, service, sailings, days (mean round trip), teu_capacity, teu_demand.
    fuel : polars.DataFrame
        year, service, call, port, fuel, family, energy_tj, price_usd_gj, cost_musd, wtw_t.
    shore : polars.DataFrame
        year, service, call, port, fuel_saved_tj, electricity_tj, cost_musd, wtw_t.
    legs : polars.DataFrame
        year, service, call, from_port, to_port, sailings, energy_tj (of the leg and the stay before it).
    openings : polars.DataFrame
        year, port, opened (family or shore power), cost_musd; those that are open before the plan are not in it.
    costs : polars.DataFrame
        year, item, service, port, musd, discount, present_musd.
    emissions : polars.DataFrame
        year, service, wtw_t.
    """

    ships: pl.DataFrame
    orders: pl.DataFrame
    sailings: pl.DataFrame
    fuel: pl.DataFrame
    shore: pl.DataFrame
    legs: pl.DataFrame
    openings: pl.DataFrame
    costs: pl.DataFrame
    emissions: pl.DataFrame

    @property
    def cost_musd(self) -> float:
        """Present value of all that is paid [MUSD]."""
        return float(self.costs["present_musd"].sum())

    @property
    def emissions_t(self) -> float:
        """Emissions of all years, well to wake [t]."""
        return float(self.emissions["wtw_t"].sum())


def told(p: Problem, plan: Plan) -> Told:
    """Return a plan in the terms of people.

    Parameters
    ----------
    p
        Its problem.
    plan
        Its frames.

    Examples
    --------
    >>> from sisterport.corridor.build import problem_of
    >>> from sisterport.corridor.examples import example
    >>> from sisterport.corridor.plan import plan
    >>> from sisterport.corridor.solve import solve
    >>> solved = solve(problem_of(example("shanghai-hamburg")), gap=0.01)
    >>> answers = told(solved.problem, plan(solved))
    >>> answers.orders.columns
    ['year', 'service', 'from_variant', 'variant', 'family', 'ships', 'cost_musd']
    """
    families = dict(zip(p.variants, (p.families[t] for t in p.variant_family), strict=True))
    ships = plan.ships.select(
        "year", "service", "variant", _word("variant", families).alias("family"), ships="ships_n",
        chartered_out="chartered_out_years",
    ).sort("year", "service", "variant")  # fmt: skip
    orders, fuel, shore, openings = _orders(p, plan, families), _fuel(p, plan), _shore(p, plan), _openings(p, plan)
    emitted = pl.concat([fuel.select("year", "service", "wtw_t"), shore.select("year", "service", "wtw_t")])
    return Told(
        ships=ships.filter(pl.col("ships") > 0),
        orders=orders,
        sailings=_sailings(p, plan),
        fuel=fuel,
        shore=shore,
        legs=_legs(p, plan),
        openings=openings,
        costs=_costs(p, plan, orders, fuel, shore, openings),
        emissions=emitted.group_by("year", "service", maintain_order=True)
        .agg(pl.col("wtw_t").sum())
        .sort("year", "service"),
    )


def _word(column: str, words: dict[str, str]) -> pl.Expr:
    return pl.col(column).replace_strict(words, return_dtype=pl.String)


def _at(p: Problem, frame: pl.DataFrame, *columns: str) -> tuple[Any, ...]:
    """Return the indices of the names in some columns; ``call`` needs service and call."""
    names = {"service": p.services, "variant": p.variants, "year": p.years, "fuel": p.fuels, "port": p.ports,
             "family": p.families}  # fmt: skip
    found = []
    for column in columns:
        if column == "call":
            first = np.searchsorted(p.call_service, np.arange(len(p.services)))
            (service,) = _at(p, frame, "service")
            found.append(first[service] + frame["call"].to_numpy() - 1)
        else:
            number = {name: i for i, name in enumerate(names[column])}
            found.append(np.array([number[name] for name in frame[column]], np.int64))
    return tuple(found)


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, 0.0)


def _orders(p: Problem, plan: Plan, families: dict[str, str]) -> pl.DataFrame:
    new = plan.ships.filter(pl.col("built_n") > 0)
    built = new.select(
        "year", "service", pl.lit(None, pl.String).alias("from_variant"), "variant", ships="built_n",
        cost_musd=new["built_n"] * _finite(p.new_musd)[_at(p, new, "service", "variant", "year")],
    )  # fmt: skip
    other = plan.conversions
    index = (other["group"].to_numpy(), *_at(p, other, "variant", "year"))
    converted = other.select(
        "year", "service", "from_variant", "variant", ships="ships_n",
        cost_musd=other["ships_n"] * _finite(p.convert_musd)[index],
    )  # fmt: skip
    every = pl.concat([built, converted]).with_columns(family=_word("variant", families))
    return every.group_by("year", "service", "from_variant", "variant", "family", maintain_order=True).agg(
        pl.col("ships", "cost_musd").sum()
    ).sort("year", "service", "variant", "from_variant")  # fmt: skip


def _sailings(p: Problem, plan: Plan) -> pl.DataFrame:
    rows = plan.sailings
    service, variant, year = _at(p, rows, "service", "variant", "year")
    many = rows["sailings_n"].to_numpy()
    option = rows["speed_option"].to_numpy() - 1
    return (
        rows.select("year", "service", sailings="sailings_n")
        .with_columns(
            days=pl.Series(p.days[service, option] * many),
            teu_capacity=pl.Series(p.teu[service, variant] * many),
            teu_demand=pl.Series(p.demand_teu[service, year]),
        )
        .group_by("year", "service", maintain_order=True)
        .agg(pl.col("sailings", "days", "teu_capacity").sum(), pl.col("teu_demand").first())
        .with_columns(pl.col("days") / pl.col("sailings"))
        .sort("year", "service")
    )


def _fuel(p: Problem, plan: Plan) -> pl.DataFrame:
    fuel, port, year = _at(p, plan.fuel, "fuel", "port", "year")
    price, rate = _finite(p.price_usd_gj)[fuel, port, year], p.fuel_t_tj[fuel, year]
    energy = pl.col("energy_tj")
    return (
        plan.fuel.with_columns(
            family=pl.Series([p.families[t] for t in p.fuel_family[fuel]], dtype=pl.String),
            price_usd_gj=pl.Series(price, dtype=pl.Float64),
            wtw_t=energy * pl.Series(rate, dtype=pl.Float64),
        )
        .with_columns(cost_musd=energy * pl.col("price_usd_gj") / _KILO)  # USD/GJ is kUSD/TJ
        .select("year", "service", "call", "port", "fuel", "family", "energy_tj", "price_usd_gj", "cost_musd", "wtw_t")
        .sort("year", "service", "call", "fuel")
    )


def _shore(p: Problem, plan: Plan) -> pl.DataFrame:
    port, year = _at(p, plan.shore, "port", "year")
    electricity = plan.shore["energy_tj"] * p.shore_per_fuel
    rows = plan.shore.with_columns(
        electricity_tj=electricity,
        cost_musd=electricity * p.shore_usd_gj[port, year] / _KILO,
        wtw_t=electricity * p.shore_t_tj[port, year],
    )
    return (
        rows.group_by("year", "service", "call", "port", maintain_order=True)
        .agg(pl.col("energy_tj").sum().alias("fuel_saved_tj"), pl.col("electricity_tj", "cost_musd", "wtw_t").sum())
        .sort("year", "service", "call")
    )


def _legs(p: Problem, plan: Plan) -> pl.DataFrame:
    many = np.zeros([p.sizes()[i] for i in "SVKY"])
    at = _at(p, plan.sailings, "service", "variant", "year")
    np.add.at(
        many,
        (at[0], at[1], plan.sailings["speed_option"].to_numpy() - 1, at[2]),
        plan.sailings["sailings_n"].to_numpy(),
    )
    energy = (p.energy_tj[..., None] * many[p.call_service]).sum(axis=(1, 2))
    sailings = many.sum(axis=(1, 2))[p.call_service]
    first = np.searchsorted(p.call_service, p.call_service)
    after = np.arange(1, p.call_service.size + 1)
    for ring in p.calls_of:
        after[ring[-1]] = ring[0]
    c, y = np.nonzero(sailings > 0)
    return pl.DataFrame(
        {
            "year": np.array(p.years)[y],
            "service": np.array(p.services)[p.call_service[c]],
            "call": (np.arange(p.call_service.size) - first + 1)[c],
            "from_port": np.array(p.ports)[p.call_port[c]],
            "to_port": np.array(p.ports)[p.call_port[after[c]]],
            "sailings": sailings[c, y],
            "energy_tj": energy[c, y],
        }
    ).sort("year", "service", "call")


def _openings(p: Problem, plan: Plan) -> pl.DataFrame:
    made = plan.openings.filter(~pl.col("open_before"))
    port, year = _at(p, made, "port", "year")
    cost = []
    for i, y, what in zip(port, year, made["opened"], strict=True):
        cost.append(p.shore_musd[i, y] if what == SHORE_POWER else p.open_musd[i, p.families.index(what), y])
    found = made.select("year", "port", "opened", cost_musd=pl.Series(_finite(np.array(cost, float)), dtype=pl.Float64))
    return found.sort("year", "port", "opened")


_PAID = {"year": pl.Int64, "item": pl.String, "service": pl.String, "port": pl.String, "musd": pl.Float64}


def _costs(
    p: Problem, plan: Plan, orders: pl.DataFrame, fuel: pl.DataFrame, shore: pl.DataFrame, openings: pl.DataFrame
) -> pl.DataFrame:
    what = pl.when(pl.col("from_variant").is_null()).then(pl.lit("new ships")).otherwise(pl.lit("conversions"))
    opened = pl.when(pl.col("opened") == SHORE_POWER).then(pl.lit("shore power")).otherwise(pl.lit("bunker ports"))
    parts = [
        _paid(orders.with_columns(item=what)),
        _sailing(p, plan),
        _paid(fuel, item="fuel"),
        _paid(shore, item="shore electricity"),
        _paid(openings.with_columns(item=opened)),
        _kept_open(p, plan),
        _missed_duties(p, plan),
        _accounts(p, plan),
    ]
    discount = dict(zip(p.years, p.discount.tolist(), strict=True))
    return (
        pl.concat(parts)
        .group_by("year", "item", "service", "port", maintain_order=True)
        .agg(pl.col("musd").sum())
        .filter(pl.col("musd").abs() > _DUST_MUSD)
        .with_columns(discount=pl.col("year").replace_strict(discount, return_dtype=pl.Float64))
        .with_columns(present_musd=pl.col("musd") * pl.col("discount"))
        .sort("year", "item", "service", "port", nulls_last=True)
    )


def _paid(frame: pl.DataFrame, *, item: str | None = None) -> pl.DataFrame:
    """Return costs as year, item, service, port, musd; what is of no service or no port has none."""
    named = (
        frame.rename({"cost_musd": "musd"})
        if item is None
        else frame.rename({"cost_musd": "musd"}).with_columns(item=pl.lit(item))
    )
    absent = [pl.lit(None, _PAID[c]).alias(c) for c in ("service", "port") if c not in named.columns]
    return named.with_columns(absent).select(*_PAID).cast(_PAID)  # type: ignore[arg-type]


def _sailing(p: Problem, plan: Plan) -> pl.DataFrame:
    """Return what ships that sail cost a year, and what those chartered out bring in."""
    index = _at(p, plan.ships, "service", "variant", "year")
    away = plan.ships["chartered_out_years"]
    sail = plan.ships.with_columns(cost_musd=(plan.ships["ships_n"] - away) * p.own_musd[index])
    out = plan.ships.with_columns(cost_musd=-away * p.charter_musd[index])
    return pl.concat([_paid(sail, item="ships"), _paid(out, item=CHARTER)])


def _kept_open(p: Problem, plan: Plan) -> pl.DataFrame:
    rows = []
    for port, what, first, before in plan.openings.select("port", "opened", "year", "open_before").iter_rows():
        i = p.ports.index(port)
        run = p.shore_run_musd[i] if what == SHORE_POWER else p.open_run_musd[i, p.families.index(what)]
        item = "shore power" if what == SHORE_POWER else "bunker ports"
        rows += [(year, item, None, port, float(run)) for year in p.years if run and year >= first and not before]
    return pl.DataFrame(rows, schema=_PAID, orient="row")


def _missed_duties(p: Problem, plan: Plan) -> pl.DataFrame:
    sailings = np.zeros((len(p.services), len(p.variants), len(p.years)))
    np.add.at(sailings, _at(p, plan.sailings, "service", "variant", "year"), plan.sailings["sailings_n"].to_numpy())
    taken = np.zeros((p.call_service.size, len(p.years)))
    np.add.at(taken, _at(p, plan.shore, "call", "year"), plan.shore["energy_tj"].to_numpy())
    due = p.duty * (p.berth_tj[:, :, None] * sailings[p.call_service]).sum(axis=1)
    cost = np.maximum(due - taken, 0.0) * _finite(p.duty_usd_gj) / _KILO
    rows = [
        (p.years[y], DUTIES, p.services[p.call_service[c]], p.ports[p.call_port[c]], float(cost[c, y]))
        for c, y in zip(*np.nonzero(cost > 0), strict=True)
    ]
    return pl.DataFrame(rows, schema=_PAID, orient="row")


def _accounts(p: Problem, plan: Plan) -> pl.DataFrame:
    """Return what rules cost by service: the cost of a pool is shared by what each service counts above zero."""
    parts = [pl.DataFrame(schema=_PAID)]
    for account in p.accounts:
        paid = plan.accounts.filter(pl.col("account") == account.name, pl.col("cost_musd") > 0)
        if paid.is_empty():
            continue
        counted = np.maximum(_counted(p, plan, account), 0.0)
        members = {
            ", ".join(np.array(p.services)[account.pool == k]): account.pool == k for k in set(account.pool) - {-1}
        }
        rows = []
        for services, year, cost in paid.select("services", "year", "cost_musd").iter_rows():
            held = members.get(services, account.pool >= 0)
            of = counted[:, p.years.index(year)] * held
            rows += [(year, account.name, p.services[s], None, cost * of[s] / of.sum()) for s in np.flatnonzero(of)]
        parts.append(pl.DataFrame(rows, schema=_PAID, orient="row"))
    return pl.concat(parts)


def _counted(p: Problem, plan: Plan, account: Any) -> Floats:
    """[S, Y] what an account counts of each service [t]."""
    total = np.zeros((len(p.services), len(p.years)))
    number = next(
        (k for k, s in enumerate(p.scopes) if account.scope is not None and np.array_equal(s, account.scope)), None
    )
    used = plan.fuel if number is None else plan.counted.filter(pl.col("scope") == number)
    rate = account.fuel[_at(p, used, "fuel", "year")]
    np.add.at(total, _at(p, used, "service", "year"), used["energy_tj"].to_numpy() * rate)
    shore = plan.shore["energy_tj"].to_numpy() * p.shore_per_fuel * account.shore[_at(p, plan.shore, "port", "year")]
    np.add.at(total, _at(p, plan.shore, "service", "year"), shore)
    return total
