"""A formulation as a mixed-integer program, one file a family of rules.

Columns are the pairs first, then classes and slacks. Contiguity has too many rows to write down; they are found when a
solution breaks them (`separate`) and appended with `with_rows`. Row names say which rule a row belongs to.
"""

from optimizer.formulation.program.program import Children, Program, Row
from optimizer.formulation.program.write import write_program

__all__ = ["Children", "Program", "Row", "write_program"]
