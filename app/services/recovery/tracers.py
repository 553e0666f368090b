"""Put tracer letters and investigations back under their numbers, and the answers to letters.

Whom a letter asked and until when stands in its entry. What an investigation opened has an entry of its own.
"""

from dataclasses import replace
from typing import Final

from app.domain.clock import ClockKind
from app.domain.tracing import Step, Tracer, TracerAnswer
from app.services.recovery.facts import Said, draft_of, get_unit, lock_item
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind

_STEPS: Final = {
    EntryKind.TRACER_ISSUED: Step.TRACER,
    EntryKind.INVESTIGATION_OPENED: Step.INVESTIGATION,
}
KINDS: Final = frozenset({*_STEPS, EntryKind.TRACER_ANSWERED})


def act_again(uow: UnitOfWork, entry: Entry) -> None:
    """Raise a step again, or answer a letter."""
    if entry.kind is EntryKind.TRACER_ANSWERED:
        _answer(uow, Said(entry=entry))
    else:
        _raise(uow, Said(entry=entry), _STEPS[entry.kind])


def _raise(uow: UnitOfWork, said: Said, step: Step) -> None:
    """Draw the number again; raises NotInTheLog when that is another."""
    item, issuer, year = lock_item(uow, said), get_unit(uow, said, said.text("issuer")), said.number("year")
    if uow.tracers.draw_number(issuer.id, year, step) != said.number("number"):
        raise said.differs("drew another number than the database would")
    uow.tracers.add(
        Tracer(
            id=0,
            consignment_id=item.id,
            clock=ClockKind(said.text("clock")),
            step=step,
            issuer=issuer.id,
            year=year,
            number=said.number("number"),
            to_unit=get_unit(uow, said, said.text("to")).id,
            raised_at=said.entry.at,
            raised_by=said.actor() if "actor" in said.entry.facts else None,
            answer_due_at=said.moment("answer_due"),
        )
    )
    uow.audit.append(draft_of(said.entry))


def _answer(uow: UnitOfWork, said: Said) -> None:
    item, issuer = lock_item(uow, said), get_unit(uow, said, said.text("issuer"))
    wanted = (Step.TRACER, issuer.id, said.number("year"), said.number("number"))
    letter = next(
        (one for one in uow.tracers.list(item.id) if (one.step, one.issuer, one.year, one.number) == wanted),
        None,
    )
    if letter is None or letter.answer is not None:
        raise said.differs("answers a letter that the database does not know, or a second time")
    answer = TracerAnswer(said.text("answer"))
    uow.tracers.answer(replace(letter, answer=answer, answered_by=said.actor(), answered_at=said.entry.at))
    uow.audit.append(draft_of(said.entry))
