"""One expression for both databases: does a byte string hold another? Never used on a whole table."""

from typing import Any

from sqlalchemy import Boolean
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class ContainsBytes(FunctionElement[bool]):
    """True where the second byte string lies inside the first; NULL where the first is."""

    name = "contains_bytes"
    type = Boolean()
    inherit_cache = True


@compiles(ContainsBytes, "sqlite")
def _on_sqlite(element: ContainsBytes, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # SQLAlchemy's
    whole, piece = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(instr({whole}, {piece}) > 0)"


@compiles(ContainsBytes, "postgresql")
def _on_postgresql(element: ContainsBytes, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # the same
    whole, piece = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(position({piece} IN {whole}) > 0)"
