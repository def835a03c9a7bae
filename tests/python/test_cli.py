"""The command line: what users can get wrong is one sentence with the right exit code."""

import io
import json
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from conftest import Toy
from pointworth.asking.formats import cell_text, interval_text, value_text
from pointworth.demo import planted_figures
from pointworth.figures import headline_figures, strongest_levers
from pointworth.report import figure_table, lever_table


def one_sentence(output: str) -> bool:
    """No traceback, one line."""
    return "Traceback" not in output and len(output.strip().splitlines()) == 1


def test_a_landing_that_is_not_there(toy: Toy, tmp_path: Path) -> None:
    result = toy.run("build", "--landing", str(tmp_path / "nowhere"))
    assert result.exit_code == 2
    assert one_sentence(result.output)
    assert "does not exist" in result.output
    assert not toy.home.exists(), "nothing is begun for a landing that cannot be built"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "is empty: put the extracts there"),
        ({"notes.txt": "x"}, "no dataset of the contract, only notes.txt"),
        ({"survey_response.csv": "x"}, "is it survey_responses? Rename it"),
        ({"crm_customers.csv": "customer_id\n"}, "no survey_responses, which is required"),
        ({"survey_responses.csv": ""}, "without even a header"),
        ({"survey_responses.parquet": "PAR1 cut off"}, "is no whole Parquet file"),
        ({"survey_responses.csv": "x", "survey_responses.parquet": "PAR1"}, "more than once"),
        ({"survey_responses.csv": "x", "survey_responses/a.csv": "x"}, "more than once"),
    ],
)
def test_a_landing_no_build_can_start_from(
    toy: Toy, tmp_path: Path, files: dict[str, str], expected: str
) -> None:
    landing = tmp_path / "another"
    landing.mkdir()
    for name, content in files.items():
        (landing / name).parent.mkdir(exist_ok=True)
        (landing / name).write_text(content)
    result = toy.run("build", "--landing", str(landing))
    assert result.exit_code == 2
    assert one_sentence(result.output)
    assert expected in result.output


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("minimum_respones: 10", "did you mean minimum_responses?"),
        ("landing: elsewhere", "which is no setting"),
        ("minimum_responses: many", "give a whole number"),
        ("minimum_responses: true", "give a whole number"),
        ("strata: client_id", "give a list"),
        ("as_of_date: yesterday", "is no date"),
        ("as_of_date: 20240131", "write it YYYY-MM-DD"),
        ("customer_key: client", "give number or per_client"),
        ("churn_basis: guess", "give subscription or inactivity"),
        ("reporting_currency: euros", "three letters"),
        ("as_of_date: 2024-01-31 10:00:00", "write it YYYY-MM-DD"),
        ("max_rejected_share: 5", "a number from 0 to 1"),
        ("max_shrunk_share: 5", "a number from 0 to 1"),
        ("max_rejected_share: {default: 2}", "a number from 0 to 1"),
        ("- a list", "is not a mapping"),
        ("a: [", "could not be read as YAML"),
    ],
)
def test_settings_that_mean_nothing(toy: Toy, settings: str, expected: str) -> None:
    (toy.landing / "pointworth.yml").write_text(settings)
    result = toy.build()
    assert result.exit_code == 2
    assert one_sentence(result.output)
    assert expected in result.output


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--as-of", "31.12.2024"], "write it YYYY-MM-DD"),
        (["--as-of", "20240131"], "write it YYYY-MM-DD"),
        (["--as-of", "2024-W05-3"], "write it YYYY-MM-DD"),
        (["--as-of", "2024-02-30"], "write it YYYY-MM-DD"),
        (["--allow", "missing-dataset"], "did you mean missing-datasets?"),
        (["--allow", "anything"], "it takes unread-files"),
        (["--threads", "0"], "give at least 1"),
        (["--memory-limit", "lots"], "give a size such as 8GB"),
        (["--max-rejected-share", "7"], "a number from 0 to 1"),
    ],
)
def test_options_that_mean_nothing(toy: Toy, options: list[str], expected: str) -> None:
    result = toy.build(*options)
    assert result.exit_code == 2
    assert expected in result.output


