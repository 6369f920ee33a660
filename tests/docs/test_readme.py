"""The README's library example runs as it stands, on the demo's files under the names it uses."""

import re
import shutil
from pathlib import Path

import polars as pl

from tests import factory
from tests.docs.console import run

README = Path(__file__).parents[2] / "README.md"


def test_the_library_example_runs(tmp_path, monkeypatch):
    demo = factory.new_york().parent
    for name in ("areas.geojson", "register.csv"):
        shutil.copy(demo / name, tmp_path)
    hour = pl.read_parquet(demo / "positions_2020-06-30_hour.parquet").rename({"time": "time_utc"})
    hour.select(
        "mmsi",
        base_date_time=pl.col("time_utc").dt.strftime("%Y-%m-%d %H:%M:%S"),
        longitude="lon",
        latitude="lat",
        sog="sog",
        imo="imo",
        vessel_name="name",
        vessel_type="ship_type",
        length="length",
        width="width",
        draft="draught",
    ).write_csv(tmp_path / "ais-2025-01-01.csv.zst", compression="zstd")
    monkeypatch.chdir(tmp_path)
    code = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL).group(1)
    scope = {}
    exec(code, scope)  # noqa: S102
    assert scope["emissions"]["co2_t"].sum() > 10
    assert scope["segments"]["mmsi"].n_unique() > 200


def test_the_demo_prints_what_the_readme_shows(tmp_path):
    """The figures of the first page a visitor sees are those of today's code."""
    shown = re.search(r"\$ make demo\n(.*?)```", README.read_text(), re.DOTALL).group(1)
    code, got = run("sisterport demo --output out", tmp_path)
    assert code == 0, got
    assert got.split() == shown.split()


def test_every_link_leads_somewhere():
    for page in (README, *(README.parent / "docs").glob("*.md"), README.parent / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
