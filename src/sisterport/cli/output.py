"""Print frames: a table for people, JSON for machines; progress only on a terminal."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import typer

if TYPE_CHECKING:
    import polars as pl


class Report(Protocol):
    """Called with a stage, how much is done, and how much there is (None: not known)."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Take note."""


def print_json(value: Any) -> None:
    """Print `value` as JSON; times as ISO 8601."""
    typer.echo(json.dumps(value, default=_text, indent=1, ensure_ascii=False))


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def print_frame(frame: "pl.DataFrame", *, as_json: bool, title: str = "") -> None:
    """Print a frame as a table, or as a JSON list of rows."""
    if as_json:
        print_json(frame.to_dicts())
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    columns = {name: [_cell(cell) for cell in frame[name]] for name in frame.columns}
    widths = {name: max(len(name), *map(len, cells)) if cells else len(name) for name, cells in columns.items()}
    shown = list(columns)
    if console.is_terminal:
        while len(shown) > 1 and sum(widths[name] + 2 for name in shown) > console.width:
            shown.pop()
    else:  # a pipe gets every column, whatever the width
        console = Console(width=sum(widths.values()) + 2 * len(widths))
    table = Table(title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in shown:
        table.add_column(name, justify="right" if frame[name].dtype.is_numeric() else "left", no_wrap=True)
    for row in zip(*(columns[name] for name in shown), strict=True):
        table.add_row(*row)
    console.print(table)
    if len(shown) < len(columns):
        hidden = ", ".join(name for name in columns if name not in shown)
        console.print(f"(more columns in a wider terminal, in a pipe or with --json: {hidden})", style="dim")


def _cell(cell: Any) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.4g}"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    return str(cell)


@contextmanager
def progress() -> Iterator[Report]:
    """Give a progress callback that draws a bar with rate and time left on a terminal, and nothing on a pipe."""
    if not sys.stderr.isatty():
        yield lambda stage, done, total: None  # noqa: ARG005
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:28}"),
        BarColumn(),
        TextColumn("{task.completed:>12,.0f} rows"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total, rate="")
            speed = bar.tasks[tasks[stage]].speed
            bar.update(tasks[stage], completed=done, total=total, rate=f"{speed:,.0f}/s" if speed else "")

        yield report
