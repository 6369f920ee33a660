"""Choices of method of the compliance commands, given as words: name=value, all faults at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sisterport.errors import InputError, SisterportError, choose, did_you_mean
from sisterport.reference import value
from sisterport.rules.fleet import Switch
from sisterport.rules.movement_fuels import FuelChoices
from sisterport.rules.movements import PORT_OF_CALL
from sisterport.rules.rule_options import RuleOptions
from sisterport.rules.voyages import ACROSS_YEARS

_BOOLEANS = {"yes": True, "true": True, "no": False, "false": False}
_READING = {"port_of_call": PORT_OF_CALL, "across_years": ACROSS_YEARS}
_OF = {
    "run": ({"port_of_call"}, "a run"),
    "voyages": ({"across_years"}, "voyages"),
    "mrv": ({"lng"}, "an EU-MRV publication"),
}
_MRV = {"gwp", "unmeasured", "allowance_eur", "lng_line", "lng"}
"""What a publication can be told: everything else asks for ports or for fuels, which are not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Choices of method, sorted by who takes them.

    Attributes
    ----------
    options, fuels
        Of the accounts, and of the fuels of Annex II.
    reading
        Keywords of the reader: ``port_of_call``, ``across_years`` or ``lng``.
    given
        What was given, by name.
    """

    options: RuleOptions = field(default_factory=RuleOptions)
    fuels: FuelChoices = field(default_factory=FuelChoices)
    reading: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)


def names(kind: str) -> list[str]:
    """Return the names of all choices that a kind of source can be told.

    Parameters
    ----------
    kind
        ``run``, ``voyages`` or ``mrv``.

    Examples
    --------
    >>> names("mrv")
    ['allowance_eur', 'gwp', 'lng', 'lng_line', 'unmeasured']
    """
    if kind == "mrv":
        return sorted(_MRV)
    common = [item.name for item in (*fields(RuleOptions), *fields(FuelChoices))]
    return sorted([*common, *_OF[kind][0]])


def choices(given: Mapping[str, Any], *, kind: str) -> Choices:
    """Return the choices of a command.

    Parameters
    ----------
    given
        Values by name; words are read as the kind of value that the name has.
    kind
        ``run``, ``voyages`` or ``mrv``: a choice that makes no difference there is a fault.

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> choices({"nzf": "yes", "nzf_start_year": "2030"}, kind="voyages").options.nzf_start_year
    2030
    """
    known, faults = names(kind), []
    # a run sees ships while they are in its area: what it holds of a ship is seldom a year of hers
    values: dict[str, Any] = {"cii_least_share": value("whole_year_share")} if kind == "run" else {}
    for name, word in given.items():
        if name not in known:
            faults.append(
                f"no choice '{name}' for {_OF[kind][1]}{did_you_mean(name, known)}; there are {', '.join(known)}"
            )
            continue
        try:
            values[name] = _value(name, word)
        except SisterportError as error:
            faults.append(str(error))
    parts = {
        group: {name: value for name, value in values.items() if name in own}
        for group, own in (
            (RuleOptions, {item.name for item in fields(RuleOptions)}),
            (FuelChoices, {item.name for item in fields(FuelChoices)}),
        )
    }
    made: dict[Any, Any] = {}
    for group, own in parts.items():
        try:
            made[group] = group(**own)
        except SisterportError as error:
            faults.append(str(error))
    if faults:
        raise InputError("\n".join(faults))
    reading = {name: values[name] for name in _OF[kind][0] if name in values}
    return Choices(options=made[RuleOptions], fuels=made[FuelChoices], reading=reading, given=values)


def _value(name: str, word: Any) -> Any:
    """Return a word as the value that a choice has: a number, yes or no, or a word."""
    if not isinstance(word, str):
        return word
    if name in _READING:
        return choose(name, word, _READING[name])
    kinds = {item.name: str(item.type) for item in fields(RuleOptions)}
    kind = kinds.get(name, "str")
    try:
        if "bool" in kind:
            return _BOOLEANS[word.lower()]
        if "float" in kind:
            return float(word)
        return int(word) if "int" in kind else word
    except (KeyError, ValueError):
        wanted = "yes or no" if "bool" in kind else "a number"
        raise InputError(f"{name} wants {wanted}, got '{word}'") from None


def switches(words: Sequence[str]) -> list[Switch]:
    """Return fuels to switch to, from words ``fuel`` or ``fuel:E`` with the certified intensity E [g/MJ].

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> switches(["bio_hvo:15"])[0].certified_e_g_per_mj
    15.0
    """
    found, faults = [], []
    for word in words:
        fuel, sign, intensity = (part.strip() for part in word.partition(":"))
        try:
            found.append(Switch(fuel=fuel, certified_e_g_per_mj=float(intensity) if sign else None))
        except ValueError:
            faults.append(f"--switch wants FUEL or FUEL:E with E in g/MJ, got '{word}'")
        except SisterportError as error:
            faults.append(str(error))
    if faults:
        raise InputError("\n".join(faults))
    return found
