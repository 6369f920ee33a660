"""The report in a real Chromium, without a network."""

import json
import os
import re
import shutil
import subprocess

import pytest

from sisterport.site import write_report
from tests.conftest import missing
from tests.site import made_up

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--enable-logging=stderr", "--v=0",
    "--virtual-time-budget=4000", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
PROBE = """
<script>
const errors = [];
addEventListener("error", e => errors.push(String(e.message || e.target.outerHTML)), true);
addEventListener("load", () => {
  const wide = [...document.querySelectorAll("main *")].filter(e => !e.closest("svg, .scroll") &&
    e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + "." + e.className);
  const report = {
    errors, wide,
    sections: [...document.querySelectorAll("main section[id]")]
      .filter(e => e.offsetHeight > 100).map(e => e.id),
    charts: [...document.querySelectorAll("main svg")]
      .filter(e => e.getBoundingClientRect().height > 40).length,
    svgs: document.querySelectorAll("main svg").length,
    resources: performance.getEntriesByType("resource").map(e => e.name).filter(n => n !== "data:,"),
  };
  const out = document.createElement("pre"); out.id = "probe"; out.textContent = JSON.stringify(report);
  document.body.append(out);
});
</script>
"""


def chromium():
    found = (
        os.environ.get("CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if found is None:
        missing("no Chromium was found")
    return found


def run(path, profile, *flags):
    command = [chromium(), *FLAGS, f"--user-data-dir={profile}", *flags, path.as_uri()]
    return subprocess.run(command, capture_output=True, check=True)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return write_report(
        tmp_path_factory.mktemp("page") / "report.html",
        title="Port of Tests",
        periods=[made_up.period(), made_up.period(name="An hour", hours=1.0, seed=2)],
        provenance=made_up.provenance(),
    )


@pytest.mark.browser
@pytest.mark.parametrize("width", [1200, 400])
def test_the_page_shows_every_section_without_errors_or_requests(report, tmp_path, width):
    probed = tmp_path / "probed.html"
    probed.write_text(report.read_text("utf-8").replace("<head>", "<head>" + PROBE), "utf-8")
    done = run(probed, tmp_path / "profile", "--dump-dom", f"--window-size={width},2000")
    found = re.search(rb'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr.decode()[-2000:]
    seen = json.loads(found[1].decode().replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&"))
    assert seen["errors"] == []
    assert seen["resources"] == []
    assert seen["wide"] == []
    assert seen["charts"] == seen["svgs"] > 15
    assert {"summary", "method", "reading", "p1-seen", "p1-berth", "p2-where", "p2-calls"} <= set(seen["sections"])
    assert b"CONSOLE" not in done.stderr


@pytest.mark.browser
def test_the_page_prints_on_a4(report, tmp_path):
    pdf = tmp_path / "report.pdf"
    run(report, tmp_path / "profile", "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf.read_bytes())
    assert 10 < len(boxes) < 60
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
