"""What a home keeps of what it published, and what each run is told of it and tells of itself."""

from pointworth.record.kept import Record

__all__ = ["Record"]
