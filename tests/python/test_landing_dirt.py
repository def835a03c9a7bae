"""Every reason to reject a row, in every form of a landing; the good rows stay as they are."""

import gzip
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import worlds
from pointworth_worlds import simulate
from proofs import first_of
from worlds import OF_THE_HOME, World, built_once

SIZE = {"customers": 800, "seed": 3}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The small world, clean."""
    return worlds.small(tmp_path_factory)


@pytest.fixture(scope="module", params=first_of("csv", "parquet"))
def dirty(
    request: pytest.FixtureRequest, small: World, tmp_path_factory: pytest.TempPathFactory
) -> World:
    """The same world with one bad row in twenty; as CSV, clean files are delivered once more."""

    def make(folder: Path) -> None:
        simulate("consumer_carrier", folder, format=request.param, dirt=0.05, **SIZE)
        if request.param == "csv":
            deliver_again(small.landing, folder)

    return built_once(tmp_path_factory, f"dirty_{request.param}", make)


def deliver_again(clean: Path, folder: Path) -> None:
    """The clean file of each dataset beside its dirty one."""
    for path in list(folder.glob("*.csv")):
        parts = folder / path.stem
        parts.mkdir()
        path.rename(parts / "dirty.csv")
        shutil.copy(clean / path.name, parts / "once_more.csv")


def delivered_again(dirty: World) -> dict[str, int]:
    """The good rows by dataset that are there a second time."""
    is_there = (dirty.landing / "survey_responses").is_dir()
    return {name: rows["accepted"] * is_there for name, rows in dirty.truth["rows"].items()}


def reasons_of(world: World) -> dict[str, dict[str, int]]:
    """Rejected rows by dataset and reason."""
    found: dict[str, dict[str, int]] = {}
    for dataset, reason, count in world.rows(
        "select dataset, reasons, count(*) from marts.rejected_rows group by all"
    ):
        found.setdefault(dataset, {})[reason] = count
    return found


def test_every_bad_row_is_rejected_for_its_one_reason(dirty: World) -> None:
    """Whether planted, or delivered a second time."""
    planted = dirty.truth["dirt"]
    expected = {name: dict(reasons) for name, reasons in planted.items()}
    for name, rows in delivered_again(dirty).items():
        if rows:
            reasons = expected.setdefault(name, {})
            reasons["exact_duplicate"] = reasons.get("exact_duplicate", 0) + rows
    assert reasons_of(dirty) == expected
    assert len({reason for reasons in planted.values() for reason in reasons}) > 40


def test_read_is_accepted_and_rejected(dirty: World) -> None:
    again = delivered_again(dirty)
    planted = {
        name: {
            "read": rows["read"] + again[name],
            "accepted": rows["accepted"],
            "rejected": rows["rejected"] + again[name],
        }
        for name, rows in dirty.truth["rows"].items()
    }
    found = {
        dataset: {"read": read, "accepted": accepted, "rejected": rejected}
        for dataset, read, accepted, rejected, difference in dirty.rows(
            "select dataset, rows_read, rows_accepted, rows_rejected, difference "
            "from marts.landing_reconciliation where not is_absent"
        )
        if difference == 0
    }
    assert found == planted


def same_marts(one: World, other: World, *, without: tuple[str, ...] = ()) -> None:
    """All marts have the same rows; doubles to nine digits."""
    assert one.marts() == other.marts()
    with duckdb.connect() as connection:
        for name, world in (("one", one), ("other", other)):
            connection.execute(f"attach '{world.file}' as {name} (read_only)")
        for mart, columns in one.marts().items():
            if mart in without or mart in OF_THE_HOME:
                continue
            kinds = dict(
                connection.execute(
                    "select column_name, data_type from information_schema.columns "
                    "where table_catalog = 'one' and table_schema = 'marts' and table_name = ?",
                    [mart],
                ).fetchall()
            )
            # Sorted by what is exact; doubles come last and only by four digits.
            exact = [c for c in columns if kinds[c] != "DOUBLE"]
            order = ", ".join(exact + [f"round({c}, 4)" for c in columns if c not in exact])
            left = connection.execute(f"from one.marts.{mart} order by {order}").df()
            right = connection.execute(f"from other.marts.{mart} order by {order}").df()
            pd.testing.assert_frame_equal(left, right, rtol=1e-8, atol=1e-9, obj=mart)


def test_bad_rows_and_files_delivered_twice_change_no_figure(dirty: World, small: World) -> None:
    same_marts(
        dirty,
        small,
        without=("landing_reconciliation", "rejected_rows", "revenue_reconciliation"),
    )


def test_nothing_personal_reaches_the_marts(dirty: World) -> None:
    people = dirty.rows(
        "select customer_name, email, phone from landing.crm_customers where email is not null "
        "and customer_name is not null and length(customer_name) > 6 limit 40"
    )
    assert people
    domain = people[0][1].split("@")[1]
    needles = {domain, *(text for person in people for text in person if text)}
    with duckdb.connect(str(dirty.file), read_only=True) as connection:
        for mart, columns in dirty.marts().items():
            text = " || ' ' || ".join(f"coalesce(cast({c} as varchar), '')" for c in columns)
            rows = connection.execute(f"select {text} from marts.{mart}").fetchall()
            whole = "\n".join(row for (row,) in rows)
            assert [needle for needle in needles if needle in whole] == [], mart


# Hand-made landings -----------------------------------------------------------------------------

CRM = "customer_id,client_id,acquired_on,customer_name,email\n" + "".join(
    f"c{i},,2015-01-01,Customer {i},customer-{i}@example.org\n" for i in range(8)
)
ANSWERS = "response_id,customer_id,responded_at,score,verbatim\n"


def by_hand(folder: Path) -> None:
    """A landing that has each form and each oddity the contract allows, and what it forbids."""
    folder.mkdir(parents=True)
    (folder / "crm_customers.csv").write_bytes(
        b"\xef\xbb\xbf" + CRM.replace("\n", "\r\n").encode("utf-8")
    )
    parts = folder / "survey_responses"
    parts.mkdir()
    # Columns in another order, one the contract does not know, a line break inside quotes: the
    # record after it is number 4 of its file.
    (parts / "one.csv").write_text(
        "score,verbatim,colour,responded_at,customer_id,response_id\n"
        '9,"write to me at c0@example.org,\nor +39 02 1234 5678",red,2016-01-05T10:00:00,c0,r0\n'
        "7,IBAN IT60 X054 2811 1010 0000 0123 456,red,2016-01-05T23:30:00-02:00,c1,r1\n"
        "6.5,,red,2016-01-05T10:00:00,c2,r2\n"
        "8,,red,2016-03-05T10:00:00,c2,late\n"
        "3,,red,2016-01-06T10:00:00,c7,gone\n",
        "utf-8",
    )
    with gzip.open(parts / "two.csv.gz", "wt", encoding="utf-8") as file:
        file.write(ANSWERS)
        file.write("r1,c1,2016-01-05T23:30:00-02:00,7,\n")
        file.write("r3,,2016-01-07,10,\nr4,nobody,2016-01-07,10,\n,c3,2016-01-07,10,\n")
        file.write("r5,c3,07/01/2016,10,\nr6,c3,2016-01-07,ten,\nr7,c3,2016-01-07,11,\n")
        file.write("r8,c3,2016-01-08,2,good,one,too,many\nr9,c3,2016-01-09,2,\n")
    # A line that is not UTF-8 is malformed; the line behind it is read.
    (parts / "three.csv").write_bytes(
        ANSWERS.encode() + b"r10,,2016-01-10,9,caf\xe9\nr11,,2016-01-10,9,\n"
    )
    rates = folder / "billing_exchange_rates" / "currency=CHF"
    rates.mkdir(parents=True)
    (rates / "a.csv").write_text("valid_from,rate_to_reporting\n2015-01-01,0.9\n", "utf-8")
    (folder / "billing_invoice_lines.csv").write_text(
        "invoice_line_id,customer_id,invoiced_on,amount,currency,service_from,service_to\n"
        "l1,c0,2016-01-01,10,CHF,2016-01-01,2016-02-01\n"
        "l2,c0,2014-01-01,10,CHF,,\nl3,c0,2016-01-01,10,USD,,\n"
        "l4,c0,2016-01-01,10,,2016-02-01,2016-01-01\nl5,c7,2016-01-15,10,,,\n",
        "utf-8",
    )
    (folder / "privacy_erasure_requests.csv").write_text(
        "customer_id,requested_on\nc7,2016-01-20\n", "utf-8"
    )


@pytest.fixture(scope="module")
def made_by_hand(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The hand-made landing, as of the end of January 2016."""
    return built_once(tmp_path_factory, "by_hand", by_hand, as_of_date="2016-01-31")


