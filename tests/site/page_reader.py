"""Read a report the way a strict reader would: every tag closed, every table as rows of text."""

import re
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "link", "br", "hr", "img", "input"}
SVG_LOADS = {
    "image",
    "use",
    "feImage",
    "script",
    "foreignObject",
    "iframe",
    "object",
    "embed",
    "audio",
    "video",
    "source",
}


class Page(HTMLParser):
    """Attributes: faults, ids, loads (whatever would fetch something), links, tables, text by element id."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.loads: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.tables: dict[str, list[list[str]]] = {}
        self.values: dict[str, list[list[float | None]]] = {}
        self._open: list[str] = []
        self._caption = ""
        self._cell: list[str] | None = None
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self._open]

    @classmethod
    def read(cls, path: Path) -> "Page":
        return cls(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        if len(given) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self._open.append(tag)
        if "id" in given:
            self.ids.append(str(given["id"]))
        self._note_loads(tag, given)
        match tag:
            case "figcaption":
                self._caption = ""
            case "tr" if "table" in self._open:
                self.tables.setdefault(self._caption, []).append([])
                self.values.setdefault(self._caption, []).append([])
            case "td" | "th":
                self._cell = []
                number = given.get("data-value")
                self.values[self._caption][-1].append(float(number) if number else None)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes <{self._open[-1] if self._open else 'nothing'}>")
            return
        self._open.pop()
        if tag in {"td", "th"} and self._cell is not None:
            self.tables[self._caption][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
        elif self._open and self._open[-1] == "figcaption":
            self._caption += data

    def _note_loads(self, tag: str, given: dict[str, str | None]) -> None:
        for name in ("src", "srcset", "data", "action", "poster", "xlink:href", "background"):
            if given.get(name):
                self.loads.append(f"{tag} {name}={given[name]}")
        if tag in SVG_LOADS:
            self.loads.append(tag)
        if given.get("href"):
            target = str(given["href"])
            if tag == "a":
                self.links.append(target)
            elif target != "data:,":
                self.loads.append(f"{tag} href={target}")
        self.loads += [f"{tag} {name}" for name in given if name.startswith("on")]


def stands_alone(page: Page, text: str) -> None:
    """Assert that a page is well formed, fetches nothing, runs nothing, and is no load to send."""
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert page.loads == []
    assert "script" not in page.tags
    assert "://" not in text
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(page.ids)
    assert len(text.encode()) < 300_000
