"""Spreadsheets as people save them: read, proposed, asked about, never guessed."""

import csv
import datetime
import gzip
import zipfile
from pathlib import Path

import duckdb
import pytest
import xlsxwriter
import yaml
from typer.testing import CliRunner

from pointworth.cli import app
from pointworth.mapping import MappingError
from pointworth.mapping.spreadsheet import map_spreadsheet, synonyms
from pointworth.project import find_project, landing_contract

ITALIAN = (
    "sep=;\r\n"
    "Codice Cliente;Data;Quanto è probabile che ci consigli?;Commento;Provincia\r\n"
    'C1;31/12/2024;9 - Molto probabile;"caro; però\r\nbuono";Forlì\r\n'
    "C2;01/12/24;10/10;;Cefalù\r\n"
    "C1;5.11.2024;6,0;così così;Forlì\r\n"
)


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "landing"


def save(tmp_path: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "export" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def rows(landing: Path, dataset: str, columns: str) -> list[tuple[object, ...]]:
    return duckdb.sql(
        f"select {columns} from read_parquet('{landing}/{dataset}.parquet')"
    ).fetchall()


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_an_italian_export_is_read_in_whatever_encoding(
    tmp_path: Path, landing: Path, encoding: str
) -> None:
    path = save(tmp_path, "risposte.csv", ITALIAN, encoding)
    assert not map_spreadsheet(path, landing).open
    assert rows(landing, "survey_responses", "customer_id, responded_at, score, verbatim") == [
        ("C1", "2024-12-31 00:00:00", "9", "caro; però\r\nbuono"),
        ("C2", "2024-12-01 00:00:00", "10", None),
        ("C1", "2024-11-05 00:00:00", "6.0", "così così"),
    ]
    assert sorted(rows(landing, "crm_customers", "customer_id, region")) == [
        ("C1", "Forlì"),
        ("C2", "Cefalù"),
    ]


@pytest.mark.parametrize(
    ("days", "read"),
    [
        (["31/12/2024", "01/02/2024"], "2024-02-01"),
        (["12/31/2024", "01/02/2024"], "2024-01-02"),
        (["2024/12/31", "2024/01/02"], "2024-01-02"),
        (["31.12.24 18:30", "01.02.24 09:00"], "2024-02-01"),
        (["12/31/2024 06:30 PM", "01/02/2024 09:00 AM"], "2024-01-02"),
        (["2024-12-31T18:30Z", "2024-01-02T09:00Z"], "2024-01-02"),
    ],
)
def test_the_whole_column_says_which_comes_first(
    tmp_path: Path, landing: Path, days: list[str], read: str
) -> None:
    path = save(tmp_path, "a.csv", "date;score\n" + "".join(f"{day};9\n" for day in days))
    assert not map_spreadsheet(path, landing).open
    assert str(rows(landing, "survey_responses", "responded_at")[1][0]).startswith(read)


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (["01/02/2024", "03/04/2024"], "no day is later than the twelfth"),
        (["31/12/2024", "12/31/2024"], "in some rows only the day"),
    ],
)
def test_days_that_no_row_decides_are_asked_and_not_guessed(
    tmp_path: Path, landing: Path, days: list[str], why: str
) -> None:
    path = save(tmp_path, "a.csv", "date;score\n" + "".join(f"{day};9\n" for day in days))
    mapped = map_spreadsheet(path, landing)
    assert len(mapped.open) == 1
    assert why in mapped.open[0]
    assert {entry.name for entry in landing.iterdir()} == {"mapping.yml"}
    with pytest.raises(MappingError, match=r"leaves responded_at of a.csv open: replace the \?"):
        map_spreadsheet(path, landing)
    plan = yaml.safe_load(mapped.plan.read_text("utf-8"))
    plan["files"][0]["columns"]["responded_at"]["dates"] = "month first"
    mapped.plan.write_text(yaml.safe_dump(plan), "utf-8")
    assert [dataset.rows for dataset in map_spreadsheet(path, landing).datasets] == [2]


