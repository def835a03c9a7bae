"""The versions of definitions, held against the code that computes them.

Run by itself it writes the fingerprint of the code as it is beside the latest version of each
figure: for code that was changed and means what it meant.
"""

import csv
import tempfile
from pathlib import Path
from typing import Any

from house import ROOT, project_as_read
from pointworth.record.definitions import definitions

VERSIONS = ROOT / "seeds" / "definitions.csv"


def fingerprints(manifest: Any) -> dict[str, str]:
    """The fingerprint of each figure's code."""
    return {
        figure: str(found["fingerprint"]) for figure, found in definitions(manifest, {}, {}).items()
    }


def written() -> list[dict[str, str]]:
    """The versions as they are written."""
    with VERSIONS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def latest(rows: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    """The latest version of each figure."""
    return {row["figure"]: row for row in sorted(rows, key=lambda row: int(row["version"]))}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        found = fingerprints(project_as_read(Path(scratch)))
    rows = written()
    for figure, row in latest(rows).items():
        row["fingerprint"] = found[figure]
    with VERSIONS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
