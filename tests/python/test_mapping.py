"""Mappings: the mechanism on made-up files, the mistakes, the known figures of the real data."""

import csv
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pointworth.mapping import MappedDataset, MappingError, map_source, sources
from pointworth.project import find_project, landing_contract, project_variables
from pointworth.settings import read_settings

PROJECT = find_project()
REAL = {
    "sfo_survey": PROJECT.parent / "shared/data/sfo_survey_2017",
    "olist": PROJECT.parent / "shared/data/olist",
    "online_retail": PROJECT.parent / "shared/data/online_retail",
}


def rows(landing: Path, query: str) -> list[tuple[Any, ...]]:
    """Run `query` over the datasets of a landing, each a view of its own name."""
    with duckdb.connect() as connection:
        for file in sorted(landing.glob("*.parquet")):
            connection.execute(f"create view {file.stem} as from read_parquet('{file}')")
        return connection.execute(query).fetchall()


def write_csv(path: Path, header: str, lines: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(lines)


# --- made-up exports -----------------------------------------------------------------------------

FACILITIES = (
    "Q7ART,Q7FOOD,Q7STORE,Q7SIGN,Q7WALKWAYS,Q7SCREENS,Q7INFODOWN,Q7INFOUP,Q7WIFI,Q7ROADS,Q7PARK,"
    "Q7AIRTRAIN,Q7LTPARKING,Q7RENTAL,Q7ALL,Q9BOARDING,Q9AIRTRAIN,Q9RENTAL,Q9FOOD,Q9RESTROOM,Q9ALL,"
    "Q10SAFE"
)


def export_sfo_survey(folder: Path) -> None:
    def interview(
        number: int, day: int, method: int, score: object, *ratings: object
    ) -> list[object]:
        unused = [6] * (len(FACILITIES.split(",")) - len(ratings))
        return [number, day, "B", method, *ratings, *unused, score]

    write_csv(
        folder / "2017_SFO_Customer_Survey_made_up.csv",
        f"RESPNUM,INTDATE,BAREA,METHOD,{FACILITIES},NETPRO",
        [
            interview(1, 5, 1, 10, 5, 4),
            interview(2, 31, 2, 0, 0, "Blank", 1),
            interview(3, 6, 3, 11, 5, 5),  # recommendation left blank
            interview(4, 6, 3, "", 5, 5),
        ],
    )


def export_olist(folder: Path) -> None:
    def at(month: int, day: int) -> str:
        return f"2030-{month:02}-{day:02} 10:00:00"

    late = 'Chegou\r\ntarde, "muito"'
    write_csv(
        folder / "olist_customers_dataset.csv",
        "customer_id,customer_unique_id,customer_state",
        [["k1", "ann", "SP"], ["k2", "ann", "RJ"], ["k3", "bob", "BA"], ["k4", "cia", "MG"]],
    )
    write_csv(
        folder / "olist_orders_dataset.csv",
        "order_id,customer_id,order_status,order_purchase_timestamp,order_delivered_carrier_date,"
        "order_delivered_customer_date,order_estimated_delivery_date",
        [
            ["o1", "k1", "delivered", at(1, 1), at(1, 2), at(1, 9), "2030-01-05 00:00:00"],
            ["o2", "k2", "delivered", at(2, 1), at(2, 2), at(2, 3), "2030-02-05 00:00:00"],
            ["o3", "k3", "canceled", at(2, 1), "", "", "2030-02-09 00:00:00"],
            ["o4", "k4", "shipped", at(2, 2), at(2, 3), "", "2030-02-04 00:00:00"],
        ],
    )
    write_csv(
        folder / "olist_order_items_dataset.csv",
        "order_id,order_item_id,product_id,price,freight_value",
        [
            ["o1", 2, "p2", "3.10", "0.20"],
            ["o1", 10, "p2", "3.10", "0.20"],
            ["o1", 1, "p1", "5.00", "0.00"],
            ["o3", 1, "p1", "5.00", "1.00"],
        ],
    )
    write_csv(
        folder / "olist_products_dataset.csv",
        "product_id,product_category_name",
        [["p1", "brinquedos"], ["p2", "sem_traducao"]],
    )
    write_csv(
        folder / "product_category_name_translation.csv",
        "product_category_name,product_category_name_english",
        [["brinquedos", "toys"]],
    )
    write_csv(
        folder / "olist_order_reviews_dataset.csv",
        "review_id,order_id,review_score,review_comment_title,review_comment_message,"
        "review_creation_date,review_answer_timestamp",
        [
            # One review of two orders, and two reviews of one order.
            ["r1", "o1", 1, "Tarde", late, at(2, 6), at(2, 6)],
            ["r1", "o2", 1, "Tarde", late, at(2, 6), at(2, 6)],
            ["r2", "o1", 4, "", "\r\n", at(2, 7), at(2, 7)],
            ["r3", "o3", 1, "", "", at(2, 10), at(2, 10)],
        ],
    )


def export_online_retail(folder: Path, name: str = "online_retail_made_up.parquet") -> None:
    with duckdb.connect() as connection:
        connection.sql(
            """
            from (values
                ('700001', 'X1', 3, '2031-05-01 08:00:00', 1.1, 91, 'Spain'),
                ('700001', 'X1', 3, '2031-05-01 08:00:00', 1.1, 91, 'Spain'),
                ('700001', 'X2', 1, '2031-05-01 08:00:00', 0.001, 91, 'Spain'),
                ('C700002', 'X1', -1, '2031-06-02 08:00:00', 1.1, 91, 'Portugal'),
                ('A700003', 'B', 1, '2031-06-03 08:00:00', -50.5, null, 'Spain'),
                ('700004', 'X1', -7, '2031-06-03 08:00:00', 0, null, 'Spain')
            ) as lines(Invoice, StockCode, Quantity, InvoiceDate, Price, "Customer ID", Country)
            select * replace (
                cast(Quantity as bigint) as Quantity,
                cast(Price as double) as Price,
                cast("Customer ID" as double) as "Customer ID"
            )
            """
        ).write_parquet(str(folder / name))


EXPORTS: dict[str, Callable[[Path], None]] = {
    "sfo_survey": export_sfo_survey,
    "olist": export_olist,
    "online_retail": export_online_retail,
}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "it's, an export"  # a quote and a comma, as folders have them
    folder.mkdir()
    return folder


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "new" / "landing"


# --- what every mapping keeps to -----------------------------------------------------------------


def test_every_source_has_a_made_up_export_here_and_a_row_in_the_readme() -> None:
    readme = (PROJECT / "mappings/README.md").read_text(encoding="utf-8")
    tools = (PROJECT / "tests/python/test_map_tools.py").read_text(encoding="utf-8")
    assert all(source in EXPORTS or f'"{source}"' in tools for source in sources())
    assert all(f"]({source})" in readme for source in sources())


@pytest.mark.parametrize("source", sorted(EXPORTS))
def test_a_landing_is_what_the_contract_and_a_build_expect(
    source: str, export: Path, landing: Path
) -> None:
    EXPORTS[source](export)
    mapped = map_source(source, export, landing)
    contract = landing_contract(PROJECT)
    assert {file.name for file in landing.iterdir()} == {
        "pointworth.yml",
        *(f"{dataset.name}.parquet" for dataset in mapped),
    }
    for dataset in mapped:
        columns = {column.name: column for column in contract[dataset.name].columns}
        found = rows(landing, f"select column_name, column_type from (describe {dataset.name})")
        kinds = {"number": {"INTEGER"}, "amount": {"DECIMAL(18,2)"}, "date": {"DATE"}}
        kinds |= {"timestamp": {"TIMESTAMP"}, "boolean": {"BOOLEAN"}, "text": {"VARCHAR"}}
        assert all(kind in kinds[columns[name].data_type] for name, kind in found)
        assert {c.name for c in columns.values() if c.required} <= {name for name, _ in found}
        key = ", ".join(contract[dataset.name].key)
        assert rows(landing, f"select count(*), count(distinct ({key})) from {dataset.name}") == [
            (dataset.rows, dataset.rows)
        ]
    assert "survey_responses" in {dataset.name for dataset in mapped}
    settings = read_settings(landing, project_variables(PROJECT))
    shares = settings.variables.get("max_rejected_share", {})
    assert set(shares) <= {"default", *contract}


def test_sfo_survey_keeps_answers_and_ratings_and_no_code_for_blank(
    export: Path, landing: Path
) -> None:
    export_sfo_survey(export)
    map_source("sfo_survey", export, landing)
    assert rows(
        landing,
        "select response_id, respondent_id, score, service_line, channel,"
        " cast(responded_at as date) from survey_responses order by all",
    ) == [
        ("1", "1", 10, "boarding_area_b", "gate", date(2017, 5, 5)),
        ("2", "2", 0, "boarding_area_b", "mail", date(2017, 5, 31)),
    ]
    assert rows(
        landing, "select response_id, driver, rating from survey_driver_ratings order by all"
    ) == [("1", "artwork", 5), ("1", "restaurants", 4), ("2", "shops", 1)]


def test_olist_keeps_every_review_of_every_order(export: Path, landing: Path) -> None:
    export_olist(export)
    map_source("olist", export, landing)
    assert rows(
        landing,
        "select response_id, customer_id, interaction_id, service_line, score, verbatim, language"
        " from survey_responses order by all",
    ) == [
        ("r1-o1", "ann", "o1", "toys", 1, 'Tarde Chegou tarde, "muito"', "pt"),
        ("r1-o2", "ann", "o2", None, 1, 'Tarde Chegou tarde, "muito"', "pt"),
        ("r2-o1", "ann", "o1", "toys", 4, None, None),
        ("r3-o3", "bob", "o3", "toys", 1, None, None),
    ]
    assert rows(landing, "from survey_invitations semi join survey_responses using (invitation_id)")
    assert rows(landing, "select customer_id, region from crm_customers order by all") == [
        ("ann", "RJ"), ("bob", "BA"), ("cia", "MG"),
    ]  # fmt: skip


def test_olist_shows_what_went_wrong_with_an_order(export: Path, landing: Path) -> None:
    export_olist(export)
    map_source("olist", export, landing)
    assert rows(
        landing,
        "select interaction_id, journey_stage, reason, is_fault"
        " from support_interactions order by all",
    ) == [
        ("o1", "delivery", "late_delivery", True),
        ("o2", "delivery", "delivery_on_time", False),
        ("o3", "order", "canceled", None),
        ("o4", "delivery", "not_delivered", True),
    ]


def test_olist_bills_price_and_freight_but_no_cancelled_order(export: Path, landing: Path) -> None:
    export_olist(export)
    map_source("olist", export, landing)
    assert rows(
        landing,
        "select invoice_line_id, customer_id, amount from billing_invoice_lines order by all",
    ) == [
        ("o1-1-freight", "ann", Decimal("0.00")),
        ("o1-1-price", "ann", Decimal("5.00")),
        ("o1-10-freight", "ann", Decimal("0.20")),
        ("o1-10-price", "ann", Decimal("3.10")),
        ("o1-2-freight", "ann", Decimal("0.20")),
        ("o1-2-price", "ann", Decimal("3.10")),
    ]


def test_online_retail_keeps_every_line_and_tells_its_kind(export: Path, landing: Path) -> None:
    export_online_retail(export)
    map_source("online_retail", export, landing)
    assert rows(
        landing,
        "select invoice_line_id, customer_id, line_kind, amount"
        " from billing_invoice_lines order by all",
    ) == [
        ("700001-1", "91", "one_off", Decimal("3.30")),
        ("700001-2", "91", "one_off", Decimal("3.30")),
        ("700001-3", "91", "one_off", Decimal("0.00")),
        ("700004-1", None, "one_off", Decimal("0.00")),
        ("A700003-1", None, "bad_debt", Decimal("-50.50")),
        ("C700002-1", "91", "credit_note", Decimal("-1.10")),
    ]
    assert rows(
        landing, "select customer_id, region, cast(acquired_on as varchar) from crm_customers"
    ) == [("91", "Portugal", "2031-05-01")]


def test_days_that_two_sheets_share_get_the_same_keys(export: Path, landing: Path) -> None:
    export_online_retail(export)
    export_online_retail(export, "online_retail_overlap.parquet")
    map_source("online_retail", export, landing)
    assert rows(
        landing,
        "select count(*), count(distinct invoice_line_id), count(distinct billing_invoice_lines)"
        " from billing_invoice_lines",
    ) == [(12, 6, 6)]


# --- mistakes: one sentence, and nothing half-done -----------------------------------------------


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the real contract and one mapping, 'shop', that works."""
    root = tmp_path / "project"
    for part in ("dbt_project.yml", "models/staging/_landing__sources.yml"):
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / part, root / part)
    shop = root / "mappings" / "shop"
    shop.mkdir(parents=True)
    (shop / "survey_responses.sql").write_text(
        "select id as response_id, cast(day as timestamp) as responded_at, score, -- as sent\n"
        "from source_csv('answers*.csv'); -- the end"
    )
    monkeypatch.setenv("POINTWORTH_PROJECT", str(root))
    return root


@pytest.fixture
def answers(export: Path) -> Path:
    write_csv(export / "answers_1.csv", "id,day,score", [["a", "2030-01-01", 9]])
    return export


def test_a_source_is_a_folder_of_sql(project: Path, answers: Path, landing: Path) -> None:
    assert sources() == ["shop"]
    assert map_source("shop", answers, landing) == [
        MappedDataset("survey_responses", 1, landing / "survey_responses.parquet")
    ]
    assert rows(landing, "select response_id, score from survey_responses") == [("a", "9")]


def test_files_of_the_working_directory_are_not_mistaken_for_the_export(
    project: Path, answers: Path, landing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_csv(tmp_path / "answers_1.csv", "id,day,score", [["wrong", "2030-01-01", 0]])
    monkeypatch.chdir(tmp_path)
    map_source("shop", answers, landing)
    assert rows(landing, "select response_id from survey_responses") == [("a",)]


def test_an_empty_landing_folder_is_filled(project: Path, answers: Path, landing: Path) -> None:
    landing.mkdir(parents=True)
    assert map_source("shop", answers, landing)[0].rows == 1


SURVEY = "survey_responses.sql"
ANSWER = "select '1' as response_id, now() as responded_at, 9 as score"


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        (
            "orders.sql",
            "select 1 as id",
            "mappings/shop/orders.sql names no dataset .* rename it to",
        ),
        (
            SURVEY,
            f"{ANSWER}, 1 as mood",
            "shop/survey_responses.sql selects mood, .* use the columns",
        ),
        (SURVEY, "select '1' as response_id", "lacks responded_at, score, .* add it to the select"),
        (SURVEY, f"{ANSWER}; {ANSWER}", "must hold one select statement"),
        (SURVEY, "create table t as select 1", "must hold one select statement"),
        (SURVEY, "-- to do", "must hold one select statement"),
        (SURVEY, "selec 1", "does not run on .*syntax error"),
        (
            SURVEY,
            f"{ANSWER} from source_csv('lost.csv')",
            "^lost.csv, which .* is not in .*whole export",
        ),
        (SURVEY, f"{ANSWER} from source_file('/../x.csv')", "does not run on"),
        (SURVEY, f"{ANSWER} from read_csv('/etc/passwd')", "does not run on .*Permission Error"),
        (
            SURVEY,
            "select id as response_id, cast(id as timestamp) as responded_at, score,"
            " from source_csv('answers*.csv')",
            "does not run on .*invalid timestamp.* check that the files",
        ),
        ("settings.yml", "currency: GBP", "shop/settings.yml sets currency, which is no setting"),
        ("settings.yml", "landing: here", "shop/settings.yml sets landing, which is no setting"),
        ("settings.yml", "a: [", "shop/settings.yml could not be read as YAML"),
        ("settings.yml", "max_rejected_share: {default: 5}", "give a number from 0 to 1"),
    ],
)
def test_a_mistake_in_a_mapping_is_one_sentence_and_leaves_nothing(
    file: str, content: str, sentence: str, project: Path, answers: Path, landing: Path
) -> None:
    (project / "mappings/shop" / file).write_text(content)
    with pytest.raises(MappingError, match=sentence) as caught:
        map_source("shop", answers, landing)
    assert "\n" not in str(caught.value)
    assert not landing.exists()
    assert not any(landing.parent.glob(".*"))


def test_the_required_dataset_may_not_be_forgotten(
    project: Path, answers: Path, landing: Path
) -> None:
    mapping = project / "mappings/shop/survey_responses.sql"
    mapping.rename(mapping.with_name("survey_invitations.sql"))
    with pytest.raises(MappingError, match="lacks the required dataset survey_responses: add"):
        map_source("shop", answers, landing)


def test_an_unknown_source_names_the_known_ones(export: Path, landing: Path) -> None:
    with pytest.raises(
        MappingError, match=r"'shop': use one of .*olist, online_retail, .*sfo_survey"
    ):
        map_source("shop", export, landing)


def test_an_export_that_is_not_there_is_said(project: Path, tmp_path: Path, landing: Path) -> None:
    with pytest.raises(MappingError, match="nowhere is not a folder: pass the one"):
        map_source("shop", tmp_path / "nowhere", landing)
    (tmp_path / "empty").mkdir()
    with pytest.raises(MappingError, match=r"^answers\*.csv, which .* is not in .*empty"):
        map_source("shop", tmp_path / "empty", landing)


def test_a_landing_that_holds_something_is_left_as_it_is(
    project: Path, answers: Path, landing: Path
) -> None:
    map_source("shop", answers, landing)
    before = (landing / "survey_responses.parquet").stat().st_mtime_ns
    with pytest.raises(MappingError, match="is not an empty folder: empty it or choose"):
        map_source("shop", answers, landing)
    assert (landing / "survey_responses.parquet").stat().st_mtime_ns == before


def test_a_landing_that_cannot_be_written_is_said(
    project: Path, answers: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MappingError, match="is not an empty folder"):
        map_source("shop", answers, tmp_path / "file")
    with pytest.raises(MappingError, match="file"):
        map_source("shop", answers, tmp_path / "file" / "landing")


# --- known figures of the real data --------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Landings of the public data already made in this module."""
    return {"root": tmp_path_factory.mktemp("real")}


def real_landing(source: str, made: dict[str, Path]) -> Path:
    if not REAL[source].is_dir():
        pytest.skip(f"needs the public data in {REAL[source]}, which is not part of the project")
    if source not in made:
        made[source] = made["root"] / source
        map_source(source, REAL[source], made[source])
    return made[source]


def test_san_francisco_has_the_known_score(real: dict[str, Path]) -> None:
    landing = real_landing("sfo_survey", real)
    assert rows(
        landing,
        """
        select
            count(*) filter (where score <= 6), count(*) filter (where score in (7, 8)),
            count(*) filter (where score >= 9), count(*), count(distinct respondent_id),
            round(100.0 * avg(case when score >= 9 then 1 when score <= 6 then -1 else 0 end), 4),
        from survey_responses
        """,
    ) == [(342, 968, 1436, 2746, 2746, 39.8398)]
    assert rows(
        landing,
        """
        select count(*), count(distinct driver), min(rating), max(rating),
            count(*) filter (where response_id not in (select response_id from survey_responses)),
        from survey_driver_ratings
        """,
    ) == [(44577, 22, 1, 5, 0)]


def test_late_deliveries_score_lower_by_the_known_difference(real: dict[str, Path]) -> None:
    landing = real_landing("olist", real)
    (late, on_time) = rows(
        landing,
        """
        select reason, count(*) as reviews, avg(score) as stars,
        from survey_responses join support_interactions using (interaction_id)
        where reason in ('late_delivery', 'delivery_on_time')
        group by reason order by reason desc
        """,
    )
    print(f"late {late}, on time {on_time}, difference {late[2] - on_time[2]:.4f} stars")
    assert (late[1], on_time[1]) == (323, 3562)
    assert on_time[2] - late[2] == pytest.approx(1.87, abs=0.005)


def test_olist_loses_nothing_but_cancelled_items(real: dict[str, Path]) -> None:
    landing = real_landing("olist", real)
    assert rows(
        landing,
        """
        select
            (select count(*) from crm_customers), (select count(*) from survey_responses),
            (select count(*) from support_interactions),
            (select count(*) from billing_invoice_lines),
            (select sum(amount) from billing_invoice_lines),
            (select count(*) from survey_responses anti join crm_customers using (customer_id)),
        """,
    ) == [(3998, 3986, 4000, 8994, Decimal("637074.98"), 0)]


def test_online_retail_credit_notes_come_to_the_known_sum(real: dict[str, Path]) -> None:
    landing = real_landing("online_retail", real)
    assert rows(
        landing,
        """
        select line_kind, count(*), count(distinct invoice_id), sum(amount),
        from billing_invoice_lines group by line_kind order by line_kind
        """,
    ) == [
        ("bad_debt", 3, 3, Decimal("-136552.02")),
        ("credit_note", 10206, 4592, Decimal("-629855.37")),
        ("one_off", 515252, 24221, Decimal("10305892.01")),
    ]
    assert rows(
        landing,
        """
        select
            count(*), count(distinct invoice_line_id), count(*) - count(customer_id),
            sum(amount) filter (where customer_id is not null),
            (select count(*) from crm_customers), (select count(*) from survey_responses),
        from billing_invoice_lines
        """,
    ) == [(525461, 525461, 107927, Decimal("8348208.56"), 4383, 0)]
