"""Segments of the user's own: a name in the settings is a dimension of every mart with segments."""

import math
from pathlib import Path

import duckdb
import pytest

from pointworth.project import landing_contract, project_variables, with_segments
from pointworth.settings import read_settings
from worlds import MARTS, OWN_SEGMENTS, ROOT, BuildError, World, dbt_build, segmented, small

pytestmark = pytest.mark.slow  # each test is a build or more

#: Where the parts of a change are cut, and not the scores.
PARTS = {"nps_change_bridge": "part_dimension"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world with two columns more than the contract, and settings that name them."""
    return segmented(tmp_path_factory)


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The same without the columns and settings."""
    return small(tmp_path_factory)


def dimensions(world: World) -> dict[str, set[str]]:
    """Of every mart that has segments, the dimensions it has rows of."""
    return {
        mart: {
            name
            for (name,) in world.rows(
                f"select distinct {PARTS.get(mart, 'segment_dimension')} from {MARTS}.{mart}"
            )
        }
        for mart, columns in world.marts().items()
        if "segment_dimension" in columns and "segment_value" in columns
    }


def test_the_settings_file_says_what_the_world_is_built_with(world: World) -> None:
    settings = read_settings(world.landing, project_variables(ROOT))
    assert settings.dbt_variables["segments"] == OWN_SEGMENTS == settings.segments


def test_a_column_of_customers_is_cut_by_wherever_their_plan_is(world: World) -> None:
    found = dimensions(world)
    cut = {mart for mart, names in found.items() if "plan_tier" in names}
    assert len(cut) >= 18
    assert {mart for mart, names in found.items() if "contract_length" in names} == cut
    assert {mart for mart, names in found.items() if "industry" in names} == set()


def test_a_column_of_answers_is_cut_by_wherever_their_service_is(world: World) -> None:
    """The answers about drivers name no service in this world, and are cut by mood all the same."""
    found = dimensions(world)
    cut = {mart for mart, names in found.items() if "service_line" in names}
    assert len(cut) >= 4
    assert {mart for mart, names in found.items() if "mood" in names} == {
        *cut,
        "nps_drivers",
        "nps_driver_contributions",
        "improvement_levers",
    }


def test_customers_answers_and_contacts_are_counted_by_the_new_segment(world: World) -> None:
    customers = f"read_csv('{world.landing}/crm_customers.csv', all_varchar = true)"
    expected = world.rows(
        "select trim(contract_length), count(distinct customers.customer_id), count(response_id) "
        f"from {customers} as customers left join {MARTS}.fct_survey_responses using (customer_id) "
        "where contract_length is not null group by 1 order by 1"
    )
    assert [row[0] for row in expected] == ["12 months", "24 months"]
    assert expected == world.rows(
        f"select segment_value, customers, answers from {MARTS}.dim_segments "
        "where segment_dimension = 'contract_length' order by 1"
    )
    assert world.rows(
        "select trim(contract_length), count(*) "
        f"from {customers} inner join {MARTS}.fct_interactions using (customer_id) "
        "cross join intermediate.int_run_clock where contract_length is not null "
        "and cast(opened_at as date) <= as_of group by 1 order by 1"
    ) == world.rows(
        f"select segment_value, contacts from {MARTS}.contact_effort "
        "where segment_dimension = 'contract_length' and period_grain = 'all_time' "
        "and journey_stage = 'all' and channel = 'all' order by 1"
    )


def test_scores_are_counted_by_a_segment_of_answers(world: World) -> None:
    moods = f"read_csv('{world.landing}/survey_responses.csv', all_varchar = true)"
    expected = world.rows(
        "select period_grain, period_start, survey_kind, score_scale, mood, count(*), "
        "count(*) filter (where category = 'promoter') "
        "from intermediate.int_nps_counted_answers as counted "
        f"inner join (select response_id, mood from {moods}) using (response_id) "
        "where mood is not null group by all order by all"
    )
    assert len(expected) > 20
    assert expected == world.rows(
        "select period_grain, period_start, survey_kind, score_scale, segment_value, responses, "
        f"promoters from {MARTS}.nps_by_segment where segment_dimension = 'mood' order by all"
    )


def test_no_other_figure_changes(world: World, without: World) -> None:
    """But for the errors of the change bridge: its clusters are a customer's answers that are alike
    in everything they are cut by."""
    for mart, columns in without.marts().items():
        if mart == "run_info":
            continue
        cut = [name for name in columns if name in ("segment_dimension", "part_dimension")]
        where = " and ".join([f"{name} not in {tuple(OWN_SEGMENTS)}" for name in cut] or ["true"])
        shown = [
            name
            for name in columns
            if mart != "nps_change_bridge"
            or not any(word in name for word in ("standard_error", "lower", "upper"))
        ]
        query = f"select {', '.join(shown)} from {MARTS}.{mart} where {where} order by all"
        before, now = without.rows(query), world.rows(query)
        assert len(before) == len(now), mart
        for one, other in zip(before, now, strict=True):
            assert all(map(_is_same, one, other)), (mart, one, other)


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return one == other


# Small landings ---------------------------------------------------------------------------------

CUSTOMERS = """customer_id,region,customer_type,tariff,only_here
a,north,sme,gold, x
b,north,sme,silver,
c,south,sme,gold,
"""
ANSWERS = """response_id,customer_id,responded_at,score,tariff,page
1,a,2024-01-05 10:00:00,9,silver,home
2,b,2024-01-06 10:00:00,3,silver,home
3,,2024-01-07 10:00:00,3,gold,Help
"""


def landing(folder: Path, customers: str = CUSTOMERS, answers: str = ANSWERS) -> Path:
    """Three customers, two of them with an answer, and an anonymous one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "crm_customers.csv").write_text(customers, "utf-8")
    (folder / "survey_responses.csv").write_text(answers, "utf-8")
    return folder


def segments_of(landing: Path, file: Path, segments: list[str]) -> list[tuple[object, ...]]:
    """Answers and customers of every segment of one's own."""
    dbt_build(landing, file, select=["+dim_segments"], segments=segments)
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(
            "select segment_dimension, segment_value, answers, customers from marts.dim_segments "
            "where list_contains(?, segment_dimension) order by all",
            [segments],
        ).fetchall()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One landing in both formats."""
    folder = tmp_path_factory.mktemp("formats")
    as_csv = landing(folder / "csv")
    as_parquet = folder / "parquet"
    as_parquet.mkdir()
    for path in as_csv.iterdir():
        duckdb.sql(f"from read_csv('{path}', all_varchar = true)").write_parquet(
            str(as_parquet / f"{path.stem}.parquet")
        )
    return as_csv, as_parquet


def test_a_column_of_both_files_is_the_customers_in_either_format(pair: tuple[Path, Path]) -> None:
    """An anonymous answer then has none, and a name of SQL's own is one like others."""
    for path in pair:
        assert segments_of(path, path.with_suffix(".duckdb"), ["tariff", "page", "only_here"]) == [
            ("only_here", "x", 1, 1),
            ("page", "Help", 1, 0),
            ("page", "home", 2, 0),
            ("tariff", "gold", 1, 2),
            ("tariff", "silver", 1, 1),
        ]


def test_the_rows_of_an_erased_customer_stand_in_no_segment(tmp_path: Path) -> None:
    folder = landing(tmp_path / "landing")
    (folder / "privacy_erasure_requests.csv").write_text(
        "customer_id,requested_on\nb,2024-01-08\n", "utf-8"
    )
    assert segments_of(folder, tmp_path / "build.duckdb", ["tariff"]) == [("tariff", "gold", 1, 2)]


def test_names_that_mean_something_to_sql_are_names_like_others(tmp_path: Path) -> None:
    folder = landing(
        tmp_path / "landing",
        CUSTOMERS.replace("tariff", "order"),
        ANSWERS.replace("page", "voice"),
    )
    assert segments_of(folder, tmp_path / "build.duckdb", ["order", "voice"]) == [
        ("order", "gold", 1, 2),
        ("order", "silver", 1, 1),
        ("voice", "Help", 1, 0),
        ("voice", "home", 2, 0),
    ]


@pytest.mark.parametrize(
    ("segments", "sentence"),
    [
        ("tariff", "segments is no list; write it as segments: [industry, contract_length]."),
        (["Tariff"], "names Tariff, which no column can be called"),
        ([7], "names 7, which no column can be called"),
        (["region"], "names region, by which every figure is cut anyway; leave it out."),
        (["all"], "names all, by which every figure is cut anyway; leave it out."),
        (["email"], "names email, a column of the landing contract that is no segment"),
        (["tariff", "tariff"], "names tariff twice; keep one."),
        (["tarif"], "names tarif, but no file of crm_customers or survey_responses has such"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(
    segments: object, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(BuildError, match="Landing: ") as error:
        dbt_build(
            landing(tmp_path / "landing"),
            tmp_path / "build.duckdb",
            select=["stg_crm__customers"],
            segments=segments,
        )
    assert sentence in " ".join(str(error.value).split())


def test_a_column_of_too_many_values_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"{i},2024-01-05 10:00:00,9,value {i}\n" for i in range(51))
    folder = landing(tmp_path / "landing", answers=f"response_id,responded_at,score,tariff\n{rows}")
    with pytest.raises(BuildError) as error:
        segments_of(folder, tmp_path / "build.duckdb", ["tariff"])
    assert "names tariff, which has 53 values where figures are cut by at most 50" in " ".join(
        str(error.value).split()
    )


def test_a_column_without_a_value_is_a_segment_of_nobody(tmp_path: Path) -> None:
    folder = landing(tmp_path / "landing", CUSTOMERS.replace(" x\n", "\n"))
    assert segments_of(folder, tmp_path / "build.duckdb", ["only_here"]) == []


def test_a_segment_set_anew_is_there_in_the_next_build(tmp_path: Path) -> None:
    """What was loaded without it is not continued."""
    folder, file = landing(tmp_path / "landing"), tmp_path / "build.duckdb"
    assert segments_of(folder, file, []) == []
    assert [row[1] for row in segments_of(folder, file, ["page"])] == ["Help", "home"]
    assert segments_of(folder, file, []) == []


def test_a_name_that_is_nearly_a_segment_is_looked_for_in_the_files() -> None:
    contract = landing_contract(ROOT)
    extended = with_segments(contract, ["industry", "tariff"])
    for name, before in contract.items():
        added = [column.header for column in extended[name].columns[len(before.columns) :]]
        expected = {"crm_customers": ["tariff"], "survey_responses": ["industry", "tariff"]}
        assert added == expected.get(name, [])
