"""The words of the page in every language it speaks, from one catalogue."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "it", "fr", "de")


@dataclass(frozen=True)
class Words:
    """The catalogue in one language."""

    language: str
    texts: dict[str, str]

    def text(self, key: str, **values: Any) -> str:
        """The text of a key with its values filled in; raises KeyError when there is none."""
        text = self.texts[key]
        return text.format(**values) if values else text

    def of_value(self, value: Any) -> str:
        """A code of the data as people read it; what is no known code stays as it is written."""
        text = str(value)
        known = self.texts.get(f"value.{text}")
        if known is not None:
            return known
        if " × " in text:
            return " × ".join(self.of_value(part) for part in text.split(" × "))
        return text.replace("_", " ")

    def of_column(self, name: str) -> str:
        """A column as the head of a table says it."""
        return self.texts.get(f"column.{name}") or self.of_value(name)

    def under(self, prefix: str) -> dict[str, str]:
        """The texts whose key begins with a prefix, by the rest of the key."""
        return {
            key.removeprefix(prefix): text
            for key, text in self.texts.items()
            if key.startswith(prefix)
        }


@cache
def words(language: str) -> Words:
    """The catalogue in one of LANGUAGES."""
    position = LANGUAGES.index(language)
    return Words(
        language,
        {
            f"{group}.{name}": texts[position]
            for group, entries in catalogue().items()
            for name, texts in entries.items()
        },
    )


@cache
def catalogue() -> dict[str, dict[str, list[str]]]:
    """Every text in every language, in the order of LANGUAGES, by group and name."""
    content = (resources.files("pointworth.page") / "catalogue.toml").read_text(encoding="utf-8")
    return tomllib.loads(content)
