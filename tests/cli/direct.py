"""Run a group of commands in this process: what it prints, or the error with which it ends."""

import json
from typing import Any

from typer import Typer
from typer.testing import CliRunner, Result

from sisterport.errors import SisterportError


class Direct:
    """The commands of one group."""

    def __init__(self, app: Typer) -> None:
        self.app = app

    def run(self, *args: Any) -> Result:
        return CliRunner().invoke(self.app, [str(arg) for arg in args])

    def good(self, *args: Any) -> str:
        done = self.run(*args)
        assert done.exception is None, done.exception
        return done.stdout

    def said(self, *args: Any) -> Any:
        return json.loads(self.good(*args, "--json"))

    def fault(self, *args: Any) -> SisterportError:
        done = self.run(*args)
        assert isinstance(done.exception, SisterportError), done.exception
        return done.exception
