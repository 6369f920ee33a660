"""Say why: for one ship and berth each check with its evidence, what is missing and what would mend it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sisterport.errors import MethodError
from sisterport.reference import load, value
from sisterport.shorepower.checks import (
    CABLE,
    CHECKS,
    DOCUMENTS,
    KIND,
    PLUGS,
    POWER,
    PROTECTION,
    REACH,
    TIME,
    VOLTAGE,
    ZONE,
)
from sisterport.shorepower.evidence import Row, facts_of, missing_of
from sisterport.shorepower.grades import (
    Fix,
    checks_of,
    fix_table,
    fixes_of,
    grade_by_mask,
    mend,
)
from sisterport.shorepower.kernel import ALL, HALF, LIMIT_LOW
from sisterport.shorepower.kleene import FALSE, TRUE, UNKNOWN, WORDS
from sisterport.shorepower.match import Found, judge
from sisterport.shorepower.prepare import Prepared
from sisterport.shorepower.reasons import CheckLine, Reasons

_SUITED = (KIND, VOLTAGE, PLUGS, CABLE, REACH, PROTECTION)


def render(
    ship_id: str, berth_id: str, registers: Prepared, *, stay_h: float | None = None, costs: Any = None
) -> Reasons:
    """Return the verdict on one ship at one berth with its reasons.

    Parameters
    ----------
    ship_id, berth_id
        The pair.
    registers
        Both registers as `prepare` gives them; prepared once, any pair takes less than a millisecond.
    stay_h
        Stay alongside [h]; None is unknown.
    costs
        Costs of fixes as `fix_costs` gives them; by default those of the reference data.

    Raises
    ------
    SchemaError
        If ship or berth are not in the registers.

    Examples
    --------
    >>> from datetime import date
    >>> import polars as pl
    >>> from sisterport.shorepower.prepare import prepare
    >>> outlets = pl.DataFrame([{
    ...     "outlet_id": "o1", "berth_id": "b1", "locode": "DEHAM", "state": "operational", "frequency_hz": 50.0,
    ...     "source": "port", "status": "checked"}])
    >>> inlets = pl.DataFrame([{
    ...     "inlet_id": "i1", "imo": 9074729, "has_inlet": False, "bus_frequency_hz": 60.0,
    ...     "source": "yard", "status": "secondary"}])
    >>> reasons = render("imo:9074729", "b1", prepare(inlets, outlets, on=date(2026, 11, 1)), stay_h=24)
    >>> reasons.best, reasons.worst, reasons.missing[0]
    (3, 5, 'ship: peak_mw')
    >>> for line in str(reasons).splitlines()[4:8]:
    ...     print(line)
    5 frequency: false
      bus_frequency 60 Hz (ship; yard; secondary)
      frequency 50 Hz (berth; port; checked)
      ship: ship_converter 800,000 / 1,500,000 / 3,000,000
    """
    table = _costs(costs)
    ship, berth = registers.find([ship_id], [berth_id])
    stay = np.array([np.nan if stay_h is None else float(stay_h)])
    found = judge(registers, ship, berth, stay, table.grades)
    inlet = registers.inlets.row(int(found.inlet[0]), named=True)
    outlet = registers.outlets.row(int(found.outlet[0]), named=True)
    false, true = int(found.bits[0]) & ALL, int(found.bits[0]) >> HALF
    answers = {
        k: FALSE if false >> (k - 1) & 1 else TRUE if true >> (k - 1) & 1 else UNKNOWN for k in range(1, 1 + CHECKS)
    }
    lines = tuple(_line(k, answers[k], inlet, outlet, registers, found, stay_h, table) for k in answers)
    share = float(found.share[0])
    best, worst = int(found.best[0]), int(found.worst[0])
    clauses = [k for k in checks_of(false) if k != DOCUMENTS]
    perhaps = [k for k in checks_of(ALL & ~true) if k != DOCUMENTS]
    return Reasons(
        ship_id=ship_id,
        berth_id=berth_id,
        inlet_id=inlet["inlet_id"],
        outlet_id=outlet["outlet_id"],
        grade=best if best == worst else None,
        best=best,
        worst=worst,
        power_share=None if share < 0 else share,
        checks=lines,
        mending=mend(clauses, table.fixes),
        if_unknown_fail=None if perhaps == clauses else mend(perhaps, table.fixes),
        currency=table.currency,
        price_year=table.price_year,
        on=registers.on.isoformat(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Costs:
    fixes: dict[int, tuple[Fix, ...]]
    grades: Any
    currency: str
    price_year: int


@cache
def _usual_costs() -> _Costs:
    return _read_costs(None)


def _costs(costs: Any) -> _Costs:
    return _usual_costs() if costs is None else _read_costs(costs)


def _read_costs(costs: Any) -> _Costs:
    table = fix_table(costs)
    if table.is_empty():
        raise MethodError("no fix has a cost")
    currency, year = table.select("currency", "price_year").row(0)
    return _Costs(fixes=fixes_of(table), grades=grade_by_mask(table), currency=currency, price_year=year)


@cache
def _rules() -> dict[int, tuple[str, str]]:
    return {
        number: (name, rule)
        for number, name, rule in load("shorepower_checks").select("check_no", "check_id", "rule").iter_rows()
    }


def _line(
    check: int,
    answer: int,
    inlet: Row,
    outlet: Row,
    registers: Prepared,
    found: Found,
    stay_h: float | None,
    costs: _Costs,
) -> CheckLine:
    name, rule = _rules()[check]
    fixes = costs.fixes[check] if answer != TRUE else ()
    missing: tuple[str, ...] = ()
    if answer == UNKNOWN:
        missing = _missing(check, inlet, outlet, registers, found, stay_h)
    return CheckLine(
        number=check,
        check=name,
        rule=rule,
        answer=WORDS[answer],
        note=_note(check, inlet, outlet, registers, found, stay_h),
        facts=facts_of(check, inlet, outlet, registers.demand),
        missing=missing,
        ship_fixes=tuple(fix for fix in fixes if fix.side == "ship"),
        berth_fixes=tuple(fix for fix in fixes if fix.side == "berth"),
    )


def _missing(
    check: int, inlet: Row, outlet: Row, registers: Prepared, found: Found, stay_h: float | None
) -> tuple[str, ...]:
    if check == DOCUMENTS:
        return ("pair: assessment",)
    volts = registers.packed.volts[int(found.inlet[0]), registers.packed.outlets[int(found.outlet[0])]["kv_code"]]
    missing = missing_of(check, inlet, outlet, registers.demand, transformer=bool(volts & LIMIT_LOW))
    if check == TIME and stay_h is None:
        return ("pair: stay_h", *(fact for fact in missing if fact != "berth: state"))
    return missing


def _note(
    check: int,
    inlet: Row,
    outlet: Row,
    registers: Prepared,
    found: Found,
    stay_h: float | None,
) -> str:
    """Return what was worked out for a check."""
    own = registers.packed.inlets[int(found.inlet[0])]
    their = registers.packed.outlets[int(found.outlet[0])]
    if (inlet["free"] or outlet["free"]) and check in _SUITED:
        return f"the new {'inlet' if inlet['free'] else 'outlet'} is built to suit"
    if check in (POWER, PLUGS):
        text = f"needs {_span(own['need_low'], own['need_high'], 'MVA')}"
        share = float(found.share[0])
        power = (
            ""
            if outlet["free"]
            else f", outlet and plant leave {_span(their['power_low'], their['power_high'], 'MVA')}"
        )
        return text + power + (f", share {share:.2f}" if share >= 0 else "") if check == POWER else text
    if check == TIME:
        stay = "unknown" if stay_h is None else f"{stay_h:g} h"
        hours = _span(their["hours_low"], their["hours_high"], "h")
        return f"stay {stay}; {hours} to connect and disconnect, {value('shore_useful_min_h'):g} h of use at least"
    if check == ZONE and "tanker" not in str(inlet["ship_class"]) and inlet["ship_class"] not in (None, "unknown"):
        return f"not asked of a {inlet['ship_class']}"
    return ""


def _span(low: float, high: float, unit: str) -> str:
    return f"{low:.3g} {unit}" if low == high else f"{low:.3g} to {high:.3g} {unit}"
