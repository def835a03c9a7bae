"""Bad rows on top of the good ones: the good rows, and so the truth, stay as they are.

Each bad row is a copy of a good row with exactly one thing wrong and, where it must not clash, a
fresh key. What can be wrong with a dataset is read from the landing contract, the same file the
loader reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

from .worlds import SimulationError
from .write import text_columns

CONTRACT = Path(__file__).parents[2] / "models" / "staging" / "_landing__sources.yml"

_NUMBERS = ("number", "amount", "rate")
_DATES = ("date", "month", "timestamp")
_SCORES = {
    "survey_responses": ("score", "11", "6.5"),
    "survey_driver_ratings": ("rating", "9", "3.5"),
}


@dataclass
class Dirt:
    """Count of bad rows by reason."""

    reasons: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A dataset of the contract: column → type, key columns, own time, required columns, columns
    with closed codes, column → dataset that must know it, column → column it may not precede,
    column → what the calendar is to it."""

    types: dict[str, str]
    key: tuple[str, ...]
    time: str | None
    required: tuple[str, ...]
    codes: tuple[str, ...]
    references: dict[str, str]
    starts: dict[str, str]
    calendar: dict[str, str]


@dataclass(frozen=True)
class _Fault:
    """One way to spoil a row: SQL for the spoilt columns, whether the key is made fresh, which
    good rows it needs, and for a broken line its raw text from the good line."""

    reason: str
    changes: dict[str, str]
    fresh_key: bool = True
    where: str = "true"
    raw: str | None = None


def read_contract(path: Path = CONTRACT) -> dict[str, Table]:
    """The landing contract as data: dataset → table."""
    try:
        document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SimulationError(
            f"The landing contract '{path}' cannot be read, and dirt is made from it;"
            " run from a checkout of the project."
        ) from error
    tables = {}
    for entry in document["sources"][0]["tables"]:
        meta = entry.get("config", {}).get("meta", {})
        columns = {c["name"]: c for c in entry["columns"]}
        own = {n: c.get("config", {}).get("meta", {}) for n, c in columns.items()}
        tables[entry["name"]] = Table(
            types={name: column["data_type"] for name, column in columns.items()},
            key=tuple(meta.get("key", ())),
            time=meta.get("time"),
            required=tuple(name for name, m in own.items() if m.get("required")),
            codes=tuple(name for name, m in own.items() if m.get("codes")),
            references={n: m["references"] for n, m in own.items() if m.get("references")},
            starts={n: m["starts"] for n, m in own.items() if m.get("starts")},
            calendar={n: m["calendar"] for n, m in own.items() if m.get("calendar")},
        )
    return tables


def faults_of(dataset: str, table: Table, format: str) -> list[_Fault]:
    """All ways to spoil a row of a dataset, each with exactly one reason.

    ``n`` in a change is the number of the bad row. Copies under the same key are older than the
    good row, so that the good one is kept.
    """
    faults: list[_Fault] = []
    if format == "csv":
        faults.append(_Fault("malformed_row", {}, raw="line || ',one,field,too,many'"))
        faults.append(
            _Fault("malformed_row", {}, raw="'\"broken\"quote' || substr(line, strpos(line, ','))")
        )
    for column, kind in table.types.items():
        if kind in _NUMBERS:
            faults.append(_Fault(f"not_a_number_{column}", {column: "'n/a'"}))
        elif kind == "timestamp":
            faults.append(_Fault(f"not_a_date_{column}", {column: "'2016-02-31T10:00:00'"}))
        elif kind in _DATES:
            # in a key each bad date is another one, or the rows would be duplicates as well
            day = "'2016-02-' || (31 + n % 60)" if column in table.key else "'2016-02-31'"
            faults.append(_Fault(f"not_a_date_{column}", {column: day}))
        elif kind == "boolean":
            faults.append(_Fault(f"not_a_boolean_{column}", {column: "'maybe'"}))
    closed = list(table.codes)
    if "score_scale" in table.types:
        closed.append("score_scale")
    faults += [_Fault(f"unknown_code_{c}", {c: "'no_such_code'"}) for c in closed]
    if dataset == "billing_invoice_lines":
        faults.append(_Fault("unknown_code_currency", {"currency": "'XXX'"}))
    faults += [_Fault(f"missing_{c}", {c: "null"}) for c in table.required]
    if dataset in _SCORES:
        column, outside, between = _SCORES[dataset]
        faults.append(_Fault("score_out_of_range", {column: f"'{outside}'"}))
        on_its_scale = "score_scale <> 'stars_1_5'" if dataset == "survey_responses" else "true"
        faults.append(_Fault("score_not_on_scale", {column: f"'{between}'"}, where=on_its_scale))
    if table.time is not None and table.types[table.time] == "timestamp":
        earlier = f"strftime(cast({table.time} as timestamp) - interval 1 day, '%Y-%m-%dT%H:%M:%S')"
        faults.append(_Fault("duplicate_key", {table.time: earlier}, fresh_key=False))
    elif table.time is not None:
        earlier = f"cast(cast({table.time} as date) - 1 as varchar)"
        faults.append(_Fault("duplicate_key", {table.time: earlier}, fresh_key=False))
    faults.append(_Fault("exact_duplicate", {}, fresh_key=False))
    for column, known in table.references.items():
        reason = "unknown_customer" if known == "crm_customers" else "unknown_response"
        faults.append(_Fault(reason, {column: "'nobody-' || n"}))
    faults += _too_far(table)
    for end, begin in table.starts.items():
        if table.types[end] == "timestamp":
            before = f"strftime(cast({begin} as timestamp) - interval 2 day, '%Y-%m-%dT%H:%M:%S')"
        else:
            before = f"cast(cast({begin} as date) - 2 as varchar)"
        faults.append(_Fault("ends_before_start", {end: before}, where=f"{begin} is not null"))
    return faults


