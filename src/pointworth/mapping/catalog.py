"""The mappings there are: folders of SQL, the project's by name and anybody's by path."""

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from pathlib import Path

from pointworth.mapping.errors import MappingError
from pointworth.mapping.layout import LAYOUT_FILE, Layout, read_layout
from pointworth.project import Dataset, find_project, landing_contract

EMAILS = "customer_emails"
"""A query that is no dataset: under which e-mail a tool knows its customers, to link them by."""


@dataclass(frozen=True)
class Mapping:
    """One source: its queries by dataset, the tables it reads, the settings it asks for."""

    name: str
    folder: Path
    queries: dict[str, Path]
    layout: Layout
    emails: Path | None = None

    @property
    def settings(self) -> Path:
        """What the source needs set for its landing; the file need not be there."""
        return self.folder / "settings.yml"


def sources() -> list[str]:
    """The sources that have a folder of SQL in ``mappings/``, by name."""
    return sorted({query.parent.name for query in (find_project() / "mappings").glob("*/*.sql")})


def listed_mappings() -> list[Mapping]:
    """The project's own mappings."""
    return [find_mapping(name) for name in sources()]


def find_mapping(source: str | Path) -> Mapping:
    """The mapping of a name in ``mappings/`` or of a folder anywhere; raises ``MappingError``."""
    folder = find_project() / "mappings" / source
    if isinstance(source, Path) or source not in sources():
        folder = Path(source).resolve()
        if not folder.is_dir():
            raise MappingError(
                f"There is no mapping called '{source}': use one of {', '.join(sources())}, "
                "or name a folder of SQL, as the README of mappings/ says."
            )
        if not any(folder.glob("*.sql")):
            raise MappingError(
                f"{folder} holds no SQL: write survey_responses.sql there, as the README of "
                "mappings/ says."
            )
    queries = {path.stem: path for path in sorted(folder.glob("*.sql"))}
    emails = queries.pop(EMAILS, None)
    _check_datasets(short(folder), set(queries), landing_contract(find_project()))
    return Mapping(folder.name, folder, queries, read_layout(folder / LAYOUT_FILE), emails)


def require_answers(mapping: Mapping) -> None:
    """A landing by itself needs its required datasets."""
    for name, dataset in landing_contract(find_project()).items():
        if dataset.required and name not in mapping.queries:
            raise MappingError(
                f"{short(mapping.folder)} lacks the required dataset {name}: add {name}.sql, with "
                "'where false' when the source has none, or map it together with a survey tool."
            )


def short(path: Path) -> str:
    """As much of a path as tells a person which one it is."""
    return "/".join(path.parts[-3:] if path.suffix else path.parts[-2:])


def _check_datasets(folder: str, names: set[str], contract: Dictionary[str, Dataset]) -> None:
    for name in sorted(names - set(contract)):
        raise MappingError(
            f"{folder}/{name}.sql names no dataset of the landing contract: "
            f"rename it to one of {', '.join(sorted(contract))}."
        )
