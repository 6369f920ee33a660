"""Which fuels an EU-MRV report can have burnt: mixes that give its CO2 from its mass of fuel."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from sisterport.errors import InputError, choose
from sisterport.reference import value
from sisterport.rules.fueleu_fuels import factors

LNG = ("if_needed", "always", "never")
"""When LNG may be part of a mix: where oil alone cannot explain the CO2, in every report, in none."""
OIL = ("HFO", "LFO", "MDO")
"""Fuels of Annex II that oil may be."""
METHANE = ("LNG_otto_ms", "LNG_otto_ss", "LNG_diesel_ss", "LNG_lbsi")
"""Fuels of Annex II that LNG may be, by the engine."""


class Mixes(NamedTuple):
    """Mixes of two fuels at most, and the reports for which there is none."""

    mixes: pl.DataFrame
    reasons: pl.DataFrame


def fuel_mixes(reports: pl.DataFrame, *, lng: str = "if_needed", oil: Sequence[str] = OIL) -> Mixes:
    """Return all mixes of at most two fuels with the mass and the CO2 of each report.

    Every other mix of these fuels lies between them, so what is linear in the masses, such as a compliance balance
    without rewarded fuels, has its least and its most among them.

    Parameters
    ----------
    reports
        row, fuel_t [t], co2_t [t].
    lng
        One of `LNG`. Without slip: a report's CO2 is taken as mass times the carbon factor, as reports before 2024 are.
    oil
        Fuels that oil may be, of `OIL`.

    Returns
    -------
    Mixes
        ``mixes``: row, mix (number), fuel, mass_t. ``reasons``: row, mix_reason of the reports without a mix: no fuel,
        or CO2 over fuel outside what the fuels can give (beyond the rounding ``mrv_cf_rounding``). Biofuels, methanol
        and LPG are not thought of.

    Raises
    ------
    MethodError, InputError
        Unknown options.

    Examples
    --------
    >>> reports = pl.DataFrame({"row": [4], "fuel_t": [100.0], "co2_t": [311.4]})
    >>> fuel_mixes(reports).mixes.filter(pl.col("mass_t") > 1e-6).select("fuel", "mass_t").unique().rows()
    [('HFO', 100.0)]
    >>> fuel_mixes(reports.with_columns(co2_t=pl.lit(400.0))).reasons["mix_reason"].item()
    'CO2 over fuel is 4, outside 2.75 to 3.206'
    """
    choose("use of LNG", lng, LNG)
    strange = sorted(set(oil) - set(OIL))
    if strange or not oil:
        raise InputError(f"fuels that oil may be are {', '.join(OIL)}, not {', '.join(strange) or 'none'}")
    carbon = dict(factors().select("fuel", "cf_co2_g_per_g").iter_rows())
    known = {name: carbon[name] for name in (*oil, *(METHANE if lng != "never" else ()))}
    rated = reports.select("row", "fuel_t", "co2_t", cf=pl.col("co2_t") / pl.col("fuel_t"))
    slack = value("mrv_cf_rounding")
    least, most = min(known.values()), max(known.values())
    fits = (pl.col("fuel_t") > 0) & pl.col("cf").is_between(least - slack, most + slack)
    fit = rated.filter(fits.fill_null(value=False)).with_columns(pl.col("cf").clip(least, most))
    # rounding of the reported CO2 must not make LNG of oil
    oil_least = min(carbon[name] for name in oil)
    near = (pl.col("cf") < oil_least) & (pl.col("cf") >= oil_least - slack)
    fit = fit.with_columns(pl.when(near).then(pl.lit(oil_least)).otherwise("cf").alias("cf"))
    parts = [
        _pair(fit, (first, carbon[first]), (second, carbon[second]), number, lng=lng, oil_least=oil_least)
        for number, (first, second) in enumerate(_pairs(list(known)))
    ]
    reasons = rated.filter(~fits.fill_null(value=False)).select(
        "row",
        mix_reason=pl.when(pl.col("fuel_t").fill_null(0) <= 0)
        .then(pl.lit("no fuel reported"))
        .when(pl.col("co2_t").is_null())
        .then(pl.lit("no CO2 reported"))
        .otherwise(pl.format(f"CO2 over fuel is {{}}, outside {least:g} to {most:g}", _short(pl.col("cf")))),
    )
    return Mixes(pl.concat(parts), reasons)


def _short(number: pl.Expr) -> pl.Expr:
    return number.round_sig_figs(int(value("mrv_shown_digits"))).cast(pl.String).str.replace(r"\.0$", "")


def _pairs(names: list[str]) -> list[tuple[str, str]]:
    """Return each fuel on its own and each two of them; two kinds of LNG give nothing new."""
    return [
        (first, second)
        for i, first in enumerate(names)
        for second in names[i:]
        if first == second or not (first in METHANE and second in METHANE)
    ]


def _pair(
    fit: pl.DataFrame, one: tuple[str, float], two: tuple[str, float], number: int, *, lng: str, oil_least: float
) -> pl.DataFrame:
    """Return the mix of two fuels in the reports that it can explain."""
    (first, high), (second, low) = (one, two) if one[1] >= two[1] else (two, one)
    rows = fit if lng == "always" else _sensible(fit, {first, second}, oil_least)
    rows = rows.filter(pl.col("cf").is_between(low, high))
    share = (pl.col("cf") - low) / (high - low) if high > low else pl.lit(1.0)
    halves = [(first, share)] if first == second else [(first, share), (second, 1 - share)]
    return pl.concat(
        rows.select("row", mix=pl.lit(number), fuel=pl.lit(name), mass_t=pl.col("fuel_t") * part)
        for name, part in halves
    )


def _sensible(fit: pl.DataFrame, names: set[str], oil_least: float) -> pl.DataFrame:
    """Keep mixes with LNG to reports that need it, and all others to those that do not."""
    needs = pl.col("cf") < oil_least
    return fit.filter(needs if names & set(METHANE) else ~needs)
