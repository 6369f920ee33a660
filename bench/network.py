"""The coalition's server under writers, readers and kills; what it does next to a bare FastAPI on the same database.

``python bench/network.py --kills 100 --writes 10000 --seconds 10``. Kills: 16 clients write while the server, and with
PostgreSQL the database too, is killed; every acknowledged write has to be there. The control does the same with a
database that does not wait for the disk, and has to lose some. Speed: 32 clients, in processes of their own.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.network.conftest import Server as PostgreSQL  # noqa: E402
from tests.site.api.conftest import Coalition, make_coalition  # noqa: E402
from tests.site.api.kills import Writers, lost, rounds  # noqa: E402
from tests.site.api.running import Client, Running, free_port, sent, statement  # noqa: E402

from sisterport.network.pull import export  # noqa: E402
from sisterport.network.verify import verify  # noqa: E402

CLIENTS = 32
PROCESSES = 2
BARE = """
import json, sqlite3, sys, threading
from fastapi import FastAPI, Request
app, where, local = FastAPI(), sys.argv[1], threading.local()
TABLE = "CREATE TABLE IF NOT EXISTS things (id TEXT PRIMARY KEY, body TEXT NOT NULL)"
KEPT = b""

def sqlite():
    if not hasattr(local, "line"):
        local.line = sqlite3.connect(where, timeout=30, isolation_level=None)
        local.line.execute("PRAGMA journal_mode=WAL")
        local.line.execute("PRAGMA synchronous=FULL")
    return local.line

def postgresql():
    import psycopg
    if not hasattr(local, "line"):
        local.line = psycopg.connect(where, autocommit=True)
    return local.line

line, mark = (postgresql, "%s") if "://" in where else (sqlite, "?")
line().execute(TABLE)

@app.post("/v1/entries", status_code=201)
def write(given: dict):
    line().execute(f"INSERT INTO things VALUES ({mark}, {mark})", (given["record"]["entry_id"], json.dumps(given)))
    return given

@app.get("/v1/commitments")
def read():
    found = line().execute("SELECT id FROM things LIMIT 1").fetchall()
    return {"found": len(found)}

if __name__ == "__main__":
    import uvicorn
    uvicorn.run(app, port=int(sys.argv[2]), log_level="error", access_log=False)
