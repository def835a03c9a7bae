"""The finance workbook: published figures on sheets whose totals are formulas."""

from pointworth.workbook.finance import write_workbook

__all__ = ["write_workbook"]
