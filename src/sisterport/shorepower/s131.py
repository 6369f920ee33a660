"""Outlets in the words of IHO S-131 ``OnshorePowerFacility``, one facility per outlet, and back.

S-131 lists voltages and frequencies of a facility apart from each other, and some of its codes hold two voltages:
which go together is not in it, and is not made up here. A voltage without a code (10 kV, 450 V) is not rounded to
the nearest one but named in ``notInS131``. Codes that came in are kept beside our values and go out again.

References
----------
IHO S-131 Marine Harbour Infrastructure, feature catalogue 2.0.0 of 13 March 2026 (release candidate).
"""

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product
from typing import Any

import polars as pl

from sisterport.errors import ReferenceDataError, SchemaError, choose
from sisterport.reference import load, value
from sisterport.shorepower.words import spelt, words
from sisterport.tables import to_polars
from sisterport.units import ROUNDING

_VOLTAGE, _FREQUENCY, _KIND = "categoryOfVoltage", "categoryOfFrequency", "categoryOfShorePowerFacility"
_HIGH, _LOW, _HYBRID = (int(code) for code in load("s131_codes").filter(pl.col("attribute") == _KIND)["code"])
_KEPT = {_VOLTAGE: "s131_voltage_codes", _FREQUENCY: "s131_frequency_codes", _KIND: "s131_facility_code"}
_PLUGS = "s131_plugs"  # free text: several plugs of a facility, in one cell
_OTHER = "other: "


def to_s131(outlets: Any) -> pl.DataFrame:
    """Return outlets as facilities: one row per outlet with the attributes and codes of S-131.

    Parameters
    ----------
    outlets
        Frame of the table ``outlets``; needed are ``outlet_id``, ``voltage_kv`` [kV] and ``frequency_hz`` [Hz].

    Returns
    -------
    DataFrame
        ``iDCode`` (our outlet_id), ``uNLocationCode``, ``categoryOfShorePowerFacility``, lists
        ``categoryOfVoltage``, ``categoryOfFrequency``, ``categoryOfPlug``, and ``notInS131``: what has no code.

    Examples
    --------
    >>> outlets = pl.DataFrame({"outlet_id": ["o"] * 3, "voltage_kv": [6.6, 11.0, 10.0], "frequency_hz": [60.0] * 3})
    >>> to_s131(outlets).select("categoryOfVoltage", "categoryOfFrequency", "notInS131").row(0)
    ([10, 12], [2], ['10 kV'])
    """
    frame = to_polars(outlets)
    rows = [_facility(str(name), rows) for (name,), rows in frame.group_by("outlet_id", maintain_order=True)]
    codes = pl.List(pl.Int64)
    kinds = {
        "iDCode": pl.String(),
        "uNLocationCode": pl.String(),
        _KIND: pl.Int64(),
        _VOLTAGE: codes,
        _FREQUENCY: codes,
        "categoryOfPlug": pl.List(pl.String),
        "notInS131": pl.List(pl.String),
    }
    return pl.DataFrame(rows, schema=kinds)


