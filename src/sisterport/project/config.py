"""Read a project file; say everything that is wrong with it at once."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sisterport.errors import ProjectError, ReferenceDataError, did_you_mean
from sisterport.reference.ports import resolve_locode

METHODS = ("epa", "ghg4")
MODES = ("epa", "gfw", "ghg4", "sisterport")
GWP_SETS = ("AR4", "AR5", "AR6")


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
class ProjectConfig:
    """A project file, checked, with absolute paths."""

    path: Path
    name: str
    locode: str
    output: Path
    areas: list[Path]
    domain: str
    periods: list[PeriodConfig]
    port_discs: bool = False
    register: Path | None = None
    other_sources: Path | None = None
    method: str = "ghg4"
    modes: str = "sisterport"
    gwp: str = "AR5"
    hole_h: float | None = None
    cell_deg: float = 0.01


@dataclass(slots=True)
class _Section:
    """One table of the file; collects faults instead of raising."""

    name: str
    data: dict[str, Any]
    folder: Path
    faults: list[str]
    used: set[str] = field(default_factory=set)

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = None, *, needed: bool = False) -> Any:
        self.used.add(key)
        if key not in self.data:
            if needed:
                self.faults.append(f"[{self.name}] {key} is missing")
            return default
        found = self.data[key]
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            wanted = kind.__name__ if isinstance(kind, type) else "number"
            self.faults.append(f"[{self.name}] {key} should be {wanted}, is {type(found).__name__}: {found!r}")
            return default
        return found

    def one_of(self, key: str, choices: tuple[str, ...], default: str) -> str:
        word = self.take(key, str, default)
        if word not in choices:
            self.faults.append(
                f"[{self.name}] {key} = '{word}' is none of {', '.join(choices)}{did_you_mean(word, choices)}"
            )
        return str(word)

    def file(self, key: str, *, needed: bool = False) -> Path | None:
        text: str | None = self.take(key, str, needed=needed)
        if text is None:
            return None
        path = self.folder / text
        if not path.exists():
            self.faults.append(f"[{self.name}] {key}: no such file: {path}")
        return path

    def files(self, key: str, *, needed: bool = False) -> list[Path]:
        found = self.take(key, (list, str), [], needed=needed)
        patterns = [found] if isinstance(found, str) else found
        paths = [path for pattern in patterns for path in self._expand(key, str(pattern))]
        if needed and not patterns and key in self.data:
            self.faults.append(f"[{self.name}] {key} names no file")
        return paths

    def _expand(self, key: str, pattern: str) -> Iterator[Path]:
        plain = self.folder / pattern
        matches = (
            [plain] if plain.exists() else sorted(self.folder.glob(pattern)) if not Path(pattern).is_absolute() else []
        )
        if not matches:
            self.faults.append(f"[{self.name}] {key}: no such file: {plain}")
        yield from matches

    def finish(self) -> None:
        self.faults += [
            f"[{self.name}] unknown key '{key}'{did_you_mean(key, sorted(self.used))}"
            for key in self.data
            if key not in self.used
        ]


def read_project(path: str | Path) -> ProjectConfig:
    """Return the checked project file at `path`.

    Raises
    ------
    ProjectError
        Listing every fault: what cannot be read, missing and unknown keys, wrong kinds, files that are not there.
    """
    file = Path(path).resolve()
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(str(path), [f"no such file (make one with: sisterport new {path})"]) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProjectError(str(path), [f"not a TOML file that can be read: {error}"]) from None
    faults: list[str] = []
    known = ("project", "areas", "register", "method", "period", "other_sources")
    faults += [f"unknown section [{name}]{did_you_mean(name, known)}" for name in data if name not in known]

    def section(name: str) -> _Section:
        content = data.get(name, {})
        if not isinstance(content, dict):
            faults.append(f"[{name}] should be a section")
            content = {}
        return _Section(name, content, file.parent, faults)

    project, areas, register, method, other = map(section, ("project", "areas", "register", "method", "other_sources"))
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
        method=method.one_of("name", METHODS, "ghg4"),
        modes=method.one_of("modes", MODES, "sisterport"),
        gwp=method.one_of("gwp", GWP_SETS, "AR5"),
        hole_h=_positive(method, "hole_h", None),
        cell_deg=_positive(method, "cell_deg", 0.01) or 0.01,
        periods=_periods(data, file.parent, faults),
    )
    for part in (project, areas, register, method, other):
        part.finish()
    if faults:
        raise ProjectError(str(path), faults)
    return config


def _locode(project: _Section) -> str:
    code = project.take("locode", str, "", needed=True)
    try:
        return resolve_locode(code) if code else ""
    except ReferenceDataError as error:
        project.faults.append(f"[project] locode: {error}")
        return ""


def _positive(part: _Section, key: str, default: float | None) -> float | None:
    number = part.take(key, (int, float), default)
    if number is not None and number <= 0:
        part.faults.append(f"[{part.name}] {key} should be above 0, is {number}")
    return None if number is None else float(number)


def _periods(data: dict[str, Any], folder: Path, faults: list[str]) -> list[PeriodConfig]:
    tables = data.get("period", [])
    if not isinstance(tables, list) or not tables:
        faults.append("no [[period]]: at least one is needed")
        return []
    periods = []
    for number, table in enumerate(tables, start=1):
        part = _Section(f"period {number}", table, folder, faults)
        periods.append(
            PeriodConfig(
                name=part.take("name", str, f"period {number}", needed=True),
                positions=part.files("positions", needed=True),
                layout=part.take("layout", str),
                columns=part.take("columns", dict),
                shore_power=part.file("shore_power"),
                note=part.take("note", str, ""),
                synthetic=part.take("synthetic", bool, default=False),
            )
        )
        part.finish()
    names = [period.name for period in periods]
    faults += [
        f"[[period]] two periods are named '{name}'" for name in sorted({n for n in names if names.count(n) > 1})
    ]
    return periods
