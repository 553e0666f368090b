"""What is in nobody's hands is found from the few things that can be: no question walks all items or bags."""

import pytest

from app.domain.ids import UnitId, UserId
from app.domain.unattended import UnattendedReason
from app.storage.engine import Engines
from app.storage.repositories.unattended import Scope, questions
from tests.support.databases import START
from tests.support.plans import explained

SCOPES = {
    "everybody's": Scope(limit=50),
    "a unit's": Scope(unit=UnitId(1), limit=50),
    "a person's": Scope(custodian=UserId(1), limit=50),
}
BEGINS = {
    UnattendedReason.OFFER_UNANSWERED: ("ix_consignments_offered", "ix_bags_offered"),
    UnattendedReason.CUSTODIAN_CLOSED: ("held_by_user",),
    UnattendedReason.UNIT_CLOSED: ("held_by_user",),
    UnattendedReason.SHIFT_ENDED: ("held_by_user",),
    UnattendedReason.HELD_AT_OFFICE: ("ix_consignments_unclaimed",),
    UnattendedReason.BAG_OVERDUE: ("ix_bags_under_way", "ix_legs_state_arrives_at"),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("reason", UnattendedReason)
def test_no_question_walks_all_items_or_bags(engines: Engines, reason: UnattendedReason, scope: str) -> None:
    for statement in questions(reason, SCOPES[scope], until=START, due=START):
        plan = explained(engines, statement)
        walks = [step for step in plan if step.startswith(("SCAN consignments", "SCAN bags"))]
        unbounded = [step for step in walks if not any(name in step for name in BEGINS[reason])]
        assert not unbounded, plan
        own = ("held_by_user",) if "person" in scope else BEGINS[reason]
        assert any(name in step for step in plan for name in (*own, *BEGINS[reason])), plan


@pytest.mark.parametrize("reason", UnattendedReason)
def test_the_command_that_raises_is_told_of_everything(reason: UnattendedReason) -> None:
    for statement in questions(reason, Scope(), until=START, due=START):
        assert statement._limit_clause is None  # SQLAlchemy has no public word for it
