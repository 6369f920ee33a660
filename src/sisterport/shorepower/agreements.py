"""Agreements of ports on one connection profile, held against the outlets that came after."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from sisterport.reference import load, resolve_locode
from sisterport.shorepower.profiles import ANY, profile
from sisterport.tables import to_polars

NO_OUTLET = ("none", "postponed", "retired")
"""States in which there is no outlet and none is on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """An agreement of ports: from a day on, new outlets have one profile, voltage and frequency.

    Attributes
    ----------
    agreement_id, source, status
        Which one, and how it is known.
    since : date
        First day.
    locodes : tuple of str
        Ports (canonical UN/LOCODE).
    ship_types, ship_classes : tuple of str
        Ships that it is about, as the sources of outlets and as the classes of ships call them; empty is all.
    profile, voltage_kv, frequency_hz
        What was agreed; None is left open.
    """

    agreement_id: str
    since: date
    locodes: tuple[str, ...]
    ship_types: tuple[str, ...] = ()
    ship_classes: tuple[str, ...] = ()
    profile: str | None = None
    voltage_kv: float | None = None
    frequency_hz: float | None = None
    source: str = ""
    status: str = "unverified"


def agreements() -> dict[str, Agreement]:
    """Return the agreements of the reference data by identifier.

    Examples
    --------
    >>> baltic = agreements()["BALTIC-2016"]
    >>> baltic.voltage_kv, baltic.frequency_hz, baltic.locodes[:2]
    (11.0, 50.0, ('FIHEL', 'SESTO'))
    """
    return {row["agreement_id"]: _agreement(row) for row in load("profile_agreements").iter_rows(named=True)}


def agreement_gaps(agreement: Agreement, outlets: Any) -> pl.DataFrame:
    """Return how the outlets at the ports of an agreement stand to it.

    Parameters
    ----------
    agreement
        One of `agreements` or one's own.
    outlets
        Frame of the table ``outlets``; a column ``ship_types``, if there, says whom an outlet serves.

    Returns
    -------
    DataFrame
        One row per outlet at these ports (``locode, outlet_id, berth_id, state, since``) with ``standing`` and
        ``reason``:

        * ``keeps``: one voltage-frequency pair that is known to exist is the agreed one;
        * ``breaks``: all that is known of every pair excludes it;
        * ``does_not_say``: facts are missing, or the agreed pair is only possible;
        * ``not_bound``: in service before the agreement, for other ships, or no outlet (none, postponed,
          retired).

        A port without any outlet in the register is a row without an outlet, ``does_not_say``.

    Examples
    --------
    >>> from sisterport.shorepower.registers import outlet_candidates
    >>> gaps = agreement_gaps(agreements()["BALTIC-2016"], outlet_candidates())
    >>> gaps.select("locode", "standing").rows()
    [('EEVAN', 'does_not_say'), ('FIHEL', 'does_not_say'), ('FITKU', 'does_not_say'), ('SESTO', 'not_bound')]
    """
    frame = to_polars(outlets)
    here = frame.filter(pl.col("locode").is_in(agreement.locodes))
    rows = [_standing(agreement, part) for _, part in here.group_by("outlet_id", maintain_order=True)]
    rows += [
        {"locode": locode, "standing": "does_not_say", "reason": "no outlet of this port in the register"}
        for locode in agreement.locodes
        if locode not in here["locode"]
    ]
    text = ("locode", "outlet_id", "berth_id", "state", "since", "standing", "reason")
    kinds: dict[str, pl.DataType] = dict.fromkeys(text, pl.String()) | {"since": pl.Date()}
    return pl.DataFrame(rows, schema=kinds).sort("locode", "outlet_id", maintain_order=True)


def _agreement(row: Mapping[str, Any]) -> Agreement:
    return Agreement(
        agreement_id=row["agreement_id"],
        since=date.fromisoformat(str(row["date"])),
        locodes=tuple(resolve_locode(code) for code in row["locodes"].split("|")),
        ship_types=_split(row["ship_types"]),
        ship_classes=_split(row["ship_classes"]),
        profile=row["profile"] or None,
        voltage_kv=None if row["voltage_kv"] is None else float(row["voltage_kv"]),
        frequency_hz=None if row["frequency_hz"] is None else float(row["frequency_hz"]),
        source=row["source"],
        status=row["status"],
    )


def _split(text: Any) -> tuple[str, ...]:
    return tuple(str(text).split("|")) if text else ()


def _standing(agreement: Agreement, rows: pl.DataFrame) -> dict[str, Any]:
    real = rows.filter(~pl.col("state").is_in(NO_OUTLET))
    first = (rows if real.is_empty() else real).row(0, named=True)
    days = real["since"].to_list() if "since" in real.columns else [None]
    since = None if None in days else min(days, default=None)
    head = {name: first.get(name) for name in ("locode", "outlet_id", "berth_id", "state")} | {"since": since}
    if real.is_empty():
        standing, reason = "not_bound", f"no outlet: {first['state']}"
    else:
        standing, reason = _not_bound(agreement, first, since) or _judge(agreement, real, since)
    return head | {"standing": standing, "reason": reason}


def _not_bound(agreement: Agreement, row: Mapping[str, Any], since: date | None) -> tuple[str, str] | None:
    if since is not None and since < agreement.since:
        return "not_bound", f"since {since}, before the agreement of {agreement.since}"
    types = set(_split(row.get("ship_types")))
    if types and agreement.ship_types and not types & set(agreement.ship_types):
        return "not_bound", f"for other ships: {', '.join(sorted(types))}"
    served = {c for name in _split(row.get("profile")) for c in profile(name)["ship_classes"]}
    if served and agreement.ship_classes and not served & {ANY, *agreement.ship_classes}:
        return "not_bound", f"for other ships: {', '.join(sorted(served))}"
    return None


def _judge(agreement: Agreement, rows: pl.DataFrame, since: date | None) -> tuple[str, str]:
    """Return the best that any pair of the outlet comes to: it keeps the agreement if one pair does."""
    found = [_judge_pair(agreement, row) for row in rows.iter_rows(named=True)]
    best = min((answer for answer, _ in found), key=("keeps", "does_not_say", "breaks").index)
    reason = "; ".join(dict.fromkeys(reason for answer, reason in found if answer == best))
    if since is None and best == "keeps":
        return best, f"{reason}; first day not given"
    if since is None and best == "breaks":
        return "does_not_say", f"{reason}; first day not given, so perhaps before the agreement"
    return best, reason


def _judge_pair(agreement: Agreement, row: Mapping[str, Any]) -> tuple[str, str]:
    said = f"{_text(row.get('voltage_kv'), 'kV')}, {_text(row.get('frequency_hz'), 'Hz')}"
    unknown = []
    for name in ("voltage_kv", "frequency_hz"):
        agreed, given = getattr(agreement, name), row.get(name)
        if agreed is not None and given is not None and not math.isclose(agreed, given):
            return "breaks", said
        if agreed is not None and given is None:
            unknown.append(name)
    if agreement.profile:
        served = _split(row.get("profile"))
        if served and agreement.profile not in served:
            return "breaks", f"profile {'|'.join(served)}"
        if not served:
            unknown.append("profile")
    if unknown:
        return "does_not_say", f"unknown: {', '.join(unknown)}"
    both = agreement.voltage_kv is not None and agreement.frequency_hz is not None
    if both and row.get("pair") != "exists":
        return "does_not_say", f"{said} only possible"
    return "keeps", said


def _text(number: float | None, unit: str) -> str:
    return f"unknown {unit}" if number is None else f"{number:g} {unit}"
