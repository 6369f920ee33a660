"""The corridors that ship with the package, and the commented file that a new scenario starts from."""

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from sisterport.corridor.scenario import Scenario
from sisterport.corridor.scenario_read import read_scenario
from sisterport.errors import InputError, choose

EXAMPLES = ("shanghai-hamburg", "shanghai-los-angeles", "singapore-los-angeles")
"""Names of the corridors that ship with the package; their services are representative, no list of real ones."""

_TEMPLATE = "new"


def example_path(name: str) -> Path:
    """Return the file of an example.

    Raises
    ------
    MethodError
        If there is no such example.

    Examples
    --------
    >>> example_path("shanghai-hamburg").name
    'shanghai-hamburg.toml'
    """
    choose("example corridor", name, (*EXAMPLES, _TEMPLATE))
    with as_file(files("sisterport.corridor").joinpath("examples", f"{name}.toml")) as file:
        return file


@cache
def example(name: str) -> Scenario:
    """Return an example, read and checked.

    Examples
    --------
    >>> example("shanghai-hamburg").name
    'Shanghai - Hamburg'
    """
    return read_scenario(example_path(name))


def write_new(path: str | Path, *, example: str = _TEMPLATE) -> Path:
    """Write a commented scenario to start from, or one of the examples; nothing is overwritten.

    Parameters
    ----------
    path
        File to write.
    example
        ``new``, the commented file with every key, or a name of `EXAMPLES`.

    Raises
    ------
    InputError
        If the file is there already, or cannot be written.
    MethodError
        If there is no such example.
    """
    text = example_path(example).read_text(encoding="utf-8")
    target = Path(path)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"{target} is there already: nothing was overwritten") from None
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}") from None
    return target
