"""dbt, driven in this process: parse once, run an operation, build with every test."""

import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pointworth.dbt_project.kept import KeptProject
from pointworth.dbt_project.left_out import LeftOut, left_out
from pointworth.dbt_project.results import (
    NodeResult,
    Progress,
    RulesAtTheEnd,
    node_result,
    once_per_node,
)
from pointworth.engines import Engine
from pointworth.errors import PointworthError, one_line, usage_error
from pointworth.garbage import rarely_collected
from pointworth.project import Mart, macros_fingerprint
from pointworth.record.definitions import definitions
from pointworth.settings import Settings
from pointworth.warehouse import Run, Warehouse

BREACH = re.compile(r"Landing: (?P<sentence>.+?)(?:\n\s*\n|\n\s*> |\Z)", re.DOTALL)
MIXED_LINE_ENDS = re.compile(
    r"CSV Parser state machine.*?^\s*file = (?P<path>[^\n]+)", re.DOTALL | re.MULTILINE
)
LEFT_OUT = "left_out"
_BUILT = ("model", "seed", "snapshot", "test")


class OperationError(PointworthError):
    """A macro failed; `said` is what the database said."""

    def __init__(self, macro: str, said: str) -> None:
        super().__init__(f"dbt could not run {macro}: {_reason(said)}.")
        self.said = said


