"""One table of a scenario file: ports, years, series, and which of its values are guesses."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sisterport.corridor.scenario import YearSteps
from sisterport.errors import InputError, ReferenceDataError, SchemaError
from sisterport.reference import resolve_locode
from sisterport.tables.section import Section

FIRST_YEAR, LAST_YEAR = 2020, 2100
"""Years that a scenario may speak of: beyond them a year is a slip of the pen."""


@dataclass(slots=True)
class Part(Section):
    """One table of a scenario file.

    Attributes
    ----------
    named : list of Path
        Other files that were read for it.
    """

    named: list[Path] = field(default_factory=list)

    def text(self, key: str) -> str:
        """Return a text that is needed, and not empty."""
        found = str(self.take(key, str, "", needed=True))
        if isinstance(self.data.get(key), str) and not found.strip():
            self.fault(key, "is empty")
        return found

    def year(self, key: str, default: int | None = None, *, needed: bool = False) -> int | None:
        """Return a year."""
        found = self.take(key, int, default, needed=needed)
        if found is not None and key in self.data and not FIRST_YEAR <= found <= LAST_YEAR:
            self.fault(key, f"= {found} is no year from {FIRST_YEAR} to {LAST_YEAR}")
            return default
        return None if found is None else int(found)

    def whole(self, key: str, default: int | None = None, *, low: int = 0, needed: bool = False) -> int | None:
        """Return a whole number of at least `low`."""
        found = self.take(key, int, default, needed=needed)
        if found is not None and found < low:
            self.fault(key, f"should be at least {low}, is {found}")
            return default
        return None if found is None else int(found)

    def locode(self, key: str, *, needed: bool = False) -> str:
        """Return a port code, in its canonical form."""
        return self._code(key, self.take(key, str, "", needed=needed))

    def locodes(self, key: str, *, needed: bool = False) -> tuple[str, ...]:
        """Return a list of port codes."""
        return tuple(code for word in self.take(key, list, [], needed=needed) if (code := self._code(key, word)))

    def _code(self, key: str, word: Any) -> str:
        if not isinstance(word, str):
            self.fault(key, f"should hold port codes, has {word!r}")
            return ""
        try:
            return resolve_locode(word) if word else ""
        except ReferenceDataError as error:
            self.fault(key, f": {error}")
            return ""

    def ends(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the ports of the two ends."""
        found = self.take("ends", list, [], needed=True)
        if "ends" not in self.data:
            return (), ()
        if len(found) != 2 or not all(isinstance(end, list) and end for end in found):
            self.fault("ends", 'should be two lists of ports, as [["CNSGH"], ["USLAX", "USLGB"]]')
            return (), ()
        first, second = (tuple(code for word in end if (code := self._code("ends", word))) for end in found)
        for code in set(first) & set(second):
            self.fault("ends", f": {code} is at both ends")
        return first, second

    def steps(self, key: str, *, low: float = 0.0, high: float = float("inf"), needed: bool = False) -> YearSteps:
        """Return values by the year from which they hold: ``{ 2027 = 50_000, 2030 = 200_000 }``, or one number."""
        found = self.take(key, (dict, int, float), {}, needed=needed)
        table = found if isinstance(found, dict) else {str(FIRST_YEAR): found}
        good: dict[int, float] = {}
        for word, number in table.items():
            if not (str(word).isdigit() and FIRST_YEAR <= int(word) <= LAST_YEAR):
                self.fault(key, f": '{word}' is no year from {FIRST_YEAR} to {LAST_YEAR}")
            elif not isinstance(number, (int, float)) or isinstance(number, bool) or not low <= number <= high:
                bounds = f"at least {low:g}" if high == float("inf") else f"from {low:g} to {high:g}"
                self.fault(key, f": {word} should be a number {bounds}, is {number!r}")
            else:
                good[int(word)] = float(number)
        return dict(sorted(good.items()))

    def numbers(self, key: str, count: int, *, low: float, needed: bool = False) -> tuple[float, ...]:
        """Return `count` numbers: a list of them, or one that stands for all."""
        found = self.take(key, (list, int, float), [], needed=needed)
        values = found if isinstance(found, list) else [found] * count
        if key not in self.data or not count:
            return ()
        if len(values) != count:
            self.fault(key, f"should be one number or {count} of them, has {len(values)}")
            return ()
        wrong = [v for v in values if not isinstance(v, (int, float)) or isinstance(v, bool) or not v >= low]
        if wrong:
            self.fault(key, f"should hold numbers of at least {low:g}, has {wrong[0]!r}")
            return ()
        return tuple(float(value) for value in values)

    def integers(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers above 0."""
        found = self.take(key, list, [])
        if not all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in found):
            self.fault(key, f"should hold whole numbers above 0, is {found!r}")
            return ()
        return tuple(found)

    def by_word(self, key: str, words: tuple[str, ...], *, low: float = 0.0, what: str) -> dict[str, float]:
        """Return a table of numbers by words, as ``{ methanol = 45 }``."""
        found = self.take(key, dict, {})
        good = {}
        for word, number in found.items():
            if word not in words:
                self.fault(key, f": '{word}' is no {what}; choose from {', '.join(words)}")
            elif not isinstance(number, (int, float)) or isinstance(number, bool) or not number >= low:
                self.fault(key, f": {word} should be a number of at least {low:g}, is {number!r}")
            else:
                good[word] = float(number)
        return good

    def years_by_word(self, key: str, words: tuple[str, ...], *, what: str) -> dict[str, int]:
        """Return a table of years by words, as ``{ methanol = 2027 }``."""
        found = self.by_word(key, words, what=what)
        for word, year in found.items():
            if not (FIRST_YEAR <= year <= LAST_YEAR and year == int(year)):
                self.fault(key, f": {word} = {year:g} is no year from {FIRST_YEAR} to {LAST_YEAR}")
        return {word: int(year) for word, year in found.items()}

    def trial(self, key: str, make: Any, *given: Any, default: Any = None) -> Any:
        """Return ``make(*given)``, or note its error against `key`."""
        try:
            return make(*given)
        except (InputError, ReferenceDataError) as error:
            if isinstance(error, SchemaError):
                for fault in error.faults:
                    self.fault(key, f": {fault}")
            else:
                self.fault(key, f": {error}")
            return default

    def passport(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return what the table says of its own values: those that are guesses, and its source."""
        marked = self.take("guess", list, [])
        for word in map(str, marked):
            if word not in self.data:
                self.fault("guess", f"marks '{word}', which this table does not set")
        source = self.take("source", str, "")
        return [(self.name, str(word)) for word in marked], [(self.name, source)] if source else []
