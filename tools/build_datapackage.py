"""Write ``reference/data/datapackage.json`` (Frictionless data package) from the files and ``resources.csv``."""

import csv
import json
from pathlib import Path

DATA = Path(__file__).parents[1] / "src/sisterport/reference/data"


def main() -> None:
    """Describe every resource: path, title, origin, licence and, for tables, the columns."""
    resources = []
    with (DATA / "resources.csv").open(encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index):
            entry: dict[str, object] = {
                "name": row["name"],
                "path": row["path"],
                "title": row["title"],
                "sources": [{"title": row["origin"]}],
                "licenses": [{"title": row["licence"]}],
            }
            if row["path"].endswith(".csv"):
                with (DATA / row["path"]).open(encoding="utf-8", newline="") as file:
                    entry["schema"] = {"fields": [{"name": name} for name in next(csv.reader(file))]}
            resources.append(entry)
    package = {"name": "sisterport-reference", "title": "Constants with a passport", "resources": resources}
    (DATA / "datapackage.json").write_text(json.dumps(package, indent=1) + "\n", encoding="utf-8")
    print(f"{len(resources)} resources")


if __name__ == "__main__":
    main()
