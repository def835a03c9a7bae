"""The names in a file's header against those of the contract."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pointworth.landing.findings import MISSPELT_COLUMNS, Finding, listed, shown
from pointworth.project import Dataset

_TINY = 4
"""Of a name this short another one is made with a letter or two: `plan` and `flag`."""
_SHORT = 6

_NUMBER_OR_DATE = re.compile(
    r"\s*([+-]?[0-9][0-9.,']*|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}([T ].*)?)\s*"
)


@dataclass
class Header:
    """Where the columns of the contract stand in a file, and what is wrong with their names."""

    places: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_header(
    where: str, cells: Sequence[str], dataset: Dataset, partition_keys: Collection[str] = ()
) -> Header:
    """Compare names trimmed and whatever their case; one that is exact is preferred."""
    found = [cell.strip() for cell in cells]
    header = Header()
    taken: set[int] = set()
    for column in dataset.columns:
        alike = [place for place, name in enumerate(found) if name.lower() == column.header]
        exact = [place for place in alike if found[place] == column.header]
        taken |= set(alike)
        if len(exact) > 1:
            header.findings.append(
                Finding(where, f"has two columns {column.header}: keep the right one.")
            )
        elif not exact and len(alike) > 1:
            both = listed(found[place] for place in alike)
            header.findings.append(
                Finding(where, f"has the columns {both}, all read as {column.header}: keep one.")
            )
        if alike:
            header.places[column.name] = (exact or alike)[0]
    absent = [
        column
        for column in dataset.columns
        if column.name not in header.places and column.header not in partition_keys
    ]
    missing = [column.name for column in absent if column.required]
    strangers = [name for place, name in enumerate(found) if name and place not in taken]
    if missing:
        header.findings.append(_missing(where, found, missing, strangers))
    optional = [column.header for column in absent if not column.required]
    for name in strangers:
        meant = next((column for column in optional if is_misspelt(name.lower(), column)), None)
        if meant and not any(is_misspelt(name.lower(), column) for column in missing):
            header.findings.append(
                Finding(
                    where,
                    f"has a column {shown(name)}, which nobody reads, and no {meant}: rename it, "
                    f"or build with --allow {MISSPELT_COLUMNS}.",
                    allow=MISSPELT_COLUMNS,
                )
            )
    return header


def count_known(cells: Sequence[str], dataset: Dataset) -> int:
    """How many names of the contract stand in a row."""
    names = {column.header for column in dataset.columns}
    return len(names & {cell.strip().lower() for cell in cells})


def is_misspelt(name: str, column: str) -> bool:
    """Whether a name is within two letters of a column's; of a short one within one letter."""
    if len(column) <= _TINY:
        return False
    return _distance(name, column) <= (1 if len(column) <= _SHORT else 2)


def _missing(
    where: str, found: Sequence[str], missing: Sequence[str], strangers: Sequence[str]
) -> Finding:
    first = next((cell for cell in found if _NUMBER_OR_DATE.fullmatch(cell)), None)
    if first is not None and len(missing) > 1 and len(strangers) == len(list(filter(None, found))):
        return Finding(
            where,
            f"has no header, its first line holds {shown(first)}: write the names of the columns "
            f"({listed(missing)}, …) in a line above.",
        )
    hints = [
        f"{shown(name)} is {column}"
        for column in missing
        for name in strangers
        if is_misspelt(name.lower(), column)
    ]
    one = len(missing) == 1
    what = f"lacks the required column{'' if one else 's'} {listed(missing)}"
    if hints:
        return Finding(where, f"{what}: rename, if {listed(hints)}.")
    columns = ", ".join(shown(name) for name in found[:12] if name) or "none"
    return Finding(
        where, f"{what}: add {'it' if one else 'them'} to the export (columns found: {columns})."
    )


def _distance(one: str, other: str) -> int:
    """Letters to add, drop, change or swap with their neighbour."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
