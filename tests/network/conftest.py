"""A coalition in SQLite, and a PostgreSQL server of our own where it is installed."""

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path

import pytest

from sisterport.network.ledger import open_ledger
from tests.conftest import missing
from tests.network.book import Book, make_book


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A coalition that is made once and copied for each test."""
    made = make_book(tmp_path_factory.mktemp("coalition"))
    made.ledger.close()
    return made


@pytest.fixture
def book(template, tmp_path):
    shutil.copytree(template.folder, tmp_path, dirs_exist_ok=True)
    with open_ledger(tmp_path / "network.db") as ledger:
        yield Book(ledger, dict(template.keys), tmp_path)


class Server:
    """A PostgreSQL server in a folder of its own, without network."""

    def __init__(self, binaries: Path, *, parent: str | None = None) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="sisterport-pg-", dir=parent or _roomy()))
        self.data = self.folder / "data"
        if os.geteuid() == 0:  # PostgreSQL does not run as root
            shutil.chown(self.folder, "postgres", "postgres")
        self.run("initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "--no-sync")
        with (self.data / "postgresql.conf").open("a") as out:
            out.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\nmax_connections = 60\n")
            out.write("wal_writer_delay = 10s\n")  # what is not flushed at commit is lost for certain by a kill
            out.write("recovery_init_sync_method = syncfs\n")
        self.start()
        self.sql("CREATE ROLE keeper LOGIN; CREATE ROLE app LOGIN;")

    def run(self, program: str, *arguments: str) -> None:
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*user, self.binaries / program, *arguments], capture_output=True, text=True, cwd="/", check=False
        )
        assert done.returncode == 0, done.stderr + self.log()

    def log(self) -> str:
        """Return the end of what the server says of itself."""
        place = self.folder / "log"
        return "\n".join(place.read_text().splitlines()[-10:]) if place.is_file() else ""

    def start(self) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), "-w", "-t", "300", "start")

    def kill(self) -> None:
        """Kill every process of the server at once: they are those that work in its folder."""
        while pids := [place.name for place in Path("/proc").glob("[0-9]*") if _works_in(place, self.data)]:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
        # where nobody takes leave of a dead parent its number still seems to be in use
        for lock in (self.data / "postmaster.pid", *self.folder.glob(".s.PGSQL.*")):
            lock.unlink(missing_ok=True)

    def sql(self, text: str, database: str = "postgres", user: str = "postgres") -> str:
        done = subprocess.run(
            ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", user, "-d", database, "-c", text],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def url(self, database: str, user: str = "keeper") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def fresh(self) -> str:
        """Return the name of a new database, owned by the keeper of the tables."""
        name = f"b{uuid.uuid4().hex[:12]}"
        self.sql(f"CREATE DATABASE {name} OWNER keeper")
        return name

    def drop(self, database: str) -> None:
        """Throw a database away."""
        self.sql(f"DROP DATABASE {database} WITH (FORCE)")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def _roomy() -> str | None:
    """Return a place in memory where there is room: a kill loses nothing that stands there, and it is fast."""
    place = Path("/dev/shm")  # noqa: S108 - only a folder with a random name is made in it
    return str(place) if place.is_dir() and shutil.disk_usage(place).free > 2**31 else None


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").readlink() == folder
    except OSError:
        return False


@pytest.fixture(scope="session")
def server():
    places = [Path(found).parent] if (found := shutil.which("initdb")) else sorted(
        Path("/usr/lib/postgresql").glob("*/bin"))  # fmt: skip
    if not places or not shutil.which("psql"):
        missing("PostgreSQL is not installed")
    made = Server(places[-1])
    yield made
    made.stop()