def from_s131(facilities: Any, *, state: str, source: str, status: str) -> pl.DataFrame:
    """Return facilities of S-131 as rows for `read_outlets`.

    Parameters
    ----------
    facilities
        Frame with a row per OnshorePowerFacility: ``iDCode``, ``uNLocationCode`` (S-131 has it on the berth or
        terminal) and, where known, the lists of codes; a column ``berth_id``, if there, says the berth, else the
        facility stands for one.
    state
        State of the outlets: S-131 has none, so the caller says it.
    source, status
        Passport of the rows.

    Returns
    -------
    DataFrame
        One row per voltage and frequency. ``pair`` is ``exists`` only if one of both lists has a single value
        and no code stands for two voltages, else ``possible``. The codes are kept in columns ``s131_...``.

    Raises
    ------
    SchemaError
        If a code is not in S-131, or columns are missing.
    MethodError
        If `state` is no word of `sisterport.shorepower.words`.

    Examples
    --------
    >>> facility = {"iDCode": "o", "uNLocationCode": "DEKEL", "categoryOfVoltage": [11], "categoryOfFrequency": [1]}
    >>> outlets = from_s131(pl.DataFrame([facility]), state="operational", source="chart", status="secondary")
    >>> outlets.select("voltage_kv", "frequency_hz", "pair", "s131_voltage_codes").rows()
    [(6.6, 50.0, 'possible', '11'), (11.0, 50.0, 'possible', '11')]
    """
    frame = to_polars(facilities)
    choose("state", state, list(words("state")))
    faults = [f"column '{c}' missing" for c in ("iDCode", "uNLocationCode") if c not in frame.columns]
    rows: list[dict[str, Any]] = []
    for number, facility in enumerate(frame.iter_rows(named=True)):
        try:
            rows += _outlet_rows(facility)
        except ReferenceDataError as error:
            faults.append(f"{error}: row {number}")
    if faults:
        raise SchemaError("facilities of S-131", faults)
    kinds = {
        "outlet_id": pl.String(),
        "berth_id": pl.String(),
        "locode": pl.String(),
        "kind": pl.String(),
        "voltage_kv": pl.Float64(),
        "frequency_hz": pl.Float64(),
        "pair": pl.String(),
        "connector": pl.String(),
        **dict.fromkeys([*_KEPT.values(), _PLUGS], pl.String()),
    }
    passport = {"state": state, "source": source, "status": status}
    return pl.DataFrame(rows, schema=kinds).with_columns(pl.lit(v).alias(c) for c, v in passport.items())


def voltages_kv(code: int) -> tuple[float, ...]:
    """Return the voltages [kV] that a code of categoryOfVoltage stands for.

    Raises
    ------
    ReferenceDataError
        If S-131 has no such code.

    Examples
    --------
    >>> voltages_kv(10), voltages_kv(11)
    ((6.6,), (6.6, 11.0))
    """
    return tuple(float(kv) for kv in _row(_VOLTAGE, code)["kv"].split("|"))


def voltage_code(voltage_kv: float) -> int | None:
    """Return the code of just this voltage [kV], or None where S-131 has none.

    Examples
    --------
    >>> voltage_code(6.6), voltage_code(10.0)
    (10, None)
    """
    single = {kv: code for code in _codes(_VOLTAGE) if len(kvs := voltages_kv(code)) == 1 for kv in kvs}
    return next((code for kv, code in single.items() if abs(kv - voltage_kv) <= ROUNDING), None)


def _facility(name: str, rows: pl.DataFrame) -> dict[str, Any]:
    kv = rows["voltage_kv"].drop_nulls().unique(maintain_order=True).to_list()
    hz = rows["frequency_hz"].drop_nulls().unique(maintain_order=True).to_list()
    kept = _kept(rows, _VOLTAGE)
    if kept and {v for code in kept for v in voltages_kv(code)} == set(kv):
        volts = kept
    else:
        volts = sorted(code for v in kv if (code := voltage_code(v)) is not None)
    without = [f"{v:g} kV" for v in kv if not any(v in voltages_kv(code) for code in volts)]
    by_hz = {float(_row(_FREQUENCY, code)["hz"]): code for code in _codes(_FREQUENCY)}
    hertz = sorted(by_hz[f] for f in hz if f in by_hz)
    kept_hz = _kept(rows, _FREQUENCY)
    return {
        "iDCode": name,
        "uNLocationCode": rows["locode"][0] if "locode" in rows.columns else None,
        _KIND: _facility_code(rows, kv),
        _VOLTAGE: volts,
        _FREQUENCY: kept_hz if set(kept_hz) == set(hertz) else hertz,
        "categoryOfPlug": _plugs(rows),
        "notInS131": without + ["direct current" for f in hz if f == 0],
    }


def _plugs(rows: pl.DataFrame) -> list[str]:
    """Return the plugs by name; those that came with the outlet where the connector does not say more."""
    known = rows["connector"].drop_nulls().unique(maintain_order=True).to_list() if "connector" in rows.columns else []
    kept = rows[_PLUGS][0] if _PLUGS in rows.columns else None
    return [str(name).removeprefix(_OTHER) for name in known] or (str(kept).split("\n") if kept else [])


