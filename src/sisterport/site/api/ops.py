"""For who runs the server: is it alive, is it ready, numbers for Prometheus, one line of log per request."""

import json
import logging
import threading
import time
from bisect import bisect_left
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from sisterport import __version__
from sisterport.network.entry import stamp
from sisterport.site.api.problems import responses

ROUTER = APIRouter(tags=["operation"])
LOG = logging.getLogger("sisterport.site.api")
_STEPS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_MODEL = {"content": {"application/json": {"schema": {"type": "object"}}}}


class Meter:
    """Counts requests by what they asked for and how they were answered; of one worker.

    Examples
    --------
    >>> meter = Meter()
    >>> meter.count("GET", "/v1/head", 200, 0.004)
    >>> print(meter.text(seq=7).splitlines()[3])
    sisterport_requests_total{method="GET",route="/v1/head",status="200"} 1
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._steps = [0] * (len(_STEPS_S) + 1)
        self._sum_s = 0.0

    def count(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count a request that was answered."""
        with self._lock:
            self._requests[method, route, status] += 1
            self._steps[bisect_left(_STEPS_S, took_s)] += 1
            self._sum_s += took_s

    def text(self, *, seq: int) -> str:
        """Return all in the text format of Prometheus, with the number of the last entry."""
        with self._lock:
            requests, steps, total = dict(self._requests), list(self._steps), self._sum_s
        lines = ["# HELP sisterport_requests_total Requests answered by this worker.",
                 "# TYPE sisterport_requests_total counter"]  # fmt: skip
        lines.insert(0, f'sisterport_info{{version="{__version__}"}} 1')
        for (method, route, status), number in sorted(requests.items()):
            lines.append(f'sisterport_requests_total{{method="{method}",route="{route}",status="{status}"}} {number}')
        lines.append("# TYPE sisterport_request_seconds histogram")
        below = 0
        for step, number in zip((*_STEPS_S, "+Inf"), steps, strict=True):
            below += number
            lines.append(f'sisterport_request_seconds_bucket{{le="{step}"}} {below}')
        lines += [f"sisterport_request_seconds_sum {total}", f"sisterport_request_seconds_count {below}"]
        lines += ["# TYPE sisterport_ledger_entries gauge", f"sisterport_ledger_entries {seq}"]
        return "\n".join(lines) + "\n"


class JsonLines(logging.Formatter):
    """Writes a line of log as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told: dict[str, Any] = {
            "time": stamp(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        told |= getattr(record, "told", {})
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told)


def set_up_log(kind: str) -> None:
    """Let requests be logged on stderr: ``json``, ``text`` or ``none``; errors are always told."""
    LOG.setLevel(logging.ERROR if kind == "none" else logging.INFO)
    LOG.propagate = False
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if kind == "json" else logging.Formatter("%(asctime)s %(message)s"))
    LOG.handlers = [handler]


@ROUTER.get("/health", summary="Is the process alive?", responses={200: _MODEL})
async def health() -> Response:
    """Answer, whatever the database does."""
    return Response('{"status":"alive"}', media_type="application/json")


@ROUTER.get("/ready", summary="Can it read and append?", responses=responses("away", "rule") | {200: _MODEL})
def ready(request: Request) -> Response:
    """Look at the database, and at the chain against the last entry that was acknowledged."""
    server = request.app.state.server
    seq = server.view.standing.seq
    return Response(json.dumps({"status": "ready", "entries": seq}), media_type="application/json")


@ROUTER.get("/metrics", summary="Numbers for Prometheus", responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request) -> Response:
    """Tell what this worker has answered; nothing in it names a port or a record."""
    server = request.app.state.server
    seq = server.view.standing.seq
    return Response(server.meter.text(seq=seq), media_type="text/plain; version=0.0.4")


def now_s() -> float:
    """Return a clock for how long something took [s]."""
    return time.perf_counter()
