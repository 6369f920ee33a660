"""What a person does in a ledger: promise, report, sign second, publish; look at the progress; let programs in."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sisterport.cli.output import print_frame, print_json

if TYPE_CHECKING:
    import polars as pl

    from sisterport.network.entry import Entry
    from sisterport.network.inputs import Asked
    from sisterport.network.ledger import Ledger
    from sisterport.network.measures import Computed
    from sisterport.network.rights import Key

HERE = "network.db"
Where = Annotated[
    str, typer.Option("--ledger", envvar="SISTERPORT_LEDGER", help="The ledger: a SQLite file, or postgresql://...")
]
KeyFile = Annotated[Path, typer.Option("--key", envvar="SISTERPORT_KEY", help="Your key: it tells who signs.")]
Number = Annotated[str, typer.Argument(help="Number of an entry, or the beginning of its id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Visibility = Annotated[
    str | None, typer.Option(help="Who may see it once it is published: private, named, coalition (default) or public.")
]
Named = Annotated[list[str] | None, typer.Option("--named", help="A port that may see it; repeatable.")]
Corridor = Annotated[str | None, typer.Option(help="Green corridor: K01 ... (sisterport network corridors).")]
Ports = Annotated[list[str] | None, typer.Option("--port", help="A port that it is of; repeatable.")]
Mode = Annotated[str | None, typer.Option(help="capable (can) or used (did), where the indicator has both.")]
Quantity = Annotated[str | None, typer.Option(help="Quantity, where the indicator has several.")]
Corrects = Annotated[str | None, typer.Option(help="Published entry that this one corrects.")]
Note = Annotated[str | None, typer.Option(help="What a reader should know.")]
_MOVES = ("submit", "approve", "reject", "publish")
_NEXT = {"draft": "next: submit", "submitted": "next: a second person approves", "approved": "next: publish"}


def commit(
    text: Annotated[str, typer.Argument(help="The promise in words.")],
    indicator: Annotated[str, typer.Option(help="Indicator that measures it: I1 to I16.")],
    target: Annotated[float, typer.Option(help="Target, in the unit of the indicator.")],
    due: Annotated[str, typer.Option(help="Day by which it is promised (2026-12-31).")],
    mode: Annotated[str, typer.Option(help="capable (can) or used (did): never one for the other.")],
    key: KeyFile,
    corridor: Corridor = None,
    port: Ports = None,
    quantity: Quantity = None,
    direction: Annotated[str | None, typer.Option(help="at_least or at_most; by default the better way.")] = None,
    baseline: Annotated[
        tuple[float, str, str] | None,
        typer.Option(help="Value, period and source of the baseline, if one is published."),
    ] = None,
    agreement: Annotated[str | None, typer.Option(help="Agreement that it stands in: A01 ...")] = None,
    source: Annotated[str | None, typer.Option(help="Where the promise stands.")] = None,
    note: Note = None,
    corrects: Corrects = None,
    visibility: Visibility = None,
    named: Named = None,
    ledger: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Promise something: who, by which indicator, how much, by when, capable or used."""
    from sisterport.network.records import commitment_body

    start = None if baseline is None else dict(zip(("value", "period", "source"), baseline, strict=True))
    body = commitment_body(
        indicator, text=text, target=target, due=due, mode=mode, corridor=corridor, ports=port or (), quantity=quantity,
        direction=direction, baseline=start, agreement=agreement, source=source, note=note,
    )  # fmt: skip
    more = "" if start else "no baseline published"
    about(
        "commitment", corrects, key, ledger, body=body, visibility=visibility, named=named, as_json=as_json, more=more
    )


