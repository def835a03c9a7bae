"""Odd ids, dates, signs and spellings of real exports, each in a few rows of its own.

The figure is the right one, and what was made of the oddity is said. Cases that cannot meet, each
with a client, months, a file or a campaign of its own, are of one landing and built together.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pointworth.cli import app
from pointworth.warehouse import Warehouse
from worlds import World, dbt_build

BEGIN = date(2024, 5, 1)
ANSWER = "response_id,customer_id,responded_at,score\nr1,c1,2024-06-30T10:00:00,9\n"


def landing(folder: Path, **datasets: str | dict[str, str]) -> World:
    """A world whose landing holds these, not built yet; several files of a dataset by name."""
    world = World(folder)
    world.landing.mkdir(exist_ok=True)
    for name, content in datasets.items():
        files = {f"{name}.csv": content} if isinstance(content, str) else content
        for file, text in files.items():
            path = world.landing / (file if isinstance(content, str) else f"{name}/{file}")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return world


def table(header: str, rows: Iterable[Iterable[object]]) -> str:
    """The text of a CSV file."""
    return "\n".join([header, *(",".join(str(cell) for cell in row) for row in rows), ""])


def customers(*names: str) -> str:
    """A file of customers without attributes."""
    return table("customer_id", ([name] for name in names))


def built(world: World, *select: str, **variables: Any) -> World:
    """Build what leads to some models and test it."""
    statuses = dbt_build(
        world.landing,
        world.file,
        select=[f"+{name}" for name in select],
        tests="data",
        indirect="cautious",
        **variables,
    )
    broken = {
        node: status for node, status in statuses.items() if status not in ("success", "pass")
    }
    assert not broken
    return world


# --- Who an answer is from -----------------------------------------------------------------------

ANSWERS = (
    "response_id,customer_id,respondent_id,client_id,interaction_id,survey_kind,responded_at,score,"
    "verbatim"
)
NOBODY = ("anonymous", " N/A ", "K.A.", "Sconosciuto", "s-4711")


def answer(key: str, day: date, score: int, **ids: str) -> list[object]:
    """A row of ANSWERS."""
    columns = ("customer_id", "respondent_id", "client_id", "interaction_id", "survey_kind")
    return [key, *(ids.get(name, "") for name in columns), f"{day}T10:00:00", score, ""]


def of_nobody() -> list[list[object]]:
    """A client for each word that names nobody."""
    scores = [10] * 20 + [7] * 12 + [3] * 8
    return [
        answer(f"{client}-{n}", BEGIN + timedelta(n), score, respondent_id=word, client_id=client)
        for client, word in ((f"word{at}", word) for at, word in enumerate(NOBODY))
        for n, score in enumerate(scores)
    ]


def of_who_answers_often() -> list[list[object]]:
    rows = []
    for month in range(12):
        day = date(2023, month + 1, 15)
        # A panel of eight: each gives an eighth of its client's answers, but once a month.
        for person in range(8):
            key = f"panel-{month}-{person}"
            rows.append(answer(key, day, 10, respondent_id=f"p{person}", client_id="panel"))
        # The only frequent customer of a small firm, and its two people.
        rows.append(answer(f"firm-{month}-a", day, 3, customer_id="often"))
        rows.append(answer(f"firm-{month}-b", day, 3, customer_id="often", respondent_id="boss"))
        rows.append(answer(f"firm-{month}-c", day, 9, customer_id=f"once{month}"))
    return rows


def of_a_link() -> list[list[object]]:
    """The link of a small client is on few of all answers; customer `link` of the other is one."""
    rows = [
        answer(
            f"large-{n}", BEGIN + timedelta(n // 20), 10, client_id="large", respondent_id=f"p{n}"
        )
        for n in range(400)
    ]
    rows += [
        answer(f"small-{n}", BEGIN + timedelta(n), 3, client_id="small", respondent_id="link-1")
        for n in range(15)
    ]
    return rows + [
        answer(f"link-{n}", BEGIN + timedelta(n), 3, client_id="large", respondent_id="link-1")
        for n in (0, 3)
    ]


def of_nobody_under_a_customer() -> list[list[object]]:
    """Empty means the customer, and so does a word for it; one account with the answers of many
    people is many voices."""
    rows = [
        answer(
            f"shop-{n}",
            BEGIN + timedelta(n % 30),
            10,
            customer_id=f"shop-{n % 30}",
            respondent_id="unknown",
        )
        for n in range(60)
    ]
    return rows + [
        answer(f"web-{n}", BEGIN + timedelta(n), 3, customer_id="shop-web", respondent_id="unknown")
        for n in range(20)
    ]


def of_no_contact() -> list[list[object]]:
    asked = {"survey_kind": "transactional", "client_id": "desk"}
    rows = [answer(f"desk-{n}", BEGIN, 10, interaction_id="0", **asked) for n in range(40)]
    return rows + [
        answer(f"desk-{50 + n}", BEGIN, 3, interaction_id=f"i{n % 5}", **asked) for n in range(10)
    ]


#: Customer 17, person 17 of a client, contact 17 and answer 17; customer a/b and its person c,
#: customer a and its person b/c.
OF_TWO_KINDS: list[list[object]] = [
    ["17", "", "", "", "", "relational", "2024-05-01T10:00:00", 9, ""],
    ["r1", "17", "", "", "", "relational", "2024-05-02T10:00:00", 9, ""],
    ["r2", "", "17", "", "", "relational", "2024-05-03T10:00:00", 9, ""],
    ["r3", "", "17", "other", "", "relational", "2024-05-03T10:00:00", 9, ""],
    ["r4", "a/b", "c", "", "", "relational", "2024-05-04T10:00:00", 9, ""],
    ["r5", "a", "b/c", "", "", "relational", "2024-05-05T10:00:00", 9, ""],
    ["t1", "", "", "", "r6", "transactional", "2024-05-06T10:00:00", 9, ""],
    ["r6", "", "", "", "", "transactional", "2024-05-07T10:00:00", 9, ""],
    ["t2", "17", "", "", "r6", "transactional", "2024-05-07T10:00:00", 9, ""],
]

#: Sent twice over the end of a month; a change of mind, and the same answer months later, are
#: answers of their own.
SENT_TWICE: list[list[object]] = [
    ["twice-1", "twice-a", "", "", "", "", "2024-04-30T23:58:00", 9, "Thanks"],
    ["twice-2", "twice-a", "", "", "", "", "2024-05-01T00:01:00", 9, "Thanks"],
    ["twice-3", "twice-a", "", "", "", "", "2024-06-10T10:00:00", 9, ""],
    ["twice-4", "twice-b", "", "", "", "", "2024-04-10T10:00:00", 3, ""],
    ["twice-5", "twice-b", "", "", "", "", "2024-04-10T10:02:00", 3, "Slow"],
    ["twice-6", "twice-b", "", "", "", "", "2024-04-10T10:03:00", 8, ""],
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Whom answers are from: clients of one landing."""
    rows = [
        *(*of_nobody(), *of_who_answers_often(), *of_a_link(), *of_nobody_under_a_customer()),
        *(*of_no_contact(), *OF_TWO_KINDS, *SENT_TWICE),
    ]
    of_clients = {
        "firm": ["often", *(f"once{n}" for n in range(12))],
        "shop": ["shop-web", *(f"shop-{n}" for n in range(30))],
        "": ["17", "a", "a/b"],
        "twice": ["twice-a", "twice-b"],
    }
    world = landing(
        tmp_path_factory.mktemp("odd_answers"),
        survey_responses=table(ANSWERS, rows),
        crm_customers=table(
            "customer_id,client_id",
            ([name, client] for client, names in of_clients.items() for name in names),
        ),
    )
    return built(
        world,
        *("nps_by_segment", "nps_rolling", "nps_moves", "fct_survey_responses"),
        *("landing_oddities", "landing_reconciliation"),
        minimum_responses=1,
    )


