"""Mappings of tools: rows of their own, the layouts of loaders, samples of real layouts."""

import csv
import os
import resource
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from rich.console import Console
from typer.testing import CliRunner

import tool_exports
from pointworth.cli import app
from pointworth.map_command import list_sources
from pointworth.mapping import MappingError, find_mapping, map_source, sources
from pointworth.mapping.combining import combine
from pointworth.project import find_project, landing_contract
from tool_exports import write_csv
from worlds import ROOT

SAMPLES = ROOT.parent / "shared" / "data" / "connector_samples"
NO_ANSWERS = "select '' as response_id, '' as responded_at, '' as score where false"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    return folder


def mapped(source: str, export: Path | str, tmp_path: Path) -> Path:
    """The landing of one tool by itself, whether or not it has answers."""
    folder = tmp_path / "mappings" / source
    shutil.copytree(find_project() / "mappings" / source, folder)
    if not (folder / "survey_responses.sql").exists():
        (folder / "survey_responses.sql").write_text(NO_ANSWERS)
    landing = tmp_path / f"landing-{source}"
    map_source(folder, export, landing)
    return landing


def rows(landing: Path, dataset: str, columns: str) -> list[tuple[object, ...]]:
    return duckdb.sql(
        f"select {columns} from read_parquet('{landing}/{dataset}.parquet') order by all"
    ).fetchall()


# Survey tools -----------------------------------------------------------------------------------


def test_qualtrics_csv_has_three_header_rows_and_a_zone(export: Path, tmp_path: Path) -> None:
    tool_exports.qualtrics(export)
    landing = mapped("qualtrics_csv", export, tmp_path)
    found = rows(landing, "survey_responses", "response_id, responded_at, score, verbatim")
    # Eight in the evening in Denver in April is two in the morning in UTC.
    assert ("R_1_3", "2023-04-11 02:00:00", "8", 'slow, "again"') in found
    assert not [row for row in found if row[0] in ("R_preview", "Response ID")]
    assert len({row[0] for row in found}) == len(found) == 256


