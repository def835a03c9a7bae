"""Simulated worlds built once per session and shared by all workers of pytest-xdist.

A world is a landing folder with a planted truth and the DuckDB file that plain dbt builds from it,
models and seeds only. The first worker to ask builds it under a file lock; the others wait and then
read the same file.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import duckdb
import pandas as pd
import pytest

from campaigns import AS_OF, write_campaigns
from carings import write_carings
from doubts import HORIZON as DOUBTED_MONTHS
from doubts import write_doubts
from pointworth.dbt_project.kept import CACHE_VARIABLE
from pointworth.garbage import not_collected
from pointworth_worlds import COVERAGE, simulate
from risks import AS_OF as RISKS_AS_OF
from risks import Plan, write_risks

ROOT = Path(__file__).parents[2]
MARTS = "marts"
#: What was published before, and by which run, is not the same in two homes.
OF_THE_HOME = {
    "published_figures",
    "revenue_restatements",
    "nps_restatements",
    "revenue_per_point_restatements",
    "run_info",
}
# What other marts multiply points by.
POINT_VALUES = (
    "select segment_dimension, segment_value, currency, "
    "cast(revenue_per_point as double) as value_of_a_point, "
    "cast(standard_error as double) as value_standard_error from marts.revenue_per_point "
    "where adjustment = 'adjusted' and base = 'active_customers'"
)

#: Of the customers of the world of coverage, the share with an index answer.
ANSWERED = 0.878

#: What the segmented world's settings make segments.
OWN_SEGMENTS = ["contract_length", "mood", "industry"]

#: What cells are made of: attributes of the customer, of its standing and of the answer.
ATTRIBUTES = {
    "customer": ["client_id", "customer_type", "region", "plan_tier"],
    "standing": ["tenure_band", "revenue_band"],
    "answer": ["service_line", "journey_stage", "channel"],
}

Maker = Callable[[Path], Any]


@dataclass(frozen=True)
class World:
    """A landing and what was built from it."""

    folder: Path

    @property
    def landing(self) -> Path:
        """The raw extracts."""
        return self.folder / "landing"

    @property
    def file(self) -> Path:
        """The build file."""
        return self.folder / "build.duckdb"

    def publish(self, home: Path) -> Path:
        """A home whose published file holds the marts."""
        with duckdb.connect(str(home / "marts.duckdb")) as connection:
            connection.execute(f"attach '{self.file}' as build (read_only)")
            for mart in self.marts():
                connection.execute(f"create table {mart} as select * from build.marts.{mart}")
        return home

    @property
    def truth(self) -> dict[str, Any]:
        """What was planted."""
        content: dict[str, Any] = json.loads((self.landing / "truth.json").read_text("utf-8"))
        return content

    def frame(self, query: str, *parameters: Any) -> pd.DataFrame:
        """The rows of a query."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            return connection.execute(query, list(parameters)).df()

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of a query as tuples of Python values."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            return connection.execute(query, list(parameters)).fetchall()

    def one(self, query: str, *parameters: Any) -> dict[str, Any]:
        """The only row of a query by column."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            result = connection.execute(query, list(parameters))
            names = [column[0] for column in result.description or ()]
            rows = result.fetchall()
        assert len(rows) == 1, f"{len(rows)} rows instead of one: {query}"
        return dict(zip(names, rows[0], strict=True))

    def compiled(self, model: str) -> str:
        """The SQL of a model as dbt compiled it; its relations live in a database `build`."""
        (path,) = (self.folder / "build-target" / "compiled").rglob(f"{model}.sql")
        return path.read_text("utf-8")

    def marts(self) -> dict[str, list[str]]:
        """The marts with their columns in order."""
        tables: dict[str, list[str]] = {}
        for table, column in self.rows(
            "select table_name, column_name from information_schema.columns "
            "where table_schema = ? order by table_name, ordinal_position",
            MARTS,
        ):
            tables.setdefault(table, []).append(column)
        return tables


class BuildError(AssertionError):
    """dbt did not finish; the message holds what it said."""


def dbt_build(
    landing: Path,
    file: Path,
    *,
    project: Path = ROOT,
    select: Sequence[str] = (),
    tests: bool | Literal["data"] = False,
    indirect: Literal["eager", "cautious"] = "eager",
    **variables: Any,
) -> dict[str, str]:
    """Build a landing with plain dbt; the status of every node by its unique id.

    Without tests, a node that fails raises BuildError; with tests (all, or those of data) the
    caller judges. Of a part, the tests of any model in it, or (`cautious`) those whose models are
    all in it.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    kinds = ["model", "seed", "snapshot"] + (["test"] if tests else [])
    kinds += ["unit_test"] if tests is True else []
    values = {"landing": str(landing), "max_rejected_share": 1, **variables}
    messages: list[str] = []
    arguments = [
        *("build", "--project-dir", str(project), "--profiles-dir", str(project)),
        *("--vars", json.dumps(values), "--log-level", "none", "--log-level-file", "none"),
        *("--target-path", str(file.parent / f"{file.stem}-target"), "--quiet", "--no-print"),
        *("--no-version-check", "--no-use-colors", "--no-write-json", "--no-partial-parse"),
        *[part for kind in kinds for part in ("--resource-type", kind)],
        *(("--select", *select, "--indirect-selection", indirect) if select else ()),
    ]
    # Which models another one reads may depend on this setting: the project is read anew for it.
    basis = variables.get("churn_basis")
    manifest = project_as_it_is(file.name, basis) if project == ROOT else None
    with _environment(
        POINTWORTH_BUILD_FILE=str(file),
        POINTWORTH_TARGET=str(file.parent / f"{file.stem}-target"),
        POINTWORTH_SPILL=str(file.parent / f"{file.stem}-spill"),
    ):
        try:
            result = dbtRunner(manifest=manifest).invoke(arguments)
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if result.result is None:
        raise BuildError(str(result.exception))
    run: Any = result.result
    statuses = {}
    for entry in run.results:
        statuses[str(entry.node.unique_id)] = str(entry.status)
        if entry.status not in ("success", "pass", "skipped"):
            messages.append(f"{entry.node.unique_id}: {entry.status} {entry.message}")
    if not tests and not result.success:
        raise BuildError("\n".join(messages) or str(result.exception))
    return statuses


