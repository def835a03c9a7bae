"""The steps of a run, in order, and what is recorded of them.

Nothing a reader can see changes before the last step; whatever fails earlier leaves the published
file as it was.
"""

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from pointworth import stopping
from pointworth.dbt_project.results import NodeResult
from pointworth.dbt_project.runner import DbtProject, interrupt_queries
from pointworth.engines import Engine
from pointworth.errors import (
    EXIT_OTHER,
    EXIT_STOPPED,
    PointworthError,
    as_sentences,
    invalid_data,
)
from pointworth.figures import headline_figures, strongest_levers
from pointworth.guards import Guards
from pointworth.landing import Landing
from pointworth.page import Facts, write_page
from pointworth.project import Dataset, Mart, project_variables
from pointworth.publish import engine_types, write_marts
from pointworth.record import Record
from pointworth.record.facts import facts
from pointworth.record.kept import write_rows
from pointworth.report_page import write_report
from pointworth.run.findings import (
    read_build,
    read_load,
    read_rejections,
    typed_columns,
    with_broken_rules,
)
from pointworth.run.outcome import Outcome, Reporter
from pointworth.run.sentences import failure, on_files, too_many_rejected, validation_sentence
from pointworth.run.telling import new_and_old_alerts, tell
from pointworth.run.unchanged import Origin
from pointworth.settings import Settings
from pointworth.validation import suites
from pointworth.validation.worker import Validator, validator
from pointworth.warehouse import Run, Warehouse

REJECTED_SHARE_TEST = "rejected_share_is_acceptable"
REJECTED_ROWS = "rejected_rows"
NOTHING_REJECTED = "no row was rejected"
QUALIFIERS = {"billing_exchange_rates", "privacy_erasure_requests"}
"""Datasets that convert or remove rows of others: a mart is never empty for want of them."""


