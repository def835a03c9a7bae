"""What each contract column is taken from, by what columns are called and what is in all of them.

A form that the whole column does not decide stays open, as `?`, for a person to say.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import duckdb

from pointworth.mapping.exports import quoted
from pointworth.mapping.spreadsheet.reading import Sheet
from pointworth.project import Column, Dataset

OPEN = "?"
DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day first", "month first", "year first"
COMMA, DOT = "comma", "dot"
NPS, STARS = "nps_0_10", "stars_1_5"
_NO_ROW_NUMBERS = {"crm_customers", "billing_subscriptions", "finance_ledger_balances"}
_DAYS = ("date", "timestamp", "month")
_LOOKED_AT = (*_DAYS, "number", "amount")
_PARTED = r"^\s*(\d{1,4})[./ -](\d{1,2})[./ -](\d{1,4})"


@dataclass
class Proposal:
    """One file as one dataset: `columns` by contract column, `customers` what it says of them."""

    sheet: Sheet
    dataset: str
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def plain_words(text: str) -> str:
    """A header in small letters, without accents and signs."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", bare.lower()).strip()


def known_words(synonyms: dict[str, Any]) -> set[str]:
    """Every name a column may have."""
    return {
        plain_words(name)
        for kind in synonyms.values()
        for column, names in kind["names"].items()
        for name in (column, *names)
    }


def propose(sheet: Sheet, synonyms: dict[str, Any], contract: dict[str, Dataset]) -> Proposal:
    """Which dataset a file is, and where its columns stand."""
    matches = {name: _matched(sheet.header, kind) for name, kind in synonyms.items()}
    fitting = [
        name
        for name, found in matches.items()
        if all(column in found for column in synonyms[name]["needs"])
    ]
    if not fitting:
        best = max(matches, key=lambda name: len(matches[name]))
        proposal = Proposal(sheet, OPEN)
        proposal.open.append(
            f"{sheet.name}: which dataset it is; it has the columns "
            f"{', '.join(sheet.header[:12])}, nearest is {best}"
        )
        return proposal
    fitting.sort(key=lambda name: (len(synonyms[name]["needs"]), len(matches[name])), reverse=True)
    dataset = fitting[0]
    proposal = Proposal(sheet, dataset)
    for column in contract[dataset].columns:
        _place(proposal, column, matches[dataset].get(column.name, []), contract[dataset])
    used = {spec.get("column") for spec in proposal.columns.values()}
    if "customer_id" in proposal.columns and dataset != "crm_customers":
        for name, found in matches.get("crm_customers", {}).items():
            if name != "customer_id" and len(found) == 1 and found[0] not in used:
                proposal.customers[name] = {"column": found[0]}
    used |= {spec["column"] for spec in proposal.customers.values()}
    proposal.unused = [name for name in sheet.header if name and name not in used]
    return proposal


def decide_forms(
    connection: duckdb.DuckDBPyConnection, table: str, proposal: Proposal, dataset: Dataset
) -> None:
    """Look at whole columns, in one pass, for the form of dates, numbers and scores."""
    kinds = {column.name: column.data_type for column in dataset.columns}
    looked = {
        name: (kinds[name], quoted(spec["column"]))
        for name, spec in proposal.columns.items()
        if "column" in spec and kinds[name] in _LOOKED_AT
    }
    if not looked:
        return
    parts: list[str] = []
    for kind, column in looked.values():
        parts += _measures(kind, column)
    row = connection.execute(f"select {', '.join(parts)} from {table}").fetchone() or ()
    for place, (name, (kind, _)) in enumerate(looked.items()):
        found = [value or 0 for value in row[place * 5 : place * 5 + 5]]
        _decide(proposal, name, kind, found)


