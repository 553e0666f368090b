"""Courier cards and letters of introduction on both databases: issued, taken back, asked for at a take."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from app.domain.access import Role
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.domain.grades import Grade, Secrecy
from app.domain.validity import Validity
from app.services.log import log
from app.services.people import authorities
from app.services.people.authorities import IssueAuthority, PaperPage, RevokeAuthority
from app.services.scans import desk
from app.storage.engine import Engines
from audit.entry import Entry, parse_entry
from audit.kinds import EntryKind
from crypto.keys import generate_signing_key
from crypto.signer import FileSigner
from tests.support.office import Office
from tests.support.town import POST, SENDING, Member, accept, enrol

UNTIL = "01/12/2026 00:00"


def issue(office: Office, person: str, *, by: str = "khanh", **changes: str) -> int:
    form = {"holder": str(int(office.actors[person].user)), "number": "15/TGL", "valid_until": UNTIL}
    command = IssueAuthority(untrusted=form | changes)
    return office.write(authorities.issue, command, actor=office.actors[by])


def revoke(office: Office, paper: int, *, by: str = "khanh", reason: str = "lost") -> None:
    command = RevokeAuthority(authority=paper, untrusted_reason=reason)
    office.write(authorities.revoke, command, actor=office.actors[by])


def listed(office: Office, by: str) -> PaperPage:
    return office.read(authorities.list_papers, actor=office.actors[by])


def take(office: Office, taker: str = "chien") -> str:
    """Offer a fresh item at the sender's door and let a courier take it; return what became of the line."""
    town = office.town
    (code,) = town.register()
    offer = town.offer("an", [code], to=POST, place=SENDING)
    town.send("an", offer)
    taken = town.send(taker, town.take(taker, offer.nonce, accept([code]), place=SENDING))
    return taken.lines[0].refusal or "accepted"


def forward(office: Office, **step: float) -> None:
    office.town.clock.now += timedelta(**step)  # type: ignore[attr-defined]


def last(office: Office) -> Entry:
    return parse_entry(office.read(lambda uow: uow.audit.list_latest(limit=1))[0].data)


def card_of(office: Office, name: str) -> int:
    """Return the number of the card that everybody of the town's post begins with."""
    user = office.actors[name].user
    card: int = office.read(lambda uow: uow.authorities.list_of_people([user])[0].id)
    return card


def test_control_1_a_card_expired_yesterday_refuses_and_the_item_stays_with_its_giver(office: Office) -> None:
    assert take(office) == "accepted"
    forward(office, days=301)
    (code,) = office.town.register()
    offer = office.town.offer("an", [code], to=POST, place=SENDING)
    office.town.send("an", offer)
    refused = office.town.send("chien", office.town.take("chien", offer.nonce, accept([code]), place=SENDING))
    assert refused.lines[0].refusal == "authority_expired"
    assert office.town.item(code).custodian.user == office.actors["an"].user
    issue(office, "chien", valid_until="01/12/2027 00:00")
    again = office.town.send("chien", office.town.take("chien", offer.nonce, accept([code]), place=SENDING))
    assert again.lines[0].refusal == ""
    assert office.read(log.verify_log, jobs=1).first_bad is None


def test_the_entry_names_the_card_that_was_relied_on_and_no_other_entry_does(office: Office) -> None:
    assert take(office) == "accepted"
    facts = last(office).facts
    assert facts["authority"] == card_of(office, "chien")
    assert facts["authority_number"] == f"{int(office.actors['chien'].user):03d}/TGL"
    (code,) = office.town.register()
    office.town.send("an", office.town.offer("an", [code], to=POST, place=SENDING))
    assert "authority" not in last(office).facts


def test_an_item_that_bears_no_mark_is_taken_without_a_card(office: Office) -> None:
    revoke(office, card_of(office, "chien"))
    plain = office.town.register(grade=Grade(secrecy=Secrecy.NONE, express=False, appointed_at=None))
    assert office.town.pass_on("an", "chien", plain, place=SENDING).status == "accepted"
    assert "authority" not in last(office).facts


def test_a_card_taken_back_or_of_tomorrow_refuses_with_its_own_code(office: Office) -> None:
    revoke(office, card_of(office, "chien"))
    assert last(office).facts == {
        "actor": int(office.actors["khanh"].user),
        "authority": card_of(office, "chien"),
        "reason": "lost",
    }
    assert take(office) == "authority_revoked"
    forward(office, minutes=1)
    issue(office, "chien", valid_from="25/11/2026 00:00")
    assert take(office) == "authority_not_yet"
    forward(office, days=4)
    assert take(office) == "accepted"


