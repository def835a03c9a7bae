"""The project as dbt read it, kept in the user's cache so that a new home does not read it again.

What is kept is the manifest, in dbt's own format, under a fingerprint of everything it depends on:
the project's files, the versions that read them, the target, and the settings that are not as they
come. The landing, the home and the days of a run (`RUN_TIME`) are no part of it: dbt is given them
with each command.

Nothing here is needed: what cannot be read, or is not what was written, is thrown away.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pointworth.garbage import not_collected
from pointworth.project import project_fingerprint, project_variables

CACHE_VARIABLE = "POINTWORTH_CACHE"
RUN_TIME = frozenset(
    {
        "landing",
        "landing_is_loaded",
        "left_out",
        "rules_at_the_end",
        "this_run",
        "as_of_date",
        "not_after",
        "max_rejected_share",
        "max_shrunk_share",
    }
)
"""Settings that no configuration and no reference of a model may depend on."""

_KEPT = 8
_MARK = b"pointworth project 1\n"
_READERS = ("pointworth", "dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "duckdb")


class KeptProject:
    """One project as read for one target with some settings."""

    def __init__(self, project: Path, target: str, variables: Mapping[str, Any]) -> None:
        usual = project_variables(project)
        self.variables = {
            name: value
            for name, value in variables.items()
            if name not in RUN_TIME and value != usual.get(name)
        }
        parts = [
            str(project),
            project_fingerprint(project),
            target,
            json.dumps(self.variables, sort_keys=True, default=str),
            *versions(),
        ]
        found = hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
        self.file = cache_folder() / f"{found}.project"

    def read(self) -> tuple[Any, str | None]:
        """The manifest, or None when there is none; and what is to be said of a damaged one."""
        try:
            content = self.file.read_bytes()
        except OSError:
            return None, None
        manifest = None
        payload = content[len(_MARK) + 32 :]
        if content.startswith(_MARK + hashlib.blake2b(payload, digest_size=32).digest()):
            manifest = _unpacked(payload)
        if manifest is None:
            with suppress(OSError):
                self.file.unlink(missing_ok=True)
            return None, (
                f"The kept project {self.file} was damaged or of another version: "
                "it was thrown away, and the project read anew."
            )
        with suppress(OSError):
            os.utime(self.file)  # the last used are kept
        return manifest, None

    def keep(self, manifest: Any) -> None:
        """Keep a manifest for the next home; where the cache cannot be written, nothing is kept."""
        from dbt.parser.manifest import extended_mashumaro_encoder

        payload = manifest.to_msgpack(extended_mashumaro_encoder)
        draft = self.file.with_suffix(f".{os.getpid()}")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(_MARK + hashlib.blake2b(payload, digest_size=32).digest() + payload)
            draft.replace(self.file)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            return
        _forget_all_but(self.file.parent, _KEPT)


def cache_folder() -> Path:
    """Where projects are kept: POINTWORTH_CACHE, else the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("pointworth")


def versions() -> Iterator[str]:
    """What reads a project and builds it, and where it is installed."""
    yield sys.version
    yield sys.prefix
    for name in _READERS:
        with suppress(PackageNotFoundError):
            yield f"{name} {version(name)}"


def _unpacked(payload: bytes) -> Any:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    with not_collected():
        try:
            manifest = Manifest.from_msgpack(payload, decoder=extended_mashumuro_decoder)
            manifest.build_parent_and_child_maps()  # which are no part of what is kept
            return manifest
        except Exception:  # whole, and yet not what this dbt writes
            return None


def _forget_all_but(folder: Path, kept: int) -> None:
    """The projects used last stay; a draft goes with them when its process was killed."""
    with suppress(OSError):
        found = sorted(folder.glob("*.*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in found[kept:]:
            path.unlink(missing_ok=True)
