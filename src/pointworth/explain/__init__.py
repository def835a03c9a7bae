"""From a published figure down to the rows it is made of, so that it can be worked out again."""

from pointworth.explain.command import explain

__all__ = ["explain"]
