"""FuelEU Maritime, Regulation (EU) 2023/1805: limit, scope, rewards, penalty per tonne, sub-target.

The balance of a ship is in `fueleu_balance`, fuel factors in `fueleu_fuels`, shore power at berth in `fueleu_ops`,
banking, borrowing and pools in `flexibility` and `pooling`.
"""

import polars as pl

from sisterport.errors import InputError, ReferenceDataError, choose
from sisterport.reference import load
from sisterport.rules.clauses import STATUSES, Clause, clause, worst
from sisterport.units import G_PER_T, PER_CENT

KINDS = ("intra", "extra", "outermost", "berth", "none")
"""Kinds of a leg: between two ports of call in scope, to or from a third country, to or from an outermost region,
at berth in scope, none of these."""

_TABLE = "fueleu_rules"


def applies(gt: float) -> bool:
    """Say whether a ship of this size is in scope; whether it carries passengers or cargo is for the caller to know.

    Parameters
    ----------
    gt
        Gross tonnage.

    References
    ----------
    Regulation (EU) 2023/1805 Art 2(1): above 5,000 GT, passengers or cargo for commercial purposes.

    Examples
    --------
    >>> applies(5000), applies(5001)
    (False, True)
    """
    return gt > gt_threshold()


def gt_threshold() -> float:
    """Return the gross tonnage above which a ship is in scope."""
    return clause(_TABLE, "gt_threshold", _first_year()).value


def _first_year() -> int:
    return int(load("fueleu_limits")["year_from"].min())  # type: ignore[arg-type]


def limit(year: int) -> Clause:
    """Return the limit of the greenhouse-gas intensity [g/MJ].

    Parameters
    ----------
    year
        Reporting period, from 2025.

    Raises
    ------
    ReferenceDataError
        The table has no row for the year.

    References
    ----------
    Regulation (EU) 2023/1805 Art 4(2): 91.16 g/MJ less 2 / 6 / 14.5 / 31 / 62 / 80 % from 2025 / 30 / 35 / 40 / 45 /
    50.

    Examples
    --------
    >>> round(limit(2029).value, 4), round(limit(2030).value, 4)
    (89.3368, 85.6904)
    """
    table = load("fueleu_limits")
    rows = table.filter(
        (pl.col("year_from") <= year) & (pl.col("year_to").is_null() | (pl.col("year_to") >= year))
    ).rows(named=True)
    if not rows:
        raise ReferenceDataError(f"fueleu_limits has no row for {year}; the first is for {_first_year()}")
    row = rows[0]
    return Clause(
        value=row["reference_gco2e_per_mj"] * (1 - row["reduction_pct"] * PER_CENT),
        unit="g/MJ",
        clause=row["source"],
        status=row["status"],
        row=f"fueleu_limits: {row['year_from']}",
    )


def leg_share(kind: str) -> Clause:
    """Return the share of the energy of a leg that counts; `scope` tells it from the ports at its ends.

    Parameters
    ----------
    kind
        One of `KINDS`.

    References
    ----------
    Regulation (EU) 2023/1805 Art 2(1).

    Examples
    --------
    >>> leg_share("extra").value
    0.5
    """
    return clause(_TABLE, f"scope_{choose('kind of leg', kind, KINDS)}")


def wind_factor(ratio: float) -> Clause:
    """Return the reward factor of wind propulsion.

    Parameters
    ----------
    ratio
        Wind-assisted over propulsion power [-].

    References
    ----------
    Regulation (EU) 2023/1805 Annex I: 0.99, 0.97, 0.95 from 5, 10, 15 % on.

    Examples
    --------
    >>> wind_factor(0.12).value
    0.97
    """
    if not ratio >= 0:
        raise InputError(f"wind ratio {ratio} is below 0")
    row = load("fueleu_wind").filter(pl.col("ratio_from") <= ratio).sort("ratio_from").row(-1, named=True)
    return Clause(
        value=row["f_wind"],
        unit="",
        clause=row["source"],
        status=row["status"],
        row=f"fueleu_wind: {row['ratio_from']}",
    )


