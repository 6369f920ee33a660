"""Several inputs read together: if some cannot be read, one error tells the faults of all."""

from collections.abc import Callable
from typing import Any

from sisterport.errors import InputError, SisterportError


def together(**readers: Callable[[], Any]) -> dict[str, Any]:
    """Return what each reader returns; if some fail, one error tells the faults of all.

    Raises
    ------
    InputError
        With the message of every reader that failed.

    Examples
    --------
    >>> together(a=lambda: 1, b=lambda: 2)
    {'a': 1, 'b': 2}
    """
    found, wrong = {}, []
    for name, reader in readers.items():
        try:
            found[name] = reader()
        except SisterportError as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        raise InputError("\n".join(map(str, wrong)))
    return found
