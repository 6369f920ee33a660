"""One table of a project file, read key by key; faults are collected, not raised."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sisterport.errors import did_you_mean


@dataclass(slots=True)
class Section:
    """One table of the file; collects faults instead of raising."""

    name: str
    data: dict[str, Any]
    folder: Path
    faults: list[str]
    used: set[str] = field(default_factory=set)

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = None, *, needed: bool = False) -> Any:
        """Return the value of `key` if it is of the right kind."""
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
        """Return a word that is one of `choices`."""
        word = self.take(key, str, default)
        if word not in choices:
            self.faults.append(
                f"[{self.name}] {key} = '{word}' is none of {', '.join(choices)}{did_you_mean(word, choices)}"
            )
        return str(word)

    def above_zero(self, key: str, default: float | None = None) -> float | None:
        """Return a positive number."""
        number = self.take(key, (int, float), default)
        if number is not None and number <= 0:
            self.faults.append(f"[{self.name}] {key} should be above 0, is {number}")
        return None if number is None else float(number)

    def words(self, key: str, choices: Sequence[str], default: Sequence[str]) -> tuple[str, ...]:
        """Return a list of words, each one of `choices`."""
        found = self.take(key, list, list(default))
        for word in found:
            if word not in choices:
                hint = did_you_mean(str(word), choices)
                self.faults.append(f"[{self.name}] {key}: '{word}' is none of {', '.join(choices)}{hint}")
        return tuple(found)

    def mapping(self, key: str) -> dict[str, str] | None:
        """Return a table of text to text."""
        found = self.take(key, dict)
        if found is not None and not all(isinstance(text, str) for text in found.values()):
            self.faults.append(f"[{self.name}] {key} should map names to names, is {found!r}")
            return None
        return dict(found) if found is not None else None

    def file(self, key: str, *, needed: bool = False) -> Path | None:
        """Return a path that exists."""
        text: str | None = self.take(key, str, needed=needed)
        if text is None:
            return None
        path = self.folder / text
        if not path.exists():
            self.faults.append(f"[{self.name}] {key}: no such file: {path}")
        return path

    def files(self, key: str, *, needed: bool = False) -> list[Path]:
        """Return the files that a list of names and patterns stands for."""
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
        """Complain about keys that nobody asked for."""
        self.faults += [
            f"[{self.name}] unknown key '{key}'{did_you_mean(key, sorted(self.used))}"
            for key in self.data
            if key not in self.used
        ]
