"""Write ``reference/data/ports.csv`` from the World Port Index, UN/LOCODE and the list of container ports.

Usage: ``python tools/build_ports.py FOLDER``; the folder holds ``ports/world_port_index.parquet``,
``ports/unlocode_2023-1.parquet``, ``network/ref/locodes.csv`` and ``network/ref/countries.csv``.

A port of the World Port Index gets a code only if a seaport of UN/LOCODE in the same country has the same
name and lies within 0.3 degrees, and neither has a second candidate. Where UN/LOCODE has no coordinates
(many large ports) the name must be the only one of its kind among all places of the country in both lists,
and the harbour more than very small; or it is a container port, and the World Port Index has one main port
of that name. Pairs made by hand stand in `SAME`.
"""

import argparse
import re
import unicodedata
from collections import Counter, defaultdict
from math import cos, hypot, radians
from pathlib import Path
from typing import Any

import polars as pl

OUT = Path(__file__).parents[1] / "src/sisterport/reference/data/ports.csv"
NEAR_DEG = 0.3
FAR_DEG = 5.0

CONTAINER = "DCSA port codes 2022-11-17"

COUNTRY = {
    "Bahamas": "BS",
    "British Virgin Islands": "VG",
    "Brunei": "BN",
    "Burma": "MM",
    "Cabo Verde": "CV",
    "Caribbean Netherlands": "BQ",
    "Congo (Brazzaville)": "CG",
    "Congo (Kinshasa)": "CD",
    "Falkland Islands (Islas Malvinas)": "FK",
    "Federated States of Micronesia": "FM",
    "Iran": "IR",
    "Johnson Atoll": "UM",
    "Macau": "MO",
    "Midway Islands": "UM",
    "North Korea": "KP",
    "Russia": "RU",
    "Saint Helena, Ascension, and Tristan da Cunha": "SH",
    "Saint Vincent and the Grenadines (Windward Islands)": "VC",
    "Sint Maarten": "SX",
    "South Georgia and South Sandwich Islands": "GS",
    "South Korea": "KR",
    "Svalbard": "SJ",
    "Syria": "SY",
    "Taiwan": "TW",
    "Tanzania": "TZ",
    "The Bahamas": "BS",
    "The Gambia": "GM",
    "U.S. Virgin Islands": "VI",
    "Venezuela": "VE",
    "Vietnam": "VN",
    "Wake Island": "UM",
}
"""Countries that the World Port Index names otherwise than ISO 3166-1 does."""

