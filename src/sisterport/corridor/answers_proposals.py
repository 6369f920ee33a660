"""Proposals of a plan as commitments that ports and carriers could make to each other; nobody has made them yet."""

from collections.abc import Iterator
from datetime import date
from math import ceil, floor, log10
from typing import Any

import polars as pl

from sisterport.corridor.answers import fuel_by_port, years
from sisterport.corridor.answers_frames import Told
from sisterport.corridor.scenario import Scenario
from sisterport.reference import load, ports
from sisterport.tables import check
from sisterport.units import KWH_PER_MJ

STEP = 5
"""Proposals are for years that this divides, and for the last year."""
DIGITS = 2
"""A promise has so many significant digits: a plan has no more to give."""
_MWH_PER_TJ = KWH_PER_MJ * 1e3
_LEAST = 0.01
"""A year's amount below this part of the largest is no proposal of its own."""


def proposals(plan: Told, scenario: Scenario, *, baseline_t: float | None = None) -> pl.DataFrame:
    """Return what ports and carriers would promise if they followed the plan.

    Parameters
    ----------
    plan
        The plan.
    scenario
        Its scenario.
    baseline_t
        Emissions of a year of today's way of the same services [t, well to wake].

    Returns
    -------
    polars.DataFrame
        Table ``corridor_proposals``: fields of a commitment as `sisterport network commit` takes them, and ``by``, who
        would make it. Fuel and electricity are *used*, ships are *capable*; green is what is green by its certificate.

    Notes
    -----
    Targets have two significant digits, rounded to the safe side: less than the plan for what is promised at least,
    more for what is promised at most.
    """
    at = [year for year in scenario.years if year % STEP == 0 or year == scenario.last_year]
    rows = [
        *_bunkered(plan, scenario, at),
        *_shore(plan, scenario, at),
        *_ships(plan, scenario, at),
        *_corridor(plan, scenario, at, baseline_t),
    ]
    names = ("by", "ports", "text", "indicator", "quantity", "unit", "mode", "direction", "target", "due", "corridor",
             "definition_version", "baseline", "source")  # fmt: skip
    frame = (
        pl.DataFrame([{name: row.get(name) for name in names} for row in rows], infer_schema_length=None)
        if rows
        else None
    )
    return check(frame if frame is not None else _empty(), "corridor_proposals")


def _empty() -> pl.DataFrame:
    from sisterport.tables import empty  # noqa: PLC0415

    return empty("corridor_proposals")


def _row(
    scenario: Scenario,
    year: int,
    *,
    indicator: str,
    quantity: str,
    target: float,
    direction: str = "at_least",
    **more: Any,
) -> dict[str, Any]:
    known = load("indicator_quantities").filter(indicator_id=indicator, quantity=quantity).row(0, named=True)
    version = load("indicators").filter(indicator_id=indicator)["definition_version"].item()
    return {
        "indicator": indicator,
        "definition_version": int(version),
        "quantity": quantity,
        "unit": known["unit"] or "",
        "direction": direction,
        "target": decimal(target),
        "due": date(year, 12, 31).isoformat(),
        "corridor": corridor_of(scenario),
        "source": f"plan of the scenario {scenario.id}: a proposal, promised by nobody",
        **more,
    }


def _bunkered(plan: Told, scenario: Scenario, at: list[int]) -> Iterator[dict[str, Any]]:
    green = fuel_by_port(plan, scenario).filter("green")
    for (port, fuel), rows in green.group_by("port", "fuel", maintain_order=True):
        largest = rows["mass_t"].max() or 0.0
        for year, mass in rows.filter(pl.col("year").is_in(at)).select("year", "mass_t").iter_rows():
            target = safe(mass, down=True)
            if mass < _LEAST * largest:  # type: ignore[operator]
                continue
            text = f"{_named(str(port))}: {target / 1e3:,.10g} kt of {fuel} bunkered a year by {year}"
            yield _row(
                scenario, year, indicator="I4", quantity="mass_t", target=target, text=text, mode="used",
                by=_owner(scenario, str(port)), ports=str(port),
            )  # fmt: skip


