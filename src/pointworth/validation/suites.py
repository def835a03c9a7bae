"""The expectations as data: which tables, which rules, and what each rule says in words.

A rule names an expectation of Great Expectations and its arguments. `{batch}` in a query stands for
the rule's table.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pointworth.project import Dataset, Mart

NOT_WHAT_IT_CLAIMS = 0.5
"""Share of bad values from which a column is not the column it claims to be (a swapped export,
another date format). Single bad rows are judged one by one by the build."""

LARGE = 1_000_000
"""Rows from which a dataset is not checked again as a whole when some arrive, and from which its
keys are counted approximately: that half of them are alike shows well enough."""

FEW = 1_000
"""Rows that arrived, below which shares among them say nothing."""

QUERY = "unexpected_rows_expectation"
FOUND = "found"
"""The column of a rule's query that says in words what is wrong."""
PERSONAL_COLUMNS = ("customer_name", "email", "phone")
_IN_WORDS = {
    "number": "numbers",
    "date": "dates",
    "month": "months",
    "timestamp": "times",
    "boolean": "true or false",
}
_E_MAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{{2,}}"
_SHARES = (
    "risk",
    "retention_rate",
    "response_rate",
    "survival",
    "revenue_coverage",
    "projected_share",
)


@dataclass(frozen=True)
class Rule:
    """One expectation."""

    says: str
    kind: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Suite:
    """The rules of one table; `part` names a view of it, when only its rows are to be checked."""

    schema: str
    table: str
    rules: tuple[Rule, ...]
    part: str | None = None


@dataclass(frozen=True)
class Check:
    """What became of one rule."""

    table: str
    says: str
    is_met: bool
    observed: str


def query_rule(says: str, query: str) -> Rule:
    """A rule that holds when its query returns no row."""
    return Rule(says, QUERY, {"unexpected_rows_query": query})


def landing_suites(
    contract: Mapping[str, Dataset],
    rows: Mapping[str, int],
    files: Mapping[str, Sequence[str]],
    tolerated: Mapping[str, float],
    arrived: Mapping[str, int] | None = None,
    typed: Mapping[str, Collection[str]] | None = None,
) -> list[Suite]:
    """What must hold of the landing once loaded.

    `rows` are the rows read per dataset, `files` the names found on disk, `tolerated` the share of
    bad values per dataset (never below NOT_WHAT_IT_CLAIMS). When a build is continued, `arrived`
    are the rows of changed files by dataset: what did not change was checked before, and of a large
    dataset only the rows that arrived are checked (in the view arrived_<dataset>). `typed` are the
    columns whose files know their type: what they hold needs no look.
    """
    suites = [_files_suite(contract, files)]
    for name, dataset in contract.items():
        if name not in files or (arrived is not None and name not in arrived):
            continue
        allowed, read = tolerated.get(name, 0.0), rows.get(name, 0)
        known = (typed or {}).get(name, ())
        if arrived is None or read <= LARGE:
            suites.append(_dataset_suite(dataset, read, allowed, known))
        else:
            is_sample = arrived[name] < FEW
            part = _dataset_suite(dataset, arrived[name], allowed, known, is_sample=is_sample)
            suites.append(replace(part, part=f"arrived_{name}"))
    return suites


def _files_suite(contract: Mapping[str, Dataset], files: Mapping[str, Sequence[str]]) -> Suite:
    on_disk = [(name, file) for name in contract for file in files.get(name, ())]
    expected = _values(on_disk, ("dataset", "source_file"))
    return Suite(
        "landing",
        "loaded_files",
        (
            query_rule(
                "every file of the landing was loaded, and no other",
                f"(select dataset, source_file from {expected} except "
                "select dataset, source_file from {batch}) union all "
                "(select dataset, source_file from {batch} except "
                f"select dataset, source_file from {expected})",
            ),
        ),
    )


