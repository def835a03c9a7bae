"""Cheap checks of a landing folder, before anything is started: what is there, and is it whole.

Columns are checked by the project's own loader (`load_landing`), which reads every header anyway.
"""

import difflib
from dataclasses import dataclass
from pathlib import Path

from pointworth.errors import usage_error
from pointworth.project import Dataset

FORMATS = (".csv.gz", ".csv", ".parquet")
_PARQUET_MAGIC = b"PAR1"


@dataclass(frozen=True)
class Landing:
    """The files of a landing folder by dataset."""

    folder: Path
    files: dict[str, tuple[Path, ...]]


def survey_landing(folder: Path, contract: dict[str, Dataset]) -> Landing:
    """Find the files of every dataset and refuse a folder no build can start from."""
    if not folder.exists():
        raise usage_error(
            f"The landing folder {folder} does not exist: name the folder with the extracts."
        )
    if not folder.is_dir():
        raise usage_error(f"The landing {folder} is a file: name the folder with the extracts.")
    files = {name: found for name in contract if (found := _files_of(folder, name))}
    if not files:
        raise usage_error(_nothing_found(folder, contract))
    for name, dataset in contract.items():
        if dataset.required and name not in files:
            close = difflib.get_close_matches(name, _stems(folder), n=1)
            hint = f"; is it what {close[0]} holds?" if close else "."
            raise usage_error(
                f"The landing {folder} has no {name}, which is required: add {name}.csv, .csv.gz, "
                f".parquet or a folder {name}{hint}"
            )
    for name, paths in files.items():
        _check_files(name, paths, folder)
    return Landing(folder, files)


def _files_of(folder: Path, name: str) -> tuple[Path, ...]:
    single = [folder / f"{name}{suffix}" for suffix in FORMATS]
    found = [path for path in single if path.is_file()]
    parts = folder / name
    if parts.is_dir():
        found += sorted(path for path in parts.rglob("*") if path.is_file() and _format(path))
    return tuple(found)


def _check_files(name: str, paths: tuple[Path, ...], folder: Path) -> None:
    formats = {_format(path) for path in paths}
    places = {path.parent == folder for path in paths}
    if len(formats) > 1 or len(places) > 1:
        shown = ", ".join(path.name for path in paths[:3])
        raise usage_error(
            f"The dataset {name} comes more than once ({shown}): keep one file or one folder, "
            "in one format."
        )
    for path in paths:
        if path.stat().st_size == 0:
            raise usage_error(
                f"{path} is empty, without even a header: export it again, or remove it."
            )
        if _format(path) == ".parquet" and not _is_whole_parquet(path):
            raise usage_error(f"{path} is no whole Parquet file: export it again, or remove it.")


def _is_whole_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(-4, 2)
        return start == file.read(4) == _PARQUET_MAGIC


def _format(path: Path) -> str:
    return next((suffix for suffix in FORMATS if path.name.endswith(suffix)), "")


def _stems(folder: Path) -> list[str]:
    return sorted({path.name.split(".")[0] for path in folder.iterdir()})


def _nothing_found(folder: Path, contract: dict[str, Dataset]) -> str:
    present = sorted(path.name for path in folder.iterdir())
    if not present:
        return (
            f"The landing folder {folder} is empty: put the extracts there, "
            "at least survey_responses.csv."
        )
    for name in contract:
        close = difflib.get_close_matches(name, _stems(folder), n=1)
        if close:
            return (
                f"The landing {folder} holds no dataset of the contract, but {close[0]}: "
                f"is it {name}? Rename it, as .csv, .csv.gz or .parquet."
            )
    shown = ", ".join(present[:3])
    return (
        f"The landing {folder} holds no dataset of the contract, only {shown}: name the files "
        "after the datasets, for example survey_responses.csv."
    )
