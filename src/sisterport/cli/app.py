"""The command tree, and how errors leave it."""

import io
import sys
from typing import Annotated

import typer

from sisterport import __version__
from sisterport.cli import ais, berths, corridor, explain, fuels, network, project, rules, serve, shorepower, tables

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Green shipping between friendly ports: from what ships did to what ports should do next.",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"sisterport {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


app.command("demo")(project.demo)
app.command("new")(project.new)
app.command("run")(project.run)
app.command("inventory")(project.inventory)
app.command("calls")(project.calls)
app.command("explain")(explain.explain)
app.command("check")(tables.check)
app.command("serve")(serve.serve)
app.add_typer(shorepower.app, name="shorepower")
app.add_typer(rules.app, name="rules")
app.add_typer(corridor.app, name="corridor")
app.add_typer(berths.app, name="berths")
app.add_typer(network.app, name="network")
app.add_typer(fuels.app, name="fuels")
app.add_typer(ais.app, name="ais")


def main() -> None:
    """Run the command line; an expected error is one message on stderr and exit code 2."""
    from sisterport.errors import SisterportError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name that the terminal cannot show is no reason to stop
    try:
        app()
    except SisterportError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:  # the reader of a pipe went away: not our error
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        typer.echo(f"error: {error.filename or 'output'}: {error.strerror}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("stopped; earlier results are as they were", err=True)
        sys.exit(130)
