"""`plan.xlsx`: the tables of a run as a bureau sends them, in words, with totals, ready for print."""

from optimizer.workbook.write import write_workbook

__all__ = ["write_workbook"]
