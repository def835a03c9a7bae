"""`pointworth build`: from a landing folder to published marts, if there is a reason."""

from collections.abc import Collection
from pathlib import Path

from pointworth.allowances import Allowance
from pointworth.engines import engine_for
from pointworth.errors import PointworthError, as_sentences
from pointworth.guards import Guards
from pointworth.landing import inspect_landing
from pointworth.project import (
    find_project,
    landing_contract,
    project_variables,
    score_scales,
    with_segments,
)
from pointworth.run.outcome import Outcome, Reporter
from pointworth.run.steps import Build
from pointworth.run.unchanged import Origin
from pointworth.settings import Target, read_settings
from pointworth.warehouse import Warehouse


def build(
    landing: Path,
    home: Path,
    reporter: Reporter,
    *,
    target: Target = Target.duckdb,
    as_of: str | None = None,
    full_refresh: bool = False,
    threads: int = 2,
    memory_limit: str = "8GB",
    max_rejected_share: float | None = None,
    allowed: Collection[Allowance] = frozenset(),
) -> Outcome:
    """Turn a landing folder into published marts; raises PointworthError when anything stops it.

    `allowed` are the losses against the published run that are meant.
    """
    project = find_project()
    known = project_variables(project)
    contract = landing_contract(project)
    scales = score_scales(project)
    warehouse = Warehouse(home.resolve())
    origin = None
    with as_sentences(landing):
        try:
            settings = read_settings(
                landing,
                known,
                as_of=as_of,
                max_rejected_share=max_rejected_share,
                full_refresh=full_refresh,
                threads=threads,
                memory_limit=memory_limit,
            )
        except PointworthError as error:
            inspect_landing(
                landing, contract, frozenset(allowed), scales=scales, also=[error.message]
            )
            raise
        contract = with_segments(contract, settings.segments)
        if landing.is_dir():
            origin = Origin.of(project, warehouse, settings, target, contract)
            if not full_refresh and warehouse.marts_file.is_file():
                with warehouse.locked("build"):
                    run = origin.published_run()
                    if run is not None:
                        warehouse.restore_page(run)
                if run is not None:
                    return Outcome.of_unchanged(run)
        found = inspect_landing(
            landing,
            contract,
            frozenset(allowed),
            scales=scales,
            tolerated=lambda dataset: settings.highest_rejected_share(dataset, 0.05),
        )
    assert origin is not None  # what is no folder has been refused
    engine_class = engine_for(target)
    engine_class.require()
    with warehouse.locked("build"):
        published = warehouse.logged_run()
        guards = Guards(published.record if published else {}, allowed)
        run = warehouse.start_run()
        engine = engine_class(warehouse, run, settings)
        return Build(
            project, contract, found, settings, warehouse, run, engine, reporter, guards, origin
        ).execute()
