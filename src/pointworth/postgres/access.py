"""Who may read what: the logins of a roles file."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pointworth.errors import usage_error

_EXAMPLE = "write `readers: [login, …]` and `clients: {login: [client, …]}`"


@dataclass(frozen=True)
class Access:
    """Logins that read everything, and logins that read the rows of their clients only."""

    readers: list[str] = field(default_factory=list)
    clients: dict[str, list[str]] = field(default_factory=dict)

    @property
    def logins(self) -> list[str]:
        """All of them."""
        return [*self.readers, *self.clients]


def read_access(file: Path) -> Access:
    """The logins of a roles file; a usage error when it means nothing, or two things."""
    import yaml

    try:
        pairs = yaml.load(file.read_text(encoding="utf-8"), Loader=_every_key(yaml))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise usage_error(f"The roles file {file} cannot be read: {reason}") from error
    if not isinstance(pairs, _Pairs) or {name for name, _ in pairs} - {"readers", "clients"}:
        raise usage_error(f"The roles file {file} is not understood: {_EXAMPLE}.")
    parts = dict(pairs)
    readers, clients = parts.get("readers") or [], parts.get("clients") or _Pairs()
    if (
        not _are_names(readers)
        or not isinstance(clients, _Pairs)
        or not all(isinstance(login, str) and _are_names(of) for login, of in clients)
    ):
        raise usage_error(f"The roles file {file} is not understood: {_EXAMPLE}.")
    counted = Counter([*(name for name, _ in pairs), *readers, *(login for login, _ in clients)])
    if twice := [name for name, times in counted.items() if times > 1]:
        raise usage_error(
            f"The roles file {file} has {twice[0]} twice: name each login once, "
            "as a reader of everything or with its clients."
        )
    return Access(readers, dict(clients))


class _Pairs(list[tuple[Any, Any]]):
    """A mapping of YAML with every key it has, also those it has twice."""


def _every_key(yaml: Any) -> Any:
    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        """Mappings as pairs, so that a login named twice is seen."""

    def pairs(loader: Any, node: Any) -> _Pairs:
        return _Pairs(
            (loader.construct_object(key, deep=True), loader.construct_object(value, deep=True))
            for key, value in node.value
        )

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, pairs)
    return Loader


def _are_names(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) and value for value in values)
