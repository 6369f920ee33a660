"""Fuels side by side: emissions by scheme, cost, cost of a tonne avoided, volume; and which of it is certified."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from sisterport.errors import InputError, ReferenceDataError
from sisterport.fuels.green import threshold
from sisterport.fuels.names import fuel_code
from sisterport.fuels.pathways import pathway_summary, region_code
from sisterport.fuels.prices import Price, price
from sisterport.fuels.properties import properties, weaker
from sisterport.fuels.wtw import wtw
from sisterport.reference import load
from sisterport.units import KG_PER_T

_BASELINE = "vlsfo"
_CONVERTERS = {"lng": "lng_diesel_slow_speed"}
"""Converter of the scheme columns where slip depends on it; every other fuel in a diesel engine."""


def usd_per_t_avoided(
    cost_usd_per_gj: float, wtw_g_per_mj: float, *, base_usd_per_gj: float, base_g_per_mj: float
) -> float | None:
    """Return the cost of avoiding a tonne of CO2e by one fuel instead of another [USD/t]; None if nothing is avoided.

    Parameters
    ----------
    cost_usd_per_gj, wtw_g_per_mj
        Cost [USD/GJ] and well-to-wake emissions [g/MJ] of the fuel.
    base_usd_per_gj, base_g_per_mj
        The same of the fuel that it stands for. Equal efficiency in the engine is assumed.

    Examples
    --------
    20 USD/GJ more for 80 g/MJ less are 250 USD/t:

    >>> usd_per_t_avoided(34.0, 15.0, base_usd_per_gj=14.0, base_g_per_mj=95.0)
    250.0
    """
    avoided_kg_per_gj = base_g_per_mj - wtw_g_per_mj  # g/MJ = kg/GJ
    if avoided_kg_per_gj <= 0.0:
        return None
    return (cost_usd_per_gj - base_usd_per_gj) / avoided_kg_per_gj * KG_PER_T


def compare(
    region: str = "China",
    *,
    year: int = 2024,
    fuels: Sequence[str] | None = None,
    gwp: str = "AR5",
    growth_per_year: float | None = None,
    quotes: Any = None,
    baseline_usd_per_gj: float | None = None,
    baseline_g_per_mj: float | None = None,
    threshold_name: str = "red_70",
    delivery_to: str | None = None,
) -> pl.DataFrame:
    """Return the production pathways of a country beside VLSFO, cheapest tonne first.

    Parameters
    ----------
    region
        Country of production.
    year
        Year of the prices. Model costs are of 2024: another year needs `growth_per_year`.
    fuels
        Fuels to show; None shows all.
    gwp
        Set of warming potentials.
    growth_per_year, quotes, delivery_to
        As in `sisterport.fuels.price`.
    baseline_usd_per_gj
        Price of VLSFO [USD/GJ]; None takes a quote, else the scenario value of the package, which is unverified.
    baseline_g_per_mj
        Well-to-wake emissions of VLSFO [g/MJ]; None takes the default of the IMO LCA guidelines.
    threshold_name
        Threshold that the model's emissions are held against (`sisterport.fuels.threshold`).

    Returns
    -------
    polars.DataFrame
        fuel, pathway_type, region, year, n_pathways; wtw_g_per_mj with _min and _max (model of GREET);
        wtw_fueleu_g_per_mj, wtw_imo_g_per_mj (defaults of the schemes, fossil fuels only); cost_usd_per_gj, _min,
        _max; avoided_g_per_mj; usd_per_t_avoided (null where nothing is avoided); volume_factor; certified (false:
        a model is no certificate); below_threshold; price_kind, excludes, status (of the fuel's own values),
        baseline_status (of VLSFO's price, which usd_per_t_avoided rests on too), note. The first row is VLSFO.

    Raises
    ------
    InputError
        An unknown country or fuel.
    MethodError
        As in `price` and `threshold`.

    Examples
    --------
    >>> table = compare("China", fuels=["methanol"], baseline_usd_per_gj=14.0)
    >>> row = table.filter(pathway_type="electro_renew").row(0, named=True)
    >>> round(row["wtw_g_per_mj"], 1), round(row["usd_per_t_avoided"]), row["certified"]
    (18.4, 308, False)

    Methanol made with electricity from the grid is far dirtier than oil:

    >>> table.filter(pathway_type="electro_grid").select("usd_per_t_avoided", "note").row(0)
    (None, 'dirtier than VLSFO')
    """
    code = region_code(region)
    wanted = None if fuels is None else [fuel_code(f) for f in fuels]
    base_g = (
        wtw(_BASELINE, "SSD", scheme="imo", gwp=gwp).wtw_g_per_mj if baseline_g_per_mj is None else baseline_g_per_mj
    )
    base = _baseline(code, year, growth_per_year, quotes, baseline_usd_per_gj)
    limit = threshold(threshold_name, year=year).value_g_per_mj
    rows = [_base_row(base, base_g, limit, code, year, gwp)]
    summary = pathway_summary(region=code, gwp=gwp)
    if wanted is not None:
        missing = [f for f in wanted if f not in summary["fuel"].to_list() and f != _BASELINE]
        if missing:
            raise InputError(f"no pathways are known for: {', '.join(missing)}")
        summary = summary.filter(pl.col("fuel").is_in(wanted))
    for row in summary.iter_rows(named=True):
        quoted = {
            s: price(
                row["fuel"], year=year, region=code, pathway_type=row["pathway_type"], quotes=quotes, statistic=s,
                growth_per_year=growth_per_year, delivery_to=_end(row["fuel"], delivery_to),
            )
            for s in ("median", "min", "max")
        }  # fmt: skip
        rows.append(_row(row, quoted, base, base_g, limit, gwp))
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return pl.concat([frame.head(1), frame.slice(1).sort("usd_per_t_avoided", nulls_last=True, maintain_order=True)])


def _end(fuel: str, delivery_to: str | None) -> str | None:
    """Return the corridor end, if the land transport of the fuel is known; `excludes` shows where it is not."""
    known = load("fuel_land_transport")["fuel"].unique().to_list()
    return delivery_to if fuel in known else None


def _baseline(code: str, year: int, growth: float | None, quotes: Any, own_usd_per_gj: float | None) -> Price:
    if own_usd_per_gj is None:
        # the shipped value stands for any year: it is a scenario and says so
        return price(
            _BASELINE, year=year, region=code, quotes=quotes, growth_per_year=0.0 if growth is None else growth
        )
    return Price(
        fuel=_BASELINE, pathway_type="fossil", region=code, year=year, base_usd_per_gj=own_usd_per_gj,
        delivery_usd_per_gj=None, handling_usd_per_gj=None, total_usd_per_gj=own_usd_per_gj, excludes=(),
        kind="given by the user", base_year=year, growth_per_year=0.0, source="given by the user", status="secondary",
        note="",
    )  # fmt: skip


def _scheme(fuel: str, pathway_type: str, scheme: str, gwp: str) -> float | None:
    """Return a scheme's default [g/MJ]; None for fuels that need a certificate there or have no default."""
    if pathway_type != "fossil":
        return None
    try:
        return wtw(fuel, _CONVERTERS.get(fuel, "SSD"), scheme=scheme, gwp=gwp).wtw_g_per_mj
    except ReferenceDataError:
        return None


def _base_row(base: Price, base_g: float, limit: float, code: str, year: int, gwp: str) -> dict[str, Any]:
    known = wtw(_BASELINE, "SSD", scheme="imo", gwp=gwp)
    return {
        "fuel": _BASELINE,
        "pathway_type": "fossil",
        "region": code,
        "year": year,
        "n_pathways": 1,
        **dict.fromkeys(("wtw_g_per_mj", "wtw_min_g_per_mj", "wtw_max_g_per_mj"), base_g),
        "wtw_fueleu_g_per_mj": _scheme(_BASELINE, "fossil", "fueleu", gwp),
        "wtw_imo_g_per_mj": _scheme(_BASELINE, "fossil", "imo", gwp),
        **dict.fromkeys(("cost_usd_per_gj", "cost_min_usd_per_gj", "cost_max_usd_per_gj"), base.total_usd_per_gj),
        "avoided_g_per_mj": 0.0,
        "usd_per_t_avoided": None,
        "volume_factor": 1.0,
        "certified": False,
        "below_threshold": base_g <= limit,
        "price_kind": base.kind,
        "excludes": ", ".join(base.excludes),
        "status": weaker(base.status, known.status),
        "baseline_status": base.status,
        "note": base.note,
    }


def _row(
    row: dict[str, Any], quoted: dict[str, Price], base: Price, base_g: float, limit: float, gwp: str
) -> dict[str, Any]:
    cost = quoted["median"]
    own = row["wtw_g_per_mj"]
    return {
        "fuel": row["fuel"],
        "pathway_type": row["pathway_type"],
        "region": row["region"],
        "year": cost.year,
        "n_pathways": row["n_pathways"],
        "wtw_g_per_mj": own,
        "wtw_min_g_per_mj": row["wtw_g_per_mj_min"],
        "wtw_max_g_per_mj": row["wtw_g_per_mj_max"],
        "wtw_fueleu_g_per_mj": _scheme(row["fuel"], row["pathway_type"], "fueleu", gwp),
        "wtw_imo_g_per_mj": _scheme(row["fuel"], row["pathway_type"], "imo", gwp),
        "cost_usd_per_gj": cost.total_usd_per_gj,
        "cost_min_usd_per_gj": quoted["min"].total_usd_per_gj,
        "cost_max_usd_per_gj": quoted["max"].total_usd_per_gj,
        "avoided_g_per_mj": base_g - own,
        "usd_per_t_avoided": usd_per_t_avoided(
            cost.total_usd_per_gj, own, base_usd_per_gj=base.total_usd_per_gj, base_g_per_mj=base_g
        ),
        "volume_factor": properties(row["fuel"]).volume_factor,
        "certified": False,
        "below_threshold": own <= limit,
        "price_kind": cost.kind,
        "excludes": ", ".join(cost.excludes),
        "status": cost.status,
        "baseline_status": base.status,
        "note": "dirtier than VLSFO" if own >= base_g else "",
    }
