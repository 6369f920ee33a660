"""The room's front: every name is there, costs nothing until it is used, and stays what it is."""

import subprocess
import sys

import pytest

from sisterport import corridor


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_every_name_is_there_and_stands_in_order():
    assert corridor.__all__ == sorted(corridor.__all__)
    assert dir(corridor) == corridor.__all__
    assert {"read_scenario", "baseline", "reach", "problem_of", "solve", "plan", "verify"} <= set(corridor.__all__)
    for name in corridor.__all__:
        found = getattr(corridor, name)
        assert callable(found) or name.isupper(), name


def test_importing_the_room_loads_no_heavy_library():
    heavy = {"numpy", "polars", "highspy", "numba", "shapely", "pyarrow"}
    loaded = set(python("import sys, sisterport.corridor; print(' '.join(sys.modules))").split())
    assert not heavy & loaded


def test_functions_stay_functions_when_modules_of_their_names_are_imported():
    modules = ", ".join(f"sisterport.corridor.{name}" for name in ("plan", "verify", "baseline", "solve", "reach"))
    names = "c.plan, c.verify, c.baseline, c.solve, c.reach"
    before = f"import {modules}; import sisterport.corridor as c; print(all(map(callable, ({names}))))"
    after = f"import sisterport.corridor as c; {names}; import {modules}; print(all(map(callable, ({names}))))"
    assert python(before) == python(after) == "True"


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        corridor.no_such_name  # noqa: B018
