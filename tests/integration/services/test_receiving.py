"""The receiving end on both databases: lists and delegations with dates, redirects, what nobody claims."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from app.domain.access import Role
from app.domain.consignment import State
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.domain.ids import ConsignmentCode
from app.services.home import Queue
from app.services.items import mandates, redirects, search
from app.services.items.mandates import GrantMandate
from app.services.items.redirects import RedirectItem
from app.services.log import log
from app.services.people.access import get_consignment
from app.storage.engine import Engines
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.entry import Entry, parse_entry
from audit.evidence import Purpose
from audit.kinds import EntryKind
from crypto.keys import generate_signing_key
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.office import Office
from tests.support.town import ELSEWHERE, RECEIVING, Member, accept, enrol

FROM, UNTIL = "22/11/2026 00:00", "01/12/2026 00:00"


def grant(office: Office, person: str, *, by: str = "binh", **changes: str) -> int:
    form = {
        "user": str(int(office.actors[person].user)),
        "kind": "delegate",
        "basis": "15/GUQ",
        "valid_from": FROM,
        "valid_until": UNTIL,
        **changes,
    }
    return office.write(mandates.grant, GrantMandate(untrusted=form), actor=office.actors[by])


def deliver(office: Office, code: str, taker: str) -> str:
    """Offer at the recipient's door and let a person answer; return what became of the line."""
    town = office.town
    offer = town.offer("chien", [code], to=RECEIVING, place=RECEIVING, purpose=Purpose.DELIVERY)
    town.send("chien", offer)
    taken = town.send(taker, town.take(taker, offer.nonce, accept([code]), place=RECEIVING))
    if taken.lines[0].refusal:
        town.send("chien", town.recall("chien", offer.nonce, [code]))
    return taken.lines[0].refusal or "accepted"


def carried(office: Office, count: int = 1, **changes: object) -> list[ConsignmentCode]:
    codes = office.town.register(count, **changes)
    office.town.post(codes)
    return codes


def last(office: Office) -> Entry:
    return parse_entry(office.read(lambda uow: uow.audit.list_latest(limit=1))[0].data)


def forward(office: Office, **step: float) -> None:
    office.town.clock.now += timedelta(**step)  # type: ignore[attr-defined]


def test_without_a_list_every_focal_point_receives_and_with_one_only_who_stands_on_it(office: Office) -> None:
    first, second, third = carried(office, 3)
    assert deliver(office, first, "mai") == "accepted"
    grant(office, "binh", kind="receiver")
    assert deliver(office, second, "mai") == "not_a_receiver"
    assert deliver(office, second, "binh") == "accepted"
    assert office.town.item(second).custodian.user == office.actors["binh"].user
    # The list is the recipient's own: it binds nobody elsewhere.
    office.town.send("chien", office.town.attempt("chien", [third]))
    back = office.town.pass_on("chien", "an", [third], place="24.H01", purpose=Purpose.RETURN)
    assert back.status == "accepted"


def test_a_delegation_expired_yesterday_and_one_of_tomorrow_refuse_with_their_own_codes(
    office: Office,
) -> None:
    (code,) = carried(office)
    grant(office, "mai", kind="receiver", valid_until="23/11/2026 00:00")
    grant(office, "binh", kind="receiver", valid_from="25/11/2026 00:00")
    forward(office, days=1)
    assert deliver(office, code, "mai") == "delegation_expired"
    assert deliver(office, code, "binh") == "delegation_not_yet"
    assert office.town.item(code).state is State.IN_CUSTODY
    forward(office, days=3)
    assert deliver(office, code, "binh") == "accepted"
    assert office.read(log.verify_log, jobs=1).first_bad is None


def test_a_revoked_mandate_no_longer_counts(office: Office) -> None:
    (code,) = carried(office)
    first = grant(office, "mai", kind="receiver")
    grant(office, "binh", kind="receiver")
    office.write(mandates.revoke, first, actor=office.actors["binh"])
    assert last(office).facts == {"actor": int(office.actors["binh"].user), "mandate": first}
    assert deliver(office, code, "mai") == "not_a_receiver"
    with pytest.raises(Conflict, match="mandate_revoked"):
        office.write(mandates.revoke, first, actor=office.actors["binh"])
    with pytest.raises(NotFound):
        office.write(mandates.revoke, first, actor=office.actors["an"])


