"""Write the generated pages: ``docs/nomenclature.md``, ``docs/reference.md`` and ``docs/checks.md``."""

from pathlib import Path

from sisterport import reference, tables
from sisterport.inventory.checks import checks_page

DOCS = Path(__file__).parents[1] / "docs"


def reference_page() -> str:
    """Return the list of reference tables with title, origin, licence and rows by status, as Markdown."""
    lines = [
        "# Reference tables",
        "",
        "Made from `src/sisterport/reference/data/resources.csv` by `make docs`; do not edit.",
        "",
        "| table | content | origin | licence | rows by status |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, entry in sorted(reference.catalogue().items()):
        lines.append(
            f"| `{name}` | {entry['title']} | {entry['sources'][0]['title']} | {entry['licenses'][0]['title']} | {_statuses(name)} |"
        )
    return "\n".join([*lines, ""])


def _statuses(name: str) -> str:
    if not reference.catalogue()[name]["path"].endswith(".csv"):
        return ""
    table = reference.load(name)
    if "status" not in table.columns:
        return str(table.height)
    counts = table["status"].value_counts().sort("count", "status", descending=[True, False])
    return ", ".join(f"{n} {status or 'empty'}" for status, n in counts.iter_rows())


def main() -> None:
    """Write all pages."""
    (DOCS / "nomenclature.md").write_text(tables.nomenclature(), encoding="utf-8")
    (DOCS / "checks.md").write_text(checks_page(), encoding="utf-8")
    (DOCS / "reference.md").write_text(reference_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
