"""A verdict with its reasons, as objects, as plain data and as text."""

from dataclasses import asdict, dataclass
from typing import Any

from sisterport.shorepower.evidence import Fact
from sisterport.shorepower.grades import PARTIAL, PRE_SCREEN, Fix, FixSet, Mending, grade_word
from sisterport.shorepower.kleene import FALSE, TRUE, UNKNOWN, WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One check of one pair.

    Attributes
    ----------
    number, check, rule
        Of the reference table ``shorepower_checks``.
    answer
        ``true``, ``false`` or ``unknown``.
    note
        Numbers that were worked out, or why nothing was asked.
    facts
        Known facts that it rests on, each with source, status and confidence.
    missing
        Facts that are unknown, where the answer is.
    ship_fixes, berth_fixes
        What would make it true, cheapest first.
    """

    number: int
    check: str
    rule: str
    answer: str
    note: str
    facts: tuple[Fact, ...]
    missing: tuple[str, ...]
    ship_fixes: tuple[Fix, ...]
    berth_fixes: tuple[Fix, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """A verdict with its reasons; ``str()`` makes a text of it, `to_dict` plain data.

    Attributes
    ----------
    ship_id, berth_id, inlet_id, outlet_id
        The pair, and the connection that it rests on.
    grade, best, worst, power_share
        As in the table ``verdicts``.
    checks
        All 13.
    mending
        Sets of fixes for the failing checks; documents are paperwork and not among them.
    if_unknown_fail
        Sets of fixes if every unknown check failed too; None where nothing is unknown.
    currency, price_year
        Of the costs.
    """

    ship_id: str
    berth_id: str
    inlet_id: str | None
    outlet_id: str | None
    grade: int | None
    best: int
    worst: int
    power_share: float | None
    checks: tuple[CheckLine, ...]
    mending: Mending
    if_unknown_fail: Mending | None
    currency: str
    price_year: int
    on: str

    @property
    def missing(self) -> tuple[str, ...]:
        """Facts to obtain, those of the first check first, each once."""
        return tuple(dict.fromkeys(fact for line in self.checks for fact in line.missing))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, with what the grade means and that it is a pre-screen."""
        return {**asdict(self), "meaning": grade_word(self.grade), "missing": self.missing, "note": PRE_SCREEN}

    def __str__(self) -> str:
        """Return the whole as text."""
        return "\n".join(_text(self))


def _text(reasons: Reasons) -> list[str]:
    meaning = f"grade {reasons.grade}, {grade_word(reasons.grade)}"
    if reasons.grade is None:
        ends = [f"{grade} ({grade_word(grade)})" for grade in (reasons.best, reasons.worst)]
        meaning = f"undecided, from {ends[0]} to {ends[1]}"
    lines = [f"{reasons.ship_id} at {reasons.berth_id} on {reasons.on}: {meaning}"]
    if reasons.grade == PARTIAL and reasons.power_share is not None:
        lines.append(f"power for {reasons.power_share:.0%} of the peak")
    order = {WORDS[FALSE]: 0, WORDS[UNKNOWN]: 1, WORDS[TRUE]: 2}
    for line in sorted(reasons.checks, key=lambda one: order[one.answer]):
        lines.append(f"{line.number} {line.check}: {line.answer}" + (f" ({line.note})" if line.note else ""))
        lines += [f"  {fact} ({', '.join(_passport(fact))})".replace(", ", "; ") for fact in line.facts]
        lines += [f"  missing: {', '.join(line.missing)}"] if line.missing else []
        lines += [
            _alternatives(side, fixes)
            for side, fixes in (("ship", line.ship_fixes), ("berth", line.berth_fixes))
            if fixes
        ]
    for title, fixes in (
        ("cheapest", reasons.mending.cheapest),
        ("on the ship alone", reasons.mending.ship_only),
        ("at the berth alone", reasons.mending.berth_only),
    ):
        if fixes is not None and fixes.fixes:
            lines.append(f"{title}: {_priced(fixes)}")
    if reasons.mending.survival is not None and reasons.mending.cheapest and reasons.mending.cheapest.fixes:
        lines.append(str(reasons.mending.survival))
    lines.append(f"costs low / mid / high in {reasons.currency} of {reasons.price_year}")
    return [*lines, PRE_SCREEN]


def _passport(fact: Fact) -> list[str]:
    parts = [fact.side, fact.source or "no source", fact.status or "no status"]
    return [*parts, f"confidence {fact.confidence}"] if fact.confidence else parts


def _alternatives(side: str, fixes: tuple[Fix, ...]) -> str:
    return f"  {side}: " + " or ".join(f"{fix.fix} {fix.low:,.0f} / {fix.mid:,.0f} / {fix.high:,.0f}" for fix in fixes)


def _priced(fixes: FixSet) -> str:
    return f"{' + '.join(fixes.ids)}: {fixes.low:,.0f} / {fixes.mid:,.0f} / {fixes.high:,.0f}"
