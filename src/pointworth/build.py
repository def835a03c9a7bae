"""The steps of a run, in order, and what is recorded of them.

Nothing a reader can see changes before the last step; whatever fails earlier leaves the published
file as it was.
"""

import time
import traceback
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten
from typing import Any, NoReturn

import duckdb

from pointworth import stopping
from pointworth.allowances import Allowance
from pointworth.database import connected
from pointworth.dbt_runner import DbtProject, Mart, NodeResult, Progress, interrupt_queries
from pointworth.engines import Engine, engine_for
from pointworth.errors import (
    EXIT_OTHER,
    EXIT_STOPPED,
    PointworthError,
    as_sentences,
    invalid_data,
)
from pointworth.figures import headline_figures, strongest_levers
from pointworth.guards import ERASURES, Guards, filled_columns
from pointworth.landing import Landing, inspect_landing
from pointworth.landing.findings import listed
from pointworth.project import (
    Dataset,
    find_project,
    landing_contract,
    project_variables,
    score_scales,
    with_segments,
)
from pointworth.publish import engine_types, write_marts
from pointworth.report_page import write_report
from pointworth.settings import Settings, Target, read_settings
from pointworth.unchanged import Origin
from pointworth.validation import suites
from pointworth.validation.worker import Validator, validator
from pointworth.warehouse import Run, Warehouse

REJECTED_SHARE_TEST = "rejected_share_is_acceptable"
REJECTED_ROWS = "rejected_rows"
UNCHANGED = "unchanged"
NOTHING_REJECTED = "no row was rejected"
QUALIFIERS = {"billing_exchange_rates", "privacy_erasure_requests"}
"""Datasets that convert or remove rows of others: a mart is never empty for want of them."""
_SHOWN = 5
_VALIDATED = {"landing.loaded_files": "the files", "information_schema.tables": "the marts"}


@dataclass
class Reporter(Progress):
    """What a build says while it runs; the defaults say nothing."""

    def step(self, name: str) -> None:
        """A step begins."""

    def rejections(self, rows: list[dict[str, Any]]) -> None:
        """Too many rows were rejected: the reasons by dataset."""


@dataclass
class Outcome:
    """What a run did: the content of run.json."""

    run: str
    landing: str
    started_at: str
    settings: dict[str, Any]
    target: str
    outcome: str = "running"
    exit_code: int | None = None
    error: str | None = None
    seconds: float = 0.0
    as_of: str | None = None
    published: str | None = None
    steps: list[dict[str, Any]] = field(default_factory=list)
    is_continued: bool = False
    changed_rows: dict[str, int] = field(default_factory=dict)
    datasets: list[dict[str, Any]] = field(default_factory=list)
    rejections: list[dict[str, Any]] = field(default_factory=list)
    ignored_columns: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    oddities: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    columns: dict[str, dict[str, int]] = field(default_factory=dict)
    erasures: list[str] = field(default_factory=list)
    losses: list[dict[str, str]] = field(default_factory=list)
    models: dict[str, int] = field(default_factory=dict)
    tests: dict[str, Any] = field(default_factory=dict)
    validation: list[dict[str, Any]] = field(default_factory=list)
    marts: dict[str, int] = field(default_factory=dict)
    empty_marts: list[dict[str, str]] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    levers: list[dict[str, Any]] = field(default_factory=list)
    marts_sha256: str | None = None

    @classmethod
    def of_unchanged(cls, run: Run) -> "Outcome":
        """What a run did that published what would be published again."""
        known = {field.name for field in fields(cls)}
        record = {name: value for name, value in run.record.items() if name in known}
        return replace(cls(**record), outcome=UNCHANGED)


