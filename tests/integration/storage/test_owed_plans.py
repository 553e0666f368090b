"""What is owed is found by its own small index, however many items are done: no question walks the past."""

from datetime import datetime

import pytest
from sqlalchemy import select

from app.domain.clock import ClockKind
from app.domain.ids import UnitId
from app.domain.service_standard import with_sample
from app.domain.tracing import Step
from app.storage.engine import Engines
from app.storage.repositories.consignment_queries import HOT_COLUMNS, C, Search, Visibility, narrow
from app.storage.repositories.due_conditions import Owed, Unclaimed
from tests.support.databases import START
from tests.support.plans import explained

STANDARDS = with_sample(())
ALL, OWN = Visibility(everything=True), Visibility(party_unit=UnitId(1))


def owed(clock: ClockKind, at: datetime | None = START, step: Step | None = None) -> Owed:
    return Owed(clock=clock, overdue_at=at, standards=STANDARDS, step=step)


QUESTIONS = {
    "overdue deliveries": (Search(owed=owed(ClockKind.DELIVERY)), ALL, "undelivered"),
    "a sender's overdue deliveries": (
        Search(sender_unit=UnitId(1), owed=owed(ClockKind.DELIVERY)),
        OWN,
        "undelivered",
    ),
    "a sender's open slips": (
        Search(sender_unit=UnitId(1), owed=owed(ClockKind.ACKNOWLEDGEMENT, None)),
        OWN,
        "unacknowledged",
    ),
    "a recipient's slips to send": (
        Search(recipient_unit=UnitId(1), owed=owed(ClockKind.ACKNOWLEDGEMENT, START, Step.REMINDER)),
        OWN,
        "unacknowledged",
    ),
    "letters that are due": (
        Search(owed=owed(ClockKind.ACKNOWLEDGEMENT, START, Step.TRACER)),
        ALL,
        "unacknowledged",
    ),
    "what nobody claims": (Search(unclaimed=Unclaimed(at=START, standards=STANDARDS)), ALL, "unclaimed"),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_about_what_is_owed_begins_at_its_own_index(engines: Engines, name: str) -> None:
    search, visibility, index = QUESTIONS[name]
    statement = narrow(select(*HOT_COLUMNS), search, visibility).order_by(C.id.desc()).limit(50)
    plan = explained(engines, statement)
    assert [step for step in plan if f"ix_consignments_{index}" in step], plan
    walks = [step for step in plan if step.startswith("SCAN consignments") or "unit_id_registered" in step]
    assert not walks, plan
