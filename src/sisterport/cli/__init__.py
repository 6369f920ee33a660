"""The command line: thin modules that parse, call and print. Heavy rooms are imported where a command needs them."""

from sisterport.cli.app import main

__all__ = ["main"]
