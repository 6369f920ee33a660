"""An explanation as text for people: no line longer than 100 columns."""

from collections.abc import Iterator, Mapping
from textwrap import fill
from typing import Any

import polars as pl

from sisterport.inventory.explain import Explanation
from sisterport.reference import value
from sisterport.tables import schema
from sisterport.units import PER_CENT

WIDTH, PARTS = int(value("explained_width")), int(value("explained_parts"))
_WHOLE_FROM, _NAMED = value("explained_whole_from"), int(value("explained_inputs"))
_SYSTEMS = {"main": "main engine", "auxiliary_engine": "auxiliary", "boiler": "boiler"}


def text(said: Explanation, *, parts: int = PARTS) -> str:
    """Return an explanation in words and small tables.

    Parameters
    ----------
    said
        From `sisterport.inventory.explain`.
    parts
        How many of the parts, and their factors, are shown; the rest is summed up in a line.

    Examples
    --------
    >>> from sisterport.inventory.explain import explain
    >>> from sisterport.tables import empty
    >>> said = explain(empty("emissions"), empty("segments"), empty("ships"), where={"mode": "berth"})
    >>> print(text(said))
    co2e_ttw_t for mode = berth: no value
    CO2 equivalent, tank to wake (slip included); method ghg4; 0 ships, 0 hours
    the cell is empty: no segment has mode = berth
    """
    shown = said.rows.head(parts)
    blocks = ["\n".join(_head(said))]
    if said.rows.height:
        blocks += [
            _block("How it is worked out", (wrap(line) for line in said.formula)),
            _block("The parts that add up to it", _parts(said, shown)),
            _block("Factors of these parts", _factors(said, shown)),
            _block("What it rests on: share of the value, share of the hours", _rests(said.rests_on)),
            _block("What would narrow the band most", _narrow(said)),
        ]
    if said.missing.height:
        blocks.append(_block("Not estimated", _missing(said.missing)))
    return "\n\n".join(blocks)


def _block(title: str, lines: Iterator[str]) -> str:
    return "\n".join([title, *lines])


def wrap(line: str, *, first: str = "  ", rest: str = "    ") -> str:
    """Return a line broken at the width, its parts indented."""
    return fill(line, WIDTH, initial_indent=first, subsequent_indent=rest)


def _head(said: Explanation) -> Iterator[str]:
    cell = ", ".join(f"{key} = {given}" for key, given in said.where.items()) or "all"
    value = "no value" if said.value is None else f"{number(said.value)} {said.unit}"
    yield wrap(f"{said.amount} for {cell}: {value}", first="")
    lost = said.hours_not_estimated
    missing = f", {number(lost)} of them missing or only in part in it" if lost else ""
    meaning = schema("emissions")[said.amount].meaning
    counts = f"{_ships(said.ships)}, {number(said.hours)} hours{missing}"
    yield wrap(f"{meaning}; method {said.method}; {counts}", first="", rest="")
    if said.note:
        yield wrap(said.note, first="", rest="")


def number(value: float | None) -> str:
    """Return a number with four digits that count.

    Examples
    --------
    >>> number(1234.5), number(0.000123456), number(12.0), number(None)
    ('1,234', '0.0001235', '12', '-')
    """
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:.4g}"


def _ships(count: int) -> str:
    return f"{count:,} ship{'s' if count != 1 else ''}"


def _percent(share: float | None) -> str:
    if share is None:
        return "-"
    return "<1 %" if 0 < share < PER_CENT / 2 else f"{share / PER_CENT:.0f} %"