@pytest.mark.parametrize(
    ("amounts", "read"),
    [
        (["1.234,56", "€ 2.000,00", "-5,5", "(7,25)"], ["1234.56", "2000", "-5.5", "-7.25"]),
        (["1,234.56", "$2,000.00", "-5.5", "7.25-"], ["1234.56", "2000", "-5.5", "-7.25"]),
        (["1 234,50", "12", "3,1", "0"], ["1234.5", "12", "3.1", "0"]),
    ],
)
def test_amounts_are_read_by_the_sign_before_decimals(
    tmp_path: Path, landing: Path, amounts: list[str], read: list[str]
) -> None:
    save(tmp_path, "answers.csv", "date;score\n31/12/2024;9\n")
    bills = "".join(f'"C1";31/12/2024;"{amount}"\n' for amount in amounts)
    save(tmp_path, "bills.csv", "customer;invoice date;amount\n" + bills)
    assert not map_spreadsheet(tmp_path / "export", landing).open
    found = rows(landing, "billing_invoice_lines", "cast(amount as decimal(18,4))")
    assert [float(str(row[0])) for row in found] == [float(text) for text in read]


def test_a_thousand_or_a_decimal_is_asked(tmp_path: Path, landing: Path) -> None:
    save(tmp_path, "answers.csv", "date;score\n31/12/2024;9\n")
    save(tmp_path, "bills.csv", "customer;invoice date;amount\nC1;31/12/2024;1.234\n")
    (question,) = map_spreadsheet(tmp_path / "export", landing).open
    assert "is 1.234 a thousand?" in question


def test_scores_that_may_be_stars_are_asked(tmp_path: Path, landing: Path) -> None:
    path = save(tmp_path, "a.csv", "date,score\n2024-01-31,5\n2024-01-31,4\n")
    (question,) = map_spreadsheet(path, landing).open
    assert "no score is above 5" in question


def test_what_is_no_score_and_no_day_is_left_for_the_landing_to_reject(
    tmp_path: Path, landing: Path
) -> None:
    path = save(tmp_path, "a.csv", "date;score\n31/12/2024;9\nieri;n.d.\n")
    mapped = map_spreadsheet(path, landing)
    assert rows(landing, "survey_responses", "responded_at, score")[1] == ("ieri", "n.d.")
    assert any("1 values are no dates" in note for note in mapped.proposals[0].notes)


def test_a_workbook_a_zip_and_lines_above_the_header(tmp_path: Path, landing: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    book = xlsxwriter.Workbook(folder / "answers.xlsx")
    sheet, other = book.add_worksheet("Antworten"), book.add_worksheet("Leer")
    other.write(0, 0, "nothing")
    sheet.write(0, 0, "Umfrage 2024")
    sheet.write_row(2, 0, ["Kundennummer", "Datum", "Bewertung", "Kommentar"])
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    for place, score in enumerate((9, 3), start=3):
        sheet.write(place, 0, 7)
        sheet.write_datetime(place, 1, datetime.datetime(2024, 12, place), day)
        sheet.write(place, 2, score)
        sheet.write(place, 3, 'sagt "gut"')
    book.close()
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(folder / "answers.xlsx", "deep/answers.xlsx")
    assert not map_spreadsheet(packed, landing).open
    assert rows(landing, "survey_responses", "customer_id, score, verbatim")[0] == (
        "7", "9", 'sagt "gut"',
    )  # fmt: skip
    assert str(rows(landing, "survey_responses", "responded_at")[0][0]).startswith("2024-12-03")


def test_a_gzipped_file_with_tabs(tmp_path: Path, landing: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"date\tscore\tcomment\n2024-01-31\t9\ta, b; c\n"))
    map_spreadsheet(path, landing)
    assert rows(landing, "survey_responses", "score, verbatim") == [("9", "a, b; c")]