def _shore(plan: Told, scenario: Scenario, at: list[int]) -> Iterator[dict[str, Any]]:
    summed = (
        plan.shore.group_by("port", "year", maintain_order=True)
        .agg(pl.col("electricity_tj").sum())
        .sort("port", "year")
    )
    for port, year, energy in summed.filter(pl.col("year").is_in(at[:1] + at[-1:])).iter_rows():
        target = safe(energy * _MWH_PER_TJ, down=True)
        yield _row(
            scenario, year, indicator="I9", quantity="energy_mwh", target=target, mode="used", ports=port,
            by=_owner(scenario, port), text=f"{_named(port)}: {target:,.10g} MWh of shore electricity a year by {year}",
        )  # fmt: skip


def _ships(plan: Told, scenario: Scenario, at: list[int]) -> Iterator[dict[str, Any]]:
    carriers = {s.id: s.carrier or s.id for s in scenario.services}
    named = plan.ships.filter(pl.col("family") != "oil").with_columns(
        carrier=pl.col("service").replace_strict(carriers, return_dtype=pl.String)
    )
    summed = (
        named.group_by("carrier", "family", "year", maintain_order=True)
        .agg(pl.col("ships").sum())
        .sort("carrier", "family", "year")
    )
    for carrier, family, year, count in summed.filter(pl.col("year").is_in(at)).iter_rows():
        yield _row(
            scenario, year, indicator="I3", quantity="ships", target=count, by=carrier, mode="capable",
            ports=_ends(scenario), text=f"{carrier}: {_ships_n(count)} that can burn {family} by {year}",
        )  # fmt: skip


def _corridor(plan: Told, scenario: Scenario, at: list[int], baseline_t: float | None) -> Iterator[dict[str, Any]]:
    for row in years(plan, scenario).filter(pl.col("year").is_in(at)).iter_rows(named=True):
        year, share = row["year"], safe(row["green_share"], down=True)
        target = safe(row["co2e_wtw_t"], down=False)
        both: dict[str, Any] = {"by": "all partners", "ports": _ends(scenario), "mode": "used"}
        text = f"Corridor: at most {target / 1e3:,.10g} kt CO2e a year from well to wake by {year}"
        base = None if baseline_t is None else decimal(round(baseline_t))
        yield _row(scenario, year, indicator="I1", quantity="co2e_wtw_t", target=target, direction="at_most", text=text,
                   baseline=base, **both)  # fmt: skip
        if share:
            words = f"Corridor: {100 * share:.10g} % of the energy from certified green fuel by {year}"
            yield _row(scenario, year, indicator="I5", quantity="share", target=share, text=words, **both)


def _ships_n(count: int) -> str:
    return "1 ship" if count == 1 else f"{count} ships"


def safe(value: float, *, down: bool) -> float:
    """Return a value with two significant digits, on the safe side of a promise.

    Examples
    --------
    >>> safe(36_790.0, down=True), safe(36_790.0, down=False), safe(0.0, down=True)
    (36000.0, 37000.0, 0.0)
    """
    if value <= 0:
        return 0.0
    digits = DIGITS - 1 - floor(log10(value))
    scaled = round(value * 10.0**digits, 6)
    return round((floor(scaled) if down else ceil(scaled)) / 10.0**digits, max(digits, 0))


def decimal(value: float) -> str:
    """Return a number as a plain decimal.

    Examples
    --------
    >>> decimal(36000.0), decimal(0.25)
    ('36000', '0.25')
    """
    return f"{value:.6f}".rstrip("0").rstrip(".")


def corridor_of(scenario: Scenario) -> str | None:
    """Return the corridor of the table ``green_corridors`` whose ports are the ends of the scenario, if there is one.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> corridor_of(example("shanghai-los-angeles")), corridor_of(example("shanghai-hamburg"))
    ('K01', 'K06')
    """
    wanted = sorted(code for end in scenario.ends for code in end)
    rows = load("green_corridor_ports").group_by("corridor_id", maintain_order=True).agg(pl.col("locode").sort())
    return next((name for name, codes in sorted(rows.iter_rows()) if codes == wanted), None)


def _ends(scenario: Scenario) -> str:
    return "|".join(sorted(code for end in scenario.ends for code in end))


def _owner(scenario: Scenario, port: str) -> str:
    return scenario.port(port).owner or port


def _named(port: str) -> str:
    rows = ports().filter(locode=port)
    return str(rows["name"][0]).split(" (", maxsplit=1)[0] if rows.height else port