def all_time(world: World, *clients: str, kind: str = "relational") -> dict[str, Any]:
    """Answers counted and NPS of clients."""
    return {
        client: (responses, nps)
        for client, responses, nps in world.rows(
            "select segment_value, responses, nps from marts.nps_by_segment where survey_kind = ? "
            "and period_grain = 'all_time' and segment_dimension = 'client_id'",
            kind,
        )
        if client in clients
    }


def oddities(world: World, *found_in: str) -> list[tuple[Any, ...]]:
    """What was odd there."""
    return [
        row
        for row in world.rows(
            "select oddity, found_in, found, row_count from marts.landing_oddities"
        )
        if row[1] in found_in
    ]


@pytest.mark.parametrize("at", range(len(NOBODY)), ids=NOBODY)
def test_an_id_that_names_nobody_hides_no_answer(answers: World, at: int) -> None:
    client = f"word{at}"
    assert all_time(answers, client) == {client: (40, 30.0)}
    assert oddities(answers, client) == [("id_of_nobody", client, NOBODY[at].strip(), 40)]


def test_no_answer_is_rejected_for_its_ids(answers: World) -> None:
    assert answers.rows(
        "select rows_read, rows_accepted, rows_read = rows_accepted "
        "from marts.landing_reconciliation where dataset = 'survey_responses'"
    ) == [(sum(1 for _ in (answers.landing / "survey_responses.csv").open()) - 1,) * 2 + (True,)]


def test_persons_who_answer_often_stay_persons(answers: World) -> None:
    assert all_time(answers, "panel", "firm") == {
        "panel": (8, 100.0),
        "firm": (14, pytest.approx(100 * 10 / 14)),
    }
    assert oddities(answers, "panel", "firm") == []


