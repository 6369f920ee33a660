"""EU-MRV: the real file, made-up files with the traps of real ones, cleaning, and the split of the ships."""

import hashlib
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl
import pytest

from sisterport.errors import InputError, SchemaError
from sisterport.fleet import clean_mrv, is_fit_half, read_mrv

TOP = ["Ship", "", "", "", "", "Annual monitoring results", "", "", "", "", ""]
MIDDLE = ["", "", "", "", "", "Totals", "", "", "", "Average energy efficiency", ""]
HEAD = [
    "IMO Number",
    "Name",
    "Ship type",
    "Reporting Period",
    "Technical efficiency",
    "Total fuel consumption [m tonnes]",
    "Total CO₂ emissions [m tonnes]",
    "CO₂ emissions which occurred within ports under a MS jurisdiction at berth [m tonnes]",
    "Annual Time spent at sea [hours]",
    "Annual average Fuel consumption per distance [kg / n mile]",
    "Annual average Fuel consumption per transport work (mass) [g / m tonnes · n miles]",
]
SHIP = ["9074729", "A", "Container ship", "2022", "EIV (17.1 gCO₂/t·nm)", "1000", "3114", "155.7", "1000", "80", "9.5"]


def ship(**cells: str) -> list[str]:
    """Return a good ship with some cells replaced, named by a word of their header."""
    row = list(SHIP)
    for word, text in cells.items():
        row[next(i for i, head in enumerate(HEAD) if word.replace("_", " ") in head.lower())] = text
    return row


TRAPS = [
    SHIP,
    ship(imo="9349497", fuel_consumption="2 000,5", per_distance="1,234.5", technical="EEDI (8,41 gCO₂/t·nm)"),
    ship(imo="9448815", time="0", per_distance="Division by zero!", technical="Not Applicable"),
    ship(imo="9295268", per_distance="N/A", transport="N/A", ship_type="Hovercraft"),
    ship(imo="9074730"),  # wrong check digit
    ship(imo="9302891", fuel_consumption="-5", per_distance="1,234"),
    ship(imo="9302891", period="2022"),
    ["", "", "", "", "", "", "", "", "", "", ""],
]


def write_csv(path: Path, rows: list[list[str]], separator: str = ",") -> Path:
    path.write_text(
        "\n".join(separator.join(f'"{c}"' for c in row) for row in [TOP, MIDDLE, HEAD, *rows]), encoding="utf-8"
    )
    return path


def write_xlsx(path: Path, rows: list[list[str]]) -> Path:
    """Write the smallest workbook there is: one sheet, texts in line, whole numbers as numbers."""
    lines = []
    for r, row in enumerate([TOP, MIDDLE, HEAD, *rows], 1):
        cells = []
        for c, text in enumerate(row):
            place = f'r="{chr(65 + c)}{r}"'
            if text.isdigit():
                cells.append(f"<c {place}><v>{text}</v></c>")
            elif text:
                cells.append(f'<c {place} t="inlineStr"><is><t>{escape(text)}</t></is></c>')
        lines.append(f'<row r="{r}">{"".join(cells)}</row>')
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType='
        f'"{kind}.sheet.main+xml"/><Override PartName="/xl/s.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" Type='
        f'"{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="2022" sheetId="1" '
        'r:id="a"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" Type='
        f'"{office}/worksheet" Target="s.xml"/></Relationships>',
        "xl/s.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as book:
        for name, text in files.items():
            book.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return path


def counted(faults: pl.DataFrame) -> dict[tuple[str, str], int]:
    return {(r["column"], r["fault"]): r["cells"] for r in faults.iter_rows(named=True)}


@pytest.mark.parametrize("kind", ["xlsx", "comma", "semicolon"])
def test_traps_of_the_file_are_read_or_counted(kind: str, tmp_path: Path) -> None:
    if kind == "xlsx":
        file = write_xlsx(tmp_path / "mrv.xlsx", TRAPS)
    else:
        file = write_csv(tmp_path / "mrv.csv", TRAPS, "," if kind == "comma" else ";")
    reports, faults = read_mrv(file)
    assert reports["imo"].to_list() == [9074729, 9349497, 9448815, 9295268, None, 9302891, 9302891]
    assert reports["fuel_t"].to_list() == [1000, 2000.5, 1000, 1000, 1000, None, 1000]
    assert reports["kg_per_nm"].to_list() == [80, 1234.5, None, None, 80, None, 80]
    assert reports["efficiency_g_per_t_nm"].to_list()[:3] == [17.1, 8.41, None]
    assert reports["efficiency_kind"].to_list()[:3] == ["EIV", "EEDI", None]
    assert reports["ship_class"].to_list() == ["container"] * 3 + ["unknown"] + ["container"] * 3
    assert reports["row"].to_list() == [4, 5, 6, 7, 8, 9, 10]
    assert counted(faults) == {
        ("kg_per_nm", "division by zero"): 1,
        ("kg_per_nm", "not applicable"): 1,
        ("kg_per_nm", "not a number"): 1,  # 1,234: is it one or a thousand?
        ("g_per_t_nm", "not applicable"): 1,
        ("fuel_t", "negative"): 1,
        ("imo", "wrong check digit"): 1,
        ("imo", "in more than one report"): 2,
        ("ship_type", "unknown type"): 1,
        ("technical_efficiency", "no value"): 1,
        ("hours_at_sea", "zero"): 1,
    }
    assert faults.filter(fault="division by zero").row(0)[3:] == (6, "Division by zero!")


