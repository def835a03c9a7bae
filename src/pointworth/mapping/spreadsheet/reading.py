"""A file as somebody saved it, made into UTF-8 text of which the separator and header are known.

Nothing is held in memory but a workbook: text is decoded in pieces.
"""

import codecs
import csv
import gzip
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pointworth.mapping.errors import MappingError

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
TEXTS = (".csv", ".txt", ".tsv", ".tab")
_PIECE = 4 * 1024 * 1024
_LINES = 200
_SEPARATORS = ";\t,|"
_SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Sheet:
    """A table of text: `text` is UTF-8; the header stands in line `header_line`, from 1."""

    name: str
    text: Path
    encoding: str
    delimiter: str
    header_line: int
    header: tuple[str, ...]
    sheet: str | None = None


def spreadsheets(source: Path, work: Path) -> list[tuple[str, Path]]:
    """The files to read, by name: one, those of a folder, or those of a zip, unpacked."""
    if not source.exists():
        raise MappingError(f"{source} is not there: name the file or the folder that was saved.")
    if source.is_dir():
        found = [path for path in sorted(source.iterdir()) if _is_sheet(path.name)]
    else:
        found = [source]
    files: list[tuple[str, Path]] = []
    for path in found:
        if path.suffix.lower() == ".zip":
            files += _unpacked(path, work)
        elif path.suffix.lower() == ".gz":
            target = work / path.stem
            with gzip.open(path) as packed, target.open("wb") as plain:
                shutil.copyfileobj(packed, plain, _PIECE)
            files.append((path.name, target))
        else:
            files.append((path.name, path))
    if not files:
        raise MappingError(
            f"{source} holds no spreadsheet: save it there as CSV or .xlsx ({', '.join(TEXTS)})."
        )
    return files


def read_sheet(
    name: str, path: Path, work: Path, known: set[str], told: dict[str, Any] | None = None
) -> Sheet:
    """Decode a file and find its header; `told` says what a person has written about it."""
    told = told or {}
    sheet = None
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or _suffix(name) in WORKBOOKS:
        text, sheet = _workbook(name, path, work, told.get("sheet"))
        encoding = "workbook"
    else:
        encoding = told.get("encoding") or _encoding(path)
        text = path if encoding == "utf-8" else _decoded(name, path, work, encoding)
    lines = _first_lines(text)
    if not lines:
        raise MappingError(f"{name} is empty: export it again.")
    declared = _SEPARATOR_LINE.match(lines[0])
    delimiter = told.get("delimiter") or (
        "," if encoding == "workbook" else declared[1] if declared else _delimiter(lines)
    )
    header_line = int(told.get("header_line") or _header_line(lines, delimiter, known))
    if header_line > len(lines):
        raise MappingError(f"{name} has no line {header_line}: mend header_line in mapping.yml.")
    header = tuple(
        cell.strip() for cell in next(csv.reader([lines[header_line - 1]], delimiter=delimiter))
    )
    return Sheet(name, text, encoding, delimiter, header_line, header, sheet)


def _is_sheet(name: str) -> bool:
    return not name.startswith((".", "~$")) and _suffix(name) in (*TEXTS, *WORKBOOKS, ".zip", ".gz")


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()


def _unpacked(path: Path, work: Path) -> Iterator[tuple[str, Path]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for place, member in enumerate(archive.infolist()):
                name = Path(member.filename).name
                if member.is_dir() or not _is_sheet(name) or "__MACOSX" in member.filename:
                    continue
                if member.flag_bits & 1:
                    raise MappingError(f"{path} is locked with a password: unpack it yourself.")
                target = work / f"{place}-{name}"
                with archive.open(member) as packed, target.open("wb") as plain:
                    shutil.copyfileobj(packed, plain, _PIECE)
                yield name, target
    except zipfile.BadZipFile as error:
        raise MappingError(f"{path} is a damaged archive: fetch it again.") from error


def _workbook(name: str, path: Path, work: Path, sheet: str | None) -> tuple[Path, str]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            raise MappingError(f"{name} has no sheet {sheet}: use one of {', '.join(names)}.")
        chosen = sheet or names[0]
        target = work / f"{path.stem}-{names.index(chosen)}.csv"
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            for row in book.get_sheet_by_name(chosen).iter_rows():
                writer.writerow([_cell(value) for value in row])
    except (python_calamine.CalamineError, IndexError) as error:
        raise MappingError(
            f"{name} cannot be read as a workbook ({error}): save it again as .xlsx or CSV."
        ) from error
    return target, chosen


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _encoding(path: Path) -> str:
    """UTF-16 by its mark, UTF-8 when every byte of the file is, else Windows-1252."""
    with path.open("rb") as file:
        start = file.read(4)
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                return encoding
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _decoded(name: str, path: Path, work: Path, encoding: str) -> Path:
    target = work / f"{path.stem}-utf-8.csv"
    try:
        with (
            path.open("r", encoding=encoding, newline="") as text,
            target.open("w", encoding="utf-8", newline="") as plain,
        ):
            shutil.copyfileobj(text, plain, _PIECE)
    except (UnicodeError, LookupError) as error:
        raise MappingError(
            f"{name} is neither UTF-8 nor {encoding}: name its encoding in mapping.yml."
        ) from error
    return target


def _first_lines(path: Path) -> list[str]:
    with path.open("r", encoding="utf-8-sig", errors="replace", newline="") as file:
        return [line.rstrip("\r\n") for _, line in zip(range(_LINES), _bounded(file), strict=False)]


def _bounded(file: IO[str]) -> Iterator[str]:
    while line := file.readline(_PIECE):
        yield line


def _delimiter(lines: list[str]) -> str:
    """The sign that parts most lines into the same number of cells, of which there are most."""

    def fitness(sign: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines[:50], delimiter=sign) if row]
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(_SEPARATORS, key=fitness)


def _header_line(lines: list[str], delimiter: str, known: set[str]) -> int:
    """The first of twenty lines with two names that are known; else the first that is parted."""
    from pointworth.mapping.spreadsheet.proposing import plain_words

    rows = [next(csv.reader([line], delimiter=delimiter), []) for line in lines[:20]]
    for place, row in enumerate(rows, start=1):
        if sum(plain_words(cell) in known for cell in row) >= 2:
            return place
    return next((place for place, row in enumerate(rows, start=1) if len(row) > 1), 1)
