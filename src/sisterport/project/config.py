"""Read a project file; say everything that is wrong with it at once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sisterport.engines import LoadLaw, load_law
from sisterport.engines.factors import FOULINGS, WEATHERS
from sisterport.engines.laws import RESISTANCE
from sisterport.errors import ProjectError, ReferenceDataError, did_you_mean
from sisterport.inventory.ghg4 import LNG_AUX_CH4
from sisterport.inventory.long_stay import LONG_STAYS
from sisterport.inventory.methods import METHODS
from sisterport.inventory.uncertainty import DRAWS
from sisterport.project.names import slug
from sisterport.reference.ports import resolve_locode
from sisterport.tables.section import Section, read_toml

MODES = ("epa", "gfw", "ghg4", "sisterport")
AUX_TABLES = {"ghg4": ("ghg4", "ghg3", "starcrest2016"), "epa": ("ghg3", "starcrest2016")}
_OWN_OPTIONS = {"ghg4": ("weather", "fouling", "lng_aux_ch4", "slip_low_load"), "epa": ("load_based_bsfc",)}
_FEWEST_DRAWS = 100  # below, the ends of a band jump from seed to seed
GWP_SETS = ("AR4", "AR5", "AR6")
PASSAGES = (
    "babalmandab",
    "bering",
    "bosporus",
    "chili",
    "dardanelles",
    "gibraltar",
    "malacca",
    "northwest",
    "ormuz",
    "panama",
    "south_africa",
    "suez",
    "sunda",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodConfig:
    """One period of a project."""

    name: str
    positions: list[Path]
    layout: str | None = None
    columns: Mapping[str, str] | None = None
    shore_power: Path | None = None
    note: str = ""
    synthetic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodConfig:
    """The choices of a project; every one stands in the manifest and the report."""

    name: str = "ghg4"
    modes: str = "sisterport"
    load_law: str = "ghg4"
    aux_table: str = "ghg4"
    gwp: str = "AR5"
    year: int | None = None
    tier3_everywhere: bool = False
    unverified_zones: bool = False
    weather: str = "method"
    fouling: str = "method"
    long_stay: str = "none"
    lng_aux_ch4: str = "engine"
    slip_low_load: bool = False
    load_based_bsfc: bool = False
    closed_passages: tuple[str, ...] = ("northwest",)
    hole_h: float | None = None
    cell_deg: float = 0.01
    draws: int = DRAWS
    seed: int = 1

    @property
    def law(self) -> LoadLaw:
        """The load law; of a resistance model, with the factors and limits of the method's own law."""
        return load_law(self.load_law, cubic=METHODS[self.name].load_laws[0] if self.load_law in RESISTANCE else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectConfig:
    """A project file, checked, with absolute paths."""

    path: Path
    name: str
    locode: str
    output: Path
    areas: list[Path]
    domain: str
    periods: list[PeriodConfig]
    method: MethodConfig
    port_discs: bool = False
    register: Path | None = None
    other_sources: Path | None = None


def read_project(path: str | Path) -> ProjectConfig:
    """Return the checked project file at `path`.

    Raises
    ------
    ProjectError
        Listing every fault: what cannot be read, missing and unknown keys, wrong kinds, files that are not there.
    """
    data, _ = read_toml(path, remedy=f"make one with: sisterport new {path}")
    file = Path(path).resolve()
    faults: list[str] = []
    known = ("project", "areas", "register", "method", "period", "other_sources")
    faults += [f"unknown section [{name}]{did_you_mean(name, known)}" for name in data if name not in known]

    def section(name: str) -> Section:
        content = data.get(name, {})
        if not isinstance(content, dict):
            faults.append(f"[{name}] should be a section")
            content = {}
        return Section(name, content, file.parent, faults)

    project, areas, register, other = map(section, ("project", "areas", "register", "other_sources"))
    config = ProjectConfig(
        path=file,
        name=project.take("name", str, "", needed=True),
        locode=_locode(project),
        output=file.parent / project.take("output", str, "out"),
        areas=areas.files("files", needed=True),
        domain=areas.take("domain", str, "", needed=True),
        port_discs=areas.take("port_discs", bool, default=False),
        register=register.file("file"),
        other_sources=other.file("file"),
        method=_method(section("method")),
        periods=_periods(data, file.parent, faults),
    )
    for part in (project, areas, register, other):
        part.finish()
    if faults:
        raise ProjectError(str(path), faults)
    return config


def _locode(project: Section) -> str:
    code = project.take("locode", str, "", needed=True)
    try:
        return resolve_locode(code) if code else ""
    except ReferenceDataError as error:
        project.faults.append(f"[project] locode: {error}")
        return ""


def _method(part: Section) -> MethodConfig:
    name = part.one_of("name", tuple(sorted(METHODS)), "ghg4")
    laws = METHODS.get(name, METHODS["ghg4"]).load_laws
    tables = AUX_TABLES.get(name, AUX_TABLES["ghg4"])
    config = MethodConfig(
        name=name,
        modes=part.one_of("modes", MODES, "sisterport"),
        load_law=part.one_of("load_law", laws, laws[0]),
        aux_table=part.one_of("aux_table", tables, tables[0]),
        gwp=part.one_of("gwp", GWP_SETS, "AR5"),
        year=part.take("year", int),
        tier3_everywhere=part.take("tier3_everywhere", bool, default=False),
        weather=part.one_of("weather", WEATHERS, "method"),
        fouling=part.one_of("fouling", FOULINGS, "method"),
        long_stay=part.one_of("long_stay", LONG_STAYS, "none"),
        lng_aux_ch4=part.one_of("lng_aux_ch4", LNG_AUX_CH4, "engine"),
        slip_low_load=part.take("slip_low_load", bool, default=False),
        unverified_zones=part.take("unverified_zones", bool, default=False),
        load_based_bsfc=part.take("load_based_bsfc", bool, default=False),
        closed_passages=part.words("closed_passages", PASSAGES, ("northwest",)),
        hole_h=part.above_zero("hole_h"),
        cell_deg=part.above_zero("cell_deg", 0.01) or 0.01,
        draws=part.take("draws", int, DRAWS),
        seed=part.take("seed", int, 1),
    )
    part.faults.extend(_of_the_other_method(config))
    if config.draws < _FEWEST_DRAWS and config.draws != 0:
        part.faults.append(f"[method] draws should be 0 (no bands) or at least {_FEWEST_DRAWS}, is {config.draws}")
    part.finish()
    return config


def _of_the_other_method(config: MethodConfig) -> list[str]:
    """Return the options that the method does not have."""
    plain = MethodConfig()
    return [
        f"[method] {key} is an option of the method '{owner}', not of '{config.name}'"
        for owner, keys in _OWN_OPTIONS.items()
        for key in keys
        if owner != config.name and config.name in METHODS and getattr(config, key) != getattr(plain, key)
    ]


def _periods(data: dict[str, Any], folder: Path, faults: list[str]) -> list[PeriodConfig]:
    tables = data.get("period", [])
    if not isinstance(tables, list) or not tables:
        faults.append("no [[period]]: at least one is needed")
        return []
    periods = []
    for number, table in enumerate(tables, start=1):
        part = Section(f"period {number}", table, folder, faults)
        periods.append(
            PeriodConfig(
                name=part.take("name", str, f"period {number}", needed=True),
                positions=part.files("positions", needed=True),
                layout=part.take("layout", str),
                columns=part.mapping("columns"),
                shore_power=part.file("shore_power"),
                note=part.take("note", str, ""),
                synthetic=part.take("synthetic", bool, default=False),
            )
        )
        part.finish()
    counts = Counter(slug(period.name) for period in periods)
    faults += [
        f"[period {n}] name '{p.name}' has no letter or digit" for n, p in enumerate(periods, 1) if not slug(p.name)
    ]
    faults += [
        f"[[period]] {n} periods would share the folder '{name}'" for name, n in counts.items() if name and n > 1
    ]
    return periods
