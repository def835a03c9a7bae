"""The dbt project this package drives: where it is, its variables, and the landing contract."""

import csv
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from pointworth.errors import PointworthError

CONTRACT = Path("models/staging/_landing__sources.yml")
SCALES = Path("seeds/score_scales.csv")
SEGMENT_DATASETS = {"crm_customers", "survey_responses"}
_CARRIED = Path(__file__).resolve().parent / "_project"
"""Where a wheel has the dbt project: setup.py puts it there."""
_PROJECT_FILES = ("dbt_project.yml", "profiles.yml", "packages.yml", "dependencies.yml")
_FOLDERS = {
    "model": "models",
    "seed": "seeds",
    "test": "tests",
    "macro": "macros",
    "analysis": "analyses",
    "snapshot": "snapshots",
}
"""Where dbt looks for what, unless the project says otherwise."""


@dataclass(frozen=True)
class Column:
    """A column of the landing contract; in the files it may be `called` otherwise."""

    name: str
    data_type: str
    required: bool
    personal: bool
    codes: tuple[str, ...] = ()
    scale: str | None = None
    default: str | None = None
    called: str | None = None

    @property
    def header(self) -> str:
        """The name in the header of a file."""
        return self.called or self.name


@dataclass(frozen=True)
class Scale:
    """A scale of scores, from end to end."""

    name: str
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Dataset:
    """A dataset of the landing contract."""

    name: str
    required: bool
    key: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Mart:
    """A mart as the dbt project promises it."""

    name: str
    description: str
    columns: dict[str, str]
    described: dict[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    filled: frozenset[str] = frozenset()
    """The columns that are never NULL."""


def find_project() -> Path:
    """Where dbt_project.yml is: POINTWORTH_PROJECT, else in or above this package, else above here.

    An installed package carries the project it was made with; a checkout has it above ``src``.
    """
    named = os.environ.get("POINTWORTH_PROJECT")
    if named:
        if (Path(named) / "dbt_project.yml").is_file():
            return Path(named).resolve()
        raise PointworthError(
            f"POINTWORTH_PROJECT names {named}, which holds no dbt_project.yml: "
            "set it to a checkout of Pointworth."
        )
    if (_CARRIED / "dbt_project.yml").is_file():
        return _CARRIED
    for start in (Path(__file__).resolve(), Path.cwd().resolve() / "here"):
        for folder in start.parents:
            if (folder / "dbt_project.yml").is_file() and (folder / CONTRACT).is_file():
                return folder
    raise PointworthError(
        "The dbt project of Pointworth was found neither around this package nor around the "
        "current folder: run from a checkout, or set POINTWORTH_PROJECT to one."
    )


def project_variables(project: Path) -> dict[str, Any]:
    """The variables of dbt_project.yml with their default values."""
    variables = _yaml(project / "dbt_project.yml").get("vars") or {}
    return dict(variables)


def project_fingerprint(project: Path) -> str:
    """Changes with the name or the content of any file that dbt reads of the project."""
    content = _yaml(project / "dbt_project.yml")
    folders = {
        folder
        for key, usual in _FOLDERS.items()
        for folder in [*content.get(f"{key}-paths", [usual]), *content.get("docs-paths", [])]
    }
    found = hashlib.blake2b(digest_size=16)
    files = [path for folder in sorted(folders) for path in sorted((project / folder).rglob("*"))]
    for path in [*(project / name for name in _PROJECT_FILES), *files]:
        if path.is_file():
            content_hash = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
            found.update(f"{path.relative_to(project)}\0{content_hash}\0".encode())
    return found.hexdigest()


def package_fingerprint() -> str:
    """Changes when a file of this package does."""
    found = hashlib.blake2b(digest_size=16)
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            found.update(path.read_bytes())
    return found.hexdigest()


def macros_fingerprint(project: Path) -> str:
    """Changes when a macro does. dbt knows whether a model changed, but not whether a macro did."""
    found = hashlib.md5(usedforsecurity=False)
    for path in sorted((project / "macros").rglob("*.sql")):
        found.update(path.read_bytes())
    return found.hexdigest()


def landing_contract(project: Path) -> dict[str, Dataset]:
    """The datasets of the landing contract by name."""
    tables = _yaml(project / CONTRACT)["sources"][0]["tables"]
    return {table["name"]: _dataset(table) for table in tables if "key" in _meta(table)}


def with_segments(contract: Mapping[str, Dataset], segments: Iterable[str]) -> dict[str, Dataset]:
    """The contract with a column for each of the user's segments that it does not have.

    The macro landing_dataset does the same for the build. A segment may stand in either dataset, so
    both may have it; one that no file has stops the build, which has read all headers by then.
    """
    extended = dict(contract)
    for name in extended.keys() & SEGMENT_DATASETS:
        dataset = extended[name]
        known = {column.name for column in dataset.columns}
        own = [
            Column(f"own_{segment}", "text", required=False, personal=False, called=segment)
            for segment in segments
            if segment not in known
        ]
        extended[name] = replace(dataset, columns=(*dataset.columns, *own))
    return extended


def score_scales(project: Path) -> dict[str, Scale]:
    """The scales a score can stand on, by name; none in a project without such a seed."""
    path = project / SCALES
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["scale"]: Scale(row["scale"], float(row["minimum"]), float(row["maximum"]))
            for row in csv.DictReader(file)
        }


def _dataset(table: dict[str, Any]) -> Dataset:
    meta = _meta(table)
    return Dataset(
        name=table["name"],
        required=bool(meta.get("required")),
        key=tuple(meta.get("key", ())),
        columns=tuple(
            Column(
                name=column["name"],
                data_type=column.get("data_type", "text"),
                required=bool(_meta(column).get("required")),
                personal=bool(_meta(column).get("personal")),
                codes=tuple(_meta(column).get("codes") or ()),
                scale=_meta(column).get("scale"),
                default=_meta(column).get("default"),
            )
            for column in table.get("columns", ())
        ),
    )


def _meta(entry: dict[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = entry.get("config") or {}
    return config.get("meta") or {}


@cache
def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where it is there
    content: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), loader)
    return content
