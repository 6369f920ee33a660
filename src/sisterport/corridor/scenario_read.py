"""Read a scenario file; say everything that is wrong with it at once, with the line and a remedy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sisterport.corridor import scenario_tables as tables
from sisterport.corridor.build_shore import MATCH_FRAMES
from sisterport.corridor.scenario import BOUNDARIES, Scenario, Targets
from sisterport.corridor.scenario_checks import check_whole
from sisterport.corridor.scenario_part import Part
from sisterport.errors import ProjectError, did_you_mean
from sisterport.reference import load
from sisterport.tables.section import key_lines, read_toml
from sisterport.voyages.seagraph import PASSAGES

SINGLE = ("corridor", "horizon", "ships", "rules", "targets", "budget", "reach", "shore_power", "register")
LISTS = ("service", "fuel", "supply", "port", "agreement", "future", "transfer")
_NEEDED = ("corridor", "horizon", "ships", "service", "fuel", "port")

T = TypeVar("T")


class _File:
    """The tables of one file and what is wrong with them."""

    def __init__(self, path: str | Path, beside: Path | None) -> None:
        self.data, text = read_toml(path, remedy=f"make one with: sisterport corridor new {path}")
        self.path = Path(path).resolve()
        self.folder = self.path.parent if beside is None else beside.resolve()
        self.named: list[Path] = []
        self.lines = key_lines(text)
        self.faults: list[str] = []
        self.guesses: list[tuple[str, str]] = []
        self.sources: list[tuple[str, str]] = []
        known = (*SINGLE, *LISTS)
        for name in self.data:
            if name not in known:
                line = self.lines.get((name, 0), {}).get("")
                place = f"line {line}: " if line else ""
                self.faults.append(f"{place}unknown section [{name}]{did_you_mean(name, known)}")
        for name in _NEEDED:
            if not self.data.get(name):
                shown = f"[[{name}]]" if name in LISTS else f"[{name}]"
                self.faults.append(f"no {shown}: at least one is needed")

    def single(self, name: str, make: Callable[[Part], T]) -> T:
        """Return what `make` reads from the table `name`, which may be absent."""
        content = self.data.get(name, {})
        if not isinstance(content, dict):
            self.faults.append(f"[{name}] should be a section, written once as [{name}]")
            content = {}
        return self._made(Part(name, content, self.folder, self.faults, self.lines.get((name, 0), {})), make)

    def many(self, name: str, make: Callable[[Part], T]) -> tuple[T, ...]:
        """Return what `make` reads from each of the tables ``[[name]]``."""
        found = self.data.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.faults.append(f"[{name}] should be written with double brackets, [[{name}]], once for each")
            return ()
        parts = []
        for number, content in enumerate(found):
            called = next((str(content[key]) for key in ("id", "locode", "name") if key in content), str(number + 1))
            lines = self.lines.get((name, number), {})
            parts.append(self._made(Part(f"{name} {called}", content, self.folder, self.faults, lines), make))
        return tuple(parts)

    def _made(self, part: Part, make: Callable[[Part], T]) -> T:
        made = make(part)
        guesses, sources = part.passport()
        self.guesses += guesses
        self.sources += sources
        self.named += part.named
        part.finish()
        return made


def read_scenario(path: str | Path, *, beside: Path | None = None) -> Scenario:
    """Return the checked scenario in a file.

    Parameters
    ----------
    path
        TOML file; ``sisterport corridor new`` writes a commented one.
    beside
        Folder that names of other files start from; None: that of the file.

    Raises
    ------
    ProjectError
        Listing every fault with its line: unknown sections, keys, ports, fuels; values of a wrong kind or out of range;
        what does not fit together (supply of a fuel that is not there, schedules that no speed can keep, cargo that the
        ships cannot carry, years outside the horizon).

    Examples
    --------
    >>> from sisterport.corridor.examples import example_path
    >>> scenario = read_scenario(example_path("shanghai-los-angeles"))
    >>> scenario.ends, len(scenario.services) > 0
    ((('CNSGH',), ('USLAX', 'USLGB')), True)
    """
    file = _File(path, beside)
    register = file.single("register", tables.register)
    fields: dict[str, Any] = {
        **file.single("corridor", _corridor),
        **file.single("horizon", _horizon),
        **file.single("budget", lambda part: {"budget_musd": part.number("musd", low=0.0)}),
        **file.single("reach", _reach),
        **file.single("shore_power", _shore_power),
        "ships": file.single("ships", tables.ship_facts),
        "services": file.many("service", lambda part: tables.service(part, register)),
        "fuels": file.many("fuel", tables.fuel),
        "supply": file.many("supply", tables.supply),
        "ports": file.many("port", tables.port),
        "rules": file.single("rules", tables.rules),
        "targets": file.single("targets", _targets),
        "agreements": file.many("agreement", tables.agreement),
        "futures": file.many("future", tables.future),
        "transfers": file.many("transfer", tables.transfer),
    }
    fields |= {name: tuple(getattr(file, name)) for name in ("guesses", "sources", "named")}
    scenario = Scenario(path=file.path, **fields)
    # what does not fit together can only be told once every table is as it should be
    faults = file.faults or check_whole(scenario, file.lines)
    if faults:
        raise ProjectError(str(path), sorted(faults, key=_by_line))
    return scenario


def _by_line(fault: str) -> int:
    """Return the line that a fault names; those without one go first."""
    first = fault.split(":", maxsplit=1)[0]
    return int(first.removeprefix("line ")) if first.startswith("line ") else 0


def _corridor(part: Part) -> dict[str, Any]:
    thresholds = load("fuel_thresholds")["threshold"].unique(maintain_order=True).to_list()
    return {
        "id": part.text("id"),
        "name": part.text("name"),
        "note": part.take("note", str, ""),
        "ends": part.ends(),
        "boundary": part.one_of("boundary", BOUNDARIES, "string"),
        "representative": part.take("representative_services", bool, default=False),
        "threshold": part.one_of("green_threshold", thresholds, "red_70"),
        "gwp": part.one_of("gwp", load("gwp_sets")["gwp_set"].to_list(), "AR5"),
        "closed": part.words("closed_passages", PASSAGES, ("northwest",)),
    }


def _horizon(part: Part) -> dict[str, Any]:
    first, last = part.year("first_year", needed=True), part.year("last_year", needed=True)
    if first is not None and last is not None and last < first:
        part.fault("last_year", f"= {last} is before first_year = {first}")
    return {
        "first_year": first or 0,
        "last_year": last or 0,
        "discount_rate": part.number("discount_rate", low=0.0, high=0.5, needed=True),
        "usd_year": part.year("usd_year", needed=True) or 0,
    }


def _reach(part: Part) -> dict[str, Any]:
    return {
        "extra_calls": part.locodes("extra_calls"),
        "cargo_pct": part.number("cargo_pct", 5.0, low=0.0, high=100.0),
    }


def _shore_power(part: Part) -> dict[str, Any]:
    folder = part.file("folder")
    missing = [f"{name}.parquet" for name in MATCH_FRAMES if folder and not (folder / f"{name}.parquet").is_file()]
    if folder and folder.exists() and missing:
        remedy = f"make them with: sisterport shorepower match {part.data['folder']} --stays ..."
        part.fault("folder", f": {', '.join(missing)} missing in {folder}; {remedy}")
    elif folder and folder.exists():
        part.named += [folder / f"{name}.parquet" for name in MATCH_FRAMES]
    return {"shore_folder": folder}


def _targets(part: Part) -> Targets:
    kind = part.one_of("kind", ("hard", "priced"), "hard")
    price = part.above_zero("usd_per_t", needed=kind == "priced")
    if kind == "hard" and price is not None:
        part.fault("usd_per_t", 'is of targets with kind = "priced"; a hard target has no price')
    return Targets(
        cut=part.steps("cut", high=1.0),
        measure=part.one_of("measure", ("wtw", "ttw"), "wtw"),
        kind=kind,
        usd_per_t=price,
    )
