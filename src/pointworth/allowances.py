"""What a run may have lost and still publish, when the user means it: the words of --allow."""

import difflib
from enum import StrEnum

from pointworth.errors import usage_error


class Allowance(StrEnum):
    """A loss a run does not publish with unless it is allowed."""

    unread_files = "unread-files"
    """A file of the landing that nobody read."""
    misspelt_columns = "misspelt-columns"
    """An unknown column called almost like one of the contract that is not there."""
    missing_datasets = "missing-datasets"
    """A dataset the published run had."""
    missing_columns = "missing-columns"
    """A column the published run had."""
    smaller_datasets = "smaller-datasets"
    """A dataset that shrank by more than max_shrunk_share."""
    earlier_as_of = "earlier-as-of"
    """An as-of date before the published run's."""


ALL = ", ".join(Allowance)


def read_allowances(text: str | None) -> frozenset[Allowance]:
    """The words of --allow, separated by commas."""
    words = [word.strip() for word in (text or "").split(",") if word.strip()]
    for word in words:
        if word not in set(Allowance):
            close = difflib.get_close_matches(word, list(Allowance), n=1)
            hint = f"did you mean {close[0]}?" if close else f"it takes {ALL}."
            raise usage_error(f"--allow does not know {word}: {hint}")
    return frozenset(map(Allowance, words))
