"""Policies simulated by files: a synthetic port or a run's own calls in; tables, a manifest and a page out."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sisterport.berths.simulate import Policy
from sisterport.berths.study import CALLS, SEEDS, UTILISATION, Study, study
from sisterport.berths.visits import read_run_visits
from sisterport.berths.world import Port, calibrate, synthetic_port
from sisterport.errors import InputError
from sisterport.project.berths_read import read_ships
from sisterport.project.steps import step
from sisterport.site import berths as pages

STEP = "simulation"
"""Name of manifest and page."""
NOTICE_H = (12.0, 24.0, 48.0, 72.0)
"""Usual notice horizons [h]."""
YEAR = 2026
"""Year of rules and fuels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What policies did, and what was written of it.

    Attributes
    ----------
    study : Study
        Runs, summary, and what it rests on.
    port : Port
        The port.
    files : list of str
        Files that were written.
    """

    study: Study
    port: Port
    files: list[str] = field(default_factory=list)


def simulate_files(
    *,
    run: Path | None = None,
    terminal: str | None = None,
    notice_h: Sequence[float] = NOTICE_H,
    utilisation: float = UTILISATION,
    seeds: int = SEEDS,
    calls: int = CALLS,
    eta_times: float = 1.0,
    first_seed: int = 0,
    workers: int | None = None,
    to: Path | None = None,
) -> Simulated:
    """Return what first come first served, a plan, and just-in-time requests do to the same ships.

    Parameters
    ----------
    run
        Folder of a run whose calls, berths and ships the port is made of; None: the synthetic port.
    terminal
        Of that run, only calls there.
    notice_h
        Notice horizons [h].
    utilisation, seeds, calls, eta_times, first_seed
        As in `sisterport.berths.study.study`.
    workers
        Processes; as many as there are cores if not given.
    to
        Folder to write into; None writes nothing.

    Raises
    ------
    SisterportError
        If there are too few calls to make a port of, or the choices make no sense.
    """
    if not notice_h or min(notice_h) <= 0:
        raise InputError("notice horizons are hours above 0, e.g. 12,24,48,72")
    if run is None and terminal is not None:
        raise InputError("--terminal goes with --run: calls of a run at one terminal")
    port = synthetic_port(year=YEAR) if run is None else _own(run, terminal)
    policies = [Policy(kind="fcfs"), Policy(kind="plan"), *(Policy(kind="jit", notice_h=h) for h in sorted(notice_h))]
    cores = min(seeds, os.cpu_count() or 1) if workers is None else workers
    found = study(
        port,
        utilisation=utilisation,
        seeds=seeds,
        calls=calls,
        policies=policies,
        eta_times=eta_times,
        first_seed=first_seed,
        workers=cores,
    )
    made = Simulated(study=found, port=port)
    if to is not None:
        options = {
            "run": run and run.name,
            "terminal": terminal,
            "notice_h": list(notice_h),
            "calls": calls,
            "utilisation": utilisation,
            "seeds": seeds,
            "first_seed": first_seed,
            "eta_times": eta_times,
        }
        with step(to, STEP) as place:
            place.write(simulated_runs=found.runs, simulated=found.summary, stated=found.stated)
            title = f"Policies at {'a' if run is None else 'the'} {port.name}"
            pages.simulation_page(place.place / f"{STEP}.html", study=found, title=title, notes=_notes(run))
            place.close(given=[run], read=(), options=options)
        made.files.extend(place.files)
    return made


def _own(run: Path, terminal: str | None) -> Port:
    """Return the port of a run.

    Raises
    ------
    InputError
        If too few calls were seen whole: how many there are, and how many are needed.
    """
    made = calibrate(read_run_visits(run).visits, read_ships(run), terminal=terminal, year=YEAR)
    if made.port is None:
        raise InputError(f"{run} is no port to simulate: {made.reason}; without --run the synthetic port is simulated")
    return made.port


def _notes(run: Path | None) -> list[str]:
    return ["Synthetic: berths, ships, arrivals and handling times are drawn at random."] if run is None else []
