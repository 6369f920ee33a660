"""Writers that are killed in the middle of an append, and what has to be there afterwards.

Run as a program it is one writer: it appends heads and prints each entry once the ledger has acknowledged it.
"""

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sisterport.network.acts import say
from sisterport.network.keys import read_key
from sisterport.network.ledger import open_ledger

Told = list[tuple[int, str]]


def write_for_ever(where: str, key_file: str) -> None:
    key = read_key(key_file)
    with open_ledger(where) as ledger:
        while True:
            entry = say(ledger, key, "head")
            sys.stdout.write(f"{entry.seq} {entry.hash}\n")
            sys.stdout.flush()


class Writers:
    """Programs that append at the same time; what each was told is read as it comes."""

    def __init__(self, where: str, keys: list[Path]) -> None:
        self.told: Told = []
        command = [sys.executable, "-m", "tests.network.crash", where]
        self.programs = [
            subprocess.Popen([*command, str(key)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            for key in keys
        ]
        self.readers = [threading.Thread(target=self._read, args=[program]) for program in self.programs]
        for reader in self.readers:
            reader.start()

    def _read(self, program: "subprocess.Popen[str]") -> None:
        for line in program.stdout or ():
            seq, _, entry_hash = line.rstrip("\n").partition(" ")
            if line.endswith("\n"):
                self.told.append((int(seq), entry_hash))

    def work(self, *, least: int, more_s: float) -> None:
        """Let them write until so many entries were acknowledged, and a little longer."""
        before = len(self.told)
        while len(self.told) - before < least and any(program.poll() is None for program in self.programs):
            time.sleep(0.005)
        time.sleep(more_s)

    def kill(self) -> Told:
        """Kill them all, without a chance to tidy up; return what they were told."""
        for program in self.programs:
            program.send_signal(signal.SIGKILL)
        for program, reader in zip(self.programs, self.readers, strict=True):
            program.wait()
            reader.join()
            if program.stdout:
                program.stdout.close()
        return self.told


def rounds(
    where: str, keys: list[Path], kills: int, *, strike: Callable[[], None] = lambda: None, seed: int = 0
) -> tuple[Told, Told]:
    """Let writers write and kill them, again and again; return what was acknowledged, and what of it is lost.

    `strike` is called while they write, to kill what they write to; it has to be there again when it returns.
    """
    chance = random.Random(seed)  # noqa: S311
    acknowledged: Told = []
    for _ in range(kills):
        writers = Writers(where, keys)
        writers.work(least=20, more_s=chance.uniform(0, 0.05))
        try:
            strike()
        finally:
            acknowledged += writers.kill()
    with open_ledger(where) as ledger:
        hashes = ledger.standing.hashes
    return acknowledged, [(seq, told) for seq, told in acknowledged if seq >= len(hashes) or hashes[seq] != told]


if __name__ == "__main__":
    write_for_ever(*sys.argv[1:])
