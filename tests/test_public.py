"""The public surface is what it says it is, and importing it costs nothing."""

import subprocess
import sys

import pytest

import sisterport
from sisterport import errors


def test_every_public_name_is_there():
    for name in sisterport.__all__:
        assert getattr(sisterport, name) is not None


def test_all_is_sorted_and_complete():
    assert sisterport.__all__[1:] == sorted(sisterport.__all__[1:])
    assert dir(sisterport) == sisterport.__all__


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        sisterport.no_such_name  # noqa: B018


def test_errors_form_one_tree():
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, Exception)]
    assert all(issubclass(c, errors.SisterportError) for c in classes)
    assert all(c.__name__ in errors.__doc__ for c in classes if not c.__name__.startswith("_"))


def _modules_after(code: str) -> set[str]:
    out = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(out.stdout.split())


def test_importing_the_package_loads_no_heavy_library():
    heavy = {"numpy", "polars", "numba", "pyarrow", "shapely", "typer", "jinja2"}
    assert not heavy & _modules_after("import sisterport")


def test_help_loads_no_heavy_library():
    heavy = {"numpy", "polars", "numba", "pyarrow", "shapely", "jinja2", "vl_convert"}
    assert not heavy & _modules_after("import sisterport.cli.app")


def test_functions_stay_functions_when_modules_of_the_same_name_are_imported():
    code = "import sisterport, sisterport.voyages.segments, sisterport.ais.clean, sisterport.inventory.emissions"
    check = "print(all(map(callable, (sisterport.segments, sisterport.calls, sisterport.clean, sisterport.emissions))))"
    out = subprocess.run([sys.executable, "-c", f"{code}; {check}"], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "True"