@cache
def project_as_it_is(file_name: str, churn_basis: str | None = None) -> Any:
    """The project as dbt reads it for a build file of this name, whatever the landing; builds of
    this process share it."""
    return project_as_read(file_name, churn_basis)


def project_as_read(file_name: str = "build.duckdb", churn_basis: str | None = None) -> Any:
    """The project as dbt reads it, to be had for oneself: read once in a run of the suite, and
    unpacked by whoever else asks."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

    folder = Path(os.environ[CACHE_VARIABLE]).with_name("read_projects")
    folder.mkdir(exist_ok=True)
    kept = folder / f"{file_name}_{churn_basis}"
    with locked(kept.with_suffix(".lock")):
        if not kept.exists():
            packed = _read(file_name, churn_basis).to_msgpack(extended_mashumaro_encoder)
            kept.write_bytes(packed)
    with not_collected():
        manifest = Manifest.from_msgpack(kept.read_bytes(), decoder=extended_mashumuro_decoder)
        manifest.build_parent_and_child_maps()
    return manifest


def _read(file_name: str, churn_basis: str | None) -> Any:
    from dbt.cli.main import dbtRunner

    values = {"churn_basis": churn_basis} if churn_basis else {}
    with (
        tempfile.TemporaryDirectory() as folder,
        _environment(POINTWORTH_BUILD_FILE=str(Path(folder) / file_name)),
    ):
        read = dbtRunner().invoke(
            [
                *("parse", "--project-dir", str(ROOT), "--profiles-dir", str(ROOT)),
                *("--target-path", folder, "--log-level", "none", "--log-level-file", "none"),
                *("--vars", json.dumps(values)),
                *("--quiet", "--no-print", "--no-version-check", "--no-write-json"),
            ]
        )
    if read.result is None:
        raise BuildError(str(read.exception))
    return read.result


@contextmanager
def _environment(**values: str) -> Iterator[None]:
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


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that all workers of this run see."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder common to all workers of this run; POINTWORTH_TEST_WORLDS names one that is kept.

    A kept world is not built again when a model changes: remove it then.
    """
    if kept := os.environ.get("POINTWORTH_TEST_WORLDS"):
        Path(kept).mkdir(parents=True, exist_ok=True)
        return Path(kept)
    base = factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    folder = base / "worlds"
    folder.mkdir(exist_ok=True)
    return folder


def built_once(factory: pytest.TempPathFactory, name: str, make: Maker, **options: Any) -> World:
    """The world of this name: `make` writes its landing, dbt builds it, once in a run."""
    folder = shared_folder(factory)
    world = World(folder / name)
    done = folder / f"{name}.done"
    with locked(folder / f"{name}.lock"):
        if not done.exists():
            shutil.rmtree(world.folder, ignore_errors=True)
            world.folder.mkdir()
            make(world.landing)
            dbt_build(world.landing, world.file, **options)
            done.touch()
    return world