def test_each_row_is_judged_with_its_own_number(made_by_hand: World) -> None:
    found = {
        (file, row): reasons
        for file, row, reasons in made_by_hand.rows(
            "select source_file, source_row, reasons from marts.rejected_rows"
        )
    }
    one, two = "survey_responses/one.csv", "survey_responses/two.csv.gz"
    lines = "billing_invoice_lines.csv"
    copies = {(one, 3), (two, 2)} & found.keys()
    assert len(copies) == 1
    for copy in copies:
        assert found.pop(copy) in ("exact_duplicate", "duplicate_key")
    assert found.pop(("crm_customers.csv", 9), "erased") == "erased"
    assert found == {
        (one, 4): "score_not_on_scale",
        (one, 5): "in_the_future",
        (one, 6): "erased",
        (two, 4): "unknown_customer",
        (two, 5): "missing_response_id",
        (two, 6): "not_a_date_responded_at",
        (two, 7): "not_a_number_score",
        (two, 8): "score_out_of_range",
        (two, 9): "malformed_row",
        ("survey_responses/three.csv", 2): "malformed_row",
        (lines, 3): "unknown_code_currency",
        (lines, 4): "unknown_code_currency",
        (lines, 5): "ends_before_start",
    }


def test_accepted_rows_are_read_right(made_by_hand: World) -> None:
    answers = {
        response: (customer, str(moment), float(score), text)
        for response, customer, moment, score, text in made_by_hand.rows(
            "select response_id, customer_id, responded_at, score, redacted_verbatim "
            "from marts.fct_survey_responses"
        )
    }
    assert set(answers) == {"r0", "r1", "r3", "r9", "r11"}
    assert answers["r0"][3] == "write to me at [e-mail],\nor [number]"
    assert answers["r1"][1] == "2016-01-06 01:30:00"
    assert answers["r1"][3] in ("IBAN [iban]", None)
    assert answers["r3"][0] is None
    assert made_by_hand.rows(
        "select column_name from landing.ignored_columns where dataset = 'survey_responses'"
    ) == [("colour",)]
    revenue = made_by_hand.rows(
        "select customer_id = 'c7', sum(reporting_amount) "
        "from intermediate.int_revenue_recognised group by all order by all"
    )
    # Nine for ten francs; the erased customer's ten stay, under another key.
    assert [str(amount) for _, amount in revenue] == ["19.000000"]
    assert not any(is_c7 for is_c7, _ in revenue)


