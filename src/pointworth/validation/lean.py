"""Great Expectations without what it imports for things nobody does here.

One expectation out of fifty computes with scipy, charts are drawn with altair, tables can lie on
Spark: each is imported with the library, and takes as long as the rest. Here the first two are
imported when something of them is asked for, and Spark counts as not installed.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

_LATER = frozenset({"altair", "scipy.stats"})
_NEVER = ("pyspark",)


class _Later(MetaPathFinder):
    """Finds these modules as they are, to be executed when an attribute is asked for."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _LATER:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def be_lean() -> None:
    """Before Great Expectations is imported, in a process that does nothing else."""
    sys.meta_path.insert(0, _Later())
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
    for name in _NEVER:
        modules.setdefault(name, None)  # how Python writes that it is not there
