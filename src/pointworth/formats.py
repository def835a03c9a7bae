"""How figures are written for people."""

_MONEY_STEPS = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))


def value_text(value: float | None, unit: str) -> str:
    """A figure with its unit: points, share, ratio, z, or a currency code."""
    if value is None:
        return "–"
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
        return "–"
    return f"{value_text(lower, unit)} to {value_text(upper, unit)}"


def money_text(amount: float, currency: str) -> str:
    """An amount short enough for a table, such as `EUR 8.61 m`."""
    for step, suffix in _MONEY_STEPS:
        if abs(amount) >= step:
            return f"{currency} {amount / step:.2f} {suffix}"
    return f"{currency} {amount:.2f}"
