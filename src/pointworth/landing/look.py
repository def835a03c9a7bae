"""The look itself: files, headers and samples of all datasets, and one refusal."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pointworth.errors import usage_error
from pointworth.landing.files import Listing, ending, list_files, nearest
from pointworth.landing.findings import UNREAD_FILES, Finding, listed, refusal
from pointworth.landing.headers import Header, read_header
from pointworth.landing.judging import LARGE_SHARE, limit_of, value_findings
from pointworth.landing.samples import Sample, sample_csv, sample_parquet
from pointworth.project import Dataset, Scale

MOST_FILES = 48
"""Files of a dataset whose headers and values are looked at: of more, as many evenly spread."""

_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".tar.gz", ".bz2", ".xz", ".zst", ".gz")

_SAVED_BY_A_PERSON = re.compile(
    r"UTF-16|Windows-1252|semicolon|the tab|vertical bar|Excel|workbook|before decimals|"
    r"year-month-day|no dataset of the contract, only|[.](xlsx|xls|ods|zip|txt|tsv)\b"
)
"""What the look says of files that a spreadsheet was saved to."""

Tolerated = Callable[[str], float]


@dataclass(frozen=True)
class Landing:
    """The files of a landing folder by dataset, and those that belong to none.

    `passed_over` are hidden, temporary and lock files; `unread` those a run was allowed to leave
    unread; `careful_files` those in which lines end in several ways.
    """

    folder: Path
    files: dict[str, tuple[Path, ...]]
    passed_over: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    careful_files: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Looked:
    """A file with its sample and where its columns stand."""

    sample: Sample
    header: Header


def inspect_landing(
    folder: Path,
    contract: Mapping[str, Dataset],
    allowed: frozenset[str] = frozenset(),
    *,
    tolerated: Tolerated = lambda dataset: 0.05,
    scales: Mapping[str, Scale] | None = None,
    also: Sequence[str] = (),
) -> Landing:
    """Find the files of every dataset, and refuse a landing that a build is sure to stop at.

    `allowed` are words of --allow; `tolerated` gives the share of rows of a dataset that may be
    rejected; `also` are sentences about the run that belong in the same message.
    """
    if not folder.exists():
        raise usage_error(
            f"The landing folder {folder} does not exist: name the folder with the extracts."
        )
    if not folder.is_dir():
        raise usage_error(f"The landing {folder} is a file: name the folder with the extracts.")
    listing = list_files(folder, contract)
    if not listing.files and not also and not listing.broken_links:
        raise usage_error(_with_spreadsheets(_nothing_found(folder, listing, contract), folder))
    twice = _more_than_once(listing)
    findings = _files_findings(listing, contract, twice)
    careful: list[str] = []
    for name, paths in listing.files.items():
        if name in twice:
            continue  # which of them is kept is not known
        looked = [_looked(folder, contract[name], path) for path in _spread(paths, MOST_FILES)]
        careful += [entry.sample.where for entry in looked if entry.sample.has_mixed_line_ends]
        is_whole = len(looked) == len(paths) and all(entry.sample.is_whole for entry in looked)
        limit = limit_of(tolerated(name), is_whole)
        findings += _judged(contract[name], looked, limit, scales or {})
    refused = refusal(folder, [found for found in findings if found.allow not in allowed], also)
    if refused:
        refused.args = (_with_spreadsheets(refused.message, folder),)
        refused.message = refused.args[0]
        raise refused
    ordered = {name: listing.files[name] for name in contract if name in listing.files}
    return Landing(
        folder, ordered, tuple(listing.passed_over), tuple(listing.unread), tuple(careful)
    )


def _with_spreadsheets(message: str, folder: Path) -> str:
    """Point at the command that reads files as people save them, where such are the trouble."""
    if not _SAVED_BY_A_PERSON.search(message):
        return message
    offer = f"pointworth map spreadsheet --from {folder} --to NEW_FOLDER reads such files as saved."
    first, *others = message.split("\n")
    return "\n".join([f"{first} Or: {offer}", *others])


# Files ------------------------------------------------------------------------------------------


def _more_than_once(listing: Listing) -> dict[str, list[str]]:
    """Datasets that are there as several files or folders, or in two formats; and where."""
    found = {}
    for name, tops in listing.claims.items():
        paths = listing.files[name]
        if len(tops) > 1:
            found[name] = list(tops)
        elif len({ending(path) == ".parquet" for path in paths}) > 1:
            found[name] = [path.name for path in paths]
    return found


def _files_findings(
    listing: Listing, contract: Mapping[str, Dataset], twice: Mapping[str, Sequence[str]]
) -> list[Finding]:
    findings = []
    meant = {path: nearest(path, contract) for path in listing.unread}
    for name, dataset in contract.items():
        if not dataset.required or name in listing.files:
            continue
        close = next((path for path, near in meant.items() if near == name), None)
        hint = f"; is it what {close} holds?" if close else "."
        if close:
            del meant[close]
        findings.append(
            Finding(
                "",
                f"has no {name}, which is required: add {name}.csv, .csv.gz, .parquet or a folder "
                f"{name}{hint}",
            )
        )
    findings += [
        Finding(
            "",
            f"has the dataset {name} more than once ({listed(places, most=3)}): keep one file or "
            "one folder, in one format.",
        )
        for name, places in twice.items()
    ]
    findings += [
        Finding(path, "is a link to a file that is not there: mend or remove it.")
        for path in listing.broken_links
    ]
    findings += [
        Finding(path, _unread(path, near, listing), allow=UNREAD_FILES)
        for path, near in meant.items()
    ]
    return findings


def _unread(path: str, near: str | None, listing: Listing) -> str:
    allow = f"or build with --allow {UNREAD_FILES}."
    if near is None:
        return f"belongs to no dataset and is read by nobody: remove it, {allow}"
    if "." in near:
        return f"is read by nobody: call it {near}, {allow}"
    if near in listing.files:
        return (
            f"is read by nobody, as {near} is there already: put both into a folder {near} or "
            f"remove it, {allow}"
        )
    how = "unpack" if path.lower().endswith(_ARCHIVES) else "save"
    return f"is read by nobody: if it is {near}, {how} it as {near}.csv, {allow}"


def _nothing_found(folder: Path, listing: Listing, contract: Mapping[str, Dataset]) -> str:
    present = sorted({path.split("/")[0] for path in listing.unread})
    for path in present:
        near = nearest(path, contract)
        if near in contract:
            stem = path.split(".")[0]
            return (
                f"The landing {folder} holds no dataset of the contract, but {stem}: "
                f"is it {near}? Rename it, as .csv, .csv.gz or .parquet."
            )
    if not present:
        return (
            f"The landing folder {folder} is empty: put the extracts there, "
            "at least survey_responses.csv."
        )
    return (
        f"The landing {folder} holds no dataset of the contract, only {listed(present, most=3)}: "
        "name the files after the datasets, for example survey_responses.csv."
    )


# A dataset --------------------------------------------------------------------------------------


def _looked(folder: Path, dataset: Dataset, path: Path) -> _Looked:
    where = path.relative_to(folder).as_posix()
    if ending(path) == ".parquet":
        sample = sample_parquet(path, where)
    else:
        sample = sample_csv(path, where, dataset)
    keys = [part.split("=")[0] for part in where.split("/")[:-1] if "=" in part]
    is_there = any(sample.header)
    return _Looked(
        sample, read_header(where, sample.header, dataset, keys) if is_there else Header()
    )


def _judged(
    dataset: Dataset, looked: Sequence[_Looked], limit: float, scales: Mapping[str, Scale]
) -> list[Finding]:
    """What is wrong with a dataset; alike things in many of its files are one finding."""
    findings = [
        finding for entry in looked for finding in entry.sample.findings + entry.header.findings
    ]
    findings += _form_findings(looked, limit)
    findings += value_findings(
        dataset, [(entry.sample, entry.header.places) for entry in looked], limit, scales
    )
    return _grouped(findings)


def _spread(paths: Sequence[Path], most: int) -> list[Path]:
    if len(paths) <= most:
        return list(paths)
    return [paths[place * len(paths) // most] for place in range(most)]


def _grouped(findings: Sequence[Finding]) -> list[Finding]:
    """The same words about several files once, with the first file's name."""
    groups: dict[tuple[str, str | None], list[str]] = {}
    for finding in findings:
        groups.setdefault((finding.says, finding.allow), []).append(finding.where)
    return [
        Finding(places[0], f"(and {len(places) - 1} more) {says}" if places[1:] else says, allow)
        for (says, allow), places in groups.items()
    ]


def _form_findings(looked: Sequence[_Looked], limit: float) -> list[Finding]:
    """Files with more lines that cannot be taken apart than a build would bear."""
    findings = []
    total = sum(entry.sample.weight for entry in looked) or 1.0
    shares = {
        "undecodable": sum(e.sample.weight * e.sample.undecodable for e in looked) / total,
        "overlong": sum(e.sample.weight * e.sample.overlong for e in looked) / total,
    }
    for sample in (entry.sample for entry in looked):
        if sample.undecodable and shares["undecodable"] > limit:
            findings.append(
                Finding(
                    sample.where,
                    f"is not UTF-8 but Windows-1252 or Latin-1 (line {sample.undecodable_line}): "
                    "save it as UTF-8."
                    if sample.undecodable_line
                    else "is not UTF-8 but Windows-1252 or Latin-1: save it as UTF-8.",
                )
            )
        if sample.overlong > LARGE_SHARE and shares["overlong"] > limit:
            row, cells = sample.overlong_line
            findings.append(
                Finding(
                    sample.where,
                    f"has {len(sample.header)} columns but {cells} values in row {row}: put values "
                    "with a comma in double quotes, and a dot before decimals.",
                )
            )
    return findings
