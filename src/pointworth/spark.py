"""What dbt's target `spark` needs from outside: Java, the Spark packages, the jar of Iceberg.

`export POINTWORTH_ICEBERG_JAR=$(python -m pointworth.spark)` makes plain dbt find the jar.
"""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from pointworth.errors import PointworthError, usage_error

_PACKAGES = ("pyspark", "dbt.adapters.spark", "snowpark_connect_deps_iceberg")


def missing() -> str | None:
    """What is not there, as the user would put it; None when all is."""
    if any(not _is_installed(package) for package in _PACKAGES):
        return "the Spark packages are not installed (make spark, or pip install pointworth[spark])"
    java = Path(os.environ.get("JAVA_HOME", "")) / "bin" / "java"
    if not (os.environ.get("JAVA_HOME") and java.exists()) and shutil.which("java") is None:
        return "Java is not installed (Java 17, on the path or in JAVA_HOME)"
    return None


def require() -> None:
    """Stop with one sentence when something is missing."""
    if what := missing():
        raise usage_error(f"The target spark cannot run: {what}.")


def environment(warehouse: Path) -> dict[str, str]:
    """The variables profiles.yml reads, for tables in this folder; Spark wants it to be there."""
    warehouse.mkdir(parents=True, exist_ok=True)
    return {
        "POINTWORTH_ICEBERG_JAR": str(iceberg_jar()),
        "POINTWORTH_SPARK_WAREHOUSE": str(warehouse.resolve()),
    }


def iceberg_jar() -> Path:
    """The Iceberg runtime for Spark 3.5."""
    package = find_spec("snowpark_connect_deps_iceberg")
    folders = (
        [Path(place) for place in (package.submodule_search_locations or ())] if package else []
    )
    for folder in folders:
        for jar in sorted(folder.glob("jars/iceberg-spark-runtime-3.5_2.12-*.jar")):
            return jar
    raise PointworthError("The Iceberg jar is not in the package snowpark-connect-deps-iceberg.")


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    require()
    print(iceberg_jar())
