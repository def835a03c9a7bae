"""How figures are written for people."""

import datetime
import math
from decimal import Decimal

EMPTY = "–"
_MONEY_STEPS = ((1e9, " bn"), (1e6, " m"), (1e3, " k"))
_DURATIONS = ("minutes", "hours", "days", "months", "quarters", "years")
_LONG_NUMBER = 10_000
"""From here on a number whose unit is not known is written with separators; 2016 is a year."""


def value_text(value: float | None, unit: str) -> str:
    """A figure with its unit: points, share, ratio, z, or a currency code."""
    if value is None:
        return EMPTY
    if unit == "points":
        return f"{value:+.1f}"
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit == "ratio":
        return f"{value:.2f} ×"
    if unit == "z":
        return f"{value:+.2f}"
    return money_text(value, unit)


def interval_text(lower: float | None, upper: float | None, unit: str) -> str:
    """An interval with the unit of its figure."""
    if lower is None or upper is None:
        return EMPTY
    if unit in ("points", "z"):
        return f"{value_text(lower, unit)} to {value_text(upper, unit)}"
    if unit == "share":
        return f"{100 * lower:.1f} to {100 * upper:.1f} %"
    if unit == "ratio":
        return f"{lower:.2f} to {upper:.2f} ×"
    step, suffix = _step(max(abs(lower), abs(upper)))
    return f"{unit} {lower / step:.2f} to {upper / step:.2f}{suffix}"


def money_text(amount: float, currency: str) -> str:
    """An amount short enough for a table, such as `EUR 8.61 m`."""
    step, suffix = _step(abs(amount))
    return f"{currency} {amount / step:.2f}{suffix}"


def cell_text(value: object, unit: str | None = None) -> str:
    """A value of a result as people write it, by the unit of its column in `dim_measures`."""
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return _number_text(value, unit)
    if isinstance(value, datetime.datetime):
        return f"{_day_text(value)} {value:%H:%M}"
    if isinstance(value, datetime.date):
        return _day_text(value)
    return one_line_text(str(value))


def raw_text(value: object) -> str:
    """A value as it is; what is empty is seen to be."""
    return EMPTY if value is None else one_line_text(str(value))


def one_line_text(text: str) -> str:
    """A text that moves no cursor: on one line, without what a terminal takes for a command."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _number_text(value: float | Decimal, unit: str | None) -> str:
    number = float(value)
    if math.isnan(number):
        return EMPTY
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    if unit == "share":
        return _percent_text(100 * number)
    if unit == "percent":
        return _percent_text(number)
    if unit == "probability":
        return "< 0.001" if 0 <= number < 0.001 else f"{number:.3f}"
    if unit == "points":
        return f"{number:+.1f}"
    if unit == "ratio":
        return f"{number:.2f} ×"
    if unit == "money":
        return f"{number / 1e6:,.2f} m" if abs(number) >= 1e6 else _amount_text(number)
    if unit in _DURATIONS and not isinstance(value, int):
        return f"{number:,.1f}"
    if isinstance(value, int):
        return f"{value:,}" if unit or abs(value) >= _LONG_NUMBER else str(value)
    return _plain_text(number)


def _percent_text(number: float) -> str:
    """One decimal, or two digits that matter."""
    return f"{number:.2g} %" if 0 < abs(number) < 0.095 else f"{number:,.1f} %"


def _amount_text(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1_000 else f"{number:,.2f}"


def _plain_text(number: float) -> str:
    """Four decimals at most, two of a long number."""
    if number and abs(number) < 0.001:
        return f"{number:.3g}"
    if abs(number) >= 1e15:
        return f"{number:.6g}"
    if abs(number) >= _LONG_NUMBER:
        return f"{number:,.2f}"
    return f"{number:.4f}".rstrip("0").rstrip(".")


def _day_text(day: datetime.date) -> str:
    return f"{day.day} {day:%b} {day:%Y}"


def _step(amount: float) -> tuple[float, str]:
    return next(((step, suffix) for step, suffix in _MONEY_STEPS if amount >= step), (1.0, ""))