def test_a_shared_id_is_looked_for_client_by_client(answers: World) -> None:
    counted = all_time(answers, "large", "small")
    assert {client: n for client, (n, _) in counted.items()} == {"large": 401, "small": 15}
    assert oddities(answers, "large", "small") == [("id_of_nobody", "small", "link-1", 15)]


def test_nobody_under_a_customer_is_the_customer_unless_too_many_speak(answers: World) -> None:
    assert all_time(answers, "shop") == {"shop": (50, pytest.approx(20.0))}


def test_a_contact_that_is_none_hides_no_answer(answers: World) -> None:
    assert all_time(answers, "desk", kind="transactional") == {
        "desk": (45, pytest.approx(100 * 35 / 45))
    }
    assert oddities(answers, "desk") == [("id_of_nobody", "desk", "0", 40)]


def test_ids_of_two_kinds_never_meet(answers: World) -> None:
    assert all_time(answers, "own", "other") == {"own": (5, 100.0), "other": (1, 100.0)}
    assert all_time(answers, "own", kind="transactional") == {"own": (3, 100.0)}
    keys = ", ".join(f"'{row[0]}'" for row in OF_TWO_KINDS)
    assert answers.rows(
        "select count(distinct cluster_id) from intermediate.int_nps_counted_answers "
        "where period_grain = 'all_time' and survey_kind = 'relational' "
        f"and response_id in ({keys})"
    ) == [(6,)]


def test_the_same_answer_within_minutes_is_one(answers: World) -> None:
    by_month = answers.rows(
        "select cast(period_start as varchar), responses from marts.nps_by_segment "
        "where period_grain = 'month' and segment_dimension = 'client_id' "
        "and segment_value = 'twice' order by 1"
    )
    assert by_month == [("2024-04-01", 1), ("2024-05-01", 1), ("2024-06-01", 1)]
    assert answers.rows(
        "select response_id, from_category, to_category from intermediate.int_answer_moves "
        "where response_id like 'twice-%' order by response_id"
    ) == [("twice-2", "promoter", "promoter"), ("twice-5", "detractor", "passive")]


# --- Amounts -------------------------------------------------------------------------------------

LINES = "invoice_line_id,customer_id,invoiced_on,line_kind,amount,currency,service_from,service_to"

#: Notes, the month they are in, what is left of 100.00, and what is found odd.
NOTES = (
    (["40"], "2022-11", "60.00", "credit_notes_made_negative"),
    (["40", "0", "1.50"], "2022-12", "58.50", "credit_notes_made_negative"),
    (["-40"], "2023-01", "60.00", None),
    (["-40", "5"], "2023-02", "65.00", "credit_notes_of_both_signs"),
    (["0"], "2023-03", "100.00", None),
)


def below_a_cent() -> list[list[object]]:
    lines: list[list[object]] = [
        [f"u{n}", "c1", "2022-04-15", "usage", "0.004", "", "", ""] for n in range(1_000)
    ]
    return [*lines, ["x", "c2", "2022-04-15", "usage", "10.125", "", "", ""]]


def of_many_customers() -> list[list[object]]:
    """0.004 of each of 1,000 customers, half of it in July; 1,000 lines of a cent at a rate of
    0.9."""
    lines: list[list[object]] = [
        [f"m{n}", f"m{n}", "2022-07-01", "usage", "0.004", "EUR", "2022-06-16", "2022-07-16"]
        for n in range(1_000)
    ]
    return lines + [
        [f"d{n}", "d", "2022-07-02", "usage", "0.01", "USD", "", ""] for n in range(1_000)
    ]


#: 0.1 + 0.2 as programs write it is 0.3.
OF_MANY_PLACES: list[list[object]] = [
    ["places-a", "c1", "2022-09-15", "usage", "0.30000000000000004", "", "", ""],
    ["places-b", "c1", "2022-09-15", "usage", "0.0000004", "", "", ""],
    ["places-c", "c1", "2022-09-15", "usage", "-0.0000005", "", "", ""],
]


def with_notes(at: int) -> list[list[object]]:
    """A line of 100 and its credit notes, as amounts of one file."""
    notes, month, _, _ = NOTES[at]
    customer = f"note{at}"
    lines: list[list[object]] = [
        [f"{customer}-l", customer, f"{month}-05", "recurring", "100", "", "", ""]
    ]
    return lines + [
        [f"{customer}-{n}", customer, f"{month}-20", "credit_note", amount, "", "", ""]
        for n, amount in enumerate(notes)
    ]


