"""Reads the project and keeps it, so that no first build has to: a step of `make setup`."""

import tempfile
from pathlib import Path

from pointworth.dbt_project.runner import DbtProject
from pointworth.engines import DuckDb
from pointworth.project import find_project
from pointworth.settings import Settings
from pointworth.warehouse import Run, Warehouse


def read_ahead() -> None:
    """Read the project without any setting, in a home that does not stay."""
    with tempfile.TemporaryDirectory() as scratch:
        warehouse, run = Warehouse(Path(scratch)), Run(Path(scratch))
        warehouse.build_folder.mkdir(parents=True)
        settings = Settings(landing=Path(scratch))
        engine = DuckDb(warehouse, run, settings)
        DbtProject(find_project(), warehouse, run, settings, engine).parse()


if __name__ == "__main__":
    read_ahead()
