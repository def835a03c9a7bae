"""A run that lost something against the published one does not publish, unless it is meant so."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from conftest import Toy, aim_at_toy_project
from pointworth.allowances import Allowance
from pointworth.errors import PointworthError
from pointworth.guards import Guards
from pointworth.validation.worker import Validator
from pointworth.warehouse import Warehouse

CUSTOMERS = "customer_id,email\n" + "".join(f"c{n},c{n}@example.com\n" for n in range(30))


def rewrite(toy: Toy, change: Callable[[str], str]) -> None:
    path = toy.landing / "survey_responses.csv"
    path.write_text(change(path.read_text()))


def without_customers(toy: Toy) -> None:
    (toy.landing / "crm_customers.csv").unlink()


def without_emails(toy: Toy) -> None:
    text = (toy.landing / "crm_customers.csv").read_text()
    lines = [line.split(",")[0] for line in text.splitlines()]
    (toy.landing / "crm_customers.csv").write_text("\n".join(lines) + "\n")


def with_empty_emails(toy: Toy) -> None:
    text = (toy.landing / "crm_customers.csv").read_text().splitlines()
    lines = [text[0], *(line.split(",")[0] + "," for line in text[1:])]
    (toy.landing / "crm_customers.csv").write_text("\n".join(lines) + "\n")


def with_fewer_answers(toy: Toy) -> None:
    toy.answers(rows=70)


def with_customers_but_no_row(toy: Toy) -> None:
    (toy.landing / "crm_customers.csv").write_text("customer_id,email\n")


def with_earlier_answers(toy: Toy) -> None:
    rewrite(toy, lambda text: text.replace("2024-", "2023-"))


@pytest.fixture(scope="module")
def home_with_customers(
    toy_project: Path, shared_validator: Validator, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A home that has published answers and customers, to be copied."""
    toy = Toy(tmp_path_factory.mktemp("with_customers"))
    toy.answers()
    (toy.landing / "crm_customers.csv").write_text(CUSTOMERS)
    with pytest.MonkeyPatch.context() as monkeypatch:
        aim_at_toy_project(toy_project, shared_validator, monkeypatch)
        result = toy.build()
    assert result.exit_code == 0, result.output
    return toy.home


@pytest.mark.parametrize(
    ("lose", "allowance", "says"),
    [
        (without_customers, "missing-datasets", "crm_customers, of which it had 30 rows, is not"),
        (without_emails, "missing-columns", "crm_customers has no column email any more"),
        (with_empty_emails, "missing-columns", "has no value in its column email any more"),
        (with_fewer_answers, "smaller-datasets", "survey_responses has 70 rows where it had 100"),
        (with_customers_but_no_row, "smaller-datasets", "crm_customers has 0 rows where it had 30"),
        (with_earlier_answers, "earlier-as-of", "falls from 2024-01-28 to 2023-01-28"),
    ],
)
def test_a_landing_that_lost_something(
    toy: Toy,
    home_with_customers: Path,
    lose: Callable[[Toy], None],
    allowance: str,
    says: str,
) -> None:
    (toy.landing / "crm_customers.csv").write_text(CUSTOMERS)
    shutil.copytree(home_with_customers, toy.home)
    before = toy.published.read_bytes()
    lose(toy)
    result = toy.build()
    assert result.exit_code == 3, result.output
    assert says in result.output
    assert f"--allow {allowance}" in result.output
    assert "Traceback" not in result.output
    assert toy.published.read_bytes() == before
    assert Warehouse(toy.home).runs()[0].record["exit_code"] == 3
    result = toy.build("--allow", "missing-datasets,missing-columns,smaller-datasets,earlier-as-of")
    assert result.exit_code == 0, result.output
    assert "Allowed: " in result.output
    found = {loss["allowance"] for loss in Warehouse(toy.home).runs()[0].record["losses"]}
    assert allowance in found
    assert toy.build().exit_code == 0, "what was meant once is what the next run is compared with"


def test_an_as_of_that_is_given_and_earlier_is_refused_before_anything_is_read(
    published_toy: Toy,
) -> None:
    result = published_toy.build("--as-of", "2023-12-31")
    assert result.exit_code == 3
    assert "falls from 2024-01-28 to 2023-12-31" in result.output
    steps = Warehouse(published_toy.home).runs()[0].record["steps"]
    assert [step["name"] for step in steps] == ["read the project"]