def build(
    landing: Path,
    home: Path,
    reporter: Reporter,
    *,
    target: Target = Target.duckdb,
    as_of: str | None = None,
    full_refresh: bool = False,
    threads: int = 2,
    memory_limit: str = "8GB",
    max_rejected_share: float | None = None,
    allowed: Collection[Allowance] = frozenset(),
) -> Outcome:
    """Turn a landing folder into published marts; raises PointworthError when anything stops it.

    `allowed` are the losses against the published run that are meant.
    """
    project = find_project()
    known = project_variables(project)
    contract = landing_contract(project)
    scales = score_scales(project)
    warehouse = Warehouse(home.resolve())
    origin = None
    with as_sentences(landing):
        try:
            settings = read_settings(
                landing,
                known,
                as_of=as_of,
                max_rejected_share=max_rejected_share,
                full_refresh=full_refresh,
                threads=threads,
                memory_limit=memory_limit,
            )
        except PointworthError as error:
            inspect_landing(
                landing, contract, frozenset(allowed), scales=scales, also=[error.message]
            )
            raise
        contract = with_segments(contract, settings.segments)
        if landing.is_dir():
            origin = Origin.of(project, warehouse, settings, target, contract)
            if not full_refresh and warehouse.marts_file.is_file():
                with warehouse.locked("build"):
                    run = origin.published_run()
                if run is not None:
                    return Outcome.of_unchanged(run)
        found = inspect_landing(
            landing,
            contract,
            frozenset(allowed),
            scales=scales,
            tolerated=lambda dataset: settings.highest_rejected_share(dataset, 0.05),
        )
    assert origin is not None  # what is no folder has been refused
    engine_class = engine_for(target)
    engine_class.require()
    with warehouse.locked("build"):
        published = warehouse.logged_run()
        guards = Guards(published.record if published else {}, allowed)
        run = warehouse.start_run()
        engine = engine_class(warehouse, run, settings)
        return _Build(
            project, contract, found, settings, warehouse, run, engine, reporter, guards, origin
        ).execute()


