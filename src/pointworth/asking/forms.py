"""The forms in which an answer is given."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pointworth.errors import usage_error


class Format(StrEnum):
    """The forms of an answer; the first three are for people."""

    table = "table"
    records = "records"
    markdown = "markdown"
    csv = "csv"
    json = "json"
    parquet = "parquet"


_SUFFIXES = {
    ".txt": Format.table,
    ".md": Format.markdown,
    ".csv": Format.csv,
    ".json": Format.json,
    ".parquet": Format.parquet,
}


@dataclass(frozen=True)
class Form:
    """How an answer is wanted; without a format it is a table or records, whichever fits."""

    format: Format | None = None
    raw: bool = False
    out: Path | None = None

    def __post_init__(self) -> None:
        if self.format is Format.parquet and self.out is None:
            raise usage_error("Parquet is for programs, not for terminals: name a file with --out.")
        if self.out is not None and self.chosen is None:
            raise usage_error(
                f"The name {self.out} does not say what it is to hold: let it end in "
                f"{', '.join(_SUFFIXES)}, or give --format."
            )

    @property
    def chosen(self) -> Format | None:
        """The format asked for, or that of the file's name."""
        if self.format is None and self.out is not None:
            return _SUFFIXES.get(self.out.suffix.lower())
        return self.format

    @property
    def is_for_programs(self) -> bool:
        """Whether every column is wanted: to be worked with, or as it is."""
        return self.raw or self.out is not None or self.format is not None
