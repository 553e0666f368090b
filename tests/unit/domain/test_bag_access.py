"""Which bags a person may know about, whose business the contents are, and who may be told the seal."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from app.domain.access import Actor, Role
from app.domain.bag import Bag, BagState
from app.domain.bag_access import is_bag_addressed_to, may_see_bag, may_see_contents, may_see_seal
from app.domain.consignment import Custodian, PendingOffer
from app.domain.ids import BagCode, BagId, UnitId, UserId
from audit.evidence import Purpose

AT = datetime(2026, 11, 22, tzinfo=UTC)
ORIGIN, DESTINATION, ELSEWHERE = UnitId(1), UnitId(2), UnitId(3)


def actor(user: int, role: Role, unit: UnitId) -> Actor:
    return Actor(user=UserId(user), unit=unit, role=role, active=True, name_key="")


PACKER = actor(1, Role.CLERK, ORIGIN)
COLLEAGUE = actor(2, Role.CLERK, ORIGIN)
COURIER = actor(3, Role.COURIER, ORIGIN)
RECEIVER = actor(4, Role.CLERK, DESTINATION)
STRANGER = actor(5, Role.CLERK, ELSEWHERE)
OTHER_COURIER = actor(6, Role.COURIER, DESTINATION)
AUDITOR = actor(7, Role.AUDITOR, ELSEWHERE)
OUTSIDE = tuple(
    actor(8, role, unit)
    for role, unit in product(
        (Role.FOCAL_POINT, Role.ADMINISTRATOR, Role.MINISTRY_READER), (ORIGIN, DESTINATION)
    )
)


def bag(state: BagState, holder: Actor) -> Bag:
    opened = AT if state in {BagState.OPENED, BagState.EMPTIED} else None
    return Bag(
        id=BagId(1),
        code=BagCode("ZT000000005VN"),
        asset="TUI-1",
        origin=ORIGIN,
        destination=DESTINATION,
        state=state,
        custodian=Custodian(user=holder.user, unit=holder.unit),
        started_at=AT,
        opened_at=opened,
    )


def offered(to: UnitId, user: int | None) -> Bag:
    offer = PendingOffer(
        nonce="0" * 32,
        purpose=Purpose.TRANSFER,
        to_unit=to,
        to_user=None if user is None else UserId(user),
        place=ORIGIN,
        by=PACKER.user,
        offered_at=AT,
    )
    return replace(bag(BagState.CLOSED, PACKER), offer=offer)


@pytest.mark.parametrize("state", BagState)
def test_the_clerks_of_both_ends_the_holder_and_the_auditor_see_a_bag(state: BagState) -> None:
    carried = bag(state, COURIER)
    for person in (PACKER, COLLEAGUE, RECEIVER, COURIER, AUDITOR):
        assert may_see_bag(carried, person, was_holder=False)
    for person in (STRANGER, OTHER_COURIER, *OUTSIDE):
        assert not may_see_bag(carried, person, was_holder=False)


def test_whoever_held_it_still_sees_a_bag_and_an_agency_never_does() -> None:
    carried = bag(BagState.CLOSED, RECEIVER)
    assert may_see_bag(carried, COURIER, was_holder=True)
    assert not any(may_see_bag(carried, person, was_holder=True) for person in OUTSIDE)


def test_whoever_it_is_offered_to_sees_a_bag() -> None:
    assert may_see_bag(offered(ELSEWHERE, None), STRANGER, was_holder=False)
    assert not is_bag_addressed_to(offered(ELSEWHERE, 99), STRANGER)
    assert not is_bag_addressed_to(offered(ORIGIN, None), PACKER)


@pytest.mark.parametrize(
    ("state", "holder", "has_left", "allowed"),
    [
        (BagState.OPEN, PACKER, False, {PACKER, COLLEAGUE, AUDITOR}),
        (BagState.OPEN, COURIER, False, {COURIER, PACKER, COLLEAGUE, AUDITOR}),
        (BagState.CLOSED, PACKER, False, {PACKER, COLLEAGUE, AUDITOR}),
        (BagState.CLOSED, COURIER, True, {AUDITOR}),
        (BagState.CLOSED, RECEIVER, True, {AUDITOR}),
        (BagState.OPENED, RECEIVER, True, {RECEIVER, AUDITOR}),
        (BagState.EMPTIED, RECEIVER, True, {RECEIVER, AUDITOR}),
    ],
)
def test_the_contents_are_for_the_packing_office_until_it_leaves_and_for_the_opening_one_after(
    state: BagState,
    holder: Actor,
    has_left: bool,  # noqa: FBT001  # a column of the table above
    allowed: set[Actor],
) -> None:
    people = {PACKER, COLLEAGUE, COURIER, RECEIVER, STRANGER, OTHER_COURIER, AUDITOR, *OUTSIDE}
    seen = {one for one in people if may_see_contents(bag(state, holder), one, has_left=has_left)}
    assert seen == allowed


@pytest.mark.parametrize("person", [PACKER, COLLEAGUE, COURIER, RECEIVER, OTHER_COURIER])
def test_nobody_who_may_have_to_read_a_seal_is_told_its_number(person: Actor) -> None:
    closed = bag(BagState.CLOSED, person)
    assert not may_see_seal(closed, person, has_left=False)
    assert not may_see_seal(closed, person, has_left=True)


def test_the_seal_is_told_once_it_is_broken_and_to_the_auditor_always() -> None:
    assert may_see_seal(bag(BagState.OPENED, RECEIVER), RECEIVER, has_left=True)
    assert not may_see_seal(bag(BagState.OPENED, RECEIVER), PACKER, has_left=True)
    assert may_see_seal(bag(BagState.CLOSED, COURIER), AUDITOR, has_left=True)
