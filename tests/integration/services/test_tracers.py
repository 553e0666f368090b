"""Control 9, control 12: letters at N days, investigation at M, gapless numbers, one answer in its time."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from app.domain.acknowledgement import ReceiptKind, slip_code
from app.domain.clock import ClockKind
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.domain.ids import ConsignmentCode
from app.domain.tracing import Step, TracerAnswer, TracerState
from app.services.home import Queue
from app.services.items import search
from app.services.log import log
from app.services.owed import acknowledgements, tracers
from app.services.owed.acknowledgements import FileReceipt
from app.services.owed.tracers import AnswerTracer, ShownTracer
from app.storage.engine import Engines
from audit.entry import Entry, parse_entry
from audit.evidence import Purpose
from audit.kinds import EntryKind
from tests.support.office import Office
from tests.support.town import RECEIVING

# The sample of class B: three days to bring the slip back, a letter 3 days later, an investigation after 6.
LETTER_DUE = timedelta(hours=72, days=3, minutes=5)
INVESTIGATION_DUE = timedelta(hours=72, days=6, minutes=5)


def delivered(office: Office, count: int = 1) -> list[ConsignmentCode]:
    codes = office.town.register(count)
    office.town.post(codes)
    office.town.pass_on("chien", "binh", codes, place=RECEIVING, purpose=Purpose.DELIVERY)
    return codes


def forward(office: Office, step: timedelta) -> None:
    office.town.clock.now += step  # type: ignore[attr-defined]


def run(office: Office) -> int:
    return office.write(tracers.raise_due)


def listed(office: Office, by: str = "an", **asked: object) -> list[ShownTracer]:
    page = office.read(tracers.list_tracers, actor=office.actors[by], **asked)
    return list(page.rows)


def answer(office: Office, tracer: int, *, by: str = "binh", said: str = "slip_sent") -> None:
    command = AnswerTracer(tracer=tracer, untrusted_answer=said)
    office.write(tracers.answer, command, actor=office.actors[by])


def entries(office: Office, code: str, kind: EntryKind) -> list[Entry]:
    rows = office.read(lambda uow: uow.audit.list_for_code(code))
    return [entry for row in rows if (entry := parse_entry(row.data)).kind is kind]


def test_control_9_a_letter_follows_after_its_days_and_an_investigation_after_more(office: Office) -> None:
    (code,) = delivered(office)
    assert run(office) == 0
    forward(office, LETTER_DUE - timedelta(hours=1))
    assert run(office) == 0
    forward(office, timedelta(hours=1))
    assert run(office) == 1
    (letter,) = listed(office)
    assert (letter.tracer.step, letter.tracer.clock, letter.state) == (
        Step.TRACER,
        ClockKind.ACKNOWLEDGEMENT,
        TracerState.WAITING,
    )
    assert letter.to_unit.code == RECEIVING
    assert run(office) == 0
    forward(office, INVESTIGATION_DUE - LETTER_DUE)
    assert run(office) == 1
    assert [one.tracer.step for one in listed(office)] == [Step.INVESTIGATION, Step.TRACER]
    assert run(office) == 0
    (issued,) = entries(office, code, EntryKind.TRACER_ISSUED)
    assert issued.facts["issuer"] == "24.H01"
    assert "actor" not in issued.facts
    (investigation,) = entries(office, code, EntryKind.INVESTIGATION_OPENED)
    (incident,) = entries(office, code, EntryKind.INCIDENT_OPENED)
    assert incident.facts["kind"] == "late"
    assert investigation.facts["incident"] == incident.facts["incident"]
    assert office.read(log.verify_log, jobs=1).first_bad is None


def test_an_item_that_nobody_delivered_is_traced_where_it_is_held(office: Office) -> None:
    (code,) = office.town.register()
    office.town.post([code])
    forward(office, timedelta(hours=24, days=3, minutes=5))
    assert run(office) == 1
    (letter,) = listed(office, by="dung")
    assert (letter.tracer.clock, letter.to_unit.code) == (ClockKind.DELIVERY, "24.P01")
    answer(office, letter.tracer.id, by="dung", said="held_here")
    office.town.send("chien", office.town.attempt("chien", [code]))
    assert listed(office)[0].state is TracerState.SETTLED


def test_a_slip_that_comes_back_in_time_is_never_traced_and_a_late_one_settles_the_letter(
    office: Office,
) -> None:
    first, second = delivered(office, 2)
    file(office, first)
    forward(office, LETTER_DUE)
    assert run(office) == 1
    file(office, second)
    assert [one.state for one in listed(office)] == [TracerState.SETTLED]
    assert listed(office, waiting_only=True) == []
    forward(office, INVESTIGATION_DUE)
    assert run(office) == 0


def file(office: Office, code: str) -> None:
    text = office.town.tools.label_keys.qr_text(slip_code(ReceiptKind.DELIVERED, code))
    office.write(acknowledgements.file_receipt, FileReceipt(untrusted_slip=text), actor=office.actors["an"])


def test_the_reminder_stands_in_the_queue_of_the_office_that_owes_the_slip(office: Office) -> None:
    (code,) = delivered(office)

    def reminded(name: str) -> set[str]:
        found = office.read(search.search, {"queue": Queue.SLIPS_TO_SEND.value}, actor=office.actors[name])
        return {row.consignment.code for row in found.page.rows}

    forward(office, timedelta(hours=72, days=1, minutes=-5))
    assert reminded("binh") == set()
    forward(office, timedelta(minutes=6))
    assert reminded("binh") == {code}
    assert reminded("an") == set()


def test_control_12_letters_are_numbered_per_agency_and_year_without_gaps(office: Office) -> None:
    delivered(office, 5)
    forward(office, LETTER_DUE)
    assert office.write(tracers.raise_due, limit=2) == 2
    assert office.write(tracers.raise_own, actor=office.actors["an"]) == 3
    numbers = sorted(one.tracer.number for one in listed(office))
    assert numbers == list(range(1, len(numbers) + 1))
    assert {one.number for one in listed(office)} >= {"01/24.H01-TC", "02/24.H01-TC"}
    # A new working year begins at 1 again, for what is raised in it.
    office.town.clock.now = office.town.clock.now.replace(year=2027, month=2, day=1)  # type: ignore[attr-defined]
    delivered(office)
    forward(office, LETTER_DUE)
    run(office)
    of_2027 = [one.tracer for one in listed(office) if one.tracer.year == 2027]
    assert [one.number for one in of_2027 if one.step is Step.TRACER] == [1]


def test_an_answer_is_given_once_by_the_office_asked_and_is_an_entry(office: Office) -> None:
    (code,) = delivered(office)
    forward(office, LETTER_DUE)
    run(office)
    tracer = listed(office)[0].tracer.id
    for name in ("an", "oanh", "chien"):
        with pytest.raises(NotFound):
            answer(office, tracer, by=name)
    with pytest.raises(InvalidInput):
        answer(office, tracer, said="lost somewhere")
    with pytest.raises(NotFound):
        answer(office, 999)
    answer(office, tracer, said="slip_sent_again")
    for name in ("binh", "mai"):
        with pytest.raises(Conflict, match="tracer_answered"):
            answer(office, tracer, by=name)
    (said,) = entries(office, code, EntryKind.TRACER_ANSWERED)
    assert said.facts == {
        "actor": int(office.actors["binh"].user),
        "issuer": "24.H01",
        "year": 2026,
        "number": 1,
        "answer": "slip_sent_again",
    }
    shown = listed(office)[0]
    assert (shown.state, shown.tracer.answer) == (TracerState.ANSWERED, TracerAnswer.SLIP_SENT_AGAIN)
    # An answer is no slip: what is owed stays owed, and is investigated in its time.
    forward(office, INVESTIGATION_DUE)
    assert run(office) == 1


def test_an_answer_that_does_not_come_is_late(office: Office) -> None:
    delivered(office)
    forward(office, LETTER_DUE)
    run(office)
    forward(office, timedelta(hours=24, minutes=1))
    assert listed(office, by="binh")[0].state is TracerState.LATE


@pytest.mark.parametrize(
    ("name", "count"), [("an", 1), ("hanh", 1), ("binh", 1), ("oanh", 0), ("dung", 0), ("giang", 1)]
)
def test_a_letter_is_seen_by_the_two_offices_and_the_auditor(office: Office, name: str, count: int) -> None:
    delivered(office)
    forward(office, LETTER_DUE)
    run(office)
    assert len(listed(office, by=name)) == count
    tracer = listed(office)[0].tracer.id
    if count:
        assert office.read(tracers.get_letter, tracer, actor=office.actors[name]).number == "01/24.H01-TC"
    else:
        with pytest.raises(NotFound):
            office.read(tracers.get_letter, tracer, actor=office.actors[name])


@pytest.mark.parametrize("name", ["hoa", "khanh"])
def test_who_sees_no_consignment_sees_no_letter(office: Office, name: str) -> None:
    with pytest.raises(NotPermitted):
        listed(office, by=name)
    with pytest.raises(NotPermitted):
        office.write(tracers.raise_own, actor=office.actors[name])


def test_an_agency_raises_its_own_letters_and_nobody_elses(office: Office) -> None:
    (code,) = delivered(office)
    forward(office, LETTER_DUE)
    assert office.read(tracers.count_due, actor=office.actors["an"]) == 1
    for name in ("binh", "oanh"):
        assert office.write(tracers.raise_own, actor=office.actors[name]) == 0
    assert office.write(tracers.raise_own, actor=office.actors["an"]) == 1
    assert office.read(tracers.count_due, actor=office.actors["an"]) == 0
    (issued,) = entries(office, code, EntryKind.TRACER_ISSUED)
    assert issued.facts["actor"] == int(office.actors["an"].user)


ATTACKS = {
    "change the number": "UPDATE tracers SET number = 9",
    "give it more time": "UPDATE tracers SET answer_due_at = raised_at",
    "forget the letter": "DELETE FROM tracers",
    "forget the answer": "DELETE FROM tracer_answers",
    "change the answer": "UPDATE tracer_answers SET answer = 'not_received'",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_letters_and_answers_stay_as_they_were(office: Office, engines: Engines, attack: str) -> None:
    delivered(office)
    forward(office, LETTER_DUE)
    run(office)
    answer(office, listed(office)[0].tracer.id)
    with engines.write.connect() as connection, pytest.raises(DatabaseError):
        connection.exec_driver_sql(attack)