def test_after_a_rollback_it_is_the_run_brought_back_that_counts(published_toy: Toy) -> None:
    published_toy.answers(rows=90)
    assert published_toy.build().exit_code == 0
    assert published_toy.run("rollback").exit_code == 0
    published_toy.answers(rows=75)
    result = published_toy.build()
    assert result.exit_code == 3
    assert "has 75 rows where it had 100" in result.output


BEFORE = {
    "run": "20240101T000000Z",
    "as_of": "2024-01-31",
    "datasets": [
        {"dataset": "survey_responses", "rows_read": 1000},
        {"dataset": "finance_initiatives", "rows_read": 10},
        {"dataset": "crm_customers", "rows_read": 0},
    ],
}


def lost(guards: Guards, rows: dict[str, int], share: float = 0.2) -> set[Allowance]:
    try:
        guards.datasets(rows)
        guards.content(rows, {}, {}, lambda _: share, [])
    except PointworthError as error:
        return {each for each in Allowance if each in error.message}
    return set()


@pytest.mark.parametrize(
    ("answers", "initiatives", "expected"),
    [
        (1000, 10, set()),
        (800, 10, set()),
        (799, 10, {Allowance.smaller_datasets}),
        (1000, 3, set()),
        (1000, 0, {Allowance.smaller_datasets}),
        (1000, None, {Allowance.missing_datasets}),
    ],
)
def test_what_counts_as_a_loss(
    answers: int, initiatives: int | None, expected: set[Allowance]
) -> None:
    rows = {"survey_responses": answers}
    if initiatives is not None:
        rows["finance_initiatives"] = initiatives
    assert lost(Guards(BEFORE, ()), rows) == expected
    assert lost(Guards({}, ()), rows) == set(), "nothing can be lost on the first build"


def erase(toy: Toy, *customers: str) -> None:
    text = "customer_id\n" + "".join(f"{customer}\n" for customer in customers)
    (toy.landing / "privacy_erasure_requests.csv").write_text(text)


def files_that_hold(home: Path, text: str) -> list[str]:
    """The files of a home, the builds' own aside, with a text in them; tables are looked into."""
    found = []
    for path in sorted(home.rglob("*")):
        if not path.is_file() or path.is_relative_to(home / "build"):
            continue
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for (table,) in connection.execute(
                    "select table_name from duckdb_tables()"
                ).fetchall():
                    query = f"select count(*) from {table} as t where contains(t::varchar, $1)"
                    if connection.execute(query, [text]).fetchall()[0][0]:
                        found.append(f"{path.relative_to(home)}: {table}")
        if text.encode() in path.read_bytes():
            found.append(str(path.relative_to(home)))
    return found


def test_who_asks_to_be_erased_is_in_no_kept_run(toy: Toy) -> None:
    rewrite(toy, lambda text: text.replace(",c42,", ",c-mario-42,"))
    assert toy.build().exit_code == 0
    toy.settings(break_test=True)
    assert toy.build().exit_code == 3
    first = Warehouse(toy.home).runs()[-1]
    assert f"runs/{first.name}/marts.duckdb" in files_that_hold(toy.home, "c-mario-42")
    toy.settings()
    erase(toy, "c-mario-42")
    assert toy.build().exit_code == 0
    assert files_that_hold(toy.home, "c-mario-42") == []
    result = toy.run("rollback", first.name)
    assert result.exit_code == 2
    assert "No published run" in result.output
    status = toy.run("status")
    assert status.exit_code == 0
    assert first.name in status.output
    secret = toy.home / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert [
        path for path in files_that_hold(toy.home, secret.read_text()) if path != "secret"
    ] == []


def test_no_rollback_to_before_a_request_that_a_failed_run_knows(published_toy: Toy) -> None:
    warehouse = Warehouse(published_toy.home)
    (first,) = warehouse.runs()
    assert published_toy.build().exit_code == 0
    erase(published_toy, "c42")
    published_toy.settings(break_test=True)
    assert published_toy.build().exit_code == 3
    before = published_toy.published.read_bytes()
    result = published_toy.run("rollback", first.name)
    assert result.exit_code == 3
    assert "is from before an erasure request" in result.output
    assert published_toy.published.read_bytes() == before


def test_runs_that_know_the_same_requests_are_kept_and_none_may_get_lost(toy: Toy) -> None:
    erase(toy, "c1", "c2")
    assert toy.build().exit_code == 0
    first = Warehouse(toy.home).runs()[0]
    erase(toy, "c2", "c1", "c1")
    assert toy.build().exit_code == 0
    assert first.marts_file.exists()
    erase(toy, "c2")
    result = toy.build()
    assert result.exit_code == 3
    assert "privacy_erasure_requests lacks 1 of the requests" in result.output