def test_two_files_of_answers_have_keys_of_their_own(tmp_path: Path, landing: Path) -> None:
    save(tmp_path, "a.csv", "date,score\n2024-01-31,9\n")
    save(tmp_path, "b.csv", "date,score\n2024-01-31,8\n")
    map_spreadsheet(tmp_path / "export", landing)
    assert len(set(rows(landing, "survey_responses", "response_id"))) == 2


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.csv", "", "a.csv is empty"),
        ("a.csv", "date,score\n2024-01-31,9,1,2\n", "cannot be read as lines of 2 values"),
        ("a.xlsx", "no workbook", "cannot be read as a workbook"),
        ("a.zip", "no archive", "is a damaged archive"),
        ("a.pdf", "x", "holds no spreadsheet"),
        ("a.csv", "customer,invoice date,amount\nC,2024-01-31,1\n", "holds no answers"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, landing: Path, name: str, text: str, sentence: str
) -> None:
    path = save(tmp_path, name, text)
    with pytest.raises(MappingError, match=sentence) as caught:
        map_spreadsheet(path.parent, landing)
    assert "\n" not in str(caught.value)
    assert not landing.exists() or {p.name for p in landing.iterdir()} <= {"mapping.yml"}


def test_a_language_that_was_not_foreseen_is_asked(tmp_path: Path, landing: Path) -> None:
    path = save(tmp_path, "a.csv", "Dato;Karakter\n31/12/2024;9\n")
    (question,) = map_spreadsheet(path, landing).open
    assert "which dataset it is" in question


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mood": 1}, "says mood of a file"),
        ({"dataset": "answers"}, "write the dataset it is"),
        ({"columns": {"score": {"column": "Nota"}}}, "has no column Nota"),
        ({"columns": {"score": {"colum": "score"}}}, "says colum of score"),
        ({"columns": {"mood": {"column": "score"}}}, "fills mood"),
        ({"columns": {"responded_at": {"column": "date", "dates": "any"}}}, "sets dates of"),
    ],
)
def test_a_mistake_in_the_mapping_is_one_sentence(
    tmp_path: Path, landing: Path, change: dict[str, object], sentence: str
) -> None:
    path = save(tmp_path, "a.csv", "date,score\n2024-01-31,9\n")
    plan = map_spreadsheet(path, landing).plan
    content = yaml.safe_load(plan.read_text("utf-8"))
    content["files"][0] |= change
    plan.write_text(yaml.safe_dump(content), "utf-8")
    with pytest.raises(MappingError, match=sentence):
        map_spreadsheet(path, landing)


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path, landing: Path) -> None:
    path = save(tmp_path, "a.csv", "date,score\n2024-01-31,9\n")
    landing.mkdir()
    (landing / "survey_responses.csv").write_text("mine")
    with pytest.raises(MappingError, match="is not an empty folder"):
        map_spreadsheet(path, landing)
    assert (landing / "survey_responses.csv").read_text() == "mine"


def test_every_synonym_is_a_column_of_the_contract() -> None:
    contract = landing_contract(find_project())
    for dataset, kind in synonyms().items():
        known = {column.name for column in contract[dataset].columns}
        assert set(kind["names"]) | set(kind["needs"]) <= known


def test_the_command_shows_what_it_takes_and_what_it_asks(tmp_path: Path, landing: Path) -> None:
    path = save(tmp_path, "a.csv", "date;score;mood\n01/02/2024;9;good\n")
    ran = CliRunner().invoke(app, ["map", "spreadsheet", "--from", str(path), "--to", str(landing)])
    assert ran.exit_code == 2
    said = " ".join(ran.output.split())
    assert "To decide" in said
    assert "Not read: mood" in said
    assert "1 thing is left open" in said


def test_a_header_is_no_row(tmp_path: Path, landing: Path) -> None:
    path = save(tmp_path, "a.csv", "date,score\n" + "2024-01-31,9\n" * 3)
    with path.open(newline="") as file:
        assert len(list(csv.reader(file))) == 4
    assert [d.rows for d in map_spreadsheet(path, landing).datasets] == [3]
