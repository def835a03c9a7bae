"""Made-up exports of tools; those of four belong to one company and its customers."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

CUSTOMERS = 90
MONTHS = 18
FIRST = date(2023, 1, 1)
LEAVER_EVERY = 6
"""Every sixth customer leaves, and has said so by a low score."""


RECOMMEND = "How likely are you to recommend us?"
"""The question of the forms."""


def month(place: int) -> date:
    """The first day of the month with that number."""
    return date(FIRST.year + (FIRST.month - 1 + place) // 12, (FIRST.month - 1 + place) % 12 + 1, 1)


def leaves(customer: int) -> bool:
    """Whether a customer ends the contract in its second year."""
    return customer % LEAVER_EVERY == 0


def fee(customer: int) -> int:
    """What a customer pays a month, in cents."""
    return 10_000 + 100 * customer


def is_billed(customer: int, place: int) -> bool:
    """Whether a customer has an invoice in a month."""
    return not leaves(customer) or place < 13


def write_csv(path: Path, header: str | Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A CSV as a loader writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(",") if isinstance(header, str) else header)
        writer.writerows(rows)


def qualtrics(folder: Path) -> None:
    """Answers as Qualtrics exports them: three header rows; people are known by their address."""
    names = [
        "StartDate", "Status", "RecordedDate", "ResponseId", "RecipientEmail", "ExternalReference",
        "DistributionChannel", "UserLanguage", "Q1_NPS_GROUP", "Q1", "Q2_TEXT",
    ]  # fmt: skip
    texts = ["Start Date", "Response Type", "Recorded Date", "Response ID", "Recipient Email",
             "External Data Reference", "Distribution Channel", "User Language",
             "How likely? - Group", "How likely?", "Why?"]  # fmt: skip
    zone = '{{"ImportId":"{}","timeZone":"America/Denver"}}'
    ids = [zone.format("startDate"), '{"ImportId":"status"}', zone.format("recordedDate"),
           *(f'{{"ImportId":"{name}"}}' for name in names[3:])]  # fmt: skip
    rows: list[list[object]] = [[*texts], [*ids]]
    for customer in range(CUSTOMERS):
        for place in (3, 9, 15):
            if not is_billed(customer, place):
                continue
            score = customer % 5 if leaves(customer) else 7 + customer % 4
            stamp = f"{month(place) + timedelta(days=9)} 20:00:00"
            rows.append([stamp, "0", stamp, f"R_{customer}_{place}",
                         f"  Buyer{customer}@Example.com", "", "email", "EN", "x", score,
                         'slow, "again"'])  # fmt: skip
    rows.append([f"{FIRST} 10:00:00", "1", f"{FIRST} 10:00:00", "R_preview", "", "", "preview",
                 "EN", "x", 0, ""])  # fmt: skip
    rows.append([f"{month(5)} 10:00:00", "0", f"{month(5)} 10:00:00", "R_stranger",
                 "stranger@example.com", "", "email", "EN", "x", 9, ""])  # fmt: skip
    write_csv(folder / "Survey_June 1, 2024_10.csv", names, rows)


def surveymonkey(folder: Path) -> None:
    """Two answers under two header rows."""
    question = "How likely is it that you would recommend us to a friend?"
    write_csv(
        folder / "Sheet.csv",
        ["Respondent ID", "Collector ID", "End Date", "Email Address", "Custom Data 1", question,
         "Why?"],
        [("", "", "", "", "", "Response", "Open-Ended Response"),
         ("11", "c", "01/31/2024 01:15:00 PM", "", "C1", "9", "good"),
         ("12", "c", "02/01/2024 09:00:00 AM", "", "", "10 - Extremely likely", "")],
    )  # fmt: skip


def typeform(folder: Path) -> None:
    """One answer, known by a hidden field."""
    write_csv(folder / "responses.csv", ["#", RECOMMEND, "customer_id", "Submit Date (UTC)"],
              [("tok1", "9", "C1", "2024-01-31 13:15:00")])  # fmt: skip


def delighted(folder: Path) -> None:
    """One answer, and a request that nobody answered."""
    write_csv(folder / "delighted.csv",
              ["Response ID", "Email", "Score", "Comment", "Created At", "Customer ID"],
              [("5", "a@b.c", "3", "no", "2024-01-31 13:15:00 UTC", "C1"),
               ("6", "a@b.c", "", "", "2024-01-31 13:15:00 UTC", "C1")])  # fmt: skip


def google_forms(folder: Path) -> None:
    """One answer on the clock of another zone."""
    write_csv(folder / "form.csv", ["Timestamp", "Customer ID", RECOMMEND],
              [("2024/01/31 3:15:00 PM GMT+2", "C1", "10")])  # fmt: skip


def enhanced_lines(folder: Path) -> None:
    """An invoice with its header row, and one that is void."""
    write_csv(
        folder / "stripe__line_item_enhanced.csv",
        "header_id,line_item_id,record_type,customer_id,created_at,total_amount,discount_amount,"
        "refund_amount,tax_amount,fee_amount,currency,header_status",
        [("h", "1", "line_item", "c", "2024-01-05", 100, "", "", "", "", "usd", "paid"),
         ("h", "", "header", "c", "2024-01-05", 100, 10, 20, 22, 3, "usd", "paid"),
         ("v", "1", "line_item", "c", "2024-01-05", 100, "", "", "", "", "usd", "void")],
    )  # fmt: skip


def zendesk(folder: Path) -> None:
    """Tickets as Fivetran lands them; organisations are linked by hand."""
    tickets: list[Sequence[object]] = []
    history: list[Sequence[object]] = []
    for customer in range(CUSTOMERS):
        opened = month(2 + customer % 12) + timedelta(days=4)
        tickets.append((customer + 1, 5000 + customer, f"{opened} 09:00:00", "closed",
                        7000 + customer, "incident", "web", "2024-06-01 00:00:00",
                        "false"))  # fmt: skip
        for days, value in ((1, "solved"), (2, "open"), (5, "solved"), (9, "closed")):
            history.append((customer + 1, "status", f"{opened + timedelta(days)} 12:00:00", value))
    tickets.append((998, 5000, "2023-05-01 09:00:00", "open", 7000, "", "web",
                    "2024-06-01 00:00:00", "true"))  # fmt: skip
    write_csv(
        folder / "ticket.csv",
        "id,requester_id,created_at,status,organization_id,type,via_channel,_fivetran_synced,"
        "_fivetran_deleted",
        tickets,
    )
    write_csv(folder / "ticket_field_history.csv", "ticket_id,field_name,updated,value", history)


def links(path: Path) -> None:
    """Who a Zendesk organisation is in Stripe; the last one nobody has linked."""
    write_csv(
        path,
        "tool,tool_customer_id,customer_id",
        [("zendesk", 7000 + customer, f"cus_{customer}") for customer in range(CUSTOMERS - 1)],
    )


def stripe(file: Path) -> None:
    """Invoices and contracts as dlt lands them, with half a load that must not count."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "set TimeZone = 'UTC'; create schema stripe_data; set schema = 'stripe_data'"
        )
        connection.execute(
            """
            create table _dlt_loads (load_id varchar, schema_name varchar, status bigint);
            insert into _dlt_loads values ('1.5', 'stripe', 0);
            create table customers (
                id varchar, email varchar, created timestamptz, _dlt_load_id varchar,
                _dlt_id varchar
            );
            create table invoices (
                id varchar, customer varchar, currency varchar, status varchar, created timestamptz,
                subscription varchar, _dlt_load_id varchar, _dlt_id varchar
            );
            create table invoices__lines__data (
                id varchar, amount bigint, period__start timestamptz, period__end timestamptz,
                type varchar, _dlt_parent_id varchar, _dlt_id varchar
            );
            create table subscriptions (
                id varchar, customer varchar, start_date timestamptz, canceled_at timestamptz,
                ended_at timestamptz, status varchar, _dlt_load_id varchar, _dlt_id varchar
            );
            """
        )
        connection.execute(
            f"""
            create temp table people as
            select range as n, range % {LEAVER_EVERY} = 0 as leaves from range({CUSTOMERS});

            create temp table bills as
            select n, place, 'in_' || n || '_' || place as id,
                timestamptz '{FIRST}' + to_months(place) as since,
                timestamptz '{FIRST}' + to_months(place + 1) as until
            from people cross join (select range as place from range({MONTHS}))
            where not leaves or place < 13;

            insert into customers
            select 'cus_' || n, 'buyer' || n || '@example.com', timestamptz '{FIRST}', '1.5', n
            from people;

            insert into subscriptions
            select 'sub_' || n, 'cus_' || n, timestamptz '{FIRST}', ended, ended, 'active', '1.5', n
            from (select *, case when leaves then timestamptz '{month(13)}' end as ended
                from people);

            insert into invoices
            select id, 'cus_' || n, 'eur', 'paid', since, 'sub_' || n, '1.5', id from bills;

            insert into invoices__lines__data
            select id || '-l', {fee(0)} + 100 * n, since, until, 'subscription', id, id from bills;
            """
        )
        connection.execute(
            "insert into invoices values ('in_half', 'cus_1', 'eur', 'paid', '2024-01-01', null,"
            " '2.5', 'in_half')"
        )
        connection.execute(
            "insert into invoices__lines__data values ('half', 99999900, null, null, null,"
            " 'in_half', 'half')"
        )


