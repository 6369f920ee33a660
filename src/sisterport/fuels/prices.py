"""What a fuel costs in a port: quoted by the user, made by a model, or flagged as unverified."""

from dataclasses import dataclass
from typing import Any

from sisterport.errors import InputError, MethodError, ReferenceDataError, choose
from sisterport.fuels.names import fuel_code, fuel_row
from sisterport.fuels.pathways import pathway_summary, region_code
from sisterport.fuels.properties import weaker
from sisterport.fuels.quotes import best_quote, gj_per_t, read_quotes, shipped_quotes
from sisterport.reference import load, resolve_locode


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price with everything that it rests on.

    Attributes
    ----------
    fuel, pathway_type, region, year : str, str, str, int
        What it is for; empty pathway or region is any.
    base_usd_per_gj : float
        At the gate of the plant (model) or as quoted [USD/GJ].
    delivery_usd_per_gj, handling_usd_per_gj : float or None
        Transport to the port, storage and bunkering [USD/GJ]; None where it is not known or not asked for.
    total_usd_per_gj : float
        Sum of what is known [USD/GJ].
    excludes : tuple of str
        What is not in the total of a model price. What a quote holds is for the quote to say.
    kind : str
        ``model, plant gate``, or the kind of the quote. Only a kind that says "market" is a market price.
    base_year : int
        Year of the base value, before growth.
    growth_per_year : float
        Growth applied from the base year [1/yr].
    source, status, note : str
        Where it comes from, the weakest status, what is odd.
    """

    fuel: str
    pathway_type: str
    region: str
    year: int
    base_usd_per_gj: float
    delivery_usd_per_gj: float | None
    handling_usd_per_gj: float | None
    total_usd_per_gj: float
    excludes: tuple[str, ...]
    kind: str
    base_year: int
    growth_per_year: float
    source: str
    status: str
    note: str

    @property
    def total_usd_per_t(self) -> float:
        """The same per tonne of fuel [USD/t], at GREET's calorific value, else FuelEU's."""
        return self.total_usd_per_gj * gj_per_t(self.fuel)


def price(
    fuel: str,
    *,
    year: int,
    region: str | None = None,
    pathway_type: str | None = None,
    quotes: Any = None,
    statistic: str = "median",
    growth_per_year: float | None = None,
    delivery_to: str | None = None,
    delivery_usd_per_t: float | None = None,
    handling_usd_per_t: float | None = None,
) -> Price:
    """Return the price of a fuel.

    The user's quotes go first; then the cost model, if a pathway type is given; then the quotes that ship with the
    package, which are scenario values and single market days and say so.

    Parameters
    ----------
    fuel
        A code or word.
    year
        Year of the price.
    region
        Country; None takes a quote that is for everywhere.
    pathway_type
        Pathway of the model (``electro_renew``, ...), see `sisterport.fuels.pathways`.
    quotes
        Frame of table ``fuel_quotes``.
    statistic
        ``median``, ``min`` or ``max`` over the pathways of the type.
    growth_per_year
        Growth of the base value from its year on [1/yr], e.g. -0.02; 0.0 holds it. Needed when `year` is another one.
    delivery_to
        Corridor end whose land transport is added: ``SGSIN`` or ``NLRTM``.
    delivery_usd_per_t, handling_usd_per_t
        Own values [USD/t]; they go before the tables'.

    Raises
    ------
    InputError
        A fuel, country or type that is not known, or a faulty frame of quotes.
    MethodError
        Another year without growth, or model prices without a country.
    ReferenceDataError
        No price is known.

    Examples
    --------
    >>> model = price("methanol", year=2024, region="China", pathway_type="electro_renew")
    >>> round(model.base_usd_per_gj, 1), round(model.total_usd_per_gj, 1), model.kind, model.excludes
    (36.8, 37.7, 'model, plant gate', ('delivery',))
    >>> price("VLSFO", year=2026).status
    'unverified'
    """
    code = fuel_code(fuel)
    choose("statistic", statistic, ["median", "min", "max"])
    where = None if region is None else _country(region)
    base = _base(code, year, where, pathway_type, quotes, statistic)
    growth = _growth(base, year, growth_per_year)
    grown = base["usd_per_gj"] * (1.0 + growth) ** (year - base["year"])
    delivery = _delivery(code, where, delivery_to, delivery_usd_per_t)
    handling = _handling(code, base["kind"], handling_usd_per_t)
    extras = {"delivery": delivery, "handling": handling}
    per_gj = {name: None if extra is None else extra[0] / gj_per_t(code) for name, extra in extras.items()}
    return Price(
        fuel=code,
        pathway_type=pathway_type or "",
        region=where or "",
        year=year,
        base_usd_per_gj=grown,
        delivery_usd_per_gj=per_gj["delivery"],
        handling_usd_per_gj=per_gj["handling"],
        total_usd_per_gj=grown + sum(v for v in per_gj.values() if v is not None),
        excludes=tuple(name for name, v in per_gj.items() if v is None and base["kind"].startswith("model")),
        kind=base["kind"],
        base_year=base["year"],
        growth_per_year=growth,
        source="; ".join([base["source"], *(e[1] for e in extras.values() if e)]),
        status=weaker(base["status"], *(e[2] for e in extras.values() if e)),
        note=base["note"],
    )


def _country(region: str) -> str:
    """Return a country code; a quote may be for a country that the pathways are not known for."""
    try:
        return region_code(region)
    except InputError:
        if len(region) == len("CN") and region.isalpha():
            return region.upper()
        raise


def _base(
    code: str, year: int, where: str | None, pathway_type: str | None, quotes: Any, statistic: str
) -> dict[str, Any]:
    """Return the base value: usd_per_gj, year, kind, source, status, note."""
    if quotes is not None:
        own = best_quote(read_quotes(quotes), code, year, where, pathway_type)
        if own:
            return {**own, "note": own.get("note") or ""}
    if pathway_type is not None:
        return _model(code, where, pathway_type, statistic)
    shipped = best_quote(shipped_quotes(), code, year, where, None)
    if shipped is None:
        raise ReferenceDataError(
            f"no price of '{code}' is known; pass quotes (table fuel_quotes) or a pathway_type of the cost model"
        )
    return shipped


def _model(code: str, where: str | None, pathway_type: str, statistic: str) -> dict[str, Any]:
    if where is None:
        raise MethodError("model prices are by country: pass region")
    row = pathway_summary(fuel=code, region=where, pathway_type=pathway_type).row(0, named=True)
    column = "cost_usd_per_gj" if statistic == "median" else f"cost_usd_per_gj_{statistic}"
    return {
        "usd_per_gj": row[column],
        "year": row["year"],
        "kind": "model, plant gate",
        "source": f"{row['source']} ({statistic} of {row['n_pathways']} pathways)",
        "status": row["status"],
        "note": "a model value of 2024 USD, not a market price",
    }


def _growth(base: dict[str, Any], year: int, growth_per_year: float | None) -> float:
    if growth_per_year is not None:
        if growth_per_year <= -1.0:
            raise MethodError(f"growth of {growth_per_year:g} per year leaves no price")
        return growth_per_year
    if base["year"] != year:
        raise MethodError(f"the price is of {base['year']}, asked for {year}: pass growth_per_year (0.0 to hold it)")
    return 0.0


def _delivery(
    code: str, where: str | None, to: str | None, own_usd_per_t: float | None
) -> tuple[float, str, str] | None:
    """Return cost of delivery [USD/t], source and status; None where it is not asked for."""
    if own_usd_per_t is not None:
        return own_usd_per_t, "delivery: given by the user", ""
    if to is None:
        return None
    table = load("fuel_land_transport")
    locode = resolve_locode(to)
    row = table.filter(fuel=code, to_locode=locode, quantity="cost_usd_per_t")
    if row.is_empty() or where not in table.columns:
        ends = ", ".join(table["to_locode"].unique().sort())
        raise ReferenceDataError(
            f"no delivery cost of '{code}' from {where} for {locode} (known for {ends}): pass delivery_usd_per_t"
        )
    return float(row[where].item()), row["source"].item(), row["status"].item()


def _handling(code: str, kind: str, own_usd_per_t: float | None) -> tuple[float, str, str] | None:
    """Return cost of storage and bunkering [USD/t]; None where no source has one or a market price holds it."""
    if own_usd_per_t is not None:
        return own_usd_per_t, "handling: given by the user", ""
    if not kind.startswith("model"):
        return None
    rows = load("converters_tanks").filter(equipment="handling", fuel_family=fuel_row(code)["family"])
    if rows.is_empty():
        return None
    return float(rows["value"].item()), f"handling: {rows['source'].item()}", rows["status"].item()