SAME = {
    7640: "USNYC",  # New York City
    8290: "USPTM",  # Portsmouth in Virginia
    9625: "GTSTC",  # Santo Thomas De Castilla
    10100: "CUHAV",  # Bahai De La Habana
    11045: "DOHAI",  # Puerto De Haina
    12770: "BRSSA",  # Port De Salvador
    13000: "BRSFS",  # Sao Francisco
    14100: "CLPUQ",  # Rada Punta Arenas
    14415: "CLSVE",  # Bahia San Vicente
    14950: "PECLL",  # Puerto Del Callao
    15500: "CRCAL",  # Puerto Caldera
    15570: "HNSLO",  # Puerto De Hencan (San Lorenzo)
    16080: "USLAX",  # Los Angeles
    16940: "USPDX",  # Portland in Oregon
    28370: "RULED",  # Sankt-Peterburg
    28660: "LTKLJ",  # Klaipeda
    28710: "PLGDN",  # Gdansk
    30260: "DKAAR",  # Arhus
    30400: "DKAAL",  # Alborg
    31660: "GBHUL",  # Kingston Upon Hull
    33770: "GBBEL",  # Belfast: the coordinates of UN/LOCODE lie 23 nm off
    36855: "FRMTX",  # Montoir
    37950: "PTLEI",  # Porto De Leixoes
    38170: "ESLPA",  # Las Palmas
    38330: "GIGIB",  # Europa Point, the one port of Gibraltar
    38775: "FRFOS",  # Fos
    39420: "ITVDL",  # Rada Di Vado
    40720: "ITRAN",  # Porto Di Corsini (Ravenna)
    42230: "GRPIR",  # Piraievs
    43655: "UAYUZ",  # Yuzhnyy
    45010: "SYLTK",  # Al Ladhiqiyah (Latakia)
    45753: "MAPTM",  # Tangier-Mediterranean
    46435: "GAOWE",  # Port Owendo
    46131: "NGTIN",  # Tin Can Island
    48140: "SAJED",  # Jiddah
    48230: "OMSLL",  # Mina Raysut (Salalah)
    48263: "AEKLF",  # Khawr Fakkan
    48271: "AESHJ",  # Ash Shariqah (Sharjah)
    48335: "SADMM",  # Dammam
    48338: "SAJUB",  # Al Jubayl
    48605: "PKBQM",  # Muhamamad Bin Qasim
    48730: "INPPV",  # Pipavav Bandar
    48845: "INNSA",  # Jawaharlal Nehru Port (Nhava Shiva)
    49030: "INIXE",  # New Mangalore
    49454: "INENR",  # Kamarajar Port (Ennur)
    49480: "INVTZ",  # Vishakhapatnam
    49560: "INCCU",  # Calcutta
    49590: "BDCGP",  # Chittagong
    49650: "MMRGN",  # Rangoon
    49850: "MYPEN",  # Pulau Pinang
    49930: "MYPKG",  # Port Klang
    50000: "SGSIN",  # Keppel - (East Singapore)
    55680: "ASPPG",  # Pago Pago Harbor: the latitude of UN/LOCODE has the wrong sign
    57580: "VNSGN",  # Thanh Ho Chi Minh
    57680: "VNHPH",  # Hai Phong
    57857: "CNYTN",  # Yantian in Shenzhen, as carriers use the code; UN/LOCODE has coordinates in Fujian
    57860: "CNSTG",  # Shan T Ou
    57890: "TWKEL",  # Chi-Lung (Keelung)
    57920: "TWKHH",  # Kao-Hsiung
    60120: "CNCQI",  # Chung Ching
    60190: "CNTXG",  # Tianjin Xin Gang
    60220: "CNYIK",  # Yingkou; UN/LOCODE spells Yinkou
    60320: "KRINC",  # Inchon
    60610: "RUVVO",  # Vladivostok
    61910: "JPAXT",  # Akita-Funakawa Ko
    62140: "JPMOJ",  # Moji Ko
}
"""World Port Index number -> UN/LOCODE where spelling or missing coordinates hide that they are one port."""

_FILLER = re.compile(
    r"\b(port of|port|pt|puerto del|puerto de|puerto|porto de|porto di|porto|harbou?r|hbr|bahia de"
    r"|rada de|rada di|luka|gang|hang|kang|ko|mina|bandar|pelabuhan|the)\b"
)


def plain(text: str) -> str:
    """Return `text` in lower case without accents and punctuation."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("Ø", "O").replace("ł", "l"))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c)).lower()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())


def names(*texts: str | None) -> set[str]:
    """Return the spellings in `texts`, which give several by ``/``, ``;`` or ``(...)``."""
    found = set()
    for text in texts:
        for part in re.split(r"[/;()=]", text or ""):
            full = plain(part.split(",")[0])  # after the comma comes the island or the prefecture
            found |= {full, " ".join(_FILLER.sub(" ", full).split())}
    return {name for name in found if len(name) > 2}


def gap_deg(a: dict[str, Any], b: dict[str, Any]) -> float:
    """Return the distance of two rows [degrees of latitude]."""
    dlon = (a["lon"] - b["lon"] + 180.0) % 360.0 - 180.0
    return hypot(a["lat"] - b["lat"], dlon * cos(radians(a["lat"])))


def read_wpi(folder: Path) -> list[dict[str, Any]]:
    """Return the ports of the World Port Index."""
    countries = pl.read_csv(folder / "network/ref/countries.csv", null_values=[])
    code = {plain(name): alpha2 for alpha2, name in countries.select("country_code", "name").iter_rows()}
    code |= {plain(name): alpha2 for name, alpha2 in COUNTRY.items()}
    table = pl.read_parquet(folder / "ports/world_port_index.parquet").sort("World Port Index Number")
    return [
        {
            "wpi": row["World Port Index Number"],
            "name": row["Main Port Name"].strip(),
            "names": names(row["Main Port Name"], row["Alternate Port Name"]),
            "given": row["UN/LOCODE"].replace(" ", ""),
            "country": code[plain(row["Country Code"])],
            "size": row["Harbor Size"].strip(),
            "lat": row["Latitude"],
            "lon": row["Longitude"],
        }
        for row in table.iter_rows(named=True)
    ]


def read_unlocode(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the places of UN/LOCODE by code."""
    table = pl.read_parquet(folder / "ports/unlocode_2023-1.parquet")
    return {
        row["locode"]: {
            "locode": row["locode"],
            "name": row["name"],
            "names": names(row["name"], row["name_ascii"]),
            "country": row["locode"][:2],
            "is_port": row["is_port"] and row["status"] != "XX",
            "lat": row["lat"],
            "lon": row["lon"],
        }
        for row in table.iter_rows(named=True)
    }