@dataclass
class _Build:
    """One run under the lock."""

    project: Path
    contract: dict[str, Dataset]
    landing: Landing
    settings: Settings
    warehouse: Warehouse
    run: Run
    engine: Engine
    reporter: Reporter
    guards: Guards
    origin: Origin

    def __post_init__(self) -> None:
        self.draft = self.warehouse.draft_file(self.run)
        self.dbt = DbtProject(self.project, self.warehouse, self.run, self.settings, self.engine)
        self.outcome = Outcome(
            run=self.run.name,
            landing=str(self.settings.landing),
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            settings=self.settings.variables,
            target=self.engine.target,
            warnings=[*_on_files(self.landing), *_said(self.origin.warning)],
        )

    def execute(self) -> Outcome:
        """Run the steps; a failure is recorded, the draft removed, the sentence let through."""
        started = time.monotonic()
        with (
            stopping.ending(lambda: self._end_at_once(started)),
            stopping.ending(self.engine.kill),
            self.engine.working(),
        ):
            return self._execute(started)

    def _execute(self, started: float) -> Outcome:
        try:
            with (
                as_sentences(self.warehouse.home),
                validator(self.settings.memory_limit, self.warehouse.spill_folder) as validating,
                stopping.interrupting(interrupt_queries),
            ):
                self._steps(started, validating)
        except BaseException as error:
            if stopping.is_asked() or isinstance(error, KeyboardInterrupt):
                self._abandon("interrupted", EXIT_STOPPED, started)
                stopping.check()
            self._fail(error, started)
        self.warehouse.log_publication("build", self.run)
        self.warehouse.clear_runs_before(self.outcome.erasures, self.run)
        self.warehouse.prune(self.run)
        self.origin.note(self.run)
        return self.outcome

    def _fail(self, error: BaseException, started: float) -> NoReturn:
        """Record a failure, and let its sentence through."""
        if isinstance(error, PointworthError):
            self._abandon(error.message, error.exit_code, started)
        elif isinstance(error, Exception):
            with suppress(OSError):
                (self.run.folder / "error.txt").write_text(traceback.format_exc(), encoding="utf-8")
            message = (
                f"The build stopped for a reason nobody foresaw ({type(error).__name__}: {error}); "
                f"nothing was published; please report {self.run.folder / 'error.txt'}."
            )
            self._abandon(message, EXIT_OTHER, started)
            self.warehouse.prune()
            raise PointworthError(message) from error
        self.warehouse.prune()
        raise error

    def _steps(self, started: float, validating: Validator) -> None:
        dbt = self.dbt
        with self._step("read the project"):
            self.guards.as_of(self.settings.variables.get("as_of_date"))
            self.guards.datasets(self.landing.files)
            self.outcome.warnings += _said(dbt.parse())
            marts = dbt.marts()
        with self._step("load the landing"):
            dbt.load_landing(self.landing.careful_files)
            self.engine.loaded(dbt)
            rows_read, arrived = self._read_load()
            self.guards.content(
                rows_read,
                self.outcome.columns,
                self.landing.files,
                lambda name: self.settings.highest_shrunk_share(name, 0.2),
                self.outcome.erasures,
            )
        with self._step("validate the landing"):
            self._validate(
                validating,
                self.engine.file,
                suites.landing_suites(
                    self.contract, rows_read, self._source_files(), self._tolerated(), arrived
                ),
                f"The landing {self.settings.landing}",
            )
        with self._step("build and test"):
            dbt.leave_out(self._filled())
            results = dbt.build(self.reporter)
            self._judge(results)
            self._look_at(results)
            self.guards.as_of(self.outcome.as_of)
        with self._step("write the marts"):
            self.outcome.marts = write_marts(
                self.engine.file,
                self.draft,
                marts,
                self.warehouse.spill_folder,
                self.settings.memory_limit,
            )
            self.outcome.empty_marts = self._empty_marts(marts)
        with self._step("validate the marts"):
            self._validate(
                validating,
                self.draft,
                suites.published_suites(marts, engine_types(marts), self.outcome.marts),
                "The new marts",
            )
            self.outcome.figures = [figure.as_dict() for figure in headline_figures(self.draft)]
            self.outcome.levers = strongest_levers(self.draft)
        self._publish(started)

    def _publish(self, started: float) -> None:
        """Record the run, then replace the file: nothing that can fail comes after."""
        self.outcome.marts_sha256 = self.warehouse.keep(self.draft, self.run)
        self.outcome.losses = [loss.as_dict() for loss in self.guards.losses]
        self.outcome.outcome = "published"
        self.outcome.exit_code = 0
        self.outcome.published = str(self.warehouse.marts_file)
        self.outcome.seconds = round(time.monotonic() - started, 2)
        self.run.write_record(asdict(self.outcome))
        write_report(self.run.report_file, asdict(self.outcome))
        self.reporter.step("publish")
        self.engine.publish(self.dbt)
        self.warehouse.replace_published(self.draft)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        """A step is recorded when it begins, so that a run that was killed tells where it was."""
        stopping.check()
        self.reporter.step(name)
        started = time.monotonic()
        step: dict[str, Any] = {"name": name, "seconds": None}
        self.outcome.steps.append(step)
        self.run.write_record(asdict(self.outcome))
        try:
            yield
        finally:
            step["seconds"] = round(time.monotonic() - started, 2)

    def _end_at_once(self, started: float) -> None:
        if not stopping.is_done():
            self._record_failure("interrupted", EXIT_STOPPED, started)

    def _abandon(self, message: str, exit_code: int, started: float) -> None:
        self.engine.withdraw(self.dbt)
        self._record_failure(message, exit_code, started)

    def _record_failure(self, message: str, exit_code: int, started: float) -> None:
        """Best effort: the disk may be full, and the published file matters more than this."""
        with suppress(OSError):
            self.draft.unlink(missing_ok=True)
        with suppress(OSError):
            self.run.marts_file.unlink(missing_ok=True)
        self.outcome.outcome = "failed"
        self.outcome.exit_code = exit_code
        self.outcome.error = message
        self.outcome.published = None
        self.outcome.seconds = round(time.monotonic() - started, 2)
        with suppress(OSError):
            self.run.write_record(asdict(self.outcome))
            write_report(self.run.report_file, asdict(self.outcome))

    def _read_load(self) -> tuple[dict[str, int], dict[str, int] | None]:
        """Rows read by dataset, and of those in changed files when a build is continued."""
        with connected(self.engine.file, read_only=True) as connection:
            loaded = _rows(
                connection,
                "select dataset, cast(sum(rows_read) as bigint) as rows_read "
                "from landing.loaded_files group by dataset order by dataset",
            )
            self.outcome.ignored_columns = _rows(
                connection,
                "select dataset, source_file, column_name "
                "from landing.ignored_columns order by all",
            )
            self.outcome.is_continued = bool(
                _rows(connection, "select fingerprint from landing.build_state")
            )
            changed = _rows(
                connection,
                "select dataset, cast(coalesce(sum(rows_read), 0) as bigint) as rows_read "
                "from (select distinct dataset, source_file from landing.changed_files) "
                "left join landing.loaded_files using (dataset, source_file) group by dataset",
            )
            present = [row["dataset"] for row in loaded]
            self.outcome.columns = filled_columns(connection, self.contract, present)
            if ERASURES in present:
                requested = _rows(
                    connection,
                    f"select distinct trim(customer_id) as customer_id from landing.{ERASURES} "
                    "where customer_id is not null",
                )
                self.outcome.erasures = self.warehouse.marks_of(
                    row["customer_id"] for row in requested
                )
        self.outcome.datasets = loaded
        self.outcome.changed_rows = {row["dataset"]: int(row["rows_read"]) for row in changed}
        self.outcome.rows = {row["dataset"]: int(row["rows_read"]) for row in loaded}
        return self.outcome.rows, self.outcome.changed_rows if self.outcome.is_continued else None

    def _look_at(self, results: list[NodeResult]) -> None:
        """Let what was built be seen, and read from it."""
        built = {node.name for node in results if node.status == "success"}
        self.engine.built(self.dbt, built | set(self.dbt.left_out.missing))
        self._read_build()

    def _read_build(self) -> None:
        """Rows accepted and rejected, oddities, and the as-of date, as the build found them."""
        with connected(self.engine.file, read_only=True) as connection:
            built = _tables(connection)
            if ("marts", "landing_reconciliation") in built:
                self.outcome.datasets = _rows(
                    connection,
                    "select dataset, rows_read, rows_accepted, rows_rejected, difference "
                    "from marts.landing_reconciliation order by dataset",
                )
            if ("marts", "landing_oddities") in built:
                self.outcome.oddities = _rows(
                    connection,
                    "select dataset, oddity, found_in, found, row_count, says "
                    "from marts.landing_oddities "
                    "order by row_count desc, dataset, oddity, found_in, found, says",
                )
            if ("intermediate", "int_run_clock") in built:
                clock = _rows(
                    connection, "select columns(*)::varchar from intermediate.int_run_clock"
                )
                self.outcome.as_of = clock[0]["as_of"] if clock else None
                self.outcome.warnings += [sentence for row in clock if (sentence := _on_clock(row))]

    def _read_rejections(self) -> None:
        with (
            suppress(duckdb.Error),
            connected(self.engine.file, read_only=True) as connection,
        ):
            self.outcome.rejections = _rows(
                connection,
                "select dataset, reason, count(*) as rows_rejected from (select dataset, "
                "unnest(string_split(cast(reasons as varchar), ',')) as reason "
                "from marts.rejected_rows) group by dataset, reason "
                "order by dataset, rows_rejected desc, reason",
            )

    def _validate(
        self, validating: Validator, file: Path, wanted: list[suites.Suite], what: str
    ) -> None:
        checks = validating.check(file, wanted)
        self.outcome.validation += [asdict(check) for check in checks]
        broken = [check for check in checks if not check.is_met]
        if broken:
            raise invalid_data(_validation_sentence(what, broken, self.run))

    def _judge(self, results: list[NodeResult]) -> None:
        """Refuse to go on when a model or a test failed."""
        tests = [result for result in results if result.is_test]
        failures = [self._with_broken_rules(result) for result in results if result.is_failure]
        self.outcome.models = {
            "built": sum(result.status == "success" for result in results if not result.is_test),
            "failed": sum(result.is_failure for result in results if not result.is_test),
        }
        self.outcome.tests = {
            "passed": sum(result.status == "pass" for result in tests),
            "warned": sum(result.status == "warn" for result in tests),
            "failed": sum(result.is_failure for result in tests),
            "skipped": sum(result.status == "skipped" for result in results),
            "failures": [asdict(result) for result in failures],
        }
        if not failures:
            return
        with suppress(PointworthError):
            self._look_at(results)
        if any(REJECTED_SHARE_TEST in result.name for result in failures):
            self._read_rejections()
            self.reporter.rejections(self.outcome.rejections)
            raise _too_many_rejected(self.outcome.datasets, self.settings, self.run)
        raise _failure(failures, self.run, self.engine)

    def _with_broken_rules(self, result: NodeResult) -> NodeResult:
        """A failed test of several rules says which are broken, where its rows can be looked at."""
        if not result.query:
            return result
        said = result.rule
        with suppress(duckdb.Error), connected(self.engine.file, read_only=True) as connection:
            rows = _rows(connection, f"select distinct broken_rules from ({result.query})")
            broken = {rule for row in rows for rule in str(row["broken_rules"]).split("; ")}
            said = ", ".join(sorted(broken)[:_SHOWN])
        return replace(result, rule=said, query="")

    def _source_files(self) -> dict[str, list[str]]:
        return {
            name: [str(path.relative_to(self.landing.folder)) for path in paths]
            for name, paths in self.landing.files.items()
        }

    def _tolerated(self) -> dict[str, float]:
        return {name: self.settings.highest_rejected_share(name, 0.05) for name in self.contract}

    def _filled(self) -> set[str]:
        """The datasets with a row, and their columns with a value."""
        datasets = {name for name, rows in self.outcome.rows.items() if rows}
        return datasets | {
            f"{name}.{column}"
            for name, columns in self.outcome.columns.items()
            for column, values in columns.items()
            if name in datasets and (values or not self.engine.shows_all_rows)
        }

    def _empty_marts(self, marts: list[Mart]) -> list[dict[str, str]]:
        """The marts without a row, and which absent or hollow dataset is to blame."""
        if all(self.outcome.marts.values()):
            return []
        filled = self.engine.filled(self.dbt)
        empty = []
        for mart in marts:
            if self.outcome.marts[mart.name]:
                continue
            needs = self.dbt.left_out.missing.get(mart.name)
            behind = (
                {need for need in needs if "." not in need}
                if needs
                else self.dbt.datasets_behind(mart, filled)
            ) & self.contract.keys() - QUALIFIERS
            absent = sorted(behind - self.landing.files.keys())
            hollow = sorted(behind & self.landing.files.keys())
            reasons = [f"no {', '.join(absent)} in the landing"] if absent else []
            reasons += [f"no row in {', '.join(hollow)}"] if hollow else []
            reasons += [f"no value in {need}" for need in needs or () if "." in need]
            why = "; ".join(reasons) or "no row meets its conditions"
            empty.append(
                {"mart": mart.name, "why": NOTHING_REJECTED if mart.name == REJECTED_ROWS else why}
            )
        return empty


