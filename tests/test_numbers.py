"""No number of the method stands in the code of rules, shore power and inventory: it is in the reference data.

A literal there is 0, 1 or 2 (with either sign for 1), as a whole number or not; conversions have names in
`sisterport.units`, all else is a row of ``constants.csv`` or another table. There is no list of exceptions.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from sisterport import reference

ROOT = Path(__file__).parents[1]
SCANNED = ("rules", "shorepower", "inventory")
PLAIN = (0, 1, 2)
"""Nothing, one, and a pair: they count, begin, halve, square; a factor they are not."""

_NUMBERS = (int, float, complex)
_READERS = ("int", "float", "complex", "Decimal", "Fraction", "literal_eval")


def faults(source: str, name: str) -> list[str]:
    """Return the numbers that may not stand in a source, each as ``name:line: what is wrong``."""
    found = sorted({(node.lineno, what) for node, what in _found(ast.parse(source))})
    return [f"{name}:{line}: {what}" for line, what in found]


def _found(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Constant() if _is_number(node) and node.value not in PLAIN:
                yield node, f"the number {node.value!r}"
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=2 | 2.0)):
                yield node, "the number -2"
            case ast.BinOp() if _is_literal(node.left) and _is_literal(node.right):
                yield node, f"a number put together: {ast.unparse(node)}"
            case ast.Call(args=[ast.Constant(value=str(text)), *_]) if _name(node.func) in _READERS and _reads(text):
                yield node, f"a number written as text: {ast.unparse(node)}"


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, _NUMBERS) and not isinstance(node.value, bool)


def _is_literal(node: ast.expr) -> bool:
    match node:
        case ast.UnaryOp():
            return _is_literal(node.operand)
        case ast.BinOp():
            return _is_literal(node.left) and _is_literal(node.right)
    return _is_number(node)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _reads(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def sources() -> list[Path]:
    return [path for room in SCANNED for path in sorted((ROOT / "src" / "sisterport" / room).rglob("*.py"))]


def test_no_numbers_in_the_code_of_the_method():
    found = [fault for path in sources() for fault in faults(path.read_text(), str(path.relative_to(ROOT)))]
    assert not found, "numbers without a passport (units.py for conversions, else constants.csv):\n" + "\n".join(found)


def test_the_scan_sees_the_files():
    seen = {path.name for path in sources()}
    assert {"fueleu_balance.py", "kernel.py", "epa_step.py", "tracks.py"} <= seen


@pytest.mark.parametrize("room", SCANNED)
def test_a_planted_number_is_found(tmp_path, room):
    healthy = (ROOT / "src" / "sisterport" / room / "__init__.py").read_text()
    planted = tmp_path / "planted.py"
    planted.write_text(f"{healthy}\n\ndef penalty(balance: float) -> float:\n    return balance / 41_000 * 2400.0\n")
    last = len(planted.read_text().splitlines())
    assert faults(planted.read_text(), planted.name) == [
        f"planted.py:{last}: the number 2400.0",
        f"planted.py:{last}: the number 41000",
    ]


@pytest.mark.parametrize(
    "code",
    [
        "x = 3",
        "x = 0.5",
        "x = -2",
        "x = y[3:]",
        "x = y ** 1.5",
        "def f(x=0.94): ...",
        "x = f(limit=1e-6)",
        "x = f'{100 * share}'",
        "x = 1 << 13",
        "x = 2 * 2 + 1",
        "x = 2**2",
        "x = float('3.114')",
        "x = np.float64('0.5')",
        "@njit\ndef f(x):\n    return x * 24",
    ],
)
def test_numbers_in_any_dress_are_found(code):
    if "np." in code:
        code = code.replace("np.float64", "float")
    assert faults(code, "code.py")


@pytest.mark.parametrize(
    "code",
    [
        "x = -1.0 + y * 2",
        "x = y[1:] - y[:-1]",
        "x = y**2 / 2",
        "x = KWH_PER_MJ * y",
        "x = True",
        "x = f'{share:.3f} of 13'",
        "x = value('eca_sulphur')",
        "x = float('inf')",
        "'''Figures of 3.114 in words.'''",
        "x = 1 << n",
    ],
)
def test_what_is_no_number_of_the_method_may_stand(code):
    assert faults(code, "code.py") == []


def read_in(room: str) -> tuple[set[str], set[str]]:
    """Return the tables and the constants that a room reads by name."""
    tables, constants = set(), set()
    for path in (ROOT / "src" / "sisterport" / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(args=[ast.Constant(value=str(name)), *_]) if _name(node.func) in {"load", "clause"}:
                    tables.add(name)
                case ast.Call(args=[ast.Constant(value=str(name)), *_]) if _name(node.func) in {"value", "constant"}:
                    constants.add(name)
    return tables, constants


@pytest.mark.parametrize("room", [*SCANNED, "fuels"])
def test_every_number_that_is_read_has_source_and_status(room):
    tables, constants = read_in(room)
    assert tables
    for name in tables | {"constants"}:
        table = reference.load(name)
        passports = table.select("source", "status")
        if name == "ship_class_averages":  # one bin says that no source was found, and has no numbers
            empty = pl.col("power_kw", "v_ref_kn", "draught_m", "size_mean").is_null()
            passports = table.filter(~pl.all_horizontal(empty)).select("source", "status")
        assert passports.null_count().row(0) == (0, 0), name
        words = passports["status"].str.extract(r"^(\w+)").unique()
        assert set(words) <= {"checked", "secondary", "unverified"}, name
    known = reference.load("constants").select(pl.col("id"), stated=pl.all_horizontal(pl.all().is_not_null()))
    assert constants <= set(known["id"])
    assert known["stated"].all()
