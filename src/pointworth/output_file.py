"""A file that a command writes for a person: nothing of the warehouse, and whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pointworth.errors import from_os_error, usage_error
from pointworth.warehouse import Warehouse


def refuse_the_warehouse(home: Path, file: Path) -> None:
    """What a build publishes, and what it keeps, is nobody's to write."""
    warehouse, wanted = Warehouse(home.resolve()), file.resolve()
    kept = (warehouse.runs_folder, warehouse.build_folder)
    if wanted == warehouse.marts_file or any(wanted.is_relative_to(folder) for folder in kept):
        raise usage_error(f"{file} belongs to the warehouse: name another file with --out.")


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """A draft that takes the place of `file` when all of it is written."""
    if file.is_dir():
        raise usage_error(f"{file} is a folder: name a file with --out.")
    if not file.parent.is_dir():
        raise usage_error(f"There is no folder {file.parent}: make it first.")
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        yield draft
        draft.replace(file)
    except OSError as error:
        raise from_os_error(error, file) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
