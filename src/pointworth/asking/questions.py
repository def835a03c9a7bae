"""The seven questions of retention: asked of what is published, with how to read the answer."""

import re
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from pointworth.asking.answer import Answer, units_read
from pointworth.asking.forms import Form
from pointworth.asking.layout import fits, print_records, print_table, say
from pointworth.asking.query import give, published, read_query
from pointworth.asking.reading import Entry, as_read, read_entries
from pointworth.errors import usage_error
from pointworth.project import find_project

ROWS_READ = 20
_HEADING = re.compile(r"(Question \d|How to read it|Shown): *(.*)", re.DOTALL)


@dataclass(frozen=True)
class Question:
    """A file of analyses/: what its first comment says, and its query."""

    file: Path
    asks: str
    how_to_read: str
    shown: list[Entry]
    sql: str


def questions() -> list[Path]:
    """The files of the questions, in order."""
    return sorted((find_project() / "analyses").glob("[1-9]_*.sql"))


def read_question(file: Path) -> Question:
    """A question with the paragraphs of its first comment."""
    sql = read_query(file)
    comment: list[str] = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        comment.append(line.removeprefix("--").strip())
    said = {}
    for paragraph in re.split(r"\n\n", "\n".join(comment)):
        found = _HEADING.match(paragraph)
        if found:
            said[found[1].split()[0]] = " ".join(found[2].split())
    return Question(
        file, _sentence(said["Question"]), said["How"], read_entries(said["Shown"]), sql
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def list_questions(console: Console) -> None:
    """The questions and their numbers."""
    for file in questions():
        say(console, f"{file.name[0]}  {read_question(file).asks}")
    say(console, "pointworth ask 1 asks the first.")


def answer_question(home: Path, number: int, form: Form, console: Console) -> None:
    """Ask a question; programs get every column, people those they read."""
    file = next((path for path in questions() if path.name.startswith(f"{number}_")), None)
    if file is None:
        raise usage_error(
            f"There is no question {number}: there are {len(questions())}, and pointworth ask "
            "lists them."
        )
    question = read_question(file)
    with published(home) as connection:
        units = units_read(connection, question.sql)
        cursor = connection.execute(question.sql)
        if form.is_for_programs:
            give(home, cursor, form, console, units)
            return
        names = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchall()
    say(console, question.asks)
    console.print()
    columns = as_read(Answer(names, rows[:ROWS_READ], units), question.shown)
    if not rows:
        say(console, "No row: what is published has no answer.")
    elif fits(columns, console.width):
        print_table(console, columns)
    else:
        print_records(console, columns)
    if len(rows) > ROWS_READ:
        say(console, f"The first {ROWS_READ} of {len(rows)} rows.")
    console.print()
    say(console, f"How to read it: {question.how_to_read}")
    console.print()
    say(console, f"Every column: pointworth ask {number} --format csv")
