"""What a person may do with an item now, told before anything is signed."""

from dataclasses import replace

import pytest

from app.domain.access import Actor
from app.domain.consignment import Consignment, State
from app.domain.custody import Action, Refusal, preview
from audit.evidence import Purpose
from tests.unit.domain.builders import (
    AUDITOR,
    CLERK,
    COURIER,
    OTHER_COURIER,
    OUTSIDER,
    POST_OFFICE,
    RECEIVER,
    SENDER,
    SENDER_COLLEAGUE,
    in_custody,
    in_state,
    offered,
    offered_at_the_counter,
    offered_for_delivery,
    offered_for_return,
    offered_to_post,
    registered,
)


@pytest.mark.parametrize(
    ("item", "actor", "actions"),
    [
        (registered(), SENDER, {Action.OFFER_TRANSFER}),
        (offered_to_post(), SENDER, {Action.RECALL}),
        (offered_to_post(), COURIER, {Action.TAKE}),
        (offered_to_post(to_user=COURIER.user), COURIER, {Action.TAKE}),
        (in_custody(), COURIER, {Action.OFFER_TRANSFER, Action.OFFER_DELIVERY, Action.ATTEMPT}),
        (
            in_custody(attempts=1),
            COURIER,
            {Action.OFFER_TRANSFER, Action.OFFER_DELIVERY, Action.OFFER_RETURN, Action.ATTEMPT},
        ),
        (in_custody(CLERK), CLERK, {Action.OFFER_TRANSFER, Action.OFFER_DELIVERY}),
        (offered_at_the_counter(), CLERK, {Action.RECALL}),
        (offered_at_the_counter(), RECEIVER, {Action.TAKE}),
        (offered_for_delivery(), COURIER, {Action.RECALL, Action.ATTEMPT}),
        (offered_for_delivery(), RECEIVER, {Action.TAKE}),
        (offered_for_return(), SENDER_COLLEAGUE, {Action.TAKE}),
        (offered_for_return(), COURIER, {Action.RECALL}),
    ],
)
def test_the_preview_names_what_the_scan_would_be_allowed(
    item: Consignment, actor: Actor, actions: set[Action]
) -> None:
    found = preview(item, actor)
    assert set(found.actions) == actions
    assert found.refusal is None


@pytest.mark.parametrize(
    ("item", "actor", "why"),
    [
        (in_state(State.CANCELLED), COURIER, Refusal.CANCELLED),
        (in_state(State.DELIVERED), COURIER, Refusal.WRONG_STATE),
        (registered(), AUDITOR, Refusal.ROLE_NOT_ALLOWED),
        (registered(), replace(SENDER, active=False), Refusal.ROLE_NOT_ALLOWED),
        (registered(), SENDER_COLLEAGUE, Refusal.WRONG_CUSTODIAN),
        (in_custody(), OTHER_COURIER, Refusal.WRONG_CUSTODIAN),
        (offered_to_post(to_user=COURIER.user), OTHER_COURIER, Refusal.WRONG_TAKER),
        # At the sender's counter a clerk cannot take: clerks work at their own post office only.
        (offered_to_post(), CLERK, Refusal.WRONG_PLACE),
        (offered_for_delivery(), OUTSIDER, Refusal.WRONG_PLACE),
        (offered_at_the_counter(), OUTSIDER, Refusal.WRONG_PLACE),
        (offered(in_custody(), Purpose.TRANSFER, to_unit=OUTSIDER.unit, place=POST_OFFICE), SENDER,
         Refusal.WRONG_PLACE),
    ],
)  # fmt: skip
def test_the_preview_says_why_there_is_nothing_to_do(item: Consignment, actor: Actor, why: Refusal) -> None:
    found = preview(item, actor)
    assert (found.actions, found.refusal) == ((), why)
