"""What a run is told: the landing's own pointworth.yml, overruled by the command line."""

import datetime
import difflib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from pointworth.errors import usage_error

SETTINGS_FILE = "pointworth.yml"
_DAYS = {
    "as_of_date": "The as-of date",
    "not_after": "The setting not_after",
    "calendar_from": "The setting calendar_from",
    "calendar_to": "The setting calendar_to",
    "origins_from": "The setting origins_from",
}
_CHOICES = {
    "customer_key": ("number", "per_client"),
    "churn_basis": ("subscription", "inactivity"),
}
_HELD_BY_THE_LEDGER = (
    "rows_without_customer",
    "duplicates",
    "other_rejected_rows",
    "tax",
    "bad_debt",
    "invoice_months",
)
_SET_BY_THE_RUN = {"landing", "landing_is_loaded", "this_run"}
_OF_THE_COMMAND = {"on_publish": ""}
"""Settings that are no variables of the project, with a value of their kind."""
_SIZE = r"\d+(\.\d+)?\s*[KMGT]i?B"
_COUNTED_BY_DUCKDB = 0.8
"""The part of the memory a build may take that DuckDB is told of. It does not count, among others,
lists that are being added up and what its allocator has not given back yet."""


class Target(StrEnum):
    """Where a build computes: a target of profiles.yml."""

    duckdb = "duckdb"
    spark = "spark"
    spark_thrift = "spark_thrift"


@dataclass(frozen=True)
class Settings:
    """Everything `pointworth build` needs to know besides where the warehouse is."""

    landing: Path
    variables: dict[str, Any] = field(default_factory=dict)
    full_refresh: bool = False
    threads: int = 2
    memory_limit: str = "8GB"
    on_publish: str | None = None

    @property
    def dbt_variables(self) -> dict[str, Any]:
        """The variables for dbt, the landing among them."""
        return {**self.variables, "landing": str(self.landing)}

    @property
    def memory_of_duckdb(self) -> str:
        """At what size DuckDB spills: what it does not count is held back from it."""
        return re.sub(
            r"[\d.]+", lambda size: f"{float(size[0]) * _COUNTED_BY_DUCKDB:.3f}", self.memory_limit
        )

    @property
    def segments(self) -> list[str]:
        """The columns that are segments of the user's own."""
        return [name for name in self.variables.get("segments", ()) if isinstance(name, str)]

    def highest_rejected_share(self, dataset: str, default: float) -> float:
        """The share of rejected rows this run allows for a dataset."""
        return self._share("max_rejected_share", dataset, default)

    def highest_shrunk_share(self, dataset: str, default: float) -> float:
        """The share of the published run's rows that a dataset may have lost."""
        return self._share("max_shrunk_share", dataset, default)

    def _share(self, name: str, dataset: str, default: float) -> float:
        share = self.variables.get(name, default)
        if isinstance(share, dict):
            share = share.get(dataset, share.get("default", default))
        return float(share)


def read_settings(
    landing: Path,
    known: dict[str, Any],
    *,
    as_of: str | None = None,
    max_rejected_share: float | None = None,
    full_refresh: bool = False,
    threads: int = 2,
    memory_limit: str = "8GB",
) -> Settings:
    """The settings of a build; `known` are the project's variables with their defaults."""
    given = _from_file(landing / SETTINGS_FILE, known | _OF_THE_COMMAND)
    on_publish = given.pop("on_publish", None)
    variables = {"not_after": latest_day_anywhere()} | given
    if as_of is not None:
        variables["as_of_date"] = as_of
    if max_rejected_share is not None:
        variables["max_rejected_share"] = max_rejected_share
    _check_values(variables)
    if threads < 1:
        raise usage_error(f"--threads {threads}: give at least 1.")
    if not re.fullmatch(_SIZE, memory_limit):
        raise usage_error(f"--memory-limit {memory_limit}: give a size such as 8GB or 500MB.")
    return Settings(landing.resolve(), variables, full_refresh, threads, memory_limit, on_publish)


def latest_day_anywhere() -> str:
    """The day it is where the day begins first: nothing anywhere has happened after it."""
    first = datetime.timezone(datetime.timedelta(hours=14))
    return datetime.datetime.now(first).date().isoformat()


def _from_file(path: Path, known: dict[str, Any]) -> dict[str, Any]:
    import yaml

    if not path.exists():
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise usage_error(f"{path} could not be read as YAML: {reason}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise usage_error(f"{path} is not a mapping: write one `setting: value` per line.")
    content = {
        name: value.isoformat() if isinstance(value, datetime.date) else value
        for name, value in content.items()
    }
    allowed = [name for name in known if name not in _SET_BY_THE_RUN]
    for name, value in content.items():
        if name not in allowed:
            close = difflib.get_close_matches(str(name), allowed, n=1)
            hint = (
                f"did you mean {close[0]}?"
                if close
                else "the settings are the vars of dbt_project.yml."
            )
            raise usage_error(f"{path} sets {name}, which is no setting: {hint}")
        _check_kind(path, name, value, known[name])
    return content


def _check_kind(path: Path, name: str, value: Any, default: Any) -> None:
    """A value must be of the kind of its default."""
    kinds: dict[type, tuple[tuple[type, ...], str]] = {
        bool: ((bool,), "true or false"),
        int: ((int,), "a whole number"),
        float: ((int, float, dict), "a number"),
        str: ((str,), "a text"),
        list: ((list,), "a list"),
    }
    accepted, words = kinds.get(type(default), ((object,), ""))
    is_wrong_bool = isinstance(value, bool) and bool not in accepted and object not in accepted
    if is_wrong_bool or not isinstance(value, accepted):
        raise usage_error(f"{path} sets {name} to {value!r}: give {words}.")


def _check_values(variables: dict[str, Any]) -> None:
    for name, choices in _CHOICES.items():
        if variables.get(name, choices[0]) not in choices:
            raise usage_error(
                f"The setting {name} is {variables[name]}: give {' or '.join(choices)}."
            )
    for part in variables.get("ledger_holds", ()):
        if part not in _HELD_BY_THE_LEDGER:
            raise usage_error(
                f"The setting ledger_holds names {part}: it takes {', '.join(_HELD_BY_THE_LEDGER)}."
            )
    currency = str(variables.get("reporting_currency", "EUR")).strip()
    if not re.fullmatch(r"[A-Za-z]{3}", currency):
        raise usage_error(
            f"The setting reporting_currency is {currency}: give three letters, such as EUR."
        )
    for name, what in _DAYS.items():
        if variables.get(name) is None:
            continue
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(variables[name])):
                raise ValueError(name)  # ISO 8601 knows forms that nobody else here reads
            datetime.date.fromisoformat(str(variables[name]))
        except ValueError as error:
            raise usage_error(
                f"{what} {variables[name]} is no date: write it YYYY-MM-DD."
            ) from error
    for name, what in (("max_rejected_share", "rejected"), ("max_shrunk_share", "shrunk")):
        shares = variables.get(name, 0.0)
        for share in shares.values() if isinstance(shares, dict) else [shares]:
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
                raise usage_error(
                    f"The {what} share {share} is no share: give a number from 0 to 1."
                )
