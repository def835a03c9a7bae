"""How an answer is laid out for people: a table where it fits, records where it does not.

Nothing is broken inside a word: a number stays whole, a text is broken at spaces, the name of a
column after an underscore. A word that is longer than a line is left as it is.
"""

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_GAP = 2
"""Signs between two columns of a table."""
_NARROWEST = 16
"""A text is not squeezed below so many signs: it would be a strip."""
_NAME_AT_MOST = 40
"""The widest name beside which a record's value still stands on the same line."""


@dataclass(frozen=True)
class Column:
    """A column, written out: its name, its cells, and whether they are numbers."""

    name: str
    cells: Sequence[str]
    is_number: bool = False

    @property
    def natural(self) -> int:
        """The width at which nothing is broken."""
        return max(map(cell_len, (self.name, *self.cells)), default=0)

    @property
    def floor(self) -> int:
        """The width below which a word would be broken, or a text becomes a strip."""
        name = max(map(cell_len, _parts(self.name)), default=0)
        if self.is_number:
            return max(name, *map(cell_len, self.cells), 0)
        words = (word for cell in self.cells for word in cell.split())
        longest = max(map(cell_len, words), default=0)
        texts = max(map(cell_len, self.cells), default=0)
        return max(name, longest, min(texts, _NARROWEST))


def fits(columns: Sequence[Column], width: int) -> bool:
    """Whether a table of these columns has room on a line of this width."""
    return bool(columns) and _taken(column.floor for column in columns) <= width


def print_table(console: Console, columns: Sequence[Column]) -> None:
    """A table; one that does not fit is as wide as it must be."""
    widths = _widths(columns, console.width)
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    for column, width in zip(columns, widths, strict=True):
        header = Text("\n".join(_broken_name(column.name, width)))
        table.add_column(
            header, justify="right" if column.is_number else "left", width=width, no_wrap=True
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(
            *(Text("\n".join(_wrapped(cell, w))) for cell, w in zip(row, widths, strict=True))
        )
    console.print(table, width=_taken(widths), crop=False, no_wrap=True, overflow="ignore")


def print_records(console: Console, columns: Sequence[Column]) -> None:
    """A block of lines per row: the name of each column, and beside it its value."""
    rows = list(zip(*(column.cells for column in columns), strict=True))
    near = [cell_len(column.name) for column in columns]
    beside = max((width for width in near if width <= _NAME_AT_MOST), default=0)
    room = console.width - beside - 2
    for number, row in enumerate(rows, start=1):
        head = f"── {number} of {len(rows)} " if len(rows) > 1 else ""
        _say(console, head.ljust(console.width, "─"))
        for column, cell in zip(columns, row, strict=True):
            if cell_len(column.name) > beside or (
                cell_len(cell) > room > 0 and _longest(cell) > room
            ):
                _say(console, column.name)
                for line in _wrapped(cell, console.width - 2):
                    _say(console, f"  {line}")
                continue
            for position, line in enumerate(_wrapped(cell, max(room, 1))):
                name = column.name if position == 0 else ""
                _say(console, f"{name}{' ' * (beside - cell_len(name))}  {line}")


def markdown(columns: Sequence[Column]) -> str:
    """A table as Markdown writes it."""

    def line(cells: Sequence[str]) -> str:
        escaped = (cell.replace("\\", "\\\\").replace("|", "\\|") for cell in cells)
        return f"| {' | '.join(escaped)} |"

    rule = line(["---:" if column.is_number else "---" for column in columns])
    rows = zip(*(column.cells for column in columns), strict=True)
    return "\n".join([line([column.name for column in columns]), rule, *map(line, rows)]) + "\n"


def say(console: Console, text: str) -> None:
    """A sentence, wrapped between words."""
    for line in _wrapped(text, console.width):
        _say(console, line)


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _taken(widths: Iterable[int]) -> int:
    found = list(widths)
    return sum(found) + _GAP * (len(found) - 1)


def _widths(columns: Sequence[Column], room: int) -> list[int]:
    """The natural widths, the widest taken from first until the table has room."""
    widths = [column.natural for column in columns]
    floors = [column.floor for column in columns]
    while _taken(widths) > room:
        loose = [at for at, width in enumerate(widths) if width > floors[at]]
        if not loose:
            break
        widths[max(loose, key=lambda at: widths[at])] -= 1
    return widths


def _parts(name: str) -> list[str]:
    """A name where it may be broken."""
    return re.findall(r"[^_\s]*_+|[^_\s]+", name)


def _broken_name(name: str, width: int) -> list[str]:
    if cell_len(name) <= width:
        return [name]
    lines = [""]
    for part in re.findall(r"[^_\s]*_+|[^_\s]+\s*", name):
        if lines[-1] and cell_len(lines[-1]) + cell_len(part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return [line.rstrip() for line in lines]


def _wrapped(cell: str, width: int) -> list[str]:
    if cell_len(cell) <= width:
        return [cell]
    return textwrap.wrap(cell, max(width, 1), break_long_words=False, break_on_hyphens=False) or [
        ""
    ]


def _longest(cell: str) -> int:
    return max(map(cell_len, cell.split()), default=0)