def ice_class_energy(voyages_mj: float, ice_conditions_mj: float = 0.0) -> Clause:
    """Return the additional energy of a ship of ice class IA or IA Super that may be left out [MJ].

    Parameters
    ----------
    voyages_mj
        Energy of all voyages in scope [MJ].
    ice_conditions_mj
        Energy of sailing in ice conditions, part of it [MJ].

    References
    ----------
    Regulation (EU) 2023/1805 Annex V. The energy of sailing in ice conditions itself is measured by the ship and may be
    left out on top: give both together as ``ice_mj`` of the table ``fueleu_ships``.

    Examples
    --------
    >>> ice_class_energy(1000.0, 200.0).value
    40.0
    """
    if not 0 <= ice_conditions_mj <= voyages_mj:
        raise InputError("the energy in ice conditions must lie between 0 and the energy of the voyages")
    share = clause(_TABLE, "ice_class_energy_share")
    return Clause(
        value=share.value * (voyages_mj - ice_conditions_mj),
        unit="MJ",
        clause=share.clause,
        status=share.status,
        row=share.row,
    )


def penalty_rate(intensity_g_per_mj: float, n: int = 1) -> Clause:
    """Return the penalty per tonne of deficit [EUR/t].

    Parameters
    ----------
    intensity_g_per_mj
        Actual intensity of the ship [g/MJ], not the limit.
    n
        Consecutive reporting periods for which the ship was charged a penalty, this one included.

    References
    ----------
    Regulation (EU) 2023/1805 Annex IV part B, Art 23(2): |CB| / (GHGIE 41000) 2400 (1 + (n - 1)/10).

    Examples
    --------
    >>> round(penalty_rate(91.601235).value, 2)
    639.04
    """
    if intensity_g_per_mj <= 0 or n < 1:
        raise InputError("the intensity must be above 0 and n at least 1")
    price, energy, step = (
        clause(_TABLE, item) for item in ("penalty_eur_per_t_vlsfo_eq", "vlsfo_eq_energy", "consecutive_increment")
    )
    return Clause(
        value=G_PER_T * price.value / (intensity_g_per_mj * energy.value) * (1 + (n - 1) * step.value),
        unit="EUR/t",
        clause=f"{price.clause}; {step.clause}",
        status=worst([price.status, energy.status, step.status]),
        row=f"{price.row}; {energy.row}; {step.row}",
    )


def rfnbo_subtarget(year: int, *, share_2031: float, share_monitored: float = 0.0, sufficient: bool = True) -> Clause:
    """Return the share of RFNBO that a ship needs.

    Parameters
    ----------
    year
        Reporting period.
    share_2031
        Share of RFNBO in the energy of all ships in 2031 [-].
    share_monitored
        Highest share that monitoring showed before 2033 [-].
    sufficient
        Whether production capacity, distribution and price were found sufficient.

    References
    ----------
    Regulation (EU) 2023/1805 Art 5(3)-(5): 2 % from 2034 if the share of 2031 is below 1 %.

    Examples
    --------
    >>> rfnbo_subtarget(2034, share_2031=0.009).value, rfnbo_subtarget(2034, share_2031=0.01).value
    (0.02, 0.0)
    """
    limit(year)
    try:
        target = clause(_TABLE, "rfnbo_subtarget", year)
    except ReferenceDataError:
        return Clause(
            value=0.0,
            unit="",
            clause="Regulation (EU) 2023/1805 Art 5(3)",
            status=STATUSES[0],
            row=f"{_TABLE}: rfnbo_subtarget, not before its first year",
        )
    below = share_2031 < clause(_TABLE, "rfnbo_subtarget_trigger").value
    lifted = share_monitored > clause(_TABLE, "rfnbo_subtarget_lifted").value
    return Clause(
        value=target.value if below and not lifted and sufficient else 0.0,
        unit=target.unit,
        clause=target.clause,
        status=target.status,
        row=target.row,
    )


def rfnbo_penalty(missing_mj: float, price_difference_eur_per_mj: float) -> Clause:
    """Return the penalty for missing the RFNBO sub-target [EUR]; unverified.

    Parameters
    ----------
    missing_mj
        RFNBO energy that is missing to the sub-target [MJ].
    price_difference_eur_per_mj
        Price of RFNBO over fossil fuel, from an implementing act that was not read [EUR/MJ].

    References
    ----------
    Regulation (EU) 2023/1805 Annex IV part B.

    Examples
    --------
    >>> rfnbo_penalty(1000.0, 0.05).value
    50.0
    """
    if missing_mj < 0 or price_difference_eur_per_mj < 0:
        raise InputError("missing energy and price difference must not be below 0")
    return Clause(
        value=missing_mj * price_difference_eur_per_mj,
        unit="EUR",
        clause="Regulation (EU) 2023/1805 Annex IV part B",
        status=STATUSES[-1],
        row=f"{_TABLE}: rfnbo_subtarget_penalty",
    )
