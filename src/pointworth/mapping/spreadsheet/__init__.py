"""Spreadsheets as people save them: proposed first, and mapped when nothing is left open."""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pointworth.errors import from_os_error, one_line
from pointworth.mapping.errors import MappingError
from pointworth.mapping.exports import Export, literal
from pointworth.mapping.spreadsheet.plan import PLAN_FILE, FilePlan, read_plan, write_plan
from pointworth.mapping.spreadsheet.proposing import (
    Proposal,
    decide_forms,
    known_words,
    propose,
)
from pointworth.mapping.spreadsheet.queries import customers_query, dataset_query, reader
from pointworth.mapping.spreadsheet.reading import Sheet, read_sheet, spreadsheets
from pointworth.mapping.writing import CUSTOMERS, MappedDataset, opened, write_parquet
from pointworth.project import Dataset, find_project, landing_contract
from pointworth.settings import SETTINGS_FILE

PREVIEWED = 10


@dataclass
class Mapped:
    """What came of it: `open` is what a person has to decide before anything is written."""

    plan: Path
    proposals: list[Proposal] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    datasets: list[MappedDataset] = field(default_factory=list)
    previews: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = field(default_factory=dict)


def map_spreadsheet(source: Path, to_dir: Path) -> Mapped:
    """Propose how to read a spreadsheet, or a folder or a zip of them, and write the landing.

    The proposal is ``mapping.yml`` in ``to_dir``; when it is there already it is followed. Nothing
    but it is written while anything is open. Raises ``MappingError``.
    """
    source, to_dir = source.resolve(), to_dir.resolve()
    contract = landing_contract(find_project())
    plan = to_dir / PLAN_FILE
    try:
        _check_target(to_dir, contract)
        to_dir.mkdir(parents=True, exist_ok=True)
        is_new = not plan.exists()
        with tempfile.TemporaryDirectory(prefix=f".{to_dir.name}-", dir=to_dir.parent) as work:
            landing, texts = Path(work) / "landing", Path(work) / "texts"
            landing.mkdir()
            texts.mkdir()
            plans = None if is_new else read_plan(plan, contract)
            sheets = _sheets(source, texts, plans)
            folder = source if source.is_dir() else source.parent
            with opened(Export(folder), landing) as connection:
                proposals = _proposals(connection, sheets, plans, contract)
                mapped = Mapped(plan, proposals, [line for p in proposals for line in p.open])
                if plans is None:
                    _require_answers(source, proposals, mapped)
                    write_plan(plan, proposals)
                if mapped.open:
                    return mapped
                _write(connection, mapped, contract, landing)
            for dataset in mapped.datasets:
                shutil.move(landing / dataset.path.name, to_dir / dataset.path.name)
        return Mapped(
            plan,
            proposals,
            [],
            [MappedDataset(d.name, d.rows, to_dir / d.path.name) for d in mapped.datasets],
            mapped.previews,
        )
    except OSError as error:
        raise MappingError(from_os_error(error, to_dir).message) from error
    finally:
        if to_dir.is_dir() and not any(to_dir.iterdir()):
            to_dir.rmdir()


def synonyms() -> dict[str, Any]:
    """What columns are called, by dataset."""
    import yaml

    path = find_project() / "mappings" / "spreadsheet" / "synonyms.yml"
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def _check_target(to_dir: Path, contract: dict[str, Dataset]) -> None:
    """A landing that this command has written before may be written again; no other."""
    if not to_dir.exists():
        return
    if not to_dir.is_dir():
        raise MappingError(f"{to_dir} is not an empty folder: empty it or choose a new one.")
    names = {entry.name for entry in to_dir.iterdir()}
    ours = {PLAN_FILE, SETTINGS_FILE, *(f"{name}.parquet" for name in contract)}
    if (names and PLAN_FILE not in names) or names - ours:
        raise MappingError(f"{to_dir} is not an empty folder: empty it or choose a new one.")