def _dataset_suite(
    dataset: Dataset,
    rows: int,
    tolerated: float,
    known: Collection[str],
    *,
    is_sample: bool = False,
) -> Suite:
    """The rules of a dataset; of a sample, those that are about shares say nothing."""
    mostly = 1 - max(NOT_WHAT_IT_CLAIMS, tolerated)
    columns = [column.name for column in dataset.columns]
    rules = [
        Rule(
            "the columns are those of the contract",
            "expect_table_columns_to_match_set",
            {
                "column_set": [*columns, "source_file", "source_row", "key_hash"],
                "exact_match": True,
            },
        ),
        Rule(
            f"of the {rows:,} in its files some rows can be read, and none twice",
            "expect_table_row_count_to_be_between",
            {"min_value": 0 if rows == 0 else 1, "max_value": rows},
        ),
    ]
    if is_sample:
        return Suite("landing", dataset.name, tuple(rules))
    rules += [
        Rule(
            f"{column.name} is filled in most rows",
            "expect_column_values_to_not_be_null",
            {"column": column.name, "mostly": mostly},
        )
        for column in dataset.columns
        if column.required
    ]
    if rows:
        keys = (
            f"count(distinct ({', '.join(dataset.key)}))"
            if rows <= LARGE
            else "approx_count_distinct(key_hash)"
        )
        rules.append(
            query_rule(
                f"{' and '.join(dataset.key)} tell most rows apart",
                "select distinct_keys || ' different ones in ' || read_rows || ' rows' as found "
                f"from (select count(*) as read_rows, {keys} as distinct_keys "
                "from {batch}) as counts "
                f"where distinct_keys < {mostly} * read_rows",
            )
        )
        rules += _type_rules(dataset, 1 - mostly, known)
    return Suite("landing", dataset.name, tuple(rules))


def _type_rules(dataset: Dataset, tolerated: float, known: Collection[str]) -> Iterable[Rule]:
    """One rule, and one pass over the table, for all columns that should be no text and are."""
    typed = [
        column
        for column in dataset.columns
        if column.data_type != "text" and column.name not in known
    ]
    if not typed:
        return
    counts = ", ".join(
        f"count(*) filter (where {_is_bad(column.name, column.data_type)}) as {column.name}"
        for column in typed
    )
    entries = ", ".join(
        f"struct_pack(column_name := '{column.name}', bad_rows := {column.name}, "
        f"should_hold := '{_IN_WORDS.get(column.data_type, column.data_type)}')"
        for column in typed
    )
    yield query_rule(
        "columns hold what their names promise",
        "select entry.column_name || ' should hold ' || entry.should_hold || ', but not so in ' "
        "|| entry.bad_rows || ' of ' || read_rows || ' rows' as found "
        f"from (select read_rows, unnest([{entries}]) as entry from ("
        f"select count(*) as read_rows, {counts} from {{batch}}) as counts) as entries "
        f"where entry.bad_rows > {tolerated} * read_rows",
    )


def _is_bad(column: str, data_type: str) -> str:
    """SQL that says a filled value is not of its type at all."""
    value = f"nullif(trim({column}), '')"
    if data_type == "boolean":
        return f"lower({value}) not in ('true', 'false', '1', '0', 't', 'f', 'yes', 'no')"
    if data_type == "month":
        return f"{value} is not null and try_cast(substr({value}, 1, 7) || '-01' as date) is null"
    target = "timestamp" if data_type in ("date", "timestamp") else "double"
    if target == "timestamp":
        return f"{value} is not null and try_cast(substr({value}, 1, 10) as date) is null"
    return f"{value} is not null and try_cast({value} as {target}) is null"


def published_suites(
    marts: Iterable[Mart], types: Mapping[str, str], rows: Mapping[str, int]
) -> list[Suite]:
    """What must hold of the file before it is published.

    `types` maps a type as written in the contract to the engine's own name of it; `rows` are the
    rows of each mart in the build file.
    """
    marts = list(marts)
    promised = [
        (mart.name, column, types[data_type])
        for mart in marts
        for column, data_type in mart.columns.items()
    ]
    whole = Suite(
        "information_schema",
        "tables",
        (
            query_rule(
                "every mart is there, as a table, and nothing else",
                _difference(
                    [(mart.name, "BASE TABLE") for mart in marts],
                    ("table_name", "table_type"),
                    "information_schema.tables "
                    "where table_schema not in ('information_schema', 'pg_catalog')",
                ),
            ),
            query_rule(
                "exactly the columns and types of the contract",
                _difference(
                    promised,
                    ("table_name", "column_name", "data_type"),
                    "information_schema.columns where table_schema = 'main' "
                    f"and table_name in {_in(mart.name for mart in marts if mart.columns)}",
                ),
            ),
            query_rule(
                "there are as many rows as were computed",
                _row_count_query(rows),
            ),
            query_rule(
                "no column with names, e-mail addresses or phone numbers",
                "select table_name, column_name from information_schema.columns "
                f"where table_schema = 'main' and column_name in {_in(PERSONAL_COLUMNS)}",
            ),
        ),
    )
    suites = [Suite("main", mart.name, tuple(_mart_rules(mart))) for mart in marts]
    return [whole, *(suite for suite in suites if suite.rules)]


