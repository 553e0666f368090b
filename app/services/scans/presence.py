"""Let a second person prove who they are, at this moment, for one act of a colleague.

Account and password are asked for beside the act; what comes back is a ticket bound to the act's nonce, its
subject and the person who does it, good for five minutes and one scan. A take has no nonce of its own, so its
ticket is bound to the name of the scan and to the offer's nonce. Hashing happens outside any transaction,
throttled like a login.

For the surfaces:
    attest(write, Attestation, *, actor) -> Attested | LoginRefused        `write` is `runtime.write`
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.domain.access import POST, Actor, Permission, Role, may
from app.domain.ids import UnitId, UserId
from app.domain.witness import Witness
from app.services.people.login import (
    LoginAttempt,
    LoginRefusal,
    LoginRefused,
    Noted,
    Write,
    note_attempt,
)
from app.services.people.password_policy import normalise_password
from app.services.scans.act_scan import ActScan
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.evidence import Take
from crypto.passwords import verify_password

GOOD_FOR: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What the second person typed, and for which act: its nonce and subject, from a strict parser.

    For a take they are :func:`take_nonce` of the scan, and the offer's nonce.

    `on_duty`: only whoever has their shift open will do, as for every act. Who countersigns the end of a
    shift may have closed their own: somebody is always the last to go.
    """

    username: str
    password: str
    address: str
    nonce: str
    subject: str
    on_duty: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """The witness is noted; the act must name `witness` and be sent by `until`."""

    witness: UserId
    full_name: str
    until: datetime


def attest(write: Write, attestation: Attestation, *, actor: Actor) -> Attested | LoginRefused:
    """Verify the second person and keep a ticket for the act."""
    attempt = LoginAttempt(
        username=attestation.username,
        password=attestation.password,
        address=attestation.address,
        session_hash="",
    )
    noted = write(note_attempt, attempt)
    if isinstance(noted, LoginRefused):
        return noted
    if not verify_password(noted.stored_hash, normalise_password(attestation.password)):
        return LoginRefused(reason=LoginRefusal.WRONG)
    return write(_grant, attestation, noted, actor=actor)


def _grant(
    uow: UnitOfWork,
    attestation: Attestation,
    noted: Noted,
    *,
    actor: Actor,
    now: datetime,
    tools: Tools | None = None,
) -> Attested | LoginRefused:
    del tools
    user = uow.users.find_by_username(attestation.username[:64].casefold())
    if user is None or not user.active or user.password_hash != noted.stored_hash or user.id == actor.user:
        return LoginRefused(reason=LoginRefusal.WRONG)
    uow.throttle.mark_succeeded(noted.attempt_id)
    if attestation.on_duty and not is_on_duty(uow, user.id):
        return LoginRefused(reason=LoginRefusal.OFF_DUTY)
    granted = uow.witness_tickets.add(
        attestation.nonce, attestation.subject, actor=actor.user, witness=user.id, now=now
    )
    if not granted:
        return LoginRefused(reason=LoginRefusal.WRONG)
    return Attested(witness=user.id, full_name=user.full_name, until=now + GOOD_FOR)


def find_witness(uow: UnitOfWork, scan: ActScan) -> Witness | None:
    """Return the second person an act names, and whether they are there: the ticket is used up by asking."""
    if scan.act.witness is None:
        return None
    user = uow.users.find(UserId(scan.act.witness))
    if user is None:
        return Witness(
            user=UserId(scan.act.witness),
            unit=scan.actor.unit,
            may_witness=False,
            on_duty=False,
            present=False,
        )
    fits = user.active and Role(user.role) in POST and user.unit_id == scan.actor.unit
    return Witness(
        user=user.id,
        unit=user.unit_id,
        may_witness=fits,
        on_duty=is_on_duty(uow, user.id),
        present=scan.is_replayed or _use_ticket(uow, scan),
    )


def take_nonce(scan: str) -> str:
    """Return what the ticket of a take stands under: the scan's own name, which is given once."""
    return scan.replace("-", "")


def find_take_witness(
    uow: UnitOfWork,
    take: Take,
    *,
    actor: Actor,
    place: UnitId | None,
    now: datetime,
    said: bool | None = None,
) -> Witness | None:
    """Return the second person a take names, and whether they are there: the ticket is used up by asking.

    Whoever handles items may stand by, if they belong to the taker's unit or to the place of the handover.
    `said` replaces the ticket where an entry of the log is done again.
    """
    if take.witness is None:
        return None
    user = uow.users.find(UserId(take.witness))
    if user is None:
        return Witness(
            user=UserId(take.witness), unit=actor.unit, may_witness=False, on_duty=False, present=False
        )
    fits = user.active and may(Role(user.role), Permission.SCAN) and user.unit_id in {actor.unit, place}
    if said is None:
        pair = (actor.user, user.id)
        said = use_ticket(uow, take_nonce(take.scan), take.nonce, pair=pair, now=now)
    return Witness(
        user=user.id, unit=user.unit_id, may_witness=fits, on_duty=is_on_duty(uow, user.id), present=said
    )


def _use_ticket(uow: UnitOfWork, scan: ActScan) -> bool:
    pair = (scan.actor.user, UserId(scan.act.witness or 0))
    return use_ticket(uow, scan.act.nonce, scan.subject.code, pair=pair, now=scan.now)


def is_on_duty(uow: UnitOfWork, user: UserId) -> bool:
    """Tell whether a person's shift is open; whoever never kept one counts as on duty."""
    return uow.shifts.find_open(user) is not None or not uow.shifts.keeps_shifts(user)


def use_ticket(
    uow: UnitOfWork, nonce: str, subject: str, *, pair: tuple[UserId, UserId], now: datetime
) -> bool:
    """Use up the ticket of this nonce, if it is for this subject and for these two: who acts, who attests."""
    ticket = uow.witness_tickets.find(nonce)
    if ticket is None or ticket.used_at is not None or (ticket.actor, ticket.witness) != pair:
        return False
    if ticket.subject != subject or not timedelta() <= now - ticket.granted_at <= GOOD_FOR:
        return False
    uow.witness_tickets.use(nonce, now=now)
    return True
