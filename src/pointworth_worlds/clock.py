"""Months of a world as integers, and days as integers since 1970-01-01."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def month_start(start: date, offset: int) -> date:
    """First day of the month ``offset`` months after ``start`` (itself a first of a month)."""
    index = start.year * 12 + start.month - 1 + offset
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True)
class Clock:
    """``months`` months from ``start``; ``starts[m]`` is the day number of the first of month m,
    known for 24 months beyond the end so that windows can be computed there."""

    start: date
    months: int
    starts: Ints

    @classmethod
    def of(cls, start: date, months: int) -> Clock:
        days = [day_number(month_start(start, m)) for m in range(months + 25)]
        return cls(start, months, np.array(days, dtype=np.int64))

    @property
    def as_of(self) -> date:
        """The last day of the last month."""
        return month_start(self.start, self.months) - timedelta(days=1)

    @property
    def as_of_day(self) -> int:
        return day_number(self.as_of)

    def index_of(self, day: date) -> int:
        """The month a day is in, counted from the start."""
        return (day.year - self.start.year) * 12 + day.month - self.start.month

    def index_year(self, month: int) -> int:
        """Calendar year of a month counted from the start."""
        return month_start(self.start, month).year
