"""Production pathways: cost at the plant gate and well-to-wake emissions, by country. Model values, no market."""

from functools import cache

import polars as pl

from sisterport.errors import InputError, ReferenceDataError, did_you_mean
from sisterport.fuels.names import fuel_code
from sisterport.fuels.wtw import gwp_pair
from sisterport.reference import load

_NOT_COUNTRIES = [
    "fuel",
    "pathway",
    "pathway_type",
    "hydrogen_source",
    "carbon_source",
    "electricity_source",
    "year",
    "quantity",
    "source",
    "status",
]


@cache
def _regions() -> dict[str, str]:
    table = load("fuel_regions")
    codes = {code.casefold(): code for code in table["region"]}
    return codes | {name.casefold(): code for code, name in table.select("region", "name").iter_rows()}


def region_code(region: str) -> str:
    """Return the ISO 3166-1 code of a country that the pathways are known for.

    Raises
    ------
    InputError
        If they are not known for it.

    Examples
    --------
    >>> region_code("China"), region_code("us")
    ('CN', 'US')
    """
    code = _regions().get(region.casefold())
    if code is None:
        names = load("fuel_regions")["name"].to_list()
        near = did_you_mean(region, names)
        raise InputError(f"no pathways are known for '{region}'{near}; there are: {', '.join(names)}")
    return code


def tank_to_wake_greet(fuel: str, *, gwp: str = "AR5") -> float:
    """Return the tank-to-wake emissions of a fuel in GREET, CH4 and N2O included [g/MJ].

    Parameters
    ----------
    fuel
        A fuel of GREET: vlsfo, lng, methanol, ammonia, hydrogen, ftdiesel, bio-oils.
    gwp
        Set of warming potentials.

    Raises
    ------
    ReferenceDataError
        If GREET has no values for it.

    Notes
    -----
    CO2 from carbon of plants or of the air is counted here, and taken off in the well-to-gate value, which is
    negative for such fuels. Neither of the two may be used alone.

    References
    ----------
    GREET 2024 marine via MIT_NavigaTE_inputs ``fuel_info.csv`` (table ``fuel_properties``), secondary.

    Examples
    --------
    >>> round(tank_to_wake_greet("methanol"), 1), round(tank_to_wake_greet("lng"), 1)
    (70.3, 72.0)
    """
    code = fuel_code(fuel)
    rows = load("fuel_properties").filter(fuel=code, scheme="greet")
    if rows.is_empty():
        raise ReferenceDataError(f"GREET has no tank-to-wake emissions of '{code}' (table fuel_properties)")
    co2, ch4, n2o = rows.select("ttw_co2_g_per_mj", "ttw_ch4_g_per_mj", "ttw_n2o_g_per_mj").row(0)
    gwp_ch4, gwp_n2o = gwp_pair(gwp)
    return float(co2 + ch4 * gwp_ch4 + n2o * gwp_n2o)


@cache
def _long() -> pl.DataFrame:
    """Pathways with one row per country."""
    table = load("fuel_pathways")
    index = [c for c in _NOT_COUNTRIES if c != "quantity"]
    long = table.unpivot(index=_NOT_COUNTRIES, variable_name="region")
    return (
        long.pivot(on="quantity", index=[*index, "region"], values="value")
        .select(*index[:6], "region", "year", "cost_usd_per_t", "wtg_g_per_mj", "source", "status")
        .sort("fuel", "pathway_type", "pathway", "region")
    )


