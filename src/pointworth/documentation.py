"""The documentation of the project as one page."""

import tempfile
from contextlib import nullcontext
from pathlib import Path

from pointworth.dbt_project.runner import DbtProject
from pointworth.engines import DuckDb
from pointworth.errors import as_sentences
from pointworth.project import find_project
from pointworth.settings import Settings
from pointworth.warehouse import Run, Warehouse


def write_documentation(home: Path) -> Path:
    """Write the project's target/static_index.html; types come from the home's last build."""
    project = find_project()
    warehouse = Warehouse(home.resolve())
    with tempfile.TemporaryDirectory() as scratch, as_sentences(home):
        is_built = warehouse.build_file.is_file()
        if not is_built:
            warehouse = Warehouse(Path(scratch))
        warehouse.build_folder.mkdir(parents=True, exist_ok=True)
        with warehouse.locked("documentation") if is_built else nullcontext():
            run, settings = Run(Path(scratch)), Settings(landing=Path(scratch))
            engine = DuckDb(warehouse, run, settings)
            dbt = DbtProject(project, warehouse, run, settings, engine)
            return dbt.docs(project / "target")