def _sheets(source: Path, texts: Path, plans: list[FilePlan] | None) -> list[Sheet]:
    known = known_words(synonyms())
    files = spreadsheets(source, texts)
    if plans is None:
        return [read_sheet(name, path, texts, known) for name, path in files]
    by_name = dict(files)
    for plan in plans:
        if plan.file not in by_name:
            raise MappingError(
                f"{plan.file}, which {PLAN_FILE} reads, is not in {source}: mend one of the two."
            )
    return [read_sheet(p.file, by_name[p.file], texts, known, p.told) for p in plans]


def _proposals(
    connection: duckdb.DuckDBPyConnection,
    sheets: list[Sheet],
    plans: list[FilePlan] | None,
    contract: dict[str, Dataset],
) -> list[Proposal]:
    proposals = []
    for place, sheet in enumerate(sheets):
        if plans is not None:
            plan = plans[place]
            proposal = Proposal(sheet, plan.dataset, plan.columns, plan.customers)
            named = [*plan.columns.items(), *plan.customers.items()]
            for name, spec in named:
                if "column" in spec and spec["column"] not in sheet.header:
                    raise MappingError(
                        f"{sheet.name} has no column {spec['column']}, from which {PLAN_FILE} "
                        f"takes {name} (columns found: {', '.join(sheet.header[:12])})."
                    )
        else:
            proposal = propose(sheet, synonyms(), contract)
        with _told(sheet):
            connection.execute(f"create view sheet_{place} as select * from {reader(sheet)}")
            if plans is None and proposal.dataset in contract:
                decide_forms(connection, f"sheet_{place}", proposal, contract[proposal.dataset])
        proposals.append(proposal)
    return proposals


def _require_answers(source: Path, proposals: list[Proposal], mapped: Mapped) -> None:
    kinds = [proposal.dataset for proposal in proposals]
    if "survey_responses" not in kinds and not mapped.open:
        raise MappingError(
            f"{source} holds no answers with a score and a date, which a landing needs: add the "
            f"file that has them (found: {', '.join(kinds)})."
        )


def _write(
    connection: duckdb.DuckDBPyConnection,
    mapped: Mapped,
    contract: dict[str, Dataset],
    landing: Path,
) -> None:
    queries: dict[str, list[str]] = {}
    named = []
    for place, proposal in enumerate(mapped.proposals):
        table = f"sheet_{place}"
        alike = [p for p in mapped.proposals if p.dataset == proposal.dataset]
        rows_of = f"{proposal.sheet.name}-" if len(alike) > 1 else ""
        query = dataset_query(table, proposal.columns, contract[proposal.dataset], rows_of)
        queries.setdefault(proposal.dataset, []).append(query)
        if "customer_id" in proposal.columns:
            key = proposal.columns["customer_id"]
            named.append((table, {"customer_id": key} | proposal.customers))
    if CUSTOMERS not in queries and named:
        queries[CUSTOMERS] = [customers_query(named, contract[CUSTOMERS])]
    for name, parts in sorted(queries.items()):
        with _told(mapped.proposals[0].sheet):
            target = landing / f"{name}.parquet"
            rows = write_parquet(connection, " union all by name ".join(parts), target)
            shown = connection.execute(f"from {literal(target)} limit {PREVIEWED}")
            header = [column[0] for column in shown.description]
            mapped.previews[name] = (header, shown.fetchall())
            mapped.datasets.append(MappedDataset(name, rows, target))


class _told:  # noqa: N801
    """Turn what DuckDB says of a file into one sentence."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, duckdb.Error):
            reason = one_line(str(error)).replace(str(self.sheet.text), self.sheet.name)
            raise MappingError(
                f"{self.sheet.name} cannot be read as lines of {len(self.sheet.header)} values "
                f"parted by {self.sheet.delimiter!r} ({reason[:240]}): mend the line, or delimiter "
                f"and header_line in {PLAN_FILE}."
            ) from error
