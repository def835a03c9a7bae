"""Turns real exports into a landing folder, with SQL that DuckDB runs.

``mappings/README.md`` tells an analyst how to add a source. Nothing here knows any of them.
"""

from pointworth.mapping.catalog import Mapping, find_mapping, listed_mappings, sources
from pointworth.mapping.errors import MappingError
from pointworth.mapping.writing import MappedDataset, map_source

__all__ = [
    "MappedDataset",
    "Mapping",
    "MappingError",
    "find_mapping",
    "listed_mappings",
    "map_source",
    "sources",
]