def test_whoever_has_no_card_or_moved_to_another_office_takes_nothing(office: Office) -> None:
    town = office.town
    actor = office.employ("tan", "Đỗ Văn Tân", Role.COURIER)
    member = Member(actor=actor, full_name="Đỗ Văn Tân", device=FileSigner(generate_signing_key()), unit=POST)
    office.actors["tan"], town.people["tan"] = actor, member
    town.do(lambda uow: enrol(uow, member, town.clock(), town.tools.origin))
    assert take(office, "tan") == "authority_missing"
    issue(office, "tan")
    assert take(office, "tan") == "accepted"


def test_a_paper_is_an_entry_with_its_number_and_without_a_name(office: Office) -> None:
    identity = issue(office, "duc")
    entry = last(office)
    assert entry.kind is EntryKind.AUTHORITY_ISSUED
    assert (entry.facts["authority"], entry.facts["number"]) == (identity, "15/TGL")
    assert (entry.facts["unit"], entry.facts["authority_kind"]) == (POST, "courier_card")
    assert "Đức" not in str(entry.facts)
    with pytest.raises(Conflict, match="authority_number_taken"):
        issue(office, "chien")
    with pytest.raises(InvalidInput) as caught:
        issue(office, "an", number="", valid_until="soon")
    assert {one.field for one in caught.value.problems} == {"holder", "number", "valid_until"}


def test_focal_points_introduce_their_own_people_only(office: Office) -> None:
    issue(office, "hanh", by="an", number="15/GGT")
    with pytest.raises(InvalidInput, match="unknown_user"):
        issue(office, "binh", by="an", number="16/GGT")
    (shown,) = listed(office, "hanh").rows
    assert (shown.paper.number, shown.state, shown.may_revoke) == ("15/GGT", Validity.VALID, True)
    assert listed(office, "binh").rows == ()
    with pytest.raises(NotFound):
        office.read(authorities.get_paper, shown.paper.id, actor=office.actors["binh"])
    with pytest.raises(NotFound):
        revoke(office, shown.paper.id)


@pytest.mark.parametrize("name", ["chien", "dung", "giang", "hoa"])
def test_nobody_else_issues_or_takes_back(office: Office, name: str) -> None:
    with pytest.raises(NotPermitted):
        issue(office, "duc", by=name)
    with pytest.raises(NotPermitted):
        revoke(office, card_of(office, "duc"), by=name)


def test_each_sees_the_papers_they_answer_for(office: Office) -> None:
    issue(office, "hanh", by="an", number="15/GGT")

    def numbers(name: str) -> set[str]:
        return {one.paper.number for one in listed(office, name).rows}

    cards = {f"{int(office.actors[name].user):03d}/TGL" for name in ("chien", "duc", "dung")}
    own = f"{int(office.actors['chien'].user):03d}/TGL"
    assert numbers("chien") == {own}
    assert numbers("dung") == numbers("khanh") == cards
    assert numbers("giang") == cards | {"15/GGT"}
    with pytest.raises(NotPermitted):
        listed(office, "hoa")


def test_what_ends_within_thirty_days_is_listed_before_it_refuses_anybody(office: Office) -> None:
    assert listed(office, "khanh").ending == ()
    forward(office, days=271)
    ending = listed(office, "khanh").ending
    assert {one.holder.username for one in ending} == {"chien", "duc", "dung"}
    revoke(office, card_of(office, "duc"))
    assert {one.holder.username for one in listed(office, "khanh").ending} == {"chien", "dung"}
    forward(office, days=30)
    assert listed(office, "khanh").ending == ()


def test_the_giver_is_told_of_a_card_that_will_not_do_before_offering(office: Office) -> None:
    office.town.register()

    def doubts() -> dict[str, str | None]:
        takers = office.read(desk.list_takers, POST, actor=office.actors["an"])
        return {one.user.username: one.doubt for one in takers}

    assert doubts() == {"chien": None, "duc": None, "dung": None}
    revoke(office, card_of(office, "duc"))
    assert doubts() == {"chien": None, "duc": "authority_revoked", "dung": None}
    forward(office, days=301)
    assert doubts() == {"chien": "authority_expired", "duc": "authority_revoked", "dung": "authority_expired"}


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE authorities SET valid_until_at = '2030-01-01T00:00:00.000000Z'",
        "DELETE FROM authorities",
        "UPDATE authority_revocations SET reason = 'replaced'",
        "DELETE FROM authority_revocations",
    ],
)
def test_the_database_keeps_what_was_issued_and_taken_back(
    office: Office, engines: Engines, attack: str
) -> None:
    revoke(office, card_of(office, "duc"))
    with engines.write.connect() as connection, pytest.raises(DatabaseError):
        connection.exec_driver_sql(attack)