@dataclass
class DbtProject:
    """The dbt project, aimed at one warehouse and engine, for one run."""

    project: Path
    warehouse: Warehouse
    run: Run
    settings: Settings
    engine: Engine
    left_out: LeftOut = field(default_factory=LeftOut)
    this_run: dict[str, Any] = field(default_factory=dict)
    """What the models are told of the run."""
    _manifest: Any = field(default=None, repr=False)

    def parse(self) -> str | None:
        """Read the project, or take it as it was read before; later steps reuse it.

        Returns what is to be said of a kept project that was of no use.
        """
        if not self.engine.names_are_lasting:
            self._manifest = self._read(self.settings.dbt_variables)
            return None
        kept = KeptProject(self.project, self.engine.target, self.settings.variables)
        self._manifest, damage = kept.read()
        if self._manifest is None:
            self._manifest = self._read(kept.variables)
            kept.keep(self._manifest)
        return damage

    @property
    def _run_time(self) -> dict[str, Any]:
        return {
            **self.settings.dbt_variables,
            "left_out": self.left_out.names,
            "this_run": self.this_run,
        }

    def _read(self, variables: dict[str, Any]) -> Any:
        result = self._invoke(["parse"], variables=variables)
        if not result.success:
            raise self._broken(result)
        return result.result

    def definitions(self, usual: Mapping[str, Any]) -> dict[str, dict[str, str | None]]:
        """How each figure that is kept is defined; `usual` are the settings as they come."""
        return definitions(self._manifest, self.settings.variables, usual)

    def marts(self) -> list[Mart]:
        """The marts of the project, by name."""
        models = [
            node
            for node in self._manifest.nodes.values()
            if node.resource_type == "model" and node.access == "public"
        ]
        return [
            Mart(
                name=model.name,
                description=model.description,
                columns={
                    column.name: column.data_type
                    for column in model.columns.values()
                    if column.data_type
                },
                described={
                    column.name: column.description
                    for column in model.columns.values()
                    if column.description
                },
                key=_key(model),
                filled=frozenset(
                    column.name
                    for column in model.columns.values()
                    if any(rule.type == "not_null" for rule in column.constraints)
                ),
            )
            for model in sorted(models, key=lambda model: str(model.name))
        ]

    def datasets_behind(self, mart: Mart, filled: set[tuple[str, str]]) -> set[str]:
        """The landing datasets an empty mart is empty for.

        `filled` are the (schema, table) of the build with rows; a dataset counts when no table on a
        way from it to the mart has any.
        """
        waiting = [f"model.{self._manifest.metadata.project_name}.{mart.name}"]
        seen: set[str] = set()
        datasets: set[str] = set()
        while waiting:
            for parent in self._manifest.parent_map.get(waiting.pop(), ()):
                node = self._manifest.nodes.get(parent) or self._manifest.sources.get(parent)
                if parent in seen or node is None or (node.schema, node.identifier) in filled:
                    continue
                seen.add(parent)
                waiting.append(parent)
                if parent in self._manifest.sources:
                    datasets.add(node.name)
        return datasets

    def leave_out(self, filled: Collection[str], empty: Collection[str]) -> None:
        """Models without data among the filled datasets and columns are not built, nor what is
        staged of the empty ones.

        They get a tag, because dbt looks for each name among all nodes anew, and for a tag once.
        """
        self.left_out = left_out(self._manifest, filled, empty)
        names = set(self.left_out.names)
        for node in self._manifest.nodes.values():
            if node.resource_type == "model" and node.name in names:
                node.tags = [*node.tags, LEFT_OUT]

    def load_landing(self, careful_files: Collection[str] = ()) -> None:
        """Read the landing into the build; a breach of the contract is the user's sentence.

        `careful_files` have lines that end in several ways. Where that shows only while such a file
        is read, it is read again line by line.
        """
        careful = set(careful_files)
        while True:
            try:
                return self.operate(
                    "load_landing",
                    from_scratch=self.settings.full_refresh,
                    careful_files=sorted(careful),
                )
            except OperationError as error:
                unread = self._unread_by_the_fast_reader(error.said)
                if unread is None or unread in careful:
                    raise self._load_failure(error.said) from error
                careful.add(unread)

    def _unread_by_the_fast_reader(self, said: str) -> str | None:
        found = MIXED_LINE_ENDS.search(said)
        if found is None:
            return None
        path = Path(found["path"].strip())
        folder = self.settings.landing
        return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else None

    def _load_failure(self, said: str) -> PointworthError:
        breach = BREACH.search(said)
        if breach:
            sentence = " ".join(breach["sentence"].split())
            return usage_error(sentence[:1].upper() + sentence[1:])
        return usage_error(
            f"The landing {self.settings.landing} could not be loaded: {_reason(said)}"
        )

    def operate(self, macro: str, **arguments: Any) -> None:
        """Run a macro; raises OperationError unless it is the machine that gives out."""
        errors: list[str] = []

        def listen(event: Any) -> None:
            if event.info.name in ("RunningOperationCaughtError", "RunningOperationUncaughtError"):
                errors.append(str(event.data.exc))

        result = self._invoke(
            ["run-operation", macro, "--no-write-json", "--args", json.dumps(arguments)],
            [listen],
            self._run_time,
        )
        if not result.success:
            said = "\n".join(errors) or str(result.exception)
            raise self.engine.refusal(said) or OperationError(macro, said)

    def build(self, progress: Progress) -> list[NodeResult]:
        """Build every model with its data tests; returns what became of each node.

        Unit tests prove the project on data of their own and say nothing about a landing: they
        belong to `make test`.
        """
        nodes = self._manifest.nodes
        at_the_end = RulesAtTheEnd(nodes, progress) if self.engine.rules_at_the_end else None
        names = self.left_out.names
        excluded = [
            *([f"tag:{LEFT_OUT}"] if names else []),
            *(["test_type:generic"] if at_the_end else []),
        ]
        progress.expect(sum(node.resource_type in _BUILT for node in nodes.values()) - len(names))
        result = self._invoke(
            [
                "build",
                "--exclude-resource-type",
                "unit_test",
                *(["--exclude", *excluded] if excluded else []),
            ],
            [once_per_node(progress), *([at_the_end.hear] if at_the_end else [])],
            {
                **self._run_time,
                "landing_is_loaded": True,
                "rules_at_the_end": at_the_end is not None,
            },
        )
        if result.result is None:
            raise self._broken(result)
        entries = result.result.results
        built = {entry.node.unique_id for entry in entries if str(entry.status) == "success"}
        rules = at_the_end.results(built) if at_the_end else []
        return [*map(node_result, entries), *rules]

    def docs(self, folder: Path) -> Path:
        """Write the project's documentation as one page that needs no network."""
        folder.mkdir(parents=True, exist_ok=True)
        result = self._invoke(
            ["docs", "generate", "--static", "--write-json", "--target-path", str(folder)]
        )
        if not result.success:
            raise self._broken(result)
        return folder / "static_index.html"

    def _invoke(
        self,
        command: list[str],
        listeners: Sequence[Callable[[Any], None]] = (),
        variables: dict[str, Any] | None = None,
    ) -> Any:
        from dbt.cli.main import dbtRunner

        runner = dbtRunner(manifest=self._manifest, callbacks=list(listeners))
        arguments = [
            *command,
            *("--project-dir", str(self.project), "--profiles-dir", str(self.project)),
            *("--target", self.engine.target),
            *("--vars", json.dumps(variables or {}, default=str)),
            *(
                "--log-path",
                str(self.run.folder),
                "--log-level",
                "none",
                "--log-level-file",
                "info",
            ),
            *("--quiet", "--no-print", "--no-use-colors", "--no-version-check"),
        ]
        with rarely_collected(), self._environment(), self.engine.commanded():
            result = runner.invoke(arguments)
        if isinstance(result.exception, KeyboardInterrupt | SystemExit):
            raise result.exception
        return result

    @contextmanager
    def _environment(self) -> Iterator[None]:
        values = {
            **self.engine.environment(),
            "POINTWORTH_TARGET": str(self.warehouse.build_folder / self.engine.target_folder),
            "POINTWORTH_THREADS": str(self.settings.threads),
            "POINTWORTH_MACROS": macros_fingerprint(self.project),
            # Files about the run, for whoever asks for them with dbt's own variable.
            "DBT_WRITE_JSON": os.environ.get("DBT_WRITE_JSON", "false"),
        }
        before = {name: os.environ.get(name) for name in values}
        os.environ.update(values)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

    def _broken(self, result: Any) -> PointworthError:
        message = str(result.exception or "dbt gave no reason")
        return self.engine.refusal(message) or PointworthError(
            f"dbt stopped: {_reason(message)} (details in {self.run.folder / 'dbt.log'})."
        )


def interrupt_queries() -> None:
    """Interrupt every query that dbt is running, whatever the engine, in whatever thread."""
    from dbt.adapters.contracts.connection import ConnectionState
    from dbt.adapters.factory import FACTORY

    for adapter in tuple(FACTORY.adapters.values()):
        for connection in tuple(adapter.connections.thread_connections.values()):
            if connection.state == ConnectionState.OPEN:  # else asking for it would open it
                with suppress(Exception):
                    adapter.connections.cancel(connection)


def _key(model: Any) -> tuple[str, ...]:
    """The columns of a mart's primary key, none where it declares none."""
    for rule in model.constraints:
        if rule.type == "primary_key":
            return tuple(rule.columns)
    return ()


def _reason(message: str) -> str:
    """dbt's message without its headings."""
    lines = [line.strip() for line in message.strip().splitlines() if line.strip()]
    if len(lines) > 1 and re.match(r"^(\w+ )+Error( in .*)?$", lines[0]):
        lines = lines[1:]
    return one_line("\n".join(lines[:2])).rstrip(".")