def that_move() -> list[list[object]]:
    """Customers with a line a month in 2024, and what interrupts or corrects it."""
    months = [f"2024-{month:02d}" for month in range(1, 10)]

    def monthly(customer: str, **amounts: str) -> list[list[object]]:
        """100 a month, but for the months given; an empty amount is no line."""
        kept = {month: amounts.get(f"m{month[-2:]}", "100") for month in months}
        return [
            [f"{customer}-{month}", customer, f"{month}-01", "recurring", amount, "", "", ""]
            for month, amount in kept.items()
            if amount
        ]

    def gone(customer: str) -> list[list[object]]:
        return monthly(customer, **{f"m{month:02d}": "" for month in range(4, 10)})

    def correction(customer: str, month: str, amount: str) -> list[object]:
        return [f"{customer}-x{month}", customer, f"{month}-10", "recurring", amount, "", "", ""]

    return [
        *gone("after_the_end"),
        correction("after_the_end", "2024-06", "-100"),
        *gone("charged_later"),
        correction("charged_later", "2024-06", "35"),
        *gone("charged_and_back"),
        correction("charged_and_back", "2024-06", "35"),
        correction("charged_and_back", "2024-07", "-35"),
        *monthly("goes_on"),
        correction("goes_on", "2024-04", "-250"),
        *monthly("free", m05="0.00"),
        *monthly("two_free", m05="0.00", m06="0"),
        *monthly("free_now", m09="0.00"),
        *monthly("free_to_the_end", m04="0.00", m05="", m06="", m07="", m08="", m09=""),
        *monthly("gap", m05=""),
        correction("only_corrected", "2024-03", "-20"),
        *gone("comes_back"),
        *[correction("comes_back", month, "80") for month in ("2024-06", "2024-07")],
        *gone("back_for_a_month"),
        [*correction("back_for_a_month", "2024-06", "80")[:6], "2024-06-01", "2024-07-01"],
    ]


