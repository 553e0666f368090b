"""What is in nobody's hands is found from the few things that can be: no question walks all items or bags."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Select

from app.domain.ids import UnitId, UserId
from app.domain.unattended import UnattendedReason
from app.storage.engine import Engines
from app.storage.repositories.unattended import Scope, questions
from tests.support.databases import START

SCOPES = {
    "everybody's": Scope(limit=50),
    "a unit's": Scope(unit=UnitId(1), limit=50),
    "a person's": Scope(custodian=UserId(1), limit=50),
}
BEGINS = {
    UnattendedReason.OFFER_UNANSWERED: ("ix_consignments_offered", "ix_bags_offered"),
    UnattendedReason.CUSTODIAN_CLOSED: ("custodian_user_id",),
    UnattendedReason.UNIT_CLOSED: ("custodian_user_id",),
    UnattendedReason.SHIFT_ENDED: ("custodian_user_id",),
    UnattendedReason.HELD_AT_OFFICE: ("ix_consignments_unclaimed",),
    UnattendedReason.BAG_OVERDUE: ("ix_bags_under_way",),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("reason", UnattendedReason)
def test_no_question_walks_all_items_or_bags(engines: Engines, reason: UnattendedReason, scope: str) -> None:
    for statement in questions(reason, SCOPES[scope], until=START):
        plan = explained(engines, statement)
        walks = [step for step in plan if step.startswith(("SCAN consignments", "SCAN bags"))]
        unbounded = [step for step in walks if not any(name in step for name in BEGINS[reason])]
        assert not unbounded, plan
        own = ("custodian_user_id",) if "person" in scope else BEGINS[reason]
        assert any(name in step for step in plan for name in (*own, *BEGINS[reason])), plan


def explained(engines: Engines, statement: Select[Any]) -> list[str]:
    with engines.read.connect() as connection:
        compiled = statement.compile(connection.engine, compile_kwargs={"render_postcompile": True})
        given = [compiled.params[name] for name in compiled.positiontup or ()]
        values = tuple(value.isoformat() if isinstance(value, datetime) else value for value in given)
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).fetchall()
        return [str(row[3]) for row in rows]
