"""What the server holds for PACT, as plain files in a folder: footprints, activities, partners, events, answers.

* ``footprints/*.json``: for every member; ``footprints/CNSGH/*.json``: for the tokens of that port only. A file holds
  one object or a list of them: footprints of PACT 3.0.3, transport activities (TAD) of iLEAP 1.0.0.
* ``partners.json``: where the answer to a port's request goes: ``{"CNSGH": {"address": "https://...", "client_id":
  ..., "client_secret": ...}}``, with ``"token_path"`` where that is not ``/auth/token``. Keep it from others' eyes.
* ``events/``: what was received; ``answers/``: what waits to be sent.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sisterport.errors import InputError
from sisterport.exchange.findings import ERROR
from sisterport.exchange.ileap_checks import ileap_findings
from sisterport.exchange.pact import footprint_findings
from sisterport.tables import write_text

_NAMED = 3
Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Partner:
    """Where the answers to a port's requests go, and what is shown there."""

    address: str
    client_id: str
    client_secret: str = field(repr=False)
    token_path: str = "/auth/token"  # noqa: S105 - an address


class Shelf:
    """A folder of footprints; what is laid into it is served at once.

    Parameters
    ----------
    folder
        The folder; None holds nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._read: dict[Path, tuple[tuple[int, int], list[Object]]] = {}

    def footprints(self, port: str) -> list[Object]:
        """Return the footprints that the tokens of a port may see.

        Raises
        ------
        InputError
            If a file breaks the standard: a list that hides it would be taken for the whole.
        """
        return [one for one in self._objects(port) if "activityId" not in one]

    def activities(self, port: str) -> list[Object]:
        """Return the transport activities that the tokens of a port may see; raises as `footprints`."""
        return [one for one in self._objects(port) if "activityId" in one]

    def partners(self) -> dict[str, Partner]:
        """Return who has told where answers go, by port.

        Raises
        ------
        InputError
            If the file cannot be read.
        """
        place = None if self.folder is None else self.folder / "partners.json"
        if place is None or not place.is_file():
            return {}
        try:
            return {port: Partner(**told) for port, told in json.loads(place.read_text("utf-8")).items()}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise InputError(f"{place} names no partners: {error}") from None

    def knows(self, event: Mapping[str, Any]) -> bool:
        """Return whether an event was kept before."""
        return self._place(event).exists()

    def keep(self, event: Mapping[str, Any]) -> None:
        """Keep an event that was received."""
        write_text(self._place(event), json.dumps(event, ensure_ascii=False))

    def _place(self, event: Mapping[str, Any]) -> Path:
        name = hashlib.sha256(f"{event['source']}\n{event['id']}".encode()).hexdigest()
        return self._there / "events" / f"{name}.json"

    @property
    def _there(self) -> Path:
        if self.folder is None:
            raise InputError("no folder of footprints was named")
        return self.folder

    def put_answer(self, port: str, answer: Mapping[str, Any]) -> None:
        """Lay an answer ready to be sent to a port."""
        place = self._there / "answers" / port / f"{answer['id']}.json"
        write_text(place, json.dumps(answer, ensure_ascii=False))

    def answers(self) -> list[tuple[str, Path]]:
        """Return the files of answers that wait, each with its port."""
        if self.folder is None:
            return []
        return [(place.parent.name, place) for place in sorted((self.folder / "answers").glob("*/*.json"))]

    def _objects(self, port: str) -> list[Object]:
        if self.folder is None:
            return []
        own = self.folder / "footprints"
        places = sorted([*own.glob("*.json"), *(own / port).glob("*.json")])
        objects = {one.get("id") or one["activityId"]: one for place in places for one in self._file(place)}
        return list(objects.values())

    def _file(self, place: Path) -> list[Object]:
        """Return what is in a file, read and judged again only where it has changed."""
        try:
            about = place.stat()
            state = (about.st_mtime_ns, about.st_size)
            if place not in self._read or self._read[place][0] != state:
                self._read[place] = (state, _judged(place, json.loads(place.read_text("utf-8"))))
        except (OSError, ValueError) as error:
            raise InputError(f"{place} cannot be read: {error}") from None
        return self._read[place][1]


def _judged(place: Path, given: Any) -> list[Object]:
    objects = given if isinstance(given, list) else [given]
    faults = []
    for number, one in enumerate(objects):
        activity = isinstance(one, dict) and "activityId" in one
        found = ileap_findings(one, "TAD") if activity else footprint_findings(one)
        faults += [f"{number}{each.path[1:]}: {each.fault}" for each in found if each.severity == ERROR]
    if faults:
        more = f" and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
        raise InputError(f"{place}: {'; '.join(faults[:_NAMED])}{more}")
    return objects