@pytest.fixture(scope="module")
def amounts(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Amounts and their movements: months, customers and files of one landing."""
    lines = [*below_a_cent(), *of_many_customers(), *OF_MANY_PLACES, *that_move()]
    files = {"lines.csv": table(LINES, lines)}
    for at in range(len(NOTES)):
        files[f"notes{at}.csv"] = table(LINES, with_notes(at))
    names = {str(line[1]) for line in lines} | {f"note{at}" for at in range(len(NOTES))}
    world = landing(
        tmp_path_factory.mktemp("odd_amounts"),
        survey_responses=table(
            "response_id,responded_at,score", [["r1", "2024-09-30T10:00:00", 9]]
        ),
        crm_customers=customers(*sorted(names)),
        billing_invoice_lines=files,
        billing_exchange_rates="currency,valid_from,rate_to_reporting\nUSD,2022-01-01,0.9\n",
        finance_ledger_balances="month,currency,amount\n2022-04,EUR,14.13\n",
    )
    return built(
        world, "revenue_reconciliation", "fct_customer_revenue_monthly", "landing_oddities"
    )


def reconciled(world: World, month: str, *columns: str) -> list[tuple[Any, ...]]:
    """Columns of the reconciliation of a month and the next, by month and currency; amounts as
    text."""
    named = ", ".join(f"cast({column} as varchar)" for column in columns)
    return world.rows(
        f"select {named} from marts.revenue_reconciliation "
        f"where month >= date '{month}-01' and month < date '{month}-01' + interval 2 month "
        "order by month, currency"
    )


def test_amounts_below_a_cent_add_up(amounts: World) -> None:
    assert reconciled(
        amounts, "2022-04", "amount_read", "recognised_amount", "unexplained", "ledger_difference"
    ) == [("14.13", "14.13", "0.00", "0.00")]
    assert amounts.rows(
        "select customer_id, net_revenue from marts.fct_customer_revenue_monthly "
        "where revenue_month = date '2022-04-01' order by 1"
    ) == [("c1", Decimal("4.00")), ("c2", Decimal("10.13"))]


def test_small_lines_of_many_customers_in_two_months_and_two_currencies(amounts: World) -> None:
    """The sum is exact though every customer's month rounds to nothing, and a column says so."""
    assert reconciled(
        amounts,
        "2022-06",
        *("cast(month as date)", "currency", "recognised_amount"),
        *("recognised_in_reporting_currency", "customer_month_rounding", "unexplained"),
    ) == [
        ("2022-06-01", "EUR", "2.00", "2.00", "-2.00", "0.00"),
        ("2022-07-01", "EUR", "2.00", "2.00", "-2.00", "0.00"),
        ("2022-07-01", "USD", "10.00", "9.00", "0.00", "0.00"),
    ]
    assert amounts.rows(
        "select net_revenue, net_revenue_constant_currency "
        "from marts.fct_customer_revenue_monthly where customer_id = 'd'"
    ) == [(Decimal("9.00"), Decimal("9.00"))]


def test_more_than_six_places_are_rounded_to_six(amounts: World) -> None:
    assert amounts.rows(
        "select amount from staging.stg_billing__invoice_lines "
        "where invoice_line_id like 'places-%' order by invoice_line_id"
    ) == [(Decimal("0.300000"),), (Decimal("0.000000"),), (Decimal("-0.000001"),)]


@pytest.mark.parametrize("at", range(len(NOTES)))
def test_credit_notes_without_a_sign_are_negative(amounts: World, at: int) -> None:
    _, month, net, finding = NOTES[at]
    assert amounts.rows(
        "select cast(recognised_amount as varchar), cast(unexplained as varchar) "
        f"from marts.revenue_reconciliation where month = date '{month}-01'"
    ) == [(net, "0.00")]
    assert amounts.rows(
        "select sum(net_revenue) from marts.fct_customer_revenue_monthly where customer_id = ?",
        f"note{at}",
    ) == [(Decimal(net),)]
    found = amounts.rows(
        "select oddity from marts.landing_oddities where found_in = ?",
        f"billing_invoice_lines/notes{at}.csv",
    )
    assert found == ([(finding,)] if finding else [])


def movements(world: World) -> dict[str, list[tuple[str, str, str]]]:
    """Months of each customer that move, or correct, in 2024: month, kind, movement."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for customer, month, kind, movement in world.rows(
        "select customer_id, strftime(revenue_month, '%Y-%m'), movement_kind, "
        "cast(movement as varchar) from marts.fct_customer_revenue_monthly "
        "where movement_kind <> 'none' and revenue_month >= date '2024-01-01' "
        "order by customer_id, revenue_month"
    ):
        found.setdefault(customer, []).append((month, kind, movement))
    return found


def test_corrections_and_free_months_are_no_movements(amounts: World) -> None:
    new, churn = ("2024-01", "new", "100.00"), ("2024-04", "churn", "-100.00")
    assert movements(amounts) == {
        "after_the_end": [new, churn],
        "charged_later": [new, churn],
        "charged_and_back": [new, churn],
        "goes_on": [new],
        "free": [new],
        "two_free": [new],
        "free_now": [new],
        "free_to_the_end": [new, churn],
        "gap": [new, ("2024-05", "churn", "-100.00"), ("2024-06", "reactivation", "100.00")],
        "comes_back": [
            *(new, churn),
            ("2024-06", "reactivation", "80.00"),
            ("2024-08", "churn", "-80.00"),
        ],
        "back_for_a_month": [
            *(new, churn),
            ("2024-06", "reactivation", "80.00"),
            ("2024-07", "churn", "-80.00"),
        ],
    }
    assert amounts.rows(
        "select net_revenue, opening_recurring, recurring, recurring_corrections "
        "from marts.fct_customer_revenue_monthly "
        "where customer_id = 'goes_on' and revenue_month = date '2024-04-01'"
    ) == [tuple(Decimal(amount) for amount in ("-150.00", "100.00", "100.00", "-250.00"))]
    assert (
        amounts.rows(
            "select revenue_month from marts.fct_customer_revenue_monthly "
            "where net_revenue <> 0 and movement_kind = 'churn' "
            "and revenue_month >= date '2024-01-01'"
        )
        == []
    )


# --- As it is told --------------------------------------------------------------------------------


@pytest.mark.slow
def test_each_file_has_its_own_way_with_signs(tmp_path: Path) -> None:
    """An old system without signs beside a new one with them; the second build goes on from the
    first, and a signed note that comes later changes the others of its file."""
    world = landing(tmp_path, survey_responses=ANSWER, crm_customers=customers("c1", "c2"))
    folder = world.landing / "billing_invoice_lines"
    folder.mkdir()
    line = ["l0", "c1", "2024-04-05", "recurring", "100", "", "", ""]
    note = ["n0", "c1", "2024-04-20", "credit_note", "40", "", "", ""]
    other = ["n1", "c2", "2024-04-20", "credit_note", "-7", "", "", ""]
    (folder / "old.csv").write_text(table(LINES, [line, note]))
    (folder / "new.csv").write_text(table(LINES, [other]))
    net = (
        "select customer_id, sum(net_revenue) from marts.fct_customer_revenue_monthly "
        "group by 1 order by 1"
    )

    def build() -> list[tuple[Any, ...]]:
        # Everything: a build of a part is not gone on from.
        statuses = dbt_build(world.landing, world.file, tests="data")
        assert set(statuses.values()) <= {"success", "pass"}
        return world.rows(net)

    assert build() == [("c1", Decimal("60.00")), ("c2", Decimal("-7.00"))]
    late = ["n2", "c2", "2024-04-21", "credit_note", "-1", "", "", ""]
    (folder / "old.csv").write_text(table(LINES, [line, note, late]))
    assert build() == [("c1", Decimal("140.00")), ("c2", Decimal("-8.00"))]
    assert world.rows("select oddity, found_in, row_count from marts.landing_oddities") == [
        ("credit_notes_of_both_signs", "billing_invoice_lines/old.csv", 1)
    ]
    assert reconciled(world, "2024-04", "recognised_amount", "sign_corrections") == [
        ("132.00", "0.00")
    ]


def test_a_run_says_what_it_made_of_odd_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the terminal, in run.json and on the page of the run."""
    monkeypatch.setenv("COLUMNS", "300")
    rows = [answer(f"r{n}", BEGIN + timedelta(n), 10, respondent_id="anonymous") for n in range(40)]
    lines = [
        ["l1", "c1", "2024-04-05", "recurring", "100", "", "", ""],
        ["l2", "c1", "2024-04-20", "credit_note", "40", "", "", ""],
    ]
    world = landing(
        tmp_path,
        survey_responses=table(ANSWERS, rows),
        crm_customers=customers("c1"),
        billing_invoice_lines=table(LINES, lines),
    )
    home = tmp_path / "home"
    arguments = ["build", "--landing", str(world.landing), "--home", str(home)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "Found: anonymous in own (survey_responses, 40 rows)." in result.output
    assert "credit_note in billing_invoice_lines.csv (billing_invoice_lines, 1 rows)." in (
        result.output
    )
    (run,) = Warehouse(home).runs()
    assert [found["oddity"] for found in run.record["oddities"]] == [
        "id_of_nobody",
        "credit_notes_made_negative",
    ]
    assert "None of its credit notes has a sign" in run.report_file.read_text("utf-8")


# --- Churn ---------------------------------------------------------------------------------------

CONTRACTS = "subscription_id,customer_id,started_on,notice_on,ended_on,end_reason"


def standing(world: World) -> dict[str, tuple[bool, str | None, str | None]]:
    """Whether a customer is active, when it left and why."""
    return {
        customer: (active, left, why)
        for customer, active, left, why in world.rows(
            "select customer_id, is_active, cast(churned_on as varchar), churn_reason "
            "from marts.dim_customers"
        )
    }


def test_prepaid_service_is_activity(tmp_path: Path) -> None:
    """a1 pays each year in advance, late pays after each year, both by the year; gone paid one year
    and left; corrected was last billed in 2022, what came later gave money back."""
    lines = [
        [
            f"a{year}",
            "a1",
            f"{year}-01-01",
            "recurring",
            1200,
            "",
            f"{year}-01-01",
            f"{year + 1}-01-01",
        ]
        for year in (2022, 2023, 2024)
    ]
    lines += [
        [
            f"l{year}",
            "late",
            f"{year}-12-31",
            "recurring",
            900,
            "",
            f"{year}-01-01",
            f"{year + 1}-01-01",
        ]
        for year in (2022, 2023)
    ]
    lines += [["g", "gone", "2022-03-01", "recurring", 1200, "", "2022-03-01", "2023-03-01"]]
    lines += [["f", "far", "2022-03-01", "recurring", 1200, "", "2022-03-01", "2032-03-01"]]
    lines += [["c1", "corrected", "2022-03-01", "recurring", 12, "", "", ""]]
    lines += [["c2", "corrected", "2024-03-01", "recurring", -12, "", "", ""]]
    world = landing(
        tmp_path,
        survey_responses=table(
            "response_id,customer_id,responded_at,score", [["r1", "a1", "2024-09-01T10:00:00", 9]]
        ),
        crm_customers=customers("a1", "late", "gone", "far", "corrected"),
        billing_invoice_lines=table(LINES, lines),
    )
    built(world, "dim_customers", "churn_cohorts", churn_basis="inactivity")
    assert world.rows(
        "select customer_id, count(*), cast(min(started_on) as varchar) "
        "from intermediate.int_customer_spells group by 1 order by 1"
    ) == [
        ("a1", 1, "2022-01-01"),
        ("corrected", 1, "2022-03-01"),
        ("far", 1, "2022-03-01"),
        ("gone", 1, "2022-03-01"),
        ("late", 1, "2022-01-01"),
    ]
    assert standing(world) == {
        "a1": (True, None, None),
        "far": (True, None, None),
        "late": (False, "2024-06-29", "inactivity"),
        "gone": (False, "2023-08-28", "inactivity"),
        "corrected": (False, "2022-08-28", "inactivity"),
    }


CANCELLED = [
    ["s1", "never", "2024-02-01", "", "2024-02-01", "voluntary"],
    ["s2", "never", "2024-02-01", "2024-02-01", "2024-02-01", "voluntary"],
    ["s3", "stays", "2024-01-01", "", "", ""],
    ["s4", "stays", "2024-02-01", "", "2024-02-01", "non_payment"],
    ["s5", "left", "2023-01-01", "", "2024-01-10", "non_payment"],
    ["s6", "left", "2024-01-20", "", "2024-01-20", "voluntary"],
    ["s7", "left", "2024-03-20", "", "2024-03-20", "voluntary"],
    ["s8", "reversed", "2024-03-20", "", "2024-03-19", "voluntary"],
    ["s9", "notice_at_once", "2024-01-01", "2024-01-01", "2024-03-01", "moved"],
]
SPELLINGS = {
    "non_payment": "non_payment",
    "Non_Payment": "non_payment",
    "non-payment": "non_payment",
    "Non Payment": "non_payment",
    "payment_failed": "non_payment",
    "Morosità": "non_payment",
    "ZAHLUNGSVERZUG": "non_payment",
    "voluntary": "voluntary",
    "Switched": "voluntary",
    "port-out": "voluntary",
    "Déménagement": "moved",
    "deceased": "deceased",
    "ÓBITO": "deceased",
    "insolvency": "closed_business",
    "Fraud": "ended_by_us",
    "4711": "unknown",
    "": "unknown",
}


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Contracts: orders cancelled, and customers who left for a reason in each spelling."""
    of_reasons = [
        [f"e{n}", f"c{n}", "2022-01-01", "", "2024-01-01", spelling]
        for n, spelling in enumerate(SPELLINGS)
    ]
    names = sorted({contract[1] for contract in CANCELLED})
    answers = [[f"r{n}", name, "2024-02-01T10:00:00", 9] for n, name in enumerate(names)]
    answers.append(["rx", "stays", "2024-03-31T10:00:00", 9])
    world = landing(
        tmp_path_factory.mktemp("odd_contracts"),
        survey_responses=table("response_id,customer_id,responded_at,score", answers),
        crm_customers=customers(*names, *(contract[1] for contract in of_reasons)),
        billing_subscriptions=table(CONTRACTS, [*CANCELLED, *of_reasons]),
    )
    return built(
        world,
        *("dim_customers", "churn_cohorts", "churn_after_score"),
        *("rejected_rows", "landing_oddities"),
    )


def test_an_order_cancelled_the_day_it_was_made_is_no_contract(contracts: World) -> None:
    found = standing(contracts)
    assert {contract[1]: found[contract[1]] for contract in CANCELLED} == {
        "never": (False, None, None),
        "stays": (True, None, None),
        "left": (False, "2024-01-10", "non_payment"),
        "reversed": (False, None, None),
        "notice_at_once": (False, "2024-03-01", "moved"),
    }
    assert contracts.rows(
        "select distinct customer_id from intermediate.int_churn_landmarks order by 1"
    ) == [("notice_at_once",), ("stays",)]
    assert "never" not in str(
        contracts.rows("select distinct customer_id from intermediate.int_cohort_members")
    )
    assert contracts.rows("select reasons from marts.rejected_rows") == [("ends_before_start",)]


def test_reasons_to_leave_are_known_by_their_spellings(contracts: World) -> None:
    found = standing(contracts)
    assert {spelling: found[f"c{n}"][2] for n, spelling in enumerate(SPELLINGS)} == SPELLINGS
    assert contracts.rows("select oddity, found, row_count from marts.landing_oddities") == [
        ("unknown_end_reason", "4711", 1)
    ]


# --- Campaigns -----------------------------------------------------------------------------------

DAYS = (("2024-05-30", "2024-05-30"), ("2024-05-30", "2024-06-15"))
IN_BOTH_ARMS = [(order, days) for order in ("treated first", "control first") for days in DAYS]
MOST = "999999999999.999999"
ASSIGNMENTS = (
    "assignment_id,campaign_id,customer_id,arm,is_randomised,assigned_on,accepted,contact_cost,"
    "discount_amount"
)


def in_both_arms(at: int) -> list[list[object]]:
    """Ten customers in both arms, the only ones to leave; the rest in one."""
    order, days = IN_BOTH_ARMS[at]
    rows: list[list[object]] = []
    for n in range(100):
        arms = ["treated", "control"] if n < 10 else [("treated", "control")[n % 2]]
        for place, arm in enumerate(arms if order == "treated first" else arms[::-1]):
            key, customer = f"both{at}-{n}-{place}", f"both{at}-{n}"
            rows.append([key, f"both{at}", customer, arm, 1, days[place], "", "", ""])
    return rows


def assigned_twice(turn: int) -> list[list[object]]:
    """Assigned twice on a day, accepted by one of the rows."""
    return [
        [
            *("ab"[::turn][place] + f"{turn}-{n}", f"turn{turn}", f"turn{turn}-{n}", arm, 1),
            *("2024-05-30", accepted, "", ""),
        ]
        for n in range(40)
        for arm in [("treated", "control")[n % 2]]
        for place, accepted in enumerate((0, 1) if arm == "treated" else (0, 0))
    ]


@pytest.fixture(scope="module")
def campaigns(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Campaigns of one landing; one of the largest amounts, one of parts of a cent."""
    both = [f"both{at}-{n}" for at in range(len(IN_BOTH_ARMS)) for n in range(100)]
    twice = [f"turn{turn}-{n}" for turn in (1, -1) for n in range(40)]
    sent = [
        [f"a{n}", "sms", f"sms{n}", "treated", "", "2024-05-01", "", "0.035", ""]
        for n in range(100)
    ]
    contacts = [
        [f"i{n}", f"sms{n % 7}", "orders", "web_chat", "2024-05-01T10:00:00", "0.0035"]
        for n in range(1_000)
    ]
    span = ["2024-01-01", "2025-01-01"]
    world = landing(
        tmp_path_factory.mktemp("odd_campaigns"),
        survey_responses=table(
            "response_id,customer_id,responded_at,score",
            [
                *([f"r-{name}", name, "2024-05-01T10:00:00", 10] for name in both),
                ["r1", "dear", "2024-06-30T10:00:00", 9],
            ],
        ),
        crm_customers=table(
            "customer_id,region",
            [
                *([name, ""] for name in (*both, *twice, "dear")),
                *([f"sms{n}", f"region {n % 7}"] for n in range(100)),
            ],
        ),
        billing_subscriptions=table(
            CONTRACTS,
            [
                *(
                    [f"s-{at}", name, "2022-06-15", "", "2024-07-01" if at % 100 < 10 else "", ""]
                    for at, name in enumerate(both)
                ),
                *([f"s-{name}", name, "2022-01-01", "", "", ""] for name in twice),
            ],
        ),
        campaign_assignments=table(
            ASSIGNMENTS,
            [
                *(row for at in range(len(IN_BOTH_ARMS)) for row in in_both_arms(at)),
                *assigned_twice(1),
                *assigned_twice(-1),
                *sent,
                ["dear", "dear", "dear", "treated", "", "2024-05-01", "", MOST, MOST],
            ],
        ),
        support_interactions=table(
            "interaction_id,customer_id,journey_stage,channel,opened_at,handling_cost", contacts
        ),
        billing_invoice_lines=table(
            LINES,
            [
                ["a", "dear", "2024-01-05", "recurring", MOST, "EUR", *span],
                ["b", "dear", "2024-01-05", "recurring", MOST, "IRR", *span],
                ["c", "dear", "2024-01-05", "credit_note", MOST, "GBP", "", ""],
                ["d", "dear", "2024-01-05", "usage", "1000000000000", "EUR", "", ""],
            ],
        ),
        billing_exchange_rates=table(
            "currency,valid_from,rate_to_reporting",
            [["GBP", "2024-01-01", "1.17"], ["IRR", "2024-01-01", "0.00002"]],
        ),
    )
    return built(
        world,
        *("retention_action_effects", "retention_action_balance", "landing_oddities"),
        *("revenue_reconciliation", "rejected_rows", "contact_effort"),
        as_of_date="2024-12-31",
    )


def effect(world: World, campaign: str, *columns: str) -> dict[str, Any]:
    """Columns of the effect of a campaign on all of its customers."""
    return world.one(
        f"select {', '.join(columns)} from marts.retention_action_effects "
        "where segment_dimension = 'all' and target_category = 'all' and campaign_id = ?",
        campaign,
    )


@pytest.mark.parametrize("at", range(len(IN_BOTH_ARMS)), ids=map(str, IN_BOTH_ARMS))
def test_customers_in_both_arms_are_in_neither(campaigns: World, at: int) -> None:
    expected = {
        "assigned_treated": 45,
        "assigned_control": 45,
        "treated": 45,
        "control": 45,
        "customers_in_both_arms": 10,
        "events_treated": 0,
        "events_control": 0,
        "risk_difference": 0.0,
        "evidence": "randomised",
    }
    assert effect(campaigns, f"both{at}", *expected) == expected
    assert campaigns.rows(
        "select oddity, row_count from marts.landing_oddities where found_in = ?", f"both{at}"
    ) == [("customers_in_both_arms", 10)]


def test_two_assignments_to_one_arm_are_one_whatever_their_keys(campaigns: World) -> None:
    """The keys of the rows decide nothing."""
    for campaign in ("turn1", "turn-1"):
        expected = {"assigned_treated": 20, "assigned_control": 20, "acceptance": 1.0}
        assert effect(campaigns, campaign, *expected) == expected


def test_the_largest_amounts_pass(campaigns: World) -> None:
    """Nothing overflows on the way: converted, spread, turned, summed."""
    assert campaigns.rows(
        "select currency, cast(round(sum(recognised_amount), 0) as decimal(18, 2)), "
        "sum(unexplained) from marts.revenue_reconciliation group by 1 order by 1"
    ) == [
        ("EUR", Decimal("1000000000000.00"), Decimal("0.00")),
        ("GBP", Decimal("-1000000000000.00"), Decimal("0.00")),
        ("IRR", Decimal("1000000000000.00"), Decimal("0.00")),
    ]
    assert campaigns.rows("select reasons from marts.rejected_rows") == [("not_a_number_amount",)]


def test_costs_of_parts_of_a_cent_add_up(campaigns: World) -> None:
    assert campaigns.rows(
        "select distinct handling_cost from marts.contact_effort where period_grain = 'all_time' "
        "and segment_dimension = 'all' and journey_stage = 'all' and channel = 'all'"
    ) == [(Decimal("3.50"),)]
    assert effect(campaigns, "sms", "cost") == {"cost": Decimal("3.50")}
