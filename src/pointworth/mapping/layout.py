"""Which tables and columns of a tool a mapping reads: its ``layout.yml``.

Each table becomes a view of that name for the mapping's SQL, every column as text: what the export
lacks and is not required is NULL, and a table it lacks is empty.
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pointworth.mapping.errors import MappingError

LAYOUT_FILE = "layout.yml"
_TABLE_KEYS = {
    "called",
    "files",
    "needed",
    "key",
    "required",
    "optional",
    "columns_called",
    "others",
    "child_of",
    "parent_key",
    "keeps_deleted",
}


@dataclass(frozen=True)
class Table:
    """A table as the mapping's SQL knows it.

    `called` are names it has besides its own, `files` a pattern where files are called as anybody
    likes, `columns_called` the same for columns; `key` tells
    versions of one row from each other; `others` keeps columns that are not named here, too;
    `child_of` and `parent_key` say how a nested list is tied to the table it was taken out of.
    """

    name: str
    called: tuple[str, ...] = ()
    needed: bool = False
    key: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    columns_called: dict[str, tuple[str, ...]] = field(default_factory=dict)
    others: bool = False
    child_of: str | None = None
    parent_key: dict[str, str] = field(default_factory=dict)
    keeps_deleted: bool = False
    files: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Required columns, then optional ones."""
        return (*self.required, *self.optional)


@dataclass(frozen=True)
class Layout:
    """The tables of a tool and what they are, in a few words.

    `offers` are columns of customers or answers beyond the contract, that a landing's `segments`
    may name.
    """

    title: str = ""
    tables: tuple[Table, ...] = ()
    prefixes: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Table]:
        """The tables by name."""
        return {table.name: table for table in self.tables}


def read_layout(path: Path) -> Layout:
    """The layout of a mapping; without the file one that has no tables. Raises ``MappingError``."""
    if not path.is_file():
        return Layout()
    import yaml

    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return Layout(
            str(content.get("title", "")),
            tuple(
                _table(path, name, entry or {}) for name, entry in content.get("tables", {}).items()
            ),
            tuple(content.get("prefixes", ())),
            tuple(content.get("offers", ())),
        )
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise MappingError(
            f"{path} is no layout ({reason}): write `tables:` with a line per table, as the "
            "layouts in mappings/ have it."
        ) from error


def _table(path: Path, name: str, entry: dict[str, Any]) -> Table:
    if unknown := sorted(set(entry) - _TABLE_KEYS):
        raise MappingError(
            f"{path} says {unknown[0]} of {name}, which nobody reads: use "
            f"{', '.join(sorted(_TABLE_KEYS))}."
        )
    return Table(
        name,
        tuple(entry.get("called", ())),
        bool(entry.get("needed")),
        tuple(entry.get("key", ())),
        tuple(entry.get("required", ())),
        tuple(entry.get("optional", ())),
        {column: tuple(names) for column, names in entry.get("columns_called", {}).items()},
        bool(entry.get("others")),
        entry.get("child_of"),
        dict(entry.get("parent_key", {})),
        bool(entry.get("keeps_deleted")),
        entry.get("files"),
    )
