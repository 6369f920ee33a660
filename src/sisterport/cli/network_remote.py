"""A member's copy: bring it up to date from a ledger or from the coalition's server, send what was signed at it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sisterport.cli.network_acts import HERE, AsJson, Where
from sisterport.cli.output import print_json

if TYPE_CHECKING:
    from sisterport.network.pull import Pulled

_WHERE = "Server of the coalition: https://ports.example."
_WHICH = "File of your token (sisterport network token --to); else SISTERPORT_CLIENT_ID and SISTERPORT_CLIENT_SECRET."
TokenFile = Annotated[Path | None, typer.Option("--token", envvar="SISTERPORT_TOKEN_FILE", help=_WHICH)]
Copy = Annotated[str, typer.Argument(help="Your copy: a SQLite file.")]


def pull(
    copy: Annotated[str, typer.Argument(help="Your copy: a SQLite file, which is made if it is not there.")],
    reader: Annotated[str | None, typer.Option(help="UN/LOCODE of your port; a server knows it.")] = None,
    server: Annotated[str | None, typer.Option("--from", help=_WHERE)] = None,
    token: TokenFile = None,
    ledger: Where = HERE,
    as_json: AsJson = False,
) -> None:
    """Bring your own copy up to date, from a ledger or a server: the whole chain, checked, with what you may see.

    A ledger that is shorter than your copy, or has another past, is refused.
    """
    from sisterport.errors import InputError
    from sisterport.network.client import Remote, read_credentials
    from sisterport.network.ledger import open_ledger
    from sisterport.network.pull import pull as bring
    from sisterport.network.remote import pull_from

    if server is not None:
        came = pull_from(Remote(server, read_credentials(token)), copy, reader=reader)
    elif reader is None:
        raise InputError("whose copy? give --reader, or --from a server that knows it")
    else:
        with open_ledger(ledger) as book:
            came = bring(book, copy, reader=reader)
    if as_json:
        print_json(came._asdict())
    else:
        typer.echo(_said(copy, came))


def push(
    copy: Copy,
    server: Annotated[str, typer.Option("--to", help=_WHERE)],
    token: TokenFile = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", envvar="SISTERPORT_KEY", help="Your key, to sign again what waited for long."),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(help="Take a waiting entry back, by the beginning of its id; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send what you signed at your copy to the coalition's server, and bring the copy up to date.

    What is sent twice makes one entry. What the server refuses stays, and all after it.
    """
    from sisterport.network.client import Remote, read_credentials
    from sisterport.network.keys import read_key
    from sisterport.network.outbox import take_back
    from sisterport.network.remote import pull_from
    from sisterport.network.remote import push as send

    remote = Remote(server, read_credentials(token))
    for name in drop or ():
        take_back(copy, name)
    made = send(remote, copy, key=None if key is None else read_key(key))
    came = pull_from(remote, copy)
    if as_json:
        print_json({"sent": [entry.to_dict() for entry in made], "pulled": came._asdict()})
        return
    for entry in made:
        typer.echo(f"entry {entry.seq}: {entry.kind} by {entry.author} of {entry.owner}")
    typer.echo(_said(copy, came) if made else f"nothing waited; {_said(copy, came)}")


def grant(
    role: Annotated[str, typer.Argument(help="Role of PostgreSQL that the server runs as.")], ledger: Where = HERE
) -> None:
    """Let a role of PostgreSQL use the ledger: read and append, no more. The owner of the tables grants."""
    from sisterport.errors import InputError
    from sisterport.network import database

    if "://" not in ledger:
        raise InputError(f"{ledger} is a SQLite file: there are no roles")
    database.grant(database.connect(ledger), role)
    typer.echo(f"{role} may read and append")


def _said(copy: str, came: "Pulled") -> str:
    return f"{copy}: {came.entries} new entries, {came.records} older records can be seen now; {came.seq} in all"
