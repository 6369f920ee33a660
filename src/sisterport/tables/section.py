"""One table of a TOML file, read key by key; faults are collected with their place, not raised."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sisterport.errors import ProjectError, did_you_mean

_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*["']?([\w.\- ]+?)["']?\s*=""")


@dataclass(slots=True)
class Section:
    """One table of the file; collects faults instead of raising.

    Attributes
    ----------
    name : str
        How faults call it: ``[name] key ...``.
    data : dict
        What the file has in it.
    folder : Path
        Folder that paths are relative to.
    faults : list of str
        Shared by all tables of the file.
    lines : mapping
        Line of each key, and under an empty key that of the table itself; faults begin with it where it is known.
    """

    name: str
    data: dict[str, Any]
    folder: Path
    faults: list[str]
    lines: Mapping[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def fault(self, key: str, text: str) -> None:
        """Note what is wrong with `key` (empty: with the table as a whole)."""
        line = self.lines.get(key, self.lines.get(""))
        place = "" if line is None else f"line {line}: "
        gap = "" if text.startswith(":") else " "
        self.faults.append(f"{place}[{self.name}] {key}{gap}{text}" if key else f"{place}[{self.name}] {text}")

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = None, *, needed: bool = False) -> Any:
        """Return the value of `key` if it is of the right kind."""
        self.used.add(key)
        if key not in self.data:
            if needed:
                self.fault(key, "is missing")
            return default
        found = self.data[key]
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            wanted = kind.__name__ if isinstance(kind, type) else "number"
            self.fault(key, f"should be {wanted}, is {type(found).__name__}: {found!r}")
            return default
        return found

    def one_of(self, key: str, choices: Sequence[str], default: str, *, needed: bool = False) -> str:
        """Return a word that is one of `choices`."""
        word = self.take(key, str, default, needed=needed)
        if word not in choices and (key in self.data or not needed):
            self.fault(key, f"= '{word}' is none of {', '.join(choices)}{did_you_mean(word, choices)}")
        return str(word)

    def number(
        self,
        key: str,
        default: float | None = None,
        *,
        low: float | None = None,
        high: float | None = None,
        needed: bool = False,
    ) -> float | None:
        """Return a number within bounds, which are part of it."""
        found = self.take(key, (int, float), default, needed=needed)
        if found is None:
            return None
        if (low is not None and not found >= low) or (high is not None and not found <= high):
            bounds = f"from {low:g} to {high:g}" if None not in (low, high) else f"at least {low:g}"
            self.fault(key, f"should be {bounds if low is not None else f'at most {high:g}'}, is {found:g}")
            return default
        return float(found)

    def above_zero(self, key: str, default: float | None = None, *, needed: bool = False) -> float | None:
        """Return a positive number."""
        found = self.take(key, (int, float), default, needed=needed)
        if found is not None and not found > 0:
            self.fault(key, f"should be above 0, is {found}")
        return None if found is None else float(found)

    def words(self, key: str, choices: Sequence[str], default: Sequence[str]) -> tuple[str, ...]:
        """Return a list of words, each one of `choices`."""
        found = self.take(key, list, list(default))
        for word in found:
            if word not in choices:
                self.fault(key, f": '{word}' is none of {', '.join(choices)}{did_you_mean(str(word), choices)}")
        return tuple(found)

    def mapping(self, key: str) -> dict[str, str] | None:
        """Return a table of text to text."""
        found = self.take(key, dict)
        if found is not None and not all(isinstance(text, str) for text in found.values()):
            self.fault(key, f"should map names to names, is {found!r}")
            return None
        return dict(found) if found is not None else None

    def file(self, key: str, *, needed: bool = False) -> Path | None:
        """Return a path that exists."""
        text: str | None = self.take(key, str, needed=needed)
        if text is None:
            return None
        path = self.folder / text
        if not path.exists():
            self.fault(key, f": no such file: {path}")
        return path

    def files(self, key: str, *, needed: bool = False) -> list[Path]:
        """Return the files that a list of names and patterns stands for."""
        found = self.take(key, (list, str), [], needed=needed)
        patterns = [found] if isinstance(found, str) else found
        paths = [path for pattern in patterns for path in self._expand(key, str(pattern))]
        if needed and not patterns and key in self.data:
            self.fault(key, "names no file")
        return paths

    def _expand(self, key: str, pattern: str) -> Iterator[Path]:
        plain = self.folder / pattern
        matches = (
            [plain] if plain.exists() else sorted(self.folder.glob(pattern)) if not Path(pattern).is_absolute() else []
        )
        if not matches:
            self.fault(key, f": no such file: {plain}")
        yield from matches

    def finish(self) -> None:
        """Complain about keys that nobody asked for."""
        for key in self.data:
            if key not in self.used:
                line = self.lines.get(key)
                place = "" if line is None else f"line {line}: "
                hint = did_you_mean(key, sorted(self.used))
                self.faults.append(f"{place}[{self.name}] unknown key '{key}'{hint}")


def read_toml(path: str | Path, *, remedy: str = "") -> tuple[dict[str, Any], str]:
    """Return what a TOML file holds, and its text.

    Parameters
    ----------
    path
        The file.
    remedy
        How to make one, said where there is none.

    Raises
    ------
    ProjectError
        If it is not there, or no TOML.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        return tomllib.loads(text), text
    except FileNotFoundError:
        raise ProjectError(str(path), [f"no such file{f' ({remedy})' if remedy else ''}"]) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProjectError(str(path), [f"not a TOML file that can be read: {error}"]) from None


def key_lines(text: str) -> dict[tuple[str, int], dict[str, int]]:
    r"""Return the line of every key of a TOML file, by table and its number (0 for the first of its name).

    Keys of tables within a table count as that of the key that holds them; the table's own line is under ``""``.

    Examples
    --------
    >>> key_lines("[a]\nx = 1\n[[b]]\ny = 2\n[[b]]\ny = 3\n")[("b", 1)]
    {'': 5, 'y': 6}
    """
    found: dict[tuple[str, int], dict[str, int]] = {}
    seen: dict[str, int] = {}
    here: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            name = header[1]
            seen[name] = seen.get(name, -1) + 1
            here = found.setdefault((name, seen[name]), {"": number})
        elif key := _KEY.match(line):
            here.setdefault(key[1], number)
    return found
