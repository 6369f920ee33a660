"""What a fuel counts under FuelEU Maritime: energy, greenhouse gases and reward (Annexes I and II)."""

from functools import cache
from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import ReferenceDataError, SchemaError, choose, did_you_mean
from sisterport.fuels.names import fuel_row, named_fuel
from sisterport.fuels.wtw import gwp_pair, tank_to_wake
from sisterport.reference import load
from sisterport.rules.clauses import clause
from sisterport.units import G_PER_KG, KG_PER_T, PER_CENT

UNMEASURED = ("zero", "oil")
"""What CH4 and N2O that Annex II leaves to be measured are taken for."""

_OIL = "HFO"
"""The fuel whose CH4 and N2O stand for unmeasured ones under ``oil``."""


_ENGINES = {"LPDF_4S": "_otto_ms", "LPDF_2S": "_otto_ss", "HPDF": "_diesel_ss", "LBSI": "_lbsi"}
"""Engine types and how the fuels of Annex II that are told by engine end."""


@cache
def annex2() -> pl.DataFrame:
    """Return the rows of Annex II: those of ``fueleu_wtw_factors`` that have a ``fuel_id``.

    Examples
    --------
    >>> annex2()["fuel_id"].to_list()[:4]
    ['HFO', 'LFO', 'MDO', 'LNG_otto_ms']
    """
    return load("fueleu_wtw_factors").filter(pl.col("fuel_id").is_not_null())


def _gases(row: dict[str, Any], unmeasured: str, oil: dict[str, Any]) -> tuple[float, float]:
    """Return the CH4 and N2O of a row [g/g]; what is to be measured by `unmeasured`."""
    open_gases = (row["unmeasured"] or "").split("|")
    found = []
    for gas in ("ch4", "n2o"):
        column = f"cf_{gas}_g_per_g"
        filled = oil[column] if unmeasured == "oil" else 0
        found.append(float(filled if gas in open_gases else row[column]))
    return found[0], found[1]


@cache
def factors(*, gwp: str = "AR5", unmeasured: str = "zero") -> pl.DataFrame:
    """Return what each fuel of Annex II counts.

    Parameters
    ----------
    gwp
        Set of warming potentials, ``AR5`` or ``AR4``: Annex I points to Directive (EU) 2018/2001, which read AR4 in
        2018, while EU MRV and ETS use AR5.
    unmeasured
        CH4 and N2O that Annex II leaves to be measured (methanol, LPG, hydrogen, ammonia): ``zero``, or ``oil`` for
        the values of heavy fuel oil.

    Returns
    -------
    polars.DataFrame
        fuel, fuel_class, lcv_mj_per_kg, cf_co2_g_per_g, cf_ch4_g_per_g, cf_n2o_g_per_g, slip_fraction, ttw_g_per_g,
        wtt_g_per_mj and wtw_g_per_mj (null where they come from a certificate), least_g_per_mj (the least favourable
        fossil fuel of the type), source, status.

    Raises
    ------
    MethodError
        Unknown option.

    References
    ----------
    Regulation (EU) 2023/1805 Annex I, equations (1) and (2); Annex II.

    Examples
    --------
    >>> factors().filter(fuel="HFO")["wtw_g_per_mj"].round(3).item()
    91.601
    """
    gwp_ch4, gwp_n2o = gwp_pair(gwp)
    choose("value of unmeasured", unmeasured, UNMEASURED)
    rows = annex2().rows(named=True)
    oil = next(row for row in rows if row["fuel_id"] == _OIL)
    out = [_factor(row, unmeasured, oil, gwp_ch4, gwp_n2o) for row in rows]
    fossil = {(row["fuel"], row["consumer"]): of["wtw_g_per_mj"] for row, of in zip(rows, out, strict=True)
              if row["fuel_class"] == "fossil"}  # fmt: skip
    types = _fossil_types()
    for row, of in zip(rows, out, strict=True):
        kind = None if row["fuel_class"] == "fossil" else types.get(row["fuel"])
        of["least_g_per_mj"] = fossil.get((kind, row["consumer"]))
    return pl.DataFrame(out, infer_schema_length=None)


def _fossil_types() -> dict[str, str]:
    """Return the fossil fuel of the same type by the names of Annex II: the table ``fuels`` says which it is."""
    table = load("fuels").drop_nulls(["fueleu_name", "fossil_type"])
    names = dict(table.select("fuel", "fueleu_name").iter_rows())
    return {name: names[fossil] for name, fossil in table.select("fueleu_name", "fossil_type").iter_rows()}


