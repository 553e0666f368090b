"""How SQLite means to answer a question: the steps of its plan, with nothing run."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select

from app.storage.engine import Engines


def explained(engines: Engines, statement: Select[Any]) -> list[str]:
    """Return the steps of the plan, in order."""
    with engines.read.connect() as connection:
        compiled = statement.compile(connection.engine, compile_kwargs={"render_postcompile": True})
        given = [compiled.params[name] for name in compiled.positiontup or ()]
        values = tuple(value.isoformat() if isinstance(value, datetime) else value for value in given)
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).fetchall()
        return [str(row[3]) for row in rows]
