"""``sisterport network``: friendly ports, what they promised, how far they are; a signed ledger in one file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sisterport.cli import network_acts, network_remote
from sisterport.cli.network_acts import HERE, AsJson, KeyFile, Number, Where, about, said
from sisterport.cli.output import print_frame, print_json

app = typer.Typer(
    no_args_is_help=True, help="Friendly ports, what they promised each other and how far they are, in a signed ledger."
)


@app.command("ports")
def ports(
    code: Annotated[str, typer.Argument(help="A port, by any of its codes or its name; none: the list.")] = "",
    tie: Annotated[str | None, typer.Option(help="Only friendly ports of this one: CNSGH.")] = None,
    terminals: Annotated[Path | None, typer.Option(help="List of SMDG terminal codes (CSV), for one port.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the ports of the network: codes and aliases, ties with their sources, corridors."""
    from sisterport.network.relations import facts, network_ports, port_sheet, read_terminals

    if code:
        _sheet(port_sheet(code, terminals=None if terminals is None else read_terminals(terminals)), as_json=as_json)
        return
    table = network_ports(tie=tie)
    if as_json:
        print_json({"facts": facts(), "ports": table.to_dicts()})
        return
    print_frame(table.drop("source", "aliases", "since_precision", "country"), as_json=False)
    for line in facts():
        typer.echo(line)