@dataclass
class Build:
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
        self.record = Record(self.warehouse)
        published = self.warehouse.logged_run()
        self.before = published.marts_file if published else None
        self.dbt = DbtProject(self.project, self.warehouse, self.run, self.settings, self.engine)
        self.outcome = Outcome(
            run=self.run.name,
            landing=str(self.settings.landing),
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            settings=self.settings.variables,
            target=self.engine.target,
            warnings=[*on_files(self.landing), *_said(self.origin.warning)],
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
                validator(
                    self.settings.memory_of_duckdb, self.warehouse.spill_folder
                ) as validating,
                stopping.interrupting(interrupt_queries),
            ):
                self._steps(started, validating)
        except BaseException as error:
            if stopping.is_asked() or isinstance(error, KeyboardInterrupt):
                self._abandon("interrupted", EXIT_STOPPED, started)
                stopping.check()
            self._fail(error, started)
        self.warehouse.log_publication("build", self.run)
        self.record.keep(self.run)
        self.warehouse.clear_runs_before(self.outcome.erasures, self.run)
        self.warehouse.prune(self.run)
        self.origin.note(self.run)
        self._tell()
        return self.outcome

    def _tell(self) -> None:
        """Tell whom the settings name; what comes of it changes nothing but the record."""
        if not self.settings.on_publish:
            return
        alerts = new_and_old_alerts(self.run.marts_file, self.before)
        sentence = tell(self.settings.on_publish, asdict(self.outcome), alerts)
        if sentence:
            self.outcome.warnings.append(sentence)
            with suppress(OSError):
                self.run.write_record(asdict(self.outcome))

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
            dbt.this_run = self._told()
        with self._step("load the landing"):
            dbt.load_landing(self.landing.careful_files)
            self.engine.loaded(dbt)
            rows_read, arrived = read_load(
                self.outcome, self.engine.file, self.contract, self.warehouse
            )
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
                    self.contract,
                    rows_read,
                    self._source_files(),
                    self._tolerated(),
                    arrived,
                    typed_columns(self.engine.file),
                ),
                f"The landing {self.settings.landing}",
            )
        with self._step("build and test"):
            dbt.leave_out(self._filled(), self._empty())
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
                self.settings.memory_of_duckdb,
            )
            self.outcome.empty_marts = self._empty_marts(marts)
            write_rows(self.engine.file, self.run)
        with self._step("validate the marts"):
            self._validate(
                validating,
                self.draft,
                suites.published_suites(marts, engine_types(marts), self.outcome.marts),
                "The new marts",
            )
            self.outcome.figures = [figure.as_dict() for figure in headline_figures(self.draft)]
            self.outcome.levers = strongest_levers(self.draft)
        with self._step("write the page"):
            before = self.warehouse.logged_run()
            facts = Facts.of(asdict(self.outcome), before.record if before else None)
            write_page(self.draft, self.run.page_file, facts)
        self._publish(started)

    def _told(self) -> dict[str, Any]:
        """What the models are told of the run, and of what was published before it."""
        usual = project_variables(self.project)
        given = self.settings.variables
        kept = self.record.for_a_run(with_rows=self.engine.shows_all_rows)
        return {
            "name": self.run.name,
            "record": self.engine.lent(kept),
            "facts": facts(self.project, self.run.name, self.engine.target, given, usual),
            "inputs": sorted(self.origin.content_hashes().items()),
            "definitions": self.dbt.definitions(usual),
        }

    def _publish(self, started: float) -> None:
        """Record the run, then replace the file: nothing that can fail comes after."""
        self.outcome.marts_sha256 = self.warehouse.keep(self.draft, self.run)
        self.outcome.losses = [loss.as_dict() for loss in self.guards.losses]
        self.outcome.outcome = "published"
        self.outcome.exit_code = 0
        self.outcome.published = str(self.warehouse.marts_file)
        self.outcome.page = str(self.warehouse.page_file)
        self.outcome.seconds = round(time.monotonic() - started, 2)
        self.run.write_record(asdict(self.outcome))
        write_report(self.run.report_file, asdict(self.outcome))
        self.reporter.step("publish")
        self.engine.publish(self.dbt)
        self.warehouse.replace_published(self.draft, self.run.page_file)

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
        with suppress(OSError):
            self.run.page_file.unlink(missing_ok=True)
        self.outcome.outcome = "failed"
        self.outcome.exit_code = exit_code
        self.outcome.error = message
        self.outcome.published = self.outcome.page = None
        self.outcome.seconds = round(time.monotonic() - started, 2)
        with suppress(OSError):
            self.run.write_record(asdict(self.outcome))
            write_report(self.run.report_file, asdict(self.outcome))

    def _look_at(self, results: list[NodeResult]) -> None:
        """Let what was built be seen, and read from it."""
        built = {node.name for node in results if node.status == "success"}
        self.engine.built(self.dbt, built | set(self.dbt.left_out.missing))
        read_build(self.outcome, self.engine.file)

    def _validate(
        self, validating: Validator, file: Path, wanted: list[suites.Suite], what: str
    ) -> None:
        checks = validating.check(file, wanted)
        self.outcome.validation += [asdict(check) for check in checks]
        broken = [check for check in checks if not check.is_met]
        if broken:
            raise invalid_data(validation_sentence(what, broken, self.run))

    def _judge(self, results: list[NodeResult]) -> None:
        """Refuse to go on when a model or a test failed."""
        tests = [result for result in results if result.is_test]
        failures = [
            with_broken_rules(result, self.engine.file) for result in results if result.is_failure
        ]
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
            read_rejections(self.outcome, self.engine.file)
            self.reporter.rejections(self.outcome.rejections)
            raise too_many_rejected(self.outcome.datasets, self.settings, self.run)
        raise failure(failures, self.run, self.engine)

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

    def _empty(self) -> set[str]:
        """The datasets without a row that had none in the build that is continued either."""
        known = self.contract.keys() - self.outcome.changed_rows.keys()
        return {name for name in known if not self.outcome.rows.get(name)}

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


def _said(sentence: str | None) -> list[str]:
    return [sentence] if sentence else []
