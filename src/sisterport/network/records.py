"""What a record has to hold: a commitment, the value of an indicator, a piece of evidence.

A record is refused with all its faults at once, before it is signed and again by the ledger that it is sent to.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sisterport.errors import SchemaError, did_you_mean
from sisterport.network.canonical import decimal
from sisterport.network.definitions import corridor_ports, definition, known_ports, quantities
from sisterport.network.forms import (
    Test,
    is_count,
    is_day,
    is_decimal,
    is_link,
    is_list_of,
    is_object,
    is_one_of,
    is_period,
    is_period_name,
    is_port_list,
    is_row_of,
    is_share,
    is_text,
    is_value,
    is_word,
)
from sisterport.network.keys import is_hex

MODES = ("capable", "used")
"""What is promised: ships, berths and plants that *can*, or what was *used*. Never one for the other."""


def check_body(kind: str, body: Mapping[str, Any]) -> None:
    """Refuse a record that does not hold what its kind has to.

    Parameters
    ----------
    kind
        Kind of the entry.
    body
        Its record.

    Raises
    ------
    SchemaError
        Listing every fault.

    Examples
    --------
    >>> check_body("evidence", {"text": "first call", "date": "2025-02-30", "url": "ftp:x"})
    Traceback (most recent call last):
    sisterport.errors.SchemaError: evidence: 2 faults
      - url: 'ftp:x' is not a link (https://...)
      - date: '2025-02-30' is not a day (2025-12-31)
    """
    if kind in ("coalition", "key"):
        return  # the rules of the ledger look at these
    form = _FORMS.get(kind, {})
    faults = [f"unknown field '{name}'{did_you_mean(name, list(form))}" for name in sorted(set(body) - {*form, "salt"})]
    for name, (test, meaning, needed) in form.items():
        given = body.get(name)
        if given is None:
            faults += [f"{name} is missing"] if needed else []
        elif not test(given):
            faults.append(f"{name}: {given!r} is not {meaning}"[:300])
    if not faults and "indicator" in form:
        faults += _about_indicator(kind, body)
    if faults:
        raise SchemaError(kind, faults)


def _about_indicator(kind: str, body: Mapping[str, Any]) -> list[str]:
    """Return what does not fit the definition of the indicator that the record is about."""
    indicator, version = body["indicator"], body["definition_version"]
    current = definition(indicator)["definition_version"]
    faults = []
    modes = definition(indicator)["modes"].split("|")
    if body["mode"] not in modes:
        faults.append(f"mode: {indicator} tells what is {modes[0]}, not what is {body['mode']}")
    if version != current:
        faults.append(f"definition_version: {indicator} is defined in version {current} here, not {version}")
    units = quantities(indicator)
    given = [body] if kind == "commitment" else body["values"]
    for row in given:
        if row["quantity"] not in units:
            near = did_you_mean(row["quantity"], list(units))
            faults.append(f"quantity: {indicator} has no '{row['quantity']}'{near}; it has {', '.join(units)}")
        elif row["unit"] != units[row["quantity"]]["unit"]:
            faults.append(f"unit: {row['quantity']} is in '{units[row['quantity']]['unit']}', not '{row['unit']}'")
    if not body.get("corridor") and not body["ports"]:
        faults.append("neither a corridor nor a port is named")
    return faults


_INDICATOR = (is_row_of("indicators", "indicator_id"), "an indicator (I1 to I16)", True)
_VERSION = (is_count, "the version of a definition", True)
_MODE = (is_one_of(*MODES), "capable or used", True)
_CORRIDOR = (is_row_of("green_corridors", "corridor_id"), "a corridor (K01 ...)", False)
_PORTS = (is_port_list, "a sorted list of known UN/LOCODEs", True)
_NOTE = (is_text, "a text", False)
_HASH = (lambda given: is_hex(given, 32), "a SHA-256", False)
_BASELINE = is_object(value=(is_decimal, True), period=(is_period_name, True), source=(is_text, True))
_SOURCE = is_object(name=(is_text, True), sha256=(_HASH[0], False), rows=(is_count, False))

_FORMS: dict[str, dict[str, tuple[Test, str, bool]]] = {
    "commitment": {
        "text": (is_text, "a text", True),
        "indicator": _INDICATOR,
        "definition_version": _VERSION,
        "quantity": (is_text, "a quantity of the indicator", True),
        "unit": (is_word, "the unit of the quantity", True),
        "mode": _MODE,
        "direction": (is_one_of("at_least", "at_most"), "at_least or at_most", True),
        "target": (is_decimal, 'a decimal as text ("0.8")', True),
        "due": (is_day, "a day (2026-12-31)", True),
        "corridor": _CORRIDOR,
        "ports": _PORTS,
        "baseline": (_BASELINE, "an object with value, period (2019, 2026-05) and source", False),
        "agreement": (is_row_of("port_agreements", "agreement_id"), "an agreement (A01 ...)", False),
        "source": (is_text, "where the promise stands", False),
        "note": _NOTE,
    },
    "indicator": {
        "indicator": _INDICATOR,
        "definition_version": _VERSION,
        "mode": _MODE,
        "period": (is_period, "an object with begin and a later end (2026-05-01T00:00:00Z)", True),
        "corridor": _CORRIDOR,
        "ports": _PORTS,
        "values": (is_list_of(is_value, least=1), "a list of quantity, unit, value, low <= value, high >= value", True),
        "coverage": (is_share, 'a share as text ("0.95")', True),
        "coverage_basis": (is_text, "what the coverage is a share of", True),
        "uncertainty_basis": (is_text, "where low and high come from", True),
        "sources": (is_list_of(_SOURCE, least=1), "a list of name, sha256 and rows", True),
        "software": (is_text, "name and version", True),
        "note": _NOTE,
    },
    "evidence": {
        "text": (is_text, "a text", True),
        "url": (is_link, "a link (https://...)", False),
        "sha256": _HASH,
        "date": (is_day, "a day (2025-12-31)", True),
    },
}


def commitment_body(
    indicator: str,
    *,
    text: str,
    target: float,
    due: str,
    mode: str,
    corridor: str | None = None,
    ports: Iterable[str] = (),
    quantity: str | None = None,
    direction: str | None = None,
    baseline: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return the record of a commitment.

    Parameters
    ----------
    indicator, text, target, due, mode, corridor
        What is promised in words, by which indicator, how much, by which day, capable or used, on which corridor.
    ports
        Ports that it is of; none: those of the corridor.
    quantity, direction
        None: the first quantity of the indicator, and the way in which that is better.
    baseline
        ``value, period, source``; None where none is published.
    **more
        ``agreement, source, note``.

    Raises
    ------
    SchemaError
        Listing every fault.
    ReferenceDataError
        If there is no such indicator, corridor or port.

    Examples
    --------
    >>> made = commitment_body("I3", text="capable ships from 2025", target=1, due="2025-12-31", mode="capable",
    ...                        corridor="K01", agreement="A06")
    >>> made["target"], made["quantity"], made["direction"], made["ports"]
    ('1', 'ships', 'at_least', ['CNSGH', 'USLAX', 'USLGB'])
    """
    units = quantities(definition(indicator)["indicator_id"])
    name = quantity or next(iter(units))
    unit = units.get(name, {"unit": "", "better": ""})
    body = {
        "text": text,
        "indicator": indicator,
        "definition_version": definition(indicator)["definition_version"],
        "quantity": name,
        "unit": unit["unit"],
        "mode": mode,
        "direction": direction or unit["better"],
        "target": decimal(target),
        "due": due,
        "ports": known_ports(ports) or (known_ports(corridor_ports(corridor)) if corridor else []),
        "corridor": corridor,
        "baseline": None if baseline is None else {**baseline, "value": decimal(float(baseline["value"]))},
        **more,
    }
    told = {key: value for key, value in body.items() if value is not None}
    check_body("commitment", told)
    return told
