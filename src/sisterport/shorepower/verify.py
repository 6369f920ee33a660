"""Check a certificate: plan and bound are added up again from the frames, without any of the optimiser's code."""

import binascii
import json
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from sisterport.errors import InputError
from sisterport.reference import constant
from sisterport.shorepower.proof import bound
from sisterport.shorepower.restated import Case, Copy, bits
from sisterport.units import USD_PER_MUSD

TOLERANCE = constant("certificate_tolerance").value
"""Relative difference that counts as none: sums in another order differ in the last digits."""


def verify(certificate: dict[str, Any] | str | Path, upgrades: Any, links: Any, needs: Any) -> list[str]:
    """Return what is wrong with a certificate; an empty list says that plan and bound hold.

    Parameters
    ----------
    certificate
        The record, its JSON text, or the path of its file.
    upgrades, links, needs
        The frames of the problem, as they were given to `upgrades`.

    Raises
    ------
    InputError
        If the certificate cannot be read.

    Examples
    --------
    >>> from sisterport.shorepower.example import frames
    >>> from sisterport.shorepower.upgrades import upgrades
    >>> record = upgrades(*frames(), budget_musd=13.0).certificate
    >>> verify(record, *frames())
    []
    >>> verify({**record, "bound": 7000.0}, *frames())
    ['bound: the prices prove 7700, the certificate says 7000']
    """
    record = _record(certificate)
    try:
        case = Case(record, upgrades, links, needs)
        return [*_plan_faults(case), *_bound_faults(case)]
    except (KeyError, TypeError, ValueError, IndexError, StopIteration, zlib.error, binascii.Error) as error:
        return [f"certificate and frames do not fit: {type(error).__name__}: {error}"]


def _record(certificate: dict[str, Any] | str | Path) -> dict[str, Any]:
    if isinstance(certificate, dict):
        return certificate
    try:
        is_text = isinstance(certificate, str) and certificate.lstrip().startswith("{")
        text = str(certificate) if is_text else Path(certificate).read_text(encoding="utf-8")
        record: dict[str, Any] = json.loads(text)
    except (OSError, ValueError) as error:
        raise InputError(f"certificate: {error}") from error
    return record


def _bound_faults(case: Case) -> list[str]:
    proven, said, value = bound(case), case.record["bound"], case.record["value"]
    faults = []
    if abs(proven - said) > TOLERANCE * max(1.0, abs(proven)):
        faults.append(f"bound: the prices prove {proven:.6g}, the certificate says {said:.6g}")
    if value > proven + TOLERANCE * max(1.0, abs(proven)):
        faults.append(f"bound: {proven:.6g} is below the value {value:.6g}")
    return faults


def _plan_faults(case: Case) -> list[str]:
    new: dict[Copy, int] = defaultdict(int)
    faults = []
    for u, phase, units in case.record["plan"]:
        if u not in case.up:
            return [f"plan: unknown upgrade '{u}'"]
        if units < 0 or phase not in case.phases or not case.may(u, phase):
            return [f"plan: {units} units of '{u}' in phase {phase} are not allowed"]
        new[u, phase] += units
    for u, row in case.up.items():
        built = sum(new[u, p] for p in case.phases)
        if built > row["most"]:
            faults.append(f"plan: {built} new units of '{u}', at most {row['most']}")
    for q in case.phases:
        spent = sum(case.up[u]["usd"] * units for (u, p), units in new.items() if p <= q)
        if spent > case.budget_usd[q]:
            there = case.budget_usd[q] / USD_PER_MUSD
            faults.append(f"plan: {spent / USD_PER_MUSD:.6g} MUSD spent by phase {q}, {there:.6g} are there")
    z = _shares(case)
    for q in case.phases:
        have = {u: row["built"] + sum(new[u, p] for p in range(q + 1)) for u, row in case.up.items()}
        faults += _share_faults(case, q, z[q], have)
    value = float(sum(case.weights[q] * (case.gain @ z[q]) for q in case.phases))
    if abs(value - case.record["value"]) > TOLERANCE * max(1.0, abs(value)):
        faults.append(f"value: the plan gains {value:.6g}, the certificate says {case.record['value']:.6g}")
    return faults


def _shares(case: Case) -> Any:
    """Return the share of each link that is connected, per phase."""
    shape = len(case.weights), len(case.link)
    z = bits(case.record["connected"], shape[0] * shape[1]).astype(float).reshape(shape)
    at = {row["link_id"]: i for i, row in enumerate(case.link)}
    for link, q, share in case.record["shares"]:
        if not 0 <= share <= 1:
            raise ValueError(f"share {share} of link '{link}'")
        z[q, at[link]] = share
    return z


def _share_faults(case: Case, q: int, z: Any, have: dict[str, int]) -> list[str]:
    """Hold the connected links of one phase against needs, hours, power and floors."""
    faults = []
    used: dict[tuple[str, str], float] = defaultdict(float)
    for i in np.nonzero(z)[0]:
        row = case.link[i]
        unmet = [options for options in case.needs[i] if not any(have[u] > 0 for u in options)]
        if unmet:
            faults.append(f"plan: link '{row['link_id']}' lacks one of {', '.join(unmet[0])} in phase {q}")
        used["h", row["berth_id"]] += z[i] * (row["hours_h"] or 0.0)
        used["MVA", row["plant_id"]] += z[i] * case.mva(row)
    for unit, size, at in (("h", "outlet_hours_h", case.hours_at), ("MVA", "plant_mva", case.mva_at)):
        for place, sources in at.items():
            there = sum(case.up[u][size] * have[u] for u in sources)
            if used[unit, place] > there + TOLERANCE * max(1.0, there):
                faults.append(f"plan: {used[unit, place]:.6g} {unit} used at '{place}', {there:.6g} are there")
    for floor in case.floors_in(q):
        asked = floor["share"] * case.counted(floor).sum()
        if float(case.counted(floor) @ z) < asked - TOLERANCE * max(1.0, asked):
            faults.append(f"plan: floor '{floor['floor_id']}' is not kept in phase {q}")
    return faults
