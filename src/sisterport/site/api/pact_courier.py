"""Sends the answers to requests for footprints to whoever asked, again and again until it is taken or too old."""

import json
import logging
import threading
from datetime import UTC, datetime

from sisterport.errors import InputError
from sisterport.exchange.objects import moment
from sisterport.exchange.pact_events import MEDIA
from sisterport.network.client import Credentials, Remote, RemoteError
from sisterport.reference import value
from sisterport.site.api.pact_shelf import Shelf
from sisterport.units import SECONDS_PER_HOUR

FIRST_S, LONGEST_S = 1.0, 3600.0
"""Pause after a round that could not send all; it doubles from round to round."""
_LOG = logging.getLogger("sisterport.site.api")


class Courier:
    """Sends what waits on a shelf, in a thread that ends with the program; what is not sent then is sent later.

    Parameters
    ----------
    shelf
        Where answers and partners are.
    first_s
        Pause after the first round that failed [s].
    """

    def __init__(self, shelf: Shelf, *, first_s: float = FIRST_S) -> None:
        self._shelf, self._first_s = shelf, first_s
        self._work = threading.Event()
        self._started = False
        self._lock = threading.Lock()

    def wake(self) -> None:
        """Begin a round now."""
        with self._lock:
            if not self._started:
                threading.Thread(target=self._run, daemon=True).start()
                self._started = True
        self._work.set()

    def round(self, now: datetime) -> int:
        """Try to send all that waits, once, and return how much still waits."""
        left = 0
        for port, place in self._shelf.answers():
            written = place.read_text("utf-8")
            made = moment(json.loads(written)["time"]) or now
            try:
                self._send(port, written)
            except InputError as error:
                if (now - made).total_seconds() < value("pact_give_up_h") * SECONDS_PER_HOUR:
                    left += 1
                    continue
                _LOG.error("answer %s to %s is given up: %s", place.stem, port, error)
            place.unlink(missing_ok=True)
        return left

    def _send(self, port: str, written: str) -> None:
        partner = self._shelf.partners().get(port)
        if partner is None:
            raise RemoteError(None, f"{port} is no partner any more")
        shown = Credentials(partner.client_id, partner.client_secret)
        remote = Remote(partner.address, shown, pauses_s=(), token_path=partner.token_path)
        remote.post("/3/events", written.encode(), media_type=MEDIA)

    def _run(self) -> None:
        pause_s = self._first_s
        while True:
            self._work.clear()
            left = 0
            try:
                left = self.round(datetime.now(UTC))
            except Exception:  # noqa: BLE001 - the next round has to come whatever happened
                _LOG.exception("answers could not be sent")
                left = 1
            woken = self._work.wait(pause_s if left else None)
            pause_s = self._first_s if woken or not left else min(2 * pause_s, LONGEST_S)
