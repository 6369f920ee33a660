"""A folder that steps share: what each step wrote, of which inputs, and what of it is out of date."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.project.manifest import sha256, versions
from sisterport.project.staging import names_in, staged
from sisterport.tables import read_file


class Step:
    """One step while it is written: a hidden folder, and at the end a manifest beside its files."""

    def __init__(self, folder: Path, place: Path, name: str) -> None:
        self.folder, self.place, self.name = folder, place, name
        self.files: list[str] = []

    def write(self, **frames: pl.DataFrame | None) -> None:
        """Write frames as Parquet and CSV; None is left out."""
        for name, frame in frames.items():
            if frame is not None:
                frame.write_parquet(self.place / f"{name}.parquet")
                frame.write_csv(self.place / f"{name}.csv")

    def close(self, *, given: Sequence[Path | None], read: Sequence[str], options: Mapping[str, Any]) -> None:
        """Write the manifest: inputs, files of earlier steps, options, versions, and every file with its hash."""
        content = {
            "step": self.name,
            "options": options,
            "inputs": [{"file": path.name, "sha256": sha256(*_files(path))} for path in given if path is not None],
            "read": {name: sha256(self.folder / name) for name in read if (self.folder / name).is_file()},
            "files": {name: sha256(self.place / name) for name in names_in(self.place)},
            "versions": versions(),
        }
        text = json.dumps(content, default=str, indent=1, sort_keys=True)
        (self.place / f"{self.name}.json").write_text(text + "\n", encoding="utf-8")
        self.files = names_in(self.place)


@contextmanager
def step(folder: Path, name: str, *, shared: Sequence[str] = ()) -> Iterator[Step]:
    """Give a step to write; at the end its files replace those of its last run, which go if they are not made again.

    Parameters
    ----------
    folder, name
        Where to write, and the name of the step.
    shared
        Files that another step may have written too: they stay.
    """
    old = set(manifest_of(folder, name).get("files", {}))
    with staged(folder) as place:
        made = Step(folder, place, name)
        yield made
        if not made.files:
            raise RuntimeError(f"step {name} was not closed")
    for gone in sorted(old - set(made.files)):
        if gone not in shared:
            (folder / gone).unlink(missing_ok=True)


def manifest_of(folder: Path, name: str) -> dict[str, Any]:
    """Return the manifest of a step; an empty one where it was not run.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        return {}
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is no manifest: {error}") from None
    return found


def frame(folder: Path, name: str, command: str) -> pl.DataFrame:
    """Return a frame of the folder.

    Parameters
    ----------
    folder, name
        Of the file.
    command
        Which command makes it: ``{}`` stands for the folder.

    Raises
    ------
    InputError
        If it is not there, saying which command makes it.
    """
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise InputError(f"no {name}.parquet in {folder}: make it with: {command.format(folder)}")
    return read_file(path)


def made_of_others(folder: Path, name: str) -> list[str]:
    """Return the files that a step read and that are no longer what it read."""
    read = manifest_of(folder, name).get("read", {})
    return [file for file, digest in read.items() if not (folder / file).is_file() or sha256(folder / file) != digest]


def _files(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*.parquet") if p.is_file()) if path.is_dir() else [path]
