"""What a run asks of an engine, and what an engine asks of dbt."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Protocol

from pointworth.database import connected
from pointworth.errors import PointworthError
from pointworth.project import Mart
from pointworth.settings import Settings, Target
from pointworth.warehouse import Run, Warehouse


class Dbt(Protocol):
    """The project of a run, as far as an engine uses it."""

    def operate(self, macro: str, **arguments: Any) -> None:
        """Run a macro."""

    def marts(self) -> list[Mart]:
        """The marts of the project."""


class Engine(ABC):
    """Where a run computes; `file` is the DuckDB file in which its outcome can be seen."""

    target: ClassVar[Target]
    shows_all_rows: ClassVar[bool] = True
    """Whether `file` has every row of the landing, or of large datasets a sample."""
    names_are_lasting: ClassVar[bool] = True
    """Whether relations are called the same in every run and home, so that dbt may keep them."""
    rules_at_the_end: ClassVar[bool] = True
    """Whether a query costs less than a node of dbt's, so that rules of tables wait for the end."""
    file: Path

    def __init__(self, warehouse: Warehouse, run: Run, settings: Settings) -> None:
        self.warehouse = warehouse
        self.run = run
        self.settings = settings

    @property
    def target_folder(self) -> str:
        """The name of dbt's folder: what it read for one target is of no use for another."""
        return f"target-{self.target}"

    @classmethod
    @abstractmethod
    def require(cls) -> None:
        """Stop with one sentence when the machine is not fit for it."""

    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """The variables that profiles.yml reads."""

    @abstractmethod
    def refusal(self, text: str) -> PointworthError | None:
        """The sentence for a machine that gives out, or None when `text` tells of other things."""

    @contextmanager
    def working(self) -> Iterator[None]:
        """Around all of a run."""
        yield

    @contextmanager
    def commanded(self) -> Iterator[None]:
        """Around one dbt command."""
        yield

    def lent(self, files: Mapping[str, Path]) -> dict[str, str]:
        """Where the engine finds these files of the home."""
        return {name: str(file) for name, file in files.items()}

    @abstractmethod
    def loaded(self, dbt: Dbt) -> None:
        """The landing is loaded: let it be seen in `file`."""

    @abstractmethod
    def built(self, dbt: Dbt, names: set[str]) -> None:
        """These models are built: let the marts among them be seen in `file`."""

    @abstractmethod
    def filled(self, dbt: Dbt) -> set[tuple[str, str]]:
        """The (schema, table) of the build that have a row."""

    @abstractmethod
    def publish(self, dbt: Dbt) -> None:
        """Let the engine's own readers see this run, just before the file's readers do."""

    def kill(self) -> None:  # noqa: B027 - most have started nothing
        """The process ends at once: take with it what it has started."""

    @abstractmethod
    def withdraw(self, dbt: Dbt) -> None:
        """This run failed: let the engine's own readers see what they saw before it."""


def pairs(file: Path, query: str) -> set[tuple[str, str]]:
    """The two columns of a query on a file."""
    with connected(file, read_only=True) as connection:
        return {(str(schema), str(name)) for schema, name in connection.execute(query).fetchall()}
