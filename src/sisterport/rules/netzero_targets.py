"""IMO Net-Zero Framework: the targets that the draft sets, and none that it does not."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sisterport.errors import ReferenceDataError
from sisterport.reference import load
from sisterport.rules.clauses import clause
from sisterport.units import PER_CENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Targets of one year.

    Attributes
    ----------
    year : int
        Year of the row.
    base_g_per_mj, direct_g_per_mj : float
        Base and direct compliance target [g/MJ]; the latter is None where it is not set.
    reference_g_per_mj : float
        Reference of 2008 [g/MJ].
    source, status : str
        Passport of the row.
    """

    year: int
    base_g_per_mj: float
    direct_g_per_mj: float | None
    reference_g_per_mj: float
    source: str
    status: str


def target_rows() -> pl.DataFrame:
    """Return all targets: targets_year, base_g_per_mj, direct_g_per_mj, reference_g_per_mj [g/MJ], source, status.

    Examples
    --------
    >>> target_rows().height
    9
    """
    reference = pl.col("reference_gco2e_per_mj")
    return load("imo_nzf_targets").select(
        pl.col("year").cast(pl.Int64).alias("targets_year"),
        (reference * (1 - pl.col("base_reduction_pct") * PER_CENT)).alias("base_g_per_mj"),
        (reference * (1 - pl.col("direct_reduction_pct") * PER_CENT)).alias("direct_g_per_mj"),
        reference.alias("reference_g_per_mj"),
        "source",
        "status",
    )


def targets(year: int) -> Targets:
    """Return the targets of a year [g/MJ].

    Raises
    ------
    ReferenceDataError
        If the year has no row: nothing before 2028, from 2036 to 2039 and after 2040 is set.

    References
    ----------
    Draft MARPOL Annex VI chapter 5: reference 93.3 g/MJ less the reduction of the year.

    Examples
    --------
    >>> round(targets(2028).base_g_per_mj, 3), round(targets(2028).direct_g_per_mj, 3)
    (89.568, 77.439)
    """
    refuse_years([year])
    row = target_rows().filter(pl.col("targets_year") == year).row(0, named=True)
    return Targets(year=row.pop("targets_year"), **row)


def refuse_years(years: Sequence[int], *, direct: bool = False) -> None:
    """Refuse years without a target, or without a direct compliance target.

    Raises
    ------
    ReferenceDataError
        Naming the years and those that there are.
    """
    rows = target_rows()
    known = (rows.drop_nulls("direct_g_per_mj") if direct else rows)["targets_year"].to_list()
    strange = sorted(set(years) - set(known))
    if strange:
        what = "direct compliance target" if direct else "target"
        raise ReferenceDataError(
            f"imo_nzf_targets has no {what} for {', '.join(map(str, strange))} (it has {', '.join(map(str, known))}); "
            "what is not set is not extrapolated"
        )


def zero_or_near_zero(*, gfi_g_per_mj: float, year: int) -> bool:
    """Say whether an energy source counts as zero or near-zero, for which a reward of open size is planned.

    Parameters
    ----------
    gfi_g_per_mj
        Well-to-wake CO2e [g/MJ].
    year
        Reporting year.

    Raises
    ------
    ReferenceDataError
        If the year is before the draft's first.

    References
    ----------
    Draft MARPOL Annex VI chapter 5: 19.0 g/MJ to 2034, 14.0 from 2035 (secondary), read as "not higher than".

    Examples
    --------
    >>> zero_or_near_zero(gfi_g_per_mj=15.0, year=2030), zero_or_near_zero(gfi_g_per_mj=15.0, year=2035)
    (True, False)
    """
    first = int(clause("imo_nzf_rules", "start_year").value)
    if year < first:
        raise ReferenceDataError(f"imo_nzf_rules, znz_threshold: the draft begins in {first}, not in {year}")
    return gfi_g_per_mj <= clause("imo_nzf_rules", "znz_threshold", year).value
