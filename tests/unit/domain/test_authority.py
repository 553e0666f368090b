"""Control 1, the unbroken chain: nobody takes for the post who cannot show a card that is valid today."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain import custody
from app.domain.access import Actor, Role
from app.domain.authority import (
    Authority,
    AuthorityKind,
    backing_of,
    check_revocable,
    issue_problems,
    issued_kind,
    parse_number,
)
from app.domain.consignment import Consignment
from app.domain.custody import Accepted, LineFacts, Refusal, Refused
from app.domain.errors import Conflict, NotFound
from app.domain.ids import UnitId
from app.domain.validity import Validity
from audit.evidence import Purpose, Verdict
from tests.unit.domain.builders import (
    ADMINISTRATOR,
    AUDITOR,
    CLERK,
    COURIER,
    ELSEWHERE,
    NONCE,
    NOW,
    OUTSIDER,
    POST_OFFICE,
    RECEIVER,
    RECIPIENT_UNIT,
    SENDER,
    SENDER_COLLEAGUE,
    SENDING_UNIT,
    in_custody,
    offered,
    offered_for_delivery,
    offered_to_post,
    registered,
)
from tests.unit.domain.scans import take_scan

DAY = timedelta(days=1)
CARD = Authority(
    id=7,
    number="07/TGL",
    kind=AuthorityKind.COURIER_CARD,
    unit=POST_OFFICE,
    holder=COURIER.user,
    valid_from_at=NOW - 30 * DAY,
    valid_until_at=NOW + 30 * DAY,
    issued_by=ADMINISTRATOR.user,
    issued_at=NOW - 30 * DAY,
)
YESTERDAY = replace(CARD, id=6, valid_until_at=NOW - DAY)
TOMORROW = replace(CARD, id=8, valid_from_at=NOW + DAY)
REVOKED = replace(CARD, id=9, revoked_by=ADMINISTRATOR.user, revoked_at=NOW - DAY)


def take(item: Consignment, actor: Actor, place: UnitId, *papers: Authority, asked: bool = True) -> object:
    scan = take_scan(actor, nonce=NONCE)
    facts = LineFacts(place=place, authority_asked=asked, backing=backing_of(papers, actor, now=NOW))
    decided = custody.decide(item, scan, scan.lines[0], actor, facts=facts, now=NOW)
    return decided.code if isinstance(decided, Refused) else isinstance(decided, Accepted)


@pytest.mark.parametrize(
    ("papers", "answer"),
    [
        ((CARD,), True),
        ((), Refusal.AUTHORITY_MISSING),
        ((YESTERDAY,), Refusal.AUTHORITY_EXPIRED),
        ((TOMORROW,), Refusal.AUTHORITY_NOT_YET),
        ((REVOKED,), Refusal.AUTHORITY_REVOKED),
        ((YESTERDAY, CARD, REVOKED), True),
    ],
)
def test_control_1_a_courier_takes_only_with_a_card_that_is_valid_now(
    papers: tuple[Authority, ...], answer: object
) -> None:
    assert take(offered_to_post(), COURIER, SENDING_UNIT, *papers) == answer


def test_control_1_a_card_that_expired_yesterday_is_refused_with_its_own_code() -> None:
    assert take(offered_to_post(), COURIER, SENDING_UNIT, YESTERDAY) is Refusal.AUTHORITY_EXPIRED


def test_a_card_begins_at_its_first_moment_and_ends_before_its_last() -> None:
    assert CARD.state(CARD.valid_from_at) is Validity.VALID
    assert CARD.state(CARD.valid_from_at - timedelta(seconds=1)) is Validity.FUTURE
    assert CARD.state(CARD.valid_until_at - timedelta(seconds=1)) is Validity.VALID
    assert CARD.state(CARD.valid_until_at) is Validity.EXPIRED
    assert CARD.ends_soon(NOW)
    assert not replace(CARD, valid_until_at=NOW + 31 * DAY).ends_soon(NOW)
    assert not YESTERDAY.ends_soon(NOW)


def test_nobody_is_asked_for_a_card_where_the_policy_asks_for_none() -> None:
    assert take(offered_to_post(), COURIER, SENDING_UNIT, asked=False) is True


def test_a_clerk_of_the_post_needs_a_card_of_their_own() -> None:
    item = offered_to_post(in_custody(COURIER))
    given = replace(item, offer=replace(item.offer, place=POST_OFFICE) if item.offer else None)
    assert take(given, CLERK, POST_OFFICE, CARD) is Refusal.AUTHORITY_MISSING
    own = replace(CARD, holder=CLERK.user)
    assert take(given, CLERK, POST_OFFICE, own) is True


def test_a_line_is_turned_down_without_any_card_because_nothing_changes_hands() -> None:
    scan = take_scan(COURIER, nonce=NONCE, verdict=Verdict.REFUSE)
    facts = LineFacts(place=SENDING_UNIT, authority_asked=True)
    decided = custody.decide(offered_to_post(), scan, scan.lines[0], COURIER, facts=facts, now=NOW)
    assert isinstance(decided, Accepted)


def test_a_focal_point_at_the_own_door_and_a_colleague_inside_need_no_card() -> None:
    assert take(offered_for_delivery(), RECEIVER, RECIPIENT_UNIT) is True
    inside = offered(registered(), Purpose.TRANSFER, to_unit=SENDING_UNIT, place=SENDING_UNIT)
    assert take(inside, SENDER_COLLEAGUE, SENDING_UNIT) is True


def test_a_paper_of_another_unit_person_or_kind_says_nothing() -> None:
    for strange in (
        replace(CARD, unit=ELSEWHERE),
        replace(CARD, holder=CLERK.user),
        replace(CARD, kind=AuthorityKind.LETTER),
    ):
        assert take(offered_to_post(), COURIER, SENDING_UNIT, strange) is Refusal.AUTHORITY_MISSING


def test_of_several_valid_papers_the_one_that_ends_last_is_relied_on() -> None:
    later = replace(CARD, id=10, valid_until_at=NOW + 60 * DAY)
    assert backing_of((later, CARD), COURIER, now=NOW).paper == later
    assert backing_of((YESTERDAY, TOMORROW), COURIER, now=NOW).standing is Validity.FUTURE


def test_administrators_issue_cards_focal_points_letters_and_nobody_else_anything() -> None:
    assert issued_kind(Role.ADMINISTRATOR) is AuthorityKind.COURIER_CARD
    assert issued_kind(Role.FOCAL_POINT) is AuthorityKind.LETTER
    assert {issued_kind(role) for role in set(Role) - {Role.ADMINISTRATOR, Role.FOCAL_POINT}} == {None}


LETTER = replace(CARD, kind=AuthorityKind.LETTER, unit=SENDING_UNIT, holder=SENDER_COLLEAGUE.user)


@pytest.mark.parametrize(
    ("paper", "issuer", "holder", "fields"),
    [
        (CARD, ADMINISTRATOR, COURIER, []),
        (CARD, ADMINISTRATOR, CLERK, []),
        (CARD, ADMINISTRATOR, SENDER, ["holder"]),
        (CARD, ADMINISTRATOR, None, ["holder"]),
        (replace(CARD, valid_until_at=NOW), ADMINISTRATOR, COURIER, ["valid_until"]),
        (replace(CARD, valid_until_at=NOW + 400 * DAY), ADMINISTRATOR, COURIER, ["valid_until"]),
        (LETTER, SENDER, SENDER_COLLEAGUE, []),
        (LETTER, SENDER, SENDER, []),
        (LETTER, SENDER, OUTSIDER, ["holder"]),
        (LETTER, SENDER, COURIER, ["holder"]),
    ],
)
def test_a_paper_goes_to_people_it_is_made_for_and_for_a_year_at_most(
    paper: Authority, issuer: Actor, holder: Actor | None, fields: list[str]
) -> None:
    found = issue_problems(paper, issuer=issuer, holder=holder, now=NOW)
    assert [problem.field for problem in found] == fields


def test_a_paper_is_taken_back_once_and_by_those_who_issue_it() -> None:
    check_revocable(CARD, actor=ADMINISTRATOR)
    check_revocable(LETTER, actor=SENDER)
    for stranger in (SENDER, COURIER, AUDITOR):
        with pytest.raises(NotFound):
            check_revocable(CARD, actor=stranger)
    with pytest.raises(NotFound):
        check_revocable(LETTER, actor=OUTSIDER)
    with pytest.raises(Conflict, match="authority_revoked"):
        check_revocable(REVOKED, actor=ADMINISTRATOR)


@pytest.mark.parametrize(
    ("written", "read"),
    [(" 07/tgl ", "07/TGL"), ("15/GGT-UBND", "15/GGT-UBND"), ("", None), ("07 TGL", None), ("7" * 33, None)],
)
def test_the_number_is_read_as_it_is_printed(written: str, read: str | None) -> None:
    assert parse_number(written) == read
