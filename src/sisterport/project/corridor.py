"""Corridors by files: a scenario in; its baseline and the reach of fuels out, as tables, a manifest and a page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.corridor.baseline import baseline, totals
from sisterport.corridor.baseline_ais import baseline_ais, leg_energy, read_run
from sisterport.corridor.boundary import MEANING
from sisterport.corridor.reach import FUELS, reach, served
from sisterport.corridor.reach_legs import legs_of_services, legs_of_ships
from sisterport.corridor.scenario import BOUNDARIES, RuleChoices, Scenario
from sisterport.corridor.scenario_read import read_scenario
from sisterport.errors import InputError, MethodError
from sisterport.project.steps import step
from sisterport.project.together import together
from sisterport.site import corridor as pages
from sisterport.site.corridor_parts import notes_on
from sisterport.units import HOURS_PER_DAY, MS_PER_HOUR

_RULES = ("fueleu", "ets", "netzero", "at_berth", "china", "afir")


def look(path: Path) -> dict[str, Any]:
    """Return what a scenario holds, for those who check it.

    Raises
    ------
    ProjectError
        Every fault of the file at once.
    """
    scenario = read_scenario(path)
    return {
        "scenario": scenario.name,
        "id": scenario.id,
        "ends": [list(end) for end in scenario.ends],
        "boundary": scenario.boundary,
        "boundary_means": MEANING[scenario.boundary],
        "first_year": scenario.first_year,
        "last_year": scenario.last_year,
        "services": [asdict(service) for service in scenario.services],
        "ships": sum(service.ships for service in scenario.services),
        "fuels": [fuel.id for fuel in scenario.fuels],
        "ports": [port.locode for port in scenario.ports],
        "rules": rules_in(scenario.rules),
        "cut": dict(scenario.targets.cut),
        "budget_musd": scenario.budget_musd,
        "agreements": [agreement.name for agreement in scenario.agreements],
        "futures": [future.name for future in scenario.futures],
        "guesses": [{"place": place, "key": key} for place, key in scenario.guesses],
        "notes": notes_on(scenario),
    }


def rules_in(choices: RuleChoices) -> list[str]:
    """Return the rules that a scenario takes as in force."""
    return [name for name in _RULES if getattr(choices, name)]


def baseline_files(
    path: Path,
    *,
    boundary: str | None = None,
    year: int | None = None,
    run: Path | None = None,
    cargo_share: float | None = None,
    utilisation: float | None = None,
    to: Path | None = None,
) -> dict[str, Any]:
    """Return the baseline of a scenario, and write it if asked to.

    Parameters
    ----------
    path
        Scenario.
    boundary
        One of the boundaries; None: the scenario's.
    year
        Year of the horizon, with the cargo of that year; None: the first.
    run
        Folder of one period of a run: legs that AIS saw take the place of the scenario's services.
    cargo_share, utilisation
        Of ships that AIS saw: share of corridor cargo, and cargo over slots [-].
    to
        Folder to write into; None writes nothing.

    Returns
    -------
    dict
        ``rows`` (table corridor_baseline), ``others`` (by boundary), ``left_out`` (None without a run), ``totals``,
        ``notes``, ``files``.

    Raises
    ------
    SisterportError
        Every fault of the scenario and of the run at once.
    """
    if run is None and (cargo_share is not None or utilisation is not None):
        raise MethodError("--cargo-share and --utilisation are of ships that AIS saw: they go with --run")
    if run is not None and year is not None:
        raise MethodError("--year is of the services of a scenario: it does not go with --run")
    scenario, frames = _read(path, run)
    wanted = boundary or scenario.boundary
    others: dict[str, pl.DataFrame] = {}
    left_out = None
    for limit in dict.fromkeys([wanted, *BOUNDARIES]):
        try:
            if frames is None:
                others[limit] = baseline(scenario, boundary=limit, year=year)
            else:
                found = baseline_ais(
                    **frames, ends=scenario.ends, boundary=limit, cargo_share=cargo_share, utilisation=utilisation
                )
                others[limit], lost = found.rows, found.left_out
                left_out = lost if limit == wanted else left_out
        except MethodError:
            if limit == wanted:
                raise
    rows = others.pop(wanted)
    found_all: dict[str, Any] = {"rows": rows, "others": others, "left_out": left_out, "files": []}
    said = [] if year is None else [_of_year(scenario, year)]
    found_all |= {"totals": totals(rows), "notes": [*said, *notes_on(scenario)]}
    if to is not None:
        with step(to, "baseline") as made:
            made.write(corridor_baseline=pl.concat([rows, *others.values()]), baseline_left_out=left_out)
            pages.baseline_page(
                made.place / "baseline.html", rows=rows, scenario=scenario, others=others, left_out=left_out, notes=said
            )
            options = {"boundary": wanted, "year": year, "cargo_share": cargo_share, "utilisation": utilisation}
            made.close(given=[path, run], read=(), options=options)
        found_all["files"] = made.files
    return found_all


def _of_year(scenario: Scenario, year: int) -> str:
    """Return what a baseline of a later year stands on."""
    then, now = (sum(s.teu_after(y) for s in scenario.services) for y in (year - scenario.first_year, 0))
    return (
        f"Assumed: the year is {year}, with {then:,.0f} TEU of cargo on the fullest legs ({scenario.first_year}: "
        f"{now:,.0f}), carried by the ships and at the speed of today."
    )


def reach_files(
    path: Path,
    *,
    fuels: Sequence[str] = (),
    cargo_pct: float | None = None,
    extra_calls: Sequence[str] | None = None,
    reserve: float | None = None,
    boiloff: str | None = None,
    run: Path | None = None,
    to: Path | None = None,
) -> dict[str, Any]:
    """Return how far each fuel gets, and write it if asked to.

    Parameters
    ----------
    path
        Scenario.
    fuels, cargo_pct, extra_calls, reserve, boiloff
        As in `sisterport.corridor.reach.reach`; what is not given is the scenario's.
    run, to
        As in `baseline_files`.

    Returns
    -------
    dict
        ``reach``, ``served`` (one row per leg, fuel and way), ``notes``, ``files``.

    Raises
    ------
    SisterportError
        Every fault of the scenario and of the run at once.
    """
    scenario, frames = _read(path, run)
    legs = legs_of_services(scenario) if frames is None else seen_legs(scenario, frames)
    options: dict[str, Any] = {
        "fuels": list(fuels) or list(FUELS), "cargo_pct": cargo_pct, "extra_calls": extra_calls, "reserve": reserve,
        "boiloff": boiloff,
    }  # fmt: skip
    shares, detail = reach(scenario, legs=legs, **options), served(scenario, legs=legs, **options)
    found: dict[str, Any] = {"reach": shares, "served": detail, "notes": notes_on(scenario), "files": []}
    if to is not None:
        with step(to, "reach") as made:
            made.write(reach=shares, reach_legs=detail)
            pages.reach_page(made.place / "reach.html", reach=shares, served=detail, scenario=scenario)
            made.close(given=[path, run], read=(), options=options)
        found["files"] = made.files
    return found


def _read(path: Path, run: Path | None) -> tuple[Scenario, dict[str, Any] | None]:
    """Return a scenario, and the frames of a run where one is given; the faults of both at once."""
    given = together(scenario=lambda: read_scenario(path), frames=lambda: None if run is None else read_run(run))
    return given["scenario"], given["frames"]


def seen_legs(scenario: Scenario, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the legs that AIS saw, with their energy.

    Raises
    ------
    InputError
        If there is none between known ports.
    """
    parts = {name: frames[name] for name in ("segments", "emissions", "calls", "legs")}
    span = frames["segments"].select((pl.col("end_utc").max() - pl.col("start_utc").min()).dt.total_milliseconds())
    days = (span.item() or 0) / MS_PER_HOUR / HOURS_PER_DAY
    if frames["legs"].is_empty() or not days:
        raise InputError("the run has no leg between two ports: its domain has to hold both ends of the corridor")
    return legs_of_ships(frames["legs"], leg_energy(**parts), frames["ships"], ends=scenario.ends, days=days)
