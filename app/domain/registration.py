"""Judge the form: what a registration must hold, and when it may still be amended or cancelled.

Pure. Used by the form, the API and the import alike, so the three cannot disagree; the database repeats the
hardest rule (no abstract for Tuyệt mật) as a constraint. This module must never see a database or a clock.
"""

from dataclasses import replace
from datetime import datetime

from app.domain.access import Actor
from app.domain.consignment import Consignment, Registration, State
from app.domain.errors import Conflict, ConflictCode, InvalidInput, Problem, ProblemCode
from app.domain.grades import grade_problems
from app.domain.ids import UnitId
from app.domain.register import VIETNAM
from app.domain.text import parse_line

MOST_PIECES = 999
HEAVIEST_G = 100_000
LONGEST_REASON = 500


def registration_problems(
    registration: Registration, *, sender_unit: UnitId, now: datetime
) -> tuple[Problem, ...]:
    """List everything wrong with a form, field by field; an empty tuple means that it may be registered."""
    problems = list(
        grade_problems(
            registration.grade,
            abstract=registration.abstract,
            inner_envelope=registration.attestations.inner_envelope,
            now=now,
        )
    )
    if registration.recipient_unit == sender_unit:
        problems.append(Problem(field="recipient_unit", code=ProblemCode.SAME_UNIT))
    if registration.named_only and not registration.receiver_name.strip():
        problems.append(Problem(field="receiver_name", code=ProblemCode.NAMED_RECEIVER_REQUIRED))
    if not 1 <= registration.pieces <= MOST_PIECES:
        problems.append(
            Problem(field="pieces", code=ProblemCode.OUT_OF_RANGE, params={"least": 1, "most": MOST_PIECES})
        )
    if not 1 <= registration.weight_g <= HEAVIEST_G:
        problems.append(
            Problem(field="weight_g", code=ProblemCode.OUT_OF_RANGE, params={"least": 1, "most": HEAVIEST_G})
        )
    # A document is dated in Vietnam: near midnight UTC lags behind the day printed on the paper.
    today = now.astimezone(VIETNAM).date()
    if registration.document_date is not None and registration.document_date > today:
        problems.append(Problem(field="document_date", code=ProblemCode.IN_FUTURE))
    return tuple(problems)


def check_registration(registration: Registration, *, sender_unit: UnitId, now: datetime) -> None:
    """Raise InvalidInput with every problem of the form at once."""
    problems = registration_problems(registration, sender_unit=sender_unit, now=now)
    if problems:
        raise InvalidInput.all_of(problems)


def check_amendable(consignment: Consignment, *, actor: Actor) -> None:
    """Allow an amendment only by the sender, while registered and not offered; else raise Conflict."""
    if (
        consignment.state is not State.REGISTERED
        or consignment.offer is not None
        or consignment.sender_unit != actor.unit
    ):
        raise Conflict(ConflictCode.NOT_AMENDABLE)


def cancel(consignment: Consignment, *, untrusted_reason: str, actor: Actor, now: datetime) -> Consignment:
    """Return the cancelled item.

    Raises InvalidInput without a reason, and Conflict unless registered and not offered.
    """
    parse_reason(untrusted_reason)
    if (
        consignment.state is not State.REGISTERED
        or consignment.offer is not None
        or consignment.sender_unit != actor.unit
    ):
        raise Conflict(ConflictCode.NOT_CANCELLABLE)
    return replace(consignment, state=State.CANCELLED, closed_at=now)


def check_printable(consignment: Consignment, *, actor: Actor) -> None:
    """Allow a label to the sender before dispatch and to the custodian on the way; else raise Conflict."""
    of_sender = consignment.state is State.REGISTERED and consignment.sender_unit == actor.unit
    in_hand = not consignment.state.is_final and consignment.custodian.user == actor.user
    if not (of_sender or in_hand):
        raise Conflict(ConflictCode.LABEL_NOT_IN_HAND)


def parse_reason(untrusted: str) -> str:
    """Read the reason of a cancellation or a reprint: one clean line, never empty."""
    return parse_line(untrusted, field="reason", longest=LONGEST_REASON, required=True)
