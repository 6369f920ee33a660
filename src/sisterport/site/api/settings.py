"""Settings of the server, from options or from the environment; nothing is read from anywhere else."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from sisterport.errors import InputError
from sisterport.network.keys import is_hex

LOGS = ("json", "text", "none")
"""How requests are logged."""
_PREFIX = "SISTERPORT_"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the server is told; each name with ``SISTERPORT_`` before it is a variable of the environment.

    Attributes
    ----------
    database
        SQLite file or ``postgresql://...``.
    base_url
        How the server is called from outside, for links.
    page
        Most entries in one answer.
    per_minute
        Requests that one address may make in a minute without a good token; a token has its own number. Counted by
        each worker for itself.
    largest_body
        Of a request [bytes].
    log
        One of `LOGS`.
    bearer_s
        How long a bearer from ``POST /oauth/token`` lasts [s].
    server_key
        32 bytes in hexadecimal that seal bearers: the same for all workers. Bearers end when it is a new one, as it
        is at every start unless it is set.

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> Settings(database="network.db", page=0, log="loud")
    Traceback (most recent call last):
    sisterport.errors.InputError: page is a whole number from 1, not 0; log is one of json, text, none, not 'loud'
    """

    database: str
    base_url: str = "http://127.0.0.1:8080"
    page: int = 500
    per_minute: int = 600
    largest_body: int = 2**20
    log: str = "json"
    bearer_s: int = 900
    server_key: str = field(default_factory=lambda: secrets.token_hex(_KEY_BYTES), repr=False)

    def __post_init__(self) -> None:
        faults = [
            f"{name} is a whole number from 1, not {number}"
            for name in ("page", "per_minute", "largest_body", "bearer_s")
            if (number := getattr(self, name)) < 1
        ]
        if not self.base_url.startswith(("http://", "https://")):
            faults.append(f"base_url is http(s)://..., not '{self.base_url}'")
        if self.log not in LOGS:
            faults.append(f"log is one of {', '.join(LOGS)}, not '{self.log}'")
        if not is_hex(self.server_key, _KEY_BYTES):
            faults.append(f"server_key is {_KEY_BYTES} bytes in lower-case hexadecimal")
        if faults:
            raise InputError("; ".join(faults))

    def to_environment(self) -> dict[str, str]:
        """Return the variables that say the same, for worker processes."""
        return {_PREFIX + name.name.upper(): str(getattr(self, name.name)) for name in fields(self)}


def from_environment(given: Mapping[str, str] | None = None, **known: str | int) -> Settings:
    """Return settings from variables of the environment; what is known already goes before.

    Raises
    ------
    InputError
        If SISTERPORT_DATABASE is missing, or listing what is wrong.

    Examples
    --------
    >>> from_environment({"SISTERPORT_DATABASE": "network.db", "SISTERPORT_PAGE": "50"}).page
    50
    """
    variables = os.environ if given is None else given
    found: dict[str, str | int] = {}
    faults = []
    for one in fields(Settings):
        text = variables.get(_PREFIX + one.name.upper())
        if text is None or one.name in known:
            continue
        if one.type is int and not (text.isascii() and text.isdigit()):
            faults.append(f"{_PREFIX}{one.name.upper()} is a whole number, not '{text}'")
        found[one.name] = int(text) if one.type is int and text.isdigit() else text
    if "database" not in {**found, **known}:
        faults.append("SISTERPORT_DATABASE is not set: which ledger?")
    if faults:
        raise InputError("; ".join(faults))
    return Settings(**found | known)  # type: ignore[arg-type]  # each by the type of its field, above
