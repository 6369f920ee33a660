"""Whether a fuel may be called green: by a named threshold on its certified intensity, never by its name."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from sisterport.errors import InputError, MethodError, choose
from sisterport.reference import load
from sisterport.tables import to_polars


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A threshold with its passport.

    Attributes
    ----------
    threshold : str
        Its name.
    value_g_per_mj : float
        Highest well-to-wake intensity that is green [g/MJ].
    law_applies_to : str
        Class of fuels that the law asks it of; used for others it is the user's choice.
    source, status : str
        Where it comes from and how far it was checked.
    """

    threshold: str
    value_g_per_mj: float
    law_applies_to: str
    source: str
    status: str


def threshold(name: str, *, year: int | None = None) -> Threshold:
    """Return a threshold in force in a year.

    Parameters
    ----------
    name
        ``red_70`` (28.2 g/MJ, 70 % below 94) or ``nzf_zero`` (19.0 g/MJ to 2034, 14.0 after; not adopted).
    year
        Year that it is asked for; None only where the threshold has one value for all years.

    Raises
    ------
    MethodError
        If there is no such threshold, if it needs a year, or if it has no value in that year.

    Examples
    --------
    >>> threshold("nzf_zero", year=2030).value_g_per_mj, threshold("nzf_zero", year=2035).value_g_per_mj
    (19.0, 14.0)
    """
    table = load("fuel_thresholds")
    choose("threshold", name, table["threshold"].unique(maintain_order=True).to_list())
    rows = table.filter(pl.col("threshold") == name)
    if year is not None:
        rows = rows.filter(
            (pl.col("valid_from") <= year) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= year))
        )
    if rows.is_empty():
        raise MethodError(f"threshold '{name}' has no value in {year} (table fuel_thresholds)")
    if rows.height > 1:
        raise MethodError(f"threshold '{name}' changes over the years: pass year")
    row = rows.row(0, named=True)
    return Threshold(
        threshold=name,
        value_g_per_mj=row["value_g_per_mj"],
        law_applies_to=row["law_applies_to"],
        source=row["source"],
        status=row["status"],
    )


def is_green(
    wtw_g_per_mj: float | None, *, certificate_id: str | None, threshold_name: str = "red_70", year: int | None = None
) -> tuple[bool, str]:
    """Return whether a fuel is green, and why.

    Parameters
    ----------
    wtw_g_per_mj
        Certified well-to-wake intensity [g/MJ]; None if there is none.
    certificate_id
        Certificate that it stands in. Without one nothing is green.
    threshold_name, year
        As in `threshold`.

    Examples
    --------
    >>> is_green(12.0, certificate_id="PoS-1")
    (True, 'certified 12 g/MJ, threshold red_70 28.2 g/MJ')
    >>> is_green(12.0, certificate_id=None)
    (False, 'no certificate')
    """
    limit = threshold(threshold_name, year=year)
    if not (certificate_id or "").strip():
        return False, "no certificate"
    if wtw_g_per_mj is None:
        return False, "certificate without an intensity"
    words = f"certified {wtw_g_per_mj:g} g/MJ, threshold {threshold_name} {limit.value_g_per_mj:g} g/MJ"
    return wtw_g_per_mj <= limit.value_g_per_mj, words


def label_green(frame: Any, *, threshold_name: str = "red_70", year: int | None = None) -> pl.DataFrame:
    """Add columns ``green``, ``green_reason`` and ``green_threshold_g_per_mj`` to a frame of deliveries.

    Parameters
    ----------
    frame
        Frame with ``wtw_g_per_mj`` and ``certificate_id``; with ``time_utc`` the threshold is that of each row's year.
        Columns of fuel names and classes are not looked at.
    threshold_name, year
        As in `threshold`; `year` goes before ``time_utc``.

    Raises
    ------
    InputError
        If a column is missing.
    MethodError
        As in `threshold`.

    Examples
    --------
    >>> label_green(pl.DataFrame({"wtw_g_per_mj": [18.3, 320.0], "certificate_id": ["A", "B"]}))["green"].to_list()
    [True, False]
    """
    data = to_polars(frame)
    missing = [c for c in ("wtw_g_per_mj", "certificate_id") if c not in data.columns]
    if missing:
        raise InputError(f"columns missing to tell green from not green: {', '.join(missing)}")
    by_time = year is None and "time_utc" in data.columns
    years = data["time_utc"].dt.year().to_list() if by_time else [year] * data.height
    limits = {y: threshold(threshold_name, year=y).value_g_per_mj for y in set(years)}
    wtw, certificate = pl.col("wtw_g_per_mj"), pl.col("certificate_id").cast(pl.String).str.strip_chars()
    has_certificate = certificate.is_not_null() & (certificate != "")
    with_limit = data.with_columns(pl.Series("green_threshold_g_per_mj", [limits[y] for y in years], pl.Float64))
    below = has_certificate & (wtw <= pl.col("green_threshold_g_per_mj"))
    reason = (
        pl.when(~has_certificate)
        .then(pl.lit("no certificate"))
        .when(wtw.is_null())
        .then(pl.lit("certificate without an intensity"))
        .when(below)
        .then(pl.lit(f"certified, at or below {threshold_name}"))
        .otherwise(pl.lit(f"certified, above {threshold_name}"))
    )
    return with_limit.with_columns(green=below.fill_null(value=False), green_reason=reason)
