"""What it was measured on, and how busy that was before."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("pointworth", "dbt-core", "dbt-duckdb", "duckdb", "pandas", "polars", "pyspark")


def described() -> str:
    """Machine, its load now, and versions in one line; to be called before measuring."""
    cores, memory = os.cpu_count(), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    packages = ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _version(name)))
    return (
        f"{cores} cores (load {os.getloadavg()[0]:.1f} before), {memory / 2**30:.0f} GiB, "
        f"{platform.system()}, "
        f"Python {platform.python_version()}, {packages}"
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