def _matched(header: tuple[str, ...], kind: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for column, names in kind["names"].items():
        words = [plain_words(name) for name in (column, *names)]
        hits = [cell for cell in header if plain_words(cell) in words]
        if not hits:
            phrases = kind.get("contains", {}).get(column, ())
            hits = [cell for cell in header if any(p in plain_words(cell) for p in phrases)]
        if hits:
            found[column] = hits
    return found


def _place(proposal: Proposal, column: Column, found: list[str], dataset: Dataset) -> None:
    where = f"{proposal.sheet.name}, {column.name}"
    if len(found) == 1:
        proposal.columns[column.name] = {"column": found[0]}
    elif found:
        proposal.columns[column.name] = {"column": OPEN}
        proposal.open.append(f"{where}: which column, {' or '.join(found)}")
    elif column.required and column.name in dataset.key and dataset.name not in _NO_ROW_NUMBERS:
        proposal.columns[column.name] = {"row_number": True}
        proposal.notes.append(f"{where}: no column, so rows are numbered in the order of the file")
    elif column.required:
        proposal.columns[column.name] = {"value": OPEN}
        proposal.open.append(f"{where}: which column (`column: …`) or which `value` for all rows")


def _measures(kind: str, column: str) -> list[str]:
    """Five counts of a column; which ones depends on its kind."""
    if kind in _DAYS:
        first = f"try_cast(regexp_extract({column}, '{_PARTED}', 1) as integer)"
        second = f"try_cast(regexp_extract({column}, '{_PARTED}', 2) as integer)"
        parted = f"{column} not like '____-__%'"
        return [
            f"count({column})",
            f"count({column}) filter (where {parted})",
            f"max({first}) filter (where {parted})",
            f"max({second}) filter (where {parted})",
            f"count(*) filter (where {parted} and {first} is null)",
        ]
    bare = f"regexp_replace({column}, '[^0-9.,/]', '', 'g')"
    last = f"right({column}, 4)"
    comma = r"'(,\d{1,2}\D*$)|([.]\d{3},)'"
    dot = r"'([.]\d{1,2}\D*$)|(,\d{3}[.])'"
    has = f"(contains({column}, ',') or contains({column}, '.'))"
    return [
        f"count({column})",
        f"count(*) filter (where {has} and regexp_matches({column}, {comma}))",
        f"count(*) filter (where {has} and regexp_matches({column}, {dot}))",
        rf"count(*) filter (where {has} and regexp_matches({last}, '[.,]\d{{3}}$'))",
        f"max(try_cast(regexp_extract({bare}, '^[0-9]+') as bigint))",
    ]


def _decide(proposal: Proposal, name: str, kind: str, found: list[int]) -> None:
    spec, where = proposal.columns[name], f"{proposal.sheet.name}, {name}"
    if kind in _DAYS:
        _, parted, first, second, words = found
        if not parted:
            return
        if first > 31:
            spec["dates"] = YEAR_FIRST
        elif first > 12 and second <= 12:
            spec["dates"] = DAY_FIRST
        elif second > 12 and first <= 12:
            spec["dates"] = MONTH_FIRST
        else:
            spec["dates"] = OPEN
            why = (
                "in some rows only the day, in others only the month can stand first"
                if first > 12
                else "no day is later than the twelfth"
            )
            proposal.open.append(f"{where}: {DAY_FIRST} or {MONTH_FIRST} ({why})")
        if words:
            proposal.notes.append(f"{where}: {words:,} values are no dates and stay as they are")
        return
    _, commas, dots, threes, most = found
    if kind == "number" and name == "score":
        if most <= 5:
            proposal.columns["score_scale"] = {"value": OPEN}
            proposal.open.append(f"{where}: no score is above 5; score_scale {NPS} or {STARS}")
        return
    if commas and dots:
        spec["decimals"] = OPEN
        proposal.open.append(f"{where}: {COMMA} or {DOT} before decimals (both are found)")
    elif commas or dots:
        spec["decimals"] = COMMA if commas else DOT
    elif threes:
        spec["decimals"] = OPEN
        proposal.open.append(f"{where}: is 1.234 a thousand? decimals {COMMA} or {DOT}")
