"""Which file of a landing folder belongs to which dataset, and which to none."""

import difflib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pointworth.settings import SETTINGS_FILE

ENDINGS = (".csv.gz", ".csv", ".parquet")
COMPANIONS = (SETTINGS_FILE, "truth.json", "mapping.yml")
"""Files that are no dataset but belong to a landing: its settings, what the simulator planted, how
a spreadsheet was read."""

_PASSED_OVER_STARTS = (".", "~$", "_")
_PASSED_OVER_ENDS = ("~", ".tmp", ".lock", ".crc")
_PASSED_OVER_NAMES = ("thumbs.db", "desktop.ini")
_NOTE = re.compile(r"(readme|license|licence|changelog|notice)([.].*)?|.*[.]md", re.IGNORECASE)
_OTHER_ENDINGS = re.compile(
    r"([.](csv|gz|parquet|zip|xlsx|xls|xlsm|ods|txt|tsv|tab|json|jsonl|ndjson|xml|html?|bak|old|"
    r"orig|bz2|xz|zst|7z|rar|tar|tgz|orc|avro|feather|arrow|dat|pgp|gpg|part|crdownload))+$"
)
_VERSION = re.compile(r"([ _.-]*([(]?\d+[)]?|v\d+|copy|kopie|copia|final|new|old|export|full))+$")


@dataclass
class Listing:
    """What a landing folder holds; paths inside it are written with slashes."""

    files: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    claims: dict[str, tuple[str, ...]] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    broken_links: list[str] = field(default_factory=list)


def list_files(folder: Path, datasets: Iterable[str]) -> Listing:
    """Sort every file of the folder out: a dataset's, passed over, or nobody's."""
    names = set(datasets)
    listing = Listing()
    found: dict[str, list[Path]] = {}
    claims: dict[str, list[str]] = {}
    for entry in sorted(folder.iterdir()):
        if _is_passed_over(entry.name):
            listing.passed_over.append(entry.name)
        elif entry.is_symlink() and not entry.exists():
            listing.broken_links.append(entry.name)
        elif entry.is_dir():
            _sort_folder(folder, entry, _dataset_of_folder(entry.name, names), listing, found)
        elif (name := _dataset_of_file(entry.name, names)) is not None:
            found.setdefault(name, []).append(entry)
        elif not _is_companion(entry.name):
            listing.unread.append(entry.name)
    for name, paths in found.items():
        claims[name] = sorted({path.relative_to(folder).parts[0] for path in paths})
    listing.files = {name: tuple(paths) for name, paths in found.items()}
    listing.claims = {name: tuple(tops) for name, tops in claims.items()}
    return listing


def ending(path: Path) -> str:
    """The ending of a data file, or nothing."""
    return next((end for end in ENDINGS if path.name.lower().endswith(end)), "")


def nearest(file: str, datasets: Iterable[str]) -> str | None:
    """The dataset, or the companion file, that a name was likely meant to be."""
    top = file.split("/")[0].lower()
    plain = re.sub(r"[^a-z0-9]+", "_", _VERSION.sub("", _OTHER_ENDINGS.sub("", top))).strip("_")
    known = list(datasets)
    if top not in COMPANIONS and (close := difflib.get_close_matches(top, COMPANIONS, 1, 0.85)):
        return close[0]
    if top in COMPANIONS:
        return top
    if plain in known:
        return plain
    inside = [
        name
        for name in known
        if len(plain) > 5 and (name.endswith(f"_{plain}") or plain.startswith(name))
    ]
    if inside:
        return inside[0]
    return next(iter(difflib.get_close_matches(plain, known, 1, 0.8)), None)


def _sort_folder(
    root: Path, folder: Path, dataset: str | None, listing: Listing, found: dict[str, list[Path]]
) -> None:
    """The files of a folder at any depth: a dataset's parts, or one finding for a stranger's."""
    strangers = []
    for path in _walk(folder):
        inside = path.relative_to(root)
        if any(_is_passed_over(part) for part in inside.parts):
            listing.passed_over.append(inside.as_posix())
        elif path.is_symlink() and not path.exists():
            listing.broken_links.append(inside.as_posix())
        elif dataset is not None and ending(path) and not path.is_dir():
            found.setdefault(dataset, []).append(path)
        elif not _NOTE.fullmatch(path.name):
            strangers.append(inside.as_posix())
    if dataset is not None:
        listing.unread += strangers
    elif strangers:
        listing.unread.append(f"{folder.name}/")


def _walk(folder: Path) -> Iterator[Path]:
    """Files at any depth, in order. Nobody follows a link to another folder inside."""
    for place, folders, files in os.walk(folder):
        folders.sort()
        hidden = [name for name in folders if _is_passed_over(name)]
        linked = [name for name in folders if (Path(place) / name).is_symlink()]
        folders[:] = [name for name in folders if name not in hidden]
        yield from (Path(place) / name for name in sorted({*files, *hidden, *linked}))


def _is_passed_over(name: str) -> bool:
    lowered = name.lower()
    return (
        lowered.startswith(_PASSED_OVER_STARTS)
        or lowered.endswith(_PASSED_OVER_ENDS)
        or lowered in _PASSED_OVER_NAMES
    )


def _is_companion(name: str) -> bool:
    return name in COMPANIONS or _NOTE.fullmatch(name) is not None


def _dataset_of_file(name: str, datasets: set[str]) -> str | None:
    lowered = name.lower()
    for end in ENDINGS:
        if lowered.endswith(end) and lowered[: -len(end)] in datasets:
            return lowered[: -len(end)]
    return None


def _dataset_of_folder(name: str, datasets: set[str]) -> str | None:
    """As the dataset is called, or with an ending, as Spark calls the folders it writes."""
    lowered = name.lower()
    return lowered if lowered in datasets else _dataset_of_file(name, datasets)
