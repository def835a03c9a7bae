"""The finance workbook: LibreOffice finds the figures that the marts have."""

from pathlib import Path

import duckdb
import openpyxl
import pytest
import xlsxwriter
from typer.testing import CliRunner

import worlds
from pointworth.cli import app
from pointworth.errors import PointworthError
from pointworth.workbook import write_workbook
from pointworth.workbook.sheet import Column, Formats, Sheet
from spreadsheet_program import calculated, needs_libreoffice

Cell = tuple[str, str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where the demo's world is published."""
    return worlds.operator(tmp_path_factory).publish(tmp_path_factory.mktemp("home"))


def formulas(file: Path) -> dict[Cell, str]:
    """Every formula by where it stands."""
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in openpyxl.load_workbook(file)
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("=")
    }


def differing(file: Path, folder: Path) -> list[str]:
    """Formulas whose stored value is another than the one worked out."""
    stored = openpyxl.load_workbook(file, data_only=True)
    found = openpyxl.load_workbook(calculated(file, folder), data_only=True)
    wrong = []
    for (sheet, cell), formula in formulas(file).items():
        before, after = stored[sheet][cell].value, found[sheet][cell].value
        if before != after and before != pytest.approx(after, rel=1e-7, abs=0.0051):
            wrong.append(f"{sheet}!{cell} {formula}: {before} and {after}")
    return wrong


@needs_libreoffice
def test_every_formula_comes_to_what_the_marts_say(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "finance.xlsx"
    assert write_workbook(home, file) == 0
    sheets = {sheet for sheet, _ in formulas(file)}
    assert sheets >= {"Cover", "Value", "Scenarios", "Movements", "Reconciliation", "Checks"}
    assert len(formulas(file)) > 500
    assert differing(file, tmp_path / "out") == []


@needs_libreoffice
def test_a_wrong_stored_value_is_found_out(tmp_path: Path) -> None:
    file = tmp_path / "wrong.xlsx"
    book = xlsxwriter.Workbook(str(file))
    sheet = book.add_worksheet("A")
    sheet.write_number("A1", 5)
    sheet.write_formula("A2", "=A1+7", None, 13)
    book.close()
    assert differing(file, tmp_path / "out") == ["A!A2 =A1+7: 13 and 12"]


def test_what_is_read_is_the_mart(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "finance.xlsx"
    write_workbook(home, file)
    book = openpyxl.load_workbook(file, data_only=True)
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as marts:
        ((total,),) = marts.execute(
            "select revenue_per_point from revenue_per_point where segment_dimension = 'all' "
            "and adjustment = 'adjusted' and base = 'active_customers'"
        ).fetchall()
        months = marts.execute("select count(*) from revenue_movements").fetchall()[0][0]
    shown = [row[0].value for row in book["Cover"]["A1:A12"]]
    assert book["Cover"].cell(shown.index("One point") + 1, 2).value == pytest.approx(float(total))
    assert book["Movements"].auto_filter.ref.endswith(str(4 + months))
    for sheet in ("Value", "Movements", "Reconciliation", "Cohorts"):
        assert book[sheet].freeze_panes, sheet
    assert all(sheet.print_area for sheet in book)


def test_text_never_becomes_a_formula_or_a_link(tmp_path: Path) -> None:
    file = tmp_path / "text.xlsx"
    book = xlsxwriter.Workbook(str(file))
    sheet = Sheet(book, Formats(book, "EUR"), "A", "=1+1", "@note")
    texts = ["=cmd|' /C calc'!A0", "+1", "-1", "@sum(1)", "https://example.org", "{=1}"]
    sheet.table([Column("text", "text")], [{"text": text} for text in texts])
    book.close()
    read = openpyxl.load_workbook(file)["A"]
    assert [cell.value for cell in read["A"] if cell.value in texts] == texts
    assert not [cell for cell in read["A"] if cell.hyperlink or cell.data_type == "f"]


@pytest.mark.parametrize(
    "command", [["finance", "--out", "runs/f.xlsx"], ["actions", "--out", "runs/list.csv"]]
)
def test_nothing_is_written_into_the_warehouse(home: Path, command: list[str]) -> None:
    command[-1] = str(home / command[-1])
    ran = CliRunner().invoke(app, ["export", *command, "--home", str(home)])
    assert ran.exit_code == 2
    assert "belongs to the warehouse" in " ".join(ran.output.split())


def test_a_month_that_does_not_open_as_the_last_closed_is_told(home: Path, tmp_path: Path) -> None:
    changed = tmp_path / "home"
    changed.mkdir()
    (changed / "marts.duckdb").write_bytes((home / "marts.duckdb").read_bytes())
    with duckdb.connect(str(changed / "marts.duckdb")) as marts:
        marts.execute(
            "update revenue_movements set opening = opening + 1, closing = closing + 1 "
            "where segment_dimension = 'all' and month = (select max(month) from revenue_movements)"
        )
    ran = CliRunner().invoke(
        app, ["export", "finance", "--home", str(changed), "--out", str(tmp_path / "f.xlsx")]
    )
    assert ran.exit_code == 0
    assert "1 of its checks FAIL, see sheet Checks" in " ".join(ran.output.split())


@pytest.mark.parametrize(
    ("name", "beside", "sentence"),
    [
        ("finance.csv", "", "ends in .xlsx"),
        ("none/finance.xlsx", "", "There is no folder"),
        ("finance.xlsx", ".~lock.finance.xlsx#", "is open in a spreadsheet program"),
        ("finance.xlsx", "~$finance.xlsx", "is open in a spreadsheet program"),
    ],
)
def test_a_file_that_cannot_be_written_is_one_sentence(
    home: Path, tmp_path: Path, name: str, beside: str, sentence: str
) -> None:
    if beside:
        (tmp_path / beside).touch()
    with pytest.raises(PointworthError, match=sentence):
        write_workbook(home, tmp_path / name)
    assert {path.name for path in tmp_path.iterdir()} <= {beside}