def _factor(
    row: dict[str, Any], unmeasured: str, oil: dict[str, Any], gwp_ch4: float, gwp_n2o: float
) -> dict[str, Any]:
    cf_ch4, cf_n2o = _gases(row, unmeasured, oil)
    lcv, slip = float(row["lcv_mj_per_kg"]), float(row["slip_pct_of_fuel_mass"]) * PER_CENT
    ttw = tank_to_wake(row["cf_co2_g_per_g"], cf_ch4, cf_n2o, slip_fraction=slip, gwp_ch4=gwp_ch4, gwp_n2o=gwp_n2o)
    wtt = float(row["wtt_gco2e_per_mj"]) if row["fuel_class"] == "fossil" else None
    return {
        "fuel": row["fuel_id"],
        "fuel_class": row["fuel_class"],
        "lcv_mj_per_kg": lcv,
        "cf_co2_g_per_g": float(row["cf_co2_g_per_g"]),
        "cf_ch4_g_per_g": cf_ch4,
        "cf_n2o_g_per_g": cf_n2o,
        "slip_fraction": slip,
        "ttw_g_per_g": ttw,
        "wtt_g_per_mj": wtt,
        "wtw_g_per_mj": None if wtt is None else wtt + ttw * G_PER_KG / lcv,
        "source": row["source"],
        "status": row["status"],
    }


def fuel_id(fuel: str, engine_type: str = "", *, fuel_class: str = "") -> str:
    """Return the fuel of Annex II that a code or word and an engine stand for.

    Parameters
    ----------
    fuel
        A code of the table ``fuels`` or what people write (``distillate``, ``"MGO"``).
    engine_type
        Needed for methane only: ``LPDF_4S``, ``LPDF_2S``, ``HPDF`` or ``LBSI``.
    fuel_class
        ``fossil``, ``bio`` or ``rfnbo``; empty is what the word says ("e-methanol"), else the first class of the fuel.

    Raises
    ------
    InputError, ReferenceDataError
        No such fuel or class, or none in Annex II: very low sulphur oil goes by the grade of the delivery note.

    Examples
    --------
    >>> fuel_id("residual"), fuel_id("MGO"), fuel_id("lng", "LPDF_4S"), fuel_id("e-methanol"), fuel_id("hvo")
    ('HFO', 'MDO', 'LNG_otto_ms', 'e_methanol', 'bio_hvo')
    """
    row = fuel_row(fuel)
    name, classes = row["fueleu_name"], row["classes"].split("|")
    fuel_class = choose(f"class of {fuel}", fuel_class or named_fuel(fuel).fuel_class or classes[0], classes)
    rows = annex2().filter(fuel=name, fuel_class=fuel_class)["fuel_id"].to_list()
    ending = _ENGINES.get(engine_type, "?")
    found = rows if len(rows) == 1 else [one for one in rows if one.endswith(ending)]
    if len(found) != 1:
        among = f"in engine '{engine_type}'; there are {', '.join(rows)}" if rows else "at all"
        raise ReferenceDataError(f"Annex II has no {fuel_class} fuel '{fuel}' {among}")
    return str(found[0])


def refuse_unknown(fuels: pl.Series, table: str) -> None:
    """Refuse fuels that are not in Annex II, all at once, each with the nearest name.

    Raises
    ------
    SchemaError
        Listing them.
    """
    known = annex2()["fuel_id"].to_list()
    faults = [
        f"unknown fuel '{name}'{_engine_needed(name, known) or did_you_mean(name, known)}"
        for name in fuels.unique().sort()
        if name not in known
    ]
    if faults:
        raise SchemaError(table, faults)


def _engine_needed(name: str, known: list[str]) -> str:
    """Say which engines a fuel can be burnt in when only they are missing: ``LNG``."""
    longer = [fuel for fuel in known if fuel.lower().startswith(f"{name.lower()}_")]
    return f": say in which engine, {', '.join(longer)}" if longer else ""


def fuel_energy(fuel: Any, *, gwp: str = "AR5", unmeasured: str = "zero") -> pl.DataFrame:
    """Return the energy, emissions and reward of rows of fuel.

    Parameters
    ----------
    fuel
        Frame of the table ``fueleu_fuel``.
    gwp, unmeasured
        As in `factors`.

    Returns
    -------
    polars.DataFrame
        The rows and ``energy_mj`` (in scope), ``emissions_g`` (well to wake), ``rewarded_mj``, ``rfnbo_mj``,
        ``wtw_g_per_mj``; ``factor_source``: ``annex2``, ``certificate``, ``certified_e`` or ``least_favourable``
        (crops, no certificate, an RFNBO that saves too little); ``lcv_source``: ``annex2`` or ``given``;
        ``factor_status``; and ``factor_row``.

    Raises
    ------
    SchemaError
        Listing every fault: unknown fuels, negative masses, a certificate of a fossil fuel, a fuel without
        certificate that has no fossil one of its type.

    References
    ----------
    Regulation (EU) 2023/1805 Art 5(1), Art 10, Annex I: biofuel WtT = E - Cf_CO2/LCV, RFNBO WtT = E - e_u with
    e_u = Cf_CO2/LCV.

    Examples
    --------
    >>> rows = pl.DataFrame({"ship_id": ["imo:1"], "year": [2028], "fuel": ["e_methanol"], "mass_t": [150.0],
    ...                      "scope_share": [1.0], "certified_wtw_g_per_mj": [8.0]})
    >>> fuel_energy(rows).select("energy_mj", "rewarded_mj", "factor_source").row(0)
    (2985000.0, 5970000.0, 'certificate')
    """
    rows = tables.check(fuel, "fueleu_fuel")
    refuse_unknown(rows["fuel"], "fueleu_fuel")
    given = factors(gwp=gwp, unmeasured=unmeasured).rename({"lcv_mj_per_kg": "lcv_default", "source": "factor_from"})
    joined = rows.join(given, on="fuel", how="left", maintain_order="left").with_columns(
        pl.when(pl.col("lcv_mj_per_kg").is_null())
        .then(pl.lit("annex2"))
        .otherwise(pl.lit("given"))
        .alias("lcv_source"),
        pl.coalesce("lcv_mj_per_kg", "lcv_default").alias("lcv_mj_per_kg"),
        _rewards(rows["year"]).alias("reward"),
    )
    _refuse_certificates(joined)
    return joined.with_columns(_used_factor()).with_columns(_amounts()).drop("factor_from", "lcv_default", "reward")


