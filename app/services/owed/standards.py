"""Publishes versions of the service standard: by an administrator, from a paper, from a day still to come.

No version is changed or reaches back, and each is an entry with its whole table, so one person is enough:
whoever relaxed a time could not make a single late item punctual, and would be seen by everybody (ADR 0009).

For the surfaces:
    publish(uow, PublishStandard, *, actor, now) -> Standard
    list_standards(uow, *, actor) -> tuple[Standard, ...]        newest first, the sample last
    form_of(standard) -> dict[str, str]                          the form that would publish it again
Field names of the untrusted form: `source`, `valid_from`, `window_before`, `window_after`, `hold_days`,
`special`, and one for each cell: `delivery.A.none.intra.centre`, `acknowledgement....`, `reminder.A.none`,
`tracer....`, `investigation....`, `answer....`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.access import Actor, Permission
from app.domain.errors import Conflict, ConflictCode, ProblemCode
from app.domain.service_standard import (
    DAYS,
    HOURS,
    WINDOW_MINUTES,
    FollowUp,
    Standard,
    acknowledgement_cells,
    delivery_cells,
    follow_up_names,
    with_sample,
)
from app.domain.standard_table import COMMUNE, MOST_COMMUNES, to_table
from app.services.dated_tables import published_facts, read_source, read_valid_from
from app.services.fields import Fields
from app.services.people.permissions import require
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind

_STEPS = ("reminder", "tracer", "investigation")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishStandard:
    """An untrusted form of a whole table; see the module."""

    untrusted: Mapping[str, str]


def publish(uow: UnitOfWork, command: PublishStandard, *, actor: Actor, now: datetime) -> Standard:
    """Publish the next version; raises InvalidInput with every cell that is wrong, Conflict for its date."""
    require(actor, Permission.MANAGE_STANDARD)
    earlier = uow.standards.list()
    standard = _read(command.untrusted, version=uow.standards.next_version(), now=now)
    if earlier and standard.valid_from_at <= earlier[0].valid_from_at:
        raise Conflict(ConflictCode.STANDARD_NOT_LATER)
    uow.standards.add(standard, published_by=actor.user, now=now)
    facts = published_facts(standard, to_table(standard), actor=actor)
    uow.audit.append(EntryDraft(kind=EntryKind.STANDARD_PUBLISHED, facts=facts))
    return standard


def list_standards(uow: UnitOfWork, *, actor: Actor) -> tuple[Standard, ...]:
    """Return every version, newest first, the sample last."""
    require(actor, Permission.VIEW_STANDARD)
    return load_standards(uow)


def load_standards(uow: UnitOfWork) -> tuple[Standard, ...]:
    """Return every version for other use cases, newest first, the sample last."""
    return with_sample(uow.standards.list())


def form_of(standard: Standard) -> dict[str, str]:
    """Fill in the form with the values of a version, for a person who changes a few of them."""
    form = {
        "source": "",
        "valid_from": "",
        "window_before": str(standard.window_before_minutes),
        "window_after": str(standard.window_after_minutes),
        "hold_days": str(standard.hold_days),
        "special": " ".join(sorted(standard.special_communes)),
    }
    form |= {f"delivery.{name}": str(hours) for name, hours in standard.delivery_hours.items()}
    form |= {f"acknowledgement.{name}": str(hours) for name, hours in standard.acknowledgement_hours.items()}
    for name, one in standard.follow_ups.items():
        form |= {
            f"reminder.{name}": str(one.reminder_days),
            f"tracer.{name}": str(one.tracer_days),
            f"investigation.{name}": str(one.investigation_days),
            f"answer.{name}": str(one.answer_hours),
        }
    return form


def _read(untrusted: Mapping[str, str], *, version: int, now: datetime) -> Standard:
    fields = Fields(untrusted=untrusted)
    fields.refuse_unknown(_FORM)
    standard = Standard(
        version=version,
        valid_from_at=read_valid_from(fields, now),
        source=read_source(fields),
        window_before_minutes=_number(fields, "window_before", WINDOW_MINUTES),
        window_after_minutes=_number(fields, "window_after", WINDOW_MINUTES),
        hold_days=_number(fields, "hold_days", DAYS),
        special_communes=_communes(fields),
        delivery_hours={
            cell.name: _number(fields, f"delivery.{cell.name}", HOURS) for cell in delivery_cells()
        },
        acknowledgement_hours={
            cell.name: _number(fields, f"acknowledgement.{cell.name}", HOURS)
            for cell in acknowledgement_cells()
        },
        follow_ups={name: _follow_up(fields, name) for name in follow_up_names()},
    )
    fields.raise_problems()
    return standard


def _follow_up(fields: Fields, name: str) -> FollowUp:
    reminder, tracer, investigation = (_number(fields, f"{step}.{name}", DAYS) for step in _STEPS)
    # A letter before the reminder, or an investigation before the letter, would be a slip of the pen.
    if tracer < reminder:
        fields.refuse(f"tracer.{name}", ProblemCode.NOT_IN_ORDER)
    if investigation < tracer:
        fields.refuse(f"investigation.{name}", ProblemCode.NOT_IN_ORDER)
    return FollowUp(
        reminder_days=reminder,
        tracer_days=tracer,
        investigation_days=investigation,
        answer_hours=_number(fields, f"answer.{name}", HOURS),
    )


def _number(fields: Fields, name: str, limits: tuple[int, int]) -> int:
    met, (least, most) = len(fields.problems), limits
    value = fields.count(name)
    if len(fields.problems) == met and not least <= value <= most:
        fields.refuse(name, ProblemCode.OUT_OF_RANGE, least=least, most=most)
    return value


def _communes(fields: Fields) -> frozenset[str]:
    codes = [code for code in re.split(r"[\s,;]+", fields.untrusted.get("special", "").strip()) if code]
    if len(codes) > MOST_COMMUNES:
        fields.refuse("special", ProblemCode.TOO_MANY, most=MOST_COMMUNES)
    elif any(COMMUNE.fullmatch(code) is None for code in codes):
        fields.refuse("special", ProblemCode.MALFORMED)
    return frozenset(codes)


_FORM = frozenset({"source", "valid_from", "window_before", "window_after", "hold_days", "special"}).union(
    (f"delivery.{cell.name}" for cell in delivery_cells()),
    (f"acknowledgement.{cell.name}" for cell in acknowledgement_cells()),
    (f"{column}.{name}" for column in (*_STEPS, "answer") for name in follow_up_names()),
)
