"""Write ``reference/data/outlet_candidates.csv`` from the inventory of shore power in public sources.

Usage: ``python tools/build_outlet_candidates.py FOLDER``; the folder holds ``ops_inventory.csv``.

The rows get the form of the table ``outlets``, and nothing is added that the sources do not say:

* A source that lists several voltages and several frequencies does not say which go together: one row per
  combination with ``pair = possible``. The same where the inventory inferred one of the two (60 Hz because the
  grid has it): the value has its own passport, ``<column>_source = inferred ...`` and status unverified.
* A year is no date: service surely began by 31 December (``since_source = year only``). Of outlets that are
  planned the year is an expectation and stays in the note.
* MW are not MVA: S = P / power factor, so MW is the least that MVA can be, and P / `shore_power_factor_low` the
  most. ``power_mva`` and ``power_mva_high`` hold both ends. A plant given in MW stays in the note, as
  ``plant_power_mva`` has no high end.
* Connection profiles are not inferred from ship types, which stand in a column of their own.
"""

import argparse
import re
import unicodedata
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.reference import value
from sisterport.tables import schema

OUT = Path(__file__).parents[1] / "src/sisterport/reference/data/outlet_candidates.csv"

PORTS = {
    "CNNBG": ("CNNBO", "second official code of Ningbo in UN/LOCODE; terminals of the port hang on CNNBO"),
    "CADEL": ("CAVAN", "Roberts Bank is part of the port of Vancouver; SMDG lists Deltaport under CAVAN"),
}
"""Codes of the inventory that stand for a port under another code in the ports table, with the reason."""

OTHER_SOURCE = {
    ("SEGOT", "Stena Denmark spots 11-12-13"): {"voltage_kv": ("10", "port page says 10 kV")},
    ("SEGOT", "Älvsborg quay 700/712"): {"voltage_kv": ("10", "IAPH page says 6.6 and 10 kV")},
    ("SEGOT", "Stena Germany spot 21"): {"frequency_hz": ("50", "ABB says 50/60 Hz")},
    ("USLAX", "World Cruise Center"): {"voltage_kv": ("6.6", "equipment page of IAPH says 11 and 6.6 kV")},
}
"""What the note of a row says that another source says: kept as a possible pair beside the first."""

STATED = {
    ("NOOSL", "Color Line terminal"): {"connector": "NG3", "profile": "NG3-PLUG"},
    ("FRLEH", "Pierre Callet (Florida)"): {"sockets_n": "4"},
}
"""What the note or the sources of a row say in words."""

PLANTS = {
    ("FRLEH", "Pierre Callet (Florida)"): ("FRLEH-cruise-plant", None, "inferred: both rows name one 30 MW substation"),
    ("FRLEH", "R. Meunier, J. Couvert"): ("FRLEH-cruise-plant", None, "inferred: both rows name one 30 MW substation"),
    ("DEKEL", "Ostseekai"): (
        "DEKEL-ostseekai-plant",
        16.0,
        "Maritime Journal, article 1403615: 16 MVA serve both quays",
    ),
    ("DEKEL", "Schwedenkai"): (
        "DEKEL-ostseekai-plant",
        16.0,
        "Maritime Journal, article 1403615: 16 MVA serve both quays",
    ),
}
"""Outlets that share a plant: plant, apparent power [MVA], source."""

NOTES = {
    ("CNSGH", "all HV facilities (container, bulk, cruise)"): "sum of the port: other rows of CNSGH are part of it",
}

BEGUN = ("operational", "commissioning", "trial", "pilot")
"""States whose year is the year of the source or of the beginning; of others it is an expectation or a report."""

WIDE = (
    "kind_source",
    "kind_status",
    "plant_id_source",
    "power_mva_source",
    "power_mva_status",
    "since_source",
    "since_status",
    "voltage_kv_source",
    "voltage_kv_status",
    "frequency_hz_source",
    "frequency_hz_status",
    "ship_types",
    "port",
)


