"""The command `map`: real exports into a landing folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pointworth.errors import usage_error
from pointworth.mapping import MappedDataset, listed_mappings, map_source
from pointworth.mapping.combining import combine
from pointworth.mapping.spreadsheet import Mapped, map_spreadsheet

SPREADSHEET = "spreadsheet"


def list_sources(out: Console) -> None:
    """The mappings there are, and what each gives."""
    table = Table("source", "what it reads", "gives")
    table.add_row(SPREADSHEET, "CSV, .xlsx or zip as people save it", "what its columns hold")
    for mapping in listed_mappings():
        table.add_row(mapping.name, mapping.layout.title, ", ".join(mapping.queries))
    out.print(table)


def run_map(
    source: str, from_: str | None, to: Path, out: Console, *, is_check: bool = False
) -> None:
    """Map one source, a spreadsheet, or a file that names several sources."""
    if source.endswith((".yml", ".yaml")):
        combined = combine(Path(source), to)
        _print_datasets(combined.datasets, out)
        for line in combined.lines:
            out.print(line, highlight=False, markup=False, soft_wrap=True)
    elif from_ is None:
        raise usage_error("Give --from: the folder or file with the source's own data.")
    elif source == SPREADSHEET:
        mapped = map_spreadsheet(Path(from_), to)
        _print_spreadsheet(mapped, out)
        if mapped.open:
            raise usage_error(
                f"{len(mapped.open)} {'thing is' if len(mapped.open) == 1 else 'things are'} left "
                f"open in {mapped.plan}: replace each ? there and run the same command again."
            )
    else:
        _print_datasets(map_source(source, from_, to), out)
    if not is_check:
        out.print(f"Next: pointworth build --landing {to}", highlight=False, soft_wrap=True)


def _print_datasets(datasets: Sequence[MappedDataset], out: Console) -> None:
    for dataset in datasets:
        out.print(f"{dataset.name}: {dataset.rows:,} rows", highlight=False)


def _print_spreadsheet(mapped: Mapped, out: Console) -> None:
    for proposal in mapped.proposals:
        sheet = proposal.sheet
        how = f"sheet {sheet.sheet}" if sheet.sheet else f"{sheet.encoding}, {sheet.delimiter!r}"
        table = Table(
            "contract column",
            "taken from",
            "read as",
            title=escape(
                f"{sheet.name} → {proposal.dataset} ({how}, header in line {sheet.header_line})"
            ),
            title_justify="left",
        )
        for name, spec in proposal.columns.items():
            table.add_row(name, *_words(spec))
        for name, spec in proposal.customers.items():
            table.add_row(f"(customer) {name}", *_words(spec))
        out.print(table)
        if proposal.unused:
            out.print(f"Not read: {escape(', '.join(proposal.unused))}", soft_wrap=True)
    for name, (header, rows) in mapped.previews.items():
        preview = Table(*header, title=f"{name}, the first {len(rows)} rows", title_justify="left")
        for row in rows:
            preview.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
        out.print(preview)
    notes = [line for proposal in mapped.proposals for line in proposal.notes]
    for line in notes:
        out.print(f"Said: {escape(line)}", highlight=False, soft_wrap=True)
    for line in mapped.open:
        out.print(f"To decide: {escape(line)}", style="yellow", highlight=False, soft_wrap=True)
    out.print(f"How it is read stands in {mapped.plan}.", highlight=False, soft_wrap=True)
    _print_datasets(mapped.datasets, out)


def _words(spec: dict[str, Any]) -> tuple[str, str]:
    """Where a column comes from and in which form, in words."""
    if spec.get("row_number"):
        return "the number of the row", ""
    taken = spec["column"] if "column" in spec else f"always {spec['value']}"
    forms = [spec["dates"]] if "dates" in spec else []
    forms += [f"decimal {spec['decimals']}"] if "decimals" in spec else []
    return escape(str(taken)), ", ".join(forms)


def check_map(source: str, from_: str | None, out: Console) -> None:
    """Map into a folder that is thrown away, and say what a build would make of it."""
    import tempfile

    from pointworth.mapping.checking import check_landing

    with tempfile.TemporaryDirectory(prefix="pointworth-check-") as work:
        landing = Path(work) / "landing"
        run_map(source, from_, landing, out, is_check=True)
        table = Table("dataset", "rows", "keys", "rejected", "reasons")
        for line in check_landing(landing, Path(work)):
            reasons = ", ".join(f"{name} {count:,}" for name, count in line.reasons.items())
            table.add_row(
                line.dataset,
                f"{line.rows:,}",
                f"{line.keys:,}",
                f"{line.rejected_share:.1%}",
                reasons,
            )
        out.print(table)
