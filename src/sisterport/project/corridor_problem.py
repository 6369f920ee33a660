"""The arrays of a corridor's problem as a file: a plan can be verified where its scenario's other files are not."""

import io
import json
import math
from dataclasses import fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from sisterport.corridor.problem import Account, Pledge, Problem, check
from sisterport.errors import InputError, SisterportError

NAME = "problem.npz"
_GROUPS = {"accounts": Account, "pledges": Pledge}


def write_problem(path: Path, problem: Problem) -> None:
    """Write a problem: the same problem gives the same bytes."""
    plain, arrays = _parts(problem, "")
    for name in _GROUPS:
        plain[name] = []
        for number, one in enumerate(getattr(problem, name)):
            words, inner = _parts(one, f"{name}/{number}/")
            plain[name].append(words)
            arrays |= inner
    arrays["plain"] = np.frombuffer(json.dumps(plain, sort_keys=True).encode(), np.uint8)
    with io.BytesIO() as buffer:
        np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type,unused-ignore]
        path.write_bytes(buffer.getvalue())


def _parts(thing: Any, prefix: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what of a dataclass is no array, and the arrays by their names."""
    plain, arrays = {}, {}
    for field in fields(thing):
        value = getattr(thing, field.name)
        if isinstance(value, np.ndarray):
            arrays[prefix + field.name] = value
        elif field.name not in _GROUPS:
            plain[field.name] = dict(value) if field.name == "words" else value
    return plain, arrays


def read_problem(path: Path) -> Problem:
    """Return a problem from its file.

    Raises
    ------
    InputError
        If the file is not there or does not hold one.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            arrays = dict(file)
        plain = json.loads(arrays.pop("plain").tobytes())
        for name, made in _GROUPS.items():
            plain[name] = tuple(
                made(
                    **words,
                    **{key.split("/")[2]: a for key, a in arrays.items() if key.startswith(f"{name}/{number}/")},
                )
                for number, words in enumerate(plain[name])
            )
        lists = {key: tuple(value) for key, value in plain.items() if isinstance(value, list)}
        return check(Problem(**plain | lists, **{key: a for key, a in arrays.items() if "/" not in key}))
    except FileNotFoundError:
        raise InputError(f"no {path.name} in {path.parent}: make it with: sisterport corridor plan") from None
    except (OSError, ValueError, KeyError, TypeError, BadZipFile, SisterportError) as error:
        raise InputError(f"{path} holds no problem of a corridor: {error}") from None


def differences(one: Problem, other: Problem) -> list[str]:
    """Return the names of what differs between two problems."""
    found = [
        f.name
        for f in fields(Problem)
        if f.name not in _GROUPS and not _same(getattr(one, f.name), getattr(other, f.name))
    ]
    for name in _GROUPS:
        left, right = getattr(one, name), getattr(other, name)
        same = len(left) == len(right) and all(
            _same(getattr(a, f.name), getattr(b, f.name)) for a, b in zip(left, right, strict=True) for f in fields(a)
        )
        found += [] if same else [name]
    return found


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-9, equal_nan=True))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    return bool(one == other)