def _sheet(sheet: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(sheet)
        return
    typer.echo(f"{sheet['locode']} {sheet['name'] or ''}".strip())
    for row in sheet["aliases"]:
        word = "not" if row["same_place"] in ("no", "misuse") else "also"
        typer.echo(
            f"  {word} {row['alias']} ({row['alias_kind']}; the same place: {row['same_place']}; {row['status']})"
        )
    for row in sheet["ties"]:
        other = row["port"] if row["hub"] == sheet["locode"] else "Shanghai"
        since = f" since {row['since']}" if row["since"] else ""
        typer.echo(f"  {row['relation']} of {other}{since}; friendly port: {row['friendly_port']} ({row['status']})")
    for row in sheet["agreements"]:
        typer.echo(f"  {row['agreement_id']} {row['date']} {row['kind']}: {row['parties'].replace('|', ', ')}")
    for row in sheet["corridors"]:
        typer.echo(f"  {row['corridor_id']} {row['name']} ({row['status']})")
    for row in sheet["organisations"]:
        typer.echo(f"  {row['name']}, {row['kind']} ({row['status']})")
    for row in sheet.get("terminals", []):
        typer.echo(f"  {row['terminal_id']} {row['terminal_name']}")


@app.command("agreements")
def agreements(
    port: Annotated[str | None, typer.Option(help="Only those of this port.")] = None, as_json: AsJson = False
) -> None:
    """Show dated agreements between ports, with their sources; a date is as exact as its source."""
    from sisterport.network import relations

    table = relations.agreements(port=port)
    print_frame(table if as_json else table.select("agreement_id", "date", "kind", "parties", "subject", "status"),
                as_json=as_json)  # fmt: skip


@app.command("corridors")
def corridors(
    port: Annotated[str | None, typer.Option(help="Only those of this port.")] = None, as_json: AsJson = False
) -> None:
    """Show green corridors: ports, stage and target as sourced; 'unverified' are names only."""
    from sisterport.network import relations

    table = relations.corridors(port=port)
    shown = ("corridor_id", "name", "ports", "announced", "stage_as_sourced", "target", "agreements", "status")
    print_frame(table if as_json else table.select(shown), as_json=as_json)
    if as_json:
        return
    for row in table["corridor_id"]:
        for finding in relations.findings(row):
            typer.echo(f"{row}: {finding}")
    if port is None:
        typer.echo(relations.counted())


@app.command("indicators")
def indicators(as_json: AsJson = False) -> None:
    """Show the 16 indicators: definition and its version, what each is computed from or lacks."""
    from sisterport.reference import load

    table = load("indicators")
    shown = ("indicator_id", "definition_version", "modes", "indicator", "frames", "lacks")
    print_frame(table if as_json else table.select(shown), as_json=as_json)


@app.command("init")
def init(
    coalition: Annotated[str, typer.Option(help="Name of the coalition.")],
    port: Annotated[str, typer.Option(help="UN/LOCODE of the first member.")],
    user: Annotated[str, typer.Option(help="Who you are there: small letters; no name of a human being is needed.")],
    key: Annotated[Path, typer.Option("--key", help="File for your new key; keep a copy where no one else comes.")],
    ledger: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Begin the ledger of a coalition; you become its admin."""
    from sisterport.network.acts import request
    from sisterport.network.keys import read_key
    from sisterport.network.ledger import begin_ledger
    from sisterport.network.rights import ROLES

    place, body = request(key, port=port, user=user, roles=ROLES)
    place.unlink()  # the first key needs nobody to let it in
    try:
        with begin_ledger(ledger, coalition=coalition, port=body["port"], user=user, key=read_key(key)) as made:
            entry = next(iter(made.standing.entries.values()))
    except BaseException:
        key.unlink()  # a key of nothing
        raise
    said(entry, "", as_json=as_json, more=f"{coalition}; your key is {key}")


@app.command("join")
def join(
    key: Annotated[Path, typer.Argument(help="File for your new key.")],
    port: Annotated[str, typer.Option(help="UN/LOCODE of your port.")],
    user: Annotated[str, typer.Option(help="Who you are there.")],
    role: Annotated[list[str], typer.Option(help="What you may do: author, approver, admin; repeatable.")],
    as_json: AsJson = False,
) -> None:
    """Make your key, and a request that an admin lets in."""
    from sisterport.network.acts import request
    from sisterport.network.entry import key_id

    place, body = request(key, port=port, user=user, roles=role)
    if as_json:
        print_json({"request": str(place), "key_id": key_id(body["public_key"])} | body)
    else:
        typer.echo(f"key {key_id(body['public_key'])} of {user} of {body['port']} in {key}; send {place} to an admin")


@app.command("admit")
def admit(
    request: Annotated[Path, typer.Argument(help="Request of a person (from sisterport network join).")],
    key: KeyFile,
    ledger: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Let a person in; ask on another way whether the key is theirs."""
    from sisterport.network import acts
    from sisterport.network.keys import read_key
    from sisterport.network.outbox import open_desk

    with open_desk(ledger) as book:
        entry = acts.admit(book, read_key(key), request)
        name, made = next((n, k) for n, k in book.standing.keys.items() if k.entry_id == entry.entry_id)
    said(entry, "", as_json=as_json, more=f"{name} of {made.user} of {made.port}: {', '.join(made.roles)}")


@app.command("revoke")
def revoke(number: Number, key: KeyFile, ledger: Where = HERE, as_json: AsJson = False) -> None:
    """End a key, by the number of the entry that brought it; what it signed before stands."""
    about("revoke", number, key, ledger, as_json=as_json)


for _name, _function in (
    ("commit", network_acts.commit),
    ("evidence", network_acts.evidence),
    ("indicator", network_acts.indicator),
    ("submit", network_acts.submit),
    ("approve", network_acts.approve),
    ("reject", network_acts.reject),
    ("publish", network_acts.publish),
    ("progress", network_acts.progress),
    ("token", network_acts.token),
    ("pull", network_remote.pull),
    ("push", network_remote.push),
    ("grant", network_remote.grant),
):
    app.command(_name)(_function)


@app.command("log")
def log(
    ledger: Where = HERE,
    number: Annotated[str, typer.Argument(help="One entry, in full; none: the list.")] = "",
    reader: Annotated[str, typer.Option(help="As whom: UN/LOCODE of a member, public or whole.")] = "whole",
    as_json: AsJson = False,
) -> None:
    """Show the entries of the ledger, or one of them with its record."""
    from sisterport.network.acts import find
    from sisterport.network.ledger import open_ledger

    with open_ledger(ledger) as book:
        wanted = find(book, number).seq if number else None
        states = book.standing.states
        rows = [
            entry.to_dict() | {"state": states.get(entry.entry_id), "body": body}
            for entry, body in book.records(reader)
            if wanted in (None, entry.seq)
        ]
    if as_json or wanted is not None:
        print_json(rows[0] if wanted is not None else rows)
        return
    import polars as pl

    shown = ("seq", "kind", "owner", "author", "received_utc", "visibility", "state", "subject")
    table = pl.DataFrame([{name: row[name] for name in shown} for row in rows], infer_schema_length=None)
    print_frame(table.with_columns(pl.col("subject").str.head(8)), as_json=False)


@app.command("head")
def head(
    key: Annotated[Path | None, typer.Option("--key", help="Countersign the head with your key.")] = None,
    ledger: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Show the head of the chain and who vouches for it; with --key, vouch for it: once a day is enough."""
    from sisterport.network.acts import say
    from sisterport.network.keys import read_key
    from sisterport.network.ledger import open_ledger
    from sisterport.network.outbox import open_desk

    with open_ledger(ledger) if key is None else open_desk(ledger) as book:
        if key is not None:
            say(book, read_key(key), "head", visibility="public")
        seq, entry_hash = book.standing.head
        vouchers = book.standing.vouchers()
    if as_json:
        print_json({"seq": seq, "hash": entry_hash, "vouchers": vouchers})
        return
    typer.echo(f"{seq}:{entry_hash}")
    for port, last in sorted(vouchers.items()):
        typer.echo(f"  {port} vouches for all up to entry {last}")


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="An export or backup, or a ledger itself (SQLite).")],
    known: Annotated[
        str | None, typer.Option("--head", help="A head that you saw before, from another place: SEQ:HASH.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hold an export against the rules, without the server that made it; name the first entry that is wrong.

    Exit code 0: it holds. 1: it does not. 2: it cannot be read.
    """
    import tempfile
    from dataclasses import asdict

    from sisterport.network.verify import read_head
    from sisterport.network.verify import verify as hold

    head_seen = None if known is None else read_head(known)
    if _is_database(file):
        from sisterport.network.ledger import open_ledger
        from sisterport.network.pull import export as write

        with tempfile.TemporaryDirectory() as folder, open_ledger(file) as book:
            write(book, Path(folder) / "export", reader=book.reader or "whole")
            found = hold(Path(folder) / "export", known_head=head_seen)
    else:
        found = hold(file, known_head=head_seen)
    if as_json:
        print_json(asdict(found) | {"file": str(file)})
    elif found.fault:
        typer.echo(f"wrong  {file}: {found.fault}; {found.entries} entries before it hold")
    else:
        told = f", {found.withheld} records withheld from {found.reader}" if found.withheld else ""
        typer.echo(f"ok  {file}: {found.coalition}, {found.entries} entries hold{told}")
        typer.echo(f"head {found.entries}:{found.head}")
    if found.fault:
        raise typer.Exit(1)


def _is_database(file: Path) -> bool:
    try:
        with file.open("rb") as start:
            return start.read(15) == b"SQLite format 3"
    except OSError:
        return False


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="File to write.")],
    reader: Annotated[str, typer.Option(help="As whom: UN/LOCODE of a member; whole is a backup.")] = "whole",
    ledger: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Write the ledger to one file that anybody can verify, with what a member may see."""
    from sisterport.network.ledger import open_ledger
    from sisterport.network.pull import export as write

    with open_ledger(ledger) as book:
        foot = write(book, file, reader=reader)
    if as_json:
        print_json(foot._asdict() | {"file": str(file), "reader": reader})
    else:
        typer.echo(f"wrote {file}: {foot.entries} entries as {reader} sees them")


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(help="File to write; it holds private records: keep it safe.")],
    ledger: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Write all entries and records to one file; tokens and keys are not in it."""
    export(file, reader="whole", ledger=ledger, as_json=as_json)


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")], ledger: Where = HERE, as_json: AsJson = False
) -> None:
    """Make a new ledger from a backup that holds; a backup of it is the same byte by byte."""
    from sisterport.network.pull import restore as make

    made = make(file, ledger)
    if as_json:
        print_json(made._asdict())
    else:
        typer.echo(f"{ledger}: {made.entries} entries restored")