def test_a_delegation_never_opens_a_named_item_unless_the_named_person_says_so(office: Office) -> None:
    first, second = carried(office, 2, named_only=True, receiver_name="Trần Thị Bình")
    grant(office, "mai")
    assert deliver(office, first, "mai") == "named_person_only"
    grant(office, "mai", opens_named="1")
    assert deliver(office, first, "mai") == "accepted"
    (third,) = carried(office, named_only=True, receiver_name="Nguyễn Thị Người Khác")
    assert deliver(office, third, "mai") == "named_person_only"
    assert deliver(office, second, "binh") == "accepted"


def test_a_mandate_is_an_entry_and_only_for_people_of_the_unit(office: Office) -> None:
    identity = grant(office, "mai")
    entry = last(office)
    assert entry.kind is EntryKind.MANDATE_GRANTED
    assert (entry.facts["unit"], entry.facts["user"]) == (RECEIVING, int(office.actors["mai"].user))
    (shown,) = office.read(mandates.list_mandates, actor=office.actors["mai"])
    assert shown.mandate.id == identity
    for stranger in ("an", "chien"):
        with pytest.raises(InvalidInput, match="unknown_user"):
            grant(office, stranger)
    with pytest.raises(InvalidInput) as caught:
        grant(office, "mai", kind="friend", basis="", valid_until="soon")
    assert {one.field for one in caught.value.problems} == {"kind", "basis", "valid_until"}
    assert office.read(mandates.list_mandates, actor=office.actors["an"]) == ()


@pytest.mark.parametrize("name", ["chien", "dung", "giang", "hoa", "khanh"])
def test_only_focal_points_say_who_receives_and_redirect(office: Office, name: str) -> None:
    (code,) = carried(office)
    with pytest.raises(NotPermitted):
        grant(office, "mai", by=name)
    with pytest.raises(NotPermitted):
        send_on(office, code, by=name)


def send_on(
    office: Office, code: str, *, to: str = ELSEWHERE, by: str = "an", reason: str = "wrong_unit"
) -> None:
    command = RedirectItem(code=ConsignmentCode(code), untrusted_unit=to, untrusted_reason=reason)
    office.write(redirects.redirect, command, actor=office.actors[by])


def test_a_redirected_item_is_delivered_at_its_new_address_and_the_old_one_is_kept(office: Office) -> None:
    (code,) = carried(office)
    send_on(office, code)
    item = office.town.item(code)
    assert item.recipient_unit == office.town.units[ELSEWHERE]
    assert item.custodian.user == office.actors["chien"].user
    assert last(office).facts == {
        "actor": int(office.actors["an"].user),
        "from": RECEIVING,
        "to": ELSEWHERE,
        "reason": "wrong_unit",
    }
    (kept,) = office.read(lambda uow: uow.redirections.list(item.id))
    assert (kept.from_unit, kept.to_unit) == (office.town.units[RECEIVING], office.town.units[ELSEWHERE])
    with pytest.raises(NotFound):
        office.read(get_consignment, code, actor=office.actors["binh"])
    assert deliver_at(office, code, "binh", RECEIVING) == "wrong_recipient"
    assert deliver_at(office, code, "oanh", ELSEWHERE) == "accepted"
    assert office.read(log.verify_log, jobs=1).first_bad is None


def deliver_at(office: Office, code: str, taker: str, unit: str) -> str:
    offered = office.town.send(
        "chien", office.town.offer("chien", [code], to=unit, place=unit, purpose=Purpose.DELIVERY)
    )
    if offered.lines[0].refusal:
        return offered.lines[0].refusal
    nonce = office.town.item(code).offer
    assert nonce is not None
    taken = office.town.send(taker, office.town.take(taker, nonce.nonce, accept([code]), place=unit))
    return taken.lines[0].refusal or "accepted"