def _parts(said: Explanation, shown: pl.DataFrame) -> Iterator[str]:
    """Return two lines for each part: how much of what, and how."""
    for row in shown.iter_rows(named=True):
        size = "" if row["size_bin"] is None else f" {row['size_bin']}"
        words = [
            row["what"],
            f"{row['ship_class']}{size}",
            _SYSTEMS[row["system"]],
            *((row["engine_type"] or "engine unknown",) if row["system"] == "main" else ()),
            row["fuel"] or "fuel unknown",
            row["mode"],
            f"Tier {row['tier']}",
            row["zone_id"] or "outside emission zones",
        ]
        head = f"[{row['row'] + 1}]  {number(row['product'])} {said.unit}  {_percent(row['share'])}  "
        yield wrap(head + ", ".join(words), rest="       ")
        yield wrap(_product(said, row), first="       ", rest="       ")
    left = said.rows.height - shown.height
    if left:
        rest = said.rows.tail(left)
        total = f"{number(rest['product'].sum())} {said.unit}  {_percent(rest['share'].sum())}"  # type: ignore[arg-type]
        yield f"  and {left} smaller parts: {total}"


def _product(said: Explanation, row: Mapping[str, Any]) -> str:
    kind = "load hours" if row["system"] == "main" else "hours"
    energy = f"{number(row['load_hours'])} {kind} x {number(row['power_kw'])} kW"
    if row["shore_kwh"]:
        energy = f"({energy} - {number(row['shore_kwh'])} kWh from shore)"
    factor = "" if said.unit == "kWh" else f" x {number(row['coefficient'])} g/kWh"
    return f"{_ships(row['ships'])}, {number(row['hours'])} h: {energy}{factor}"


def _factors(said: Explanation, shown: pl.DataFrame) -> Iterator[str]:
    """Return each factor once, with the parts that it stands in."""
    key = ["name", "value", "unit", "role", "formula", "source", "status", "table"]
    rows = said.factors.join(shown.select("row"), on="row", how="semi", maintain_order="left")
    once = rows.group_by(key, maintain_order=True).agg((pl.col("row").unique().sort() + 1).alias("rows"))
    roles = {"power": "", "factor": "", "part": "  of it: ", "curve": "in the load hours: "}
    for row in once.iter_rows(named=True):
        places = ",".join(str(place) for place in row["rows"])
        unit = "" if row["unit"] == "-" else f" {row['unit']}"
        formula = f" = {row['formula']}" if row["formula"] else ""
        yield wrap(f"{roles[row['role']]}{row['name']} {number(row['value'])}{unit}{formula}  [{places}]")
        table = f" ({row['table']})" if row["table"] else ""
        yield wrap(f"{row['status']}: {row['source']}{table}", first="      ", rest="      ")


def _rests(frame: pl.DataFrame) -> Iterator[str]:
    for (name,), rows in frame.group_by("input", maintain_order=True):
        grades = [
            f"{grade} {_percent(value)}, {_percent(hours)}"
            for grade, value, hours in rows.select("grade", "share_value", "share_hours").iter_rows()
        ]
        yield wrap(f"{name}: {'; '.join(grades)}")


def _narrow(said: Explanation) -> Iterator[str]:
    for row in said.narrow.head(_NAMED).iter_rows(named=True):
        name = row["input"].replace("_", " ")
        spread = f"spreads the value by {_percent(row['sd_of_value'])}, acts on {_percent(row['share_value'])} of it"
        yield wrap(f"{name} ({row['grade']}) {spread}: {row['mend']}")
    for row in said.leading_ships.iter_rows(named=True):
        known = f"size: {row['size_source']}"
        if 2 * (row["share_main"] or 0.0) > 1:
            known = f"power: {row['power_kw_source']}; speed: {row['v_ref_kn_source']}"
        yield wrap(f"ship {row['name'] or row['mmsi']} ({row['ship_class']}), {_percent(row['share_value'])}: {known}")


def _missing(frame: pl.DataFrame) -> Iterator[str]:
    for row in frame.iter_rows(named=True):
        lost = f"{_ships(row['ships'])}, {number(row['hours'])} hours"
        yield wrap(f"{_SYSTEMS[row['system']]}: {row['reason']}: {lost}")