def test_the_command_line_overrules_the_landing(toy: Toy) -> None:
    toy.settings(as_of_date="2024-05-01", minimum_responses=3)
    assert toy.build("--as-of", "2024-06-30").exit_code == 0
    status = toy.run("status")
    assert "2024-06-30" in status.output


@pytest.mark.parametrize("command", [["query", "select 1"], ["rollback"], ["status"]])
def test_a_home_where_nothing_is_published(toy: Toy, command: list[str]) -> None:
    result = toy.run(*command)
    assert result.exit_code == 1
    assert one_sentence(result.output)
    assert "Nothing is published in" in result.output
    assert not toy.home.exists()


def test_a_query_prints_a_table_csv_or_json(published_toy: Toy) -> None:
    query = "select segment_dimension, nps, period_start from nps_by_segment"
    assert "segment_dimension" in published_toy.run("query", query).output
    comma = published_toy.run("query", query, "--format", "csv")
    assert comma.output == "segment_dimension,nps,period_start\nall,-46.0,\n"
    rows = json.loads(published_toy.run("query", query, "--format", "json").output)
    assert rows == [{"segment_dimension": "all", "nps": -46.0, "period_start": None}]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("selec 1", "syntax error"),
        ("select * from nps_by_segmen", "nps_by_segment"),
        ("delete from nps_by_segment", "read-only"),
    ],
)
def test_a_query_that_cannot_be_answered(published_toy: Toy, sql: str, expected: str) -> None:
    before = published_toy.published.read_bytes()
    result = published_toy.run("query", sql)
    assert result.exit_code == 2
    assert one_sentence(result.output)
    assert expected in result.output
    assert published_toy.published.read_bytes() == before


def test_a_published_file_that_is_damaged(toy: Toy) -> None:
    toy.home.mkdir()
    toy.published.write_text("this is no database")
    result = toy.run("query", "select 1")
    assert result.exit_code == 1
    assert one_sentence(result.output)