def canonical(locode: str, aliases: dict[str, str]) -> str:
    """Return the code that stands for the port."""
    return aliases.get(locode, locode)


def match(  # noqa: C901, PLR0912 - one way after another
    wpi: list[dict[str, Any]],
    unlocode: dict[str, dict[str, Any]],
    containers: set[str],
    aliases: dict[str, str],
) -> Counter[str]:
    """Set ``locode`` and ``how`` of each port; return how many of each kind."""
    by_name: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for place in unlocode.values():
        for name in place["names"]:
            by_name[place["country"], name].append(place)
    spellings = Counter((port["country"], name) for port in wpi for name in port["names"])
    count: Counter[str] = Counter()
    claims: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for port in wpi:
        port["locode"], port["how"] = "", ""
        if port["wpi"] in SAME:
            port["locode"], port["how"] = SAME[port["wpi"]], "by hand"
        elif unlocode.get(port["given"], {}).get("is_port"):
            port["locode"], port["how"] = canonical(port["given"], aliases), "given"
        else:
            found = [p for n in port["names"] for p in by_name[port["country"], n]]
            codes = near_codes(port, found, aliases)
            if len(codes) == 1:
                port["locode"], port["how"] = codes.pop(), "name and position"
            elif codes:
                count["several codes for one port"] += 1
            else:
                port["locode"], port["how"] = code_by_name(port, found, spellings, containers, aliases)
        if port["locode"]:
            claims[port["locode"]].append(port)
    for locode, ports in claims.items():
        keep = best_claim(locode, ports, unlocode)
        for port in ports:
            if port is not keep:
                count["code claimed by several ports"] += 1
                port["locode"] = port["how"] = ""
    return count + Counter(port["how"] or "no code" for port in wpi)


def near_codes(port: dict[str, Any], found: list[dict[str, Any]], aliases: dict[str, str]) -> set[str]:
    """Return the codes of seaports of the same name nearby; of the very name where there are others too."""
    near = [p for p in found if p["is_port"] and p["lat"] is not None and gap_deg(port, p) < NEAR_DEG]
    codes = {canonical(p["locode"], aliases) for p in near}
    exact = {canonical(p["locode"], aliases) for p in near if plain(p["name"]) == plain(port["name"])}
    return exact if len(codes) > 1 and len(exact) == 1 else codes


def code_by_name(
    port: dict[str, Any],
    found: list[dict[str, Any]],
    spellings: Counter[tuple[str, str]],
    containers: set[str],
    aliases: dict[str, str],
) -> tuple[str, str]:
    """Return code and way of a port whose place in UN/LOCODE has no coordinates, or nothing."""
    if only_name(port, found, spellings):
        return canonical(found[0]["locode"], aliases), "only name"
    main = {name for name in names(port["name"]) if spellings[port["country"], name] == 1}
    codes = {p["locode"] for p in found if p["locode"] in containers and p["lat"] is None and p["names"] & main}
    return (canonical(codes.pop(), aliases), "container port") if len(codes) == 1 else ("", "")


def only_name(port: dict[str, Any], found: list[dict[str, Any]], spellings: Counter[tuple[str, str]]) -> bool:
    """Tell whether one seaport without coordinates carries a name that no other place and port has."""
    if len({p["locode"] for p in found}) != 1 or found[0]["lat"] is not None or not found[0]["is_port"]:
        return False
    if port["size"] in {"", "Very Small"}:
        return False
    return all(spellings[port["country"], name] == 1 for name in port["names"] & found[0]["names"])


