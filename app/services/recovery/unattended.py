"""Put back what was done about things in nobody's hands: the question, the answer, the incident.

Each step is kept for one time that something was unattended, and that time begins where custody says. What
custody says came back with the log's times, a little behind the server's own, so the beginning is looked up
again: by the entry's, the same thing would be asked about and raised a second time. `recovery.py` sees to it
that all that led to a question is stored before it.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from app.domain.unattended import UnattendedAnswer, UnattendedReason, UnattendedStep, find_reasons
from app.services.recovery.facts import Said, draft_of, get_unit
from app.services.recovery.incidents import lock_numbered
from app.storage.repositories.unattended import Scope, Step
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind

_MOST = 1_000
# How long after it was decided a scan's entry may have been written.
_WRITING: Final = timedelta(minutes=1)
_STEPS: Final = {
    EntryKind.UNATTENDED_ASKED: UnattendedStep.ASKED,
    EntryKind.UNATTENDED_ANSWERED: UnattendedStep.ANSWERED,
    EntryKind.UNATTENDED_RAISED: UnattendedStep.RAISED,
}
KINDS: Final = frozenset(_STEPS)


def act_again(uow: UnitOfWork, entry: Entry) -> None:
    """Ask, answer or raise again."""
    said, step = Said(entry=entry), _STEPS[entry.kind]
    asked = _ask(uow, said) if step is UnattendedStep.ASKED else _find_question(uow, said)
    done = replace(asked, id=0, step=step, at=entry.at)
    if step is UnattendedStep.ANSWERED:
        answer = UnattendedAnswer(said.text("answer"))
        done = replace(done, by=said.actor(), answer=answer, note=said.text("note"))
    elif step is UnattendedStep.RAISED:
        done = replace(done, incident=lock_numbered(uow, said).id)
    uow.unattended.add(done)
    uow.audit.append(draft_of(entry))


def _ask(uow: UnitOfWork, said: Said) -> Step:
    code, reason = said.code(), UnattendedReason(said.text("reason"))
    thing = uow.consignments.lock(code) or uow.bags.lock(code)
    if thing is None:
        raise said.differs("asks about a thing that the database does not know")
    scope = Scope(custodian=thing.custodian.user, limit=_MOST)
    at, stated = said.entry.at, _stated(said)
    found = uow.unattended.list_traces(reason, scope, until=at, due=at)
    begun = next((find_reasons(one).get(reason) for one in found if one.code == code), None)
    # What came back began at the time of its entry, a moment after the one that was stated; taking that, the
    # question is known again and not asked twice. Further away, an older program began at another event.
    if begun is None or abs(begun - stated) > _WRITING:
        begun = stated
    return Step(
        code=code,
        reason=reason,
        since=begun,
        step=UnattendedStep.ASKED,
        unit=get_unit(uow, said, said.text("unit")).id,
        custodian=thing.custodian.user,
        at=said.entry.at,
    )


def _find_question(uow: UnitOfWork, said: Said) -> Step:
    """Return the question that is answered, or that became an incident: the last one for this reason."""
    reason = said.text("reason")
    asked = [
        one
        for one in uow.unattended.list_steps({said.code()})
        if one.step is UnattendedStep.ASKED and one.reason.value == reason
    ]
    if not asked:
        raise said.differs("is of a question that the database does not know")
    return asked[-1]


def _stated(said: Said) -> datetime:
    since = said.moment("since")
    if since is None:
        raise said.differs("does not state since when")
    return since
