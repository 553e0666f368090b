"""Who receives for a unit, and where an item may be sent instead."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain import custody
from app.domain.access import Actor, Role
from app.domain.consignment import Consignment, State
from app.domain.custody import Accepted, LineFacts, Refusal, Refused
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.grades import Scope
from app.domain.ids import UserId
from app.domain.mandate import (
    Mandate,
    MandateKind,
    Standing,
    check_revocable,
    grant_problems,
    receiving_of,
)
from app.domain.redirect import parse_reason, redirect
from app.domain.text import name_key
from app.domain.validity import Validity
from tests.unit.domain.builders import (
    COURIER,
    ELSEWHERE,
    NAMED_RECEIVER,
    NONCE,
    NOW,
    OTHER_RECEIVER,
    RECEIVER,
    RECIPIENT_UNIT,
    SENDER,
    SENDING_UNIT,
    in_custody,
    in_state,
    offered_for_delivery,
    person,
    registered,
)
from tests.unit.domain.scans import take_scan

DAY = timedelta(days=1)
GUARD = person(23, RECIPIENT_UNIT, Role.COURIER, "Bùi Văn Gác")
MANDATE = Mandate(
    id=1,
    unit=RECIPIENT_UNIT,
    user=GUARD.user,
    kind=MandateKind.DELEGATE,
    opens_named=False,
    basis="15/GUQ",
    valid_from_at=NOW - DAY,
    valid_until_at=NOW + DAY,
    granted_by=RECEIVER.user,
    granted_at=NOW - DAY,
)
YESTERDAY = replace(MANDATE, valid_from_at=NOW - 2 * DAY, valid_until_at=NOW - DAY)
TOMORROW = replace(MANDATE, valid_from_at=NOW + DAY, valid_until_at=NOW + 2 * DAY)
LISTED = replace(MANDATE, user=RECEIVER.user, kind=MandateKind.RECEIVER)


def take(actor: Actor, standing: Standing, item: Consignment | None = None, **facts: object) -> object:
    consignment = item or offered_for_delivery()
    scan = take_scan(actor, nonce=NONCE)
    given = LineFacts(place=RECIPIENT_UNIT, standing=standing, **facts)  # type: ignore[arg-type]
    decided = custody.decide(consignment, scan, scan.lines[0], actor, facts=given, now=NOW)
    return decided.code if isinstance(decided, Refused) else isinstance(decided, Accepted)


@pytest.mark.parametrize(
    ("mandates", "user", "standing"),
    [
        ((), RECEIVER, Standing.BY_ROLE),
        ((MANDATE,), GUARD, Standing.VALID),
        ((YESTERDAY,), GUARD, Standing.EXPIRED),
        ((TOMORROW,), GUARD, Standing.FUTURE),
        ((YESTERDAY, MANDATE, TOMORROW), GUARD, Standing.VALID),
        ((replace(MANDATE, revoked_by=RECEIVER.user, revoked_at=NOW),), GUARD, Standing.BY_ROLE),
        # A delegation makes no list: the focal points go on receiving by their role.
        ((MANDATE,), RECEIVER, Standing.BY_ROLE),
        ((LISTED,), RECEIVER, Standing.VALID),
        ((LISTED,), OTHER_RECEIVER, Standing.UNLISTED),
        ((replace(LISTED, valid_until_at=NOW),), RECEIVER, Standing.EXPIRED),
    ],
)
def test_the_mandates_on_file_give_one_standing(
    mandates: tuple[Mandate, ...], user: Actor, standing: Standing
) -> None:
    assert receiving_of(mandates, user.user, now=NOW).standing is standing


def test_a_mandate_begins_at_its_first_moment_and_ends_before_its_last() -> None:
    assert MANDATE.state(MANDATE.valid_from_at) is Validity.VALID
    assert MANDATE.state(MANDATE.valid_from_at - timedelta(seconds=1)) is Validity.FUTURE
    assert MANDATE.state(MANDATE.valid_until_at - timedelta(seconds=1)) is Validity.VALID
    assert MANDATE.state(MANDATE.valid_until_at) is Validity.EXPIRED


@pytest.mark.parametrize(
    ("actor", "standing", "answer"),
    [
        (RECEIVER, Standing.BY_ROLE, True),
        (GUARD, Standing.BY_ROLE, Refusal.NOT_A_RECEIVER),
        (GUARD, Standing.VALID, True),
        (GUARD, Standing.EXPIRED, Refusal.DELEGATION_EXPIRED),
        (GUARD, Standing.FUTURE, Refusal.DELEGATION_NOT_YET),
        (RECEIVER, Standing.UNLISTED, Refusal.NOT_A_RECEIVER),
        (RECEIVER, Standing.EXPIRED, Refusal.DELEGATION_EXPIRED),
    ],
)
def test_a_delegation_expired_yesterday_refuses_the_take_with_its_own_code(
    actor: Actor, standing: Standing, answer: object
) -> None:
    assert take(actor, standing) == answer


def test_a_delegation_opens_a_named_item_only_if_that_person_gave_it_and_it_says_so() -> None:
    named = offered_for_delivery(in_custody(named_only=True))
    key = name_key(NAMED_RECEIVER)
    refused = take(GUARD, Standing.VALID, named, receiver_key=key)
    assert refused is Refusal.NAMED_PERSON_ONLY
    opened = take(GUARD, Standing.VALID, named, receiver_key=key, named_keys=frozenset({key}))
    assert opened is True
    others = frozenset({name_key("Lê Thị Mai")})
    assert (
        take(GUARD, Standing.VALID, named, receiver_key=key, named_keys=others) is Refusal.NAMED_PERSON_ONLY
    )
    saying_so = replace(MANDATE, opens_named=True)
    assert receiving_of((saying_so,), GUARD.user, now=NOW).opens_for == {RECEIVER.user}
    assert receiving_of((MANDATE,), GUARD.user, now=NOW).opens_for == frozenset()
    past = replace(saying_so, valid_until_at=NOW)
    assert receiving_of((MANDATE, past), GUARD.user, now=NOW).opens_for == frozenset()


@pytest.mark.parametrize(
    ("changes", "role", "field"),
    [
        ({"user": RECEIVER.user}, Role.FOCAL_POINT, "user"),
        ({}, None, "user"),
        ({}, Role.AUDITOR, "user"),
        ({"kind": MandateKind.RECEIVER}, Role.COURIER, "user"),
        ({"kind": MandateKind.RECEIVER, "opens_named": True}, Role.FOCAL_POINT, "opens_named"),
        ({"valid_until_at": NOW}, Role.COURIER, "valid_until"),
        ({"valid_until_at": NOW + 400 * DAY}, Role.COURIER, "valid_until"),
    ],
)
def test_a_mandate_that_makes_no_sense_is_not_granted(
    changes: dict[str, object], role: Role | None, field: str
) -> None:
    mandate = replace(MANDATE, **changes)  # type: ignore[arg-type]
    assert field in {one.field for one in grant_problems(mandate, grantor=RECEIVER, role=role, now=NOW)}
    assert grant_problems(MANDATE, grantor=RECEIVER, role=Role.COURIER, now=NOW) == ()


def test_a_mandate_is_revoked_by_its_unit_and_once() -> None:
    check_revocable(MANDATE, actor=OTHER_RECEIVER)
    with pytest.raises(NotFound):
        check_revocable(MANDATE, actor=SENDER)
    with pytest.raises(Conflict, match="mandate_revoked"):
        check_revocable(replace(MANDATE, revoked_by=UserId(1), revoked_at=NOW), actor=RECEIVER)


def test_the_sender_sends_an_item_under_way_elsewhere_and_custody_stays() -> None:
    item = in_custody(COURIER)
    after = redirect(item, ELSEWHERE, Scope.INTER, actor=SENDER)
    assert after == replace(item, recipient_unit=ELSEWHERE, scope=Scope.INTER)
    with pytest.raises(NotFound):
        redirect(item, ELSEWHERE, Scope.INTER, actor=RECEIVER)
    for same in (RECIPIENT_UNIT, SENDING_UNIT):
        with pytest.raises(InvalidInput, match="same_unit"):
            redirect(item, same, Scope.INTRA, actor=SENDER)
    for closed in (registered(), offered_for_delivery(), in_state(State.DELIVERED), in_state(State.RETURNED)):
        with pytest.raises(Conflict, match="not_redirectable"):
            redirect(closed, ELSEWHERE, Scope.INTER, actor=SENDER)
    with pytest.raises(InvalidInput):
        parse_reason("because")