def test_qualtrics_tsv_is_utf_16_with_tabs(export: Path, tmp_path: Path) -> None:
    tool_exports.qualtrics(tmp_path / "csv")
    (csv_file,) = (tmp_path / "csv").glob("*.csv")
    with csv_file.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    with (export / "Survey.tsv").open("w", encoding="utf-16", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(lines)
    answers = "response_id, customer_id, responded_at, score, verbatim"
    found = rows(mapped("qualtrics_csv", export, tmp_path / "1"), "survey_responses", answers)
    assert found == rows(
        mapped("qualtrics_csv", tmp_path / "csv", tmp_path / "2"), "survey_responses", answers
    )
    shutil.copy(csv_file, export)
    with pytest.raises(MappingError, match="several formats"):
        mapped("qualtrics_csv", export, tmp_path / "3")


def test_qualtrics_tables_give_the_question_that_is_nps(export: Path, tmp_path: Path) -> None:
    write_csv(export / "survey_response.csv", "id,survey_id,recorded_date,status,_fivetran_synced",
              [("R1", "S", "2024-01-02 03:00:00", 0, "2024-01-03"),
               ("R1", "S", "2024-01-02 01:00:00", 0, "2024-01-01"),
               ("R2", "S", "2024-01-02 03:00:00", 1, "2024-01-03")])  # fmt: skip
    write_csv(export / "question.csv", "id,survey_id,question_type,selector",
              [("Q1", "S", "MC", "NPS"), ("Q2", "S", "TE", "SL"),
               ("Q1", "T", "MC", "SAVR")])  # fmt: skip
    write_csv(export / "question_response.csv", "response_id,question_id,value,text",
              [("R1", "Q1", 9, ""), ("R1", "Q2", "", "fine"), ("R2", "Q1", 0, "")])  # fmt: skip
    write_csv(export / "survey_embedded_data.csv", "response_id,key,value",
              [("R1", "Customer ID", "C7"), ("R1", "Website", "x")])  # fmt: skip
    landing = mapped("qualtrics", export, tmp_path)
    assert rows(landing, "survey_responses", "response_id, customer_id, responded_at, score,"
                "verbatim") == [("R1", "C7", "2024-01-02 03:00:00", "9", "fine")]  # fmt: skip


def test_surveymonkey_has_two_header_rows(export: Path, tmp_path: Path) -> None:
    tool_exports.surveymonkey(export)
    landing = mapped("surveymonkey", export, tmp_path)
    assert rows(landing, "survey_responses", "response_id, customer_id, responded_at, score") == [
        ("11", "C1", "2024-01-31 13:15:00", "9"),
        ("12", None, "2024-02-01 09:00:00", "10"),
    ]


def test_a_survey_tool_alone_has_the_customers_that_it_names(export: Path, tmp_path: Path) -> None:
    tool_exports.surveymonkey(export)
    landing = mapped("surveymonkey", export, tmp_path)
    assert rows(landing, "crm_customers", "customer_id") == [("C1",)]


def test_typeform_delighted_and_google_forms(export: Path, tmp_path: Path) -> None:
    tool_exports.typeform(export / "t")
    tool_exports.delighted(export / "d")
    tool_exports.google_forms(export / "g")
    for source, folder, key, score in (
        ("typeform", "t", "tok1", "9"),
        ("delighted", "d", "5", "3"),
        ("google_forms", "g", "row-1", "10"),
    ):
        landing = mapped(source, export / folder, tmp_path)
        assert rows(
            landing, "survey_responses", "response_id, customer_id, responded_at, score"
        ) == [(key, "C1", "2024-01-31 13:15:00", score)]


# Support and CRM --------------------------------------------------------------------------------


def test_zendesk_tickets_reopened_merged_and_deleted(export: Path, tmp_path: Path) -> None:
    write_csv(
        export / "ticket.csv",
        "id,requester_id,created_at,status,organization_id,via_channel,merged_ticket_ids,"
        "_fivetran_deleted",
        [(1, 9, "2024-01-01 08:00:00", "closed", 7, "voice", "[2]", "FALSE"),
         (2, 9, "2024-01-01 08:05:00", "closed", 7, "email", "[]", "FALSE"),
         (3, 9, "2024-01-02 08:00:00", "open", "", "chat", "", "FALSE"),
         (4, 9, "2024-01-02 08:00:00", "open", 7, "chat", "", "TRUE"),
         (5, 9, "2024-01-02 08:00:00", "deleted", 7, "chat", "", "FALSE")],
    )  # fmt: skip
    write_csv(
        export / "ticket_field_history.csv",
        "ticket_id,field_name,updated,value",
        [(1, "status", "2024-01-01 09:00:00", "solved"),
         (1, "status", "2024-01-02 09:00:00", "open"),
         (1, "status", "2024-01-03 09:00:00", "solved"),
         (1, "status", "2024-01-07 09:00:00", "closed"),
         (3, "status", "2024-01-03 09:00:00", "solved")],
    )  # fmt: skip
    write_csv(export / "satisfaction_rating.csv", "id,ticket_id,score,created_at,comment",
              [(1, 1, "good", "2024-01-08 09:00:00", "thanks"),
               (2, 3, "bad", "2024-01-08 09:00:00", ""),
               (3, 3, "offered", "2024-01-08 09:00:00", "")])  # fmt: skip
    landing = mapped("zendesk", export, tmp_path)
    assert rows(
        landing, "support_interactions", "interaction_id, customer_id, channel, resolved_at"
    ) == [("1", "7", "phone", "2024-01-03 09:00:00"), ("3", "9", "web_chat", None)]
    assert rows(landing, "survey_responses", "interaction_id, score, score_scale") == [
        ("1", "1", "good_bad_0_1"),
        ("3", "0", "good_bad_0_1"),
    ]


def test_hubspot_and_salesforce_contacts_belong_to_accounts(export: Path, tmp_path: Path) -> None:
    write_csv(export / "h" / "company.csv", "id,property_name,property_createdate,is_deleted",
              [(1, "A", "2020-12-30 3:15:52", "false"), (2, "B", "", "true")])  # fmt: skip
    write_csv(export / "h" / "ticket.csv", "id,property_createdate,property_closed_date",
              [(5, "2024-01-01 08:00:00", "2024-01-02 08:00:00")])  # fmt: skip
    write_csv(export / "h" / "ticket_company.csv", "ticket_id,company_id", [(5, 1), (5, 1)])
    landing = mapped("hubspot", export / "h", tmp_path)
    assert rows(landing, "crm_customers", "customer_id, acquired_on") == [("1", "2020-12-30")]
    assert rows(landing, "support_interactions", "interaction_id, customer_id, resolved_at") == [
        ("ticket-5", "1", "2024-01-02 08:00:00")
    ]
    write_csv(export / "s" / "account.csv", "id,type,is_deleted",
              [("a1", "Customer", "false"), ("a2", "Customer", "true")])  # fmt: skip
    write_csv(export / "s" / "contact.csv", "id,account_id", [("c1", "a1")])
    write_csv(export / "s" / "case.csv", "id,contact_id,created_date,origin,type",
              [("k1", "c1", "2024-01-01T08:00:00+02:00", "Phone", "Complaint")])  # fmt: skip
    write_csv(export / "s" / "task.csv", "id,account_id,created_date,task_subtype",
              [("t1", "a1", "2024-01-01 08:00:00", "Call"),
               ("t2", "a1", "2024-01-01 08:00:00", "Email")])  # fmt: skip
    landing = mapped("salesforce", export / "s", tmp_path)
    assert rows(landing, "crm_customers", "customer_id, customer_type") == [("a1", "customer")]
    assert rows(
        landing, "support_interactions", "interaction_id, customer_id, channel, opened_at"
    ) == [
        ("case-k1", "a1", "phone", "2024-01-01 06:00:00"),
        ("task-t1", "a1", "phone", "2024-01-01 08:00:00"),
    ]


def test_the_owner_is_a_segment_for_who_wants_it(export: Path, tmp_path: Path) -> None:
    write_csv(export / "account.csv", "id,type,OwnerId", [("a1", "Customer", "o7")])
    landing = mapped("salesforce", export, tmp_path)
    assert rows(landing, "crm_customers", "customer_id, account_owner") == [("a1", "o7")]


def test_a_segment_of_ones_own_is_a_column_that_the_settings_name(
    export: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "survey_responses.sql").write_text(NO_ANSWERS)
    (folder / "crm_customers.sql").write_text("select 'c' as customer_id, '2 years' as term")
    with pytest.raises(MappingError, match=r"selects term, .*under `segments` of the settings"):
        map_source(folder, export, tmp_path / "landing")
    (folder / "settings.yml").write_text("segments: [term]\n")
    map_source(folder, export, tmp_path / "landing")
    assert rows(tmp_path / "landing", "crm_customers", "customer_id, term") == [("c", "2 years")]
    sources_file = tmp_path / "sources.yml"
    sources_file.write_text(
        f"sources: [{{tool: ours, mapping: ours, from: {export}}}]\n"
        "customers: ours\nsettings: ours/settings.yml\n"
    )
    combine(sources_file, tmp_path / "both")
    assert rows(tmp_path / "both", "crm_customers", "customer_id, term") == [("c", "2 years")]


# Billing ----------------------------------------------------------------------------------------


def test_stripe_counts_in_cents_but_not_in_yen_and_no_drafts(export: Path, tmp_path: Path) -> None:
    write_csv(export / "invoice.csv", "id,customer_id,currency,status,created",
              [("i1", "c", "eur", "paid", "2024-01-05"), ("i2", "c", "jpy", "open", "2024-01-05"),
               ("i3", "c", "eur", "draft", "2024-01-05")])  # fmt: skip
    write_csv(
        export / "invoice_line_item.csv", "id,invoice_id,amount,type,period_start,period_end",
        [("l1", "i1", 1999, "subscription", "2024-01-05", "2024-02-05"),
         ("l2", "i2", 1999, "invoiceitem", "2024-01-05", "2024-01-05"),
         ("l3", "i3", 1999, "", "", "")],
    )  # fmt: skip
    write_csv(export / "credit_note.csv", "id,invoice_id,created,subtotal,status",
              [("cn", "i1", "2024-01-09", 500, "issued"),
               ("cv", "i1", "2024-01-09", 500, "void")])  # fmt: skip
    landing = mapped("stripe", export, tmp_path)
    assert rows(
        landing,
        "billing_invoice_lines",
        "invoice_line_id, line_kind, amount, currency, service_to",
    ) == [
        ("cn", "credit_note", Decimal("-5.00"), "EUR", None),
        ("l1-i1", "recurring", Decimal("19.99"), "EUR", "2024-02-05"),
        ("l2-i2", "one_off", Decimal("1999.00"), "JPY", None),
    ]


def test_recurly_takes_the_newest_version_and_nothing_carried_forward(
    export: Path, tmp_path: Path
) -> None:
    write_csv(
        export / "line_item_history.csv",
        "id,updated_at,account_id,invoice_id,amount,subtotal,discount,type,state,origin,currency",
        [("l", "2024-01-01", "a", "i", 10, 10, 0, "charge", "pending", "debit", "USD"),
         ("l", "2024-01-02", "a", "i", 11, 12, 2, "charge", "invoiced", "debit", "USD"),
         ("c", "2024-01-02", "a", "i", 5, 5, 0, "charge", "invoiced", "carryforward", "USD")],
    )  # fmt: skip
    write_csv(export / "invoice_history.csv", "id,updated_at,state,created_at",
              [("i", "2024-01-02", "paid", "2024-01-02")])  # fmt: skip
    landing = mapped("recurly", export, tmp_path)
    assert rows(landing, "billing_invoice_lines", "invoice_line_id, cast(amount as varchar)") == [
        ("l", "10.00")
    ]


def test_the_enhanced_table_has_headers_beside_lines(export: Path, tmp_path: Path) -> None:
    tool_exports.enhanced_lines(export)
    landing = mapped("line_item_enhanced", export, tmp_path)
    assert rows(landing, "billing_invoice_lines", "invoice_line_id, line_kind, amount") == [
        ("h-1", "one_off", Decimal("100.00")),
        ("h-discount", "credit_note", Decimal("-10.00")),
        ("h-refund", "credit_note", Decimal("-20.00")),
    ]


def test_xero_is_net_of_tax_and_its_journals_are_the_ledger(export: Path, tmp_path: Path) -> None:
    tool_exports.xero(export)
    write_csv(
        export / "invoice.csv",
        "invoice_id,contact_id,date,type,status,currency_code,currency_rate,line_amount_types",
        [("i", "k", "2024-01-05", "ACCREC", "PAID", "GBP", "0.8", "Inclusive"),
         ("p", "k", "2024-01-05", "ACCPAY", "PAID", "GBP", "0.8", "Exclusive"),
         ("v", "k", "2024-01-05", "ACCREC", "VOIDED", "GBP", "0.8", "Exclusive")],
    )  # fmt: skip
    write_csv(export / "invoice_line_item.csv", "line_item_id,invoice_id,line_amount,tax_amount",
              [("1", "i", 120, 20), ("2", "p", 50, 0), ("3", "v", 50, 0)])  # fmt: skip
    landing = mapped("xero", export, tmp_path)
    assert rows(landing, "billing_invoice_lines", "invoice_line_id, amount, currency") == [
        ("1", Decimal("100.00"), "GBP")
    ]
    assert rows(landing, "billing_exchange_rates", "currency, valid_from, rate_to_reporting") == [
        ("GBP", "2024-01-05", 1.25)
    ]
    ledger = [(f"{month}-01", amount) for month, amount in tool_exports.ledger().items()]
    assert rows(landing, "finance_ledger_balances", "month, amount") == ledger
    alone = mapped("xero_ledger", export, tmp_path)
    assert rows(alone, "finance_ledger_balances", "month, amount") == ledger


# Loaders ----------------------------------------------------------------------------------------


def test_airbyte_json_versions_and_deleted_rows(tmp_path: Path) -> None:
    file = tmp_path / "raw.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            """
            create schema airbyte;
            create table airbyte._airbyte_raw_accounts
                (_airbyte_ab_id varchar, _airbyte_emitted_at timestamptz, _airbyte_data json);
            insert into airbyte._airbyte_raw_accounts values
                ('1', '2024-01-01', '{"Id": "x"}'),
                ('2', '2024-01-01', '{"id": "a", "type": "Old"}'),
                ('3', '2024-01-02', '{"id": "a", "type": "New"}');
            create schema typed;
            create table typed.accounts (
                id varchar, type varchar, _airbyte_raw_id varchar,
                _airbyte_extracted_at timestamptz, _airbyte_meta json, _ab_cdc_deleted_at varchar
            );
            insert into typed.accounts values
                ('a', 'Old', '1', '2024-01-01', '{}', null),
                ('a', 'New', '2', '2024-01-02', '{}', null),
                ('b', 'Gone', '3', '2024-01-01', '{}', null),
                ('b', 'Gone', '4', '2024-01-02', '{}', '2024-01-02');
            """
        )
    raw = mapped("salesforce", f"{file}:airbyte", tmp_path / "1")
    assert ("a", "new") in rows(raw, "crm_customers", "customer_id, customer_type")
    typed = mapped("salesforce", f"{file}:typed", tmp_path / "2")
    assert rows(typed, "crm_customers", "customer_id, customer_type") == [("a", "new")]


def test_dlt_counts_finished_loads_only_and_ties_children(tmp_path: Path) -> None:
    tool_exports.stripe(tmp_path / "w.duckdb")
    landing = mapped("stripe", tmp_path / "w.duckdb", tmp_path)
    found = rows(landing, "billing_invoice_lines", "invoice_id, amount")
    assert len(found) == sum(
        tool_exports.is_billed(customer, place)
        for customer in range(tool_exports.CUSTOMERS)
        for place in range(tool_exports.MONTHS)
    )
    assert ("in_1_0", Decimal("101.00")) in found


def test_parquet_folders_and_twins_are_kept_for_the_landing(export: Path, tmp_path: Path) -> None:
    (export / "account").mkdir()
    duckdb.sql(
        "copy (select * from (values ('a', 'One', timestamptz '2024-01-01'), "
        "('a', 'Two', timestamptz '2024-01-01'), ('b', 'Three', timestamptz '2024-01-01')) "
        f"as rows(id, type, _fivetran_synced)) to '{export}/account/part.parquet'"
    )
    landing = mapped("salesforce", export, tmp_path)
    assert [row[0] for row in rows(landing, "crm_customers", "customer_id")] == ["a", "a", "b"]


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        ("create table other (x int)", "has no schema with invoice"),
        ("create table invoices (id varchar, customer varchar, currency varchar);"
         "create table invoice_line_items (id varchar, invoice varchar)",
         "invoice_line_item of .* lacks the column amount"),
        ("create table invoices (id varchar, customer varchar, currency varchar,"
         "_dlt_load_id varchar); create table invoice_line_items (id varchar, invoice varchar,"
         "amount int)", "filled by dlt but has no _dlt_loads"),
    ],
)  # fmt: skip
def test_another_layout_is_one_sentence(tmp_path: Path, prepare: str, sentence: str) -> None:
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute(prepare)
    with pytest.raises(MappingError, match=sentence) as caught:
        mapped("stripe", tmp_path / "w.duckdb", tmp_path)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "landing-stripe").exists()


def test_a_file_that_is_no_database_and_one_that_lacks_the_schema(tmp_path: Path) -> None:
    (tmp_path / "x.duckdb").write_text("no database")
    with pytest.raises(MappingError, match="cannot be read as a DuckDB file"):
        mapped("stripe", tmp_path / "x.duckdb", tmp_path / "1")
    tool_exports.stripe(tmp_path / "w.duckdb")
    with pytest.raises(MappingError, match="has no schema raw: use one of stripe_data"):
        mapped("stripe", f"{tmp_path}/w.duckdb:raw", tmp_path / "2")


def test_a_database_that_is_being_written_to_is_one_sentence(tmp_path: Path) -> None:
    tool_exports.stripe(tmp_path / "w.duckdb")
    writes = (
        "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", writes, tmp_path / "w.duckdb"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "held\n"
        with pytest.raises(MappingError, match="is held by another program that writes to it"):
            mapped("stripe", tmp_path / "w.duckdb", tmp_path)
        assert writer.stdin is not None
        writer.stdin.close()
    assert not (tmp_path / "landing-stripe").exists()


@pytest.mark.slow
def test_two_gigabytes_are_mapped_in_bounded_memory(export: Path, tmp_path: Path) -> None:
    duckdb.sql(
        f"""
        copy (
            select
                range as "#",
                range % 11 as "{tool_exports.RECOMMEND}",
                'C' || range % 100000 as customer_id,
                '2024-01-31 13:15:00' as "Submit Date (UTC)",
                repeat('as slow as ever ', 12) as "Why?"
            from range(10_000_000)
        ) to '{export / "responses.csv"}'
        """
    )
    assert (export / "responses.csv").stat().st_size > 2e9
    ran = subprocess.run(
        [sys.executable, "-m", "pointworth", "map", "typeform",
         "--from", export, "--to", tmp_path / "landing"],
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    assert peak < 6_000, f"{peak:.0f} MiB"
    assert rows(tmp_path / "landing", "survey_responses", "count(*)") == [(10_000_000,)]


# Each tool ----------------------------------------------------------------------------------------

OWN_ROWS = {
    "qualtrics_csv": tool_exports.qualtrics,
    "surveymonkey": tool_exports.surveymonkey,
    "typeform": tool_exports.typeform,
    "delighted": tool_exports.delighted,
    "google_forms": tool_exports.google_forms,
    "line_item_enhanced": tool_exports.enhanced_lines,
    "xero_ledger": tool_exports.xero,
}
OF_SAMPLES = ("qualtrics", "zendesk", "stripe", "salesforce", "hubspot", "recurly", "xero")


@pytest.mark.slow
@pytest.mark.parametrize("source", [*OWN_ROWS, *OF_SAMPLES])
def test_each_layout_builds_to_published_marts(source: str, export: Path, tmp_path: Path) -> None:
    if source in OWN_ROWS:
        OWN_ROWS[source](export)
    elif SAMPLES.is_dir():
        export = SAMPLES / source
    else:
        pytest.skip(f"needs the public data in {SAMPLES}, which is not part of the project")
    landing, home = mapped(source, export, tmp_path), tmp_path / "home"
    ran = CliRunner().invoke(
        app,
        ["build", "--landing", str(landing), "--home", str(home), "--max-rejected-share", "1"],
    )
    assert ran.exit_code == 0, ran.output
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as marts:
        read = dict(marts.sql("select dataset, rows_read from landing_reconciliation").fetchall())
        assert marts.sql("from landing_reconciliation where difference <> 0").fetchall() == []
        if rows(landing, "survey_responses", "1"):
            assert marts.sql("from nps_by_segment").fetchall()
    for path in landing.glob("*.parquet"):
        assert read[path.stem] == len(rows(landing, path.stem, "1"))


def test_each_layout_has_an_export_that_is_built() -> None:
    public = {"olist", "online_retail", "sfo_survey"}  # test_mapping builds these
    assert {*OWN_ROWS, *OF_SAMPLES} | public == set(sources())


# Several tools ----------------------------------------------------------------------------------


def test_four_tools_are_linked_and_who_is_not_is_counted(tmp_path: Path) -> None:
    combined = combine(tool_exports.four_tools(tmp_path), tmp_path / "landing")
    landing = tmp_path / "landing"
    assert [line.split(" (")[0] for line in combined.lines] == [
        "qualtrics: 91 customers, 90 by e-mail; 1 unlinked",
        "zendesk: 90 customers, 89 by link; 1 unlinked",
    ]
    assert (landing / "mapped.md").read_text().count("unlinked") == 2
    # An answer of a stranger stays, without a customer; a contact of one is for the landing check.
    lost = rows(landing, "survey_responses", "response_id, respondent_id, customer_id")
    assert next(row for row in lost if row[2] is None)[0] == "qualtrics:R_stranger"
    assert ("zendesk:7089",) in rows(landing, "support_interactions", "customer_id")
    assert len(rows(landing, "crm_customers", "customer_id")) == tool_exports.CUSTOMERS


def test_an_address_of_two_customers_links_nobody(tmp_path: Path) -> None:
    path = tool_exports.four_tools(tmp_path)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(
            "update stripe_data.customers set email = 'buyer1@example.com' where id = 'cus_2'"
        )
    combined = combine(path, tmp_path / "landing")
    assert combined.lines[0].startswith("qualtrics: 91 customers, 88 by e-mail; 3 unlinked")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("customers: stripe", "customers: crm", "must say whose customers count"),
        ("customers: stripe", "", "must say whose customers count"),
        ("links: customer_links.csv", "links: lost.csv", "is not there: mend or remove `links`"),
        ("mapping: zendesk, ", "", "has a source without mapping and from"),
        ("tool: xero", "tool: zendesk", "names a tool twice"),
        ("sources:", "source:", "names no sources"),
        ("mapping: zendesk", "mapping: zendusk", "is not a folder|no mapping called"),
    ],
)
def test_a_mistake_in_what_combines_them_is_one_sentence(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    path = tool_exports.four_tools(tmp_path)
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(MappingError, match=sentence):
        combine(path, tmp_path / "landing")
    assert not (tmp_path / "landing").exists()


def test_a_key_that_is_linked_twice_is_said(tmp_path: Path) -> None:
    path = tool_exports.four_tools(tmp_path)
    with (tmp_path / "customer_links.csv").open("a", newline="") as file:
        file.write("zendesk,7000,cus_5\r\n")
    with pytest.raises(MappingError, match="links 7000 of zendesk to several customers"):
        combine(path, tmp_path / "landing")


@pytest.mark.slow
def test_four_tools_reach_published_marts_that_tie_to_the_ledger(tmp_path: Path) -> None:
    path = tool_exports.four_tools(tmp_path)
    home = tmp_path / "home"
    runner = CliRunner()
    for arguments in (
        ["map", str(path), "--to", str(tmp_path / "landing")],
        ["build", "--landing", str(tmp_path / "landing"), "--home", str(home)],
    ):
        ran = runner.invoke(app, arguments)
        assert ran.exit_code == 0, ran.output
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as marts:
        differences = marts.sql("select max(abs(ledger_difference)) from revenue_reconciliation")
        assert differences.fetchall() == [(Decimal("0.00"),)]
        assert marts.sql("from churn_after_score").fetchall()
        assert marts.sql("from nps_by_segment where nps is not null").fetchall()


# Samples of real layouts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("qualtrics", {"survey_invitations": 5, "survey_responses": 0}),
        ("zendesk", {"crm_customers": 10, "support_interactions": 8, "survey_responses": 0}),
        ("stripe", {"billing_invoice_lines": 5, "billing_subscriptions": 2, "crm_customers": 12}),
        ("salesforce", {"crm_customers": 1, "support_interactions": 6}),
        ("hubspot", {"crm_customers": 24, "support_interactions": 26}),
        ("recurly", {"billing_invoice_lines": 2, "billing_subscriptions": 4, "crm_customers": 4}),
        ("xero", {"billing_invoice_lines": 130, "crm_customers": 18}),
    ],
)
def test_samples_of_real_layouts(source: str, expected: dict[str, int], tmp_path: Path) -> None:
    if not SAMPLES.is_dir():
        pytest.skip(f"needs the public data in {SAMPLES}, which is not part of the project")
    landing = mapped(source, SAMPLES / source, tmp_path)
    for dataset, count in expected.items():
        assert len(rows(landing, dataset, "1")) == count, dataset


def test_real_journals_tie_to_the_invoices_of_their_first_months(tmp_path: Path) -> None:
    if not SAMPLES.is_dir():
        pytest.skip(f"needs the public data in {SAMPLES}, which is not part of the project")
    landing = mapped("xero", SAMPLES / "xero", tmp_path)
    rates = f"read_parquet('{landing}/billing_exchange_rates.parquet')"
    billed = dict(
        duckdb.sql(
            f"""
            select strftime(cast(invoiced_on as date), '%Y-%m-01'), sum(amount * coalesce((
                select arg_max(rate_to_reporting, valid_from) from {rates} as rates
                where rates.currency = lines.currency and rates.valid_from <= lines.invoiced_on
            ), 1))
            from read_parquet('{landing}/billing_invoice_lines.parquet') as lines group by 1
            """
        ).fetchall()
    )
    ledger = {row[0]: row[1] for row in rows(landing, "finance_ledger_balances", "month, amount")}
    assert ledger.keys() == billed.keys()
    for month in ("2019-11-01", "2019-12-01", "2020-01-01", "2020-02-01"):
        assert billed[month] == pytest.approx(float(str(ledger[month])), abs=0.15)


# The command ------------------------------------------------------------------------------------


def test_init_writes_what_is_the_users_own_and_never_over_it(tmp_path: Path) -> None:
    runner, folder = CliRunner(), tmp_path / "mine"
    assert runner.invoke(app, ["init", str(folder)]).exit_code == 0
    assert (folder / "mappings" / "ours" / "survey_responses.sql").is_file()
    (folder / "sources.yml").write_text("mine")
    (folder / "customer_links.csv").unlink()
    assert "customer_links.csv" in runner.invoke(app, ["init", str(folder)]).output
    assert (folder / "sources.yml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["map"], "Name what to map"),
        (["map", "stripe", "--from", "x"], "Give --to"),
        (["map", "stripe", "--to", "x"], "Give --from"),
        (["map", "nothing", "--from", "x", "--to", "y"], "There is no mapping called"),
    ],
)
def test_a_command_that_lacks_something_says_what(arguments: list[str], sentence: str) -> None:
    ran = CliRunner().invoke(app, arguments)
    assert ran.exit_code == 2
    assert sentence in ran.output


@pytest.mark.slow
def test_a_check_says_what_would_be_rejected_and_writes_nothing(tmp_path: Path) -> None:
    export = tmp_path / "answers.csv"
    lines = "".join(f"2024-01-{day:02d},{day % 11}\n" for day in range(1, 29))
    export.write_text(f"date,score\n{lines}2024-01-29,12\n2024-01-30,none\n")
    ran = CliRunner().invoke(app, ["map", "spreadsheet", "--from", str(export), "--check"])
    assert ran.exit_code == 0, ran.output
    said = " ".join(ran.output.split())
    assert "score_out_of_range 1" in said
    assert "not_a_number_score 1" in said
    assert {path.name for path in tmp_path.iterdir()} == {"answers.csv"}


# The catalogue ----------------------------------------------------------------------------------


def test_every_mapping_is_told_of_and_reads_what_its_layout_names() -> None:
    readme = (find_project() / "mappings" / "README.md").read_text("utf-8")
    for name in sources():
        assert f"[`{name}`]({name})" in readme
        assert find_mapping(name).queries
    console = Console(record=True, width=160)
    list_sources(console)
    shown = console.export_text()
    assert all(name in shown for name in (*sources(), "spreadsheet"))


def test_every_mapping_gives_columns_of_the_contract(tmp_path: Path) -> None:
    contract = landing_contract(find_project())
    assert {query for name in sources() for query in find_mapping(name).queries} <= set(contract)


@pytest.mark.slow
def test_the_wheel_carries_the_project_and_runs_the_demo_from_an_empty_folder(
    tmp_path: Path,
) -> None:
    copy = tmp_path / "source"
    shutil.copytree(
        ROOT,
        copy,
        ignore=shutil.ignore_patterns(".*", "warehouse", "target", "logs", "build", "*.egg-info"),
    )
    uv = Path(sys.executable).parent / "uv"
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    commands: list[list[str | Path]] = [
        [
            uv,
            "build",
            "--quiet",
            "--wheel",
            "--no-build-isolation",
            "--python",
            sys.executable,
            "--out-dir",
            tmp_path,
            copy,
        ],
        [uv, "pip", "install", "--quiet", "--no-deps", "--target", site],
    ]
    for command in commands:
        wheels = sorted(tmp_path.glob("*.whl"))
        subprocess.run([*map(str, command), *map(str, wheels)], check=True, timeout=200)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("POINTWORTH_")
    }
    ran = subprocess.run(
        [sys.executable, "-m", "pointworth", "demo"],
        cwd=empty,
        env=environment | {"PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (empty / "warehouse" / "marts.duckdb").is_file()
    assert not (site / "pointworth" / "_project" / "target").exists()
