"""Every error that Sisterport raises on purpose.

::

    SisterportError            base of all; the CLI prints it and exits with code 2
    ├── InputError             a file, frame, column or value from outside is wrong
    │   ├── SchemaError        a frame does not fit its table (lists every fault)
    │   ├── ProjectError       a project file is wrong (lists every fault)
    │   ├── NoPlanError        no corridor plan holds all requirements (corridor.solved)
    │   ├── LedgerError        an entry breaks the rules of the ledger (network.rights)
    │   ├── TokenError         a token opens nothing, or not this (network.tokens)
    │   ├── RemoteError        a coalition's server did not answer, or refused (network.client)
    │   └── BodyError          the body of a request is not what it says (exchange.http)
    ├── ReferenceDataError     a constant or code is not in the reference tables
    └── MethodError            options that do not go together
"""

from collections.abc import Sequence
from difflib import get_close_matches


class SisterportError(Exception):
    """Base of all errors of this package."""


class InputError(SisterportError):
    """Something that came from outside is wrong."""


class _FaultListError(InputError):
    """An input error that lists every fault at once."""

    def __init__(self, what: str, faults: Sequence[str]) -> None:
        self.what = what
        self.faults = list(faults)
        count = f"{len(self.faults)} fault" + ("s" if len(self.faults) != 1 else "")
        super().__init__("\n".join([f"{what}: {count}", *(f"  - {fault}" for fault in self.faults)]))


class SchemaError(_FaultListError):
    """A frame does not fit its table; ``faults`` lists everything that is wrong."""


class ProjectError(_FaultListError):
    """A project file is wrong; ``faults`` lists everything that is wrong."""


class ReferenceDataError(SisterportError):
    """A constant, code or table is not in the reference data."""


class MethodError(SisterportError):
    """Options that exclude each other, or an unknown choice."""


def did_you_mean(word: str, choices: Sequence[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the choice nearest to `word`, or an empty string."""
    near = get_close_matches(word, list(choices), n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""


def choose(kind: str, word: str, choices: Sequence[str]) -> str:
    """Return `word` if it is one of `choices`.

    Raises
    ------
    MethodError
        If it is not; the message lists the choices.
    """
    if word in choices:
        return word
    raise MethodError(f"unknown {kind} '{word}'{did_you_mean(word, choices)}; choose from {', '.join(choices)}")