"""


@contextmanager
def coalition(server: PostgreSQL | None) -> Iterator[tuple[Coalition, str | None]]:
    """Give a new coalition, in SQLite or in a new database of a server, and the name of that."""
    folder = Path(tempfile.mkdtemp(prefix="sisterport-bench-"))
    try:
        if server is None:
            yield make_coalition(folder), None
        else:
            name = server.fresh()
            yield make_coalition(folder, server.url(name), app=server.url(name, "app")), name
            server.drop(name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def killed(kind: str, server: PostgreSQL | None, *, kills: int, writes: int, durable: bool = True) -> bool:
    """Kill again and again, print what is lost, and return whether that is as it should be."""
    with coalition(server) as (made, name):
        head = Path(tempfile.mkdtemp()) / "head" if server is not None and durable else None
        if server is not None and name is not None and not durable:
            server.sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
        running = Running(made.where, "--log", "none", head_file=head)

        def under() -> None:
            """Kill PostgreSQL; without durable commits the server has to begin anew too, with what is left."""
            server.kill()
            server.start()
            if not durable:
                running.end(signal.SIGKILL)
                running.start()

        writers = Writers(running.port, made.keys, made.tokens)
        begun = time.perf_counter()
        try:
            rounds(running, writers, kills, least=writes, strike=under if server else None, say=_now_and_then)
        finally:
            writers.stop()
            running.end()
        took = time.perf_counter() - begun
        with made.open() as ledger:
            gone = lost(ledger, writers.told)
            export(ledger, running.folder / "after.jsonl")
        fault = verify(running.folder / "after.jsonl").fault
    what = "" if durable else ", control without durable commits"
    print(f"{kind}{what}: {kills} kills, {len(writers.told)} acknowledged, {len(gone)} lost, "
          f"chain {fault or 'whole'}, {len(writers.odd)} odd answers, {took:.0f} s")  # fmt: skip
    if writers.odd:
        print("  " + "\n  ".join(writers.odd[:3]))
    return bool(gone) != durable and not fault


def _now_and_then(text: str) -> None:
    if text.split(":", maxsplit=1)[0].endswith("0"):
        print(f"  {text}", flush=True)


@contextmanager
def bare(where: str) -> Iterator[int]:
    """Give the port of a bare FastAPI that writes what it is sent to the same kind of database."""
    folder = Path(tempfile.mkdtemp(prefix="sisterport-bare-"))
    (folder / "bare_server.py").write_text(BARE)
    port = free_port()
    program = subprocess.Popen([sys.executable, folder / "bare_server.py", where or str(folder / "bare.db"), str(port)])  # noqa: S603
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            break
        time.sleep(0.05)
    try:
        yield port
    finally:
        program.terminate()
        program.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _load(port: int, token: str, work: list[list[bytes]], seconds: float, said: Any) -> None:
    """Send requests from several clients for some time; `work` has the bodies of each client, empty to read."""
    took: list[float] = []
    odd: list[int] = []

    def one(bodies: list[bytes]) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        end, number = time.perf_counter() + seconds, 0
        while (begun := time.perf_counter()) < end and (not bodies or number < len(bodies)):
            if bodies:
                line.request("POST", "/v1/entries", bodies[number], headers)
            else:
                line.request("GET", "/v1/commitments", headers=headers)
            answer = line.getresponse()
            answer.read()
            number += 1
            took.append(time.perf_counter() - begun)
            if answer.status not in (200, 201):
                odd.append(answer.status)
        line.close()

    threads = [threading.Thread(target=one, args=[bodies]) for bodies in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said.put((took, odd))


def speed(port: int, token: str, made: Coalition, seconds: float, *, write: bool) -> tuple[float, float, float]:
    """Return requests a second with 32 clients, and the 50th and 99th percentile [ms]."""
    bodies: list[list[bytes]] = [[] for _ in range(CLIENTS)]
    if write:
        each = int(seconds * 1500 / CLIENTS)
        bodies = [
            [json.dumps(sent(statement(made.keys["li"], port="CNSGH", user="li"))).encode() for _ in range(each)]
            for _ in range(CLIENTS)
        ]
    said: Any = multiprocessing.Queue()
    parts = [
        multiprocessing.Process(target=_load, args=(port, token, bodies[n::PROCESSES], seconds, said))
        for n in range(PROCESSES)
    ]
    begun = time.perf_counter()
    for part in parts:
        part.start()
    found = [said.get() for _ in parts]
    whole = time.perf_counter() - begun
    for part in parts:
        part.join()
    took = sorted(one for some, _ in found for one in some)
    odd = [status for _, some in found for status in some]
    if odd:
        print(f"  {len(odd)} odd answers, such as {odd[0]}")
    return len(took) / whole, took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000


def fast(kind: str, server: PostgreSQL | None, *, seconds: float, repeats: int, workers: int) -> None:
    """Print writes and reads a second next to those of the bare server."""
    for what, write in (("durable writes", True), ("cached reads", False)):
        ours, bares, last = [], [], (0.0, 0.0)
        for _ in range(repeats):
            with coalition(server) as (made, _name):
                running = Running(made.where, "--log", "none", "--workers", str(workers))
                client = Client(running.port, made.tokens["li"])
                if not write:
                    _fill(made, client)
                rate, *last = speed(running.port, made.tokens["li"], made, seconds, write=write)
                ours.append(rate)
                client.close()
                running.end()
                other = "" if server is None else server.url(server.fresh())
                with bare(other) as port:
                    bares.append(speed(port, "x", made, seconds, write=write)[0])
        mine, theirs = max(ours), max(bares)
        print(f"{kind}, {workers} worker(s): {mine:.0f} {what}/s (p50 {last[0]:.0f} ms, p99 {last[1]:.0f} ms); "
              f"bare FastAPI {theirs:.0f}/s; ratio {mine / theirs:.2f}; of {repeats} runs "
              f"{', '.join(f'{rate:.0f}' for rate in ours)}", flush=True)  # fmt: skip


def _fill(made: Coalition, client: Client) -> None:
    """Write a hundred commitments, so that a read has something to give."""
    from tests.network.book import PROMISE

    for _ in range(100):
        said = statement(made.keys["li"], "commitment", PROMISE | {"ports": ["CNSGH"]}, port="CNSGH", user="li")
        if client.ask("POST", "/v1/entries", sent(said)).status != 201:
            raise RuntimeError("a commitment was refused")


def main() -> int:
    """Run what is asked for; exit code 1 where something acknowledged was lost, or the control lost nothing."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--kills", type=int, default=100)
    asked.add_argument("--writes", type=int, default=10_000)
    asked.add_argument("--seconds", type=float, default=10)
    asked.add_argument("--repeats", type=int, default=3)
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--only", choices=["sqlite", "postgresql"])
    given = asked.parse_args()
    kinds = [given.only] if given.only else ["sqlite", "postgresql"]
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; Python {sys.version.split()[0]}", flush=True)
    good = True
    for kind in kinds:
        if given.seconds:
            with database(kind, on_disk=True) as server:
                fast(kind, server, seconds=given.seconds, repeats=given.repeats, workers=given.workers)
        if given.kills:
            with database(kind, on_disk=False) as server:
                good &= killed(kind, server, kills=given.kills, writes=given.writes)
                if server is not None:
                    few = {"kills": max(given.kills // 10, 2), "writes": given.writes // 10}
                    good &= killed(kind, server, **few, durable=False)
    return 0 if good else 1


@contextmanager
def database(kind: str, *, on_disk: bool) -> Iterator[PostgreSQL | None]:
    """Give a server of PostgreSQL; None for SQLite, which has none.

    A kill loses nothing that is in memory, and a server comes back faster from there; speed is measured on disk.
    """
    if kind == "sqlite":
        yield None
        return
    found = shutil.which("initdb")
    place = Path(found).parent if found else max(Path("/usr/lib/postgresql").glob("*/bin"))
    server = PostgreSQL(place, parent=tempfile.gettempdir() if on_disk else None)
    try:
        yield server
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