def _failure(failures: list[NodeResult], run: Run, engine: Engine) -> PointworthError:
    for result in failures:
        error = (
            None if result.is_test and result.status == "fail" else engine.refusal(result.message)
        )
        if error:
            return error
    broken = list(
        dict.fromkeys(
            f"{result.table}: {result.rule} (rows that break it: {max(result.failures, 1):,})"
            if result.is_test
            else f"{result.table} could not be computed"
            for result in failures
        )
    )
    more = f"; and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
    return invalid_data(
        f"The results contradict their own rules, so nothing was published: "
        f"{'; '.join(broken[:_SHOWN])}{more}. Please report {run.report_file}, which has the "
        "details."
    )


def _too_many_rejected(
    datasets: list[dict[str, Any]], settings: Settings, run: Run
) -> PointworthError:
    shown = "; ".join(
        f"{row['dataset']} {row['rows_rejected']:,} of {row['rows_read']:,} "
        f"({row['rows_rejected'] / row['rows_read']:.1%}, allowed are {allowed:.1%})"
        for row in datasets
        if row.get("rows_rejected")
        and (allowed := settings.highest_rejected_share(row["dataset"], 0.05)) * row["rows_read"]
        < row["rows_rejected"]
    )
    return invalid_data(
        f"Too many rows were rejected, so nothing was published: {shown}. The reasons are in "
        f"{run.report_file}: mend the rows, or build with a higher --max-rejected-share."
    )


