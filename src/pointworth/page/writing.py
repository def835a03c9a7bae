"""Numbers and dates as a language writes them. page.js writes the same, from the same marks."""

import datetime
import math
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pointworth.page.catalogue import Words

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
NONE = "–"


@dataclass(frozen=True)
class Style:
    """What a language puts around digits; `money` holds {sign}{number}{step}{symbol}."""

    decimal: str
    group: str
    percent: str
    money: str
    steps: tuple[str, str, str]
    day: str
    months: tuple[str, ...]
    quarter: str


STYLES = {
    "en": Style(
        ".",
        ",",
        "%",
        "{sign}{symbol}{number}{step}",
        (" k", " m", " bn"),
        "{day} {month} {year}",
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        "{year} Q{quarter}",
    ),
    "it": Style(
        ",",
        ".",
        "%",
        "{sign}{number}{step} {symbol}",
        (" mila", " mln", " mld"),
        "{day} {month} {year}",
        ("gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"),
        "{quarter}° trim. {year}",
    ),
    "fr": Style(
        ",",
        "\u202f",
        "\u00a0%",
        "{sign}{number}{step}{symbol}",
        (" k", " M", " Md"),
        "{day} {month} {year}",
        (
            "janv.",
            "févr.",
            "mars",
            "avr.",
            "mai",
            "juin",
            "juil.",
            "août",
            "sept.",
            "oct.",
            "nov.",
            "déc.",
        ),
        "T{quarter} {year}",
    ),
    "de": Style(
        ",",
        ".",
        "\u00a0%",
        "{sign}{number}{step} {symbol}",
        (" Tsd.", " Mio.", " Mrd."),
        "{day}. {month} {year}",
        (
            "Jan.",
            "Feb.",
            "März",
            "Apr.",
            "Mai",
            "Juni",
            "Juli",
            "Aug.",
            "Sept.",
            "Okt.",
            "Nov.",
            "Dez.",
        ),
        "Q{quarter} {year}",
    ),
}


@dataclass(frozen=True)
class Writer:
    """Writes figures in a language and a currency."""

    words: Words
    currency: str = "EUR"

    @property
    def style(self) -> Style:
        """The marks of the language."""
        return STYLES[self.words.language]

    def marks(self) -> dict[str, Any]:
        """What page.js needs to write alike."""
        return {**asdict(self.style), "symbol": self.symbol, "none": NONE}

    @property
    def symbol(self) -> str:
        """The currency's sign, or its code where there is none."""
        return _SYMBOLS.get(self.currency, self.currency)

    def write(self, value: Any, kind: str) -> str:
        """A value by its kind; what is missing is a dash.

        Kinds: text, count, number, score, points (signed), step (points as they are), share,
        shift (a signed share in points of per cent), ratio, money, cents, day, month, quarter,
        year, flag.
        """
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return NONE
        if kind in ("day", "month", "quarter", "year"):
            return self._date(str(value)[:10], kind)
        if kind == "flag":
            return self.words.text("ui.yes" if value else "ui.no")
        if kind in ("text", "label"):
            return str(value)
        return self._number(value, kind)

    def _number(self, value: Any, kind: str) -> str:
        number = float(value)
        if kind == "count":
            return self._digits(number, 0)
        if kind == "score":
            return self._digits(number, 0 if abs(number) >= 10 else 1)
        if kind == "points":
            return self._digits(number, 1, signed=True)
        if kind in ("step", "number"):
            return self._digits(number, 1)
        if kind in ("share", "shift"):
            percent = 100 * number
            places = 0 if not percent else 2 if abs(percent) < 1 else 1 if abs(percent) < 20 else 0
            text = self._digits(percent, places, signed=kind == "shift")
            return text + self.style.percent
        if kind == "ratio":
            return f"{self._digits(number, 1 if abs(number) >= 1 else 2)} ×"
        if kind == "cents":
            return self._money(number, 1.0, "", 2)
        return self.money(number)

    def money(self, amount: float) -> str:
        """An amount short enough to be read: at most three digits that matter."""
        steps = zip((1e9, 1e6, 1e3), reversed(self.style.steps), strict=True)
        size, step = next(((s, t) for s, t in steps if abs(amount) >= s), (1.0, ""))
        places = 0 if size == 1.0 or abs(amount / size) >= 100 else 1
        return self._money(amount, size, step, places)

    def interval(self, lower: Any, upper: Any, kind: str) -> str:
        """Both ends of an interval in words."""
        low, high = self.write(lower, kind), self.write(upper, kind)
        return self.words.text("ui.interval", lower=low, upper=high)

    def _money(self, amount: float, size: float, step: str, places: int) -> str:
        sign = "−" if self._digits(amount / size, places).startswith("−") else ""
        return self.style.money.format(
            sign=sign,
            symbol=self.symbol
            if len(self.symbol) == 1
            else f"{self.symbol} "
            if self.words.language == "en"
            else self.symbol,
            number=self._digits(abs(amount) / size, places),
            step=step,
        )

    def _digits(self, number: float, places: int, *, signed: bool = False) -> str:
        """Halves go away from zero, and a zero has no sign."""
        exact = Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        text = f"{abs(exact):,.{places}f}"
        text = text.replace(",", "\0").replace(".", self.style.decimal)
        text = text.replace("\0", self.style.group)
        if not exact:
            return text
        return ("−" if exact < 0 else "+" if signed else "") + text

    def _date(self, iso: str, kind: str) -> str:
        date = datetime.date.fromisoformat(iso)
        if kind == "year":
            return f"{date.year}"
        if kind == "quarter":
            return self.style.quarter.format(year=date.year, quarter=(date.month + 2) // 3)
        month = self.style.months[date.month - 1]
        if kind == "month":
            return f"{month} {date.year}"
        return self.style.day.format(day=date.day, month=month, year=date.year)