def test_an_unknown_world_or_source(toy: Toy, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from pointworth.cli import app

    for command in (
        ["simulate", "atlantis", "--out", str(tmp_path / "out")],
        ["map", "atlantis", "--from", str(tmp_path), "--to", str(tmp_path / "out")],
    ):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 2
        assert "atlantis" in result.output
        assert "Traceback" not in result.output


def test_the_documentation_is_one_page(toy: Toy) -> None:
    result = toy.run("docs")
    assert result.exit_code == 0, result.output
    page = Path(result.output.removeprefix("Documentation: ").strip())
    assert "One row per segment." in page.read_text(encoding="utf-8")
    assert not toy.home.exists(), "the documentation needs no warehouse"


def test_ignored_columns_are_named(toy: Toy) -> None:
    path = toy.landing / "survey_responses.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(f"{line},{'mood' if not n else 'x'}" for n, line in enumerate(lines)))
    result = toy.build()
    assert result.exit_code == 0, result.output
    assert "Ignored: the column mood of survey_responses.csv" in result.output


def test_the_headline_table_fits_narrow_and_wide_terminals() -> None:
    figure = {
        "key": "revenue_per_point",
        "label": "One point, 36 months",
        "unit": "EUR",
        "value": 7_960_000.0,
        "lower": 6_800_000.0,
        "upper": 9_110_000.0,
        "rests_on": "2,935 customers",
    }
    for width in (80, 160):
        console = Console(width=width, record=True, file=io.StringIO())
        console.print(figure_table([figure], {"revenue_per_point": 8_600_000.0}))
        lines = console.export_text().splitlines()
        assert max(map(len, lines)) <= width
        (line,) = [line for line in lines if "One point" in line]
        assert "EUR 7.96 m" in line
        assert "EUR 6.80 to 9.11 m" in line
        assert "EUR 8.60 m" in line
        assert "yes" in line


def test_a_lever_says_at_what_rating_it_counts(tmp_path: Path) -> None:
    file = tmp_path / "marts.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            """
            create table improvement_levers as
            select 'all' as segment_dimension, 'EUR' as currency, 4e7 as revenue,
                3e7 as revenue_lower, 5e7 as revenue_upper, *
            from (
                values
                ('ease_of_use', 'driver', 2, 6.93, 10, 1, 5.1, 4.0, 6.2),
                ('fault × slow', 'experience', 1, null, null, null, 6, 5, 7),
                ('price', 'theme', 3, null, null, null, 2, 1, 3)
            ) as levers (
                lever, lever_kind, strength_rank, mean_rating, top_rating, rating_step, points,
                lower, upper
            )
            """
        )
    levers = strongest_levers(file)
    assert [lever["change"] for lever in levers] == [
        "no longer happens",
        "1 better than 6.9 of 10",
        "scored like others",
    ]
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(lever_table(levers))
    (line,) = [line for line in console.export_text().splitlines() if "ease of use" in line]
    assert "1 better than 6.9 of 10" in line
    assert "+5.1" in line


@pytest.mark.parametrize(
    ("z", "share", "is_clean", "said"),
    [
        (3.1, -0.012, True, "clean, -1.2 % of the value"),
        (3.1, 0.3, False, "not clean: revenue moved before, +30.0 % of the value"),
        (3.1, None, False, "not clean: revenue moved before"),
        (None, None, None, ""),
    ],
)
def test_the_size_of_the_placebo_stands_beside_its_z(
    tmp_path: Path, z: float | None, share: float | None, is_clean: bool | None, said: str
) -> None:
    file = tmp_path / "marts.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create table revenue_per_point as select 'all' as segment_dimension, "
            "'active_customers' as base, 'adjusted' as adjustment, 36 as horizon_months, "
            "40 as customers, 'EUR' as currency, 1 as revenue_per_point, 0 as lower, 2 as upper, "
            "1 as churn_component, 0 as churn_component_lower, 2 as churn_component_upper, "
            "0 as wallet_component, 0 as wallet_component_lower, 0 as wallet_component_upper, "
            "0.1 as projected_share, cast(? as double) as placebo_z, "
            "cast(? as double) as placebo_share, cast(? as boolean) as is_placebo_clean",
            [z, share, is_clean],
        )
    (placebo,) = [figure for figure in headline_figures(file) if figure.key == "placebo_z"]
    assert placebo.value == z
    assert placebo.rests_on == said


def test_figures_are_written_with_their_unit() -> None:
    assert value_text(41.84, "points") == "+41.8"
    assert value_text(0.0803, "share") == "8.0 %"
    assert value_text(-1_234_567.0, "CHF") == "CHF -1.23 m"
    assert value_text(None, "share") == "–"
    assert interval_text(0.05, 0.0912, "share") == "5.0 to 9.1 %"
    assert interval_text(None, 1.0, "ratio") == "–"
    cells = [None, True, 3, 41.80000000001, 1_030_759.8551, 2.5e-7, 10.0]
    expected = ["–", "yes", "3", "41.8", "1,030,759.86", "2.5e-07", "10"]
    assert [cell_text(cell) for cell in cells] == expected


def test_the_planted_truth_is_read_from_where_the_simulator_writes_it() -> None:
    truth = {
        "revenue_per_point": {"value": 8.6e6, "churn_component": 5.7e6, "wallet_component": 2.9e6},
        "churn_after_score": {
            "risk": {"detractor": 0.08, "promoter": 0.02},
            "risk_ratio_detractor_promoter": 4.0,
        },
        "nps_rise": {"from": 32.0, "to": 42.0},
    }
    planted = planted_figures(truth)
    assert planted["revenue_per_point"] == 8.6e6
    assert planted["churn_120_ratio"] == 4.0
