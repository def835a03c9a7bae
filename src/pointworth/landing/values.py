"""Which values a build is sure to reject, and what to write instead.

Lenient on purpose: whatever could be read as a number, as ISO 8601 or as a code is left to the
build, which judges every row.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from pointworth.landing.findings import listed
from pointworth.project import Scale

_NOTHING = {
    *("null", "none", "nil", "nan", "na", "n/a", "#n/a", "n.a.", "-", "--", "?", r"\n"),
    *("nd", "n.d.", "unknown", "undefined", "(null)", "<null>", "nat", "tbd"),
}
_NUMBER = re.compile(r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?")
_GROUPED = re.compile(r"[(+-]? ?[0-9][0-9.,'’\s\u00a0\u202f]*[)-]?")
_ISO_DAY = re.compile(
    r"[0-9]{4,}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])(?P<rest>[Tt ,+Zz-].*)?)?"
)
_ISO_OTHER = re.compile(
    r"([0-9]{8}|[0-9]{7}|[0-9]{4}-[0-9]{3}|[0-9]{4}-?W[0-9]{2}(-?[1-7])?)([T ].*)?"
)
_ISO_MONTH = re.compile(r"[0-9]{4}-?(0[1-9]|1[0-2])")
_NO_ISO_TIME = re.compile(r"[ap][.]?m\b|[a-z]+/[a-z]+", re.IGNORECASE)
_PARTED = re.compile(r"([0-9]{1,4})([-/. ])([0-9]{1,2})\2([0-9]{1,4})([T, ].*)?")
_TRUE = {"yes", "y", "t", "on", "x", "ja", "j", "si", "sì", "sí", "s", "oui", "o", "sim", "vero"}
_FALSE = {"no", "n", "f", "off", "nein", "non", "não", "falso"}
_EXCEL_DAYS = (20_000, 80_000)
_EXCEL_EPOCH = date(1899, 12, 30)
_SHAPES = {
    "timestamp": "2024-05-03T10:00:00Z",
    "date": "2024-05-03",
    "month": "2024-05",
}


@dataclass(frozen=True)
class Fault:
    """Why a value is no value of its column, and what to write instead.

    Values with one `kind` are one finding; of these the most telling is shown.
    """

    kind: str
    remedy: str
    telling: int = 0


Judge = Callable[[str], Fault | None]


def judge_of(data_type: str) -> Judge | None:
    """What judges the filled, trimmed values of a type; text is never wrong."""
    if data_type in ("number", "amount", "rate"):
        return _number_fault
    if data_type == "boolean":
        return _boolean_fault
    if data_type in _SHAPES:
        return lambda value: _date_fault(value, data_type)
    return None


def code_judge(codes: tuple[str, ...]) -> Judge:
    """What judges the values of a closed list."""

    def judge(value: str) -> Fault | None:
        if value.lower() in codes:
            return None
        return Fault("code", f"write {listed(codes, 'or', 10)}")

    return judge


def scale_fault(value: str, scale: Scale) -> Fault | None:
    """A number beyond the ends of its scale."""
    if not _NUMBER.fullmatch(value) or scale.minimum <= float(value) <= scale.maximum:
        return None
    return Fault(
        "scale",
        f"{scale.name} goes from {scale.minimum:g} to {scale.maximum:g}, so write the score on it "
        "or name its scale in score_scale",
    )


def _number_fault(value: str) -> Fault | None:
    if _NUMBER.fullmatch(value):
        return None
    lowered = value.lower()
    if lowered in _NOTHING:
        return Fault("nothing", "leave it empty")
    if match := re.fullmatch(r"([0-9]+) ?(/|of|out of|von|su|sur|de) ?[0-9]+", lowered):
        return Fault("score", f"write {match[1]}", 1)
    if match := re.fullmatch(r"([0-9]+) ?[-–—:=.)] ?[^\W\d].*|([0-9]+) [^\W\d]{4,}.*", value):
        return Fault("score", f"write {match[1] or match[2]}", 1)
    plain = re.sub(
        r"[a-z€$£¥₹%.'’ ()+-]*?([(+-]?[0-9][0-9.,'’\s\u00a0\u202f]*[)-]?).*", r"\1", lowered
    )
    digits = re.sub(r"[^0-9.,]", "", plain)
    is_negative = plain.startswith(("-", "(")) or plain.endswith("-")
    written = _with_a_dot(digits)
    if written is None:
        return Fault("word", "write a number such as 12.50")
    sign = "-" if is_negative else ""
    if re.search(r"[a-z€$£¥₹%]", lowered):
        return Fault("sign", f"write {sign}{written}, and nothing but the number")
    if "," in digits and "." not in digits and re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+", digits):
        return Fault("comma", f"write {sign}{written} (a dot before decimals, no other sign)")
    return Fault("comma", f"write {sign}{written} (a dot before decimals, no other sign)", 1)


def _with_a_dot(digits: str) -> str | None:
    """`1.234,56` and `1,234.56` as 1234.56; the sign that comes last parts the decimals."""
    last = max(digits.rfind(","), digits.rfind("."))
    if last < 0:
        return digits or None
    kinds = {sign for sign in digits if sign in ",."}
    if len(kinds) == 1 and re.fullmatch(r"[0-9]{1,3}([,.][0-9]{3})+", digits):
        return re.sub(r"[,.]", "", digits)
    whole, parts = re.sub(r"[,.]", "", digits[:last]), digits[last + 1 :]
    return f"{whole or '0'}.{parts}" if parts else whole or None


def _boolean_fault(value: str) -> Fault | None:
    lowered = value.lower()
    if lowered in ("true", "false", "1", "0"):
        return None
    if lowered in _NOTHING and lowered not in _FALSE:
        return Fault("nothing", "leave it empty")
    if lowered in _TRUE:
        return Fault("word", "write true (and false)", 1)
    if lowered in _FALSE:
        return Fault("word", "write false (and true)")
    return Fault("word", "write true or false")


def _date_fault(value: str, data_type: str) -> Fault | None:
    shape = f"write {_SHAPES[data_type]}"
    if data_type == "month" and _ISO_MONTH.fullmatch(value):
        return None
    if (match := _ISO_DAY.fullmatch(value)) or (match := _ISO_OTHER.fullmatch(value)):
        rest = match.groupdict().get("rest") or ""
        if data_type != "month" and _NO_ISO_TIME.search(rest):
            return Fault("clock", "write the time as 22:00:00, with Z or an offset such as +02:00")
        return None
    if value.lower() in _NOTHING or re.fullmatch(r"0{4}-00-00([T ].*)?|0", value):
        return Fault("nothing", "leave it empty")
    match = re.fullmatch(r"([0-9]{5})([.,][0-9]+)?", value)
    if match and _EXCEL_DAYS[0] <= int(match[1]) <= _EXCEL_DAYS[1]:
        day = _EXCEL_EPOCH + timedelta(days=int(match[1]))
        return Fault("serial", f"write {_as(day, data_type)} (it is a spreadsheet's day count)")
    if re.fullmatch(r"[0-9]{10}|[0-9]{13}", value):
        seconds = int(value[:10])
        moment = datetime.fromtimestamp(seconds, UTC)
        text = moment.isoformat().replace("+00:00", "Z")
        write = text if data_type == "timestamp" else _as(moment.date(), data_type)
        return Fault("epoch", f"write {write} (it is a count of seconds)")
    if match := _PARTED.fullmatch(value):
        return _parted_fault(match, shape, data_type)
    return Fault("word", shape)


def _parted_fault(match: re.Match[str], shape: str, data_type: str) -> Fault:
    """31/12/2024, 31.12.24, 12-31-2024, 2024/12/31: told apart where only one reading is a day."""
    first, middle, last = match[1], match[3], match[4]
    if len(first) == 4:
        orders = [(first, middle, last)]
    else:
        year = last if len(last) == 4 else f"20{last}"
        orders = [(year, middle, first), (year, first, middle)]
    days = {day for order in orders if (day := _day(*order))}
    if len(days) == 1:
        return Fault("parted", f"write {_as(days.pop(), data_type)} (year-month-day)", 1)
    return Fault("parted", f"{shape} (year-month-day)")


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _as(day: date, data_type: str) -> str:
    return f"{day:%Y-%m}" if data_type == "month" else day.isoformat()