def _too_far(table: Table) -> list[_Fault]:
    """Days after the calendar, each another one. Not where an end is known: the row would end
    before its start as well."""
    faults = []
    for column, kind in table.types.items():
        if kind not in _DATES or table.calendar.get(column) in ("any", "open"):
            continue
        day = "cast(date '2150-01-01' + cast(n as integer) * 31 as varchar)"
        ends = [end for end, begin in table.starts.items() if begin == column]
        where = " and ".join(f"{end} is null" for end in ends) or "true"
        faults.append(_Fault(f"too_far_{column}", {column: day}, where=where))
    return faults


def _fresh_key(table: Table) -> dict[str, str]:
    """SQL for a key no good row has, without touching what else is checked."""
    if len(table.key) == 1:
        return {table.key[0]: "'bad-' || n"}
    if "driver" in table.key:
        return {"driver": "'made_up_' || n"}
    # sixty years on: no good row is there, the calendar reaches, and currencies have a rate
    return {
        column: f"cast(cast(cast({column} as date) + interval 60 year as date) as varchar)"
        for column in table.key
        if table.types[column] in _DATES
    }


def write_dirty(
    con: duckdb.DuckDBPyConnection,
    dataset: str,
    staged: Path,
    out: Path,
    format: str,
    share: float,
    count: int,
) -> Dirt:
    """Write a staged dataset as text with bad rows in its middle; returns what was added.

    ``share`` of ``count`` good rows is added, round after round over all ways to spoil a row, so
    that each comes once as soon as there are enough rows for it.
    """
    source = f"select {text_columns(con, staged)} from '{staged}'"
    names = [row[0] for row in con.execute(f"describe {source}").fetchall()]
    table = read_contract()[dataset]
    wanted = min(round(count * share), count // 2)
    # what the contract allows besides, and the world does not write, cannot be spoilt
    faults = [
        fault for fault in faults_of(dataset, table, format) if set(fault.changes) <= set(names)
    ]
    _make_bad_rows(con, table, faults, source, names, count, wanted)
    reasons = con.execute(
        "select fault_reason, count(*) from bad_rows group by 1 order by 1"
    ).fetchall()

    half = count // 2
    columns = ", ".join(f'"{name}"' for name in names)
    if format == "csv":
        kept, first = f"{_csv_line(names)} as line", f"select '{','.join(names)}' as line union all"
        bad = "line"
        options = r"format csv, header false, delimiter E'\x01', quote E'\x02', escape E'\x02'"
    else:
        kept, first, bad = columns, "", columns
        options = "format parquet, compression zstd"
    con.execute(
        f"""
        copy (
            {first} (select {kept} from ({source}) limit {half})
            union all (select {bad} from bad_rows order by n)
            union all (select {kept} from ({source}) offset {half})
        ) to '{out / f"{dataset}.{format}"}' ({options})
        """
    )
    con.execute("drop table bad_rows")
    return Dirt(dict(reasons))


def _csv_field(name: str) -> str:
    return (
        f"case when \"{name}\" is null then ''"
        f' when regexp_matches("{name}", \'[",\\n]\')'
        f" then '\"' || replace(\"{name}\", '\"', '\"\"') || '\"'"
        f' else "{name}" end'
    )


def _csv_line(names: list[str]) -> str:
    return " || ',' || ".join(_csv_field(name) for name in names)


def _make_bad_rows(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    faults: list[_Fault],
    source: str,
    names: list[str],
    count: int,
    wanted: int,
) -> None:
    """Create ``bad_rows`` (n, fault_reason, the columns as text, line): row n is a copy of a good
    row of its own, spread over the dataset, spoilt by fault n modulo their number."""
    columns = ", ".join(f'"{name}"' for name in names)
    con.execute(
        "create temp table bad_rows as"
        f" select 0 as n, '' as fault_reason, {columns}, '' as line from ({source}) limit 0"
    )
    if wanted == 0:
        return
    step = count // wanted
    con.execute(
        f"""
        create temp table chosen as
        select cast(position // {step} as integer) as n, * exclude (position)
        from (select *, row_number() over () - 1 as position from ({source}))
        where position % {step} = 0 and position // {step} < {wanted}
        """
    )
    fresh = _fresh_key(table)
    for at, fault in enumerate(faults[:wanted]):
        spoilt = {name: f'"{name}"' for name in names}
        if fault.fresh_key and fault.raw is None:
            spoilt.update(fresh)
        spoilt.update(fault.changes)
        made = ", ".join(f'{spoilt[name]} as "{name}"' for name in names)
        con.execute(
            f"""
            insert into bad_rows
            select n, '{fault.reason}', {columns}, {fault.raw or "line"}
            from (
                select n, {columns}, {_csv_line(names)} as line
                from (
                    select n, {made} from chosen where n % {len(faults)} = {at} and {fault.where}
                )
            )
            """
        )
    con.execute("drop table chosen")
