"""The SQL that takes a dataset out of a spreadsheet. What fits no form stays for the landing."""

from typing import Any

from pointworth.mapping.exports import literal, quoted
from pointworth.mapping.spreadsheet.proposing import DAY_FIRST, MONTH_FIRST, YEAR_FIRST
from pointworth.mapping.spreadsheet.reading import Sheet
from pointworth.project import Dataset

_DAYS = {DAY_FIRST: ("%d/%m/%y", "%d/%m/%Y"), MONTH_FIRST: ("%m/%d/%y", "%m/%d/%Y")}
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H.%M", " %H.%M.%S", " %I:%M %p", " %I:%M:%S %p")
_TRUE = ("true", "1", "yes", "y", "si", "sì", "oui", "ja", "sim", "sí", "vero", "vrai", "x")
_FALSE = ("false", "0", "no", "n", "non", "nein", "não", "falso", "faux")


def reader(sheet: Sheet) -> str:
    """What reads the rows, every cell as text."""
    return (
        f"read_csv({literal(sheet.text)}, all_varchar = true, header = true, "
        f"skip = {sheet.header_line - 1}, delim = {literal(sheet.delimiter)}, quote = '\"', "
        "escape = '\"', null_padding = false, normalize_names = false)"
    )


def dataset_query(
    table: str, columns: dict[str, dict[str, Any]], dataset: Dataset, rows_of: str = ""
) -> str:
    """A dataset out of a table of text; `rows_of` goes before the numbers of its rows."""
    kinds = {column.name: column.data_type for column in dataset.columns}
    selected = ", ".join(
        f"{_expression(name, kinds[name], spec, rows_of)} as {name}"
        for name, spec in columns.items()
    )
    return f"select {selected} from {table}"


def customers_query(parts: list[tuple[str, dict[str, dict[str, Any]]]], dataset: Dataset) -> str:
    """Every customer that the other files name, with what they say of them."""
    selects = [dataset_query(table, columns, dataset) for table, columns in parts]
    names = {name for _, columns in parts for name in columns} - {"customer_id"}
    attributes = "".join(f", max({name}) as {name}" for name in sorted(names))
    union = " union all by name ".join(selects)
    return (
        f"select customer_id{attributes} from ({union}) where customer_id is not null "
        "group by customer_id"
    )


def _expression(name: str, kind: str, spec: dict[str, Any], rows_of: str) -> str:
    if spec.get("row_number"):
        return f"{literal(rows_of)} || row_number() over ()"
    if "value" in spec:
        return literal(spec["value"])
    text = f"nullif(trim({quoted(spec['column'])}), '')"
    if name == "score":
        return f"score_of({text})"
    if kind in ("date", "timestamp", "month") and "dates" in spec:
        return _day(text, spec["dates"], kind)
    if kind == "month":
        return f"case when {text} like '____-__' then {text} || '-01' else {text} end"
    if kind in ("number", "amount") and "decimals" in spec:
        return _number(text, spec["decimals"])
    if kind == "boolean":
        return (
            f"case when lower({text}) in ({', '.join(map(literal, _TRUE))}) then 'true' "
            f"when lower({text}) in ({', '.join(map(literal, _FALSE))}) then 'false' "
            f"else {text} end"
        )
    return text


def _day(text: str, order: str, kind: str) -> str:
    days = ("%Y/%m/%d",) if order == YEAR_FIRST else _DAYS[order]
    forms = ", ".join(literal(day + time) for time in _TIMES for day in days)
    parted = (
        rf"regexp_replace({text}, '^(\d{{1,4}})[./ -](\d{{1,2}})[./ -](\d{{1,4}}),?', '\1/\2/\3')"
    )
    moment = f"try_strptime({parted}, [{forms}])"
    as_kind = moment if kind == "timestamp" else f"cast({moment} as date)"
    return (
        f"case when {text} like '____-__-__%' then {text} "
        f"else coalesce(cast({as_kind} as varchar), {text}) end"
    )


def _number(text: str, decimals: str) -> str:
    """`€ 1.234,56`, `1 234,56` and `(1.234,56)` as the landing writes them."""
    bare = rf"regexp_replace({text}, '[^0-9,.()-]', '', 'g')"
    if decimals == "comma":
        bare = f"replace(replace({bare}, '.', ''), ',', '.')"
    else:
        bare = f"replace({bare}, ',', '')"
    signed = rf"regexp_replace({bare}, '^[(](.*)[)]$|^([0-9.]+)-$', '-\1\2')"
    return f"coalesce(cast(try_cast({signed} as decimal(18, 4)) as varchar), {text})"
