"""The published marts on a PostgreSQL server, for many people and for clients."""

from pointworth.postgres.publishing import publish

__all__ = ["publish"]