def ledger() -> dict[str, Decimal]:
    """Revenue per month in the general ledger."""
    return {
        f"{month(place):%Y-%m}": Decimal(
            sum(fee(customer) for customer in range(CUSTOMERS) if is_billed(customer, place))
        )
        / 100
        for place in range(MONTHS)
    }


def xero(folder: Path) -> None:
    """Journals: revenue is credited, with a minus; a bank line beside each."""
    journals, lines = [], []
    for place, (_, amount) in enumerate(ledger().items()):
        journals.append((f"j{place}", month(place) + timedelta(days=1), "2024-06-01 00:00:00 UTC"))
        lines += [
            (f"j{place}a", f"j{place}", "REVENUE", -amount),
            (f"j{place}b", f"j{place}", "BANK", amount),
        ]
    write_csv(
        folder / "xero_journal_data.csv", "journal_id,journal_date,_fivetran_synced", journals
    )
    write_csv(
        folder / "xero_journal_line_data.csv",
        "journal_line_id,journal_id,account_type,net_amount",
        lines,
    )


SOURCES = """
sources:
  - {tool: qualtrics, mapping: qualtrics_csv, from: qualtrics}
  - {tool: zendesk, mapping: zendesk, from: zendesk}
  - {tool: stripe, mapping: stripe, from: "warehouse.duckdb:stripe_data"}
  - {tool: xero, mapping: xero_ledger, from: xero}
customers: stripe
links: customer_links.csv
"""


def four_tools(folder: Path) -> Path:
    """All four with what combines them; the file that names them."""
    qualtrics(folder / "qualtrics")
    zendesk(folder / "zendesk")
    stripe(folder / "warehouse.duckdb")
    xero(folder / "xero")
    links(folder / "customer_links.csv")
    (folder / "sources.yml").write_text(SOURCES, "utf-8")
    return folder / "sources.yml"