def pathways(
    *, fuel: str | None = None, region: str | None = None, pathway_type: str | None = None, gwp: str = "AR5"
) -> pl.DataFrame:
    """Return production pathways with cost and well-to-wake emissions.

    Parameters
    ----------
    fuel, region, pathway_type
        Keep only these; None keeps all. Types: ``electro_renew`` (hydrogen from wind or solar power),
        ``electro_grid`` (from the country's grid: dirty nearly everywhere), ``bio_H``, ``biofuel``, ``blue_bio_C``,
        ``blue_dac_C``, ``blue``, ``grey``, ``fossil``.
    gwp
        Set of warming potentials for CH4 and N2O of tank-to-wake; well-to-gate holds GREET's own CO2 equivalents.

    Returns
    -------
    polars.DataFrame
        fuel, pathway, pathway_type, hydrogen_source, carbon_source, electricity_source, region, year,
        cost_usd_per_t, cost_usd_per_gj (2024 USD at the plant gate), wtg_g_per_mj, ttw_g_per_mj, wtw_g_per_mj,
        source, status.

    Raises
    ------
    InputError
        If fuel, region or type is not known.

    Notes
    -----
    Costs come from a model with each country's industrial prices of gas and power. They are no market prices and hold
    no delivery, storage or bunkering: see `sisterport.fuels.prices`.

    References
    ----------
    mcsc-impact-climate/MIT_NavigaTE_inputs, commit 569b524 (MIT licence), secondary.

    Examples
    --------
    >>> green = pathways(fuel="methanol", region="China", pathway_type="electro_renew")
    >>> green["wtw_g_per_mj"].round(1).sort().to_list()
    [9.7, 12.1, 24.6, 28.2]
    """
    found = _long()
    if fuel is not None:
        found = _keep(found, "fuel", fuel_code(fuel))
    if region is not None:
        found = _keep(found, "region", region_code(region))
    if pathway_type is not None:
        found = _keep(found, "pathway_type", pathway_type)
    codes = found["fuel"].unique()
    ttw = {code: tank_to_wake_greet(code, gwp=gwp) for code in codes}
    lhv = dict(load("fuel_properties").filter(scheme="greet").select("fuel", "lhv_mj_per_kg").iter_rows())
    return found.with_columns(
        cost_usd_per_gj=pl.col("cost_usd_per_t") / pl.col("fuel").replace_strict(lhv, return_dtype=pl.Float64),
        ttw_g_per_mj=pl.col("fuel").replace_strict(ttw, return_dtype=pl.Float64),
    ).select(
        *found.columns[:9],
        "cost_usd_per_gj",
        "wtg_g_per_mj",
        "ttw_g_per_mj",
        (pl.col("wtg_g_per_mj") + pl.col("ttw_g_per_mj")).alias("wtw_g_per_mj"),
        "source",
        "status",
    )


def _keep(frame: pl.DataFrame, column: str, word: str) -> pl.DataFrame:
    known = frame[column].unique().sort().to_list()
    if word not in known:
        raise InputError(f"no pathway with {column} '{word}'{did_you_mean(word, known)}; there are: {', '.join(known)}")
    return frame.filter(pl.col(column) == word)


def pathway_summary(
    *, fuel: str | None = None, region: str | None = None, pathway_type: str | None = None, gwp: str = "AR5"
) -> pl.DataFrame:
    """Return the median and range of pathways by fuel, country and type.

    Parameters
    ----------
    fuel, region, pathway_type, gwp
        As in `pathways`.

    Returns
    -------
    polars.DataFrame
        fuel, region, pathway_type, n_pathways, and median, min and max of cost_usd_per_t, cost_usd_per_gj,
        wtg_g_per_mj and wtw_g_per_mj (``<column>``, ``<column>_min``, ``<column>_max``), year, source, status. The
        cheapest pathway is not always the cleanest: range ends of cost and emissions are not of the same pathway.

    Examples
    --------
    >>> row = pathway_summary(fuel="methanol", region="CN", pathway_type="electro_renew").row(0, named=True)
    >>> round(row["cost_usd_per_gj"], 1), round(row["wtg_g_per_mj"], 1), round(row["wtw_g_per_mj"], 1)
    (36.8, -52.0, 18.4)
    """
    rows = pathways(fuel=fuel, region=region, pathway_type=pathway_type, gwp=gwp)
    numbers = ("cost_usd_per_t", "cost_usd_per_gj", "wtg_g_per_mj", "wtw_g_per_mj")
    return (
        rows.group_by("fuel", "region", "pathway_type", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("n_pathways"),
            *[pl.col(c).median() for c in numbers],
            *[pl.col(c).min().alias(f"{c}_min") for c in numbers],
            *[pl.col(c).max().alias(f"{c}_max") for c in numbers],
            pl.col("year").first(),
            pl.col("source").first(),
            pl.col("status").first(),
        )
        .sort("fuel", "region", "pathway_type")
    )