def slug(text: str) -> str:
    """Return `text` in lower case, with hyphens instead of blanks and punctuation."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "-".join(re.findall(r"[a-z0-9.]+", plain.lower())[:5])


def inferred(row: dict[str, str], unit: str) -> str | None:
    """Return how the inventory inferred voltage (``kV``) or frequency (``Hz``), or None where a source says it."""
    found = re.search(rf"(?:^|; ){unit}(?: \(([^)]*)\))?(?:;|$)", row["inferred_fields"])
    return f"inferred ({found[1] or 'not in the source'})" if found else None


def power(row: dict[str, str], notes: list[str]) -> dict[str, Any]:
    """Return apparent power of an outlet and of its plant; what is given in MW stays an interval or a note."""
    each, total = row["mva_per_connection"], row["mva_total"]
    if row["power_unit"] == "mva":
        return {"power_mva": each or None, "plant_power_mva": total or None}
    if total and total != each:
        notes.append(f"plant: {total} MW in the source, not converted to MVA")
    if not each:
        return {}
    return {
        "power_mva": float(each),
        "power_mva_high": round(float(each) / value("shore_power_factor_low"), 6),
        "power_mva_source": f"range from {each} MW: MVA = MW / power factor, which is not stated",
        "power_mva_status": "unverified",
    }


def pairs(row: dict[str, str], other: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the voltage-frequency rows of an outlet, each with its pair and passports."""
    kv: list[Any] = [k for k in row["voltage_kv"].split("|") if k] or [None]
    hz: list[Any] = [f for f in row["frequency_hz"].split("|") if f] or [None]
    guess = {"voltage_kv": inferred(row, "kV"), "frequency_hz": inferred(row, "Hz")}
    known = kv != [None] and hz != [None]
    sure = (len(kv) == 1 or len(hz) == 1) and not any(guess.values()) and not other
    rows = []
    extra_kv = [other["voltage_kv"][0]] if "voltage_kv" in other else []
    extra_hz = [other["frequency_hz"][0]] if "frequency_hz" in other else []
    for v, f in product([*kv, *extra_kv], [*hz, *extra_hz]):
        cells: dict[str, Any] = {"voltage_kv": v, "frequency_hz": f}
        for name, more in (("voltage_kv", extra_kv), ("frequency_hz", extra_hz)):
            if cells[name] in more:
                cells |= {f"{name}_source": other[name][1], f"{name}_status": "secondary"}
            elif cells[name] is not None and guess[name]:
                cells |= {f"{name}_source": guess[name], f"{name}_status": "unverified"}
        cells["pair"] = ("exists" if sure else "possible") if known else None
        above = value("high_voltage_above_kv")
        cells["kind"] = None if v is None else "HVSC" if float(v) > above else "LVSC"
        if v is not None and guess["voltage_kv"]:
            cells |= {"kind_source": f"by voltage, {guess['voltage_kv']}", "kind_status": "unverified"}
        rows.append(cells)
    return rows


def outlet(row: dict[str, str]) -> list[dict[str, Any]]:
    """Return the rows of the table ``outlets`` of one row of the inventory."""
    key = (row["locode"], row["terminal"])
    locode, why = PORTS.get(row["locode"], (row["locode"], None))
    notes = [row["note"], f"outlets: {row['outlets_note']}" if row["outlets_note"] else "", NOTES.get(key, "")]
    if why:
        notes.append(f"{row['locode']}: {why}")
    name = "-".join(filter(None, [row["locode"], slug(row["terminal"])]))
    same: dict[str, Any] = {
        "outlet_id": name,
        "berth_id": name,
        "locode": locode,
        "terminal": row["terminal"],
        "outlets_n": row["n_outlets"],
        "state": row["state"],
        "cable_provider": "either" if row["cable_side"] == "both" else row["cable_side"],
        "ship_types": row["ship_types"],
        "port": row["port"],
        **{c: row[c] for c in ("source", "status", "confidence")},
    }
    same |= power(row, notes)
    same |= STATED.get(key, {})
    if key in PLANTS:
        plant, mva, source = PLANTS[key]
        same |= {"plant_id": plant, "plant_power_mva": mva, "plant_id_source": source}
    elif same.get("plant_power_mva"):
        same["plant_id"] = f"{name}-plant"
    if row["year"] and row["state"] in BEGUN:
        same |= {"since": date(int(row["year"]), 12, 31), "since_source": "year only", "since_status": "unverified"}
    elif row["year"]:
        notes.append(f"year of the source: {row['year']}")
    same["note"] = "; ".join(filter(None, notes))
    return [same | cells for cells in pairs(row, OTHER_SOURCE.get(key, {}))]


def candidates(folder: Path) -> pl.DataFrame:
    """Return the inventory in the form of the table ``outlets``, all columns as text."""
    inventory = pl.read_csv(folder / "ops_inventory.csv", infer_schema=False).fill_null("")
    rows = [cells for row in inventory.iter_rows(named=True) for cells in outlet(row)]
    columns = [c for c in [*schema("outlets"), *WIDE] if any(r.get(c) not in {None, ""} for r in rows)]
    text = [{c: None if r.get(c) in {None, ""} else _text(r[c]) for c in columns} for r in rows]
    return pl.DataFrame(text, schema=dict.fromkeys(columns, pl.String))


def _text(cell: Any) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def main() -> None:
    """Convert and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    frame = candidates(parser.parse_args().folder)
    frame.write_csv(OUT)
    print(f"{OUT.name}: {frame['outlet_id'].n_unique()} outlets, {frame.height} rows")


if __name__ == "__main__":
    main()
