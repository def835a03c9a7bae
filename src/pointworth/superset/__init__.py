"""The published marts for Apache Superset: what it imports is written from what is published."""

from pointworth.superset.bundle import write_bundle

__all__ = ["write_bundle"]
