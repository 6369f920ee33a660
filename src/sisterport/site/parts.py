"""What pages of their own are made of: sections of words, pictures, maps and tables, and the file."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from sisterport.site import charts
from sisterport.site.digits import with_unit
from sisterport.site.page import environment
from sisterport.site.scene import Figure
from sisterport.site.tabulate import Table
from sisterport.tables import write_text

LONG = 1e4
"""From this value on a key figure takes the larger unit."""
LOUD = ("synthetic", "assumed", "invented", "made up")
"""Notes that begin so stand in a coloured band above the page."""


class Number(NamedTuple):
    """A key figure."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    key, title
        Id and head.
    words
        Paragraphs before the pictures and tables.
    parts
        Pictures, maps and tables in their order; None is left out.
    points
        A list of sentences at the end.
    """

    key: str
    title: str
    words: Sequence[str] = ()
    parts: Sequence[Any] = ()
    points: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a page says.

    Attributes
    ----------
    kind, lead
        Line above the title, and the sentences below it.
    numbers
        Key figures.
    sections
        The rest.
    reserve
        What the numbers are not: a sentence each.
    """

    kind: str
    lead: str
    numbers: Sequence[Number] = ()
    sections: Sequence[Section] = ()
    reserve: Sequence[str] = ()


def amount(value: float | None, unit: str) -> str:
    r"""Return a key figure with its unit, in a larger unit where it would be too long.

    Examples
    --------
    >>> amount(12345.0, "MWh"), amount(321.0, "t"), amount(None, "t")
    ('12.3\u202fGWh', '321\u202ft', '\u2013')
    """
    larger = {"MWh": "GWh", "t": "kt"}
    if value is not None and abs(value) >= LONG and unit in larger:
        return with_unit(value / 1e3, larger[unit])
    return with_unit(value, unit)


def picture(name: str, caption: str, spec: charts.Spec, *, says: str = "") -> Figure:
    """Return a rendered chart; `says` is what a screen reader says after the caption."""
    text = charts.svg(spec, name=name, title=f"{caption}. {says}".removesuffix(" "))
    return Figure(caption, Markup(text))  # noqa: S704 - Vega escapes what it writes


def kind_of(part: Any) -> str:
    """Return which macro draws a part."""
    return "table" if isinstance(part, Table) else "figure" if isinstance(part, Figure) else "berths"


def write_page(
    path: str | Path, content: Content, *, template: str, reserve: str, title: str, notes: Sequence[str]
) -> Path:
    """Write a page as one file of HTML that needs nothing else; an older one is replaced when the new one is whole.

    Parameters
    ----------
    path
        File to write.
    content, template, reserve, title, notes
        As in `page_text`.
    """
    return write_text(path, page_text(content, template=template, reserve=reserve, title=title, notes=notes))


def page_text(
    content: Content, *, template: str, reserve: str, title: str, notes: Sequence[str] = (), **more: Any
) -> str:
    """Return a page as HTML that needs nothing else.

    Parameters
    ----------
    content, title
        What the page says, and its head.
    template
        Name of the template.
    reserve
        First sentence of what the page is not.
    notes
        What else a reader should know; one that begins with a word of `LOUD` stands in a coloured band above.
    **more
        What the template needs besides.
    """
    style = files("sisterport.site").joinpath("templates", "style.css").read_text(encoding="utf-8")
    return (
        environment()
        .get_template(template)
        .render(
            title=title,
            page=content,
            notes=[note for note in notes if note and not _loud(note)],
            banners=[note for note in notes if note and _loud(note)],
            kind_of=kind_of,
            reserve=reserve,
            style=Markup(style),  # noqa: S704 - our own file
            **more,
        )
    )


def _loud(note: str) -> bool:
    """Return whether a note stands above the page: what is made up or assumed has to be seen first."""
    return note.lower().startswith(LOUD)


def write_collection(path: str | Path, features: Iterable[dict[str, Any]]) -> Path:
    """Write features as GeoJSON, the same way."""
    body = {"type": "FeatureCollection", "features": list(features)}
    return write_text(path, json.dumps(body, ensure_ascii=False, default=str, indent=1) + "\n")
