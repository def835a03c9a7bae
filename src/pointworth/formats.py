"""How figures are written for people."""

_MONEY_STEPS = ((1e9, " bn"), (1e6, " m"), (1e3, " k"))


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


def cell_text(value: object) -> str:
    """A value of a query's result: empty for NULL, four decimals at most."""
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value)
    if value and abs(value) < 0.001:
        return f"{value:.3g}"
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _step(amount: float) -> tuple[float, str]:
    return next(((step, suffix) for step, suffix in _MONEY_STEPS if amount >= step), (1.0, ""))
