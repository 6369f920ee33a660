"""Pages of the coalition's server: members, promises beside values, corridors, single entries; plain tables.

Every page is a function from a ledger and a reader to what is shown, as HTML and as JSON: a page shows nothing that
its reader may not see.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from sisterport.network import lists, relations
from sisterport.network.entry import Entry
from sisterport.network.ledger import Ledger
from sisterport.network.progress import progress
from sisterport.network.rights import may_see
from sisterport.network.standing import Standing
from sisterport.site import network_tables as tab
from sisterport.site.api import view
from sisterport.site.parts import Content, Number, Section, page_text
from sisterport.site.tabulate import Column, tabulate

PAGES = {
    "/": "Overview",
    "/commitments": "Commitments",
    "/ports": "Ports",
    "/corridors": "Corridors",
    "/head": "Head and entries",
}
"""Pages and their names; a page as JSON has ``.json`` at its end (the first one is ``/index.json``)."""
RESERVE = "Members say what stands here; signatures show who said it and that nothing was changed, not that it is true."
_SOURCED = "Ties, agreements and corridors come from public sources, each with its status; the JSON has the links."
NEWEST = 50
"""Entries that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page.

    Attributes
    ----------
    title
        Its head.
    content
        What it shows.
    data
        The same as plain objects.
    """

    title: str
    content: Content
    data: Mapping[str, Any]


def overview(ledger: Ledger, reader: str, *, on: date) -> Shown:
    """Show who is in the coalition, what it promised and how far that is."""
    standing = ledger.standing
    told = _progress(ledger, reader, on)
    members = sorted({key.port for key in standing.keys.values()})
    states = told["status"].value_counts(sort=True, name="commitments")
    seq, entry_hash = standing.head
    promised = [
        Number("Members", str(len(members)), ", ".join(members)),
        Number("Commitments", str(told.height), "published and to be seen here"),
        Number("Without a baseline", str(told["baseline"].null_count()), "nobody can tell progress without one"),
        Number("Entries", str(seq), "signed, in one chain"),
    ]
    table = tabulate(
        states,
        [
            Column(key="status", label="Status", kind="text"),
            Column(key="commitments", label="Commitments", kind="count"),
        ],
        caption="Commitments by status",
        empty="No commitment is published.",
    )
    return Shown(
        title=standing.coalition,
        content=Content(
            kind="Coalition of ports",
            lead="What these ports promised each other, how far they are, and who signed it.",
            numbers=promised,
            sections=[Section(key="status", title="How far the promises are", parts=[table, tab.promises(told)])],
        ),
        data={
            "coalition": standing.coalition,
            "members": members,
            "head": {"seq": seq, "hash": entry_hash},
            "status": states.to_dicts(),
        },
    )


def commitments(ledger: Ledger, reader: str, *, on: date) -> Shown:
    """Show promise beside value, what is capable beside what is used."""
    told = _progress(ledger, reader, on)
    values = lists.indicator_values(ledger, reader=reader).filter(state="published")
    return Shown(
        title="Commitments",
        content=Content(
            kind="Promise and progress",
            lead="Each promise with the latest value that its port has published. Capable (could) and used (did) are "
            "two things: the other one of the two stands beside.",
            sections=[
                Section(key="promises", title="Promises", parts=[tab.promises(told)]),
                Section(key="progress", title="Progress", parts=[tab.measured(told)]),
                Section(key="values", title="Published values", parts=[tab.values(values)]),
            ],
            reserve=["A value of a part of the calls is not one of all: see its coverage."],
        ),
        data={"commitments": told.to_dicts(), "values": values.to_dicts()},
    )


def ports(ledger: Ledger, _reader: str, *, on: date) -> Shown:
    """Show the members with their persons, and the ports of the network with their sources."""
    del on
    keys = [
        {"port": key.port, "user": key.user, "roles": ", ".join(key.roles)} for key in ledger.standing.keys.values()
    ]
    members = pl.DataFrame(keys).sort("port", "user")
    known = relations.network_ports()
    return Shown(
        title="Ports",
        content=Content(
            kind="Network",
            lead="Members of this coalition, and the friendly ports of Shanghai as far as they are sourced.",
            sections=[
                Section(
                    key="members",
                    title="Members",
                    parts=[tabulate(members, tab.texts("port", "user", "roles"), caption="Keys in force")],
                ),
                Section(
                    key="network",
                    title="Ports of the network",
                    parts=[
                        tabulate(
                            tab.listed(known),
                            tab.texts("locode", "name", "relation", "friendly_port", "since", "corridors", "agreements",
                                   "status"),
                            caption="Ties with Shanghai, corridors and agreements",
                        )
                    ],
                    points=relations.facts(),
                ),
            ],
            reserve=[_SOURCED],
        ),
        data={"members": keys, "ports": known.to_dicts(), "facts": relations.facts()},
    )  # fmt: skip


def corridors(_ledger: Ledger, _reader: str, *, on: date) -> Shown:
    """Show green corridors, and what their partners have not published."""
    del on
    known = relations.corridors()
    found = {row: relations.findings(row) for row in known["corridor_id"]}
    return Shown(
        title="Green corridors",
        content=Content(
            kind="Network",
            lead="Corridors with stage and target as their sources have them.",
            sections=[
                Section(
                    key="corridors",
                    title="Corridors",
                    parts=[
                        tabulate(
                            tab.listed(known),
                            tab.texts(
                                "corridor_id", "name", "ports", "announced", "stage_as_sourced", "target", "status"
                            ),
                            caption="Unverified ones are names only",
                        )
                    ],
                    points=[relations.counted(), *(f"{row}: {what}" for row, said in found.items() for what in said)],
                )
            ],
            reserve=[_SOURCED],
        ),
        data={"corridors": [row | {"findings": found[row["corridor_id"]]} for row in known.to_dicts()]},
    )


def head(ledger: Ledger, reader: str, *, on: date) -> Shown:
    """Show the head of the chain, who vouches for it, and the newest entries that the reader may see."""
    del on
    standing = ledger.standing
    seq, entry_hash = standing.head
    vouched = pl.DataFrame(
        sorted(standing.vouchers().items()), schema={"port": pl.String, "seq": pl.Int64}, orient="row"
    )
    rows = [_entry_row(standing, entry) for entry in _seen(standing, reader)[: -NEWEST - 1 : -1]]
    newest = pl.DataFrame(rows, infer_schema_length=None)
    vouchers = tabulate(
        vouched, [*tab.texts("port"), Column(key="seq", label="Up to entry", kind="count")], caption="Who vouches"
    )
    entries = tabulate(
        newest, tab.texts("entry", "kind", "owner", "author", "received_utc", "state"), caption="Newest entries"
    )
    return Shown(
        title="Head of the chain",
        content=Content(
            kind="Ledger",
            lead=f"Entry {seq}, hash {entry_hash}. Keep it: no ledger with another past can pass for this one later.",
            sections=[
                Section(key="vouchers", title="Vouchers", parts=[vouchers]),
                Section(key="entries", title="Entries", parts=[tab.linked(entries, "entry")]),
            ],
        ),
        data={"seq": seq, "hash": entry_hash, "vouchers": dict(vouched.iter_rows()), "entries": rows},
    )


def one(ledger: Ledger, reader: str, seq: int) -> Shown | None:
    """Show one entry with its record, and the entries about it; None where the reader may not see it."""
    standing = ledger.standing
    seen = {entry.seq: entry for entry in _seen(standing, reader)}
    found = view.one(ledger, reader, seen[seq].entry_id) if seq in seen else None
    if found is None:
        return None
    entry, body = found
    about = [_entry_row(standing, other) for other in seen.values() if other.subject == entry.entry_id]
    record = body or {}
    state = standing.states.get(entry.entry_id)
    later = tabulate(
        pl.DataFrame(about, infer_schema_length=None),
        tab.texts("entry", "kind", "owner", "author", "received_utc"),
        caption="Entries about this one",
        empty="None.",
    )
    return Shown(
        title=f"Entry {seq}",
        content=Content(
            kind=f"{entry.kind} of {entry.owner}",
            lead=str(record.get("text") or f"By {entry.author} of {entry.owner}."),
            sections=[
                Section(key="record", title="Record", parts=[tab.fields(record, "What is said")]),
                Section(key="about", title="What followed", parts=[tab.linked(later, "entry")]),
                Section(key="chain", title="Place in the chain", parts=[tab.fields(entry.to_dict(), "What is signed")]),
            ],
        ),
        data={"entry": entry.to_dict(), "body": body, "state": state, "about": [row["entry"] for row in about]},
    )


SHOW: dict[str, Callable[..., Shown]] = {
    "/": overview,
    "/commitments": commitments,
    "/ports": ports,
    "/corridors": corridors,
    "/head": head,
}
"""What makes each page."""


def json_address(address: str) -> str:
    """Return where a page stands as JSON.

    Examples
    --------
    >>> json_address("/"), json_address("/ports")
    ('/index.json', '/ports.json')
    """
    return f"{'/index' if address == '/' else address}.json"


def as_html(shown: Shown, address: str, coalition: str) -> bytes:
    """Return a page as HTML."""
    return page_text(
        shown.content,
        template="network.html",
        reserve=RESERVE,
        title=shown.title,
        coalition=coalition,
        pages=list(PAGES.items()),
        here=address,
        as_json=json_address(address),
    ).encode()


def as_json(shown: Shown) -> bytes:
    """Return a page as JSON."""
    return json.dumps(dict(shown.data), ensure_ascii=False, default=lambda day: day.isoformat()).encode()


def _seen(standing: Standing, reader: str) -> list[Entry]:
    """Return the entries whose record a reader may see."""
    entries = list(standing.entries.values())
    return [entry for entry in entries if may_see(entry, reader, published=standing.published(entry))]


def _progress(ledger: Ledger, reader: str, on: date) -> pl.DataFrame:
    promised = lists.commitments(ledger, reader=reader)
    told = progress(promised, lists.indicator_values(ledger, reader=reader), on=on)
    return told.join(promised.select("seq", "text", "corridor", "ports"), on="seq", how="left", maintain_order="left")


def _entry_row(standing: Standing, entry: Entry) -> dict[str, Any]:
    named = {name: getattr(entry, name) for name in ("kind", "owner", "author", "received_utc")}
    return {"entry": entry.seq, **named, "state": standing.states.get(entry.entry_id)}
