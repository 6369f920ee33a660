"""Commitments and values of a ledger as frames, as far as a reader may see them."""

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from sisterport.network.entry import Entry
from sisterport.network.ledger import Ledger
from sisterport.network.standing import Standing
from sisterport.tables import check, empty

_SAME = ("indicator", "definition_version", "mode", "corridor")


def commitments(ledger: Ledger, *, reader: str = "whole") -> pl.DataFrame:
    """Return the commitments of a ledger.

    Parameters
    ----------
    ledger
        From `sisterport.network.ledger.open_ledger`.
    reader
        As whom: UN/LOCODE of a member, ``public`` or ``whole``.

    Returns
    -------
    polars.DataFrame
        Table ``commitments``.
    """
    standing = ledger.standing
    evidence = _evidence(standing.entries.values())
    rows = [
        _head(standing, entry)
        | {name: body[name] for name in ("text", *_SAME, "quantity", "unit", "direction") if name in body}
        | {"target": float(body["target"]), "due": body["due"], "ports": "|".join(body["ports"])}
        | {f"baseline{tail}": value for tail, value in _baseline(body).items()}
        | {"evidence": evidence.get(entry.entry_id, 0)}
        for entry, body in _seen(ledger, reader, "commitment")
    ]
    return _frame(rows, "commitments")


def indicator_values(ledger: Ledger, *, reader: str = "whole") -> pl.DataFrame:
    """Return the values of indicators of a ledger, one row per quantity.

    Parameters
    ----------
    ledger, reader
        As in `commitments`.

    Returns
    -------
    polars.DataFrame
        Table ``indicator_values``.
    """
    standing = ledger.standing
    rows = [
        _head(standing, entry)
        | {name: body[name] for name in (*_SAME, "coverage_basis") if name in body}
        | {"ports": "|".join(body["ports"]), "coverage": float(body["coverage"])}
        | {"begin_utc": body["period"]["begin"], "end_utc": body["period"]["end"]}
        | {"quantity": value["quantity"], "unit": value["unit"]}
        | {name: float(value[name]) for name in ("value", "low", "high") if name in value}
        for entry, body in _seen(ledger, reader, "indicator")
        for value in body["values"]
    ]
    return _frame(rows, "indicator_values")


def _seen(ledger: Ledger, reader: str, kind: str) -> Iterator[tuple[Entry, dict[str, Any]]]:
    for entry, body in ledger.records(reader, kinds=[kind]):
        if body is not None:
            yield entry, body


def _head(standing: Standing, entry: Entry) -> dict[str, Any]:
    old = standing.entries.get(entry.subject or "")
    return {
        "seq": entry.seq,
        "entry_id": entry.entry_id,
        "state": standing.states[entry.entry_id],
        "owner": entry.owner,
        "author": entry.author,
        "approver": standing.approvers.get(entry.entry_id),
        "corrects": None if old is None else old.seq,
    }


def _baseline(body: dict[str, Any]) -> dict[str, Any]:
    told = body.get("baseline")
    return {} if told is None else {"": float(told["value"]), "_period": told["period"], "_source": told["source"]}


def _evidence(entries: Iterable[Entry]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in entries:
        if entry.kind == "evidence" and entry.subject:
            counts[entry.subject] = counts.get(entry.subject, 0) + 1
    return counts


def _frame(rows: list[dict[str, Any]], table: str) -> pl.DataFrame:
    form = empty(table)
    if not rows:
        return form
    columns = {name: [row.get(name) for row in rows] for name in form.columns}
    return check(pl.DataFrame(columns, infer_schema_length=None).with_columns(_dates(form)), table)


def _dates(form: pl.DataFrame) -> list[pl.Expr]:
    return [pl.col(name).str.to_date() for name, dtype in form.schema.items() if dtype == pl.Date]
