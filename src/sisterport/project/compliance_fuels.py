"""All that is known of a fuel, in one sheet: properties, factors by law, pathways, supply."""

from typing import Any

import polars as pl

from sisterport.errors import ReferenceDataError
from sisterport.fuels import fuel_supply, named_fuel, pathway_summary, properties, wtw
from sisterport.fuels.names import fuel_row
from sisterport.fuels.properties import SCHEMES
from sisterport.reference import load

_FACTORS = (
    "lcv_mj_per_kg", "slip_fraction", "wtt_g_per_mj", "ttw_g_per_mj", "wtw_g_per_mj", "status", "flag",
)  # fmt: skip
_SUPPLY = ("locode", "state", "method", "from_date", "capacity_t_per_year", "confidence", "status", "source")


def fuel_list() -> pl.DataFrame:
    """Return all fuels: fuel, label, family, classes, status.

    Examples
    --------
    >>> fuel_list().row(0)[:2]
    ('residual', 'heavy fuel oil (RME to RMK)')
    """
    return load("fuels").select("fuel", "label", "family", "classes", "status")


def fuel_sheet(
    word: str, *, region: str | None = None, gwp: str = "AR5", unmeasured: str = "zero"
) -> dict[str, pl.DataFrame | dict[str, Any]]:
    """Return what is known of a fuel.

    Parameters
    ----------
    word
        A code or word.
    region
        Country whose production pathways are shown; None shows none.
    gwp, unmeasured
        As in `sisterport.fuels.wtw`.

    Returns
    -------
    dict
        ``fuel`` (code, label, classes, note), and frames ``properties`` (by scheme), ``factors`` (by scheme, class and
        converter), ``pathways``, ``supply``; a frame is empty where nothing is known.

    Raises
    ------
    InputError
        No such fuel, with the nearest word.

    Examples
    --------
    >>> sheet = fuel_sheet("LNG")
    >>> sheet["factors"].filter(scheme="fueleu", fuel_class="fossil", converter="lbsi")["wtw_g_per_mj"].round(1).item()
    88.5
    """
    named = named_fuel(word)
    row = fuel_row(named.fuel)
    about = {name: row[name] for name in ("fuel", "label", "family", "classes", "note")}
    found: dict[str, pl.DataFrame | dict[str, Any]] = {
        "fuel": {**about, "asked": word, "class_in_word": named.fuel_class}
    }
    found["properties"] = _properties(named.fuel)
    found["factors"] = _factors(row, gwp=gwp, unmeasured=unmeasured)
    if region is not None:
        pathways = pathway_summary(region=region, gwp=gwp).filter(pl.col("fuel") == named.fuel)
        found["pathways"] = pathways
    found["supply"] = fuel_supply(fuel=named.fuel).select(_SUPPLY)
    return found


def _properties(code: str) -> pl.DataFrame:
    rows = []
    for scheme in SCHEMES:
        try:
            own = properties(code, scheme=scheme)
        except ReferenceDataError:
            continue
        rows.append(
            {
                "scheme": scheme,
                "lhv_mj_per_kg": own.lhv_mj_per_kg,
                "density_kg_per_l": own.density_kg_per_l,
                "volume_factor": own.volume_factor,
                "boiloff_share_per_day": own.boiloff_share_per_day,
                "status": own.status,
            }
        )
    kinds = dict.fromkeys(("lhv_mj_per_kg", "density_kg_per_l", "volume_factor", "boiloff_share_per_day"), pl.Float64)
    return pl.DataFrame(rows, schema={"scheme": pl.String, **kinds, "status": pl.String})


def _factors(row: dict[str, Any], *, gwp: str, unmeasured: str) -> pl.DataFrame:
    """Return the factors of each law: those of Annex II by class and consumer, and the default of the IMO."""
    own = load("fueleu_wtw_factors").filter(pl.col("fuel") == (row["fueleu_name"] or ""))
    pairs = [("fueleu", *pair) for pair in own.select("fuel_class", "consumer").iter_rows()]
    if row["imo_name"]:
        pairs.append(("imo", "fossil", "any"))
    rows = []
    for scheme, fuel_class, converter in pairs:
        word = row["fueleu_name"] if scheme == "fueleu" else row["fuel"]
        one = wtw(word, converter, scheme=scheme, gwp=gwp, fuel_class=fuel_class, unmeasured=unmeasured)
        rows.append(
            {"scheme": scheme, "fuel_class": fuel_class, "converter": converter}
            | {name: getattr(one, name) for name in _FACTORS}
        )
    words = ("scheme", "fuel_class", "converter", "status", "flag")
    schema = {name: pl.String if name in words else pl.Float64 for name in (*words[:3], *_FACTORS)}
    return pl.DataFrame(rows, schema=schema, infer_schema_length=None)