def _facility_code(rows: pl.DataFrame, kv: list[float]) -> int | None:
    """Return the code of high or low voltage by the voltages, else by the code or kind that the rows give."""
    found = {_HIGH if v > value("high_voltage_above_kv") else _LOW for v in kv}
    if "kind" in rows.columns and not found:
        found = {{"HVSC": _HIGH, "LVSC": _LOW}[k] for k in rows["kind"].drop_nulls() if k != "DC"}
    if len(found) > 1:
        return _HYBRID
    kept = _kept(rows, _KIND)
    return found.pop() if found else kept[0] if kept else None


def _kept(rows: pl.DataFrame, attribute: str) -> list[int]:
    """Return the codes that came with the outlet, in their order."""
    column = _KEPT[attribute]
    text = rows[column][0] if column in rows.columns else None
    return [int(code) for code in str(text).split("|")] if text else []


def _outlet_rows(facility: Mapping[str, Any]) -> list[dict[str, Any]]:
    volts, hertz = _listed(facility, _VOLTAGE), _listed(facility, _FREQUENCY)
    kv: list[float | None] = list(dict.fromkeys(v for code in volts for v in voltages_kv(code)))
    hz: list[float | None] = list(dict.fromkeys(float(_row(_FREQUENCY, code)["hz"]) for code in hertz))
    plugs = [str(p) for p in facility.get("categoryOfPlug") or ()]
    code = facility.get(_KIND)
    if code is not None:
        _row(_KIND, int(code))
    two = any(len(voltages_kv(c)) > 1 for c in volts)
    pair = ("possible" if two or min(len(kv), len(hz)) > 1 else "exists") if kv and hz else None
    same = {
        "outlet_id": facility.get("iDCode"),
        "berth_id": facility.get("berth_id") or facility.get("iDCode"),
        "locode": facility.get("uNLocationCode"),
        # several plugs: which belongs to which voltage is not said
        "connector": _connector(plugs[0]) if len(plugs) == 1 else None,
        _PLUGS: "\n".join(plugs) if len(plugs) > 1 else None,
        _KEPT[_VOLTAGE]: _joined(volts),
        _KEPT[_FREQUENCY]: _joined(hertz),
        _KEPT[_KIND]: None if code is None else str(code),
    }
    return [
        same | {"kind": _kind(v, code), "voltage_kv": v, "frequency_hz": f, "pair": pair}
        for v, f in product(kv or [None], hz or [None])
    ]


def _connector(plug: str) -> str:
    word, fault = spelt("connector", "outlets", plug)
    return f"{_OTHER}{plug}" if fault else word


def _kind(voltage_kv: float | None, code: int | None) -> str | None:
    """Return the kind by voltage. Without one, code 2 says nothing: its text leaves 6.6 kV to low voltage."""
    if voltage_kv is not None:
        return "HVSC" if voltage_kv > value("high_voltage_above_kv") else "LVSC"
    return "HVSC" if code == _HIGH else None


def _listed(facility: Mapping[str, Any], attribute: str) -> list[int]:
    return [int(code) for code in facility.get(attribute) or ()]


def _joined(codes: Iterable[int]) -> str | None:
    return "|".join(map(str, codes)) or None


@cache
def _table() -> dict[tuple[str, int], dict[str, str]]:
    rows = load("s131_codes").with_columns(pl.col("kv", "hz").cast(pl.String)).iter_rows(named=True)
    return {(row["attribute"], int(row["code"])): row for row in rows}


def _codes(attribute: str) -> list[int]:
    return [code for name, code in _table() if name == attribute]


def _row(attribute: str, code: int) -> dict[str, str]:
    if (attribute, code) not in _table():
        raise ReferenceDataError(f"S-131 has no code {code} of {attribute} (it has {min(_codes(attribute))} to "
                                 f"{max(_codes(attribute))})")  # fmt: skip
    return _table()[attribute, code]