def _mart_rules(mart: Mart) -> Iterable[Rule]:
    for column, data_type in mart.columns.items():
        is_score = column == "nps" or column.endswith("_nps")
        if is_score and _is_number(data_type):
            yield Rule(
                f"{column} lies between −100 and 100",
                "expect_column_values_to_be_between",
                {"column": column, "min_value": -100, "max_value": 100},
            )
        if column in _SHARES and _is_number(data_type):
            yield Rule(
                f"{column} lies between 0 and 1",
                "expect_column_values_to_be_between",
                {"column": column, "min_value": 0, "max_value": 1},
            )
        if "verbatim" in column or column in ("raw_text", "raw"):
            yield query_rule(
                f"{column} holds no e-mail address in clear",
                f"select {column} from {{batch}} where regexp_matches({column}, '{_E_MAIL}')",
            )
    for estimate, lower, upper in intervals(mart.columns):
        low = f"{lower} > {estimate}" if estimate else f"{lower} > {upper}"
        high = f" or {estimate} > {upper}" if estimate else ""
        yield query_rule(
            f"{estimate or 'the estimate'} lies within {lower} and {upper}",
            f"select * from {{batch}} where {low}{high}",
        )


def intervals(columns: Mapping[str, str]) -> list[tuple[str | None, str, str]]:
    """Every (estimate, lower bound, upper bound) among a mart's columns (name to type).

    Bounds called `<estimate>_lower` name their estimate; for plain `lower` and `upper` it is the
    number right before them or before `standard_error`, as the contract orders its columns.
    """
    names = [name for name in columns if name != "standard_error"]
    found: list[tuple[str | None, str, str]] = []
    for position, lower in enumerate(names):
        upper = lower.removesuffix("lower") + "upper"
        if not lower.endswith("lower") or upper not in columns:
            continue
        estimate = names[position - 1] if lower == "lower" else lower.removesuffix("_lower")
        is_estimate = _is_number(columns.get(estimate, ""))
        found.append((estimate if is_estimate else None, lower, upper))
    return found


def _is_number(data_type: str) -> bool:
    """Whether a type of the contract can hold an estimate."""
    return data_type.lower().startswith(("double", "decimal", "numeric"))


def _difference(rows: Sequence[tuple[str, ...]], columns: tuple[str, ...], actual: str) -> str:
    names = ", ".join(columns)
    expected = f"select {names}, 'missing' as problem from {_values(rows, columns)}"
    found = f"select {names}, 'unexpected' as problem from {actual}"
    return (
        f"select {names}, min(problem) as problem from ({expected} union all {found}) as sides "
        f"group by {names} having count(*) <> 2 order by {names}"
    )


def _row_count_query(rows: Mapping[str, int]) -> str:
    counts = [
        f"select '{name}' as mart, {expected} as built, (select count(*) from {name}) as copied"
        for name, expected in sorted(rows.items())
    ] or ["select '' as mart, 0 as built, 0 as copied"]
    return f"select * from ({' union all '.join(counts)}) as counts where built <> copied"


def _values(rows: Sequence[tuple[str, ...]], columns: tuple[str, ...]) -> str:
    names = ", ".join(columns)
    if not rows:
        nothing = ", ".join("''" for _ in columns)
        return f"(select * from (values ({nothing})) as no_rows({names}) where false) as expected"
    cells = ", ".join("(" + ", ".join(_text(cell) for cell in row) + ")" for row in rows)
    return f"(values {cells}) as expected({names})"


def _in(values: Iterable[str]) -> str:
    return "(" + (", ".join(_text(value) for value in values) or "null") + ")"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''").replace("{", "{{").replace("}", "}}") + "'"
