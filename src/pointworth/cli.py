"""The command line: every command is a few lines around one function."""

import functools
import textwrap
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ParamSpec

import typer
from rich.console import Console

from pointworth import stopping
from pointworth.allowances import ALL
from pointworth.asking.forms import Form, Format
from pointworth.errors import (
    EXIT_OTHER,
    EXIT_STOPPED,
    PointworthError,
    from_os_error,
    usage_error,
)
from pointworth.settings import Target

app = typer.Typer(
    help="What one point of Net Promoter Score is worth, from your own extracts.",
    epilog="Exit codes: 0 done; 2 the command, the landing or the machine is not fit; "
    "3 the data is not fit to be published; 4 the warehouse is in use; 5 stopped; 1 anything else.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
publish = typer.Typer(
    help="Carry the published marts to where many people read them.", no_args_is_help=True
)
app.add_typer(publish, name="publish")
export = typer.Typer(help="Hand over what is published to other tools.", no_args_is_help=True)
app.add_typer(export, name="export")
out = Console()
err = Console(stderr=True)

Home = Annotated[Path, typer.Option("--home", help="The warehouse folder.")]
DEFAULT_HOME = Path("warehouse")
AnswerFormat = Annotated[
    Format | None,
    typer.Option("--format", help="How to give it; else a table where it fits, or records."),
]
Raw = Annotated[bool, typer.Option("--raw", help="Values as they are, not as people write them.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="A file to write; its name says the format.")
]
P = ParamSpec("P")


class StatusFormat(StrEnum):
    """How a status is given."""

    text = "text"
    json = "json"


class FileFormat(StrEnum):
    """What `simulate` writes."""

    parquet = "parquet"
    csv = "csv"


def in_one_sentence(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command end with one sentence and an exit code, never with a traceback."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except PointworthError as error:
            stopping.check()
            _leave(error.message, error.exit_code)
        except KeyboardInterrupt:
            stopping.check()
            _leave(stopping.SENTENCE, EXIT_STOPPED)
        except BrokenPipeError:
            raise typer.Exit(EXIT_OTHER) from None
        except OSError as error:
            refused = from_os_error(error, Path.cwd())
            _leave(refused.message, refused.exit_code)

    return guarded


def _leave(message: str, exit_code: int) -> None:
    """Say it and go; a list is wrapped for a person, and left a line each for a program."""
    if err.is_terminal and "\n" in message:
        width = min(err.width, 80)
        message = "\n".join(
            textwrap.fill(
                line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
            )
            for line in message.splitlines()
        )
    err.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(exit_code)


@app.command()
@in_one_sentence
def build(
    landing: Annotated[Path, typer.Option(help="The folder with the raw extracts.")],
    home: Home = DEFAULT_HOME,
    target: Annotated[
        Target, typer.Option(help="Where to compute; the marts are published alike.")
    ] = Target.duckdb,
    as_of: Annotated[
        str | None, typer.Option(help="The clock, YYYY-MM-DD; else the latest date in the data.")
    ] = None,
    full_refresh: Annotated[bool, typer.Option(help="Build incremental models anew.")] = False,
    threads: Annotated[int, typer.Option(help="Models built side by side.")] = 2,
    memory_limit: Annotated[
        str, typer.Option(help="What a build may hold, about: DuckDB spills at four fifths of it.")
    ] = "8GB",
    max_rejected_share: Annotated[
        float | None, typer.Option(help="Rejected rows allowed per dataset, 0 to 1; else 0.05.")
    ] = None,
    allow: Annotated[
        str | None,
        typer.Option(help=f"Losses that are meant, with commas: {ALL}.", metavar="NAME,…"),
    ] = None,
) -> None:
    """Check a landing folder, build and test the marts, and publish them in one step."""
    from pointworth import run as builder
    from pointworth.allowances import read_allowances
    from pointworth.report import TerminalReporter, print_outcome

    with TerminalReporter(out) as reporter:
        outcome = builder.build(
            landing,
            home,
            reporter,
            target=target,
            as_of=as_of,
            full_refresh=full_refresh,
            threads=threads,
            memory_limit=memory_limit,
            max_rejected_share=max_rejected_share,
            allowed=read_allowances(allow),
        )
    if outcome.outcome == builder.UNCHANGED:
        out.print(
            f"Nothing has changed since run {outcome.run}: {outcome.published} stays as it is.",
            highlight=False,
            soft_wrap=True,
        )
        return
    print_outcome(out, outcome)


@app.command()
@in_one_sentence
def watch(
    landing: Annotated[Path, typer.Option(help="The folder with the raw extracts.")],
    home: Home = DEFAULT_HOME,
    every: Annotated[float, typer.Option(help="Seconds between two looks.")] = 60,
    target: Annotated[Target, typer.Option(help="As of build.")] = Target.duckdb,
    threads: Annotated[int, typer.Option(help="As of build.")] = 2,
    memory_limit: Annotated[str, typer.Option(help="As of build.")] = "8GB",
    max_rejected_share: Annotated[float | None, typer.Option(help="As of build.")] = None,
    allow: Annotated[str | None, typer.Option(help="As of build.", metavar="NAME,…")] = None,
) -> None:
    """Build a landing whenever it has changed, until stopped."""
    from pointworth.watch import Watch

    given = {
        "--target": target,
        "--threads": threads,
        "--memory-limit": memory_limit,
        "--max-rejected-share": max_rejected_share,
        "--allow": allow,
    }
    options = [
        text for name, value in given.items() if value is not None for text in (name, str(value))
    ]

    def say(line: str) -> None:
        out.print(line, highlight=False, markup=False, soft_wrap=True)

    Watch(landing, home, every, options, say).run()


@app.command()
@in_one_sentence
def simulate(
    world: Annotated[str, typer.Argument(help="The name of a simulated operator.")],
    to: Annotated[Path, typer.Option("--out", help="The landing folder to write.")],
    customers: Annotated[
        int | None, typer.Option(min=1, help="How many; else as the world says.")
    ] = None,
    months: Annotated[
        int | None, typer.Option(min=1, help="How long; else as the world says.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 1,
    format: Annotated[FileFormat, typer.Option(help="The files' format.")] = FileFormat.parquet,
    dirt: Annotated[float, typer.Option(min=0, max=1, help="Share of rows to spoil.")] = 0.0,
) -> None:
    """Write the extracts of a simulated operator, with the truth planted in them beside."""
    from pointworth_worlds import SimulationError
    from pointworth_worlds import simulate as run_simulation

    try:
        run_simulation(
            world, to, customers=customers, months=months, seed=seed, format=format.value, dirt=dirt
        )
    except SimulationError as error:
        raise usage_error(str(error)) from error
    out.print(f"Wrote the landing of {world} to {to}.", highlight=False, soft_wrap=True)


@app.command(name="map")
@in_one_sentence
def map_(
    source: Annotated[
        str | None,
        typer.Argument(
            help="spreadsheet, a name that --list shows, a folder of SQL, or a sources.yml."
        ),
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", help="The source's own file or folder, or FILE.duckdb[:SCHEMA]."),
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", help="The landing folder to write.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show the sources it knows.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing: rows, keys, and what would be rejected.")
    ] = False,
) -> None:
    """Turn what a tool or a person exported into a landing folder."""
    from pointworth.map_command import check_map, list_sources, run_map

    if list_:
        list_sources(out)
    elif source is None:
        raise usage_error("Name what to map, such as spreadsheet: --list shows what it knows.")
    elif check:
        check_map(source, from_, out)
    elif to is None:
        raise usage_error("Give --to: the landing folder to write.")
    else:
        run_map(source, from_, to, out)


@app.command()
@in_one_sentence
def init(
    folder: Annotated[Path, typer.Argument(help="Where what is yours shall live.")] = Path("."),
) -> None:
    """Write a folder for your own mappings, links and settings; what is there stays as it is."""
    from pointworth.init_command import write_folder

    written = write_folder(folder)
    for path in written:
        out.print(f"Wrote {path}", highlight=False, soft_wrap=True)
    if not written:
        out.print(f"{folder} has all of it already.", highlight=False, soft_wrap=True)


@app.command()
@in_one_sentence
def demo(home: Home = DEFAULT_HOME) -> None:
    """Simulate a network operator, build it, and show the figures beside the planted truth."""
    from pointworth.demo import run_demo

    run_demo(home, out)


@app.command()
@in_one_sentence
def status(
    home: Home = DEFAULT_HOME,
    format: Annotated[
        StatusFormat, typer.Option(help="json: the run, the runs kept and the alerts.")
    ] = StatusFormat.text,
) -> None:
    """Show what is published and the runs that are kept."""
    from pointworth.report import publication_sentence, run_table, status_as_json
    from pointworth.warehouse import Warehouse

    warehouse = Warehouse(home)
    if format is StatusFormat.json:
        typer.echo(status_as_json(warehouse))
        return
    holder = warehouse.holder()
    if holder:
        out.print(f"In use by {holder}.", highlight=False)
    if warehouse.runs():
        out.print(run_table(warehouse, warehouse.runs()))
    published = warehouse.require_published()
    out.print(publication_sentence(warehouse, published), highlight=False, soft_wrap=True)


@app.command()
@in_one_sentence
def rollback(
    run: Annotated[
        str | None, typer.Argument(help="A run that is kept; else the one before.")
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Publish again what an earlier run published."""
    from pointworth.warehouse import Warehouse

    warehouse = Warehouse(home)
    target = warehouse.rollback(run)
    out.print(f"{warehouse.marts_file} is again what run {target.name} published.", highlight=False)
    if target.record.get("target", "duckdb") != "duckdb":
        out.print(
            "Who reads on Spark is led back by dbt run-operation publish_marts: see docs/spark.md.",
            highlight=False,
            soft_wrap=True,
        )


@app.command()
@in_one_sentence
def close(
    month: Annotated[str, typer.Argument(help="The month, YYYY-MM.")],
    home: Home = DEFAULT_HOME,
    accept_unexplained: Annotated[
        str | None,
        typer.Option(
            help="Close all the same, with so much unexplained towards the ledger.",
            metavar="AMOUNT",
        ),
    ] = None,
    because: Annotated[
        str | None, typer.Option(help="Why; kept with the amount.", metavar="TEXT")
    ] = None,
) -> None:
    """Keep a month's figures as they are published; later changes are restatements."""
    from pointworth.record.close import close_month
    from pointworth.report import close_sentence

    closed = close_month(home, month, accept_unexplained, because)
    out.print(close_sentence(closed), highlight=False, soft_wrap=True)


@app.command()
@in_one_sentence
def query(
    sql: Annotated[
        str | None, typer.Argument(help="For example: select * from nps_by_segment")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="A file with the query, such as one of analyses/.")
    ] = None,
    home: Home = DEFAULT_HOME,
    format: AnswerFormat = None,
    raw: Raw = False,
    to: Out = None,
) -> None:
    """Ask the published marts."""
    from pointworth.asking.query import print_result, read_query

    if file is not None and sql is None:
        sql = read_query(file)
    elif sql is None or file is not None:
        raise usage_error("Give a query or --file with one: one of the two.")
    print_result(home, sql, Form(format, raw, to), out)


@app.command()
@in_one_sentence
def show(
    mart: Annotated[str | None, typer.Argument(help="A mart; without one, all are listed.")] = None,
    segment: Annotated[
        str | None, typer.Option(help="customer_type=sme, or customer_type for each of its values.")
    ] = None,
    period: Annotated[
        str | None, typer.Option(help="2018, 2018Q4, 2018-10, or all.", metavar="PERIOD")
    ] = None,
    home: Home = DEFAULT_HOME,
    format: AnswerFormat = None,
    raw: Raw = False,
    to: Out = None,
) -> None:
    """List the marts with their questions, or show what people read of one."""
    from pointworth.asking.show import list_marts, show_mart

    form = Form(format, raw, to)
    if mart is None:
        if segment or period:
            raise usage_error("Name the mart that --segment and --period are to be of.")
        list_marts(home, form, out)
    else:
        show_mart(home, mart, segment, period, form, out)


@app.command()
@in_one_sentence
def ask(
    question: Annotated[
        int | None, typer.Argument(help="1 to 7; without one, the questions are listed.")
    ] = None,
    home: Home = DEFAULT_HOME,
    format: AnswerFormat = None,
    raw: Raw = False,
    to: Out = None,
) -> None:
    """Ask one of the seven questions of retention, and read how to read its answer."""
    from pointworth.asking.questions import answer_question, list_questions

    form = Form(format, raw, to)
    if question is None:
        list_questions(out)
    else:
        answer_question(home, question, form, out)


@app.command()
@in_one_sentence
def explain(
    figure: Annotated[str, typer.Argument(help="revenue_per_point or nps_by_segment.")],
    to: Annotated[Path, typer.Option("--out", help="The folder to write; new or empty.")],
    home: Home = DEFAULT_HOME,
    segment: Annotated[str, typer.Option(help="all, or a dimension and its value.")] = "all",
    period: Annotated[
        str | None, typer.Option(help="Of a score: 2018, 2018Q4, 2018-10 or all.")
    ] = None,
    kind: Annotated[
        str, typer.Option(help="Of a score: relational or transactional.")
    ] = "relational",
    month: Annotated[
        int | None, typer.Option(help="Of a value: only this month after the answer.")
    ] = None,
) -> None:
    """Show what a figure is made of, and write its rows so that it can be worked out by hand."""
    from pointworth.explain import explain as explained

    explained(home, figure, segment, period, kind, month, to, out)


@export.command(name="parquet")
@in_one_sentence
def export_parquet(
    to: Annotated[Path, typer.Option("--out", help="The folder to write.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Write every mart as Parquet, and a manifest that says what each column means."""
    from pointworth.export import export_marts

    count = export_marts(home, to)
    out.print(f"Wrote {count} marts and manifest.json to {to}.", highlight=False, soft_wrap=True)


@export.command(name="superset")
@in_one_sentence
def export_superset(
    to: Annotated[Path, typer.Option("--out", help="The bundle to write, a .zip.")],
    home: Home = DEFAULT_HOME,
    file: Annotated[
        Path | None,
        typer.Option(help="The published file as Superset sees it, where that is not here."),
    ] = None,
) -> None:
    """Write what Apache Superset imports: a dataset per mart, its metrics, and one dashboard."""
    from pointworth.superset import write_bundle

    datasets, charts = write_bundle(home, to, file=file)
    out.print(
        f"Wrote {datasets} datasets, {charts} charts and a dashboard to {to}.",
        highlight=False,
        soft_wrap=True,
    )


@export.command(name="actions")
@in_one_sentence
def export_actions(
    to: Annotated[Path, typer.Option("--out", help="The list to write, .csv or .parquet.")],
    top: Annotated[int, typer.Option(min=1, help="So many customers of each kind of work.")] = 100,
    client: Annotated[str | None, typer.Option(help="The customers of one client.")] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="What all of it may cost, in reporting currency.")
    ] = None,
    work: Annotated[
        str | None,
        typer.Option(help="retention, call_back, …; else all of it.", metavar="KIND,…"),
    ] = None,
    hold_out: Annotated[
        float, typer.Option(min=0.01, max=0.99, help="Share that is left alone, by lot.")
    ] = 0.2,
    seed: Annotated[
        str | None, typer.Option(help="The same seed draws the same customers; else a new one.")
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Write the work of the day with a hold-out: the list comes back as campaign_assignments."""
    from pointworth import actions

    named = [kind.strip() for kind in (work or "").split(",") if kind.strip()]
    kinds = tuple(dict.fromkeys(named)) or actions.KINDS
    wanted = actions.Wanted(top, client, budget, kinds, hold_out, seed or "")
    actions.export_actions(home, wanted, to, out)


@export.command(name="finance")
@in_one_sentence
def export_finance(
    to: Annotated[Path, typer.Option("--out", help="The .xlsx file to write.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Write the finance workbook: the value of a point, movements, reconciliation, checks."""
    from pointworth.workbook import write_workbook

    failed = write_workbook(home, to)
    said = "all its checks hold" if not failed else f"{failed} of its checks FAIL, see sheet Checks"
    out.print(f"Wrote {to}: {said}.", highlight=False, soft_wrap=True)


@app.command()
@in_one_sentence
def dashboard(
    home: Home = DEFAULT_HOME,
    client: Annotated[
        str | None, typer.Option(help="The page of one client: its own rows only.")
    ] = None,
    language: Annotated[str, typer.Option(help="en, it, fr or de.")] = "en",
    to: Annotated[
        Path | None, typer.Option("--out", help="The file to write; else one in the home.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> None:
    """Write the published marts as one page that needs no network."""
    from pointworth.page.command import write_dashboard

    page = write_dashboard(home, client=client, language=language, out=to)
    out.print(f"Page: {page}", highlight=False, soft_wrap=True)
    if open_:
        typer.launch(page.resolve().as_uri())


@app.command()
@in_one_sentence
def docs(home: Home = DEFAULT_HOME) -> None:
    """Write the documentation of every mart as one page that needs no network."""
    from pointworth.documentation import write_documentation

    out.print(f"Documentation: {write_documentation(home)}", highlight=False, soft_wrap=True)


@publish.command()
@in_one_sentence
def postgres(
    url: Annotated[
        str,
        typer.Option(
            help="postgresql://login@host:5432/database; PGPASSWORD or ~/.pgpass have the password."
        ),
    ],
    schema: Annotated[str, typer.Option(help="Where readers find the marts.")] = "pointworth",
    roles: Annotated[
        Path | None,
        typer.Option(help="YAML: the logins that read everything, and those of clients."),
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Write the marts into a schema of a PostgreSQL server, all of them or none."""
    from pointworth.postgres import publish as publish_marts

    rows = publish_marts(home, url, schema, roles)
    out.print(
        f"Published {len(rows)} marts with {sum(rows.values()):,} rows in the schema {schema}.",
        highlight=False,
        soft_wrap=True,
    )
