"""Who may do what, and whose consignments a person may know about."""

from dataclasses import replace

import pytest

from app.domain.access import Actor, Permission, Role, is_addressed_to, may, may_read_sealed, may_see
from app.domain.consignment import Consignment, Custodian, State
from tests.unit.domain.builders import (
    ADMINISTRATOR,
    AUDITOR,
    CLERK,
    COURIER,
    MINISTRY_READER,
    OTHER_COURIER,
    OTHER_RECEIVER,
    OUTSIDER,
    RECEIVER,
    SENDER,
    SENDER_COLLEAGUE,
    in_custody,
    in_state,
    offered_to_post,
    registered,
)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_an_account_and_a_home(role: Role) -> None:
    assert may(role, Permission.OWN_ACCOUNT)
    assert may(role, Permission.VIEW_HOME)


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (Permission.REGISTER, {Role.FOCAL_POINT}),
        (Permission.AMEND, {Role.FOCAL_POINT}),
        (Permission.CANCEL, {Role.FOCAL_POINT}),
        (Permission.IMPORT, {Role.FOCAL_POINT}),
        (Permission.READ_SEALED, {Role.FOCAL_POINT}),
        (Permission.PRINT_LABEL, {Role.FOCAL_POINT, Role.CLERK}),
        (Permission.SCAN, {Role.FOCAL_POINT, Role.COURIER, Role.CLERK}),
        (Permission.ENROL_OWN_DEVICE, {Role.FOCAL_POINT, Role.COURIER, Role.CLERK}),
        (Permission.VIEW_CONSIGNMENT, {Role.FOCAL_POINT, Role.COURIER, Role.CLERK, Role.AUDITOR}),
        (Permission.VIEW_LOG, {Role.AUDITOR}),
        (Permission.EXPORT_LOG, {Role.AUDITOR}),
        (Permission.EXPORT_EVIDENCE, {Role.AUDITOR, Role.FOCAL_POINT}),
        (Permission.VIEW_COUNTS, {Role.AUDITOR, Role.MINISTRY_READER}),
        (Permission.PROPOSE_ERASURE, {Role.FOCAL_POINT}),
        (Permission.DECIDE_ERASURE, {Role.AUDITOR}),
        (Permission.MANAGE_USERS, {Role.ADMINISTRATOR}),
        (Permission.MANAGE_UNITS, {Role.ADMINISTRATOR}),
        (Permission.MANAGE_DEVICES, {Role.ADMINISTRATOR}),
    ],
)
def test_a_permission_belongs_to_these_roles_only(permission: Permission, roles: set[Role]) -> None:
    assert {role for role in Role if may(role, permission)} == roles


@pytest.mark.parametrize("actor", [SENDER, SENDER_COLLEAGUE, RECEIVER])
def test_focal_points_see_what_their_unit_sends_and_receives(actor: Actor) -> None:
    assert may_see(in_custody(), actor, was_custodian=False)


@pytest.mark.parametrize("item", [registered(), offered_to_post(), in_state(State.CANCELLED)])
def test_the_recipient_does_not_see_what_was_never_dispatched(item: Consignment) -> None:
    assert may_see(item, SENDER_COLLEAGUE, was_custodian=False)
    assert not may_see(item, RECEIVER, was_custodian=False)


def test_a_focal_point_of_another_unit_sees_nothing() -> None:
    assert not may_see(registered(), OUTSIDER, was_custodian=False)


@pytest.mark.parametrize("actor", [COURIER, CLERK])
def test_the_post_sees_what_it_holds(actor: Actor) -> None:
    assert may_see(in_custody(actor), actor, was_custodian=False)


@pytest.mark.parametrize("actor", [COURIER, CLERK])
def test_the_post_sees_what_it_held(actor: Actor) -> None:
    assert may_see(in_custody(OTHER_COURIER), actor, was_custodian=True)


@pytest.mark.parametrize("actor", [COURIER, CLERK])
def test_the_post_sees_what_is_offered_to_it(actor: Actor) -> None:
    assert may_see(offered_to_post(), actor, was_custodian=False)


@pytest.mark.parametrize("actor", [COURIER, CLERK])
def test_the_post_does_not_see_what_never_came_near_it(actor: Actor) -> None:
    assert not may_see(registered(), actor, was_custodian=False)
    assert not may_see(in_custody(OTHER_COURIER), actor, was_custodian=False)


def test_the_auditor_sees_every_envelope_and_opens_none() -> None:
    assert may_see(registered(), AUDITOR, was_custodian=False)
    assert not may_read_sealed(registered(), AUDITOR)


@pytest.mark.parametrize("actor", [MINISTRY_READER, ADMINISTRATOR])
def test_ministry_and_administrator_see_no_consignment(actor: Actor) -> None:
    assert not may_see(registered(), actor, was_custodian=True)


def test_an_offer_to_a_unit_is_addressed_to_everyone_there_but_its_giver() -> None:
    assert is_addressed_to(offered_to_post(), COURIER)
    assert is_addressed_to(offered_to_post(), CLERK)
    assert not is_addressed_to(offered_to_post(), SENDER)
    assert not is_addressed_to(offered_to_post(in_custody(COURIER)), COURIER)


def test_an_offer_to_a_person_is_addressed_to_nobody_else() -> None:
    assert is_addressed_to(offered_to_post(to_user=COURIER.user), COURIER)
    assert not is_addressed_to(offered_to_post(to_user=COURIER.user), OTHER_COURIER)


def test_an_item_that_is_not_offered_is_addressed_to_nobody() -> None:
    assert not is_addressed_to(registered(), COURIER)


def delivered() -> Consignment:
    return replace(in_custody(RECEIVER), state=State.DELIVERED)


def test_the_sender_reads_the_sealed_fields_at_any_time() -> None:
    assert may_read_sealed(registered(), SENDER_COLLEAGUE)
    assert may_read_sealed(delivered(), SENDER)


def test_the_recipient_reads_the_sealed_fields_only_after_delivery() -> None:
    assert not may_read_sealed(in_custody(), RECEIVER)
    assert may_read_sealed(delivered(), RECEIVER)


@pytest.mark.parametrize("actor", [COURIER, CLERK, OUTSIDER])
def test_nobody_else_reads_the_sealed_fields(actor: Actor) -> None:
    assert not may_read_sealed(delivered(), actor)


def test_what_is_for_one_person_is_read_at_the_recipient_by_that_person_alone() -> None:
    taken = Custodian(user=RECEIVER.user, unit=RECEIVER.unit)
    item = replace(delivered(), named_only=True, custodian=taken)
    assert may_read_sealed(item, RECEIVER)
    assert not may_read_sealed(item, OTHER_RECEIVER)
    assert may_read_sealed(replace(item, named_only=False), OTHER_RECEIVER)
    assert may_read_sealed(item, SENDER_COLLEAGUE)