def carrier(factory: pytest.TempPathFactory) -> World:
    """Consumer mobile, 4,000 customers, as CSV with one bad row in a hundred."""
    return built_once(
        factory,
        "carrier",
        lambda folder: simulate(
            "consumer_carrier", folder, customers=4_000, seed=1, format="csv", dirt=0.01
        ),
    )


def operator(factory: pytest.TempPathFactory) -> World:
    """Business telecom with several respondents per customer, clean."""
    return built_once(
        factory, "operator", lambda folder: simulate("network_operator", folder, seed=2)
    )


def credit(factory: pytest.TempPathFactory) -> World:
    """A provider for six clients, three currencies, an answer after each contact."""
    return built_once(
        factory, "credit", lambda folder: simulate("credit_services", folder, customers=3_000)
    )


def small(factory: pytest.TempPathFactory) -> World:
    """800 customers of the carrier, clean: what variants of the landing are compared with."""
    return built_once(
        factory,
        "small",
        lambda folder: simulate("consumer_carrier", folder, customers=800, seed=3, format="csv"),
    )


def segmented(factory: pytest.TempPathFactory) -> World:
    """The small world with a column more for customers and one for answers, and with settings that
    make them segments, and the industry."""
    return built_once(factory, "segmented", _write_segmented, segments=OWN_SEGMENTS)


def _write_segmented(folder: Path) -> None:
    """Of three customers two have a contract length, of two answers one a mood."""
    simulate("consumer_carrier", folder, customers=800, seed=3, format="csv")
    for dataset, key, column, values in (
        ("crm_customers", "customer_id", "Contract_Length", " 12 months |24 months|"),
        ("survey_responses", "response_id", "mood", "calm|"),
    ):
        choices = values.split("|")
        value = f"nullif({choices}[cast(hash({key}) % {len(choices)} as int) + 1], '')"
        with duckdb.connect() as connection:
            connection.execute(
                f"copy (select *, {value} as {column} "
                f"from read_csv('{folder}/{dataset}.csv', all_varchar = true, header = true)) "
                f"to '{folder}/{dataset}.new' (format csv, header true)"
            )
        (folder / f"{dataset}.new").replace(folder / f"{dataset}.csv")
    (folder / "pointworth.yml").write_text(f"segments: [{', '.join(OWN_SEGMENTS)}]\n", "utf-8")


def every_pack(factory: pytest.TempPathFactory) -> World:
    """The models that find themes, built with the themes of every trade."""
    return built_once(
        factory,
        "every_pack",
        lambda folder: simulate("consumer_carrier", folder, customers=200, seed=3, format="csv"),
        select=["+int_verbatim_mentions"],
        verbatim_packs=["general", "telecom", "utility", "collections", "marketplace"],
    )


def coverage(factory: pytest.TempPathFactory, answers: int = 370, clients: int = 100) -> World:
    """Independent worlds of one client each, with so many index answers on average."""
    spec = replace(COVERAGE, clients=clients)
    customers = round(clients * answers / ANSWERED)
    return built_once(
        factory,
        f"coverage_{answers}",
        lambda folder: simulate(spec, folder, customers=customers, seed=1),
        select=["+revenue_per_point"],
    )


def nothing(factory: pytest.TempPathFactory) -> World:
    """100 independent worlds in which the score changes nothing, though the strata still do."""
    spec = replace(COVERAGE, name="nothing", clients=100, effect_scale=0.0)
    return built_once(
        factory,
        "nothing",
        lambda folder: simulate(spec, folder, customers=20_000, seed=12),
        select=["+revenue_per_point"],
    )


def campaigns(factory: pytest.TempPathFactory) -> World:
    """Some two hundred campaigns with a planted effect each: see campaigns.py."""
    return built_once(
        factory,
        "campaigns",
        write_campaigns,
        select=["+retention_action_effects"],
        as_of_date=str(AS_OF),
        treated_share={"default": 0.5, "two_to_one": 0.66667},
    )


def carings(factory: pytest.TempPathFactory) -> World:
    """A hundred and twenty clients with a planted effect of being called: see carings.py."""
    return built_once(
        factory,
        "carings",
        write_carings,
        select=["+caring_effects", "+closed_loop_performance"],
        as_of_date=str(AS_OF),
    )


def doubts(factory: pytest.TempPathFactory) -> World:
    """Clients in each of which a different thing deceives: see doubts.py."""
    return built_once(
        factory,
        "doubts",
        write_doubts,
        select=["+areas.value"],
        horizon_months=DOUBTED_MONTHS,
    )


