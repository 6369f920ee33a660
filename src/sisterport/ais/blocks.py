"""Open whatever holds positions (CSV, zip, gz, zst, Parquet, dataframe) and hand it out in bounded blocks.

What a file is, its first bytes say; its name does not matter.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sisterport.ais.layouts import Layout, fields
from sisterport.ais.tally import Tally
from sisterport.errors import InputError
from sisterport.tables import to_polars

BLOCK_BYTES = 64 << 20
"""Size of a CSV block [byte]: a few hundred thousand rows, so memory stays bounded however large the file."""
BLOCK_ROWS = 1 << 20

_MAGIC = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PAR1": "parquet",
}
_SEPARATORS = ",;\t|"
_AS_TEXT = {"time_utc", "imo", "nav_status", "ais_type"}  # text in some layouts


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """One table of a source: its header, and on demand its rows, under our field names, not yet converted."""

    label: str
    header: list[str]
    rows: int | None
    frames: Callable[[Layout, Tally], Iterator[pl.DataFrame]]


def source_files(source: Any) -> list[Path]:
    """Return the files that `source` names: one path or glob, or several; sorted within a glob.

    Raises
    ------
    InputError
        If a path or glob matches no file.
    """
    several = isinstance(source, Iterable) and not isinstance(source, str | Path)
    found: list[Path] = []
    for one in source if several else [source]:
        if not isinstance(one, str | Path):
            raise InputError(f"expected a path, a glob or a dataframe, got {type(one).__name__}")
        path = Path(one).expanduser()
        if path.is_dir():
            raise InputError(f"{path} is a folder: name its files, for example '{path / '*.zip'}'")
        anchor = Path(path.anchor)
        matches = [path] if path.is_file() else sorted(anchor.glob(str(path.relative_to(anchor))))
        if not matches:
            raise InputError(f"no file matches '{one}' (looked from {Path.cwd()})")
        found += [match for match in matches if match.is_file()]
    if not found:
        raise InputError("no files given")
    return found


def raw_tables(source: Any) -> Iterator[RawTable]:
    """Yield every table of `source`.

    Raises
    ------
    InputError
        If a file is empty, damaged, binary, not UTF-8 or not a table; the message names it and the mend.
    """
    if hasattr(source, "__arrow_c_stream__") or isinstance(source, pl.LazyFrame):
        yield _from_frame(to_polars(source))
        return
    for path in source_files(source):
        with path.open("rb") as file:
            start = file.read(4)
        if not start:
            raise InputError(f"{path} is empty (0 bytes): fetch it again")
        kind = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), "text")
        if kind == "parquet":
            yield _parquet(path)
        elif kind == "zip":
            yield from _zip(path)
        else:
            yield _csv(str(path), lambda path=path, kind=kind: _open(path, kind))  # type: ignore[misc]


def _select(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    return frame.select(pl.col(theirs).alias(ours) for ours, theirs in layout.headers.items())


def _from_frame(frame: pl.DataFrame) -> RawTable:
    def frames(layout: Layout, _: Tally) -> Iterator[pl.DataFrame]:
        yield from _select(frame, layout).iter_slices(BLOCK_ROWS)

    return RawTable(label="dataframe", header=frame.columns, rows=frame.height, frames=frames)


def _parquet(path: Path) -> RawTable:

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path} is not a complete Parquet file ({_first_line(error)}): fetch it again") from error

    def frames(layout: Layout, _: Tally) -> Iterator[pl.DataFrame]:
        names = list(dict.fromkeys(layout.headers.values()))
        try:
            for batch in file.iter_batches(batch_size=BLOCK_ROWS, columns=names):
                yield _select(cast("pl.DataFrame", pl.from_arrow(batch)), layout)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{path} is damaged ({_first_line(error)}): fetch it again") from error

    return RawTable(label=str(path), header=file.schema_arrow.names, rows=file.metadata.num_rows, frames=frames)


@contextmanager
def _open(path: Path, kind: str) -> Iterator[IO[bytes]]:
    """Open a plain or compressed text file."""
    if kind == "text":
        with path.open("rb") as file:
            yield file
        return

    with pa.OSFile(str(path)) as inner, pa.CompressedInputStream(inner, kind) as stream:
        yield stream


def _zip(path: Path) -> Iterator[RawTable]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.namelist() if m.lower().endswith((".csv", ".txt", ".tsv"))]
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is not a complete zip file ({error}): fetch it again") from error
    if not members:
        raise InputError(f"{path} holds no .csv file")

    @contextmanager
    def member(name: str) -> Iterator[IO[bytes]]:
        with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
            yield stream

    for name in members:
        yield _csv(f"{path}:{name}", lambda name=name: member(name))  # type: ignore[misc]


def _csv(label: str, opener: Callable[[], Any]) -> RawTable:
    """Return the table of a CSV file that `opener` opens, read once for the header and once for the rows."""
    with _reading(label), opener() as stream:
        first = stream.read(1 << 20).split(b"\n", 1)[0]
    line = _text(first, label).lstrip("\ufeff").rstrip("\r")
    separator = max(_SEPARATORS, key=line.count)
    header = [name.strip().strip('"') for name in line.split(separator)]
    if separator not in line or not any(any(c.isalpha() for c in name) for name in header):
        raise InputError(f"{label} is not a CSV file with a header: its first line is {line[:80]!r}")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise InputError(f"{label}: the header names {', '.join(map(repr, repeated))} more than once")

    def frames(layout: Layout, tally: Tally) -> Iterator[pl.DataFrame]:
        with _reading(label), opener() as stream:
            for block in _lines(stream, len(first) + 1):
                yield _parse(block, header, separator, layout, label, tally)

    return RawTable(label=label, header=header, rows=None, frames=frames)


def _lines(stream: IO[bytes], skip: int) -> Iterator[bytes]:
    """Yield blocks of whole lines, without the first `skip` bytes."""
    rest = b""
    data = stream.read(skip + BLOCK_BYTES)[skip:]
    while data:
        cut = data.rfind(b"\n") + 1
        if cut:
            yield rest + data[:cut]
            rest = data[cut:]
        else:
            rest += data
        data = stream.read(BLOCK_BYTES)
    if rest.strip():
        yield rest


def _parse(block: bytes, header: list[str], separator: str, layout: Layout, label: str, tally: Tally) -> pl.DataFrame:
    """Parse a block: numbers straight into float64; where that fails, everything as text for `convert`.

    All columns are parsed, because Polars only sees a line with too many fields when it reads to its end.
    """
    if not block.isascii():
        _text(block, label)
    numbers = {
        layout.headers[f]
        for f, dtype in fields().items()
        if f in layout.headers and dtype.is_numeric() and f not in _AS_TEXT
    }
    as_text: dict[str, Any] = dict.fromkeys(header, pl.String())
    for schema in (as_text | dict.fromkeys(numbers, pl.Float64()), as_text):
        try:
            frame = pl.read_csv(io.BytesIO(block), has_header=False, schema=schema, separator=separator)
            return _select(frame, layout)
        except pl.exceptions.PolarsError:
            continue
    return _select(_line_by_line(block, header, separator, label, tally), layout)


def _line_by_line(block: bytes, header: list[str], separator: str, label: str, tally: Tally) -> pl.DataFrame:
    """Read a block that has lines with too many fields: their columns are shifted, so they are dropped."""
    rows = [row for row in csv.reader(block.decode().splitlines(), delimiter=separator) if row]
    right = [[*row, *[""] * (len(header) - len(row))] for row in rows if len(row) <= len(header)]
    if len(right) < len(rows) / 2:
        raise InputError(f"{label} is no table: most lines have more than the {len(header)} fields of the header")
    tally.add("too_many_fields", pl.Series([None] * (len(rows) - len(right)), dtype=pl.Int64))
    return pl.DataFrame(right, schema=dict.fromkeys(header, pl.String()), orient="row")


def _text(data: bytes, label: str) -> str:
    """Decode UTF-8 or say what is wrong."""
    if b"\x00" in data[:4096]:
        mend = "UTF-16: convert it to UTF-8" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "a binary file, not a CSV"
        raise InputError(f"{label} is {mend}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        near = data[max(0, error.start - 20) : error.end + 10]
        raise InputError(
            f"{label} is not UTF-8 (near {near!r}): convert it, for example with "
            "'iconv -f latin1 -t utf-8', or it is a binary file"
        ) from error


@contextmanager
def _reading(label: str) -> Iterator[None]:
    """Turn what a damaged compressed file raises into one clear error."""
    try:
        yield
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{label} is damaged or incomplete ({_first_line(error)}): fetch it again") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