def test_absent_datasets_leave_empty_marts_with_the_same_columns(
    made_by_hand: World, small: World
) -> None:
    assert made_by_hand.marts() == small.marts()
    for mart in ("fct_interactions", "fct_subscriptions", "survival_curves", "revenue_scenarios"):
        assert made_by_hand.rows(f"select count(*) from marts.{mart}") == [(0,)]
    query = "select sum(difference) from marts.landing_reconciliation"
    assert made_by_hand.rows(query) == [(0,)]


# Metamorphic ------------------------------------------------------------------------------------

Change = Callable[[Path], None]


def changed(small: World, change: Change) -> Callable[[Path], None]:
    """A maker of the small world's landing with a change."""

    def make(folder: Path) -> None:
        shutil.copytree(small.landing, folder)
        change(folder)

    return make


def shuffle(folder: Path) -> None:
    """Every row elsewhere in its file."""
    with duckdb.connect() as connection:
        for path in folder.glob("*.csv"):
            connection.execute(
                f"copy (select t.* from read_csv('{path}', all_varchar = true) as t "
                f"order by md5(t::varchar)) to '{path}.new' (format csv, header)"
            )
            Path(f"{path}.new").replace(path)


def duplicate(folder: Path) -> None:
    """Every file twice in its dataset's folder."""
    for path in list(folder.glob("*.csv")):
        parts = folder / path.stem
        parts.mkdir()
        shutil.copy(path, parts / "copy.csv")
        path.rename(parts / "original.csv")


def split(folder: Path) -> None:
    """One region becomes two."""
    path = folder / "crm_customers.csv"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * replace (case when region = 'north' and hash(customer_id) % 2 = 0 "
            f"then 'far_north' else region end as region) "
            f"from read_csv('{path}', all_varchar = true)) to '{path}.new' (format csv, header)"
        )
    Path(f"{path}.new").replace(path)


@pytest.mark.slow
def test_the_order_of_rows_does_not_matter(
    small: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = built_once(tmp_path_factory, "shuffled", changed(small, shuffle))
    same_marts(small, other)


@pytest.mark.slow
def test_a_clean_file_delivered_twice_changes_nothing(
    small: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = built_once(tmp_path_factory, "duplicated", changed(small, duplicate))
    same_marts(
        small,
        other,
        without=("landing_reconciliation", "rejected_rows", "revenue_reconciliation"),
    )
    assert set(Counter(r for (r,) in other.rows("select reasons from marts.rejected_rows"))) == {
        "exact_duplicate"
    }
    assert other.rows(
        "select count(*) from marts.landing_reconciliation "
        "where rows_read <> 2 * rows_accepted or rows_rejected <> rows_accepted"
    ) == [(0,)]


@pytest.mark.slow
def test_a_region_split_in_two_leaves_all_else(
    small: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = built_once(tmp_path_factory, "split", changed(small, split))
    query = (
        "select segment_dimension, segment_value, period_grain, cast(period_start as varchar), "
        "survey_kind, score_scale, responses, promoters, detractors, round(nps, 9) "
        "from marts.nps_by_segment where segment_dimension <> 'region' order by all"
    )
    assert small.rows(query) == other.rows(query)
    total = (
        "select period_grain, cast(period_start as varchar), survey_kind, score_scale, "
        "sum(responses), sum(promoters) from marts.nps_by_segment "
        "where segment_dimension = 'region' group by all order by all"
    )
    assert small.rows(total) == other.rows(total)
    value = (
        "select segment_dimension, segment_value, adjustment, base, customers, "
        "round(revenue_per_point, 6) from marts.revenue_per_point "
        "where segment_dimension <> 'region' order by all"
    )
    assert small.rows(value) == other.rows(value)
