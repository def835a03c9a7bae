"""The one error of mapping."""

from pointworth.errors import EXIT_USAGE, PointworthError


class MappingError(PointworthError):
    """A mapping that cannot be done: what, where and how to mend it, in one sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message, EXIT_USAGE)
