"""The hand-made cases of ``tests/cases/verdicts.csv`` as registers."""

import csv
import json
from datetime import date
from pathlib import Path

import polars as pl

from sisterport.shorepower.registers import read_inlets, read_outlets
from tests.shorepower.worlds import frame

FILE = Path(__file__).parents[1] / "cases" / "verdicts.csv"
CASES = {row["case"]: row for row in csv.DictReader(FILE.read_text(encoding="utf-8").splitlines())}
IMO = 9074729
PASSPORT = {"source": "invented", "status": "unverified"}
_DATES = ("since", "until", "seen_on", "assessed_on", "last_connected_on")


def rows_of(case: str, side: str) -> list[dict]:
    """Return the rows of one side, with what the base case says."""
    row = CASES[case]
    given = json.loads(row[side])
    below = rows_of(row["base"], side)[0] if row["base"] else {}
    return [below | part for part in (given if isinstance(given, list) else [given])]


def dated(row: dict) -> dict:
    """Return a row with its dates as dates."""
    return {c: date.fromisoformat(v) if c in _DATES and v else v for c, v in row.items()}


def inlets_of(case: str, **more) -> pl.DataFrame:
    """Return the ship of a case, changed if wanted."""
    rows = [{"inlet_id": "i1", "imo": IMO} | PASSPORT | row | more for row in rows_of(case, "ship")]
    return read_inlets(frame(rows, "inlets"))


def outlets_of(case: str, **more) -> pl.DataFrame:
    """Return the outlets of a case, changed if wanted."""
    berth = {"outlet_id": "o1", "berth_id": "b1", "locode": "DEHAM"}
    rows = [berth | PASSPORT | dated(row) | more for row in rows_of(case, "outlets")]
    return read_outlets(frame(rows, "outlets"))


def assessments_of(case: str) -> pl.DataFrame:
    """Return the assessment of a case, or none."""
    text = CASES[case]["assessment"]
    paper = {"imo": IMO, "berth_id": "b1", "source": "invented"}
    return frame([paper | dated(json.loads(text))] if text else [], "assessments")