def test_an_export_without_the_two_title_rows_and_with_other_names_is_read(tmp_path: Path) -> None:
    head = [
        h.replace("Annual average ", "").replace("Annual Time", "Annual Total time").replace("₂", "2") for h in HEAD
    ]
    file = tmp_path / "export.csv"
    file.write_text(",".join(head) + "\n" + ",".join(SHIP) + "\n", encoding="utf-8-sig")
    reports, faults = read_mrv(file)
    assert reports.select("imo", "co2_t", "hours_at_sea", "kg_per_nm", "row").row(0) == (9074729, 3114, 1000, 80, 2)
    assert faults.is_empty()


def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no EU-MRV file"):
        read_mrv(tmp_path / "nothing.xlsx")
    (tmp_path / "text.xlsx").write_text("no workbook")
    with pytest.raises(InputError, match="no readable Excel file"):
        read_mrv(tmp_path / "text.xlsx")
    (tmp_path / "a.csv").write_text("imo,fuel\n1,2\n")
    with pytest.raises(InputError, match="none of the first 20 rows has a cell 'IMO Number'"):
        read_mrv(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("IMO Number,Ship type\n9074729,Bulk carrier\n")
    with pytest.raises(SchemaError, match=r"3 faults") as error:
        read_mrv(tmp_path / "b.csv")
    assert "no column 'total fuel consumption [m tonnes]' (fuel_t)" in str(error.value)
    good = write_xlsx(tmp_path / "good.xlsx", [SHIP])
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    with pytest.raises(InputError, match=r"needs the package fastexcel: pip install 'sisterport\[mrv\]'"):
        read_mrv(good)


def test_cleaning_counts_each_report_under_one_rule(tmp_path: Path) -> None:
    rows = [
        SHIP,
        ship(imo="9349497", time="0"),
        ship(imo="9448815", time="99"),
        ship(imo="9295268", time="3000"),  # 12,500 nm in 3,000 h: 4.2 kn
        ship(imo="9302891", **{"total co₂": "5000"}),
        ship(imo="9190731", berth="2000"),
        ship(imo="9225665", per_distance="240000"),
        ship(imo="9275050"),
        ship(imo="9275050"),
        ship(imo="9074730"),
    ]
    kept, counts = clean_mrv(read_mrv(write_csv(tmp_path / "mrv.csv", rows)).reports)
    assert kept["imo"].to_list() == [9074729]
    assert kept.select("speed_kn", "sea_kg_per_nm").row(0) == pytest.approx((12.5, 76.0))
    found = dict(counts.iter_rows())
    assert found["all reports"] == sum(found.values()) - found["all reports"] == 10
    assert found["ship with more than one report"] == 2
    assert [n for rule, n in found.items() if n == 1 and rule != "kept"] == [1] * 7


def test_the_split_is_by_the_hash_of_the_number_alone_and_about_even() -> None:
    numbers = range(9_000_000, 9_004_000)
    halves = [is_fit_half(n) for n in numbers]
    assert 0.47 < sum(halves) / len(halves) < 0.53
    for number in numbers[:50]:
        assert is_fit_half(number) == (int(hashlib.sha256(f"{number}".encode()).hexdigest()[:2], 16) % 2 == 0)


def test_the_published_file_of_2022(shared: Path) -> None:
    reports, faults = read_mrv(shared / "data/test-only/mrv/thetis_mrv_2022.xlsx")
    assert reports.height == 12_788
    assert reports["imo"].null_count() == 0
    assert reports["imo"].is_unique().all()
    assert set(reports["period"]) == {2022}
    classes = dict(reports["ship_class"].value_counts().iter_rows())
    assert (classes["bulk_carrier"], classes["container"], classes["liquefied_gas_tanker"]) == (3986, 1823, 387 + 351)
    found = counted(faults)
    assert found["kg_per_nm", "division by zero"] == 203
    assert found["g_per_t_nm", "not applicable"] == 1007
    assert found["hours_at_sea", "zero"] == 206
    first = reports.row(0, named=True)
    assert (first["imo"], first["fuel_t"], first["hours_at_sea"], first["kg_per_nm"]) == (
        6602898,
        3473.74,
        2346.25,
        104.75,
    )
    assert (first["efficiency_kind"], first["efficiency_g_per_t_nm"], first["co2_berth_t"]) == ("EIV", 31.73, 882.22)
