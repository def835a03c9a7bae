"""The suites: what they ask of the landing and of the file before publication."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pointworth.project import Column, Dataset, Mart
from pointworth.publish import engine_types
from pointworth.validation.suites import LARGE, intervals, landing_suites, published_suites
from pointworth.validation.worker import Validator

ANSWERS = Dataset(
    "survey_responses",
    True,
    ("response_id",),
    (
        Column("response_id", "text", True, False),
        Column("responded_at", "timestamp", True, False),
        Column("score", "number", True, False),
        Column("verbatim", "text", False, True),
    ),
)
CONTRACT = {"survey_responses": ANSWERS}
SCORES = Mart(
    "scores",
    "One row per segment.",
    {
        "segment": "text",
        "is_nps": "boolean",
        "nps": "double",
        "standard_error": "double",
        "lower": "double",
        "upper": "double",
    },
)


def scores(nps: str = "10.0::double", lower: float = 8, upper: float = 12, more: str = "") -> str:
    return (
        f"select 'all' as segment, true as is_nps, {nps} as nps, 1.0::double as standard_error, "
        f"{lower}::double as lower, {upper}::double as upper{more}"
    )


def landing(file: Path, rows: str, score: str = "score") -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema landing")
        connection.execute(
            "create table landing.survey_responses as select response_id, responded_at, score as "
            f"{score}, null::varchar as verbatim, 'a.csv' as source_file, 2::bigint as source_row, "
            "hash(response_id) as key_hash "
            f"from (values {rows}) as answers(response_id, responded_at, score)"
        )
        connection.execute(
            "create table landing.loaded_files as select 'survey_responses' as dataset, "
            "'a.csv' as source_file, 'csv' as file_format, count(*) as rows_read "
            "from landing.survey_responses"
        )


def broken_rules(shared: Validator, file: Path, rows: int, files: list[str]) -> list[str]:
    suites = landing_suites(CONTRACT, {"survey_responses": rows}, {"survey_responses": files}, {})
    return [check.says for check in shared.check(file, suites) if not check.is_met]


GOOD = "('r1', '2024-01-01T10:00:00Z', '9'), ('r2', '2024-01-02', '6.5')"


@pytest.mark.parametrize(
    ("rows", "read", "files", "broken"),
    [
        (GOOD, 2, ["a.csv"], []),
        (GOOD, 2, ["a.csv", "b.csv"], ["every file of the landing was loaded, and no other"]),
        (
            GOOD,
            1,
            ["a.csv"],
            ["of the 1 in its files some rows can be read, and none twice"],
        ),
        (
            "('r1', '01/13/2024', '9'), ('r2', '01/14/2024', '6')",
            2,
            ["a.csv"],
            ["columns hold what their names promise"],
        ),
        (
            "('r1', '2024-01-01', ''), ('r1', '2024-01-01', null), ('r1', '2024-01-02', null)",
            3,
            ["a.csv"],
            ["score is filled in most rows", "response_id tell most rows apart"],
        ),
    ],
)
def test_a_landing_is_what_it_claims_to_be(
    shared_validator: Validator,
    tmp_path: Path,
    rows: str,
    read: int,
    files: list[str],
    broken: list[str],
) -> None:
    landing(tmp_path / "build.duckdb", rows)
    assert broken_rules(shared_validator, tmp_path / "build.duckdb", read, files) == broken


def test_what_came_typed_is_not_looked_at_again() -> None:
    looked_at = []
    for typed in ({}, {"survey_responses": {"responded_at"}}):
        (_, suite) = landing_suites(
            CONTRACT,
            {"survey_responses": 2},
            {"survey_responses": ["a.csv"]},
            {},
            typed=typed,
        )
        promised = [rule for rule in suite.rules if rule.says.startswith("columns hold")]
        looked_at.append("responded_at" in str(promised) and "score" in str(promised))
    assert looked_at == [True, False]


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        ("2024-01", []),
        ("2024-01-31", []),
        ("2024-13", ["columns hold what their names promise"]),
        ("01/2024", ["columns hold what their names promise"]),
    ],
)
def test_a_month_is_written_with_its_day_or_without(
    shared_validator: Validator, tmp_path: Path, value: str, broken: list[str]
) -> None:
    landing(tmp_path / "build.duckdb", f"('r1', '{value}', '9'), ('r2', '{value}', '6')")
    months = tuple(
        replace(column, data_type="month") if column.name == "responded_at" else column
        for column in ANSWERS.columns
    )
    suites = landing_suites(
        {"survey_responses": replace(ANSWERS, columns=months)},
        {"survey_responses": 2},
        {"survey_responses": ["a.csv"]},
        {},
    )
    checks = shared_validator.check(tmp_path / "build.duckdb", suites)
    assert [check.says for check in checks if not check.is_met] == broken


@pytest.mark.parametrize(
    ("key_hash", "broken"),
    [("hash(response_id)", []), ("0", ["response_id tell most rows apart"])],
)
def test_keys_of_a_large_dataset_are_counted_by_their_hash(
    shared_validator: Validator, tmp_path: Path, key_hash: str, broken: list[str]
) -> None:
    file = tmp_path / "build.duckdb"
    landing(file, f"{GOOD}, ('r3', '2024-01-03', '7')")
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"update landing.survey_responses set key_hash = {key_hash}")
    assert broken_rules(shared_validator, file, LARGE + 1, ["a.csv"]) == broken


def test_a_landing_table_with_other_columns(shared_validator: Validator, tmp_path: Path) -> None:
    landing(tmp_path / "build.duckdb", GOOD, score="points")
    broken = broken_rules(shared_validator, tmp_path / "build.duckdb", 2, ["a.csv"])
    assert "the columns are those of the contract" in broken


@pytest.mark.parametrize(
    ("table", "rows", "broken"),
    [
        (scores(), 1, []),
        (scores(lower=11), 1, ["nps lies within lower and upper"]),
        (scores(nps="110.0::double", upper=112), 1, ["nps lies between −100 and 100"]),
        (scores(), 2, ["there are as many rows as were computed"]),
        (scores(nps="10::bigint"), 1, ["exactly the columns and types of the contract"]),
        (
            scores(more=", 'a@b.it' as email"),
            1,
            [
                "exactly the columns and types of the contract",
                "no column with names, e-mail addresses or phone numbers",
            ],
        ),
    ],
)
def test_the_file_keeps_the_promises_of_the_marts(
    shared_validator: Validator, tmp_path: Path, table: str, rows: int, broken: list[str]
) -> None:
    file = tmp_path / "draft.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"create table scores as {table}")
    suites = published_suites([SCORES], engine_types([SCORES]), {"scores": rows})
    checks = shared_validator.check(file, suites)
    assert [check.says for check in checks if not check.is_met] == broken


def test_a_mart_that_is_missing_or_a_view(shared_validator: Validator, tmp_path: Path) -> None:
    file = tmp_path / "draft.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create view scores as select 1 as segment")
    suites = published_suites([SCORES], engine_types([SCORES]), {"scores": 1})
    (check, *_) = shared_validator.check(file, suites)
    assert not check.is_met
    assert "scores" in check.observed


def test_every_interval_finds_its_estimate() -> None:
    columns = {
        "customers": "bigint",
        "risk": "double",
        "standard_error": "double",
        "lower": "double",
        "upper": "double",
        "risk_ratio": "double",
        "risk_ratio_lower": "double",
        "risk_ratio_upper": "double",
        "kept_lower": "double",
        "kept_upper": "double",
    }
    assert intervals(columns) == [
        ("risk", "lower", "upper"),
        ("risk_ratio", "risk_ratio_lower", "risk_ratio_upper"),
        (None, "kept_lower", "kept_upper"),
    ]
    assert intervals({"customers": "bigint", "lower": "double", "upper": "double"}) == [
        (None, "lower", "upper")
    ]
