"""Which EU-MRV reports are fit to compare a model with, and the half of the ships that regressions may see."""

import hashlib
from typing import NamedTuple

import polars as pl

from sisterport.reference import value
from sisterport.units import G_PER_KG


class Cleaned(NamedTuple):
    """Reports fit for comparison, and how many were left out by which rule, in the order of the rules."""

    reports: pl.DataFrame
    counts: pl.DataFrame


def clean_mrv(reports: pl.DataFrame) -> Cleaned:
    """Return the reports whose figures fit together, with mean speed and share of fuel at berth.

    The publication has no distance: distance = fuel / (fuel per mile), speed = distance / hours at sea.

    Parameters
    ----------
    reports
        As `sisterport.fleet.read_mrv` returns them.

    Returns
    -------
    Cleaned
        ``reports`` with speed_kn [kn], berth_share [-] (CO2 at berth in EU ports over all CO2) and sea_kg_per_nm
        [kg/nm] (fuel per mile without the berth share). ``counts``: rule, reports; the first row is all reports, the
        last what is left. The limits are the constants ``mrv_*``.

    Examples
    --------
    >>> row = {"imo": 9074729, "period": 2022, "fuel_t": 1000.0, "co2_t": 3114.0, "co2_berth_t": 155.7,
    ...        "hours_at_sea": 1000.0, "kg_per_nm": 80.0}
    >>> kept, counts = clean_mrv(pl.DataFrame([row, row | {"imo": 9349497, "hours_at_sea": 0.0}]))
    >>> kept.select(pl.col("speed_kn", "berth_share", "sea_kg_per_nm").round(6)).row(0)
    (12.5, 0.05, 76.0)
    >>> counts.filter(pl.col("reports") == 1)["rule"].to_list()
    ['no time at sea', 'kept']
    """
    distance = G_PER_KG * pl.col("fuel_t") / pl.col("kg_per_nm")
    share = pl.col("co2_berth_t").fill_null(0.0) / pl.col("co2_t")
    left = reports.with_columns(speed_kn=distance / pl.col("hours_at_sea"), berth_share=share)
    counts = [("all reports", left.height)]
    for rule, fit in _rules():
        kept = left.filter(fit.fill_null(value=False))
        counts.append((rule, left.height - kept.height))
        left = kept
    counts.append(("kept", left.height))
    left = left.with_columns(sea_kg_per_nm=pl.col("kg_per_nm") * (1.0 - pl.col("berth_share")))
    return Cleaned(left, pl.DataFrame(counts, schema={"rule": pl.String, "reports": pl.Int64}, orient="row"))


def _rules() -> list[tuple[str, pl.Expr]]:
    """Return what fits, under the name of what does not; the order is that of the counts."""
    v = {name: value(f"mrv_{name}") for name in ("hours_min", "speed_min_kn", "speed_max_kn", "cf_min", "cf_max")}
    low, high = value("mrv_kg_per_nm_min"), value("mrv_kg_per_nm_max")
    share = value("mrv_berth_share_max")
    return [
        ("no IMO number, or a wrong one", pl.col("imo").is_not_null()),
        ("ship with more than one report", ~pl.struct("imo", "period").is_duplicated()),
        ("no time at sea", pl.col("hours_at_sea") > 0),
        ("no fuel", pl.col("fuel_t") > 0),
        ("no fuel per mile", pl.col("kg_per_nm") > 0),
        (f"less than {v['hours_min']:g} h at sea", pl.col("hours_at_sea") >= v["hours_min"]),
        (f"fuel per mile outside {low:g} to {high:g} kg/nm", pl.col("kg_per_nm").is_between(low, high)),
        (
            f"mean speed outside {v['speed_min_kn']:g} to {v['speed_max_kn']:g} kn",
            pl.col("speed_kn").is_between(v["speed_min_kn"], v["speed_max_kn"]),
        ),
        (
            f"CO2 over fuel outside {v['cf_min']:g} to {v['cf_max']:g}",
            (pl.col("co2_t") / pl.col("fuel_t")).is_between(v["cf_min"], v["cf_max"]),
        ),
        (f"more than {100 * share:g} % of CO2 at berth", pl.col("berth_share") <= share),
    ]


def is_fit_half(imo: int) -> bool:
    """Return whether regressions may be fitted on a ship; the others are only scored.

    The first byte of SHA-256 of the IMO number in decimal digits is even for the fit half. The rule knows nothing of
    the ship and gives the same halves in every year's file.

    Examples
    --------
    >>> [is_fit_half(imo) for imo in (9074729, 9349497, 9448815)]
    [True, False, False]
    """
    return hashlib.sha256(str(imo).encode()).digest()[0] % 2 == 0
