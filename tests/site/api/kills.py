"""Sixteen clients write over HTTP while the server is killed again and again; what was acknowledged has to be there."""

import random
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sisterport.network.keys import PrivateKey
from sisterport.network.ledger import Ledger
from tests.network.book import PERSONS
from tests.site.api.running import Client, Running, sent, statement

CLIENTS = 16


@dataclass
class Writers:
    """Clients that send a statement until it is acknowledged, and then the next one.

    Parameters
    ----------
    port
        Of the server.
    keys, tokens
        Of the persons.
    """

    port: int
    keys: Mapping[str, PrivateKey]
    tokens: Mapping[str, str]
    told: list[tuple[int, str, str]] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        users = [user for user in PERSONS if user in self.tokens]
        self._threads = [threading.Thread(target=self._write, args=[users[n % len(users)]]) for n in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _write(self, user: str) -> None:
        client = Client(self.port, self.tokens[user])
        while not self._stop.is_set():
            signed = statement(self.keys[user], port=PERSONS[user][0], user=user)
            while not self._stop.is_set() and not self._acknowledged(client, signed):
                time.sleep(0.01)
        client.close()

    def _acknowledged(self, client: Client, signed: object) -> bool:
        """Send a statement, and say whether it was acknowledged; a server that is gone is asked again."""
        try:
            answer = client.ask("POST", "/v1/entries", sent(signed))
        except Exception:  # noqa: BLE001 - whatever a server does that is being killed
            return False
        if answer.status in (200, 201):
            entry = answer.json()["entry"]
            self.told.append((entry["seq"], entry["hash"], entry["entry_id"]))
            return True
        if answer.status != 503:
            self.odd.append(f"{answer.status} {answer.body[:300]!r}")
        return False

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def rounds(
    running: Running,
    writers: Writers,
    kills: int,
    *,
    least: int,
    strike: Callable[[], None] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Kill the server while clients write; with `strike`, what is under it in turn."""
    chance = random.Random(0)  # noqa: S311
    each = -(-least // kills)
    for number in range(kills):
        before = len(writers.told)
        while len(writers.told) - before < each:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.05))
        if strike and number % 2:
            strike()
        else:
            running.end(signal.SIGKILL)
            running.start()
        say(f"kill {number + 1}: {len(writers.told)} acknowledged")


def lost(ledger: Ledger, told: Sequence[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """Return what was acknowledged and is not there as it was told."""
    standing = ledger.standing
    return [
        (seq, entry_hash, entry_id)
        for seq, entry_hash, entry_id in told
        if seq > standing.seq or standing.hashes[seq] != entry_hash or entry_id not in standing.entries
    ]
