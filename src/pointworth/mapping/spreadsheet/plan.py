"""``mapping.yml``: what was found in a spreadsheet, written for a person to read and mend."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pointworth.mapping.errors import MappingError
from pointworth.mapping.spreadsheet.proposing import (
    COMMA,
    DAY_FIRST,
    DOT,
    MONTH_FIRST,
    OPEN,
    YEAR_FIRST,
    Proposal,
)
from pointworth.project import Dataset

PLAN_FILE = "mapping.yml"
_FILE_KEYS = {
    "file",
    "sheet",
    "encoding",
    "delimiter",
    "header_line",
    "dataset",
    "columns",
    "customers",
}
_COLUMN_KEYS = {"column", "value", "row_number", "dates", "decimals"}
_CHOICES = {"dates": (DAY_FIRST, MONTH_FIRST, YEAR_FIRST), "decimals": (COMMA, DOT)}
_HEAD = """\
# How pointworth map spreadsheet reads these files. Mend it and run the same command again.
# Each contract column is taken from a `column` of the file, a `value` for all rows, or numbered
# (`row_number: true`). dates: day first, month first or year first; decimals: comma or dot.
# `customers` is what the file says of customers when no file of customers is there.
"""


@dataclass
class FilePlan:
    """What is known of one file before it is read again."""

    file: str
    dataset: str
    columns: dict[str, dict[str, Any]]
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)


def write_plan(path: Path, proposals: list[Proposal]) -> None:
    """Write what is proposed, what is open first."""
    import yaml

    lines = [_HEAD]
    opened = [line for proposal in proposals for line in proposal.open]
    if opened:
        lines += [f"# TO DECIDE, where a {OPEN} stands:\n", *(f"# - {line}\n" for line in opened)]
    lines += [f"# - {line}\n" for proposal in proposals for line in proposal.notes]
    files = []
    for proposal in proposals:
        sheet = proposal.sheet
        entry: dict[str, Any] = {"file": sheet.name}
        if sheet.sheet is not None:
            entry["sheet"] = sheet.sheet
        else:
            entry |= {"encoding": sheet.encoding, "delimiter": sheet.delimiter}
        entry |= {"header_line": sheet.header_line, "dataset": proposal.dataset}
        entry["columns"] = proposal.columns
        if proposal.customers:
            entry["customers"] = proposal.customers
        files.append(entry)
    body = yaml.safe_dump({"files": files}, sort_keys=False, allow_unicode=True, width=96)
    path.write_text("".join(lines) + body, encoding="utf-8")


def read_plan(path: Path, contract: dict[str, Dataset]) -> list[FilePlan]:
    """What a person has left in the file; raises ``MappingError`` for what nobody can follow."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [_file(path, entry, contract) for entry in content["files"]]
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise MappingError(
            f"{path} cannot be read ({reason}): mend it, or remove it to have it proposed anew."
        ) from error


def _file(path: Path, entry: dict[str, Any], contract: dict[str, Dataset]) -> FilePlan:
    if unknown := sorted(set(entry) - _FILE_KEYS):
        raise MappingError(f"{path} says {unknown[0]} of a file, which nobody reads: remove it.")
    name, dataset = str(entry["file"]), entry["dataset"]
    if dataset not in contract:
        raise MappingError(
            f"{path} calls {name} {dataset}: write the dataset it is, one of {', '.join(contract)}."
        )
    known = {column.name for column in contract[dataset].columns}
    columns = {column: dict(spec) for column, spec in (entry.get("columns") or {}).items()}
    customers = {column: dict(spec) for column, spec in (entry.get("customers") or {}).items()}
    for column, spec in (*columns.items(), *customers.items()):
        if column not in known and column not in customers:
            raise MappingError(
                f"{path} fills {column}, which {dataset} does not have: use {', '.join(known)}."
            )
        _check(path, name, column, spec)
    told = {
        key: entry[key]
        for key in ("sheet", "encoding", "delimiter", "header_line")
        if entry.get(key) is not None
    }
    return FilePlan(name, dataset, columns, customers, told)


def _check(path: Path, name: str, column: str, spec: dict[str, Any]) -> None:
    if unknown := sorted(set(spec) - _COLUMN_KEYS):
        raise MappingError(f"{path} says {unknown[0]} of {column}, which nobody reads: remove it.")
    if OPEN in spec.values():
        raise MappingError(
            f"{path} leaves {column} of {name} open: replace the {OPEN}, as the lines at its top "
            "say."
        )
    for key, choices in _CHOICES.items():
        if key in spec and spec[key] not in choices:
            raise MappingError(
                f"{path} sets {key} of {column} to {spec[key]}: use one of {', '.join(choices)}."
            )
    if not {"column", "value", "row_number"} & set(spec):
        raise MappingError(f"{path} does not say what {column} is taken from: give its `column`.")