def best_claim(locode: str, ports: list[dict[str, Any]], unlocode: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """Return the one port with the best title to a code: made by hand, given, the very name; else none."""
    for title in (
        [p for p in ports if p["how"] == "by hand"],
        [p for p in ports if p["how"] == "given"],
        [p for p in ports if p["how"] == "name and position" and plain(p["name"]) == plain(unlocode[locode]["name"])],
        [p for p in ports if p["how"] == "name and position"],
        ports,
    ):
        if title:
            return title[0] if len(title) == 1 else None
    return None


def container_rows(
    folder: Path,
    have: set[str],
    wpi: list[dict[str, Any]],
    unlocode: dict[str, dict[str, Any]],
    aliases: dict[str, str],
) -> list[Any]:
    """Return rows of the container ports that are not there yet, positions from UN/LOCODE or none."""
    rows = []
    table = pl.read_csv(folder / "network/ref/locodes.csv", null_values=[])
    for locode, name in table.select("locode", "name").iter_rows():
        code = canonical(locode, aliases)
        if code in have:
            continue
        have.add(code)
        place = unlocode[code]
        lat, lon = place["lat"], place["lon"]
        where = "position of the town, UN/LOCODE 2023-1"
        if lat is None:
            where = "no position"
        elif not any(p["country"] == code[:2] and gap_deg(p, place) < FAR_DEG for p in wpi):
            lat = lon = None
            where = "position of UN/LOCODE 2023-1 far from all ports of the country: dropped"
        rows.append((code, name, code[:2], lat, lon, None, "", f"{CONTAINER}; {where}", "secondary"))
    return rows


def seaport_codes(unlocode: dict[str, dict[str, Any]]) -> pl.DataFrame:
    """Return all codes of seaports, a row per country."""
    codes: dict[str, list[str]] = defaultdict(list)
    for locode, place in sorted(unlocode.items()):
        if place["is_port"] and not locode.endswith("XXX"):  # inland waterways as a whole
            codes[locode[:2]].append(locode[2:])
    rows = [(country, " ".join(ends), "UN/LOCODE 2023-1, function 1", "checked") for country, ends in codes.items()]
    return pl.DataFrame(rows, schema=["country", "codes", "source", "status"], orient="row")


def main() -> None:
    """Match, write the table and say how many ports got a code in which way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    table = pl.read_csv(OUT.parent / "port_aliases.csv").filter(pl.col("same_place") != "no")
    aliases = dict(table.filter(pl.col("alias").str.len_chars() == 5).select("alias", "canonical_locode").iter_rows())
    unlocode = read_unlocode(folder)
    seaport_codes(unlocode).write_csv(OUT.parent / "seaport_codes.csv")
    wpi = read_wpi(folder)
    containers = set(pl.read_csv(folder / "network/ref/locodes.csv")["locode"])
    count = match(wpi, unlocode, containers, aliases)
    source = {
        "": "WPI",
        "given": "WPI (with code)",
        "name and position": "WPI; code by name and position",
        "only name": "WPI; code by the only such name in the country",
        "container port": "WPI; code by name among container ports",
        "by hand": "WPI; code by hand",
    }
    rows = [
        (p["locode"], unlocode[p["locode"]]["name"] if p["how"] == "by hand" else p["name"], p["country"],
         round(p["lat"], 3), round(p["lon"], 3), p["wpi"], p["size"],
         source[p["how"]], "checked" if p["how"] in {"", "given", "name and position"} else "secondary")
        for p in wpi
    ]  # fmt: skip
    extra = container_rows(folder, {r[0] for r in rows}, wpi, unlocode, aliases)
    columns = (
        "locode",
        "name",
        "country",
        "lat_deg",
        "lon_deg",
        "wpi_number",
        "harbor_size",
        "source",
        "status",
    )
    frame = pl.DataFrame(rows + extra, schema=columns, orient="row", infer_schema_length=None)
    frame.with_columns(pl.col("locode").replace("", None)).write_csv(OUT, float_precision=None)
    print(*(f"{n:5d} {what}" for what, n in count.most_common()), sep="\n")
    print(f"{len(extra):5d} container ports added: {', '.join(r[0] for r in extra)}")
    codes = frame["locode"].replace("", None).drop_nulls().len()
    print(f"{OUT.name}: {frame.height} ports, {codes} codes, {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
