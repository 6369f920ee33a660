"""The ledger as the server appends to it: what several callers send at the same time becomes durable in one go."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from sisterport.errors import InputError
from sisterport.network.database import writing
from sisterport.network.entry import Entry, Signed
from sisterport.network.ledger import Ledger
from sisterport.network.records import check_body

_MOST = 64
"""Statements in one transaction; a reader of the chain gets them all at once."""


@dataclass(slots=True, eq=False)
class _Turn:
    """One statement that waits, and what came of it."""

    signed: Signed
    now: datetime
    entry: Entry | None = None
    error: Exception | None = None

    @property
    def over(self) -> bool:
        return self.entry is not None or self.error is not None


class Scribe(Ledger):
    """A ledger whose callers share transactions: to wait for the disk costs more than all else.

    Whoever comes first writes for all who wait by then; each is told of the own statement only.

    Parameters
    ----------
    engine, head_file
        As of `sisterport.network.ledger.Ledger`.
    """

    def __init__(self, engine: Engine, *, head_file: Path | None = None) -> None:
        super().__init__(engine, head_file=head_file)
        self._waiting: list[_Turn] = []
        self._queue = threading.Lock()

    def append_all(self, statements: Sequence[Signed], *, now: datetime | None = None) -> list[Entry]:
        """Append statements, all or none; single ones together with those of other callers."""
        if len(statements) != 1 or self.reader is not None:
            return super().append_all(statements, now=now)
        check_body(statements[0].statement.kind, statements[0].body)
        turn = _Turn(statements[0], now or datetime.now(UTC))
        with self._queue:
            self._waiting.append(turn)
        while not turn.over:
            with self._lock:
                if not turn.over:
                    self._write(self._next())
        if turn.entry is None:
            raise turn.error or AssertionError
        return [turn.entry]

    def _next(self) -> list[_Turn]:
        with self._queue:
            turns = self._waiting[:_MOST]
            del self._waiting[:_MOST]
        return turns

    def _write(self, turns: list[_Turn]) -> None:
        """Write what can be written of it in one transaction; without the database nothing of it is."""
        placed: list[Entry | InputError] = []
        try:
            with self._all_or_none(), writing(self.engine, self._member()) as connection:
                self._catch_up(connection)
                self._refuse_shorter()
                placed = [self._placed(connection, turn) for turn in turns]
            self._acknowledge()
        except Exception as error:  # noqa: BLE001 - each caller raises it
            for turn in turns:
                turn.error = error
            return
        for turn, found in zip(turns, placed, strict=True):
            if isinstance(found, Entry):
                turn.entry = found
            else:
                turn.error = found

    def _placed(self, connection: Connection, turn: _Turn) -> Entry | InputError:
        """Return the entry of a statement, or why it is refused: then nothing of it was counted or written."""
        try:
            return self._place(connection, turn.signed, turn.now)
        except InputError as error:
            return error
