"""What stands in a file, from its beginning, middle and end, without reading all of it."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pointworth.landing.findings import Finding
from pointworth.landing.headers import count_known
from pointworth.project import Dataset

HEAD = 96 * 1024
"""Bytes read from the beginning of a file, and all of one that is not larger."""
BLOCK = 24 * 1024
"""Bytes read from the middle and from the end."""
PARQUET_ROWS = 500

_SEPARATORS = {",": "the comma", ";": "the semicolon", "\t": "the tab", "|": "the vertical bar"}
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_OLE = b"\xd0\xcf\x11\xe0"
_OTHER_KINDS = (
    (b"PAR1", "is a Parquet file by its content: give it the ending .parquet."),
    (_OLE, "is an Excel workbook: save its sheet as CSV UTF-8, with commas."),
    (b"%PDF", "is a PDF: export the data as CSV."),
    (b"\x28\xb5\x2f\xfd", "is compressed by zstd: write it plain or as .csv.gz."),
    (b"BZh", "is compressed by bzip2: write it plain or as .csv.gz."),
    (b"\xfd7zXZ", "is compressed by xz: write it plain or as .csv.gz."),
    (b"7z\xbc\xaf", "is a 7z archive: unpack it."),
    (b"SQLite format 3", "is an SQLite file: export the table as CSV."),
)

csv.field_size_limit(16 * 1024 * 1024)


@dataclass
class Sample:
    """A header and some rows of a file, and what is wrong with the file as such.

    `weight` is about how many rows the file holds. Of the sampled `lines` some are no UTF-8, the
    first of them `undecodable_line`; `overlong` is the share of rows with more values than columns,
    the first of them `overlong_line` with so many values.
    """

    where: str
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    is_whole: bool = True
    has_mixed_line_ends: bool = False
    weight: float = 0.0
    lines: int = 0
    undecodable_lines: int = 0
    undecodable_line: int = 0
    overlong: float = 0.0
    overlong_line: tuple[int, int] = (0, 0)

    @property
    def undecodable(self) -> float:
        """The share of lines that are no UTF-8."""
        return self.undecodable_lines / self.lines if self.lines else 0.0

    def complain(self, says: str) -> None:
        """Add a finding about the file."""
        self.findings.append(Finding(self.where, says))


def sample_parquet(path: Path, where: str) -> Sample:
    """The columns of a Parquet file and its first rows, as text as the loader reads them."""
    sample = Sample(where, is_whole=False)
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(max(0, size - 4))
        is_whole = start == file.read(4) == b"PAR1"
    if not is_whole:
        sample.complain("is no whole Parquet file: export it again, or remove it.")
        return sample
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, pre_buffer=False) as opened:
            sample.header = list(opened.schema_arrow.names)
            sample.weight = opened.metadata.num_rows
            batch = next(opened.iter_batches(PARQUET_ROWS), None)
            columns = [] if batch is None else [_as_texts(column) for column in batch.columns]
    except (pa.ArrowException, OSError):
        sample.complain("cannot be read as Parquet: export it again, or remove it.")
        return sample
    sample.rows = [list(row) for row in zip(*columns, strict=True)]
    sample.is_whole = sample.weight <= PARQUET_ROWS
    return sample


def _as_texts(column: Any) -> list[str]:
    """Values as the loader writes them, closely enough; of lists and the like nothing."""
    import pyarrow as pa

    try:
        return [value or "" for value in column.cast(pa.string()).to_pylist()]
    except (pa.ArrowException, UnicodeDecodeError):
        return [""] * len(column)


def sample_csv(path: Path, where: str, dataset: Dataset) -> Sample:
    """The header of a CSV file and some rows; it is read on in whatever form it is found."""
    sample = Sample(where)
    blocks, size = _blocks(path, sample)
    if sample.findings and not blocks:
        return sample
    if not blocks[0].strip(b"\x00 \r\n\t,;\xef\xbb\xbf\xff\xfe"):
        sample.complain("is empty, without even a header: export it again, or remove it.")
        return sample
    if complaint := _other_kind(blocks[0]):
        sample.complain(complaint)
        return sample
    encoding = _wide_encoding(blocks[0])
    if encoding:
        sample.complain("is UTF-16: save it as UTF-8.")
    sample.has_mixed_line_ends = any(_has_mixed_line_ends(block) for block in blocks)
    texts = [_decoded(block, encoding, sample, number) for number, block in enumerate(blocks)]
    _take_rows(texts, sample, dataset)
    used = sum(len(block) for block in blocks)
    sample.weight = max(1.0, len(sample.rows) * size / max(1, used))
    return sample


def _blocks(path: Path, sample: Sample) -> tuple[list[bytes], int]:
    """Whole lines from the beginning, the middle and the end, and the size of all."""
    size = path.stat().st_size
    is_named_gzip = path.name.lower().endswith(".gz")
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if size and is_named_gzip and not is_gzip:
            sample.complain("is no gzip file: give it the ending .csv, or compress it.")
        if is_gzip and not is_named_gzip:
            sample.complain("is compressed by gzip: give it the ending .csv.gz.")
        if is_gzip:
            return _gzip_blocks(file, size, sample)
        head = file.read(HEAD)
        if len(head) == size:
            return [head], size
        sample.is_whole = False
        blocks = [_without_cut_line(head)]
        for start in (size // 2, max(HEAD, size - BLOCK)):
            # An even place, where a letter of UTF-16 begins.
            file.seek(start - start % 2)
            block = file.read(BLOCK)
            blocks.append(block if start + BLOCK >= size else _without_cut_line(block))
    return blocks, size


def _gzip_blocks(file: io.BufferedReader, size: int, sample: Sample) -> tuple[list[bytes], int]:
    try:
        with gzip.open(file) as unpacked:
            head = unpacked.read(HEAD + 1)
    except (OSError, EOFError, zlib.error):
        sample.complain("is no whole gzip file: compress it again.")
        return [], 0
    if len(head) <= HEAD:
        return [head], len(head)
    sample.is_whole = False
    return [_without_cut_line(head)], size * 5


def _without_cut_line(block: bytes) -> bytes:
    cut = block.rfind(b"\n")
    return block if cut < 0 else block[: cut + 1]


def _other_kind(head: bytes) -> str | None:
    """What a file is that is no CSV, by how it begins."""
    if head.startswith(b"PK\x03\x04"):
        if b"xl/" in head or b"[Content_Types].xml" in head[:200]:
            return "is an Excel workbook: save its sheet as CSV UTF-8, with commas."
        return "is a zip archive: unpack it."
    for start, complaint in _OTHER_KINDS:
        if head.startswith(start):
            return complaint
    text = head[:400].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if re.match(rb"<(!doctype|html|head|body|\?xml|!--)", text):
        return "is a web page or XML, no CSV: the download may need to be signed in; export again."
    if re.match(rb'\{\s*["}]|\[\s*[\{\[]', text):
        return "is JSON, no CSV: export it as CSV."
    return None


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 by its mark, or by every other byte being none."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16-le" if head.startswith(b"\xff\xfe") else "utf-16-be"
    start = head[:400]
    if len(start) >= 8 and start[1::2].count(0) > 0.8 * len(start[1::2]):
        return "utf-16-le"
    if len(start) >= 8 and start[::2].count(0) > 0.8 * len(start[::2]):
        return "utf-16-be"
    return None


def _has_mixed_line_ends(block: bytes) -> bool:
    """Whether lines end in several ways; what stands in quotes does not count."""
    if b"\r" not in block:
        return False
    bare = re.sub(rb'"[^"]*"', b"", block)
    windows = bare.count(b"\r\n")
    return sum((windows > 0, bare.count(b"\n") > windows, bare.count(b"\r") > windows)) > 1


def _decoded(block: bytes, encoding: str | None, sample: Sample, number: int) -> str:
    """Text of a block; lines that are no UTF-8 are counted, and read as Windows writes them."""
    if encoding:
        text = block[: len(block) - len(block) % 2].decode(encoding, errors="replace")
        return text.lstrip("\ufeff") if number == 0 else text.partition("\n")[2]
    if number:
        block = block.partition(b"\n")[2]
    sample.lines += block.count(b"\n") + (not block.endswith(b"\n"))
    try:
        return block.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError:
        pass
    lines = []
    for place, line in enumerate(block.split(b"\n"), start=1):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", errors="replace"))
            sample.undecodable_lines += 1
            if number == 0 and not sample.undecodable_line:
                sample.undecodable_line = place
    return "\n".join(lines).lstrip("\ufeff")


def _take_rows(texts: Sequence[str], sample: Sample, dataset: Dataset) -> None:
    """The header and the rows that have its shape."""
    head = texts[0]
    first, _, behind = head.lstrip("\r\n").partition("\n")
    spreadsheet_line = _SEPARATOR_LINE.fullmatch(first)
    if spreadsheet_line:
        head = behind
        first = behind.partition("\n")[0]
    separator = _separator(first, dataset)
    _complain_of_separator(separator, spreadsheet_line, sample)
    records = _records(head, separator)
    if not sample.is_whole and len(records) > 2:
        records.pop()  # a quote may be open where the block ends
    position = next((place for place, cells in enumerate(records) if any(cells)), None)
    if position is None:
        sample.complain("is empty, without even a header: export it again, or remove it.")
        return
    position = _header_position(records, position, sample, dataset)
    sample.header = records[position]
    width = len(sample.header)
    rows = [cells for cells in records[position + 1 :] if any(cell.strip() for cell in cells)]
    _count_overlong(rows, width, sample)
    sample.rows = [fitted for cells in rows if (fitted := _fitted(cells, width)) is not None]
    for text in texts[1:]:
        block = [cells for cells in _records(text, separator)[:-1] if any(cells)]
        good = [fitted for cells in block if (fitted := _fitted(cells, width)) is not None]
        if len(good) >= 0.8 * len(block):  # else the block begins inside a quoted text
            sample.rows += good


def _records(text: str, separator: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    records = []
    try:
        for cells in reader:
            records.append(cells)
    except csv.Error:
        pass  # what is broken is counted and kept by the loader
    return records


def _fitted(cells: list[str], width: int) -> list[str] | None:
    """A row of the header's width; empty values at its end are a spreadsheet's."""
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        return None
    return cells[:width]


def _count_overlong(rows: Sequence[Sequence[str]], width: int, sample: Sample) -> None:
    overlong = [
        (number, len(cells))
        for number, cells in enumerate(rows, start=1)
        if any(cell.strip() for cell in cells[width:])
    ]
    if overlong:
        sample.overlong = len(overlong) / len(rows)
        sample.overlong_line = overlong[0]


def _separator(header: str, dataset: Dataset) -> str:
    """The sign that parts the header into most names of the contract; of equals the comma."""

    def known(separator: str) -> tuple[int, int]:
        cells = (_records(header, separator) or [[]])[0]
        return count_known(cells, dataset), len(cells)

    best = max(_SEPARATORS, key=lambda separator: known(separator)[0])
    if known(best)[0] or known(",")[1] > 1:
        return best if known(best)[0] > known(",")[0] else ","
    return max(_SEPARATORS, key=lambda separator: known(separator)[1])


def _complain_of_separator(
    separator: str, spreadsheet_line: re.Match[str] | None, sample: Sample
) -> None:
    is_other = separator != ","
    if spreadsheet_line and is_other:
        sample.complain(
            f"begins with the line {spreadsheet_line[0].strip()} and has {_SEPARATORS[separator]} "
            "as its separator: export it with commas and without that line."
        )
    elif spreadsheet_line:
        sample.complain(
            f"begins with the line {spreadsheet_line[0].strip()}, which only spreadsheets know: "
            "remove that line."
        )
    elif is_other:
        sample.complain(f"has {_SEPARATORS[separator]} as its separator: export it with commas.")


def _header_position(
    records: Sequence[Sequence[str]], first: int, sample: Sample, dataset: Dataset
) -> int:
    """Where the header stands: a title or a date of export above it is named."""
    if count_known(records[first], dataset):
        return first
    for place, cells in enumerate(records[first : first + 10], start=first):
        if count_known(cells, dataset) > 1:
            sample.complain(
                f"has its header in line {place + 1}: remove the {place} line"
                f"{'s' if place > 1 else ''} above it."
            )
            return place
    return first
