"""What dbt's Spark targets need from outside: Java, packages, the jar of Iceberg, a cluster.

`export POINTWORTH_ICEBERG_JAR=$(python -m pointworth.spark)` makes plain dbt find the jar.
"""

import os
import re
import shutil
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

from pointworth.errors import PointworthError, one_line, usage_error

JAVA_VERSIONS = (11, 17, 21)
"""Those Spark 3.5 with Iceberg 1.10 was seen to run on; later ones took away what Spark calls."""

_PACKAGES = ("dbt.adapters.spark", "pyspark", "snowpark_connect_deps_iceberg")
_PACKAGES_FOR_THRIFT = ("dbt.adapters.spark", "pyhive", "thrift", "thrift_sasl", "puresasl")
_HOW_TO_INSTALL = "run make spark, or pip install 'pointworth[spark]'"
_CONNECT_SECONDS = 5.0


def missing() -> str | None:
    """What is not there for Spark in this process; None when all is."""
    return _missing_packages(_PACKAGES) or _missing_java()


def require() -> None:
    """Stop with one sentence unless Spark can run in this process."""
    if what := missing():
        raise usage_error(f"The target spark cannot run: {what}.")
    master = os.environ.get("POINTWORTH_SPARK_MASTER", "")
    if master.startswith("spark://"):
        _require_listener(master.removeprefix("spark://").split(",")[0], "Spark master")


def require_server(address: str) -> None:
    """Stop with one sentence unless a thrift server listens there; Java is its own affair."""
    if what := _missing_packages(_PACKAGES_FOR_THRIFT):
        raise usage_error(f"The target spark_thrift cannot run: {what}.")
    _require_listener(address, "Spark thrift server")


def environment(tables: Path | str) -> dict[str, str]:
    """The variables of profiles.yml for tables in this folder (or object store) in this process."""
    if "://" not in str(tables):
        Path(tables).mkdir(parents=True, exist_ok=True)  # Spark wants it to be there
        tables = Path(tables).resolve()
    return {
        "POINTWORTH_ICEBERG_JAR": str(iceberg_jar()),
        "POINTWORTH_SPARK_WAREHOUSE": str(tables),
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


def refusal(text: str, disk: str, memory: str) -> PointworthError | None:
    """The sentence for what is wrong with the machines under Spark, or None when it is the work.

    `disk` names what may be full, `memory` the setting that gives more.
    """
    for pattern, sentence in _REFUSALS:
        if found := re.search(pattern, text):
            said = one_line(found.group(0))
            return usage_error(sentence.format(said=said, disk=disk, memory=memory))
    return None


_REFUSALS = (
    (
        r"No space left on device|Disk quota exceeded",
        "{disk} is full, where Spark spills or keeps its tables: free some space and run again.",
    ),
    (
        r"OutOfMemoryError|Java heap space|GC overhead limit|Unable to acquire \d+ bytes|"
        r"Cannot allocate memory",
        "Spark needed more memory than it may use ({said}): raise {memory} and run again.",
    ),
    (
        r"Connection to \S+ refused|The connection attempt failed|UncheckedSQLException: [^\n]*|"
        r"terminating connection due to \w+ command|This connection has been closed|"
        r"the database system is (?:starting up|shutting down)",
        "The database of Spark's catalog does not answer ({said}): start it, or mend its address, "
        "and run again.",
    ),
    (
        r"(?:NoSuchNamespaceException|SCHEMA_NOT_FOUND|Namespace does not exist)"
        r"[^\n]{0,60}?(?:`[^`]+`(?:\.`[^`]+`)?|: [\w.]+)",
        "A namespace is not in Spark's catalog ({said}): create it there once "
        "(create namespace ice.default), or mend the catalog's address.",
    ),
    (
        r"All masters are unresponsive[^\n]*|Could not connect to any of[^\n]*|"
        r"TSocket read 0 bytes|Connection reset by peer|Broken pipe|Connection lost while polling",
        "Spark does not answer any more ({said}): start its cluster again, and run again.",
    ),
    (
        r"Answer from Java side is empty|Error while sending or receiving|JAVA_GATEWAY_EXITED|"
        r"An error occurred while trying to connect to the Java server|"
        r"SparkContext was shut down|Cannot call methods on a stopped SparkContext",
        "Spark's Java process ended before its work was done ({said}), perhaps for lack of memory: "
        "give the machine more or lower {memory}, and run again.",
    ),
)


def _missing_packages(packages: tuple[str, ...]) -> str | None:
    if all(_is_installed(package) for package in packages):
        return None
    return f"the Spark packages are not installed ({_HOW_TO_INSTALL})"


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def _missing_java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    where = "JAVA_HOME" if home else "the path"
    if java is None or shutil.which(java) is None:
        return f"Java is not on {where} (install Java 17, or name it in JAVA_HOME)"
    version = _java_version(java)
    if version is None:
        return f"{java} does not say which Java it is (install Java 17, or name it in JAVA_HOME)"
    if version not in JAVA_VERSIONS:
        wanted = "Java 17, or name it in JAVA_HOME; 11 and 21 will do too"
        return f"{java} is Java {version} (install {wanted})"
    return None


def _java_version(java: str) -> int | None:
    """The major version; before 9 it was called 1.8."""
    try:
        said = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    return int(found[1]) if found else None


def _require_listener(address: str, what: str) -> None:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), _CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:
        raise usage_error(
            f"No {what} answers at {address} ({error}): start it, or name another address."
        ) from error


if __name__ == "__main__":
    require()
    print(iceberg_jar())
