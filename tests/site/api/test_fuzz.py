"""Requests made up from the API's own description: no failure of the server, no answer that is not described.

A short run; the number of examples for each endpoint can be raised by SISTERPORT_FUZZ.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.site.api.running import Running

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)


@pytest.mark.parametrize("who", ["li", None])
def test_no_request_makes_the_server_fail_or_break_its_word(coalition, tmp_path, who):
    program = Path(sys.executable).with_name("schemathesis")
    if not program.is_file() and shutil.which("schemathesis") is None:
        missing("schemathesis is not installed")
    running = Running(coalition.where, "--log", "none", SISTERPORT_PER_MINUTE=str(10**6))
    shown = [] if who is None else ["--header", f"Authorization: Bearer {coalition.tokens[who]}"]
    try:
        done = subprocess.run(
            [program, "run", f"http://127.0.0.1:{running.port}/openapi.json", "--checks", ",".join(CHECKS), *shown,
             "--max-examples", os.environ.get("SISTERPORT_FUZZ", "8"), "--phases", "examples,coverage,fuzzing",
             "--seed", "8", "--no-color", "--warnings", "off", "--suppress-health-check", "all"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        client = running.client()
        assert client.ask("GET", "/ready").status == 200
        client.close()
    finally:
        running.end()
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    assert "Traceback" not in running.said()
