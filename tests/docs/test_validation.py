"""The validation page says what the code computes now."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_tool_writes(shared):
    spec = importlib.util.spec_from_file_location("build_validation", ROOT / "tools/build_validation.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (ROOT / "docs/validation.md").read_text() == tool.page(shared), "run tools/build_validation.py"


def test_ships_with_true_particulars_are_close_to_what_they_reported(shared):
    """Two ships are no proof, but a mistake of a factor would show."""
    spec = importlib.util.spec_from_file_location("build_validation", ROOT / "tools/build_validation.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    known = tool.mrv_frame(shared).filter(name="CHICAGO EXPRESS").row(0, named=True)
    assert abs(known["ours"] / known["kg_per_nm"] - 1) < 0.05