def _on_files(landing: Landing) -> list[str]:
    """The files of the landing that nobody reads."""
    said = []
    if landing.passed_over:
        said.append(f"Passed over, being no data: {listed(landing.passed_over)}.")
    if landing.unread:
        said.append(f"Not read, for no dataset is called so: {listed(landing.unread)}.")
    return said


def _said(sentence: str | None) -> list[str]:
    return [sentence] if sentence else []


def _on_clock(clock: dict[str, str | None]) -> str | None:
    """What to know when a few rows are dated long after all others."""
    dense_until, as_of = clock.get("dense_until"), clock["as_of"]
    if not dense_until or not as_of:
        return None
    count = int(clock["events_after"] or 0)
    few = f"{count:,} answers or invoice lines come" if count > 1 else "one answer or line comes"
    few += f" (up to {clock['latest_day']}) more than a month after the last of all others"
    if as_of <= dense_until:
        return (
            f"The clock stands at {as_of}: {few}, too few to move it; they are rejected as "
            f"in_the_future (--as-of {clock['latest_day']} counts them)."
        )
    return (
        f"The clock stands at {as_of}, but {few} on {dense_until}, and the months between count "
        f"as complete; if they should not, build with --as-of {dense_until}."
    )


def _validation_sentence(what: str, broken: list[suites.Check], run: Run) -> str:
    shown = "; ".join(
        f"{_VALIDATED.get(check.table, check.table.split('.')[-1])}: {check.says}"
        + (f" ({shorten(check.observed, 120, placeholder=' …')})" if check.observed else "")
        for check in broken[:2]
    )
    more = f"; and {len(broken) - 2} more" if len(broken) > 2 else ""
    return (
        f"{what} did not pass validation, so nothing was published: not met are {shown}{more}; "
        f"the details are in {run.report_file}."
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _tables(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    found = connection.execute(
        "select table_schema, table_name from information_schema.tables"
    ).fetchall()
    return {(str(schema), str(name)) for schema, name in found}