def risks(factory: pytest.TempPathFactory, **plan: Any) -> World:
    """Customers who leave by a known chance: see risks.py."""
    name = "_".join(["risks", *(f"{key}_{value}" for key, value in plan.items())])
    return built_once(
        factory,
        name,
        lambda folder: write_risks(folder, Plan(**plan)),
        select=["+churn_risk_scores", "+churn_risk_coefficients"],
        as_of_date=str(RISKS_AS_OF),
    )


class Bench:
    """Compiled models run on hand-made relations in memory: cases a simulation never draws."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as build")
        self.connection.execute("use build")
        for schema in ("landing", "reference", "staging", "intermediate", "marts"):
            self.connection.execute(f"create schema {schema}")

    def give(self, relation: str, query: str, **frames: pd.DataFrame) -> None:
        """Create a relation of the project from a query over named frames."""
        for name, frame in frames.items():
            self.connection.register(name, frame)
        self.connection.execute(f"create or replace table build.{relation} as {query}")

    def give_cells(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with the cells of their attributes, NULL where they have none; and the two bridges
        that know the segments of these cells."""
        kinds = {name: kind for kind, names in ATTRIBUTES.items() for name in names}
        absent = {name: pd.Series(None, rows.index, object) for name in kinds if name not in rows}
        rows = rows.assign(**absent).astype(dict.fromkeys(kinds, "string"))
        crossed = "service_line × customer_type"
        values = rows[list(kinds)].assign(
            all="all", **{crossed: rows["service_line"] + " × " + rows["customer_type"]}
        )
        kinds |= {"all": "customer", crossed: "answer"}
        order = ["customer", "standing", "answer"]
        bridges = []
        for place, column in enumerate(("customer_cell", "standing_cell", "cell")):
            known = [name for name, kind in kinds.items() if order.index(kind) <= place]
            by = [name for name in known if name in rows]
            number = values.groupby(by, dropna=False).ngroup()
            rows[column] = -1 - number if column == "standing_cell" else number
            cells = values[known].assign(cell=rows[column]).drop_duplicates("cell")
            bridges.append(cells.melt("cell", var_name="dimension", value_name="value"))
        of_customers, of_answers = bridges[0], pd.concat(bridges[1:])
        for bridge, key, frame in (
            ("int_customer_segments", "customer_cell", of_customers),
            ("int_answer_segments", "cell", of_answers),
        ):
            frame["kind"] = frame["dimension"].map(kinds)
            self.give(
                f"intermediate.{bridge}",
                f"select cell as {key}, kind as known_of, dimension as segment_dimension, "
                "cast(value as varchar) as segment_value from cells",
                cells=frame,
            )
        return rows

    def run(self, relation: str) -> pd.DataFrame:
        """Build a model (`schema.name`) from what was given, and return its rows."""
        sql = self.world.compiled(relation.split(".")[1])
        self.connection.execute(f"create or replace table build.{relation} as {sql}")
        return self.connection.execute(f"select * from build.{relation}").df()


class _ReturnedError(Exception):
    """What a macro returns that is no text."""


def expression(source: str, **variables: Any) -> str:
    """A macro rendered by itself, without a project around it, for DuckDB."""
    import jinja2
    import jinja2.runtime

    def give_back(value: Any) -> Any:
        raise _ReturnedError(value)

    class Adapter:
        @staticmethod
        def dispatch(name: str, _: str) -> Any:
            known = [f"duckdb__{name}", f"default__{name}"]
            return next(getattr(module, macro) for macro in known if hasattr(module, macro))

    invoke = jinja2.runtime.Macro._invoke

    def invoke_and_catch(self: Any, arguments: list[Any], autoescape: bool) -> Any:
        try:
            return invoke(self, arguments, autoescape)
        except _ReturnedError as returned:
            return returned.args[0]

    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    folders = ("engine", "statistics", "project")
    macros = "".join(
        path.read_text("utf-8")
        for folder in folders
        for path in sorted((ROOT / "macros" / folder).glob("*.sql"))
        if "{% materialization" not in path.read_text("utf-8")
    )
    context = {
        "var": variables.__getitem__,
        "return": give_back,
        "adapter": Adapter,
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.runtime.Macro, "_invoke", invoke_and_catch)
        template = environment.from_string(
            macros + "\n{% macro rendered() %}" + source + "{% endmacro %}"
        )
        module: Any = template.make_module(context)
        return str(module.rendered()).strip()
