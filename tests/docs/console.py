"""Run the ``console`` blocks of a Markdown page: what the page shows is what the commands print."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def commands(page: Path) -> list[tuple[str, str]]:
    """Return (command, expected output) of every ``$`` line of the page's console blocks."""
    found = []
    for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            found.append((command, expected))
    return found


def run(command: str, folder: Path) -> tuple[int, str]:
    """Run a shell line in `folder` with this environment's ``sisterport`` first on the path."""
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "160"}
    done = subprocess.run(command, shell=True, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def same(expected: str, got: str) -> bool:
    """Compare with ``...`` standing for anything, and runs of blanks as one."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return not expected.strip() or doctest.OutputChecker().check_output(expected, got, flags)