def test_a_redirect_waits_for_an_open_offer_and_is_the_senders_alone(office: Office) -> None:
    (code,) = carried(office)
    for name in ("binh", "oanh"):
        with pytest.raises(NotFound):
            send_on(office, code, by=name)
    with pytest.raises(InvalidInput, match="unknown_unit"):
        send_on(office, code, to="24.X99")
    with pytest.raises(InvalidInput, match="not_a_choice"):
        send_on(office, code, reason="because")
    office.town.send(
        "chien", office.town.offer("chien", [code], to=RECEIVING, place=RECEIVING, purpose=Purpose.DELIVERY)
    )
    with pytest.raises(Conflict, match="not_redirectable"):
        send_on(office, code)


def test_what_nobody_takes_is_unclaimed_after_its_days_and_goes_back(office: Office) -> None:
    tried, waiting = carried(office, 2)
    office.town.send("chien", office.town.attempt("chien", [tried]))

    def unclaimed(name: str) -> set[str]:
        found = office.read(search.search, {"queue": Queue.UNCLAIMED.value}, actor=office.actors[name])
        return {row.consignment.code for row in found.page.rows}

    forward(office, days=10, minutes=-5)
    assert unclaimed("chien") == set()
    forward(office, minutes=6)
    for name in ("chien", "an", "giang"):
        assert unclaimed(name) == {tried}
    assert unclaimed("oanh") == set()
    office.town.pass_on("chien", "an", [tried], place="24.H01", purpose=Purpose.RETURN)
    assert unclaimed("chien") == set()
    assert office.town.item(waiting).state is State.IN_CUSTODY


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE mandates SET valid_until_at = '2030-01-01T00:00:00.000000Z'",
        "DELETE FROM mandate_revocations",
        "UPDATE redirections SET to_unit_id = from_unit_id + 1",
        "DELETE FROM redirections",
    ],
)
def test_the_database_keeps_what_was_said(office: Office, engines: Engines, attack: str) -> None:
    (code,) = carried(office)
    office.write(mandates.revoke, grant(office, "mai"), actor=office.actors["binh"])
    send_on(office, code)
    with engines.write.connect() as connection, pytest.raises(DatabaseError):
        connection.exec_driver_sql(attack)


def test_a_colleague_without_the_role_receives_by_a_delegation_and_not_before(office: Office) -> None:
    town = office.town
    guard = office.employ("gac", "Bùi Văn Gác", Role.COURIER, unit=RECEIVING)
    member = Member(
        actor=guard, full_name="Bùi Văn Gác", device=FileSigner(generate_signing_key()), unit=RECEIVING
    )
    office.actors["gac"], town.people["gac"] = guard, member
    town.do(lambda uow: enrol(uow, member, town.clock(), town.tools.origin))
    (code,) = carried(office)
    assert deliver(office, code, "gac") == "not_a_receiver"
    grant(office, "gac")
    assert deliver(office, code, "gac") == "accepted"
    item = town.item(code)
    assert (item.state, item.custodian.user) == (State.DELIVERED, guard.user)
    assert item.custodian.unit == town.units[RECEIVING]
    assert office.read(log.verify_log, jobs=1).first_bad is None


def test_a_mandate_that_two_processes_revoke_at_once_is_revoked_by_one(
    office: Office, engines: Engines, signer: FileSigner, clock: SteppingClock
) -> None:
    mandate, actor = grant(office, "mai"), office.actors["binh"]
    other = Writer(engines.write, signer, clock)
    is_revoked, is_asked = threading.Event(), threading.Event()

    def revoke(uow: UnitOfWork) -> None:
        mandates.revoke(uow, mandate, actor=actor, now=clock())

    def revoke_slowly(uow: UnitOfWork) -> None:
        revoke(uow)
        is_revoked.set()
        is_asked.wait(0.3)

    try:
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(other.submit, revoke_slowly)
            is_revoked.wait()
            with pytest.raises(Conflict, match="mandate_revoked"):
                office.town.do(revoke)
            first.result()
    finally:
        other.stop()
