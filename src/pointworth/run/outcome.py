"""What a run says while it goes on, and what is recorded of it."""

from dataclasses import dataclass, field, fields, replace
from typing import Any

from pointworth.dbt_project.results import Progress
from pointworth.warehouse import Run

UNCHANGED = "unchanged"


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
    page: str | None = None
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