def _rewards(years: pl.Series) -> pl.Series:
    """Return the reward factor of RFNBO in each year; refuse years before the law."""
    known, unknown = {}, []
    for year in years.unique().sort():
        try:
            known[year] = clause("fueleu_rules", "rfnbo_reward", year).value
        except ReferenceDataError as error:
            unknown.append(str(error))
    if unknown:
        raise ReferenceDataError("; ".join(unknown))
    return years.replace_strict(known, return_dtype=pl.Float64) if known else years.cast(pl.Float64)


def _refuse_certificates(rows: pl.DataFrame) -> None:
    crops = pl.col("food_or_feed").fill_null(value=False)
    certified = pl.any_horizontal(pl.col("certified_e_g_per_mj", "certified_wtw_g_per_mj").is_not_null())
    fossil = pl.col("fuel_class") == "fossil"
    strange = rows.filter(fossil & (certified | crops))["fuel"].unique().sort()
    bare = rows.filter(~fossil & (~certified | crops) & pl.col("least_g_per_mj").is_null())["fuel"].unique().sort()
    faults = [f"'{name}' is fossil: it takes the default of Annex II and no certificate" for name in strange]
    faults += [
        f"'{name}' without a certificate or from crops: Annex II has no fossil fuel of its type to count it as"
        for name in bare
    ]
    if faults:
        raise SchemaError("fueleu_fuel", faults)


def _most_e() -> float:
    """Return the highest certified intensity of an RFNBO that is eligible [g/MJ]."""
    saving = clause("fueleu_rules", "rfnbo_min_saving").value
    return clause("fueleu_rules", "fossil_comparator").value * (1 - saving)


def _used_factor() -> list[pl.Expr]:
    """Return the intensity that counts, and where it is from."""
    e, whole = pl.col("certified_e_g_per_mj"), pl.col("certified_wtw_g_per_mj")
    ttw = pl.col("ttw_g_per_g") * G_PER_KG / pl.col("lcv_mj_per_kg")
    from_e = e - pl.col("cf_co2_g_per_g") * G_PER_KG / pl.col("lcv_mj_per_kg") + ttw
    weak = (pl.col("fuel_class") == "rfnbo") & (pl.coalesce(whole, e) > _most_e())
    refused = pl.col("food_or_feed").fill_null(value=False) | weak
    source = (
        pl.when(pl.col("fuel_class") == "fossil")
        .then(pl.lit("annex2"))
        .when(refused)
        .then(pl.lit("least_favourable"))
        .when(whole.is_not_null())
        .then(pl.lit("certificate"))
        .when(e.is_not_null())
        .then(pl.lit("certified_e"))
        .otherwise(pl.lit("least_favourable"))
    )
    wtw = (
        pl.when(source == "annex2")
        .then(pl.col("wtt_g_per_mj") + ttw)
        .when(source == "certificate")
        .then(whole)
        .when(source == "certified_e")
        .then(from_e)
        .otherwise(pl.col("least_g_per_mj"))
    )
    return [
        source.alias("factor_source"),
        wtw.alias("wtw_g_per_mj"),
        pl.col("status").alias("factor_status"),
        pl.format("fueleu_wtw_factors: {}", "fuel").alias("factor_row"),
    ]


def _amounts() -> list[pl.Expr]:
    energy = pl.col("mass_t") * KG_PER_T * pl.col("lcv_mj_per_kg") * pl.col("scope_share")
    rfnbo = (pl.col("fuel_class") == "rfnbo") & (pl.col("factor_source") != "least_favourable")
    return [
        energy.alias("energy_mj"),
        (energy * pl.col("wtw_g_per_mj")).alias("emissions_g"),
        pl.when(rfnbo).then(energy * pl.col("reward")).otherwise(energy).alias("rewarded_mj"),
        pl.when(rfnbo).then(energy).otherwise(pl.lit(0)).alias("rfnbo_mj"),
    ]