def evidence(
    number: Annotated[str, typer.Argument(help="Commitment or value that it is evidence of.")],
    text: Annotated[str, typer.Option(help="What it shows.")],
    on: Annotated[str, typer.Option(help="Day of it (2025-12-31).")],
    key: KeyFile,
    url: Annotated[str | None, typer.Option(help="Link to it.")] = None,
    file: Annotated[Path | None, typer.Option(help="Document: its hash is recorded, not the document.")] = None,
    visibility: Visibility = None,
    named: Named = None,
    ledger: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Add evidence to a commitment or a value."""
    import hashlib

    body = {"text": text, "date": on}
    if url is not None:
        body["url"] = url
    if file is not None:
        body["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    about("evidence", number, key, ledger, body=body, visibility=visibility, named=named, as_json=as_json)


def indicator(
    indicator: Annotated[str, typer.Argument(help="I1 to I16.")],
    period: Annotated[str, typer.Option(help="2026, 2026-Q2, 2026-05 or 2026-05-01/2026-05-31.")],
    corridor: Corridor = None,
    port: Ports = None,
    folder: Annotated[
        list[Path] | None, typer.Option("--from", help="Folder with the frames of a run or of records; repeatable.")
    ] = None,
    end: Annotated[
        list[str] | None, typer.Option(help="Ports of one end of the corridor, separated by commas; give two.")
    ] = None,
    mode: Mode = None,
    rule: Annotated[str, typer.Option(help="Of I7: able (ships that could connect) or every (every stay).")] = "able",
    fuel: Annotated[list[str] | None, typer.Option(help="Of I3: a fuel that qualifies; repeatable.")] = None,
    threshold: Annotated[str, typer.Option(help="Of I3 to I5: red_70 or nzf_zero.")] = "red_70",
    value: Annotated[float | None, typer.Option(help="Report this value instead of computing one.")] = None,
    quantity: Quantity = None,
    low: Annotated[float | None, typer.Option(help="Lower bound of the value.")] = None,
    high: Annotated[float | None, typer.Option(help="Upper bound of the value.")] = None,
    coverage: Annotated[
        float | None, typer.Option(help="Share that was observed, where the files do not tell.")
    ] = None,
    coverage_basis: Annotated[str, typer.Option(help="What the coverage is a share of.")] = "",
    source: Annotated[list[str] | None, typer.Option(help="Source of a reported value; repeatable.")] = None,
    note: Note = None,
    corrects: Corrects = None,
    visibility: Visibility = None,
    named: Named = None,
    key: Annotated[
        Path | None, typer.Option("--key", envvar="SISTERPORT_KEY", help="Your key; without it nothing is recorded.")
    ] = None,
    ledger: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Compute the value of an indicator, or say what it lacks; with --key, record it as a draft.

    Exit code 1: there is no value.
    """
    from sisterport.errors import InputError
    from sisterport.network.indicators import ask, compute, indicator_body, reported
    from sisterport.network.inputs import Inputs, read_inputs
    from sisterport.network.measures import Lacking
    from sisterport.network.periods import read_period

    asked = ask(
        indicator, period=read_period(period), corridor=corridor, ports=port or (), mode=mode,
        ends=[part.split(",") for part in end or ()], coverage=coverage, coverage_basis=coverage_basis, rule=rule,
        fuels=fuel or (), threshold=threshold,
    )  # fmt: skip
    if value is not None:
        if coverage is None or not source:
            raise InputError("a reported value comes with --coverage, --coverage-basis and --source")
        found: Computed | Lacking = reported(
            indicator, value, quantity=quantity, low=low, high=high, coverage=coverage, coverage_basis=coverage_basis
        )
        inputs = Inputs(frames={}, sources=[{"name": name} for name in source])
    else:
        inputs = read_inputs(folder or ())
        found = compute(indicator, inputs, asked)
    if isinstance(found, Lacking):
        if as_json:
            print_json({"indicator": indicator, "value": None, "lacks": found.reason})
        else:
            typer.echo(f"{indicator}: no value; it lacks {found.reason}")
        raise typer.Exit(1)
    body = indicator_body(indicator, found, asked, corridor=corridor, sources=inputs.sources, note=note or "")
    if not as_json:
        _show(indicator, found, asked, body)
    elif key is None:
        print_json(body)
    if key is None:
        return
    about("indicator", corrects, key, ledger, body=body, visibility=visibility, named=named, as_json=as_json)


def _show(indicator: str, found: "Computed", asked: "Asked", body: dict[str, Any]) -> None:
    for row in body["values"]:
        bounds = f" ({row['low']} to {row['high']})" if "low" in row and "high" in row else ""
        what = f"{indicator} {row['quantity']} ({asked.mode}), {asked.period}, {', '.join(asked.ports)}"
        typer.echo(f"{what}: {row['value']}{bounds} {row['unit']}".rstrip())
    typer.echo(f"  coverage {found.coverage:.0%} of {found.coverage_basis}")
    typer.echo(f"  bounds: {found.uncertainty_basis}")
    if "note" in body:
        typer.echo(f"  {body['note']}")


def submit(number: Number, key: KeyFile, ledger: Where = HERE, as_json: AsJson = False) -> None:
    """Hand a draft to the second person."""
    about("submit", number, key, ledger, as_json=as_json)


def approve(number: Number, key: KeyFile, ledger: Where = HERE, as_json: AsJson = False) -> None:
    """Sign a submitted record as the second person: another one than who wrote and who submitted it."""
    about("approve", number, key, ledger, as_json=as_json)


def reject(number: Number, key: KeyFile, ledger: Where = HERE, as_json: AsJson = False) -> None:
    """Give a submitted record back: it is a draft again."""
    about("reject", number, key, ledger, as_json=as_json)


def publish(number: Number, key: KeyFile, ledger: Where = HERE, as_json: AsJson = False) -> None:
    """Let an approved record out to those who may see it; what it corrects is superseded."""
    about("publish", number, key, ledger, as_json=as_json)


def progress(
    reader: Annotated[str, typer.Option(help="As whom: UN/LOCODE of a member, public or whole.")] = "whole",
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day it is told for; today.")] = None,
    drafts: Annotated[bool, typer.Option("--drafts", help="Also commitments that are not published.")] = False,
    values: Annotated[bool, typer.Option("--values", help="Show the values behind it.")] = False,
    ledger: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Show promise beside value: gap, status, what is capable beside what is used, baselines that nobody published."""
    from sisterport.network import lists
    from sisterport.network.ledger import open_ledger
    from sisterport.network.progress import progress as told

    with open_ledger(ledger) as book:
        promised = lists.commitments(book, reader=reader)
        given = lists.indicator_values(book, reader=reader)
    table = told(promised, given, on=on.date() if on else None, drafts=drafts)
    if as_json:
        print_json({"progress": table.to_dicts()} | ({"values": given.to_dicts()} if values else {}))
        return
    texts = dict(promised.select("seq", "text").iter_rows())
    for row in table.iter_rows(named=True):
        _promise(row, texts[row["seq"]])
    if table.is_empty():
        typer.echo("no commitment is published")
    if values:
        _values(given)


def _promise(row: dict[str, Any], text: str) -> None:
    least = "at least" if row["direction"] == "at_least" else "at most"
    what = f"{row['indicator']} {row['quantity']}, {row['mode']}"
    typer.echo(f"{row['seq']}  {row['owner']}: {text}")
    amount = f"{row['target']:g} {row['unit']}".rstrip()
    typer.echo(f"    promised  {least} {amount} by {row['due']} ({what})")
    if row["value"] is None:
        typer.echo("    value     none published")
    else:
        seen = f"{row['period']}, coverage {row['coverage']:.0%}"
        amount = f"{row['value']:.4g} {row['unit']}".rstrip()
        typer.echo(f"    value     {amount} ({seen}); gap {row['gap']:.4g}")
    if row["beside_indicator"]:
        beside = (
            "none published" if row["beside_value"] is None else f"{row['beside_value']:.4g} ({row['beside_period']})"
        )
        typer.echo(f"    beside    {row['beside_mode']}: {row['beside_indicator']} {beside}")
    start = row["baseline_finding"] or f"{row['baseline']:g} {row['unit']}".rstrip()
    typer.echo(f"    baseline  {start}")
    typer.echo(f"    status    {row['status']}; published values: {row['values']}, evidence: {row['evidence']}")
    if row["not_comparable"]:
        typer.echo(f"    left out  {row['not_comparable']} values of another version of the definition")


def _values(given: "pl.DataFrame") -> None:
    import polars as pl

    shown = given.with_columns(pl.col("begin_utc", "end_utc").dt.date())
    columns = ("seq", "indicator", "quantity", "mode", "begin_utc", "end_utc", "value", "unit", "coverage", "state",
               "author", "approver", "corrects")  # fmt: skip
    print_frame(shown.select(columns), as_json=False)


def token(
    key: Annotated[
        Path | None, typer.Option("--key", envvar="SISTERPORT_KEY", help="Your key: it tells whose tokens.")
    ] = None,
    of: Annotated[
        str | None, typer.Option("--of", help="Instead of a key, where the database is yours: USLAX/anna.")
    ] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write, approve, admin; repeatable: a new token.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="File for the secret of a new token; it is shown nowhere else.")
    ] = None,
    days: Annotated[int, typer.Option(help="How long it lasts.")] = 90,
    per_minute: Annotated[int, typer.Option(help="Requests that it may make in a minute.")] = 600,
    rotate: Annotated[str | None, typer.Option(help="Id of a token: a new one with its rights, and end it.")] = None,
    end: Annotated[str | None, typer.Option("--revoke", help="Id of a token: end it at once.")] = None,
    ledger: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Make, rotate or end the tokens of your port's programs; without options, list them. Admins of a port only."""
    from dataclasses import asdict

    from sisterport.errors import InputError
    from sisterport.network import tokens
    from sisterport.network.ledger import open_ledger

    if (scope or rotate) and to is None:
        raise InputError("a secret goes to a file: give --to")
    with open_ledger(ledger) as book:
        who = _admin(book, key, of)
        if end is not None:
            tokens.revoke(book, end, port=who.port)
        made = None
        if rotate is not None:
            made = tokens.rotate(book, rotate, port=who.port)
        elif scope:
            made = tokens.issue(book, port=who.port, user=who.user, scopes=scope, days=days, per_minute=per_minute)
        rows = [asdict(row) for row in tokens.tokens(book, port=who.port)]
    if made is not None and to is not None:
        import json

        from sisterport.network.keys import write_private

        write_private(to, json.dumps({"client_id": made[0].token_id, "client_secret": made[1]}).encode() + b"\n")
    _tokens(rows, as_json=as_json)


def _admin(book: "Ledger", key: Path | None, of: str | None) -> "Key":
    """Return the admin of a port whose tokens these are: by the own key, or named by who has the database anyway."""
    from sisterport.errors import InputError
    from sisterport.network.keys import read_key

    if (key is None) == (of is None):
        raise InputError("whose tokens? give --key, or --of PORT/USER")
    if key is not None:
        found = [book.standing.who(read_key(key).public)]
    else:
        found = [one for one in book.standing.keys.values() if f"{one.port}/{one.user}" == of]
    if not found:
        raise InputError(f"there is no key of {of} in force")
    if "admin" not in found[0].roles:
        raise InputError(f"{found[0].user} of {found[0].port} has not the role admin")
    return found[0]


def _tokens(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    for row in rows:
        state = f"revoked {row['revoked_utc'][:10]}" if row["revoked_utc"] else f"until {row['expires_utc'][:10]}"
        scopes = " ".join(row["scopes"])
        typer.echo(
            f"{row['token_id']}  {row['user']} of {row['port']}: {scopes}; {state}; {row['per_minute']} a minute"
        )
    if not rows:
        typer.echo("no tokens")


def about(
    kind: str,
    number: str | None,
    key: Path,
    ledger: str,
    *,
    body: dict[str, Any] | None = None,
    visibility: str | None = None,
    named: list[str] | None = None,
    as_json: bool = False,
    more: str = "",
) -> None:
    """Say something with a key, about an entry where one is named, and print the entry that it made."""
    from sisterport.network.acts import find, say
    from sisterport.network.keys import read_key
    from sisterport.network.outbox import Desk, open_desk

    with open_desk(ledger) as book:
        subject = None if number is None else find(book, number)
        entry = say(book, read_key(key), kind, body, about=subject, visibility=visibility, named_ports=named or ())
        states = book.standing.states
        moved = subject.entry_id if subject is not None and kind in _MOVES else entry.entry_id
        state = states.get(moved, "")
    if isinstance(book, Desk):
        more = "; ".join(text for text in (more, "it waits: push it") if text)
    told = "" if subject is None else f"about entry {subject.seq}"
    said(entry, state, as_json=as_json, more="; ".join(text for text in (told, more) if text))


def said(entry: "Entry", state: str, *, as_json: bool, more: str = "") -> None:
    """Print an entry that was made."""
    if as_json:
        print_json(entry.to_dict() | ({"state": state} if state else {}))
        return
    tail = "".join(f"; {text}" for text in (more, state, _NEXT.get(state, "")) if text)
    typer.echo(f"entry {entry.seq}: {entry.kind} by {entry.author} of {entry.owner}{tail}")
