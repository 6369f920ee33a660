"""Rows for people and programs: commitments, values, progress; ports, agreements, corridors."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Request, Response

from sisterport.network import lists, relations
from sisterport.network.ledger import Ledger
from sisterport.network.progress import progress
from sisterport.site.api.problems import responses
from sisterport.site.api.server import JSON, kept_out, server_of
from sisterport.tables import empty

ROUTER = APIRouter(prefix="/v1", tags=["lists"])
_TYPES = ((pl.String, "string"), (pl.Boolean, "boolean"), (pl.Int64, "integer"), (pl.Float64, "number"))
_Port = Annotated[str | None, Query(max_length=40, description="Only those of this port, by any of its codes.")]


def ledger_rows(table: str, ledger: Ledger, reader: str) -> bytes:
    """Return commitments, values or progress as far as a reader may see them."""
    if table == "commitments":
        return as_rows(lists.commitments(ledger, reader=reader))
    values = lists.indicator_values(ledger, reader=reader)
    if table == "indicator_values":
        return as_rows(values)
    return as_rows(progress(lists.commitments(ledger, reader=reader), values))


def as_rows(frame: pl.DataFrame) -> bytes:
    """Return a frame as a JSON list of objects; times as ISO 8601.

    Examples
    --------
    >>> as_rows(pl.DataFrame({"seq": [1], "due": ["2026-12-31"]}).with_columns(pl.col("due").str.to_date()))
    b'[{"seq": 1, "due": "2026-12-31"}]'
    """
    return json.dumps(frame.to_dicts(), default=lambda time: time.isoformat(), ensure_ascii=False).encode()


def _rows_of(form: pl.DataFrame) -> dict[str, Any]:
    """Return how rows of a table are described in OpenAPI."""
    fields = {name: {"type": [_type(dtype), "null"]} for name, dtype in form.schema.items()}
    row = {"type": "object", "required": list(fields), "properties": fields, "additionalProperties": False}
    return {"description": "Rows", "content": {JSON: {"schema": {"type": "array", "items": row}}}}


def _type(dtype: pl.DataType) -> str:
    return next((name for kind, name in _TYPES if dtype == kind), "string")


def _add_ledger_list(path: str, table: str, what: str) -> None:
    """Add an endpoint that lists what a table of the ledger holds."""

    def listed(request: Request) -> Response:
        caller = server_of(request).gate.admit(request, "read", anybody=True)
        today = datetime.now(UTC).date()  # progress is told for a day
        return kept_out(request, caller, lambda ledger, reader: ledger_rows(table, ledger, reader), today)

    known = responses("unauthorized", "forbidden", "too-many", "away") | {200: _rows_of(empty(table))}
    ROUTER.get(path, summary=what, name=table, responses=known)(listed)


_add_ledger_list("/commitments", "commitments", "Commitments that the caller may see")
_add_ledger_list("/values", "indicator_values", "Values of indicators that the caller may see, a row per quantity")
_add_ledger_list("/progress", "commitment_progress", "How far published commitments are, today")


def _add_relation(path: str, find: Callable[..., pl.DataFrame], what: str) -> None:
    """Add an endpoint that lists what is known of the network, which is public."""

    def listed(request: Request, port: _Port = None) -> Response:
        caller = server_of(request).gate.admit(request, "read", anybody=True)
        return kept_out(request, caller, lambda _ledger, _reader: as_rows(find(port=port)), port)

    known = responses("unauthorized", "forbidden", "too-many", "away", "invalid") | {200: _rows_of(find())}
    ROUTER.get(path, summary=what, name=path.strip("/"), responses=known)(listed)


def _ports(*, port: str | None = None) -> pl.DataFrame:
    return relations.network_ports(tie=port)


_add_relation("/ports", _ports, "Ports of the network; with a port its friendly ports")
_add_relation("/agreements", relations.agreements, "Dated agreements between ports, with their sources")
_add_relation("/corridors", relations.corridors, "Green corridors, with stage and target as sourced")
