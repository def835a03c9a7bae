"""What is wrong with a landing, and the one message that says all of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pointworth.errors import PointworthError, invalid_data, usage_error

UNREAD_FILES = "unread-files"
MISSPELT_COLUMNS = "misspelt-columns"

_SHOWN_LENGTH = 40


@dataclass(frozen=True)
class Finding:
    """One thing to mend.

    `where` is a path inside the landing (empty: the folder itself) and `says` goes on from it to
    a sentence. `allow` is the word of --allow under which it is meant so; without one nothing
    can be loaded before it is mended.
    """

    where: str
    says: str
    allow: str | None = None

    def line(self) -> str:
        """The finding in a list."""
        return f"{self.where} {self.says}" if self.where else self.says

    def sentence(self, folder: Path) -> str:
        """The finding by itself."""
        if self.where:
            return f"{folder / self.where} {self.says}"
        return f"The landing {folder} {self.says}"


def refusal(
    folder: Path, findings: Sequence[Finding], also: Sequence[str] = ()
) -> PointworthError | None:
    """All findings in one error, a line each; `also` are whole sentences about the run."""
    count = len(findings) + len(also)
    if not count:
        return None
    raise_as = (
        invalid_data if not also and all(finding.allow for finding in findings) else usage_error
    )
    if count == 1:
        return raise_as(also[0] if also else findings[0].sentence(folder))
    lines = [finding.line() for finding in findings] + list(also)
    return raise_as(
        f"The landing {folder} cannot be loaded: {count} things to mend.\n"
        + "\n".join(f"- {line}" for line in lines)
    )


def shown(value: str) -> str:
    """A value as found, fit for a line: short, and without signs that move the cursor."""
    text = "".join(sign if sign.isprintable() else " " for sign in value.strip())
    return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + "…"


def listed(names: Iterable[str], last: str = "and", most: int = 8) -> str:
    """Names as a phrase; of very many the first ones."""
    found = list(names)
    if len(found) > most:
        return ", ".join(found[:most]) + f" {last} {len(found) - most} more"
    if len(found) < 2:
        return "".join(found)
    return ", ".join(found[:-1]) + f" {last} {found[-1]}"
